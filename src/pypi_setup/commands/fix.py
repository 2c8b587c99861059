"""`check --fix` and `check --diff`: the edits for what was found, shown or made."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.discovery.investigation import checked
from pypi_setup.preflight.fixes import repairs, write
from pypi_setup.preflight.preflight import check

if TYPE_CHECKING:
    from pypi_setup.discovery.investigation import Investigation


class Mended(NamedTuple):
    """What was edited, or would be."""

    found: Investigation
    """What is found now."""

    diff: str
    """The change, as a unified diff; empty if there is none."""

    notes: tuple[str, ...]
    """What was done and what was left alone, in words."""


def mended(found: Investigation, *, written: bool) -> Mended:
    """Return the edits; with `written` they are made in the checkout, and it is checked again."""
    if found.root is None:
        return Mended(found, "", ("Nothing was edited: this is no checkout of the repository.",))
    planned = repairs(found.evidence, check)
    diff = "".join(repair.diff for repair in planned.files)
    notes = [f"Left alone, {each.finding.rule}: {each.why}" for each in planned.left]
    if not written:
        return Mended(found, diff, tuple(notes))
    for repair in planned.files:
        problem = write(repair, found.root)
        notes.append(
            f"Not edited: {problem}" if problem else f"Edited {repair.file}: read the diff and commit it."
        )
    evidence = dataclasses.replace(found.evidence)  # What it computed is of the files as they were.
    return Mended(found._replace(evidence=evidence, findings=checked(evidence)), diff, tuple(notes))
