from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pypi_setup.discovery.remotes import SSH_CONFIGURATION_LIMIT, on_github

if TYPE_CHECKING:
    from pathlib import Path

PATH = {"PATH": os.environ["PATH"]}
FOUND = {"origin": ("octo-org", "sample")}
SSH = """
# Two accounts.
Host work gh-* *
    HostName github.com
    User git
Host other
    HostName=example.org
HostName = github.com
"""


def repository(folder: Path, url: str) -> Path:
    place = folder / "repository"
    place.mkdir()
    environ = {**PATH, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for words in (["init", "-q"], ["config", "remote.origin.url", url]):
        subprocess.run(["git", "-C", str(place), *words], check=True, capture_output=True, env=environ)
    return place


def home(folder: Path, ssh: str = "", git: str = "") -> dict[str, str]:
    (folder / "home" / ".ssh").mkdir(parents=True)
    if ssh:
        (folder / "home" / ".ssh" / "config").write_text(ssh)
    (folder / "home" / ".gitconfig").write_text(git)
    return {**PATH, "HOME": str(folder / "home")}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("git@work:octo-org/sample.git", FOUND),
        ("WORK:octo-org/sample", FOUND),
        ("ssh://git@gh-mine:22/octo-org/sample.git", FOUND),
        ("git@github.com-second:octo-org/sample.git", FOUND),
        ("git@other:octo-org/sample.git", {"origin": ("octo-org", "sample")}),
        ("git@unknown:octo-org/sample.git", {}),
        ("https://work/octo-org/sample.git", {}),
        ("/srv/git/sample.git", {}),
    ],
)
def test_an_alias_of_ssh(tmp_path: Path, url: str, found: dict[str, tuple[str, str]]) -> None:
    environ = home(tmp_path, SSH)
    if "other" in url:
        environ = home(tmp_path / "x", SSH.replace("example.org", "ssh.github.com"))
    assert on_github(repository(tmp_path, url), environ) == found


def test_without_a_configuration_of_ssh_only_the_customary_aliases_are_known(tmp_path: Path) -> None:
    place = repository(tmp_path, "git@work:octo-org/sample.git")
    assert on_github(place, home(tmp_path)) == {}
    assert on_github(place, PATH) == {}
    (tmp_path / "home" / ".ssh" / "config").write_text("#" * SSH_CONFIGURATION_LIMIT + SSH)
    assert on_github(place, {**PATH, "USERPROFILE": str(tmp_path / "home")}) == {}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("gh:octo-org/sample", FOUND),
        ("gh:mine/sample", {"origin": ("octo-org", "sample")}),
        ("hub:octo-org/sample", {}),
    ],
)
def test_the_longest_prefix_that_git_replaces_wins(
    tmp_path: Path, url: str, found: dict[str, tuple[str, str]]
) -> None:
    git = (
        '[url "https://github.com/"]\n\tinsteadOf = gh:\n'
        '[url "git@github.com-x:octo-org/"]\n\tinsteadOf = gh:mine/\n'
    )
    assert on_github(repository(tmp_path, url), home(tmp_path, git=git)) == found


def test_a_configuration_that_git_cannot_read_replaces_nothing(tmp_path: Path) -> None:
    place = repository(tmp_path, "gh:octo-org/sample")
    assert on_github(place, home(tmp_path, git="[broken")) == {}


def test_no_remote_at_all(tmp_path: Path) -> None:
    assert on_github(tmp_path, PATH) == {}
