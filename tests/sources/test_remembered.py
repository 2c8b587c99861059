from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pypi_setup.sources.remembered import SIZE_LIMIT, Kept, Remembered, usual

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://api.github.com/repos/a/b"


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    memory = Remembered(tmp_path / "new" / "folder")
    assert memory.of(URL) == Kept()
    memory.keep(URL, 'W/"abc"', b"one\ntwo")
    assert memory.of(URL) == Kept('W/"abc"', b"one\ntwo")
    assert memory.of(f"{URL}?page=2") == Kept()
    memory.keep(URL, '"new"', b"")
    assert Remembered(tmp_path / "new" / "folder").of(URL) == Kept('"new"', b"")
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("tag", "body"),
    [("a\nb", b""), ("é", b""), ("x" * 300, b""), ('"a"', b"x" * (SIZE_LIMIT + 1))],
)
def test_what_is_not_kept(tmp_path: Path, tag: str, body: bytes) -> None:
    memory = Remembered(tmp_path)
    memory.keep(URL, tag, body)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no line end", b"\xff\xfe\n", b'"a"\n' + b"x" * (SIZE_LIMIT + 1)])
def test_what_somebody_else_left_there_is_nothing(tmp_path: Path, data: bytes) -> None:
    memory = Remembered(tmp_path)
    memory.keep(URL, '"a"', b"")
    (file,) = tmp_path.iterdir()
    file.write_bytes(data)
    assert memory.of(URL) == Kept()


def test_a_folder_that_cannot_be_written_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memory = Remembered(tmp_path / "file")
    memory.keep(URL, '"a"', b"x")
    assert memory.of(URL) == Kept()


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c"}, "/c/pypi-setup/github"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/pypi-setup/github"),
        ({"HOME": "/h"}, "/h/.cache/pypi-setup/github"),
    ],
)
def test_where_the_usual_one_is(environ: dict[str, str], folder: str) -> None:
    memory = usual(environ)
    assert memory is not None
    assert str(memory._folder) == folder


def test_without_a_home_there_is_none() -> None:
    assert usual({}) is None
