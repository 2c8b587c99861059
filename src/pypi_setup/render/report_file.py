"""The full report as a file, in the form that the file's ending names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values.statuses import SURVEYS

if TYPE_CHECKING:
    from pypi_setup.values.report import Report


def content(report: Report, name: str) -> str:
    """Return the text of a file of this name: JSON, JSON Lines, CSV, HTML or SARIF, else Markdown."""
    ending = name.rpartition(".")[2].lower()
    if ending in {"json", "jsonl"}:
        from pypi_setup.render import jsonline

        return jsonline.lines(report) if ending == "jsonl" else f"{jsonline.line(report)}\n"
    if ending == "csv":
        from pypi_setup.render import spreadsheet

        return spreadsheet.table(report)
    if ending in {"html", "htm"}:
        from pypi_setup.render import page

        return page.page(report)
    if ending == "sarif":
        from pypi_setup.render import sarif

        return sarif.log(report)
    if report.status in SURVEYS:
        from pypi_setup.render import survey

        return survey.markdown(report)
    from pypi_setup.render import summary

    return summary.whole(report)
