"""The steps of a release, against a remote repository in a folder that refuses what GitHub refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGE = "ghcr.io/octo-org/pypi-setup@sha256:" + "1" * 64
OTHER = "ghcr.io/octo-org/pypi-setup@sha256:" + "2" * 64

CHANGES = """\
# Changelog

## Unreleased

## 0.2.0rc1 - 2026-12-01

- A candidate.

## 0.1.0 - 2026-11-30

### Added

- The first release.

[link]: https://example.org
"""

GH = """\
#!/bin/sh
# Knows one release, which is a folder of files.
printf '%s\\n' "$*" >>"$GH_RECORD"
case "$2" in
    view)
        if [ -n "${GH_DOWN:-}" ]; then echo "error connecting to api.github.com" >&2; exit 1; fi
        if [ ! -d "$GH_RELEASE" ]; then echo "release not found" >&2; exit 1; fi
        if [ -f "$GH_RELEASE/draft" ]; then echo '{"isDraft":true}'; else echo '{"isDraft":false}'; fi ;;
    create)
        mkdir "$GH_RELEASE"
        while [ "$1" != --notes-file ]; do shift; done
        cp "$2" "$GH_RELEASE/notes" ;;
    edit) rm "$GH_RELEASE/draft" ;;
esac
"""


class Run(NamedTuple):
    """What a step left behind."""

    code: int
    text: str
    outputs: dict[str, str]


class Checkout:
    """A checkout of the default branch, its remote, and GitHub's own command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree, self.remote, self.release = folder / "tree", folder / "remote.git", folder / "release"
        self.ask("init", "--quiet", "--bare", "--initial-branch", "main", str(self.remote), at=folder)
        self.ask("init", "--quiet", "--initial-branch", "main", str(self.tree), at=folder)
        self.ask("remote", "add", "origin", str(self.remote))
        self.write(".github/workflows/release.yml", "on: workflow_dispatch\n")
        self.write("CHANGELOG.md", CHANGES)
        self.version("0.1.0")
        (folder / "bin").mkdir()
        (folder / "bin/gh").write_text(GH)
        (folder / "bin/gh").chmod(0o755)

    def ask(self, *arguments: str, at: Path | None = None) -> str:
        settings = ("user.name=Octo", "user.email=octo@example.org", "commit.gpgsign=false")
        options = [word for setting in settings for word in ("-c", setting)]
        done = subprocess.run(
            ["git", *options, *arguments], cwd=at or self.tree, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).write_text(text)

    def push(self) -> str:
        """Commit all, push the default branch, and return the commit."""
        self.ask("add", "--all", "--", ".", ":(exclude)image.txt")
        self.ask("commit", "--quiet", "--message", "Change")
        self.ask("push", "--quiet", "origin", "main")
        return self.ask("rev-parse", "HEAD")

    def version(self, text: str) -> str:
        self.write("src/pypi_setup/about.py", f'"""About."""\n\n__version__ = "{text}"\n')
        return self.push()

    def refuse(self, ref: str) -> None:
        """Let the remote refuse to take a ref."""
        hook = self.remote / "hooks/update"
        hook.write_text(f'#!/bin/sh\nif [ "$1" = {ref} ]; then echo "GH013: refused" >&2; exit 1; fi\n')
        hook.chmod(0o755)

    def allow(self) -> None:
        (self.remote / "hooks/update").unlink()

    def tags(self) -> dict[str, str]:
        """The remote's tags, with the commits that they name."""
        lines = self.ask(
            *("for-each-ref", "--format", "%(refname:short) %(objectname) %(*objectname)", "refs/tags"),
            at=self.remote,
        ).splitlines()
        return {words[0]: words[-1] for line in lines if (words := line.split())}

    def content(self, tag: str, file: str) -> str:
        return self.ask("show", f"{tag}:{file}", at=self.remote)

    def __call__(self, *arguments: str, **environment: str) -> Run:
        output = self.folder / "output"
        output.write_text("")
        done = subprocess.run(
            [sys.executable, ROOT / "scripts/release.py", *arguments],
            cwd=self.tree,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_REF": "refs/heads/main",
                "GH_RELEASE": str(self.release),
                "GH_RECORD": str(self.folder / "gh.log"),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Run(done.returncode, done.stdout, outputs)

    def released(self, image: str = IMAGE) -> str:
        """Pin and tag; return what the step said."""
        assert self("pin", image).code == 0
        run = self("tag")
        assert run.code == 0, run.text
        return run.text


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


# Step check


def test_a_new_version_can_be_released(checkout: Checkout) -> None:
    run = checkout("check")
    assert run.code == 0
    assert run.outputs == {
        "version": "0.1.0",
        "tag": "v0.1.0",
        "image": "",
        "epoch": checkout.ask("log", "-1", "--format=%ct"),
        "commit": checkout.ask("rev-parse", "HEAD"),
    }


@pytest.mark.parametrize("ref", ["refs/tags/main", "refs/heads/other", ""])
def test_only_the_default_branch_is_released(checkout: Checkout, ref: str) -> None:
    run = checkout("check", GITHUB_REF=ref)
    assert (run.code, run.outputs) == (1, {})
    assert f"Releases are made on refs/heads/main, not on {ref or 'nothing'}" in run.text


@pytest.mark.parametrize(
    "version", ["1", "1.2", "1.2.3.4", "1.2.3-rc1", "1.2.3.dev1", "01.2.3", "1.2.3\\n", ""]
)
def test_a_version_that_tag_and_wheel_cannot_share_is_refused(checkout: Checkout, version: str) -> None:
    checkout.version(version)
    run = checkout("check")
    assert (run.code, run.outputs) == (1, {})
    assert "src/pypi_setup/about.py holds no version like 1.2.3 or 1.2.3rc1" in run.text


@pytest.mark.parametrize("heading", ["## 0.1.01", "## 0x1.0", "# 0.1.0", "## 0.1.0\n\n## 0.0.9"])
def test_a_version_without_notes_is_refused(checkout: Checkout, heading: str) -> None:
    checkout.write("CHANGELOG.md", f"{heading}\n\n- Something.\n")
    checkout.push()
    run = checkout("check")
    assert run.code == 1
    assert "CHANGELOG.md says nothing of 0.1.0: rename the heading 'Unreleased' to it." in run.text


def test_a_network_error_is_no_new_version(checkout: Checkout) -> None:
    shutil.move(checkout.remote, checkout.folder / "away")
    run = checkout("check", GITHUB_ACTIONS="true")
    assert (run.code, run.outputs) == (1, {})
    assert run.text.startswith("::error::git ls-remote failed: fatal: ")
    assert run.text.count("\n") == 1  # a command of the runner is one line


def test_a_tag_of_the_same_files_goes_on(checkout: Checkout) -> None:
    checkout.released()
    assert checkout("check").outputs["image"] == IMAGE


def test_a_tag_of_other_files_is_another_release(checkout: Checkout) -> None:
    checkout.released()
    checkout.write("README.md", "new\n")
    checkout.push()
    run = checkout("check")
    assert (run.code, run.outputs) == (1, {})
    assert "v0.1.0 is released already, from other files: write a new version in" in run.text


def test_workflows_that_differ_from_the_default_branch_are_told_before_anything_is_built(
    checkout: Checkout,
) -> None:
    commit = checkout.ask("rev-parse", "HEAD")
    checkout.write(".github/workflows/release.yml", "on: push\n")
    checkout.push()
    checkout.ask("checkout", "--quiet", commit)
    run = checkout("check")
    assert run.code == 1
    assert "GitHub takes no tag of this commit from a workflow" in run.text


def test_other_changes_on_the_default_branch_do_not_matter(checkout: Checkout) -> None:
    commit = checkout.ask("rev-parse", "HEAD")
    checkout.write("README.md", "new\n")
    checkout.push()
    checkout.ask("checkout", "--quiet", commit)
    assert checkout("check").code == 0


# Step pin


def test_pin_writes_the_image_into_the_tree(checkout: Checkout) -> None:
    assert checkout("pin", IMAGE).code == 0
    assert (checkout.tree / "image.txt").read_text() == f"{IMAGE}\n"


@pytest.mark.parametrize(
    "image", ["", "ghcr.io/octo-org/pypi-setup:v0", "ghcr.io/x@sha256:", f"{IMAGE}\n", f"{IMAGE}; rm"]
)
def test_pin_takes_a_digest_only(checkout: Checkout, image: str) -> None:
    run = checkout("pin", image)
    assert run.code == 1
    assert "is no image by its digest: the image was not pushed." in run.text
    assert not (checkout.tree / "image.txt").exists()


# Step tag


def test_the_tagged_tree_is_the_commit_and_its_image(checkout: Checkout) -> None:
    commit = checkout.ask("rev-parse", "HEAD")
    checkout.released()
    assert list(checkout.tags()) == ["v0.1.0"]
    assert checkout.content("v0.1.0", "image.txt") == IMAGE
    changed = checkout.ask("diff", "--name-status", commit, "v0.1.0", at=checkout.remote)
    assert changed == "A\timage.txt"
    assert checkout.ask("rev-parse", "v0.1.0^{commit}^", at=checkout.remote) == commit
    assert checkout.ask("rev-parse", "HEAD") == commit  # the branch stays where it is


def test_nothing_of_the_workspace_gets_into_the_tag(checkout: Checkout) -> None:
    checkout.write("dist/pypi_setup-0.1.0.tar.gz", "built")
    checkout.write("src/pypi_setup/about.py", '__version__ = "0.1.0"\nchanged = True\n')
    checkout.released()
    assert "changed" not in checkout.content("v0.1.0", "src/pypi_setup/about.py")
    assert "dist" not in checkout.ask("ls-tree", "--name-only", "v0.1.0", at=checkout.remote).split()


def test_anybody_makes_the_same_commit(checkout: Checkout) -> None:
    checkout.released()
    first = checkout.tags()["v0.1.0"]
    checkout.ask("tag", "--delete", "v0.1.0")
    checkout.ask("tag", "--delete", "v0.1.0", at=checkout.remote)
    checkout("pin", IMAGE)
    assert checkout("tag", GIT_AUTHOR_NAME="Somebody", GIT_COMMITTER_DATE="2001-01-01T00:00:00Z").code == 0
    assert checkout.tags()["v0.1.0"] == first


def test_to_tag_again_is_no_failure(checkout: Checkout) -> None:
    checkout.released()
    assert checkout.released() == "v0.1.0 is there already, of the same files.\n"


def test_a_tag_that_names_another_image_stays(checkout: Checkout) -> None:
    checkout.released(OTHER)
    checkout("pin", IMAGE)
    run = checkout("tag")
    assert run.code == 1
    assert f"v0.1.0 names {OTHER}: start the workflow again, it goes on with that one." in run.text
    assert checkout.content("v0.1.0", "image.txt") == OTHER


def test_a_refused_tag_burns_no_version(checkout: Checkout) -> None:
    checkout.refuse("refs/tags/v0.1.0")
    checkout("pin", IMAGE)
    run = checkout("tag")
    assert run.code == 1
    assert "GH013: refused" in run.text
    assert checkout.tags() == {}
    checkout.allow()
    assert checkout("check").outputs["image"] == ""
    checkout.released()
    assert checkout.content("v0.1.0", "image.txt") == IMAGE


def test_a_maintainer_pushes_what_the_token_may_not(checkout: Checkout) -> None:
    commit = checkout.ask("rev-parse", "HEAD")
    checkout.write(".github/workflows/release.yml", "on: push\n")
    checkout.push()
    checkout.ask("checkout", "--quiet", commit)
    checkout("pin", IMAGE)
    refused = checkout("tag", GITHUB_ACTIONS="true")
    assert (refused.code, checkout.tags()) == (1, {})
    assert refused.text.startswith("::error::The default branch has other workflow files by now")
    assert checkout("tag").code == 0
    assert list(checkout.tags()) == ["v0.1.0"]


def test_tag_needs_the_image(checkout: Checkout) -> None:
    run = checkout("tag")
    assert (run.code, checkout.tags()) == (1, {})
    assert "There is no image.txt: run `release.py pin IMAGE` first." in run.text


def test_what_is_built_before_the_tag_is_the_commit_that_the_tag_names(checkout: Checkout) -> None:
    checkout("pin", IMAGE)
    run = checkout("seal")
    assert (run.code, checkout.tags()) == (0, {})
    sealed = checkout.ask("rev-parse", "HEAD")
    assert run.text == f"This is v0.1.0, {sealed}.\n"
    assert checkout.ask("tag", "--points-at", "HEAD") == "v0.1.0"
    assert checkout.ask("status", "--porcelain") == ""
    assert (checkout.tree / "image.txt").read_text() == f"{IMAGE}\n"
    checkout.ask("checkout", "--quiet", "main")
    checkout.released()
    assert checkout.tags() == {"v0.1.0": sealed}


# Step publish


def built(checkout: Checkout) -> None:
    checkout.write("dist/pypi_setup-0.1.0.tar.gz", "")
    checkout.write("dist/pypi_setup-0.1.0-py3-none-any.whl", "")


def commands(checkout: Checkout) -> list[str]:
    return [line.split(" --notes-file ")[0] for line in (checkout.folder / "gh.log").read_text().splitlines()]


def test_the_release_has_the_notes_and_the_files(checkout: Checkout) -> None:
    built(checkout)
    assert checkout("publish").code == 0
    assert (checkout.release / "notes").read_text() == (
        "### Added\n\n- The first release.\n\n[link]: https://example.org\n"
    )
    line = (checkout.folder / "gh.log").read_text().splitlines()[-1]
    assert line.startswith("release create v0.1.0 --verify-tag --title v0.1.0 --notes-file ")
    assert line.endswith(" dist/pypi_setup-0.1.0-py3-none-any.whl dist/pypi_setup-0.1.0.tar.gz")


def test_a_candidate_is_a_prerelease(checkout: Checkout) -> None:
    checkout.version("0.2.0rc1")
    built(checkout)
    assert checkout("publish").code == 0
    assert " --prerelease --latest=false " in (checkout.folder / "gh.log").read_text().splitlines()[-1]
    assert (checkout.release / "notes").read_text() == "- A candidate.\n"


def test_a_release_that_is_there_stays(checkout: Checkout) -> None:
    built(checkout)
    checkout.release.mkdir()
    run = checkout("publish")
    assert (run.code, run.text) == (0, "The release v0.1.0 was there.\n")
    assert commands(checkout) == ["release view v0.1.0 --json isDraft"]


def test_a_release_that_broke_off_is_finished(checkout: Checkout) -> None:
    built(checkout)
    checkout.release.mkdir()
    (checkout.release / "draft").touch()
    run = checkout("publish")
    assert (run.code, run.text) == (0, "The release v0.1.0 was there, as a draft: it is published now.\n")
    assert commands(checkout)[1:] == [
        "release upload v0.1.0 --clobber dist/pypi_setup-0.1.0-py3-none-any.whl dist/pypi_setup-0.1.0.tar.gz",
        "release edit v0.1.0 --draft=false",
    ]


def test_github_out_of_reach_is_no_missing_release(checkout: Checkout) -> None:
    built(checkout)
    run = checkout("publish", GH_DOWN="1")
    assert run.code == 1
    assert "error connecting to api.github.com" in run.text
    assert commands(checkout) == ["release view v0.1.0 --json isDraft"]


def test_a_release_without_files_is_none(checkout: Checkout) -> None:
    run = checkout("publish")
    assert run.code == 1
    assert "dist/ is empty: nothing was built." in run.text


# Step major


def test_the_major_tag_follows_the_newest_release(checkout: Checkout) -> None:
    checkout.released()
    assert checkout("major").text == "v0 is v0.1.0 now.\n"
    assert checkout.tags()["v0"] == checkout.tags()["v0.1.0"]
    checkout.write("CHANGELOG.md", CHANGES.replace("## 0.1.0", "## 0.10.0"))
    checkout.version("0.10.0")
    checkout.released(OTHER)
    assert checkout("major").text == "v0 is v0.10.0 now.\n"
    assert checkout.content("v0", "image.txt") == OTHER
    assert checkout("major").text == "v0 is v0.10.0 already.\n"


def test_a_candidate_does_not_move_the_major_tag(checkout: Checkout) -> None:
    checkout.released()
    checkout("major")
    checkout.version("0.2.0rc1")
    checkout.released(OTHER)
    assert checkout("major").text == "v0 is v0.1.0 already.\n"
    assert checkout.content("v0", "image.txt") == IMAGE


def test_no_release_of_the_series_yet(checkout: Checkout) -> None:
    checkout.version("0.2.0rc1")
    checkout.released()
    assert checkout("major").text == "v0 stays where it is: it has no final release.\n"
    assert list(checkout.tags()) == ["v0.2.0rc1"]


def test_the_last_job_of_an_old_run_moves_nothing_back(checkout: Checkout) -> None:
    first = checkout.ask("rev-parse", "HEAD")
    checkout.released()
    checkout.version("0.2.0")
    checkout.released(OTHER)
    checkout("major")
    checkout.ask("checkout", "--quiet", "--force", first)
    assert checkout("major").text == "v0 is v0.2.0 already.\n"


def test_a_refused_major_tag_can_be_moved_later(checkout: Checkout) -> None:
    checkout.released()
    checkout.refuse("refs/tags/v0")
    run = checkout("major")
    assert run.code == 1
    assert "GH013: refused" in run.text
    assert list(checkout.tags()) == ["v0.1.0"]
    checkout.allow()
    assert checkout("check").outputs["image"] == IMAGE
    assert checkout("major").text == "v0 is v0.1.0 now.\n"
