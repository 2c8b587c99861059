"""Shell scripts of `run:` steps as simple commands: which program starts where, with which words.

No shell is run, and nothing is guessed: a word or variable whose value the text does not show is marked as
not known. Any text gives a result, in time linear to its length; what the bounds below cut off leaves the
script incomplete. GitHub puts the values of `${{ expressions }}` into the text before a shell sees it; they
stay in the words as they are written, for the reader to resolve. Sources: the POSIX shell command language,
Bash's manual, PowerShell's language specification, GitHub's workflow syntax
(`jobs.<job_id>.steps[*].shell`).
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.syntax import launchers
from pypi_setup.preflight.syntax.launchers import Word
from pypi_setup.preflight.syntax.lexing import (
    EXPRESSION,
    POWERSHELL,
    SHELL,
    VALUE_LIMIT,
    Budget,
    Dialect,
    Lexer,
    Part,
    Source,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

VARIABLES_LIMIT = 100
"""Variables that one script sets."""

BLOCKS_LIMIT = 100
"""Blocks inside of blocks."""

DEPTH_LIMIT = 6
"""Scripts inside of scripts: command substitutions, `bash -c`, `eval`."""


class Variable(NamedTuple):
    """What a variable holds."""

    text: str
    """The value; where it is not known, how it is written."""

    known: bool = True
    line: int | None = None
    """Line of the script, from 0, that sets it; None where it came from outside of the script."""


class Command(NamedTuple):
    """One simple command."""

    words: tuple[Word, ...]
    """The program and its arguments, without those that only start it (`sudo`, `uv run`, `python -m`)."""

    line: int
    """Line of the script, from 0, on which it starts."""

    environment: Mapping[str, Variable]
    """The variables that the program sees."""

    targets: tuple[Word, ...] = ()
    """Files that its output is written to."""

    body: str = ""
    """Its here-document, variables not put in."""

    piped: bool = False
    """Whether it reads the output of the command before it."""

    launchers: tuple[str, ...] = ()
    """The programs that start it, outermost first: `sudo`, `uv run`, `hatch run`, …"""

    requirement: str = ""
    """The requirement that a launcher installs it from, such as `twine==6.1.0`; may be empty."""

    conditional: bool = False
    """Whether it stands in a branch (`if`, `case`, a loop, behind `&&`), so that it may not run."""

    @property
    def program(self) -> str:
        """The program's name, without folders and `.exe`."""
        return launchers.program_name(self.words[0].text)

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words behind the program."""
        return self.words[1:]


class Script(NamedTuple):
    """What can be read of a script."""

    commands: tuple[Command, ...]
    complete: bool = True
    """False where a part cannot be read: another language, or more than the bounds allow."""


_POWERSHELL = {"pwsh", "powershell"}
_OTHER_LANGUAGE = re.compile(r"(?:cmd|python[\d.]*|perl|ruby|node|fish|nu|csh|tcsh|Rscript)\Z")


def commands(text: str, shell: str = "", variables: Mapping[str, str] | None = None) -> Script:
    """Return the commands of a script.

    `shell` is the step's `shell`: a name or a command template such as `bash -el {0}`; empty means bash.
    `variables` are the variables around the script; their values may hold expressions.
    """
    name = launchers.program_name(shell.split(maxsplit=1)[0]) if shell.split() else "bash"
    if _OTHER_LANGUAGE.match(name):
        return Script((), complete=False)
    outside = {key: Variable(value) for key, value in (variables or {}).items()}
    reader = _Reader(POWERSHELL if name in _POWERSHELL else SHELL, outside, Budget())
    reader.read(Source.of(text, reader.budget))
    return Script(tuple(reader.commands), reader.budget.complete)


_PIECE = re.compile(rf"(?:{EXPRESSION.pattern}|\S)+")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?=)", re.ASCII)
_POWERSHELL_ASSIGNMENT = re.compile(r"\+?=")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_ALONE = re.compile(r"\$\w+", re.ASCII)
_OPENERS = {"if", "while", "until"}
_HEADS = {"for", "case", "select"}
_CLOSERS = {"fi", "done", "esac"}
_BRANCHES = {"else", "elif"}
_KEYWORDS = {*_OPENERS, *_CLOSERS, *_BRANCHES, "then", "do", "!", "{", "}"}
_POWERSHELL_KEYWORDS = {
    *("if", "elseif", "else", "while", "for", "foreach", "do", "until", "switch", "try", "catch", "finally"),
    *("function", "param", "throw", "begin", "process", "end"),
}
_DECLARATIONS = {"export", "declare", "typeset", "local", "readonly"}
_TESTS = {"[", "[[", "test", "grep", "false", "command", "which", "hash", "type", "git"}
_SHELLS = {"bash", "sh", "zsh", "dash", "ksh"}
_REDIRECTION = re.compile(r"[<>]")


@dataclass
class _Block:
    """A piece of the script whose assignments may not hold behind it."""

    kind: str
    """`if` for any that may not run, `chain` for what stands behind a test, `array`, `(`, or `{`."""

    saved: dict[str, tuple[Variable | None, int | None]] = field(default_factory=dict)
    """What the variables that it sets held before, and the line that sets them first."""


@dataclass
class _Draft:
    """The command that is being read."""

    words: list[Token] = field(default_factory=list)
    targets: list[Token] = field(default_factory=list)
    body: str = ""
    redirection: str = ""
    index: int | None = None
    """Of its command, where it has become one."""


class _Reader:
    """Follows a script from top to bottom, keeping its variables."""

    def __init__(
        self, dialect: Dialect, outside: MutableMapping[str, Variable], budget: Budget, depth: int = 0
    ) -> None:
        self.commands: list[Command] = []
        self.budget = budget
        self._dialect = dialect
        self._outside = outside
        self._depth = depth
        self._set: dict[str, Variable] = {}
        self._exported: set[str] = set()
        self._snapshot: dict[str, Variable] | None = None
        self._blocks: list[_Block] = []
        self._piped = False
        self._in_branch = False
        self._source = Source("", (), (), 0)

    def read(self, source: Source, start: int = 0, end: int | None = None) -> None:
        """Read a range of a source."""
        self._source = source
        draft = _Draft()
        awaiting: list[_Draft] = []
        stop = len(source.text) if end is None else end
        for token in Lexer(source, start, stop, self._dialect).tokens():
            if token.kind == "word" and draft.redirection:
                if ">" in draft.redirection:
                    draft.targets.append(token)
                draft.redirection = ""
            elif token.kind == "word":
                draft.words.append(token)
            elif token.kind == "body":
                self._document(awaiting.pop(0), token.parts[0].text)
            elif _REDIRECTION.search(token.kind):
                if token.kind in {"<<", "<<-"}:
                    awaiting.append(draft)
                draft.redirection = token.kind if "&1" not in token.kind else ""
            else:
                self._finish(draft, token.kind)
                draft = _Draft()
                if self.budget.commands < 0:
                    return
        self._finish(draft, "\n")

    def _document(self, draft: _Draft, text: str) -> None:
        """Add a here-document to its command, which may have ended before: `cat <<EOF | tee file`."""
        draft.body += text
        if draft.index is not None:
            self.commands[draft.index] = self.commands[draft.index]._replace(body=draft.body)

    def _finish(self, draft: _Draft, operator: str) -> None:
        """End a command at an operator."""
        in_array = bool(self._blocks) and self._blocks[-1].kind == "array"
        is_array = operator == "(" and bool(draft.words) and _is_assignment(draft.words[-1])
        if self._only_names(draft, operator):
            self._without_keywords(draft.words)
        elif not in_array:
            self._command(draft, is_array=is_array)
        self._piped = operator in {"|", "|&"}
        if is_array:
            self._open("array")
        elif operator in {"(", "{"}:
            self._open("{" if self._dialect.powershell else "(")
        elif operator in {")", "}"}:
            self._close(
                "array" if in_array else "{" if self._dialect.powershell else "(", forget=operator == "}"
            )
        elif operator in {";;", ";&", ";;&"}:
            self._branch()
        elif operator in {"&&", "||"}:
            self._chain(operator)
        elif operator in {";", "\n", "&"} and self._blocks and self._blocks[-1].kind == "chain":
            self._close("chain", forget=True)

    def _only_names(self, draft: _Draft, operator: str) -> bool:
        """Tell whether the words run nothing: `name()` names a function, `pattern)` a case."""
        if self._dialect.powershell:
            return (
                operator == "("
                and bool(draft.words)
                and _keyword(draft.words[0]).lower() in _POWERSHELL_KEYWORDS
            )
        if operator == ")":
            return not any(block.kind == "(" for block in self._blocks)
        return operator == "(" and len(draft.words) == 1 and bool(_NAME.match(_keyword(draft.words[0])))

    def _command(self, draft: _Draft, *, is_array: bool) -> None:
        words = self._without_keywords(draft.words)
        if not words or _keyword(words[-1]) == "]]" != _keyword(words[0]):
            return  # Nothing, or what `&&` cuts off inside of a test.
        if self._dialect.powershell and self._powershell_assignment(words):
            return
        assigned: dict[str, Variable] = {}
        start = 0
        while start < len(words) and (match := _assignment(words[start])):
            only = is_array and start == len(words) - 1
            assigned[match[1]] = self._value(words[start], match, is_array=only)
            start += 1
        words = words[start:]
        if not words:
            for name, value in assigned.items():
                self._assign(name, value)
            return
        expanded = [word for token in words for word in self._expanded(token)]
        if expanded and not self._declares(expanded):
            self._emit(expanded, assigned, draft)

    def _without_keywords(self, words: list[Token]) -> list[Token]:
        """Drop the keywords in front of a command, and follow the blocks that they open and close."""
        if self._dialect.powershell:
            return [] if words and _keyword(words[0]).lower() in _POWERSHELL_KEYWORDS else words
        start = 0
        while start < len(words):
            keyword = _keyword(words[start])
            if keyword == "function":
                start += 2  # Its name is no command.
                continue
            if keyword in _HEADS:
                self._head(words[start:])
                return []
            if not self._follows(keyword):
                break
            start += 1
        return words[start:]

    def _head(self, words: list[Token]) -> None:
        """Open the block of `for`, `case` and `select`; what they run over is not known."""
        self._open("if")
        if _keyword(words[0]) != "case" and len(words) > 1 and _NAME.match(name := _keyword(words[1])):
            self._assign(name, Variable(f"${name}", known=False, line=self._source.line(words[0].at)))

    def _follows(self, keyword: str) -> bool:
        """Open or close the block of a keyword; tell whether it was one."""
        if keyword in _OPENERS:
            self._open("if")
        elif keyword in _CLOSERS:
            self._close("if", forget=True)
        elif keyword in _BRANCHES:
            self._branch()
        elif keyword == "{":
            self._open("{")
        elif keyword == "}":
            self._close("{")
        return keyword in _KEYWORDS

    def _open(self, kind: str) -> None:
        if len(self._blocks) >= BLOCKS_LIMIT:
            self.budget.complete = False
        else:
            self._blocks.append(_Block(kind))

    # Variables ------------------------------------------------------------------------------------

    def _look_up(self, name: str) -> Variable | None:
        if self._dialect.powershell:
            name = name[4:] if name[:4].lower() == "env:" else f"${name.lower()}"
        return self._set.get(name) or self._outside.get(name)

    def _assign(self, name: str, value: Variable, *, export: bool = False) -> None:
        if name not in self._set and len(self._set) >= VARIABLES_LIMIT:
            self.budget.complete = False
            return
        if self._blocks:
            self._blocks[-1].saved.setdefault(name, (self._set.get(name), value.line))
        if export or name in self._outside:
            self._exported.add(name)
        self._restore(name, value)

    def _restore(self, name: str, value: Variable | None) -> None:
        self._snapshot = None
        if value is None:
            self._set.pop(name, None)
        else:
            self._set[name] = value

    def _environment(self, assigned: dict[str, Variable]) -> Mapping[str, Variable]:
        """Return what a command sees: shared between the commands between which nothing changed."""
        if self._snapshot is None:
            self._snapshot = {name: value for name, value in self._set.items() if name in self._exported}
        return ChainMap(assigned, self._snapshot, self._outside)

    def _branch(self) -> None:
        """Begin another branch of an `if` or `case`: what the one before set does not hold in it."""
        while self._blocks and self._blocks[-1].kind == "chain":
            self._close("chain", forget=True)
        if self._blocks and self._blocks[-1].kind == "if":
            for name, (old, _) in self._blocks[-1].saved.items():
                self._restore(name, old)

    def _chain(self, operator: str) -> None:
        """Begin what runs only if the command before succeeds or fails, where that is a real question."""
        last = self.commands[-1].program if self.commands else ""
        if operator == "||" or last in _TESTS:
            self._open("chain")

    def _close(self, kind: str, *, forget: bool = False) -> None:
        """Close the innermost block of a kind, with those inside of it; no such block, nothing happens."""
        if not any(block.kind == kind for block in self._blocks):
            return
        while True:
            block = self._blocks.pop()
            conditional = block.kind in {"if", "chain"} or (forget and block.kind == kind)
            for name, (old, line) in block.saved.items():
                if block.kind == "(":
                    self._restore(name, old)
                elif conditional:
                    self._restore(name, Variable(f"${name.removeprefix('$')}", known=False, line=line))
                if block.kind != "(" and self._blocks:
                    self._blocks[-1].saved.setdefault(name, (old, line))
            if block.kind == kind:
                return

    def _value(self, token: Token, match: re.Match[str], *, is_array: bool) -> Variable:
        line = self._source.line(token.at)
        first = token.parts[0]
        rest = (first._replace(text=first.text[match.end() :]), *token.parts[1:])
        text, known = self._joined(rest)
        if is_array or match[2] == "+=" or len(text) > VALUE_LIMIT:
            return Variable(f"${match[1]}", known=False, line=line)
        return Variable(text, known, line)

    def _declares(self, words: list[Word]) -> bool:
        """Follow `export`, `declare`, `unset` and `read`; tell whether the command was one of them."""
        program = words[0].text
        if program not in _DECLARATIONS | {"unset", "read"}:
            return False
        exports = program == "export" or any(re.match(r"-\w*x", word.text) for word in words[1:])
        for word in words[1:]:
            name, equals, value = word.text.partition("=")
            if not _NAME.match(name):
                continue
            old = self._set.get(name) or self._outside.get(name)
            if program == "unset":
                self._assign(name, Variable("", line=word.line))
            elif program == "read":
                self._assign(name, Variable(f"${name}", known=False, line=word.line))
            elif equals:
                self._assign(name, Variable(value[:VALUE_LIMIT], word.known, word.line), export=exports)
            elif old is not None:
                self._assign(name, old, export=exports)
        return True

    def _powershell_assignment(self, words: list[Token]) -> bool:
        """Follow `$env:NAME = value` and `$name = value`; tell whether it was one."""
        if not words or not words[0].parts or words[0].parts[0].kind != "variable":
            return False
        name = words[0].parts[0].text
        pieces = [*words[0].parts[1:], *(part for word in words[1:] for part in word.parts)]
        if not pieces or not (equals := _POWERSHELL_ASSIGNMENT.match(pieces[0].text)):
            return False
        pieces[0] = pieces[0]._replace(text=pieces[0].text[equals.end() :])
        text, known = self._joined(tuple(pieces))
        known = known and equals[0] == "=" and len(words) <= 3  # noqa: PLR2004  (name, sign, one value)
        value = Variable(text if known else f"${name}", known, self._source.line(words[0].at))
        if name[:4].lower() == "env:":
            self._assign(name[4:], value, export=True)
        else:
            self._assign(f"${name.lower()}", value)
        return True

    # Words ----------------------------------------------------------------------------------------

    def _joined(self, parts: tuple[Part, ...]) -> tuple[str, bool]:
        """Return the text of the parts as one word."""
        pieces = [self._piece(part) for part in parts]
        return "".join(text for text, _ in pieces), all(known for _, known in pieces)

    def _piece(self, part: Part) -> tuple[str, bool]:
        if part.script is not None:
            self._inside(part.script)
        written = self._source.written(part.text)
        if part.kind != "variable":
            return written, part.kind == "text"
        variable = self._look_up(part.text)
        if variable is None:
            return f"${written}", False
        text = part.fallback if part.fallback and variable.known and not variable.text else variable.text
        self.budget.characters -= len(text)
        if self.budget.characters < 0:
            self.budget.complete = False
            return f"${written}", False
        return text, variable.known

    def _expanded(self, token: Token) -> list[Word]:
        """Return the words that a token becomes: unquoted variables are split at white space."""
        line = self._source.line(token.at)
        words: list[tuple[str, bool]] = []
        open_word = False
        for part, behind in zip(token.parts, (*token.parts[1:], None), strict=True):
            text, known = self._piece(part)
            if not known and behind and _NAME.match(behind.text) and _ALONE.fullmatch(text):
                text = f"${{{text[1:]}}}"  # `${PREFIX}twine` is not `$PREFIXtwine`.
            splits = part.kind == "variable" and known and not part.quoted and not self._dialect.powershell
            pieces = [match[0] for match in _PIECE.finditer(text)] if splits else [text]
            if splits and text[:1].isspace():
                open_word = False
            for index, piece in enumerate(pieces):
                if open_word and index == 0:
                    words[-1] = (words[-1][0] + piece, words[-1][1] and known)
                else:
                    words.append((piece, known))
            open_word = (open_word or bool(pieces)) and not (splits and text[-1:].isspace())
        bare = len(token.parts) == 1 and not token.parts[0].quoted
        return [Word(text, known, line, bare and not known) for text, known in words]

    def _inside(self, script: tuple[int, int]) -> None:
        """Read the script of a command substitution; what it sets stays in it."""
        reader = self._nested()
        if reader is not None:
            reader.read(self._source, *script)
            self.commands.extend(reader.commands)

    def _is_conditional(self) -> bool:
        return self._in_branch or any(block.kind in {"if", "chain"} for block in self._blocks)

    def _nested(self) -> _Reader | None:
        if self._depth >= DEPTH_LIMIT:
            self.budget.complete = False
            return None
        reader = _Reader(self._dialect, self._outside, self.budget, self._depth + 1)
        reader._set, reader._exported = dict(self._set), set(self._exported)
        reader._in_branch = self._is_conditional()
        return reader

    def _emit(self, words: list[Word], assigned: dict[str, Variable], draft: _Draft) -> None:
        line = words[0].line
        launched = launchers.reduced(words)
        for name, value in launched.variables:
            assigned[name] = Variable(value.text, value.known, value.line)
        if not launched.words:
            return
        command = Command(
            words=tuple(launched.words),
            line=line,
            environment=self._environment(assigned),
            targets=tuple(word for token in draft.targets for word in self._expanded(token)),
            body=draft.body,
            piped=self._piped,
            launchers=launched.launchers,
            requirement=launched.requirement,
            conditional=self._is_conditional(),
        )
        if not self._runs_script(command):
            self.budget.commands -= 1
            if self.budget.commands < 0:
                self.budget.complete = False
                return
            draft.index = len(self.commands)
            self.commands.append(command)

    def _runs_script(self, command: Command) -> bool:
        """Read the script of `bash -c` and `eval` in the command's place; tell whether it was one."""
        arguments = command.arguments
        if command.program == "eval":
            script: Word | None = Word(" ".join(word.text for word in arguments), line=command.line)
        elif command.program in _SHELLS:
            flags = (index for index, word in enumerate(arguments) if re.match(r"-[a-z]*c\Z", word.text))
            index = next(flags, None)
            script = next(iter(arguments[index + 1 :]), None) if index is not None else None
        else:
            return False
        reader = self._nested() if script is not None else None
        if script is None or reader is None:
            return False
        reader.read(Source.of(script.text, self.budget, script.line))
        self.commands.extend(reader.commands)
        return True


def _keyword(token: Token) -> str:
    """Return a word's text where it is written plainly, as keywords must be; else nothing."""
    if len(token.parts) == 1 and token.parts[0].kind == "text" and not token.parts[0].quoted:
        return token.parts[0].text
    return ""


def _assignment(token: Token) -> re.Match[str] | None:
    if not token.parts or token.parts[0].kind != "text" or token.parts[0].quoted:
        return None
    return _ASSIGNMENT.match(token.parts[0].text)


def _is_assignment(token: Token) -> bool:
    match = _assignment(token)
    return bool(match) and len(token.parts) == 1 and token.parts[0].text.endswith("=")
