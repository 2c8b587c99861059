"""What a checkout offers to `init`: its projects, its workflows, and how it spells a version tag.

Local facts only; nothing is asked on the network, nothing is run but git.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.discovery.discover import root
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.workflow.calls import FOLDER
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.git import version_prefix
from pypi_setup.sources.making import Made, made
from pypi_setup.sources.projects import listed, projects
from pypi_setup.values.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pypi_setup.sources.projects import Projects
    from pypi_setup.values.index import Index

_ASIDE = frozenset({"test", "tests", "testing", "example", "examples", "doc", "docs", "fixtures", "bench"})
"""Folders whose projects nobody publishes, unless a workspace counts them among its members."""


class Candidate(NamedTuple):
    """A project of the checkout that could be published."""

    project: str
    folder: str
    """Its path from the root; empty for the root."""

    made: Made


class Ground(NamedTuple):
    """What is there."""

    root: Path
    candidates: tuple[Candidate, ...]
    """Those next to the root first."""

    usual: tuple[Candidate, ...]
    """Those that a release of this repository surely means; empty where that cannot be told."""

    unsaid: tuple[str, ...]
    """Why a file that seems to name a project does not, in words."""

    workflows: tuple[str, ...]
    """The names of all workflow files."""

    publishing: tuple[str, ...]
    """Those that upload to the index."""

    tag: str | None
    """What a version tag begins with: `v`, or nothing; None where there is none yet."""


def ground(folder: Path, index: Index, environ: Mapping[str, str]) -> Ground:
    """Return what the checkout around this folder offers. Never raises."""
    top = root(folder.resolve())
    files = Checkout(top)
    search = projects(files, listed(top))
    places = {name.text: posixpath.dirname(name.file) for name in reversed(search.names)}
    found = tuple(Candidate(name, place, made(files, place)) for name, place in reversed(places.items()))
    candidates = tuple(one for one in found if not one.made.is_private)
    glance = Evidence((Publisher("", "", "", "", ""),), index, files)
    return Ground(
        top,
        candidates,
        _usual(candidates, search),
        search.unsaid,
        tuple(files.names(FOLDER)),
        tuple(sorted({posixpath.basename(each.file) for each in glance.elsewhere})),
        version_prefix(top, environ),
    )


def _usual(candidates: tuple[Candidate, ...], search: Projects) -> tuple[Candidate, ...]:
    """Return the members of a workspace with its root's own project; else the root's, else the only one."""
    members = {name.text for name in search.of_workspace()}
    own = [one for one in candidates if not one.folder]
    inside = [one for one in candidates if one.project in members and one.folder]
    if own or inside:
        return (*own, *inside)
    others = [one for one in candidates if _ASIDE.isdisjoint(one.folder.split("/"))]
    return tuple(others) if len(others) == 1 else ()
