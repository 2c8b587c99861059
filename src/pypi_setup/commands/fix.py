"""`check --fix` and `check --diff`: the edits for what was found, shown or made.

given -> request -> look-up -> preflight -> edits -> preflight -> report
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.commands.check import checked as judged
from pypi_setup.commands.steps import looked_up
from pypi_setup.commands.work import understood
from pypi_setup.discovery.investigation import checked
from pypi_setup.preflight.fixes import repairs, write
from pypi_setup.preflight.preflight import check
from pypi_setup.values.request import Edits

if TYPE_CHECKING:
    from pypi_setup.discovery.investigation import Investigation
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Check, and show or make the edits for what is found. Raises BadInput."""
    work = understood(given, around)
    found = looked_up(work.single(), around, work.repositories)
    result = edited(found, written=work.request.edits is Edits.WRITE)
    every = [judged(case) for case in result.found.cases()]
    return work.reported(every, result.notes)._replace(diff=result.diff)


class Edited(NamedTuple):
    """What was edited, or would be."""

    found: Investigation
    """What is found now."""

    diff: str
    """The change, as a unified diff; empty if there is none."""

    notes: tuple[str, ...]
    """What was done and what was left alone, in words."""


def edited(found: Investigation, *, written: bool) -> Edited:
    """Return the edits; with `written` they are made in the checkout, and it is checked again."""
    if found.root is None:
        return Edited(found, "", ("Nothing was edited: this is no checkout of the repository.",))
    planned = repairs(found.evidence, check)
    diff = "".join(repair.diff for repair in planned.files)
    notes = [f"Left alone, {each.finding.rule}: {each.why}" for each in planned.left]
    if not written:
        return Edited(found, diff, tuple(notes))
    for repair in planned.files:
        problem = write(repair, found.root)
        notes.append(
            f"Not edited: {problem}" if problem else f"Edited {repair.file}: read the diff and commit it."
        )
    evidence = dataclasses.replace(found.evidence)  # What it computed is of the files as they were.
    return Edited(found._replace(evidence=evidence, findings=checked(evidence)), diff, tuple(notes))
