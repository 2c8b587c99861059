"""One task: commands that stand in a file of the repository, in the place of the command that starts it."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple, Protocol

UNKNOWN = "$UNKNOWN"
"""What stands for text that only a run can tell; no shell variable of this name is ever known."""

SIZE_LIMIT = 256 * 1024
"""Bytes of one file of tasks."""

TASKS_LIMIT = 200
"""Tasks that one command comes to."""

_WORKSPACE = re.compile(r"(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)/?")


class Read(Protocol):
    """Gives the content of a file by its path from the repository's root; None where there is none."""

    def __call__(self, path: str, /) -> bytes | None:
        """Read the file."""


class Task(NamedTuple):
    """Commands for a shell."""

    text: str
    file: str
    """Path from the repository's root."""

    line: int
    """Of the text's first line in the file, from 1."""

    folder: str = ""
    """Where it runs, from the repository's root; empty for the root."""

    variables: tuple[tuple[str, str], ...] = ()
    """What the file sets for it."""

    complete: bool = True
    """False where the file may run more than this, as a program in Python can."""


def within(folder: str, path: str) -> str | None:
    """Return a path from the repository's root; None where it leads out of it or is not known."""
    match = _WORKSPACE.match(path)
    joined = path[match.end() :] if match else posixpath.join(folder, path)
    normal = posixpath.normpath(joined or ".")
    if normal.startswith(("/", "..", "~")) or "$" in normal or ":" in normal:
        return None
    return "" if normal == "." else normal


def text_of(read: Read, path: str) -> str | None:
    """Return the text of a file of tasks; None where there is none, or it is too large."""
    data = read(path)
    if data is None or len(data) > SIZE_LIMIT:
        return None
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def line_of(text: str, pattern: str) -> int:
    """Return the first line of a text, from 1, that a pattern matches; the first where none does."""
    match = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1
