"""How connections are made, watched and ended. Only transport.py uses it.

requests makes none by itself: its adapter gets connections here whose sockets a `Wire` knows, so that all of
them end when the time is up, whatever the other side does. A timeout of a socket bounds one `recv` only: a
server that sends a byte now and then, or `100 Continue` for ever, never lets it pass.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import create_urllib3_context
from urllib3.util.connection import allowed_gai_family

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INTERIM_LIMIT = 100
"""Interim answers (1xx) that are heard; whoever sends more is not listened to any longer."""

_LINE_LIMIT = 64 * 1024
_STATUS_LINE = re.compile(rb"(HTTP/1\.[0-9]) ([1-9][0-9]{2})(?: ([^\r\n]*))?\r?\n\Z")
"""A status line with its end (RFC 9112, 4); a space before an empty reason may be missing, as widely done."""

_LAST_INTERIM, _SWITCHING = 199, 101


class Wire:
    """The sockets of one exchange. `cut` ends them from any other thread, and no further one is made."""

    def __init__(self) -> None:
        self.is_cut = threading.Event()
        self._lock = threading.Lock()
        self._guards: list[socket.socket] = []

    @property
    def is_used(self) -> bool:
        """Tell whether a socket was opened and not yet ended."""
        return bool(self._guards)

    def connect(self, address: tuple[str, int], seconds: float, options: Sequence[Any]) -> socket.socket:
        """Return a socket that is connected to a host and port within these seconds.

        Each of the host's addresses gets its share of the time. Raises OSError.
        """
        end = time.monotonic() + seconds
        found = socket.getaddrinfo(*address, allowed_gai_family(), socket.SOCK_STREAM)
        for left, (family, kind, protocol, _, place) in zip(range(len(found), 0, -1), found, strict=True):
            opened = socket.socket(family, kind, protocol)
            try:
                self._watch(opened)
                for option in options:
                    opened.setsockopt(*option)
                opened.settimeout(max((end - time.monotonic()) / left, 0.001))
                opened.connect(place)
            except OSError:
                opened.close()
                if left == 1 or self.is_cut.is_set():
                    raise
            else:
                return opened
        raise OSError("the name has no address")

    def cut(self) -> None:
        """End every connection; what waits for one wakes up."""
        with self._lock:
            self.is_cut.set()
            guards, self._guards = self._guards, []
        for guard in guards:
            with suppress(OSError):  # It has ended by itself.
                guard.shutdown(socket.SHUT_RDWR)
            guard.close()

    def _watch(self, opened: socket.socket) -> None:
        with self._lock:
            if self.is_cut.is_set():
                raise TimeoutError
            # A duplicate: TLS takes the socket itself over, and its number may be another's by then.
            self._guards.append(opened.dup())


class Trust(NamedTuple):
    """Whose certificates are trusted."""

    file: str
    folder: str | None = None
    name: str = "certifi"
    """Who names them: a variable, or the package."""


class UnreadableCertificates(Exception):
    """The certificates to trust cannot be read; the message says which."""


def trusted(environ: Mapping[str, str]) -> Trust:
    """Return the certificates that the environment names, else those that come with requests.

    REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name a file or a folder, as for requests and curl. SSL_CERT_FILE and
    SSL_CERT_DIR are those of OpenSSL, so of Python and curl: what one of them does not name has its default.
    """
    usual = str(DEFAULT_CA_BUNDLE_PATH)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if place := environ.get(name):
            return Trust(usual, place, name) if os.path.isdir(place) else Trust(place, name=name)
    file, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if file:
        return Trust(file, folder or _default_folder(), "SSL_CERT_FILE")
    return Trust(usual, folder, "SSL_CERT_DIR") if folder else Trust(usual)


def _default_folder() -> str | None:
    folder = ssl.get_default_verify_paths().openssl_capath
    return folder if os.path.isdir(folder) else None


@cache
def secured(trust: Trust) -> ssl.SSLContext:
    """Return what all connections over TLS have in common. Raises UnreadableCertificates.

    To read the certificates takes as long as several requests, so it is done once.
    """
    name = trust.name
    try:
        if trust.folder is not None and not any(map(os.path.isdir, trust.folder.split(os.pathsep))):
            name = name if name != "SSL_CERT_FILE" else "SSL_CERT_DIR"
            raise FileNotFoundError
        context = create_urllib3_context()
        context.load_verify_locations(trust.file, trust.folder)
    except (OSError, ValueError):
        raise UnreadableCertificates(f"the certificates that {name} names cannot be read") from None
    return context


class Adapter(HTTPAdapter):
    """requests' adapter with connections on a wire, and with certificates of our own choice."""

    def __init__(self, wire: Wire, context: ssl.SSLContext | None) -> None:
        """Without a context there is no connection over TLS that could succeed."""
        self._wire = wire
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._wire)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the pools of connections through a proxy, which may be behind TLS itself."""
        contexts = {"ssl_context": self._context, "proxy_ssl_context": self._context}
        manager = super().proxy_manager_for(proxy, **contexts, **options)
        manager.pool_classes_by_scheme = _pools(self._wire)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Set what a pool's connections trust: the context's. Nobody can switch the check off."""
        super().cert_verify(conn, url, verify or True, cert)  # type: ignore[no-untyped-call]
        conn.ca_certs = conn.ca_cert_dir = None


class _OnWire:
    """What connections with and without TLS have in common."""

    wire: Wire

    def _new_conn(self) -> socket.socket:
        connection: Any = self
        connection.response_class = partial(_Response, self.wire)
        address = connection._dns_host.strip("[]"), connection.port  # noqa: SLF001 - urllib3 has no public name for it
        try:
            return self.wire.connect(address, connection.timeout, connection.socket_options or ())
        except socket.gaierror as error:
            raise NameResolutionError(connection.host, connection, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "no connection in time") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(connection, "no connection") from error


def _pools(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    """Return the classes of pools, by scheme, whose connections are on a wire."""
    on_wire = {"wire": wire}
    plain = type("Connection", (_OnWire, HTTPConnection), on_wire)
    secure = type("Connection", (_OnWire, HTTPSConnection), on_wire)
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class _Response(http.client.HTTPResponse):
    """An answer that begins with a whole status line, after any number of interim ones up to a limit."""

    def __init__(self, wire: Wire, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wire = wire

    def _read_status(self) -> tuple[str, int, str]:
        """Return version, status and reason of the final answer; http.client's own takes half a line, too."""
        for _ in range(INTERIM_LIMIT):
            line = self.fp.readline(_LINE_LIMIT)
            if not line:
                raise http.client.RemoteDisconnected("")
            found = _STATUS_LINE.match(line)
            if not found:
                raise http.client.BadStatusLine("")
            status = int(found[2])
            if status > _LAST_INTERIM or status == _SWITCHING:
                return found[1].decode(), status, (found[3] or b"").decode("latin-1")
            while self.fp.readline(_LINE_LIMIT).strip(b"\r\n"):
                pass  # An interim answer's header.
        self._wire.is_cut.wait()
        raise http.client.BadStatusLine("")
