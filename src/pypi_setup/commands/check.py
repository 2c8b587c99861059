"""`check`: what would break the next release.

given -> request -> look-up -> preflight -> report
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.commands.steps import looked_up, told, understood
from pypi_setup.values.finding import Severity
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.discovery.investigation import Case
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Check the workflow and what is around it. Raises BadInput."""
    task = understood(given, around)
    if task.request.dry_run:
        return task.rehearsed()
    known = looked_up(task, around)
    return task.reported([checked(case) for case in known.found.cases()])


def checked(case: Case) -> Report:
    """Return what the findings mean for one publisher."""
    severities = [finding.severity for finding in case.findings]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    counted = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    status = Status.CHECK_FAILED if Severity.ERROR in severities else Status.CHECKED
    return told(status, case, {"counted": f"Findings: {counted}."})
