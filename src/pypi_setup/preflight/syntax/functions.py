"""The functions of GitHub's expressions, for values of which some are not known."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pypi_setup.preflight.syntax.expressions import DEPTH_LIMIT
from pypi_setup.preflight.syntax.unknowns import (
    EITHER,
    UNKNOWN,
    Choice,
    Partial,
    Unknown,
    as_text,
    equal,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _texts_of(*values: Any) -> tuple[str, ...] | None:
    """Return the values as texts; None where one of them is unknown or has no text to search."""
    found = [as_text(value) for value in values if not isinstance(value, (dict, list))]
    known = tuple(text.upper() for text in found if isinstance(text, str))
    return known if len(known) == len(values) else None


def _contains(within: Any, item: Any) -> tuple[Any, ...]:
    if isinstance(within, list):
        if any(isinstance(each, (Unknown, Choice)) for each in [*within, item]):
            return EITHER
        return (any(equal(each, item) for each in within),)
    if isinstance(within, Unknown) and isinstance(item, str):
        return (True,) if item.upper() in within.prefix.upper() else EITHER
    if isinstance(within, Unknown) or isinstance(item, Unknown):
        return EITHER
    known = _texts_of(within, item)
    return (known is not None and known[1] in known[0],)


def _starts_with(text: Any, start: Any) -> tuple[Any, ...]:
    if isinstance(text, Unknown) and isinstance(start, str):
        prefix, start = text.prefix.upper(), start.upper()
        if prefix.startswith(start):
            return (True,)
        return EITHER if start.startswith(prefix) else (False,)
    return _ends(text, start, str.startswith)


def _ends_with(text: Any, end: Any) -> tuple[Any, ...]:
    return _ends(text, end, str.endswith)


def _ends(text: Any, part: Any, found: Callable[[str, str], bool]) -> tuple[Any, ...]:
    if isinstance(text, Unknown) or isinstance(part, Unknown):
        return EITHER
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
    return (joined([*parts, form[position:]], ""),)


def _join(items: Any, separator: Any = ",") -> tuple[Any, ...]:
    glue = as_text(separator)
    if isinstance(items, Unknown) or isinstance(glue, Unknown):
        return (UNKNOWN,)
    if isinstance(items, list):
        return (joined(items, glue),)
    return ("" if isinstance(items, dict) else as_text(items),)


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


FUNCTIONS: dict[str, Callable[..., tuple[Any, ...]]] = {
    "contains": _contains,
    "endswith": _ends_with,
    "format": _format,
    "fromjson": _from_json,
    "join": _join,
    "startswith": _starts_with,
    "tojson": _to_json,
}
