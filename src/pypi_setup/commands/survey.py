"""`survey`: many repositories, and of each which projects it publishes, how, and with which verdict.

given -> repositories -> (look-up -> preflight -> report, one a project) -> rows -> report

Each repository goes through the pipeline of `check`, several at the same time. What is kept of one is its
rows. A repository that fails is a row as well.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.commands.check import checked
from pypi_setup.concurrency import each
from pypi_setup.discovery.discover import discovered, discovered_on
from pypi_setup.discovery.investigation import Source, looked_into
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.way import attested, way
from pypi_setup.sources.clones import clones
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.github import GitHub, is_limited
from pypi_setup.sources.organization import of_list, of_organization
from pypi_setup.sources.projects import listed, projects
from pypi_setup.sources.remembered import usual
from pypi_setup.transport import Client
from pypi_setup.values.origin import Origin
from pypi_setup.values.publisher import BadInput, Problem, Publisher
from pypi_setup.values.report import described
from pypi_setup.values.request import Given, parse, parse_survey
from pypi_setup.values.surveyed import surveyed, unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pypi_setup.discovery.discover import Discovery
    from pypi_setup.sources.files import Files
    from pypi_setup.sources.projects import Listing
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Request, Survey
    from pypi_setup.values.surroundings import Surroundings

_OF_THIS_RUN = frozenset({"GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_REF"})
"""Variables that say which repository a run is about: not one of those that are surveyed."""

_NO_PROJECT = "without a Python project"
_UNASKED = (
    "GitHub was not asked about the environments and the spelling of the repositories: set GITHUB_TOKEN to "
    "have them checked, too."
)


class Seen(NamedTuple):
    """What a look at one repository brought."""

    name: str
    rows: tuple[Report, ...]
    """One a project."""

    skipped: str = ""
    """Why there is none, in words that follow a number of repositories; empty where there is one."""


def run(given: Given, around: Surroundings) -> Report:
    """Look at all repositories; an interruption ends it with what is known by then. Raises BadInput."""
    survey = parse_survey(given)
    plan = Plan(survey, given, around, Client(survey.timeout), [])
    tally = _Tally(around)
    places: Iterable[Repository] = _clones(plan)
    if survey.is_remote:
        listed = _listed(plan)
        tally.notes.extend(listed.notes)
        places = (_on_github(name, plan) for name in listed.names)
    try:
        for seen in each(partial(_looked_at, plan=plan), places, survey.jobs):
            tally.add(seen)
    except KeyboardInterrupt:
        return tally.report(survey, interrupted=True)
    return tally.report(survey)


class Plan(NamedTuple):
    """What is the same for all repositories."""

    survey: Survey
    given: Given
    around: Surroundings
    client: Client
    ended: list[str]
    """Why GitHub is not asked any more, as soon as that is so."""


class Repository(NamedTuple):
    """One repository, and how its facts are found."""

    origin: Origin
    files: Files
    listing: Callable[[], Listing]
    find: Callable[[Given], Discovery]
    github: GitHub | None = None
    """Where the files come from; None of a checkout."""

    root: Path | None = None
    """The checkout; None of a repository that is read through GitHub's API."""


