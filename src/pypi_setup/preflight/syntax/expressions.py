"""GitHub's expression language: its syntax. What an expression comes to is told by `evaluation`.

Sources: GitHub's reference of contexts and expressions, and its own implementation in actions/runner
(src/Sdk/Expressions).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH_LIMIT = 21_000
"""Characters of one expression, GitHub's limit."""

DEPTH_LIMIT = 50
"""Levels of an expression, GitHub's limit."""

SHORT = 200
"""Characters of an expression that is worth remembering: the same few stand in most workflows."""


class Literal(NamedTuple):
    """A number, a text, true, false or null."""

    value: str | float | bool | None


class Context(NamedTuple):
    """The name of a context, such as `github` or `matrix`."""

    name: str


class Index(NamedTuple):
    """A property (`a.b`), an index (`a[0]`), or every one (`a.*`: then `key` is None)."""

    of: Expression
    key: Expression | None


class Call(NamedTuple):
    """A function call."""

    name: str
    arguments: tuple[Expression, ...]


class Operation(NamedTuple):
    """An operator with its operands; `&&` and `||` may have more than two."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Literal | Context | Index | Call | Operation


class ExpressionProblem(ValueError):
    """A text that is no expression; the message says why."""


_FUNCTIONS = {
    "case": (3, 255),
    "contains": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "fromjson": (1, 1),
    "join": (1, 2),
    "startswith": (2, 2),
    "tojson": (1, 1),
}
"""The functions that are offered everywhere, with the least and the greatest number of arguments."""

STATUS_FUNCTIONS = frozenset({"always", "cancelled", "failure", "success"})
"""The functions of a condition that ask how the run went so far."""

_SPECIAL_FUNCTIONS = {
    "always": (0, 0),
    "cancelled": (0, 0),
    "failure": (0, LENGTH_LIMIT),
    "hashfiles": (1, 255),
    "success": (0, LENGTH_LIMIT),
}
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
    | (?P<number>[-+]?\.?[0-9][^()\[\],!<>=&|\s]*|[-+]Infinity)
    | (?P<word>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<operator>[!<>=]=|&&|\|\||[!<>()\[\],.*])
    )""",
    re.VERBOSE,
)
_AFTER_WORD = re.compile(r"[()\[\],.!<>=&|\s]|\Z")
_WORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}
_TOO_DEEP = f"An expression has at most {DEPTH_LIMIT} levels"
_STRENGTH = {"||": 0, "&&": 1, "==": 2, "!=": 2, "<": 3, "<=": 3, ">": 3, ">=": 3}
"""The operators with two operands, the weakest first."""


def parse(text: str) -> Expression:
    """Return the expression that a text (without `${{` and `}}`) is.

    Raises ExpressionProblem for a text that GitHub would refuse as an expression.
    """
    return _remembered(text) if len(text) <= SHORT else _parsed(text)


def _parsed(text: str) -> Expression:
    if len(text) > LENGTH_LIMIT:
        raise ExpressionProblem(f"An expression has at most {LENGTH_LIMIT} characters")
    parser = _Parser(_tokens(text))
    expression = parser.operation()
    if parser.token:
        raise ExpressionProblem(f"Unexpected symbol: '{parser.token[1]}'")
    if _depth(expression) > DEPTH_LIMIT:
        raise ExpressionProblem(_TOO_DEEP)
    return expression


_remembered = lru_cache(maxsize=1024)(_parsed)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        kind = str(match.lastgroup) if match else ""
        if match is None or (kind == "word" and not _AFTER_WORD.match(text, match.end())):
            raise ExpressionProblem(f"Unexpected symbol: '{text[position:].split(maxsplit=1)[0][:80]}'")
        tokens.append((kind, match[kind]))
        position = match.end()
    return tokens


class _Parser:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = iter(tokens)
        self._depth = 0
        self.token: tuple[str, str] | None = None
        self._next()

    def _next(self) -> tuple[str, str] | None:
        """Step to the next token; return the one before it."""
        before, self.token = self.token, next(self._tokens, None)
        return before

    def _takes(self, *symbols: str) -> str | None:
        """Step over an operator if it is one of these."""
        if self.token and self.token[0] == "operator" and self.token[1] in symbols:
            symbol = self.token[1]
            self._next()
            return symbol
        return None

    def _expect(self, symbol: str) -> None:
        if not self._takes(symbol):
            raise self._unexpected()

    def _unexpected(self) -> ExpressionProblem:
        if self.token is None:
            return ExpressionProblem("Unexpected end of expression")
        return ExpressionProblem(f"Unexpected symbol: '{self.token[1]}'")

    def operation(self, weakest: int = 0) -> Expression:
        """Read an operation whose operators are at least this strong."""
        left = self._operand()
        while self.token and self.token[0] == "operator" and _STRENGTH.get(self.token[1], -1) >= weakest:
            symbol = self.token[1]
            self._next()
            right = self.operation(_STRENGTH[symbol] + 1)
            chained = symbol in {"&&", "||"} and isinstance(left, Operation) and left.operator == symbol
            before = left.operands if chained and isinstance(left, Operation) else (left,)
            left = Operation(symbol, (*before, right))
        return left

    def _operand(self) -> Expression:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise ExpressionProblem(_TOO_DEEP)
        negations = 0
        while self._takes("!"):
            negations += 1
        expression = self._indexed(*self._primary())
        for _ in range(negations):
            expression = Operation("!", (expression,))
        self._depth -= 1
        return expression

    def _primary(self) -> tuple[Expression, bool]:
        """Read a literal, a name, a call or a group; tell whether an index may follow it."""
        if self._takes("("):
            expression = self.operation()
            self._expect(")")
            return expression, True
        if self.token is None or self.token[0] == "operator":
            raise self._unexpected()
        kind, text = self.token
        self._next()
        if kind == "text":
            return Literal(text[1:-1].replace("''", "'")), False
        if kind == "number":
            parsed = number(text)
            if math.isnan(parsed):
                raise ExpressionProblem(f"Unexpected symbol: '{text}'")
            return Literal(parsed), False
        if text in _WORDS:
            return Literal(_WORDS[text]), False
        return (self._call(text), True) if self._takes("(") else (Context(text), True)

    def _call(self, name: str) -> Expression:
        arguments: list[Expression] = []
        if not self._takes(")"):
            arguments.append(self.operation())
            while self._takes(","):
                arguments.append(self.operation())
            self._expect(")")
        least, most = (
            _FUNCTIONS.get(name.lower()) or _SPECIAL_FUNCTIONS.get(name.lower()) or (0, LENGTH_LIMIT)
        )
        if len(arguments) < least:
            raise ExpressionProblem(f"Too few parameters supplied to the function '{name}'")
        if len(arguments) > most:
            raise ExpressionProblem(f"Too many parameters supplied to the function '{name}'")
        return Call(name, tuple(arguments))

    def _indexed(self, expression: Expression, may_follow: bool) -> Expression:  # noqa: FBT001 a pair from _primary
        while may_follow:
            if self._takes("."):
                if self._takes("*"):
                    expression = Index(expression, None)
                elif self.token and self.token[0] == "word":
                    expression = Index(expression, Literal(self.token[1]))
                    self._next()
                else:
                    raise self._unexpected()
            elif self._takes("["):
                expression = Index(expression, None if self._takes("*") else self.operation())
                self._expect("]")
            else:
                break
        return expression


