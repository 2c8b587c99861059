"""One pass over a log of any size in flat memory: what is known of what stands in it.

A block of the log is first taken for a bag of words, which costs little. Only where all words of a known text
are in the bag, the block is cleaned and searched for that text: so the number of known texts does not count.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.log import claims, secrets, uploads
from pypi_setup.log.cause import patterns
from pypi_setup.log.causes import CAUSES
from pypi_setup.log.lines import Kind, parsed, passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pypi_setup.log.cause import Cause, Pattern
    from pypi_setup.log.lines import Line, Passage
    from pypi_setup.log.parts import Part

BLOCK = 128 * 1024
"""Bytes that are looked at at once."""

OVERLAP = 8 * 1024
"""Bytes that are looked at again with the next block: a text, or claims, can lie across the border."""

PATTERNS: tuple[Pattern, ...] = tuple(pattern for cause in CAUSES for pattern in patterns(cause))
"""All that a log is searched for."""

EXCERPT = 12
"""Lines up to which a log counts as an excerpt, which somebody chose because the error is in it."""

RANK = {cause.rule: place for place, cause in enumerate(CAUSES)}
"""The place of each cause in the table: the more precise ones come first."""

_ERRORS = 10
_MATCHES = 8
_MOST = 20
_UPLOADS = 2000
_LINE = 4096
_GAP = 3
_HARMLESS = 1500
_GITHUB = ("githubusercontent.com", "api.github.com", "uploads.github.com")
_GROUP, _STEP = b"##[group]", b"##[group]Run "
_WORDS = bytes(
    code + 32
    if chr(code) in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    else code
    if chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789-_"
    else ord(" ")
    for code in range(256)
)
"""Translates bytes so that only words are left, in lower case."""

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ERROR_MARKS = (
    b"##[error]",
    b"::error",
    b"Error: ",
    b"error: ",
    b"ERROR ",
    b"ERROR: ",
    b"fatal: ",
    b"Exception: ",
)
_COLOUR = re.compile(rb"\x1b\[[0-9;]{0,30}m")
_SUCCESS = (b"View at:", b"ackages uploaded successfully", b"Package is at http")
_WINDOW = 16 * 1024


class Match(NamedTuple):
    """A known text that stands in the log."""

    cause: Cause
    part: int
    """Which part of the log it stands in, counted from 1."""

    line: Line
    """The line in which it begins."""

    span: tuple[int, int]
    quote: str
    """The lines in which it stands, as one."""

    found: dict[str, str]
    """What filled the holes of the text."""

    job: str = ""
    step: str = ""
    near: bool = False
    """Whether a word of the cause's context stands near."""

    @property
    def key(self) -> tuple[int, str]:
        """What makes two matches of one cause two."""
        return (self.part, self.job)


class Scan(NamedTuple):
    """What stands in a log."""

    matches: tuple[Match, ...]
    """In the order of the log's parts and lines; of one cause only the first in each job."""

    errors: tuple[Line, ...]
    """The last lines that were called an error, noise left out."""

    claims: tuple[claims.Claims, ...]
    secrets: tuple[secrets.Found, ...]
    uploads: tuple[uploads.Upload, ...]
    lines: int
    """How many lines the whole log has."""

    success: bool
    """Whether a tool said that it published something."""

    failed: bool
    """Whether any line was called an error, noise included."""


def scanned(parts: Iterable[Part]) -> Scan:
    """Read a log, part by part.

    Raises OSError or BadLog where a part cannot be read.
    """
    search = _Search()
    for part in parts:
        search.read(part)
    return search.result()


class _Block(NamedTuple):
    """Some of a part's text."""

    data: bytes
    fresh: int
    """So many bytes are not looked at again: the next block begins there."""

    first: int
    """The number of its first line."""

    step: str
    """The step that a raw log is in where the block begins."""

    @property
    def words(self) -> set[bytes]:
        """Its words, in lower case."""
        data = self.data.replace(b"%0A", b"\n")
        if b"\x1b[" in data:
            data = _COLOUR.sub(b" ", data)
        return set(data.translate(_WORDS).split())

    def step_at(self, place: int) -> str:
        """Return the step that a raw log is in at this byte."""
        header = self.data.rfind(_STEP, 0, place)
        if header < 0:
            return self.step
        end = self.data.find(b"\n", header)
        name = self.data[header + len(_GROUP) : end if end >= 0 else len(self.data)]
        return name[:_LINE].decode("utf-8", "replace").strip()


