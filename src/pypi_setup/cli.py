"""The adapter for a terminal: arguments in, text or JSON out, an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, TextIO

from pypi_setup.about import PROJECT_URL
from pypi_setup.arguments import Usage, read
from pypi_setup.commands import dispatch
from pypi_setup.render.signs import ERRORS
from pypi_setup.values import report as reports
from pypi_setup.values.harmless import one_line
from pypi_setup.values.index import parse as parse_index
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.arguments import Arguments
    from pypi_setup.values.person import Person
    from pypi_setup.values.report import Report

_INTERRUPTED = 130
_REGISTERING = frozenset({"register", "verify"})
"""The commands that can bring something about on the index."""

_TOKEN_LIMIT = 16 * 1024
_PROGRESS_WIDTH = 79
_TOLD_EACH = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process by default). Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)  # A terminal that cannot show a sign shows another one.
    try:
        with _ended_by_sigterm():
            return _run(arguments)
    except KeyboardInterrupt:
        _complain(f"Interrupted. {reports.INTERRUPTED}")
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Nobody reads on; that is no mistake.
        return 1
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        _complain(
            f"pypi-setup itself failed: {reports.described(bug)}. Please report it: {PROJECT_URL}/issues"
        )
        return 1


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C: what was done by then is told."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # Only the first thread of a process hears of signals.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: list[str]) -> int:
    try:
        understood = read(arguments)
        given = _given(understood)
    except Usage as usage:
        report = reports.refused((usage.problem,), parse_index("pypi"))
        _show(report, as_json=any(word.partition("=")[0] == "--json" for word in arguments))
        return report.exit_code
    options = understood.options
    _mask(given.api_token)
    _mask(given.github_token)
    progress = _Progress()
    announce = None if options.json == "true" else _complain
    around = Surroundings(
        ".",
        os.environ,
        _mask,
        progress.tell,
        announce,
        progress.count,
        person=_person() if options.json == "false" and understood.word.name == "init" else None,
        stdin=_piped(given),
    )
    try:
        report = dispatch.run(given, around)
    except KeyboardInterrupt:
        if given.mode in _REGISTERING:
            raise
        _complain("Interrupted. Run it again to go on.")
        return _INTERRUPTED
    progress.clear()
    _show(report, as_json=options.json == "true")
    if getattr(options, "open", "") == "true" and report.publisher:
        from pypi_setup.processes import open_page

        open_page(report.fallback_url)
    return report.exit_code


def _given(understood: Arguments) -> Given:
    texts = {field: text for field, text in vars(understood.options).items() if field in Given._fields}
    for field, text in texts.items():
        texts[field] = tuple(text) if isinstance(text, list) else text
    texts |= {"api_token": _token(texts.get("api_token")), "github_token": os.environ.get("GITHUB_TOKEN", "")}
    return Given(**texts, mode=understood.word.name)


def _token(option: str | None) -> str:
    """Return the API token: what the option says, else what the environment has. Raises Usage."""
    if option is None:
        return os.environ.get("PYPI_API_TOKEN", "")
    if option != "-":
        return option
    token = ""
    if sys.stdin is not None and sys.stdin.isatty():
        import getpass

        token = getpass.getpass("API token (not shown): ")
    elif sys.stdin is not None:  # None where it was closed by who started us.
        token = sys.stdin.readline(_TOKEN_LIMIT)
    if not token.strip():
        fix = "pipe the token in, for example from a password manager, or leave --api-token out"
        raise Usage("Standard input holds no token", fix, "api-token")
    return token


def _piped(given: Given) -> BinaryIO | None:
    """Return standard input where one is read and something is piped into it."""
    reads = given.mode == "explain" or "-" in {given.listed, given.repos}
    if not reads or sys.stdin is None or sys.stdin.isatty():
        return None
    return sys.stdin.buffer


class _Progress:
    """One line on a terminal while an exchange takes longer than a moment."""

    def __init__(self) -> None:
        self._shown = False

    def tell(self, host: str, seconds: float) -> None:
        if sys.stderr.isatty():
            self._shown = True
            print(f"\r\x1b[KWaiting for {host}, {seconds:.0f} s left", end="", file=sys.stderr, flush=True)

    def count(self, done: int, name: str) -> None:
        """Tell how many are done; where nobody looks on, now and then only."""
        if sys.stderr.isatty():
            self._shown = True
            words = one_line(f"{done} done, the last one {name}", _PROGRESS_WIDTH)
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)
        elif done % _TOLD_EACH == 0:
            _complain(f"{done} done")

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _mask(secret: str) -> None:
    """Hide a secret where a runner reads along; standard output stays free for the result."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from pypi_setup.render.commands import masks

        for command in masks(secret):
            _complain(command)


def _complain(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _person() -> Person | None:
    """Return who sees what is asked, and can answer; None where nobody does."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    from pypi_setup.console import Console

    return Console(colour=_shows_colour(sys.stdout))


def _shows_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        from pypi_setup.render import jsonline

        print(jsonline.line(report), flush=True)
        return
    from pypi_setup.render import terminal

    stream = sys.stderr if report.problems else sys.stdout
    print(terminal.text(report, colour=_shows_colour(stream)), end="", file=stream, flush=True)
