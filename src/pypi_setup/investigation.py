"""What is found out before anything is decided: on the index, on GitHub, in the files. Read-only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .discover import is_checkout_of
from .github import GitHub
from .lookup import look_up
from .preflight.evidence import Evidence
from .preflight.files import Checkout
from .preflight.preflight import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .finding import Finding
    from .lookup import Project
    from .preflight.files import Files
    from .publisher import Publisher
    from .request import Request
    from .transport import Client


class Case(NamedTuple):
    """One publisher to set up, and all that is known of it."""

    request: Request
    publisher: Publisher
    """With GitHub's spelling of owner and repository, where it is known."""

    project: Project
    findings: tuple[Finding, ...]

    beside: tuple[tuple[str, bool | None], ...] = ()
    """The other projects of the request, and whether they exist: they get publishers of the same identity."""


def cases(request: Request, client: Client, folder: str, environ: Mapping[str, str]) -> Iterator[Case]:
    """Look up and check everything once; yield each publisher with its share."""
    first = request.publishers[0]
    github = GitHub(
        client,
        first.owner,
        first.repository,
        api_url=environ.get("GITHUB_API_URL", ""),
        token=request.github_token,
    )
    projects = {each.name: look_up(each.name, request.package_index, client) for each in request.publishers}
    files = _files(github, first, Path(folder), environ)
    evidence = Evidence(
        request.publishers, request.package_index, files=files, projects=projects, github=github
    )
    findings = _quoted(check(evidence), files)
    for publisher in request.publishers:
        concerned = tuple(each for each in findings if each.project in {None, publisher.name})
        beside = tuple((name, project.exists) for name, project in projects.items() if name != publisher.name)
        yield Case(request, _spelled(publisher, github), projects[publisher.name], concerned, beside)


def _files(github: GitHub, publisher: Publisher, folder: Path, environ: Mapping[str, str]) -> Files:
    """Return the repository's files: the checkout here if it is one of it, else what GitHub shows."""
    if is_checkout_of(folder, environ, f"{publisher.owner}/{publisher.repository}"):
        return Checkout(folder)
    return github


def _spelled(publisher: Publisher, github: GitHub) -> Publisher:
    """Return the publisher in GitHub's own spelling: PyPI compares letter by letter."""
    owner, _, repository = github.repository.full_name.partition("/")
    same = (owner.lower(), repository.lower()) == (publisher.owner.lower(), publisher.repository.lower())
    return publisher._replace(owner=owner, repository=repository) if same else publisher


def _quoted(findings: tuple[Finding, ...], files: Files) -> tuple[Finding, ...]:
    """Return the findings with the lines that they are about."""
    lines: dict[str, list[str]] = {}
    for file in {finding.file for finding in findings if finding.file is not None}:
        lines[file] = (files.read(file) or b"").decode("utf-8", "replace").splitlines()
    return tuple(
        finding._replace(quote=lines[finding.file][finding.line - 1])
        if finding.file is not None and finding.line and finding.line <= len(lines[finding.file])
        else finding
        for finding in findings
    )
