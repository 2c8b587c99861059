"""The adapter for a terminal: arguments in, text or JSON out, an exit code."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.commands import run as setup
from pypi_setup.values import report as reports
from pypi_setup.values.index import parse as parse_index
from pypi_setup.values.publisher import Problem
from pypi_setup.values.request import Given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.values.report import Report

_INTERRUPTED = 130
_TOKEN_LIMIT = 16 * 1024
_OPTION = re.compile(r"--[a-z][a-z_-]{0,19}\Z", re.ASCII)

_DESCRIPTION = (
    "Set up PyPI Trusted Publishing for a GitHub repository: register the publisher, or get the link."
)
_EPILOG = f"""
The API token is taken from PYPI_API_TOKEN; or, with --api-token -, from standard input; or from --api-token
VALUE, which other users of the machine can see. pypi.org has no API to register publishers, so there no token
is needed: the link is the result. GITHUB_TOKEN, where it is set, is used for read-only look-ups on GitHub.

exit codes: 0 success, 1 failure, 2 bad input (nothing was sent), 130 interrupted.
{PROJECT_URL}
"""


class _Usage(Exception):
    """The arguments are not as --help says."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # Without what was given: `--json=VALUE` may hold a token that was meant for another option.
        raise _Usage(message.partition("'")[0].strip())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process by default). Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # A terminal that cannot show a sign shows its code.
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        _complain(
            "Interrupted. If a registration was under way it may have happened: look before you repeat it."
        )
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Nobody reads on; that is no mistake.
        return 1
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        _complain(
            f"pypi-setup itself failed: {reports.described(bug)}. Please report it: {PROJECT_URL}/issues"
        )
        return 1


def _run(arguments: list[str]) -> int:
    try:
        options = _options(arguments)
    except _Usage as usage:
        problem = Problem("usage", "", str(usage), "pypi-setup --help shows the options")
        report = reports.refused((problem,), parse_index("pypi"))
        _show(report, as_json=any(word.partition("=")[0] == "--json" for word in arguments))
        return report.exit_code
    given = _given(options)
    _mask(given.api_token)
    _mask(given.github_token)
    progress = _Progress()
    report = setup.run(given, setup.Surroundings(".", os.environ, _mask, progress.tell))
    progress.clear()
    _show(report, as_json=options.json)
    if options.open and report.publisher:
        from pypi_setup.processes import open_page

        open_page(report.fallback_url)
    return report.exit_code


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        # Only the options' names: what stands beside a mistyped --api-token, or joined to it, is secret.
        names = [name for word in unknown if _OPTION.match(name := word.partition("=")[0])]
        parser.error(f"unknown: {', '.join(names) or 'an argument'}")
    return options


def _parser() -> _Parser:
    parser = _Parser(
        prog="pypi-setup",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        # The default asks for the terminal's width through shutil, whose import costs as much as argparse's.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("mode", nargs="?", default="register", help="register (the default), check, or verify")
    add("--project", action="append", default=[], metavar="NAME", help="a project's name; repeatable")
    add("--owner", default="", help="the GitHub user or organization, or owner/repo")
    add("--repo", default="", help="the repository's name or its GitHub URL")
    add("--workflow", metavar="FILE", help="the workflow that publishes, for example release.yml")
    add("--environment", metavar="NAME", help="the publishing job's environment; '' for none")
    add("--api-token", metavar="TOKEN", help="the index's API token; - reads it from standard input")
    add("--index-url", default="pypi", metavar="URL", help="pypi (the default), testpypi, or an index's URL")
    add("--timeout", default="15", metavar="SECONDS", help="for one HTTP exchange (default 15)")
    add("--organization", default="", metavar="NAME", help="the index's organization to own a new project")
    add("--dry-run", action="store_true", help="show what would be sent; no network at all")
    add("--exist-ok", action="store_true", help="a publisher that is registered already is a success")
    add(
        "--exchange",
        action=argparse.BooleanOptionalAction,
        help="verify: exchange the OIDC token (the default)",
    )
    # Set here and not with the option, because Python 3.10 would write it into the option's help.
    parser.set_defaults(exchange=True)
    add("--dist", default="", metavar="DIR", help="check, verify: a folder with the built distributions")
    add("--allow-create", action="store_true", help="verify: exchange even if that creates the project")
    add(
        "--diff",
        dest="mend",
        action="store_const",
        const="diff",
        default="",
        help="check: show the safe edits",
    )
    add("--fix", dest="mend", action="store_const", const="fix", help="check: make the safe edits")
    add("--json", action="store_true", help="print one line of JSON and nothing else")
    add("--open", action="store_true", help="open the link in a browser")
    add("--version", action="version", version=f"pypi-setup {__version__}")
    return parser


def _given(options: argparse.Namespace) -> Given:
    return Given(
        project=tuple(options.project),
        owner=options.owner,
        repo=options.repo,
        workflow=options.workflow,
        environment=options.environment,
        api_token=_token(options.api_token),
        index_url=options.index_url,
        mode=options.mode,
        dry_run=str(options.dry_run),
        exist_ok=str(options.exist_ok),
        timeout=options.timeout,
        organization=options.organization,
        exchange=str(options.exchange),
        allow_create=str(options.allow_create),
        dist=options.dist,
        github_token=os.environ.get("GITHUB_TOKEN", ""),
        mend=options.mend,
    )


def _token(option: str | None) -> str:
    """Return the API token: what the option says, else what the environment has."""
    if option is None:
        return os.environ.get("PYPI_API_TOKEN", "")
    if option != "-":
        return option
    if sys.stdin is None:  # Closed by who started us.
        return ""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass("API token (not shown): ")
    return sys.stdin.readline(_TOKEN_LIMIT)


class _Progress:
    """One line on a terminal while an exchange takes longer than a moment."""

    def __init__(self) -> None:
        self._shown = False

    def tell(self, host: str, seconds: float) -> None:
        if sys.stderr.isatty():
            self._shown = True
            print(f"\r\x1b[KWaiting for {host}, {seconds:.0f} s left", end="", file=sys.stderr, flush=True)

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


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        from pypi_setup.render import jsonline

        print(jsonline.line(report), flush=True)
        return
    from pypi_setup.render import terminal

    stream = sys.stderr if report.problems else sys.stdout
    colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(terminal.text(report, colour=colour), end="", file=stream, flush=True)
