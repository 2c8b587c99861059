from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pypi_setup.sources import git
from pypi_setup.sources.git import remotes

if TYPE_CHECKING:
    from pathlib import Path

PATH = {"PATH": os.environ["PATH"]}
URL = "https://user:canary@github.com/octo-org/sample.git"
TOO_LARGE = "git's configuration here is larger than 1024 KiB"


def run(folder: Path, *words: str) -> None:
    environ = {**PATH, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environ |= {f"GIT_{who}_{what}": "me@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=environ)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "-q")
    run(folder, "config", "remote.origin.url", URL)
    return folder


def enlarge(file: Path) -> None:
    with file.open("ab") as opened:
        opened.truncate(git.CONFIG_LIMIT + 1)


def test_remotes(repository: Path) -> None:
    run(repository, "config", "remote.a.b.url", "../elsewhere")
    assert remotes(repository, PATH) == [("origin", URL), ("a.b", "../elsewhere")]
    (repository / "inner").mkdir()
    assert remotes(repository / "inner", PATH) == [("origin", URL), ("a.b", "../elsewhere")]


def test_none(tmp_path: Path) -> None:
    assert remotes(tmp_path, PATH) == []


def test_git_gets_no_token(repository: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(f'#!/bin/sh\nset >"{tmp_path}/seen"\n')
    (tools / "git").chmod(0o755)
    environ = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GITHUB_TOKEN": "canary",
        "PYPI_API_TOKEN": "canary",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary",
        "GIT_DIR": "canary",
    }
    assert remotes(repository, environ) == []
    assert "canary" not in (tmp_path / "seen").read_text()


def test_a_huge_configuration_is_not_read(repository: Path) -> None:
    enlarge(repository / ".git" / "config")
    assert remotes(repository, {"PATH": ""}) == TOO_LARGE
    (repository / "inner").mkdir()
    assert remotes(repository / "inner", {"PATH": ""}) == TOO_LARGE


@pytest.mark.parametrize("file", ["config", "worktrees/linked/config.worktree"])
def test_nor_is_that_of_a_linked_work_tree(repository: Path, tmp_path: Path, file: str) -> None:
    run(repository, "commit", "-q", "--allow-empty", "-m", "first")
    linked = tmp_path / "linked"
    run(repository, "worktree", "add", "-q", str(linked))
    assert remotes(linked, PATH) == [("origin", URL)]
    enlarge(repository / ".git" / file)
    assert remotes(linked, {"PATH": ""}) == TOO_LARGE


def test_a_pointer_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(b"gitdir: /no\0where\n")
    assert remotes(tmp_path, PATH) == []


def test_the_prefixes_that_git_replaces(repository: Path) -> None:
    run(repository, "config", "url.https://github.com/.insteadOf", "gh:")
    run(repository, "config", "--add", "url.https://github.com/.insteadOf", "hub:")
    prefixes = [("gh:", "https://github.com/"), ("hub:", "https://github.com/")]
    assert git.rewritten(repository, {**PATH, "HOME": str(repository)}) == prefixes
    enlarge(repository / ".git" / "config")
    assert git.rewritten(repository, PATH) == []
