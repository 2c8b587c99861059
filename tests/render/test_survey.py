"""The table of a survey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pypi_setup.render import survey as module
from pypi_setup.render import terminal
from pypi_setup.render.survey import first_error, markdown
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.values import report as reports
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.origin import Origin, Publishes
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status
from pypi_setup.values.surveyed import surveyed, unchecked

if TYPE_CHECKING:
    from pypi_setup.values.report import Report

PYPI = indexes.parse("pypi")
ERROR = Finding(
    "id-token-missing", Severity.ERROR, "It lacks id-token.", "Add it.", ".github/workflows/a.yml", 7
)
WARNING = Finding("environment-none", Severity.WARNING, "None.", "Make one.")


def row(
    project: str,
    publishes: Publishes,
    mark: Mark = Mark.DONE,
    *findings: Finding,
    repository: str = "octo-org/sample",
    attested: str = "",
) -> Report:
    publisher = publishers.parse("sample", "octo-org", "sample", "release.yml", "pypi")
    status = Status.CHECK_FAILED if ERROR in findings else Status.CHECKED
    report = reports.told(status, publisher, PYPI, exists=True)
    origin = Origin(repository, "clones/sample", project, publishes, attested)
    return report._replace(mark=mark, origin=origin, findings=findings, message=f"How {project} stands.")


def report_of(*rows: Report, notes: tuple[str, ...] = ()) -> Report:
    return surveyed(list(rows), PYPI, repositories=len(rows), notes=notes)


SAMPLE = report_of(
    row("fine", Publishes.TRUSTED),
    row("idle", Publishes.ELSEWHERE, Mark.TURN),
    row("by-hand", Publishes.MANUAL, Mark.TURN),
    row("old", Publishes.TOKEN, Mark.TURN, ERROR, WARNING, attested="octo-org/old, release.yml"),
    row("bad", Publishes.TRUSTED, Mark.BROKEN, ERROR),
    row("worse", Publishes.TRUSTED, Mark.BROKEN, ERROR, WARNING),
    unchecked(Origin("", "clones/lost"), PYPI, "no git remote here is on github.com"),
    notes=("Skipped: 3 without a Python project.",),
)
LINK = (
    "https://pypi.org/manage/project/sample/settings/publishing/"
    "?provider=github&owner=octo-org&repository=sample&workflow_filename=release.yml&environment=pypi"
)
FIRST = ".github/workflows/a.yml:7  id-token-missing: It lacks id-token."
TEXT = f"""\
✗ 7 projects in 7 repositories: 2 would fail to release, 1 with an API token, 1 could not be checked.
  Published: 3 trusted, 1 token, 1 by hand, 1 not from here, 1 cannot be told
  Next: Start with sample: Fix the first error below, then run the check again.

✗ worse    octo-org/sample  trusted         How worse stands.
    .github/workflows/a.yml:7 id-token-missing: It lacks id-token.
    {LINK}
✗ bad      octo-org/sample  trusted         How bad stands.
    .github/workflows/a.yml:7 id-token-missing: It lacks id-token.
    {LINK}
?          clones/lost      cannot be told  Not checked: no git remote here is on github.com.
→ old      octo-org/sample  token           How old stands.
    .github/workflows/a.yml:7 id-token-missing: It lacks id-token.
    newest attested release from octo-org/old, release.yml
    {LINK}
→ by-hand  octo-org/sample  by hand         How by-hand stands.
    {LINK}
✓ fine     octo-org/sample  trusted         How fine stands.
→ idle     octo-org/sample  not from here   How idle stands.

Good to know
  - Skipped: 3 without a Python project.
"""


def test_the_table_on_a_terminal() -> None:
    assert terminal.text(SAMPLE) == TEXT


def test_the_signs_are_coloured_where_that_is_wanted() -> None:
    shown = terminal.text(SAMPLE, colour=True).splitlines()
    assert shown[0].startswith("\x1b[31m✗\x1b[0m 7 projects")
    assert [line[:5] for line in shown if line.startswith("\x1b")] == [
        *("\x1b[31m",) * 3,
        "\x1b[33m",
        *("\x1b[36m",) * 2,
        "\x1b[32m",
        "\x1b[36m",
    ]


def test_where_there_are_too_many_rows_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_LIMIT", 2)
    shown = terminal.text(SAMPLE)
    assert "✗ bad " in shown
    assert "… and 5 more\n" in shown
    assert "How fine stands." not in shown


def test_no_rows_and_no_notes() -> None:
    assert terminal.text(report_of()) == (
        "✓ 0 projects in 0 repositories: no errors found.\n"
        "  Published: No project was found.\n  Next: Nothing has to be done now.\n\n"
    )
    assert (
        markdown(report_of())
        == "## ✓ 0 projects in 0 repositories: no errors found.\n\nNo project was found.\n"
    )


def test_the_table_in_markdown_has_all_rows() -> None:
    html = MarkdownIt("commonmark").enable("table").render(markdown(SAMPLE))
    assert html.count("<tr>") == 1 + 7
    assert "<td>by hand</td>" in html
    assert html.count('<a href="https://pypi.org/manage/') == 5
    assert "<li>Skipped: 3 without a Python project.</li>" in html


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_from_outside_leaves_its_cell(name: str, words: str) -> None:
    finding = ERROR._replace(message=words, file=name or None, line=None)
    report = report_of(
        row(name, Publishes.UNKNOWN, Mark.BROKEN, finding, repository=words, attested=f"x{name}")
    )
    shown = terminal.text(report)
    assert len(shown.splitlines()) == 8
    assert "\x1b" not in shown
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(report))
    assert (html.count("<tr>"), html.count("<td"), html.count("<a ")) == (2, 8, 1)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ((), ""),
        ((WARNING,), ""),
        ((WARNING, ERROR), FIRST),
        ((ERROR._replace(line=None),), ".github/workflows/a.yml  id-token-missing: It lacks id-token."),
        ((ERROR._replace(file=None),), "id-token-missing: It lacks id-token."),
    ],
)
def test_the_first_error(findings: tuple[Finding, ...], words: str) -> None:
    assert first_error(row("x", Publishes.TRUSTED, Mark.BROKEN, *findings)) == words
