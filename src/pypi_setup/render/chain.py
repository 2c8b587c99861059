"""The chain of trust as a picture. Pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.values.chain import BROKEN, HOLDS, UNKNOWN
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.values.chain import Link

LABEL_LIMIT = 200
"""Characters of a label in the picture, those included that stand for others."""

_PLAIN = re.compile(r"[a-zA-Z0-9 _./,:@-]")
_ARROWS = {HOLDS: "-->", BROKEN: "--x", UNKNOWN: "-.->"}


def mermaid(chain: Iterable[Link]) -> str:
    """Return the chain as a Mermaid flowchart, which GitHub draws; without the fence around it.

    Each character that could have a meaning to Mermaid or Markdown is written as its number.
    """
    lines = ["flowchart LR"]
    for number, link in enumerate(chain):
        label = f"{_label(f'{link.name}: {link.value}')} - {link.state}"
        arrow = f"link{number - 1} {_ARROWS[link.state]} " if number else ""
        lines.append(f'    {arrow}link{number}["{label}"]:::{link.state}')
    return "\n".join(
        [
            *lines,
            "    classDef holds fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
            "    classDef broken fill:#ffebe9,stroke:#cf222e,color:#1f2328",
            "    classDef unknown fill:#fff8c5,stroke:#9a6700,color:#1f2328",
        ]
    )


def _label(text: str) -> str:
    written: list[str] = []
    size = 0
    for character in one_line(text, LABEL_LIMIT):
        written.append(character if _PLAIN.match(character) else f"#{ord(character)};")
        size += len(written[-1])
        if size > LABEL_LIMIT:
            return "".join([*written[:-1], f"#{ord('…')};"])
    return "".join(written)
