"""What is to be done: the request, or the requests, that a user's texts and the checkout make.

Projects that differ in nothing but their names are one task. Those with an owner, a repository, a workflow or
an environment of their own are further tasks. The report has all of them, in the order of the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.discovery.repositories import Repositories
from pypi_setup.values import report as reports
from pypi_setup.values import request as requests
from pypi_setup.values.publisher import BadInput, Problem, normalized
from pypi_setup.values.request import Lookup, Mode
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pypi_setup.discovery.discover import Discovery
    from pypi_setup.sources.github import GitHub
    from pypi_setup.sources.listing import Entry
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given, Request
    from pypi_setup.values.surroundings import Surroundings

_HOLE = "{project}"


class Task(NamedTuple):
    """What to do for projects that differ in nothing but their names, and where the values come from."""

    request: Request
    assumed: tuple[str, ...]
    """The values that stand in for what was neither given nor looked for."""

    found: Discovery | None
    """What was looked for because it was not given; None where nothing was missing."""

    note: str = ""
    """How several projects were found, where none was given."""

    @property
    def key(self) -> tuple[object, ...]:
        """What projects of one task have in common."""
        return (self.request.publishers[0].identity, self.assumed, self.request.publishers[0].owner)

    def dry_run(self) -> list[Report]:
        """Return the report of each publisher where nothing is sent."""
        index, organization = self.request.package_index, self.request.organization
        return [
            reports.told(Status.DRY_RUN, publisher, index, organization=organization)
            for publisher in self.request.publishers
        ]


class Work(NamedTuple):
    """All that is to be done."""

    tasks: tuple[Task, ...]
    """At least one."""

    repositories: Repositories
    """Those that GitHub is asked about."""

    order: tuple[str, ...] = ()
    """The projects' normalized names, in the order of the input."""

    @property
    def request(self) -> Request:
        """What is the same in all tasks: everything but the publishers."""
        return self.tasks[0].request

    def single(self) -> Task:
        """Return the only task. Raises BadInput where there are several."""
        if len(self.tasks) > 1:
            rule = "The projects here have different workflows or environments, and files are edited for one"
            raise BadInput((Problem("project", "", rule, "name one of them"),))
        return self.tasks[0]

    def certain(self) -> None:
        """Raise BadInput where something would be posted on a guess."""
        for task in self.tasks:
            if task.found:
                task.found.certain()

    def rehearsed(self) -> Report:
        """Return the report of a dry run."""
        assumed = self.tasks[0].assumed
        values = " and ".join(f"{name} {requests.DEFAULTS[name]}" for name in assumed)
        note = f"A dry run reads no workflow file, and assumes what was not given: {values}."
        shared = [each for task in self.tasks if len(each := task.request.publishers) > 1]
        warning = (
            f"Whether a project exists is not looked up. Of new ones only one can wait for its first release "
            f"with the same values, and there are up to {max(map(len, shared))} with the same: see "
            "--environment-template 'pypi-{project}'."
            if shared
            else ""
        )
        every = [report for task in self.tasks for report in task.dry_run()]
        notes = (note if assumed else "", warning)
        return self.reported(every, notes=tuple(filter(None, notes)))

    def reported(self, every: list[Report], notes: tuple[str, ...] = ()) -> Report:
        """Return one report of those of all publishers, with what was discovered and what else is to note."""
        ranks = {name: rank for rank, name in reversed(list(enumerate(self.order)))}
        every = sorted(every, key=lambda each: ranks.get(each.publisher.name if each.publisher else "", 0))
        report = reports.combined(every)
        report = report._replace(
            notes=(*(task.note for task in self.tasks if task.note), *notes, *report.notes)
        )
        found = [task.found for task in self.tasks if task.found]
        if not found:
            return report
        common = [set(each.spelled_as(report.publisher)) for each in found]
        discovered = found[0].spelled_as(report.publisher)
        assumptions = dict.fromkeys(words for each in found for words in each.assumptions)
        return report._replace(
            discovered=tuple(each for each in discovered if all(each in one for one in common)),
            notes=(*assumptions, *report.notes),
        )


class _Around(NamedTuple):
    """Where values are looked for."""

    place: Surroundings
    elsewhere: Callable[[str, str], GitHub] | None
    """Gives a repository that is not checked out here; None where nobody is to be asked."""


def understood(given: Given, around: Surroundings) -> Work:
    """Return what to do, with what is discovered in place of what was not given. Raises BadInput."""
    template = _template(given)
    assumed: tuple[str, ...] = ()
    if _is_true(given.dry_run):  # It reads no workflow: the defaults stand.
        assumed = tuple(name for name in given.assumed if name != "environment" or not template)
        given = given._replace(workflow=given.with_defaults().workflow)
        given = given if template else given.with_defaults()
    groups, order = [given], _names(given)
    if given.listed:
        from pathlib import Path

        from pypi_setup.sources.listing import Entry as Listed
        from pypi_setup.sources.listing import read

        entries = (*map(Listed, order), *read(given.listed, Path(around.folder), around.stdin))
        groups, order = _grouped(entries, given), tuple(entry.project for entry in entries)
    repositories = Repositories(_lookup(given), around.environ, around.on_wait)
    elsewhere = None if _is_true(given.dry_run) else repositories.of
    tasks: list[Task] = []
    problems: list[Problem] = []
    for group in groups:
        try:
            tasks.extend(_tasks(group, _Around(around, elsewhere), assumed, template))
        except BadInput as bad:
            problems.extend(bad.problems)
    if problems:
        raise BadInput(tuple(dict.fromkeys(problems)))
    order = order or tuple(each.project for task in tasks for each in task.request.publishers)
    return Work(_merged(tasks), repositories, tuple(map(normalized, order)))


