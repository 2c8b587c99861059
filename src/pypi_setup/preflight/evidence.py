"""Everything that a rule may look at. Computed when a rule asks for it, and once."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.publishing import uploads
from pypi_setup.preflight.syntax import expressions
from pypi_setup.preflight.syntax.expressions import Choice, Partial, Unknown
from pypi_setup.preflight.workflow import calls, triggers
from pypi_setup.preflight.workflow import loading as workflows
from pypi_setup.preflight.workflow.calls import FOLDER
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypi_setup.preflight.publishing.uploads import Opaque, Upload
    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.workflow.calls import Call, Followed, Placed
    from pypi_setup.preflight.workflow.loading import Action, Job, Step, Table, Workflow
    from pypi_setup.sources.files import Files
    from pypi_setup.sources.github import GitHub
    from pypi_setup.sources.lookup import Project
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

SITUATIONS_LIMIT = 1000
"""Situations that are looked at: events, legs of matrices and calls, multiplied."""

LEGS_LIMIT = 32
"""Legs of one matrix that are looked at."""

WORK_LIMIT = 1_000_000
"""Characters of scripts that are read, over all situations; beyond it each job is looked at once."""

STEP_COST = 500
"""What a step counts for beside its script."""

FILES_LIMIT = 100
"""Files that are looked at because they lead to the registered one by calls."""

KEPT_LIMIT = 1024 * 1024
"""Bytes of the repository's files that are kept, so that they need not be read again."""

REQUESTED_LIMIT = 20
"""Other workflow files that are looked at where each of them is a request to GitHub."""

ELSEWHERE_LIMIT = 20
"""Other files that upload; where there are more, nobody needs all of their names."""

NAME_LIMIT = 100
"""Characters of a name that are shown; GitHub allows no more in a job's id."""

_CALLS = re.compile(rb"\.github/workflows/([^\s'\"@#,}\]]{1,200}\.ya?ml)")
_USES_ACTION = re.compile(rb"uses['\"]?\s*:\s*['\"]?[.$][/\\](?!\.github/workflows/)")
"""An action of the repository, which may upload."""

_TELLING = re.compile(r"publish|release|pypi|deploy|upload|wheel|dist|package|cd", re.IGNORECASE)
_INPUT = re.compile(r"\$\{\{\s*inputs\.([A-Za-z_][\w-]*)\s*\}\}", re.ASCII)
_KINDS = ("tag", "branch")
_SYSTEMS = {"windows": "Windows", "macos": "macOS", "ubuntu": "Linux", "linux": "Linux"}


class Situation(NamedTuple):
    """A job with steps in one kind of run: after one event, in one leg of its matrix."""

    placed: Placed
    """The job, and the calls that lead to it."""

    event: str
    """The event that starts the run; empty where nothing does."""

    runs: bool | None
    """Whether the job runs at all; None where only a run can tell."""

    contexts: Mapping[str, Any]
    """What is known of GitHub's contexts inside of the job."""

    system: str
    """Linux, Windows or macOS; empty where the runner's labels do not say it."""

    @property
    def job(self) -> Job:
        """The job."""
        return self.placed.job

    @property
    def file(self) -> str:
        """The file that the job stands in: the one that the token's `job_workflow_ref` names."""
        return self.placed.workflow.file

    @property
    def name(self) -> str:
        """The job's id, fit to be shown."""
        return one_line(self.job.id, NAME_LIMIT)

    @property
    def root(self) -> Workflow:
        """The workflow that the event starts: the one that attestations name."""
        return self.placed.callers[0].workflow if self.placed.callers else self.placed.workflow


class Publication(NamedTuple):
    """An upload in one situation."""

    situation: Situation
    upload: Upload
    runs: bool | None
    """Whether it runs, by all conditions around it; None where only a run can tell."""

    step_runs: bool | None
    """The same, given that the job runs."""

    in_action: bool
    """Whether it stands in a local composite action."""

    @property
    def job(self) -> Job:
        """The job that uploads."""
        return self.situation.job

    @property
    def file(self) -> str:
        """The file that the job stands in."""
        return self.situation.file

    @property
    def name(self) -> str:
        """The job's id, fit to be shown."""
        return self.situation.name

    @property
    def spot(self) -> tuple[str, str, str, int]:
        """The upload itself, however GitHub comes to it."""
        return self.file, self.job.id, self.upload.file, self.upload.line


