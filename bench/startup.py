"""Measure what a dry run costs to start, side by side with what it is compared to.

What a user has is measured: the wheel, installed from the lock into an empty virtual environment. The
development environment stands beside it. Each against the bare interpreter of the same environment, and
against a script that only imports argparse, json, re and urllib.request. The commands run in turn, so that a
change of the machine's pace hits all alike; each round gives a ratio, and the median of the rounds counts.

    python bench/startup.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = ("-c", "pass")
IMPORTS = ("-c", "import argparse, json, re, urllib.request")
VALUES = ("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-project")
DRY_RUN = ("-m", "pypi_setup", "--dry-run", "--json", *VALUES)
BAD_INPUT = ("-m", "pypi_setup", "--dry-run", "--json", *VALUES, "--owner", "not/a/login")
OURS = {"pypi-setup --dry-run --json": DRY_RUN, "the same on bad input": BAD_INPUT}
COMMANDS = {"bare interpreter": BARE, "four imports": IMPORTS, **OURS}

AIM = 4.5
"""What the ratio to the bare interpreter shall be at most, for an installed wheel: it is about 4."""


def main() -> int:
    """Print the times and ratios; return 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        good = measured("the installed wheel", installed(Path(folder)), rounds)
    measured("the development environment, which is editable", sys.executable, rounds)
    print(f"aims, for the installed wheel: at most {AIM} times the bare interpreter")
    return int(not good)


def installed(folder: Path) -> str:
    """Build the wheel, install it with the runtime's lock in the folder; return the interpreter there."""
    python = str(folder / "bin" / "python")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist"))
    run(sys.executable, "-m", "venv", str(folder))
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", "requirements/runtime.txt")
    run(*pip, *map(str, (folder / "dist").glob("*.whl")))
    return python


def run(*command: str) -> None:
    """Run a command in the project's folder; it must succeed."""
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def measured(title: str, python: str, rounds: int) -> bool:
    """Measure one interpreter's environment, print it, and tell whether it meets the aim."""
    for command in COMMANDS.values():
        seconds(python, command)  # Once without counting: byte code is written, files are in the cache.
    times = [{name: seconds(python, command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    print(f"{title}:")
    for name in COMMANDS:
        median = statistics.median(each[name] for each in times)
        print(
            f"  {name:30} {median * 1000:7.1f} ms   {ratio(times, name, 'bare interpreter'):5.2f} times bare"
        )
    print(
        f"  dry run against four imports: {ratio(times, 'pypi-setup --dry-run --json', 'four imports'):.2f}"
    )
    return all(ratio(times, name, "bare interpreter") <= AIM for name in OURS)


def ratio(times: list[dict[str, float]], one: str, other: str) -> float:
    """Return the median over the rounds of the first command's time divided by the second's."""
    return statistics.median(each[one] / each[other] for each in times)


def seconds(python: str, command: tuple[str, ...]) -> float:
    """Return how long an interpreter, isolated from the user's settings, takes for this command."""
    start = time.perf_counter()
    subprocess.run([python, "-I", *command], check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
