"""What a job's steps upload: with which tool, to which index, with which credentials. Facts, no judgement.

The steps are read in their order, because what one leaves behind counts in the next ones: variables in
GITHUB_ENV, a ~/.pypirc, a token in the configuration of Poetry, the version of a tool, a token got by OIDC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pypi_setup.preflight.publishing import opaque, tools
from pypi_setup.preflight.publishing.tools import Attestations, Tool
from pypi_setup.preflight.syntax import expressions, shell
from pypi_setup.preflight.syntax.launchers import is_python, program_name, subcommand
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pypi_setup.preflight.syntax.launchers import Word
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.workflow.loading import Scalar, Step, Table

NAMED_LIMIT = 100
"""Credentials, settings and variables that steps leave behind, of each kind."""


class Lifetime(str, Enum):
    """How long a credential is good for."""

    LONG = "long"
    """A secret, a variable of the repository, or a text in the file: an API token or a password."""

    SHORT = "short"
    """A step got it by an OIDC exchange."""

    UNKNOWN = "unknown"


class Credential(NamedTuple):
    """A credential that reaches the uploading tool, and that it uses instead of Trusted Publishing."""

    name: str
    """Where it is given: an input, an option, a variable, `.pypirc`, or the key of a setting."""

    lifetime: Lifetime
    file: str
    line: int

    secret: str = ""
    """The name of the secret that it comes from (`PYPI_API_TOKEN`); empty where it comes from no secret."""


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
) -> Found:
    """Return the uploads of a job's steps, and what cannot be looked into.

    `env` are the variables around the steps, the outermost first: the workflow's, then the job's. `contexts`
    are the known parts of GitHub's contexts, without `env`. `default_shell` is the shell of steps that name
    none: `defaults.run.shell`, or `pwsh` for a job on Windows.
    """
    reader = _Reader(contexts or {}, default_shell)
    for step in steps:
        reader.read(step, env)
    return Found(tuple(reader.uploads), tuple(reader.opaque))


def mentions_upload(data: bytes) -> bool:
    """Tell whether a workflow file can hold an upload: where this says no, `found` finds none.

    It is much faster than reading the file, for repositories with hundreds of them.
    """
    return bool(_MENTION.search(data))


def index_root(url: str) -> str | None:
    """Return the root of the index that an upload address belongs to; None for a text that is no address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    if host in {"upload.pypi.org", "pypi.org", "www.pypi.org", "pypi.python.org", "upload.pypi.io"}:
        return PYPI_URL
    if host in {"test.pypi.org", "testpypi.python.org"}:
        return TESTPYPI_URL
    path = re.sub(r"/(?:legacy|simple)?/*\Z", "", parts.path)
    netloc = f"[{host}]" if ":" in host else host
    return f"{parts.scheme.lower()}://{netloc}{f':{port}' if port else ''}{path.rstrip('/')}"


# ------------------------------------------------------------------------------------ values and places


class _Value(NamedTuple):
    """A value as it is written, with its place."""

    name: str
    text: str
    """May hold expressions."""

    known: bool
    """False where a shell puts something unknown into it."""

    file: str
    line: int
    lifetime: Lifetime = Lifetime.UNKNOWN
    """What is known beforehand, for a value that is not."""


@dataclass
class _State:
    """What the steps so far left behind."""

    variables: dict[str, _Value] = field(default_factory=dict)
    """Of GITHUB_ENV."""

    settings: dict[str, _Value] = field(default_factory=dict)
    """`program key`, such as `poetry pypi-token.pypi`."""

    pypirc: list[tuple[str, _Value]] = field(default_factory=list)
    """The passwords of ~/.pypirc, each with its section; an empty one stands for any."""

    section: str = ""
    """Of ~/.pypirc: the one that was written last."""

    requirements: dict[str, str] = field(default_factory=dict)
    """By program."""

    minting_steps: set[str] = field(default_factory=set)
    """Ids of the steps that got a token by OIDC."""


