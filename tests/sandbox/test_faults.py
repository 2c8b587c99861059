from __future__ import annotations

import socket
import threading
from contextlib import suppress
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest

from pypi_setup.sandbox import Fault, Sandbox
from pypi_setup.sandbox.faults import misbehave
from pypi_setup.sandbox.web import Answer, Request

PATH = "/_/v1/publisher"

BEGINNINGS = {
    Fault.ERROR_500: b"HTTP/1.1 500 ",
    Fault.UNAVAILABLE_503: b"HTTP/1.1 503 ",
    Fault.BUSY_503: b"HTTP/1.1 503 ",
    Fault.BUSY_429: b"HTTP/1.1 429 ",
    Fault.BUSY_LONG_503: b"HTTP/1.1 503 ",
    Fault.GONE_410: b"HTTP/1.1 410 ",
    Fault.NOT_IMPLEMENTED_501: b"HTTP/1.1 501 ",
    Fault.TEAPOT_418: b"HTTP/1.1 418 ",
    Fault.HTML_200: b"HTTP/1.1 200 ",
    Fault.HTML_500: b"HTTP/1.1 500 ",
    Fault.ECHO_400: b"HTTP/1.1 400 ",
    Fault.REDIRECT_301: b"HTTP/1.1 301 ",
    Fault.REDIRECT_302: b"HTTP/1.1 302 ",
    Fault.REDIRECT_307: b"HTTP/1.1 307 ",
    Fault.REDIRECT_308: b"HTTP/1.1 308 ",
    Fault.SLOW: b"",
    Fault.DRIP_HEADERS: b"HTTP/1.1 200 OK\r\nX-Drip: x",
    Fault.DRIP_BODY: b"HTTP/1.1 200 ",
    Fault.STALL_201: b"HTTP/1.1 201 ",
    Fault.TRUNCATED: b"HTTP/1.1 200 ",
    Fault.HUGE: b"HTTP/1.1 200 ",
    Fault.GARBAGE: b"\x16\x03\x01SSH-2.0-",
    Fault.CLOSED: b"",
}

ENDLESS = {Fault.SLOW, Fault.DRIP_HEADERS, Fault.DRIP_BODY, Fault.STALL_201, Fault.HUGE}


def connected(sandbox: Sandbox) -> socket.socket:
    parts = urlsplit(sandbox.url)
    connection = socket.create_connection((parts.hostname, parts.port or 0), timeout=10)
    connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    return connection


def read(connection: socket.socket, enough: int | None = None) -> bytes:
    """Read so many bytes, or all until the connection ends."""
    data = b""
    while enough is None or len(data) < enough:
        piece = connection.recv(65_536)
        data += piece
        if not piece:
            break
    return data


def test_every_fault_is_tested() -> None:
    assert set(BEGINNINGS) == set(Fault)


@pytest.mark.parametrize("fault", Fault)
def test_it_begins_badly_and_ends_with_the_sandbox(fault: Fault) -> None:
    wanted = BEGINNINGS[fault]
    sandbox = Sandbox(fault=fault)
    with connected(sandbox) as connection:
        whole = None if fault not in ENDLESS else len(wanted)
        begun = read(connection, whole)
        assert begun[: len(wanted)] == wanted
        sandbox.close()
        with suppress(ConnectionResetError):  # It had not even read the request.
            read(connection)


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.STALL_201])
def test_less_body_than_promised(fault: Fault) -> None:
    sandbox = Sandbox(fault=fault)
    with connected(sandbox) as connection:
        head = read(connection, 100)
        sandbox.close()
        answer = head + read(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Length: 4096" in head
    assert body == b'{"message": "Regis'


def test_slow_waits_for_the_end_without_a_word() -> None:
    waits: list[float | None] = []

    class Closed(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return True

    request = Request("POST", PATH, "", Message(), b"", "")
    misbehaviour = misbehave(Fault.SLOW, request, "")
    assert not isinstance(misbehaviour, Answer)
    connection = BytesIO()
    misbehaviour(connection, Closed())
    assert (waits, connection.getvalue()) == ([None], b"")


def test_a_dripping_body_comes_byte_by_byte() -> None:
    with Sandbox(fault=Fault.DRIP_BODY) as sandbox, connected(sandbox) as connection:
        answer = b""
        while not answer.endswith(b"\r\n\r\nxx"):
            answer += connection.recv(1)


def test_a_huge_answer_is_whole() -> None:
    with Sandbox(fault=Fault.HUGE) as sandbox, connected(sandbox) as connection:
        count = 0
        while piece := connection.recv(1 << 20):
            count += len(piece)
    assert 64 << 20 < count < (64 << 20) + 1000


def test_a_client_that_leaves_a_drip_is_no_bug() -> None:
    sandbox = Sandbox(fault=Fault.DRIP_BODY)
    with connected(sandbox) as connection:
        read(connection, 10)
    sandbox.close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_lead_into_the_trap(status: int, sandbox: Sandbox, send: Any) -> None:
    sandbox.break_path("/some/path", Fault(f"redirect-{status}"))
    answer = send("POST", "/some/path")
    assert answer.status_code == status
    assert answer.headers["Location"] == f"{sandbox.trap.url}/some/path"
    assert len(sandbox.trap.requests) == 0
    send("GET", answer.headers["Location"], headers={"Authorization": "Token careless"})
    (caught,) = sandbox.trap.requests
    assert (caught.path, caught.headers["Authorization"]) == ("/some/path", "Token careless")


def test_retry_after(sandbox: Sandbox, send: Any) -> None:
    waits = {
        Fault.UNAVAILABLE_503: None,
        Fault.BUSY_503: "1",
        Fault.BUSY_429: "1",
        Fault.BUSY_LONG_503: "3600",
    }
    for fault, wait in waits.items():
        sandbox.break_path("/x", fault)
        assert send("GET", "/x").headers.get("Retry-After") == wait


def test_a_fault_can_pass(sandbox: Sandbox, send: Any) -> None:
    sandbox.break_path("/_/oidc/audience", Fault.BUSY_503, times=2)
    statuses = [send("GET", "/_/oidc/audience").status_code for _ in range(4)]
    assert statuses == [503, 503, 200, 200]


def test_an_echo_repeats_the_credential(sandbox: Sandbox, send: Any) -> None:
    sandbox.break_path("/x", Fault.ECHO_400)
    assert "Token canary" in send("GET", "/x", headers={"Authorization": "Token canary"}).json()["message"]
