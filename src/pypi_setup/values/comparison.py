"""A value beside what was expected of it, as plain data."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Verdict(str, Enum):
    """How a claim compares."""

    OK = "ok"
    """As the publisher wants it."""

    DIFFERS = "differs"
    """PyPI refuses the token for it."""

    UNKNOWN = "unknown"
    """It cannot be told from outside, or there is nothing to compare."""


class Row(NamedTuple):
    """One field beside what the publisher expects. The texts are harmless and bounded."""

    field: str
    expected: str
    got: str
    verdict: Verdict

    sentence: str = ""
    """What is wrong, for a maintainer; empty where nothing is."""

    fix: str = ""
    """What to change; empty where nothing needs to be."""
