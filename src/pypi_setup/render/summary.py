"""A report as GitHub-flavoured Markdown: the job summary.

In this order: the verdict, the one next step with its link, the publisher to copy from, the findings, what
comes after. Text from outside cannot break out of its place: in running text each character that means
something to
Markdown or HTML is a character reference, in code it stands in a fence that is longer than any in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pypi_setup.render.chain import mermaid
from pypi_setup.values.harmless import one_line, shortened, visible
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report

SIZE_LIMIT = 1024 * 1024
"""Bytes that GitHub takes for the summary of a step."""

_FINDINGS_LIMIT = 100
_WORDS_LIMIT = 4000
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&@$!]|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_LIST = re.compile(r"\A(?:(\d+)(?=[.)](?:\s|\Z))|(?=[-+]))(.)")  # What begins a list, or a rule.
_SIGNS = {"error": "🔴", "warning": "🟡", "notice": "🔵"}
_MARKS = {Mark.DONE: "✅", Mark.TURN: "➡️", Mark.BROKEN: "❌", Mark.UNKNOWN: "❔"}
_VERDICTS = {"ok": "✅", "differs": "❌", "unknown": "❔"}


def summary(report: Report) -> str:
    """Return the job summary."""
    parts = [_verdict(report)]
    if report.results:
        parts.extend(_section(result) for result in report.results)
    else:
        paste = report.paste and fenced(report.paste.rstrip(), "yaml")
        parts.extend((_step(report), paste, _problems(report), _publisher(report), _claims(report)))
    if report.status is Status.DRY_RUN:
        payloads = [json.dumps(each.payload, indent=2) for each in report.results or (report,)]
        parts.append("\n\n".join(("### Payload", *(fenced(each, "json") for each in payloads))))
    parts.extend((_findings(report.ordered_findings), _chain(report), _response(report), _notes(report)))
    return _bounded(part for part in parts if part)


def escaped(words: str) -> str:
    """Return text for a line of Markdown that shows exactly this text."""
    text = _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", one_line(words, _WORDS_LIMIT))
    return _LIST.sub(lambda match: f"{match[1] or ''}&#{ord(match[2])};", text)


def fenced(code: str, language: str = "text") -> str:
    """Return a code block that shows exactly this text."""
    code = visible(shortened(code, _WORDS_LIMIT), keep="\n")
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


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


def _verdict(report: Report) -> str:
    return f"## {_MARKS[report.mark]} {escaped(report.message)}"


def _section(report: Report) -> str:
    project = report.publisher.project if report.publisher else ""
    heading = f"### {_MARKS[report.mark]} {escaped(project)}"
    return "\n\n".join(
        part for part in (heading, escaped(report.message), _step(report), _publisher(report)) if part
    )


def _step(report: Report) -> str:
    purpose = "review the publisher" if report.is_settled else "register the publisher"
    if report.publisher is None:
        purpose = "the page of your publishers"  # What is next is not there.
    link = f"[**{escaped(report.package_index.label)}: {purpose}**]({report.fallback_url})"
    return f"**Next:** {link}\n\n{escaped(report.action)}\n\n**Why:** {escaped(report.cause)}"


def _problems(report: Report) -> str:
    if not report.problems:
        return ""
    rows = [
        (problem.field, shortened(problem.value, 200), problem.rule, problem.fix)
        for problem in report.problems
    ]
    return _table(("Input", "Given", "Rule", "Fix"), rows)


def _publisher(report: Report) -> str:
    """Return the values in a table whose cells are code blocks: GitHub gives each a button that copies it."""
    if not report.guidance or not report.publisher:
        return ""
    fields = report.guidance.fields
    if not report.guidance.is_copied:
        fields = (("Project", report.publisher.project), *fields)
    cells = "\n".join(
        f"<tr><td>{escaped(label)}</td><td>\n\n{block}\n\n</td></tr>"
        for label, value in fields
        for block in [fenced(value) if value else "<i>leave empty</i>"]
    )
    table = f"### Publisher\n\n<table>\n{cells}\n</table>"
    found = "; ".join(f"{each.field}: {each.value}, from {each.source}" for each in report.discovered)
    return f"{table}\n\nFound, since it was not given: {escaped(found)}." if found else table


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
    return f"### The job's claims\n\n{_table(('', 'Claim', 'Expected', 'Got', 'What to do'), rows)}"


def _findings(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return ""
    more = len(findings) - _FINDINGS_LIMIT
    heads = "<tr><th></th><th>Where</th><th>What, why, and how to mend it</th></tr>"
    rows = "\n".join(map(_finding, findings[:_FINDINGS_LIMIT]))
    table = f"### Findings\n\n<table>\n{heads}\n{rows}\n</table>"
    return f"{table}\n\n… and {more} more: the output `findings` has all." if more > 0 else table


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
    return f"### From the trigger to the project\n\n{fenced(mermaid(report.chain), 'mermaid')}"


def _response(report: Report) -> str:
    if not report.response:
        return ""
    return f"### {escaped(report.package_index.label)} said\n\n{fenced(report.response)}"


def _notes(report: Report) -> str:
    if not report.good_to_know:
        return ""
    return "\n".join(("### What comes next\n", *(f"- {escaped(note)}" for note in report.good_to_know)))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *(tuple(map(escaped, cells)) for cells in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
