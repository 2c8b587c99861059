"""The commit at which written workflows use this project's own action.

A tree cannot hold its own commit, so the build writes it into the distributions (`hatch_build.py`): one line,
`COMMIT VERSION` for a release, `COMMIT` alone for any other state. In a clone, where nothing was built, git
is asked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.processes import ask
from pypi_setup.writing.pins import Pin

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).parent / "commit.txt"
"""What the build writes; it is in no clone."""

ACTION = urlsplit(PROJECT_URL).path.strip("/")
"""The action's `owner/name`."""

GIT_SECONDS = 5.0

_LINE = re.compile(r"([0-9a-f]{40})(?: (v[0-9a-z.]+))?\Z", re.ASCII)


class Own(NamedTuple):
    """This project's own action."""

    pin: Pin
    is_release: bool


def own(environ: Mapping[str, str], file: Path = FILE) -> Own | None:
    """Return the action at the commit that this code was made from; None where nothing tells it."""
    try:
        line = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        line = _of_clone(file.parent, environ)
    match = _LINE.match(line)
    if match is None:
        return None
    return Own(Pin(ACTION, match[1], match[2] or f"v{__version__}.dev"), is_release=match[2] is not None)


def _of_clone(folder: Path, environ: Mapping[str, str]) -> str:
    """Return the commit of the clone that this folder of the package is in; empty where it is in none."""
    if not (folder.parents[2] / ".git").exists():  # Another repository may be around an installed package.
        return ""
    command = ["git", "-C", str(folder), "rev-parse", "--verify", "HEAD"]
    answer = ask(command, environ, seconds=GIT_SECONDS)
    return answer.output.decode("ascii", "replace").strip() if answer.code == 0 else ""
