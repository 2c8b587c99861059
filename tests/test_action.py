from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from tests.conftest import commands_in

from pypi_setup import action
from pypi_setup.render import commands, summary
from pypi_setup.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Step

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"
VALUES = {"project": "sample-project", "owner": "octo-org", "repo": "sample-repo"}
PATH = "/_/v1/publisher"

OUTPUTS = {
    *("status", "success", "fallback-url", "http-status", "message", "project", "project-exists"),
    *("payload", "matrix", "findings", "result"),
}


@pytest.fixture
def registration(sandbox: Sandbox) -> dict[str, str]:
    return {**VALUES, "index_url": sandbox.url, "api_token": sandbox.token}


def test_every_output_of_a_registration(
    step: Callable[..., Step], registration: dict[str, str], sandbox: Sandbox
) -> None:
    done = step(**registration)
    assert (done.code, done.errors) == (0, "")
    outputs = dict(done.outputs)
    result = json.loads(outputs.pop("result"))
    host = sandbox.url.removeprefix("http://")
    words = "Added release.yml in https://github.com/octo-org/sample-repo to sample-project"
    payload = {
        "name": "sample-project",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    }
    assert json.loads(outputs.pop("payload")) == payload
    assert json.loads(outputs.pop("findings")) == result["findings"]
    assert json.loads(outputs.pop("matrix"))["include"] == [
        {
            "project": "sample-project",
            "workflow": "release.yml",
            "environment": "pypi",
            "status": "registered",
            "fallback-url": outputs["fallback-url"],
        }
    ]
    assert outputs == {
        "status": "registered",
        "success": "true",
        "fallback-url": f"{sandbox.url}/manage/project/sample-project/settings/publishing/?provider=github"
        "&owner=octo-org&repository=sample-repo&workflow_filename=release.yml&environment=pypi",
        "http-status": "201",
        "message": f"Registered: {host} now trusts this workflow to publish sample-project. "
        f"(HTTP 201: {words})",
        "project": "sample-project",
        "project-exists": "true",
    }
    assert (result["status"], result["payload"], result["http_status"]) == ("registered", payload, 201)


@pytest.mark.parametrize("separator", ["-", "_"])
def test_inputs_with_dashes_or_underscores(
    registration: dict[str, str],
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    separator: str,
) -> None:
    for name, value in {**registration, "exist_ok": "TRUE", "dry_run": "False"}.items():
        monkeypatch.setenv(f"INPUT_{name.upper().replace('_', separator)}", value)
    assert action.main() == 0
    (post,) = (request for request in sandbox.requests if request.method == "POST")
    assert post.headers["Authorization"] == f"Token {sandbox.token}"
    assert "✓ Registered" in capsys.readouterr().out


