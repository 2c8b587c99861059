"""What a dry run costs: no library for the network, none for YAML."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

VALUES = ("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-repo")
HEAVY = {
    *("requests", "urllib3", "ssl", "socket", "http.client", "email", "ijson", "asyncio"),
    *("yaml", "packaging", "tomllib", "tomli", "jwt", "cryptography", "id", "subprocess", "logging"),
}

IMPORTED = """
import json, sys
from pypi_setup.cli import main
code = main(sys.argv[1:])
print(json.dumps([code, *sorted(sys.modules)]), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """Return the modules that a run loaded."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", IMPORTED, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    code, *modules = json.loads(done.stderr)
    assert (code, json.loads(done.stdout)["status"]) == (0, "dry-run")
    return set(modules)


def loaded_at_start() -> set[str]:
    """Return what an interpreter loads before any program, coverage and editable installations included."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import json, sys; print(json.dumps(sorted(sys.modules)))"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--environment", "", "--workflow", "publish.yaml"),
        ("--api-token", "pypi-something", "--index-url", "testpypi", "--organization", "octo-team"),
        ("--project", "second"),
    ],
)
def test_a_dry_run_loads_nothing_heavy(bare: Path, more: tuple[str, ...]) -> None:
    loaded = imported("--dry-run", "--json", *VALUES, *more) - loaded_at_start()
    assert loaded & HEAVY == set()
    assert {module for module in loaded if module.startswith("pypi_setup.preflight")} == set()
    assert {"pypi_setup.transport", "pypi_setup.sources.github", "pypi_setup.sandbox"} & loaded == set()


def test_importing_the_package_loads_none_of_it() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            "import sys, pypi_setup; print(*sorted(m for m in sys.modules if 'pypi_setup' in m))",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [module for module in done.stdout.split() if not module.startswith("__editable__")]
    assert ours == ["pypi_setup", "pypi_setup.about"]
