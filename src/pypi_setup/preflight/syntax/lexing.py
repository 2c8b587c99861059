"""The text of a shell script as tokens: words in their pieces, operators, here-documents.

One lexer for two families of shells, which a dialect tells apart. Sources: the POSIX shell command language,
Bash's manual, PowerShell's language specification.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 128 * 1024
"""Characters of one script that are read."""

COMMANDS_LIMIT = 2000
"""Commands of one script."""

VALUE_LIMIT = 4096
"""Characters of one variable's value, or of one here-document."""

EXPANSION_LIMIT = 1024 * 1024
"""Characters that all variables together put into words."""


@dataclass
class Budget:
    """What a script and the scripts inside of it may still use."""

    commands: int = COMMANDS_LIMIT
    characters: int = EXPANSION_LIMIT
    complete: bool = True


EXPRESSION = re.compile(r"\$\{\{(?:[^'}$]|\$(?!\{\{)|'[^']*'|\}(?!\}))*\}\}")
_FIRST_MARK, _LAST_MARK = 0xF0000, 0xFFFFD
_MARK = re.compile("[\U000f0000-\U000ffffd]")


class Source(NamedTuple):
    """A script with one private character for each expression, so that quotes in it are not quotes."""

    text: str
    expressions: tuple[str, ...]
    line_starts: tuple[int, ...]
    first_line: int

    @classmethod
    def of(cls, text: str, budget: Budget, first_line: int = 0) -> Source:
        """Return the source of a text that begins on this line of the script, from 0."""
        if len(text) > SIZE_LIMIT:
            text, budget.complete = text[:SIZE_LIMIT], False
        expressions: list[str] = []

        def mark(match: re.Match[str]) -> str:
            expressions.append(match[0])
            return chr(min(_FIRST_MARK + len(expressions) - 1, _LAST_MARK))

        marked = EXPRESSION.sub(mark, _MARK.sub("\ufffd", text))
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


class Dialect(NamedTuple):
    """What tells the families of shells apart, for the lexer."""

    powershell: bool
    escape: str
    operator: re.Pattern[str]
    plain: re.Pattern[str]
    in_quotes: re.Pattern[str]
    brackets: re.Pattern[str]
    variable: re.Pattern[str]
    braced: re.Pattern[str]


SHELL = Dialect(
    powershell=False,
    escape="\\",
    operator=re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|<&|>&|>>|>\||[<>])|;;&|;;|;&|&&|\|\||\|&|[;&|()]", re.ASCII),
    plain=re.compile(r"[^\s\\'\"`$;&|()<>]+"),
    in_quotes=re.compile(r"[^\"\\$`]+"),
    brackets=re.compile(r"\$\(|\$\{|[\\'\"(){}]"),
    variable=re.compile(r"\$([A-Za-z_]\w*)", re.ASCII),
    braced=re.compile(r"([A-Za-z_]\w*)(?::?-([\w./:@-]*))?\Z", re.ASCII),
)
POWERSHELL = Dialect(
    powershell=True,
    escape="`",
    operator=re.compile(r"[\d*]?>>?(?:&\d)?|&&|\|\||[;&|(){}]", re.ASCII),
    plain=re.compile(r"[^\s`'\"$;&|(){}>]+"),
    in_quotes=re.compile(r"[^\"`$]+"),
    brackets=re.compile(r"\$\(|\$\{|[`'\"(){}]"),
    variable=re.compile(r"\$((?:env:)?[A-Za-z_]\w*)", re.ASCII | re.IGNORECASE),
    braced=re.compile(r"((?:env:)?[A-Za-z_]\w*)()\Z", re.ASCII | re.IGNORECASE),
)


class Part(NamedTuple):
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


class Token(NamedTuple):
    """A word, an operator or a here-document, with its place in the text."""

    kind: str
    """`word`, `body` for a here-document, or the operator as it is written."""

    at: int
    parts: tuple[Part, ...] = ()


