"""The claims in a log beside a publisher, and the publisher that the claims make. No I/O.

A log shows only some of a token's claims. What it does not show is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.index.claims import compared
from pypi_setup.values import publisher as publishers
from pypi_setup.values.comparison import Verdict
from pypi_setup.values.explanation import Difference
from pypi_setup.values.publisher import BadInput

if TYPE_CHECKING:
    from pypi_setup.log.claims import Claims
    from pypi_setup.values.publisher import Publisher

_NEEDED = {
    "owner": ("repository",),
    "repository": ("repository",),
    "workflow": ("job_workflow_ref",),
    "workflow ref": ("job_workflow_ref", "repository", "ref"),
    "event": ("event_name",),
}
"""The claims that each field's judgement needs."""


def differences(publisher: Publisher, claims: Claims) -> tuple[Difference, ...]:
    """Return where the claims are not the publisher's, in the order in which PyPI looks."""
    shown = claims.mapping
    found = []
    for row in compared(publisher, shown):
        known = claims.has_environment if row.field == "environment" else row.field in _NEEDED
        if (
            row.verdict is Verdict.DIFFERS
            and known
            and all(name in shown for name in _NEEDED.get(row.field, ()))
        ):
            found.append(Difference(row.field, row.got, row.expected, row.sentence, row.fix))
    return tuple(found)


def presented(claims: Claims, project: str) -> Publisher | None:
    """Return the publisher that would match these claims; None if they do not tell it.

    `project` is the project's name, which no claim has; where it is empty there is no publisher.
    """
    shown = claims.mapping
    owner, _, repository = shown.get("repository", "").partition("/")
    file = workflow_file(claims)
    if not (project and file and claims.has_environment):
        return None
    try:
        return publishers.parse(project, owner, repository, file, shown.get("environment", ""))
    except BadInput:
        return None


def workflow_file(claims: Claims) -> str:
    """Return the file name of the workflow that holds the job; empty where the claims do not tell it."""
    path = claims.mapping.get("job_workflow_ref", "").partition("@")[0]
    folder, _, name = path.rpartition("/")
    return name if folder.endswith("/.github/workflows") else ""
