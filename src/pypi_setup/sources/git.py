"""What git says of a folder: its remotes, how it rewrites URLs, its version tags. Read-only, runs nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.processes import ask
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SECONDS = 5.0
"""How long git may take to tell the remotes."""

CONFIG_LIMIT = 1024 * 1024
"""Bytes of a repository's configuration; git reads it whole, whatever it is asked."""

REMOTES_LIMIT = 100
"""Settings of one kind that are looked at."""

TAGS_LIMIT = 50
"""Tags that are looked at, the newest first."""

_POINTER_LIMIT, _NAME_LIMIT = 4096, 200
_REMOTES = ("--local", "--get-regexp", r"^remote\..*\.url$")
_REWRITES = ("--get-regexp", r"^url\..*\.insteadof$")
_TAGS = (
    "for-each-ref",
    f"--count={TAGS_LIMIT}",
    "--sort=-creatordate",
    "--format=%(refname:strip=2)",
    "refs/tags",
)
_VERSION = re.compile(r"(v?)[0-9]+\.[0-9]", re.ASCII)


def version_prefix(folder: Path, environ: Mapping[str, str]) -> str | None:
    """Return what the newest version tag begins with: `v`, or nothing; None where there is no such tag."""
    answer = ask(["git", "-C", str(folder), *_TAGS], environ, seconds=SECONDS)
    found = (_VERSION.match(line) for line in answer.output.decode("utf-8", "replace").splitlines())
    return next((match[1] for match in found if match), None)


def newest_tag(folder: Path, environ: Mapping[str, str]) -> str:
    """Return the newest tag; empty where there is none, or git does not answer."""
    answer = ask(["git", "-C", str(folder), *_TAGS], environ, seconds=SECONDS)
    return one_line(next(iter(answer.output.decode("utf-8", "replace").splitlines()), ""), _NAME_LIMIT)


def remotes(folder: Path, environ: Mapping[str, str]) -> list[tuple[str, str]] | str:
    """Return the remotes' names and URLs, which may hold passwords; a text says why there are none.

    git gets no variable that would point it to another repository, and no token.
    """
    entries = _settings(folder, environ, _REMOTES)
    if isinstance(entries, str):
        return entries
    return [(key.removeprefix("remote.").removesuffix(".url"), url) for key, url in entries]


def rewritten(folder: Path, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the prefixes of URLs that git replaces, each with what it puts there; none where git fails."""
    entries = _settings(folder, environ, _REWRITES)
    if isinstance(entries, str):
        return []
    return [(prefix, key.removeprefix("url.").removesuffix(".insteadof")) for key, prefix in entries]


def _settings(folder: Path, environ: Mapping[str, str], words: Sequence[str]) -> list[tuple[str, str]] | str:
    if any(_is_oversized(place) for place in _configurations(folder)):
        return f"git's configuration here is larger than {CONFIG_LIMIT // 1024} KiB"
    answer = ask(["git", "-C", str(folder), "config", "--null", *words], environ, seconds=SECONDS)
    if answer.problem:
        return answer.problem
    entries = answer.output.decode("utf-8", "replace").split("\0")[:REMOTES_LIMIT]
    split = (entry.partition("\n") for entry in entries if entry)
    return [(key, value) for key, _, value in split]


def _configurations(folder: Path) -> list[Path]:
    """Return where the folder's repository may have its configuration: also that of a linked work tree."""
    top = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
    git = top / ".git"
    if not git.is_file():
        return [git / "config"]
    own = top / _pointer(git).removeprefix("gitdir:").strip()
    common = own / (_pointer(own / "commondir") or ".")
    return [own / "config", own / "config.worktree", common / "config"]


def _pointer(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_POINTER_LIMIT).decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return ""


def _is_oversized(file: Path) -> bool:
    try:
        return file.stat().st_size > CONFIG_LIMIT
    except (OSError, ValueError):
        return False
