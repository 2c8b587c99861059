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

from .about import __version__

if TYPE_CHECKING:
    from .finding import Finding, Severity
    from .index import Index, IndexProblem, Page, PageKind
    from .index import parse as parse_index
    from .publisher import BadInput, Problem, Publisher
    from .publisher import parse as parse_publisher
    from .report import Report
    from .setup import add_pending_publisher
    from .statuses import Status

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
    "finding": ("Finding", "Severity"),
    "index": ("Index", "IndexProblem", "Page", "PageKind"),
    "publisher": ("BadInput", "Problem", "Publisher"),
    "report": ("Report",),
    "setup": ("add_pending_publisher",),
    "statuses": ("Status",),
}
_MODULES = {name: (module, name) for module, names in _HOMES.items() for name in names}
_MODULES |= {"parse_index": ("index", "parse"), "parse_publisher": ("publisher", "parse")}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _MODULES[name]
    return getattr(import_module(f".{module}", __name__), attribute)
