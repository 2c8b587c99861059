"""HTTP: the only module that speaks to other machines, over the sockets of connections.py.

An exchange is one request with its retries and waits, under one deadline. It never raises for anything that
the network or the server does: what happened is in the Answer. Each request runs in a thread of its own,
since only so a deadline bounds everything: name look-up, a proxy, a server that sends one byte a second. At
the deadline, or when the caller is interrupted, its sockets are ended, and so is the thread; only a name
look-up that hangs outlives it, since nothing can end that, and it does nothing more when it comes back.
"""

from __future__ import annotations

import html
import json
import os
import re
import ssl
import threading
import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NameResolutionError, NewConnectionError

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.connections import Adapter, UnreadableCertificates, Wire, secured, trusted
from pypi_setup.values.harmless import Secret, redacted, shortened, visible
from pypi_setup.values.index import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

BODY_LIMIT = 64 * 1024
"""Bytes of a body that are read; the rest is dropped."""

STREAM_LIMIT = 128 * 1024 * 1024
"""Bytes of a body that is handed on piece by piece and never held."""

WORDS_LIMIT = 2000
"""Characters of the server's words that are shown."""

ATTEMPTS = 3
"""Requests in one exchange, at most."""

USER_AGENT = f"pypi-setup/{__version__} (+{PROJECT_URL})"

_PIECE = 16 * 1024
_END_SECONDS = 1.0  # For a thread whose sockets were ended: it needs next to none.
_CONNECT_SHARE = 0.9  # Of the time left: a connection that was never made is then told from a lost answer.
_OK, _TOO_MANY, _UNAVAILABLE = 200, 429, 503
_TITLE, _TITLE_END = (re.compile(tag, re.IGNORECASE) for tag in ("<title[^<>]*>", "</title"))


class Failure(str, Enum):
    """Why there is no answer."""

    TIMEOUT = "timeout"
    """The deadline passed."""

    NETWORK = "network"
    """No connection, or it broke before a status line came."""


class Answer(NamedTuple):
    """What an exchange brought."""

    status: int | None = None
    """The HTTP status; None if no status line arrived."""

    body: bytes = b""
    """The body's first BODY_LIMIT bytes; empty if it was handed on piece by piece."""

    complete: bool = False
    """Whether the whole body arrived, within its limit and the deadline."""

    words: str | None = None
    """The body as harmless text: bounded, secrets replaced; of an HTML page its title."""

    retry_after: float | None = None
    """Seconds to wait, where the server named them."""

    content_type: str = ""
    """The body's media type, without parameters, in lower case."""

    location: str = ""
    """Where a redirect points. It is not followed."""

    tag: str = ""
    """The document's ETag; empty if it has none."""

    failure: Failure | None = None
    """Set exactly when `status` is None."""

    detail: str = ""
    """What failed, in words."""

    sent: bool = True
    """False if the request certainly never reached the server."""

    refused: bool = False
    """Whether nobody listens at the address (connection refused)."""

    def json(self) -> object:
        """Return the body's JSON value, or None if it is incomplete or not JSON."""
        if not self.complete:
            return None
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value


class Credential(NamedTuple):
    """An Authorization header's two words."""

    scheme: str
    secret: Secret


