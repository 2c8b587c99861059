"""Many repositories: the rows, their order, what is skipped, and that nothing ends it early."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import check, dispatch
from pypi_setup.render import jsonline
from pypi_setup.sandbox import Environment, File, Identity
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

TESTS = "on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}}\n"


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    folder = tmp_path / "clones"
    folder.mkdir()
    return folder


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def clone(clones: Path, name: str, workflow: str = "", project: str = "", url: str = "") -> Path:
    """Make a checkout of octo-org/NAME, with a project of that name unless it is given."""
    place = clones / name
    place.mkdir()
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for words in (
        ("init", "-q"),
        ("remote", "add", "origin", url or f"https://github.com/octo-org/{name}.git"),
    ):
        subprocess.run(["git", "-C", str(place), *words], check=True, env=environ)
    if project != "-":
        write(place / "pyproject.toml", f'[project]\nname = "{project or name}"\nversion = "1"\n')
    if workflow:
        write(place / ".github/workflows/release.yml", workflow)
    return place


def run(
    sandbox: Sandbox, *folders: Path, progress: list[tuple[int, str]] | None = None, **more: Any
) -> Report:
    given = Given(mode="survey", folders=tuple(map(str, folders)), index_url=sandbox.url, **more)
    told = None if progress is None else lambda done, name: progress.append((done, name))
    return dispatch.run(given, Surroundings(".", os.environ, lambda _secret: None, on_progress=told))


def rows(report: Report) -> list[tuple[str, str, str, str]]:
    """Return project, how it is published, status and sign of each row."""
    return [
        (row.origin.project, row.origin.publishes.value, row.status.value, row.mark.value)
        for row in report.results
        if row.origin
    ]


@pytest.fixture
def mixed(sandbox: Sandbox, clones: Path, workflow: str) -> Path:
    """Checkouts of every kind."""
    good = workflow.replace("URL", sandbox.url)
    token = good.replace(
        'with: {repository-url: "', "with: {password: '${{ secrets.TOKEN }}', repository-url: \""
    )
    for name in ("right", "with-token", "by-hand", "broken", "moved"):
        sandbox.store.add_project(name)
    clone(clones, "right", good)
    clone(clones, "with-token", token)
    clone(clones, "by-hand")
    clone(clones, "broken", good.replace("id-token: write", "id-token: none"))
    clone(clones, "idle", TESTS)
    clone(clones, "docs", project="-")
    clone(clones, "on-gitlab", good, url="https://gitlab.com/octo-org/on-gitlab.git")
    return clones


def test_each_project_has_a_row_and_what_needs_a_person_comes_first(sandbox: Sandbox, mixed: Path) -> None:
    report = run(sandbox, mixed)
    assert rows(report) == [
        ("broken", "trusted", "check-failed", "broken"),
        ("on-gitlab", "unknown", "unchecked", "unknown"),
        ("with-token", "token", "check-failed", "turn"),
        ("by-hand", "manual", "checked", "turn"),
        ("right", "trusted", "checked", "done"),
        ("idle", "elsewhere", "checked", "turn"),
    ]
    assert (report.status.value, report.success, report.exit_code) == ("survey-failed", False, 1)
    assert report.message == (
        "6 projects in 7 repositories: 1 would fail to release, 1 with an API token, 1 could not be checked."
    )
    assert report.cause == "2 trusted, 1 token, 1 by hand, 1 not from here, 1 cannot be told"
    assert report.action.startswith("Start with broken: Fix .github/workflows/release.yml:")
    assert report.notes == (
        "Skipped: 1 without a Python project.",
        "GitHub was not asked about the environments and the spelling of the repositories: set GITHUB_TOKEN "
        "to have them checked, too.",
    )
    assert not sandbox.github.requests


def test_the_json_has_the_keys_of_a_check_and_those_of_a_survey(sandbox: Sandbox, mixed: Path) -> None:
    data = json.loads(jsonline.line(run(sandbox, mixed)))
    row = next(each for each in data["results"] if each["project"] == "with-token")
    assert (row["repository"], row["folder"]) == ("octo-org/with-token", str(mixed / "with-token"))
    assert (row["publishes"], row["attested"], row["status"]) == ("token", "", "check-failed")
    assert row["payload"]["workflow_filename"] == "release.yml"
    assert row["findings"][0]["rule"] == "api-token-used"
    failed = next(each for each in data["results"] if each["project"] == "on-gitlab")
    assert (failed["repository"], failed["payload"]) == ("", None)
    assert failed["message"] == "Not checked: no git remote here is on github.com."
    assert (data["payload"], data["findings"], data["status"]) == (None, [], "survey-failed")


def test_without_errors_it_is_a_success(sandbox: Sandbox, clones: Path, workflow: str) -> None:
    clone(clones, "right", workflow.replace("URL", sandbox.url))
    clone(clones, "idle", TESTS)
    report = run(sandbox, clones)
    assert (report.status.value, report.exit_code, report.mark.value) == ("surveyed", 0, "done")
    assert report.message == "2 projects in 2 repositories: no errors found."
    assert report.action == "Nothing has to be done now."


def test_nothing_to_survey_is_said(sandbox: Sandbox, clones: Path) -> None:
    report = run(sandbox, clones)
    assert (report.message, report.exit_code) == ("0 projects in 1 repository: no errors found.", 0)
    assert report.cause == "No project was found."
    assert report.fallback_url == f"{sandbox.url}/manage/account/publishing/"


def test_the_newest_attested_release_is_named(sandbox: Sandbox, clones: Path, workflow: str) -> None:
    old = Identity("octo-org", "old-repo", "release.yml", "pypi")
    sandbox.store.add_project("moved", files=[File("moved-1.tar.gz", "1", attested_by=old)])
    clone(clones, "moved", workflow.replace("URL", sandbox.url))
    (row,) = run(sandbox, clones).results
    assert row.origin
    assert (row.origin.attested, row.origin.publishes.value) == (
        "octo-org/old-repo, release.yml, pypi",
        "trusted",
    )


def test_all_projects_of_a_workspace_have_a_row(sandbox: Sandbox, clones: Path) -> None:
    place = clone(clones, "root")
    members = '[project]\nname = "root"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    write(place / "pyproject.toml", members)
    write(place / "packages/one/pyproject.toml", '[project]\nname = "one"\n')
    write(place / "tests/data/pyproject.toml", '[project]\nname = "no-member"\n')
    assert sorted(row.name for row in run(sandbox, clones).results) == ["one", "root"]


def test_a_name_that_cannot_be_read_is_a_row(sandbox: Sandbox, clones: Path) -> None:
    place = clone(clones, "computed", project="-")
    write(place / "setup.py", "from setuptools import setup\nsetup(name=NAME)\n")
    (row,) = run(sandbox, clones).results
    assert (row.status.value, row.name) == ("unchecked", str(place))
    assert row.message == "Not checked: setup.py computes the name."


def test_a_name_that_no_project_can_have_is_a_row(sandbox: Sandbox, clones: Path) -> None:
    clone(clones, "one", project="requirements.txt")
    (row,) = run(sandbox, clones).results
    assert row.message.startswith("Not checked: project: ")


def test_an_upload_without_a_project_is_a_row(sandbox: Sandbox, clones: Path, workflow: str) -> None:
    clone(clones, "data", workflow.replace("URL", sandbox.url), project="-")
    (row,) = run(sandbox, clones).results
    assert row.message == "Not checked: no pyproject.toml here names a project."


def test_with_a_token_github_is_asked(sandbox: Sandbox, clones: Path, workflow: str) -> None:
    clone(
        clones,
        "sample-repo",
        workflow.replace("URL", sandbox.url),
        url="https://github.com/Octo-Org/Sample-Repo",
    )
    sandbox.github.add_repository("octo-org/sample-repo", environments=[Environment("testing")])
    report = run(sandbox, clones, github_token="ghs-secret")
    (row,) = report.results
    assert row.origin
    assert row.origin.repository == "octo-org/sample-repo"
    assert "environment-not-found" in {finding.rule for finding in row.findings}
    assert report.notes == ()
    assert {request.headers["Authorization"] for request in sandbox.github.requests} == {"Bearer ghs-secret"}


def test_the_repository_of_the_run_is_not_that_of_the_checkouts(
    sandbox: Sandbox, clones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo-org/another")
    clone(clones, "one")
    (row,) = run(sandbox, clones).results
    assert row.origin
    assert row.origin.repository == "octo-org/one"


def test_folders_given_twice_or_inside_of_each_other_count_once(sandbox: Sandbox, clones: Path) -> None:
    clone(clones, "one")
    assert len(run(sandbox, clones, clones / "one", clones).results) == 1


def test_the_current_folder_is_the_default(
    sandbox: Sandbox, clones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone(clones, "one")
    monkeypatch.chdir(clones)
    (row,) = run(sandbox).results
    assert row.origin
    assert row.origin.folder == "one"


def test_what_is_no_folder_is_bad_input(sandbox: Sandbox, clones: Path) -> None:
    report = run(sandbox, clones / "nowhere", clones, jobs="0")
    assert (report.status.value, report.exit_code) == ("invalid", 2)
    assert [(each.field, each.rule) for each in report.problems] == [
        ("jobs", "It is a whole number from 1 to 64"),
    ]
    report = run(sandbox, clones / "nowhere", clones)
    assert [(each.field, each.value) for each in report.problems] == [("folder", str(clones / "nowhere"))]


def test_a_mistake_of_ours_costs_one_row(
    sandbox: Sandbox, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = check.checked

    def failing(case: Any) -> Report:
        if case.publisher.name == "right":
            raise KeyError("a secret")
        return checked(case)

    monkeypatch.setattr("pypi_setup.commands.survey.checked", failing)
    report = run(sandbox, mixed)
    (row,) = [row for row in report.results if row.name == str(mixed / "right")]
    assert (
        row.message == "Not checked: pypi-setup itself failed: KeyError in test_survey.py:" + row.message[-4:]
    )
    assert "a secret" not in jsonline.line(report)
    assert len(report.results) == 6


def test_an_interruption_leaves_what_was_done(
    sandbox: Sandbox, clones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        clone(clones, f"sample-{number}")

    def interrupted(done: int, name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    given = Given(mode="survey", folders=(str(clones),), index_url=sandbox.url, jobs="1")
    around = Surroundings(".", os.environ, lambda _secret: None, on_progress=interrupted)
    report = dispatch.run(given, around)
    assert (len(report.results), report.exit_code) == (2, 130)
    assert report.notes[0] == "Interrupted after 2: the other repositories are not in it."
    assert [thread for thread in threading.enumerate() if thread.name.startswith("each")] == []


def test_each_repository_is_told_when_it_is_done(sandbox: Sandbox, clones: Path) -> None:
    for number in range(3):
        clone(clones, f"sample-{number}")
    progress: list[tuple[int, str]] = []
    run(sandbox, clones, progress=progress)
    assert [done for done, _ in progress] == [1, 2, 3]
    assert {name for _, name in progress} == {str(clones / f"sample-{number}") for number in range(3)}


@pytest.mark.parametrize("name", ["\x1b[31mred", "two\nlines", "::error::x", "\u202ertl", "a'b\"c"])
def test_hostile_names_of_folders_stay_harmless(sandbox: Sandbox, clones: Path, name: str) -> None:
    from pypi_setup.render import terminal

    clone(clones, name, url="https://example.org/x")
    shown = terminal.text(run(sandbox, clones))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not any(line.startswith("::") for line in shown.splitlines())


# Through GitHub's API


TOKEN = "ghp_aTokenForTheSurvey012345"


@pytest.fixture
def organization(sandbox: Sandbox, bare: Path, workflow: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An organization of one kind of each."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(bare / "cache"))
    good = workflow.replace("URL", sandbox.url)
    metadata = '[project]\nname = "NAME"\nversion = "1"\n'
    for name, text in {
        "good": good,
        "broken": good.replace("      id-token: write\n", "      contents: read\n"),
        "tests": TESTS,
    }.items():
        files = {".github/workflows/release.yml": text, "pyproject.toml": metadata.replace("NAME", name)}
        sandbox.github.add_repository(f"some-org/{name}", files=files, environments=[Environment("pypi")])
    sandbox.github.add_repository("some-org/none", files={"README.md": "hello"})
    sandbox.github.add_repository("some-org/old").archived = True
    return ["good", "broken", "tests"]


def asked(sandbox: Sandbox, *, stdin: bytes | None = None, **given: Any) -> Report:
    around = Surroundings(".", os.environ, lambda _secret: None)
    around = around._replace(stdin=None if stdin is None else io.BytesIO(stdin))
    given = {"github_token": TOKEN, **given}
    return dispatch.run(Given(mode="survey", index_url=sandbox.url, **given), around)


def test_an_organization_has_a_row_for_each_project(sandbox: Sandbox, organization: list[str]) -> None:
    report = asked(sandbox, org="some-org")
    assert rows(report) == [
        ("broken", "trusted", "check-failed", "broken"),
        ("good", "trusted", "checked", "done"),
        ("tests", "elsewhere", "checked", "turn"),
    ]
    assert [row.origin.repository for row in report.results if row.origin] == [
        "some-org/broken",
        "some-org/good",
        "some-org/tests",
    ]
    assert report.notes == ("Skipped: 1 archived.", "Skipped: 1 without a Python project.")
    assert TOKEN not in jsonline.line(report)


def test_the_second_survey_asks_for_nothing_that_is_known(sandbox: Sandbox, organization: list[str]) -> None:
    sandbox.github.limit = 1000
    first = asked(sandbox, org="some-org")
    spent = 1000 - sandbox.github.limit
    again = asked(sandbox, org="some-org")
    assert rows(again) == rows(first)
    assert 3 * (1000 - sandbox.github.limit - spent) < spent  # What is not there has no tag.
    assert TOKEN not in "".join(
        file.read_text() for file in (Path(os.environ["XDG_CACHE_HOME"]) / "pypi-setup/github").iterdir()
    )


def test_where_github_s_limit_is_reached_the_rest_is_not_checked_and_the_next_run_goes_on(
    sandbox: Sandbox, organization: list[str]
) -> None:
    sandbox.github.limit = 8
    report = asked(sandbox, org="some-org", jobs="1")
    unread = [row for row in report.results if row.status.value == "unchecked"]
    assert unread
    assert all("rate limit" in row.message for row in unread)
    assert "run it again later" in unread[-1].message or len(unread) == 1
    assert report.exit_code == 1
    sandbox.github.limit = None
    assert len(rows(asked(sandbox, org="some-org"))) == 3


def test_a_list_of_repositories(sandbox: Sandbox, organization: list[str]) -> None:
    report = asked(sandbox, repos="-", stdin=b"some-org/good\nsome-org/gone\n")
    assert [(row.origin.repository, row.status.value) for row in report.results if row.origin] == [
        ("some-org/gone", "unchecked"),
        ("some-org/good", "checked"),
    ]


def test_an_organization_that_is_not_there(sandbox: Sandbox, organization: list[str]) -> None:
    (problem,) = asked(sandbox, org="no-org").problems
    assert (problem.field, problem.rule) == ("org", "GitHub knows no organization and no user called no-org")


def test_a_list_that_is_not_whole_is_said(
    sandbox: Sandbox, organization: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pypi_setup.sources.organization import Repositories

    broken = Repositories(("some-org/good",), problem="it broke off")
    monkeypatch.setattr("pypi_setup.commands.survey.of_organization", lambda *_arguments: broken)
    assert asked(sandbox, org="some-org").notes[0] == "The list of repositories is not whole: it broke off."


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"org": "a/b"}, "org"),
        ({"org": "a", "folders": (".",)}, "org"),
        ({"repos": "x", "folders": (".",)}, "repos"),
        ({"org": "a", "github_token": ""}, "github-token"),
    ],
)
def test_what_a_survey_cannot_be_of(sandbox: Sandbox, given: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in asked(sandbox, **given).problems] == [field]
