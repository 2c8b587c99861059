"""Which folders are checkouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.sources import clones as module
from pypi_setup.sources.clones import clones

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def made(root: Path, *folders: str) -> None:
    for folder in folders:
        (root / folder).mkdir(parents=True)


def found(root: Path) -> list[str]:
    return [str(place.relative_to(root)) for place in clones(root)]


def test_a_checkout_is_itself_and_nothing_inside_of_it(tmp_path: Path) -> None:
    made(tmp_path, ".git", "vendor/other/.git")
    assert found(tmp_path) == ["."]


def test_checkouts_of_a_folder_in_the_order_of_their_paths(tmp_path: Path) -> None:
    made(tmp_path, "b/.git", "a/two/.git", "a/one/.git", "c/plain")
    assert found(tmp_path) == ["a/one", "a/two", "b"]


def test_a_linked_work_tree_has_a_file(tmp_path: Path) -> None:
    made(tmp_path, "tree")
    (tmp_path / "tree" / ".git").write_text("gitdir: /elsewhere\n")
    assert found(tmp_path) == ["tree"]


def test_a_folder_without_any_stands_for_itself(tmp_path: Path) -> None:
    made(tmp_path, "src", ".hidden/.git", "node_modules/x/.git", "venv/.git")
    assert found(tmp_path) == ["."]


def test_no_link_is_followed(tmp_path: Path) -> None:
    made(tmp_path, "real/.git", "one")
    (tmp_path / "one" / "loop").symlink_to(tmp_path)
    assert found(tmp_path) == ["real"]


def test_the_search_goes_down_so_far(tmp_path: Path) -> None:
    made(tmp_path, "1/2/3/4/.git", "1/2/3/5/6/.git")
    assert found(tmp_path) == ["1/2/3/4"]


def test_the_search_looks_into_so_many_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "a/.git", "b/.git", "c/.git")
    monkeypatch.setattr(module, "FOLDERS_LIMIT", 3)
    assert found(tmp_path) == ["a", "b"]


def test_what_cannot_be_read_holds_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert list(clones(tmp_path / "file")) == [tmp_path / "file"]
