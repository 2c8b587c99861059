"""Text from outside, made safe to show: no secret, no control character, no more than a bounded length.

What a place of output needs beyond this (Markdown, log commands) is the business of its renderer.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_SHOWN = "***"


class Secret:
    """A token that cannot be shown by accident: only `reveal` gives its text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the token itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({_SHOWN!r})"

    __str__ = __repr__


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """Return the text with every occurrence of the secrets replaced by three stars."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), _SHOWN)
    return text


def visible(text: str, *, keep: str = "") -> str:
    r"""Return the text with each control, format or unassigned character written as its escape.

    Terminal escapes, bidirectional controls and line ends become `\x1b`, `\u202e`, `\n`; the characters in
    `keep` stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if character not in keep and unicodedata.category(character) in _INVISIBLE
        else character
        for character in text
    )


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text; what was cut is marked."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, limit: int = 300) -> str:
    """Return the text on one line: white space runs folded, the rest visible, at most `limit` characters."""
    return visible(shortened(" ".join(text.split()), limit))
