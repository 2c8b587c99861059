"""What the build adds: the commit that is built, for a tree cannot hold its own, and the README for PyPI.

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
from hatchling.metadata.plugin.interface import MetadataHookInterface

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


class ReadmeHook(MetadataHookInterface):
    """Gives PyPI the README in a form that it shows as it is meant."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the text."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        address = metadata["urls"]["Homepage"]
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(text, address)}


def readme(text: str, address: str) -> str:
    """Return the README for a page that is not in the repository and draws no diagrams.

    Links and pictures of the repository get its `address`; a diagram becomes a link to the place where it is
    drawn; what generates the tables is left out.
    """
    text = re.sub(r"<!-- \[\[\[.*?\]\]\] -->\n", "", text, flags=re.DOTALL)
    drawn = f"[A diagram of this]({address}#readme) stands in the repository.\n"
    text = re.sub(r"```mermaid\n.*?```\n", drawn, text, flags=re.DOTALL)
    text = re.sub(r"(!\[[^\]]*\]\()(?![a-z]+:|#)", rf"\g<1>{address}/raw/main/", text)
    return re.sub(r"(\]\()(?![a-z]+:|#)", rf"\g<1>{address}/blob/main/", text)


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
