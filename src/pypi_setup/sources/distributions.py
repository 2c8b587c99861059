"""The built distributions in a folder, read as the index will read them. Nothing is run or unpacked to disk.

Bounded: so many files, so many bytes of one, so many bytes that come out of an archive.
Sources: warehouse/forklift/legacy.py (which archive, which member), PEP 625, PEP 427.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values import filenames
from pypi_setup.values.metadata import judged

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.values.filenames import Named

ENTRIES_LIMIT = 2000
"""Entries of the folder that are looked at."""

METADATA_LIMIT = 4 * 1024 * 1024
"""Bytes of one file of metadata."""

UNPACKED_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes that one archive may unpack to before it is no longer read."""

MEMBERS_LIMIT = 200_000
"""Files in one archive."""

_RATIO, _RATIO_FROM = 50, 64 * 1024 * 1024
"""PyPI refuses a zip that unpacks to more bytes than the second and to so many times its own size."""

_PIECE = 1024 * 1024
_DAMAGED = "It is damaged, or no archive of its kind"


class Distribution(NamedTuple):
    """A file that is one by its name: a wheel or a source distribution."""

    filename: str
    size: int
    """Bytes."""

    sha256: str
    """Hex digits; empty where the file could not be read."""

    named: Named
    metadata: bytes | None
    """The content of METADATA or PKG-INFO; None where there is none to be read."""

    problem: str = ""
    """Why PyPI refuses the archive, one sentence without a full stop; empty where it does not."""

    missing: tuple[str, ...] = ()
    """Of a source distribution: the files that License-File names and that are not in it."""


class Folder(NamedTuple):
    """What lies in the folder."""

    distributions: tuple[Distribution, ...] = ()
    attestations: tuple[str, ...] = ()
    """Names of the files that hold attestations of an earlier run (`.publish.attestation`)."""

    strangers: tuple[str, ...] = ()
    """Names of everything else; sub-folders end in a slash."""

    problem: str = ""
    """Why the folder could not be read, in words; empty where it was."""

    complete: bool = True
    """False if there are more entries than are looked at."""


class Built(NamedTuple):
    """The distributions of one run."""

    folder: Folder
    path: str
    """The folder as it is to be shown, without a trailing slash (`dist`)."""

    tag: str = ""
    """The tag that started the run; empty where it was none."""

    @property
    def names(self) -> frozenset[str]:
        """The normalized names of the projects whose distributions lie there."""
        return frozenset(each.named.name for each in self.folder.distributions if each.named.name)


class _Refused(Exception):
    """PyPI refuses the archive; the text says why, one sentence without a full stop."""


def read(folder: Path) -> Folder:
    """Return what lies in a folder. Never raises: what cannot be read says so."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(names) == ENTRIES_LIMIT:
                    return _sorted(folder, names)._replace(complete=False)
                names.append(f"{entry.name}/" if entry.is_dir() else entry.name)
    except OSError as problem:
        return Folder(problem=problem.strerror or "it cannot be read")
    return _sorted(folder, names)


def _sorted(folder: Path, names: list[str]) -> Folder:
    names.sort()
    archives = [name for name in names if name.endswith((filenames.WHEEL, filenames.SOURCE, ".zip"))]
    attestations = [name for name in names if name.endswith(".publish.attestation")]
    return Folder(
        tuple(_distribution(folder / name) for name in archives),
        tuple(attestations),
        tuple(name for name in names if name not in {*archives, *attestations}),
    )


def _distribution(path: Path) -> Distribution:
    name = path.name
    named = filenames.wheel(name) if name.endswith(filenames.WHEEL) else filenames.source(name)
    found = Distribution(name, 0, "", named, None)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return found._replace(problem="It is no file")
        found = found._replace(size=status.st_size)
        if found.size > UNPACKED_LIMIT:
            return found  # Far beyond what an index takes: its size says all.
        found = found._replace(sha256=_digest(path))
        return _of_wheel(path, found) if name.endswith(filenames.WHEEL) else _of_source(path, found)
    except _Refused as refusal:
        return found._replace(problem=str(refusal))
    except OSError as problem:
        return found._replace(
            problem=f"It cannot be read: {problem.strerror}" if problem.strerror else _DAMAGED
        )
    except (EOFError, ValueError, RuntimeError, zlib.error, tarfile.TarError, zipfile.BadZipFile):
        return found._replace(problem=_DAMAGED)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _of_wheel(path: Path, found: Distribution) -> Distribution:
    """Return a wheel with its METADATA. Raises _Refused as PyPI would refuse it."""
    stem = "-".join(path.name.split("-")[:2])
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > _RATIO_FROM and unpacked / path.stat().st_size > _RATIO:
            raise _Refused(f"It unpacks to more than {_RATIO} times its size")
        if any(each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for each in members):
            raise _Refused("It is compressed in another way than 'deflate'")
        for name in ("WHEEL", "METADATA", "RECORD"):
            if f"{stem}.dist-info/{name}" not in archive.NameToInfo:
                raise _Refused(f"{name} is not at {stem}.dist-info/{name}")
        with archive.open(f"{stem}.dist-info/METADATA") as file:
            return found._replace(metadata=file.read(METADATA_LIMIT))


def _of_source(path: Path, found: Distribution) -> Distribution:
    """Return a source distribution with its PKG-INFO. Raises _Refused as PyPI would refuse it."""
    if not path.name.endswith(filenames.SOURCE):
        return found  # PyPI takes no .zip any more; its name says so already.
    tops: set[str] = set()
    paths: set[str] = set()
    metadata: bytes | None = None
    with _Bounded(path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
        for member in archive:
            if member.issparse():
                raise _Refused("It has a sparse member")
            top, _, below = "/".join(part for part in member.name.split("/") if part != ".").partition("/")
            tops.add(top)
            paths.add(below)
            if len(paths) > MEMBERS_LIMIT:
                raise _Refused(f"It has more than {MEMBERS_LIMIT} members, which is more than is read here")
            if below == "PKG-INFO" and (file := archive.extractfile(member)) is not None:
                metadata = file.read(METADATA_LIMIT)
    if len(tops) != 1 or "" in tops or ".." in tops:
        raise _Refused("It has not exactly one folder at the top")
    if metadata is None:
        raise _Refused(f"PKG-INFO is not at {tops.pop()}/PKG-INFO")
    missing = tuple(file for file in judged(metadata).license_files if file not in paths)
    return found._replace(metadata=metadata, missing=missing)


class _Bounded(gzip.GzipFile):
    """Reads on until more comes out than an archive may hold."""

    unpacked = 0
    """Bytes that came out so far."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.unpacked += len(data)
        if self.unpacked > UNPACKED_LIMIT:
            raise _Refused("It unpacks to more than is read here")
        return data
