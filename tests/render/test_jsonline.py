from __future__ import annotations

import json

import pytest

from pypi_setup import __version__
from pypi_setup.render import jsonline
from pypi_setup.values import report as reports
from pypi_setup.values.discovered import Discovered
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.statuses import Status

INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("One.Two", "octo-org", "sample-repo", "release.yml", "pypi")
REPORT = reports.told(Status.DRY_RUN, PUBLISHER, INDEX)

KEYS = [
    *("success", "status", "dry_run", "http_status", "message", "cause", "action", "payload", "fallback_url"),
    *("project_exists", "index_url", "findings", "response", "notes", "version"),
]


def test_the_keys_of_the_contract() -> None:
    data = json.loads(jsonline.line(REPORT))
    assert list(data) == KEYS
    assert (data["status"], data["dry_run"], data["version"]) == ("dry-run", True, __version__)
    assert data["payload"] == {
        "name": "one-two",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    }


def test_what_is_only_there_where_it_says_something() -> None:
    full = REPORT._replace(
        verified=True,
        claims={"repository": "octo-org/sample-repo"},
        diff="-a\n+b\n",
        paste="a: 1\n",
        discovered=(Discovered("owner", "octo-org", "git remote origin"),),
    )
    data = json.loads(jsonline.line(full))
    assert data["verified"] is True
    assert data["claims"] == {"repository": "octo-org/sample-repo"}
    assert (data["diff"], data["paste"]) == ("-a\n+b\n", "a: 1\n")
    assert data["discovered"] == [
        {"field": "owner", "value": "octo-org", "source": "git remote origin", "alternatives": []}
    ]
    outputs = jsonline.outputs(full)
    assert outputs["verified"] == "true"
    assert json.loads(outputs["claims"]) == {"repository": "octo-org/sample-repo"}


def test_findings_come_from_worst_to_least() -> None:
    findings = tuple(Finding("job-skipped", kind, "m", "f", "a.yml", 3) for kind in reversed(Severity))
    data = json.loads(jsonline.line(REPORT._replace(findings=findings)))
    assert [each["severity"] for each in data["findings"]] == ["error", "warning", "notice"]
    assert data["findings"][0] == {
        "rule": "job-skipped",
        "severity": "error",
        "message": "m",
        "fix": "f",
        "file": "a.yml",
        "line": 3,
        "url": "https://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md#job-skipped",
    }


def test_a_long_value_of_bad_input_is_cut() -> None:
    report = reports.refused((Problem("owner", "x" * 5000, "rule", "fix"),), INDEX)
    data = json.loads(jsonline.line(report))
    assert data["problems"] == [{"field": "owner", "value": "x" * 999 + "…", "rule": "rule", "fix": "fix"}]
    assert data["payload"] is None


def test_several_projects() -> None:
    second = reports.told(Status.DRY_RUN, PUBLISHER._replace(project="second"), INDEX)
    data = json.loads(jsonline.line(reports.combined([REPORT, second])))
    assert list(data) == [*KEYS, "results"]
    assert [each["payload"]["name"] for each in data["results"]] == ["one-two", "second"]


def several(count: int) -> reports.Report:
    finding = Finding("job-skipped", Severity.WARNING, "m" * 3000, "f")
    projects = [PUBLISHER._replace(project=f"project-{number}") for number in range(count)]
    return reports.combined(
        [reports.told(Status.DRY_RUN, each, INDEX)._replace(findings=(finding,)) for each in projects]
    )


def test_the_output_of_a_few_projects_is_what_the_command_line_prints() -> None:
    report = several(3)
    assert jsonline.outputs(report)["result"] == jsonline.line(report)


def test_the_output_of_very_many_projects_has_each_finding_once_and_says_so() -> None:
    report = several(300)
    whole, cut = json.loads(jsonline.line(report)), json.loads(jsonline.outputs(report)["result"])
    assert len(jsonline.line(report)) > 500_000 > len(jsonline.outputs(report)["result"])
    assert cut.pop("cut").startswith("The findings of each of the results are left out here")
    assert [each.pop("findings") for each in cut["results"]] == [[]] * 300
    assert [[finding["rule"] for finding in each.pop("findings")] for each in whole["results"]] == [
        ["job-skipped"]
    ] * 300
    assert cut == whole


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"a": 1, "b": [True, None]}, '{"a": 1, "b": [true, null]}'),
        ("é\n\u2028", r'"\u00e9\n\u2028"'),
        ("##[error]x", r'"#\u0023[error]x"'),
        ("\ud800", r'"\ud800"'),
    ],
)
def test_dumped(value: object, line: str) -> None:
    assert jsonline.dumped(value) == line
    assert json.loads(line) == value


def test_the_message_is_no_old_log_command_where_a_step_echoes_it() -> None:
    message = "PyPI refused a value. (HTTP 422: ##[error]forged)"
    shown = jsonline.outputs(REPORT._replace(message=message))["message"]
    assert shown == "PyPI refused a value. (HTTP 422: ## [error]forged)"


@pytest.mark.parametrize(("exists", "text"), [(True, "true"), (False, "false"), (None, "unknown")])
def test_outputs_of_existence(exists: bool | None, text: str) -> None:
    assert jsonline.outputs(REPORT._replace(project_exists=exists))["project-exists"] == text
