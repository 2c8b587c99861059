"""What a GitHub runner reads: log commands, and the lines of its output file.

Source: GitHub's documentation "Workflow commands for GitHub Actions"; the escapes are those of the runner's
own command parser.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report

ANNOTATIONS = 10
"""Annotations of one kind that GitHub shows for a step."""

_MESSAGE_LIMIT = 4000
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_TITLE = "pypi-setup"


def mask(secret: str) -> str:
    """Return the command that makes the runner hide a secret in everything that follows."""
    return f"::add-mask::{secret.translate(_DATA)}"


def masks(secret: str) -> list[str]:
    """Return the commands that hide a secret as it was given, and without the white space around it."""
    return [mask(text) for text in dict.fromkeys((secret, secret.strip())) if text.strip()]


def annotated(report: Report) -> Iterator[str]:
    """Yield the verdict and each finding as an annotation, at most GitHub's ten of a kind."""
    yield _command("notice" if report.success else "error", {"title": _TITLE}, _verdict(report))
    left = dict.fromkeys(Severity, ANNOTATIONS)
    left[Severity.NOTICE if report.success else Severity.ERROR] -= 1
    for finding in report.ordered_findings:
        if left[finding.severity] > 0:
            left[finding.severity] -= 1
            yield _annotation(finding)


def outputs(values: Mapping[str, str]) -> str:
    """Return the lines for `$GITHUB_OUTPUT`; no value can end its own entry or begin another."""
    return "".join(_output(name, value) for name, value in values.items())


def quiet(text: str) -> str:
    """Return text for the log in which the runner looks for no commands."""
    word = secrets.token_hex(16)
    # Old commands (##[name]) are found anywhere in a line, new ones where it begins.
    return f"::stop-commands::{word}\n{text.replace('##[', '## [').rstrip()}\n::{word}::\n"


def _output(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _verdict(report: Report) -> str:
    problems = [
        f"{problem.field}: {one_line(problem.value)!r}: {problem.rule}. Fix: {problem.fix}"
        for problem in report.problems
    ]
    explanation = report.explanation
    error = [explanation.named.error] if explanation and explanation.named else []
    return "\n".join([report.message, *error, *problems, report.action, report.target.url])


def _annotation(finding: Finding) -> str:
    place = {"title": f"{_TITLE}: {finding.rule}"}
    if finding.file is not None:
        place["file"] = finding.file
        if finding.line is not None:
            place["line"] = str(finding.line)
    return _command(finding.severity.value, place, f"{finding.message}\n{finding.fix}\n{finding.url}")


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    fields = ",".join(f"{key}={_shown(value).translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {fields}::{_shown(message).translate(_DATA)}"


def _shown(text: str) -> str:
    return visible(shortened(text, _MESSAGE_LIMIT), keep="\n").replace("##[", "## [")
