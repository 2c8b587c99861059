from __future__ import annotations

import re

import pytest

from pypi_setup.index.registration import Outcome
from pypi_setup.values import report as reports
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.statuses import MEANINGS, Status

INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("one", "octo-org", "sample-repo", "release.yml", "pypi")
HOLES = {
    **Outcome(Status.TIMEOUT, detail="no answer came in time").told(INDEX, 15),
    **dict.fromkeys(("no_token", "likely", "fix", "counted", "ways", "failed", "first"), "words"),
    **dict.fromkeys(("summary", "why", "fix", "done", "next", "stopped"), "words"),
}


@pytest.mark.parametrize("status", Status)
def test_every_text_of_the_table_can_be_told(status: Status) -> None:
    report = reports.told(status, PUBLISHER, INDEX, exists=None, holes=HOLES)
    assert report.success is MEANINGS[status].success
    assert report.exit_code == (0 if report.success else 1)
    assert not re.search(r"[{}]", report.message + report.cause + report.action)
    assert report.payload == PUBLISHER.payload


def test_exist_ok_turns_one_failure_into_a_success_and_no_other() -> None:
    successes = {
        status
        for status in Status
        if reports.told(status, PUBLISHER, INDEX, exist_ok=True, holes=HOLES).success
        and not MEANINGS[status].success
    }
    assert successes == {Status.ALREADY_REGISTERED}


def test_exist_ok_is_advised_where_it_is_not_set() -> None:
    told = [
        reports.told(Status.ALREADY_REGISTERED, PUBLISHER, INDEX, exist_ok=exist_ok, holes=HOLES).action
        for exist_ok in (False, True)
    ]
    assert told == [
        "Review it on pypi.example.org. Where a repeat is fine, set exist-ok to true.",
        "Review it on pypi.example.org.",
    ]


@pytest.mark.parametrize(
    ("problems", "message"),
    [
        (1, "Bad input, nothing was sent. One input breaks a rule: owner."),
        (2, "Bad input, nothing was sent. 2 rules are broken: owner, repo."),
    ],
)
def test_refused(problems: int, message: str) -> None:
    both = (Problem("owner", "x", "rule", "fix"), Problem("repo", "y", "other rule", "fix"))
    report = reports.refused(both[:problems], INDEX)
    assert (report.status, report.exit_code, report.payload) == (Status.INVALID, 2, None)
    assert report.message == message
    assert report.cause == "owner: rule"
    assert report.fallback_url == "https://pypi.example.org/manage/account/publishing/"


def test_findings_are_ordered_from_worst() -> None:
    findings = tuple(Finding(kind.value, kind, "m", "f") for kind in reversed(Severity))
    report = reports.told(Status.DRY_RUN, PUBLISHER, INDEX)._replace(findings=findings)
    assert [finding.rule for finding in report.ordered_findings] == ["error", "warning", "notice"]


def test_one_report_stays_as_it_is() -> None:
    report = reports.told(Status.DRY_RUN, PUBLISHER, INDEX)
    assert reports.combined([report]) is report


def test_several_reports_are_as_good_as_the_worst() -> None:
    shared, own = Finding("a", Severity.NOTICE, "m", "f"), Finding("b", Severity.NOTICE, "m", "f")
    good = reports.told(Status.REGISTERED, PUBLISHER, INDEX, holes=HOLES)._replace(findings=(shared,))
    bad = reports.told(Status.TIMEOUT, PUBLISHER._replace(project="two"), INDEX, holes=HOLES)
    report = reports.combined([good, bad._replace(findings=(shared, own))])
    assert (report.status, report.success, report.exit_code) == (Status.TIMEOUT, False, 1)
    assert report.findings == (shared, own)
    assert [result.status for result in report.results] == [Status.REGISTERED, Status.TIMEOUT]
    assert "1 registered, 1 timeout" in report.message


def raised() -> RuntimeError:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("secret")
    return caught.value


def test_a_mistake_of_ours_is_described_without_its_text() -> None:
    assert re.fullmatch(r"RuntimeError in test_report\.py:\d+", reports.described(raised()))
    assert reports.described(ValueError("secret")) == "ValueError"
    report = reports.crashed(raised(), INDEX)
    assert (report.status, report.exit_code) == (Status.UNEXPECTED, 1)
    assert "secret" not in repr(report)
