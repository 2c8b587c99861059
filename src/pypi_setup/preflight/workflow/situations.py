"""The situations of a job: after which event it runs, in which leg of its matrix, by which calls."""

from __future__ import annotations

import re
from collections import deque
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.syntax import evaluation
from pypi_setup.preflight.syntax.unknowns import Choice, Partial, Unknown, as_text
from pypi_setup.preflight.workflow import loading, triggers
from pypi_setup.preflight.workflow.calls import Placed
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pypi_setup.preflight.workflow.calls import Call
    from pypi_setup.preflight.workflow.loading import Job, Workflow

SITUATIONS_LIMIT = 1000
"""Situations that are looked at: events, legs of matrices and calls, multiplied."""

LEGS_LIMIT = 32
"""Legs of one matrix that are looked at."""

NAME_LIMIT = 100
"""Characters of a name that are shown; GitHub allows no more in a job's id."""

CHOICES_LIMIT = 8
"""Combinations of what the person who starts a run can choose that are told apart."""

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


def situations(placed: Sequence[Placed], repository: str) -> tuple[Situation, ...]:
    """Return every situation of every job with steps; where there are too many, as many of each job.

    `repository` is `owner/name`.
    """
    known = _Known(repository)
    jobs = [each for each in placed if each.job.uses is None]
    return _in_turns([_of_job(each, known) for each in jobs], SITUATIONS_LIMIT)


def _of_job(placed: Placed, known: _Known) -> Iterator[Situation]:
    root = placed.callers[0].workflow if placed.callers else placed.workflow
    for event in starting(root) or [""]:
        for contexts, answers in known.of(root, event):
            yield from _followed(placed, placed.callers, event, contexts, answers, runs=True)


class _Known:
    """What is known of the runs that an event starts, each with a place for what runs then."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self._runs: dict[tuple[str, str], list[tuple[dict[str, Any], dict[str, triggers.Answer]]]] = {}

    def of(self, root: Workflow, event: str) -> list[tuple[dict[str, Any], dict[str, triggers.Answer]]]:
        key = (root.file, event)
        if key not in self._runs:
            known = triggers.contexts(root, event or "workflow_call", repository=self._repository)
            chosen = [each for kind in by_kind_of_ref(known) for each in _by_choice(root, kind)]
            self._runs[key] = [(each, {}) for each in chosen]
        return self._runs[key]


def alone(workflow: Workflow, repository: str) -> Iterator[Situation]:
    """Give one situation of each job of a file by itself: its first event, the first leg of each matrix."""
    event = next(iter(workflow.on), "")
    known = triggers.contexts(workflow, event, repository=repository)
    for job in workflow.jobs.values():
        placed = Placed(workflow, job, (), loading.effective(job, workflow), ())
        yield from islice(_followed(placed, (), event, known, runs=None), 1)


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


def starting(workflow: Workflow) -> list[str]:
    """Return the events that start a workflow by itself."""
    return [event for event in workflow.on if event != "workflow_call"]


def kind_of_ref(known: Mapping[str, Any]) -> str:
    """Return `branch` or `tag`, the kind of ref that a run is about; empty where that is not known."""
    kind = known["github"].get("ref_type", "")
    if isinstance(kind, Choice):
        return str(kind[0]) if len(kind) == 1 else ""
    return kind if isinstance(kind, str) else ""


def by_kind_of_ref(known: dict[str, Any]) -> list[dict[str, Any]]:
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


def choices(known: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a run's starter chose, by input, where the situations are told apart by it."""
    event = known["github"].get("event")
    return event.get("inputs") if isinstance(event, dict) else None


def _by_choice(root: Workflow, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Split what is known of a run by what its starter chooses: what one choice decides, it decides at once.

    Only inputs that conditions, environments, variables or calls speak of, and only a few values in all.
    """
    inputs: Mapping[str, Any] = known["inputs"]
    spoken = " ".join(_deciding(root)).lower()
    split: dict[str, Choice] = {}
    number = 1
    for name, value in inputs.items():
        if isinstance(value, Choice) and number * len(value) <= CHOICES_LIMIT and _speaks(spoken, name):
            split[name] = value
            number *= len(value)
    if not split:
        return [known]
    github = known["github"]
    found = []
    for values in product(*split.values()):
        chosen = dict(zip(split, values, strict=True))
        event = Partial({**github["event"], "inputs": Partial({k: as_text(v) for k, v in chosen.items()})})
        found.append({**known, "github": Partial({**github, "event": event}), "inputs": {**inputs, **chosen}})
    return found


def _speaks(text: str, name: str) -> bool:
    return bool(re.search(rf"\binputs\s*(?:\.\s*|\[\s*')\s*{re.escape(name.lower())}\b", text))


def _deciding(root: Workflow) -> Iterator[str]:
    """Give the texts of a workflow that decide what runs, and where."""
    tables = [root.env]
    for job in root.jobs.values():
        tables += [job.env, job.inputs]
        scalars = (job.condition, job.environment.name if job.environment else None)
        steps = (step.condition for step in job.steps)
        yield from (scalar.text for scalar in (*scalars, *steps) if scalar)
    yield from (value.text for table in tables for value in table.entries.values())


def _followed(
    placed: Placed,
    callers: tuple[Call, ...],
    event: str,
    known: Mapping[str, Any],
    answers: dict[str, triggers.Answer] | None = None,
    *,
    runs: bool | None,
) -> Iterator[Situation]:
    """Give the situations of a job behind some calls; `known` are the contexts around the first of them.

    `answers` are those of `triggers.runs` for the first workflow.
    """
    if not callers:
        runs = both(runs, triggers.runs(placed.workflow, placed.job, None, known, answers))
        for leg in triggers.job_contexts(placed.job, known)[:LEGS_LIMIT]:
            system = _system(placed.job, leg)
            contexts = {**leg, "runner": Partial({"os": system} if system else {})}
            yield Situation(placed, event, runs, contexts, system)
        return
    call, *others = callers
    runs = both(runs, triggers.runs(call.workflow, call.job, None, known, answers))
    callee = others[0].workflow if others else placed.workflow
    declared = callee.on["workflow_call"].inputs if "workflow_call" in callee.on else {}
    for leg in triggers.job_contexts(call.job, known)[:LEGS_LIMIT]:
        inside = {
            "github": leg["github"],
            "inputs": triggers.given(declared, call.job.inputs, leg, typed=True),
            "env": triggers.environment_variables({}, callee.env),
        }
        yield from _followed(placed, tuple(others), event, inside, runs=runs)


def _system(job: Job, contexts: Mapping[str, Any]) -> str:
    """Return the operating system that the labels of a job's runner name."""
    for label in job.runs_on.labels if job.runs_on else ():
        text = (evaluation.text_value(label.text, contexts) or "").lower()
        system = _SYSTEMS.get(re.split(r"[-.\d]", text, maxsplit=1)[0])
        if system:
            return system
    return ""


def both(one: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001 answers, not flags
    """Combine two answers: False if one is, else None if one is, else True."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True
