"""Measure `explain` on logs of 1, 10 and 50 MB, against reading the same file line by line.

Each side runs in a process of its own, so that its peak of memory is its own.

    python bench/explaining.py [MEGABYTES ...]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1, 10, 50)
ROUNDS = 3
MEMORY_LIMIT = 20.0
"""MB that the greatest log may take beyond the smallest."""

LINE = (
    "2026-11-27T10:00:00.0000000Z Collecting package-{number} "
    "from https://files.pythonhosted.org/packages/{number}\n"
)
ERROR = (
    "2026-11-27T10:00:01.0000000Z ##[error]Trusted publishing exchange failure: "
    "invalid-publisher: valid token, but no corresponding publisher "
    "(Publisher with matching claims was not found)\n"
)


def main() -> int:
    """Measure each size, print a table, and return 1 where memory grows with the log."""
    parser = argparse.ArgumentParser(description="Measure the explanation of logs.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="MEGABYTES")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run(*options.run)
    sys.stdout.write("  log (MB)   explain (s)   reading lines (s)   ratio   peak memory (MB)\n")
    peaks = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log.txt")
            fill(log, size)
            best = [min(measured(what, log) for _ in range(ROUNDS)) for what in ("explain", "lines")]
        (seconds, peak), (reading, _) = best
        peaks.append(peak)
        sys.stdout.write(f"{size:10} {seconds:13.2f} {reading:19.2f} {seconds / reading:7.1f} {peak:18.1f}\n")
    return int(peaks[-1] - peaks[0] > MEMORY_LIMIT)


def fill(log: Path, size: int) -> None:
    """Write a log of so many megabytes with one error at its end."""
    with log.open("w", encoding="utf-8") as file:
        written = number = 0
        while written < size * 1_000_000:
            number += 1
            written += file.write(LINE.format(number=number))
        file.write(ERROR)


def measured(what: str, log: Path) -> tuple[float, float]:
    """Return the seconds and the peak of memory of a run of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", what, str(log)], check=True, capture_output=True, text=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def run(what: str, log: str) -> int:
    """Do one side of the comparison, and print what it took."""
    from pypi_setup.log.diagnosis import diagnosed
    from pypi_setup.log.parts import of_file
    from pypi_setup.log.scan import scanned

    start = time.perf_counter()
    if what == "lines":
        with Path(log).open(encoding="utf-8") as file:
            found = any("invalid-publisher" in line for line in file)
    else:
        with of_file(log) as parts:
            found = diagnosed(scanned(parts)).explanation.named is not None
    seconds = time.perf_counter() - start
    if not found:
        raise SystemExit("The error was not found.")
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
