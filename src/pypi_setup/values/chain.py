"""The links of the chain of trust, from the trigger to the project, as plain data."""

from __future__ import annotations

from typing import NamedTuple

HOLDS, BROKEN, UNKNOWN = "holds", "broken", "unknown"
"""The states of a link. Unknown: it cannot be told from outside, or is not there yet."""


class Link(NamedTuple):
    """One link of the chain."""

    name: str
    value: str
    """May hold text from outside."""

    state: str
