"""The findings of a report as a SARIF log (OASIS SARIF 2.1.0), for GitHub's code scanning.

GitHub takes no result without a place in a file, and none without a line (its documentation "SARIF support
for code scanning"): a finding that is about no file stands at the workflow that is registered, one that is
about a whole file at its first line. A run that checked nothing is marked as not successful.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import shortened, visible
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}
_WORDS_LIMIT = 4000


def log(report: Report) -> str:
    """Return the log, as JSON."""
    findings = report.ordered_findings
    rules = {finding.rule: finding for finding in findings}
    run = {
        "tool": {
            "driver": {
                "name": "pypi-setup",
                "version": __version__,
                "informationUri": PROJECT_URL,
                "rules": [_rule(finding) for finding in rules.values()],
            }
        },
        "invocations": [_invocation(report)],
        "results": [_result(finding, list(rules).index(finding.rule), report) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _invocation(report: Report) -> dict[str, object]:
    """Tell whether anything was checked: no findings of a run that looked at nothing say nothing."""
    if report.publisher and report.status is not Status.DRY_RUN:
        return {"executionSuccessful": True}
    reason = {"level": "error", "message": {"text": _words(f"Nothing was checked. {report.message}")}}
    return {"executionSuccessful": False, "toolExecutionNotifications": [reason]}


def _rule(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.rule,
        "shortDescription": {"text": finding.rule.replace("-", " ")},
        "helpUri": finding.url,
    }


def _result(finding: Finding, rule: int, report: Report) -> dict[str, object]:
    workflow = report.publisher.workflow_filename if report.publisher else ""
    file = finding.file if finding.file is not None else f".github/workflows/{workflow}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _words(f"{finding.message}\n\nFix: {finding.fix}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(file), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": finding.line or 1},
                }
            }
        ],
    }


def _words(text: str) -> str:
    return visible(shortened(text, _WORDS_LIMIT), keep="\n")
