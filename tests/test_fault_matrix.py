"""What goes wrong, by what is used: each fault of an index or of the machine, in each mode and each adapter.

For each the status, the exit code and who is told; and that the token is nowhere, whatever the index echoes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.index.test_registration import FAULTS, PATH, WAITING

from pypi_setup import action, add_pending_publisher, cli, parse_publisher
from pypi_setup.sandbox import Fault
from pypi_setup.values.statuses import MEANINGS, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Step

    from pypi_setup.sandbox import Sandbox

VALUES = {"project": "sample-project", "owner": "octo-org", "repo": "sample-repo"}
REST = {"workflow": "release.yml", "environment": "pypi"}


class Told(NamedTuple):
    """What a run left."""

    code: int
    data: dict[str, Any]
    everything: str
    """All that it wrote anywhere."""


@pytest.fixture(params=["command", "action", "api"])
def adapter(
    request: pytest.FixtureRequest,
    step: Callable[..., Step],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Sandbox, float], Told]:
    """A registration through each of the three."""

    def command(index: Sandbox, timeout: float) -> Told:
        monkeypatch.setenv("PYPI_API_TOKEN", index.token)
        options = [word for name, value in {**VALUES, **REST}.items() for word in (f"--{name}", value)]
        code = cli.main(["--json", *options, "--index-url", index.url, "--timeout", str(timeout)])
        out, errors = capsys.readouterr()
        return Told(code, json.loads(out), out + errors)

    def as_action(index: Sandbox, timeout: float) -> Told:
        done = step(**VALUES, **REST, api_token=index.token, index_url=index.url, timeout=str(timeout))
        log = done.log.replace(f"::add-mask::{index.token}", "")
        everything = log + done.errors + done.summary + str(done.outputs)
        return Told(done.code, json.loads(done.outputs["result"]), everything)

    def api(index: Sandbox, timeout: float) -> Told:
        publisher = parse_publisher(*VALUES.values(), *REST.values())
        report = add_pending_publisher(publisher, index.token, index.url, timeout=timeout)
        data = {"status": report.status.value, "http_status": report.http_status}
        return Told(report.exit_code, data, repr(report))

    used = {"command": command, "action": as_action, "api": api}
    return used[request.param]


@pytest.mark.parametrize(("fault", "status", "http"), FAULTS)
def test_a_registration_that_meets_a_fault(
    sandbox: Sandbox,
    adapter: Callable[[Sandbox, float], Told],
    fault: Fault,
    status: Status,
    http: int | None,
) -> None:
    sandbox.break_path(PATH, fault)
    told = adapter(sandbox, 0.9 if fault in WAITING else 10)
    assert (told.data["status"], told.data["http_status"]) == (status.value, http)
    assert told.code == (0 if MEANINGS[status].success else 1)
    assert sandbox.token not in told.everything
    assert list(sandbox.trap.requests) == []
    assert [each.method for each in sandbox.requests].count("POST") == 1


@pytest.mark.parametrize("fault", Fault)
def test_a_check_whose_look_up_meets_a_fault_gives_its_verdict_all_the_same(
    sandbox: Sandbox, step: Callable[..., Step], fault: Fault
) -> None:
    sandbox.break_path("/simple/sample-project/", fault)
    timeout = "0.9" if fault in WAITING else "10"
    done = step(**VALUES, **REST, index_url=sandbox.url, mode="check", timeout=timeout)
    assert (done.code, done.outputs["status"]) == (0, "checked")
    notes = json.loads(done.outputs["result"])["notes"]
    assert any(note.startswith("Not checked: sample-project on ") for note in notes)


@pytest.mark.parametrize("fault", Fault)
def test_a_proof_whose_audience_meets_a_fault_is_none(
    sandbox: Sandbox, step: Callable[..., Step], monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    for name, value in sandbox.github.environ.items():
        monkeypatch.setenv(name, value)
    sandbox.break_path("/_/oidc/audience", fault)
    timeout = "0.9" if fault in WAITING else "10"
    done = step(**VALUES, **REST, index_url=sandbox.url, mode="verify", timeout=timeout)
    assert (done.code, done.outputs["status"], done.outputs["verified"]) == (1, "not-verified", "false")
    assert sandbox.github.request_token not in done.log + done.summary + str(done.outputs)


@pytest.fixture
def registering(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[], tuple[int, str]]:
    """Registers as the action does; returns the exit code and the log."""
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name, value in {**VALUES, **REST, "api_token": sandbox.token, "index_url": sandbox.url}.items():
        monkeypatch.setenv(f"INPUT_{name.upper()}", value)
    return lambda: (action.main(), capsys.readouterr().out)


@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
@pytest.mark.parametrize("place", ["/dev/full", "/proc/version", "/proc/none/file", "."])
def test_a_file_of_the_runner_that_cannot_be_written(
    registering: Callable[[], tuple[int, str]],
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    place: str,
) -> None:
    monkeypatch.setenv(variable, place)
    code, log = registering()
    assert "Registered: " in log
    lost = variable == "GITHUB_OUTPUT"
    assert code == (action.LOST if lost else 0)
    assert ("::error title=pypi-setup::The outputs" in log) == lost
    assert ("::warning title=pypi-setup::The summary" in log) != lost
    assert sandbox.token not in log.replace(f"::add-mask::{sandbox.token}", "")


@pytest.mark.parametrize("place", ["/dev/full", "/proc/none/report.md", "/proc/version"])
def test_a_report_file_that_cannot_be_written_is_said(
    sandbox: Sandbox, step: Callable[..., Step], place: str
) -> None:
    done = step(**VALUES, **REST, api_token=sandbox.token, index_url=sandbox.url, report_file=place)
    assert done.code != 0
    posted = [each for each in sandbox.requests if each.method == "POST"]
    assert (done.outputs["status"] == "invalid") == (posted == [])


@pytest.mark.parametrize(
    ("proxy", "status"), [("http://127.0.0.1:1", "network-error"), ("nonsense://", "network-error")]
)
def test_a_proxy_that_is_none(
    bare: Path, step: Callable[..., Step], monkeypatch: pytest.MonkeyPatch, proxy: str, status: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    done = step(**VALUES, **REST, api_token="pypi-secret", index_url="https://pypi.example.org", timeout="5")
    assert (done.code, done.outputs["status"]) == (1, status)
    assert "pypi-secret" not in done.log.replace("::add-mask::pypi-secret", "") + str(done.outputs)
