"""A GitHub workflow as typed data with places: what GitHub reads, not what YAML says.

Everything comes from `parse` (a workflow file) and `parse_action` (the metadata of a local action). Any bytes
give a result; what GitHub would refuse to load stands in `problems`, and the rest of the file is read as far
as it can be. Sources: GitHub's workflow syntax reference, and its own schema and parser in actions/runner
(src/Sdk/WorkflowParser).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from . import document, expressions, schema
from .document import Problem, Scalar, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "EMPTY",
    "Action",
    "Container",
    "Environment",
    "Event",
    "Input",
    "Job",
    "Matrix",
    "Permissions",
    "Problem",
    "RunsOn",
    "Scalar",
    "Step",
    "Table",
    "Value",
    "Workflow",
    "effective",
    "parse",
    "parse_action",
]

EVENTS_LIMIT = 100
"""Events of one workflow; GitHub has fewer in all."""

Value: TypeAlias = "Scalar | tuple[Value, ...] | dict[str, Value]"
"""Any YAML value; only a matrix holds such."""


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping from names to scalars: `env`, `with`, `secrets`."""

    line: int
    column: int
    entries: dict[str, Scalar] = field(default_factory=dict)
    """By name, as written; GitHub tells no two names apart that differ in letter case only."""

    expression: Scalar | None = None
    """Where entries come from an expression that GitHub evaluates: these entries are unknown."""

    def get(self, name: str) -> Scalar | None:
        """Return the value of this name, without regard to letter case; None where it is not written."""
        if name in self.entries:
            return self.entries[name]
        folded = name.lower()
        return next((value for key, value in self.entries.items() if key.lower() == folded), None)


EMPTY = Table(1, 1)
"""Where nothing is written."""


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input of a called or dispatched workflow, or of an action."""

    name: str
    type: str
    """`string`, `boolean`, `number`, `choice` or `environment`; `string` where none is written."""

    required: bool
    default: Scalar | None
    options: tuple[Scalar, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event of `on`, with its filters. A filter that is not written is None."""

    name: str
    line: int
    column: int
    types: tuple[Scalar, ...] | None = None
    branches: tuple[Scalar, ...] | None = None
    branches_ignore: tuple[Scalar, ...] | None = None
    tags: tuple[Scalar, ...] | None = None
    tags_ignore: tuple[Scalar, ...] | None = None
    paths: tuple[Scalar, ...] | None = None
    paths_ignore: tuple[Scalar, ...] | None = None
    workflows: tuple[Scalar, ...] | None = None
    """Of `workflow_run`: the names of the workflows whose runs start this one."""

    inputs: dict[str, Input] = field(default_factory=dict)
    """Of `workflow_call` and `workflow_dispatch`."""

    secrets: dict[str, bool] = field(default_factory=dict)
    """Of `workflow_call`: the names of the secrets, and whether each is required."""

    crons: tuple[Scalar, ...] = ()
    """Of `schedule`."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """A `permissions` block. What it does not name is `none`."""

    line: int
    """Of the key `permissions`."""

    column: int
    shorthand: str = ""
    """`read-all`, `write-all`, or empty for a mapping."""

    scopes: dict[str, Scalar] = field(default_factory=dict)
    """By permission: `read`, `write` or `none`."""

    def level(self, scope: str) -> str:
        """Return `write`, `read` or `none` for a permission such as `id-token`."""
        if self.shorthand == "write-all":
            return "write"
        if self.shorthand == "read-all":
            return "none" if scope == "id-token" else "read"
        value = self.scopes.get(scope)
        return value.text if value else "none"


@dataclass(frozen=True, slots=True)
class RunsOn:
    """Where a job runs."""

    line: int
    column: int
    labels: tuple[Scalar, ...] = ()
    """Each may hold expressions; one that is an expression as a whole may stand for several labels."""

    group: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """A job's environment."""

    name: Scalar
    """May hold expressions."""

    url: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A job's container."""

    line: int
    column: int
    image: Scalar | None
    """None where the mapping names no image."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A job's `strategy.matrix`; `expressions.legs` expands it."""

    line: int
    column: int
    axes: dict[str, Value] = field(default_factory=dict)
    """Each a sequence, or a scalar that holds an expression."""

    include: Value | None = None
    exclude: Value | None = None
    expression: Scalar | None = None
    """Where the whole matrix is one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job or of a composite action."""

    index: int
    """From 0, in the order in which they stand."""

    line: int
    column: int
    id: str = ""
    name: Scalar | None = None
    condition: Scalar | None = None
    """The step's `if`."""

    uses: Scalar | None = None
    run: Scalar | None = None
    inputs: Table = EMPTY
    """The step's `with`."""

    env: Table = EMPTY
    shell: Scalar | None = None
    working_directory: Scalar | None = None
    continue_on_error: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job."""

    id: str
    line: int
    """Of the job's id."""

    column: int
    name: Scalar | None = None
    needs: tuple[Scalar, ...] = ()
    condition: Scalar | None = None
    """The job's `if`."""

    runs_on: RunsOn | None = None
    container: Container | None = None
    environment: Environment | None = None
    permissions: Permissions | None = None
    """None where the job has no block of its own."""

    env: Table = EMPTY
    matrix: Matrix | None = None
    shell: Scalar | None = None
    """`defaults.run.shell`."""

    working_directory: Scalar | None = None
    """`defaults.run.working-directory`."""

    steps: tuple[Step, ...] = ()
    uses: Scalar | None = None
    """The called workflow; such a job has no steps."""

    inputs: Table = EMPTY
    """The call's `with`."""

    secrets: Table = EMPTY
    """The call's `secrets`."""

    inherits_secrets: bool = False
    """Whether the call says `secrets: inherit`."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file."""

    file: str
    """Path from the repository's root."""

    name: Scalar | None = None
    on: dict[str, Event] = field(default_factory=dict)
    """By event, in the order in which they stand."""

    permissions: Permissions | None = None
    env: Table = EMPTY
    shell: Scalar | None = None
    """`defaults.run.shell`."""

    working_directory: Scalar | None = None
    """`defaults.run.working-directory`."""

    jobs: dict[str, Job] = field(default_factory=dict)
    """By id, in the order in which they stand."""

    jobs_line: int = 1
    """Line of the key `jobs`."""

    on_line: int = 1
    """Line of the key `on`."""

    problems: tuple[Problem, ...] = ()
    """Why GitHub would refuse to load the file; empty where it would load it."""


