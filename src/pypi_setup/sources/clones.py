"""Checkouts in folders: each folder given is one itself, or holds some."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEPTH_LIMIT = 4
"""Levels of folders that are searched: `clones/host/owner/name` is the deepest usual one."""

FOLDERS_LIMIT = 100_000
"""Folders that one search looks into."""

_SKIPPED = frozenset({"node_modules", "site-packages", "venv", "__pycache__"})


def clones(folder: Path) -> Iterator[Path]:
    """Yield the checkouts in a folder, in the order of their paths; the folder itself where it is one.

    A folder without any is taken for a work tree without git. No symbolic link is followed, and what lies
    inside of a checkout is that checkout's.
    """
    found = False
    for place in _clones(folder):
        found = True
        yield place
    if not found:
        yield folder


def _clones(folder: Path) -> Iterator[Path]:
    waiting = [(folder, 0)]
    for _ in range(FOLDERS_LIMIT):
        if not waiting:
            return
        place, depth = waiting.pop()
        inside = _folders(place)
        if inside is None:
            yield place
        elif depth < DEPTH_LIMIT:
            waiting.extend((place / name, depth + 1) for name in reversed(inside))


def _folders(place: Path) -> list[str] | None:
    """Return the sorted names of the folders in a folder; None where it is a checkout."""
    names: list[str] = []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name == ".git":
                    return None
                if entry.is_dir(follow_symlinks=False) and not _is_skipped(entry.name):
                    names.append(entry.name)
    except OSError:
        return []
    return sorted(names)


def _is_skipped(name: str) -> bool:
    return name in _SKIPPED or name.startswith(".")
