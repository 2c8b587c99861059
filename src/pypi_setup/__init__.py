"""Set up PyPI Trusted Publishing for a GitHub repository.

    publisher = parse_publisher("sample-project", "octo-org", "sample-project", "release.yml", "pypi")
    report = add_pending_publisher(publisher, token, "https://pypi.example.org")
    print(report.success, report.status.value, report.http_status, report.message, report.fallback_url)

What can be imported from here is public, nothing else is. Each name is loaded when it is first used, so that
importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pypi_setup.about import __version__

if TYPE_CHECKING:
    from pypi_setup.commands.register import add_pending_publisher
    from pypi_setup.values.finding import Finding, Severity
    from pypi_setup.values.index import Index, IndexProblem, Page, PageKind
    from pypi_setup.values.index import parse as parse_index
    from pypi_setup.values.publisher import BadInput, Problem, Publisher
    from pypi_setup.values.publisher import parse as parse_publisher
    from pypi_setup.values.report import Report
    from pypi_setup.values.statuses import Status

__all__ = [
    "BadInput",
    "Finding",
    "Index",
    "IndexProblem",
    "Page",
    "PageKind",
    "Problem",
    "Publisher",
    "Report",
    "Severity",
    "Status",
    "__version__",
    "add_pending_publisher",
    "parse_index",
    "parse_publisher",
]

_HOMES = {
    "values.finding": ("Finding", "Severity"),
    "values.index": ("Index", "IndexProblem", "Page", "PageKind"),
    "values.publisher": ("BadInput", "Problem", "Publisher"),
    "values.report": ("Report",),
    "commands.register": ("add_pending_publisher",),
    "values.statuses": ("Status",),
}
_MODULES = {name: (module, name) for module, names in _HOMES.items() for name in names}
_MODULES |= {"parse_index": ("values.index", "parse"), "parse_publisher": ("values.publisher", "parse")}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _MODULES[name]
    return getattr(import_module(f".{module}", __name__), attribute)
