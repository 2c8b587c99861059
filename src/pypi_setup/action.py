"""The adapter for GitHub Actions: inputs from the environment, outputs and summary to the runner's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pypi_setup.commands import dispatch
from pypi_setup.render import commands, jsonline, summary, terminal
from pypi_setup.values.options import INPUTS, WORDS
from pypi_setup.values.report import described
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODES = tuple(word for word in WORDS if word.is_mode)


def main() -> int:
    """Run the action in the runner's environment. Returns the step's exit code: 0, or 1 for any failure."""
    given = _given(os.environ)
    _mask(given.api_token)
    _mask(given.github_token)
    try:
        folder = os.environ.get("GITHUB_WORKSPACE") or "."
        around = Surroundings(folder, os.environ, _mask, announce=_announce)
        report = dispatch.run(given, around, _MODES)
        _say(commands.quiet(terminal.text(report)))
        _say("".join(f"{annotation}\n" for annotation in commands.annotated(report)))
        _append("GITHUB_OUTPUT", commands.outputs(jsonline.outputs(report)))
        _append("GITHUB_STEP_SUMMARY", summary.summary(report))
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        _say(f"::error title=pypi-setup::pypi-setup itself failed: {described(bug)}\n")
        return 1
    return 0 if report.success else 1


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


def _append(variable: str, text: str) -> None:
    """Append to a file of the runner's; outside of a runner there is none."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
