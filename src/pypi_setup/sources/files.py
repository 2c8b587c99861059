"""Files of the repository under check, by path from its root."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Protocol

SIZE_LIMIT = 1024 * 1024
"""Bytes of one file. GitHub refuses larger workflow files."""

NAMES_LIMIT = 10_000
"""Names of one folder."""


KEPT_LIMIT = 1024 * 1024
"""Bytes of the repository's files that are kept, so that they need not be read again."""


class Files(Protocol):
    """Where the repository's files come from: a checkout, or GitHub's contents API."""

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path (forward slashes); None where no file can be read.

        A file that is larger than SIZE_LIMIT is cut off behind one byte more, so that a reader can tell.
        """

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder, without its sub-folders; empty without one."""


class Checkout:
    """A checked-out work tree. Never leaves its root, whatever paths and symbolic links say."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = Path(root).resolve()

    @property
    def root(self) -> Path:
        """The work tree's folder, without symbolic links."""
        return self._root

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path, see `Files.read`."""
        place = self._inside(path)
        if place is None:
            return None
        try:
            # Without O_NONBLOCK a named pipe would wait for a writer.
            descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with open(descriptor, "rb") as file:
                return file.read(SIZE_LIMIT + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except OSError:
            return None

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder, see `Files.names`."""
        place = self._inside(folder)
        if place is None:
            return []
        names: list[str] = []
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if len(names) == NAMES_LIMIT:
                        break
                    if entry.is_file():
                        names.append(entry.name)
        except OSError:
            return []
        return sorted(names)

    def problem(self, folder: str) -> str:
        """Say why a folder's names cannot be told though it may be there; empty where they can."""
        place = self._inside(folder)
        try:
            with os.scandir(place or self._root):
                return ""
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            return error.strerror or type(error).__name__

    def _inside(self, path: str) -> Path | None:
        """Return the real place of a path, or None where that is outside of the root."""
        try:
            place = (self._root / path).resolve()
        except (OSError, RuntimeError, ValueError):
            return None  # A loop of symbolic links, or a path that no file can have.
        return place if place.is_relative_to(self._root) else None


class Overlay:
    """Files with some of them changed, or added."""

    def __init__(self, files: Files, changed: dict[str, bytes]) -> None:
        """Take the files, and new contents by path."""
        self._files = files
        self._changed = changed

    @property
    def root(self) -> Path | None:
        """The checkout's root; None where the files are of no checkout."""
        return self._files.root if isinstance(self._files, (Checkout, Overlay)) else None

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path, see `Files.read`."""
        return self._changed[path] if path in self._changed else self._files.read(path)

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder, see `Files.names`."""
        parts = (path.rpartition("/") for path in self._changed)
        added = {name for place, _, name in parts if place == folder}
        return sorted(added.union(self._files.names(folder)))


class Kept:
    """Files that are read once, as long as they are few and small: reading may be a request to GitHub."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._data: dict[str, bytes | None] = {}
        self._size = 0
        self.names = files.names

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path, see `Files.read`."""
        if path in self._data:
            return self._data[path]
        data = self._files.read(path)
        self._size += len(data or b"")
        if self._size <= KEPT_LIMIT:
            self._data[path] = data
        return data
