"""A report as one line of JSON: what `--json` prints and the output `result` holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypi_setup.about import __version__
from pypi_setup.render import many
from pypi_setup.values.harmless import one_line, shortened

if TYPE_CHECKING:
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report

OUTPUT_LIMIT = 500_000
"""Characters from which the output `result` is cut: GitHub takes 1 MB of outputs from a job, as UTF-16."""

_VALUE_LIMIT = 1000
_CUT = "The findings of each of the results are left out here: they stand in the findings of the whole."


def dumped(value: object) -> str:
    """Return JSON on one line, ASCII only, in which no runner finds a log command."""
    text = json.dumps(value, ensure_ascii=True, separators=(", ", ": "))
    # Old log commands (##[name]) are found anywhere in a line. Outside of strings JSON has no "#".
    return text.replace("##[", "#\\u0023[")


def line(report: Report) -> str:
    """Return the report as one line of JSON."""
    return dumped(_whole(report))


def lines(report: Report) -> str:
    """Return JSON Lines: one line a project, each the object of that project alone."""
    return "".join(f"{dumped(_one(each))}\n" for each in report.results or (report,))


def finding_data(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "fix": finding.fix,
        "file": finding.file,
        "line": finding.line,
        "url": finding.url,
    }


def _whole(report: Report) -> dict[str, object]:
    data = _one(report)
    if report.results:
        data["results"] = [_one(result) for result in report.results]
    return data


def _one(report: Report) -> dict[str, object]:
    data: dict[str, object] = {
        "success": report.success,
        "status": report.status.value,
        "dry_run": report.status.value == "dry-run",
        "http_status": report.http_status,
        "message": report.message,
        "cause": report.cause,
        "action": report.action,
        "payload": report.payload,
        "fallback_url": report.fallback_url,
        "project_exists": report.project_exists,
        "index_url": report.package_index.url,
        "findings": [finding_data(finding) for finding in report.ordered_findings],
        "response": report.response,
        "notes": list(report.good_to_know),
        "version": __version__,
    }
    if report.origin:
        origin = report.origin
        data |= {
            "repository": origin.repository,
            "folder": origin.folder,
            "project": origin.project,
            "publishes": origin.publishes.value,
            "attested": origin.attested,
        }
    if report.problems:
        data["problems"] = [
            problem._replace(value=shortened(problem.value, _VALUE_LIMIT))._asdict()
            for problem in report.problems
        ]
    if report.discovered:
        data["discovered"] = [value._asdict() for value in report.discovered]
    if report.verified is not None:
        data["verified"] = report.verified
        data["claims"] = report.claims
    if report.explanation is not None:
        from pypi_setup.render import explanation

        data["explanation"] = {**explanation.data(report.explanation), "link": report.target.url}
    if report.diff:
        data["diff"] = report.diff
    if report.steps:
        data["steps"] = [step._asdict() | {"fields": dict(step.fields)} for step in report.steps]
    if report.paste:
        data["paste"] = report.paste
    return data


def _output(report: Report) -> str:
    """Return the line; where it is too long, with each finding only once, and with a key that says so."""
    whole = line(report)
    if len(whole) <= OUTPUT_LIMIT or not report.results:
        return whole
    results = [{**_one(result), "findings": []} for result in report.results]
    return dumped({**_one(report), "results": results, "cut": _CUT})


def outputs(report: Report) -> dict[str, str]:
    """Return the action's outputs by name."""
    exists = {True: "true", False: "false", None: "unknown"}[report.project_exists]
    data = {
        "status": report.status.value,
        "success": str(report.success).lower(),
        "fallback-url": report.fallback_url,
        "http-status": "" if report.http_status is None else str(report.http_status),
        "message": one_line(report.message).replace("##[", "## ["),  # A later step may echo it.
        "project": report.publisher.name if report.publisher else "",
        "project-exists": exists,
        "payload": dumped(report.payload) if report.payload else "",
        "matrix": dumped(many.matrix(report)),
        "findings": dumped([finding_data(finding) for finding in report.ordered_findings]),
        "result": _output(report),
    }
    if report.verified is not None:
        data["verified"] = str(report.verified).lower()
        data["claims"] = dumped(report.claims)
    return data
