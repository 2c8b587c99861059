"""What a user did not give, found in the checkout and its surroundings; each value with its source.

Nothing is guessed: where there are several candidates that nothing tells apart, the value stays open and they
are named. A value that is likely but not certain carries its alternatives: nothing is to be posted on it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.discovery import subjects
from pypi_setup.sources.projects import listed, projects
from pypi_setup.values import index as indexes
from pypi_setup.values.discovered import Discovered, Open, listed_shortly
from pypi_setup.values.harmless import one_line, without_login
from pypi_setup.values.publisher import BadInput, Problem, Publisher, normalized, repository_of
from pypi_setup.values.request import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.uploads import Opaque
    from pypi_setup.preflight.workflow.situations import Situation
    from pypi_setup.sources.files import Files
    from pypi_setup.sources.github import GitHub
    from pypi_setup.values.index import Index
    from pypi_setup.values.request import Given

_SHOWN_LIMIT = 10
_FOLDER = ".github/workflows"
_NO_REMOTE = "no git remote here is on github.com"
_FULL_NAME = re.compile(r"([a-zA-Z0-9][a-zA-Z0-9_-]*)/([a-zA-Z0-9._-]+)\Z", re.ASCII)


class Discovery(NamedTuple):
    """What a user gave, filled in."""

    given: Given
    discovered: tuple[Discovered, ...] = ()
    still_open: tuple[Open, ...] = ()

    def certain(self) -> None:
        """Raise BadInput if a value has alternatives: nothing is posted on a guess."""
        problems = (
            *(
                _doubt(
                    each.field, each.value, f"Found in {each.source}, but it may also be", each.alternatives
                )
                for each in self.discovered
                if each.alternatives
            ),
            *(
                _doubt(each.field, "", f"Not found, since {each.reason}:", each.alternatives)
                for each in self.still_open
                if each.alternatives
            ),
        )
        if problems:
            raise BadInput(problems)

    def projects(self, *, every: bool) -> tuple[str, ...]:
        """Return the names of the projects that are meant where none is given.

        `every` asks for those too that are less likely than the one that was found.
        """
        names = [
            (each.value, *(each.alternatives if every else ()))
            for each in self.discovered
            if each.field == "project"
        ]
        names.extend(each.alternatives for each in self.still_open if each.field == "project")
        return next(iter(names), ())

    @property
    def several(self) -> str:
        """Why there is more than one project, as a sentence."""
        reasons = [each.reason for each in self.still_open if each.field == "project"]
        why = reasons[0] if reasons else "more than one is found here"
        return f"No project was given, and {why}: all of them are meant."

    def about(self, names: tuple[str, ...]) -> Discovery:
        """Return the same for these projects, as if they had been given."""
        return self._replace(
            given=self.given._replace(project=names),
            discovered=tuple(each for each in self.discovered if each.field != "project"),
            still_open=tuple(each for each in self.still_open if each.field != "project"),
        )

    @property
    def differs(self) -> bool:
        """Tell whether the workflow or the environment may be another one for each project."""
        return any(each.field in DEFAULTS and each.alternatives for each in self.still_open)

    def explained(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Return the problems; those of an empty input say why nothing was found for it either."""
        reasons = {each.field: each for each in self.still_open}
        return tuple(
            reasons[problem.field].explaining(problem)
            if not problem.value and problem.field in reasons
            else problem
            for problem in problems
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What stands in for a value that was not found, in words."""
        return tuple(
            f"No {each.field} was given, and {each.choice}: {DEFAULTS[each.field]} is assumed."
            for each in self.still_open
            if each.field in DEFAULTS
        )

    def spelled_as(self, publisher: Publisher | None) -> tuple[Discovered, ...]:
        """Return what was discovered, in the spelling that GitHub's answer gave the publisher."""
        spelled = {"owner": publisher.owner, "repo": publisher.repository} if publisher else {}
        return tuple(
            each._replace(value=spelled[each.field], source=f"{each.source}, in GitHub's own spelling")
            if spelled.get(each.field, each.value) != each.value
            else each
            for each in self.discovered
        )


def _doubt(field: str, value: str, why: str, alternatives: tuple[str, ...]) -> Problem:
    rule = f"{why} {listed_shortly(alternatives)}. Nothing is posted on a guess"
    return Problem(field, value, rule, f"give {field}")


class _Local(NamedTuple):
    """The GitHub repository that a folder belongs to."""

    owner: str
    name: str
    source: str
    others: tuple[str, ...] = ()
    """Full names of repositories that may be meant instead."""

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


def discovered(
    given: Given,
    folder: Path,
    environ: Mapping[str, str],
    elsewhere: Callable[[str, str], GitHub] | None = None,
) -> Discovery:
    """Return what was given, with what was not given filled in from this folder and this environment.

    Only what is empty (project, owner, repo) or None (workflow, environment) is filled. `elsewhere` gives a
    repository that is not checked out here, whose files then count instead. Never raises.
    """
    from pypi_setup.sources.files import Checkout

    top = root(folder)
    repository = _repository(given, folder, environ)
    named = {one.field: one.value for one in _values(repository)}
    owner, name = repository_of(named.get("owner", given.owner), named.get("repo", given.repo))
    ground = _Ground(Checkout(top))
    if elsewhere and owner and not is_checkout_of(top, environ, f"{owner}/{name}"):
        remote = elsewhere(owner, name)
        ground = _Ground(remote, remote, f"of {owner}/{name}")
    found: list[Discovered | Open] = []
    if not any(text.strip() for text in given.project):
        is_anothers = isinstance(_local(folder, environ), _Local) and named.keys() != {"owner", "repo"}
        found.append(_project(folder, ground.remote, is_anothers=is_anothers))
    found.extend(repository)
    if given.dry_run.strip().lower() != "true":  # A dry run looks at no workflow.
        found.extend(_workflow(given, ground, {one.field: one.value for one in _values(found)}))
        if found and found[0].field == "project":
            found[0] = _published(found[0], given, found, ground)
    return _filled(given, found)


def discovered_on(github: GitHub, given: Given, full_name: str) -> Discovery:
    """Return what was given of a repository, workflow and environment filled in from its files on GitHub."""
    ground = _Ground(github, github, f"of {full_name}")
    return _filled(given, _workflow(given, ground, {}))


def _filled(given: Given, found: list[Discovered | Open]) -> Discovery:
    values = {one.field: one.value for one in _values(found)}
    filled = given._replace(
        project=(values["project"],) if "project" in values else given.project,
        owner=values.get("owner", given.owner),
        repo=values.get("repo", given.repo),
        workflow=values.get("workflow", given.workflow),
        environment=values.get("environment", given.environment),
    )
    return Discovery(
        filled,
        tuple(_values(found)),
        tuple(one for one in found if isinstance(one, Open)),
    )


class _Ground(NamedTuple):
    """Where the files are that tell the values."""

    files: Files
    remote: GitHub | None = None
    """The repository, where it is not checked out here."""

    where: str = "here"
    """The place in words."""


def _values(found: list[Discovered | Open]) -> list[Discovered]:
    return [one for one in found if isinstance(one, Discovered)]


def root(folder: Path) -> Path:
    """Return the root of the work tree that a folder is in; the folder itself where it is in none."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)


def _project(folder: Path, remote: GitHub | None, *, is_anothers: bool) -> Discovered | Open:
    """Return the project; `is_anothers` says that the folder is a checkout of another repository."""
    from pypi_setup.sources.files import Checkout

    search = projects(Checkout(folder), listed(folder))
    top = root(folder)
    if not search.names and top != folder:
        search = projects(Checkout(top), listed(top))
    if remote is not None and (is_anothers or not search.names):
        search = projects(remote, remote.tree)
    own = [name for name in search.names if "/" not in name.file]
    members = search.of_workspace()
    candidates = {name.text: name.file for name in own or members or search.names}
    if len(candidates) == 1:
        ((name, file),) = candidates.items()
        others = tuple(member.text for member in members if member.text != name)
        return Discovered("project", name, file, others)
    if candidates:
        reason = f"there are {len(candidates)} projects here"
        return Open("project", reason, tuple(candidates))
    return Open("project", search.unsaid[0] if search.unsaid else "no pyproject.toml here names a project")


def _repository(given: Given, folder: Path, environ: Mapping[str, str]) -> list[Discovered | Open]:
    """Fill owner and repository; `owner/repo` in either gives both."""
    owner, repo = given.owner.strip(), given.repo.strip()
    missing = [field for field, text in (("owner", owner), ("repo", repo)) if not text]
    if not missing or "/" in owner + repo:
        return []
    local = _local(folder, environ)
    if isinstance(local, Open):
        return [local._replace(field=field) for field in missing]
    values = {"owner": local.owner, "repo": local.name}
    source, others = local.source, local.others
    for field, text in (("owner", owner), ("repo", repo)):
        if text and text.removesuffix(".git").lower() != values[field].lower():
            # Half of a name from one place, half from another: it may exist, but nobody has said so.
            source = f"{local.source}, which is {local.full_name}"
            others = (local.full_name,)
    return [Discovered(field, values[field], source, others) for field in missing]


def _local(folder: Path, environ: Mapping[str, str]) -> _Local | Open:
    running = _FULL_NAME.match(environ.get("GITHUB_REPOSITORY", ""))
    if running:
        return _Local(running[1], running[2], "GITHUB_REPOSITORY")
    from pypi_setup.discovery.remotes import on_github

    remotes = on_github(folder, environ)
    if isinstance(remotes, str):
        return Open("repo", remotes)
    names = {f"{owner}/{name}".lower(): f"{owner}/{name}" for owner, name in remotes.values()}
    # A clone of a fork has its parent as `upstream`; all other remotes are other people's forks.
    by_rank: list[str] = [remote for remote in ("upstream", "origin") if remote in remotes]
    if len(names) == 1:
        by_rank.extend(remotes)
    if not by_rank:
        reason = _NO_REMOTE if not names else "several git remotes are on github.com"
        return Open("repo", reason, tuple(names.values())[:_SHOWN_LIMIT])
    owner, name = remotes[by_rank[0]]
    rival = remotes.get("origin", (owner, name))
    others = () if "/".join(rival).lower() == f"{owner}/{name}".lower() else ("/".join(rival),)
    return _Local(owner, name, f"git remote {one_line(without_login(by_rank[0]), 50)}", others)


def _workflow(given: Given, ground: _Ground, known: Mapping[str, str]) -> list[Discovered | Open]:
    """Fill in the workflow, the only one that publishes to the index; and the environment of its job.

    Where none does, one that publishes to PyPI counts: another index may be there for a rehearsal only.
    """
    if given.workflow is not None and given.environment is not None:
        return []
    from pypi_setup.preflight.evidence import Evidence

    files = ground.files
    owner, repo = known.get("owner", given.owner), known.get("repo", given.repo)
    project = known.get("project", "".join(given.project).strip())
    project = "" if "\n" in project else project
    asked = _index(given)
    for index in dict.fromkeys((asked, indexes.parse("pypi"))):

        def evidence_of(name: str, index: Index = index) -> Evidence:
            return Evidence((Publisher("", owner, repo, name, ""),), index, files)

        found = _publishing(given, project, index, evidence_of, ground.where)
        if found:
            return found
    if hidden := _hidden(given, evidence_of):
        return hidden
    if given.workflow is not None:
        return []
    return [Open("workflow", f"no workflow {ground.where} can be seen to upload to {asked.label}")]


def _publishing(
    given: Given, project: str, index: Index, evidence_of: Callable[[str], Evidence], where: str
) -> list[Discovered | Open]:
    """Return workflow and environment, as far as they were not given, of what uploads to one index."""
    found: list[Discovered | Open] = []
    name = _file_name(given.workflow)
    if name is None:
        names = sorted({each.file.rpartition("/")[2] for each in evidence_of("").elsewhere})
        source = f"the only workflow {where} that uploads to {index.label}"
        if len(names) > 1:
            own = [each for each in names if _may_be_of(project, evidence_of(each))] if project else names
            source = f"the only workflow {where} that uploads {project} to {index.label}"
            names = own or names
        if len(names) > 1:
            reason = f"{len(names)} workflows {where} upload to {index.label}"
            found.append(Open("workflow", reason, tuple(names[:_SHOWN_LIMIT])))
            assumed = DEFAULTS["workflow"]
            if given.environment is None and assumed in names:
                found.extend(_environment(assumed, _of_project(project, evidence_of(assumed))))
            return found
        if not names:
            return []
        name = names[0]
        found.append(Discovered("workflow", name, source))
    if given.environment is None:
        found.extend(_environment(name, _of_project(project, evidence_of(name))))
    return found


def _hidden(given: Given, evidence_of: Callable[[str], Evidence]) -> list[Discovered | Open]:
    """Return the only workflow whose job may publish by what cannot be read, and that job's environment."""
    given_name = _file_name(given.workflow)
    names = [given_name] if given_name is not None else list(evidence_of("").survey.suspects)
    jobs = {name: [each for each in evidence_of(name).hidden if _speaks(name, each[1])] for name in names}
    likely = [name for name in names if jobs[name]]
    if len(likely) != 1:
        return []
    (name,) = likely
    found: list[Discovered | Open] = []
    if given.workflow is None:
        situation, opaque = jobs[name][0]
        source = f"its job {situation.name}, which may publish: it runs {one_line(opaque.name, 80)}"
        others = (DEFAULTS["workflow"],) if name != DEFAULTS["workflow"] else ()
        found.append(Discovered("workflow", name, source, others))
    if given.environment is None:
        found.extend(_environment(name, [situation for situation, _ in jobs[name]]))
    return found


def _speaks(name: str, opaque: Opaque) -> bool:
    from pypi_setup.preflight.rules.call import SPEAKS_OF_PUBLISHING

    return any(SPEAKS_OF_PUBLISHING.search(text) for text in (name, opaque.name))


def _file_name(workflow: str | None) -> str | None:
    """Return a workflow's name without the folder, with which it may be given."""
    return workflow.strip().removeprefix("./").removeprefix(f"{_FOLDER}/") if workflow is not None else None


def _may_be_of(project: str, evidence: Evidence) -> bool:
    """Tell whether a workflow may upload a project: one that says what it uploads must name it."""
    found = subjects.of(evidence.publications, evidence.metadata)
    return not found.complete or normalized(project) in found.normalized


def _of_project(project: str, evidence: Evidence) -> tuple[Situation, ...]:
    """Return the situations of a project's uploads; all where none says that it is about this one."""
    every = evidence.publications
    own = (each for each in every if normalized(project) in subjects.of([each], evidence.metadata).normalized)
    return tuple(each.situation for each in (tuple(own) if project else ()) or every)


def _published(
    project: Discovered | Open, given: Given, found: list[Discovered | Open], ground: _Ground
) -> Discovered | Open:
    """Return the project, as the jobs that upload tell it; as it is where they do not."""
    known = {one.field: one.value for one in _values(found)}
    name = _file_name(known.get("workflow", given.workflow))
    if name is None:
        return project
    from pypi_setup.preflight.evidence import Evidence

    evidence = Evidence((Publisher("", "", "", name, ""),), _index(given), ground.files)
    told = subjects.of(evidence.publications, evidence.metadata)
    if told.missing:
        folders = ", ".join(told.missing[:_SHOWN_LIMIT])
        return Open("project", f"{name} publishes {folders}, where no project is", told.names)
    if not told.complete:
        rivals = tuple(
            name for name in told.names if normalized(name) != normalized(known.get("project", ""))
        )
        every = dict.fromkeys((*project.alternatives, *rivals))
        return project._replace(alternatives=tuple(every))
    if len(told.names) == 1:
        same = isinstance(project, Discovered) and normalized(project.value) in told.normalized
        source = project.source if same and isinstance(project, Discovered) else f"what {name} uploads"
        return Discovered("project", told.names[0], source)
    return Open("project", f"{name} uploads {len(told.names)} projects", told.names)


def _environment(workflow: str, situations: Iterable[Situation]) -> list[Discovered | Open]:
    """Return the environment of the jobs that upload; nothing where no job does."""
    from pypi_setup.preflight.syntax import evaluation

    names: dict[str, str] = {}
    jobs = []
    for situation in situations:
        jobs.append(situation.job.id)
        environment = situation.job.environment
        texts = evaluation.texts(environment.name.text, situation.contexts) if environment else ("",)
        for text in texts:
            if not isinstance(text, str):
                reason = f"only a run can tell the environment of the job {situation.job.id} in {workflow}"
                return [Open("environment", reason)]
            names.setdefault(text.lower(), text)
    if len(names) == 1:
        (name,) = names.values()
        source = f"the job {jobs[0]} in {workflow}" + ("" if name else ", which has none")
        return [Discovered("environment", name, source)]
    if names:
        reason = f"the jobs in {workflow} that upload have different environments"
        return [Open("environment", reason, tuple(names.values())[:_SHOWN_LIMIT])]
    return []


def _index(given: Given) -> Index:
    try:
        return indexes.parse(given.index_url)
    except indexes.IndexProblem:
        return indexes.parse("")  # The input is refused later, with all that is wrong with it.


def is_checkout_of(folder: Path, environ: Mapping[str, str], full_name: str) -> bool:
    """Tell whether the folder is a work tree of the repository with this `owner/name`.

    A folder without git counts if it has workflows; a sparse work tree without any may only not show them.
    """
    local = _local(folder, environ)
    if isinstance(local, _Local):
        same = full_name.lower() in {name.lower() for name in (local.full_name, *local.others)}
    else:  # Nothing says that it is another one.
        same = local.reason == _NO_REMOTE or not (folder / ".git").exists()
    sparse = (folder / ".git" / "info" / "sparse-checkout").exists()
    whole = (folder / ".git").exists() and not sparse
    return same and (whole or (folder / ".github" / "workflows").is_dir())
