from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pypi_setup.sandbox import Sandbox
from pypi_setup.sandbox.web import Answer, Listener, pairs

if TYPE_CHECKING:
    from pypi_setup.sandbox.web import Request


def raw(sandbox: Sandbox, data: bytes) -> bytes:
    parts = urlsplit(sandbox.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=10) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer


@pytest.mark.parametrize("length", [b"1048577", b"-1", b"x", b"9" * 4000])
def test_bodies_that_are_not_read(sandbox: Sandbox, length: bytes) -> None:
    answer = raw(sandbox, b"POST / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_any_method_is_known(sandbox: Sandbox, send: Any) -> None:
    assert send("BREW", "/_/oidc/audience").status_code == 405
    assert send("BREW", "/").status_code == 404


def test_nothing_but_a_request_is_expected(sandbox: Sandbox) -> None:
    assert b"400" in raw(sandbox, b"GET / x\r\n\r\n")


def test_it_names_itself_and_logs_nothing(
    sandbox: Sandbox, send: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = send("GET", "/simple/none/", headers={"Authorization": "Token canary"})
    assert answer.headers["Server"] == "pypi-setup-sandbox"
    assert capfd.readouterr() == ("", "")


def test_a_bug_in_a_handler_is_seen_when_it_closes() -> None:
    import requests

    def broken(_request: Request) -> Answer:
        raise RuntimeError("a bug")

    listener = Listener(broken)
    with pytest.raises(requests.ConnectionError):
        requests.get(listener.url, timeout=10)
    with pytest.raises(RuntimeError, match="a bug"):
        listener.close()


def test_closing_leaves_no_listener_open(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        assert other.url != sandbox.url
        assert other.github.url != other.trap.url
    for url in (other.url, other.github.url, other.trap.url):
        parts = urlsplit(url)
        with socket.socket() as probe:
            assert probe.connect_ex((parts.hostname, parts.port)) != 0


def test_what_is_no_utf8_stays() -> None:
    assert pairs("a=%ZZ&b=%E9&&c&d=1=2+3%2B") == [
        ("a", "%ZZ"),
        ("b", "%E9"),
        ("c", ""),
        ("d", "1=2 3+"),
    ]


def test_requests_are_remembered_as_they_were_sent(sandbox: Sandbox, send: Any) -> None:
    send("GET", "/simple/none/?a=%20b")
    (request,) = sandbox.requests
    assert (request.method, request.path, request.target) == ("GET", "/simple/none/", "/simple/none/?a=%20b")
