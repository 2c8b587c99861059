"""A set-up as text: the verdict, the edits, and numbered steps, each with what to do and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values.harmless import one_line, visible
from pypi_setup.values.step import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pypi_setup.values.step import Step

    Paint = Callable[[str, str], str]

_LIMIT = 4000
_BOLD, _GREEN, _YELLOW, _BLUE = "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[36m"
_SIGNS = {
    State.DONE: ("✓", _GREEN),
    State.PLANNED: ("+", _BLUE),
    State.YOURS: ("→", _BLUE),
    State.LATER: ("…", _YELLOW),
}


def lines(taken: Iterable[Step], paint: Paint) -> Iterator[str]:
    """Yield the lines of numbered steps; `paint` puts words into a colour."""
    yield "Steps"
    for number, each in enumerate(taken, 1):
        yield from step(number, each, paint)


def step(number: int, one: Step, paint: Paint) -> Iterator[str]:
    """Yield the lines of one step."""
    sign, code = _SIGNS[one.state]
    yield f"  {paint(sign, code)} {number}. {paint(one_line(one.text, _LIMIT), _BOLD)}"
    yield from (f"       {one_line(words, _LIMIT)}" for words in (one.why, one.url) if words)
    yield from (
        f"         {one_line(label)}: {visible(value) or '(leave empty)'}" for label, value in one.fields
    )
    yield from (f"         $ {visible(command)}" for command in one.commands)