def test_without_a_runners_files_the_log_is_all(
    registration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    before = sorted(tmp_path.rglob("*"))
    for name, value in registration.items():
        monkeypatch.setenv(f"INPUT_{name.upper()}", value)
    assert action.main() == 0
    assert "✓ Registered" in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before


def test_files_of_the_runner_are_appended_to(
    registration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    file = tmp_path / "output"
    file.write_text("before=1\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(file))
    for name, value in registration.items():
        monkeypatch.setenv(f"INPUT_{name.upper()}", value)
    assert action.main() == 0
    assert file.read_text().startswith("before=1\nstatus<<")


def test_the_token_is_masked_first_of_all(step: Callable[..., Step], registration: dict[str, str]) -> None:
    token = registration["api_token"]
    done = step(**{**registration, "api_token": f"  {token}\n", "github_token": "ghs_look_ups"})
    masked = [command.message for command in done.commands if command.name == "add-mask"]
    assert masked == [f"  {token}\n", token, "ghs_look_ups"]
    assert done.log.startswith(f"::add-mask::  {token}%0A\n::add-mask::{token}\n::add-mask::ghs_look_ups\n")
    assert token not in done.log.partition("ghs_look_ups")[2]
    assert done.outputs["status"] == "registered"


def test_only_the_masks_come_before_the_text(step: Callable[..., Step], registration: dict[str, str]) -> None:
    done = step(**registration)
    lines = done.log.splitlines()
    assert lines[0].startswith("::add-mask::")
    assert re.fullmatch(r"::stop-commands::[0-9a-f]{32}", lines[1])
    assert [command.name for command in done.commands] == ["add-mask", "notice"]


def test_the_steps_failure_is_the_runs(
    step: Callable[..., Step], registration: dict[str, str], sandbox: Sandbox
) -> None:
    step(**registration)
    again = step(**registration)
    assert (again.code, again.outputs["status"], again.outputs["success"]) == (
        1,
        "already-registered",
        "false",
    )
    assert [command.name for command in again.commands] == ["add-mask", "error"]
    assert again.summary.startswith("## ❌ Already registered")
    fine = step(**registration, exist_ok="true")
    assert (fine.code, fine.outputs["status"], fine.outputs["success"]) == (0, "already-registered", "true")


@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        (Fault.ERROR_500, ("server-error", "500", 1)),
        (Fault.SLOW, ("timeout", "", 1)),
        (Fault.CLOSED, ("network-error", "", 1)),
        (Fault.HTML_200, ("unexpected", "200", 1)),
        (Fault.STALL_201, ("registered", "201", 0)),
    ],
)
def test_failures_of_the_index(
    step: Callable[..., Step],
    registration: dict[str, str],
    sandbox: Sandbox,
    fault: Fault,
    ended: tuple[str, str, int],
) -> None:
    sandbox.break_path(PATH, fault)
    done = step(**registration, timeout="0.9")
    assert (done.outputs["status"], done.outputs["http-status"], done.code) == ended
    assert sum(request.method == "POST" for request in sandbox.requests) == 1
    assert done.outputs["fallback-url"] in done.summary


def test_bad_input(step: Callable[..., Step], sandbox: Sandbox) -> None:
    done = step(project="-", owner="_", repo="x", index_url=sandbox.url, dry_run="maybe")
    assert done.code == 1
    outputs = dict(done.outputs)
    result = json.loads(outputs.pop("result"))
    assert outputs == {
        "status": "invalid",
        "success": "false",
        "fallback-url": f"{sandbox.url}/manage/account/publishing/",
        "http-status": "",
        "message": "Bad input, nothing was sent. 3 rules are broken: project, owner, dry-run.",
        "project": "",
        "project-exists": "unknown",
        "payload": "",
        "matrix": '{"include": []}',
        "findings": "[]",
    }
    assert result["payload"] is None
    assert done.summary.startswith("## ❌ Bad input, nothing was sent.")
    assert list(sandbox.requests) == []


@pytest.mark.parametrize("name", ["dry_run", "exist_ok", "exchange", "allow_create"])
def test_an_empty_boolean_is_a_mistake(step: Callable[..., Step], name: str) -> None:
    done = step(**VALUES, **{name: ""})
    assert (done.code, done.outputs["status"]) == (1, "invalid")


def test_an_empty_environment_means_any(step: Callable[..., Step]) -> None:
    done = step(**VALUES, dry_run="true", environment="")
    assert json.loads(done.outputs["payload"])["environment"] == ""


def test_empty_inputs_are_as_if_not_given(step: Callable[..., Step]) -> None:
    done = step(**VALUES, dry_run="true", index_url="", timeout=" ", organization="", mode="")
    assert (done.code, done.outputs["status"]) == (0, "dry-run")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            "pull_request",
            "No API token was provided: the event pull_request gets no secrets where a fork is behind it",
        ),
        (
            "pull_request_target",
            "No API token was provided: api-token is empty, or the secret behind it is not set",
        ),
        ("push", "No API token was provided: api-token is empty, or the secret behind it is not set"),
        ("", "No API token was provided, so nothing was posted"),
    ],
)
def test_an_empty_secret_is_said_to_be_what_it_is(
    step: Callable[..., Step], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, event: str, words: str
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", event)
    done = step(**VALUES, index_url=sandbox.url, api_token="  ")
    assert (done.code, done.outputs["status"]) == (0, "manual")
    assert json.loads(done.outputs["result"])["cause"] == f"{words}."


def test_several_projects(step: Callable[..., Step], registration: dict[str, str]) -> None:
    done = step(**{**registration, "project": "sample-project\n\nbrand-new\n"})
    result = json.loads(done.outputs["result"])
    assert [(each["payload"]["name"], each["status"]) for each in result["results"]] == [
        ("sample-project", "registered"),
        ("brand-new", "registered"),
    ]
    assert "\n### ✅ sample-project\n" in done.summary
    assert "\n### ❌ brand-new\n" in done.summary  # Registered, but the repository builds another project.
    assert "But an error below would stop the next release." in done.summary


def test_hundreds_of_projects_stay_below_githubs_limit(step: Callable[..., Step]) -> None:
    names = "\n".join(f"{'a-long-project-name-' * 60}{number}" for number in range(400))
    done = step(**{**VALUES, "project": names}, dry_run="true")
    assert done.code == 0
    assert 300_000 < len(done.summary.encode()) <= 1024 * 1024
    assert " more: a report file has all of them." in done.summary
    assert len(json.loads(done.outputs["result"])["results"]) == 400
    assert len(done.outputs["matrix"]) < 150_000


def test_check_annotates_findings_on_their_lines(
    step: Callable[..., Step], sandbox: Sandbox, bare: Path
) -> None:
    workflow = (
        "on: push\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: other\n    steps:\n"
        "      - uses: pypa/gh-action-pypi-publish@v1\n"
        f"        with: {{repository-url: {sandbox.url}/legacy/}}\n"
    )
    sandbox.github.add_repository("octo-org/sample-repo", files={".github/workflows/release.yml": workflow})
    done = step(**VALUES, environment="pypi", index_url=sandbox.url, mode="check")
    assert (done.code, done.outputs["status"]) == (1, "check-failed")
    findings = json.loads(done.outputs["findings"])
    assert {"id-token-missing", "environment-mismatch"} <= {finding["rule"] for finding in findings}
    placed = {
        (command.properties["title"], command.properties["file"], command.properties["line"])
        for command in done.commands
        if "line" in command.properties
    }
    assert (
        "pypi-setup: environment-mismatch",
        ".github/workflows/release.yml",
        "5",
    ) in placed


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("", "Is a directory"),
        ("no/such", "No such file or directory"),
        ("\0", "no such file"),
        pytest.param(
            "/dev/full",
            "No space left on device",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="a device of Linux"),
        ),
    ],
)
@pytest.mark.parametrize(
    ("variable", "code", "kind", "words"),
    [
        (
            "GITHUB_OUTPUT",
            action.LOST,
            "error",
            "The outputs of this step could not be written ({}), so later steps do not see them; "
            "the log above has the result.",
        ),
        (
            "GITHUB_STEP_SUMMARY",
            0,
            "warning",
            "The summary could not be written ({}); the log above has the result.",
        ),
    ],
)
def test_a_file_that_cannot_be_written_does_not_hide_the_result(
    registration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bare: Path,
    *,
    variable: str,
    code: int,
    kind: str,
    words: str,
    place: str,
    why: str,
) -> None:
    environ = {**os.environ, variable: place if place == "\0" else str(bare / place)}
    monkeypatch.setattr(os, "environ", environ)
    for name, value in registration.items():
        monkeypatch.setenv(f"INPUT_{name.upper()}", value)
    assert action.main() == code
    log = capsys.readouterr().out
    assert "✓ Registered" in log
    told = [(each.name, each.message) for each in commands_in(log) if each.name in {"error", "warning"}]
    assert told == [(kind, words.format(why))]


