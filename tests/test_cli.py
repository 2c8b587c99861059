from __future__ import annotations

import importlib
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup import cli
from pypi_setup.commands import dispatch
from pypi_setup.sandbox import Fault

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"
VALUES = ("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-repo")
REST = ("--workflow", "release.yml", "--environment", "pypi")
DRY_RUN = ("--dry-run", *VALUES)
PATH = "/_/v1/publisher"


class Run:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.code = -1
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> Run:
        self.code = cli.main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return self

    @property
    def data(self) -> dict[str, Any]:
        """The one line of JSON on standard output, where nothing else may stand."""
        assert re.fullmatch(r"[^\n]+\n", self.out), self.out
        value: dict[str, Any] = json.loads(self.out)
        return value


@pytest.fixture
def run(
    bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    monkeypatch.chdir(tmp_path)
    return Run(capsys)


@pytest.fixture
def registering(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The arguments of a registration with the embedded index; the token is in the environment."""
    monkeypatch.setenv("PYPI_API_TOKEN", sandbox.token)
    return ("--index-url", sandbox.url, *VALUES, *REST)


def test_a_dry_run_sends_nothing(run: Run, sandbox: Sandbox) -> None:
    done = run("--json", *DRY_RUN, "--index-url", sandbox.url, "--api-token", TOKEN)
    assert done.code == 0
    assert done.err == ""
    assert (done.data["status"], done.data["dry_run"], done.data["success"]) == ("dry-run", True, True)
    assert done.data["payload"] == {
        "name": "sample-project",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    }
    assert list(sandbox.requests) == []
    assert list(sandbox.github.requests) == []


def test_every_value_reaches_the_payload(run: Run) -> None:
    done = run(
        "register", "--dry-run", "--json", "--project", "One.Two", "--owner", "octo-org/sample-repo",
        "--workflow", ".github/workflows/publish.yaml", "--environment", "", "--index-url", "testpypi",
        "--organization", "octo-team", "--timeout", "3", "--exist-ok", "--no-exchange", "--allow-create",
    )  # fmt: skip
    assert done.code == 0
    assert done.data["payload"] == {
        "name": "one-two",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow_filename": "publish.yaml",
        "environment": "",
    }
    assert done.data["index_url"] == "https://test.pypi.org"
    assert done.data["fallback_url"].startswith(
        "https://test.pypi.org/manage/organization/octo-team/publishing/?"
    )


def test_a_folder_of_built_files_is_looked_at(run: Run, tmp_path: Path) -> None:
    done = run("check", "--json", *VALUES, "--dist", str(tmp_path / "dist"))
    assert done.code == 1
    assert "artifact-hand-over" in {each["rule"] for each in done.data["findings"]}


def test_several_projects(run: Run) -> None:
    done = run("--json", *DRY_RUN, "--project", "second")
    assert [result["payload"]["name"] for result in done.data["results"]] == ["sample-project", "second"]


def test_registered_then_already_there(run: Run, registering: tuple[str, ...], sandbox: Sandbox) -> None:
    first = run("--json", *registering)
    assert (first.code, first.data["status"], first.data["http_status"]) == (0, "registered", 201)
    assert first.err == ""
    second = run("--json", *registering)
    assert (second.code, second.data["status"], second.data["http_status"]) == (1, "already-registered", 409)
    third = run("--json", "--exist-ok", *registering)
    assert (third.code, third.data["status"], third.data["success"]) == (0, "already-registered", True)
    posts = [request for request in sandbox.requests if request.method == "POST"]
    assert [request.headers["Authorization"] for request in posts] == [f"Token {sandbox.token}"] * 3


def test_text_for_a_person(run: Run, registering: tuple[str, ...]) -> None:
    done = run(*registering)
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("✓ Registered: ")
    assert "\x1b" not in done.out


def test_without_a_token_the_link_is_the_result(run: Run, sandbox: Sandbox) -> None:
    done = run("--json", "--index-url", sandbox.url, *VALUES, *REST)
    assert (done.code, done.data["status"]) == (0, "manual")
    assert done.data["fallback_url"] == (
        f"{sandbox.url}/manage/project/sample-project/settings/publishing/?provider=github&owner=octo-org"
        "&repository=sample-repo&workflow_filename=release.yml&environment=pypi"
    )
    assert {request.method for request in sandbox.requests} == {"GET"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.ERROR_500, "server-error"),
        (Fault.GONE_410, "unavailable"),
        (Fault.SLOW, "timeout"),
        (Fault.CLOSED, "network-error"),
        (Fault.REDIRECT_307, "unexpected"),
    ],
)
def test_a_failure_of_the_index(
    run: Run, registering: tuple[str, ...], sandbox: Sandbox, fault: Fault, status: str
) -> None:
    sandbox.break_path(PATH, fault)
    done = run("--json", "--timeout", "0.6" if fault is Fault.SLOW else "10", *registering)
    assert (done.code, done.data["status"], done.data["success"]) == (1, status, False)
    assert sum(request.method == "POST" for request in sandbox.requests) == 1
    assert list(sandbox.trap.requests) == []


def test_check_finds_nothing_wrong(run: Run, sandbox: Sandbox) -> None:
    done = run("check", "--json", "--index-url", sandbox.url, *VALUES, *REST)
    assert (done.data["status"], done.code) == ("checked", 0)
    assert [each for each in done.data["findings"] if each["severity"] == "error"] == []


def test_check_finds_an_error(run: Run, sandbox: Sandbox) -> None:
    done = run("check", "--json", "--index-url", sandbox.url, *VALUES, "--workflow", "other.yml")
    assert (done.data["status"], done.code) == ("check-failed", 1)
    assert "workflow-missing" in {each["rule"] for each in done.data["findings"]}


# Where the token comes from


def token_sent(sandbox: Sandbox) -> str:
    (post,) = (request for request in sandbox.requests if request.method == "POST")
    return str(post.headers["Authorization"])


def test_an_explicit_token_wins_over_the_environment(
    run: Run, registering: tuple[str, ...], sandbox: Sandbox
) -> None:
    run("--json", "--api-token", "pypi-explicit", *registering)
    assert token_sent(sandbox) == "Token pypi-explicit"


def test_a_token_on_standard_input(
    run: Run, registering: tuple[str, ...], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("pypi-from-stdin\nanother line\n"))
    run("--json", "--api-token", "-", *registering)
    assert token_sent(sandbox) == "Token pypi-from-stdin"


def test_an_endless_standard_input_is_bad_input(
    run: Run, registering: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x " * 1_000_000))
    done = run("--json", "--api-token", "-", *registering)
    assert (done.code, done.data["problems"][0]["field"]) == (2, "api-token")


@pytest.mark.parametrize("piped", [None, "", " \n"])
def test_a_standard_input_without_a_token_is_said(
    run: Run, registering: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, piped: str | None
) -> None:
    monkeypatch.setattr("sys.stdin", None if piped is None else io.StringIO(piped))
    done = run("--json", "--api-token", "-", *registering)
    (problem,) = done.data["problems"]
    assert (done.code, problem["field"], problem["rule"]) == (2, "api-token", "Standard input holds no token")


def test_a_token_typed_at_a_terminal_is_not_shown(
    run: Run, registering: tuple[str, ...], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "pypi-typed")
    run("--json", "--api-token", "-", *registering)
    assert token_sent(sandbox) == "Token pypi-typed"


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pypi_setup", *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        **options,
    )


def test_a_token_through_a_pipe(sandbox: Sandbox) -> None:
    done = command(
        "--json", "--api-token", "-", "--index-url", sandbox.url, *VALUES, *REST, input=f"{sandbox.token}\n"
    )
    assert (done.returncode, json.loads(done.stdout)["status"], done.stderr) == (0, "registered", "")


# Bad input and usage


def test_bad_input_is_told_at_once_and_exits_2(run: Run, sandbox: Sandbox) -> None:
    arguments = ("--owner", "bad_owner", "--repo", "a b", "--project", "-", "--index-url", sandbox.url)
    done = run("--json", *arguments)
    assert (done.code, done.err) == (2, "")
    assert (done.data["status"], done.data["payload"]) == ("invalid", None)
    assert done.data["fallback_url"] == f"{sandbox.url}/manage/account/publishing/"
    assert [problem["field"] for problem in done.data["problems"]] == ["project", "owner", "repo"]
    text = run(*arguments)
    assert (text.code, text.out) == (2, "")
    assert "✗ Bad input, nothing was sent." in text.err
    assert list(sandbox.requests) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--api-tokn", TOKEN], "unknown: --api-tokn"),
        ([f"--api-tokn={TOKEN}"], "unknown: --api-tokn"),
        (["register", TOKEN], "unknown: an argument"),
        ([f"--api-token{TOKEN}"], "unknown: an argument"),
        ([f"--api-token:{TOKEN}"], "unknown: an argument"),
        ([f"--{TOKEN}"], "unknown: an argument"),
        (["register", "-x", TOKEN], "unknown: an argument"),
        ([f"--dry-run={TOKEN}"], "argument --dry-run: ignored explicit argument"),
        (["--api-token"], "argument --api-token: expected one argument"),
        (["--timeout"], "argument --timeout: expected one argument"),
        (["--dry"], "unknown: --dry"),
    ],
)
def test_wrong_usage_never_repeats_a_value(run: Run, arguments: list[str], words: str) -> None:
    text = run(*arguments)
    assert (text.code, text.out) == (2, "")
    assert words in text.err
    assert TOKEN not in text.err
    as_json = run("--json", *arguments)
    assert (as_json.code, as_json.err) == (2, "")
    assert as_json.data["problems"][0]["rule"] == words
    assert TOKEN not in as_json.out


def test_json_that_is_asked_for_amiss_is_json_all_the_same(run: Run) -> None:
    done = run("--json=yes")
    assert (done.code, done.err, done.out.count("\n")) == (2, "", 1)
    assert done.data["problems"][0]["rule"] == "argument --json: ignored explicit argument"


def test_a_command_that_is_none(run: Run) -> None:
    done = run("--json", "publish", *VALUES)
    assert (done.code, done.data["problems"][0]["field"]) == (2, "command")


@pytest.mark.parametrize(("option", "words"), [("--help", "usage: pypi-setup"), ("--version", "pypi-setup ")])
def test_help_and_version(run: Run, capsys: pytest.CaptureFixture[str], option: str, words: str) -> None:
    with pytest.raises(SystemExit) as left:
        run(option)
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(words)


OPTIONS = [
    *("--project", "--owner", "--repo", "--workflow", "--environment", "--api-token", "--index-url"),
    *("--timeout", "--dry-run", "--exist-ok", "--json", "--organization", "--exchange", "--no-exchange"),
    *("--allow-create", "--dist", "--open", "--version", "--help"),
]


def test_help_names_every_option_of_the_contract(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("--help",), ("check", "--help"), ("help", "verify")):
        with pytest.raises(SystemExit):
            run(*arguments)
    shown = capsys.readouterr().out
    for option in OPTIONS:
        assert option in shown


# What else ends a run


def test_an_interruption(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dispatch, "run", interrupted)
    done = run("--json", *DRY_RUN)
    assert (done.code, done.out) == (130, "")
    assert done.err.startswith("Interrupted.")


def test_a_mistake_of_ours_shows_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError(TOKEN)

    monkeypatch.setattr(dispatch, "run", broken)
    done = run("--json", *DRY_RUN)
    assert (done.code, done.out) == (1, "")
    assert re.match(r"pypi-setup itself failed: RuntimeError in test_cli\.py:\d+\. Please report", done.err)
    assert TOKEN not in done.err


def test_a_reader_that_has_gone(bare: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "pypi_setup", *DRY_RUN],
        check=False,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")


def test_a_terminal_that_cannot_show_a_sign(bare: Path) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = command(*DRY_RUN, env=environ)
    assert done.returncode == 0
    assert done.stdout.startswith("+ Dry run")


def test_a_stream_of_another_kind(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    assert cli.main(DRY_RUN) == 0
    assert stream.getvalue().startswith("✓ Dry run")


def test_the_module_can_be_imported_without_running() -> None:
    assert importlib.import_module("pypi_setup.__main__").main is cli.main


# Terminals


def at_terminal(*arguments: str, **environ: str) -> str:
    """Return what a terminal shows as standard output and standard error."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pypi_setup", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", **environ},
    ) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux says EIO where the other end is closed.
                break
            if not piece:
                break
            shown += piece
        process.wait(60)
    os.close(master)
    return shown.decode()


def test_colour_on_a_terminal(bare: Path) -> None:
    assert "\x1b[32m✓\x1b[0m \x1b[1mDry run" in at_terminal(*DRY_RUN)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(bare: Path, environ: dict[str, str]) -> None:
    assert "\x1b" not in at_terminal(*DRY_RUN, **environ)


def test_progress_on_a_terminal_goes_away_again(sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.SLOW)
    shown = at_terminal(
        "--timeout", "1.3", "--index-url", sandbox.url, *VALUES, *REST, PYPI_API_TOKEN=sandbox.token
    )
    host = sandbox.url.removeprefix("http://")
    assert f"\r\x1b[KWaiting for {host}, 0 s left" in shown
    assert "\r\x1b[K\x1b[31m✗" in shown


def test_no_progress_where_nobody_watches(run: Run, registering: tuple[str, ...], sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.SLOW)
    assert run("--json", "--timeout", "1.2", *registering).err == ""


def test_a_survey_counts_on_a_terminal_and_takes_it_away_again(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "clones" / "one" / ".git").mkdir(parents=True)
    shown = at_terminal("survey", "--index-url", sandbox.url, str(tmp_path / "clones"))
    assert "\r\x1b[K1 done, the last one /" in shown
    assert "\r\x1b[K\x1b[32m✓\x1b[0m 0 projects in 1 repository: no errors found." in shown


def test_a_survey_counts_now_and_then_where_nobody_watches(
    run: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_TOLD_EACH", 2)
    for number in range(5):
        (tmp_path / "clones" / str(number) / ".git").mkdir(parents=True)
    done = run("survey", "--json", "--index-url", sandbox.url, str(tmp_path / "clones"))
    assert done.err == "2 done\n4 done\n"
    assert done.data["status"] == "surveyed"


# The rest


@pytest.mark.parametrize("given", [True, False])
def test_the_link_is_opened_only_if_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch, given: bool) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    done = run("--json", *DRY_RUN, *(["--open"] if given else []))
    assert opened == ([done.data["fallback_url"]] if given else [])


def test_nothing_is_opened_after_bad_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("--open", "--dry-run", "--project", "-", "--owner", "octo-org/x").code == 2
    assert opened == []


def test_on_a_runner_the_token_is_masked_beside_the_json(
    run: Run, registering: tuple[str, ...], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_for_look_ups")
    done = run("--json", *registering)
    assert done.data["status"] == "registered"
    assert done.err == f"::add-mask::{sandbox.token}\n::add-mask::ghs_for_look_ups\n"


@pytest.mark.parametrize(
    "given",
    [
        ("--owner", "https://me:canary@github.com/octo-org/x/y"),
        ("--owner", "me:canary@github.com/octo-org/x/y"),
        ("--repo", "https://me:can/canary@github.com/octo-org/x/y"),
        ("--repo", "https://gitlab.com/a/b?private_token=canary"),
        ("--index-url", "https://pypi.example.org/?token=canary"),
        ("--index-url", "https://pypi.example.org/simple#canary"),
        ("--index-url", "https://pypi.example.org:canary/"),
        ("--workflow", "https://me:canary@github.com/octo-org/x/release"),
        ("--project", "git+https://me:canary@github.com/octo-org/x"),
        ("--organization", "https://me:canary@pypi.org/org/x"),
        ("--environment", "https://x/?token=canary;"),
        ("--timeout", "https://me:canary@x"),
        ("check", "--repo", "https://gitlab.com/a/b?private_token=canary"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_login_and_no_query_is_ever_repeated(
    run: Run, given: tuple[str, ...], form: tuple[str, ...]
) -> None:
    done = run(*form, "--dry-run", "--project", "sample", "--owner", "o", "--repo", "r", *given)
    assert done.code == 2
    assert "canary" not in done.out + done.err
    assert "***" in done.out + done.err


REFUSED = (
    "* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims was "
    "not "
    "found)"
)


class Piped(io.TextIOWrapper):
    """Standard input that something is piped into."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8")


def test_a_log_is_explained_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(REFUSED))
    done = run("explain", "--json")
    assert (done.code, done.data["status"]) == (0, "explained")
    assert done.data["explanation"]["rule"] == "publisher-not-found"
    monkeypatch.setattr(sys, "stdin", Piped("nothing of the kind"))
    assert run("explain", "-").code == 1


def test_a_log_is_explained_from_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("log.txt").write_text(REFUSED, encoding="utf-8")
    for arguments in (
        ("explain", "log.txt", "--json"),
        ("explain", "--json", "log.txt"),
        ("--json", "explain", "log.txt"),
    ):
        assert run(*arguments).data["explanation"]["line"] == 1
    monkeypatch.setattr(sys, "stdin", None)
    assert run("explain", "--json").data["problems"][0]["field"] == "run"


def test_only_explain_reads_a_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(REFUSED))
    assert run("check", "log.txt").code == 2
    assert run("--json", *DRY_RUN).data["status"] == "dry-run"


class Terminal(io.StringIO):
    """A stream that a person sits at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "written"), [("\n", True), (" 1 \n", True), ("2\n", False), ("", False)])
def test_a_person_sees_the_plan_and_is_asked_once(
    bare: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, typed: str, written: bool
) -> None:
    Path("pyproject.toml").write_text(
        "[build-system]\nrequires = ['hatchling']\n[project]\nname = 'sample-project'\nversion = '1'\n",
        encoding="utf-8",
    )
    Path(".git").mkdir()
    shown = Terminal()
    monkeypatch.setitem(sys.modules, "questionary", None)  # Without it answers have numbers.
    monkeypatch.setattr(sys, "stdin", Terminal(f"1\n1\n{typed}"))
    monkeypatch.setattr(sys, "stdout", shown)
    arguments = (
        "init",
        "--index-url",
        sandbox.url,
        "--repo",
        "octo-org/sample-repo",
        "--workflow",
        "new.yml",
    )
    assert cli.main(arguments) == (0 if written else 1)
    assert shown.getvalue().count("Carry it out?\n") == 1
    assert shown.getvalue().count("+on:") == 1
    assert Path(".github/workflows/new.yml").exists() is written
    assert ("Nothing was changed: you said no." in shown.getvalue().rpartition("Carry")[2]) is not written


@pytest.mark.parametrize("stream", [None, io.StringIO("1\n1\n1\n")])
def test_without_a_terminal_the_plan_is_only_shown(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'sample-project'\nversion = '1'\n", encoding="utf-8")
    Path(".git").mkdir()
    monkeypatch.setattr(sys, "stdin", stream)
    arguments = ("--index-url", sandbox.url, "--repo", "octo-org/sample-repo", "--workflow", "new.yml")
    done = run("init", *arguments)
    assert (done.code, "Run pypi-setup init --yes to carry it out." in done.out) == (0, True)
    assert not Path(".github").exists()


@pytest.mark.parametrize("option", ["--json", "--dry-run"])
def test_nobody_is_asked_who_did_not_come_to_be_asked(
    bare: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'sample-project'\nversion = '1'\n", encoding="utf-8")
    Path(".git").mkdir()
    shown = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    monkeypatch.setattr(sys, "stdout", shown)
    arguments = ("init", option, "--index-url", sandbox.url, "--repo", "octo-org/sample-repo")
    assert cli.main((*arguments, "--workflow", "new.yml")) == 0
    assert "Carry it out?" not in shown.getvalue()
    assert not Path(".github").exists()


def test_sigterm_is_an_interruption(sandbox: Sandbox) -> None:
    sandbox.break_path("/_/v1/publisher", Fault.SLOW)
    command = [sys.executable, "-m", "pypi_setup", *VALUES, *REST, "--index-url", sandbox.url]
    environ = {**os.environ, "PYPI_API_TOKEN": sandbox.token}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as running:
        while not any(each.method == "POST" for each in sandbox.requests):
            assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=60)
    assert (running.returncode, "Interrupted." in errors) == (130, True)


def test_in_another_thread_it_runs_all_the_same(bare: Path) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(cli.main([*VALUES, *REST, "--dry-run"])))
    thread.start()
    thread.join()
    assert codes == [0]
