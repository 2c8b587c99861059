from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest

from pypi_setup.preflight import evidence as evidences
from pypi_setup.preflight import preflight, standing
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.publishing import publications, survey
from pypi_setup.preflight.rules import file, job, trigger
from pypi_setup.preflight.standing import Gap
from pypi_setup.preflight.workflow import situations
from pypi_setup.sources import files
from pypi_setup.sources.github import Environment, Repository
from pypi_setup.sources.projects import Listing
from pypi_setup.values import index, publisher
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.sources.github import GitHub

FOLDER = ".github/workflows"
PUBLISHER = publisher.parse("sample-project", "octo-org", "sample", "release.yml", "pypi")
PUBLISHES = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


class Shown:
    """GitHub as a source of files that counts what it is asked for."""

    def __init__(
        self,
        files: dict[str, str],
        *,
        known: bool | None = True,
        complete: bool = True,
        problem: str = "",
        listed: tuple[str, ...] = (),
    ) -> None:
        self._files = files
        self._listed = listed
        self.asked: list[str] = []
        self.repository = Repository(known, "octo-org/sample", problem=problem)
        self.tree = Listing(tuple(files), complete)
        self.problem = problem

    def environment(self, _name: str) -> Environment:
        return Environment(exists=True)

    def read(self, path: str) -> bytes | None:
        self.asked.append(path)
        text = self._files.get(path)
        return None if text is None else text.encode()

    def names(self, folder: str) -> list[str]:
        inside = (path.removeprefix(f"{folder}/") for path in self._files if path.startswith(folder))
        return [*self._listed, *inside]


def seen(shown: Shown, *, publishers: int = 1) -> Evidence:
    github = cast("GitHub", shown)
    several = tuple(PUBLISHER._replace(project=f"sample-{number}") for number in range(publishers))
    return Evidence(several, index.parse("pypi"), github, github=github)


def told(each: Evidence) -> list[tuple[str, str]]:
    """Return what the rules on the file say, without those on the outside."""
    rules = (
        file.workflow_missing,
        file.workflow_invalid,
        file.no_publishing_job,
        file.index_mismatch,
        trigger.never_triggered,
        trigger.several_publishing_workflows,
    )
    return [(finding.severity.value, finding.rule) for rule in rules for finding in rule(each)]


def test_without_any_source_of_files_nothing_is_found() -> None:
    each = Evidence((PUBLISHER,), index.parse("pypi"))
    assert [found for found in preflight.check(each) if found.file] == []
    assert each.workflow_unread == "there is no checkout, and GitHub was not asked for the files"
    assert each.names == ()
    assert each.survey == survey.Survey({}, (), (), dispatches=False, complete=True)
    assert each.elsewhere == ()


def test_a_repository_that_github_does_not_show_says_nothing_of_its_files() -> None:
    each = seen(Shown({}, known=False, problem="GitHub knows no such repository"))
    assert each.workflow_unread == "GitHub knows no such repository"
    assert told(each) == []


def test_files_that_github_does_not_list_whole_cannot_be_told_to_be_missing() -> None:
    assert seen(Shown({}, complete=False)).workflow_unread == "GitHub does not show the files"
    limited = seen(Shown({}, complete=False, problem="GitHub's request limit is reached"))
    assert limited.workflow_unread == "GitHub's request limit is reached"
    assert told(limited) == []


def test_a_repository_without_workflows_misses_the_file() -> None:
    assert told(seen(Shown({}))) == [("error", "workflow-missing")]


def test_a_file_that_is_listed_and_cannot_be_read_is_not_missing() -> None:
    each = seen(Shown({}, listed=("release.yml",)))
    assert each.workflow_unread == "its content cannot be read"
    assert told(each) == []


