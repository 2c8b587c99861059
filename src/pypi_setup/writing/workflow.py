"""The release workflow that `init` writes: facts in, the file's text out. Nothing is read but the templates.

The templates are files beside this module. In them `%{name}` stands for a value; one that begins with a line
end is a line of its own, or none. What they have in common follows the guides of PyPI and of GitHub: actions
pinned by commit, no permission that a job does not need, no cache in a release, the job that holds
`id-token: write` runs nothing but the download and the upload.
"""

from __future__ import annotations

import re
import shlex
from enum import Enum
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL, Index
from pypi_setup.values.publisher import BadInput, Problem, normalized
from pypi_setup.writing.pins import Pin, pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parent / "templates"
"""The templates' folder."""

TESTPYPI_ENVIRONMENT = "testpypi"
"""The environment of the rehearsing job; in a workspace with the project's name behind a dash."""

PROOF_TAG = "verify"
"""The tag to start the proof from, where an environment admits only tags: it starts no release."""

_PLAIN = re.compile(r"[a-z][a-z0-9_./-]*\Z", re.ASCII | re.IGNORECASE)
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Build(str, Enum):
    """With what the distributions are built."""

    PYTHON = "python"
    """`python -m build`: any build backend."""

    UV = "uv"
    """`uv build`: any build backend."""

    CIBUILDWHEEL = "cibuildwheel"
    """An sdist by `python -m build`, wheels by cibuildwheel: compiled code with any build backend."""

    MATURIN = "maturin"
    """Both by maturin: code in Rust."""


class Trigger(str, Enum):
    """What a person does to release."""

    TAG = "tag"
    """Pushes a version tag."""

    RELEASE = "release"
    """Publishes a release on GitHub."""


class Package(NamedTuple):
    """A project that the workflow publishes."""

    project: str
    """Its name, as the user writes it."""

    build: Build
    environment: str
    """The GitHub environment of its publishing job."""

    folder: str = ""
    """Path of its pyproject.toml's folder from the repository's root; empty for the root."""

    history: bool = False
    """Whether its version comes from the tags, so that all of them must be there."""


class Release(NamedTuple):
    """The workflow to write."""

    file: str
    """Its name in `.github/workflows`."""

    packages: tuple[Package, ...]
    """At least one. Several have version tags that begin with their names."""

    package_index: Index
    own: Pin
    """The action that proves the publisher."""

    trigger: Trigger = Trigger.TAG
    tag: str = "v"
    """What a version tag begins with: `v`, or nothing. With several packages always `v`, behind their
    names."""

    rehearsed: bool = False
    """Whether each release goes to TestPyPI first."""

    @property
    def path(self) -> str:
        """The file's path from the repository's root."""
        return f".github/workflows/{self.file}"

    def prefix(self, package: Package) -> str:
        """Return what stands before the version in this package's tags: `v`, `sample-v`, or nothing."""
        return f"{normalized(package.project)}-v" if len(self.packages) > 1 else self.tag

    def rehearsal(self, package: Package) -> str:
        """Return the environment of the job that uploads this package to TestPyPI."""
        name = f"-{normalized(package.project)}" if len(self.packages) > 1 else ""
        return f"{TESTPYPI_ENVIRONMENT}{name}"


class _Text(Template):
    delimiter = "%"
    braceidpattern = r"[\w./-]+"


def written(release: Release) -> str:
    """Return the workflow's text.

    Raises BadInput for a folder, an environment or a file whose name cannot stand in a workflow as it is.
    """
    _refuse_strange_names(release)
    actions = {name: str(pin) for name, pin in pins().items()}
    jobs = [job for package in release.packages for job in _jobs(release, package, actions)]
    return _filled("head.yml", _head(release)) + "\n".join(jobs)


def scalar(text: str) -> str:
    """Return a text of one line without single quotes as a scalar of YAML."""
    return text if _PLAIN.match(text) and text.lower() not in _YAML_WORDS else f"'{text}'"


def tags(release: Release) -> tuple[str, ...]:
    """Return the patterns of the tags that start the workflow, in GitHub's syntax for filters.

    PROOF_TAG matches none of them.
    """
    prefixes = (release.prefix(package) for package in release.packages)
    return tuple(f"{prefix}[0-9]*" if prefix else "[0-9]+.[0-9]*" for prefix in prefixes)


def _refuse_strange_names(release: Release) -> None:
    named = [("environment", package.environment) for package in release.packages]
    named += [("folder", package.folder) for package in release.packages]
    named += [("workflow", release.file)]
    problems = tuple(
        Problem(field, text, f"A workflow cannot hold this {field} as it is", f"rename the {field}")
        for field, text in named
        if "${{" in text or "'" in text or not text.isprintable()
    )
    if problems:
        raise BadInput(problems)


