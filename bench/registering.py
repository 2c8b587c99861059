"""Measure many registrations in one run, over an index that answers each after a tenth of a second.

Against the ideal, in which nothing but the index takes time (number / at once * latency), and against one run
for each project. Each run is a process of its own, so that its peak of memory is its own.

    python bench/registering.py [SIZE ...]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pypi_setup.index.registrations import AT_ONCE
from pypi_setup.sandbox.web import Answer, Listener

if TYPE_CHECKING:
    from pypi_setup.sandbox.web import Request

SIZES = (1, 10, 100, 500)
LATENCY = 0.1
"""Seconds."""

ALONE = 10
"""So many are registered in runs of their own; more would only take longer."""

LIMIT = 1.2
"""What the ratio to the ideal shall be at most for the greatest size."""

MEMORY_LIMIT = 60.0
"""MB."""


def main() -> int:
    """Measure each size, print a table, and return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure many registrations.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return register(options.run[0], int(options.run[1]))
    listener = Listener(answered)
    start = time.perf_counter()
    for _ in range(ALONE):
        measured(listener.url, 1)
    alone = (time.perf_counter() - start) / ALONE
    sys.stdout.write("  projects   in one run (s)   ideal (s)   ratio   a run each (s)   peak memory (MB)\n")
    ratio = memory = 0.0
    for size in options.sizes:
        seconds, memory = measured(listener.url, size)
        ideal = -(-size // AT_ONCE) * LATENCY
        ratio = seconds / ideal
        numbers = f"{size:10} {seconds:16.2f} {ideal:11.2f} {ratio:7.2f} {size * alone:16.1f}"
        sys.stdout.write(f"{numbers} {memory:18.1f}\n")
    listener.close()
    return int(ratio > LIMIT or memory > MEMORY_LIMIT)


def answered(request: Request) -> Answer:
    """Be an index: every project exists, and a registration takes its time."""
    if request.method == "POST":
        time.sleep(LATENCY)
        return Answer(201, "application/json", b'{"message": "registered"}')
    page = b'{"meta": {"api-version": "1.4"}, "name": "sample", "files": [], "versions": []}'
    return Answer(200, "application/vnd.pypi.simple.v1+json", page)


def measured(index: str, size: int) -> tuple[float, float]:
    """Return the seconds that the registrations took, and the peak of memory, of a run of its own."""
    command = [sys.executable, __file__, "--run", index, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def register(index: str, size: int) -> int:
    """Register so many projects, and print what it took from the first registration on."""
    from pypi_setup.commands import dispatch
    from pypi_setup.index import registration
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings

    begun: list[float] = []
    register = registration.register

    def timed(*arguments: object) -> object:
        begun.append(time.perf_counter())
        return register(*arguments)  # type: ignore[arg-type]

    registration.register = timed  # type: ignore[assignment]
    given = Given(
        project=tuple(f"sample-{number}" for number in range(size)),
        owner="octo-org",
        repo="sample-repo",
        workflow="release.yml",
        environment="pypi",
        api_token="pypi-only-for-this-machine",  # noqa: S106 - of an index that takes any
        index_url=index,
    )
    # Without a GitHub that answers: only the index is measured.
    report = dispatch.run(given, Surroundings(".", {"GITHUB_API_URL": "none"}, lambda _secret: None))
    seconds = time.perf_counter() - begun[0]
    if not report.success or len(report.results or (report,)) != size:
        raise SystemExit(report.message)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {peak}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