class Client:
    """Makes exchanges; holds what they have in common."""

    def __init__(self, timeout: float, on_wait: Callable[[str, float], None] | None = None) -> None:
        """Take the seconds for one exchange, and whom to tell each second (the host, the seconds left)."""
        self.timeout = timeout
        self._on_wait = on_wait or (lambda _host, _seconds: None)

    def get(
        self,
        url: str,
        accept: str,
        credential: Credential | None = None,
        sink: Callable[[bytes], object] | None = None,
        tag: str = "",
    ) -> Answer:
        """Ask for a document. With a `sink` the body of a 200 goes there piece by piece, see STREAM_LIMIT.

        With the ETag of a document that is known already the answer may be 304, without a body.
        """
        encoding = "gzip" if sink else "identity"
        headers = {"Accept": accept, "Accept-Encoding": encoding, **({"If-None-Match": tag} if tag else {})}
        return self._exchange(_Request("GET", url, headers, None, credential, sink))

    def post(
        self,
        url: str,
        payload: Mapping[str, str],
        credential: Credential | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer:
        """Send JSON once. `secrets` are those inside the payload: the answer's words will not show them."""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        body = json.dumps(payload).encode()
        return self._exchange(_Request("POST", url, headers, body, credential, secrets=secrets))

    def _exchange(self, request: _Request) -> Answer:
        if not request.url.startswith("https://") and not is_loopback(request.url):
            return Answer(failure=Failure.NETWORK, detail="the address is not https", sent=False)
        deadline = time.monotonic() + self.timeout
        for attempt in range(1, ATTEMPTS):
            answer = self._attempt(request, deadline)
            pause = _pause(request, answer, attempt)
            if pause is None or time.monotonic() + pause >= deadline:
                return answer
            time.sleep(pause)
        return self._attempt(request, deadline)

    def _attempt(self, request: _Request, deadline: float) -> Answer:
        try:
            context = secured(trusted(os.environ)) if request.url.startswith("https:") else None
        except UnreadableCertificates as problem:
            return Answer(failure=Failure.NETWORK, detail=str(problem), sent=False)
        wire = Wire()
        work = _Work(request, deadline - time.monotonic(), Adapter(wire, context))
        thread = threading.Thread(target=work.run, daemon=True, name="exchange")
        thread.start()
        try:
            while (left := deadline - time.monotonic()) > 0 and not work.done.wait(min(1.0, left)):
                self._on_wait(urlsplit(request.url).netloc, max(0.0, deadline - time.monotonic()))
            return work.answer()
        finally:
            connected = wire.is_used
            wire.cut()
            if connected:
                thread.join(_END_SECONDS)


class _Request(NamedTuple):
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    credential: Credential | None
    sink: Callable[[bytes], object] | None = None
    secrets: tuple[Secret, ...] = ()


class _Authorization(AuthBase):
    """Sets the header, or sees to it that there is none.

    requests takes a login from ~/.netrc or the URL wherever no auth object is given; with one it does not.
    """

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        if self._credential:
            scheme, secret = self._credential
            request.headers["Authorization"] = f"{scheme} {secret.reveal()}"
        return request


class _Work:
    """One request, made in a thread of its own; the caller takes what is there when the time is up."""

    def __init__(self, request: _Request, seconds: float, adapter: Adapter) -> None:
        self.done = threading.Event()
        self._request = request
        self._adapter = adapter
        self._seconds = max(seconds, 0.001)
        self._lock = threading.Lock()  # Held to change what `answer` reads; nothing changes after `answer`.
        self._abandoned = False
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._body = bytearray()
        self._complete = False
        self._error: Exception | None = None

    def run(self) -> None:
        """Make the request."""
        try:
            with requests.Session() as session:
                session.mount("https://", self._adapter)
                session.mount("http://", self._adapter)
                self._receive(session)
        except Exception as error:  # noqa: BLE001 - whatever it is, `answer` tells it; a thread has no caller
            with self._lock:
                if not self._abandoned:
                    self._error = error
        finally:
            self.done.set()

    def answer(self) -> Answer:
        """Return what has come so far, and stop taking more."""
        with self._lock:
            self._abandoned = True
        if self._status is None:
            return _no_answer(self._error)
        return Answer(
            status=self._status,
            body=bytes(self._body),
            complete=self._complete,
            words=self._words(),
            retry_after=_seconds(self._headers.get("Retry-After")),
            content_type=self._content_type(),
            location=self._headers.get("Location", ""),
            tag=self._headers.get("ETag", ""),
        )

    def _receive(self, session: requests.Session) -> None:
        request = self._request
        # Proxies of the environment are honoured, except for this machine itself: a proxy would see what is
        # sent over plain http.
        session.trust_env = not is_loopback(request.url)
        with session.request(
            request.method,
            request.url,
            data=request.body,
            headers={"User-Agent": USER_AGENT, **request.headers},
            auth=_Authorization(request.credential),
            allow_redirects=False,
            stream=True,
            timeout=(self._seconds * _CONNECT_SHARE, self._seconds),
        ) as response:
            with self._lock:
                if self._abandoned:
                    return
                self._status, self._headers = response.status_code, response.headers
            sink = request.sink if response.status_code == _OK else None
            size, limit = 0, STREAM_LIMIT if sink else BODY_LIMIT
            for piece in response.iter_content(_PIECE):
                with self._lock:
                    if self._abandoned:
                        return
                    (sink or self._body.extend)(piece[: limit - size])
                size += len(piece)
                if size > limit:
                    return
            with self._lock:
                self._complete = True

    def _content_type(self) -> str:
        return self._headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def _words(self) -> str | None:
        text = self._body.decode("utf-8", "replace")
        if "html" in self._content_type() or text.lstrip()[:1] == "<":
            text = " ".join(html.unescape(_title(text)).split())
        credential = self._request.credential
        secrets = (*self._request.secrets, *([credential.secret] if credential else []))
        # The secrets go last but for the cut: only then nothing can put a token together again, or halve it.
        return shortened(redacted(visible(text.strip(), keep="\n\t"), secrets), WORDS_LIMIT) or None


def _title(page: str) -> str:
    begin = _TITLE.search(page)
    # Two searches: one pattern for both tags would take the square of the length of a hostile page.
    end = begin and _TITLE_END.search(page, begin.end())
    return page[begin.end() : end.start()] if begin and end else ""


def _pause(request: _Request, answer: Answer, attempt: int) -> float | None:
    """Return the seconds until the request may be made again, None if it must not or need not be.

    A request is repeated only where the server certainly did not act on it: nobody listened, or the server
    put it off and named the time. A look-up that nobody listened to is not repeated: no verdict waits for it.
    """
    if answer.refused:
        return 0.25 * attempt if request.body is not None else None
    return answer.retry_after if answer.status in {_TOO_MANY, _UNAVAILABLE} else None


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3)."""
    text = (retry_after or "").strip()
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp() - time.time())


_FAILURES: tuple[tuple[type[Exception], Answer], ...] = (
    (requests.ReadTimeout, Answer(failure=Failure.TIMEOUT, detail="no answer came in time")),
    (
        requests.ConnectTimeout,
        Answer(failure=Failure.TIMEOUT, detail="no connection was made in time", sent=False),
    ),
    (
        NameResolutionError,
        Answer(failure=Failure.NETWORK, detail="the host's name could not be resolved", sent=False),
    ),
    (
        requests.exceptions.ProxyError,
        Answer(failure=Failure.NETWORK, detail="the proxy could not be used", sent=False),
    ),
    (
        ssl.SSLCertVerificationError,
        Answer(failure=Failure.NETWORK, detail="the server's TLS certificate is not trusted", sent=False),
    ),
    (requests.exceptions.SSLError, Answer(failure=Failure.NETWORK, detail="the TLS connection failed")),
    (
        ConnectionRefusedError,
        Answer(failure=Failure.NETWORK, detail="the connection was refused", sent=False, refused=True),
    ),
    (NewConnectionError, Answer(failure=Failure.NETWORK, detail="no connection could be made", sent=False)),
)
"""What each exception means; the first that is found in the chain of causes counts."""


def _no_answer(error: Exception | None) -> Answer:
    """Tell why no status line came; without an error the deadline passed."""
    if error is None:
        return Answer(failure=Failure.TIMEOUT, detail="no answer came in time")
    causes = list(_causes(error))
    for kind, answer in _FAILURES:
        if any(isinstance(cause, kind) for cause in causes):
            return answer
    # The type alone: an exception's text can hold what was sent.
    detail = f"the connection broke ({type(causes[-1]).__name__})"
    return Answer(failure=Failure.NETWORK, detail=detail)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, the outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
