"""Calls within the repository: reusable workflows with the permissions they are left, and local actions.

Sources: GitHub's reference of reusable workflows (ten levels, no loops) and of its workflow syntax
(`jobs.<job_id>.uses`), the composite actions' limit of ten levels, and for what a caller allows
actions/runner, src/Sdk/WorkflowParser/Conversion (WorkflowTemplateConverter, PermissionsHelper).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.syntax.document import Problem, Scalar
from pypi_setup.preflight.workflow import loading as workflows
from pypi_setup.preflight.workflow import model

if TYPE_CHECKING:
    from pypi_setup.preflight.tasks.reading import Tasks
    from pypi_setup.preflight.workflow.model import Action, Job, Permissions, Step, Table, Workflow
    from pypi_setup.sources.files import Files

FOLDER = ".github/workflows"
"""Where GitHub looks for workflows."""

WORKFLOWS_LIMIT = 10
"""Workflows that call each other, the first one included."""

ACTIONS_LIMIT = 10
"""Composite actions inside of each other."""

JOBS_LIMIT = 1000
"""Jobs, or steps of a job, that are followed; more would take calls that multiply."""

PARSED_LIMIT = 8 * 1024 * 1024
"""Bytes of all workflow and action files that are parsed: some seconds at worst."""

UNREAD = "the workflows and actions are too large together"
"""Why a file behind that limit is not read."""

_LOCAL = re.compile(r"[.$]/\.github/workflows/[^/@]+\.ya?ml\Z")
"""`./` and `$/` both name this repository at the commit of the run; GitHub recommends the newer `$/`."""

_REMOTE = re.compile(r"[^/@\s]+/[^/@\s]+/\.github/workflows/[^/@]+\.ya?ml@\S+\Z")


class Call(NamedTuple):
    """A job that calls a workflow, and the workflow file that the job stands in."""

    workflow: Workflow
    job: Job


@dataclass(frozen=True, slots=True)
class Placed:
    """A job with the calls that lead to it."""

    workflow: Workflow
    """The file that the job stands in."""

    job: Job
    callers: tuple[Call, ...]
    """The calling jobs, the outermost first; empty for a job of the workflow that was started."""

    permissions: Permissions | None
    """What holds in the job: its own block, its file's, or what the callers leave.

    None where no block says any: then it is the repository's default, which never has `id-token: write`.
    """

    limits: tuple[tuple[Call, Permissions | None], ...]
    """For every caller, the permissions that it leaves to what it calls; None where no block says any."""

    def refused_by(self, scope: str) -> Call | None:
        """Return the outermost caller that leaves less of a permission than the job asks for.

        GitHub refuses to start such a workflow: "is requesting …, but is only allowed …".
        """
        asked = _RANK[self.permissions.level(scope)] if self.permissions else 0
        for caller, left in self.limits:
            if left is not None and _RANK[left.level(scope)] < asked:
                return caller
        return None

    @property
    def depends_on_default(self) -> bool:
        """Tell whether a caller has no block, so that the repository's default is the limit."""
        return any(left is None for _, left in self.limits)


_RANK = {"none": 0, "read": 1, "write": 2}