@dataclass(frozen=True, slots=True)
class Action:
    """The metadata of a local action (`action.yml`)."""

    file: str
    using: str = ""
    """`composite`, `docker`, `node20`, …"""

    inputs: dict[str, Input] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    """Of a composite action."""

    problems: tuple[Problem, ...] = ()


def effective(job: Job, workflow: Workflow) -> Permissions | None:
    """Return the permissions that hold in a job: its own block, else the workflow's, else None.

    None means the repository's default, which never has `id-token: write`.
    """
    return job.permissions if job.permissions is not None else workflow.permissions


def parse(data: bytes, file: str) -> Workflow:
    """Return the workflow that GitHub reads from these bytes; `file` is its path in the repository."""
    reader = schema.Reader(file)
    root = _root(data, reader)
    if root is None:
        return Workflow(file, problems=tuple(reader.problems))
    try:
        reader.read(root, schema.WORKFLOW)
    except schema.TooLarge:
        return Workflow(file, problems=tuple(reader.problems))
    return _Builder(reader, file).workflow(root)


def parse_action(data: bytes, file: str) -> Action:
    """Return the action whose metadata these bytes are; `file` is its path in the repository."""
    reader = schema.Reader(file)
    root = _root(data, reader)
    if root is None:
        return Action(file, problems=tuple(reader.problems))
    try:
        reader.read(root, schema.ANYTHING, schema.ACTION)
    except schema.TooLarge:
        return Action(file, problems=tuple(reader.problems))
    return _Builder(reader, file).action(root)


def _root(data: bytes, reader: schema.Reader) -> yaml.MappingNode | None:
    """Return the document's mapping; None, and a problem, where it has none."""
    try:
        root = document.compose(data)
    except document.Unreadable as error:
        reader.report((error.line, error.column), str(error), error.fix)
        return None
    if isinstance(root, yaml.MappingNode):
        return root
    what = "The file is empty" if root is None else "The file is not a mapping of keys to values"
    reader.report((1, 1), what, "Write the keys 'on' and 'jobs' at the left margin")
    return None