def test_each_file_is_asked_for_once() -> None:
    files = {f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/nightly.yml": PUBLISHES}
    shown = Shown(files)
    assert told(seen(shown)) == [("warning", "several-publishing-workflows")]
    assert sorted(shown.asked) == [f"{FOLDER}/nightly.yml", f"{FOLDER}/release.yml"]


def test_large_files_are_read_again_and_not_kept() -> None:
    text = PUBLISHES + "#" * (files.KEPT_LIMIT - len(PUBLISHES) - 1)
    shown = Shown({f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/large.yml": text})
    assert seen(shown).elsewhere[0].file == f"{FOLDER}/large.yml"
    assert shown.asked.count(f"{FOLDER}/large.yml") == 2


def test_of_many_files_on_github_those_with_telling_names_are_looked_at() -> None:
    files = {f"{FOLDER}/ci-{number:02}.yml": "on: push\n" for number in range(30)}
    files |= {f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/z-publish.yml": PUBLISHES}
    shown = Shown(files)
    each = seen(shown)
    found = list(trigger.several_publishing_workflows(each))
    assert [(finding.severity, finding.file) for finding in found] == [
        (Severity.WARNING, f"{FOLDER}/z-publish.yml")
    ]
    assert not each.survey.complete
    assert len(shown.asked) == survey.REQUESTED_LIMIT


def test_where_github_stops_to_answer_the_other_files_are_not_told_to_be_fine() -> None:
    shown = Shown({f"{FOLDER}/release.yml": PUBLISHES}, problem="GitHub's request limit is reached")
    each = seen(shown)
    assert list(trigger.several_publishing_workflows(each)) == []
    others = "whether other workflows publish too"
    assert Gap("publisher", others, "GitHub's request limit is reached") in standing.gaps(each)


def test_with_several_projects_other_publishing_workflows_are_only_worth_knowing() -> None:
    files = {f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/other.yml": PUBLISHES}
    assert told(seen(Shown(files), publishers=2)) == [("notice", "several-publishing-workflows")]


def test_another_workflow_that_publishes_by_token_needs_no_publisher() -> None:
    token = f'{PUBLISHES}        with: {{password: "${{{{ secrets.TOKEN }}}}"}}\n'
    files = {f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/other.yml": token}
    (finding,) = trigger.several_publishing_workflows(seen(Shown(files)))
    assert finding.message == "other.yml uploads to PyPI, too (job 'publish'), with an API token."
    assert finding.fix == "Publish from release.yml only; then delete the secret."


def test_in_a_repository_of_several_projects_other_publishing_workflows_are_only_worth_knowing() -> None:
    files = {f"{FOLDER}/release.yml": PUBLISHES, f"{FOLDER}/other.yml": PUBLISHES}
    names = {"pyproject.toml": "sample-project", "docs/pyproject.toml": "Sample_Project"}
    same = {path: f'[project]\nname = "{name}"' for path, name in names.items()}
    assert told(seen(Shown(files | same))) == [("warning", "several-publishing-workflows")]
    other = {"docs/pyproject.toml": '[project]\nname = "sample-docs"'}
    assert told(seen(Shown(files | same | other))) == [("notice", "several-publishing-workflows")]


def test_other_files_that_publish_are_named_up_to_a_limit() -> None:
    files = {f"{FOLDER}/{number}.yml": PUBLISHES for number in range(evidences.ELSEWHERE_LIMIT + 5)}
    shown = Shown(files)
    each = Evidence((PUBLISHER,), index.parse("pypi"), shown)
    assert len(each.elsewhere) == evidences.ELSEWHERE_LIMIT


def test_callers_that_call_each_other_come_to_an_end() -> None:
    files = {
        f"{FOLDER}/release.yml": PUBLISHES.replace('on: {push: {tags: ["v*"]}}', "on: workflow_call"),
        f"{FOLDER}/a.yml": "on: workflow_call\njobs: {x: {uses: ./.github/workflows/b.yml}}",
        f"{FOLDER}/b.yml": (
            "on: [push, workflow_call]\njobs:\n  x: {uses: ./.github/workflows/a.yml}\n"
            "  y: {uses: ./.github/workflows/release.yml, permissions: write-all}\n"
        ),
    }
    each = Evidence((PUBLISHER,), index.parse("pypi"), Shown(files))
    assert [start.workflows[0].file for start in each.starts] == [f"{FOLDER}/b.yml"]
    assert {publication.situation.event for publication in each.publications} == {"push"}


def test_a_branch_and_a_tag_are_two_situations_of_one_push() -> None:
    both = PUBLISHES.replace('{tags: ["v*"]}', "{tags: [v1], branches: [main]}")
    each = Evidence((PUBLISHER,), index.parse("pypi"), Shown({f"{FOLDER}/release.yml": both}))
    assert [situation.contexts["github"]["ref_type"] for situation in each.situations] == ["tag", "branch"]
    assert [tuple(situation.contexts["github"]["ref"]) for situation in each.situations] == [
        ("refs/tags/v1",),
        ("refs/heads/main",),
    ]


def test_where_the_work_is_too_much_a_job_is_read_where_it_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "WORK_LIMIT", 1)
    release = PUBLISHES.replace('on: {push: {tags: ["v*"]}}', "on: [merge_group, release]").replace(
        "    environment: pypi\n", "    if: github.event_name == 'release'\n    environment: pypi\n"
    )
    each = Evidence((PUBLISHER,), index.parse("pypi"), Shown({f"{FOLDER}/release.yml": release}))
    assert [upload.situation.event for upload in each.uploads] == ["release"]
    assert told(each) == []


def test_what_work_there_is_goes_first_to_the_jobs_that_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "WORK_LIMIT", 3 * publications.STEP_COST)
    test = "jobs:\n  test: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v7}]}\n"
    release = PUBLISHES.replace("jobs:\n", test).replace('{push: {tags: ["v*"]}}', "[release, push]")
    each = Evidence((PUBLISHER,), index.parse("pypi"), Shown({f"{FOLDER}/release.yml": release}))
    assert [upload.situation.event for upload in each.uploads] == ["release", "push"]


def test_the_legs_of_other_jobs_leave_room_for_the_job_that_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(situations, "SITUATIONS_LIMIT", 10)
    legs = "{matrix: {python: [3.10, 3.11, 3.12, 3.13, 3.14]}}"
    tests = "".join(
        f"  test-{number}: {{runs-on: ubuntu-latest, strategy: {legs}, steps: [{{run: pytest}}]}}\n"
        for number in range(3)
    )
    release = PUBLISHES.replace("jobs:\n", f"jobs:\n{tests}")
    each = Evidence((PUBLISHER,), index.parse("pypi"), Shown({f"{FOLDER}/release.yml": release}))
    assert [situation.job.id for situation in each.situations] == [
        *("test-0", "test-0", "test-0"),
        *("test-1", "test-1", "test-1"),
        *("test-2", "test-2", "test-2"),
        "publish",
    ]
    assert told(each) == []


def test_a_slip_of_the_pen_is_told_from_another_file() -> None:
    shown = Shown(
        {f"{FOLDER}/{name}": "on: push\n" for name in ("Release.yaml", "prep-release.yml", "test.yml")}
    )
    (finding,) = file.workflow_missing(seen(shown))
    assert finding.fix == f"Register the file that is there, Release.yaml, or create {FOLDER}/release.yml."
    shown = Shown({f"{FOLDER}/{name}": "on: push\n" for name in ("prep-release.yml", "test.yml")})
    (finding,) = file.workflow_missing(seen(shown))
    assert finding.fix == f"Create {FOLDER}/release.yml, or register the workflow that publishes."


def test_what_may_upload_without_the_permission_is_named() -> None:
    release = """\
on: push
permissions: {contents: read}
jobs:
  notes: {runs-on: ubuntu-latest, steps: [{uses: octo-org/notes@v1}, {run: scripts/publish}]}
  wheels: {uses: octo-org/ours/.github/workflows/wheels.yml@v1}
  pypi: {uses: octo-org/ours/.github/workflows/pypi-release.yml@v1}
"""
    (finding,) = file.no_publishing_job(seen(Shown({f"{FOLDER}/release.yml": release})))
    assert finding.severity is Severity.ERROR
    assert "scripts/publish, octo-org/ours/.github/workflows/pypi-release.yml@v1 may do it" in finding.message
    assert "its job has no id-token: write" in finding.message


def test_of_what_cannot_be_read_that_which_speaks_of_publishing_is_named_first() -> None:
    release = """\
on: push
permissions: {id-token: write}
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - uses: octo-org/one@v1
      - uses: octo-org/two@v1
      - uses: octo-org/three@v1
      - run: scripts/publish
"""
    (finding,) = file.no_publishing_job(seen(Shown({f"{FOLDER}/release.yml": release})))
    assert (finding.severity, finding.line) == (Severity.NOTICE, 10)
    assert "(scripts/publish, octo-org/one@v1, octo-org/two@v1)" in finding.message


@pytest.mark.parametrize(
    ("environment", "advice"),
    [
        ("", "Register without an environment, or "),
        ("    environment: prod\n", "Register 'prod', or "),
    ],
)
def test_the_environment_to_register_is_the_one_of_the_job(environment: str, advice: str) -> None:
    release = PUBLISHES.replace("    environment: pypi\n", environment)
    (finding,) = job.environment_mismatch(seen(Shown({f"{FOLDER}/release.yml": release})))
    assert finding.fix == f"{advice}in the job 'publish':\n    environment: pypi"


def test_workflows_that_cannot_be_listed_are_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_place: Path) -> None:
        raise PermissionError(13, "Permission denied")

    evidence = Evidence((PUBLISHER,), index.parse("pypi"), files.Checkout(tmp_path))
    monkeypatch.setattr(os, "scandir", refused)
    assert evidence.workflow_unread == ".github/workflows cannot be read: Permission denied"
    assert "workflow-missing" not in [each.rule for each in preflight.check(evidence)]


def test_a_checkout_without_workflows_can_be_read(tmp_path: Path) -> None:
    evidence = Evidence((PUBLISHER,), index.parse("pypi"), files.Checkout(tmp_path))
    assert evidence.unreadable == ""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/release.yml").touch()
    evidence = Evidence((PUBLISHER,), index.parse("pypi"), files.Checkout(tmp_path))
    assert evidence.unreadable == ""
