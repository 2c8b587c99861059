"""What a server can do to a connection, on raw sockets; and whose certificates count."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import threading
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pypi_setup import connections
from pypi_setup.connections import Trust, Wire, trusted
from pypi_setup.transport import Answer, Client, Credential, Failure
from pypi_setup.values.harmless import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CREDENTIAL = Credential("Token", Secret("pypi-canary"))
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n"


@contextmanager
def serving(talk: Callable[[socket.socket, threading.Event], None], host: str = "127.0.0.1") -> Iterator[int]:
    """Serve one connection after the other with `talk`, which gets the socket and the server's end."""
    over = threading.Event()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    talk(connection, over)

    thread = threading.Thread(target=accept, name="server")
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def hear(connection: socket.socket) -> None:
    """Read one request whole: who hangs up on unread bytes resets the connection."""
    with connection.makefile("rb") as stream:
        length = 0
        while (line := stream.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        stream.read(length)


def says(text: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Say this once the request is there, and hang up."""

    def talk(connection: socket.socket, _over: threading.Event) -> None:
        hear(connection)
        connection.sendall(text)

    return talk


def repeats(
    begin: bytes, again: bytes, pace: float = 0.0
) -> Callable[[socket.socket, threading.Event], None]:
    """Say `begin` once, and then `again` for ever."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        hear(connection)
        connection.sendall(begin)
        while not over.wait(pace):
            connection.sendall(again)

    return talk


def post(port: int, timeout: float = 0.25) -> Answer:
    return Client(timeout).post(f"http://127.0.0.1:{port}/", {"name": "sample"}, CREDENTIAL)


def at_work() -> list[str]:
    """Return the threads of ours that are alive."""
    return [thread.name for thread in threading.enumerate() if thread.name == "exchange"]


TIMED_OUT = Answer(failure=Failure.TIMEOUT, detail="no answer came in time")
ENDLESS = {
    "silence": (b"", b"", 0.05),
    "status line": (b"HTTP/1.1 201 ", b"x", 0.05),
    "status line, fast": (b"HTTP/1.1 201 ", b"x" * 7, 0.0),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.0),
    "100 Continue, slow": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    "103 Early Hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", 0.0),
    "header of a 100": (b"HTTP/1.1 100 Continue\r\n", b"X-Drip: 1\r\n", 0.0),
    "headers": (b"HTTP/1.1 201 Created\r\nX-Drip: ", b"x", 0.05),
}
BODIES = {
    "body": (HEAD + b"Content-Length: 99999999\r\n\r\n", b"x", 0.05),
    "body without length": (HEAD + b"\r\n", b"x", 0.05),
    "chunk size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0", 0.05),
    "chunk extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x", 0.05),
    "trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\nX-Drip: ", b"x", 0.05),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n", b"X-Drip: 1\r\n", 0.0),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_nothing_of_ours_runs_after_the_deadline(bare: Path, kind: str) -> None:
    with serving(repeats(*ENDLESS[kind])) as port:
        assert post(port) in {TIMED_OUT, Answer(failure=Failure.NETWORK, detail=BROKEN)}
        assert at_work() == []


BROKEN = "the connection broke (BadStatusLine)"


@pytest.mark.parametrize("kind", BODIES)
def test_nor_while_the_body_goes_on_for_ever(bare: Path, kind: str) -> None:
    with serving(repeats(*BODIES[kind])) as port:
        answer = post(port, 2)
        assert (answer.status, answer.complete) == (201, False)
        assert at_work() == []


def test_a_flood_of_interim_answers_is_a_late_answer(bare: Path) -> None:
    with serving(repeats(*ENDLESS["100 Continue"])) as port:
        assert post(port) == TIMED_OUT


def test_a_handshake_that_never_ends(bare: Path) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not over.wait(0.05):
            connection.sendall(b"\x02")

    with serving(talk) as port:
        answer = Client(0.25).post(f"https://localhost:{port}/", {}, CREDENTIAL)
        assert answer.failure is Failure.TIMEOUT
        assert at_work() == []


