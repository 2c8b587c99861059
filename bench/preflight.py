"""Measure the preflight: a repository with 1 to 1000 workflow files, against parsing the same files.

Checking has to read all files, because any of them may publish or call the registered one. The other side of
the comparison does nothing but parse each of them with PyYAML's C loader. Both are measured in turn, in one
process, and the best of several rounds counts. The memory is what Python allocates at most while it checks.

    python bench/preflight.py [--publishing SHARE] [SIZE ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.sources.files import Checkout
from pypi_setup.values import index, publisher

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 10, 100, 1000)
ROUNDS = 5
LIMIT = 1.5
"""What the ratio shall be at most for a thousand files."""

PUBLISHER = publisher.parse("sample-project", "octo-org", "sample", "release.yml", "pypi")

TESTS = """\
name: Tests {number}
on:
  push:
    branches: [main]
  pull_request:
concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true
permissions:
  contents: read
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: actions/setup-python@v7
        with:
          python-version: "3.14"
          cache: pip
      - run: |
          python -m pip install --upgrade pip
          python -m pip install ruff mypy
      - run: ruff check .
      - run: mypy src
  test:
    needs: lint
    name: Python ${{{{ matrix.python }}}} on ${{{{ matrix.os }}}}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, windows-latest, macos-latest]
        python: ["3.10", "3.11", "3.12", "3.13", "3.14"]
        include:
          - os: ubuntu-latest
            python: "3.15-dev"
            experimental: true
    runs-on: ${{{{ matrix.os }}}}
    continue-on-error: ${{{{ matrix.experimental || false }}}}
    env:
      FORCE_COLOR: 1
      PART: part-{number}
    steps:
      - uses: actions/checkout@v7
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v7
        with:
          python-version: ${{{{ matrix.python }}}}
          allow-prereleases: true
      - name: Install
        run: |
          python -m pip install --upgrade pip
          python -m pip install --editable ".[test]"
      - name: Test
        run: python -m pytest --cov --cov-report=xml -n auto
      - name: Coverage
        if: matrix.os == 'ubuntu-latest' && matrix.python == '3.14'
        uses: codecov/codecov-action@v6
        with:
          files: coverage.xml
          flags: part-{number}
      - uses: actions/upload-artifact@v7
        with:
          name: report-${{{{ matrix.os }}}}-${{{{ matrix.python }}}}
          path: report/
"""

RELEASE = """\
name: Release {number}
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
      - uses: actions/setup-python@v7
        with:
          python-version: "3.14"
      - run: |
          python -m pip install build
          python -m build
      - uses: actions/upload-artifact@v7
        with:
          name: dist
          path: dist/
  publish:
    needs: build
    runs-on: ubuntu-latest
    environment:
      name: pypi
      url: https://pypi.org/p/sample-project
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v8
        with:
          name: dist
          path: dist/
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def main() -> int:
    """Measure each size, print a table, and return 1 where the ratio at the greatest size is too high."""
    parser = argparse.ArgumentParser(description="Measure the preflight.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--publishing", type=float, default=0.05, help="share of the files that publish")
    options = parser.parse_args()
    sys.stdout.write("  files   check (ms)   C loader (ms)   ratio   peak memory (MB)\n")
    ratio = 0.0
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), size, options.publishing)
            checking, parsing = side_by_side(partial(checked, folder), partial(parsed, folder))
            ratio = checking / parsing
            memory = peak(partial(checked, folder))
        sys.stdout.write(
            f"{size:7} {checking * 1000:12.1f} {parsing * 1000:15.1f} {ratio:7.2f} {memory / 1e6:18.2f}\n"
        )
    return int(ratio > LIMIT)


def fill(root: Path, size: int, publishing: float) -> None:
    """Write the workflow files of a repository: the registered one, and others beside it."""
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "release.yml").write_text(RELEASE.format(number=0), encoding="utf-8")
    for number in range(1, size):
        publishes = int(number * publishing) > int((number - 1) * publishing)
        text = (RELEASE if publishes else TESTS).format(number=number)
        (folder / f"workflow-{number}.yml").write_text(text, encoding="utf-8")


def checked(root: str) -> None:
    """Check the repository."""
    check(Evidence((PUBLISHER,), index.parse("pypi"), Checkout(root)))


def parsed(root: str) -> None:
    """Parse all files of the repository, and forget them."""
    for path in Path(root, ".github", "workflows").iterdir():
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def side_by_side(one: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds that each of two functions takes: the best of several rounds, in turn."""
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        for place, function in enumerate((one, other)):
            start = time.perf_counter()
            function()
            best[place] = min(best[place], time.perf_counter() - start)
    return best[0], best[1]


def peak(function: Callable[[], None]) -> float:
    """Return the bytes that Python allocates at most while a function runs, beyond those before."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    raise SystemExit(main())
