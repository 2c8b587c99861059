"""The product from a built wheel in an empty virtual environment: what is in it, and that it works alone.

On the oldest and the newest Python that this machine has. The environment gets the runtime's lock and the
wheel, and no more: what only the tests bring is not there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
VALUES = (
    *("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-repo"),
    *("--workflow", "release.yml", "--environment", "pypi"),
)


@cache
def pythons() -> dict[str, str]:
    """Return the interpreters that are here, by version: the tests' own, those on PATH, those of pyenv."""
    beside = Path(sys.base_prefix).parent
    found = {"{}.{}".format(*sys.version_info): str(Path(sys.base_prefix) / "bin" / "python3")}
    for version in VERSIONS:
        installed = [str(each) for each in sorted(beside.glob(f"{version}.*/bin/python3"))]
        on_path = shutil.which(f"python{version}")
        for candidate in [*installed, *([on_path] if on_path else [])]:
            code = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
            told = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
            if told.returncode == 0 and told.stdout.strip() == version:
                found.setdefault(version, candidate)
    return dict(sorted(found.items(), key=lambda item: VERSIONS.index(item[0])))


def clean() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "COV", "PYTHON"))
    }


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=clean(), timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session", params=["oldest", "newest"])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the runtime's lock; returns its folder of programs."""
    python = list(pythons().values())[0 if request.param == "oldest" else -1]
    folder = tmp_path_factory.mktemp(request.param)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    lock = ("--require-hashes", "--requirement", str(ROOT / "requirements/runtime.txt"))
    pip = (str(folder / "bin/python"), "-m", "pip")
    for command in (
        (python, "-m", "venv", str(folder)),
        (*pip, "install", *options, *lock),
        (*pip, "install", *options, str(wheel)),
        (*pip, "check"),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean(), timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(installed / "pypi-setup"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=clean(), timeout=60
    )


@pytest.mark.xdist_group("installed")
def test_the_command_works_with_what_the_wheel_brings(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "--dry-run", "--json", *VALUES, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "dry-run"
    assert run(installed, "--version", cwd=tmp_path).stdout.startswith("pypi-setup ")
    reserved = run(installed, "--dry-run", "--json", *VALUES, "--project", "asyncio", cwd=tmp_path)
    assert (reserved.returncode, json.loads(reserved.stdout)["status"]) == (2, "invalid")


@pytest.mark.xdist_group("installed")
def test_the_embedded_index_works_with_what_the_wheel_brings(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "python"), "-u", "-m", "pypi_setup.sandbox"]
    environ = clean()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, cwd=tmp_path
    ) as index:
        try:
            assert index.stdout is not None
            said = ""
            while "--index-url" not in said:
                line = index.stdout.readline()
                assert line, said
                said += line
            url = re.search(r"http://127\.0\.0\.1:\d+", said)
            token = re.search(r"pypi-[\w-]{20,}", said)
            assert url, said
            assert token, said
            registering = subprocess.run(
                [str(installed / "pypi-setup"), "--json", *VALUES, "--index-url", url[0]],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
                env={**environ, "PYPI_API_TOKEN": token[0], "GITHUB_API_URL": url[0]},
                timeout=60,
            )
        finally:
            index.terminate()
    report = json.loads(registering.stdout)
    assert (registering.returncode, report["status"], report["http_status"]) == (0, "registered", 201)
