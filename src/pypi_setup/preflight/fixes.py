"""Edits for the findings that have one safe edit. All else in the file stays byte for byte.

An edit is made on the text, at the places that the composed nodes name. Then everything is checked again: an
edit that leaves its finding, or brings another error or warning, is dropped. Where an anchor stands, or no
line can be put, the file is left alone and the reason is told.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.edits import credentials, keys, uploads
from pypi_setup.preflight.edits.text import LeftAlone, Source, lines_of
from pypi_setup.sources.files import Overlay
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

EDITS_LIMIT = 50
"""Edits that are tried in one run."""


class Left(NamedTuple):
    """A finding that could be repaired by an edit, but was not."""

    finding: Finding
    why: str


class Repair(NamedTuple):
    """The new content of one file."""

    file: str
    """Path from the repository's root."""

    before: bytes | None
    """None where there is no such file yet."""

    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff. It repeats the file's text: make it visible before it is shown."""
        lines = difflib.unified_diff(
            lines_of((self.before or b"").decode("utf-8", "replace")),
            lines_of(self.after.decode("utf-8", "replace")),
            "/dev/null" if self.before is None else f"a/{self.file}",
            f"b/{self.file}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )

    @property
    def changes(self) -> int:
        """How many places of the file change."""
        before, after = (
            lines_of((data or b"").decode("utf-8", "replace")) for data in (self.before, self.after)
        )
        codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return sum(code[0] != "equal" for code in codes)


class Repairs(NamedTuple):
    """What `--fix` would write."""

    files: tuple[Repair, ...] = ()
    made: tuple[Finding, ...] = ()
    """The findings that are gone."""

    left: tuple[Left, ...] = ()


def repairs(evidence: Evidence, check: Callable[[Evidence], Sequence[Finding]]) -> Repairs:
    """Return the edits for what `check` finds. Nothing is written."""
    files = evidence.files
    if files is None:
        return Repairs()
    changed: dict[str, bytes] = {}
    left: dict[tuple[str, str | None, str], Left] = {}
    first = findings = check(evidence)
    for _ in range(EDITS_LIMIT):
        finding = next((one for one in findings if _is_editable(one) and _key(one) not in left), None)
        if finding is None:
            break
        try:
            file, data = _edited(finding, evidence)
            after = dataclasses.replace(evidence, files=Overlay(files, {**changed, file: data}))
            found = check(after)
            _approve(finding, findings, found)
        except LeftAlone as reason:
            left[_key(finding)] = Left(finding, str(reason))
        else:
            changed[file] = data
            evidence, findings = after, found
            left.clear()  # What was refused for another finding's sake may be right now.
    edited = tuple(Repair(file, files.read(file) or b"", data) for file, data in changed.items())
    still = {_key(finding) for finding in findings}
    gone = tuple(finding for finding in first if _key(finding) not in still)
    return Repairs(edited, gone, tuple(left.values()))


def write(repair: Repair, root: Path) -> str:
    """Put a file's new content in the place of the old one, in one step; return what went wrong, or nothing.

    It is written only where it is the file that was read: a regular one, inside `root`, reached without a
    symbolic link. A file that is new must not exist yet.
    """
    top = root.resolve()
    place = top / repair.file
    try:
        if place.resolve() != place or top not in place.parents:
            return f"{repair.file} is behind a symbolic link or outside of the checkout"
        if repair.before is None:
            return _create(place, repair)
        if not place.is_file() or place.read_bytes() != repair.before:
            return f"{repair.file} has changed in the meantime"
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with open(descriptor, "wb") as file:
                file.write(repair.after)
            shutil.copymode(place, name)
            os.replace(name, place)
        except BaseException:  # An interruption, too.
            with suppress(OSError):
                os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        return f"{repair.file} could not be written: {getattr(error, 'strerror', None) or 'no such path'}"
    return ""


def _create(place: Path, repair: Repair) -> str:
    """Write a file that does not exist yet; return what went wrong, or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open("xb") as file:
            file.write(repair.after)
    except FileExistsError:
        return f"{repair.file} exists by now"
    return ""


def _is_editable(finding: Finding) -> bool:
    return finding.rule in _EDITS and finding.severity is not Severity.NOTICE


def _key(finding: Finding) -> tuple[str, str | None, str]:
    return finding.rule, finding.file, finding.message


def _edited(finding: Finding, evidence: Evidence) -> tuple[str, bytes]:
    """Return the file that the finding's edit changes, and its new content."""
    if finding.file is None or finding.line is None or evidence.files is None:
        raise LeftAlone("it names no line")
    data = evidence.files.read(finding.file)
    if data is None:
        raise LeftAlone("the file cannot be read")
    source = Source(data)
    text = _EDITS[finding.rule](source, finding, evidence)
    return finding.file, source.encoded(text)


def _approve(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> None:
    """Raise LeftAlone unless the finding is gone and no error or warning is new."""
    old, new = (
        Counter((one.rule, one.file) for one in found if one.severity is not Severity.NOTICE)
        for found in (before, after)
    )
    if new[finding.rule, finding.file] >= old[finding.rule, finding.file]:
        raise LeftAlone("the edit would not settle it")
    added = sorted({rule for rule, _ in new - old})
    # A file that GitHub would not load hides what else is wrong in it.
    if added and finding.rule != "workflow-invalid":
        raise LeftAlone(f"the edit would lead to {', '.join(added)}")


_EDITS: dict[str, Callable[[Source, Finding, Evidence], str]] = {
    "id-token-missing": keys.grant,
    "caller-permissions": keys.grant_caller,
    "workflow-invalid": keys.respell,
    "environment-mismatch": keys.set_environment,
    "api-token-used": credentials.drop,
    "tool-without-oidc": uploads.replace,
}
"""The rules whose findings have an edit."""
