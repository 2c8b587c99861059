"""Why a verification ended as it did, and what its success does not prove: sentences for a person. No I/O.

The findings of the preflight and the newest release often know better than the index's answer why.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL
from pypi_setup.index.claims import is_called
from pypi_setup.index.obstacle import Obstacle
from pypi_setup.index.oidc_answers import Flaw, refusal
from pypi_setup.sources.lookup import GITHUB
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

_GIVEN = {"owner", "repository", "workflow", "environment"}
"""The fields of a publisher; a difference in any other one is against PyPI's own rules."""

_LEEWAY = 30
"""Seconds that PyPI lets clocks differ (warehouse/oidc/services.py)."""

_LIFE = 15 * 60
"""Seconds after which no token of GitHub's is alive: they last for 5 to 10 minutes."""


def no_token(met: Obstacle, findings: Iterable[Finding]) -> Obstacle:
    """Say why GitHub offers the job no token; a finding of the preflight knows it best."""
    named = _first(findings, _RULES_OF_TOKEN) if met.key in _NOT_PERMITTED else None
    return _named(met, named) if named else met


class Situation(NamedTuple):
    """What an exchange was asked for, and what is known besides the index's answer."""

    publisher: Publisher
    package_index: Index
    claims: Mapping[str, object]
    audience: str
    """Whom the token was asked for."""

    findings: tuple[Finding, ...]
    """Those of the preflight."""

    published: Published | None
    """Which publisher the newest attested file came from."""


def claims_differ(difference: Row, situation: Situation, met: Obstacle | None) -> Obstacle:
    """Say which claim differs, and name the finding that speaks of the same thing.

    `met` is the index's own refusal; None where it was not asked, because that could have created a project.
    """
    named = _first(situation.findings, _RULES_OF_FIELD.get(difference.field, ()))
    place = f" ({_place(named)})" if named else ""
    asked = met.detail if met else f"{situation.package_index.label} was not asked."
    obstacle = met or Obstacle("", "", "")
    return obstacle._replace(
        detail=f"{difference.sentence}.",
        likely=f"The {difference.field} differs: {difference.expected} is expected, the token says "
        f"{difference.got}{place}. {asked}",
        fix=f"{difference.fix[:1].upper()}{difference.fix[1:]}.",
    )


def refused(met: Obstacle, situation: Situation) -> Obstacle:
    """Say why the index refused a token whose claims are the publisher's, as far as can be told."""
    if met.code == "invalid-token":
        return _flawed(met, situation)
    if met.code != "invalid-publisher" or UNMATCHED not in met.description:
        return met
    named = _first(situation.findings, _RULES_OF_REGISTRATION)
    if named:
        return _named(met, named)
    if situation.published:
        likely, fix = _from_release(situation.publisher, situation.published, situation.package_index)
        return met._replace(likely=f"Most likely {likely}", fix=fix)
    return met._replace(likely=f"{met.likely} {_side_by_side(situation.publisher, situation.claims)}")


def _side_by_side(publisher: Publisher, claims: Mapping[str, object]) -> str:
    """Return what to compare with the index's page: what is most often wrong comes first."""
    environment = one_line(str(claims.get("environment") or ""), 100)
    job, registered = environment or "none", publisher.environment or "any"
    owner_id = one_line(str(claims.get("repository_owner_id") or ""), 40) or "none"
    return (
        "Compare with the page, what is most often wrong first: "
        f"environment {registered} (the job's: {job}; upper and lower case do not matter); "
        f"workflow {publisher.workflow_filename} (upper and lower case matter); "
        f"the owner's numeric id {owner_id} (not on the page; another one if the account was made again or "
        "the repository was transferred); "
        f"owner {publisher.owner} and repository {publisher.repository} (upper and lower case matter)."
    )


def _flawed(met: Obstacle, situation: Situation) -> Obstacle:
    """Say what the claims show of a token that the index takes for none."""
    now, claims, audience = time.time(), situation.claims, situation.audience
    flaw = _flaw(claims, audience, now)
    meant = refusal(met.code, met.description, flaw)
    facts = {
        "index": situation.package_index.label,
        "now": _clock(now),
        "audience": audience,
        "got": one_line(str(claims.get("aud")), 100),
        **{name: _clock(claims.get(name)) for name in ("exp", "nbf", "iat")},
    }
    return met._replace(likely=meant.likely.format_map(facts), fix=meant.fix.format_map(facts))


