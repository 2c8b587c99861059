from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.commands.report_file import saved
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

GIVEN = Given(
    project=("sample-project", "second"),
    owner="octo-org",
    repo="sample-repo",
    workflow="release.yml",
    environment="pypi",
    dry_run="true",
)
TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"


def run(file: str, **changes: Any) -> Report:
    given = GIVEN._replace(report_file=file, **changes)
    return dispatch.run(given, Surroundings(".", os.environ, lambda _secret: None))


def test_the_report_is_written_and_said_to_be(bare: Path) -> None:
    report = run("  out/one.jsonl ")
    lines = Path("out/one.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["payload"]["name"] for line in lines] == ["sample-project", "second"]
    assert report.notes[-1] == "The full report is in out/one.jsonl."
    assert [file.name for file in Path("out").iterdir()] == ["one.jsonl"]


def test_it_replaces_what_was_there(bare: Path) -> None:
    Path("a.json").write_text("x" * 100_000)
    run("a.json")
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))["status"] == "dry-run"


def test_bad_input_is_reported_there_too(bare: Path) -> None:
    run("a.json", owner="bad_owner")
    data = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert [problem["field"] for problem in data["problems"]] == ["owner"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("folder", "what is there is no ordinary file"),
        ("link", "what is there is no ordinary file"),
        ("/dev/null", "what is there is no ordinary file"),
        ("file/a.md", "File exists"),
    ],
)
def test_where_it_cannot_be_written_nothing_is_sent(sandbox: Sandbox, file: str, why: str) -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("elsewhere")
    Path("file").touch()
    report = run(file, dry_run="false", index_url=sandbox.url, api_token=sandbox.token)
    (problem,) = report.problems
    assert (report.exit_code, problem.field, problem.value) == (2, "report-file", file)
    assert problem.rule == f"The report cannot be written there ({why})"
    assert list(sandbox.requests) == []
    assert not Path("elsewhere").exists()


def test_a_name_of_several_lines_is_refused(bare: Path) -> None:
    (problem,) = run("a\nb").problems
    assert problem.rule == "A file's name is one line of printable characters"
    assert list(Path().iterdir()) == []


def test_no_file_is_named_after_a_token(bare: Path) -> None:
    report = run(TOKEN)
    assert [(problem.field, problem.value) for problem in report.problems] == [("report-file", "(not shown)")]
    assert list(Path().iterdir()) == []


def test_a_file_that_fails_at_the_end_is_a_note(bare: Path) -> None:
    report = run("out/a.md")
    Path("out/a.md").unlink()
    Path("out").rmdir()
    around = Surroundings(".", os.environ, lambda _secret: None)
    note = saved(report, GIVEN._replace(report_file="out/a.md"), around).notes[-1]
    assert note == (
        "The report file out/a.md could not be written (No such file or directory): all else is as told here."
    )


def test_in_the_action_s_container_it_goes_where_that_can_write(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_on = tmp_path / "report"
    handed_on.touch()
    monkeypatch.setenv("PYPI_SETUP_REPORT", str(handed_on))
    report = run("out/a.json")
    assert json.loads(handed_on.read_text(encoding="utf-8"))["status"] == "dry-run"
    assert (report.notes[-1], list(Path().iterdir())) == ("The full report is in out/a.json.", [])
