"""What is known of the releases of the actions in a release: which refs there are, and which version each is.

The facts stand in releases.json, which scripts/known_releases.py writes from public data. The table ends at
some day, so a version beyond its newest is not known to be wrong, nor is a branch or a commit that it lacks.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Version = tuple[int, ...]

IMAGE_BY_REF = {"pypa/gh-action-pypi-publish": (1, 12)}
"""Actions that run an image which bears the ref's name, each with the first version that does."""

MOVING = {"pypa/gh-action-pypi-publish": "release/v1"}
"""The branch to name where an action has one that moves with its newest release."""

_SHA = re.compile(r"[0-9a-f]{40}\Z", re.IGNORECASE)
_LIKE_SHA = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{7,64}\Z", re.IGNORECASE)
_VERSION = re.compile(r"(?:releases?/)?v?(\d{1,9}(?:\.\d{1,9}){0,3})\Z", re.ASCII)
_PARTS = 3


class Wrong(NamedTuple):
    """Why a ref cannot be used, and the one to write in its place."""

    why: str
    """A sentence without a full stop."""

    answer: str
    """What GitHub or Docker says."""

    instead: str
    """A ref; empty where none is known."""

    version: str = ""
    """The version of the ref to write; empty where it is one itself."""


class Known(NamedTuple):
    """What the table says of one action."""

    name: str
    tags: tuple[str, ...]
    branches: tuple[str, ...]
    commits: Mapping[str, str]
    """Version by commit."""

    tag_objects: Mapping[str, str]
    """Version by the object of an annotated tag."""

    def version(self, ref: str) -> Version | None:
        """Return the version that a ref is; None where it moves, or cannot be told."""
        tag = self.commits.get(ref.lower()) or self.tag_objects.get(ref.lower()) or ref
        match = _VERSION.match(tag)
        if match is None or (tag.startswith("release") and (tag not in self.branches or "." not in tag)):
            return None
        return numbers(match[1])

    def wrong(self, ref: str) -> Wrong | None:
        """Return why a ref cannot be used; None where it can, or where that cannot be told."""
        if _SHA.match(ref):
            return self._tag_object(ref.lower())
        if ref in self.tags or ref in self.branches:
            return None
        unresolved = f"Unable to resolve action `{self.name}@{ref}`, unable to find version `{ref}`"
        if _LIKE_SHA.match(ref):
            near = difflib.get_close_matches(ref.lower(), self.commits, 1, cutoff=0.9)
            near += [commit for commit in self.commits if commit.startswith(ref.lower())]
            instead = near[0] if near else self._offered()
            why = f"a commit's SHA has 40 digits, and this one has {len(ref)}"
            return Wrong(why, unresolved, instead, self.commits.get(instead, ""))
        return Wrong(self._missing(ref), unresolved, self._near(ref)) if self._is_missing(ref) else None

    def _tag_object(self, ref: str) -> Wrong | None:
        tag = self.tag_objects.get(ref, "")
        since = IMAGE_BY_REF.get(self.name)
        if not tag or since is None or numbers(tag) < since:
            return None
        commit = next((sha for sha, version in self.commits.items() if version == tag), self._offered())
        why = f"this is the tag object of {tag}, not the commit that it points to, and no image has its name"
        return Wrong(why, "manifest unknown", commit, tag if commit in self.commits else "")

    def _is_missing(self, ref: str) -> bool:
        """Tell whether a version is surely none: one that is newer in its own line is known."""
        match = _VERSION.match(ref)
        if match is None:
            return False
        wanted = numbers(match[1])
        lines = [version for version in map(numbers, self.tags) if version[0] == wanted[0]]
        if ref.startswith("release"):
            # Such branches are one a minor version, if any: with three numbers it is a mix with a tag.
            return len(wanted) >= _PARTS and bool(self.branches)
        return bool(lines) and (wanted < max(lines) or wanted in lines)

    def _missing(self, ref: str) -> str:
        branch = MOVING.get(self.name)
        kind = "branch or tag"
        more = f" (the branch is {branch})" if branch and ref in {"v1", "1"} else ""
        return f"it has no {kind} `{ref}`{more}"

    def _near(self, ref: str) -> str:
        """Return the ref to write for a missing version: the moving branch, or the newest like it."""
        match = _VERSION.match(ref)
        wanted = numbers(match[1]) if match else ()
        alike = [tag for tag in self.tags if numbers(tag)[: len(wanted)] == wanted and tag.count(".") > 1]
        if self.name in MOVING and (len(wanted) == 1 or not alike):
            return MOVING[self.name]
        return max(alike, key=numbers) if alike else self._offered()

    def _offered(self) -> str:
        return MOVING.get(self.name) or self.tags[-1]


def known(action: str) -> Known | None:
    """Return what the table says of an action, `owner/repository`; None where it is not in the table."""
    return _table().get(action.lower())


def split(uses: str) -> tuple[str, str]:
    """Return action and ref of a `uses`: `owner/repository` in lower case; empty where it names none."""
    name, at, ref = uses.partition("@")
    parts = name.lower().replace("\\", "/").strip("/").split("/")
    if not at or len(parts) < 2 or "${{" in uses or uses.startswith((".", "$", "docker:")):  # noqa: PLR2004
        return "", ""
    return "/".join(parts[:2]), ref


def numbers(text: str) -> Version:
    """Return the numbers of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:_PARTS])


@lru_cache(maxsize=1)
def _table() -> dict[str, Known]:
    import json
    from pathlib import Path

    data = json.loads(Path(__file__).with_name("releases.json").read_text(encoding="ascii"))
    return {
        name: Known(
            name,
            tuple(facts["tags"]),
            tuple(facts["branches"]),
            facts.get("commits", {}),
            facts.get("tag_objects", {}),
        )
        for name, facts in data.items()
    }
