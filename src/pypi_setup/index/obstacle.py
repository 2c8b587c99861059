"""What kept a verification from going further, in words for a person. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.index.oidc_answers import EXPLAINED
from pypi_setup.transport import Failure

if TYPE_CHECKING:
    from pypi_setup.transport import Answer
    from pypi_setup.values.index import Index


class Obstacle(NamedTuple):
    """Why it went no further."""

    detail: str
    likely: str
    fix: str
    code: str = ""
    description: str = ""
    http_status: int | None = None
    response: str | None = None
    key: str = ""
    """Its row in the table `EXPLAINED`; empty where the index refused with a code."""


def obstacle(key: str, index: Index, answer: Answer | None = None, **facts: str) -> Obstacle:
    """Return the obstacle of this row of `EXPLAINED`, its texts filled in with the facts of this run."""
    meant = EXPLAINED[key]
    holes = {"index": index.label, "http": str(answer.status) if answer else "", **facts}
    met = Obstacle(
        meant.detail.format_map(holes), meant.likely.format_map(holes), meant.fix.format_map(holes), key=key
    )
    return met._replace(http_status=answer.status, response=answer.words) if answer else met


def no_answer(what: str, answer: Answer, index: Index) -> Obstacle:
    """Return the obstacle where the index gave no answer to `audience` or to `mint`."""
    key = f"{what}-{'timeout' if answer.failure is Failure.TIMEOUT else 'network'}"
    return obstacle(key, index, reason=answer.detail)
