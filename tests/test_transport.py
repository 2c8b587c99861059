from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest
import requests
import responses
from urllib3.exceptions import NewConnectionError

from pypi_setup import transport
from pypi_setup.sandbox import Fault
from pypi_setup.sandbox.web import Answer as Served
from pypi_setup.sandbox.web import Listener
from pypi_setup.transport import BODY_LIMIT, Answer, Client, Credential, Failure
from pypi_setup.values.harmless import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.sandbox.web import Request

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"
CREDENTIAL = Credential("Token", Secret(TOKEN))
PATH = "/_/v1/publisher"
PAYLOAD = {"name": "sample-project"}


def post(index: Sandbox, timeout: float = 10.0) -> Answer:
    return Client(timeout).post(index.url + PATH, PAYLOAD, CREDENTIAL)


@contextmanager
def served(*answers: Served) -> Iterator[Listener]:
    """Serve these answers one after the other, the last one for ever."""
    left = list(answers)
    listener = Listener(lambda _request: left.pop(0) if len(left) > 1 else left[0])
    try:
        yield listener
    finally:
        listener.close()


def test_a_request_carries_what_the_contract_says_and_nothing_else(sandbox: Sandbox) -> None:
    post(sandbox)
    (request,) = sandbox.requests
    assert (request.method, request.target, request.body) == ("POST", PATH, b'{"name": "sample-project"}')
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers.pop("user-agent").startswith("pypi-setup/")
    assert headers.pop("host") == sandbox.url.removeprefix("http://")
    headers.pop("connection", None)
    assert headers == {
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": "26",
        "authorization": f"Token {TOKEN}",
    }


def test_a_look_up_carries_no_credential(sandbox: Sandbox) -> None:
    answer = Client(10).get(f"{sandbox.url}/simple/sample-project/", "text/html")
    assert (answer.status, answer.complete, answer.content_type) == (200, True, "text/html")
    (request,) = sandbox.requests
    assert "Authorization" not in request.headers


def test_an_answer_in_full() -> None:
    body = b'{"message": "Created"}'
    with served(Served(201, "application/JSON; charset=utf-8", body, (("Retry-After", "7"),))) as server:
        answer = Client(10).post(server.url, PAYLOAD, CREDENTIAL)
    assert answer == Answer(
        status=201,
        body=body,
        complete=True,
        words='{"message": "Created"}',
        retry_after=7.0,
        content_type="application/json",
    )
    assert answer.json() == {"message": "Created"}


@pytest.mark.parametrize(
    ("body", "complete", "value"),
    [
        (b'{"a": 1}', True, {"a": 1}),
        (b'{"a": 1}', False, None),
        (b"<html>", True, None),
        (b"\xff\xfe", True, None),
        (b"[" * 60_000, True, None),
    ],
)
def test_json(body: bytes, complete: bool, value: object) -> None:
    assert Answer(status=200, body=body, complete=complete).json() == value


# What goes wrong on the way


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DRIP_HEADERS])
def test_no_status_line_before_the_deadline(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.break_path(PATH, fault)
    assert post(sandbox, 0.9) == Answer(failure=Failure.TIMEOUT, detail="no answer came in time", sent=True)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.DRIP_BODY, 200), (Fault.STALL_201, 201), (Fault.TRUNCATED, 200)]
)
def test_the_status_line_counts_even_if_the_body_never_ends(
    sandbox: Sandbox, fault: Fault, status: int
) -> None:
    sandbox.break_path(PATH, fault)
    answer = post(sandbox, 2)
    assert (answer.status, answer.complete, answer.failure) == (status, False, None)
    assert answer.json() is None
    assert len(sandbox.requests) == 1


def test_no_more_of_a_huge_body_is_read_than_the_limit(sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.HUGE)
    answer = post(sandbox)
    assert (answer.status, answer.complete, len(answer.body)) == (200, False, BODY_LIMIT)
    assert answer.words == "x" * 1999 + "…"


