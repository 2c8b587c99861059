"""What needs a tool that is not on every machine: skipped by name, or a failure where all is required."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import pytest

from pypi_setup.render import jsonline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema import Draft202012Validator

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

EXAMPLES = int(os.environ.get("PYPI_SETUP_EXAMPLES", "100"))
"""Examples of each property: `make fuzz` asks for many more. Those that failed are kept in .hypothesis."""

hypothesis.settings.register_profile("ours", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("ours")  # How long an example takes is the machine's affair.

# A shell's background job ignores SIGINT, and so would the children that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

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


def program(name: str) -> str | None:
    """Return the path of a program of the virtual environment, else of the machine."""
    return shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


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
    if marker == "linter" and not all(map(program, ("actionlint", "zizmor"))):
        return "actionlint and zizmor"
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in ("container", "runner", "browser", "linter"):
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


@cache
def described() -> Draft202012Validator:
    """Return a validator of reports by the published schema, which here refuses other keys."""
    from jsonschema import Draft202012Validator

    file = Path(__file__).parent.parent / "docs" / "report.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))

    def close(part: Any) -> None:
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            close(inner)
        if isinstance(part, dict) and part.get("type") in ("object", ["object", "null"]):
            part.setdefault("additionalProperties", False)

    close(schema)
    return Draft202012Validator({"$ref": "#/$defs/report", "$defs": schema["$defs"]})


@pytest.fixture(autouse=True)
def reports_are_as_the_schema_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every report that a test renders as JSON against the schema that users have."""
    one = jsonline._one

    def checked(report: Report) -> dict[str, object]:
        data = one(report)
        problems = [
            f"{error.json_path}: {error.message}"
            for error in described().iter_errors(json.loads(json.dumps(data)))
        ]
        assert problems == [], "describe it in docs/report.schema.json, then run make docs"
        return data

    monkeypatch.setattr(jsonline, "_one", checked)


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
    """Leave nothing of the machine that the product reads; return an empty HOME. The folder is empty too."""
    for name in os.environ:
        if name.startswith(("GITHUB_", "INPUT_", "ACTIONS_", "PYPI_", "RUNNER_")) or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "CI", "NETRC", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(home))
    return home


WORKFLOW = """\
name: Release
on:
  release:
    types: [published]
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - run: python -m build
      - uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a
        with: {name: dist, path: dist/}
  publish:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c
        with: {name: dist, path: dist/}
      - uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33
        with: {repository-url: "URL/legacy/"}
"""


@pytest.fixture(scope="session")
def workflow() -> str:
    """A workflow that publishes to the index at URL, with nothing to find fault with."""
    return WORKFLOW


@pytest.fixture
def sandbox(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The embedded index, with a project `sample-project` that exists and has no files.

    GitHub's stand-in knows the repository octo-org/sample-repo; the current folder is empty.
    """
    from pypi_setup.sandbox import Environment, Sandbox

    with Sandbox() as index:
        index.store.add_project("sample-project")
        files = {
            ".github/workflows/release.yml": WORKFLOW.replace("URL", index.url),
            "pyproject.toml": '[project]\nname = "sample-project"\nversion = "1"\n',
        }
        index.github.add_repository("octo-org/sample-repo", files=files, environments=[Environment("pypi")])
        monkeypatch.setenv("GITHUB_API_URL", index.github.url)
        yield index


def linted(folder: Path) -> str:
    """Return what actionlint and zizmor (at its strictest) have to say of a repository; empty if nothing."""
    checks = (
        ("actionlint", "-no-color", *map(str, sorted((folder / ".github/workflows").iterdir()))),
        ("zizmor", "--offline", "--pedantic", "--quiet", "--no-progress", "--color=never", str(folder)),
    )
    found = []
    for name, *arguments in checks:
        done = subprocess.run(
            [program(name) or name, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        found += [done.stdout + done.stderr] if done.returncode else []
    return "".join(found)


class Command(NamedTuple):
    """A log command, as the runner understands it."""

    name: str
    properties: dict[str, str]
    message: str


class Step(NamedTuple):
    """What a step of the action left behind."""

    code: int
    log: str
    errors: str
    outputs: dict[str, str]
    summary: str
    commands: list[Command]


def commands_in(log: str) -> list[Command]:
    """Read a log as the runner does (actions/runner, ActionCommand and ActionCommandManager)."""
    found: list[Command] = []
    stopped: str | None = None
    for line in re.split(r"\r\n|\n|\r", log):
        new = re.match(r"\s*::([^:\s][^:]*?)(?: ([^:]*))?::(.*)", line, re.DOTALL)
        old = re.search(r"##\[([^\s\]]+)(?: ([^\]]*))?\](.*)", line, re.DOTALL)
        match = new or old
        if not match:
            continue
        name, properties, message = match[1], match[2] or "", match[3]
        if stopped is not None:
            stopped = None if name == stopped else stopped
        elif name == "stop-commands":
            stopped = message
        else:
            pairs = (part.partition("=") for part in properties.split(",") if part)
            decoded = {key.strip(): _decoded(value, "%3A:", "%2C,") for key, _, value in pairs}
            found.append(Command(name, decoded, _decoded(message)))
    assert stopped is None, "the runner would never look for commands again"
    return found


def _decoded(text: str, *more: str) -> str:
    for code in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(code[:3], code[3:])
    return text


def outputs_in(text: str) -> dict[str, str]:
    """Read an output file as the runner does (actions/runner, FileCommandManager)."""
    found: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\n|\r", text))
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, value = line[:equals], line[equals + 1 :]
        else:
            assert heredoc >= 0, f"the runner would refuse {line!r}"
            name, delimiter = line[:heredoc], line[heredoc + 2 :]
            held: list[str] = []
            while (next_line := next(lines)) != delimiter:
                held.append(next_line)
            value = "\n".join(held)
        assert name not in found, f"{name} is set twice"
        found[name] = value
    return found


class Runner:
    """What a runner makes of a log and of an output file."""

    commands = staticmethod(commands_in)
    outputs = staticmethod(outputs_in)


@pytest.fixture(scope="session")
def runner() -> Runner:
    """How a runner reads what a step writes."""
    return Runner()


@pytest.fixture
def step(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Step]:
    """Run the action in this process with these inputs (underscores for dashes), and read what it left."""
    numbers = itertools.count()

    def run(**inputs: str) -> Step:
        from pypi_setup import action

        place = tmp_path / f"step-{next(numbers)}"
        place.mkdir()
        output, shown = place / "output", place / "summary"
        with monkeypatch.context() as patch:
            for name, value in inputs.items():
                patch.setenv(f"INPUT_{name.upper().replace('_', '-')}", value)
            patch.setenv("GITHUB_OUTPUT", str(output))
            patch.setenv("GITHUB_STEP_SUMMARY", str(shown))
            patch.setenv("GITHUB_ACTIONS", "true")
            code = action.main()
        log, errors = capsys.readouterr()
        texts = [file.read_text(encoding="utf-8") if file.exists() else "" for file in (output, shown)]
        return Step(code, log, errors, outputs_in(texts[0]), texts[1], commands_in(log))

    return run
