"""A report as one HTML page without scripts, which can be mailed: nothing in it is fetched from elsewhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from pypi_setup.about import __version__
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line, shortened, visible
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import SURVEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.values.finding import Finding
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.report import Report

_WORDS_LIMIT = 4000
_SIGNS = {Mark.DONE: "✓", Mark.TURN: "→", Mark.BROKEN: "✗", Mark.UNKNOWN: "?"}
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left; vertical-align: top; }
td, li, p { overflow-wrap: anywhere; }
pre { background: #8882; overflow-x: auto; padding: .6rem; white-space: pre-wrap; }
"""
_HEADS = ("Project", "Result", "Repository", "Workflow", "Environment", "Findings", "Next step")


def page(report: Report) -> str:
    """Return the page."""
    every = report.results or (report,)
    title = f"pypi-setup: {report.status.value}"
    body = (
        f"<h1>{_words(report.message)}</h1>",
        f"<p>{_words(report.action)} {_link(report.fallback_url, report.package_index.label)}</p>",
        f"<p>Why: {_words(report.cause)}</p>",
        _problems(report),
        _results(report, every),
        _section("Findings", map(_finding, report.ordered_findings), "ol"),
        *(
            f"<h2>{_words(each.package_index.label)} said</h2>\n{_code(each.response)}"
            for each in every
            if each.response
        ),
        _section("Good to know", (f"<li>{_words(note)}</li>" for note in report.good_to_know), "ul"),
        f"<p><small>pypi-setup {_words(__version__)}</small></p>",
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_words(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body>\n</html>\n"
    )


def _words(text: str) -> str:
    """Return text that shows exactly this, on one line."""
    return html.escape(one_line(text, _WORDS_LIMIT))


def _code(text: str) -> str:
    """Return a block that shows exactly this text."""
    return f"<pre>{html.escape(visible(shortened(text, _WORDS_LIMIT), keep=chr(10)))}</pre>"


def _link(address: str, words: str) -> str:
    """Return a link; its address is one that pypi-setup made, on an index or in its own documentation."""
    return f'<a href="{html.escape(address)}">{_words(words)}</a>'


def _results(report: Report, every: Iterable[Report]) -> str:
    if report.status in SURVEYS:
        from pypi_setup.render import survey

        return _table(("", *survey.HEADS), map(_surveyed, every))
    if report.publisher is None:
        return ""
    return _table(_HEADS, (_row(each, each.publisher) for each in every if each.publisher))


def _surveyed(row: Report) -> tuple[str, ...]:
    from pypi_setup.render import survey

    link = _link(row.fallback_url, row.package_index.label) if row.needs_a_person else ""
    return (_SIGNS[row.mark], *map(_words, survey.row_texts(row)[:-1]), link)


def _row(report: Report, publisher: Publisher) -> tuple[str, ...]:
    severities = [finding.severity for finding in report.findings]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    return (
        _words(publisher.project),
        f"{_SIGNS[report.mark]} {_words(report.status.value)}",
        _words(f"{publisher.owner}/{publisher.repository}"),
        _words(publisher.workflow_filename),
        _words(publisher.environment) or "<i>none</i>",
        ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count),
        f"{_words(report.action)} {_link(report.fallback_url, report.package_index.label)}",
    )


def _problems(report: Report) -> str:
    rows = (
        tuple(map(_words, (each.field, shortened(each.value, 200), each.rule, each.fix)))
        for each in report.problems
    )
    return _table(("Input", "Given", "Rule", "Fix"), rows) if report.problems else ""


def _finding(finding: Finding) -> str:
    place = f"{finding.file}{f':{finding.line}' if finding.line else ''}: " if finding.file else ""
    return (
        f"<li><b>{_words(finding.severity.value)}</b> {_link(finding.url, finding.rule)}: "
        f"{_words(place + finding.message)}\n{_code(finding.fix)}</li>"
    )


def _section(title: str, items: Iterable[str], kind: str) -> str:
    shown = "\n".join(items)
    return f"<h2>{title}</h2>\n<{kind}>\n{shown}\n</{kind}>" if shown else ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    lines = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>"
