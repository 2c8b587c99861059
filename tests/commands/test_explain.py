from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.log.causes import CAUSES
from pypi_setup.values.request import Given
from pypi_setup.values.statuses import Status
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Step

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

REFUSED = """\
##[group]Run pypa/gh-action-pypi-publish@release/v1
Checking dist/sample_project-1.0.tar.gz: PASSED
* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims was not \
found)
* `sub`: `repo:octo-org/sample-repo:environment:release`
* `repository`: `octo-org/sample-repo`
* `job_workflow_ref`: `octo-org/sample-repo/.github/workflows/release.yml@refs/tags/v1`
* `ref`: `refs/tags/v1`
"""
SERVICE = "Error: error creating tlog entry - (502)"


def explained(log: str | None, **given: Any) -> Report:
    piped = None if log is None else io.BytesIO(log.encode())
    around = Surroundings(".", os.environ, lambda _secret: None, stdin=piped)
    return dispatch.run(Given(mode="explain", **given), around)


def fields(report: Report) -> dict[str, tuple[str, str]]:
    assert report.explanation is not None
    return {each.field: (each.log, each.expected) for each in report.explanation.differences}


def test_without_a_checkout_the_log_tells_what_to_register(bare: Path) -> None:
    report = explained(REFUSED, dry_run="true")
    assert (report.status, report.exit_code, report.payload) == (
        Status.EXPLAINED,
        0,
        {
            "name": "sample-project",
            "owner": "octo-org",
            "repository": "sample-repo",
            "workflow_filename": "release.yml",
            "environment": "release",
        },
    )
    assert report.fallback_url == (
        "https://pypi.org/manage/account/publishing/?provider=github&owner=octo-org&repository=sample-repo"
        "&workflow_filename=release.yml&environment=release&project_name=sample-project"
    )
    assert report.target.url == report.fallback_url
    assert fields(report) == {}


def test_the_index_is_the_one_that_the_log_speaks_of(bare: Path) -> None:
    log = f"Uploading distributions to https://test.pypi.org/legacy/\n{REFUSED}"
    assert explained(log, dry_run="true").package_index.label == "TestPyPI"
    assert explained(log, dry_run="true", index_url="https://pypi.example.org").package_index.url == (
        "https://pypi.example.org"
    )


def test_options_say_what_is_registered(bare: Path) -> None:
    assert fields(explained(REFUSED, dry_run="true", workflow="publish.yml", environment="")) == {
        "workflow": ("release.yml", "publish.yml")
    }
    assert fields(explained(REFUSED, dry_run="true", repo="octo-org/old-name")) == {
        "repository": ("sample-repo", "old-name")
    }


def test_an_existing_project_has_a_page_with_the_form_filled_in(sandbox: Sandbox) -> None:
    report = explained(REFUSED, index_url=sandbox.url)
    assert report.project_exists is True
    assert report.fallback_url.startswith(
        f"{sandbox.url}/manage/project/sample-project/settings/publishing/?"
    )
    assert [finding.rule for finding in report.findings] == ["environment-mismatch"]  # As GitHub has it.


