"""What jobs upload in the situations in which they can run, local composite actions included."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pypi_setup.preflight.publishing import uploads
from pypi_setup.preflight.syntax import evaluation
from pypi_setup.preflight.workflow import calls, triggers
from pypi_setup.preflight.workflow.situations import both

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pypi_setup.preflight.publishing.uploads import Upload
    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.workflow.calls import Repository
    from pypi_setup.preflight.workflow.loading import Action, Job, Step, Table
    from pypi_setup.preflight.workflow.situations import Situation

WORK_LIMIT = 1_000_000
"""Characters of scripts that are read, over all situations; beyond it each job is looked at once."""

STEP_COST = 500
"""What a step counts for beside its script."""

_INPUT = re.compile(r"\$\{\{\s*inputs\.([A-Za-z_][\w-]*)\s*\}\}", re.ASCII)


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


Deed: TypeAlias = "Publication | tuple[Situation, uploads.Opaque]"
"""An upload, or something that runs in a situation and cannot be looked into."""


def found(situations: Sequence[Situation], files: Repository | None) -> tuple[Deed, ...]:
    """Return the uploads of jobs in their situations, and what runs there and cannot be looked into.

    Each job is read in one situation in which it can run, then in the others: first where it uploads.
    """
    by_job: dict[tuple[str, str], list[int]] = {}
    for number, situation in enumerate(situations):
        by_job.setdefault((situation.file, situation.job.id), []).append(number)
    budget = _Budget()
    deeds: dict[int, list[Deed]] = {}
    others: list[tuple[bool, int]] = []
    for numbers in by_job.values():
        first, *rest = sorted(numbers, key=lambda number: situations[number].runs is False)
        deeds[first] = list(_of(situations[first], files, budget))
        uploads_none = not any(isinstance(deed, Publication) for deed in deeds[first])
        others.extend((uploads_none, number) for number in rest)
    for _, number in sorted(others):
        if budget.left > 0:
            deeds[number] = list(_of(situations[number], files, budget))
    return tuple(deed for number in sorted(deeds) for deed in deeds[number])


def step_runs(step: Step, situation: Situation) -> bool | None:
    """Tell whether a step of a job runs in a situation, given that the job does."""
    return _step_runs(step, _Around((), situation.contexts))


def of(situation: Situation, files: Repository | None) -> Iterator[Publication]:
    """Give the uploads of one job in one situation."""
    deeds = _of(situation, files, _Budget())
    return (each for each in deeds if isinstance(each, Publication))


def _of(situation: Situation, files: Repository | None, budget: _Budget) -> Iterator[Deed]:
    """Give what the steps of a job do."""
    workflow, job = situation.placed.workflow, situation.job
    shell = job.shell or workflow.shell
    default = shell.text if shell else "pwsh" if situation.system == "Windows" else ""
    place = job.working_directory or workflow.working_directory
    folder = place.text if place else ""
    around = _Around((workflow.env, job.env), situation.contexts, shell=default, folder=folder)
    yield from _of_steps(situation, job.steps, around, files, budget)


def _of_steps(
    situation: Situation, steps: tuple[Step, ...], around: _Around, files: Repository | None, budget: _Budget
) -> Iterator[Deed]:
    budget.left -= sum(STEP_COST + len(step.run.text if step.run else "") for step in steps)
    found = uploads.found(
        steps,
        around.env,
        contexts=around.contexts,
        default_shell=around.shell,
        default_folder=around.folder,
        tasks=files.tasks if files else None,
    )
    by_index = {step.index: step for step in steps}
    for upload in found.uploads:
        step_runs = _step_runs(by_index[upload.step], around)
        runs = both(situation.runs, step_runs)
        yield Publication(situation, upload, runs, step_runs, in_action=around.depth > 0)
    for opaque in found.opaque:
        step = by_index[opaque.step]
        action = files.action(step.uses.text) if files and step.uses else None
        ends = around.depth == calls.ACTIONS_LIMIT or budget.left <= 0
        if action is None or action.using != "composite" or ends:
            yield situation, opaque
            continue
        inputs = triggers.given(action.inputs, step.inputs, around.contexts, typed=False)
        contexts = {**around.contexts, "inputs": inputs}
        env, runs = (*around.env, step.env), _step_runs(step, around)
        inside = _Around(env, contexts, runs, depth=around.depth + 1)
        inner = tuple(_bound(each, action, step.inputs) for each in action.steps)
        yield from _of_steps(situation, inner, inside, files, budget)


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
    folder: str = ""
    depth: int = 0
    """Composite actions around the steps."""


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


def _step_runs(step: Step, around: _Around) -> bool | None:
    """Tell whether a step runs."""
    if step.condition is None:
        return around.runs
    env = triggers.environment_variables(around.contexts.get("env", {}), step.env, around.contexts)
    return both(around.runs, evaluation.condition(step.condition.text, {**around.contexts, "env": env}))
