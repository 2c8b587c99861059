"""Lines of a log without what programs put around their words. No I/O.

Taken off: the job, step and time that GitHub and gh write before a line, terminal escapes, `##[error]` and
the other marks of the runner, frames that are drawn around a text, the `> ` of a quotation. The script of a
`run:` step that GitHub shows before it runs is no output, and is left out whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum
from typing import NamedTuple, cast

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
_HEAD = re.compile(
    rf"(?P<quote>(?:> ?){{0,4}})\ufeff?(?:(?P<job>[^\t\n]{{1,250}})\t(?P<step>[^\t\n]{{0,250}})\t)?"
    rf"\ufeff?(?:(?P<time>{_TIME}) ?)?"
)
_ECHO = "\x1b[36;1m"
_HINTS = ("rror", "RROR", "atal", "ATAL", "xception")
_ESCAPE = re.compile(
    r"\x1b\[[0-9;?]{0,30}[ -/]{0,2}[@-~]|\x1b\][^\x07\x1b]{0,300}(?:\x07|\x1b\\)|\x1b[@-Z\\-_]"
)
_LOST_ESCAPE = re.compile(r"\[\d{1,3}(?:;\d{1,3}){0,4}m")
_MARK = re.compile(
    r"##\[(?:error|warning|notice|debug|group|section|command)\]|::(?:error|warning|notice|debug)"
    r"(?: [^:\n]{0,200}(?::[^:\n]{1,200}){0,3})?::"
)
_FRAME = re.compile(r"[\u2500-\u259f]+|^\s{0,200}[|+](?=\s|-)|(?<=[\s-])[|+]\s{0,200}$")
_ERROR = re.compile(
    r"##\[error\]|::error|^\s{0,40}(?:[Ee]rror|ERROR|fatal|FATAL)\b|\b[A-Z]\w{1,60}(?:Error|Exception): "
)
_NOISE = re.compile(
    r"Process completed with exit code \d|Docker run failed with exit code \d"
    r"|The process '[^']{1,300}' failed with exit code|Error during upload\. Retry with the --verbose option"
)


class Kind(Enum):
    """What the runner or the program calls a line."""

    PLAIN = 0
    ERROR = 1

    NOISE = 2
    """An error, but one that says only that something failed."""


class Line(NamedTuple):
    """One line of a log, cleaned."""

    number: int
    """Counted from 1 in its part of the log."""

    text: str
    job: str = ""
    step: str = ""
    time: str = ""
    """As GitHub writes it, so that times can be compared as texts; empty where the line has none."""

    kind: Kind = Kind.PLAIN


def parsed(raw: str, number: int) -> Line:
    """Return what stands in a line of a log."""
    head = cast("re.Match[str]", _HEAD.match(raw))  # Nothing in it must be there.
    body = raw[head.end() :]
    job, step, time = (group or "" for group in head.group("job", "step", "time"))
    if body.startswith(_ECHO):
        return Line(number, "", job, step, time)
    if "[" in body:
        body = _LOST_ESCAPE.sub("", _ESCAPE.sub("", body))
    kind = Kind.PLAIN
    if any(hint in body for hint in _HINTS) and _ERROR.search(body):
        kind = Kind.NOISE if _NOISE.search(body) else Kind.ERROR
    if "##[" in body or "::" in body:
        body = _MARK.sub("", body)
    if "|" in body or "+" in body or not body.isascii():
        body = _FRAME.sub(" ", body)
    if "%0" in body:
        body = body.replace("%0A", "\n").replace("%0D", "")
    return Line(number, body, job, "" if step == "UNKNOWN STEP" else step, time, kind)


class Passage(NamedTuple):
    """Several lines as one text on one line: wrapped sentences are whole again."""

    text: str
    """Cleaned: white space is one space each, also at both ends, and there are no back quotes."""

    starts: tuple[int, ...]
    """Where in `text` each line begins."""

    lines: tuple[Line, ...]

    def row_at(self, place: int) -> int:
        """Return the index of the line in which this place of the text stands."""
        return max(0, bisect_right(self.starts, place) - 1)

    def rows(self, first: int, last: int) -> str:
        """Return the text of these lines."""
        end = self.starts[last + 1] if last + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[first] : end].strip()


def passage(lines: list[Line]) -> Passage:
    """Join lines that follow one another; there must be one at least."""
    pieces, starts, length = [], [], 1
    for line in lines:
        words = " ".join(line.text.replace("`", "").split())
        starts.append(length)
        if words:
            pieces.append(words)
            length += len(words) + 1
    return Passage(f" {' '.join(pieces)} ", tuple(starts), tuple(lines))