class Survey(NamedTuple):
    """What a glance at all workflow files says."""

    callers: Mapping[str, frozenset[str]]
    """By name of a workflow file: the names of those that speak of it."""

    suspects: tuple[str, ...]
    """The names of the files that may upload something."""

    complete: bool
    """Whether all files were looked at."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the publishers to register, of the repository's files, and of the outside."""

    publishers: tuple[Publisher, ...]
    """At least one; they differ in nothing but the project."""

    index: Index
    """The index to register on."""

    files: Files | None = None
    """The repository's files: a checkout, or `github` itself; None where there is no source."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    """What the index says of a project, by normalized name; empty where it was not asked."""

    github: GitHub | None = None
    """What GitHub says of the repository; None where it is not to be asked."""

    # ---------------------------------------------------------------- the file

    @property
    def publisher(self) -> Publisher:
        """The publisher, as far as workflows go: all of them have its four other values."""
        return self.publishers[0]

    @property
    def repository(self) -> str:
        """The repository as `owner/name`."""
        return f"{self.publisher.owner}/{self.publisher.repository}"

    @property
    def path(self) -> str:
        """The registered workflow's path from the repository's root."""
        return f"{FOLDER}/{self.publisher.workflow_filename}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the workflow files."""
        return tuple(self._sources.names()) if self._sources else ()

    @cached_property
    def workflow(self) -> Workflow | None:
        """The registered workflow; None where there is no such file, or no source of files."""
        name = self.publisher.workflow_filename
        if self._sources is None or (self.names and name not in self.names):
            return None  # A file system without letter case would give it all the same; GitHub does not.
        return self._sources.workflow(name)

    @cached_property
    def unreadable(self) -> str:
        """Why it cannot be told what files there are, in words; empty where it can."""
        if self.files is None:
            return "there is no checkout, and GitHub was not asked for the files"
        if self.names or self.files is not self.github:
            return ""
        if not self.github.repository.known:
            return self.github.repository.problem
        return "" if self.github.tree.complete else self.github.problem or "GitHub does not show the files"

    @cached_property
    def _kept(self) -> _Kept | None:
        return _Kept(self.files) if self.files else None

    @cached_property
    def _sources(self) -> calls.Repository | None:
        return calls.Repository(self._kept) if self._kept else None

    # ---------------------------------------------------------------- the ways to a job

    @cached_property
    def starts(self) -> tuple[Followed, ...]:
        """What runs where an event starts the registered workflow, or one that leads to it by calls.

        Where nothing starts it, it is followed all the same.
        """
        if self.workflow is None or self._sources is None:
            return ()
        found = [self.workflow]
        waiting = [self.publisher.workflow_filename] if "workflow_call" in self.workflow.on else []
        names = set(waiting)
        while waiting and len(names) < FILES_LIMIT:
            for caller in sorted(self.survey.callers.get(waiting.pop(), frozenset()) - names):
                names.add(caller)
                waiting.append(caller)
                workflow = self._sources.workflow(caller)
                found.extend([workflow] if workflow else [])
        started = [workflow for workflow in found if _starting(workflow)]
        followed = (self._sources.follow(workflow) for workflow in started)
        leading = tuple(each for each in followed if any(one is self.workflow for one in each.workflows))
        return leading or (self._sources.follow(self.workflow),)

    @cached_property
    def pinned_callers(self) -> tuple[str, ...]:
        """The names of the files that call the registered one by its full name, with a ref of its own."""
        called = f"{self.repository}/{self.path}@".lower()
        found = []
        for name in sorted(self.survey.callers.get(self.publisher.workflow_filename, ()))[:FILES_LIMIT]:
            workflow = self._sources.workflow(name) if self._sources else None
            jobs = workflow.jobs.values() if workflow else ()
            if any(job.uses and job.uses.text.lower().startswith(called) for job in jobs):
                found.append(name)
        return tuple(found)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """The jobs of the registered workflow and of what it calls, by every way that leads to them."""
        return tuple(placed for start in self.starts for placed in start.jobs if self._passes(placed))

    def _passes(self, placed: Placed) -> bool:
        files = [placed.workflow.file, *(call.workflow.file for call in placed.callers)]
        return self.path in files

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """Every situation of every job with steps; where there are too many, as many of each job."""
        jobs = [placed for placed in self.placed if placed.job.uses is None]
        return _in_turns([self._of_job(placed) for placed in jobs], SITUATIONS_LIMIT)

    def _of_job(self, placed: Placed) -> Iterator[Situation]:
        root = placed.callers[0].workflow if placed.callers else placed.workflow
        for event in _starting(root) or [""]:
            for known, answers in self._known(root, event):
                yield from _followed(placed, placed.callers, event, known, answers, runs=True)

    def _known(self, root: Workflow, event: str) -> list[tuple[dict[str, Any], dict[str, bool | None]]]:
        """Return what is known of the runs that an event starts, each with a place for what runs then."""
        key = (root.file, event)
        if key not in self._runs:
            known = triggers.contexts(root, event or "workflow_call", repository=self.repository)
            self._runs[key] = [(each, {}) for each in _by_kind_of_ref(known)]
        return self._runs[key]

    @cached_property
    def _runs(self) -> dict[tuple[str, str], list[tuple[dict[str, Any], dict[str, bool | None]]]]:
        return {}

    # ---------------------------------------------------------------- the uploads

    @cached_property
    def _deeds(self) -> tuple[Publication | tuple[Situation, Opaque], ...]:
        """Read each job in one situation in which it can run, then in the others: first where it uploads."""
        by_job: dict[tuple[str, str], list[int]] = {}
        for number, situation in enumerate(self.situations):
            by_job.setdefault((situation.file, situation.job.id), []).append(number)
        budget = _Budget()
        deeds: dict[int, list[Publication | tuple[Situation, Opaque]]] = {}
        others: list[tuple[bool, int]] = []
        for numbers in by_job.values():
            first, *rest = sorted(numbers, key=lambda number: self.situations[number].runs is False)
            deeds[first] = list(self._of(self.situations[first], budget))
            uploads_none = not any(isinstance(deed, Publication) for deed in deeds[first])
            others.extend((uploads_none, number) for number in rest)
        for _, number in sorted(others):
            if budget.left > 0:
                deeds[number] = list(self._of(self.situations[number], budget))
        return tuple(deed for number in sorted(deeds) for deed in deeds[number])

    @cached_property
    def uploads(self) -> tuple[Publication, ...]:
        """Every upload to any index, in every situation."""
        return tuple(deed for deed in self._deeds if isinstance(deed, Publication))

    @cached_property
    def opaque(self) -> tuple[tuple[Situation, Opaque], ...]:
        """What runs in these jobs and cannot be looked into."""
        return tuple(deed for deed in self._deeds if not isinstance(deed, Publication))

    @cached_property
    def publications(self) -> tuple[Publication, ...]:
        """The uploads that can go to the index to register on, in the situations in which they can run.

        An upload that cannot run in any situation is judged as if it could.
        """
        here = [each for each in self.uploads if self.index.url in each.upload.indexes]
        possible = {each.spot for each in here if each.runs is not False}
        return tuple(each for each in here if each.runs is not False or each.spot not in possible)

    def _of(self, situation: Situation, budget: _Budget) -> Iterator[Publication | tuple[Situation, Opaque]]:
        """Give what the steps of a job do."""
        workflow, job = situation.placed.workflow, situation.job
        shell = job.shell or workflow.shell
        default = shell.text if shell else "pwsh" if situation.system == "Windows" else ""
        around = _Around((workflow.env, job.env), situation.contexts, shell=default)
        yield from self._of_steps(situation, job.steps, around, budget)

    def step_runs(self, step: Step, situation: Situation) -> bool | None:
        """Tell whether a step of a job runs in a situation, given that the job does."""
        return _step_runs(step, _Around((), situation.contexts))

    def _of_steps(
        self, situation: Situation, steps: tuple[Step, ...], around: _Around, budget: _Budget
    ) -> Iterator[Publication | tuple[Situation, Opaque]]:
        budget.left -= sum(STEP_COST + len(step.run.text if step.run else "") for step in steps)
        found = uploads.found(steps, around.env, contexts=around.contexts, default_shell=around.shell)
        by_index = {step.index: step for step in steps}
        for upload in found.uploads:
            step_runs = _step_runs(by_index[upload.step], around)
            runs = _both(situation.runs, step_runs)
            yield Publication(situation, upload, runs, step_runs, in_action=around.depth > 0)
        for opaque in found.opaque:
            step = by_index[opaque.step]
            action = self._sources.action(step.uses.text) if self._sources and step.uses else None
            ends = around.depth == calls.ACTIONS_LIMIT or budget.left <= 0
            if action is None or action.using != "composite" or ends:
                yield situation, opaque
                continue
            inputs = triggers.given(action.inputs, step.inputs, around.contexts, typed=False)
            contexts = {**around.contexts, "inputs": inputs}
            env, runs = (*around.env, step.env), _step_runs(step, around)
            inside = _Around(env, contexts, runs, depth=around.depth + 1)
            inner = tuple(_bound(each, action, step.inputs) for each in action.steps)
            yield from self._of_steps(situation, inner, inside, budget)

    # ---------------------------------------------------------------- the other files

    @cached_property
    def survey(self) -> Survey:
        """A glance at all workflow files: who speaks of whom, and who may upload. None of them is kept."""
        callers: dict[str, set[str]] = {}
        suspects: list[str] = []
        names = self.names
        if self.files is self.github:
            # Those whose names speak of releases come first.
            names = tuple(sorted(names, key=lambda name: not _TELLING.search(name)))[:REQUESTED_LIMIT]
        for name in names:
            data = (self._kept.read(f"{FOLDER}/{name}") if self._kept else None) or b""
            for callee in _CALLS.findall(data):
                callers.setdefault(callee.decode("utf-8", "replace"), set()).add(name)
            if uploads.mentions_upload(data) or _USES_ACTION.search(data):
                suspects.append(name)
        by_callee = {callee: frozenset(found) for callee, found in callers.items()}
        return Survey(by_callee, tuple(suspects), complete=len(names) == len(self.names))

    @cached_property
    def elsewhere(self) -> tuple[Publication, ...]:
        """An upload to this index in each other file than the registered one, as long as there is one."""
        others = (f"{FOLDER}/{name}" for name in self.survey.suspects)
        found = (self._first_upload(path) for path in others if path != self.path)
        return tuple(islice((each for each in found if each), ELSEWHERE_LIMIT))

    def _first_upload(self, path: str) -> Publication | None:
        data = self._kept.read(path) if self._kept else None
        found = self._alone(workflows.parse(data or b"", path))
        return next((each for each in found if self.index.url in each.upload.indexes), None)

    def _alone(self, workflow: Workflow) -> Iterator[Publication]:
        """Give the uploads of a file's own jobs, for its first event and the first leg of each matrix."""
        event = next(iter(workflow.on), "")
        known = triggers.contexts(workflow, event, repository=self.repository)
        for job in workflow.jobs.values():
            placed = calls.Placed(workflow, job, (), workflows.effective(job, workflow), ())
            for situation in islice(_followed(placed, (), event, known, runs=None), 1):
                deeds = self._of(situation, _Budget())
                yield from (each for each in deeds if isinstance(each, Publication))


