"""The forms of the full report, by the ending of the file's name; each with text from outside in it."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.render.report_file import content
from pypi_setup.values import report as reports
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.origin import Origin, Publishes
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status
from pypi_setup.values.surveyed import surveyed

if TYPE_CHECKING:
    from pypi_setup.values.report import Report

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "sarif-2.1.0-used.schema.json").read_text(encoding="utf-8")
)
INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("One.Two", "octo-org", "sample-repo", "release.yml", "")
ERROR = Finding("id-token-missing", Severity.ERROR, "It lacks it", "add:\nid-token: write", "a b.yml", 3)
NOTICE = Finding("repository-unknown", Severity.NOTICE, "GitHub does not know it", "look")
FAILED = reports.told(Status.CHECK_FAILED, PUBLISHER, INDEX, exists=True, holes={"counted": "2 findings."})
FAILED = FAILED._replace(findings=(NOTICE, ERROR), notes=("A note.",))
MANUAL = reports.told(
    Status.MANUAL,
    PUBLISHER._replace(project="second", environment="pypi"),
    INDEX,
    holes={"no_token": "None."},
)
BOTH = reports.combined([FAILED, MANUAL._replace(response="its words", http_status=404)])
BAD = reports.refused((Problem("owner", "<b>", "A rule", "a fix"),), INDEX)


class Page(HTMLParser):
    """What a browser makes of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert {name for name, _ in attrs} <= {"href", "lang", "charset", "http-equiv", "content", "name"}
        self.links.extend(value or "" for name, value in attrs if name == "href")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def run_of(report: reports.Report) -> Any:
    """Return the one run of the SARIF log, which the schema accepts."""
    log = json.loads(content(report, "x.sarif"))
    jsonschema.validate(log, SCHEMA)
    (run,) = log["runs"]
    return run


def test_the_ending_names_the_form() -> None:
    assert json.loads(content(BOTH, "a.JSON"))["status"] == "check-failed"
    assert [json.loads(line)["payload"]["name"] for line in content(BOTH, "a.jsonl").splitlines()] == [
        "one-two",
        "second",
    ]
    assert content(BOTH, "a.csv").startswith("project,owner,")
    assert content(BOTH, "a.htm") == content(BOTH, "a.html")
    assert content(BOTH, "a.html").startswith("<!doctype html>\n")
    assert json.loads(content(BOTH, "a.sarif"))["version"] == "2.1.0"
    assert content(BOTH, "report") == content(BOTH, "a.md")
    assert content(BOTH, "a.md").startswith("## ❌ 2 projects: ")


def test_one_project_is_one_line_of_json() -> None:
    assert content(FAILED, "x.jsonl") == content(FAILED, "x.json")


def test_the_markdown_has_every_finding() -> None:
    many = tuple(ERROR._replace(line=line) for line in range(1, 151))
    text = content(FAILED._replace(findings=many), "x.md")
    assert (text.count("<code>a b.yml</code>"), "more: the output" in text) == (150, False)


def test_a_row_a_project() -> None:
    first, second = rows(content(BOTH, "x.csv"))
    assert first == {
        "project": "One.Two",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow": "release.yml",
        "environment": "",
        "status": "check-failed",
        "success": "false",
        "project_exists": "true",
        "http_status": "",
        "message": FAILED.message,
        "action": FAILED.action,
        "fallback_url": FAILED.fallback_url,
        "errors": "1",
        "warnings": "0",
        "notices": "1",
        "first_error": "id-token-missing: It lacks it",
        "folder": "",
        "publishes": "",
        "attested": "",
    }
    assert (second["success"], second["project_exists"], second["http_status"], second["first_error"]) == (
        "true",
        "unknown",
        "404",
        "",
    )


def test_bad_input_is_a_row_without_values() -> None:
    (row,) = rows(content(BAD, "x.csv"))
    assert (row["project"], row["status"], row["fallback_url"]) == ("", "invalid", BAD.fallback_url)


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" \t@SUM(A1)", "'@SUM(A1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("＝1", "'＝1"),  # noqa: RUF001 - this is what it is about
        ('"=1"', '\'"=1"'),
        ("a;=1|-2", "a;'=1|'-2"),
        ("a = 1 - 2", "a = 1 - 2"),
        ("a,\r\nb", "a, b"),
    ],
)
def test_no_cell_is_a_formula(words: str, cell: str) -> None:
    (row,) = rows(content(MANUAL._replace(message=words), "x.csv"))
    assert row["message"] == cell


@given(st.text())
def test_whatever_a_message_is_no_cell_begins_as_a_formula(words: str) -> None:
    (row,) = rows(content(MANUAL._replace(message=words, action=words), "x.csv"))
    assert row["message"][:1] not in set("=+-@\t\r\n")


