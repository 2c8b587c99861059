"""The script that makes the virtual environment: who cannot use it is told in one sentence what helps."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "environment.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="environment")


def test_an_old_python_is_told_which_one_to_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newer = tmp_path / "python3.12"
    newer.write_text("#!/bin/sh\n")
    newer.chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MAKELEVEL", "1")
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(SCRIPT))
    assert left.value.code == (
        "Python 3.10 or newer is needed, and /usr/bin/python3 is 3.9. Run it with another one: "
        "make PYTHON=python3.12"
    )
    monkeypatch.delenv("MAKELEVEL")
    newer.unlink()
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(SCRIPT))
    assert str(left.value.code).endswith("with another one: /path/to/python3 scripts/environment.py")


def test_a_python_without_venv_is_told_the_package(
    script: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert script["main"](["--folder", str(tmp_path / "venv")]) == 1
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert capsys.readouterr().err == (
        f"{sys.executable} cannot make virtual environments: a part of it is not installed. "
        f"Debian and Ubuntu: sudo apt install python{version}-venv\n"
    )


def test_an_index_out_of_reach_is_said_with_what_helps(
    script: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")
    assert script["main"](["--folder", str(tmp_path / "venv")]) == 1
    assert capsys.readouterr().err.endswith(
        "pip could not install from the package index; its words are above. It needs the network, or a "
        "mirror's address in PIP_INDEX_URL, and a wheel for this platform.\n"
    )


class Pip:
    """Stands in for all that is run, and notes it down."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.fails_at = ""

    def __call__(self, command: tuple[str, ...], **_facts: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)
        failed = self.fails_at in command
        return subprocess.CompletedProcess(command, int(failed), "words of pip\n" if failed else "")

    def installed(self) -> list[str]:
        """Return the last word of each installation since the last question, `venv` for an environment."""
        found = [command[-1] for command in self.commands if "install" in command]
        made = ["venv"] if any("venv" in command for command in self.commands) else []
        self.commands.clear()
        return [*made, *found]


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    stand_in = Pip()
    monkeypatch.setattr(subprocess, "run", stand_in)
    return stand_in


TESTS, LINTERS, PROJECT = "requirements/test.txt", "requirements/lint.txt", "."


def test_an_environment_is_made_once_and_anew_for_another_python(
    script: dict[str, Any], pip: Pip, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = ["--folder", str(tmp_path / "venv")]
    assert script["main"](folder) == 0
    assert pip.installed() == ["venv", TESTS, PROJECT]
    assert script["main"](folder) == 0
    assert pip.installed() == []
    assert script["main"](["lint", *folder]) == 0
    assert pip.installed() == [LINTERS]
    assert script["main"](["dev", *folder]) == 0
    assert pip.installed() == []
    monkeypatch.setattr(sys, "version", "3.99.0 (another)")
    assert script["main"](folder) == 0
    assert pip.installed() == ["venv", TESTS, PROJECT]


def test_other_lock_files_make_it_anew(script: dict[str, Any], pip: Pip, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    script["main"](["dev", "--folder", str(folder)])
    pip.commands.clear()
    for name in ("test", "lint"):
        made = json.loads((folder / "ready.json").read_text())
        (folder / "ready.json").write_text(json.dumps({**made, name: "of an older lock"}))
        assert script["main"](["dev", "--folder", str(folder)]) == 0
        assert pip.installed() == ["venv", TESTS, PROJECT, LINTERS]


def test_nothing_is_resolved_and_everything_is_checked(
    script: dict[str, Any], pip: Pip, tmp_path: Path
) -> None:
    assert script["main"](["dev", "--folder", str(tmp_path / "venv"), "--pip", "==22.3"]) == 0
    installing = [command for command in pip.commands if "install" in command]
    assert installing[0][-1] == "pip==22.3"
    locked = [command for command in installing if command[-1].startswith("requirements/")]
    assert len(locked) == 2
    for command in locked:
        assert {"--no-deps", "--require-hashes", "--only-binary"} <= set(command)
    assert [command[-1] for command in pip.commands if command[-2:] == ("pip", "check")] == ["check", "check"]


def test_linters_that_have_no_wheel_here_keep_nobody_from_the_tests(
    script: dict[str, Any], pip: Pip, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.fails_at = LINTERS
    assert script["main"](["dev", "--folder", str(tmp_path / "venv")]) == 0
    said = capsys.readouterr().err
    assert "words of pip\n" in said
    assert "The linters are not installed; the tests run without them." in said
    assert script["main"](["lint", "--folder", str(tmp_path / "venv")]) == 1


def test_locks_that_contradict_each_other_are_said(
    script: dict[str, Any], pip: Pip, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.fails_at = "check"
    assert script["main"](["--folder", str(tmp_path / "venv")]) == 1
    assert capsys.readouterr().err.endswith("The lock files contradict each other: run `make lock`.\n")
