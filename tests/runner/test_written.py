"""The workflow that `init` writes, on an independent runner (act), up to the project on the embedded index.

The runner has its own checkout. For the other actions, which it would fetch from GitHub, simple ones with the
same inputs stand in. The jobs run on this machine, whatever system they ask for; the builds install their
tools from PyPI. Only the files of maturin are made up: it needs a compiler for Rust.
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
requires = ["BACKEND"]
build-backend = "BACKEND.build"
[project]
name = "NAME"
requires-python = ">=3.10"
version = "1.2.3"
"""
HERE = Path(__file__).parent
TOOLS = 'place=$(mktemp -d -p "$STORE") && python3 -m venv "$place" && '
ON_PATH = 'echo "$place/bin" >>"$GITHUB_PATH"'
STAND_INS = {
    "actions/setup-python": (("python-version",), TOOLS + ON_PATH),
    "astral-sh/setup-uv": (
        ("enable-cache",),
        f'{TOOLS}"$place/bin/python" -m pip install --quiet uv && {ON_PATH}',
    ),
    "pypa/cibuildwheel": (
        ("package-dir", "output-dir"),
        f'{TOOLS}"$place/bin/python" -m pip install --quiet build && '
        '"$place/bin/python" -m build --wheel --outdir "$OUTPUT_DIR" "${PACKAGE_DIR:-.}"',
    ),
    "PyO3/maturin-action": (
        ("command", "target", "manylinux", "args", "sccache", "working-directory"),
        'cd "${WORKING_DIRECTORY:-.}"; if [ "$COMMAND" = sdist ]; then file=sample-1.2.3.tar.gz; '
        "else file=sample-1.2.3-cp310-abi3-${MANYLINUX}_$TARGET.whl; fi; "
        f'"$PYTHON" {HERE}/building.py dist "$file"',
    ),
    "actions/upload-artifact": (
        ("name", "path", "if-no-files-found"),
        'mkdir "$STORE/$NAME" && case "$FOLDER" in */) cp "$FOLDER"* "$STORE/$NAME";; '
        '*) cp $FOLDER "$STORE/$NAME";; esac',
    ),
    "actions/download-artifact": (
        ("name", "pattern", "merge-multiple", "path"),
        'mkdir -p "$FOLDER" && find "$STORE"/${NAME:-$PATTERN} -type f -exec cp {} "$FOLDER" \\;',
    ),
    "pypa/gh-action-pypi-publish": (("repository-url", "skip-existing"), f'"$PYTHON" {HERE}/publish.py'),
    "pypi-setup/pypi-setup": (
        ("mode", "project", "workflow", "environment", "index-url"),
        '"$PYTHON" -m pypi_setup "$MODE" --project "$PROJECT" --workflow "$WORKFLOW" '
        '--environment "$ENVIRONMENT" --index-url "$INDEX_URL"',
    ),
}
SYSTEMS = ("ubuntu-latest", "ubuntu-24.04-arm", "windows-latest", "macos-15-intel", "macos-latest")


def stand_in(inputs: tuple[str, ...], script: str) -> str:
    """Return the file of an action with these inputs that runs a script."""
    env = {name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}" for name in inputs if name != "path"}
    env["FOLDER"] = "${{ inputs.path }}"
    step = {"run": script, "shell": "bash", "env": env}
    declared = {name: {"required": False} for name in inputs}
    return json.dumps(
        {"name": "stand-in", "inputs": declared, "runs": {"using": "composite", "steps": [step]}}
    )


@pytest.fixture
def index() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def package(name: str, backend: str = "hatchling", more: str = "", place: str = "") -> dict[str, str]:
    """Return the files of a package."""
    metadata = METADATA.replace("BACKEND", backend).replace("NAME", name)
    return {f"{place}pyproject.toml": metadata + more, f"{place}src/{name}/__init__.py": ""}