def checkout(workflow: str, remote: str = "octo-org/sample-repo") -> None:
    folder = Path.cwd()
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/release.yml").write_text(workflow)
    (folder / "pyproject.toml").write_text('[project]\nname = "sample-project"\nversion = "1"\n')
    for words in (["init", "-q"], ["remote", "add", "origin", f"https://github.com/{remote}.git"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_the_checkout_says_which_line_to_change(sandbox: Sandbox, workflow: str, bare: Path) -> None:
    checkout(workflow.replace("URL", sandbox.url))
    report = explained(REFUSED, index_url=sandbox.url)
    assert fields(report) == {"environment": ("release", "pypi")}
    report = explained(REFUSED, index_url=sandbox.url, environment="release")
    (finding,) = report.findings
    assert (finding.rule, finding.file) == ("environment-mismatch", ".github/workflows/release.yml")
    assert finding.line is not None
    assert "pypi" in finding.quote


def test_a_checkout_of_another_repository_is_not_used(bare: Path, workflow: str) -> None:
    checkout(workflow.replace("URL", "https://pypi.org"), "octo-org/other")
    report = explained(REFUSED, dry_run="true")
    assert fields(report) == {}
    assert report.payload is not None
    assert report.payload["repository"] == "sample-repo"
    assert any("this folder is a checkout of octo-org/other" in note for note in report.notes)


def test_a_fault_of_a_service_asks_nobody(sandbox: Sandbox) -> None:
    report = explained(
        SERVICE, index_url=sandbox.url, project=("sample-project",), repo="octo-org/sample-repo"
    )
    assert list(sandbox.requests) == []
    assert report.target.url == "https://status.sigstore.dev"


def test_other_causes_link_to_their_section(bare: Path) -> None:
    report = explained("error: No files found to publish")
    assert report.target.url.endswith("/docs/troubleshooting.md#tool-found-no-distributions")
    assert report.payload is None


@pytest.mark.parametrize(
    ("log", "message", "cause"),
    [
        (
            "File already exists. See",
            "A file of this name is on the index already.",
            "The version was not raised, the job ran twice, or an earlier run uploaded a part of the "
            "release.",
        ),
        (
            "This filename has already been used, use a different version.",
            "A file of this name was on the index once and was deleted.",
            "Its name can never be used again.",
        ),
        (
            "x\nProject size too large. Limit for project",
            "All files of the project together are more than its quota (10 GB if nothing else was granted).",
            "The error is in line 2 of the log.",
        ),
    ],
)
def test_the_verdict_is_not_said_twice(bare: Path, log: str, message: str, cause: str) -> None:
    report = explained(log)
    assert (report.message, report.cause) == (message, cause)


def test_every_cause_has_a_verdict_and_a_reason_of_its_own(bare: Path) -> None:
    for each in CAUSES:
        report = explained("\n".join((*each.context, each.examples[0])), dry_run="true")
        assert report.message[:-1] not in report.cause
        assert report.message.count("`") % 2 == 0


def test_what_is_uploaded_already_is_told_with_how_to_finish(bare: Path) -> None:
    log = (
        "Uploading a-1.0.tar.gz\nUploading a-1.0-py3-none-any.whl\nProject size too large. Limit for project"
    )
    report = explained(log)
    assert "These files were uploaded before the error: a-1.0.tar.gz." in report.cause
    assert report.action.endswith("run the upload again with `skip-existing: true`.")
    exists = explained(
        log.replace("Project size too large. Limit for project", "File already exists. See")
    ).action
    assert exists.endswith("uv: --check-url).")


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("", "The log is empty."),
        ("nothing here", "No known error stands in this log."),
        ("##[error]Trusty has lost its hat", "No known error stands in this log."),
        (
            "View at:\nhttps://pypi.org/project/a/1/",
            "Nothing failed in this log: a tool says that it published.",
        ),
    ],
)
def test_what_is_not_known_is_not_explained(bare: Path, log: str, message: str) -> None:
    report = explained(log)
    assert (report.status, report.success, report.exit_code) == (Status.UNEXPLAINED, False, 1)
    assert report.message == message


def test_a_file_is_read(bare: Path) -> None:
    Path("log.txt").write_text("error: No files found to publish", encoding="utf-16")
    assert explained(None, run="log.txt").status is Status.EXPLAINED
    assert explained("error: No files found to publish", run="-").status is Status.EXPLAINED


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("none.txt", "none.txt", "The log cannot be read: No such file or directory"),
        (
            "broken.zip",
            "broken.zip",
            "The log cannot be read: the archive cannot be unpacked; download it again",
        ),
        ("", "", "The log cannot be read: none was given"),
        ("pypi-AgEIcHlwaS5vcmcCJDRj", "***", "The log cannot be read: No such file or directory"),
    ],
)
def test_no_log_is_bad_input(bare: Path, text: str, value: str, rule: str) -> None:
    Path("broken.zip").write_bytes(b"PK\x03\x04 and no more")
    report = explained(None, run=text)
    assert (report.exit_code, [(each.value, each.rule) for each in report.problems]) == (2, [(value, rule)])


def test_a_bad_option_is_bad_input_and_a_bad_log_is_none(bare: Path) -> None:
    report = explained(REFUSED, workflow="release", dry_run="true")
    assert [problem.field for problem in report.problems] == ["workflow"]
    report = explained(REFUSED, index_url="ftp://pypi.org")
    assert [problem.field for problem in report.problems] == ["index-url"]
    odd = REFUSED.replace("sample_project-1.0", "asyncio-1.0")
    assert explained(odd, dry_run="true").payload is None


