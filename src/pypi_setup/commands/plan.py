"""Many publishers: what there is to do in all, and what has to wait until PyPI has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.rules.project import PENDING_LIMIT
from pypi_setup.values.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.discovery.investigation import Case

DAY_LIMIT = 100
"""Registrations that PyPI takes from a user in a day, refused ones included (its source, 2026-08)."""

_RULE = "pending-limit"


def related(cases: Sequence[Case]) -> list[Case]:
    """Return the cases, each with what the others mean for it, since each request was checked alone."""
    return _limited(_apart(cases))


def _apart(cases: Sequence[Case]) -> list[Case]:
    """Leave out that a workflow has other environments too, where the other projects have those."""
    if len({case.publisher.environment.lower() for case in cases}) == 1:
        return list(cases)
    return [
        case._replace(findings=tuple(each for each in case.findings if not _is_about_others(each)))
        for case in cases
    ]


def _is_about_others(finding: Finding) -> bool:
    return finding.rule == "environment-mismatch" and finding.severity is Severity.NOTICE


def _limited(cases: list[Case]) -> list[Case]:
    """Give a finding to the new projects for which there is no room yet."""
    new = [case for case in cases if case.project.exists is False]
    if len(new) <= PENDING_LIMIT or any(each.rule == _RULE for case in cases for each in case.findings):
        return cases
    now = ", ".join(case.publisher.project for case in new[:PENDING_LIMIT])
    late = {case.publisher.name for case in new[PENDING_LIMIT:]}
    finding = Finding(
        _RULE,
        Severity.ERROR,
        f"{len(new)} projects do not exist on {cases[0].request.package_index.label} yet, and a user can "
        f"have {PENDING_LIMIT} pending publishers at once.",
        f"Register {now} now. Publish their first releases, then register the next.",
    )
    return [
        case._replace(findings=(*case.findings, finding)) if case.publisher.name in late else case
        for case in cases
    ]


def told(cases: Sequence[Case]) -> tuple[str, ...]:
    """Say what there is to do in all; nothing of one publisher."""
    if len(cases) == 1:
        return ()
    exist = [case.project.exists for case in cases]
    counts = (
        (exist.count(True), "exist"),
        (exist.count(False), "are new"),
        (exist.count(None), "could not be looked up"),
    )
    words = ", ".join(f"{count} {what}" for count, what in counts if count)
    label = cases[0].request.package_index.label
    notes = [f"Of {len(cases)} projects on {label}: {words}."]
    done = sum(any(each.rule == "already-publishing" for each in case.findings) for case in cases)
    if done:
        notes.append(f"{done} of them published their newest attested release from exactly this publisher.")
    if cases[0].request.package_index.is_pypi and len(cases) - done > DAY_LIMIT:
        notes.append(
            f"{label} takes {DAY_LIMIT} registrations a day from one user, refused ones included: go on with "
            "the rest tomorrow, or share the work."
        )
    return tuple(notes)
