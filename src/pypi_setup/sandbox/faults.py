"""Ways for a server to behave badly, for tests of a client that must survive them all."""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

from pypi_setup.sandbox.web import Answer, as_json, as_page

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from typing import BinaryIO

    from pypi_setup.sandbox.web import Misbehaviour, Request

PACE = 0.05
"""Seconds between two bytes of a dripping answer."""

HUGE = 64 << 20
"""Bytes of a huge answer."""

_BLOCK = b"x" * 65_536


class Fault(str, Enum):
    """What goes wrong. Where a status matters, it is part of the name."""

    ERROR_500 = "error-500"
    UNAVAILABLE_503 = "unavailable-503"

    BUSY_503 = "busy-503"
    """With `Retry-After: 1`."""

    BUSY_429 = "busy-429"
    """With `Retry-After: 1`."""

    BUSY_LONG_503 = "busy-long-503"
    """With `Retry-After: 3600`."""

    GONE_410 = "gone-410"
    NOT_IMPLEMENTED_501 = "not-implemented-501"
    TEAPOT_418 = "teapot-418"

    HTML_200 = "html-200"
    """A page where an API's answer is due."""

    HTML_500 = "html-500"

    ECHO_400 = "echo-400"
    """The body repeats the request's headers, the credential included."""

    REDIRECT_301 = "redirect-301"
    """To another server, the sandbox's trap."""

    REDIRECT_302 = "redirect-302"
    REDIRECT_307 = "redirect-307"
    REDIRECT_308 = "redirect-308"

    SLOW = "slow"
    """Never answers."""

    DRIP_HEADERS = "drip-headers"
    """One byte at a time, for ever, without coming to the headers' end."""

    DRIP_BODY = "drip-body"
    """Status 200, then the body one byte at a time, for ever."""

    STALL_201 = "stall-201"
    """Status 201 and the beginning of a body whose rest never comes."""

    TRUNCATED = "truncated"
    """Status 200, and less body than the length says."""

    HUGE = "huge"
    """Status 200 and a body of many MB."""

    GARBAGE = "garbage"
    """Not HTTP."""

    CLOSED = "closed"
    """The connection ends without an answer."""

    @property
    def is_redirect(self) -> bool:
        """Tell whether it leads elsewhere."""
        return self.value.startswith("redirect-")


_ANSWERS = {
    Fault.ERROR_500: as_json(500, {"message": "Internal server error"}),
    Fault.UNAVAILABLE_503: as_json(503, {"message": "Service unavailable"}),
    Fault.BUSY_503: as_json(503, {"message": "Service unavailable"}, ("Retry-After", "1")),
    Fault.BUSY_429: as_json(429, {"message": "Too many requests"}, ("Retry-After", "1")),
    Fault.BUSY_LONG_503: as_json(503, {"message": "Service unavailable"}, ("Retry-After", "3600")),
    Fault.GONE_410: as_json(410, {"message": "Gone"}),
    Fault.NOT_IMPLEMENTED_501: as_json(501, {"message": "Not implemented"}),
    Fault.TEAPOT_418: as_json(418, {"message": "I am a teapot"}),
    Fault.HTML_200: as_page(200, "Welcome", "<h1>Welcome</h1>"),
    Fault.HTML_500: as_page(500, "500 Internal Server Error", "<h1>Something <b>went</b> wrong</h1>"),
}


def misbehave(fault: Fault, request: Request, trap: str) -> Answer | Misbehaviour:
    """Return the bad answer; `trap` is the address that redirects lead to."""
    if fault in _ANSWERS:
        return _ANSWERS[fault]
    if fault is Fault.ECHO_400:
        return as_json(
            400, {"message": "\n".join(f"{name}: {text}" for name, text in request.headers.items())}
        )
    if fault.is_redirect:
        status = int(fault.value.removeprefix("redirect-"))
        return Answer(status, "text/plain", b"", (("Location", f"{trap}{request.path}"),))
    if fault is Fault.HUGE:
        return Answer(200, "application/json", _huge(), (("Content-Length", str(HUGE)),))
    return _MISBEHAVIOURS[fault]


def _huge() -> Iterator[bytes]:
    for _ in range(HUGE // len(_BLOCK)):
        yield _BLOCK


def _head(line: str, length: int) -> bytes:
    return (
        f"HTTP/1.1 {line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


def _slow(_connection: BinaryIO, closed: threading.Event) -> None:
    closed.wait()


def _drip(connection: BinaryIO, closed: threading.Event) -> None:
    with suppress(OSError):  # The client has had enough.
        while not closed.wait(PACE):
            connection.write(b"x")


def _drip_headers(connection: BinaryIO, closed: threading.Event) -> None:
    connection.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    _drip(connection, closed)


def _drip_body(connection: BinaryIO, closed: threading.Event) -> None:
    connection.write(_head("200 OK", HUGE))
    _drip(connection, closed)


def _stall(connection: BinaryIO, closed: threading.Event) -> None:
    connection.write(_head("201 Created", 4096) + b'{"message": "Regis')
    closed.wait()


def _truncated(connection: BinaryIO, _closed: threading.Event) -> None:
    connection.write(_head("200 OK", 4096) + b'{"message": "Regis')


def _garbage(connection: BinaryIO, _closed: threading.Event) -> None:
    connection.write(b"\x16\x03\x01SSH-2.0-nothing-of-the-sort\r\n\x00\xff\xfe\r\n\r\n")


def _closed(_connection: BinaryIO, _closed: threading.Event) -> None:
    pass


_MISBEHAVIOURS: dict[Fault, Misbehaviour] = {
    Fault.SLOW: _slow,
    Fault.DRIP_HEADERS: _drip_headers,
    Fault.DRIP_BODY: _drip_body,
    Fault.STALL_201: _stall,
    Fault.TRUNCATED: _truncated,
    Fault.GARBAGE: _garbage,
    Fault.CLOSED: _closed,
}
