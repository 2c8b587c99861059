"""`verify`'s proof: by the job's own token, that an index will let it publish.

Five steps: the index's audience, GitHub's token for it, the comparison of its claims, the exchange for an
upload token, and what that one covers. Where all projects exist the index is asked whatever the comparison
says, and its answer counts. Nothing here raises for anything that GitHub, the index or the network does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.index import explanation
from pypi_setup.index.claims import compared, decoded, differing, shown
from pypi_setup.index.coverage import Evidence, coverage
from pypi_setup.index.exchange import minted, obtained
from pypi_setup.index.explanation import Situation
from pypi_setup.index.obstacle import Obstacle, obstacle
from pypi_setup.sources.lookup import look_up
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

    fix: str = ""
    """Verified or not: the next step."""

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

    project_exists: bool | None = None
    """Whether the project exists after all this; None if that is not known."""

    covers: bool | None = None
    """Whether the publisher that matched covers the project; None if that is not known."""

    covered: str = ""
    """Verified: what is known of that, and of a disagreement; sentences that go on after the verdict."""

    disagrees: bool = False
    """Whether it is verified although a claim differs from what was expected."""

    @property
    def verified(self) -> bool:
        """Tell whether the index exchanged the token."""
        return self.status is Status.VERIFIED

    @property
    def is_unregistered(self) -> bool:
        """Tell whether no publisher is registered by which the job could publish this project."""
        refused = self.code in {"invalid-publisher", "invalid-pending-publisher"}
        return self.covers is False or (refused and not differing(self.rows))


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
    announce: Callable[[str], None] | None = None,
) -> Verification:
    """Prove that the job this runs in may publish as `publisher`. Never raises.

    `project_exists` is what a look-up said, None if it is not known: the exchange could create a project
    that does not exist, so it is then made only with `allow_create`, and not where a claim differs; never
    where `exchange` is false. `beside` says the same of the projects that are to have a publisher with the
    same identity: the exchange would create those as well. `mask` is called with each token before anything
    else is done with it, and `announce`, before the exchange, with a sentence on what that can bring about.
    `findings` of the preflight and `published` (who published the last release) help to say why the index
    refused, and what the publisher covers.
    """
    known = Verification(Status.NOT_VERIFIED, "", project_exists=project_exists)
    granted = obtained(index, client, mask)
    if isinstance(granted, Obstacle):
        return _not_verified(explanation.no_token(granted, findings), known)
    claims = decoded(granted.token.reveal())
    if claims is None:
        return _not_verified(obstacle("token-malformed", index), known)
    known = known._replace(claims=shown(claims), rows=compared(publisher, claims))
    situation = Situation(publisher, index, claims, granted.audience, tuple(findings), published)
    projects = [(publisher.project, project_exists), *beside]
    held_back = _held_back(projects, index, exchange=exchange, allow_create=allow_create)
    difference = differing(known.rows)
    if difference and (held_back or not all(exists for _, exists in projects)):
        return _not_verified(explanation.claims_differ(difference, situation, None), known)
    if held_back:
        notes = explanation.claims_notes(publisher, claims)
        return known._replace(status=Status.CLAIMS_MATCH, detail=held_back, notes=notes)
    if announce:
        announce(explanation.before_exchange(index))
    scope = minted(granted.token, publisher.name, index, client, mask)
    known = known._replace(exchanged=True)
    if isinstance(scope, Obstacle):
        told = (
            explanation.claims_differ(difference, situation, scope)
            if difference
            else explanation.refused(scope, situation)
        )
        return _not_verified(told, known)
    exists = project_exists or look_up(publisher.name, index, client).exists
    evidence = Evidence(scope, project_exists, exists, published, len(projects))
    return _proved(known._replace(project_exists=exists), situation, evidence, difference)


def _proved(
    known: Verification, situation: Situation, evidence: Evidence, difference: Row | None
) -> Verification:
    """Return what a successful exchange proves."""
    publisher, index, claims = situation.publisher, situation.package_index, situation.claims
    found = coverage(publisher, index, claims, evidence)
    notes = (
        *explanation.proof_notes(publisher, index, claims, existed=evidence.existed),
        *explanation.claims_notes(publisher, claims),
    )
    known = known._replace(http_status=_OK, notes=notes, covers=found.covers, fix=found.fix)
    if found.covers is False:
        return known._replace(detail=found.sentence, likely=found.likely)
    known = known._replace(status=Status.VERIFIED, covered=found.sentence)
    if difference:
        said, fix = explanation.disagreement(difference, index)
        return known._replace(covered=f"{said} {found.sentence}", fix=fix, disagrees=True)
    return known


def _not_verified(met: Obstacle, known: Verification) -> Verification:
    return known._replace(
        detail=met.detail,
        likely=met.likely,
        fix=met.fix,
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
