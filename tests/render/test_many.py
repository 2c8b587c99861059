from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.render import jsonline, many, summary, terminal
from pypi_setup.values import report as reports
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.values.report import Report

INDEX = Index("https://pypi.example.org")


def one(number: int, status: Status, environment: str = "pypi") -> Report:
    publisher = Publisher(f"sample-{number}", "octo-org", "sample-repo", "release.yml", environment)
    holes = {"http": "201", "no_token": "None was provided."}
    return reports.told(status, publisher, INDEX, exists=[True, False, None][number % 3], holes=holes)


def combined(*groups: tuple[int, Status]) -> Report:
    statuses = [status for count, status in groups for _ in range(count)]
    return reports.combined([one(number, status) for number, status in enumerate(statuses)])


def test_few_are_shown_one_after_the_other() -> None:
    assert not many.are_many(combined((many.FEW, Status.REGISTERED)))
    assert many.are_many(combined((many.FEW + 1, Status.REGISTERED)))


def test_what_needs_a_person_is_a_row_and_the_rest_a_number() -> None:
    report = combined((30, Status.REGISTERED), (2, Status.MANUAL))
    text, markdown = terminal.text(report), summary.summary(report)
    for shown in (text, markdown):
        assert "sample-30" in shown
        assert "sample-31" in shown
        assert "Nothing to do for 30: sample-0, sample-1, " in shown.replace("&#95;", "_")
        assert "sample-19 and 10 more." in shown
        assert "sample-25" not in shown
    assert "→ sample-31 (new; release.yml, environment pypi)\n    " in text
    assert "| ➡️ | sample-31 | new | release.yml | pypi | " in markdown


def test_where_nothing_is_left_to_do_there_is_no_table() -> None:
    report = combined((6, Status.REGISTERED))
    assert "| Project |" not in summary.summary(report)
    assert "Nothing to do for 6: sample-0, " in summary.summary(report)


def test_where_all_have_something_to_do_nothing_else_is_said() -> None:
    report = combined((6, Status.MANUAL))
    assert "Nothing to do for" not in summary.summary(report) + terminal.text(report)


def test_a_summary_of_thousands_fits_and_says_what_is_left_out() -> None:
    report = combined((2000, Status.MANUAL))
    markdown = summary.summary(report)
    assert len(markdown.encode()) < summary.SIZE_LIMIT
    assert "… and 1500 more: a report file has all of them." in markdown
    assert "sample-499" in markdown
    assert "sample-500 " not in markdown


def test_an_empty_environment_is_any() -> None:
    report = reports.combined([one(number, Status.MANUAL, "") for number in range(6)])
    assert "environment (any)" in terminal.text(report)


def test_the_matrix_has_as_many_jobs_as_github_runs() -> None:
    report = combined((300, Status.MANUAL))
    included = jsonline.outputs(report)["matrix"]
    assert included.startswith(
        '{"include": [{"project": "sample-0", "workflow": "release.yml", "environment": "pypi", '
        '"status": "manual", "fallback-url": "https://pypi.example.org/manage/project/sample-0/'
    )
    assert included.count('"project"') == many.MATRIX_LIMIT


def test_a_run_without_a_publisher_has_an_empty_matrix() -> None:
    assert jsonline.outputs(reports.interrupted(INDEX))["matrix"] == ('{"include": []}')
