"""Texts as Markdown that shows exactly them, on GitHub too.

Text from outside cannot break out of its place: in running text each character that means something to
Markdown or HTML is a character reference, in code it stands in a fence that is longer than any in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.values.harmless import one_line, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS_LIMIT = 4000
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&@$!]|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_LIST = re.compile(r"\A(?:(\d+)(?=[.)](?:\s|\Z))|(?=[-+]))(.)")  # What begins a list, or a rule.


def escaped(words: str) -> str:
    """Return text for a line of Markdown that shows exactly this text."""
    text = _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", one_line(words, _WORDS_LIMIT))
    return _LIST.sub(lambda match: f"{match[1] or ''}&#{ord(match[2])};", text)


def fenced(code: str, language: str = "text") -> str:
    """Return a code block that shows exactly this text."""
    code = visible(shortened(code, _WORDS_LIMIT), keep="\n")
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table of Markdown; its cells show exactly these texts."""
    lines = [heads, ("---",) * len(heads), *(tuple(map(escaped, cells)) for cells in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
