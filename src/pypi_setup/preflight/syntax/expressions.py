"""GitHub's expression language: its syntax, and what can be said of a value before the workflow runs.

A value is not always known: `outcomes` gives every value that an expression can take, with an `Unknown` for
those that only a run can tell. So `${{ github.event_name == 'release' && 'pypi' || 'testpypi' }}` has two
outcomes, and one where the event is given. Sources: GitHub's reference of contexts and expressions, and its
own implementation in actions/runner (src/Sdk/Expressions).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

LENGTH_LIMIT = 21_000
"""Characters of one expression, GitHub's limit."""

DEPTH_LIMIT = 50
"""Levels of an expression, GitHub's limit."""

OUTCOMES_LIMIT = 32
"""Outcomes of one expression; more are one unknown."""

TEXT_LIMIT = 100_000
"""Characters of a computed text; a longer one is unknown."""


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


class Unknown(NamedTuple):
    """A value that only a run can tell; what can be said of it all the same."""

    truth: bool | None = None
    """Whether it counts as true in a condition, where that is certain."""

    prefix: str = ""
    """What the text begins with, where that is certain."""


UNKNOWN = Unknown()


def beginning(prefix: str) -> Unknown:
    """Return the unknown text that is not empty and begins so."""
    return Unknown(truth=True, prefix=prefix)


class Partial(dict[str, Any]):
    """An object of which more properties exist than are known."""


class Choice(tuple[Any, ...]):
    """The values that a property can have, one of them at a time."""

    __slots__ = ()


class ExpressionProblem(ValueError):
    """A text that is no expression; the message says why."""


# ---------------------------------------------------------------- syntax

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
            number = _number(text)
            if math.isnan(number):
                raise ExpressionProblem(f"Unexpected symbol: '{text}'")
            return Literal(number), False
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


# ---------------------------------------------------------------- values


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


def _number(text: str) -> float:
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


def truth(value: object) -> bool | None:
    """Tell whether a value counts as true in a condition; None where it is not known."""
    if isinstance(value, Unknown):
        return value.truth
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, (str, bool)):
        return bool(value)
    return value is not None


def as_text(value: object) -> str | Unknown:
    """Return a value as the text that GitHub puts into a string."""
    if isinstance(value, (str, Unknown)):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return "Object" if isinstance(value, dict) else "Array"


def _as_number(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, (bool, float)):
        return float(value)
    return _number(value) if isinstance(value, str) else math.nan


def _coerced(left: object, right: object) -> tuple[object, object]:
    """Return two known values as GitHub compares them: of one type, or as numbers."""
    if isinstance(left, (dict, list)) and isinstance(right, (dict, list)):
        return left, right
    if type(left) is type(right):
        return left, right
    return _as_number(left), _as_number(right)


