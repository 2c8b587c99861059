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
from pypi_setup.discovery.discover import discovered
from pypi_setup.discovery.investigation import Source, looked_into
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.way import attested, way
from pypi_setup.sources.clones import clones
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.github import GitHub
from pypi_setup.sources.projects import listed, projects
from pypi_setup.transport import Client
from pypi_setup.values.origin import Origin
from pypi_setup.values.publisher import BadInput, Problem, Publisher
from pypi_setup.values.report import described
from pypi_setup.values.request import Given, parse, parse_survey
from pypi_setup.values.surveyed import surveyed, unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pypi_setup.discovery.discover import Discovery
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
    folders = _folders(survey, Path(around.folder))
    client = Client(survey.timeout)
    tally = _Tally(around)
    try:
        for seen in each(partial(_looked_at, plan=Plan(survey, given, around, client)), folders, survey.jobs):
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


class _Tally:
    """What the repositories so far brought."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._rows: list[Report] = []
        self._skipped: Counter[str] = Counter()
        self._repositories = 0

    def add(self, seen: Seen) -> None:
        self._repositories += 1
        self._rows.extend(map(_slim, seen.rows))
        self._skipped.update([seen.skipped] if seen.skipped else ())
        if self._around.on_progress:
            self._around.on_progress(self._repositories, seen.name)

    def report(self, survey: Survey, *, interrupted: bool = False) -> Report:
        notes = [f"Skipped: {count} {why}." for why, count in sorted(self._skipped.items())]
        if interrupted:
            notes.insert(0, f"Interrupted after {self._repositories}: the other repositories are not in it.")
        return surveyed(
            self._rows,
            survey.package_index,
            repositories=self._repositories,
            notes=tuple(notes if survey.github_token else (*notes, _UNASKED)),
            interrupted=interrupted,
        )


def _folders(survey: Survey, here: Path) -> Iterator[Path]:
    """Return the checkouts, each once. Raises BadInput for what is no folder."""
    problems = [
        Problem("folder", folder, "There is no such folder", "give a checkout, or a folder that holds some")
        for folder in survey.folders
        if not (here / folder).is_dir()
    ]
    if problems:
        raise BadInput(tuple(problems))
    return _once(place for folder in survey.folders for place in clones(here / folder))


def _once(places: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for place in places:
        real = place.resolve()
        if real not in seen:
            seen.add(real)
            yield place


def _looked_at(place: Path, plan: Plan) -> Seen:
    """Return the rows of one checkout. Never raises."""
    origin = Origin("", str(place))
    try:
        return _seen(place, origin, plan)
    except Exception as bug:  # noqa: BLE001 - one repository must not cost the others
        why = f"pypi-setup itself failed: {described(bug)}"
        return Seen(str(place), (unchecked(origin, plan.survey.package_index, why),))


def _seen(place: Path, origin: Origin, plan: Plan) -> Seen:
    files = Checkout(place)
    found = projects(files, listed(files.root))
    names = tuple(name.text for name in found.to_publish())
    if not names and not found.unsaid and not _uploads(files, plan.survey):
        return Seen(str(place), (), _NO_PROJECT)
    asked = Given(
        mode="check",
        project=names,
        index_url=plan.given.index_url,
        timeout=plan.given.timeout,
        github_token=plan.given.github_token,
        jobs="1",
    )
    discovery = discovered(asked, files.root, _environ(plan.around.environ))
    try:
        request = parse(discovery.given)
    except BadInput as bad:
        why = _why(bad, discovery)
        rows = [
            unchecked(origin._replace(project=name), plan.survey.package_index, why)
            for name in names or ("",)
        ]
        return Seen(str(place), tuple(rows))
    return Seen(str(place), tuple(_rows(request, discovery.given.assumed, files, origin, plan)))


def _why(bad: BadInput, discovery: Discovery) -> str:
    """Say what is missing: why it was not found, or else the rule that it breaks."""
    reasons = {each.field: each.reason for each in discovery.still_open}
    return "; ".join(
        dict.fromkeys(
            reasons.get(problem.field) or f"{problem.field}: {problem.rule}" for problem in bad.problems
        )
    )


def _rows(
    request: Request, assumed: tuple[str, ...], files: Checkout, origin: Origin, plan: Plan
) -> Iterator[Report]:
    """Yield the row of each project, each checked as `check` does it."""
    first, github = request.publishers[0], None
    if request.github_token:
        api_url = plan.around.environ.get("GITHUB_API_URL", "")
        github = GitHub(
            plan.client, first.owner, first.repository, api_url=api_url, token=request.github_token
        )
    source = Source(files, github, files.root)
    known = looked_into(request, plan.client, source, asked=False, assumed=assumed)
    for case in known.cases():
        own = origin._replace(
            repository=f"{case.publisher.owner}/{case.publisher.repository}",
            project=case.publisher.project,
            publishes=way(known.evidence, case.project),
            attested=attested(case.project),
        )
        yield checked(case)._replace(origin=own)


def _uploads(files: Checkout, survey: Survey) -> bool:
    """Tell whether any workflow uploads to the index."""
    nobody = Publisher("", "", "", "", "")
    return bool(Evidence((nobody,), survey.package_index, files).elsewhere)


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in _OF_THIS_RUN}


def _slim(row: Report) -> Report:
    """Return what is shown of a row: hundreds of them are kept."""
    findings = tuple(finding._replace(quote="") for finding in row.findings)
    return row._replace(findings=findings, guidance=None, chain=(), discovered=())
