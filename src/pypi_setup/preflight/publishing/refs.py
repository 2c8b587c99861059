"""On which branches and tags a workflow publishes: what its event and its conditions let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.syntax import patterns
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Partial, beginning
from pypi_setup.preflight.workflow import triggers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.workflow.model import Event

_ON_DEFAULT_BRANCH = frozenset({"repository_dispatch", "schedule", "workflow_run"})


class Refs(NamedTuple):
    """The branches or the tags on which one event starts a publishing job."""

    event: str
    file: str
    line: int
    kind: str
    """`branch` or `tag`."""

    names: tuple[patterns.Pattern, ...]
    """Empty for any."""

    texts: tuple[str, ...]
    """The same as they are written in the workflow."""

    release: bool
    """Whether this is how a release is made: by a tag."""


def refs_of(publication: Publication, repository: str, default_branch: str) -> Iterator[Refs]:
    """Give the refs on which the event of a publication starts its job; nothing where they are unknown.

    `repository` is `owner/name`; `default_branch` may be empty.
    """
    root, name = publication.situation.root, publication.situation.event
    event = root.on.get(name)
    if event is None or publication.runs is False:
        return
    for kind, texts in _of_event(event, default_branch):
        if _runs_on(kind, publication, repository):
            by_tag = kind == "tag" and (name == "release" or bool(texts))
            names = tuple(map(patterns.of_filter, texts))
            yield Refs(name, root.file, event.line, kind, names, texts, by_tag)


def _of_event(event: Event, default_branch: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the kinds of refs that an event sets, each with the filters of their names (none: any name)."""
    if event.name == "push":
        branches = event.branches is not None or event.branches_ignore is not None
        tags = event.tags is not None or event.tags_ignore is not None
        if branches or not tags:
            yield "branch", _filter(event.branches)
        if tags or not branches:
            yield "tag", _filter(event.tags)
    elif event.name == "release":
        yield "tag", ()
    elif event.name == "workflow_dispatch":
        yield "branch", ()
        yield "tag", ()
    elif event.name in _ON_DEFAULT_BRANCH:
        yield "branch", (default_branch,) if default_branch else ()


def _filter(names: tuple[Scalar, ...] | None) -> tuple[str, ...]:
    return tuple(each.text for each in names or () if not each.text.startswith("!"))


def _runs_on(kind: str, publication: Publication, repository: str) -> bool:
    """Tell whether the conditions let the job run on this kind of ref; False is certain."""
    situation = publication.situation
    if situation.placed.callers:
        return True
    known = triggers.contexts(situation.root, situation.event, repository=repository)
    ref = beginning("refs/tags/" if kind == "tag" else "refs/heads/")
    known["github"] = Partial({**known["github"], "ref": ref, "ref_type": kind, "ref_name": UNKNOWN})
    return triggers.runs(situation.root, situation.job, None, known) is not False