def _flaw(claims: Mapping[str, object], audience: str, now: float) -> Flaw:
    expires, begins, issued = (_number(claims.get(name)) for name in ("exp", "nbf", "iat"))
    for flaw, is_there in (
        (Flaw.AUDIENCE, claims.get("aud") != audience),
        (Flaw.EXPIRED, expires is not None and expires <= now - _LEEWAY),
        (Flaw.EARLY, max(begins or 0, issued or 0) > now + _LEEWAY),
        (Flaw.OLD, issued is not None and issued < now - _LIFE),
    ):
        if is_there:
            return flaw
    return Flaw.NONE


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _clock(value: object) -> str:
    """Return a moment as a person reads it, in UTC."""
    seconds = _number(value)
    if seconds is None:
        return "(none)"
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
    except (OverflowError, OSError, ValueError):
        return "(never)"


def _from_release(publisher: Publisher, published: Published, index: Index) -> tuple[str, str]:
    """Compare with who published the newest attested file: PyPI trusted that one then."""
    filename = one_line(published.filename, 100)
    if published.kind != GITHUB:
        return (
            f"only a publisher of {_name(published.kind)} is registered: {filename} came from there.",
            "Register this publisher through the link.",
        )
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
    if not differences:
        return (
            "the publisher was removed, or the owner's account was made again under its old name: "
            f"{filename} was published by this one.",
            f"Look at the publishers that {index.label} lists behind the link, and register it again.",
        )
    return (
        f"another publisher is registered: {filename} was published by {'; '.join(differences)}.",
        "Publish as that one does, or register this publisher through the link.",
    )


def disagreement(difference: Row, index: Index) -> tuple[str, str]:
    """Say that the index took a token whose claims are not those that were expected, and what to do."""
    values = f"{difference.expected} was expected, the token says {difference.got}"
    if difference.field in _GIVEN:
        return (
            f"But its {difference.field} is not the one given ({values}): {index.label} has a publisher with "
            "the job's own values; whether it has the one given, too, is not known.",
            f"Give verify the {difference.field} of the job that will publish: it is {difference.got} here.",
        )
    return (
        f"But pypi-setup expected a refusal ({difference.field}: {values}): {index.label}'s answer counts, "
        "and its rules are newer than those known here.",
        f"Release from this workflow and environment, and report this: {PROJECT_URL}/issues",
    )


def before_exchange(index: Index) -> str:
    """Say what the exchange can bring about, before it is made."""
    return (
        f"Exchanging the job's token at {index.label} now. If a pending publisher with the job's owner, "
        "repository, workflow and environment waits for another new project, this creates that project, as "
        "the next release would. To compare the claims only, set exchange to false."
    )


def proof_notes(
    publisher: Publisher, index: Index, claims: Mapping[str, object], *, existed: bool | None
) -> tuple[str, ...]:
    """Return what a success may have brought about."""
    pending = (
        f"{index.label} looks for a pending publisher first: had one with these values been waiting for "
        "another project, the exchange has created that project.",
    )
    ignored = (
        f"The job has an environment, the publisher does not ask for one: {index.label} mails the project's "
        "owners the advice to add it.",
    )
    return (
        *(pending if existed else ()),
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
        likely=f"Most likely: {one_line(finding.message)} ({_place(finding)})", fix=finding.fix
    )


def _name(value: str) -> str:
    return one_line(value, 100) or "(none)"


def _first(findings: Iterable[Finding], rules: tuple[str, ...]) -> Finding | None:
    by_rule = {finding.rule: finding for finding in reversed(list(findings))}
    return next((by_rule[rule] for rule in rules if rule in by_rule), None)


def _place(finding: Finding) -> str:
    place = f", {finding.file}" if finding.file else ""
    return f"{finding.rule}{place}" + (f" line {finding.line}" if finding.line else "")