def test_a_mistake_of_ours_is_told_as_one(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError(REFUSED)

    monkeypatch.setattr("pypi_setup.log.diagnosis.diagnosed", broken)
    report = explained(REFUSED)
    assert report.status is Status.UNEXPECTED
    assert report.message.startswith("pypi-setup itself failed: KeyError in ")


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for gh; return the file with what it was asked for."""
    file = tmp_path / "bin" / "gh"
    file.parent.mkdir()
    file.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(tmp_path / 'asked')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
        f"if '404404' in sys.argv: sys.exit(1)\nprint({SERVICE!r})\n",
        encoding="utf-8",
    )
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(file.parent))
    return tmp_path / "asked"


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        ("1234567", "run view 1234567 --log-failed"),
        (
            "https://github.com/octo-org/a.b/actions/runs/7/job/8?pr=1",
            "run view 7 --log-failed --repo octo-org/a.b",
        ),
    ],
)
def test_the_log_of_a_run_is_fetched_with_gh(bare: Path, gh: Path, run: str, asked: str) -> None:
    report = explained(None, run=run)
    assert (report.status, gh.read_text()) == (Status.EXPLAINED, asked)


def test_a_run_that_gh_does_not_show(bare: Path, gh: Path) -> None:
    (problem,) = explained(None, run="404404").problems
    assert "gh shows none: nobody is signed in (gh auth login)" in problem.rule


def test_without_gh_a_run_cannot_be_fetched(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(bare))
    (problem,) = explained(None, run="1234567").problems
    assert "gh cannot be run here" in problem.rule


def test_a_file_with_a_number_as_its_name_is_a_file(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("1234567").write_text(SERVICE, encoding="utf-8")
    assert explained(None, run="1234567").status is Status.EXPLAINED


@pytest.mark.parametrize("run", ["https://github.com.example/a/b/actions/runs/7", "12", "7/../8"])
def test_what_is_no_run_is_a_file(bare: Path, gh: Path, run: str) -> None:
    (problem,) = explained(None, run=run).problems
    assert "No such file" in problem.rule
    assert not gh.exists()


RUN = 24681012


@pytest.fixture
def failed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A run of octo-org/sample-repo whose publishing job failed; this job is one of the same run."""
    from pypi_setup.sandbox.github import Job

    jobs = [
        Job(RUN, 1, "build", "built", "success"),
        Job(RUN, 2, "publish", REFUSED),
        Job(RUN, 3, "why", None, None),
    ]
    sandbox.github.add_repository("octo-org/sample-repo", jobs=jobs)
    monkeypatch.setenv("GITHUB_RUN_ID", str(RUN))
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo-org/sample-repo")
    return sandbox


TOKEN = "ghs_aTokenOfTheJob0123456789"


def test_the_action_explains_its_own_run(failed: Sandbox, step: Callable[..., Step]) -> None:
    done = step(mode="explain", github_token=TOKEN, index_url=failed.url)
    assert (done.code, done.outputs["status"]) == (0, "explained")
    result = json.loads(done.outputs["result"])
    assert (result["explanation"]["rule"], result["explanation"]["job"]) == ("publisher-not-found", "publish")
    assert "environment=release" in done.outputs["fallback-url"]
    assert done.summary.startswith("## ➡️ ")
    assert TOKEN not in done.log.replace(f"::add-mask::{TOKEN}", "") + done.summary + str(done.outputs)


@pytest.mark.parametrize("run", ["/proc/self/environ", "log.txt", "-"])
def test_the_action_reads_no_file(failed: Sandbox, step: Callable[..., Step], run: str) -> None:
    Path("log.txt").write_text(REFUSED)
    done = step(mode="explain", run=run, index_url=failed.url)
    assert (done.code, done.outputs["status"]) == (1, "invalid")


@pytest.mark.parametrize(
    "given",
    [
        {"run": str(RUN)},
        {"run": f"https://github.com/octo-org/sample-repo/actions/runs/{RUN}/job/2"},
        {"run": str(RUN), "repo": "octo-org/sample-repo"},
        {"run": str(RUN), "owner": "octo-org", "repo": "sample-repo"},
        {},
    ],
)
def test_with_a_token_github_is_asked_for_the_log(failed: Sandbox, given: dict[str, str]) -> None:
    report = explained(None, github_token=TOKEN, dry_run="true", **given)
    assert (report.status, report.payload and report.payload["environment"]) == (Status.EXPLAINED, "release")


def test_what_is_piped_in_goes_before_the_own_run(failed: Sandbox) -> None:
    report = explained("error: No files found to publish", github_token=TOKEN)
    assert report.explanation is not None
    assert failed.github.logs.requests == deque()


def test_a_log_that_is_missing_is_said(failed: Sandbox) -> None:
    from pypi_setup.sandbox.github import Job

    jobs = [Job(RUN, 1, "leg", None), Job(RUN, 2, "publish", REFUSED)]
    failed.github.add_repository("octo-org/sample-repo", jobs=jobs)
    report = explained(None, github_token=TOKEN, dry_run="true")
    assert report.notes[0] == ("Not read: the log of the job leg: GitHub has none yet, or has none any more.")


def test_a_run_in_which_nothing_failed(failed: Sandbox) -> None:
    failed.github.add_repository("octo-org/sample-repo", jobs=[])
    (problem,) = explained(None, github_token=TOKEN).problems
    assert problem.rule == (
        f"The log cannot be read: GitHub shows no run {RUN}: it is of another repository, or the token lacks "
        "actions: read"
    )


def test_a_timeout_that_is_none_is_bad_input(failed: Sandbox) -> None:
    (problem,) = explained(None, github_token=TOKEN, timeout="soon").problems
    assert problem.field == "timeout"