class _Kept:
    """Files that are read once, as long as they are few and small: reading may be a request to GitHub."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._data: dict[str, bytes | None] = {}
        self._size = 0
        self.names = files.names

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path, see `Files.read`."""
        if path in self._data:
            return self._data[path]
        data = self._files.read(path)
        self._size += len(data or b"")
        if self._size <= KEPT_LIMIT:
            self._data[path] = data
        return data


class _Budget:
    """The work that may still be done."""

    def __init__(self) -> None:
        self.left = WORK_LIMIT


class _Around(NamedTuple):
    """What is around the steps of a job or of a composite action."""

    env: tuple[Table, ...]
    contexts: Mapping[str, Any]
    runs: bool | None = True
    """Whether the step around them runs, given that the job does."""

    shell: str = ""
    depth: int = 0
    """Composite actions around the steps."""


def _in_turns(sources: list[Iterator[Situation]], limit: int) -> tuple[Situation, ...]:
    """Take one of each source in turn, up to a limit; what is taken keeps the order of the sources."""
    taken: list[list[Situation]] = [[] for _ in sources]
    waiting = deque(zip(sources, taken, strict=True))
    while waiting and limit:
        source, kept = waiting.popleft()
        situation = next(source, None)
        if situation is not None:
            kept.append(situation)
            waiting.append((source, kept))
            limit -= 1
    return tuple(chain.from_iterable(taken))


