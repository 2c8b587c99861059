"""The steps of a release that move something: `python3 scripts/release.py STEP`, in a checkout of the commit.

Each step says what it found, can be run again, and does nothing where it was done already. release.yml runs
them; where GitHub refuses its token a push, a maintainer runs the same step and pushes the same commit.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ABOUT = Path("src/pypi_setup/about.py")
CHANGES = Path("CHANGELOG.md")
IMAGE = "image.txt"
"""The file that names the image of a release; in the tree of a tag only."""

BOT = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)((?:a|b|rc)(?:0|[1-9]\d*))?", re.ASCII)
"""Semantic versions, with the pre-releases of PEP 440: the tag, the wheel and the changelog say the same."""

DIGEST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}", re.ASCII)
"""An image that nobody can replace."""

TIMEOUT = 300
"""Seconds that one program may take: a push, an upload of the files of a release."""


class Refused(Exception):
    """The release cannot go on; the text says why, and what to do."""


class Version(NamedTuple):
    """A version of ours, and what follows from it."""

    numbers: tuple[int, int, int]
    pre: str
    """`rc1` and the like; empty for a final release."""

    @property
    def text(self) -> str:
        """As it stands in the code."""
        return ".".join(map(str, self.numbers)) + self.pre

    @property
    def tag(self) -> str:
        """The tag that is made once."""
        return f"v{self.text}"

    @property
    def major(self) -> str:
        """The tag that moves along."""
        return f"v{self.numbers[0]}"


def parse(text: str) -> Version | None:
    """Read a version; None where it is none of ours."""
    match = VERSION.fullmatch(text)
    if match is None:
        return None
    return Version((int(match[1]), int(match[2]), int(match[3])), match[4] or "")


def run(*command: str, **environment: str) -> str:
    """Return what a program printed; raise Refused with its own words where it failed."""
    variables = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"{' '.join(command[:2])} did not end within {TIMEOUT} seconds.") from None
    if done.returncode:
        raise Refused(f"{' '.join(command[:2])} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def git(*arguments: str, **environment: str) -> str:
    """Run git. That the network is down is a failure as any other, never an answer."""
    return run("git", *arguments, **environment)


def same(one: str, other: str, *paths: str) -> bool:
    """Say whether two commits have the same files there."""
    return not git("diff", "--name-only", one, other, "--", *paths)


def remote_tags() -> dict[str, str]:
    """Return the tags on the remote, each with the id of its object or, where it is annotated, its commit."""
    tags = {}
    for line in git("ls-remote", "--tags", "origin").splitlines():
        name, _tab, ref = line.partition("\t")
        tags[ref.removeprefix("refs/tags/").removesuffix("^{}")] = name  # the commit comes second
    return tags


def here() -> Version:
    """Return the version in the code."""
    match = re.search(r'^__version__ = "(.*)"$', ABOUT.read_text(encoding="utf-8"), re.MULTILINE)
    version = parse(match[1]) if match else None
    if version is None:
        raise Refused(f"{ABOUT} holds no version like 1.2.3 or 1.2.3rc1: write one.")
    return version


def notes(version: Version) -> str:
    """Return what the changelog says of a version."""
    section = rf"^## {re.escape(version.text)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)"
    match = re.search(section, CHANGES.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if match is None or not match[1].strip():
        raise Refused(f"{CHANGES} says nothing of {version.text}: rename the heading 'Unreleased' to it.")
    return match[1].strip() + "\n"


def tagged(version: Version) -> str:
    """Return the image that the version's tag names, empty where there is no tag yet.

    A tag of another tree is another release: Refused.
    """
    if version.tag not in remote_tags():
        return ""
    ref = f"refs/tags/{version.tag}"
    git("fetch", "--quiet", "--depth=1", "origin", f"+{ref}:{ref}")
    if not same("HEAD", ref, ".", f":(exclude){IMAGE}"):
        raise Refused(f"{version.tag} is released already, from other files: write a new version in {ABOUT}.")
    return git("show", f"{ref}:{IMAGE}")


def default_branch() -> str:
    """Return the full name of the remote's default branch."""
    return git("ls-remote", "--symref", "origin", "HEAD").split()[1]


def demand_pushable() -> None:
    """Raise Refused where GitHub will not take a tag of this commit from a workflow's token.

    That token must not bring workflow files that the default branch has not (GitHub: "refusing to allow a
    GitHub App to create or update workflow … without `workflows` permission").
    """
    git("fetch", "--quiet", "--depth=1", "origin", default_branch())
    if not same("HEAD", "FETCH_HEAD", ".github/workflows"):
        raise Refused(
            "The default branch has other workflow files by now, and GitHub takes no tag of this commit from "
            "a workflow. Start the workflow again on the default branch; or push the tag yourself, as "
            "docs/releasing.md says."
        )


def say(**outputs: str) -> None:
    """Hand values to later steps; print them where there are none."""
    lines = "".join(f"{name.replace('_', '-')}={value}\n" for name, value in outputs.items())
    sys.stdout.write(lines)
    if file := os.environ.get("GITHUB_OUTPUT"):
        with Path(file).open("a", encoding="utf-8") as output:
            output.write(lines)


