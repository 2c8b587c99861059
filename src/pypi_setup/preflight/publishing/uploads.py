"""What a job's steps upload: with which tool, to which index, with which credentials. Facts, no judgement.

The steps are read in their order, because what one leaves behind counts in the next ones: variables in
GITHUB_ENV, a ~/.pypirc, a token in the configuration of Poetry, the version of a tool, a token got by OIDC.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.publishing import actions, opaque, tools
from pypi_setup.preflight.publishing.invocation import Call, CommandReader, input_options
from pypi_setup.preflight.publishing.meaning import (
    attestations_of,
    credentials_of,
    folder_of,
    project_folder_of,
    switched_off,
    target_of,
)
from pypi_setup.preflight.publishing.values import NAMED_LIMIT, Around, State, Value, values_of
from pypi_setup.preflight.publishing.versions import allows_only_older, is_older
from pypi_setup.preflight.syntax import evaluation, shell, unknowns
from pypi_setup.preflight.syntax.launchers import is_python, program_name, subcommand
from pypi_setup.preflight.tasks.task import within
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pypi_setup.preflight.publishing.tool import Attestations, Tool
    from pypi_setup.preflight.publishing.values import Credential
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.tasks.reading import Tasks
    from pypi_setup.preflight.tasks.task import Task
    from pypi_setup.preflight.workflow.loading import Scalar, Step, Table


class Oidc(str, Enum):
    """Whether the tool, as it is called, would do Trusted Publishing if no credential stood in its way."""

    YES = "yes"
    NO = "no"
    """No version of the tool does, or the one that runs is too old, or it is switched off: see `reason`."""


class Upload(NamedTuple):
    """One upload of Python distributions."""

    tool: Tool
    step: int
    """The step's index in its job."""

    file: str
    line: int
    """Of the command, or of `uses`."""

    written: str
    """The action as it is written, or the program with its sub-command."""

    indexes: tuple[str | None, ...]
    """The roots of the indexes that it can go to (`https://pypi.org`); None where that cannot be told."""

    credentials: tuple[Credential, ...]
    oidc: Oidc
    reason: str
    """Why not: one sentence without a full stop; empty where it does."""

    attestations: Attestations
    folder: str | None
    """Where the distributions lie, without a trailing slash; None where that cannot be told."""

    project_folder: str | None = ""
    """The project's folder that the command names, from where it runs; empty for none, None for unknown."""

    place: str | None = ""
    """Where it runs, from the repository's root; None where that is not known."""

    requirement: str = ""
    """What a command's package is installed by (`twine==6.1.0`); empty for an action, or where none is."""

    outdated: bool = False
    """Whether it does no Trusted Publishing because its version is too old."""


class Opaque(NamedTuple):
    """Something that runs, into which nobody can look from the steps alone.

    Local actions (`./path`) are among them: whoever reads their steps too drops these.
    """

    name: str
    """The command or the action, as it is written."""

    step: int
    file: str
    line: int


class Found(NamedTuple):
    """What the steps of a job do."""

    uploads: tuple[Upload, ...]
    opaque: tuple[Opaque, ...]


def found(
    steps: Sequence[Step],
    env: Sequence[Table] = (),
    *,
    contexts: Mapping[str, Any] | None = None,
    default_shell: str = "",
    default_folder: str = "",
    tasks: Tasks | None = None,
) -> Found:
    """Return the uploads of a job's steps, and what cannot be looked into.

    `env` are the variables around the steps, the outermost first: the workflow's, then the job's. `contexts`
    are the known parts of GitHub's contexts, without `env`. `default_shell` is the shell of steps that name
    none: `defaults.run.shell`, or `pwsh` for a job on Windows; `default_folder` is their
    `defaults.run.working-directory`. `tasks` are those of the repository's files.
    """
    reader = StepReader(contexts or {}, default_shell, default_folder, tasks)
    for step in steps:
        reader.read(step, env)
    return Found(tuple(reader.uploads), tuple(reader.opaque))


def mentions_upload(data: bytes) -> bool:
    """Tell whether a workflow file can hold an upload: where this says no, `found` finds none.

    It is much faster than reading the file, for repositories with hundreds of them.
    """
    return bool(_MENTION.search(data))


TASKS_WORK, TASK_COST = 100_000, 2000
"""Characters of tasks that are read for the steps of a job, and what each counts for beside its text."""

DEPTH_LIMIT = 3
"""Tasks that start tasks."""

_MINTS = re.compile(r"/_/oidc/(?:github/)?mint-token")
_BY_ACTION = {action: tool for tool in tools.TOOLS for action in tool.actions}
_BY_COMMAND = {tool.command: tool for tool in tools.TOOLS if tool.command}
_MENTION = re.compile(
    rb"(?<![\w-])(?:%s)(?![\w-])"
    % b"|".join(
        sorted({re.escape(key.encode()) for key in (*_BY_ACTION, *(command[1] for command in _BY_COMMAND))})
    ),
    re.IGNORECASE,
)
_INSTALLS = {("pip", "install"), ("pip3", "install"), ("pipx", "install"), ("uv", "pip"), ("uv", "tool")}
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?).+)\Z", re.ASCII)