# ---------------------------------------------------------------- from nodes to the model

_Pairs: TypeAlias = "dict[str, tuple[yaml.Node, yaml.Node]]"
_NOTHING: _Pairs = {}
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,98}\Z")
_FILTER_PAIRS = ("branches", "tags", "paths")
_STEP_SCALARS = {
    "name": "name",
    "if": "condition",
    "uses": "uses",
    "run": "run",
    "shell": "shell",
    "working-directory": "working_directory",
    "continue-on-error": "continue_on_error",
}
"""The keys of a step that hold one scalar, and the fields they become."""


def _pairs(node: yaml.Node | None) -> _Pairs:
    """Return a mapping's keys and values by key; nothing where there is no mapping."""
    if not isinstance(node, yaml.MappingNode):
        return _NOTHING
    return {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _child(pairs: _Pairs, key: str) -> yaml.Node | None:
    pair = pairs.get(key)
    return pair[1] if pair else None


class _Builder:
    """Makes the model of one file. What has the wrong form was reported by the reader, and is left out."""

    def __init__(self, reader: schema.Reader, file: str) -> None:
        self._reader = reader
        self._file = file

    # -------------------------------- values

    def _scalar(self, node: yaml.Node | None) -> Scalar | None:
        return scalar(node, self._file) if isinstance(node, yaml.ScalarNode) else None

    def _scalars(self, node: yaml.Node | None) -> tuple[Scalar, ...]:
        """Return a list of scalars; one scalar is a list of one."""
        nodes: Iterable[yaml.Node] = (
            node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []
        )
        return tuple(scalar(item, self._file) for item in nodes if isinstance(item, yaml.ScalarNode))

    def _table(self, node: yaml.Node | None) -> Table:
        if node is None:
            return EMPTY
        line, column = document.place(node)
        if isinstance(node, yaml.ScalarNode):
            return Table(line, column, {}, self._scalar(node) if "${{" in node.value else None)
        entries: dict[str, Scalar] = {}
        inserted: Scalar | None = None
        for name, (key, value) in _pairs(node).items():
            if "${{" in name:
                inserted = self._scalar(value if isinstance(value, yaml.ScalarNode) else key)
            elif isinstance(value, yaml.ScalarNode):
                entries[name] = scalar(value, self._file)
        return Table(line, column, entries, inserted)

    def _value(self, node: yaml.Node) -> Value:
        if isinstance(node, yaml.ScalarNode):
            return scalar(node, self._file)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._value(item) for item in node.value)
        return {name: self._value(value) for name, (_, value) in _pairs(node).items()}

    # -------------------------------- the workflow

    def workflow(self, root: yaml.MappingNode) -> Workflow:
        """Return the workflow whose root this is."""
        pairs = _pairs(root)
        shell, working_directory = self._defaults(_child(pairs, "defaults"))
        lines = {key: document.place(pairs[key][0])[0] for key in ("on", "jobs") if key in pairs}
        on = self._events(*pairs["on"]) if "on" in pairs else {}
        jobs = self._jobs(*pairs["jobs"]) if "jobs" in pairs else {}
        return Workflow(
            file=self._file,
            name=self._scalar(_child(pairs, "name")),
            on=on,
            permissions=self._permissions(pairs),
            env=self._table(_child(pairs, "env")),
            shell=shell,
            working_directory=working_directory,
            jobs=jobs,
            jobs_line=lines.get("jobs", 1),
            on_line=lines.get("on", 1),
            problems=tuple(sorted(self._reader.problems, key=lambda problem: (problem.line, problem.column))),
        )

    def _defaults(self, node: yaml.Node | None) -> tuple[Scalar | None, Scalar | None]:
        """Return the shell and the working directory of `defaults`."""
        run = _pairs(_child(_pairs(node), "run"))
        return self._scalar(_child(run, "shell")), self._scalar(_child(run, "working-directory"))

    def _permissions(self, pairs: _Pairs) -> Permissions | None:
        if "permissions" not in pairs:
            return None
        key, node = pairs["permissions"]
        line, column = document.place(key)
        if isinstance(node, yaml.ScalarNode):
            return Permissions(line, column, node.value)
        return Permissions(line, column, "", self._table(node).entries)

    # -------------------------------- on

    def _events(self, key: yaml.Node, node: yaml.Node) -> dict[str, Event]:
        found: list[tuple[yaml.Node, yaml.Node | None]]
        if isinstance(node, yaml.MappingNode):
            found = list(_pairs(node).values())
        else:
            found = [(item, None) for item in (node.value if isinstance(node, yaml.SequenceNode) else [node])]
        events: dict[str, Event] = {}
        for name, value in found[:EVENTS_LIMIT]:
            if isinstance(name, yaml.ScalarNode) and name.value:
                self._known_event(name)
                events[name.value] = self._event(name, value)
        if not events:
            self._reader.report(key, "No event starts the workflow", "Name one, for example 'on: release'")
        return events

    def _known_event(self, name: yaml.ScalarNode) -> None:
        """Report an event that can only be a slip of the pen: GitHub may know more than this product does."""
        if name.value not in schema.EVENTS:
            close = difflib.get_close_matches(name.value.lower().replace("-", "_"), schema.EVENTS, 1, 0.85)
            if close:
                self._reader.report(name, f"GitHub knows no event '{name.value}'", f"Write '{close[0]}'")

    def _event(self, name: yaml.ScalarNode, node: yaml.Node | None) -> Event:
        pairs = _pairs(node)
        for filtered in _FILTER_PAIRS:
            if filtered in pairs and f"{filtered}-ignore" in pairs:
                message = f"An event has '{filtered}' or '{filtered}-ignore', not both"
                fix = f"Write both into '{filtered}', with '!' before what is to be ignored"
                self._reader.report(pairs[filtered][0], message, fix)

        def filter_of(key: str) -> tuple[Scalar, ...] | None:
            return self._scalars(pairs[key][1]) if key in pairs else None

        crons = node.value if name.value == "schedule" and isinstance(node, yaml.SequenceNode) else []
        line, column = document.place(name)
        return Event(
            name=name.value,
            line=line,
            column=column,
            types=filter_of("types"),
            branches=filter_of("branches"),
            branches_ignore=filter_of("branches-ignore"),
            tags=filter_of("tags"),
            tags_ignore=filter_of("tags-ignore"),
            paths=filter_of("paths"),
            paths_ignore=filter_of("paths-ignore"),
            workflows=filter_of("workflows"),
            inputs=self._inputs(_child(pairs, "inputs")),
            secrets={
                secret: self._flag(_child(_pairs(value), "required"))
                for secret, (_, value) in _pairs(_child(pairs, "secrets")).items()
            },
            crons=tuple(cron for item in crons for cron in self._scalars(_child(_pairs(item), "cron"))),
        )

    def _inputs(self, node: yaml.Node | None) -> dict[str, Input]:
        return {name: self._input(name, key, value) for name, (key, value) in _pairs(node).items()}

    def _input(self, name: str, key: yaml.Node, node: yaml.Node) -> Input:
        pairs = _pairs(node)
        kind = self._scalar(_child(pairs, "type"))
        return Input(
            name,
            kind.text if kind else "string",
            self._flag(_child(pairs, "required")),
            self._scalar(_child(pairs, "default")),
            self._scalars(_child(pairs, "options")),
            *document.place(key),
        )

    def _flag(self, node: yaml.Node | None) -> bool:
        found = self._scalar(node)
        return found is not None and found.value is True

    # -------------------------------- jobs

    def _jobs(self, key: yaml.Node, node: yaml.Node) -> dict[str, Job]:
        jobs: dict[str, Job] = {}
        for name, (job_key, value) in _pairs(node).items():
            self._check_id(job_key, name)
            if isinstance(value, yaml.MappingNode):
                jobs[name] = self._job(name, job_key, _pairs(value))
        if isinstance(node, yaml.MappingNode):
            self._check_needs(key, jobs)
        return jobs

    def _job(self, name: str, key: yaml.Node, pairs: _Pairs) -> Job:
        line, column = document.place(key)
        shell, working_directory = self._defaults(_child(pairs, "defaults"))
        secrets = _child(pairs, "secrets")
        return Job(
            id=name,
            line=line,
            column=column,
            name=self._scalar(_child(pairs, "name")),
            needs=self._scalars(_child(pairs, "needs")),
            condition=self._condition(_child(pairs, "if"), schema.JOB_IF),
            runs_on=self._runs_on(_child(pairs, "runs-on")),
            container=self._container(_child(pairs, "container")),
            environment=self._environment(_child(pairs, "environment")),
            permissions=self._permissions(pairs),
            env=self._table(_child(pairs, "env")),
            matrix=self._matrix(_child(_pairs(_child(pairs, "strategy")), "matrix")),
            shell=shell,
            working_directory=working_directory,
            steps=self._steps(_child(pairs, "steps"), schema.STEP_IF),
            uses=self._scalar(_child(pairs, "uses")),
            inputs=self._table(_child(pairs, "with")),
            secrets=self._table(secrets),
            inherits_secrets=isinstance(secrets, yaml.ScalarNode) and secrets.value == "inherit",
        )

    def _condition(self, node: yaml.Node | None, offered: frozenset[str]) -> Scalar | None:
        """Return an `if`; without `${{ }}` its text is an expression all the same, and is checked here."""
        found = self._scalar(node)
        if isinstance(node, yaml.ScalarNode) and found and found.text.strip() and not found.has_expression:
            try:
                self._reader.names(node, [expressions.parse(found.text)], offered)
            except expressions.ExpressionProblem as error:
                self._reader.report(node, str(error), "Correct the condition")
        return found

    def _runs_on(self, node: yaml.Node | None) -> RunsOn | None:
        if node is None:
            return None
        line, column = document.place(node)
        if isinstance(node, yaml.MappingNode):
            pairs = _pairs(node)
            labels, group = self._scalars(_child(pairs, "labels")), self._scalar(_child(pairs, "group"))
            return RunsOn(line, column, labels, group)
        return RunsOn(line, column, self._scalars(node))

    def _container(self, node: yaml.Node | None) -> Container | None:
        image = _child(_pairs(node), "image") if isinstance(node, yaml.MappingNode) else node
        found = self._scalar(image)
        if node is None or (found is not None and not found.text):
            return None  # GitHub takes an empty image for no container.
        return Container(*document.place(node), found)

    def _environment(self, node: yaml.Node | None) -> Environment | None:
        if isinstance(node, yaml.MappingNode):
            pairs = _pairs(node)
            name, url = self._scalar(_child(pairs, "name")), self._scalar(_child(pairs, "url"))
        else:
            name, url = self._scalar(node), None
        return Environment(name, url) if name and name.text else None

    def _matrix(self, node: yaml.Node | None) -> Matrix | None:
        if node is None:
            return None
        line, column = document.place(node)
        if isinstance(node, yaml.ScalarNode):
            return Matrix(line, column, expression=self._scalar(node))
        axes: dict[str, Value] = {}
        expression: Scalar | None = None
        for name, (key, value) in _pairs(node).items():
            if "${{" in name:
                expression = self._scalar(key)
            else:
                axes[name] = self._value(value)
                if axes[name] == ():
                    self._reader.report(
                        value, f"The matrix axis '{name}' has no values", "Give it one, or remove it"
                    )
        include, exclude = axes.pop("include", None), axes.pop("exclude", None)
        return Matrix(line, column, axes, include, exclude, expression)

    def _steps(self, node: yaml.Node | None, offered: frozenset[str]) -> tuple[Step, ...]:
        ids: set[str] = set()
        steps: list[Step] = []
        for item in _step_nodes(node):
            pairs = _pairs(item)
            line, column = document.place(item)
            identity = self._scalar(_child(pairs, "id"))
            if identity:
                self._check_id(pairs["id"][1], identity.text)
                if identity.text.lower() in ids:
                    message = f"The id '{identity.text}' is used by another step of this job"
                    self._reader.report(pairs["id"][1], message, "Give each step an id of its own")
                ids.add(identity.text.lower())
            self._condition(_child(pairs, "if"), offered)
            self._check_uses(_child(pairs, "uses"))
            scalars: dict[str, Any] = {
                field: self._scalar(pairs[key][1]) for key, field in _STEP_SCALARS.items() if key in pairs
            }
            inputs, env = self._table(_child(pairs, "with")), self._table(_child(pairs, "env"))
            text = identity.text if identity else ""
            steps.append(Step(len(steps), line, column, text, inputs=inputs, env=env, **scalars))
        return tuple(steps)

    # -------------------------------- what the table of keys cannot say

    def _check_id(self, node: yaml.Node, name: str) -> None:
        if "${{" in name:
            return  # The reader says what is wrong with it.
        if not _ID.match(name):
            rule = "letters, digits, '_' and '-', the first a letter or '_', fewer than 100 in all"
            self._reader.report(node, f"The id '{name[:80]}' is invalid", f"Use {rule}")
        elif name.startswith("__"):
            self._reader.report(node, f"The id '{name}' is reserved", "Begin it with at most one '_'")

    def _check_uses(self, node: yaml.Node | None) -> None:
        """Check the form of a step's `uses`: an action at a ref, or one of the forms that need none."""
        if not isinstance(node, yaml.ScalarNode) or "${{" in node.value or not node.value:
            return
        text: str = node.value
        if not text.startswith(("docker://", "./", ".\\", "$/")) and not _is_action(text):
            fix = "Write owner/repository@ref, with a path between them where the action has one"
            self._reader.report(node, f"'{text[:80]}' does not name an action at a ref", fix)

    def _check_needs(self, key: yaml.Node, jobs: dict[str, Job]) -> None:
        """Check that every job can start: the needs are known, without a cycle, and one job has none."""
        names = {name.lower() for name in jobs}
        for job in jobs.values():
            for need in job.needs:
                if need.text.lower() not in names:
                    message = f"Job '{job.id}' depends on unknown job '{need.text[:80]}'"
                    self._reader.report(
                        (need.line, need.column), message, "Write the id of a job of this file"
                    )
        if not any(not job.needs for job in jobs.values()):
            message = "The workflow must contain at least one job with no dependencies"
            self._reader.report(key, message, "Add a job, or remove the 'needs' of the first one")
            return
        for job, need in _cyclic(jobs):
            message = f"Job '{job.id}' depends on job '{need.text}', which creates a cycle"
            self._reader.report((need.line, need.column), message, f"Remove '{need.text}' from these needs")

    # -------------------------------- actions

    def action(self, root: yaml.MappingNode) -> Action:
        """Return the action whose root this is."""
        pairs = _pairs(root)
        runs = _pairs(_child(pairs, "runs"))
        using = self._scalar(_child(runs, "using"))
        if not runs:
            self._reader.report(
                root, "The action has no 'runs'", "Say what it runs: 'runs: {using: composite, …}'"
            )
        return Action(
            self._file,
            using.text if using else "",
            self._inputs(_child(pairs, "inputs")),
            self._steps(_child(runs, "steps"), schema.ACTION),
            tuple(self._reader.problems),
        )