def check() -> None:
    """See whether this commit can be released, or goes on with its release, before anything is built."""
    branch, ref = default_branch(), os.environ.get("GITHUB_REF", "")
    if ref != branch:
        raise Refused(f"Releases are made on {branch}, not on {ref or 'nothing'}: start the workflow there.")
    version = here()
    notes(version)
    image = tagged(version)
    if not image:
        demand_pushable()
    seconds = git("log", "-1", "--format=%ct")
    say(version=version.text, tag=version.tag, image=image, epoch=seconds, commit=git("rev-parse", "HEAD"))


def pin(image: str) -> None:
    """Write the image's name into the tree, which the action then runs instead of building one."""
    if not DIGEST.fullmatch(image):
        raise Refused(f"{image!r} is no image by its digest: the image was not pushed.")
    Path(IMAGE).write_text(f"{image}\n", encoding="utf-8")


def commit() -> str:
    """Make the commit of the release, this tree with its image; return its id: the same, whoever makes it."""
    if not Path(IMAGE).is_file():
        raise Refused(f"There is no {IMAGE}: run `release.py pin IMAGE` first.")
    date = git("log", "-1", "--format=%cI")
    blob = git("hash-object", "-w", "--no-filters", IMAGE)
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git("read-tree", "HEAD", **index)
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{IMAGE}", **index)
        tree = git("write-tree", **index)
    return git("commit-tree", tree, "-p", "HEAD", "-m", f"Release {here().tag}", **identity(date))


def identity(date: str) -> dict[str, str]:
    """Return git's variables for who made an object, and when."""
    roles = ("AUTHOR", "COMMITTER")
    return {
        f"GIT_{role}_{part}": value
        for role in roles
        for part, value in (("NAME", BOT[0]), ("EMAIL", BOT[1]), ("DATE", date))
    }


def mark() -> str:
    """Make the version's tag here, and return its commit."""
    version, made = here(), commit()
    date = git("log", "-1", "--format=%cI", made)
    how = ("-c", "tag.gpgSign=false", "tag", "--force", "--annotate", "--message", version.tag)
    git(*how, version.tag, made, **identity(date))
    return made


def seal() -> None:
    """Check out the commit that will be tagged, so that what is built names it; nothing is pushed."""
    made = mark()
    Path(IMAGE).unlink()  # It is in that commit.
    git("checkout", "--quiet", "--detach", made)
    print(f"This is {here().tag}, {git('rev-parse', 'HEAD')}.")


def tag() -> None:
    """Push the tag of the tree that names its image; nothing where it is there."""
    version = here()
    made = mark()
    there = tagged(version)
    if there:
        if there != Path(IMAGE).read_text(encoding="utf-8").strip():
            raise Refused(f"{version.tag} names {there}: start the workflow again, it goes on with that one.")
        print(f"{version.tag} is there already, of the same files.")
        return
    if os.environ.get("GITHUB_ACTIONS"):
        demand_pushable()
    git("push", "origin", f"refs/tags/{version.tag}")
    print(f"{version.tag} is {made}.")


def publish() -> None:
    """Make the release on GitHub, with the notes and the files in dist/; go on with one that broke off."""
    version = here()
    files = sorted(str(file) for file in Path("dist").glob("pypi_setup-*"))
    if not files:
        raise Refused("dist/ is empty: nothing was built.")
    draft = False
    try:
        draft = json.loads(run("gh", "release", "view", version.tag, "--json", "isDraft"))["isDraft"]
    except Refused as problem:
        if "release not found" not in str(problem):
            raise
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as text:
            text.write(notes(version))
            text.flush()
            pre = ["--prerelease", "--latest=false"] if version.pre else []
            run(
                *("gh", "release", "create", version.tag, "--verify-tag", "--title", version.tag),
                *("--notes-file", text.name, *pre, *files),
            )
        print(f"The release {version.tag} is made.")
        return
    if draft:
        run("gh", "release", "upload", version.tag, "--clobber", *files)
        run("gh", "release", "edit", version.tag, "--draft=false")
    print(f"The release {version.tag} was there{', as a draft: it is published now' if draft else ''}.")


def major() -> None:
    """Move the major tag (`v1`) to the newest final release of its series, whichever this run made."""
    series = here().major
    tags = remote_tags()
    versions = [version for name in tags if name.startswith("v") and (version := parse(name[1:]))]
    finals = [version for version in versions if version.major == series and not version.pre]
    if not finals:
        print(f"{series} stays where it is: it has no final release.")
        return
    newest = max(finals)
    if tags.get(series) == tags[newest.tag]:
        print(f"{series} is {newest.tag} already.")
        return
    ref = f"refs/tags/{newest.tag}"
    git("fetch", "--quiet", "--depth=1", "origin", f"+{ref}:{ref}")
    git("push", "--force", "origin", f"{ref}^{{commit}}:refs/tags/{series}")
    print(f"{series} is {newest.tag} now.")


def main(arguments: Sequence[str]) -> int:
    """Run one step; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    commands = parser.add_subparsers(required=True)
    for step in (check, pin, seal, tag, publish, major):
        command = commands.add_parser(step.__name__, help=(step.__doc__ or "").partition("\n")[0])
        command.set_defaults(step=step)
        if step is pin:
            command.add_argument("image", help="its name with the digest")
    given = vars(parser.parse_args(arguments))
    step = given.pop("step")
    try:
        step(**given)
    except Refused as problem:
        text = str(problem)
        if os.environ.get("GITHUB_ACTIONS"):
            text = "::error::" + text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(text, file=sys.stdout if os.environ.get("GITHUB_ACTIONS") else sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
