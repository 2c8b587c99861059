"""`check`: what would break the next release.

given -> request -> look-up -> preflight -> report
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.commands.steps import headed, looked, told
from pypi_setup.commands.work import understood
from pypi_setup.values.finding import Severity
from pypi_setup.values.standing import CHECKED, Standing
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.discovery.investigation import Case
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Check the workflow and what is around it. Raises BadInput."""
    work = understood(given, around)
    if work.request.dry_run:
        return work.rehearsed()
    found = looked(work, around)
    return work.reported([checked(case) for case in found.cases], found.notes)


def checked(case: Case) -> Report:
    """Return what the findings mean for one publisher."""
    report = told(_status(case), case, {})
    stopped = (
        report.guidance is not None and report.guidance.stopped
    )  # Nothing can be uploaded: that is first.
    return report if stopped else headed(report, case, CHECKED[case.standing])


def _status(case: Case) -> Status:
    if any(each.severity is Severity.ERROR for each in case.findings):
        return Status.CHECK_FAILED
    return Status.UNCHECKED if case.standing is Standing.UNREAD else Status.CHECKED
