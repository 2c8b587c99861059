"""The statuses, and what each means: the one table that text, JSON, summary, annotations and docs render.

The texts have holes in braces, filled from a report's facts (see report.py): `project`, `index`, `http`,
`detail`, `seconds`, `page_step`, `repeat`, `again`, `outcome`, `stopped`; of `init` `done`, `why`, `next`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Status(str, Enum):
    """How a run ended. The order is from best to worst: the worst stands for several projects."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    CHECKED = "checked"
    SURVEYED = "surveyed"
    EXPLAINED = "explained"
    CLAIMS_MATCH = "claims-match"
    PREPARED = "prepared"
    DRY_RUN = "dry-run"
    MANUAL = "manual"
    ALREADY_REGISTERED = "already-registered"
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate-limited"
    TIMEOUT = "timeout"
    NETWORK_ERROR = "network-error"
    SERVER_ERROR = "server-error"
    PROJECT_MISSING = "project-missing"
    UNCHECKED = "unchecked"
    CHECK_FAILED = "check-failed"
    SURVEY_FAILED = "survey-failed"
    NOT_VERIFIED = "not-verified"
    UNEXPLAINED = "unexplained"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    UNEXPECTED = "unexpected"
    INVALID = "invalid"


class Meaning(NamedTuple):
    """What a status means to a person."""

    success: bool
    """Whether the step goes on; `already-registered` does too, with exist-ok."""

    when: str
    """What leads to it, for the table in the docs."""

    message: str
    """The verdict in one line."""

    cause: str
    """Why it is so, as far as is known."""

    action: str
    """The one next thing to do."""