class Lexer:
    """The tokens of a range of a source."""

    def __init__(self, source: Source, start: int, end: int, dialect: Dialect) -> None:
        self._source = source
        self._text = source.text
        self._at = start
        self._end = end
        self._dialect = dialect
        self._documents: list[tuple[str, bool]] = []

    def tokens(self) -> Iterator[Token]:
        """Give the tokens in their order."""
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
                yield Token(match[0].lstrip("0123456789*"), self._at)
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

    def _line_end(self) -> Iterator[Token]:
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
            yield Token("body", start, (Part("text", body, quoted=True),))
        yield Token("\n", newline)

    def _word(self) -> Token:
        start = self._at
        parts: list[Part] = []
        while self._at < self._end:
            char = self._text[self._at]
            if match := self._dialect.plain.match(self._text, self._at, self._end):
                parts.append(Part("text", match[0], quoted=False))
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
        return Token("word", start, tuple(parts))

    def _escaped(self, parts: list[Part]) -> None:
        escaped = self._text[self._at + 1 : min(self._at + 2, self._end)]
        if escaped != "\n":
            parts.append(Part("text", escaped, quoted=True))
        self._at += 2

    def _quoted(self, parts: list[Part]) -> None:
        """Read a quoted piece; an empty one still makes a word."""
        quote = self._text[self._at]
        here_string = self._dialect.powershell and parts and parts[-1].text == "@"
        self._at += 1
        if here_string:
            parts.pop()
            end = self._find("\n" + quote + "@", self._at)
            parts.append(Part("text", self._text[self._at : end].lstrip("\r\n"), quoted=True))
            self._at = end + 3
        elif quote == "'":
            end = self._find("'", self._at)
            parts.append(Part("text", self._text[self._at : end], quoted=True))
            self._at = end + 1
        else:
            parts.append(Part("text", "", quoted=True))
            self._double_quoted(parts)

    def _double_quoted(self, parts: list[Part]) -> None:
        while self._at < self._end:
            char = self._text[self._at]
            if match := self._dialect.in_quotes.match(self._text, self._at, self._end):
                parts.append(Part("text", match[0], quoted=True))
                self._at = match.end()
            elif char == self._dialect.escape:
                keep = "" if self._text[self._at + 1 : self._at + 2] in {*'$`"\\\n', ""} else char
                parts.append(Part("text", keep, quoted=True))
                self._escaped(parts)
            elif char == "$":
                parts.append(self._dollar(quoted=True))
            elif char == "`":
                parts.append(self._backticks(quoted=True))
            else:
                self._at += 1
                return

    def _backticks(self, *, quoted: bool) -> Part:
        start = self._at
        end = self._find("`", start + 1)
        self._at = end + 1
        return Part("unknown", self._text[start : end + 1], quoted, script=(start + 1, end))

    def _dollar(self, *, quoted: bool) -> Part:
        start = self._at
        if match := self._dialect.variable.match(self._text, start, self._end):
            self._at = match.end()
            return Part("variable", match[1], quoted)
        if self._starts("$("):
            end = self._closing(start + 2, ")")
            self._at = end + 1
            script = None if self._text.startswith("$((", start) else (start + 2, end)
            return Part("unknown", self._text[start : end + 1], quoted, script=script)
        if self._starts("${"):
            end = self._closing(start + 2, "}")
            self._at = end + 1
            if match := self._dialect.braced.match(self._text[start + 2 : end]):
                return Part("variable", match[1], quoted, fallback=match[2])
            return Part("unknown", self._text[start : end + 1], quoted)
        special = self._text[start + 1 : min(start + 2, self._end)]
        if special and special in "0123456789@*#?!$-_":
            self._at += 2
            return Part("unknown", "$" + special, quoted)
        self._at += 1  # A dollar sign alone, or the sign in front of $'…' and $"…".
        return Part("text", "" if special in {"'", '"'} and not quoted else "$", quoted)

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
