"""Whether a publisher that matched covers the project that was asked for: all the evidence there is. No I/O.

The exchange proves that some publisher matches the job. Its upload token tells how many projects that one
covers (see `scope`), the index tells whether the project exists now, and the provenance of its newest
attested file which publisher it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.index.claims import Identity, identity
from pypi_setup.sources.lookup import GITHUB
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.index.scope import Scope
    from pypi_setup.sources.lookup import Published
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher


class Evidence(NamedTuple):
    """What is known after an exchange."""

    scope: Scope
    """What the upload token tells."""

    existed: bool | None
    """Whether the project existed before; None if that is not known."""

    exists: bool | None
    """Whether it exists now."""

    published: Published | None
    """Which publisher its newest attested file came from."""

    asked: int
    """For how many projects the same publisher was asked for."""


class Coverage(NamedTuple):
    """Whether the project is covered."""

    covers: bool | None
    """None where it cannot be told."""

    sentence: str
    """What is known of it: goes on after the verdict that a publisher matches."""

    likely: str = ""
    """Not covered: why."""

    fix: str = "Release as usual, from this workflow and environment."
    """The next step."""


def coverage(publisher: Publisher, index: Index, claims: Mapping[str, object], known: Evidence) -> Coverage:
    """Return whether the publisher that matched these claims covers the project."""
    project, (count, named) = publisher.project, known.scope
    refuted = _refuted(project, index, known)
    if refuted:
        return refuted
    if named:
        return Coverage(covers=True, sentence=f"It covers {project}.")
    if known.existed is False and known.exists:
        return Coverage(covers=True, sentence=f"It covers {project}, which the exchange has just created.")
    if known.published and _is_of(claims, known.published):
        filename = one_line(known.published.filename, 100)
        sentence = f"The newest attested file of {project}, {filename}, came from it."
        return Coverage(covers=True, sentence=sentence)
    if count is not None and count < known.asked:
        return Coverage(
            covers=False,
            sentence=f"{index.label} exchanged the token, but it covers {_counted(count)}, and {known.asked} "
            "were asked for.",
            likely="The publisher that matches is registered for some of them only; whether "
            f"{project} is one of these is not known.",
            fix=f"Open the link and see whether {project} lists this publisher; if not, add it there too.",
        )
    which = "" if count is None else f" It covers {_counted(count)}; {index.label} does not say which."
    return Coverage(
        covers=None,
        sentence=f"This proves that a publisher matches, not that it covers {project}.{which}",
        fix=f"Open the link and see that {project} lists this publisher; then release from this workflow "
        "and environment.",
    )


def _refuted(project: str, index: Index, known: Evidence) -> Coverage | None:
    """Return why the project is certainly not covered; None where nothing says so."""
    count, named = known.scope
    if known.exists is False:
        return Coverage(
            covers=False,
            sentence=f"{index.label} exchanged the token, and {project} still does not exist: what matched "
            "was for another project.",
            likely="A pending publisher with these values waited for another name, and that project exists "
            "now; or a publisher of another project matches this job.",
            fix=f"Look at your projects on {index.label} for one that is new and empty. Then register "
            f"{project} through the link, with an environment of its own. If {project} itself was created "
            "just now, its page can be some minutes late.",
        )
    if named is False or count == 0:
        return Coverage(
            covers=False,
            sentence=f"{index.label} exchanged the token, but the publisher that matches does not cover "
            f"{project}.",
            likely=f"The upload token is good for {_counted(count or 0)}: {project} is not among them.",
            fix=f"Add the same publisher to {project} through the link: one can serve several projects.",
        )
    return None


def _counted(count: int) -> str:
    return {0: "no project", 1: "one project"}.get(count, f"{count} projects")


def _is_of(claims: Mapping[str, object], published: Published) -> bool:
    """Tell whether a file came from the publisher that matched these claims.

    Of several publishers that fit PyPI takes the one with the job's environment, and only without such a one
    the one that has none: so the file's must have the environment of the job.
    """
    named = Identity(published.repository, published.workflow, published.environment.lower())
    return published.kind == GITHUB and named == identity(claims)
