"""`explain` without a log: what kept the newest tag from being published."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.sandbox.github import Job, Run
from pypi_setup.sources.github import Reply
from pypi_setup.sources.runs import Runs, runs_of
from pypi_setup.values.request import Given
from pypi_setup.values.statuses import Status
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

METADATA = '[project]\nname = "sample-project"\nversion = "1"\n'
REFUSED = "##[error]invalid-publisher: valid token, but no corresponding publisher"
PAGE = "https://github.com/octo-org/sample-repo/actions/runs/"


@pytest.fixture
def checkout(sandbox: Sandbox, workflow: str) -> str:
    """The current folder is a checkout of octo-org/sample-repo; return its workflow."""
    text = workflow.replace("URL", sandbox.url).replace(
        "release:\n    types: [published]", "push: {tags: ['v*']}"
    )
    git("init", "--quiet")
    git("remote", "add", "origin", "https://github.com/octo-org/sample-repo.git")
    Path("pyproject.toml").write_text(METADATA)
    write(text)
    return text


def write(workflow: str) -> None:
    place = Path(".github/workflows/release.yml")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(workflow)


def git(*words: str) -> None:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    names = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org")
    subprocess.run(["git", *names, *words], check=True, env=environ)


def tag(name: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "Release")
    git("tag", name)


def on_github(sandbox: Sandbox, workflow: str, *runs: Run, jobs: tuple[Job, ...] = ()) -> None:
    files = {".github/workflows/release.yml": workflow, "pyproject.toml": METADATA}
    sandbox.github.add_repository("octo-org/sample-repo", files=files, jobs=jobs).runs = runs


def explained(sandbox: Sandbox, **given: Any) -> Report:
    around = Surroundings(".", os.environ, lambda _secret: None)
    return dispatch.run(Given(mode="explain", index_url=sandbox.url, **given), around)


def rule(report: Report) -> str:
    named = report.explanation.named if report.explanation else None
    return named.rule if named else ""


def test_a_workflow_that_no_tag_starts(sandbox: Sandbox, checkout: str) -> None:
    branch = checkout.replace("push: {tags: ['v*']}", "push: {tags: ['release-*'], branches: [never]}")
    write(checkout.replace("push: {tags: ['v*']}", "pull_request: {}"))
    tag("v1.0")
    on_github(sandbox, branch)
    report = explained(sandbox)
    assert (report.status, rule(report)) == (Status.EXPLAINED, "never-triggered")
    assert report.message.startswith("No run of release.yml for v1.0.")
    assert [each.rule for each in report.findings] == ["never-triggered"]
    assert report.explanation
    assert report.explanation.named
    assert report.explanation.named.url.endswith("docs/checks.md#never-triggered")


@pytest.mark.parametrize(
    ("status", "conclusion", "name"),
    [
        ("waiting", None, "run-waiting"),
        ("queued", None, "run-under-way"),
        ("in_progress", None, "run-under-way"),
        ("completed", "cancelled", "run-cancelled"),
        ("completed", "action_required", "run-waiting"),
        ("completed", "startup_failure", "run-not-started"),
        ("completed", "skipped", "run-skipped"),
    ],
)
def test_the_state_of_its_run_says_why(
    sandbox: Sandbox, checkout: str, status: str, conclusion: str | None, name: str
) -> None:
    tag("v1.0")
    on_github(
        sandbox, checkout, Run(7, "release.yml", "v1.0", status, conclusion), Run(6, "release.yml", "v0.9")
    )
    report = explained(sandbox)
    assert (report.status, rule(report), report.target.url) == (Status.EXPLAINED, name, f"{PAGE}7")


def test_a_run_that_failed_is_explained_by_its_log(sandbox: Sandbox, checkout: str) -> None:
    tag("v1.0")
    run, job = Run(7, "release.yml", "v1.0", "completed", "failure"), Job(7, 1, "publish", REFUSED)
    on_github(sandbox, checkout, run, jobs=(job,))
    report = explained(sandbox, github_token="ghp_oneForTheLog", dry_run="true")
    assert (report.status, rule(report)) == (Status.EXPLAINED, "publisher-not-found")


def test_a_run_that_went_well_and_uploaded_nothing(sandbox: Sandbox, checkout: str) -> None:
    other = checkout.replace(f"{sandbox.url}/legacy/", "https://test.pypi.org/legacy/")
    write(other)
    tag("v1.0")
    on_github(sandbox, other, Run(7, "release.yml", "v1.0"))
    report = explained(sandbox, workflow="release.yml")
    assert (rule(report), report.message) == ("index-mismatch", "The run of v1.0 ended as success.")


def test_a_run_that_went_well(sandbox: Sandbox, checkout: str) -> None:
    tag("v1.0")
    on_github(sandbox, checkout, Run(7, "release.yml", "v1.0"))
    report = explained(sandbox)
    assert (report.status, report.message.partition(",")[0]) == (
        Status.UNEXPLAINED,
        "The run of v1.0 ended as success",
    )
    assert f"{PAGE}7" in report.action


def test_nothing_is_known_to_be_wrong(sandbox: Sandbox, checkout: str) -> None:
    tag("v1.0")
    on_github(sandbox, checkout)
    report = explained(sandbox)
    assert (report.status, report.message) == (Status.UNEXPLAINED, "v1.0 started no run of release.yml.")
    assert "git push origin v1.0" in report.action


def test_without_a_tag_nothing_was_released(sandbox: Sandbox, checkout: str) -> None:
    on_github(sandbox, checkout)
    report = explained(sandbox)
    assert report.message == "There is no tag here, so nothing was released."


def test_where_github_does_not_answer_no_more_is_said_than_is_known(sandbox: Sandbox, checkout: str) -> None:
    tag("v1.0")
    sandbox.github.close()
    report = explained(sandbox)
    assert (report.status, report.message) == (
        Status.UNEXPLAINED,
        "Whether v1.0 started a run is not known.",
    )
    assert report.notes[0].startswith("The runs on GitHub were not looked at: GitHub could not be asked")
    write(checkout.replace("push: {tags: ['v*']}", "pull_request: {}"))
    assert explained(sandbox).message == "Nothing is known of the runs of v1.0."


def test_a_workflow_that_is_not_on_github_yet(sandbox: Sandbox, checkout: str) -> None:
    tag("v1.0")
    sandbox.github.add_repository("octo-org/sample-repo", files={"pyproject.toml": METADATA})
    report = explained(sandbox)
    assert report.cause.startswith("GitHub shows no workflow release.yml in this repository.")


class Answers:
    """GitHub with an answer of a test's own."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def ask(self, _path: str) -> Reply:
        return self.reply


@pytest.mark.parametrize(
    ("reply", "runs"),
    [
        (Reply(404), Runs(problem="GitHub shows no workflow a.yml in this repository")),
        (Reply(200, []), Runs(problem="GitHub's list of runs cannot be read")),
        (Reply(None, problem="nobody there"), Runs(problem="nobody there")),
        (Reply(200, {"workflow_runs": [1, {"id": "x"}, {"id": 1, "html_url": "javascript:1"}]}), Runs()),
    ],
)
def test_lists_of_runs_that_are_none(reply: Reply, runs: Runs) -> None:
    assert runs_of(Answers(reply), "a.yml") == runs  # type: ignore[arg-type]
