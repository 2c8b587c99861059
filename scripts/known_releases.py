"""Write the tags and branches of the actions of a release to preflight/publishing/releases.json.

    python scripts/known_releases.py                    asks GitHub: git ls-remote, nothing else
    python scripts/known_releases.py --clones FOLDER    asks clones there: owner/name or owner+name

Of pypa/gh-action-pypi-publish the commits are kept as well, and the objects of its annotated tags: since
v1.12.0 it runs an image that is named by the ref, and no image has the name of a tag object. A clone that is
older than its newest releases lacks those; they stand in SEEN, each with the commit that public workflows pin
it by and the tag object that people pinned in its place and reported (`manifest unknown`). Where a clone
contradicts SEEN the script ends. What neither says stays unknown: the check is then silent.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src/pypi_setup/preflight/publishing/releases.json"

ACTIONS = (
    "pypa/gh-action-pypi-publish",
    "PyO3/maturin-action",
    "casperdcl/deploy-pypi",
    "astral-sh/setup-uv",
    "hynek/build-and-inspect-python-package",
    "pypa/cibuildwheel",
    "actions/checkout",
    "actions/download-artifact",
    "actions/upload-artifact",
)

WITH_COMMITS = frozenset({"pypa/gh-action-pypi-publish"})

SEEN: dict[str, dict[str, tuple[str, str]]] = {
    "pypa/gh-action-pypi-publish": {
        # Version: the commit and the object of its tag, where they were seen.
        "v1.9.0": ("ec4db0b4ddc65acdf4bff5fa45ac92d78b56bdf0", ""),
        "v1.10.0": ("8a08d616893759ef8e1aa1f2785787c0b97e20d6", ""),
        "v1.10.1": ("0ab0b79471669eb3a4d647e625009c62f9f3b241", ""),
        "v1.10.2": ("897895f1e160c830e369f9779632ebc134688e1b", ""),
        "v1.10.3": ("f7600683efdcb7656dec5b29656edb7bc586e597", ""),
        "v1.11.0": ("fb13cb306901256ace3dab689990e13a5550ffaa", ""),
        "v1.12.0": ("61da13deb5f5124fb1536194f82ed3d9bbc7e8f3", ""),
        "v1.12.1": ("", ""),
        "v1.12.2": ("15c56dba361d8335944d31a2ecd17d700fc7bcbc", ""),
        "v1.12.3": ("67339c736fd9354cd4f8cb0b744f2b82a74b5c70", ""),
        "v1.12.4": (
            "76f52bc884231f62b9a034ebfe128415bbaabdfc",
            "7f25271a4aa483500f742f9492b2ab5648d61011",
        ),
        "v1.13.0": (
            "ed0c53931b1dc9bd32cbe73a98c7f6766f8a527e",
            "106e0b0b7c337fa67ed433972f777c6357f78598",
        ),
        "v1.14.0": (
            "cef221092ed1bacb1cc03d23a2d87d1d172e277b",
            "6733eb7d741f0b11ec6a39b58540dab7590f9b7d",
        ),
        "v1.14.1": (
            "ba38be9e461d3875417946c167d0b5f3d385a247",
            "2834a314042ef964da07689278dd1e9d773e8afd",
        ),
        "v1.14.2": (
            "dc37677b2e1c63e2034f94d8a5b11f265b73ba33",
            "a892a5a61159132606e93a2fa6f4358831b04d26",
        ),
    }
}

_VERSION = re.compile(r"v?\d+(?:\.\d+)*\Z")
_BRANCH = re.compile(r"(?:releases?/)?v?\d+(?:\.\d+)*\Z|(?:unstable|release|releases)/\S+\Z")


def refs(source: str) -> list[tuple[str, str]]:
    """Return the refs of a repository with their objects, peeled ones as `refs/tags/NAME^{}`."""
    command = ["git", "ls-remote", "--heads", "--tags", source]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603
    return [(name, sha) for sha, name in (line.split("\t") for line in listed.splitlines())]


def read(action: str, source: str) -> dict[str, Any]:
    """Return what is known of an action: its versions and branches, with the objects where they count."""
    tags: dict[str, str] = {}
    objects: dict[str, str] = {}
    branches: list[str] = []
    for name, sha in refs(source):
        kind, _, short = name.removeprefix("refs/").partition("/")
        tag = short.removesuffix("^{}")
        if kind == "heads" and _BRANCH.match(short):
            branches.append(short)
        elif kind == "tags" and _VERSION.match(tag):
            if short != tag:
                objects[tags[tag]] = tag  # The line before named the tag's own object.
            tags[tag] = sha
    for tag, (commit, tag_object) in SEEN.get(action, {}).items():
        if commit and tags.setdefault(tag, commit) != commit:
            raise SystemExit(f"{action} {tag} is {tags[tag]}, and SEEN says {commit}")
        tags.setdefault(tag, "")
        objects.update({tag_object: tag} if tag_object else {})
    found: dict[str, Any] = {"tags": sorted(tags, key=_key), "branches": sorted(branches, key=_key)}
    if action in WITH_COMMITS:
        found["commits"] = {tags[tag]: tag for tag in found["tags"] if tags[tag]}
        found["tag_objects"] = dict(sorted(objects.items(), key=lambda item: _key(item[1])))
    return found


def _key(name: str) -> tuple[list[int], str]:
    return [int(part) for part in re.findall(r"\d+", name)], name


def _source(action: str, clones: Path | None) -> str:
    if clones is None:
        return f"https://github.com/{action}"
    places = (clones / action, clones / action.replace("/", "+"), clones / action.replace("/", "+") / "repo")
    return str(next(place for place in reversed(places) if place.is_dir()))


def main() -> None:
    """Read every action, and write the file."""
    parser = argparse.ArgumentParser(description="Write the known releases of the actions of a release.")
    parser.add_argument("--clones", type=Path, help="a folder with clones, in the place of GitHub")
    options = parser.parse_args()
    known = {action.lower(): read(action, _source(action, options.clones)) for action in ACTIONS}
    TARGET.write_text(json.dumps(known, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