def _step_nodes(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Give the steps of a list, those of a `parallel` group in its place."""
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    for item in items:
        group = _child(_pairs(item), "parallel")
        for step in group.value if isinstance(group, yaml.SequenceNode) else [item]:
            if isinstance(step, yaml.MappingNode):
                yield step


def _is_action(text: str) -> bool:
    """Tell whether a text is owner/repository[/path]@ref."""
    name, _, ref = text.partition("@")
    parts = [part for part in re.split(r"[/\\]", name) if part]
    return len(parts) > 1 and bool(ref) and "@" not in ref


def _cyclic(jobs: dict[str, Job]) -> Iterator[tuple[Job, Scalar]]:
    """Give the needs of known jobs that can never be met."""
    known = {name.lower() for name in jobs}
    waiting = {
        name.lower(): known.intersection(need.text.lower() for need in job.needs)
        for name, job in jobs.items()
    }
    needed_by: dict[str, list[str]] = {}
    for name, needs in waiting.items():
        for need in needs:
            needed_by.setdefault(need, []).append(name)
    ready = [name for name, needs in waiting.items() if not needs]
    while ready:
        done = ready.pop()
        for name in needed_by.get(done, ()):
            waiting[name].discard(done)
            if not waiting[name]:
                ready.append(name)
    for name, job in jobs.items():
        yield from ((job, need) for need in job.needs if need.text.lower() in waiting[name.lower()])
