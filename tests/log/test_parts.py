from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from pypi_setup.log import parts
from pypi_setup.log.parts import BadLog, of_archive, of_file, of_stream

if TYPE_CHECKING:
    from pathlib import Path


def text(data: bytes) -> str:
    return b"".join(of_stream(io.BytesIO(data)).pieces).decode()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"], ids=lambda name: name
)
def test_a_log_is_read_in_the_encodings_that_shells_write(encoding: str) -> None:
    words = "Upload failed: ✗ não\r\n" * 9000
    assert text(words.encode(encoding)) == words


def test_utf_16_with_a_mark_of_the_other_order() -> None:
    assert text(b"\xfe\xff" + "words".encode("utf-16-be")) == "words"


def test_what_is_broken_is_replaced() -> None:
    assert text("\ufeff".encode("utf-16-le") + b"a\x00b") == "a\ufffd"
    assert text(b"") == ""


def test_no_more_than_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LIMIT", 100_000)
    assert len(text(b"x" * 200_000)) == 100_000


def archive(entries: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in entries.items():
            written.writestr(name, data)
    file.seek(0)
    return file


def read(file: io.BytesIO) -> list[tuple[str, bytes]]:
    return [(part.name, b"".join(part.pieces)) for part in of_archive(file)]


def test_an_archive_is_read_job_by_job_and_each_job_once() -> None:
    file = archive(
        {
            "publish/1_Set up job.txt": b"again",
            "10_publish.txt": b"publish",
            "2_build (3.12).txt": b"build",
            "build (3.12)/system.txt": b"again",
            "note.md": b"no log",
        }
    )
    assert read(file) == [("build (3.12)", b"build"), ("publish", b"publish")]


def test_an_old_archive_has_steps_only() -> None:
    file = archive({"publish/2_Run twine.txt": b"two", "publish/1_Set up job.txt": b"one"})
    assert read(file) == [("publish", b"one"), ("publish", b"two")]


def test_an_archive_without_a_text_has_no_log() -> None:
    assert read(archive({"a.bin": b"x"})) == []


def test_a_bomb_is_unpacked_only_as_far_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LIMIT", 1_000_000)
    file = archive({"1_a.txt": b"a" * 900_000, "2_b.txt": b"b" * 50_000_000, "3_c.txt": b"c"})
    assert [len(data) for _, data in read(file)] == [900_000, 100_000, 0]


def test_no_more_texts_than_the_limit_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ENTRIES_LIMIT", 2)
    assert [name for name, _ in read(archive({f"{n}_job{n}.txt": b"" for n in range(9)}))] == ["job0", "job1"]


def test_a_broken_archive_says_so() -> None:
    whole = archive({"1_a.txt": b"words" * 1000}).getvalue()
    with pytest.raises(BadLog, match="download it again"):
        read(io.BytesIO(whole[:-40]))
    with pytest.raises(BadLog, match="download it again"):
        read(io.BytesIO(whole[:60] + b"\xff\xff\xff\xff" + whole[64:]))


def test_an_encrypted_archive_says_so() -> None:
    whole = bytearray(archive({"1_a.txt": b"words"}).getvalue())
    whole[6] |= 1  # The flag of encryption, in the entry and in the directory.
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadLog, match="download it again"):
        read(io.BytesIO(bytes(whole)))


def test_a_file_is_a_text_or_an_archive(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"words")
    (tmp_path / "log.zip").write_bytes(archive({"1_publish.txt": b"zipped"}).getvalue())
    for name, found in (("log.txt", ("", b"words")), ("log.zip", ("publish", b"zipped"))):
        with of_file(str(tmp_path / name)) as opened:
            assert [(part.name, b"".join(part.pieces)) for part in opened] == [found]
    with pytest.raises(FileNotFoundError), of_file(str(tmp_path / "none")):
        raise AssertionError
