"""Text from outside, made safe to show: no secret, no control character, no more than a bounded length.

What a place of output needs beyond this (Markdown, log commands) is the business of its renderer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_SHOWN = "***"
_TELLING = 8  # Characters: so much of a token says what kind it is and no more.
_UNIT = re.compile(
    r"\\(?:(?-i:U)(?:000[0-9a-f]{5}|0010[0-9a-f]{4})|u[0-9a-f]{4}|x[0-9a-f]{2}|.)"
    r"|%[0-9a-f]{2}|&#?\w{1,8};|.",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)


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
    """Return the text with every occurrence of the secrets replaced by three stars.

    It finds them too where they are escaped for JSON, HTML or a URL, broken up by white space or by the
    escapes that `visible` writes, and where the text's end cuts them off.
    """
    for secret in map(Secret.reveal, secrets):
        if secret:
            text = _without_echoes(text.replace(secret, _SHOWN), secret)
    return text


def _without_echoes(text: str, secret: str) -> str:
    units = [(meant, *unit.span()) for unit in _UNIT.finditer(text) if (meant := _meant(unit[0]))]
    plain = "".join(meant for meant, _, _ in units)
    found = [echo.span() for echo in re.finditer(re.escape(secret), plain)]
    longest = min(len(secret) - 1, len(plain))
    cut = next((length for length in range(longest, _TELLING, -1) if plain.endswith(secret[:length])), 0)
    if cut:
        found.append((len(plain) - cut, len(plain)))
    for start, end in reversed(found):
        text = text[: units[start][1]] + _SHOWN + text[units[end - 1][2] :]
    return text


def _meant(unit: str) -> str:
    """Return the one character that a unit of text stands for; empty if it is none that a secret can have."""
    kind, code = unit[:1], unit[2:] if unit[:1] == "\\" else unit[1:]
    if code and kind in "\\%":
        character = chr(int(code, 16))
    elif kind == "\\":
        character = "" if unit[1:] in "bfnrt" else unit[1:]
    elif kind == "&":
        import html

        character = html.unescape(unit)[:1]
    else:
        character = unit
    return character if "!" <= character <= "~" else ""


def visible(text: str, *, keep: str = "") -> str:
    r"""Return the text with each control, format or unassigned character written as its escape.

    Terminal escapes, bidirectional controls and line ends become `\x1b`, `\u202e`, `\n`; the characters in
    `keep` stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    import unicodedata

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
