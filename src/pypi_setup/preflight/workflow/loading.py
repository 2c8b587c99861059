"""Reads a workflow file, or an action's metadata, from its bytes into typed data with places.

Any bytes give a result: what GitHub would refuse to load stands in `problems`, and the rest of the file is
read as far as it can be. Sources: GitHub's workflow syntax reference, and its own schema and parser in
actions/runner (src/Sdk/WorkflowParser).
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from pypi_setup.preflight.syntax import document
from pypi_setup.preflight.syntax.document import Problem, Scalar, scalar
from pypi_setup.preflight.workflow import schema
from pypi_setup.preflight.workflow.model import (
    EMPTY,
    Action,
    Container,
    Environment,
    Event,
    Input,
    Job,
    Matrix,
    Permissions,
    RunsOn,
    Step,
    Table,
    Value,
    Workflow,
    effective,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

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
"""Events of one workflow that are read; GitHub has fewer in all."""


def parse(data: bytes, file: str) -> Workflow:
    """Return the workflow that GitHub reads from these bytes; `file` is its path in the repository."""
    reader = schema.Reader(file)
    root = _root(data, reader)
    if root is None or not _is_readable(root, reader, schema.WORKFLOW):
        return Workflow(file, problems=tuple(reader.problems))
    return _Builder(reader, file).workflow(root)


def parse_action(data: bytes, file: str) -> Action:
    """Return the action whose metadata these bytes are; `file` is its path in the repository."""
    reader = schema.Reader(file)
    root = _root(data, reader)
    if root is None or not _is_readable(root, reader, schema.ACTION):
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
    reader.report((1, 1), what, "Write its keys at the left margin, each with ':' behind it")
    return None


def _is_readable(root: yaml.MappingNode, reader: schema.Reader, shape: schema.Shape) -> bool:
    """Check the whole document; tell whether it is within the limits, so that the model can be made."""
    try:
        reader.read(root, shape)
    except schema.TooLarge:
        return False
    return True


# ---------------------------------------------------------------- from nodes to the model

_Values: TypeAlias = "dict[str, yaml.Node]"

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,98}\Z")
_FILTERS = (
    "types",
    "branches",
    "branches-ignore",
    "tags",
    "tags-ignore",
    "paths",
    "paths-ignore",
    "workflows",
)
_EXCLUSIVE = ("branches", "tags", "paths")
"""The filters that an event has either as they are or with `-ignore`."""

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

_STEP_TABLES = {"with": "inputs", "env": "env"}


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Give a mapping's keys, as text and as node, and its values; nothing where there is no mapping."""
    if node is not None and node.__class__ is yaml.MappingNode:
        for key, value in node.value:
            if key.__class__ is yaml.ScalarNode:
                yield key.value, key, value


def _values(node: yaml.Node | None) -> _Values:
    """Return a mapping's values by key; nothing where there is no mapping."""
    return {name: value for name, _, value in _items(node)}


def _listed(node: yaml.Node | None) -> list[yaml.Node]:
    """Return the items of a sequence; a single value is a sequence of one."""
    if node is None:
        return []
    return node.value if node.__class__ is yaml.SequenceNode else [node]


