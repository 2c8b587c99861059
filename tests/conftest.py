"""What needs a tool that is not on every machine: skipped by name, or a failure where all is required."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.sandbox import Sandbox

REQUIRE_ALL = "PYPI_SETUP_REQUIRE_ALL"
"""Set, in CI, where a missing tool is a failure."""

DOCKER = """\
#!/bin/sh
# Note the arguments down; let a container reach the embedded index, which listens on this machine's loopback.
printf '%s\\n' "$*" >>"$0.log"
# With a PROBE, that Python program runs in the place of the image's own.
if [ "$1" = run ]; then
    shift
    if [ -n "${PROBE:-}" ]; then set -- --entrypoint python "$@" -c "$PROBE"; fi
    set -- run --network host "$@"
fi
exec DOCKER "$@"
"""


@cache
def missing(marker: str) -> str:
    """Say what a test with this marker lacks here; empty if nothing."""
    if marker in {"container", "runner"}:
        docker = shutil.which("docker")
        if not docker or subprocess.run([docker, "version"], capture_output=True, check=False).returncode:
            return "a container engine that the docker client reaches"
    if marker == "runner" and not shutil.which("act"):
        return "the runner act"
    if marker == "browser":
        browsers = ("chromium", "chromium-browser", "google-chrome")
        if not shutil.which("chromedriver") or not any(map(shutil.which, browsers)):
            return "Chromium and its driver"
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in ("container", "runner", "browser"):
        if item.get_closest_marker(marker) and (tool := missing(marker)):
            reason = f"{item.path.relative_to(item.config.rootpath)} needs {tool}"
            if os.environ.get(REQUIRE_ALL):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


class Docker(NamedTuple):
    """The machine's docker client, and one before it that notes down what it is asked for."""

    folder: Path
    """Put it first on PATH."""

    client: str

    @property
    def log(self) -> str:
        """All command lines so far, one a line."""
        return (self.folder / "docker.log").read_text()

    @property
    def image(self) -> str:
        """The image that ran."""
        (name,) = {line.split()[-1] for line in self.log.splitlines() if line.startswith("image inspect ")}
        return name

    def ask(self, *arguments: str) -> str:
        """Return what the real client says; nothing is noted down."""
        return subprocess.run(
            [self.client, *arguments], stdout=subprocess.PIPE, text=True, check=True, timeout=60
        ).stdout


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    client = shutil.which("docker") or "docker"
    folder = tmp_path / "docker"
    folder.mkdir()
    (folder / "docker").write_text(DOCKER.replace("exec DOCKER", f"exec {client}"))
    (folder / "docker").chmod(0o755)
    (folder / "docker.log").touch()
    return Docker(folder, client)


class Exchange(NamedTuple):
    """One exchange with PyPI's own server, as it was recorded."""

    label: str
    request: dict[str, Any]
    response: dict[str, Any]


@cache
def recorded() -> tuple[Exchange, ...]:
    lines = (Path(__file__).parent / "data" / "pypi-contract.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return tuple(
        Exchange(entry["label"], entry["request"], entry["response"])
        for entry in entries
        if entry.get("request") and entry.get("response")
    )


@pytest.fixture(scope="session")
def exchanges() -> tuple[Exchange, ...]:
    """All recorded exchanges with PyPI's own server, in their order."""
    return recorded()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Leave nothing of the machine's environment that the product reads; return an empty HOME."""
    for name in os.environ:
        if name.startswith(("GITHUB_", "INPUT_", "ACTIONS_", "PYPI_", "RUNNER_")) or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "CI", "NETRC", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def sandbox(bare: Path) -> Iterator[Sandbox]:
    """The embedded index, with a project `sample-project` that exists and has no files."""
    from pypi_setup.sandbox import Sandbox

    with Sandbox() as index:
        index.store.add_project("sample-project")
        yield index
