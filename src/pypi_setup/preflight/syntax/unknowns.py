"""Values of GitHub's expressions, of which some are not known before the workflow runs.

A value is None, a bool, a float, a str, a list or a dict of such, or Unknown; a `Partial` has properties that
are not known, and a `Choice` stands for one of several values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.syntax.expressions import number, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_LIMIT = 100_000
"""Characters of a computed text; a longer one is unknown."""


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


def as_number(value: object) -> float:
    """Return a value as the number that GitHub compares it as; NaN where it has none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, float)):
        return float(value)
    return number(value) if isinstance(value, str) else math.nan


def _coerced(left: object, right: object) -> tuple[object, object]:
    """Return two known values as GitHub compares them: of one type, or as numbers."""
    if isinstance(left, (dict, list)) and isinstance(right, (dict, list)):
        return left, right
    if type(left) is type(right):
        return left, right
    return as_number(left), as_number(right)


def equal(left: object, right: object) -> bool:
    """Tell whether two known values are equal by GitHub's loose rules: without letter case, 1 is '1'."""
    left, right = _coerced(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    if isinstance(left, (dict, list)):
        return left is right
    return left == right


def less(left: object, right: object) -> bool:
    """Tell whether a known value is less than another by GitHub's loose rules."""
    left, right = _coerced(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() < right.upper()
    if isinstance(left, (bool, float)) and isinstance(right, (bool, float)):
        return left < right
    return False


EITHER: tuple[Any, ...] = (True, False)


def joined(values: Iterable[Any], separator: str) -> str | Unknown:
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