def _tasks(given: Given, around: _Around, assumed: tuple[str, ...], template: str) -> list[Task]:
    """Return the tasks for projects of which the same was given. Raises BadInput."""
    names = _names(given)
    if names and template and given.environment is None:
        return _apart(names, given, around, assumed, template)
    texts = (given.owner, given.repo, "".join(given.project))
    if all(text.strip() for text in texts) and None not in (given.workflow, given.environment):
        return [Task(requests.parse(given), assumed, None)]
    from pathlib import Path

    from pypi_setup.discovery.discover import discovered

    found = discovered(given, Path(around.place.folder), around.place.environ, around.elsewhere)
    note = ""
    if not names and _may_be_many(given):
        names = found.projects(every=_is_true(given.every))
        note = found.several if len(names) > 1 else ""
        found = found.about(names) if note else found
    if names and (found.differs if len(names) > 1 else template):
        # Each project has, or may have, a workflow or an environment of its own.
        first, *others = _apart(names, given, around, assumed, template)
        return [first._replace(note=note), *others]
    try:
        return [Task(requests.parse(found.given), assumed, found, note)]
    except BadInput as bad:
        raise BadInput(found.explained(bad.problems)) from None


def _apart(
    names: Iterable[str], given: Given, around: _Around, assumed: tuple[str, ...], template: str
) -> list[Task]:
    """Return the tasks for projects that may differ in more than their names. Raises BadInput."""
    tasks: list[Task] = []
    for name in names:
        environment = template.replace(_HOLE, normalized(name)) if template else given.environment
        tasks.extend(_tasks(given._replace(project=(name,), environment=environment), around, assumed, ""))
    return tasks


def _grouped(entries: Iterable[Entry], given: Given) -> list[Given]:
    """Return what is given for each group of entries in whose values there is no difference."""
    groups: dict[tuple[str, str, str | None, str | None], list[str]] = {}
    for entry in entries:
        repo = entry.repo or ("" if "/" in entry.owner else given.repo)
        owner = entry.owner or ("" if "/" in entry.repo else given.owner)
        workflow = given.workflow if entry.workflow is None else entry.workflow
        environment = given.environment if entry.environment is None else entry.environment
        groups.setdefault((owner, repo, workflow, environment), []).append(entry.project)
    return [
        given._replace(
            project=tuple(names), owner=owner, repo=repo, workflow=workflow, environment=environment
        )
        for (owner, repo, workflow, environment), names in groups.items()
    ]


def _lookup(given: Given) -> Lookup:
    """Return how GitHub is asked; where that breaks a rule, `parse` says so with all else that does."""
    try:
        return requests.parse_lookup(given)
    except BadInput:
        return Lookup(1.0, None)


def _template(given: Given) -> str:
    """Return the template of environments. Raises BadInput."""
    template = given.environment_template.strip()
    problems = []
    if template and _HOLE not in template:
        rule = f"It has no {_HOLE} in it, in whose place each project's name goes"
        problems.append(Problem("environment-template", template, rule, f"for example pypi-{_HOLE}"))
    if template and given.environment is not None:
        rule = "The environment is given already"
        problems.append(Problem("environment-template", template, rule, "leave one of the two out"))
    if problems:
        raise BadInput(tuple(problems))
    return template


def _may_be_many(given: Given) -> bool:
    """Tell whether all projects that are found are meant: nothing is posted, or that is asked for."""
    mode = given.mode.strip().lower()
    if _names(given) or given.edits or mode == Mode.VERIFY.value:
        return False
    return _is_true(given.every) or mode == Mode.CHECK.value or not _posts(given)


def _posts(given: Given) -> bool:
    return bool(given.api_token.strip()) and not _is_true(given.dry_run)


def _merged(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return the tasks, those with the same values as one: rules look at all projects of an identity."""
    merged: dict[tuple[object, ...], Task] = {}
    for task in tasks:
        known = merged.setdefault(task.key, task)
        if known is not task:
            every: dict[str, Publisher] = {each.name: each for each in known.request.publishers}
            for publisher in task.request.publishers:
                every.setdefault(publisher.name, publisher)
            request = known.request._replace(publishers=tuple(every.values()))
            merged[task.key] = known._replace(request=request)
    return tuple(merged.values())


def _names(given: Given) -> tuple[str, ...]:
    return tuple(name for text in given.project for line in text.splitlines() if (name := line.strip()))


def _is_true(text: str) -> bool:
    return text.strip().lower() == "true"