MEANINGS: dict[Status, Meaning] = {
    Status.REGISTERED: Meaning(
        success=True,
        when="The index answered 201",
        message="Registered: {index} now trusts this workflow to publish {project}.",
        cause="{index} stored the Trusted Publisher (HTTP {http}).",
        action="Release as usual: git tag vX.Y.Z && git push origin vX.Y.Z. If {index} asks you by e-mail "
        "to confirm, confirm first.",
    ),
    Status.ALREADY_REGISTERED: Meaning(
        success=False,
        when="The index answered 409; a success only with `exist-ok`, and only where the index does not say "
        "that it is another project's publisher",
        message="Already registered: {index} has a Trusted Publisher for this repository, workflow and "
        "environment.",
        cause="It is registered or pending (HTTP {http}){whose}.",
        action="{review}{repeat}",
    ),
    Status.DRY_RUN: Meaning(
        success=True,
        when="`dry-run` was asked for: no network at all",
        message="Dry run: the values for {project} are well-formed. Nothing was sent or looked up.",
        cause="dry-run is on. A registration by API would post the payload to {endpoint}.",
        action="Run again without dry-run.",
    ),
    Status.MANUAL: Meaning(
        success=True,
        when="No token was given: the link is the result",
        message="One step left: register the publisher of {project} on {index} in your browser.",
        cause="{no_token}",
        action="{page_step}",
    ),
    Status.UNAVAILABLE: Meaning(
        success=False,
        when="The index answered 404, 405, 410 or 501: it has no such API (pypi.org and test.pypi.org today)",
        message="{index} has no API to register publishers: register {project} in your browser.",
        cause="{index} has no registration API at {endpoint} (HTTP {http}). {known}",
        action="{page_step}",
    ),
    Status.PROJECT_MISSING: Meaning(
        success=False,
        when="The index answered 400",
        message="{index} does not know the project {project}.",
        cause="The project does not exist, and the API registered no pending publisher (HTTP {http}). If the "
        "index's own words say otherwise, trust them.",
        action="Register a pending publisher through the link. If {index} has none, upload a first release "
        "by hand, then run this again.",
    ),
    Status.UNAUTHORIZED: Meaning(
        success=False,
        when="The index answered 401",
        message="{index} did not accept the API token.",
        cause="The token is mistyped, revoked, expired, or made for another index (HTTP {http}).",
        action="Make a new token in your account settings on {index} and store it as the secret, or register "
        "through the link.",
    ),
    Status.FORBIDDEN: Meaning(
        success=False,
        when="The index answered 403",
        message="The API token may not register a publisher for {project} on {index}.",
        cause="The token's scope is not 'Entire account', or its user is no Owner of the project "
        "(HTTP {http}).",
        action="Use a token with the scope 'Entire account' made by an Owner, or let an Owner register "
        "through the link.",
    ),
    Status.INVALID: Meaning(
        success=False,
        when="The index answered 422, or the input breaks PyPI's rules and nothing was sent",
        message="{index} refused a value.",
        cause="{index} answered with HTTP {http}; its own words say which value.",
        action="Correct that value and run again.",
    ),
    Status.RATE_LIMITED: Meaning(
        success=False,
        when="The index answered 429",
        message="{index} accepts no more registrations for now.",
        cause="Too many registrations from this user or address (HTTP {http}). PyPI's limit is 100 a day, "
        "refused ones included.",
        action="Run again {again}.",
    ),
    Status.SERVER_ERROR: Meaning(
        success=False,
        when="The index answered 5xx",
        message="{index} failed during the registration.",
        cause="{index} had an error of its own (HTTP {http}). It may have stored the publisher all the same.",
        action="Check on the linked page whether the publisher is there. If not, run again {again}.",
    ),
    Status.TIMEOUT: Meaning(
        success=False,
        when="The deadline passed",
        message="{index} did not answer within {seconds} seconds.",
        cause="{Detail}. {outcome}",
        action="{retry}",
    ),
    Status.NETWORK_ERROR: Meaning(
        success=False,
        when="No connection: DNS, TLS, proxy, or it broke",
        message="{index} did not answer: {detail}.",
        cause="{Detail}. {outcome}",
        action="{retry}",
    ),
    Status.UNEXPECTED: Meaning(
        success=False,
        when="Any other answer, any other 2xx and every redirect included",
        message="{index} gave an unexpected answer.",
        cause="HTTP {http} is no answer to a registration. index-url may not be the root of an index: "
        "redirects are never followed with a token. The publisher may or may not be stored.",
        action="Check index-url, and check on the linked page whether the publisher is there.",
    ),
    Status.VERIFIED: Meaning(
        success=True,
        when="Mode verify: the index exchanged the job's OIDC token, so a matching publisher is registered",
        message="Verified: {index} has a Trusted Publisher that matches this job. {covered}",
        cause="{index} exchanged the job's OIDC token for an upload token, which was discarded at once.",
        action="{fix}",
    ),
    Status.CLAIMS_MATCH: Meaning(
        success=True,
        when="Mode verify: the claims are right, and no exchange was made",
        message="The job's claims match the publisher of {project}, but {index} was not asked.",
        cause="{detail}",
        action="Unless the publisher is registered already: {page_step}",
    ),
    Status.NOT_VERIFIED: Meaning(
        success=False,
        when="Mode verify: claims differ, no OIDC token could be had, the index refused it, or the publisher "
        "that matched does not cover the project",
        message="Not verified: {detail}",
        cause="{likely}",
        action="{fix}",
    ),
    Status.CHECKED: Meaning(
        success=True,
        when="Mode check: no finding is an error",
        message="Checked: {project} on {index}.",
        cause="No finding is an error.",
        action="{page_step}",
    ),
    Status.UNCHECKED: Meaning(
        success=False,
        when="Mode check: the workflow could not be read, so nothing is known",
        message="Not checked: {project} on {index}.",
        cause="The workflow could not be read.",
        action="Run the check in a checkout of the repository.",
    ),
    Status.CHECK_FAILED: Meaning(
        success=False,
        when="Mode check: at least one finding is an error",
        message="Checked: {project} on {index} has errors.",
        cause="At least one finding is an error.",
        action="Fix the first error below, then run the check again.",
    ),
    Status.SURVEYED: Meaning(
        success=True,
        when="`survey`: no repository has an error",
        message="{counted}: no errors found.",
        cause="{ways}",
        action="{first}",
    ),
    Status.SURVEY_FAILED: Meaning(
        success=False,
        when="`survey`: at least one repository has an error, or could not be read",
        message="{counted}: {failed}.",
        cause="{ways}",
        action="{first}",
    ),
    Status.EXPLAINED: Meaning(
        success=True,
        when="`explain`: the cause of the failed run is named",
        message="{summary}",
        cause="{why}",
        action="{fix}",
    ),
    Status.UNEXPLAINED: Meaning(
        success=False,
        when="`explain`: no known error stands in the log",
        message="{summary}",
        cause="{why}",
        action="{fix}",
    ),
    Status.CANCELLED: Meaning(
        success=False,
        when="`init`: you said no, and nothing was changed. Of several registrations: this one was not "
        "begun, for an earlier one failed (`--fail-fast`), the index asked for a pause, or the run was "
        "interrupted",
        message="Not begun: nothing was sent for {project}.",
        cause="{stopped}.",
        action="Run it again with exist-ok: what is registered by then counts as done.",
    ),
    Status.PREPARED: Meaning(
        success=True,
        when="`init`: what pypi-setup can do is done, and the next step is yours",
        message="{done}",
        cause="{why}",
        action="{next}",
    ),
}
"""What each status means."""

SURVEYS = frozenset({Status.SURVEYED, Status.SURVEY_FAILED})
"""How a survey ends; its results are rows of a table."""

_NO_SUCH_API = {404, 405, 410, 501}
_STATUSES = {
    201: Status.REGISTERED,
    400: Status.PROJECT_MISSING,
    401: Status.UNAUTHORIZED,
    403: Status.FORBIDDEN,
    409: Status.ALREADY_REGISTERED,
    422: Status.INVALID,
    429: Status.RATE_LIMITED,
    **dict.fromkeys(_NO_SUCH_API, Status.UNAVAILABLE),
}


def of_http(code: int) -> Status:
    """Return what an HTTP status means as the answer to a registration."""
    if code in _STATUSES:
        return _STATUSES[code]
    return Status.SERVER_ERROR if 500 <= code <= 599 else Status.UNEXPECTED  # noqa: PLR2004 - RFC 9110, 15.6


def worst(statuses: list[Status]) -> Status:
    """Return the one that stands for all."""
    order = list(Status)
    return max(statuses, key=order.index)
