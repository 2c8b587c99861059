"""A report as CSV (RFC 4180), one row a project, which a spreadsheet can open without running anything.

A cell that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises ("CSV
Injection"); so does one that would become a formula where semicolons, bars or tabs part the cells.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.origin import Origin

if TYPE_CHECKING:
    from pypi_setup.values.report import Report

COLUMNS = (
    *("project", "owner", "repository", "workflow", "environment", "status", "success", "project_exists"),
    *("http_status", "message", "action", "fallback_url", "errors", "warnings", "notices", "first_error"),
    *("folder", "publishes", "attested"),
)
"""The heads of the columns, in their order. Columns are added at the end, never renamed."""

_WORDS_LIMIT = 2000
_FORMULA = re.compile(r"(\A|[;|])(?=[\s'\"]*[=+\-@＝＋－＠])")  # noqa: RUF001 - the wide forms count, too


def table(report: Report) -> str:
    """Return the table, with its heads."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(each)] for each in report.results or (report,))
    return text.getvalue()


def _row(report: Report) -> tuple[object, ...]:
    publisher, origin = report.publisher, report.origin or Origin("")
    values = (
        (
            publisher.project,
            publisher.owner,
            publisher.repository,
            publisher.workflow_filename,
            publisher.environment,
        )
        if publisher
        else (origin.project, *origin.repository.partition("/")[::2], "", "")
    )
    severities = [finding.severity for finding in report.findings]
    errors = (each for each in report.ordered_findings if each.severity is Severity.ERROR)
    first = next((f"{each.rule}: {each.message}" for each in errors), "")
    return (
        *values,
        report.status.value,
        report.success,
        "unknown" if report.project_exists is None else report.project_exists,
        "" if report.http_status is None else report.http_status,
        report.message,
        report.action,
        report.fallback_url,
        *(severities.count(severity) for severity in Severity),
        first,
        origin.folder,
        origin.publishes.value if report.origin else "",
        origin.attested,
    )


def _cell(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else one_line(str(value), _WORDS_LIMIT)
    return _FORMULA.sub(lambda found: f"{found[1]}'", text)
