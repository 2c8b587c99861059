"""The image of the Dockerfile, run by the action's own script, against an embedded index."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pypi_setup.sandbox import Fault, Identity, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Docker

ROOT = Path(__file__).resolve().parent.parent.parent

PROBE = """
import json, os

def writable(folder):
    try:
        open(os.path.join(folder, "probe"), "w").close()
    except OSError as problem:
        return problem.strerror
    return "writable"

def importable(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
with open(os.environ["GITHUB_OUTPUT"], "a") as output:
    print("probe=" + json.dumps({
        "user": os.getuid(),
        "group": os.getgid(),
        "capabilities": [status[name].strip() for name in ("CapEff", "CapPrm", "CapBnd")],
        "no new privileges": status["NoNewPrivs"].strip(),
        "folders": {folder: writable(folder) for folder in ("/", "/opt/pypi-setup", os.getcwd())},
        "folder": os.getcwd(),
        "pip": importable("pip"),
        "names": sorted(name for name in os.environ if name.startswith(("INPUT_", "GITHUB_", "ACTIONS_"))),
    }), file=output)
"""

pytestmark = [pytest.mark.container, pytest.mark.xdist_group("engine")]


@dataclass
class Run:
    """What one run of the step left behind."""

    code: int
    log: str
    output: str
    summary: str

    @property
    def outputs(self) -> dict[str, str]:
        """The output file as the runner reads it."""
        entries = re.findall(r"^([a-z-]+)<<(\S+)\n(.*?)\n\2$", self.output, re.MULTILINE | re.DOTALL)
        return {name: value for name, _delimiter, value in entries}


class Job:
    """A job on a runner: its folders, its environment, and the step that is the action."""

    def __init__(self, folder: Path, docker: Docker) -> None:
        self.folder, self.docker = folder, docker
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        (self.workspace / "pyproject.toml").write_text('[project]\nname = "Sample.Project"\nversion = "1"\n')
        self.temp = folder / "temp"
        self.temp.mkdir()

    def __call__(self, index: Sandbox, **environment: str) -> Run:
        return self.end(self.start(index, **environment))

    def start(self, index: Sandbox, **environment: str) -> subprocess.Popen[str]:
        """Start the step."""
        output, summary = self.folder / "output", self.folder / "summary"
        output.write_text("")
        summary.write_text("")
        return subprocess.Popen(
            [ROOT / "scripts/run-action.sh"],
            env={
                **{
                    name: os.environ[name]
                    for name in ("DOCKER_HOST", "HOME", "PYPI_SETUP_BASE")
                    if name in os.environ
                },
                "PATH": f"{self.docker.folder}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(self.temp),
                "INPUT_INDEX_URL": index.url,
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": index.github.url,
                "GITHUB_EVENT_NAME": "workflow_dispatch",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_REPOSITORY": "octo-org/sample-project",
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, step: subprocess.Popen[str]) -> Run:
        """Wait for the step's end."""
        log, _ = step.communicate(timeout=300)
        output, summary = ((self.folder / name).read_text() for name in ("output", "summary"))
        return Run(step.returncode, log, output, summary)


@pytest.fixture
def job(tmp_path: Path, docker: Docker) -> Job:
    return Job(tmp_path, docker)


@pytest.fixture
def index() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


GIVEN = {"INPUT_PROJECT": "Sample.Project", "INPUT_OWNER": "octo-org", "INPUT_REPO": "sample-project"}
IDENTITY = Identity("octo-org", "sample-project", "release.yml", "pypi")


def test_registers(job: Job, index: Sandbox) -> None:
    run = job(index, **GIVEN, INPUT_API_TOKEN=index.token)
    assert (run.code, run.outputs["status"]) == (0, "registered")
    assert run.outputs["success"] == "true"
    assert run.outputs["http-status"] == "201"
    assert run.outputs["project"] == "sample-project"
    assert run.outputs["project-exists"] == "false"
    assert json.loads(run.outputs["payload"]) == {
        "name": "sample-project",
        "owner": "octo-org",
        "repository": "sample-project",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    }
    assert run.outputs["fallback-url"].startswith(f"{index.url}/manage/account/publishing/?")
    assert json.loads(run.outputs["result"])["status"] == "registered"
    assert list(index.store.pending) == [IDENTITY]
    assert run.summary.startswith("## ")
    assert "octo-org" in run.summary


def test_values_come_from_the_workspace_and_the_runner(job: Job, index: Sandbox) -> None:
    run = job(index, INPUT_API_TOKEN=index.token)
    assert (run.code, run.outputs["status"]) == (0, "registered")
    assert list(index.store.pending) == [IDENTITY]


def test_the_token_is_in_no_argument_list_and_in_no_output(job: Job, index: Sandbox) -> None:
    run = job(index, **GIVEN, INPUT_API_TOKEN=index.token)
    assert index.requests[-1].headers["Authorization"] == f"Token {index.token}"
    assert "--env INPUT_API_TOKEN" in job.docker.log
    for text in (job.docker.log, run.output, run.summary):
        assert index.token not in text
    assert [line for line in run.log.splitlines() if index.token in line] == [f"::add-mask::{index.token}"]


def test_nothing_stays_that_holds_the_token(job: Job, index: Sandbox) -> None:
    job(index, **GIVEN, INPUT_API_TOKEN=index.token)
    image = job.docker.image
    assert job.docker.ask("ps", "--all", "--quiet", "--filter", f"ancestor={image}") == ""
    assert index.token not in job.docker.ask("image", "inspect", image)
    assert index.token not in job.docker.ask("history", "--no-trunc", image)
    assert list(job.temp.iterdir()) == []


def test_a_cancelled_job_says_how_far_it_came_and_leaves_no_container(job: Job, index: Sandbox) -> None:
    """The command in the container hears of the signal, though it is the container's first process."""
    reached = threading.Event()
    index.break_path("/_/v1/publisher", Fault.SLOW)
    job(index, **GIVEN, INPUT_DRY_RUN="true")  # The image is there from now on.
    step = job.start(index, **GIVEN, INPUT_API_TOKEN=index.token, INPUT_TIMEOUT="60")
    while not any(request.method == "POST" for request in index.requests):
        assert step.poll() is None
        reached.wait(0.1)
    step.send_signal(signal.SIGTERM)
    run = job.end(step)
    words = "Interrupted. If a registration was under way it may have happened: look before you repeat it."
    assert (run.code, run.outputs["status"], run.outputs["message"]) == (143, "unexpected", words)
    assert words in run.log
    assert "Interrupted" in run.summary
    assert job.docker.ask("ps", "--all", "--quiet", "--filter", f"ancestor={job.docker.image}") == ""
    assert list(job.temp.iterdir()) == []


def test_a_repetition_fails_unless_it_may_exist(job: Job, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    inputs = {**GIVEN, "INPUT_API_TOKEN": index.token}
    run = job(index, **inputs)
    assert (run.code, run.outputs["status"], run.outputs["success"]) == (1, "already-registered", "false")
    assert run.outputs["http-status"] == "409"
    run = job(index, **inputs, INPUT_EXIST_OK="true")
    assert (run.code, run.outputs["status"], run.outputs["success"]) == (0, "already-registered", "true")


def test_without_a_token_the_link_is_the_result(job: Job, index: Sandbox) -> None:
    index.store.add_project("sample-project")
    run = job(index, **GIVEN)
    assert (run.code, run.outputs["status"], run.outputs["http-status"]) == (0, "manual", "")
    assert run.outputs["fallback-url"] == (
        f"{index.url}/manage/project/sample-project/settings/publishing/?provider=github&owner=octo-org"
        "&repository=sample-project&workflow_filename=release.yml&environment=pypi"
    )
    assert f"{index.url}/manage/project/sample-project/settings/publishing/" in run.summary


def test_bad_input_fails_the_step_with_all_outputs(job: Job, index: Sandbox) -> None:
    run = job(index, INPUT_PROJECT="-", INPUT_OWNER="octo-org", INPUT_REPO="sample-project")
    assert (run.code, run.outputs["status"], run.outputs["payload"]) == (1, "invalid", "")
    assert run.outputs["fallback-url"] == f"{index.url}/manage/account/publishing/"
    assert run.summary
    assert index.requests == ()


@pytest.mark.parametrize("user", [None, 12345], ids=["the runner's user", "another user"])
def test_the_container_has_no_rights(job: Job, index: Sandbox, user: int | None) -> None:
    """Another program in the same container, started by the same script, tries what it can do."""
    if user is not None:
        (job.docker.folder / "id").write_text(f"#!/bin/sh\necho {user}\n")
        (job.docker.folder / "id").chmod(0o755)
    run = job(
        index, PROBE=PROBE, **GIVEN, ACTIONS_ID_TOKEN_REQUEST_URL="https://oidc.example", GITHUB_TOKEN="ghs_x"
    )
    probe = json.loads(run.output.removeprefix("probe="))
    assert probe["user"] == (user or os.getuid() or 65532)
    assert probe["capabilities"] == ["0000000000000000"] * 3
    assert probe["no new privileges"] == "1"
    assert set(probe["folders"].values()) <= {"Read-only file system", "Permission denied"}
    assert probe["folder"] == str(job.workspace)
    assert not probe["pip"]
    assert probe["names"] == [
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "GITHUB_ACTIONS",
        "GITHUB_API_URL",
        "GITHUB_EVENT_NAME",
        "GITHUB_OUTPUT",
        "GITHUB_REPOSITORY",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_WORKSPACE",
        "INPUT_INDEX_URL",
        "INPUT_OWNER",
        "INPUT_PROJECT",
        "INPUT_REPO",
    ]
