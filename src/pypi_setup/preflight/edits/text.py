"""A workflow's text beside its nodes: what an edit needs to change lines and leave all else byte for byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pypi_setup.preflight.syntax import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.values.finding import Finding

_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9_./-]*\Z", re.ASCII)
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_STRANGE_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


class LeftAlone(Exception):
    """There is no one safe edit; the message says why."""


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: Any
    value: Any


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends, which are those of YAML and no others."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


class Source:
    """A workflow's text beside its nodes."""

    def __init__(self, data: bytes) -> None:
        """Take the file's bytes. Raises LeftAlone where they are no text whose lines can be told."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise LeftAlone("the file is not UTF-8") from None
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self.text = text.removeprefix("\ufeff")
        if _STRANGE_BREAKS.search(self.text):
            raise LeftAlone("the file has line ends that are neither LF nor CRLF")
        self.lines = lines_of(self.text)
        try:
            self.root = document.compose(data)
        except document.Unreadable as error:
            raise LeftAlone(str(error)) from None
        self._shared = frozenset(_shared(self.root))

    def encoded(self, text: str) -> bytes:
        """Return the bytes of a changed text."""
        return (self._mark + text).encode()

    def entries(self, node: Any) -> dict[str, Entry]:
        """Return a mapping's keys and values; nothing where it is no mapping.

        Raises LeftAlone where a part of it stands in several places of the document.
        """
        if not isinstance(node, yaml.MappingNode):
            return {}
        if id(node) in self._shared or self.char(node) in {"&", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        return {key.value: Entry(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}

    def char(self, node: Any) -> str:
        """Return the character that a node begins with."""
        return self.text[self.offset(node.start_mark) :][:1]

    def is_flow(self, node: Any) -> bool:
        """Tell whether a mapping is written in braces."""
        return self.char(node) == "{"

    def offset(self, mark: Any) -> int:
        """Return the place of a mark in the text."""
        return sum(map(len, self.lines[: mark.line])) + int(mark.column)

    def jobs(self) -> dict[str, Entry]:
        """Return the jobs by id."""
        jobs = self.entries(self.root).get("jobs")
        return self.entries(jobs.value) if jobs else {}

    def job(self, finding: Finding) -> Entry:
        """Return the job that a finding stands in; the only one where it stands in none."""
        line = (finding.line or 1) - 1
        jobs = list(self.jobs().values())
        above = [entry for entry in jobs if entry.key.start_mark.line <= line <= entry.value.end_mark.line]
        if not above and len(jobs) != 1:
            raise LeftAlone("no job stands at this line")
        return (above or jobs)[-1]

    def stands_at(self, finding: Finding, entry: Entry) -> bool:
        """Tell whether an entry has its key or its value in the finding's line."""
        return finding.line in {entry.key.start_mark.line + 1, entry.value.start_mark.line + 1}

    def holds(self, entry: Entry, finding: Finding) -> bool:
        """Tell whether a finding's line is one of an entry's."""
        return finding.line in range(entry.key.start_mark.line + 1, entry.value.end_mark.line + 2)

    def replaced(self, node: Any, text: str) -> str:
        """Return the text with another scalar in the place of one, in the same quotes."""
        if id(node) in self._shared or self.char(node) in {"&", "*", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        if not isinstance(node, yaml.ScalarNode) or node.style in {"|", ">"} or "${{" in node.value:
            raise LeftAlone("the value is no plain text")
        mark = node.style or quote(text)
        start, end = self.offset(node.start_mark), self.offset(node.end_mark)
        space = " " if self.text[:start].endswith(":") else ""  # There was no value at all.
        return f"{self.text[:start]}{space}{mark}{text}{mark}{self.text[end:]}"

    def inserted(self, line: int, indent: int, *lines: str) -> str:
        """Return the text with lines put in front of a line (from 0), at an indentation."""
        end = "\r\n" if self.lines[0].endswith("\r\n") else "\n"
        above, below = "".join(self.lines[:line]), "".join(self.lines[line:])
        new = end.join(" " * indent + text for text in lines)
        return f"{above}{new}{end}{below}" if above.endswith("\n") else f"{above}{end}{new}"

    def without(self, entries: Sequence[Entry]) -> str:
        """Return the text without the lines of some entries of a mapping."""
        gone = {line for entry in entries for line in self._span(entry)}
        return "".join(line for number, line in enumerate(self.lines) if number not in gone)

    def without_first(self, first: Entry, second: Entry) -> str:
        """Return the text without a mapping's first entry, whose place behind a dash the second takes."""
        start = first.key.start_mark
        lead = self.lines[start.line][: start.column]
        last = max(inner.value.end_mark.line for inner in self.entries(first.value).values())
        if lead.strip() != "-" or second.key.start_mark.line != last + 1:
            return self.without([first])
        moved = lead + self.lines[last + 1][second.key.start_mark.column :]
        return "".join([*self.lines[: start.line], moved, *self.lines[last + 2 :]])

    def moved(self, entry: Entry, line: int, beside: Any) -> str:
        """Return the text with an entry put in front of a line further above, indented as another key."""
        span = self._span(entry)
        start, indent = entry.key.start_mark.column, " " * beside.start_mark.column
        lines = [indent + self.lines[number][start:] for number in span]
        kept = [text for number, text in enumerate(self.lines) if number not in span]
        return "".join([*kept[:line], *lines, *kept[line:]])

    def _span(self, entry: Entry) -> range:
        """Return the lines of an entry that has them to itself."""
        first, last = entry.key.start_mark.line, entry.value.end_mark.line
        if id(entry.value) in self._shared or self.char(entry.value) in {"&", "*", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        if isinstance(entry.value, yaml.ScalarNode) and entry.value.style in {"|", ">"}:
            raise LeftAlone("the value is a block of several lines")
        if self.lines[first][: entry.key.start_mark.column].strip():
            raise LeftAlone("something else stands on the same line")
        if isinstance(entry.value, yaml.MappingNode):
            last = max(inner.value.end_mark.line for inner in self.entries(entry.value).values())
        return range(first, last + 1)

    def into_braces(self, node: Any, text: str) -> str:
        """Return the text with one more entry at the end of a mapping in braces."""
        end = self.offset(node.end_mark) - 1
        inner = self.text[:end].rstrip()
        comma = "" if inner.endswith(("{", ",")) else ","
        space = "" if inner.endswith("{") else " "
        return f"{inner}{comma}{space}{text}{self.text[len(inner) :]}"


def quote(text: str) -> str:
    """Return the quotation mark that a plain value needs in YAML; empty where it needs none."""
    return "" if _PLAIN.match(text) and text.lower() not in _YAML_WORDS else "'"


def _shared(root: Any) -> Iterator[int]:
    """Yield the ids of the nodes that stand in several places of the document."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            yield id(node)
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
