"""A report as text for a person at a terminal, or in a log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line, shortened, visible
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import SURVEYS, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pypi_setup.values.report import Report

    Paint = Callable[[str, str], str]

_LIMIT = 4000
_RESET, _BOLD = "\x1b[0m", "\x1b[1m"
_RED, _GREEN, _YELLOW, _BLUE = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"
_COLOURS = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW, Severity.NOTICE: _BLUE}
_MARKS = {"holds": ("✓", _GREEN), "broken": ("✗", _RED), "unknown": ("?", _YELLOW)}
_SIGNS = {
    Mark.DONE: ("✓", _GREEN),
    Mark.TURN: ("→", _BLUE),
    Mark.BROKEN: ("✗", _RED),
    Mark.UNKNOWN: ("?", _YELLOW),
}
_VERDICTS = {"ok": ("✓", _GREEN), "differs": ("✗", _RED), "unknown": ("?", _YELLOW)}


def text(report: Report, *, colour: bool = False) -> str:
    """Return the report as text; `colour` is for a terminal that shows it."""
    paint = painter(colour=colour)
    if report.status in SURVEYS:
        from pypi_setup.render import survey

        return survey.text(report, paint)
    blocks: list[Iterator[str]] = [_verdict(report, paint)]
    if report.steps:
        from pypi_setup.render import steps

        blocks.extend((_diff(report, paint), steps.lines(report.steps, paint)))
        blocks.extend((_findings(report, paint), _discovered(report), _notes(report)))
    elif report.results:
        blocks.extend(_results(report, paint))
        blocks.extend(
            (
                _payload(report),
                _diff(report, paint),
                _claims(report, paint),
                _findings(report, paint),
                _discovered(report),
                _notes(report),
            )
        )
    else:
        blocks.extend(
            (
                _problems(report),
                *_explanation(report),
                _payload(report),
                _diff(report, paint),
                _paste(report),
                _claims(report, paint),
                _findings(report, paint),
                _discovered(report),
                _by_hand(report, paint),
                _chain(report, paint),
                _response(report),
                _notes(report),
            )
        )
    return "\n\n".join(lines for block in blocks if (lines := "\n".join(block))) + "\n"


def painter(*, colour: bool) -> Paint:
    """Return what puts words into a colour, or leaves them as they are."""
    return (lambda words, code: f"{code}{words}{_RESET}") if colour else (lambda words, _: words)


def _verdict(report: Report, paint: Paint) -> Iterator[str]:
    mark, code = _SIGNS[report.mark]
    yield f"{paint(mark, code)} {paint(_line(report.verdict), _BOLD)}"
    yield f"  Why:  {_line(report.cause)}"
    yield f"  Next: {_line(report.action)}"
    if report.place is None or not report.place.is_here:
        yield f"  Link: {report.target.url}"


def _explanation(report: Report) -> list[Iterator[str]]:
    if report.explanation is None:
        return []
    from pypi_setup.render.explanation import lines

    return [iter(block) for block in lines(report.explanation)]


def _results(report: Report, paint: Paint) -> list[Iterator[str]]:
    from pypi_setup.render import many

    if many.are_many(report):
        return [many.lines(report, lambda mark: paint(*_SIGNS[mark]))]
    return [_result(result, paint) for result in report.results]


def _result(report: Report, paint: Paint) -> Iterator[str]:
    yield from _verdict(report, paint)
    yield from (f"        {label}: {visible(value) or '(leave empty)'}" for label, value in _fields(report))


def _problems(report: Report) -> Iterator[str]:
    for problem in report.problems:
        yield (
            f"  {problem.field}: {one_line(problem.value, 200)!r}" if problem.value else f"  {problem.field}"
        )
        yield f"    {_line(problem.rule)}"
        yield f"    Fix: {_line(problem.fix)}"


def _discovered(report: Report) -> Iterator[str]:
    if report.discovered:
        yield "Detected"
    for value in report.discovered:
        yield f"  {value.field}: {visible(value.value) or '(none)'} (from {_line(value.source)})"


def _fields(report: Report) -> tuple[tuple[str, str], ...]:
    return report.guidance.fields if report.guidance else ()


def _payload(report: Report) -> Iterator[str]:
    if report.status is Status.DRY_RUN:
        yield "Payload"
        yield from (f"  {json.dumps(each.payload)}" for each in report.results or (report,))


def _by_hand(report: Report, paint: Paint) -> Iterator[str]:
    if not report.guidance or report.is_settled:
        return
    if report.place and report.place.is_here:
        yield "Afterwards, register the publisher"
        yield f"  Link: {report.fallback_url}"
    else:
        yield "Copy into the form" if report.guidance.is_copied else "The form will say"
    for label, value in report.guidance.fields:
        yield f"  {label}"
        yield f"    {paint(visible(value), _BOLD) if value else '(leave empty)'}"


def _diff(report: Report, paint: Paint) -> Iterator[str]:
    if report.diff:
        yield "Edits"
    colours = {"+": _GREEN, "-": _RED, "@": _BLUE}
    for line in visible(report.diff, keep="\n\t").splitlines():
        yield f"  {paint(line, colours[line[0]]) if line[:1] in colours else line}"


def _claims(report: Report, paint: Paint) -> Iterator[str]:
    if report.rows:
        yield "The job's claims"
    for row in report.rows:
        mark, code = _VERDICTS[row.verdict]
        yield f"  {paint(mark, code)} {row.field}: expected {_line(row.expected)}, got {_line(row.got)}"
        yield from (f"    {_line(words)}" for words in (row.sentence, row.fix) if words)


def _paste(report: Report) -> Iterator[str]:
    if report.paste:
        yield "Paste"
        yield from (f"  {line}" for line in _lines(report.paste.rstrip()))


def _findings(report: Report, paint: Paint) -> Iterator[str]:
    if report.findings:
        yield "Findings"
    for finding in report.ordered_findings:
        place = f"{visible(finding.file)}:{finding.line or 1}  " if finding.file else ""
        yield f"  {paint(finding.severity.value, _COLOURS[finding.severity])}  {place}{finding.rule}"
        if finding.quote.strip():
            yield f"    | {visible(shortened(finding.quote.rstrip(), 200))}"
        yield f"    {_line(finding.message)}"
        yield from (f"    {line}" for line in _lines(f"Fix: {finding.fix}"))
        yield f"    {finding.url}"


def _chain(report: Report, paint: Paint) -> Iterator[str]:
    if report.chain:
        yield "Publishing chain"
    for link in report.chain:
        mark, code = _MARKS[link.state]
        yield f"  {paint(mark, code)} {link.name}: {_line(link.value)}"


def _response(report: Report) -> Iterator[str]:
    if report.response:
        yield f"{report.package_index.label} said"
        yield from (f"  | {line}" for line in _lines(report.response))


def _notes(report: Report) -> Iterator[str]:
    if report.good_to_know:
        yield "Good to know"
    yield from (f"  - {_line(note)}" for note in report.good_to_know)


def _line(words: str) -> str:
    return one_line(words, _LIMIT)


def _lines(words: str) -> list[str]:
    return visible(shortened(words, _LIMIT), keep="\n").split("\n")
