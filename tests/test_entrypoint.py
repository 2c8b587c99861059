"""The entry point around an adapter that only does what a test wants."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action runs on Linux")


def run(folder: Path, adapter: str) -> tuple[int, str, str]:
    """Run the entry point with this text as pypi_setup/action.py; return exit code, output and errors."""
    package = folder / "src/pypi_setup"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "action.py").write_text(f"import os, signal\n{adapter}\n")
    shutil.copy(ROOT / "entrypoint.py", folder)
    done = subprocess.run(
        [sys.executable, "-IB", folder / "entrypoint.py"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_exit_code_is_the_adapter_s(tmp_path: Path) -> None:
    assert run(tmp_path, "def main(): return 7") == (7, "", "")


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_while_it_is_imported_is_a_sentence(tmp_path: Path, number: str, code: int) -> None:
    done = run(tmp_path, f"os.kill(os.getpid(), signal.{number})")
    assert done == (code, "Interrupted before anything was sent.\n", "")


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_that_the_adapter_does_not_catch_is_a_sentence(
    tmp_path: Path, number: str, code: int
) -> None:
    done = run(tmp_path, f"def main(): os.kill(os.getpid(), signal.{number})")
    assert done == (code, "Interrupted. If there is no result above, nothing was sent.\n", "")


def test_a_missing_library_is_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "import no_such_library")
    assert done == (1, "The image of the action is incomplete: there is no no_such_library.\n", "")
