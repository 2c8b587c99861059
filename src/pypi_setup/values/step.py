"""One step of a set-up: what was done, or what is to be done, and how."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class State(str, Enum):
    """How far a step is."""

    DONE = "done"
    PLANNED = "planned"
    """This tool does it, once the user agrees."""

    YOURS = "yours"
    """A person does it."""

    LATER = "later"
    """A person does it, but cannot yet."""


class Step(NamedTuple):
    """One step."""

    name: str
    """Its kind: `workflow`, `environment`, `publisher`, `push`, `proof`, `release`, `secret`, `token`."""

    state: State
    text: str
    """What is done, in one line."""

    why: str = ""
    """Why, or what to know while doing it; empty where the text says it all."""

    commands: tuple[str, ...] = ()
    """Commands that do it, one a line."""

    url: str = ""
    """The page where a person does it."""

    fields: tuple[tuple[str, str], ...] = ()
    """What to enter there: labels and values, in the form's order."""