def equal(left: object, right: object) -> bool:
    """Tell whether two known values are equal by GitHub's loose rules: without letter case, 1 is '1'."""
    left, right = _coerced(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    if isinstance(left, (dict, list)):
        return left is right
    return left == right


def _less(left: object, right: object) -> bool:
    left, right = _coerced(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() < right.upper()
    if isinstance(left, (bool, float)) and isinstance(right, (bool, float)):
        return left < right
    return False


# ---------------------------------------------------------------- evaluation

Contexts = Mapping[str, Any]
"""The contexts that are known, by name in lower case; any other context is unknown.

A value is None, a bool, a float, a str, a list or a dict of such, or Unknown; a `Partial` has properties that
are not known, and a `Choice` stands for one of several values. The status functions answer as in a run in
which all goes well, unless their answer is given under their name with `()`.
"""

_EITHER: tuple[Any, ...] = (True, False)


def outcomes(expression: Expression, contexts: Contexts) -> tuple[Any, ...]:
    """Return the values that an expression can take: at least one, at most OUTCOMES_LIMIT."""
    if isinstance(expression, Literal):
        return (expression.value,)
    if isinstance(expression, Context):
        return _bounded(_spread(contexts.get(expression.name.lower(), UNKNOWN)))
    if isinstance(expression, Index):
        return _bounded(_indexed_values(expression, contexts))
    if isinstance(expression, Call):
        return _bounded(_called(expression, contexts))
    if expression.operator in {"&&", "||"}:
        return _bounded(_chained(expression, contexts))
    operands = [outcomes(operand, contexts) for operand in expression.operands]
    return _bounded(
        result for values in _products(operands) for result in _operated(expression.operator, values)
    )


def value(expression: Expression, contexts: Contexts) -> Any:
    """Return an expression's value, or an Unknown."""
    results = outcomes(expression, contexts)
    return results[0] if len(results) == 1 else UNKNOWN


def condition(text: str, contexts: Contexts) -> bool | None:
    """Tell what an `if` (with or without `${{ }}`) comes to; None where only a run can tell.

    A text with words outside of `${{ }}` is always true, as on GitHub. One that is no expression is None.
    """
    try:
        results: tuple[Any, ...]
        if "${{" in text:
            parts = segments(text)
            only = parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else None
            results = outcomes(only, contexts) if only else texts(text, contexts)
        else:
            results = outcomes(parse(text), contexts) if text.strip() else (True,)
    except ExpressionProblem:
        return None
    truths = {truth(result) for result in results}
    return truths.pop() if len(truths) == 1 else None


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


def texts(text: str, contexts: Contexts) -> tuple[str | Unknown, ...]:
    """Return the texts that a text with `${{ expressions }}` can come to."""
    try:
        parts = segments(text)
    except ExpressionProblem:
        return (UNKNOWN,)
    spread = [(part,) if isinstance(part, str) else outcomes(part, contexts) for part in parts]
    return _bounded(_joined(values, "") for values in _products(spread))


def text_value(text: str, contexts: Contexts) -> str | None:
    """Return what a text with `${{ expressions }}` comes to; None where it is not one known text."""
    results = texts(text, contexts)
    return results[0] if len(results) == 1 and isinstance(results[0], str) else None


def whole(text: str) -> Expression | None:
    """Return the expression where a text is one `${{ expression }}` and nothing else: its type is kept."""
    try:
        parts = segments(text)
    except ExpressionProblem:
        return None
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else None


def _bounded(results: Iterable[Any]) -> tuple[Any, ...]:
    """Return the results without repetitions, or one unknown where they are too many."""
    seen: list[Any] = []
    for result in results:
        if isinstance(result, str) and len(result) > TEXT_LIMIT:
            return (UNKNOWN,)
        if not any(_same(result, other) for other in seen):
            seen.append(result)
            if len(seen) > OUTCOMES_LIMIT:
                return (UNKNOWN,)
    return tuple(seen)


def _same(one: Any, other: Any) -> bool:
    """Tell whether two outcomes are one; objects are compared by identity, as GitHub does."""
    if one is other:
        return True
    return type(one) is type(other) and not isinstance(one, (dict, list)) and bool(one == other)


def _products(operands: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Give every combination; a single unknown one where they are too many."""
    if math.prod(map(len, operands)) > OUTCOMES_LIMIT:
        operands = [values if len(values) == 1 else (UNKNOWN,) for values in operands]
    return itertools.product(*operands)


def _spread(result: Any) -> tuple[Any, ...]:
    return tuple(result) if isinstance(result, Choice) else (result,)


def _chained(expression: Operation, contexts: Contexts) -> Iterator[Any]:
    """Give the values of `&&` (the first falsy operand, or the last) or `||` (the first truthy or last)."""
    stops = expression.operator == "||"
    for operand in expression.operands[:-1]:
        goes_on = False
        for result in outcomes(operand, contexts):
            certain = truth(result)
            if certain is None:
                goes_on = True
                yield Unknown(stops, result.prefix)
            elif certain is stops:
                yield result
            else:
                goes_on = True
        if not goes_on:
            return
    yield from outcomes(expression.operands[-1], contexts)


def _operated(operator: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if operator == "!":
        certain = truth(values[0])
        return _EITHER if certain is None else (not certain,)
    left, right = values
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _compared_unknown(operator, left, right)
    if operator in {"==", "!="}:
        return (equal(left, right) is (operator == "=="),)
    if operator == "<":
        return (_less(left, right),)
    if operator == ">":
        return (_less(right, left),)
    return (equal(left, right) or (_less(left, right) if operator == "<=" else _less(right, left)),)


def _compared_unknown(operator: str, left: Any, right: Any) -> tuple[Any, ...]:
    """Compare with an unknown: it differs for certain from a text that does not begin as it does."""
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if operator in {"==", "!="} and isinstance(other, str):
        begins_alike = other.upper().startswith(unknown.prefix.upper())
        if not begins_alike or (unknown.truth is True and not other):
            return (operator == "!=",)
    return _EITHER


def _indexed_values(expression: Index, contexts: Contexts) -> Iterator[Any]:
    keys = (None,) if expression.key is None else outcomes(expression.key, contexts)
    for of in outcomes(expression.of, contexts):
        for key in keys:
            if isinstance(of, Unknown) or isinstance(key, Unknown):
                yield UNKNOWN
            elif expression.key is None:
                yield _every(of)
            else:
                yield from _spread(_item(of, key))


class _Filtered(list[Any]):
    """What `.*` gives: an index behind it applies to every item, and leaves out those that lack it."""


def _every(of: Any) -> Any:
    """Return what `.*` gives: the values of an object, the items of a list, or those of every item."""
    within = [each for item in of for each in _parts(item)] if isinstance(of, _Filtered) else _parts(of)
    return UNKNOWN if any(isinstance(item, (Unknown, Choice)) for item in within) else _Filtered(within)


def _parts(of: Any) -> list[Any]:
    if isinstance(of, Partial):
        return [UNKNOWN]
    if isinstance(of, dict):
        return list(of.values())
    return of if isinstance(of, list) else []


def _item(of: Any, key: Any) -> Any:
    if isinstance(of, _Filtered):
        found = [each for item in of for each in _found(item, key)]
        return UNKNOWN if any(isinstance(item, (Unknown, Choice)) for item in found) else _Filtered(found)
    return next(iter(_found(of, key)), None)


def _found(of: Any, key: Any) -> list[Any]:
    """Return the one item under a key or index, if there is one."""
    if isinstance(of, dict):
        name = str(as_text(key)).lower()
        found = [item for other, item in of.items() if other.lower() == name]
        return found[:1] or ([UNKNOWN] if isinstance(of, Partial) else [])
    if isinstance(of, list):
        number = _as_number(key)
        return [of[int(number)]] if 0 <= number < len(of) else []
    return []


def _called(call: Call, contexts: Contexts) -> Iterator[Any]:
    name = call.name.lower()
    if name == "case":
        yield from _cases(call.arguments, contexts)
        return
    function = _EVALUATED.get(name)
    for arguments in _products([outcomes(argument, contexts) for argument in call.arguments]):
        if name in STATUS_FUNCTIONS:
            yield from _spread(contexts.get(f"{name}()", name in {"always", "success"}))
        elif function is None:
            yield UNKNOWN
        else:
            yield from function(*arguments)


def _cases(arguments: tuple[Expression, ...], contexts: Contexts) -> Iterator[Any]:
    """Give the values of `case(predicate, value, …, default)`."""
    for predicate, result in zip(arguments[:-1:2], arguments[1::2], strict=False):
        truths = {truth(outcome) for outcome in outcomes(predicate, contexts)}
        if truths != {False}:
            yield from outcomes(result, contexts)
        if truths == {True}:
            return
    yield from outcomes(arguments[-1], contexts)


def _texts_of(*values: Any) -> tuple[str, ...] | None:
    """Return the values as texts; None where one of them is unknown or has no text to search."""
    found = [as_text(value) for value in values if not isinstance(value, (dict, list))]
    known = tuple(text.upper() for text in found if isinstance(text, str))
    return known if len(known) == len(values) else None


def _contains(within: Any, item: Any) -> tuple[Any, ...]:
    if isinstance(within, list):
        if any(isinstance(each, (Unknown, Choice)) for each in [*within, item]):
            return _EITHER
        return (any(equal(each, item) for each in within),)
    if isinstance(within, Unknown) and isinstance(item, str):
        return (True,) if item.upper() in within.prefix.upper() else _EITHER
    if isinstance(within, Unknown) or isinstance(item, Unknown):
        return _EITHER
    known = _texts_of(within, item)
    return (known is not None and known[1] in known[0],)


def _starts_with(text: Any, start: Any) -> tuple[Any, ...]:
    if isinstance(text, Unknown) and isinstance(start, str):
        prefix, start = text.prefix.upper(), start.upper()
        if prefix.startswith(start):
            return (True,)
        return _EITHER if start.startswith(prefix) else (False,)
    return _ends(text, start, str.startswith)


def _ends_with(text: Any, end: Any) -> tuple[Any, ...]:
    return _ends(text, end, str.endswith)


def _ends(text: Any, part: Any, found: Callable[[str, str], bool]) -> tuple[Any, ...]:
    if isinstance(text, Unknown) or isinstance(part, Unknown):
        return _EITHER
    known = _texts_of(text, part)
    return (known is not None and found(known[0], known[1]),)


_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}|[{}]", re.ASCII)


def _format(pattern: Any, *arguments: Any) -> tuple[Any, ...]:
    form = as_text(pattern)
    if isinstance(form, Unknown):
        return (UNKNOWN,)
    parts: list[Any] = []
    position = 0
    for match in _PLACEHOLDER.finditer(form):
        parts.append(form[position : match.start()])
        position = match.end()
        if match[0] in {"{{", "}}"}:
            parts.append(match[0][0])
        elif match[1] is None or int(match[1]) >= len(arguments):
            return (UNKNOWN,)  # GitHub stops the run here.
        else:
            parts.append(arguments[int(match[1])])
    return (_joined([*parts, form[position:]], ""),)


def _join(items: Any, separator: Any = ",") -> tuple[Any, ...]:
    glue = as_text(separator)
    if isinstance(items, Unknown) or isinstance(glue, Unknown):
        return (UNKNOWN,)
    if isinstance(items, list):
        return (_joined(items, glue),)
    return ("" if isinstance(items, dict) else as_text(items),)


def _joined(values: Iterable[Any], separator: str) -> str | Unknown:
    """Put texts together; where one is unknown, the part before it is a known beginning."""
    known: list[str] = []
    length = 0
    for each in values:
        text = as_text(UNKNOWN if isinstance(each, Choice) else each)
        if isinstance(text, Unknown):
            prefix = separator.join([*known, text.prefix])
            return Unknown(True if prefix else text.truth, prefix)
        known.append(text)
        length += len(text) + len(separator)
        if length > TEXT_LIMIT:
            return UNKNOWN
    return separator.join(known)


def _to_json(of: Any) -> tuple[Any, ...]:
    try:
        return (json.dumps(_plain(of, DEPTH_LIMIT), indent=2, ensure_ascii=False),)
    except _Unsaid:
        return (UNKNOWN,)


class _Unsaid(Exception):
    """A value that is not wholly known."""


def _plain(of: Any, depth: int) -> Any:
    """Return a value as the json module writes it as GitHub does: 1, not 1.0."""
    if depth == 0 or isinstance(of, (Unknown, Choice, Partial)):
        raise _Unsaid
    if isinstance(of, dict):
        return {name: _plain(item, depth - 1) for name, item in of.items()}
    if isinstance(of, list):
        return [_plain(item, depth - 1) for item in of]
    return int(of) if isinstance(of, float) and of.is_integer() else of


def _from_json(text: Any) -> tuple[Any, ...]:
    source = as_text(text)
    if isinstance(source, Unknown):
        return (UNKNOWN,)
    try:
        return (json.loads(source, parse_int=float),)
    except (ValueError, RecursionError):
        return (UNKNOWN,)  # GitHub stops the run here.


_EVALUATED: dict[str, Callable[..., tuple[Any, ...]]] = {
    "contains": _contains,
    "endswith": _ends_with,
    "format": _format,
    "fromjson": _from_json,
    "join": _join,
    "startswith": _starts_with,
    "tojson": _to_json,
}
