"""A report as GitHub-flavoured Markdown: the job summary.

In this order: the verdict, the one next step with its link, the errors, the values to register; then, folded,
what is only worth knowing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypi_setup.render.chain import mermaid
from pypi_setup.render.markdown import escaped, fenced, table
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import shortened
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report

SIZE_LIMIT = 1024 * 1024
"""Bytes that GitHub takes for the summary of a step."""

_FINDINGS_LIMIT = 100
_SIGNS = {"error": "🔴", "warning": "🟡", "notice": "🔵"}
_MARKS = {Mark.DONE: "✅", Mark.TURN: "➡️", Mark.BROKEN: "❌", Mark.UNKNOWN: "❔"}
_VERDICTS = {"ok": "✅", "differs": "❌", "unknown": "❔"}


def summary(report: Report) -> str:
    """Return the job summary, as much of it as GitHub takes."""
    return _bounded(_parts(report, _FINDINGS_LIMIT))


def whole(report: Report) -> str:
    """Return the same for a file, where nothing needs to be left out."""
    return "\n\n".join(_parts(report, len(report.findings))) + "\n"


def _parts(report: Report, limit: int) -> list[str]:
    """Return the parts in their order, with at most `limit` findings."""
    parts = [_verdict(report)]
    if report.results:
        parts.extend(_results(report))
    else:
        paste = report.paste and fenced(report.paste.rstrip(), "yaml")
        parts.extend((_step(report), _explanation(report), paste, _problems(report), _claims(report)))
    worst = next(iter(report.ordered_findings), None)
    loud = worst is not None and worst.severity is not Severity.NOTICE
    first = [each for each in report.findings if loud and worst and each.severity is worst.severity]
    heading = f"{worst.severity.value.capitalize()}s" if worst else ""
    parts.append(_titled(heading, _findings(first, limit)))
    if not report.results:
        parts.append(_publisher(report))
    if report.status is Status.DRY_RUN:
        payloads = [json.dumps(each.payload, indent=2) for each in report.results or (report,)]
        parts.append("\n\n".join(("### Payload", *(fenced(each, "json") for each in payloads))))
    others = [each for each in report.ordered_findings if each not in first]
    parts.extend(
        (
            _folded(_counted(others), _findings(others, limit)),
            _folded("Publishing chain", _chain(report)),
            _folded(f"{escaped(report.package_index.label)} said", _response(report)),
            _folded("Good to know", _notes(report)),
        )
    )
    return [part for part in parts if part]


def _bounded(parts: Iterable[str]) -> str:
    """Join the parts, as many as GitHub takes."""
    more = "\n\nThis summary is cut: the log of the step has the rest.\n"
    left = SIZE_LIMIT - len(more)
    taken: list[str] = []
    for part in parts:
        left -= len(part.encode()) + 2
        if left < 0:
            return "\n\n".join(taken) + more
        taken.append(part)
    return "\n\n".join(taken) + "\n"


def _titled(heading: str, content: str) -> str:
    return content and f"### {heading}\n\n{content}"


def _folded(title: str, content: str) -> str:
    """Return what is shown only when it is asked for."""
    return content and f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _verdict(report: Report) -> str:
    return f"## {_MARKS[report.mark]} {escaped(report.verdict)}"


def _results(report: Report) -> Iterator[str]:
    from pypi_setup.render import many

    if not many.are_many(report):
        yield from map(_section, report.results)
        return
    rows, rest = many.rows(report, _MARKS.__getitem__)
    if rows:
        yield table(many.HEADS, rows)
    yield from map(escaped, rest)


def _section(report: Report) -> str:
    project = report.publisher.project if report.publisher else ""
    heading = f"### {_MARKS[report.mark]} {escaped(project)}"
    return "\n\n".join(
        part for part in (heading, escaped(report.verdict), _step(report), _publisher(report)) if part
    )


def _step(report: Report) -> str:
    target = report.target
    link = f"**Next: [{escaped(target.label)}]({target.url})**"
    return f"{link}\n\n{escaped(report.action)}\n\n**Why:** {escaped(report.cause)}"


def _explanation(report: Report) -> str:
    if report.explanation is None:
        return ""
    from pypi_setup.render.explanation import markdown

    return markdown(report.explanation)


def _problems(report: Report) -> str:
    if not report.problems:
        return ""
    rows = [
        (problem.field, shortened(problem.value, 200), problem.rule, problem.fix)
        for problem in report.problems
    ]
    return table(("Input", "Given", "Rule", "Fix"), rows)


def _publisher(report: Report) -> str:
    """Return the values to register.

    Where they must be copied the cells are code blocks: GitHub gives each a button that copies it.
    """
    if not report.guidance or not report.publisher:
        return ""
    fields = report.guidance.fields
    copied = report.guidance.is_copied and not report.is_settled
    if not report.guidance.is_copied:
        fields = (("Project", report.publisher.project), *fields)
    cells = "\n".join(
        f"<tr><td>{escaped(label)}</td><td>\n\n{block}\n\n</td></tr>"
        if copied
        else f"<tr><td>{escaped(label)}</td><td>{block}</td></tr>"
        for label, value in fields
        for block in [_value(value, copied=copied) if value else "<i>leave empty</i>"]
    )
    parts = ["### Publisher", f"<table>\n{cells}\n</table>"]
    if report.place and not report.is_settled:
        page = f"[Register the publisher on {escaped(report.package_index.label)}]({report.fallback_url})"
        parts.insert(1, f"When the errors are fixed: {page}.")
    found = "; ".join(f"{each.field}: {each.value} (from {each.source})" for each in report.discovered)
    return "\n\n".join([*parts, f"Detected: {escaped(found)}."] if found else parts)


def _value(value: str, *, copied: bool) -> str:
    return fenced(value) if copied else f"<code>{escaped(value)}</code>"


def _claims(report: Report) -> str:
    if not report.rows:
        return ""
    rows = [
        (
            _VERDICTS[row.verdict],
            row.field,
            row.expected,
            row.got,
            "; ".join(filter(None, (row.sentence, row.fix))),
        )
        for row in report.rows
    ]
    return f"### The job's claims\n\n{table(('', 'Claim', 'Expected', 'Got', 'What to do'), rows)}"


def _findings(findings: Sequence[Finding], limit: int) -> str:
    if not findings:
        return ""
    more = len(findings) - limit
    rows = "\n".join(map(_finding, findings[:limit]))
    table = f"<table>\n{rows}\n</table>"
    return f"{table}\n\n… and {more} more: the output `findings` has all." if more > 0 else table


def _counted(findings: Sequence[Finding]) -> str:
    found = [each.severity.value for each in findings]
    words = ((found.count(each.value), each.value) for each in Severity)
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in words if count)


def _finding(finding: Finding) -> str:
    """Return a row of the table. Between blank lines a cell of HTML holds Markdown, code blocks included."""
    severity = finding.severity.value
    place = ""
    if finding.file is not None:
        place = f"<code>{escaped(finding.file)}</code>{f' line {finding.line}' if finding.line else ''}"
    what = f"{escaped(finding.message)}\n\n{_fix(finding.fix)}\n\n[{finding.rule}]({finding.url})"
    cells = "\n\n</td><td>\n\n".join((f"{_SIGNS[severity]} {severity}", place, what))
    return f"<tr><td>\n\n{cells}\n\n</td></tr>"


def _fix(fix: str) -> str:
    """Return a fix; of several lines a first one that ends in a colon is words, the rest is to be pasted."""
    first, _, rest = fix.partition("\n")
    if not rest:
        return f"Fix: {escaped(first)}"
    if first.endswith(":"):
        return f"Fix: {escaped(first)}\n\n{fenced(rest, 'yaml')}"
    return f"Fix:\n\n{fenced(fix, 'yaml')}"


def _chain(report: Report) -> str:
    if not report.chain:
        return ""
    return fenced(mermaid(report.chain), "mermaid")


def _response(report: Report) -> str:
    return fenced(report.response) if report.response else ""


def _notes(report: Report) -> str:
    return "\n".join(f"- {escaped(note)}" for note in report.good_to_know)
