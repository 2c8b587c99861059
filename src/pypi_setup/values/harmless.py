"""Text from outside, made safe to show: no secret, no control character, no more than a bounded length.

What a place of output needs beyond this (Markdown, log commands) is the business of its renderer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_SHOWN = "***"
_TELLING = 8  # Characters: so much of a token says what kind it is and no more.
_LAYERS = 3  # Of escapes around escapes, such as a URL in HTML in JSON.
# Texts, which `re` compiles where they are first needed: most runs show no token and no login.
_ESCAPING = r"[\\%&=]"
_UNIT = (
    r"(?ias)"
    r"\\(?:(?-i:U)(?:000[0-9a-f]{5}|0010[0-9a-f]{4})|u[0-9a-f]{4}|u\{[0-9a-f]+\}|x[0-9a-f]{2}|[0-7]{3}|.)"
    r"|[%=][0-9a-f]{2}|&#[0-9]+;?|&#x[0-9a-f]+;?|&[a-z][a-z0-9]*;|."
)
"""One character, or what stands for one: in JSON, JavaScript, Python, C, a URL, quoted-printable, HTML."""

_SCHEME = r"(?ia)\s*[a-z][a-z0-9+.-]*:[/\\]{1,3}"
_AT = "[@\uff20\ufe6b]|%40"
_QUERY = r"(?is)([?#;&\uff1f]|%3f|%23).+"
_NO_PORT = r"(?a)\A([^/\[\]:]*:)(?!\d{1,5}(?:[/?#]|\Z))[^/]+"
_LOGIN = r"(?<=://)[^\s/?#\"'<>`]+@"


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

    It finds them too where they are escaped for JSON, HTML or a URL, also several times over; in other letter
    case, backwards, in base64, base32 or hexadecimal, alone or amid more; broken up by white space or by the
    escapes that `visible` writes; and where the text's end cuts them off.
    """
    for secret in map(Secret.reveal, secrets):
        if secret:
            text = _without_echoes(text.replace(secret, _SHOWN), secret)
    return text


class _Echo(NamedTuple):
    """A spelling of a secret."""

    text: str
    any_case: bool = True
    """Whether letter case does not count; the text is then in lower case."""

    edges: tuple[int, int] = (0, 0)
    """How many characters before and behind hold a part of the secret, beside a part of what is around it."""


class _Layer(NamedTuple):
    """A text without white space, some of its escapes undone."""

    text: str
    places: Sequence[tuple[int, int]]
    """Where each of its characters begins and ends in the text as it was."""


def _without_echoes(text: str, secret: str) -> str:
    echoes = _echoes(secret)
    found = [place for layer in _layers(text) for echo in echoes for place in _found(echo, layer)]
    begin = len(text)
    for start, end in sorted(found, key=lambda place: place[::-1], reverse=True):
        if start < begin:  # Else it lies in what is gone already.
            text, begin = text[:start] + _SHOWN + text[min(end, begin) :], start
    return text


def _echoes(secret: str) -> tuple[_Echo, ...]:
    if len(secret) <= _TELLING:  # So little, spelled otherwise, could be anything.
        return (_Echo(secret, any_case=False),)
    import base64

    data, plain = secret.encode(), secret.lower()
    found = [_Echo(plain), _Echo(plain[::-1]), _Echo(data.hex())]
    for before in range(5):
        # Amid other bytes the same characters stand for it, but for those at its edges.
        filled = bytes(before) + data
        whole = base64.b32encode(filled).decode().lower()
        found.append(_amid(whole, before, len(filled), 5))
        whole = base64.b64encode(filled).decode()
        found.extend(
            _amid(text, before, len(filled), 6)._replace(any_case=False)
            for text in (whole, whole.translate(_URL_SAFE))
        )
    return tuple(dict.fromkeys(found))


