"""The commit of this project's own action: from a distribution, from a clone, and as the build writes it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pypi_setup.about import __version__
from pypi_setup.writing.own import Own, own
from pypi_setup.writing.pins import Pin

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ACTION = "pypi-setup/pypi-setup"


def place(folder: Path) -> Path:
    """Where the file is in a tree: absent, until it is written."""
    file = folder / "src/pypi_setup/writing/commit.txt"
    file.parent.mkdir(parents=True)
    return file


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "tag.gpgSign=false")
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    about = tmp_path / "src/pypi_setup/about.py"
    about.parent.mkdir(parents=True)
    about.write_text('__version__ = "1.2.3"\n')
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_a_distribution_knows_its_commit(tmp_path: Path) -> None:
    file = place(tmp_path)
    file.write_text(f"{COMMIT} v1.2.3\n")
    assert own({}, file) == Own(Pin(ACTION, COMMIT, "v1.2.3"), is_release=True)
    file.write_text(f"{COMMIT}\n")
    assert own({}, file) == Own(Pin(ACTION, COMMIT, f"v{__version__}.dev"), is_release=False)
    file.write_text("something else\n")
    assert own({}, file) is None


def test_a_clone_is_no_release(clone: Path) -> None:
    found = own(os.environ, place(clone))
    assert found == Own(Pin(ACTION, git(clone, "rev-parse", "HEAD"), f"v{__version__}.dev"), is_release=False)


def test_nothing_is_known_outside_of_a_clone(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert own(os.environ, place(tmp_path / "inside")) is None  # Another repository is around it.
    assert own(os.environ, place(tmp_path)) is None


@pytest.fixture
def build() -> Any:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_build_tells_a_release_by_its_tag(build: Any, clone: Path, tmp_path: Path) -> None:
    head = git(clone, "rev-parse", "HEAD")
    assert build.commit(clone) == head
    git(clone, "tag", "v1.2.2")
    assert build.commit(clone) == head
    git(clone, "tag", "v1.2.3")
    assert build.commit(clone) == f"{head} v1.2.3"
    assert build.commit(clone / "src") == ""


@pytest.mark.parametrize(
    ("target", "inside"),
    [("wheel", "pypi_setup/writing/commit.txt"), ("sdist", "src/pypi_setup/writing/commit.txt")],
)
def test_the_build_adds_the_file(build: Any, clone: Path, target: str, inside: str) -> None:
    def added(version: str, root: Path) -> dict[str, str]:
        hook = build.CommitHook(str(root), {}, None, SimpleNamespace(), "", target)
        data: dict[str, dict[str, str]] = {"force_include": {}}
        hook.initialize(version, data)
        texts = {place: Path(file).read_text() for file, place in data["force_include"].items()}
        hook.finalize(version, data, "")
        assert not any(Path(file).exists() for file in data["force_include"])
        return texts

    assert added("standard", clone) == {inside: f"{git(clone, 'rev-parse', 'HEAD')}\n"}
    assert added("editable", clone) == {}
    assert added("standard", clone / "src") == {}
