"""Measure what a dry run costs to start, side by side with what it is compared to.

Against the bare interpreter, and against a script that only imports argparse, json, re and urllib.request.
The commands run in turn, so that a change of the machine's pace hits all alike; each round gives a ratio, and
the median of the rounds counts.

    python bench/startup.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

BARE = ("-c", "pass")
IMPORTS = ("-c", "import argparse, json, re, urllib.request")
DRY_RUN = (
    *("-m", "pypi_setup", "--dry-run", "--json", "--project", "sample-project"),
    *("--owner", "octo-org", "--repo", "sample-project"),
)
COMMANDS = {"bare interpreter": BARE, "four imports": IMPORTS, "pypi-setup --dry-run --json": DRY_RUN}

AIM = 4.0
"""What the ratio to the bare interpreter shall be at most."""


def main() -> int:
    """Print the times and ratios; return 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    for command in COMMANDS.values():
        seconds(command)  # Once without counting: byte code is written, files are in the cache.
    times = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    ours = "pypi-setup --dry-run --json"
    for name in COMMANDS:
        median = statistics.median(each[name] for each in times)
        ratio = statistics.median(each[ours] / each[name] for each in times)
        print(f"{name:30} {median * 1000:7.1f} ms   ours / this: {ratio:.2f}")
    to_bare = statistics.median(each[ours] / each["bare interpreter"] for each in times)
    to_imports = statistics.median(each[ours] / each["four imports"] for each in times)
    print(f"aims: at most {AIM:.0f} times the bare interpreter, faster than the four imports")
    return int(to_bare > AIM or to_imports >= 1)


def seconds(command: tuple[str, ...]) -> float:
    """Return how long an interpreter, isolated from the user's settings, takes for this command."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
