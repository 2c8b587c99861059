from __future__ import annotations

import importlib
import inspect
import os
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.sandbox import Fault, File, Identity
from pypi_setup.values.options import WORDS
from pypi_setup.values.request import Given
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

GIVEN = Given(
    project=("sample-project",),
    owner="octo-org",
    repo="sample-repo",
    workflow="release.yml",
    environment="pypi",
)
PATH = "/_/v1/publisher"


def run(index_url: str, **changes: Any) -> Report:
    given = GIVEN._replace(index_url=index_url, **changes)
    return dispatch.run(given, Surroundings(".", os.environ, lambda _secret: None))


def test_the_look_up_comes_before_the_registration(sandbox: Sandbox) -> None:
    run(sandbox.url, api_token=sandbox.token)
    assert [(request.method, request.path) for request in sandbox.requests] == [
        ("GET", "/simple/sample-project/"),
        ("POST", PATH),
    ]


def test_built_files_are_held_against_the_index_and_the_tag(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "sample_project-1.2.tar.gz"
    sandbox.store.add_project("sample-project", files=[File(name, "1.2")])
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_REF", "refs/tags/v1.3")
    report = run(sandbox.url, mode="check", dist="dist/")
    found = {(each.rule, each.file) for each in report.findings if (each.file or "").startswith("dist")}
    assert found == {
        ("distribution-refused", f"dist/{name}"),
        ("version-exists", f"dist/{name}"),
        ("version-mismatch", "dist"),
    }
    monkeypatch.setenv("GITHUB_REF", "refs/heads/v1.3")
    report = run(sandbox.url, mode="check", dist="dist/")
    assert "version-mismatch" not in {each.rule for each in report.findings}


@pytest.mark.parametrize("changes", [{"mode": "register"}, {"mode": "check", "dry_run": "true"}])
def test_built_files_are_for_check_and_verify(sandbox: Sandbox, changes: dict[str, str]) -> None:
    report = run(sandbox.url, dist="dist", **changes)
    assert [each.field for each in report.problems] == ["dist"]
    assert sandbox.requests == ()


def test_at_most_three_requests_whatever_the_number_of_files(sandbox: Sandbox) -> None:
    identity = Identity("octo-org", "old-repo", "release.yml", "pypi")
    files = [File(f"one-{number}.tar.gz", str(number), attested_by=identity) for number in range(50)]
    sandbox.store.add_project("one", files=files)
    report = run(sandbox.url, project=("one",), api_token=sandbox.token)
    assert len(sandbox.requests) == 3
    assert "published-by-other" in {finding.rule for finding in report.findings}


def test_a_token_goes_to_the_index_and_nowhere_else(sandbox: Sandbox) -> None:
    run(sandbox.url, api_token=sandbox.token)
    assert all(sandbox.token not in str(request) for request in sandbox.github.requests)
    assert [request.method for request in sandbox.requests if "Authorization" in request.headers] == ["POST"]


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.CLOSED, Fault.HTML_200, Fault.TRUNCATED])
def test_a_look_up_that_fails_stops_nothing_and_makes_the_link_safe(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.break_path("/simple/sample-project/", fault)
    report = run(sandbox.url)
    assert (report.status, report.project_exists) == (Status.MANUAL, None)
    assert report.fallback_url.startswith(f"{sandbox.url}/manage/account/publishing/?")


def test_a_repetition_is_no_success_where_the_index_says_it_is_another_projects(sandbox: Sandbox) -> None:
    first = run(sandbox.url, project=("new-one",), api_token=sandbox.token)
    again = run(sandbox.url, project=("new-one",), api_token=sandbox.token, exist_ok="true")
    other = run(sandbox.url, project=("new-two",), api_token=sandbox.token, exist_ok="true")
    assert [each.status.value for each in (first, again, other)] == [
        "registered",
        "already-registered",
        "already-registered",
    ]
    assert [each.success for each in (first, again, other)] == [True, True, False]
    assert "for a different project name" in other.message
    assert other.cause == (
        "It is registered or pending (HTTP 409), for another project: that is what the index's own words say."
    )
    assert other.action.startswith("Give this project an environment of its own and register that.")
    assert "exist-ok" not in other.action


@pytest.mark.parametrize(
    ("marker", "message", "action"),
    [
        (
            "quarantined",
            "sample-project is quarantined on INDEX: no upload by a Trusted Publisher is accepted, and the "
            "publishing page answers 403 even to the project's owners.",
            "Ask INDEX's administrators to lift the quarantine. Until then nothing can be registered or "
            "released.",
        ),
        (
            "archived",
            "sample-project is archived on INDEX: no upload is accepted until its owners unarchive it.",
            "Unarchive the project in its settings on INDEX first. Then open the link and add the publisher: "
            "the form is filled in.",
        ),
    ],
)
def test_where_nothing_can_be_uploaded_that_comes_first(
    sandbox: Sandbox, marker: str, message: str, action: str
) -> None:
    label = sandbox.url.removeprefix("http://")
    sandbox.store.projects["sample-project"].status = marker
    for changes in ({}, {"api_token": sandbox.token}, {"mode": "check"}):
        report = run(sandbox.url, **changes)
        assert report.message.replace(label, "INDEX").startswith(message)
        assert report.action.replace(label, "INDEX").startswith(action)
        said = " ".join((report.message, report.action, *report.good_to_know))
        for words in ("Release as usual", "click 'Add'", "Nothing seems left to do"):
            assert words not in said


def test_a_deprecated_project_takes_uploads(sandbox: Sandbox) -> None:
    sandbox.store.projects["sample-project"].status = "deprecated"
    assert "click 'Add'" in run(sandbox.url).action


def test_a_quarantined_project_is_not_said_to_be_done(sandbox: Sandbox) -> None:
    identity = Identity("octo-org", "sample-repo", "release.yml", "pypi")
    files = [File("one-1.tar.gz", "1", attested_by=identity)]
    sandbox.store.add_project("one", files=files)
    publishes = (
        "on: {push: {tags: ['v*']}}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n"
        "    permissions: {id-token: write}\n    steps:\n"
        "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
        f"        with: {{repository-url: {sandbox.url}/legacy/}}\n"
    )
    sandbox.github.add_repository("octo-org/sample-repo", files={".github/workflows/release.yml": publishes})
    report = run(sandbox.url, project=("one",))
    assert report.message.startswith("Nothing seems left to do")
    assert report.mark is Mark.DONE
    sandbox.store.projects["one"].status = "archived"
    assert run(sandbox.url, project=("one",)).message.startswith("one is archived")


def test_githubs_spelling_goes_into_payload_and_link(sandbox: Sandbox) -> None:
    report = run(sandbox.url, owner="Octo-Org", repo="SAMPLE-repo")
    assert report.payload is not None
    assert (report.payload["owner"], report.payload["repository"]) == ("octo-org", "sample-repo")
    assert "owner=octo-org&repository=sample-repo&" in report.fallback_url
    assert "repository-spelling" in {finding.rule for finding in report.findings}


def test_what_was_registered_is_what_the_chain_shows(sandbox: Sandbox) -> None:
    report = run(sandbox.url, owner="Octo-Org", repo="SAMPLE-repo", api_token=sandbox.token)
    assert report.status is Status.REGISTERED
    assert [(link.value, link.state) for link in report.chain if link.name == "publisher"] == [
        ("octo-org/sample-repo", "holds")
    ]


def test_a_mistake_of_ours_with_an_index_that_is_none(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("pypi_setup.commands.register.understood", broken)
    report = run("no index")
    assert (report.status, report.fallback_url) == (
        Status.UNEXPECTED,
        "https://pypi.org/manage/account/publishing/",
    )


def test_a_check_that_mends_shows_the_edits(sandbox: Sandbox) -> None:
    report = run(sandbox.url, mode="check", edits="diff")
    assert report.status in {Status.CHECKED, Status.CHECK_FAILED}


@pytest.mark.parametrize("changes", [{"mode": "register"}, {"mode": "check", "dry_run": "true"}])
def test_only_a_check_mends(sandbox: Sandbox, changes: dict[str, str]) -> None:
    report = run(sandbox.url, edits="fix", **changes)
    assert [problem.field for problem in report.problems] == ["fix"]
    assert list(sandbox.requests) == []


@pytest.mark.parametrize("changes", [{"timeout": "soon"}, {"dry_run": "true"}])
def test_mode_verify_always_says_whether_it_is_verified(sandbox: Sandbox, changes: dict[str, str]) -> None:
    report = run(sandbox.url, mode=" Verify", project=("one", "two"), **changes)
    assert [(each.verified, each.claims) for each in (report, *report.results)] == [
        (False, {}) for _ in range(1 + len(report.results))
    ]
    assert run(sandbox.url, **changes).verified is None


def test_a_word_that_is_not_offered_is_refused(sandbox: Sandbox) -> None:
    around = Surroundings(".", os.environ, lambda _secret: None)
    report = dispatch.run(GIVEN._replace(mode="verify"), around, ())
    assert [(problem.field, problem.value) for problem in report.problems] == [("mode", "verify")]
    assert list(sandbox.requests) == []


@pytest.mark.parametrize("word", [word.name for word in WORDS])
def test_every_word_has_its_pipeline(word: str) -> None:
    pipeline = importlib.import_module(f"pypi_setup.commands.{word}")
    assert list(inspect.signature(pipeline.run).parameters) == ["given", "around"]


@pytest.mark.parametrize("mode", ["register", "check", "verify"])
def test_a_dry_run_asks_nobody(sandbox: Sandbox, mode: str) -> None:
    assert run(sandbox.url, mode=mode, dry_run="true").status is Status.DRY_RUN
    assert [*sandbox.requests, *sandbox.github.requests] == []


@pytest.fixture
def job(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as a job of octo-org/sample-repo that may ask for tokens."""
    sandbox.github.set_job(repository="octo-org/sample-repo", environment="pypi")
    for name, value in sandbox.github.environ.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("job")
def test_a_publisher_that_matches_is_not_said_to_cover_the_project(sandbox: Sandbox) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    report = run(sandbox.url, mode="verify")
    label = sandbox.url.removeprefix("http://")
    assert (report.status, report.verified, report.project_exists) == (Status.VERIFIED, True, True)
    assert report.message == (
        f"Verified: {label} has a Trusted Publisher that matches this job. This proves that a publisher "
        f"matches, not that it covers sample-project. It covers one project; {label} does not say which."
    )
    assert report.action == (
        "Open the link and see that sample-project lists this publisher; then release from this workflow and "
        "environment."
    )
    assert [link.state for link in report.chain if link.name == "publisher"] == ["holds"]


@pytest.mark.usefixtures("job")
def test_an_index_that_disagrees_proves_another_publisher_than_the_one_given(sandbox: Sandbox) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    report = run(sandbox.url, mode="verify", environment="other")
    assert (report.status, report.verified) == (Status.VERIFIED, True)
    assert (
        "But its environment is not the one given (other was expected, the token says pypi)" in report.message
    )
    assert report.action == "Give verify the environment of the job that will publish: it is pypi here."
    assert [link.state for link in report.chain if link.name == "publisher"] != ["holds"]


@pytest.mark.usefixtures("job")
def test_what_many_exchanges_can_bring_about_is_said_once(sandbox: Sandbox) -> None:
    for name in ("sample-project", "second"):
        sandbox.store.add_publisher(name, "octo-org", "sample-repo", "release.yml", "pypi")
    said: list[str] = []
    given = GIVEN._replace(index_url=sandbox.url, mode="verify", project=("sample-project", "second"))
    around = Surroundings(".", os.environ, lambda _secret: None, announce=said.append)
    report = dispatch.run(given, around)
    assert [each.status for each in report.results] == [Status.VERIFIED, Status.VERIFIED]
    assert len(said) == 1