def test_a_body_of_exactly_the_limit_is_complete() -> None:
    with served(Served(200, "text/plain", b"y" * BODY_LIMIT)) as server:
        answer = Client(10).get(server.url, "*/*")
    assert (answer.complete, len(answer.body)) == (True, BODY_LIMIT)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.is_redirect])
def test_a_redirect_is_an_answer_and_nobody_follows_it(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.break_path(PATH, fault)
    answer = post(sandbox)
    assert answer.status == int(fault.value[-3:])
    assert answer.location == f"{sandbox.trap.url}{PATH}"
    assert list(sandbox.trap.requests) == []
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        (Fault.GARBAGE, "the connection broke (BadStatusLine)"),
        (Fault.CLOSED, "the connection broke (RemoteDisconnected)"),
    ],
)
def test_a_connection_that_breaks(sandbox: Sandbox, fault: Fault, detail: str) -> None:
    sandbox.break_path(PATH, fault)
    assert post(sandbox) == Answer(failure=Failure.NETWORK, detail=detail, sent=True)
    assert len(sandbox.requests) == 1


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_nobody_listens(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pypi_setup.transport.time.sleep", pauses.append)
    answer = Client(10).post(f"http://127.0.0.1:{unused_port()}{PATH}", PAYLOAD, CREDENTIAL)
    assert answer == Answer(
        failure=Failure.NETWORK, detail="the connection was refused", sent=False, refused=True
    )
    assert pauses == [0.25, 0.5]


def test_a_server_that_starts_late_is_found(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = unused_port()
    started: list[Listener] = []

    def start(_seconds: float) -> None:
        started.append(Listener(lambda _request: Served(201, "text/plain", b"late"), port))

    monkeypatch.setattr("pypi_setup.transport.time.sleep", start)
    answer = Client(10).post(f"http://127.0.0.1:{port}", PAYLOAD, CREDENTIAL)
    assert (answer.status, answer.words) == (201, "late")
    assert len(started[0].requests) == 1
    started[0].close()


@pytest.mark.parametrize("fault", [Fault.BUSY_429, Fault.BUSY_503])
def test_who_is_put_off_comes_back_after_the_time_named(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pypi_setup.transport.time.sleep", pauses.append)
    sandbox.break_path(PATH, fault, times=1)
    assert post(sandbox).status == 401
    assert pauses == [1.0]
    assert len(sandbox.requests) == 2


def test_who_is_put_off_again_and_again_gives_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pypi_setup.transport.time.sleep", pauses.append)
    sandbox.break_path(PATH, Fault.BUSY_503)
    assert post(sandbox).status == 503
    assert pauses == [1.0, 1.0]
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.BUSY_LONG_503, 503), (Fault.UNAVAILABLE_503, 503), (Fault.ERROR_500, 500)],
)
def test_what_cannot_be_waited_for_is_not_repeated(sandbox: Sandbox, fault: Fault, status: int) -> None:
    sandbox.break_path(PATH, fault)
    assert post(sandbox).status == status
    assert len(sandbox.requests) == 1


