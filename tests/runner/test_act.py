"""The action and the bootstrap workflow on an independent runner (act), which evaluates their expressions.

The steps run on this machine. The runner takes its own copy of the repository where a workflow checks it out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.sandbox import Identity, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Docker

ROOT = Path(__file__).resolve().parent.parent.parent
ACTION = (
    ".dockerignore",
    ".github/workflows",
    "Dockerfile",
    "action.yml",
    "entrypoint.py",
    "pyproject.toml",
    "requirements",
    "scripts",
    "src",
)
# The runner's terminal can lose a step's last lines, so the workflows' own steps write to a file instead.
BASH_ENV = """\
[[ $0$(<"$0") == *run-action.sh* ]] || exec >>"$SEEN"
"""
IDENTITY = Identity("octo-org", "sample-project", "release.yml", "pypi")

pytestmark = [pytest.mark.runner, pytest.mark.xdist_group("engine")]


class Repository:
    """A repository with the action in it, and a runner for its workflows."""

    def __init__(self, folder: Path, docker: Docker) -> None:
        self.folder, self.docker = folder, docker
        self.tree = folder / "repository"
        self.tree.mkdir()
        for name in ACTION:
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, target)
        for file in Path(__file__).parent.glob("*.yml"):
            shutil.copy(file, self.tree / ".github/workflows")
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("remote", "add", "origin", "https://github.com/octo-org/sample-project.git")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Begin")

    def git(self, *arguments: str) -> None:
        settings = ("user.name=Octo", "user.email=octo@example.org", "commit.gpgsign=false")
        options = [word for setting in settings for word in ("-c", setting)]
        subprocess.run(["git", *options, *arguments], cwd=self.tree, check=True, timeout=60)

    def act(self, file: str, index: Sandbox, token: str = "", **inputs: str) -> int:
        """Dispatch a workflow; return the runner's exit code."""
        inputs["index-url"] = index.url
        (self.folder / "bash_env").write_text(BASH_ENV)
        variables = {
            "BASH_ENV": str(self.folder / "bash_env"),
            "GITHUB_API_URL": index.github.url,
            "PYPI_SETUP_BASE": os.environ.get("PYPI_SETUP_BASE", ""),
            "SEEN": str(self.folder / "seen"),
        }
        done = subprocess.run(
            [
                *("act", "workflow_dispatch", "--workflows", f".github/workflows/{file}"),
                *("--platform", "ubuntu-latest=-self-hosted"),
                *(f"--input={name.replace('_', '-')}={value}" for name, value in inputs.items()),
                *(f"--env={name}={value}" for name, value in variables.items()),
                *(["--secret=PYPI_API_TOKEN"] if token else []),
            ],
            cwd=self.tree,
            env={
                "PATH": f"{self.docker.folder}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "DOCKER_HOST": os.environ.get("DOCKER_HOST", ""),
                "PYPI_API_TOKEN": token,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        print(done.stdout)  # pytest shows it where a test fails
        return done.returncode

    @property
    def seen(self) -> list[str]:
        """What the steps after the action said."""
        return (self.folder / "seen").read_text().splitlines()

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs that the last step saw."""
        outputs = json.loads((self.folder / "seen.json").read_text())
        assert isinstance(outputs, dict)
        return outputs


@pytest.fixture
def repository(tmp_path: Path, docker: Docker) -> Repository:
    return Repository(tmp_path, docker)


@pytest.fixture
def index() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_later_steps_see_a_registration(repository: Repository, index: Sandbox) -> None:
    assert repository.act("consume.yml", index, index.token) == 0
    assert repository.seen == ["registered", "success success"]
    assert repository.outputs["http-status"] == "201"
    assert repository.outputs["project"] == "sample-project"
    assert repository.outputs["fallback-url"].startswith(f"{index.url}/manage/account/publishing/?")
    assert json.loads(repository.outputs["payload"])["environment"] == "pypi"
    assert isinstance(json.loads(repository.outputs["findings"]), list)
    assert list(index.store.pending) == [IDENTITY]
    assert index.token not in repository.docker.log + (repository.folder / "seen.json").read_text()


def test_later_steps_see_the_fallback_of_a_failure(repository: Repository) -> None:
    with Sandbox(registration=False) as index:
        assert repository.act("consume.yml", index, index.token) == 0
        assert repository.outputs["status"] == "unavailable"
        url = repository.outputs["fallback-url"]
        assert url.startswith(f"{index.url}/manage/account/publishing/?")
        assert repository.seen == [f"fallback {url}", "failure success"]


def test_bootstrap_registers_this_repository(repository: Repository, index: Sandbox) -> None:
    assert repository.act("bootstrap.yml", index, index.token, project="Sample.Project") == 0
    (line,) = repository.seen
    assert line.startswith("registered: ")
    assert list(index.store.pending) == [IDENTITY]


def test_bootstrap_takes_the_project_of_the_tree(repository: Repository, index: Sandbox) -> None:
    inputs = {"workflow": "publish.yml", "environment": "production"}
    assert repository.act("bootstrap.yml", index, index.token, **inputs) == 0
    (pending,) = index.store.pending.values()
    assert pending.project == "pypi-setup"
    assert pending.identity == Identity("octo-org", "sample-project", "publish.yml", "production")


def test_bootstrap_without_a_token_hands_out_the_link(repository: Repository, index: Sandbox) -> None:
    assert repository.act("bootstrap.yml", index, project="sample-project") == 0
    message, link = repository.seen
    assert message.startswith("manual: ")
    assert link.startswith(f"::notice title=Register by hand::{index.url}/manage/account/publishing/?")


def test_bootstrap_fails_where_the_registration_does(repository: Repository, index: Sandbox) -> None:
    assert repository.act("bootstrap.yml", index, "pypi-no-such-token", project="sample-project") == 1
    message, link = repository.seen
    assert message.startswith("unauthorized: ")
    assert link.startswith(f"Or register by hand: {index.url}/manage/account/publishing/?")


def test_bootstrap_hands_out_the_link_where_the_index_has_no_api(repository: Repository) -> None:
    with Sandbox(registration=False) as index:
        assert repository.act("bootstrap.yml", index, index.token, project="sample-project") == 0
        message, link = repository.seen
        assert message.startswith("unavailable: ")
        assert link.startswith(f"::notice title=Register by hand::{index.url}/manage/account/publishing/?")


def test_bootstrap_dry_run_sends_nothing(repository: Repository, index: Sandbox) -> None:
    inputs = {"project": "sample-project", "dry_run": "true"}
    assert repository.act("bootstrap.yml", index, index.token, **inputs) == 0
    (line,) = repository.seen
    assert line.startswith("dry-run: ")
    assert index.requests == ()


# What docs/organizations.md shows

MATRIX = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    strategy: {matrix: {name: [a, b]}}
    runs-on: ubuntu-latest
    environment: {name: "pypi-${{ matrix.name }}", url: "https://pypi.org/p/demo-${{ matrix.name }}"}
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v8
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {repository-url: "URL/legacy/"}
"""


def monorepo(repository: Repository, index: Sandbox) -> None:
    (repository.tree / ".github/workflows/release.yml").write_text(MATRIX.replace("URL", index.url))
    for name in ("a", "b"):
        folder = repository.tree / "packages" / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(f'[project]\nname = "demo-{name}"\nversion = "1"\n')
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Two projects")


def test_a_plan_gives_the_jobs_that_register(repository: Repository, index: Sandbox) -> None:
    monorepo(repository, index)
    assert repository.act("matrix.yml", index, index.token) == 0
    assert {(each.project, each.identity.environment) for each in index.store.pending.values()} == {
        ("demo-a", "pypi-a"),
        ("demo-b", "pypi-b"),
    }


def test_hundreds_of_repositories_call_one_workflow(repository: Repository, index: Sandbox) -> None:
    monorepo(repository, index)
    (repository.tree / "packages/b/pyproject.toml").unlink()
    one = MATRIX.replace("[a, b]", "[a]").replace("URL", index.url)
    (repository.tree / ".github/workflows/release.yml").write_text(one)
    repository.git("commit", "--quiet", "--all", "--message", "One project")
    assert repository.act("caller.yml", index, index.token) == 0
    assert [each.project for each in index.store.pending.values()] == ["demo-a"]