def test_the_page_shows_results_findings_and_notes() -> None:
    page = Page(content(BOTH, "x.html"))
    shown = "".join(page.texts)
    for words in (BOTH.message, "One.Two", "✗ check-failed", "→ manual", "1 error, 1 notice", "its words"):
        assert words in shown
    assert "a b.yml:3: It lacks it" in shown
    assert {FAILED.fallback_url, MANUAL.fallback_url, ERROR.url, NOTICE.url} <= set(page.links)
    assert "A note." in "".join(Page(content(FAILED, "x.html")).texts)


def test_the_page_of_bad_input_shows_what_is_wrong() -> None:
    page = Page(content(BAD, "x.html"))
    assert {"owner", "<b>", "A rule", "a fix"} <= set(page.texts)
    assert page.tags.count("table") == 1


@given(st.text(), st.sampled_from(["<script>alert(1)</script>", "</style><img src=x>", "'\"><b onclick=x>"]))
def test_text_from_outside_stays_text_on_the_page(words: str, hostile: str) -> None:
    finding = ERROR._replace(message=hostile + words, fix=words + hostile, file=hostile)
    report = FAILED._replace(findings=(finding,), message=words + hostile, response=words, notes=(hostile,))
    page = Page(content(report, "x.html"))
    assert not {"script", "img", "b onclick=x"} & set(page.tags)
    assert page.tags.count("b") == 1  # The severity.
    assert all(link.startswith("https://") for link in page.links)


def test_findings_as_code_scanning_takes_them() -> None:
    run = run_of(FAILED)
    first, second = run["results"]
    assert first == {
        "ruleId": "id-token-missing",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "It lacks it\n\nFix: add:\nid-token: write"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a%20b.yml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3},
                }
            }
        ],
    }
    assert (second["level"], second["ruleIndex"]) == ("note", 1)
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": ".github/workflows/release.yml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }
    assert run["tool"]["driver"]["rules"][0] == {
        "id": "id-token-missing",
        "shortDescription": {"text": "id token missing"},
        "helpUri": ERROR.url,
    }
    assert run["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize(
    "report", [BAD, reports.told(Status.DRY_RUN, PUBLISHER, INDEX)], ids=["bad input", "dry run"]
)
def test_a_run_that_checked_nothing_says_so(report: reports.Report) -> None:
    run = run_of(report)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("Nothing was checked. ")
    assert run["results"] == []


@given(st.text(), st.text(), st.none() | st.integers(1, 9))
def test_any_finding_is_valid_sarif(message: str, file: str, line: int | None) -> None:
    run_of(FAILED._replace(findings=(ERROR._replace(message=message, file=file, line=line),)))
    report = BAD._replace(publisher=PUBLISHER, findings=(ERROR._replace(file=None),))
    assert run_of(report)["results"][0]["locations"]


def surveyed_rows() -> Report:
    trusted = FAILED._replace(origin=Origin("octo-org/sample-repo", "clones/a", "One.Two", Publishes.TRUSTED))
    unread = reports.crashed(RuntimeError(), INDEX)._replace(
        origin=Origin("octo-org/other", "clones/b", "", Publishes.UNKNOWN, "octo-org/x, r.yml, pypi"),
        message="It cannot be read.",
    )
    return surveyed([trusted, unread], INDEX, repositories=2)


def test_a_survey_is_a_table_in_each_form() -> None:
    report = surveyed_rows()
    page = Page(content(report, "a.html"))
    assert page.tags.count("tr") == 3
    for words in ("octo-org/other", "cannot be told", "octo-org/x, r.yml, pypi", "It cannot be read."):
        assert words in page.texts
    rows = list(csv.DictReader(io.StringIO(content(report, "a.csv"))))
    assert {(row["repository"], row["folder"], row["publishes"]) for row in rows} == {
        ("sample-repo", "clones/a", "trusted"),
        ("other", "clones/b", "unknown"),
    }
    assert "| octo-org/other |" in content(report, "a.md")
    folders = {json.loads(line)["folder"] for line in content(report, "a.jsonl").splitlines()}
    assert folders == {"clones/a", "clones/b"}


def test_a_row_of_a_survey_that_needs_nobody_has_no_link() -> None:
    fine = FAILED._replace(
        success=True, mark=Mark.DONE, findings=(), origin=Origin("a/b", "", "one", Publishes.TRUSTED)
    )
    page = Page(content(surveyed([fine], INDEX, repositories=1), "a.html"))
    assert len(page.links) == 1  # That of the whole page.
