"""How a tool is called: its options and inputs, and what a command leaves behind for the next ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing import tools
from pypi_setup.preflight.publishing.values import Lifetime, Value
from pypi_setup.preflight.syntax import expressions, shell
from pypi_setup.preflight.syntax.launchers import subcommand

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pypi_setup.preflight.publishing.tool import Tool
    from pypi_setup.preflight.publishing.values import Around
    from pypi_setup.preflight.syntax.launchers import Word
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.workflow.loading import Scalar

_OPTIONS_IN_IT = re.compile(r"arg|opt|flag|param|repo|index|[@*]", re.IGNORECASE)
_ENVIRONMENT_LINE = re.compile(r"([A-Za-z_]\w*)(=|<<)(.*)\Z", re.ASCII | re.DOTALL)
_SECTION = re.compile(r"\s*\[([\w.-]+)\]")
_PASSWORD = re.compile(r"\s*password\s*[=:]\s*(\$\{\{.*?\}\}|\S+)", re.IGNORECASE)
_CONFIGURED = {tool.command[0] for tool in tools.TOOLS if tool.settings}


class Call(NamedTuple):
    """How a tool is called."""

    inputs: Mapping[str, Value]
    options: Sequence[Value]
    """In their order; the value of one that takes none is empty."""

    variable: Callable[[str], Value | None]
    """Looks a variable of the environment up."""

    file: str
    line: int
    written: str
    hidden: bool = False
    """Whether a word whose value is not known can hold options."""

    too_old_for_attestations: bool = False
    place: str | None = ""
    """Where it runs, from the repository's root; None where that is not known."""

    def values(
        self, inputs: Iterable[str] = (), options: Collection[str] = (), variables: Iterable[str] = ()
    ) -> Iterator[Value]:
        """Give the values of these, the one that wins first."""
        yield from (self.inputs[name] for name in inputs if name in self.inputs)
        yield from (option for option in reversed(self.options) if option.name in options)
        yield from (value for name in variables if (value := self.variable(name)) is not None)


@dataclass(frozen=True)
class CommandReader:
    """Reads one command of a script."""

    command: Command
    previous: Command | None
    """The one whose output it reads."""

    run: Scalar
    around: Around
    mints: bool
    """Whether the script gets a token by OIDC."""

    started: int | None = None
    """Of a command of a task: the line of the script that starts it, which stands for all of the task's."""

    depth: int = 0
    """Tasks around the command."""

    folder: str | None = ""
    """Where it runs, from the repository's root; None where that is not known."""

    written_in: str = ""
    """Where the task stands, in words; empty for a command of the step itself."""

    def line(self, line: int) -> int:
        """Return the line in the file of a line of the script."""
        return self.run.line_of(line if self.started is None else self.started)

    def value(self, name: str, text: str, line: int, *, known: bool) -> Value:
        """Return a value that stands in the script."""
        lifetime = Lifetime.SHORT if self.mints else Lifetime.UNKNOWN
        return Value(name, text, known, self.run.file, self.line(line), lifetime)

    def variable(self, name: str) -> Value | None:
        """Look a variable of the command's environment up."""
        variable = self.command.environment.get(name)
        if variable is None or variable.line is None:
            return self.around.variables.get(name)
        return self.value(name, variable.text, variable.line, known=variable.known)

    def call(self, tool: Tool) -> Call:
        """Return how the command calls a tool."""
        options, hidden = [], False
        for name, word in _options(tool, self.command.arguments):
            if name:
                options.append(self.value(name, word.text, word.line, known=word.known))
            else:
                whole = word.bare or (expressions.whole(word.text) is not None and None in self._texts(word))
                hidden = hidden or (whole and bool(_OPTIONS_IN_IT.search(word.text)))
        line = self.line(self.command.line)
        written = f"{' '.join(tool.command)}{self.written_in}"
        return Call({}, options, self.variable, self.run.file, line, written, hidden, place=self.folder)

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

    def github_env(self) -> Iterator[Value]:
        """Give the variables that the command sets for the next steps."""
        if not self._mentions("GITHUB_ENV"):
            return
        for text, known, line in self._written():
            if match := _ENVIRONMENT_LINE.match(text):
                plain = known and match[2] == "="
                yield self.value(match[1], match[3] if plain else f"${match[1]}", line, known=plain)

    def pypirc(self) -> Iterator[tuple[str, Value | None]]:
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

    def setting(self) -> Value | None:
        """Return what the command stores in the tool's own configuration; the name is the key."""
        words = self.command.words
        if self.command.program not in _CONFIGURED or any(word.text == "--unset" for word in words):
            return None
        plain = [word for word in words[subcommand(words) :] if not word.text.startswith("-")]
        if len(plain) < 3 or plain[0].text != "config":  # noqa: PLR2004  (config, key, value)
            return None
        return self.value(plain[1].text, plain[-1].text, plain[-1].line, known=plain[-1].known)


def input_options(tool: Tool, args: Value | None) -> list[Value]:
    """Return the options in an action's input that is passed on as a command line."""
    if args is None:
        return []
    words = [word for command in shell.commands(args.text).commands for word in command.words]
    named = ((name, word) for name, word in _options(tool, words) if name)
    return [Value(name, word.text, word.known, args.file, args.line) for name, word in named]


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