def test_lost_outputs_of_a_run_that_failed_are_no_second_error(
    registration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bare: Path,
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(bare))
    for name, value in {**registration, "owner": "_"}.items():
        monkeypatch.setenv(f"INPUT_{name.upper()}", value)
    assert action.main() == action.LOST
    names = [each.name for each in commands_in(capsys.readouterr().out)]
    assert names == ["add-mask", "error", "warning"]


@pytest.mark.parametrize(("stop", "code"), [((), 130), ((signal.SIGINT,), 130), ((signal.SIGTERM,), 143)])
@pytest.mark.parametrize("mode", ["register", "verify"])
def test_an_interruption_is_said_and_written_down(
    step: Callable[..., Step],
    registration: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    mode: str,
    stop: tuple[int, ...],
    code: int,
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt(*stop)

    monkeypatch.setattr(f"pypi_setup.commands.{mode}.run", interrupted)
    done = step(**registration, mode=mode)
    words = "Interrupted. If a registration was under way it may have happened: look before you repeat it."
    assert (done.code, done.errors) == (code, "")
    assert (done.outputs["status"], done.outputs["success"]) == ("unexpected", "false")
    assert done.outputs["message"] == words
    assert done.outputs.get("verified") == ("false" if mode == "verify" else None)
    assert words in done.log
    assert [each.name for each in done.commands] == ["add-mask", "error"]


def test_no_signal_disturbs_the_writing_of_the_result(
    step: Callable[..., Step], registration: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = summary.summary

    def disturbed(report: Report) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        return written(report)

    monkeypatch.setattr(summary, "summary", disturbed)
    before = signal.getsignal(signal.SIGTERM)
    done = step(**registration)
    assert (done.code, done.outputs["status"]) == (0, "registered")
    assert "Registered" in done.summary
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_mistake_of_ours_is_one_line(
    step: Callable[..., Step], registration: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError(registration["api_token"])

    monkeypatch.setattr("pypi_setup.commands.register.looked", broken)
    done = step(**registration)
    assert (done.code, done.outputs["status"]) == (1, "unexpected")
    assert done.outputs["message"].startswith("pypi-setup itself failed: RuntimeError in test_action.py:")
    monkeypatch.setattr(commands, "annotated", broken)
    worse = step(**registration)
    assert (worse.code, worse.outputs) == (1, {})
    assert worse.commands[-1].message.startswith("pypi-setup itself failed: RuntimeError in test_action.py:")


def test_an_exchange_is_announced_in_the_log(
    step: Callable[..., Step], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    sandbox.github.set_job(repository="octo-org/sample-repo", environment="pypi")
    for name, value in sandbox.github.environ.items():
        monkeypatch.setenv(name, value)
    done = step(**VALUES, index_url=sandbox.url, mode="verify")
    assert (done.code, done.outputs["status"]) == (0, "verified")
    label = sandbox.url.removeprefix("http://")
    assert done.log.index(f"Exchanging the job's token at {label} now.") < done.log.index("Verified: ")


WORKFLOW = """\
on: {push: {tags: ["v*"]}}
jobs:
  up:
    runs-on: ubuntu-latest
    environment: live
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v8
        with: {path: dist}
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {repository-url: "INDEX/legacy/"}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo-org/sample-repo")
    return folder


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ({"workflow": "auto", "environment": "auto"}, ("cd.yml", "live")),
        ({"workflow": "auto", "environment": "Auto"}, ("cd.yml", "Auto")),
        ({"workflow": " auto ", "environment": ""}, ("cd.yml", "")),
        ({"workflow": "other.yml", "environment": "auto"}, ("other.yml", "pypi")),
    ],
)
def test_auto_stands_for_what_is_in_the_workspace(
    registration: dict[str, str],
    step: Callable[..., Step],
    workspace: Path,
    inputs: dict[str, str],
    found: tuple[str, str],
) -> None:
    place = workspace / ".github" / "workflows" / "cd.yml"
    place.parent.mkdir(parents=True)
    place.write_text(WORKFLOW.replace("INDEX", registration["index_url"]))
    done = step(**registration, mode="check", **inputs)
    payload = json.loads(done.outputs["payload"])
    assert (payload["workflow_filename"], payload["environment"]) == found