class _Search:
    def __init__(self) -> None:
        self._matches: list[Match] = []
        self._errors: deque[Line] = deque(maxlen=_ERRORS)
        self._claims: dict[tuple[int, int], claims.Claims] = {}
        self._secrets: list[secrets.Found] = []
        self._uploads: list[uploads.Upload] = []
        self._lines = 0
        self._success = self._failed = False
        self._part = 0
        self._name = ""

    def read(self, part: Part) -> None:
        """Look through one part."""
        self._part, self._name = self._part + 1, part.name
        number, step, open_line = 1, "", False
        for data, fresh in _blocks(part.pieces):
            block = _Block(data, fresh, number, step)
            self._look(block)
            number += data.count(b"\n", 0, fresh)
            step = block.step_at(fresh)
            open_line = data[fresh - 1 : fresh] not in {b"", b"\n"}
        self._lines += number - 1 + open_line

    def result(self) -> Scan:
        """Return what was found."""
        return Scan(
            tuple(self._matches),
            tuple(self._errors),
            tuple(self._claims[key] for key in sorted(self._claims)),
            tuple(self._secrets),
            tuple(self._uploads),
            self._lines,
            self._success,
            self._failed,
        )

    def _look(self, block: _Block) -> None:
        words = block.words
        wanted = [each for each in PATTERNS if each.rarest in words and each.words <= words]
        if wanted or claims.NEEDLES & words:
            for window in _windows(block):
                self._look_closely(window, wanted)
        if len(self._secrets) < _MOST:
            self._secrets += secrets.found(block.data, block.first, block.fresh)
        if uploads.NEEDLES & words and len(self._uploads) < _UPLOADS:
            self._uploads += uploads.found(_marked(block, uploads.MARKS, _UPLOADS), self._part)
            self._success = self._success or any(word in block.data for word in _SUCCESS)
        for line in _marked(block, _ERROR_MARKS, _ERRORS):
            self._failed = self._failed or line.kind is not Kind.PLAIN
            if line.kind is Kind.ERROR and line.text.strip():
                self._errors.append(line)

    def _look_closely(self, window: _Block, wanted: list[Pattern]) -> None:
        words = window.words
        wanted = [each for each in wanted if each.words <= words]
        listed = claims.NEEDLES & words
        if not wanted and not listed:
            return
        lines = _lines(window)
        if wanted:
            self._match(wanted, window, lines)
        for each in claims.found(lines, self._part) if listed else ():
            known = self._claims.get((self._part, each.line))
            if len(self._claims) < _MOST and (known is None or len(known.values) < len(each.values)):
                self._claims[self._part, each.line] = each

    def _match(self, wanted: list[Pattern], window: _Block, lines: list[Line]) -> None:
        whole = passage(lines)
        lower = whole.text.translate(_LOWER)
        fresh = window.data.count(b"\n", 0, window.fresh) + (window.fresh == len(window.data))
        found: list[Match] = []
        for pattern in wanted:
            for hit in islice(pattern.expression.finditer(lower), _MATCHES):
                row = whole.row_at(_begin(hit, lower))
                after = lower[hit.end() : hit.end() + _HARMLESS]
                if pattern.cause.generic and any(host in hit[0] for host in _GITHUB):
                    continue  # It was not the index that answered.
                if row < fresh and not any(words in after for words in pattern.cause.unless):
                    near = any(word in lower for word in pattern.cause.context)
                    found.append(self._matched(pattern, hit, whole, row, near=near))
        for match in _separate(found):
            same = [each for each in self._matches if each.cause is match.cause]
            if match.key not in {each.key for each in same} and len(same) < _MATCHES:
                step = match.line.step or window.step_at(_offset(window, match.line.number))
                self._matches.append(match._replace(step=step))

    def _matched(
        self, pattern: Pattern, hit: re.Match[str], whole: Passage, row: int, *, near: bool
    ) -> Match:
        line = whole.lines[row]
        return Match(
            cause=pattern.cause,
            part=self._part,
            line=line,
            span=hit.span(),
            quote=whole.rows(row, whole.row_at(hit.end() - 1)),
            found={name: whole.text[slice(*hit.span(name))] for name in hit.groupdict()},
            job=line.job or self._name,
            near=near,
        )


def _blocks(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield blocks, and how many bytes of each the next one does not have: whole lines where they end."""
    data = bytearray()
    for piece in pieces:
        data += piece
        while len(data) >= BLOCK + OVERLAP:
            fresh = data.rfind(b"\n", 0, BLOCK) + 1 or BLOCK
            end = data.rfind(b"\n", fresh, BLOCK + OVERLAP) + 1 or BLOCK + OVERLAP
            yield bytes(data[:end]), fresh
            del data[:fresh]
    yield bytes(data), len(data)


def _windows(block: _Block) -> Iterator[_Block]:
    """Yield a block in smaller ones, which overlap in the same way."""
    start, number = 0, block.first
    while start < block.fresh:
        rest = min(block.fresh, start + _WINDOW)
        stop = block.data.rfind(b"\n", start, rest) + 1 or rest
        stop = block.fresh if rest == block.fresh else stop
        end = min(len(block.data), stop + OVERLAP)
        yield _Block(block.data[start:end], stop - start, number, block.step_at(start))
        number += block.data.count(b"\n", start, stop)
        start = stop


def _lines(block: _Block) -> list[Line]:
    text = block.data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", " ")
    return [parsed(raw, number) for number, raw in enumerate(text.split("\n"), block.first)]


def _marked(block: _Block, marks: tuple[bytes, ...], most: int) -> list[Line]:
    """Return the lines of a block that have one of these marks; of each mark the last ones."""
    starts: set[int] = set()
    for mark in marks:
        place = block.fresh
        for _ in range(most):
            place = block.data.rfind(mark, 0, place)
            if place < 0:
                break
            place = block.data.rfind(b"\n", 0, place) + 1
            starts.add(place)
    lines, number, last = [], block.first, 0
    for start in sorted(starts):
        number, last = number + block.data.count(b"\n", last, start), start
        end = block.data.find(b"\n", start)
        raw = block.data[start : end if end >= 0 else len(block.data)][:_LINE]
        lines.append(parsed(raw.decode("utf-8", "replace").rstrip("\r"), number))
    return lines


def _offset(block: _Block, number: int) -> int:
    """Return where the line of this number ends in a block."""
    place = 0
    for _ in range(number - block.first + 1):
        place = block.data.find(b"\n", place) + 1
        if not place:
            return len(block.data)
    return place


def _begin(hit: re.Match[str], text: str) -> int:
    """Return where the first word of a match begins: the white space before it can be of the line before."""
    return hit.start() + (text[hit.start()] == " ")


def _separate(found: list[Match]) -> list[Match]:
    """Return the matches in the log's order; of several for the same words only the most precise."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (match.cause.generic, RANK[match.cause.rule])):
        start, end = match.span
        if not any(start < other.span[1] + _GAP and other.span[0] < end + _GAP for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda match: match.span)
