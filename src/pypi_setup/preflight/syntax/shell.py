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
from bisect import bisect_right
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.syntax import launchers
from pypi_setup.preflight.syntax.launchers import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

SIZE_LIMIT = 128 * 1024
"""Characters of one script that are read."""

COMMANDS_LIMIT = 2000
"""Commands of one script."""

VARIABLES_LIMIT = 100
"""Variables that one script sets."""

VALUE_LIMIT = 4096
"""Characters of one variable's value, or of one here-document."""

EXPANSION_LIMIT = 1024 * 1024
"""Characters that all variables together put into words."""

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
    reader = _Reader(_POWERSHELL_DIALECT if name in _POWERSHELL else _SHELL_DIALECT, outside, _Budget())
    reader.read(_Source.of(text, reader.budget))
    return Script(tuple(reader.commands), reader.budget.complete)


@dataclass
class _Budget:
    """What a script and the scripts inside of it may still use."""

    commands: int = COMMANDS_LIMIT
    characters: int = EXPANSION_LIMIT
    complete: bool = True


# ---------------------------------------------------------------------------------------------- the text

_EXPRESSION = re.compile(r"\$\{\{(?:[^'}$]|\$(?!\{\{)|'[^']*'|\}(?!\}))*\}\}")
_PIECE = re.compile(rf"(?:{_EXPRESSION.pattern}|\S)+")
_FIRST_MARK, _LAST_MARK = 0xF0000, 0xFFFFD
_MARK = re.compile("[\U000f0000-\U000ffffd]")


class _Source(NamedTuple):
    """A script with one private character for each expression, so that quotes in it are not quotes."""

    text: str
    expressions: tuple[str, ...]
    line_starts: tuple[int, ...]
    first_line: int

    @classmethod
    def of(cls, text: str, budget: _Budget, first_line: int = 0) -> _Source:
        if len(text) > SIZE_LIMIT:
            text, budget.complete = text[:SIZE_LIMIT], False
        expressions: list[str] = []

        def mark(match: re.Match[str]) -> str:
            expressions.append(match[0])
            return chr(min(_FIRST_MARK + len(expressions) - 1, _LAST_MARK))

        marked = _EXPRESSION.sub(mark, _MARK.sub("\ufffd", text))
        starts: list[int] = []
        for match in re.finditer("[\n\U000f0000-\U000ffffd]", marked):
            count = 1 if match[0] == "\n" else expressions[ord(match[0]) - _FIRST_MARK].count("\n")
            starts.extend([match.end()] * count)
        return cls(marked, tuple(expressions), tuple(starts), first_line)

    def line(self, at: int) -> int:
        """Return the line of a place in the text."""
        return self.first_line + bisect_right(self.line_starts, at)

    def written(self, text: str) -> str:
        """Return a piece of the text with its expressions put back."""
        return _MARK.sub(lambda match: self.expressions[ord(match[0]) - _FIRST_MARK], text)


# ---------------------------------------------------------------------------------------------- the tokens


class _Dialect(NamedTuple):
    """What tells the families of shells apart, for the lexer."""

    powershell: bool
    escape: str
    operator: re.Pattern[str]
    plain: re.Pattern[str]
    in_quotes: re.Pattern[str]
    brackets: re.Pattern[str]
    variable: re.Pattern[str]
    braced: re.Pattern[str]


_SHELL_DIALECT = _Dialect(
    powershell=False,
    escape="\\",
    operator=re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|<&|>&|>>|>\||[<>])|;;&|;;|;&|&&|\|\||\|&|[;&|()]", re.ASCII),
    plain=re.compile(r"[^\s\\'\"`$;&|()<>]+"),
    in_quotes=re.compile(r"[^\"\\$`]+"),
    brackets=re.compile(r"\$\(|\$\{|[\\'\"(){}]"),
    variable=re.compile(r"\$([A-Za-z_]\w*)", re.ASCII),
    braced=re.compile(r"([A-Za-z_]\w*)(?::?-([\w./:@-]*))?\Z", re.ASCII),
)
_POWERSHELL_DIALECT = _Dialect(
    powershell=True,
    escape="`",
    operator=re.compile(r"[\d*]?>>?(?:&\d)?|&&|\|\||[;&|(){}]", re.ASCII),
    plain=re.compile(r"[^\s`'\"$;&|(){}>]+"),
    in_quotes=re.compile(r"[^\"`$]+"),
    brackets=re.compile(r"\$\(|\$\{|[`'\"(){}]"),
    variable=re.compile(r"\$((?:env:)?[A-Za-z_]\w*)", re.ASCII | re.IGNORECASE),
    braced=re.compile(r"((?:env:)?[A-Za-z_]\w*)()\Z", re.ASCII | re.IGNORECASE),
)