def _starting(workflow: Workflow) -> list[str]:
    """Return the events that start a workflow by itself."""
    return [event for event in workflow.on if event != "workflow_call"]


def _by_kind_of_ref(known: dict[str, Any]) -> list[dict[str, Any]]:
    """Split what is known of a run in two where its ref can be a branch or a tag: it is never both."""
    github = known["github"]
    refs, names = github.get("ref"), github.get("ref_name")
    kinds: dict[str, list[tuple[Any, Any]]] = {}
    for ref, name in zip(refs or (), names or (), strict=False):
        text = ref.prefix if isinstance(ref, Unknown) else ref
        kinds.setdefault("tag" if text.startswith("refs/tags/") else "branch", []).append((ref, name))
    if len(kinds) < len(_KINDS):
        return [known]
    return [
        {
            **known,
            "github": Partial(
                {
                    **github,
                    "ref": Choice(ref for ref, _ in kinds[kind]),
                    "ref_name": Choice(name for _, name in kinds[kind]),
                    "ref_type": kind,
                }
            ),
        }
        for kind in _KINDS
    ]


def _followed(
    placed: Placed,
    callers: tuple[Call, ...],
    event: str,
    known: Mapping[str, Any],
    answers: dict[str, bool | None] | None = None,
    *,
    runs: bool | None,
) -> Iterator[Situation]:
    """Give the situations of a job behind some calls; `known` are the contexts around the first of them.

    `answers` are those of `triggers.runs` for the first workflow.
    """
    if not callers:
        runs = _both(runs, triggers.runs(placed.workflow, placed.job, None, known, answers))
        for leg in triggers.job_contexts(placed.job, known)[:LEGS_LIMIT]:
            system = _system(placed.job, leg)
            contexts = {**leg, "runner": Partial({"os": system} if system else {})}
            yield Situation(placed, event, runs, contexts, system)
        return
    call, *others = callers
    runs = _both(runs, triggers.runs(call.workflow, call.job, None, known, answers))
    callee = others[0].workflow if others else placed.workflow
    declared = callee.on["workflow_call"].inputs if "workflow_call" in callee.on else {}
    for leg in triggers.job_contexts(call.job, known)[:LEGS_LIMIT]:
        inside = {
            "github": leg["github"],
            "inputs": triggers.given(declared, call.job.inputs, leg, typed=True),
            "env": triggers.environment_variables({}, callee.env),
        }
        yield from _followed(placed, tuple(others), event, inside, runs=runs)


