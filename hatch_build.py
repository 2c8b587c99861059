"""A build hook: it writes the commit that is built into the distributions, for a tree cannot hold its own.

`pypi-setup init` pins this project's action to that commit in the workflows that it writes. See
`pypi_setup/writing/own.py`, which reads the file.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = "pypi_setup/writing/commit.txt"


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]  # without a configuration of its own
    """Puts `COMMIT` or, for a release, `COMMIT VERSION` into sdist and wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file, unless this is an editable installation or an sdist, which has it."""
        line = commit(Path(self.root))
        if version == "editable" or not line:
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "commit.txt"
        file.write_text(f"{line}\n", encoding="ascii")
        place = f"src/{INSIDE}" if self.target_name == "sdist" else INSIDE
        build_data["force_include"][str(file)] = place

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Leave nothing behind."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def commit(root: Path) -> str:
    """Return the commit of the clone at `root`, with the version where that commit has its tag.

    Empty where it is no clone.
    """
    if not (root / ".git").exists():
        return ""
    about = (root / "src/pypi_setup/about.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', about, re.MULTILINE)
    head = _git(root, "rev-parse", "--verify", "HEAD").strip()
    tag = f"v{version[1] if version else ''}"
    return f"{head} {tag}" if tag in _git(root, "tag", "--points-at", "HEAD").split() else head


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 - fixed words
    return done.stdout if done.returncode == 0 else ""
