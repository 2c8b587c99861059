"""What is found out before anything is decided: on the index, on GitHub, in the files. Read-only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.discovery.discover import is_checkout_of, root
from pypi_setup.preflight.chain import links
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.preflight.standing import gaps, publishing, standing, told
from pypi_setup.sources.builds import of_folder
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.lookup import look_up
from pypi_setup.values.harmless import one_line, without_logins
from pypi_setup.values.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypi_setup.discovery.repositories import Repositories
    from pypi_setup.sources.builds import Build
    from pypi_setup.sources.distributions import Built
    from pypi_setup.sources.files import Files
    from pypi_setup.sources.github import GitHub
    from pypi_setup.sources.lookup import Project
    from pypi_setup.transport import Client
    from pypi_setup.values.chain import Link
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.request import Request


_TAGS = "refs/tags/"


class Case(NamedTuple):
    """One publisher to set up, and all that is known of it."""

    request: Request
    publisher: Publisher
    """With GitHub's spelling of owner and repository, where it is known."""

    project: Project
    findings: tuple[Finding, ...]

    chain: tuple[Link, ...]
    """From the trigger to the project."""

    standing: Standing = Standing.SOUND
    gaps: tuple[str, ...] = ()
    """What could not be looked at, and why, as sentences."""

    workflows: tuple[str, ...] = ()
    """The names of other workflow files that publish to the index."""

    unread: str = ""
    """Why the workflow could not be read, in words; empty where it was, or is not there."""

    beside: tuple[tuple[str, bool | None], ...] = ()
    """The other projects of the request, and whether they exist: they get publishers of the same identity."""


class Investigation(NamedTuple):
    """What was found out for a request."""

    request: Request
    evidence: Evidence
    findings: tuple[Finding, ...]
    root: Path | None
    """The checkout's root; None where the files are GitHub's."""

    def cases(self) -> Iterator[Case]:
        """Yield each publisher with its share, owner and repository in GitHub's own spelling."""
        projects, chain = self.evidence.projects, links(self.evidence, self.findings)
        unchecked = told(gaps(self.evidence))
        every = tuple((name, each.exists) for name, each in projects.items())
        for publisher in self.request.publishers:
            findings = tuple(each for each in self.findings if each.project in {None, publisher.name})
            others = tuple(each for each in every if each[0] != publisher.name)
            own = spelled(publisher, self.evidence.github)
            yield Case(
                self.request,
                own,
                projects[publisher.name],
                findings,
                chain,
                standing=standing(self.evidence, findings),
                gaps=unchecked,
                workflows=publishing(self.evidence),
                unread=self.evidence.workflow_unread,
                beside=others,
            )


class Source(NamedTuple):
    """Where the facts about a repository come from."""

    files: Files | None
    github: GitHub | None
    """None where GitHub is not to be asked."""

    root: Path | None = None
    """The checkout's root; None where the files are GitHub's."""


def investigated(
    request: Request,
    repositories: Repositories,
    folder: str,
    environ: Mapping[str, str],
    *,
    asked: bool,
    assumed: tuple[str, ...] = (),
) -> Investigation:
    """Look everything up once, and check it.

    `repositories` are those that GitHub was asked about in this run.

    `assumed` names the values of the request that nobody gave and nothing told. `asked` says whether the
    user wrote owner and repository: then another spelling than GitHub's is a finding. Where they were
    discovered, GitHub's is simply taken.
    """
    first = request.publishers[0]
    github = repositories.of(first.owner, first.repository)
    top = _checkout(first, Path(folder), environ)
    source = Source(github if top is None else Checkout(top), github, top)
    built = _built(request.dist, Path(folder), environ) if request.dist else None
    return looked_into(request, repositories.client, source, asked=asked, assumed=assumed, built=built)


def looked_into(
    request: Request,
    client: Client,
    source: Source,
    *,
    asked: bool,
    assumed: tuple[str, ...] = (),
    built: Built | None = None,
) -> Investigation:
    """Look up what the index says, and check it together with what the source tells; see `investigated`."""
    github, top = source.github, source.root
    files = frozenset(each.filename for each in built.folder.distributions) if built else frozenset[str]()
    build = of_folder(source.files, "") if top is not None and source.files is not None else None
    evidence = Evidence(
        request.publishers if asked else tuple(spelled(each, github) for each in request.publishers),
        request.package_index,
        files=source.files,
        projects=_projects(request, client, files, build),
        github=github,
        built=built,
        assumed=frozenset(assumed),
    )
    return Investigation(request, evidence, checked(evidence), top)


def _projects(
    request: Request, client: Client, files: frozenset[str], build: Build | None
) -> dict[str, Project]:
    """Return what the index says of each project, several of them asked for at the same time."""

    def asked(name: str) -> tuple[str, Project]:
        return name, look_up(name, request.package_index, client, files | _next(build, name))

    names = [each.name for each in request.publishers]
    if 1 in {len(names), request.jobs}:
        return dict(map(asked, names))
    from pypi_setup.concurrency import each

    found = dict(each(asked, names, request.jobs))
    return {name: found[name] for name in names}


def _built(dist: str, folder: Path, environ: Mapping[str, str]) -> Built:
    """Return the distributions in a folder, and the tag that started the run, if one did."""
    from pypi_setup.sources.distributions import Built, read

    reference = environ.get("GITHUB_REF", "")
    tag = reference.removeprefix(_TAGS) if reference.startswith(_TAGS) else ""
    return Built(read(folder / dist), one_line(dist.rstrip("/") or dist, 200), tag)


def _next(build: Build | None, name: str) -> frozenset[str]:
    """Return the names of the files that the next release of a project has, where its version is written."""
    return frozenset(build.files_of(name)) if build else frozenset()


def spelled(publisher: Publisher, github: GitHub | None) -> Publisher:
    """Return the publisher in GitHub's own spelling: PyPI compares letter by letter."""
    owner, _, repository = github.repository.full_name.partition("/") if github else ("", "", "")
    same = (owner.lower(), repository.lower()) == (publisher.owner.lower(), publisher.repository.lower())
    return publisher._replace(owner=owner, repository=repository) if same else publisher


def checked(evidence: Evidence) -> tuple[Finding, ...]:
    """Return the findings, each with the line that it is about, and without the logins of URLs."""
    findings, files = check(evidence), evidence.files
    lines: dict[str, list[str]] = {}
    for file in {finding.file for finding in findings if finding.file is not None and finding.line}:
        data = files.read(file) if files else None
        lines[file] = (data or b"").decode("utf-8", "replace").splitlines()
    return tuple(
        finding._replace(
            message=without_logins(finding.message),
            fix=without_logins(finding.fix),
            quote=without_logins(_quote(finding, lines)),
        )
        for finding in findings
    )


def _quote(finding: Finding, lines: Mapping[str, list[str]]) -> str:
    """Return the line that a finding is about; empty where there is none."""
    if finding.file is None or not finding.line or finding.line > len(lines[finding.file]):
        return finding.quote
    return lines[finding.file][finding.line - 1]


def _checkout(publisher: Publisher, folder: Path, environ: Mapping[str, str]) -> Path | None:
    """Return the checkout's root, if there is one of the publisher's repository here."""
    top = root(folder)
    full_name = f"{publisher.owner}/{publisher.repository}"
    return top if is_checkout_of(top, environ, full_name) else None
