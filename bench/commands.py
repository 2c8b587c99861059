"""Measure whole commands, side by side with what does the least that they do, and with their neighbours.

- `register` by API, against three lines of `requests.post` in the same environment, and against curl;
- `check` of one file while GitHub's API refuses connections, against one that does not ask GitHub;
- `check` of 1, 100 and 1,000 workflow files, each a process of its own, against parsing them with PyYAML's C
  loader, against actionlint, and against zizmor without a network;
- with `--image IMAGE`, a dry run in the container, against the interpreter in the same container.

The wheel is measured, installed from the lock. All commands of a comparison run in turn; each round gives a
ratio, and the median of the rounds counts. The index is a stand-in on this machine that answers at once.

    python -m bench.commands [--rounds 15] [--image IMAGE [--engine podman]]
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.preflight import fill
from bench.startup import installed

from pypi_setup.sandbox.web import Answer, Listener

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pypi_setup.sandbox.web import Request

SIZES = (1, 100, 1000)
NOT_RUN = 125
"""The first of the exit codes that say that a command could not be run."""

VALUES = (
    *("--project", "sample-project", "--owner", "octo-org", "--repo", "sample"),
    *("--workflow", "release.yml", "--environment", "pypi"),
)
POST = """\
import requests
fields = {{"name": "sample-project", "owner": "octo-org", "repository": "sample"}}
print(requests.post("{url}/_/v1/publisher", json=fields, headers={{"Authorization": "Token x"}}, timeout=9))
"""
PARSE = """\
import pathlib, yaml
for path in pathlib.Path(".github/workflows").iterdir():
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
INPUTS = {
    "INPUT_PROJECT": "sample-project",
    "INPUT_OWNER": "octo-org",
    "INPUT_REPO": "sample",
    "INPUT_WORKFLOW": "release.yml",
    "INPUT_ENVIRONMENT": "pypi",
    "INPUT_DRY_RUN": "true",
}


def main() -> int:
    """Print a table for each comparison."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--image", help="the action's image, where a container engine is")
    parser.add_argument("--engine", default="docker", help="what runs it: docker or podman")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = installed(Path(folder))
        index = Listener(answered)
        registering(python, index.url, options.rounds)
        refused(python, index.url, options.rounds)
        for size in SIZES:
            checking(python, index.url, size, max(3, options.rounds // (1 if size < max(SIZES) else 5)))
        index.close()
    if options.image:
        contained(options.engine, options.image, options.rounds)
    return 0


def answered(request: Request) -> Answer:
    """Be an index: every project exists, and every registration succeeds."""
    if request.method == "POST":
        return Answer(201, "application/json", b'{"message": "registered"}')
    page = b'{"meta": {"api-version": "1.4"}, "name": "sample-project", "files": [], "versions": []}'
    return Answer(200, "application/vnd.pypi.simple.v1+json", page)


def registering(python: str, url: str, rounds: int) -> None:
    """Compare a registration with the bare request."""
    with tempfile.TemporaryDirectory() as folder:
        commands: dict[str, Sequence[str]] = {
            "pypi-setup": [python, "-I", "-m", "pypi_setup", "--index-url", url, *VALUES],
            "requests.post": [python, "-I", "-c", POST.format(url=url)],
            "curl": ["curl", "--silent", "--data", "{}", f"{url}/_/v1/publisher"],
        }
        told("register by API, outside of a checkout", commands, folder, rounds)


def refused(python: str, url: str, rounds: int) -> None:
    """Compare a check that cannot reach GitHub with one that does not try."""
    with socket.socket() as closed, tempfile.TemporaryDirectory() as folder:
        closed.bind(("127.0.0.1", 0))  # It never listens: who connects is refused.
        fill(Path(folder), 1, 0)
        command = [python, "-I", "-m", "pypi_setup", "check", "--index-url", url, *VALUES]
        nobody = f"GITHUB_API_URL=http://127.0.0.1:{closed.getsockname()[1]}"
        commands: dict[str, Sequence[str]] = {
            "GitHub refuses": ["env", nobody, *command],
            "GitHub is not asked": ["env", "GITHUB_API_URL=none", *command],
        }
        told("check of one file", commands, folder, rounds)


def checking(python: str, url: str, size: int, rounds: int) -> None:
    """Compare a check with the parser alone, and with other linters on the same files."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), size, 0.05)
        Path(folder, ".git").mkdir()
        commands: dict[str, Sequence[str]] = {
            "pypi-setup": [python, "-I", "-m", "pypi_setup", "check", "--index-url", url, *VALUES],
            "C parser": [python, "-I", "-c", PARSE],
            "actionlint": ["actionlint", "-shellcheck=", "-pyflakes="],
            "zizmor": ["zizmor", "--offline", "--quiet", "."],
        }
        told(f"check of {size} workflow files", commands, folder, rounds)


def contained(engine: str, image: str, rounds: int) -> None:
    """Compare a dry run in the container with the interpreter in the same container."""
    given = [word for name, value in INPUTS.items() for word in ("--env", f"{name}={value}")]
    python = ["--entrypoint", "/opt/pypi-setup/.venv/bin/python"]
    commands: dict[str, Sequence[str]] = {
        "the action": [engine, "run", "--rm", *given, image],
        "the interpreter": [engine, "run", "--rm", *python, image, "-I", "-c", "pass"],
    }
    told("a dry run in the container", commands, ".", rounds)


def told(title: str, commands: Mapping[str, Sequence[str]], folder: str, rounds: int) -> None:
    """Run commands in turn, and print what each took and how often the first takes it."""
    here = Path(sys.executable).parent  # zizmor is beside this interpreter.
    path = f"{here}{os.pathsep}{os.environ['PATH']}"
    environ = {name: value for name, value in os.environ.items() if "TOKEN" not in name}
    environ |= {"PATH": path, "GITHUB_API_URL": "none"}
    if "requests.post" in commands:
        environ["PYPI_API_TOKEN"] = "pypi-only-for-this-machine"  # noqa: S105 - the index takes any
    found = {name: command for name, command in commands.items() if shutil.which(command[0], path=path)}
    for command in found.values():
        done = subprocess.run(command, cwd=folder, env=environ, check=False, capture_output=True)
        if done.returncode >= NOT_RUN:  # Linters have codes of their own for findings.
            raise SystemExit(f"{command[0]} cannot be measured: {done.stderr.decode(errors='replace')}")
    times = [
        {name: seconds(command, folder, environ) for name, command in found.items()} for _ in range(rounds)
    ]
    print(f"{title}:")
    first = next(iter(found))
    for name in commands:
        if name not in found:
            print(f"  {name:22} is not here")
            continue
        median = statistics.median(each[name] for each in times)
        ratio = statistics.median(each[first] / each[name] for each in times)
        against = "" if name == first else f"   {first} takes {ratio:6.2f} times that"
        print(f"  {name:22} {median * 1000:8.1f} ms{against}")


def seconds(command: Sequence[str], folder: str, environ: Mapping[str, str]) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=dict(environ), check=False, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
