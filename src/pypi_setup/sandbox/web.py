"""HTTP on loopback: requests, answers, routes, and the listener that serves them.

Pages of errors and redirects have the words of Pyramid, on which PyPI is built, because clients see them.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections import deque
from contextlib import suppress
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from email.message import Message
    from typing import TypeAlias

HTML = "text/html; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
JSON = "application/json"

BODY_LIMIT = 1 << 20
"""Bytes of a request's body that are read; a longer one is refused with 413."""

IDLE_LIMIT = 60
"""Seconds that a client may stay silent before its connection is dropped."""

REMEMBERED = 1000
"""How many of the last requests a listener remembers."""


class Request(NamedTuple):
    """One request as it came in."""

    method: str

    path: str
    """Percent-encoded, without the query."""

    query: str
    """Percent-encoded, without the question mark."""

    headers: Message

    body: bytes

    origin: str
    """The listener's own address, for absolute URLs in answers."""

    @property
    def target(self) -> str:
        """Path and query exactly as they were sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query's parameters, decoded, in their order."""
        return pairs(self.query)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The fields of a form in the body, decoded, in their order."""
        return pairs(self.body.decode("ascii", "replace"))

    def accepts_html(self) -> bool:
        """Tell whether the client takes HTML; one that says nothing takes all."""
        accept = self.headers.get("Accept", "*/*")
        return any(kind in accept for kind in ("text/html", "text/*", "*/*"))


class Answer(NamedTuple):
    """One answer; a body that comes in pieces is streamed."""

    status: int
    content_type: str
    body: bytes | Iterable[bytes] = b""
    headers: tuple[tuple[str, str], ...] = ()


if TYPE_CHECKING:
    Misbehaviour: TypeAlias = Callable[[BinaryIO, threading.Event], None]
    """Writes what it likes to the connection; it has to end when the event is set."""

    Handler: TypeAlias = Callable[..., Answer]
    """Takes the request and, as keywords, the decoded groups of its route's pattern."""

    Routes: TypeAlias = Mapping[str, Mapping[str, Handler]]
    """Pattern of the whole path, then method, then handler. GET serves HEAD too."""


def pairs(encoded: str) -> list[tuple[str, str]]:
    """Decode `a=b&c=d`; what is no percent-encoded UTF-8 stays as it is, as at PyPI."""
    return [
        (_decoded(name), _decoded(value))
        for name, _, value in (part.partition("=") for part in encoded.split("&") if part)
    ]


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return text


def as_json(status: int, value: object, *headers: tuple[str, str], content_type: str = JSON) -> Answer:
    """Return a JSON answer."""
    return Answer(status, content_type, json.dumps(value).encode(), headers)


def as_page(status: int, title: str, content: str, *headers: tuple[str, str]) -> Answer:
    """Return an HTML page; `title` is text, `content` is HTML."""
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{content}\n</body>\n</html>\n"
    )
    return Answer(status, HTML, page.encode(errors="replace"), headers)


def as_notice(request: Request, status: int, sentence: str, *headers: tuple[str, str]) -> Answer:
    """Return an error or a redirect in Pyramid's words, as HTML or as plain text."""
    line = f"{status} {HTTPStatus(status).phrase}"
    if request.accepts_html():
        return as_page(status, line, f"<h1>{line}</h1>\n{escape(sentence)}", *headers)
    return Answer(status, TEXT, f"{line}\n\n{sentence}\n\n".encode(errors="replace"), headers)


def not_found() -> Answer:
    """Return PyPI's page for an address that it does not know; it is HTML whatever the client accepts."""
    heading = "<h1>We looked everywhere but couldn't find this page</h1>"
    return as_page(404, "Page Not Found (404) · Warehouse", heading)


def moved(request: Request, status: int, location: str, *headers: tuple[str, str]) -> Answer:
    """Return a redirect to an address of this server; the Location header is absolute."""
    sentence = f"The resource has been moved to {location}; you should be redirected automatically."
    absolute = location if location.startswith("http") else request.origin + location
    return as_notice(request, status, sentence, ("Location", absolute), *headers)


def dispatch(routes: Routes, request: Request) -> Answer:
    """Answer a request by its path and method."""
    for pattern, handlers in routes.items():
        match = re.fullmatch(pattern, request.path)
        if match is None:
            continue
        handler = handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            sentence = f"The method {request.method} is not allowed for this resource."
            return as_notice(request, 405, sentence, ("Allow", ", ".join(handlers)))
        groups = {name: unquote(value) for name, value in match.groupdict().items()}
        return handler(request, **groups)
    return not_found()


class Listener:
    """An HTTP server on loopback, in threads of its own.

    `answer` turns a request into an answer, or into a misbehaviour that writes to the connection itself.
    """

    def __init__(self, answer: Callable[[Request], Answer | Misbehaviour], port: int = 0) -> None:
        self.requests: deque[Request] = deque(maxlen=REMEMBERED)
        """The last requests, oldest first, with all that they carried: for tests to look at."""

        self.closed = threading.Event()
        self._server = _Server(answer, self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop at once: whatever still waits in a handler is released, every connection is cut.

        Raises the first bug that a handler ran into, so that a test sees it.
        """
        self.closed.set()
        self._server.shutdown()
        self._server.cut()
        self._server.server_close()
        self._thread.join()
        if self._server.bugs:
            raise self._server.bugs[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # So that close() waits for the handlers, which it has released.
    request_queue_size = 128

    def __init__(
        self, answer: Callable[[Request], Answer | Misbehaviour], listener: Listener, port: int
    ) -> None:
        self.answer = answer
        self.listener = listener
        self.bugs: list[BaseException] = []
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_connection: Any) -> None:
        problem = sys.exc_info()[1]
        if problem is not None and not isinstance(problem, OSError):  # An OSError: the client went away.
            self.bugs.append(problem)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_LIMIT

    def _serve(self) -> None:
        self.close_connection = True
        server = cast("_Server", self.server)
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit() and int(length) <= BODY_LIMIT):
            self.send_error(413)
            return
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(length))
        request = Request(self.command, path, query, self.headers, body, server.listener.url)
        server.listener.requests.append(request)
        answer = server.answer(request)
        if isinstance(answer, Answer):
            self._send(answer)
        else:
            answer(cast("BinaryIO", self.wfile), server.listener.closed)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # The base class calls do_GET for GET, and so on.
            return self._serve
        raise AttributeError(name)

    def _send(self, answer: Answer) -> None:
        whole = answer.body if isinstance(answer.body, bytes) else None
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Connection", "close")
        if whole is not None:
            self.send_header("Content-Length", str(len(whole)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        # Without a length the body ends where the connection ends (RFC 9112, 6.3).
        for piece in (whole,) if whole is not None else cast("Iterable[bytes]", answer.body):
            self.wfile.write(piece)

    def version_string(self) -> str:
        return "pypi-setup-sandbox"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing: an address or a header may hold what must not be written anywhere."""


def first(values: Sequence[tuple[str, str]], name: str) -> str:
    """Return the first value that has this name, or an empty text."""
    return next((value for key, value in values if key == name), "")


def last(values: Sequence[tuple[str, str]], name: str) -> str:
    """Return the last value that has this name, or an empty text."""
    return first(values[::-1], name)
