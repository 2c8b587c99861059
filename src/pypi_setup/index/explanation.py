"""Why a verification ended as it did, and what its success does not prove: sentences for a person. No I/O.

The findings of the preflight and the newest release often know better than the index's answer why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.index.claims import is_called
from pypi_setup.index.obstacle import Obstacle
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pypi_setup.sources.lookup import Published
    from pypi_setup.values.comparison import Row
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

_NOT_PERMITTED = ("no-permission", "no-permission-pull-request")
_RULES_OF_TOKEN = ("id-token-missing", "caller-permissions", "fork-pull-request")
_RULES_OF_REGISTRATION = (
    "repository-moved",
    "repository-spelling",
    "pending-identity-shared",
    "pending-limit",
)
_RULES_OF_FIELD = {
    "owner": ("repository-moved", "repository-spelling"),
    "repository": ("repository-moved", "repository-spelling"),
    "workflow": ("reusable-workflow", "workflow-missing", "no-publishing-job"),
    "environment": ("environment-mismatch", "environment-expression", "environment-none"),
    "workflow ref": ("reusable-workflow",),
    "event": ("pull-request-target",),
}
"""The preflight rules that speak of the same thing as a row; the first that fired is named."""


def no_token(met: Obstacle, findings: Iterable[Finding]) -> Obstacle:
    """Say why GitHub offers the job no token; a finding of the preflight knows it best."""
    named = _first(findings, _RULES_OF_TOKEN) if met.key in _NOT_PERMITTED else None
    return _named(met, named) if named else met


def claims_differ(difference: Row, findings: Iterable[Finding]) -> Obstacle:
    """Say which claim differs, and name the finding that speaks of the same thing."""
    named = _first(findings, _RULES_OF_FIELD.get(difference.field, ()))
    place = f" ({_place(named)})" if named else ""
    return Obstacle(
        f"{difference.sentence}.",
        f"The {difference.field} differs: {difference.expected} is expected, the token says "
        f"{difference.got}{place}.",
        f"{difference.fix[:1].upper()}{difference.fix[1:]}.",
    )


def unmatched(
    met: Obstacle,
    publisher: Publisher,
    index: Index,
    findings: Iterable[Finding],
    published: Published | None,
) -> Obstacle:
    """Say why no publisher matches although every claim is right: what is registered must be another one."""
    if met.code != "invalid-publisher" or UNMATCHED not in met.description:
        return met
    named = _first(findings, _RULES_OF_REGISTRATION)
    if named:
        return _named(met, named)
    if published:
        likely, mend = _from_release(publisher, published, index)
        return met._replace(likely=f"Most likely {likely}", mend=mend)
    return met


def _from_release(publisher: Publisher, published: Published, index: Index) -> tuple[str, str]:
    """Compare with who published the newest attested file: PyPI trusted that one then."""
    wanted = {
        "repository": (f"{publisher.owner}/{publisher.repository}", published.repository),
        "workflow": (publisher.workflow_filename, published.workflow),
        "environment": (publisher.environment.lower(), published.environment.lower()),
    }
    differences = [
        f"{field} {_name(there)}, not {_name(here)}"
        for field, (here, there) in wanted.items()
        if here != there
    ]
    filename = one_line(published.filename, 100)
    if not differences:
        return (
            f"the publisher was removed, or the owner's account was made again under its old name: "
            f"{filename} was published by exactly this one.",
            f"Look at the publishers that {index.label} lists behind the link, and register it again.",
        )
    return (
        f"another publisher is registered: {filename} was published by {'; '.join(differences)}.",
        "Publish as that one does, or register this publisher through the link.",
    )


def proof_notes(
    publisher: Publisher, index: Index, claims: Mapping[str, object], *, project_exists: bool | None
) -> tuple[str, ...]:
    """Return what a success does not prove, and what it may have brought about."""
    pending = (
        f"{index.label} looks for a pending publisher first: had one with these values been waiting for "
        "another project, the exchange has created that project."
    )
    created = (
        f"If a pending publisher for {publisher.project} was waiting, the project exists now, without files. "
        "If it still does not exist, the publisher that matched is another project's, and the upload of "
        "this one will be refused."
    )
    ignored = (
        f"The job has an environment, the publisher does not ask for one: {index.label} mails the project's "
        "owners the advice to add it.",
    )
    return (
        f"It proves that {index.label} has a publisher for this job. An upload token covers all projects of "
        f"that publisher; that {publisher.project} is among them only the upload proves.",
        pending if project_exists else created,
        *(ignored if claims.get("environment") and not publisher.environment else ()),
    )


def claims_notes(publisher: Publisher, claims: Mapping[str, object]) -> tuple[str, ...]:
    """Return what right claims do not prove."""
    ref = one_line(str(claims.get("ref") or claims.get("sha")), 100)
    protected = (
        f"This run was for {ref}. The index takes any branch or tag; whether GitHub lets the release's tag "
        f"into the environment {publisher.environment} is decided by the environment's deployment rules.",
    )
    called = (
        f"This job stands in a called workflow ({publisher.workflow_filename}): attestations would name the "
        "caller, and an upload with them is refused. Publish with `attestations: false`, or from a workflow "
        "that is not called.",
    )
    return (
        *(protected if publisher.environment and not ref.startswith("refs/tags/") else ()),
        *(called if is_called(claims) else ()),
    )


def _named(met: Obstacle, finding: Finding) -> Obstacle:
    """Let a finding of the preflight say why."""
    return met._replace(
        likely=f"Most likely: {one_line(finding.message)} ({_place(finding)})", mend=finding.fix
    )


def _name(value: str) -> str:
    return one_line(value, 100) or "(none)"


def _first(findings: Iterable[Finding], rules: tuple[str, ...]) -> Finding | None:
    by_rule = {finding.rule: finding for finding in reversed(list(findings))}
    return next((by_rule[rule] for rule in rules if rule in by_rule), None)


def _place(finding: Finding) -> str:
    place = f", {finding.file}" if finding.file else ""
    return f"{finding.rule}{place}" + (f" line {finding.line}" if finding.line else "")
