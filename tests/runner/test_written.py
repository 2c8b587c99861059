"""The workflow that `init` writes, on an independent runner (act), up to the project on the embedded index.

The runner has its own checkout. For the other actions, which it would fetch from GitHub, simple ones with the
same inputs stand in. The jobs run on this machine; the build installs its tools from PyPI.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pypi_setup.sandbox import Identity, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.runner

FILE = ".github/workflows/release.yml"
METADATA = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "sample"
requires-python = ">=3.10"
version = "1.2.3"
"""
PUBLISH = Path(__file__).parent / "publish.py"
STAND_INS = {
    "actions/setup-python": ((), 'python3 -m venv "$STORE/venv" && echo "$STORE/venv/bin" >>"$GITHUB_PATH"'),
    "actions/upload-artifact": (
        ("name", "path", "if-no-files-found"),
        'mkdir -p "$STORE/$NAME" && cp "$FOLDER"* "$STORE/$NAME"',
    ),
    "actions/download-artifact": (("name", "path"), 'mkdir -p "$FOLDER" && cp "$STORE/$NAME"/* "$FOLDER"'),
    "pypa/gh-action-pypi-publish": (("repository-url", "skip-existing"), f'"$PYTHON" {PUBLISH}'),
}


def stand_in(inputs: tuple[str, ...], script: str) -> str:
    """Return the file of an action with these inputs that runs a script."""
    env = {
        "NAME": "${{ inputs.name }}",
        "FOLDER": "${{ inputs.path }}",
        "REPOSITORY_URL": "${{ inputs.repository-url }}",
    }
    step = {"run": script, "shell": "bash", "env": env}
    declared = {name: {"required": False} for name in inputs}
    return json.dumps(
        {"name": "stand-in", "inputs": declared, "runs": {"using": "composite", "steps": [step]}}
    )


@pytest.fixture
def index() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def checkout(index: Sandbox, tmp_path: Path) -> Path:
    """A package for which `init` has written its workflow."""
    folder = tmp_path / "checkout"
    (folder / "src/sample").mkdir(parents=True)
    (folder / "src/sample/__init__.py").touch()
    (folder / "pyproject.toml").write_text(METADATA)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", "https://github.com/octo-org/sample.git")
    command = ["-m", "pypi_setup", "init", "--yes", "--index-url", index.url]
    environ = {**os.environ, "GITHUB_API_URL": index.github.url}
    subprocess.run([sys.executable, *command], cwd=folder, env=environ, check=True, timeout=60)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    git(folder, "tag", "v1.2.3")
    return folder


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, timeout=60)


def pushed(folder: Path, index: Sandbox, tag: str) -> int:
    """Run what a pushed tag starts; return the runner's exit code."""
    work = folder.parent
    event = work / "event.json"
    event.write_text(json.dumps({"ref": f"refs/tags/{tag}", "repository": {"default_branch": "main"}}))
    store = work / "store"
    store.mkdir(exist_ok=True)
    stands = []
    for action, pin in re.findall(r"uses: (\S+)@([0-9a-f]{40})", (folder / FILE).read_text()):
        if action in STAND_INS:
            place = work / "stand-ins" / action
            place.mkdir(parents=True, exist_ok=True)
            (place / "action.yml").write_text(stand_in(*STAND_INS[action]))
            stands.append(f"--local-repository={action}@{pin}={place}")
    variables = {"STORE": str(store), "PYTHON": sys.executable, **index.github.environ}
    done = subprocess.run(
        [
            *("act", "push", "--workflows", FILE, "--eventpath", str(event)),
            *("--platform", "ubuntu-latest=-self-hosted"),
            *stands,
            *(f"--env={name}={value}" for name, value in variables.items()),
        ],
        cwd=folder,
        env={**os.environ, "HOME": str(work)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    print(done.stdout)  # pytest shows it where a test fails
    return done.returncode


def test_a_pushed_tag_puts_the_project_on_the_index(checkout: Path, index: Sandbox) -> None:
    index.store.add_pending("sample", *Identity("octo-org", "sample", "release.yml", "pypi"))
    index.github.set_job(
        repository="octo-org/sample", workflow="release.yml", environment="pypi", ref="refs/tags/v1.2.3"
    )
    assert pushed(checkout, index, "v1.2.3") == 0
    project = index.store.project("sample")
    assert project is not None
    assert {file.filename for file in project.files} == {
        "sample-1.2.3-py3-none-any.whl",
        "sample-1.2.3.tar.gz",
    }


def test_a_tag_that_is_not_the_version_publishes_nothing(checkout: Path, index: Sandbox) -> None:
    index.store.add_pending("sample", *Identity("octo-org", "sample", "release.yml", "pypi"))
    git(checkout, "tag", "v1.2.4")
    assert pushed(checkout, index, "v1.2.4") != 0
    assert index.store.project("sample") is None
