"""The report of a survey: rows in the order of urgency, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values import statuses
from pypi_setup.values.finding import Severity
from pypi_setup.values.origin import WORDS, Origin, Publishes
from pypi_setup.values.report import Report
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.values.index import Index

_MARKS = (Mark.BROKEN, Mark.UNKNOWN, Mark.TURN, Mark.DONE)
_WAYS = (
    *(Publishes.TOKEN, Publishes.UNKNOWN, Publishes.MANUAL),
    *(Publishes.TRUSTED, Publishes.ELSEWHERE),
)
"""The order of the rows, from what needs a person most."""

_FAILED = {
    Mark.BROKEN: "{} would fail to release",
    Mark.TURN: "{} with an API token",
    Mark.UNKNOWN: "{} could not be checked",
}


def surveyed(
    rows: Iterable[Report],
    package_index: Index,
    *,
    repositories: int,
    notes: tuple[str, ...] = (),
    interrupted: bool = False,
) -> Report:
    """Return one report of the rows, each of which has an origin; what needs a person comes first."""
    rows = sorted(rows, key=_urgency)
    failed = [row for row in rows if not row.success]
    status = Status.SURVEY_FAILED if failed else Status.SURVEYED
    meaning, facts = statuses.MEANINGS[status], _facts(rows, failed, repositories)
    return Report(
        status=status,
        success=meaning.success,
        message=meaning.message.format_map(facts),
        cause=meaning.cause.format_map(facts),
        action=meaning.action.format_map(facts),
        package_index=package_index,
        fallback_url=rows[0].fallback_url if rows else package_index.page(None, exists=None).url,
        mark=_mark(rows, failed),
        notes=notes,
        interrupted=interrupted,
        results=tuple(rows),
    )


def unchecked(origin: Origin, package_index: Index, why: str) -> Report:
    """Return the row of a repository that could not be checked; `why` has no full stop."""
    return Report(
        status=Status.UNCHECKED,
        success=False,
        message=f"Not checked: {why}.",
        cause=f"{why}.",
        action="Run pypi-setup check there, with what is missing as options.",
        package_index=package_index,
        fallback_url=package_index.page(None, exists=None).url,
        mark=Mark.UNKNOWN,
        origin=origin,
    )


def _mark(rows: list[Report], failed: list[Report]) -> Mark:
    """Return the sign before the headline: that of the worst row."""
    if failed:
        return min((row.mark for row in failed), key=_MARKS.index)
    return Mark.TURN if any(row.needs_a_person for row in rows) else Mark.DONE


def _urgency(row: Report) -> tuple[object, ...]:
    """Return what sorts the rows."""
    severities = [finding.severity for finding in row.findings]
    origin = row.origin or Origin("")
    idle = not row.needs_a_person and origin.publishes is Publishes.ELSEWHERE
    return (
        not row.needs_a_person,
        idle,
        _MARKS.index(row.mark),
        _WAYS.index(origin.publishes),
        -severities.count(Severity.ERROR),
        -severities.count(Severity.WARNING),
        origin.place.lower(),
        row.name.lower(),
    )


def _facts(rows: list[Report], failed: list[Report], repositories: int) -> dict[str, str]:
    """Return what fills the holes in the texts of a survey's statuses."""
    published = [row.origin.publishes for row in rows if row.origin]
    ways = ((published.count(each), words) for each, words in WORDS.items())
    marks = [row.mark for row in failed]
    shown = (words.format(marks.count(mark)) for mark, words in _FAILED.items() if mark in marks)
    first = next(iter(failed), None)
    places = _counted(repositories, "repository", "repositories")
    return {
        "counted": f"{_counted(len(rows), 'project', 'projects')} in {places}",
        "failed": ", ".join(shown),
        "ways": ", ".join(f"{count} {words}" for count, words in ways if count) or "No project was found.",
        "first": f"Start with {first.name}: {first.action}" if first else "Nothing has to be done now.",
    }


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
