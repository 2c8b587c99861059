"""Built distributions, made here with the standard library, read as the index reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.sources import distributions
from pypi_setup.sources.distributions import Folder, read

if TYPE_CHECKING:
    from pathlib import Path

METADATA = b"Metadata-Version: 2.4\nName: sample\nVersion: 1.0\nLicense-File: LICENSE\n"
WHEEL = "sample-1.0-py3-none-any.whl"
SOURCE = "sample-1.0.tar.gz"
MEMBERS = {
    "sample.py": b"x = 1\n",
    "sample-1.0.dist-info/METADATA": METADATA,
    "sample-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\n",
    "sample-1.0.dist-info/RECORD": b"",
}
FILES = {"sample-1.0/PKG-INFO": METADATA, "sample-1.0/LICENSE": b"MIT", "sample-1.0/sample.py": b"x = 1\n"}


def wheel(path: Path, members: dict[str, bytes] = MEMBERS, kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def source(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def problem(folder: Path) -> str:
    (found,) = read(folder).distributions
    assert found.metadata is None
    return found.problem


def test_a_folder_with_a_wheel_and_a_source_distribution(tmp_path: Path) -> None:
    wheel(tmp_path / WHEEL)
    source(tmp_path / SOURCE)
    found = read(tmp_path)
    assert (found.attestations, found.strangers, found.problem, found.complete) == ((), (), "", True)
    assert [each.filename for each in found.distributions] == [WHEEL, SOURCE]
    for each in found.distributions:
        content = (tmp_path / each.filename).read_bytes()
        assert (each.size, each.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert (each.metadata, each.problem, each.missing) == (METADATA, "", ())
        assert (each.named.name, str(each.named.version), each.named.problem) == ("sample", "1.0", "")


def test_what_is_no_distribution_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "sample-1.0-py3-none-any.whl.publish.attestation").write_text("{}")
    (tmp_path / "sample-1.0-py3-none-any.whl.sigstore.json").write_text("{}")
    (tmp_path / "dist").mkdir()
    assert read(tmp_path) == Folder(
        (),
        ("sample-1.0-py3-none-any.whl.publish.attestation",),
        ("dist/", "notes.txt", "sample-1.0-py3-none-any.whl.sigstore.json"),
    )


def test_a_folder_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "dist").problem == "No such file or directory"
    (tmp_path / "file").write_text("")
    assert read(tmp_path / "file").problem == "Not a directory"


def test_a_folder_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "ENTRIES_LIMIT", 2)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("")
    found = read(tmp_path)
    assert (len(found.strangers), found.complete) == (2, False)


@pytest.mark.parametrize("name", ["WHEEL", "METADATA", "RECORD"])
def test_a_wheel_lacks_a_file_of_its_own(tmp_path: Path, name: str) -> None:
    path = f"sample-1.0.dist-info/{name}"
    wheel(tmp_path / WHEEL, {each: content for each, content in MEMBERS.items() if each != path})
    assert problem(tmp_path) == f"{name} is not at {path}"


def test_a_wheel_is_compressed_in_a_way_that_the_index_refuses(tmp_path: Path) -> None:
    wheel(tmp_path / WHEEL, kind=zipfile.ZIP_BZIP2)
    assert problem(tmp_path) == "It is compressed in another way than 'deflate'"


def test_a_wheel_that_unpacks_to_many_times_its_size(tmp_path: Path) -> None:
    wheel(tmp_path / WHEEL, {**MEMBERS, "zeros": bytes(65 * 1024 * 1024)})
    assert problem(tmp_path) == "It unpacks to more than 50 times its size"


@pytest.mark.parametrize("name", [WHEEL, SOURCE])
def test_an_archive_that_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html>Not found</html>")
    assert problem(tmp_path) == "It is damaged, or no archive of its kind"


def test_a_source_distribution_that_breaks_off(tmp_path: Path) -> None:
    path = source(tmp_path / SOURCE, {**FILES, "sample-1.0/big": os.urandom(100_000)})
    path.write_bytes(path.read_bytes()[:50_000])
    assert problem(tmp_path) == "It is damaged, or no archive of its kind"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"PKG-INFO": METADATA, "sample.py": b""}, "It has not exactly one folder at the top"),
        ({"../PKG-INFO": METADATA}, "It has not exactly one folder at the top"),
        ({"/etc/PKG-INFO": METADATA}, "It has not exactly one folder at the top"),
        ({"sample-1.0/sample.py": b""}, "PKG-INFO is not at sample-1.0/PKG-INFO"),
        ({}, "It has not exactly one folder at the top"),
    ],
)
def test_a_source_distribution_without_its_metadata_in_place(
    tmp_path: Path, files: dict[str, bytes], told: str
) -> None:
    source(tmp_path / SOURCE, files)
    assert problem(tmp_path) == told


def test_a_source_distribution_may_name_its_members_from_here(tmp_path: Path) -> None:
    source(tmp_path / SOURCE, {f"./{name}": content for name, content in FILES.items()})
    (found,) = read(tmp_path).distributions
    assert (found.problem, found.metadata, found.missing) == ("", METADATA, ())


def test_a_licence_file_that_is_named_and_not_there(tmp_path: Path) -> None:
    source(tmp_path / SOURCE, {"sample-1.0/PKG-INFO": METADATA})
    (found,) = read(tmp_path).distributions
    assert (found.problem, found.missing) == ("", ("LICENSE",))


def test_a_member_that_is_a_folder_is_no_metadata(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / SOURCE, "w:gz") as archive:
        folder = tarfile.TarInfo("sample-1.0/PKG-INFO")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert problem(tmp_path) == "PKG-INFO is not at sample-1.0/PKG-INFO"


def test_a_sparse_member_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tmp_path / SOURCE)
    monkeypatch.setattr(tarfile.TarInfo, "issparse", lambda _self: True)
    assert problem(tmp_path) == "It has a sparse member"


def test_a_source_distribution_is_read_up_to_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tmp_path / SOURCE)
    monkeypatch.setattr(distributions, "MEMBERS_LIMIT", 2)
    assert problem(tmp_path) == "It has more than 2 members, which is more than is read here"
    monkeypatch.setattr(distributions, "UNPACKED_LIMIT", 5000)
    assert problem(tmp_path) == "It unpacks to more than is read here"


def test_a_file_far_beyond_any_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tmp_path / SOURCE)
    monkeypatch.setattr(distributions, "UNPACKED_LIMIT", 10)
    (found,) = read(tmp_path).distributions
    assert (found.sha256, found.metadata, found.problem) == ("", None, "")
    assert found.size > 10


def test_a_zip_is_told_by_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "sample-1.0.zip").write_bytes(b"")
    (found,) = read(tmp_path).distributions
    assert (found.named.problem, found.problem, found.metadata) == (
        "It should be 'sample-1.0.tar.gz'",
        "",
        None,
    )


def test_what_is_no_file_or_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / WHEEL)
    (tmp_path / SOURCE).symlink_to("nowhere")
    found = read(tmp_path).distributions
    assert [each.problem for each in found] == [
        "It is no file",
        "It cannot be read: No such file or directory",
    ]


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / SOURCE).write_bytes(gzip.compress(content) if packed else content)
    (folder / WHEEL).write_bytes(content)
    assert all(each.problem for each in read(folder).distributions)
