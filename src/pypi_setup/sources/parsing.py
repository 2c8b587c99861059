"""TOML, INI, JSON and Python of a stranger's files: parsed only where that takes little time and memory.

A parser's cost can grow with the square of what is nested or joined: 39 KB of TOML, one key of 20,000 parts,
took 1.5 GB of memory. So what a text holds is looked at before it is parsed. What is refused here no project
has; that it was refused is told, since then nothing is known of the file.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from configparser import RawConfigParser

SIZE_LIMIT = 256 * 1024
"""Bytes of one file."""

PARTS_LIMIT = 32
"""Parts of a dotted key; each costs memory once more for every part before it."""

DEPTH_LIMIT = 100
"""Brackets inside of each other."""

DIGITS_LIMIT = 4000
"""Digits of a number, below what Python converts; it takes the square of their number."""

LINE_LIMIT = 1000
"""Characters of a line of Python; before 3.12 a tokenizer may take the square of their number."""

LINE_END = "\n"
"""The token that ends a statement of Python."""

# The look-behinds keep a search from starting again inside a long word, and 100 keeps it short where a
# text opens many quotes and closes none. Of longer parts one file has not so many that they could harm.
_KEY = r"""(?:(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.){0,100}"|'[^'\n]*')"""
_LONG_KEY = re.compile(rf"(?:{_KEY}[ \t]*\.[ \t]*){{{PARTS_LIMIT}}}")
_DIGITS = re.compile(rf"(?<![0-9_])[0-9_]{{{DIGITS_LIMIT}}}")
_LONG_LINE = re.compile(rf"^.{{{LINE_LIMIT}}}.", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")
_SPACES = re.compile(r"(?<=\S)[^\S\n]{2,}")


class Unreadable(ValueError):
    """A text that is not parsed; the message says why, to be read behind the file's name."""


def toml(data: bytes) -> dict[str, object]:
    """Return a TOML document's table. Raises Unreadable."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover - of this Python version only
        import tomli as tomllib
    text = _decoded(data)
    if _LONG_KEY.search(text):
        raise Unreadable(f"was not read: it has a key of more than {PARTS_LIMIT} parts")
    _check_brackets(text)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("is not TOML") from None


def ini(data: bytes, *, bare_keys: bool = False) -> RawConfigParser:
    """Return a setup.cfg's sections. [DEFAULT] is one like the others. Raises Unreadable.

    With `bare_keys` a key without a value is allowed, its value being None.

    configparser takes the square of the time for many lines without a value (it collects its complaints),
    for much white space in a line, and for what many sections take over from [DEFAULT]. So the first are
    taken in, and refused behind it; the second is folded; and the third does not happen.
    """
    from configparser import Error, RawConfigParser

    _check_size(data)
    parser = RawConfigParser(strict=False, allow_no_value=True, default_section="\n")
    try:
        parser.read_string(_SPACES.sub(" ", data.decode("utf-8", "replace")))
    except (Error, AttributeError):  # The latter where a line continues one without a value, before 3.13.
        raise Unreadable("is not in setup.cfg's format") from None
    if not bare_keys and any(value is None for section in parser.values() for value in section.values()):
        raise Unreadable("is not in setup.cfg's format")
    return parser


def json_value(data: bytes) -> object:
    """Return a JSON text's value. Raises Unreadable."""
    text = _decoded(data)
    _check_brackets(text)
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    return value


def tokens(data: bytes) -> list[str]:
    """Return the tokens of Python source as far as it can be read, without comments.

    A line end is a token (`LINE_END`) where it ends a statement. Raises Unreadable.
    """
    import io
    import tokenize

    _check_size(data)
    text = data.decode("utf-8", "replace")
    if _LONG_LINE.search(text):
        raise Unreadable(f"was not read: it has a line of more than {LINE_LIMIT} characters")
    dropped = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
    words: list[str] = []
    try:
        found = tokenize.generate_tokens(io.StringIO(text).readline)
        words.extend(
            LINE_END if token.type == tokenize.NEWLINE else token.string
            for token in found
            if token.type not in dropped
        )
    except (tokenize.TokenError, SyntaxError):
        return words  # What stands before the error is all there is.
    return words


def _decoded(data: bytes) -> str:
    _check_size(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Unreadable("is not in UTF-8") from None
    if _DIGITS.search(text):
        raise Unreadable(f"was not read: it has a number of more than {DIGITS_LIMIT} digits")
    return text


def _check_size(data: bytes) -> None:
    if len(data) > SIZE_LIMIT:
        raise Unreadable(f"is larger than {SIZE_LIMIT // 1024} KiB")


def _check_brackets(text: str) -> None:
    """Refuse what is nested too deep; brackets in texts count as well, for only a parser tells them apart."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > DEPTH_LIMIT:
            raise Unreadable(f"was not read: its brackets are nested more than {DEPTH_LIMIT} deep")
