from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pypi_setup.sources import files
from pypi_setup.sources.files import Checkout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/release.yml").write_bytes(b"on: release\n")
    (folder / ".github/workflows/build.yaml").write_bytes(b"on: push\n")
    (folder / ".github/workflows/more").mkdir()
    (tmp_path / "outside.yml").write_bytes(b"secret")
    return folder


def test_a_file_is_read_by_its_path_from_the_root(root: Path) -> None:
    assert Checkout(root).read(".github/workflows/release.yml") == b"on: release\n"


def test_names_are_those_of_the_files_of_one_folder_sorted(root: Path) -> None:
    assert Checkout(root).names(".github/workflows") == ["build.yaml", "release.yml"]


@pytest.mark.parametrize(
    "path",
    [
        "missing.yml",
        ".github/workflows",
        "../outside.yml",
        ".github/../../outside.yml",
        "/etc/hostname",
        "a\0b",
        "x" * 5000,
        "",
    ],
)
def test_what_is_no_file_inside_of_the_root_is_none(root: Path, path: str) -> None:
    assert Checkout(root).read(path) is None


@pytest.mark.parametrize("folder", ["missing", "..", "/", ".github/workflows/release.yml", "a\0b"])
def test_what_is_no_folder_inside_of_the_root_has_no_names(root: Path, folder: str) -> None:
    assert Checkout(root).names(folder) == []


def test_a_symbolic_link_out_of_the_root_is_not_followed(root: Path) -> None:
    (root / "link.yml").symlink_to("../outside.yml")
    (root / "folder").symlink_to("..")
    assert Checkout(root).read("link.yml") is None
    assert Checkout(root).read("folder/outside.yml") is None
    assert Checkout(root).names("folder") == []


def test_a_symbolic_link_inside_of_the_root_is_followed(root: Path) -> None:
    (root / "link.yml").symlink_to(".github/workflows/release.yml")
    assert Checkout(root).read("link.yml") == b"on: release\n"


def test_a_loop_of_symbolic_links_is_none(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    assert Checkout(root).read("a") is None
    assert Checkout(root).names("a") == []


def test_a_root_that_is_a_symbolic_link_is_the_root(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert Checkout(link).read(".github/workflows/build.yaml") == b"on: push\n"
    assert Checkout(link).root == root.resolve()


def test_a_large_file_is_cut_off_behind_the_limit(root: Path) -> None:
    (root / "large.yml").write_bytes(b"#" * (files.SIZE_LIMIT + 100))
    assert Checkout(root).read("large.yml") == b"#" * (files.SIZE_LIMIT + 1)


def test_a_named_pipe_is_no_file_and_does_not_block(root: Path) -> None:
    os.mkfifo(root / "pipe.yml")
    assert Checkout(root).read("pipe.yml") is None


def test_no_more_names_than_the_limit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "NAMES_LIMIT", 1)
    assert len(Checkout(root).names(".github/workflows")) == 1


def test_a_folder_that_may_not_be_listed_has_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    checkout = Checkout(tmp_path)
    assert [checkout.problem(name) for name in ("there", "file", "none", "../..")] == ["", "", "", ""]

    def refused(_place: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    assert checkout.problem("there") == "Permission denied"
    assert checkout.names("there") == []