class Followed(NamedTuple):
    """What a workflow comes to with everything that it calls."""

    jobs: tuple[Placed, ...]
    """The jobs with steps, and the calls that lead out of the repository (their `job.uses` says where)."""

    problems: tuple[Problem, ...]
    """Calls for which GitHub refuses to start the workflow. The files' own problems are in the files."""

    workflows: tuple[Workflow, ...]
    """The files on the way, the first one included, each once."""


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step with the local composite actions that it stands in."""

    file: str
    """The file that the step stands in."""

    step: Step
    callers: tuple[tuple[Step, Action], ...] = ()
    """The steps that use an action, with the action, the outermost first; empty for a step of the job."""


class Repository:
    """The workflows and actions of a repository, each read once."""

    def __init__(self, files: Files, *, local: bool = False) -> None:
        """Take the files; with `local` each is at hand, else it may be a request to GitHub."""
        self._files = files
        self._local = local
        self._workflows: dict[str, Workflow | None] = {}
        self._actions: dict[str, Action | None] = {}
        self._left = PARSED_LIMIT
        self.unread: list[str] = []
        """The paths of the files that were left out, see `may_parse`."""

    def may_parse(self, data: bytes, path: str) -> bool:
        """Tell whether a file may still be parsed, all of them together being bounded; then it counts."""
        self._left -= len(data)
        if self._left < 0:
            self.unread.append(path)
        return self._left >= 0

    @cached_property
    def tasks(self) -> Tasks | None:
        """What task runners and scripts of the repository run; None where each file costs a request."""
        from pypi_setup.preflight.tasks.reading import Tasks

        return Tasks(self._files.read) if self._local else None

    def names(self) -> list[str]:
        """Return the names of all workflow files."""
        return [name for name in self._files.names(FOLDER) if name.endswith((".yml", ".yaml"))]

    def workflow(self, name: str) -> Workflow | None:
        """Return the workflow with this file name; None where there is no such file, or it is left out."""
        path = f"{FOLDER}/{name}"
        if path not in self._workflows:
            data = self._files.read(path)
            fits = data is not None and self.may_parse(data, path)
            self._workflows[path] = workflows.parse(data or b"", path) if fits else None
        return self._workflows[path]

    def action(self, uses: str) -> Action | None:
        """Return the local action that `uses` names (`./path` or `$/path`); None where there is none."""
        folder = _local_folder(uses)
        if folder is None:
            return None
        if folder not in self._actions:
            self._actions[folder] = self._read_action(folder)
        return self._actions[folder]

    def _read_action(self, folder: str) -> Action | None:
        for name in ("action.yml", "action.yaml"):
            path = f"{folder}/{name}" if folder else name
            data = self._files.read(path)
            if data is not None:
                return workflows.parse_action(data, path) if self.may_parse(data, path) else None
        return None

    def follow(self, workflow: Workflow) -> Followed:
        """Return the jobs of a workflow and of all workflows of this repository that it calls."""
        walk = _Walk(self)
        walk.jobs_of(workflow, (), (), None)
        return Followed(tuple(walk.jobs), tuple(walk.problems), tuple(walk.workflows.values()))

    def callers(self, name: str) -> list[Workflow]:
        """Return the workflows of the repository with a job that calls the one with this file name."""
        uses = {f"./{FOLDER}/{name}", f"$/{FOLDER}/{name}"}
        found = (self.workflow(other) for other in self.names())
        return [
            each
            for each in found
            if each and any(job.uses and job.uses.text in uses for job in each.jobs.values())
        ]

    def steps(self, file: str, steps: tuple[Step, ...]) -> tuple[PlacedStep, ...]:
        """Return the steps of a job, with those of the repository's composite actions that they use.

        An action's steps stand behind the step that uses it.
        """
        found: list[PlacedStep] = []
        self._add_steps(file, steps, (), found)
        return tuple(found)

    def _add_steps(
        self,
        file: str,
        steps: tuple[Step, ...],
        callers: tuple[tuple[Step, Action], ...],
        found: list[PlacedStep],
    ) -> None:
        for step in steps:
            if len(found) >= JOBS_LIMIT:
                return
            found.append(PlacedStep(file, step, callers))
            action = self.action(step.uses.text) if step.uses else None
            if action is not None and action.using == "composite" and len(callers) < ACTIONS_LIMIT:
                self._add_steps(action.file, action.steps, (*callers, (step, action)), found)


def _local_folder(uses: str) -> str | None:
    """Return the folder, from the root, that `./path` or `$/path` names; None for another `uses`."""
    if not uses.startswith(("./", ".\\", "$/")) or "${{" in uses:
        return None
    parts = [part for part in re.split(r"[/\\]", uses.removeprefix("$")) if part not in {"", "."}]
    return None if ".." in parts else "/".join(parts)


class _Walk:
    """One walk along the calls of a workflow."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._visits = 0
        self.jobs: list[Placed] = []
        self.problems: list[Problem] = []
        self.workflows: dict[str, Workflow] = {}

    def jobs_of(
        self,
        workflow: Workflow,
        callers: tuple[Call, ...],
        limits: tuple[tuple[Call, Permissions | None], ...],
        left: Permissions | None,
    ) -> None:
        """Add the jobs of a workflow. `left` is what its caller leaves it, where any block says so."""
        self.workflows.setdefault(workflow.file, workflow)
        for job in workflow.jobs.values():
            if self._visits >= JOBS_LIMIT:
                return
            self._visits += 1
            permissions = model.effective(job, workflow) or left
            callee = self._callee(workflow, job, callers)
            if callee is None:
                self.jobs.append(Placed(workflow, job, callers, permissions, limits))
            else:
                call = Call(workflow, job)
                self.jobs_of(callee, (*callers, call), (*limits, (call, permissions)), permissions)

    def _callee(self, workflow: Workflow, job: Job, callers: tuple[Call, ...]) -> Workflow | None:
        """Return the workflow of this repository that a job calls, if it does and GitHub would start it."""
        uses = job.uses
        if uses is None or not self._is_local(uses):
            return None
        name = uses.text.rpartition("/")[2]
        callee = self._repository.workflow(name)
        files = [*(call.workflow.file for call in callers), workflow.file]
        if callee is None and f"{FOLDER}/{name}" in self._repository.unread:
            return None
        if callee is None:
            self._report(
                uses, f"The called workflow {uses.text} does not exist", "Create it, or correct its name"
            )
        elif callee.file in files:
            fix = "Take one of the calls out: a workflow may not call itself, not even through others"
            self._report(uses, f"The call of {uses.text} closes a loop", fix)
        elif len(files) >= WORKFLOWS_LIMIT:
            message = f"More than {WORKFLOWS_LIMIT} levels of workflows call each other"
            self._report(uses, message, "Call it from further above")
        else:
            self._check(job, uses, callee)
            return callee
        return None

    def _is_local(self, uses: Scalar) -> bool:
        """Tell whether a job's `uses` names a workflow of this repository; report one that names none."""
        if uses.has_expression or _LOCAL.match(uses.text):
            return not uses.has_expression
        if uses.text.startswith(("./", "$/")):
            fix = f"Write ./{FOLDER}/name.yml, without a ref and without folders below"
            self._report(uses, f"'{uses.text[:200]}' names no workflow of this repository", fix)
        elif not _REMOTE.match(uses.text):
            fix = f"Write ./{FOLDER}/name.yml, or owner/repository/{FOLDER}/name.yml@ref"
            self._report(uses, f"'{uses.text[:200]}' names no workflow", fix)
        return False

    def _check(self, job: Job, uses: Scalar, callee: Workflow) -> None:
        """Check that the callee can be called, and that it is given what it declares."""
        event = callee.on.get("workflow_call")
        if event is None:
            fix = f"Add 'workflow_call:' to 'on' in {callee.file}"
            self._report(uses, f"{callee.file} cannot be called: its 'on' has no 'workflow_call'", fix)
            return
        inputs = {name: each.required for name, each in event.inputs.items()}
        self._check_given(uses, "input", job.inputs, inputs)
        if not job.inherits_secrets:
            self._check_given(uses, "secret", job.secrets, event.secrets)

    def _check_given(self, uses: Scalar, what: str, given: Table, declared: dict[str, bool]) -> None:
        if given.expression is not None:
            return
        names = {name.lower() for name in declared}
        for name, required in declared.items():
            if required and given.get(name) is None:
                where = "with" if what == "input" else "secrets"
                message = f"The called workflow requires the {what} '{name}'"
                self._report(uses, message, f"Give it under '{where}:'")
        for name, value in given.entries.items():
            if name.lower() not in names:
                self._report(
                    value,
                    f"The called workflow declares no {what} '{name}'",
                    "Remove it, or declare it there",
                )

    def _report(self, place: Scalar, message: str, fix: str) -> None:
        problem = Problem(message, fix, place.file, place.line, place.column)
        if problem not in self.problems and len(self.problems) < 20:  # noqa: PLR2004 as many as of one file
            self.problems.append(problem)
