"""A recognisable token takes every path there is, and comes out of none of them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pypi_setup import add_pending_publisher, cli, parse_publisher
from pypi_setup.sandbox import Fault
from pypi_setup.sandbox.web import Answer, Listener
from pypi_setup.values.harmless import visible
from pypi_setup.values.publisher import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Step

    from pypi_setup.sandbox import Sandbox

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnktY2FuYXJ5"
VALUES = {"project": "sample-project", "owner": "octo-org", "repo": "sample-repo"}
FLAGS = ("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-repo")
PATH = "/_/v1/publisher"


def assert_silent(text: str, token: str = TOKEN) -> None:
    """No part of the token that tells anything is in the text, however it is broken up."""
    squeezed = "".join(character for character in text if character.isalnum() or character in "-_")
    assert token[8:] not in squeezed
    assert token[8:24] not in squeezed


@pytest.fixture
def everywhere(
    step: Callable[..., Step], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., set[str]]:
    """Run CLI (text and JSON) and action; assert that nothing shows the token; return the statuses."""

    def run(index_url: str, token: str = TOKEN, **inputs: str) -> set[str]:
        given = {**VALUES, "index_url": index_url, **inputs}
        statuses = set()
        monkeypatch.setenv("PYPI_API_TOKEN", token)
        flags = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]
        if "mode" in given:
            flags = [given["mode"], *(flag for flag in flags if flag not in {"--mode", given["mode"]})]
        for form in ((), ("--json",)):
            cli.main([*flags, *form])
            out, err = capsys.readouterr()
            assert_silent(out + err, token)
            if form:
                statuses.add(json.loads(out)["status"])
        monkeypatch.delenv("PYPI_API_TOKEN")
        done = step(**given, api_token=token)
        masks = [f"::add-mask::{token}" for command in done.commands if command.name == "add-mask"]
        log = done.log
        for mask in masks:
            assert log.startswith(mask)
            log = log.removeprefix(f"{mask}\n")
        assert_silent(log + done.errors + done.summary + repr(done.outputs), token)
        return {*statuses, done.outputs["status"]}

    return run


@pytest.mark.parametrize("fault", Fault)
def test_every_fault(everywhere: Callable[..., set[str]], sandbox: Sandbox, fault: Fault) -> None:
    sandbox.store.tokens[TOKEN] = sandbox.store.tokens[sandbox.token]
    sandbox.break_path(PATH, fault)
    (status,) = everywhere(sandbox.url, timeout="0.5")
    assert status not in {"manual", "dry-run"}
    assert list(sandbox.trap.requests) == []


@pytest.mark.parametrize(
    ("known", "statuses"),
    [(True, {"registered", "already-registered"}), (False, {"unauthorized"})],
)
def test_good_and_bad_token(
    everywhere: Callable[..., set[str]], sandbox: Sandbox, known: bool, statuses: set[str]
) -> None:
    if known:
        sandbox.store.tokens[TOKEN] = sandbox.store.tokens[sandbox.token]
        cli_first = everywhere(sandbox.url)
        assert cli_first == {"already-registered"}
        return
    assert everywhere(sandbox.url) == statuses


@pytest.mark.parametrize("mode", ["check", "verify"])
def test_other_modes(everywhere: Callable[..., set[str]], sandbox: Sandbox, mode: str) -> None:
    assert everywhere(sandbox.url, mode=mode) <= {"checked", "check-failed", "not-verified"}


@contextlib.contextmanager
def answering(status: int, content_type: str, body: bytes) -> Iterator[str]:
    listener = Listener(lambda _request: Answer(status, content_type, body))
    yield listener.url
    listener.close()


ECHOES = {
    "plain": ("text/plain", f"Bad token {TOKEN}!"),
    "JSON": ("application/json", json.dumps({"message": f"Bad token {TOKEN}!", "detail": TOKEN})),
    "JSON escapes": (
        "application/json",
        '{"message": "' + "".join(f"\\u{ord(character):04x}" for character in TOKEN) + '"}',
    ),
    "HTML title": ("text/html", f"<title>{TOKEN}</title>"),
    "HTML references": (
        "text/html",
        "<title>" + "".join(f"&#{ord(character)};" for character in TOKEN) + "</title>",
    ),
    "HTML references as text": ("text/plain", "".join(f"&#x{ord(character):x};" for character in TOKEN)),
    "URL": ("text/plain", "".join(f"%{ord(character):02X}" for character in TOKEN)),
    "URL, quoted": ("text/plain", quote(TOKEN)),
    "control characters": ("text/plain", "\0".join(TOKEN)),
    "terminal escapes": ("text/plain", visible("\r".join(TOKEN))),
    "lines": ("text/plain", "\n".join(TOKEN)),
    "zero width": ("text/plain", "\u200b".join(TOKEN)),
    "tags": ("text/plain", "\U000e0001".join(TOKEN)),
    "zero width in JSON": ("application/json", json.dumps({"message": "\u200b".join(TOKEN)})),
    "line ends in JSON": ("application/json", json.dumps({"message": "\n".join(TOKEN)})),
    "across the limit of the body": ("text/plain", " " * (64 * 1024 - 30) + TOKEN),
    "across the limit of the words": ("text/plain", "." * 1980 + TOKEN),
    "across the limit of the message": ("application/json", json.dumps({"message": "." * 185 + TOKEN})),
    "across the end of a title": ("text/html", f"<title>{'x' * 1990}{TOKEN}</title>"),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("status", [201, 400, 422, 500])
def test_an_index_that_echoes_the_token(
    everywhere: Callable[..., set[str]], sandbox: Sandbox, echo: str, status: int
) -> None:
    content_type, body = ECHOES[echo]
    with answering(status, content_type, body.encode()) as url:
        everywhere(url)


@pytest.mark.parametrize(
    "name", ["owner", "repo", "workflow", "environment", "organization", "timeout", "mode"]
)
@pytest.mark.parametrize("form", ["{}", "octo-org/{}", "{} x"])
def test_the_token_in_the_wrong_input(
    everywhere: Callable[..., set[str]], sandbox: Sandbox, name: str, form: str
) -> None:
    assert everywhere(sandbox.url, **{name: form.format(TOKEN)}) == {"invalid"}
    assert list(sandbox.requests) == []


def test_the_token_as_the_project_or_the_index(everywhere: Callable[..., set[str]], sandbox: Sandbox) -> None:
    assert everywhere(sandbox.url, project=TOKEN) == {"invalid"}
    assert everywhere(f"https://{TOKEN}@pypi.example.org") == {"invalid"}
    assert everywhere(f"https://pypi.example.org/{TOKEN}") == {"invalid"}


@pytest.mark.parametrize("token", [f"{TOKEN} {TOKEN}", f"{TOKEN}\nX-Evil: 1", f"{TOKEN}ü"])
def test_a_token_that_is_none(
    sandbox: Sandbox,
    step: Callable[..., Step],
    capsys: pytest.CaptureFixture[str],
    token: str,
) -> None:
    assert cli.main([*FLAGS, "--json", "--index-url", sandbox.url, "--api-token", token]) == 2
    assert_silent("".join(capsys.readouterr()))
    done = step(**VALUES, index_url=sandbox.url, api_token=token)
    assert done.outputs["status"] == "invalid"
    log = "\n".join(line for line in done.log.splitlines() if not line.startswith("::add-mask::"))
    assert_silent(log + done.errors + done.summary + repr(done.outputs))


BUGS = [
    "pypi_setup.values.request.parse",
    "pypi_setup.commands.register.looked",
    "pypi_setup.discovery.investigation.look_up",
    "pypi_setup.index.registration.register",
    "pypi_setup.values.statuses.of_http",
    "pypi_setup.transport.Client.post",
    "pypi_setup.transport.Client._attempt",
    "pypi_setup.transport._Work._receive",
    "pypi_setup.transport._Work.answer",
    "pypi_setup.transport._Authorization.__call__",
    "pypi_setup.values.report.told",
    "pypi_setup.values.report.combined",
    "pypi_setup.discovery.investigation.check",
    "pypi_setup.values.report.guidance",
    "pypi_setup.render.jsonline.line",
    "pypi_setup.render.terminal.text",
    "pypi_setup.render.summary.summary",
    "pypi_setup.render.commands.outputs",
    "requests.sessions.Session.request",
    "requests.sessions.Session.send",
]


@pytest.mark.parametrize("place", BUGS)
def test_a_mistake_of_ours_anywhere(
    sandbox: Sandbox,
    step: Callable[..., Step],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    called: list[str] = []

    def broken(*arguments: Any, **_options: Any) -> None:
        called.append(place)
        raise RuntimeError(f"{TOKEN} {arguments}") from ValueError(TOKEN)

    monkeypatch.setattr(place, broken)
    monkeypatch.setenv("PYPI_API_TOKEN", TOKEN)
    for form in ((), ("--json",)):
        cli.main([*FLAGS, "--index-url", sandbox.url, "--timeout", "5", *form])
        assert_silent("".join(capsys.readouterr()))
    done = step(**VALUES, index_url=sandbox.url, api_token=TOKEN)
    log = done.log.removeprefix(f"::add-mask::{TOKEN}\n")
    assert_silent(log + done.errors + done.summary + repr(done.outputs))
    assert called


def test_the_python_api(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    publisher = parse_publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    sandbox.break_path(PATH, Fault.ECHO_400)
    report = add_pending_publisher(publisher, TOKEN, sandbox.url)
    assert report.http_status == 400
    assert_silent(repr(report))
    with pytest.raises(BadInput) as caught:
        add_pending_publisher(publisher, f"{TOKEN} x", sandbox.url)
    assert_silent(f"{caught.value} {caught.value!r} {caught.value.problems}")
    assert_silent("".join(capsys.readouterr()))


def test_no_child_process_sees_the_token(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is started (git, a browser) does not get the token as an argument."""
    started: list[str] = []

    processes = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in processes:
            started.append(repr(arguments[:2]))

    watching = True
    sys.addaudithook(audit)
    subprocess.run(["git", "init", "--quiet"], check=True)
    monkeypatch.setenv("PYPI_API_TOKEN", TOKEN)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        cli.main(["--project", "sample-project", "--index-url", sandbox.url])
    watching = False
    assert started
    assert_silent("".join(started))


def test_a_process_with_the_token_in_its_environment_shows_it_nowhere(sandbox: Sandbox) -> None:
    """Even when it is interrupted in the middle, or its standard output is closed."""
    environ = {**os.environ, "PYPI_API_TOKEN": TOKEN, "PYTHONFAULTHANDLER": "1", "PYTHONDEVMODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pypi_setup", *FLAGS, "--index-url", sandbox.url],
        check=False,
        capture_output=True,
        text=True,
        env=environ,
        timeout=60,
    )
    assert done.returncode == 1
    assert_silent(done.stdout + done.stderr)
    assert "did not accept the API token" in done.stdout