class _Around(NamedTuple):
    """What is around one step."""

    step: Step
    variables: dict[str, _Value]
    contexts: Mapping[str, Any]
    minting_steps: frozenset[str]

    def outcomes(self, value: _Value) -> tuple[str | expressions.Unknown, ...]:
        """Return what a value can come to."""
        if not value.known:
            return (expressions.UNKNOWN,)
        return expressions.texts(value.text, self.contexts) if "${{" in value.text else (value.text,)

    def texts(self, value: _Value) -> tuple[str | None, ...]:
        """Return what a value can come to; None for what cannot be told."""
        return tuple(text if isinstance(text, str) else None for text in self.outcomes(value))

    def credential(self, value: _Value) -> Credential | None:
        """Return the credential that a value is; None for an empty value."""
        if all(text == "" for text in self.texts(value)):
            return None
        lifetime, secret = self._lifetime(value.text, value) if value.known else (value.lifetime, "")
        return Credential(value.name, lifetime, value.file, value.line, secret)

    def _lifetime(self, text: str, value: _Value, *, follow: bool = True) -> tuple[Lifetime, str]:
        expression = expressions.whole(text)
        if expression is None:
            return (Lifetime.UNKNOWN if "${{" in text else Lifetime.LONG), ""
        operands = [expression]
        if isinstance(expression, expressions.Operation) and expression.operator == "||":
            operands = list(expression.operands)
        paths = [_path(operand) for operand in operands if not isinstance(operand, expressions.Literal)]
        if paths and all(path[:1] in {("secrets",), ("vars",)} for path in paths):
            return Lifetime.LONG, paths[0][1] if paths[0][0] == "secrets" and len(paths[0]) > 1 else ""
        if paths and all(path[:1] == ("steps",) and path[1:2] for path in paths):
            minted = all(path[1] in self.minting_steps for path in paths)
            return (Lifetime.SHORT if minted else Lifetime.UNKNOWN), ""
        if follow and len(paths) == 1 and paths[0][:1] == ("env",) and paths[0][1:]:
            inner = self.variables.get(paths[0][1])
            if inner is not None and inner.known:
                return self._lifetime(inner.text, inner, follow=False)
        return value.lifetime, ""


def _path(expression: expressions.Expression) -> tuple[str, ...]:
    """Return `secrets.NAME` as ("secrets", "NAME"); empty for anything that is no such path."""
    names: list[str] = []
    while isinstance(expression, expressions.Index):
        if not isinstance(expression.key, expressions.Literal) or not isinstance(expression.key.value, str):
            return ()
        names.append(expression.key.value)
        expression = expression.of
    if not isinstance(expression, expressions.Context):
        return ()
    return (expression.name.lower(), *reversed(names))


# ------------------------------------------------------------------------------------------ the steps

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
_OPTIONS_IN_IT = re.compile(r"arg|opt|flag|param|repo|index|[@*]", re.IGNORECASE)
_ENVIRONMENT_LINE = re.compile(r"([A-Za-z_]\w*)(=|<<)(.*)\Z", re.ASCII | re.DOTALL)
_SECTION = re.compile(r"\s*\[([\w.-]+)\]")
_PASSWORD = re.compile(r"\s*password\s*[=:]\s*(\$\{\{.*?\}\}|\S+)", re.IGNORECASE)
_LOGIN = re.compile(r"https?://[^/@\s]*:[^/@]+@", re.IGNORECASE)
_CONFIGURED = {tool.command[0] for tool in tools.TOOLS if tool.settings}

_INSTALLS = {("pip", "install"), ("pip3", "install"), ("pipx", "install"), ("uv", "pip"), ("uv", "tool")}
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?).+)\Z", re.ASCII)


