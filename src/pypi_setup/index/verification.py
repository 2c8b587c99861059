"""`verify`'s proof: by the job's own token, that an index will let it publish.

Four steps: the index's audience, GitHub's token for it, the comparison of its claims, and, only where that is
harmless, the exchange for an upload token. Nothing here raises for anything that GitHub, the index or the
network does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.index import explanation
from pypi_setup.index.claims import compared, decoded, differing, shown
from pypi_setup.index.exchange import minted, obtained
from pypi_setup.index.obstacle import Obstacle, obstacle
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pypi_setup.sources.lookup import Published
    from pypi_setup.transport import Client
    from pypi_setup.values.comparison import Row
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

_OK = 200


class Verification(NamedTuple):
    """What was proved. No field ever holds a token."""

    status: Status
    """VERIFIED, CLAIMS_MATCH or NOT_VERIFIED."""

    detail: str
    """Not verified: what happened. Claims match: why nothing was exchanged. Empty if verified."""

    likely: str = ""
    """Not verified: why, the claim that differs first."""

    mend: str = ""
    """Not verified: the next step."""

    claims: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default; nobody writes to it
    """The claims that PyPI compares; empty if there was no token."""

    rows: tuple[Row, ...] = ()
    """The claims beside the publisher; empty if there was no token."""

    exchanged: bool = False
    """Whether the index was asked to exchange the token."""

    code: str = ""
    """The index's error code, where it refused."""

    description: str = ""
    """The index's description of the error, harmless and bounded."""

    http_status: int | None = None
    """The index's last HTTP status; None if none came."""

    response: str | None = None
    """The index's own words, harmless and bounded; None where there are none, or a token could be in them."""

    notes: tuple[str, ...] = ()
    """What the outcome does not prove, and what it brought about."""

    @property
    def verified(self) -> bool:
        """Tell whether the index exchanged the token."""
        return self.status is Status.VERIFIED

    @property
    def is_unregistered(self) -> bool:
        """Tell whether the index refused because no publisher is registered that the job could use."""
        return self.code in {"invalid-publisher", "invalid-pending-publisher"}


def verify(
    publisher: Publisher,
    index: Index,
    client: Client,
    *,
    project_exists: bool | None,
    exchange: bool,
    allow_create: bool,
    mask: Callable[[str], None],
    beside: Iterable[tuple[str, bool | None]] = (),
    findings: Iterable[Finding] = (),
    published: Published | None = None,
) -> Verification:
    """Prove that the job this runs in may publish as `publisher`. Never raises.

    `project_exists` is what a look-up said, None if it is not known: the exchange could create a project
    that does not exist, so it is then made only with `allow_create`, and never where `exchange` is false or
    a claim differs. `beside` says the same of the projects that are to have a publisher with the same
    identity: the exchange would create those as well. `mask` is called with each token before anything else
    is done with it. `findings` of the preflight and `published` (who published the last release) help to say
    why the index refused.
    """
    token = obtained(index, client, mask)
    if isinstance(token, Obstacle):
        return _not_verified(explanation.no_token(token, findings))
    claims = decoded(token.reveal())
    if claims is None:
        return _not_verified(obstacle("token-malformed", index))
    rows = compared(publisher, claims)
    known = Verification(Status.NOT_VERIFIED, "", claims=shown(claims), rows=rows)
    difference = differing(rows)
    if difference:
        return _not_verified(explanation.claims_differ(difference, findings), known)
    projects = [(publisher.project, project_exists), *beside]
    held_back = _held_back(projects, index, exchange=exchange, allow_create=allow_create)
    if held_back:
        notes = explanation.claims_notes(publisher, claims)
        return known._replace(status=Status.CLAIMS_MATCH, detail=held_back, notes=notes)
    known = known._replace(exchanged=True)
    refused = minted(token, index, client, mask)
    if refused:
        return _not_verified(explanation.unmatched(refused, publisher, index, findings, published), known)
    proved = explanation.proof_notes(publisher, index, claims, project_exists=project_exists)
    notes = (*proved, *explanation.claims_notes(publisher, claims))
    return known._replace(status=Status.VERIFIED, http_status=_OK, notes=notes)


def _not_verified(met: Obstacle, known: Verification | None = None) -> Verification:
    known = known or Verification(Status.NOT_VERIFIED, "")
    return known._replace(
        detail=met.detail,
        likely=met.likely,
        mend=met.mend,
        code=met.code,
        description=met.description,
        http_status=met.http_status,
        response=met.response,
    )


def _held_back(
    projects: Iterable[tuple[str, bool | None]], index: Index, *, exchange: bool, allow_create: bool
) -> str:
    """Return why the exchange is not made; empty if it is."""
    if not exchange:
        return (
            "The exchange is switched off (exchange: false), so whether such a publisher is registered on "
            f"{index.label} is not proved."
        )
    project, exists = next(((name, exists) for name, exists in projects if not exists), ("", True))
    if exists or allow_create:
        return ""
    would = (
        f"the exchange would create it: {index.label} would turn the pending publisher that matches into the "
        f"project {project}, without files, and mail the person who registered it. Set allow-create to true "
        "where that is wanted."
    )
    if exists is None:
        return f"Whether {project} exists on {index.label} could not be found out; if it does not, {would}"
    return f"{project} does not exist on {index.label}, and {would}"
