from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

from pypi_setup.log.parts import Part
from pypi_setup.log.scan import scanned

if TYPE_CHECKING:
    from collections.abc import Iterator

EXISTS = "File already exists ('sample-1.0-py3-none-any.whl', with blake2_256 hash 'abc')."
SECRET = "pypi-AgEIcHlwaS5vcmcCJDRjOTU0ZmQ2LWE2YjItNGMzMy1iMmJiLWY5"
LINE = b"2026-08-01T10:00:00.1234567Z Collecting requests==2.32.0 (from -r requirements.txt (line 12))\n"


def test_a_large_log_is_read_in_flat_memory() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(300):
            yield LINE * 700
        yield f"##[error]{EXISTS}\n".encode()

    tracemalloc.start()
    scan = scanned([Part("", pieces())])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [match.cause.rule for match in scan.matches] == ["file-exists"]
    assert scan.lines == 300 * 700 + 1
    assert peak < 8 * 1024 * 1024  # The log has 20 MB.


def test_the_same_again_is_told_once() -> None:
    text = f"{EXISTS}\n{EXISTS}\n{LINE.decode() * 3000}{EXISTS}\n"
    scan = scanned([Part("", iter([text.encode()])), Part("other", iter([text.encode()]))])
    assert [(match.part, match.line.number) for match in scan.matches] == [(1, 1), (2, 1)]


def test_of_many_secrets_and_uploads_only_some_are_kept() -> None:
    text = f"Uploading sample-1.0.tar.gz with {SECRET}\n".encode() * 9000
    scan = scanned([Part("", iter([text]))])
    assert len(scan.secrets) == 20
    assert len(scan.uploads) < 4000


def test_success_is_what_a_tool_says() -> None:
    assert scanned([Part("", iter([b"View at:\nhttps://pypi.org/project/sample/1.0/"]))]).success
    assert not scanned([Part("", iter([b"Nothing of the kind"]))]).success
