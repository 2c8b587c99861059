"""What a log is read from: a file, a stream, the archive of a run that GitHub hands out. All bounded.

GitHub's archive (`…/actions/runs/ID/logs`) has one text per job at its top, named `0_publish.txt`; older ones
have a folder per job with one text per step beside them, which say the same again.
"""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 512 * 1024 * 1024
"""Bytes of a log that are read, unpacked."""

ENTRIES_LIMIT = 2000
"""Texts in an archive that are read."""

_PIECE = 64 * 1024
_ZIP = b"PK\x03\x04"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_JOB = re.compile(r"(?:\d{1,4}_)?(.{1,200})\.txt\Z")


class BadLog(Exception):
    """It cannot be read as a log; the message says why."""


class Part(NamedTuple):
    """One text of a log."""

    name: str
    """The job it is of, as far as the log's form says so; else empty."""

    pieces: Iterator[bytes]
    """Its text in UTF-8, in pieces of any size. Each raises BadLog where the rest cannot be read."""


def of_stream(stream: BinaryIO, name: str = "") -> Part:
    """Return the log that a stream of bytes is, in UTF-8 or UTF-16; at most LIMIT bytes of it."""
    return Part(name, _recoded(_pieces(stream.read, LIMIT)))


@contextmanager
def of_file(path: str) -> Iterator[Iterator[Part]]:
    """Open a file: a text, or the archive of a run.

    Raises OSError where it cannot be opened, BadLog where it is an archive that cannot be read.
    """
    with open(path, "rb") as file:
        first = file.read(len(_ZIP))
        file.seek(0)
        yield of_archive(file) if first == _ZIP else iter((of_stream(file),))


def of_archive(file: BinaryIO) -> Iterator[Part]:
    """Yield the logs in an archive, job by job.

    However large its entries claim or turn out to be, no more than LIMIT bytes are unpacked, piece by piece.
    Raises BadLog where it cannot be read, as do the pieces.
    """
    left = LIMIT
    with _unpacking(), zipfile.ZipFile(file) as archive:
        for entry in _texts(archive.infolist()):
            with archive.open(entry) as stream:
                counted = _Counted(stream.read)
                yield Part(_job(entry.filename), _recoded(_pieces(counted, left)))
            left -= counted.read


@contextmanager
def _unpacking() -> Iterator[None]:
    """Turn whatever the library says of a broken archive into BadLog."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as broken:
        raise BadLog("the archive cannot be unpacked; download it again") from broken


class _Counted:
    """Counts the bytes that are read."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.read = 0

    def __call__(self, size: int) -> bytes:
        with _unpacking():
            piece = self._read(size)
        self.read += len(piece)
        return piece


def _texts(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    texts = [entry for entry in entries if entry.filename.endswith(".txt")]
    jobs = [entry for entry in texts if "/" not in entry.filename] or texts
    return sorted(jobs, key=lambda entry: [int(n) for n in re.findall(r"\d{1,6}", entry.filename)])[
        :ENTRIES_LIMIT
    ]


def _job(filename: str) -> str:
    folder, _, name = filename.rpartition("/")
    found = _JOB.match(name)
    return folder or (found[1] if found else name)


def _pieces(read: Callable[[int], bytes], limit: int) -> Iterator[bytes]:
    while limit > 0 and (piece := read(min(_PIECE, limit))):
        limit -= len(piece)
        yield piece


def _recoded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the text in UTF-8, whether it is in UTF-8 or UTF-16, with a mark or without."""
    first = next(pieces, b"")
    encoding = _encoding(first)
    if encoding == "utf-8":
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).lstrip("\ufeff").encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode()


def _encoding(first: bytes) -> str:
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    sample = first[:1024]
    half = len(sample) // 4
    if half and sample[1::2].count(0) > half:
        return "utf-16-le"
    if half and sample[0::2].count(0) > half:
        return "utf-16-be"
    return "utf-8"
