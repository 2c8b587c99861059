"""Measure requests over TLS on this machine: ours, each with a connection and a deadline of its own.

Against `requests.get` one by one, which reads the certificates anew for each, and against one session of
requests, which keeps its connection open. All in turn, in one process; the best of several rounds counts.

    python -m bench.connections [--requests 50]
"""

from __future__ import annotations

import argparse
import os
import ssl
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from pypi_setup.transport import Client

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
LIMIT = 0.3
"""What the ratio to `requests.get` shall be at most."""


class Handler(BaseHTTPRequestHandler):
    """Answers everything with a short text."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1024
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def main() -> int:
    """Print a table, and return 1 where the ratio is too high."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=50)
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as folder:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        bundle = certified(Path(folder), context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
        url = f"https://localhost:{server.server_port}/"
        session = requests.Session()
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda: Client(10).get(url, "*/*"),
            "requests.get": lambda: requests.get(url, timeout=10),
            "one session": lambda: session.get(url, timeout=10),
        }
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(ROUNDS):
            for name, ask in ways.items():
                start = time.perf_counter()
                for _ in range(count):
                    ask()
                best[name] = min(best[name], (time.perf_counter() - start) / count)
        session.close()
        server.shutdown()
    for name, seconds in best.items():
        ratio = best["ours"] / seconds
        print(f"  {name:14} {seconds * 1000:6.1f} ms a request   ours takes {ratio:5.2f} times that")
    return int(best["ours"] / best["requests.get"] > LIMIT)


def certified(folder: Path, context: ssl.SSLContext) -> Path:
    """Give the server a certificate for localhost; return the usual bundle with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.now(timezone.utc) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=9))
    named = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    signed = named.sign(key, hashes.SHA256())
    pem = signed.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    own, bundle = folder / "server.pem", folder / "bundle.pem"
    own.write_bytes(pem + secret)
    context.load_cert_chain(own)
    bundle.write_bytes(Path(DEFAULT_CA_BUNDLE_PATH).read_bytes() + pem)
    return bundle


if __name__ == "__main__":
    sys.exit(main())
