"""The adapter for GitHub Actions: inputs from the environment, outputs and summary to the runner's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pypi_setup.commands import run as setup
from pypi_setup.render import commands, jsonline, summary, terminal
from pypi_setup.values.report import described
from pypi_setup.values.request import Given

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMPTY_COUNTS = {"workflow", "environment", "dry_run", "exist_ok", "exchange", "allow_create"}
"""Inputs whose empty text is no default: an empty environment means any, an empty boolean is a mistake."""


def main() -> int:
    """Run the action in the runner's environment. Returns the step's exit code: 0, or 1 for any failure."""
    given = _given(os.environ)
    _mask(given.api_token)
    _mask(given.github_token)
    try:
        around = setup.Surroundings(os.environ.get("GITHUB_WORKSPACE") or ".", os.environ, _mask)
        report = setup.run(given, around)
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
    for field in set(Given._fields) - {"mend"}:
        for name in (field.upper(), field.upper().replace("_", "-")):
            value = environ.get(f"INPUT_{name}")
            if value is not None and (value.strip() or field in _EMPTY_COUNTS):
                inputs[field] = value
    inputs["project"] = (inputs.get("project", ""),)
    return Given(**inputs)


def _mask(secret: str) -> None:
    """Hide a secret from now on."""
    _say("".join(f"{command}\n" for command in commands.masks(secret)))


def _say(text: str) -> None:
    print(text, end="", flush=True)


def _append(variable: str, text: str) -> None:
    """Append to a file of the runner's; outside of a runner there is none."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