def prepared(files: dict[str, str], index: Sandbox, folder: Path) -> Path:
    """Return a repository for which `init` has written its workflow."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", "https://github.com/octo-org/sample.git")
    command = ["-m", "pypi_setup", "init", "--yes", "--index-url", index.url]
    environ = {**os.environ, "GITHUB_API_URL": index.github.url}
    subprocess.run([sys.executable, *command], cwd=folder, env=environ, check=True, timeout=60)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


@pytest.fixture
def checkout(index: Sandbox, tmp_path: Path) -> Path:
    """A package that is built as most are."""
    return prepared(package("sample"), index, tmp_path / "checkout")


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, timeout=60)


def ran(folder: Path, index: Sandbox, tag: str, event_name: str = "push") -> tuple[int, str]:
    """Run what a tag starts; return the runner's exit code and what it wrote."""
    git(folder, "tag", tag)
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
            *("act", event_name, "--workflows", FILE, "--eventpath", str(event)),
            *(f"--platform={system}=-self-hosted" for system in SYSTEMS),
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
    return done.returncode, done.stdout


PURE = {"sample-1.2.3-py3-none-any.whl", "sample-1.2.3.tar.gz"}


@pytest.mark.parametrize(
    ("files", "built"),
    [
        pytest.param(package("sample"), PURE, id="build"),
        pytest.param(package("sample", more="[tool.uv]\n"), PURE, id="uv"),
        pytest.param(package("sample", more="[tool.cibuildwheel]\n"), PURE, id="cibuildwheel"),
        pytest.param(
            package("sample", "maturin"),
            {
                "sample-1.2.3.tar.gz",
                *(
                    f"sample-1.2.3-cp310-abi3-{system}_{machine}.whl"
                    for system in ("auto", "musllinux_1_2")
                    for machine in ("x86_64", "aarch64")
                ),
                "sample-1.2.3-cp310-abi3-auto_x64.whl",
            },
            id="maturin",
        ),
    ],
)
def test_a_pushed_tag_puts_the_project_on_the_index(
    files: dict[str, str], built: set[str], index: Sandbox, tmp_path: Path
) -> None:
    folder = prepared(files, index, tmp_path / "checkout")
    index.store.add_pending("sample", *Identity("octo-org", "sample", "release.yml", "pypi"))
    index.github.set_job(
        repository="octo-org/sample", workflow="release.yml", environment="pypi", ref="refs/tags/v1.2.3"
    )
    assert ran(folder, index, "v1.2.3")[0] == 0
    project = index.store.project("sample")
    assert project is not None
    assert {file.filename for file in project.files} == built


def test_of_a_workspace_a_tag_publishes_the_project_that_it_names(index: Sandbox, tmp_path: Path) -> None:
    files = {**package("alpha", place="alpha/"), **package("beta", place="beta/")}
    workspace = {"pyproject.toml": "[tool.uv.workspace]\nmembers = ['alpha', 'beta']\n"}
    folder = prepared({**files, **workspace}, index, tmp_path / "checkout")
    for name in ("alpha", "beta"):
        index.store.add_pending(name, *Identity("octo-org", "sample", "release.yml", f"pypi-{name}"))
    tag = "alpha-v1.2.3"
    index.github.set_job(
        repository="octo-org/sample", workflow="release.yml", environment="pypi-alpha", ref=f"refs/tags/{tag}"
    )
    assert ran(folder, index, tag)[0] == 0
    project = index.store.project("alpha")
    assert project is not None
    assert {file.filename for file in project.files} == {
        "alpha-1.2.3-py3-none-any.whl",
        "alpha-1.2.3.tar.gz",
    }
    assert index.store.project("beta") is None


def test_a_tag_that_is_not_the_version_publishes_nothing(checkout: Path, index: Sandbox) -> None:
    index.store.add_pending("sample", *Identity("octo-org", "sample", "release.yml", "pypi"))
    assert ran(checkout, index, "v1.2.4")[0] != 0
    assert index.store.project("sample") is None


def test_started_by_hand_it_proves_the_publisher_and_publishes_nothing(
    checkout: Path, index: Sandbox
) -> None:
    index.store.add_pending("sample", *Identity("octo-org", "sample", "release.yml", "pypi"))
    index.github.set_job(
        repository="octo-org/sample", workflow="release.yml", environment="pypi", ref="refs/tags/verify"
    )
    code, output = ran(checkout, index, "verify", "workflow_dispatch")
    assert code == 0
    assert "The job's claims match the publisher of sample" in output
    assert "Run Main actions/checkout" not in output
    assert index.store.project("sample") is None