class _Builder:
    """Makes the model of one file. What has the wrong form was reported by the reader, and is left out."""

    def __init__(self, reader: schema.Reader, file: str) -> None:
        self._reader = reader
        self._file = file

    # -------------------------------- values

    def _scalar(self, node: yaml.Node | None) -> Scalar | None:
        return scalar(node, self._file) if isinstance(node, yaml.ScalarNode) else None

    def _scalars(self, node: yaml.Node | None) -> tuple[Scalar, ...]:
        return tuple(scalar(item, self._file) for item in _listed(node) if isinstance(item, yaml.ScalarNode))

    def _table(self, node: yaml.Node | None) -> Table:
        if node is None:
            return EMPTY
        line, column = document.place(node)
        if isinstance(node, yaml.ScalarNode):
            return Table(line, column, {}, self._scalar(node) if "${{" in node.value else None)
        entries: dict[str, Scalar] = {}
        inserted: Scalar | None = None
        for name, key, value in _items(node):
            if "${{" in name:
                inserted = self._scalar(value) or self._scalar(key)
            elif isinstance(value, yaml.ScalarNode):
                entries[name] = scalar(value, self._file)
        return Table(line, column, entries, inserted)

    def _value(self, node: yaml.Node) -> Value:
        if isinstance(node, yaml.ScalarNode):
            return scalar(node, self._file)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._value(item) for item in node.value)
        return {name: self._value(value) for name, _, value in _items(node)}

    # -------------------------------- the workflow

    def workflow(self, root: yaml.MappingNode) -> Workflow:
        """Return the workflow whose root this is."""
        values = _values(root)
        keys = {name: key for name, key, _ in _items(root)}
        shell, working_directory = self._defaults(values.get("defaults"))
        on = self._events(keys["on"], values["on"]) if "on" in keys else {}
        jobs = self._jobs(keys["jobs"], values["jobs"]) if "jobs" in keys else {}
        return Workflow(
            file=self._file,
            name=self._scalar(values.get("name")),
            on=on,
            permissions=self._permissions(root),
            env=self._table(values.get("env")),
            shell=shell,
            working_directory=working_directory,
            jobs=jobs,
            jobs_line=document.place(keys["jobs"])[0] if "jobs" in keys else 1,
            on_line=document.place(keys["on"])[0] if "on" in keys else 1,
            problems=tuple(sorted(self._reader.problems, key=lambda problem: (problem.line, problem.column))),
        )

    def _defaults(self, node: yaml.Node | None) -> tuple[Scalar | None, Scalar | None]:
        """Return the shell and the working directory of `defaults`."""
        run = _values(_values(node).get("run"))
        return self._scalar(run.get("shell")), self._scalar(run.get("working-directory"))

    def _permissions(self, parent: yaml.Node) -> Permissions | None:
        for name, key, node in _items(parent):
            if name == "permissions":
                line, column = document.place(key)
                shorthand = self._scalar(node)
                if shorthand is not None:
                    return Permissions(line, column, shorthand.text)
                return Permissions(line, column, "", self._table(node).entries)
        return None

    # -------------------------------- on

    def _events(self, key: yaml.Node, node: yaml.Node) -> dict[str, Event]:
        found: list[tuple[yaml.Node, yaml.Node | None]]
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for _, name, value in _items(node)]
        else:
            found = [(name, None) for name in _listed(node)]
        events: dict[str, Event] = {}
        for name, value in found[:EVENTS_LIMIT]:
            if isinstance(name, yaml.ScalarNode) and name.value:
                self._check_event(name)
                events[name.value] = self._event(name, value)
        if not events:
            self._reader.report(key, "No event starts the workflow", "Name one, for example 'on: release'")
        return events

    def _event(self, name: yaml.ScalarNode, node: yaml.Node | None) -> Event:
        values = _values(node)
        self._check_filters(node, values)
        crons = _listed(node) if name.value == "schedule" else []
        line, column = document.place(name)
        filters: dict[str, Any] = {
            filtered.replace("-", "_"): self._scalars(values[filtered])
            for filtered in _FILTERS
            if filtered in values
        }
        return Event(
            name=name.value,
            line=line,
            column=column,
            inputs=self._inputs(values.get("inputs")),
            secrets={
                secret: self._is_true(_values(value).get("required"))
                for secret, _, value in _items(values.get("secrets"))
            },
            crons=tuple(cron for item in crons for cron in self._scalars(_values(item).get("cron"))),
            **filters,
        )

    def _inputs(self, node: yaml.Node | None) -> dict[str, Input]:
        return {name: self._input(name, key, value) for name, key, value in _items(node)}

    def _input(self, name: str, key: yaml.Node, node: yaml.Node) -> Input:
        values = _values(node)
        kind = self._scalar(values.get("type"))
        line, column = document.place(key)
        return Input(
            name=name,
            type=kind.text if kind else "string",
            required=self._is_true(values.get("required")),
            default=self._scalar(values.get("default")),
            options=self._scalars(values.get("options")),
            line=line,
            column=column,
        )

    def _is_true(self, node: yaml.Node | None) -> bool:
        found = self._scalar(node)
        return found is not None and found.value is True

    # -------------------------------- jobs

    def _jobs(self, key: yaml.Node, node: yaml.Node) -> dict[str, Job]:
        jobs: dict[str, Job] = {}
        for name, job_key, value in _items(node):
            self._check_id(job_key, name)
            if isinstance(value, yaml.MappingNode):
                jobs[name] = self._job(name, job_key, value)
        if isinstance(node, yaml.MappingNode):
            self._check_needs(key, jobs)
        return jobs

    def _job(self, name: str, key: yaml.Node, node: yaml.MappingNode) -> Job:
        values = _values(node)
        line, column = document.place(key)
        shell, working_directory = self._defaults(values.get("defaults"))
        secrets = self._scalar(values.get("secrets"))
        return Job(
            id=name,
            line=line,
            column=column,
            name=self._scalar(values.get("name")),
            needs=self._scalars(values.get("needs")),
            condition=self._condition(values.get("if"), schema.JOB_IF),
            runs_on=self._runs_on(values.get("runs-on")),
            container=self._container(values.get("container")),
            environment=self._environment(values.get("environment")),
            permissions=self._permissions(node),
            env=self._table(values.get("env")),
            matrix=self._matrix(_values(values.get("strategy")).get("matrix")),
            shell=shell,
            working_directory=working_directory,
            steps=self._steps(values.get("steps"), schema.STEP_IF),
            uses=self._scalar(values.get("uses")),
            inputs=self._table(values.get("with")),
            secrets=self._table(values.get("secrets")),
            inherits_secrets=secrets is not None and secrets.text == "inherit",
        )

    def _condition(self, node: yaml.Node | None, offered: frozenset[str]) -> Scalar | None:
        """Return an `if`; without `${{ }}` its text is an expression all the same, and is checked here."""
        found = self._scalar(node)
        if node is not None and found is not None and not found.has_expression and found.text.strip():
            self._reader.expression(node, found.text.strip(), offered)
        return found

    def _runs_on(self, node: yaml.Node | None) -> RunsOn | None:
        if node is None:
            return None
        line, column = document.place(node)
        if isinstance(node, yaml.MappingNode):
            values = _values(node)
            labels, group = self._scalars(values.get("labels")), self._scalar(values.get("group"))
            return RunsOn(line, column, labels, group)
        return RunsOn(line, column, self._scalars(node))

    def _container(self, node: yaml.Node | None) -> Container | None:
        if node is None:
            return None
        image = self._scalar(_values(node).get("image") if isinstance(node, yaml.MappingNode) else node)
        if image is not None and not image.text:
            return None  # GitHub takes an empty image for no container.
        line, column = document.place(node)
        return Container(line, column, image)

    def _environment(self, node: yaml.Node | None) -> Environment | None:
        values = _values(node)
        name = self._scalar(values.get("name") if values else node)
        return Environment(name, self._scalar(values.get("url"))) if name and name.text else None

    def _matrix(self, node: yaml.Node | None) -> Matrix | None:
        if node is None:
            return None
        line, column = document.place(node)
        if isinstance(node, yaml.ScalarNode):
            return Matrix(line, column, expression=self._scalar(node))
        axes: dict[str, Value] = {}
        expression: Scalar | None = None
        for name, key, value in _items(node):
            if "${{" in name:
                expression = self._scalar(key)
                continue
            axes[name] = self._value(value)
            if axes[name] == () and name not in {"include", "exclude"}:
                self._reader.report(
                    value, f"The matrix axis '{name[:80]}' has no values", "Give it one, or remove it"
                )
        include, exclude = axes.pop("include", None), axes.pop("exclude", None)
        return Matrix(line, column, axes, include, exclude, expression)

    def _steps(self, node: yaml.Node | None, offered: frozenset[str]) -> tuple[Step, ...]:
        ids: set[str] = set()
        steps: list[Step] = []
        for item in _step_nodes(node):
            line, column = document.place(item)
            fields: dict[str, Any] = {}
            for name, _, value in _items(item):
                if name in _STEP_SCALARS:
                    fields[_STEP_SCALARS[name]] = self._scalar(value)
                elif name in _STEP_TABLES:
                    fields[_STEP_TABLES[name]] = self._table(value)
                if name == "id":
                    fields["id"] = self._step_id(value, ids)
                elif name == "if":
                    self._condition(value, offered)
                elif name == "uses":
                    self._check_uses(value)
            steps.append(Step(len(steps), line, column, **fields))
        return tuple(steps)

    def _step_id(self, node: yaml.Node, others: set[str]) -> str:
        found = self._scalar(node)
        name = found.text if found else ""
        if name:
            self._check_id(node, name)
            if name.lower() in others:
                message = f"The id '{name[:80]}' is used by another step of this job"
                self._reader.report(node, message, "Give each step an id of its own")
            others.add(name.lower())
        return name

    # -------------------------------- what the table of keys cannot say

    def _check_event(self, name: yaml.ScalarNode) -> None:
        """Report an event that can only be a slip of the pen: GitHub may know more than this product does."""
        if name.value not in schema.EVENTS:
            close = difflib.get_close_matches(
                name.value[:80].lower().replace("-", "_"), schema.EVENTS, 1, 0.85
            )
            if close:
                self._reader.report(name, f"GitHub knows no event '{name.value[:80]}'", f"Write '{close[0]}'")

    def _check_filters(self, node: yaml.Node | None, values: _Values) -> None:
        for name in _EXCLUSIVE:
            if node is not None and name in values and f"{name}-ignore" in values:
                message = f"An event has '{name}' or '{name}-ignore', not both"
                fix = f"Write all into '{name}', with '!' before what is to be ignored"
                self._reader.report(values[name], message, fix)

    def _check_id(self, node: yaml.Node, name: str) -> None:
        if "${{" in name:
            return  # The reader says what is wrong with it.
        if not _ID.match(name):
            rule = "letters, digits, '_' and '-', the first a letter or '_', fewer than 100 in all"
            self._reader.report(node, f"The id '{name[:80]}' is invalid", f"Use {rule}")
        elif name.startswith("__"):
            self._reader.report(node, f"The id '{name}' is reserved", "Begin it with at most one '_'")

    def _check_uses(self, node: yaml.Node) -> None:
        """Check the form of a step's `uses`: an action at a ref, or one of the forms that need none."""
        text = node.value
        if not isinstance(text, str) or not text or "${{" in text:
            return
        if not text.startswith(("docker://", "./", ".\\", "$/")) and not _ACTION.match(text):
            fix = "Write owner/repository@ref, with a path between them where the action has one"
            self._reader.report(node, f"'{text[:80]}' does not name an action at a ref", fix)

    def _check_needs(self, key: yaml.Node, jobs: dict[str, Job]) -> None:
        """Check that every job can start: the needs are known, without a cycle, and one job has none."""
        names = {name.lower() for name in jobs}
        for job in jobs.values():
            for need in job.needs:
                if need.text.lower() not in names:
                    message = f"Job '{job.id[:80]}' depends on unknown job '{need.text[:80]}'"
                    self._reader.report(
                        (need.line, need.column), message, "Write the id of a job of this file"
                    )
        if all(job.needs for job in jobs.values()):
            message = "The workflow must contain at least one job with no dependencies"
            self._reader.report(key, message, "Add a job, or remove the 'needs' of the first one")
            return
        for job, need in _cyclic(jobs):
            message = f"Job '{job.id[:80]}' depends on job '{need.text[:80]}', which creates a cycle"
            self._reader.report((need.line, need.column), message, "Remove it from these needs")

    # -------------------------------- actions

    def action(self, root: yaml.MappingNode) -> Action:
        """Return the action whose root this is."""
        values = _values(root)
        runs = _values(values.get("runs"))
        using = self._scalar(runs.get("using"))
        steps = self._steps(runs.get("steps"), schema.ACTION_IF)
        if not runs:
            self._reader.report(
                root, "The action has no 'runs'", "Say what it runs, for example 'using: composite'"
            )
        return Action(
            file=self._file,
            using=using.text if using else "",
            inputs=self._inputs(values.get("inputs")),
            steps=steps,
            problems=tuple(self._reader.problems),
        )


def _step_nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Give the steps of a list, those of a `parallel` group in its place."""
    for item in _listed(node):
        if item.__class__ is yaml.MappingNode:
            group = _values(item).get("parallel") if len(item.value) == 1 else None
            yield from (
                (step for step in _listed(group) if step.__class__ is yaml.MappingNode) if group else (item,)
            )


_ACTION = re.compile(r"[/\\]*[^/\\@]+[/\\]+[^/\\@][^@]*@[^@]+\Z")
"""owner/repository[/path]@ref; GitHub takes backslashes, too."""


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