class _Reader:
    """Reads the steps of a job in their order."""

    def __init__(self, contexts: Mapping[str, Any], default_shell: str) -> None:
        self.uploads: list[Upload] = []
        self.opaque: list[Opaque] = []
        self._contexts = contexts
        self._default_shell = default_shell
        self._state = _State()

    def read(self, step: Step, env: Sequence[Table]) -> None:
        """Read the next step."""
        around = self._around(step, env)
        if step.uses is not None:
            self._action(step.uses, around)
        elif step.run is not None:
            self._script(step.run, around)

    def _around(self, step: Step, env: Sequence[Table]) -> _Around:
        variables: dict[str, _Value] = {}
        for table in env:
            variables.update(_of_table(table))
        variables.update(self._state.variables)  # GITHUB_ENV wins over a job's variables, not over a step's.
        variables.update(_of_table(step.env))
        around = _Around(step, variables, self._contexts, frozenset(self._state.minting_steps))
        known = {name: expressions.Choice(around.outcomes(value)) for name, value in variables.items()}
        return around._replace(contexts={**self._contexts, "env": expressions.Partial(known)})

    # Actions --------------------------------------------------------------------------------------

    def _action(self, uses: Scalar, around: _Around) -> None:
        name, _, ref = uses.text.partition("@")
        action = name.lower().rstrip("/")
        repository = "/".join(action.split("/")[:2])
        if repository in tools.MINTING_ACTIONS:
            self._state.minting_steps.add(around.step.id)
        tool = _BY_ACTION.get(action)
        if tool is not None:
            if not tool.before or _is_older(ref, tool.before):
                self._action_upload(tool, ref, uses, around)
        elif repository not in tools.HARMLESS_ACTIONS and action.split("/")[0] not in tools.HARMLESS_OWNERS:
            self.opaque.append(Opaque(uses.text, around.step.index, uses.file, uses.line))

    def _action_upload(self, tool: Tool, ref: str, uses: Scalar, around: _Around) -> None:
        inputs = {name.lower(): value for name, value in _of_table(around.step.inputs).items()}
        call = _Call(inputs, [], around.variables.get, uses.file, uses.line, uses.text)
        if tool.subcommands:
            command = inputs.get("command")
            if tool.subcommands.isdisjoint(around.texts(command) if command else ()):
                return
            call = call._replace(options=_input_options(tool, inputs.get("args")))
        for name, idle in tool.idle_inputs:
            if name in inputs and around.texts(inputs[name]) == (idle,):
                return
        reason = ""
        if ref in tool.refs_without_oidc or (tool.oidc_since and _is_older(ref, tool.oidc_since)):
            reason = (
                f"{tool.name} does Trusted Publishing from version {tool.oidc_since} on, and this is {ref}"
            )
        if tool.attestations_since and _is_older(ref, tool.attestations_since):
            call = call._replace(too_old_for_attestations=True)
        self._upload(tool, call, around, reason)

    # Commands -------------------------------------------------------------------------------------

    def _script(self, run: Scalar, around: _Around) -> None:
        step = around.step
        outside = {name: value.text for name, value in around.variables.items() if value.known}
        name = step.shell.text if step.shell is not None else self._default_shell
        script = shell.commands(run.text, name, outside)
        mints = bool(_MINTS.search(run.text))
        if mints and step.id:
            self._state.minting_steps.add(step.id)
        previous = None
        for command in script.commands:
            call = _CommandReader(command, previous if command.piped else None, run, around, mints)
            self._remember(call)
            self._command(call)
            previous = command
        if not script.complete:
            written = f"a script of the shell {name}" if name else "a script"
            self.opaque.append(Opaque(written, step.index, run.file, run.line))

    def _command(self, reader: _CommandReader) -> None:
        command = reader.command
        tool = _tool(command)
        if tool is None:
            if opaque.runs_unseen(command):
                name = " ".join(word.text for word in command.words[:2])
                line = reader.line(command.line)
                self.opaque.append(Opaque(name, reader.around.step.index, reader.run.file, line))
            return
        if any(word.text in tool.idle for word in command.arguments):
            return
        requirement = command.requirement or self._state.requirements.get(tool.command[0], "")
        reason = ""
        if tool.oidc_since and requirement and _allows_only_older(requirement, tool.oidc_since):
            reason = (
                f"{tool.command[0]} does Trusted Publishing from version {tool.oidc_since} on,"
                f" and this is {requirement}"
            )
        self._upload(tool, reader.call(tool), reader.around, reason)

    def _remember(self, reader: _CommandReader) -> None:
        """Keep what a command leaves behind for the next ones."""
        command, state = reader.command, self._state
        for value in reader.github_env():
            if len(state.variables) < NAMED_LIMIT:
                state.variables[value.name] = value
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

    def _upload(self, tool: Tool, call: _Call, around: _Around, reason: str) -> None:
        target = _target(tool, call, around, self._state)
        credentials = _credentials(tool, call, around, self._state, target)
        if tool.oidc_since is None:
            reason = f"{tool.name} cannot do Trusted Publishing"
        reason = reason or _switched_off(tool, call, around, target)
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
                attestations=_attestations(tool, call, around, target, has_credential=bool(credentials)),
                folder=_folder(tool, call, around),
            )
        )


