from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from pypi_setup.sandbox import Fault, Sandbox
from pypi_setup.sandbox.__main__ import main, welcome

COMMAND = [sys.executable, "-m", "pypi_setup.sandbox"]


def test_it_says_what_to_try_and_stops_on_ctrl_c() -> None:
    with subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "Stop it with Ctrl-C." not in said:
            line = process.stdout.readline()
            assert line
            said += line
        url = re.search(r"http://127\.0\.0\.1:\d+", said)
        tokens = re.findall(r"^  (pypi-sandbox-\w+-\w+)$", said, re.MULTILINE)
        assert url
        body = {
            "name": "sample-project",
            "owner": "octo-org",
            "repository": "sample-project",
            "workflow_filename": "release.yml",
            "environment": "pypi",
        }
        statuses = [
            requests.post(
                f"{url[0]}/_/v1/publisher", json=body, headers={"Authorization": f"Token {token}"}, timeout=10
            ).status_code
            for token in tokens
        ]
        assert statuses == [201, 403, 401]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
        assert (rest, errors, process.returncode) == ("", "", 130)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    assert capsys.readouterr().err.startswith(f"pypi-setup sandbox: cannot listen on port {port}: ")


def test_options(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seen = {}

    class Spy:
        def __init__(self, **options: object) -> None:
            seen.update(options)
            raise OSError(98, "stop here")

    monkeypatch.setattr("pypi_setup.sandbox.__main__.Sandbox", Spy)
    arguments = "--no-registration --no-pending --oidc off --audience x --limit 3 --fault slow --port 5"
    assert main(arguments.split()) == 1
    assert seen == {
        "registration": False,
        "pending": False,
        "oidc": "off",
        "audience": "x",
        "limit": 3,
        "fault": Fault.SLOW,
        "port": 5,
    }


def test_without_what_signs_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pypi_setup.sandbox.__main__.find_spec", lambda _name: None)
    with Sandbox() as sandbox:
        said = welcome(sandbox)
    assert "install pypi-setup[sandbox]" in said
    assert "ACTIONS_ID_TOKEN_REQUEST" not in said


def test_the_job_it_offers(sandbox: Sandbox) -> None:
    lines = welcome(sandbox).splitlines()
    assert f"  export ACTIONS_ID_TOKEN_REQUEST_URL='{sandbox.github.token_url}'" in lines
    assert f"  export GITHUB_API_URL={sandbox.github.url}" in lines


def test_an_unknown_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--fault", "none"])
    assert "none" in capsys.readouterr().err


def test_nothing_of_the_signatures_is_imported_until_it_is_needed() -> None:
    code = "import sys, pypi_setup.sandbox as s; s.Sandbox().close(); print('jwt' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