def _bound(step: Step, action: Action, given: Table) -> Step:
    """Return a step of an action with what the caller writes in the place of `${{ inputs.name }}`.

    So a secret that goes through an input is seen as a secret.
    """

    def written(match: re.Match[str]) -> str:
        declared = action.inputs.get(match[1])
        value = given.get(match[1]) or (declared.default if declared else None)
        return value.text if value else match[0]

    def bound(scalar: Scalar) -> Scalar:
        return scalar._replace(text=_INPUT.sub(written, scalar.text)) if scalar.has_expression else scalar

    def all_bound(table: Table) -> Table:
        return replace(table, entries={name: bound(value) for name, value in table.entries.items()})

    run = bound(step.run) if step.run else None
    return replace(step, run=run, inputs=all_bound(step.inputs), env=all_bound(step.env))


def _system(job: Job, contexts: Mapping[str, Any]) -> str:
    """Return the operating system that the labels of a job's runner name."""
    for label in job.runs_on.labels if job.runs_on else ():
        text = (expressions.text_value(label.text, contexts) or "").lower()
        system = _SYSTEMS.get(re.split(r"[-.\d]", text, maxsplit=1)[0])
        if system:
            return system
    return ""


def _step_runs(step: Step, around: _Around) -> bool | None:
    """Tell whether a step runs."""
    if step.condition is None:
        return around.runs
    env = triggers.environment_variables(around.contexts.get("env", {}), step.env, around.contexts)
    return _both(around.runs, expressions.condition(step.condition.text, {**around.contexts, "env": env}))


def _both(one: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001 answers, not flags
    """Combine two answers: False if one is, else None if one is, else True."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True