# -------------------------------------------------------------------------------------------- one call


class _Call(NamedTuple):
    """How a tool is called."""

    inputs: Mapping[str, _Value]
    options: Sequence[_Value]
    """In their order; the value of one that takes none is empty."""

    variable: Callable[[str], _Value | None]
    """Looks a variable of the environment up."""

    file: str
    line: int
    written: str
    hidden: bool = False
    """Whether a word whose value is not known can hold options."""

    too_old_for_attestations: bool = False

    def values(
        self, inputs: Iterable[str] = (), options: Collection[str] = (), variables: Iterable[str] = ()
    ) -> Iterator[_Value]:
        """Give the values of these, the one that wins first."""
        yield from (self.inputs[name] for name in inputs if name in self.inputs)
        yield from (option for option in reversed(self.options) if option.name in options)
        yield from (value for name in variables if (value := self.variable(name)) is not None)


class _Target(NamedTuple):
    """Where an upload goes."""

    names: tuple[str, ...]
    """The repository's names in the tool's own terms, where it is called by name."""

    indexes: tuple[str | None, ...]
    addresses: tuple[_Value, ...] = ()
    """The values that hold an address."""


@dataclass(frozen=True)
class _CommandReader:
    """Reads one command of a script."""

    command: Command
    previous: Command | None
    """The one whose output it reads."""

    run: Scalar
    around: _Around
    mints: bool
    """Whether the script gets a token by OIDC."""

    def line(self, line: int) -> int:
        """Return the line in the file of a line of the script."""
        return self.run.line_of(line)

    def value(self, name: str, text: str, line: int, *, known: bool) -> _Value:
        """Return a value that stands in the script."""
        lifetime = Lifetime.SHORT if self.mints else Lifetime.UNKNOWN
        return _Value(name, text, known, self.run.file, self.line(line), lifetime)

    def variable(self, name: str) -> _Value | None:
        """Look a variable of the command's environment up."""
        variable = self.command.environment.get(name)
        if variable is None or variable.line is None:
            return self.around.variables.get(name)
        return self.value(name, variable.text, variable.line, known=variable.known)

    def call(self, tool: Tool) -> _Call:
        """Return how the command calls a tool."""
        options, hidden = [], False
        for name, word in _options(tool, self.command.arguments):
            if name:
                options.append(self.value(name, word.text, word.line, known=word.known))
            else:
                whole = word.bare or (expressions.whole(word.text) is not None and None in self._texts(word))
                hidden = hidden or (whole and bool(_OPTIONS_IN_IT.search(word.text)))
        line = self.line(self.command.line)
        return _Call({}, options, self.variable, self.run.file, line, " ".join(tool.command), hidden)

    def _texts(self, word: Word) -> tuple[str | None, ...]:
        return self.around.texts(self.value("", word.text, word.line, known=word.known))

    def _written(self) -> Iterator[tuple[str, bool, int]]:
        """Give the texts that the command writes or passes on: its words and here-document, by line."""
        words = [*self.command.words, *(self.previous.words if self.previous else ())]
        for word in words:
            for line in re.split(r"\n|\\n", word.text):
                yield line, word.known, word.line
        for number, line in enumerate(self.command.body.split("\n")):
            yield line, "$" not in re.sub(r"\$\{\{.*?\}\}", "", line), self.command.line + 1 + number

    def _mentions(self, file: str) -> bool:
        return any(file in word.text for word in (*self.command.targets, *self.command.arguments))

    def github_env(self) -> Iterator[_Value]:
        """Give the variables that the command sets for the next steps."""
        if not self._mentions("GITHUB_ENV"):
            return
        for text, known, line in self._written():
            if match := _ENVIRONMENT_LINE.match(text):
                plain = known and match[2] == "="
                yield self.value(match[1], match[3] if plain else f"${match[1]}", line, known=plain)

    def pypirc(self) -> Iterator[tuple[str, _Value | None]]:
        """Give the sections and passwords that the command writes to ~/.pypirc."""
        if not self._mentions(".pypirc"):
            return
        for text, known, line in self._written():
            if match := _SECTION.match(text):
                yield match[1], None
            elif match := _PASSWORD.match(text):
                variable = self.variable(match[1].strip("${}")) if match[1].startswith("$") else None
                if variable is not None and not known:
                    yield "", variable._replace(name=".pypirc")
                else:
                    yield "", self.value(".pypirc", match[1], line, known=known)

    def setting(self) -> _Value | None:
        """Return what the command stores in the tool's own configuration; the name is the key."""
        words = self.command.words
        if self.command.program not in _CONFIGURED or any(word.text == "--unset" for word in words):
            return None
        plain = [word for word in words[subcommand(words) :] if not word.text.startswith("-")]
        if len(plain) < 3 or plain[0].text != "config":  # noqa: PLR2004  (config, key, value)
            return None
        return self.value(plain[1].text, plain[-1].text, plain[-1].line, known=plain[-1].known)