def _amid(encoded: str, before: int, size: int, bits: int) -> _Echo:
    """Return the part of a text with so many bits a character that tells of all bytes but the first ones."""
    first, last = -(-before * 8 // bits), size * 8 // bits
    return _Echo(encoded[first:last], edges=(int(before * 8 % bits > 0), int(size * 8 % bits > 0)))


_PADDING = 6  # Characters at the end of base32, at most.
_URL_SAFE = str.maketrans("+/", "-_")


def _layers(text: str) -> Iterator[_Layer]:
    """Yield the text with more and more of its escapes undone."""
    kept = [(character, place) for place, character in enumerate(text) if "!" <= character <= "~"]
    layer = _Layer("".join(character for character, _ in kept), [(place, place + 1) for _, place in kept])
    yield layer
    for _ in range(_LAYERS):
        if not re.search(_ESCAPING, layer.text):
            return
        units = [(_meant(unit[0]), *unit.span()) for unit in re.finditer(_UNIT, layer.text)]
        meaning = [unit for unit in units if unit[0]]
        places = [(layer.places[start][0], layer.places[end - 1][1]) for _, start, end in meaning]
        layer = _Layer("".join(character for character, _, _ in meaning), places)
        yield layer


def _found(echo: _Echo, layer: _Layer) -> Iterator[tuple[int, int]]:
    """Yield where an echo stands in the text, whole or cut off by its end."""
    text = layer.text.lower() if echo.any_case else layer.text
    length = len(echo.text)
    start = text.find(echo.text)
    while start >= 0:
        end = min(start + length + echo.edges[1], len(text))
        if echo.edges[1]:
            end += len(text[end : end + _PADDING]) - len(text[end : end + _PADDING].lstrip("="))
        yield layer.places[max(0, start - echo.edges[0])][0], layer.places[end - 1][1]
        start = text.find(echo.text, start + length)
    for size in range(min(length - 1, len(text)), _TELLING, -1):
        if text.endswith(echo.text[:size]):
            yield layer.places[max(0, len(text) - size - echo.edges[0])][0], layer.places[-1][1]
            return


def _meant(unit: str) -> str:
    """Return the one character that a unit of text stands for; empty if it is none that a secret can have."""
    kind, code = unit[:1], unit[1:]
    if not code:
        character = unit
    elif kind in "%=":
        character = chr(int(code, 16))
    elif kind == "&":
        character = _referred(code.rstrip(";"))
    elif code.isdigit() and len(code) > 1:
        character = chr(int(code, 8))
    elif len(code) > 1:
        character = _numbered(code[1:].strip("{}"), 16)
    else:
        character = "" if code in "bfnrt" else code
    return character if "!" <= character <= "~" else ""


def _referred(name: str) -> str:
    """Return the character of an HTML reference; its number may have any length."""
    if name[0] == "#":
        return _numbered(name[2:], 16) if name[1] in "xX" else _numbered(name[1:], 10)
    import html

    return html.unescape(f"&{name};")[:1]


def _numbered(digits: str, base: int) -> str:
    """Return the ASCII character with this number; empty if there is none."""
    digits = digits.lstrip("0")
    number = int(digits or "0", base) if len(digits) <= len("127") else 0
    return chr(number) if number < 128 else ""  # noqa: PLR2004 - ASCII ends there


def without_login(text: str) -> str:
    """Return a value with three stars for all that can be a login or a query of a URL.

    It may be a URL of any kind, whole or not, right or wrong (`https://`, `git@host:`, no scheme at all).
    What stands before the last `@` can be a login, and so can what stands for a port and is none.
    """
    scheme = re.match(_SCHEME, text)
    start = scheme.end() if scheme else 0
    *login, rest = re.split(_AT, text[start:])
    shown = re.sub(_QUERY, lambda found: found[1] + _SHOWN, rest)
    if scheme:
        shown = re.sub(_NO_PORT, lambda found: found[1] + _SHOWN, shown)
    return text[:start] + (f"{_SHOWN}@" if login else "") + shown


def without_logins(text: str) -> str:
    """Return running text with three stars for the logins in its URLs, and nothing else changed."""
    return re.sub(_LOGIN, f"{_SHOWN}@", text) if "@" in text else text


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
