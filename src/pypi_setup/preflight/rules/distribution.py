"""Rules on the built files themselves: what the index will refuse when they are uploaded.

Sources: warehouse/forklift/legacy.py and metadata.py; what twine takes for a distribution (twine/package.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.metadata import Judged, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.sources.distributions import Distribution

SIZE_LIMIT = 100 * 1024 * 1024
"""Bytes of one file that PyPI takes, unless it raised the project's limit."""

_SHOWN_LIMIT = 5
_TAKES_EVERYTHING = frozenset({"pypa/gh-action-pypi-publish", "twine upload"})
"""Tools that try to upload whatever lies in the folder; others pick the distributions."""


def empty_or_mixed(evidence: Evidence) -> Iterator[Finding]:
    """Find a folder without distributions, or one that holds other files too."""
    built = evidence.built
    if built is None:
        return
    rule, folder = "artifact-hand-over", built.folder
    if folder.problem:
        message = f"The folder {built.path} could not be read: {folder.problem}. Nothing would be uploaded."
        fix = "Build first, or download the artifact into this folder. Then check again."
        yield Finding(rule, Severity.ERROR, message, fix, built.path)
        return
    if not folder.distributions:
        inside = f" It holds {_listed(folder.strangers)}." if folder.strangers else ""
        message = f"{built.path} holds no distribution: no .whl and no .tar.gz.{inside}"
        fix = f"Put the built files directly into {built.path}: sub-folders are not read."
        if any(name.endswith("/") for name in folder.strangers):
            fix += " For several artifacts, actions/download-artifact needs merge-multiple: true."
        yield Finding(rule, Severity.ERROR, message, fix, built.path)
        return
    severity = Severity.ERROR if _uploads_everything(evidence) else Severity.WARNING
    if folder.strangers:
        message = (
            f"{built.path} holds files that are no distributions: {_listed(folder.strangers)}. twine, and so "
            "gh-action-pypi-publish, stops at them with InvalidDistribution."
        )
        fix = f"Keep only .whl and .tar.gz files in {built.path}; sign and report into another folder."
        yield Finding(rule, severity, message, fix, f"{built.path}/{folder.strangers[0]}")
    if folder.attestations:
        message = (
            f"{built.path} holds attestations already: {_listed(folder.attestations)}. "
            "gh-action-pypi-publish makes its own and stops where there are some."
        )
        fix = "Delete them, or upload the folder only once."
        yield Finding(rule, severity, message, fix, f"{built.path}/{folder.attestations[0]}")


def refused(evidence: Evidence) -> Iterator[Finding]:
    """Find a file that the index takes under no circumstances: its name, its archive, its size."""
    for file, each in _files(evidence):
        rule = "distribution-refused"
        if each.named.problem:
            message = f"PyPI refuses the file name {one_line(each.filename)}. {each.named.problem}."
            fix = "Build with a current build backend; it writes the name by the standard."
            yield Finding(rule, _severity(evidence), one_line(message, 500), fix, file)
        if each.problem:
            message = f"PyPI refuses the file {one_line(each.filename)}. {each.problem}."
            yield Finding(rule, _severity(evidence), one_line(message, 500), "Build the file again.", file)
        if each.missing:
            message = (
                f"{one_line(each.filename)} names licence files that it does not hold: "
                f'{_listed(each.missing)}. PyPI answers 400 "License-File … does not exist".'
            )
            fix = "Add the files to the source distribution, or correct license-files in pyproject.toml."
            yield Finding(rule, _severity(evidence), message, fix, file)
        if each.size > SIZE_LIMIT:
            size = each.size / 1024 / 1024
            message = (
                f"{one_line(each.filename)} has {size:.0f} MB. PyPI takes {SIZE_LIMIT // 1024**2} MB a file, "
                "unless it raised the limit of the project."
            )
            fix = "Make the file smaller, or ask for more: https://docs.pypi.org/project-management/storage-limits"
            yield Finding(rule, Severity.WARNING, message, fix, file)


def other_project(evidence: Evidence) -> Iterator[Finding]:
    """Find a file of a project that the publisher was not registered for."""
    built = evidence.built
    names = {publisher.name for publisher in evidence.publishers}
    if built is None or not built.names:
        return
    severity = Severity.WARNING if built.names & names else Severity.ERROR
    for file, each in _files(evidence):
        if each.named.name and each.named.name not in names:
            message = (
                f"{one_line(each.filename)} belongs to the project {each.named.name}, not to "
                f"{_listed(sorted(names))}. An upload needs a publisher of that project."
            )
            fix = f"Register {each.named.name}, or upload it from a job of its own."
            yield Finding("project-name-mismatch", severity, message, fix, file)


def metadata_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find metadata that PyPI refuses, and metadata that contradicts the file's name."""
    for file, each, metadata in _judged(evidence):
        for flaw in metadata.flaws:
            if (flaw.field, flaw.reason.partition(" ")[0]) != ("version", "The"):
                message = f"PyPI refuses the metadata of {one_line(each.filename)}. {one_line(flaw.reason)}."
                fix = f"Correct {flaw.field} in the project's metadata, then build again."
                yield Finding("metadata-refused", _severity(evidence), message, fix, file)
        contradiction = _contradiction(each, metadata)
        if contradiction:
            message = (
                f"The metadata of {one_line(each.filename)} says {contradiction}. PyPI refuses the file."
            )
            fix = "Do not rename built files; build again."
            yield Finding("metadata-refused", _severity(evidence), message, fix, file)