class _Part(NamedTuple):
    """A piece of a word."""

    kind: str
    """`text`, `variable`, or `unknown`."""

    text: str
    """The text, the variable's name, or how it is written."""

    quoted: bool
    fallback: str | None = None
    """Of a variable: what `${NAME:-…}` gives instead of an empty value."""

    script: tuple[int, int] | None = None
    """Where the script of a command substitution stands."""


class _Token(NamedTuple):
    kind: str
    """`word`, `body` for a here-document, or the operator as it is written."""

    at: int
    parts: tuple[_Part, ...] = ()


class _Lexer:
    """The tokens of a range of a source."""

    def __init__(self, source: _Source, start: int, end: int, dialect: _Dialect) -> None:
        self._source = source
        self._text = source.text
        self._at = start
        self._end = end
        self._dialect = dialect
        self._documents: list[tuple[str, bool]] = []

    def tokens(self) -> Iterator[_Token]:
        document = ""
        while self._at < self._end:
            char = self._text[self._at]
            if char == "\n":
                yield from self._line_end()
            elif char.isspace() or self._starts(self._dialect.escape + "\n"):
                self._at += 1 if char.isspace() else 2
            elif char == "#":
                self._at = self._find("\n", self._at)
            elif self._dialect.powershell and self._starts("<#"):
                self._at = self._find("#>", self._at) + 2
            elif match := self._dialect.operator.match(self._text, self._at, self._end):
                yield _Token(match[0].lstrip("0123456789*"), self._at)
                document = match[0].lstrip("0123456789")
                self._at = match.end()
            else:
                token = self._word()
                if document in {"<<", "<<-"}:
                    delimiter = "".join(part.text for part in token.parts)
                    self._documents.append((delimiter, document == "<<-"))
                document = ""
                yield token

    def _starts(self, prefix: str) -> bool:
        return self._text.startswith(prefix, self._at, self._end)

    def _find(self, text: str, start: int) -> int:
        found = self._text.find(text, start, self._end)
        return self._end if found < 0 else found

    def _line_end(self) -> Iterator[_Token]:
        newline = self._at
        self._at += 1
        documents, self._documents = self._documents, []
        for delimiter, tabs in documents:
            start, end = self._at, self._at
            while self._at < self._end:
                line_end = self._find("\n", self._at)
                line = self._text[self._at : line_end].rstrip("\r")
                self._at = min(line_end + 1, self._end)
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
                end = self._at
            body = self._source.written(self._text[start:end][:VALUE_LIMIT])
            yield _Token("body", start, (_Part("text", body, quoted=True),))
        yield _Token("\n", newline)

    def _word(self) -> _Token:
        start = self._at
        parts: list[_Part] = []
        while self._at < self._end:
            char = self._text[self._at]
            if match := self._dialect.plain.match(self._text, self._at, self._end):
                parts.append(_Part("text", match[0], quoted=False))
                self._at = match.end()
            elif char == self._dialect.escape:
                self._escaped(parts)
            elif char in "'\"":
                self._quoted(parts)
            elif char == "$":
                parts.append(self._dollar(quoted=False))
            elif char == "`":
                parts.append(self._backticks(quoted=False))
            else:
                break
        return _Token("word", start, tuple(parts))

    def _escaped(self, parts: list[_Part]) -> None:
        escaped = self._text[self._at + 1 : min(self._at + 2, self._end)]
        if escaped != "\n":
            parts.append(_Part("text", escaped, quoted=True))
        self._at += 2

    def _quoted(self, parts: list[_Part]) -> None:
        """Read a quoted piece; an empty one still makes a word."""
        quote = self._text[self._at]
        here_string = self._dialect.powershell and parts and parts[-1].text == "@"
        self._at += 1
        if here_string:
            parts.pop()
            end = self._find("\n" + quote + "@", self._at)
            parts.append(_Part("text", self._text[self._at : end].lstrip("\r\n"), quoted=True))
            self._at = end + 3
        elif quote == "'":
            end = self._find("'", self._at)
            parts.append(_Part("text", self._text[self._at : end], quoted=True))
            self._at = end + 1
        else:
            parts.append(_Part("text", "", quoted=True))
            self._double_quoted(parts)

    def _double_quoted(self, parts: list[_Part]) -> None:
        while self._at < self._end:
            char = self._text[self._at]
            if match := self._dialect.in_quotes.match(self._text, self._at, self._end):
                parts.append(_Part("text", match[0], quoted=True))
                self._at = match.end()
            elif char == self._dialect.escape:
                keep = "" if self._text[self._at + 1 : self._at + 2] in {*'$`"\\\n', ""} else char
                parts.append(_Part("text", keep, quoted=True))
                self._escaped(parts)
            elif char == "$":
                parts.append(self._dollar(quoted=True))
            elif char == "`":
                parts.append(self._backticks(quoted=True))
            else:
                self._at += 1
                return

    def _backticks(self, *, quoted: bool) -> _Part:
        start = self._at
        end = self._find("`", start + 1)
        self._at = end + 1
        return _Part("unknown", self._text[start : end + 1], quoted, script=(start + 1, end))

    def _dollar(self, *, quoted: bool) -> _Part:
        start = self._at
        if match := self._dialect.variable.match(self._text, start, self._end):
            self._at = match.end()
            return _Part("variable", match[1], quoted)
        if self._starts("$("):
            end = self._closing(start + 2, ")")
            self._at = end + 1
            script = None if self._text.startswith("$((", start) else (start + 2, end)
            return _Part("unknown", self._text[start : end + 1], quoted, script=script)
        if self._starts("${"):
            end = self._closing(start + 2, "}")
            self._at = end + 1
            if match := self._dialect.braced.match(self._text[start + 2 : end]):
                return _Part("variable", match[1], quoted, fallback=match[2])
            return _Part("unknown", self._text[start : end + 1], quoted)
        special = self._text[start + 1 : min(start + 2, self._end)]
        if special and special in "0123456789@*#?!$-_":
            self._at += 2
            return _Part("unknown", "$" + special, quoted)
        self._at += 1  # A dollar sign alone, or the sign in front of $'…' and $"…".
        return _Part("text", "" if special in {"'", '"'} and not quoted else "$", quoted)

    def _closing(self, at: int, closer: str) -> int:
        """Return where a bracket that was opened before `at` closes; the range's end where it does not."""
        stack = [closer]
        while match := self._dialect.brackets.search(self._text, at, self._end):
            found, at = match[0], match.end()
            if found == self._dialect.escape:
                at += 1
            elif found == '"' and stack[-1] == '"':
                stack.pop()
            elif found in {"$(", "${"} or (found in {"(", "{"} and stack[-1] != '"'):
                stack.append(")" if "(" in found else "}")
            elif stack[-1] == '"':
                continue
            elif found == "'":
                at = self._find("'", at) + 1
            elif found == '"':
                stack.append('"')
            elif found == stack[-1]:
                stack.pop()
                if not stack:
                    return match.start()
        return self._end