def test_a_wait_beyond_the_deadline_is_not_begun(sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.BUSY_503)
    answer = post(sandbox, 0.9)
    assert (answer.status, answer.retry_after) == (503, 1.0)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("86397", 86397.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 -0000", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("Fri, 99 Dec 1999 23:59:59 GMT", None),
        ("9" * 400, None),
        (f"Fri, 31 Dec {'9' * 20} 23:59:59 GMT", None),
        (f"Fri, 31 Dec 1999 23:59:59 +{'9' * 20}", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    with served(Served(201, "text/plain", b"", (("Retry-After", header),))) as server:
        assert Client(10).get(server.url, "*/*").retry_after == seconds


def test_retry_after_a_moment() -> None:
    moment = format_datetime(datetime.now(timezone.utc) + timedelta(hours=24), usegmt=True)
    with served(Served(429, "text/plain", b"", (("Retry-After", moment),))) as server:
        seconds = Client(10).get(server.url, "*/*").retry_after
    assert seconds is not None
    assert 23 * 3600 < seconds <= 24 * 3600


# Whom the token reaches


@pytest.mark.parametrize(
    "url",
    ["http://pypi.org/", "http://127.0.0.1.example.org/", "ftp://127.0.0.1.example.org/", "//pypi.org/"],
)
def test_nothing_is_sent_over_plain_http_to_another_machine(url: str) -> None:
    with responses.RequestsMock() as mock:
        answer = Client(1).post(url, PAYLOAD, CREDENTIAL)
        assert len(mock.calls) == 0
    assert answer == Answer(failure=Failure.NETWORK, detail="the address is not https", sent=False)


@pytest.fixture
def netrc(bare: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = bare / ".netrc"
    file.write_text("machine 127.0.0.1 login alice password hunter2\ndefault login bob password hunter3\n")
    file.chmod(0o600)
    assert requests.utils.get_netrc_auth("http://127.0.0.1/") == ("alice", "hunter2")
    return file


def test_a_netrc_entry_does_not_replace_the_token(sandbox: Sandbox, netrc: Path) -> None:
    post(sandbox)
    assert sandbox.requests[0].headers.get_all("Authorization") == [f"Token {TOKEN}"]


def test_a_netrc_entry_does_not_log_in_where_no_token_is_needed(sandbox: Sandbox, netrc: Path) -> None:
    Client(10).get(f"{sandbox.url}/simple/sample-project/", "*/*")
    assert "Authorization" not in sandbox.requests[0].headers


@responses.activate
@pytest.mark.parametrize("credential", [CREDENTIAL, None])
def test_a_netrc_entry_counts_nowhere(netrc: Path, credential: Credential | None) -> None:
    netrc.write_text("machine pypi.example.org login alice password hunter2\n")
    responses.get("https://pypi.example.org/", body="ok")
    Client(10).get("https://pypi.example.org/", "*/*", credential)
    sent = responses.calls[0].request.headers.get("Authorization")
    assert sent == (f"Token {TOKEN}" if credential else None)


def test_this_machine_is_never_reached_through_a_proxy(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(Served(200, "text/plain", b"proxy")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert post(sandbox).status == 401
        assert len(proxy.requests) == 0
    assert len(sandbox.requests) == 1


def test_another_machine_is_reached_through_the_proxy_of_the_environment(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy sees where the tunnel leads, never the token."""
    seen: list[Request] = []

    def refuse(request: Request) -> Served:
        seen.append(request)
        return Served(403, "text/plain", b"no tunnel")

    proxy = Listener(refuse)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    answer = Client(10).post("https://pypi.example.org/", PAYLOAD, CREDENTIAL)
    proxy.close()
    assert answer == Answer(failure=Failure.NETWORK, detail="the proxy could not be used", sent=False)
    assert [(request.method, request.path) for request in seen] == [("CONNECT", "pypi.example.org:443")]
    assert TOKEN not in str(seen)
    assert all("Authorization" not in request.headers for request in seen)


# Failures that need no network to be told apart


def raised(error: Exception) -> Answer:
    with responses.RequestsMock() as mock:
        mock.post("https://pypi.example.org/", body=error)
        return Client(10).post("https://pypi.example.org/", PAYLOAD, CREDENTIAL)


def refused_by(cause: Exception) -> requests.ConnectionError:
    error = requests.ConnectionError(TOKEN)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure", "detail", "sent"),
    [
        (requests.ReadTimeout(TOKEN), Failure.TIMEOUT, "no answer came in time", True),
        (requests.ConnectTimeout(TOKEN), Failure.TIMEOUT, "no connection was made in time", False),
        (requests.exceptions.SSLError(TOKEN), Failure.NETWORK, "the TLS connection failed", True),
        (requests.exceptions.ProxyError(TOKEN), Failure.NETWORK, "the proxy could not be used", False),
        (
            refused_by(NewConnectionError(cast("Any", None), TOKEN)),
            Failure.NETWORK,
            "no connection could be made",
            False,
        ),
        (
            requests.exceptions.ChunkedEncodingError(TOKEN),
            Failure.NETWORK,
            "the connection broke (ChunkedEncodingError)",
            True,
        ),
        (MemoryError(TOKEN), Failure.NETWORK, "the connection broke (MemoryError)", True),
    ],
)
def test_failures(error: Exception, failure: Failure, detail: str, sent: bool) -> None:
    answer = raised(error)
    assert answer == Answer(failure=failure, detail=detail, sent=sent)
    assert TOKEN not in repr(answer)


@contextmanager
def certificate(tmp_path: Path) -> Iterator[int]:
    """Listen with TLS and a certificate that nobody trusts; yield the port."""
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))

    def shake() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                return

    thread = threading.Thread(target=shake)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def test_a_certificate_that_is_not_trusted(bare: Path, tmp_path: Path) -> None:
    with certificate(tmp_path) as port:
        answer = Client(10).post(f"https://localhost:{port}/", PAYLOAD, CREDENTIAL)
    assert answer == Answer(
        failure=Failure.NETWORK, detail="the server's TLS certificate is not trusted", sent=False
    )


def test_a_server_that_speaks_no_tls(sandbox: Sandbox) -> None:
    answer = Client(10).post(sandbox.url.replace("http:", "https:"), PAYLOAD, CREDENTIAL)
    assert (answer.failure, answer.detail) == (Failure.NETWORK, "the TLS connection failed")
    assert len(sandbox.requests) == 0


def test_a_host_that_no_name_server_knows(bare: Path) -> None:
    answer = Client(10).post("https://nobody.invalid/", PAYLOAD, CREDENTIAL)
    assert answer == Answer(
        failure=Failure.NETWORK, detail="the host's name could not be resolved", sent=False
    )


def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up of a name knows no time-out: only the thread around it can be left behind."""
    released = threading.Event()

    def wait(*_arguments: object, **_options: object) -> list[Any]:
        released.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    answer = Client(0.2).post("https://pypi.example.org/", PAYLOAD, CREDENTIAL)
    released.set()
    assert (answer.failure, answer.detail) == (Failure.TIMEOUT, "no answer came in time")


# The server's words


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b'{"message": "no"}', '{"message": "no"}'),
        ("text/plain", b"  two\nlines\t \n", "two\nlines"),
        ("text/plain", b"", None),
        ("text/plain", b"   ", None),
        ("text/plain", b"\x1b[31mred\xff", r"\x1b[31mred" + "\ufffd"),
        ("text/html; charset=UTF-8", b"<html><title>Not\n Found &amp; gone</title>", "Not Found & gone"),
        ("text/html", b"<TITLE lang=en>Hi</TITLE>", "Hi"),
        ("text/html", b"<h1>no title</h1>", None),
        ("text/html", b"<title></title>", None),
        ("application/json", b"\n <!DOCTYPE html><title>Lie</title>", "Lie"),
        ("application/xhtml+xml", b"<title>X</title>", "X"),
        ("text/html", b"<title>a < b</title>", "a < b"),
        ("text/html", b"<title" * 10_000, None),
        ("text/html", b"<title>" * 9_000, None),
        ("text/html", b"</title><title", None),
        ("text/plain", b"z" * 2000, "z" * 2000),
        ("text/plain", b"z" * 2001, "z" * 1999 + "\u2026"),
    ],
)
def test_words(content_type: str, body: bytes, words: str | None) -> None:
    with served(Served(400, content_type, body)) as server:
        assert Client(10).get(server.url, "*/*").words == words


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("text/plain", f"Bad token {TOKEN}!", "Bad token ***!"),
        ("application/json", f'{{"token": "{TOKEN}"}}', '{"token": "***"}'),
        ("application/json", f'"\\u0070{TOKEN[1:]}"', '"***"'),
        ("text/html", f"<title>&#112;{TOKEN[1:]} is bad</title>", "*** is bad"),
        ("text/html", f"<title>{TOKEN[:9]}\n{TOKEN[9:]}</title>", "***"),
        ("text/plain", "\0".join(TOKEN), "***"),
        ("text/plain", " " * (BODY_LIMIT - 20) + TOKEN, "***"),
        ("text/plain", "x" * 1990 + TOKEN, "x" * 1990 + "***"),
        ("text/plain", "x" * 1998 + TOKEN, "x" * 1998 + "*\u2026"),
    ],
)
def test_the_token_is_not_among_them(content_type: str, body: str, words: str) -> None:
    with served(Served(400, content_type, body.encode())) as server:
        assert Client(10).post(server.url, PAYLOAD, CREDENTIAL).words == words


def test_a_secret_in_the_payload_is_not_among_them() -> None:
    with served(Served(422, "application/json", b'{"got": "eyJhbGciOi"}')) as server:
        secrets = (Secret("eyJhbGciOi"),)
        answer = Client(10).post(server.url, {"token": "eyJhbGciOi"}, secrets=secrets)
    assert answer.words == '{"got": "***"}'


def test_echoed_headers(sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.ECHO_400)
    answer = post(sandbox)
    assert answer.words is not None
    assert "Authorization: Token ***" in answer.words
    assert TOKEN not in answer.words


# Bodies that are handed on


def test_a_sink_gets_the_body_and_the_answer_does_not(sandbox: Sandbox) -> None:
    pieces: list[bytes] = []
    answer = Client(10).get(f"{sandbox.url}/simple/sample-project/", "text/html", sink=pieces.append)
    assert (answer.body, answer.complete) == (b"", True)
    assert b"sample-project" in b"".join(pieces)


def test_a_sink_gets_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "STREAM_LIMIT", 40_000)
    pieces: list[bytes] = []
    with served(Served(200, "text/plain", b"x" * 200_000)) as server:
        answer = Client(10).get(server.url, "*/*", sink=pieces.append)
    assert (sum(map(len, pieces)), answer.complete) == (40_000, False)


