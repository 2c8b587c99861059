"""The product from a built wheel in an empty virtual environment: what is in it, and that it works alone.

On the oldest and the newest Python that this machine has. The environment gets the runtime's lock and the
wheel, and no more: what only the tests bring is not there.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from email.message import Message

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


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name), policy=email.policy.default)


@pytest.mark.xdist_group("installed")
def test_the_index_can_say_where_the_project_is_and_what_it_runs_on(metadata: Message) -> None:
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL", []))
    assert list(urls) == ["Homepage", "Documentation", "Rules", "Changelog", "Issues"]
    assert {url.partition("/pypi-setup/pypi-setup")[0] for url in urls.values()} == {"https://github.com"}
    offered = re.findall(r"Python :: (3\.\d+)$", "\n".join(metadata.get_all("Classifier", [])), re.MULTILINE)
    assert tuple(offered) == VERSIONS
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert tuple(ci["jobs"]["test"]["strategy"]["matrix"]["python"]) == VERSIONS


@pytest.mark.xdist_group("installed")
def test_the_readme_works_on_the_page_of_the_index(metadata: Message) -> None:
    text = str(metadata.get_payload())
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert text.lstrip().startswith("# pypi-setup\n")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert "https://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md" in targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    assert "```mermaid" not in text
    assert "[[[" not in text


def test_the_readme_for_the_index_is_changed_where_it_must_be() -> None:
    readme = runpy.run_path(str(ROOT / "hatch_build.py"))["readme"]
    given = (
        "[a](docs/a.md#b) ![p](docs/p.png) [![q](q.svg)](LICENSE) [c](#c) [d](https://d.example) `[e](f)`\n"
        "<!-- [[[cog\nrun()\n]]] -->\n| x |\n<!-- [[[end]]] -->\n```mermaid\ngraph\n```\nend\n"
    )
    assert readme(given, "https://h.example/o/r") == (
        "[a](https://h.example/o/r/blob/main/docs/a.md#b) ![p](https://h.example/o/r/raw/main/docs/p.png) "
        "[![q](https://h.example/o/r/raw/main/q.svg)](https://h.example/o/r/blob/main/LICENSE) "
        "[c](#c) [d](https://d.example) `[e](https://h.example/o/r/blob/main/f)`\n"
        "| x |\n[A diagram of this](https://h.example/o/r#readme) stands in the repository.\nend\n"
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
