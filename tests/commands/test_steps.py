from __future__ import annotations

import pytest

from pypi_setup.commands import steps
from pypi_setup.discovery.investigation import Case
from pypi_setup.sources.lookup import Project
from pypi_setup.values import report as reports
from pypi_setup.values import request as requests
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.report import Report, Target
from pypi_setup.values.request import Given
from pypi_setup.values.standing import CHECKED, Mark, Standing
from pypi_setup.values.statuses import Status

REQUEST = requests.parse(
    Given(project=("one",), owner="octo-org", repo="sample", workflow="release.yml", environment="pypi")
)
ERROR = Finding("a-rule", Severity.ERROR, "m", "f", ".github/workflows/release#1.yml", 3)
SPELLING = Finding("repository-spelling", Severity.ERROR, "m", "f")


def headed(*findings: Finding, standing: Standing = Standing.BROKEN) -> Report:
    publisher = REQUEST.publishers[0]
    case = Case(REQUEST, publisher, Project(), findings, (), standing=standing)
    report = reports.told(Status.CHECK_FAILED, publisher, REQUEST.package_index)
    return steps.headed(report, case, CHECKED[standing])


@pytest.mark.parametrize(
    ("finding", "place", "words"),
    [
        (
            ERROR,
            Target(
                "Fix .github/workflows/release#1.yml, line 3",
                "https://github.com/octo-org/sample/blob/HEAD/.github/workflows/release%231.yml#L3",
                is_here=True,
            ),
            "Fix .github/workflows/release#1.yml:3 (a-rule), then",
        ),
        (
            ERROR._replace(file="a.yml", line=None),
            Target("Fix a.yml", "https://github.com/octo-org/sample/blob/HEAD/a.yml", is_here=True),
            "Fix a.yml (a-rule), then",
        ),
        (
            ERROR._replace(file=None, line=None),
            Target("How to fix a-rule", ERROR.url, is_here=True),
            "Fix the first error below, then",
        ),
    ],
)
def test_the_next_step_is_where_the_first_error_is(finding: Finding, place: Target, words: str) -> None:
    report = headed(SPELLING, finding)
    assert (report.mark, report.place) == (Mark.BROKEN, place)
    assert report.action.startswith(words)
    assert report.message == "The next release of one would fail: 1 error."


def test_where_nothing_is_broken_the_next_step_is_on_the_page() -> None:
    report = headed(ERROR, standing=Standing.TOKEN)
    assert report.place is None
    assert report.target == Target("Review the publisher on PyPI", report.fallback_url)
    assert "1 change moves it to Trusted Publishing" in report.message
