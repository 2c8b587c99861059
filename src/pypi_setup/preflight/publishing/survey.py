"""A glance at all workflow files of a repository, without parsing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing import makers, uploads
from pypi_setup.preflight.workflow.calls import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pypi_setup.sources.files import Files

REQUESTED_LIMIT = 20
"""Other workflow files that are looked at where each of them is a request to GitHub."""

GLANCE_LIMIT = 32 * 1024 * 1024
"""Bytes of all workflow files that are looked at."""

_CALLS = re.compile(rb"\.github/workflows/([^\s'\"@#,}\]]{1,200}\.ya?ml)")
_USES_ACTION = re.compile(rb"uses['\"]?\s*:\s*['\"]?[.$][/\\](?!\.github/workflows/)")
"""An action of the repository, which may upload."""

_MAY_HIDE = re.compile(
    rb"id-token['\"]?\s*:\s*['\"]?write|write-all|secrets\.\w*(?:PYPI|TWINE|UV_PUBLISH|POETRY|FLIT|HATCH)",
    re.IGNORECASE,
)
"""What a job has that uploads, though its command (a task, a script) does not show it."""

_TELLING = re.compile(r"publish|release|pypi|deploy|upload|wheel|dist|package|cd", re.IGNORECASE)


class Survey(NamedTuple):
    """What a glance at all workflow files says."""

    callers: Mapping[str, frozenset[str]]
    """By name of a workflow file: the names of those that speak of it."""

    suspects: tuple[str, ...]
    """The names of the files that may upload something."""

    makers: tuple[str, ...]
    """The names of the files that may make tags or releases."""

    dispatches: bool
    """Whether one of those may start other workflows by itself."""

    complete: bool
    """Whether all files were looked at."""


def glance(names: Sequence[str], files: Files | None, *, asks: bool) -> Survey:
    """Return who speaks of whom among the workflow files, and who may upload. None of them is parsed.

    With `asks` each file is a request to GitHub: only the first few are looked at, those first whose names
    speak of releases.
    """
    callers: dict[str, set[str]] = {}
    suspects: list[str] = []
    making: list[str] = []
    dispatches = False
    looked_at = sorted(names, key=lambda name: not _TELLING.search(name))[:REQUESTED_LIMIT] if asks else names
    left = GLANCE_LIMIT
    for name in looked_at:
        data = (files.read(f"{FOLDER}/{name}") if files else None) or b""
        left -= len(data)
        if left < 0:
            break
        for callee in _CALLS.findall(data):
            callers.setdefault(callee.decode("utf-8", "replace"), set()).add(name)
        if uploads.mentions_upload(data) or _USES_ACTION.search(data) or _MAY_HIDE.search(data):
            suspects.append(name)
        if makers.mentions_making(data):
            making.append(name)
            dispatches = dispatches or makers.dispatches(data)
    by_callee = {callee: frozenset(found) for callee, found in callers.items()}
    complete = len(looked_at) == len(names) and left >= 0
    return Survey(by_callee, tuple(suspects), tuple(making), dispatches, complete)