def test_who_interrupts_leaves_nothing_behind(bare: Path) -> None:
    def interrupt(_host: str, _seconds: float) -> None:
        raise KeyboardInterrupt

    with serving(repeats(b"", b"", 0.05)) as port:
        with pytest.raises(KeyboardInterrupt):
            Client(1.5, interrupt).post(f"http://127.0.0.1:{port}/", {}, CREDENTIAL)
        assert at_work() == []


def test_no_connection_is_made_after_the_deadline(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing ends a name look-up that hangs; when it comes back it is too late."""
    found, made = threading.Event(), threading.Event()
    look_up = socket.getaddrinfo

    def hang(*arguments: object) -> object:
        found.wait()
        return look_up(*arguments)  # type: ignore[arg-type]

    def accepted(_connection: socket.socket, _over: threading.Event) -> None:
        made.set()

    monkeypatch.setattr("socket.getaddrinfo", hang)
    with serving(accepted) as port:
        assert post(port, 0.1) == TIMED_OUT
        (thread,) = (each for each in threading.enumerate() if each.name == "exchange")
        found.set()
        thread.join()
        assert not made.is_set()


def test_a_cut_wire_makes_no_connection(bare: Path) -> None:
    wire = Wire()
    wire.cut()
    with serving(says(b"")) as port, pytest.raises(TimeoutError):
        wire.connect(("127.0.0.1", port), 1.0, ())


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1 201",
        b"HTTP/1.1 201 Created",
        b"HTTP/1.1 201 Created\r",
        b"HTTP/1.1 20",
        b"HTTP/1.1 ",
        b"HTTP/1.1 2012 Created\r\n",
        b"HTTP/1.1 +201 Created\r\n",
        b"HTTP/1.1 2_01 Created\r\n",
        b"HTTP/1.1 099 Created\r\n",
        b"HTTP/2 201 Created\r\n",
        b"HTTP/1.1\r\n",
        b"201 Created\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created",
    ],
)
def test_half_a_status_line_is_none(bare: Path, line: bytes) -> None:
    with serving(says(line)) as port:
        answer = post(port, 10)
    assert (answer.status, answer.failure, answer.sent) == (None, Failure.NETWORK, True)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"HTTP/1.1 201 Created\r\n\r\n", 201),
        (b"HTTP/1.1 201 \r\n\r\n", 201),
        (b"HTTP/1.1 201\r\n\r\n", 201),
        (b"HTTP/1.0 201 Created\n\n", 201),
        (b"HTTP/1.1 201 Created\r\n", 201),
        (b"HTTP/1.1 201 Created\r\nContent-Le", 201),
        (b"HTTP/1.1 999 Request denied\r\n\r\n", 999),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n", 201),
        (
            b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 409 No\r\n\r\n",
            409,
        ),
    ],
)
def test_a_whole_status_line_decides(bare: Path, text: bytes, status: int) -> None:
    with serving(says(text)) as port:
        assert post(port, 10).status == status


def test_a_host_of_several_addresses(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one refuses, the second one takes the connection."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = unused.getsockname()
        with serving(says(b"HTTP/1.1 201 Created\r\n\r\n")) as port:
            places = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (refused, ("127.0.0.1", port))
            ]
            monkeypatch.setattr("socket.getaddrinfo", lambda *_: places)
            assert Client(10).get("http://localhost:1/", "*/*").status == 201


@pytest.mark.parametrize(
    ("found", "detail"),
    [
        ([], "no connection could be made"),
        (socket.gaierror(), "the host's name could not be resolved"),
        (TimeoutError(), "no connection was made in time"),
        (UnicodeError(), "no connection could be made"),
    ],
)
def test_a_host_without_an_address(
    bare: Path, monkeypatch: pytest.MonkeyPatch, found: object, detail: str
) -> None:
    def look_up(*_: object) -> object:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    answer = Client(10).get("https://pypi.example.org/", "*/*")
    assert (answer.detail, answer.sent) == (detail, False)


# Certificates


@contextmanager
def tls(folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve over TLS as localhost; yield the address, and the certificate that must be trusted."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(subject, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    own = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + own)
    (folder / "ca.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")

    def talk(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            says(b"HTTP/1.1 201 Created\r\n\r\n")(wrapped, over)

    with serving(talk) as port:
        yield f"https://localhost:{port}/", folder / "ca.pem"


def hashed(certificate: Path, folder: Path) -> Path:
    """Put a certificate into a folder under the name by which OpenSSL looks it up there."""
    name = bytes.fromhex("3112301006035504030c09") + b"localhost"
    number = int.from_bytes(hashlib.sha1(name, usedforsecurity=False).digest()[:4], "little")
    folder.mkdir()
    (folder / f"{number:08x}.0").write_bytes(certificate.read_bytes())
    return folder


FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
FOLDERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_certificates(bare: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with tls(bare) as (url, certificate):
        untrusted = Client(10).get(url, "*/*")
        assert (untrusted.status, untrusted.detail) == (None, "the server's TLS certificate is not trusted")
        monkeypatch.setenv(name, str(certificate))
        assert Client(10).get(url, "*/*").status == 201


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_certificates(bare: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with tls(bare) as (url, certificate):
        folder = hashed(certificate, bare / "certificates")
        value = os.pathsep.join(["/nowhere", str(folder)]) if name == "SSL_CERT_DIR" else str(folder)
        monkeypatch.setenv(name, value)
        assert Client(10).get(url, "*/*").status == 201


@pytest.mark.parametrize("name", [*FILES, "SSL_CERT_DIR"])
@pytest.mark.parametrize("content", [None, "nothing of the kind"])
def test_certificates_that_cannot_be_read(
    bare: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None
) -> None:
    place = bare / "place"
    if content:
        place.write_text(content)
    monkeypatch.setenv(name, str(place))
    answer = Client(10).post("https://localhost:1/", {}, CREDENTIAL)
    detail = f"the certificates that {name} names cannot be read"
    assert answer == Answer(failure=Failure.NETWORK, detail=detail, sent=False)


def test_certificates_are_of_no_concern_to_plain_http(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with serving(says(b"HTTP/1.1 201 Created\r\n\r\n")) as port:
        assert post(port, 10).status == 201


def test_which_variable_counts(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, other = trusted({}).file, bare / "ca.pem"
    folder = str(bare)
    monkeypatch.setattr(connections, "_default_folder", lambda: "/default")
    file = str(other)
    assert trusted({}) == Trust(usual)
    assert trusted(dict.fromkeys((*FILES, *FOLDERS), "")) == Trust(usual)
    assert trusted({"SSL_CERT_FILE": file}) == Trust(file, "/default", "SSL_CERT_FILE")
    assert trusted({"SSL_CERT_DIR": folder}) == Trust(usual, folder, "SSL_CERT_DIR")
    both = {"SSL_CERT_FILE": file, "SSL_CERT_DIR": folder}
    assert trusted(both) == Trust(file, folder, "SSL_CERT_FILE")
    first = Trust(file, name="REQUESTS_CA_BUNDLE")
    assert trusted({"REQUESTS_CA_BUNDLE": file, "SSL_CERT_DIR": folder}) == first
    assert trusted({"CURL_CA_BUNDLE": folder, "SSL_CERT_FILE": file}) == Trust(
        usual, folder, "CURL_CA_BUNDLE"
    )
    assert trusted({"REQUESTS_CA_BUNDLE": file, "CURL_CA_BUNDLE": folder}) == first


def test_a_certificate_of_another_name(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tls(bare) as (url, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        answer = Client(10).get(url.replace("localhost", "127.0.0.1"), "*/*")
    assert (answer.status, answer.sent) == (None, False)
    assert answer.detail == "the server's TLS certificate is not trusted"


def test_certificates_are_read_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tls(bare) as (url, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert Client(10).get(url, "*/*").status == 201
        certificate.write_text("nothing of the kind")
        assert Client(10).get(url, "*/*").status == 201


def test_the_default_folder_is_there_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Paths:
        openssl_capath = str(tmp_path)

    with ExitStack() as stack:
        stack.enter_context(monkeypatch.context()).setattr("ssl.get_default_verify_paths", Paths)
        assert connections._default_folder() == str(tmp_path)
        Paths.openssl_capath = "/nowhere"
        assert connections._default_folder() is None
