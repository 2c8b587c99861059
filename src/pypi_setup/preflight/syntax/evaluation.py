"""What can be said of an expression's value before the workflow runs.

A value is not always known: `outcomes` gives every value that an expression can take, with an `Unknown` for
those that only a run can tell. So `${{ github.event_name == 'release' && 'pypi' || 'testpypi' }}` has two
outcomes, and one where the event is given.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pypi_setup.preflight.syntax.expressions import (
    STATUS_FUNCTIONS,
    Call,
    Context,
    Expression,
    ExpressionProblem,
    Index,
    Literal,
    Operation,
    parse,
    segments,
)
from pypi_setup.preflight.syntax.functions import FUNCTIONS
from pypi_setup.preflight.syntax.unknowns import (
    EITHER,
    TEXT_LIMIT,
    UNKNOWN,
    Choice,
    Partial,
    Unknown,
    as_number,
    as_text,
    equal,
    joined,
    less,
    truth,
)

OUTCOMES_LIMIT = 32
"""Outcomes of one expression; more are one unknown."""

Contexts = Mapping[str, Any]
"""The contexts that are known, by name in lower case; any other context is unknown.

A value is None, a bool, a float, a str, a list or a dict of such, or Unknown; a `Partial` has properties that
are not known, and a `Choice` stands for one of several values. The status functions answer as in a run in
which all goes well, unless their answer is given under their name with `()`.
"""


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


def texts(text: str, contexts: Contexts) -> tuple[str | Unknown, ...]:
    """Return the texts that a text with `${{ expressions }}` can come to."""
    try:
        parts = segments(text)
    except ExpressionProblem:
        return (UNKNOWN,)
    spread = [(part,) if isinstance(part, str) else outcomes(part, contexts) for part in parts]
    return _bounded(joined(values, "") for values in _products(spread))


def text_value(text: str, contexts: Contexts) -> str | None:
    """Return what a text with `${{ expressions }}` comes to; None where it is not one known text."""
    results = texts(text, contexts)
    return results[0] if len(results) == 1 and isinstance(results[0], str) else None


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
        return EITHER if certain is None else (not certain,)
    left, right = values
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _compared_unknown(operator, left, right)
    if operator in {"==", "!="}:
        return (equal(left, right) is (operator == "=="),)
    if operator == "<":
        return (less(left, right),)
    if operator == ">":
        return (less(right, left),)
    return (equal(left, right) or (less(left, right) if operator == "<=" else less(right, left)),)


def _compared_unknown(operator: str, left: Any, right: Any) -> tuple[Any, ...]:
    """Compare with an unknown: it differs for certain from a text that does not begin as it does."""
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if operator in {"==", "!="} and isinstance(other, str):
        begins_alike = other.upper().startswith(unknown.prefix.upper())
        if not begins_alike or (unknown.truth is True and not other):
            return (operator == "!=",)
    return EITHER


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
        number = as_number(key)
        return [of[int(number)]] if 0 <= number < len(of) else []
    return []


def _called(call: Call, contexts: Contexts) -> Iterator[Any]:
    name = call.name.lower()
    if name == "case":
        yield from _cases(call.arguments, contexts)
        return
    function = FUNCTIONS.get(name)
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