class StepReader:
    """Reads the steps of a job in their order."""

    def __init__(
        self,
        contexts: Mapping[str, Any],
        default_shell: str,
        default_folder: str = "",
        tasks: Tasks | None = None,
    ) -> None:
        self.uploads: list[Upload] = []
        self.opaque: list[Opaque] = []
        self._contexts = contexts
        self._default_shell = default_shell
        self._default_folder = default_folder
        self._tasks = tasks
        self._tasks_left = TASKS_WORK
        self.state = State()
        self._runs: bool | None = True

    def read(self, step: Step, env: Sequence[Table]) -> None:
        """Read the next step."""
        around = self._around(step, env)
        self._runs = evaluation.condition(step.condition.text, around.contexts) if step.condition else True
        if step.uses is not None:
            self._action(step.uses, around)
        elif step.run is not None:
            self._script(step.run, around)

    def _around(self, step: Step, env: Sequence[Table]) -> Around:
        variables: dict[str, Value] = {}
        for table in env:
            variables.update(values_of(table))
        variables.update(self.state.variables)  # GITHUB_ENV wins over a job's variables, not over a step's.
        variables.update(values_of(step.env))
        around = Around(step, variables, self._contexts, frozenset(self.state.minting_steps))
        known = {name: unknowns.Choice(around.outcomes(value)) for name, value in variables.items()}
        return around._replace(contexts={**self._contexts, "env": unknowns.Partial(known)})

    # Actions --------------------------------------------------------------------------------------

    def _action(self, uses: Scalar, around: Around) -> None:
        name, _, ref = uses.text.partition("@")
        action = name.lower().rstrip("/")
        repository = "/".join(action.split("/")[:2])
        if repository in actions.MINTING_ACTIONS:
            self.state.minting_steps.add(around.step.id)
        tool = _BY_ACTION.get(action)
        if tool is not None:
            if not tool.before or is_older(ref, tool.before):
                self._action_upload(tool, ref, uses, around)
        elif not actions.is_harmless(repository):
            self.opaque.append(Opaque(uses.text, around.step.index, uses.file, uses.line))

    def _action_upload(self, tool: Tool, ref: str, uses: Scalar, around: Around) -> None:
        inputs = {name.lower(): value for name, value in values_of(around.step.inputs).items()}
        call = Call(inputs, [], around.variables.get, uses.file, uses.line, uses.text)
        if tool.subcommands:
            command = inputs.get("command")
            if tool.subcommands.isdisjoint(around.texts(command) if command else ()):
                return
            call = call._replace(options=input_options(tool, inputs.get("args")))
        for name, idle in tool.idle_inputs:
            if name in inputs and around.texts(inputs[name]) == (idle,):
                return
        reason = ""
        if ref in tool.refs_without_oidc or (tool.oidc_since and is_older(ref, tool.oidc_since)):
            reason = (
                f"{tool.name} does Trusted Publishing from version {tool.oidc_since} on, and this is {ref}"
            )
        if tool.attestations_since and is_older(ref, tool.attestations_since):
            call = call._replace(too_old_for_attestations=True)
        self._upload(tool, call, around, reason, outdated=ref not in tool.refs_without_oidc)

    # Commands -------------------------------------------------------------------------------------

    def _script(self, run: Scalar, around: Around) -> None:
        step = around.step
        certain = {name: value for name, value in around.variables.items() if not value.others}
        outside = {name: value.text for name, value in certain.items() if value.known}
        name = step.shell.text if step.shell is not None else self._default_shell
        script = shell.commands(run.text, name, outside)
        mints = bool(_MINTS.search(run.text))
        if mints and step.id:
            self.state.minting_steps.add(step.id)
        previous = None
        folder = within("", step.working_directory.text if step.working_directory else self._default_folder)
        for command in script.commands:
            folder = _entered(command, folder)
            piped = previous if command.piped else None
            call = CommandReader(command, piped, run, around, mints, folder=folder)
            self._remember(call)
            self._command(call)
            previous = command
        if not script.complete:
            written = f"a script of the shell {name}" if name else "a script"
            self.opaque.append(Opaque(written, step.index, run.file, run.line))

    def _command(self, reader: CommandReader) -> None:
        command = reader.command
        tool = _tool(command)
        if tool is None:
            if opaque.runs_unseen(command) and not self._is_read(reader):
                name = " ".join(word.text for word in command.words[:2])
                line = reader.line(command.line)
                self.opaque.append(Opaque(name, reader.around.step.index, reader.run.file, line))
            return
        if any(word.text in tool.idle for word in command.arguments):
            return
        requirement = command.requirement or self.state.requirements.get(tool.command[0], "")
        reason = ""
        if tool.oidc_since and requirement and allows_only_older(requirement, tool.oidc_since):
            reason = (
                f"{tool.command[0]} does Trusted Publishing from version {tool.oidc_since} on,"
                f" and this is {requirement}"
            )
        self._upload(tool, reader.call(tool), reader.around, reason, requirement, outdated=True)

    def _is_read(self, reader: CommandReader) -> bool:
        """Read what a command runs of the repository's own tasks; tell whether that is all that it runs."""
        if self._tasks is None or reader.folder is None or reader.depth == DEPTH_LIMIT:
            return False
        found = self._tasks.behind(reader.command, reader.folder)
        complete = bool(found)
        for task in found:
            self._tasks_left -= TASK_COST + len(task.text)
            complete = self._tasks_left >= 0 and self._task(task, reader) and complete
        return complete

    def _task(self, task: Task, starter: CommandReader) -> bool:
        """Read a task; tell whether all of it could be read. What it uploads stands at its starter's line."""
        own, around = starter.command, starter.around
        variables = {name: value for name, value in around.variables.items() if not value.others}
        outside = {name: value.text for name, value in variables.items() if value.known}
        script = shell.commands(task.text, "", {**outside, **dict(task.variables)})
        started = own.line if starter.started is None else starter.started
        previous = None
        for command in script.commands:
            where = f" ({one_line(task.file, 80)}, line {task.line + command.line})"
            call = replace(
                starter,
                command=command._replace(conditional=command.conditional or own.conditional),
                previous=previous if command.piped else None,
                started=started,
                depth=starter.depth + 1,
                folder=task.folder,
                written_in=where,
            )
            self._remember(call)
            self._command(call)
            previous = command
        return script.complete and task.complete

    def _remember(self, reader: CommandReader) -> None:
        """Keep what a command leaves behind for the next ones."""
        command, state = reader.command, self.state
        for value in reader.github_env() if self._runs is not False else ():
            if len(state.variables) < NAMED_LIMIT:
                before = state.variables.get(value.name, reader.around.variables.get(value.name))
                always = self._runs is True and not command.conditional
                state.variables[value.name] = value if always else value.or_else(before)
        if (setting := reader.setting()) is not None and len(state.settings) < NAMED_LIMIT:
            state.settings[f"{command.program} {setting.name}"] = setting
        for section, password in reader.pypirc():
            state.section = section or state.section
            if password is not None and len(state.pypirc) < NAMED_LIMIT:
                state.pypirc.append((state.section, password))
        if (command.program, *(word.text for word in command.arguments[:1])) in _INSTALLS:
            for word in command.arguments:
                if (pinned := _PINNED.match(word.text)) and len(state.requirements) < NAMED_LIMIT:
                    state.requirements[pinned[1].lower()] = f"{pinned[1]}{pinned[2]}"

    # Uploads --------------------------------------------------------------------------------------

    def _upload(
        self,
        tool: Tool,
        call: Call,
        around: Around,
        reason: str,
        requirement: str = "",
        *,
        outdated: bool,
    ) -> None:
        target = target_of(tool, call, around, self.state)
        credentials = credentials_of(tool, call, around, self.state, target)
        if tool.oidc_since is None:
            reason = f"{tool.name} cannot do Trusted Publishing"
        outdated = outdated and bool(reason) and tool.oidc_since is not None
        reason = reason or switched_off(tool, call, around, target)
        self.uploads.append(
            Upload(
                tool=tool,
                step=around.step.index,
                file=call.file,
                line=call.line,
                written=call.written,
                indexes=tuple(dict.fromkeys(target.indexes)),
                credentials=tuple(dict.fromkeys(credentials)),
                oidc=Oidc.NO if reason else Oidc.YES,
                reason=reason,
                attestations=attestations_of(tool, call, around, target, has_credential=bool(credentials)),
                folder=folder_of(tool, call, around),
                project_folder=project_folder_of(tool, call, around),
                place=call.place,
                requirement=requirement,
                outdated=outdated,
            )
        )


def _entered(command: Command, folder: str | None) -> str | None:
    """Return where the commands behind this one run, from the repository's root; None for unknown."""
    if command.program == "popd":
        return None
    if command.program not in {"cd", "pushd"}:
        return folder
    place = next((word.text for word in command.arguments), "~")
    return None if folder is None or place.startswith("-") else within(folder, place)


def _tool(command: Command) -> Tool | None:
    """Return the tool that a command runs to upload."""
    words = command.words
    setup = words[1:] if is_python(words[0]) else words
    if setup and program_name(setup[0].text) == "setup.py":
        uploads = any(word.text == "upload" for word in setup)
        return _BY_COMMAND["setup.py", "upload"] if uploads else None
    index = subcommand(words)
    return _BY_COMMAND.get((command.program, words[index].text)) if index < len(words) else None
