"""The adapter for GitHub Actions: inputs from the environment, outputs and summary to the runner's files."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pypi_setup.commands import dispatch
from pypi_setup.render import commands, jsonline, summary, terminal
from pypi_setup.values.options import INPUTS, WORDS
from pypi_setup.values.report import described
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypi_setup.values.report import Report

_MODES = tuple(word for word in WORDS if word.is_mode)

LOST = 73
"""The exit code where the outputs could not be written, and that was said (EX_CANTCREAT of sysexits.h)."""


def main() -> int:
    """Run the action in the runner's environment. Returns the step's exit code: 0, or 1 for any failure.

    It is LOST where the outputs are, and 128 and the signal's number after a KeyboardInterrupt, whose first
    argument is that number (SIGINT's without one).
    """
    given = _given(os.environ)
    _mask(given.api_token)
    _mask(given.github_token)
    try:
        folder = os.environ.get("GITHUB_WORKSPACE") or "."
        around = Surroundings(folder, os.environ, _mask, announce=_announce)
        try:
            report, code = dispatch.run(given, around, _MODES), 0
        except KeyboardInterrupt as stop:
            report, code = dispatch.interrupted(given), 128 + (stop.args[0] if stop.args else signal.SIGINT)
        with _undisturbed():
            code = max(code, _told(report))
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        _say(f"::error title=pypi-setup::pypi-setup itself failed: {described(bug)}\n")
        return 1
    return code


def _told(report: Report) -> int:
    """Say how the run ended, to the log first: it is what is left where a file cannot be written."""
    _say(commands.quiet(terminal.text(report)))
    _say("".join(f"{annotation}\n" for annotation in commands.annotated(report)))
    lost = _lost("GITHUB_OUTPUT", commands.outputs(jsonline.outputs(report)))
    if lost:
        kind = "error" if report.success else "warning"  # A run that failed has its error.
        words = f"The outputs of this step could not be written ({lost}), so later steps do not see them"
        _say(f"::{kind} title=pypi-setup::{words}; the log above has the result.\n")
    why = _lost("GITHUB_STEP_SUMMARY", summary.summary(report))
    if why:
        words = f"The summary could not be written ({why}); the log above has the result"
        _say(f"::warning title=pypi-setup::{words}.\n")
    return LOST if lost else int(not report.success)


def _given(environ: Mapping[str, str]) -> Given:
    """Read the inputs. GitHub writes an input's name in capitals; a shell cannot write the dashes in it."""
    inputs: dict[str, Any] = {}
    for option in INPUTS:
        for name in (option.name.upper().replace("-", "_"), option.name.upper()):
            value = environ.get(f"INPUT_{name}")
            counts = value is not None and (value.strip() or option.empty_counts)
            if value is not None and counts and not option.is_discovered(value):
                inputs[option.field] = value
    inputs["project"] = (inputs.get("project", ""),)
    return Given(**inputs)


def _mask(secret: str) -> None:
    """Hide a secret from now on."""
    _say("".join(f"{command}\n" for command in commands.masks(secret)))


def _announce(words: str) -> None:
    _say(commands.quiet(f"{words}\n"))


def _say(text: str) -> None:
    print(text, end="", flush=True)


def _lost(variable: str, text: str) -> str:
    """Append to a file of the runner's, if there is one. Return why that failed, or nothing."""
    if path := os.environ.get(variable):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            return error.strerror or "no such file"
        except ValueError:
            return "no such file"
    return ""


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hear of no signal for the moment in which the result is written."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
