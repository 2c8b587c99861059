"""A survey as a table for a terminal, and as one in Markdown. What needs a person stands first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.render.markdown import escaped
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.origin import WORDS, Origin
from pypi_setup.values.standing import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pypi_setup.values.report import Report

    Paint = Callable[[str, str], str]

ROWS_LIMIT = 200
"""Rows of the table on a terminal; the report file has all of them."""

HEADS = ("Project", "Repository", "Published", "Attested", "Verdict", "First error", "Link")

_CELL_LIMIT = 48
_WORDS_LIMIT = 400
_ERROR_LIMIT = 160
_SIGNS = {
    Mark.DONE: ("✓", "\x1b[32m"),
    Mark.TURN: ("→", "\x1b[36m"),
    Mark.BROKEN: ("✗", "\x1b[31m"),
    Mark.UNKNOWN: ("?", "\x1b[33m"),
}


def text(report: Report, paint: Paint) -> str:
    """Return the table with its headline, as text."""
    lines = list(_headline(report, paint))
    shown = report.results[:ROWS_LIMIT]
    cells = [_cells(row) for row in shown]
    widths = [max(map(len, column)) for column in zip(HEADS[:3], *cells, strict=True)]
    for row, values in zip(shown, cells, strict=True):
        start = "  ".join(value.ljust(width) for value, width in zip(values, widths, strict=True))
        sign, colour = _SIGNS[row.mark]
        lines.append(f"{paint(sign, colour)} {start}  {one_line(row.message, _WORDS_LIMIT)}")
        lines.extend(f"    {words}" for words in _details(row))
    if len(report.results) > ROWS_LIMIT:
        lines.append(f"… and {len(report.results) - ROWS_LIMIT} more")
    if report.notes:
        lines.extend(("", "Good to know", *(f"  - {one_line(note, _WORDS_LIMIT)}" for note in report.notes)))
    return "\n".join(lines) + "\n"


def markdown(report: Report) -> str:
    """Return the table with its headline, in Markdown, all rows of it."""
    head = f"## {_SIGNS[report.mark][0]} {escaped(report.message)}\n\n{escaped(report.cause)}"
    lines = [f"| | {' | '.join(HEADS)} |", "|" + " --- |" * (len(HEADS) + 1)]
    for row in report.results:
        values = (*map(escaped, row_texts(row)[:-1]), f"<{row.fallback_url}>" if row.needs_a_person else "")
        lines.append(f"| {_SIGNS[row.mark][0]} | {' | '.join(values)} |")
    notes = "\n".join(f"- {escaped(note)}" for note in report.notes)
    table = "\n".join(lines) if report.results else ""
    return "\n\n".join(part for part in (head, table, notes) if part) + "\n"


def row_texts(row: Report) -> tuple[str, ...]:
    """Return what stands below the heads."""
    origin = row.origin or Origin("")
    return (
        origin.project,
        origin.place,
        WORDS[origin.publishes],
        origin.attested,
        row.message,
        first_error(row),
        row.fallback_url,
    )


def first_error(row: Report) -> str:
    """Return the place, the rule and the message of a row's first error; empty where there is none."""
    first = next((each for each in row.ordered_findings if each.severity is Severity.ERROR), None)
    if first is None:
        return ""
    place = f"{first.file}{f':{first.line}' if first.line else ''}  " if first.file else ""
    return f"{place}{first.rule}: {first.message}"


def _headline(report: Report, paint: Paint) -> Iterator[str]:
    sign, colour = _SIGNS[report.mark]
    yield f"{paint(sign, colour)} {one_line(report.message, _WORDS_LIMIT)}"
    yield f"  Published: {one_line(report.cause, _WORDS_LIMIT)}"
    yield f"  Next: {one_line(report.action, _WORDS_LIMIT)}"
    yield ""


def _cells(row: Report) -> tuple[str, ...]:
    return tuple(one_line(words, _CELL_LIMIT) for words in row_texts(row)[:3])


def _details(row: Report) -> Iterator[str]:
    """Yield what a person needs who has something to do: the error, who published last, where to go."""
    if not row.needs_a_person:
        return
    if error := first_error(row):
        yield one_line(error, _ERROR_LIMIT)
    if row.origin and row.origin.attested:
        yield f"newest attested release from {one_line(row.origin.attested, _WORDS_LIMIT)}"
    if row.publisher:
        yield row.fallback_url