class _Tally:
    """What the repositories so far brought."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._rows: list[Report] = []
        self._skipped: Counter[str] = Counter()
        self._repositories = 0
        self.notes: list[str] = []
        """What is to be said of the list of repositories."""

    def add(self, seen: Seen) -> None:
        self._repositories += 1
        self._rows.extend(map(_slim, seen.rows))
        self._skipped.update([seen.skipped] if seen.skipped else ())
        if self._around.on_progress:
            self._around.on_progress(self._repositories, seen.name)

    def report(self, survey: Survey, *, interrupted: bool = False) -> Report:
        skipped = [f"Skipped: {count} {why}." for why, count in sorted(self._skipped.items())]
        notes = [*self.notes, *skipped]
        if interrupted:
            notes.insert(0, f"Interrupted after {self._repositories}: the other repositories are not in it.")
        return surveyed(
            self._rows,
            survey.package_index,
            repositories=self._repositories,
            notes=tuple(notes if survey.github_token else (*notes, _UNASKED)),
            interrupted=interrupted,
        )


def _clones(plan: Plan) -> Iterator[Repository]:
    """Return the checkouts, each once. Raises BadInput for what is no folder."""
    here = Path(plan.around.folder)
    problems = [
        Problem("folder", folder, "There is no such folder", "give a checkout, or a folder that holds some")
        for folder in plan.survey.folders
        if not (here / folder).is_dir()
    ]
    if problems:
        raise BadInput(tuple(problems))
    every = _once(place for folder in plan.survey.folders for place in clones(here / folder))
    return (_checked_out(place, plan) for place in every)


def _checked_out(place: Path, plan: Plan) -> Repository:
    files = Checkout(place)
    return Repository(
        Origin("", str(place)),
        files,
        lambda: listed(files.root),
        lambda asked: discovered(asked, files.root, _environ(plan.around.environ)),
        root=files.root,
    )


class _List(NamedTuple):
    """The repositories to look at."""

    names: tuple[str, ...]
    notes: tuple[str, ...]


def _listed(plan: Plan) -> _List:
    """Return the repositories of the organization, or of the list. Raises BadInput."""
    survey, around = plan.survey, plan.around
    if not survey.org:
        return _List(of_list(survey.repos, Path(around.folder), around.stdin).names, ())
    found = of_organization(_github("", "", plan), survey.org)
    if found.problem and not found.names:
        fix = "check its name, and that the token may see it"
        raise BadInput((Problem("org", survey.org, found.problem, fix),))
    counts = ((found.archived, "archived"), (found.forks, "forks"))
    notes = [f"Skipped: {count} {what}." for count, what in counts if count]
    if found.problem:
        notes.append(f"The list of repositories is not whole: {found.problem}.")
    return _List(found.names, tuple(notes))


def _on_github(full_name: str, plan: Plan) -> Repository:
    owner, _, name = full_name.partition("/")
    github = _github(owner, name, plan)
    return Repository(
        Origin(full_name),
        github,
        lambda: github.tree,
        lambda asked: discovered_on(github, asked._replace(owner=owner, repo=name), full_name),
        github,
    )


def _github(owner: str, name: str, plan: Plan) -> GitHub:
    return GitHub(
        plan.client,
        owner,
        name,
        api_url=plan.around.environ.get("GITHUB_API_URL", ""),
        token=plan.survey.github_token,
        memory=usual(plan.around.environ) if plan.survey.is_remote else None,
    )


def _once(places: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for place in places:
        real = place.resolve()
        if real not in seen:
            seen.add(real)
            yield place


def _looked_at(repository: Repository, plan: Plan) -> Seen:
    """Return the rows of one repository. Never raises."""
    origin, index = repository.origin, plan.survey.package_index
    if plan.ended:
        return Seen(origin.place, (unchecked(origin, index, plan.ended[0]),))
    try:
        seen = _seen(repository, plan)
    except Exception as bug:  # noqa: BLE001 - one repository must not cost the others
        why = f"pypi-setup itself failed: {described(bug)}"
        return Seen(origin.place, (unchecked(origin, index, why),))
    problem = repository.github.missing if repository.github else ""
    if not problem:
        return seen
    if is_limited(problem):
        plan.ended.append(f"{problem} (run it again later: what GitHub said so far is kept)")
    return Seen(origin.place, (unchecked(origin, index, problem),))


def _seen(repository: Repository, plan: Plan) -> Seen:
    files, origin = repository.files, repository.origin
    found = projects(files, repository.listing())
    names = tuple(name.text for name in found.to_publish())
    if not names and not found.unsaid and not _uploads(files, plan.survey):
        return Seen(origin.place, (), _NO_PROJECT)
    asked = Given(
        mode="check",
        project=names,
        index_url=plan.given.index_url,
        timeout=plan.given.timeout,
        github_token=plan.given.github_token,
        jobs="1",
    )
    discovery = repository.find(asked)
    try:
        request = parse(discovery.given)
    except BadInput as bad:
        why = _why(bad, discovery)
        rows = [
            unchecked(origin._replace(project=name), plan.survey.package_index, why)
            for name in names or ("",)
        ]
        return Seen(origin.place, tuple(rows))
    return Seen(origin.place, tuple(_rows(request, discovery.given.assumed, repository, plan)))


def _why(bad: BadInput, discovery: Discovery) -> str:
    """Say what is missing: why it was not found, or else the rule that it breaks."""
    reasons = {each.field: each.reason for each in discovery.still_open}
    return "; ".join(
        dict.fromkeys(
            reasons.get(problem.field) or f"{problem.field}: {problem.rule}" for problem in bad.problems
        )
    )


def _rows(request: Request, assumed: tuple[str, ...], repository: Repository, plan: Plan) -> Iterator[Report]:
    """Yield the row of each project, each checked as `check` does it."""
    first, github, origin = request.publishers[0], repository.github, repository.origin
    if github is None and request.github_token:
        github = _github(first.owner, first.repository, plan)
    source = Source(repository.files, github, repository.root)
    known = looked_into(request, plan.client, source, asked=False, assumed=assumed)
    for case in known.cases():
        own = origin._replace(
            repository=f"{case.publisher.owner}/{case.publisher.repository}",
            project=case.publisher.project,
            publishes=way(known.evidence, case.project),
            attested=attested(case.project),
        )
        yield checked(case)._replace(origin=own)


def _uploads(files: Files, survey: Survey) -> bool:
    """Tell whether any workflow uploads to the index."""
    nobody = Publisher("", "", "", "", "")
    return bool(Evidence((nobody,), survey.package_index, files).elsewhere)


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in _OF_THIS_RUN}


def _slim(row: Report) -> Report:
    """Return what is shown of a row: hundreds of them are kept."""
    findings = tuple(finding._replace(quote="") for finding in row.findings)
    return row._replace(findings=findings, guidance=None, chain=(), discovered=())
