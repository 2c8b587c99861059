"""Measure `survey`: 50 and 500 checkouts, against checking each of them alone, one after the other.

The other side of the comparison does what a survey cannot do without: it finds each checkout's workflow and
checks it, with the same look-ups on the same index, a stand-in on this machine that answers at once. Each
survey runs in a process of its own, so that its peak of memory is its own; so does the other side.

    python bench/survey.py [SIZE ...]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from pypi_setup.sandbox.web import Answer, Listener

SIZES = (50, 500)
ROUNDS = 3
LIMIT = 1.5
"""What the ratio shall be at most for five hundred checkouts."""

MEMORY_LIMIT = 20.0
"""MB that the greatest survey may take beyond the smallest: what is kept is its rows."""

WORKFLOWS = 4
"""Workflow files beside the one that publishes."""

TESTS = """\
name: Tests {number}
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  test:
    name: Python ${{{{ matrix.python }}}} on ${{{{ matrix.os }}}}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, windows-latest, macos-latest]
        python: ["3.10", "3.11", "3.12", "3.13", "3.14"]
    runs-on: ${{{{ matrix.os }}}}
    steps:
      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: actions/setup-python@v7
        with:
          python-version: ${{{{ matrix.python }}}}
          cache: pip
      - run: |
          python -m pip install --upgrade pip
          python -m pip install --editable ".[test]"
      - run: python -m pytest --cov --cov-report=xml -n auto
      - if: matrix.os == 'ubuntu-latest' && matrix.python == '3.14'
        uses: codecov/codecov-action@v6
        with:
          files: coverage.xml
"""

RELEASE = """\
name: Release
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: pipx run build
      - uses: actions/upload-artifact@v7
        with:
          name: dist
          path: dist/
  publish:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v8
        with:
          name: dist
          path: dist/
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


class Taken(NamedTuple):
    """What a run took."""

    seconds: float
    megabytes: float


def main() -> int:
    """Measure each size, print a table, and return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure the survey of checkouts.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--run", choices=("survey", "alone"), help=argparse.SUPPRESS)
    parser.add_argument("--at", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run(options.run, *options.at)
    sys.stdout.write("  checkouts   survey (s)   each alone (s)   ratio   survey, peak (MB)\n")
    found: list[tuple[float, float]] = []
    listener = Listener(lambda _request: Answer(404, "text/plain", b"no such project"))
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), size)
            best = [Taken(float("inf"), float("inf"))] * 2
            for _ in range(ROUNDS):
                for place, what in enumerate(("survey", "alone")):
                    best[place] = min(best[place], measured(what, folder, listener.url))
        ratio = best[0].seconds / best[1].seconds
        found.append((ratio, best[0].megabytes))
        survey, alone = best
        numbers = f"{size:11} {survey.seconds:12.2f} {alone.seconds:16.2f} {ratio:7.2f}"
        sys.stdout.write(f"{numbers} {survey.megabytes:19.1f}\n")
    listener.close()
    return int(found[-1][0] > LIMIT or found[-1][1] - found[0][1] > MEMORY_LIMIT)


def fill(root: Path, size: int) -> None:
    """Write the checkouts."""
    for number in range(size):
        place = root / f"sample-{number}"
        workflows = place / ".github" / "workflows"
        workflows.mkdir(parents=True)
        (workflows / "release.yml").write_text(RELEASE, encoding="utf-8")
        for other in range(WORKFLOWS):
            (workflows / f"tests-{other}.yml").write_text(TESTS.format(number=other), encoding="utf-8")
        text = f'[project]\nname = "sample-{number}"\nversion = "1.{number}"\n[build-system]\nrequires = []\n'
        (place / "pyproject.toml").write_text(text, encoding="utf-8")
        source = place / "src" / "sample"
        source.mkdir(parents=True)
        for module in range(10):
            (source / f"module_{module}.py").write_text("", encoding="utf-8")
        git = place / ".git"
        (git / "objects").mkdir(parents=True)
        (git / "refs").mkdir()
        (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
        url = f"https://github.com/octo-org/sample-{number}.git"
        (git / "config").write_text(
            f'[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = {url}\n', encoding="utf-8"
        )


def measured(what: str, folder: str, index: str) -> Taken:
    """Return what a run in a process of its own took."""
    command = [sys.executable, __file__, "--run", what, "--at", folder, index]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return Taken(seconds, megabytes)


def run(what: str, folder: str, index: str) -> int:
    """Do one side of the comparison, and print what it took."""
    from pypi_setup.commands import dispatch
    from pypi_setup.render import jsonline
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings

    def do(given: Given, place: str) -> int:
        report = dispatch.run(given, Surroundings(place, environ, lambda _secret: None))
        return len(jsonline.line(report)) and len(report.results or (report,))

    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = Given(index_url=index)
    start = time.perf_counter()
    if what == "survey":
        count = do(given._replace(mode="survey", folders=(folder,)), folder)
    else:
        # Without a GitHub that answers: a survey without a token asks it nothing.
        environ["GITHUB_API_URL"] = "none"
        places = sorted(Path(folder).iterdir())
        count = sum(do(given._replace(mode="check"), str(place)) for place in places)
    seconds = time.perf_counter() - start
    if count != len(os.listdir(folder)):
        raise SystemExit(f"{count} results")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {peak}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
