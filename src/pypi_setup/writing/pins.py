"""The commits that the actions of written workflows are pinned to.

One table, `pinned/action.yml`: Dependabot renews it as it does the project's own workflows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "pinned" / "action.yml"
"""The file with the table."""

_LINE = re.compile(r"^ +- uses: ([\w.-]+/[\w.-]+)@([0-9a-f]{40}) # (v[0-9.]+)$", re.ASCII | re.MULTILINE)


class Pin(NamedTuple):
    """An action at one commit."""

    action: str
    """`owner/name`."""

    commit: str
    """Its 40 hexadecimal digits."""

    version: str
    """What stands beside it for people and for Dependabot: `v7.0.1`."""

    def __str__(self) -> str:
        return f"{self.action}@{self.commit} # {self.version}"


def pins(table: str | None = None) -> dict[str, Pin]:
    """Return the pins by action, from the text of the table: that of this package unless it is given."""
    text = TABLE.read_text(encoding="utf-8") if table is None else table
    found = (Pin(*match.groups()) for match in _LINE.finditer(text))
    return {pin.action: pin for pin in found}