# ---------------------------------------------------------------------------------------------- the commands

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?=)", re.ASCII)
_POWERSHELL_ASSIGNMENT = re.compile(r"\+?=")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
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

    words: list[_Token] = field(default_factory=list)
    targets: list[_Token] = field(default_factory=list)
    body: str = ""
    redirection: str = ""
    index: int | None = None
    """Of its command, where it has become one."""


class _Reader:
    """Follows a script from top to bottom, keeping its variables."""

    def __init__(
        self, dialect: _Dialect, outside: MutableMapping[str, Variable], budget: _Budget, depth: int = 0
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
        self._source = _Source("", (), (), 0)

    def read(self, source: _Source, start: int = 0, end: int | None = None) -> None:
        """Read a range of a source."""
        self._source = source
        draft = _Draft()
        awaiting: list[_Draft] = []
        stop = len(source.text) if end is None else end
        for token in _Lexer(source, start, stop, self._dialect).tokens():
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

    def _without_keywords(self, words: list[_Token]) -> list[_Token]:
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

    def _head(self, words: list[_Token]) -> None:
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

    def _value(self, token: _Token, match: re.Match[str], *, is_array: bool) -> Variable:
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

    def _powershell_assignment(self, words: list[_Token]) -> bool:
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

    def _joined(self, parts: tuple[_Part, ...]) -> tuple[str, bool]:
        """Return the text of the parts as one word."""
        pieces = [self._piece(part) for part in parts]
        return "".join(text for text, _ in pieces), all(known for _, known in pieces)

    def _piece(self, part: _Part) -> tuple[str, bool]:
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

    def _expanded(self, token: _Token) -> list[Word]:
        """Return the words that a token becomes: unquoted variables are split at white space."""
        line = self._source.line(token.at)
        words: list[tuple[str, bool]] = []
        open_word = False
        for part in token.parts:
            text, known = self._piece(part)
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

    def _nested(self) -> _Reader | None:
        if self._depth >= DEPTH_LIMIT:
            self.budget.complete = False
            return None
        reader = _Reader(self._dialect, self._outside, self.budget, self._depth + 1)
        reader._set, reader._exported = dict(self._set), set(self._exported)
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
        reader.read(_Source.of(script.text, self.budget, script.line))
        self.commands.extend(reader.commands)
        return True


def _keyword(token: _Token) -> str:
    """Return a word's text where it is written plainly, as keywords must be; else nothing."""
    if len(token.parts) == 1 and token.parts[0].kind == "text" and not token.parts[0].quoted:
        return token.parts[0].text
    return ""


def _assignment(token: _Token) -> re.Match[str] | None:
    if not token.parts or token.parts[0].kind != "text" or token.parts[0].quoted:
        return None
    return _ASSIGNMENT.match(token.parts[0].text)


def _is_assignment(token: _Token) -> bool:
    match = _assignment(token)
    return bool(match) and len(token.parts) == 1 and token.parts[0].text.endswith("=")