def test_a_sink_gets_nothing_after_the_deadline() -> None:
    late = threading.Event()

    def stall(connection: BinaryIO, _closed: threading.Event) -> None:
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n")
        late.wait()
        connection.write(b"x" * 65536)

    server = Listener(lambda _request: stall)
    pieces: list[bytes] = []
    answer = Client(2).get(server.url, "*/*", sink=pieces.append)
    late.set()
    for thread in threading.enumerate():
        if thread.name == "exchange":
            thread.join()
    server.close()
    assert (answer.status, answer.complete) == (200, False)
    assert pieces == []


def test_a_sink_that_fails_ends_the_answer() -> None:
    def broken(_piece: bytes) -> None:
        raise ValueError(TOKEN)

    with served(Served(200, "text/plain", b"x")) as server:
        answer = Client(10).get(server.url, "*/*", CREDENTIAL, sink=broken)
    assert (answer.status, answer.complete) == (200, False)
    assert TOKEN not in repr(answer)


# Progress


def test_whoever_waits_is_told_each_second(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, float]] = []
    sandbox.break_path(PATH, Fault.SLOW)
    client = Client(0.9, lambda host, seconds: told.append((host, seconds)))
    client.post(sandbox.url + PATH, PAYLOAD, CREDENTIAL)
    assert {host for host, _ in told} == {sandbox.url.removeprefix("http://")}
    assert all(seconds == 0.0 for _, seconds in told)  # Less than one second is left from the start.


def test_nobody_is_told_of_a_quick_answer(sandbox: Sandbox) -> None:
    told: list[tuple[str, float]] = []
    Client(10, lambda *arguments: told.append(arguments)).get(f"{sandbox.url}/simple/x/", "*/*")
    assert told == []


def test_a_deadline_that_has_passed_is_a_timeout(sandbox: Sandbox) -> None:
    assert post(sandbox, 1e-9).failure is Failure.TIMEOUT


def test_a_registration_waits_for_a_server_that_starts_and_a_look_up_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pypi_setup.transport.time.sleep", pauses.append)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert Client(10).get(url, "*/*").refused
        assert pauses == []
        assert Client(10).post(url, PAYLOAD, CREDENTIAL).refused
    assert pauses == [0.25, 0.5]