def _head(release: Release) -> dict[str, str]:
    label = release.package_index.label
    title = release.file.rpartition(".")[0].replace("-", " ").replace("_", " ").strip().capitalize()
    stem = re.sub(r"[^a-z0-9_-]", "", release.file.rpartition(".")[0].lower()) or "release"
    example = f"{release.prefix(release.packages[0])}1.2.3"
    first = "TestPyPI and then on " if release.rehearsed else ""
    if release.trigger is Trigger.TAG:
        how = f"A version tag (git tag {example} && git push origin {example}) publishes on {first}{label}."
        events = "  push:\n    tags: [" + ", ".join(f"'{pattern}'" for pattern in tags(release)) + "]"
    else:
        how = f"A release published on GitHub, of a tag such as {example}, publishes on {first}{label}."
        events = "  release:\n    types: [published]"
    return {
        "how": how,
        "index": label,
        "proof_tag": PROOF_TAG,
        "title": scalar(re.sub(r"[^\w .-]", "", title, flags=re.ASCII).strip() or "Release"),
        "file": shlex.quote(release.file),
        "events": events,
        "group": stem,
    }


def _jobs(release: Release, package: Package, actions: Mapping[str, str]) -> Iterator[str]:
    """Yield the jobs of one package, in the order in which they run."""
    several = len(release.packages) > 1
    suffix = f"-{normalized(package.project)}" if several else ""
    values = {
        **actions,
        "suffix": suffix,
        "parts": f"dist{suffix}_" if several else "dist-",  # No normalized name has "_": each has its own.
        "project": scalar(package.project),
        "file": scalar(release.file),
        "own": str(release.own),
        "for_what": f" with {package.project}" if several else "",
        "what": package.project if several else "the distributions",
        "condition": _condition(release, package),
        "history": _line(10, "fetch-depth: 0 # the version comes from the tags") if package.history else "",
    }
    yield _filled(f"build-{package.build.value}.yml", {**values, **_building(release, package)})
    compiled = package.build in {Build.CIBUILDWHEEL, Build.MATURIN}
    needs = [f"sdist{suffix}", f"wheels{suffix}"] if compiled else [f"build{suffix}"]
    values["artifacts"] = _artifacts(values["parts"] + "*" if compiled else f"dist{suffix}", several=compiled)
    values["what"] = package.project
    if release.rehearsed:
        rehearsal = _target(Index(TESTPYPI_URL), package, release.rehearsal(package))
        ids = {"job": f"testpypi{suffix}", "needs": _listed(needs), "proof": f"testpypi_verify{suffix}"}
        yield _filled("publish.yml", {**values, **rehearsal, **ids, "skip_existing": "true"})
        needs = [*needs, f"testpypi{suffix}"]
    target = _target(release.package_index, package, package.environment)
    ids = {"job": f"publish{suffix}", "needs": _listed(needs), "proof": f"verify{suffix}"}
    again = "${{ github.run_attempt > 1 }} # where a part is there already, the rest follows"
    yield _filled("publish.yml", {**values, **target, **ids, "skip_existing": again})
    if release.rehearsed:
        yield _filled("verify.yml", {**values, **rehearsal, "proof": f"testpypi_verify{suffix}"})
    yield _filled("verify.yml", {**values, **target, "proof": f"verify{suffix}"})


def _condition(release: Release, package: Package) -> str:
    """Return when this package is built: for its own version tags, or for any where there is one package."""
    started = "github.event_name != 'workflow_dispatch'"
    if len(release.packages) == 1:
        return started
    prefix = release.prefix(package)
    longer = sorted(
        other
        for one in release.packages
        if (other := release.prefix(one)) != prefix and other.startswith(prefix)
    )
    words = [started, f"startsWith(github.ref_name, '{prefix}')"]
    return " && ".join([*words, *(f"!startsWith(github.ref_name, '{other}')" for other in longer)])


def _building(release: Release, package: Package) -> dict[str, str]:
    """Return the values of the building job's template."""
    script = (FOLDER / "tag_is_version.py").read_text(encoding="utf-8")
    prefix = release.prefix(package).removesuffix("v")
    folder, quoted = package.folder, shlex.quote(package.folder)
    shown = package.build is not Build.UV
    return {
        "tag_is_version": "\n".join(f"{'':10}{line}".rstrip() for line in script.splitlines()),
        "prefix": _line(10, f"PREFIX: {scalar(prefix)}") if prefix else "",
        "folder": f" {quoted} {'--outdir' if shown else '--out-dir'} dist" if folder else "",
        "inside": f"{quoted}/" if folder else "",
        "built": scalar(f"{folder}/dist/" if folder else "dist/"),
        "package_dir": _line(10, f"package-dir: {scalar(folder)}") if folder else "",
        "working_directory": _line(10, f"working-directory: {scalar(folder)}") if folder else "",
    }


def _target(index: Index, package: Package, environment: str) -> dict[str, str]:
    """Return what depends on where a package goes."""
    elsewhere = index.url != PYPI_URL
    word = "testpypi" if index.url == TESTPYPI_URL else index.url
    upload = "https://test.pypi.org/legacy/" if index.url == TESTPYPI_URL else f"{index.url}/legacy/"
    return {
        "index": index.label,
        "environment": scalar(environment),
        "url": index.project_url(normalized(package.project)),
        "repository_url": _line(10, f"repository-url: {upload}") if elsewhere else "",
        "index_url": _line(10, f"index-url: {word}") if elsewhere else "",
    }


def _artifacts(name: str, *, several: bool) -> str:
    lines = [f"pattern: {name}", "merge-multiple: true"] if several else [f"name: {name}"]
    return "\n".join(f"{'':10}{line}" for line in lines)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _line(indent: int, text: str) -> str:
    return f"\n{'':{indent}}{text}"


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _Text((FOLDER / template).read_text(encoding="utf-8")).substitute(values)