def _input_options(tool: Tool, args: _Value | None) -> list[_Value]:
    """Return the options in an action's input that is passed on as a command line."""
    if args is None:
        return []
    words = [word for command in shell.commands(args.text).commands for word in command.words]
    named = ((name, word) for name, word in _options(tool, words) if name)
    return [_Value(name, word.text, word.known, args.file, args.line) for name, word in named]


def _options(tool: Tool, words: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    """Give the options with their values; a word that is no option has no name."""
    valued = {
        *(*tool.url_options, *tool.name_options, *tool.secret_options, *tool.user_options, *tool.valued),
        *(option for option, _ in tool.off),
    }
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        name, equals, inline = word.text.partition("=")
        if not word.text.startswith("-") or word.text == "-":
            yield "", word
        elif name in valued and not equals and index < len(words):
            yield name, words[index]
            index += 1
        elif not name.startswith("--") and word.text[:2] in valued:
            yield word.text[:2], word._replace(text=word.text[2:].removeprefix("="))
        else:
            yield name, word._replace(text=inline)


# ------------------------------------------------------------------------------------- what a call means


def _target(tool: Tool, call: _Call, around: _Around, state: _State) -> _Target:
    """Return where a call uploads to."""
    addresses = list(call.values(tool.url_inputs, tool.url_options, tool.url_variables))
    names = list(call.values(tool.name_inputs, tool.name_options, tool.name_variables))
    default = _named(tool, tool.default_name, call, around, state)
    found_names: list[str] = []
    indexes: list[str | None] = [None] if call.hidden else []
    for number, value in enumerate((*addresses, *names)):
        texts = around.texts(value)
        for text in texts:
            if text is None:
                indexes.append(None)
            elif number < len(addresses) or "://" in text:
                indexes += [index_root(text)] if text else []
            elif text:
                found_names.append(text)
                indexes.append(_named(tool, text, call, around, state))
        if "" not in texts:
            break
    else:
        found_names.append(tool.default_name)
        indexes.append(default)
    return _Target(tuple(found_names), tuple(indexes), (*addresses, *names))


def _named(tool: Tool, name: str, call: _Call, around: _Around, state: _State) -> str | None:
    """Return the index that a repository's name stands for; None where only the project's files tell."""
    if name in dict(tool.names):
        return dict(tool.names)[name]
    program = tool.command[0] if tool.command else ""
    values = [
        state.settings.get(f"{program} repositories.{name}"),
        state.settings.get(f"{program} repository.{name}.url"),
        call.variable(tool.named_url_variable.format(_spelled(name))) if tool.named_url_variable else None,
    ]
    for value in values:
        if value is not None:
            texts = around.texts(value)
            return index_root(texts[0]) if len(texts) == 1 and texts[0] else None
    return tools.LIKELY_NAMES.get(re.sub(r"[-_.]", "", name.lower()))


def _spelled(name: str) -> str:
    """Return a repository's name as Poetry writes it in variables."""
    return name.upper().replace("-", "_")


def _credentials(
    tool: Tool, call: _Call, around: _Around, state: _State, target: _Target
) -> list[Credential]:
    """Return the credentials that a call uses instead of Trusted Publishing."""
    variables = [
        variable.format(name)
        for variable in tool.secret_variables
        for name in (map(_spelled, target.names) if "{}" in variable else ("",))
    ]
    values = [*call.values(tool.secret_inputs, tool.secret_options, variables)]
    if tool.command:
        keys = (f"{tool.command[0]} {key.format(name)}" for key in tool.settings for name in target.names)
        values += [state.settings[key] for key in keys if key in state.settings]
    if tool.reads_pypirc:
        values += [value for section, value in state.pypirc if not section or section in target.names]
    values += [value for value in target.addresses if _LOGIN.match(value.text)]
    return [credential for value in values if (credential := around.credential(value)) is not None]


def _switched_off(tool: Tool, call: _Call, around: _Around, target: _Target) -> str:
    """Return why a tool that can do Trusted Publishing does not do it in this call; empty where it does."""
    for value in call.values(tool.user_inputs, tool.user_options, tool.user_variables):
        texts = [text for text in around.texts(value) if text != "__token__" or not tool.token_user]
        if texts and all(texts):
            return f"{tool.name} does no Trusted Publishing where {value.name} names a user"
    for option, off in tool.off:
        if any(off in around.texts(value) for value in call.values(options=(option,))):
            return f"{option} {off} switches it off"
    if tool.only_pypi and not any(index in {PYPI_URL, TESTPYPI_URL, None} for index in target.indexes):
        return f"{tool.name} does Trusted Publishing for pypi.org and test.pypi.org only"
    return ""


def _attestations(
    tool: Tool, call: _Call, around: _Around, target: _Target, *, has_credential: bool
) -> Attestations:
    """Tell whether a call uploads attestations."""
    asked = any(call.values(options=(tool.attestations_option,)))
    refused = any(call.values(options=(tool.no_attestations_option,)))
    if tool.attestations is Attestations.NONE or call.too_old_for_attestations or refused:
        return Attestations.FOUND if asked else Attestations.NONE
    for value in call.values((tool.attestations_input,), (), (tool.no_attestations_variable,)):
        texts = around.texts(value)
        if None in texts or len(texts) > 1:
            return Attestations.UNKNOWN
        off = {"false"} if value.name == tool.attestations_input else {"true", "1", "yes", "on"}
        if str(texts[0]).lower() in off:
            return Attestations.NONE
    for_pypi = any(index in {PYPI_URL, TESTPYPI_URL, None} for index in target.indexes)
    makes_none = tool.attestations is Attestations.MADE and (has_credential or not for_pypi)
    return Attestations.NONE if makes_none else tool.attestations


def _folder(tool: Tool, call: _Call, around: _Around) -> str | None:
    for value in call.values(tool.folder_inputs):
        texts = around.texts(value)
        if len(texts) > 1 or texts[0] is None:
            return None
        if texts[0]:
            return texts[0].removeprefix("./").rstrip("/")
    return tool.folder


def _tool(command: Command) -> Tool | None:
    """Return the tool that a command runs to upload."""
    words = command.words
    setup = words[1:] if is_python(words[0]) else words
    if setup and program_name(setup[0].text) == "setup.py":
        uploads = any(word.text == "upload" for word in setup)
        return _BY_COMMAND["setup.py", "upload"] if uploads else None
    index = subcommand(words)
    return _BY_COMMAND.get((command.program, words[index].text)) if index < len(words) else None


# --------------------------------------------------------------------------------------------- versions


def _is_older(ref: str, since: str) -> bool:
    """Tell whether an action's ref is a version before another; `v1` moves with the newest 1.x."""
    match = re.match(r"(?:release/)?v?(\d+(?:\.\d+)*)\Z", ref, re.ASCII)
    if match is None:
        return False
    have, want = ([int(part[:9]) for part in text.split(".")] for text in (match[1], since))
    return have < want[: len(have)]


def _allows_only_older(requirement: str, since: str) -> bool:
    """Tell whether a requirement allows no version from another one on."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        specifiers = Requirement(requirement).specifier
        for specifier in specifiers:
            limit = Version(specifier.version.removesuffix(".*"))
            below = limit <= Version(since) if specifier.operator == "<" else limit < Version(since)
            if specifier.operator in {"==", "<", "<=", "~="} and below and not specifier.contains(since):
                return True
    except (InvalidRequirement, InvalidVersion):
        return False
    return False


def _of_table(table: Table) -> dict[str, _Value]:
    """Return a table's values by name."""
    return {
        name: _Value(name, scalar.text, known=True, file=scalar.file, line=scalar.line)
        for name, scalar in table.entries.items()
    }