def _children(expression: Expression) -> tuple[Expression, ...]:
    if isinstance(expression, Operation):
        return expression.operands
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Index):
        return (expression.of,) if expression.key is None else (expression.of, expression.key)
    return ()


def _depth(expression: Expression) -> int:
    depth, level = 0, [expression]
    while level:
        depth += 1
        level = [child for node in level for child in _children(node)]
    return depth


def walk(expression: Expression) -> Iterator[Expression]:
    """Give every part of an expression, itself included."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(_children(node))


def refused_name(expression: Expression, offered: frozenset[str]) -> str | None:
    """Return the first context or function that GitHub does not offer where the expression stands.

    `offered` holds the names of the contexts and special functions that it does offer there, in lower case;
    a function is given with `()` behind its name.
    """
    for node in walk(expression):
        if isinstance(node, Context) and node.name.lower() not in offered:
            return node.name
        if isinstance(node, Call) and node.name.lower() not in _FUNCTIONS:
            name = f"{node.name.lower()}()"
            if name not in offered:
                return f"{node.name}()"
    return None


def segments(text: str) -> tuple[str | Expression, ...]:
    """Split a text into what stands for itself and the expressions between `${{` and `}}`.

    Raises ExpressionProblem where one of them is not closed, empty, or no expression.
    """
    return tuple(parse(part) if is_expression else part for is_expression, part in _split(text))


def sources(text: str) -> Iterator[str]:
    """Give the texts of the expressions between `${{` and `}}`.

    Raises ExpressionProblem where one of them is not closed, or empty.
    """
    return (part for is_expression, part in _split(text) if is_expression)


def _split(text: str) -> Iterator[tuple[bool, str]]:
    position = 0
    while (start := text.find("${{", position)) >= 0:
        end = _end(text, start + 3)
        if start > position:
            yield False, text[position:start]
        inner = text[start + 3 : end].strip()
        if not inner:
            raise ExpressionProblem("An expression was expected between '${{' and '}}'")
        yield True, inner
        position = end + 2
    if position < len(text):
        yield False, text[position:]


_QUOTE_OR_END = re.compile(r"'|\}\}")


def _end(text: str, start: int) -> int:
    """Return where the `}}` stands that ends the expression; quotes hide it."""
    quoted = False
    for match in _QUOTE_OR_END.finditer(text, start):
        if match[0] == "'":
            quoted = not quoted
        elif not quoted:
            return match.start()
    raise ExpressionProblem("The expression is not closed: '}}' is missing")


def number_text(number: float) -> str:
    """Return a number as GitHub writes it: 15 digits, no trailing zeros."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return f"{number + 0.0:.15g}".upper()


_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\Z", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"0x[0-9a-f]{1,8}\Z", re.IGNORECASE | re.ASCII)
_OCTAL = re.compile(r"0o[0-7]{1,11}\Z", re.ASCII)


def number(text: str) -> float:
    """Return a text's number by JavaScript's rules; NaN where it is none."""
    text = text.strip()
    if not text:
        return 0.0
    if _NUMBER.match(text):
        return float(text)
    if _HEX.match(text):
        return float(int(text, 16))
    if _OCTAL.match(text):
        return float(int(text, 8))
    return {"Infinity": math.inf, "-Infinity": -math.inf}.get(text, math.nan)


def asks_status(text: str) -> bool:
    """Tell whether an `if` calls a status function, so that GitHub does not add `success()` to it."""
    try:
        parts = segments(text) if "${{" in text else (parse(text),)
    except ExpressionProblem:
        return False
    return any(
        isinstance(node, Call) and node.name.lower() in STATUS_FUNCTIONS
        for part in parts
        if not isinstance(part, str)
        for node in walk(part)
    )


def whole(text: str) -> Expression | None:
    """Return the expression where a text is one `${{ expression }}` and nothing else: its type is kept."""
    try:
        parts = segments(text)
    except ExpressionProblem:
        return None
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else None