def version_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find a version with a local part."""
    for file, each, metadata in _judged(evidence):
        if metadata.version is not None and metadata.version.local:
            message = (
                f"{one_line(each.filename)} has the local version {metadata.version}. "
                f"PyPI answers 400 \"The use of local versions in '{metadata.version}' is not allowed\"."
            )
            fix = (
                "Build from the tag with the full history (fetch-depth: 0, tags included); with "
                "setuptools-scm also set local_scheme to no-local-version."
            )
            yield Finding("version-refused", _severity(evidence), message, fix, file)


def wheel_tag_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find a wheel for a platform that PyPI does not take."""
    for file, each in _files(evidence):
        if each.named.platforms:
            tags = _listed(each.named.platforms)
            message = (
                f"{one_line(each.filename)} has the platform tag {tags}. PyPI answers 400 "
                '"unsupported platform tag".'
            )
            fix = "Build with cibuildwheel, or repair the wheel with auditwheel: the tag becomes manylinux_*."
            yield Finding("wheel-tag-refused", _severity(evidence), message, fix, file)


def version_mismatch(evidence: Evidence) -> Iterator[Finding]:
    """Find files of one project with several versions, and a version that is not the tag's."""
    built = evidence.built
    versions: dict[str, set[Version]] = {}
    for _, each in _files(evidence):
        if each.named.version is not None:
            versions.setdefault(each.named.name, set()).add(each.named.version)
    for name, found in versions.items():
        if built is not None and len(found) > 1:
            listed = _listed(map(str, sorted(found)))
            message = f"{built.path} holds several versions of {name}: {listed}. Each would be a release."
            fix = f"Empty {built.path} before the build."
            yield Finding("version-mismatch", Severity.WARNING, message, fix, built.path)
        elif built is not None and (tagged := _version_of(built.tag, name)) and tagged not in found:
            (version,) = found
            message = (
                f"The tag {one_line(built.tag)} names {tagged}, but {built.path} holds {name} {version}."
            )
            fix = "Set the project's version to the tag's, commit, and move the tag; or build from the tag."
            yield Finding("version-mismatch", Severity.WARNING, message, fix, built.path)


def file_exists(evidence: Evidence) -> Iterator[Finding]:
    """Find a file that the index has already, with another content."""
    for file, each in _files(evidence):
        project = evidence.projects.get(each.named.name)
        there = project.present.get(each.filename) if project else None
        if there is None:
            continue
        name = one_line(each.filename)
        if there and there == each.sha256:
            message = f"{evidence.index.label} has {name} already, byte for byte: it accepts that again."
            fix = "There is nothing to fix. If this was to be a new release, raise the version."
            yield Finding("version-exists", Severity.NOTICE, message, fix, file)
        else:
            message = (
                f"{evidence.index.label} has {name} already, with another content. It answers 400 "
                '"File already exists", also after the file was deleted.'
            )
            fix = "Raise the version. To finish a half uploaded release, set skip-existing: true."
            yield Finding("version-exists", Severity.WARNING, message, fix, file)


def _files(evidence: Evidence) -> Iterator[tuple[str, Distribution]]:
    """Yield each distribution with its path."""
    if evidence.built is not None:
        for each in evidence.built.folder.distributions:
            yield f"{evidence.built.path}/{each.filename}", each


def _judged(evidence: Evidence) -> Iterator[tuple[str, Distribution, Judged]]:
    for file, each in _files(evidence):
        if each.metadata is not None:
            yield file, each, judged(each.metadata)


def _contradiction(each: Distribution, metadata: Judged) -> str:
    from packaging.utils import canonicalize_name

    if metadata.name and each.named.name and canonicalize_name(metadata.name) != each.named.name:
        return f"the name {one_line(metadata.name)}"
    if None not in (metadata.version, each.named.version) and metadata.version != each.named.version:
        return f"the version {metadata.version}"
    return ""


def _version_of(tag: str, name: str) -> Version | None:
    """Return the version that a tag names (`v1.2`, `sample-1.2`, `sample/v1.2`); None where it names none.

    `name` is the project's normalized name; a tag with another project's name says nothing of this one.
    """
    from packaging.version import InvalidVersion, Version

    spelled = "[-_.]+".join(map(re.escape, name.split("-")))
    match = re.match(
        rf"(?:{spelled}(?:==|[-_/@]+))?(?:release|version)?[-_/.]?v?[-_.]?(\d.*)\Z",
        tag,
        re.IGNORECASE | re.DOTALL,
    )
    try:
        return Version(match[1]) if match else None
    except InvalidVersion:
        return None


def _severity(evidence: Evidence) -> Severity:
    """Return how bad it is that PyPI refuses something: another index may have other rules."""
    return Severity.ERROR if evidence.index.is_pypi else Severity.WARNING


def _uploads_everything(evidence: Evidence) -> bool:
    return any(each.upload.tool.name in _TAKES_EVERYTHING for each in evidence.publications)


def _listed(names: Iterable[str]) -> str:
    every = [one_line(name, 100) for name in names]
    more = len(every) - _SHOWN_LIMIT
    return ", ".join(every[:_SHOWN_LIMIT]) + (f" and {more} more" if more > 0 else "")
