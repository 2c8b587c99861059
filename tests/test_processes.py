"""What other programs get from this one, and how they end."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from pypi_setup import processes
from pypi_setup.processes import NETWORK, SCREEN, Ended, ask, environment, open_page

SOURCES = Path(__file__).resolve().parent.parent / "src" / "pypi_setup"
SECRETS = {
    "PYPI_API_TOKEN": "pypi-canary",
    "GITHUB_TOKEN": "ghs_canary",
    "GH_TOKEN": "ghp_canary",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "oidc-canary",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://oidc-canary",
    "ACTIONS_RUNTIME_TOKEN": "runtime-canary",
    "INPUT_API_TOKEN": "input-canary",
    "TWINE_PASSWORD": "twine-canary",
    "UV_PUBLISH_TOKEN": "uv-canary",
    "AWS_SECRET_ACCESS_KEY": "aws-canary",
    "A_NAME_THAT_NOBODY_THOUGHT_OF": "unknown-canary",
    "GIT_DIR": "/elsewhere-canary",
}
PLAIN = {"PATH": os.environ["PATH"], "HOME": "/home/me", "LC_ALL": "C.UTF-8", "LANG": "C"}


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_program_gets_what_it_needs_and_nothing_else() -> None:
    told = ask(script("import os; print(dict(os.environ))"), {**PLAIN, **SECRETS}, seconds=30)
    assert told.code == 0
    assert b"canary" not in told.output
    assert {"PATH", "HOME", "LC_ALL", "LANG"} <= set(ast.literal_eval(told.output.decode()))


def test_more_is_handed_on_by_name_only() -> None:
    environ = {**PLAIN, **SECRETS, "DISPLAY": ":0", "https_proxy": "http://proxy", "SSL_CERT_FILE": "/ca"}
    assert environment(environ) == PLAIN
    assert environment(environ, SCREEN) == {**PLAIN, "DISPLAY": ":0"}
    assert environment(environ, NETWORK) == {**PLAIN, "https_proxy": "http://proxy", "SSL_CERT_FILE": "/ca"}
    assert environment(environ, ["GH_TOKEN"]) == {**PLAIN, "GH_TOKEN": "ghp_canary"}


def test_the_browser_sees_no_token_either(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, "DISPLAY": ":0"}.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    seen: list[tuple[str, dict[str, str]]] = []

    def opened(url: str) -> bool:
        seen.append((url, dict(os.environ)))
        return True

    monkeypatch.setattr("webbrowser.open", opened)
    assert open_page("https://pypi.org/x") is True
    ((url, environ),) = seen
    assert url == "https://pypi.org/x"
    assert "canary" not in str(environ)
    assert environ["DISPLAY"] == ":0"
    assert environ["PATH"] == before["PATH"]
    assert dict(os.environ) == before


def test_the_environment_is_whole_again_whatever_the_browser_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_url: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", broken)
    before = dict(os.environ)
    with pytest.raises(KeyboardInterrupt):
        open_page("https://pypi.org/x")
    assert dict(os.environ) == before


def test_exit_code_and_output() -> None:
    assert ask(script("print('said'); raise SystemExit(3)"), PLAIN, seconds=30) == Ended(3, b"said\n")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert ask([str(tmp_path / "git")], PLAIN, seconds=30) == Ended(problem="git cannot be run here")


def test_a_program_that_does_not_end_is_ended_with_its_children() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    told = ask(script(child), PLAIN, seconds=0.5)
    assert (told.code, told.problem) == (None, f"{os.path.basename(sys.executable)} did not answer in time")


def test_a_program_that_talks_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "OUTPUT_LIMIT", 10)
    told = ask(script("while True: print('x' * 1000)"), PLAIN, seconds=60)
    assert told == Ended(None, b"x" * 10, f"{os.path.basename(sys.executable)} said more than can be read")


def test_a_program_that_has_just_ended_need_not_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_group: int, _signal: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(processes, "OUTPUT_LIMIT", 10)
    monkeypatch.setattr("os.killpg", gone)
    assert ask(script("print('x' * 20)"), PLAIN, seconds=60).output == b"x" * 10


def test_no_other_module_starts_programs() -> None:
    starters = {"subprocess", "webbrowser", "pty", "multiprocessing", "asyncio", "concurrent"}
    found = {
        f"{file.relative_to(SOURCES)}: {name}"
        for file in SOURCES.rglob("*.py")
        if file.name != "processes.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name and name.partition(".")[0] in starters - {"concurrent"}
    }
    assert found == set()
