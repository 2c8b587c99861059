"""The results of many projects at a glance: what needs a person, a row each; of the rest the number."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from pypi_setup.values.harmless import one_line, visible
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pypi_setup.values.report import Report

FEW = 5
"""So many results are shown one after the other, with all that is said of each."""

ROWS_LIMIT = 500
"""Rows of one table."""

MATRIX_LIMIT = 256
"""Jobs that GitHub runs of one matrix."""

_MATRIX_LENGTH = 100_000
"""Characters of its values: GitHub takes about half a million of all outputs of a job."""

_LENGTH = 300_000
"""Characters of one table's cells: GitHub takes a megabyte, and references make them longer."""

_NAMED, _NAME = 20, 100
_WORDS = 300
_EXISTS = {True: "exists", False: "new", None: "not known"}
HEADS = ("", "Project", "On the index", "Workflow", "Environment", "Verdict", "Link")


def are_many(report: Report) -> bool:
    """Tell whether the results are too many to be shown one after the other."""
    return len(report.results) > FEW


def lines(report: Report, sign: Callable[[Mark], str]) -> Iterator[str]:
    """Yield the results as lines of text; `sign` gives the mark of a result."""
    found, rest = rows(report, sign)
    for mark, project, exists, workflow, environment, verdict, link in found:
        yield f"{mark} {project} ({exists}; {workflow}, environment {environment})"
        yield f"    {verdict}"
        yield f"    {link}"
    yield from rest


def rows(report: Report, sign: Callable[[Mark], str]) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return what needs a person, as the rows of a table with HEADS, and sentences that follow it.

    `sign` gives the mark of a result.
    """
    todo = [each for each in report.results if _needs_a_person(each)]
    done = [each for each in report.results if not _needs_a_person(each)]
    found = [(sign(each.mark), *_cells(each)) for each in todo[:ROWS_LIMIT]]
    lengths = accumulate(sum(map(len, cells)) for cells in found)
    found = found[: sum(length <= _LENGTH for length in lengths)]
    return found, list(_rest(len(todo) - len(found), done))


def matrix(report: Report) -> dict[str, object]:
    """Return the results as a value for `strategy.matrix`, as many as a matrix can have jobs."""
    every = ((each, each.publisher) for each in report.results or (report,))
    jobs = [
        {
            "project": publisher.name,
            "workflow": publisher.workflow_filename,
            "environment": publisher.environment,
            "status": each.status.value,
            "fallback-url": each.fallback_url,
        }
        for each, publisher in every
        if publisher
    ]
    lengths = accumulate(sum(map(len, job.values())) for job in jobs[:MATRIX_LIMIT])
    return {"include": jobs[: sum(length <= _MATRIX_LENGTH for length in lengths)]}


def _needs_a_person(result: Report) -> bool:
    """Tell whether somebody has something to do, or asked only to see it."""
    return not result.success or result.mark is not Mark.DONE or result.status is Status.DRY_RUN


def _cells(result: Report) -> tuple[str, ...]:
    publisher = result.publisher
    assert publisher is not None  # noqa: S101 - several results are of several publishers
    return (
        publisher.project,
        _EXISTS[result.project_exists],
        publisher.workflow_filename,
        visible(publisher.environment) or "(any)",
        one_line(result.verdict, _WORDS),
        result.target.url,
    )


def _rest(more: int, done: list[Report]) -> Iterator[str]:
    if more:
        yield f"… and {more} more: a report file has all of them."
    if done:
        names = [one_line(each.name, _NAME) for each in done[:_NAMED]]
        others = f" and {len(done) - _NAMED} more" if len(done) > _NAMED else ""
        yield f"Nothing to do for {len(done)}: {', '.join(names)}{others}."
