"""What each answer of the OIDC side means to a person: the tables that `exchange` and docs/verify.md share.

Sources: Warehouse's mint-token view (warehouse/oidc/views.py) as measured on its own server, GitHub's OIDC
reference.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pypi_setup.values.quoted import UNMATCHED


class Explained(NamedTuple):
    """What an answer means to a person. The texts may hold `{index}`."""

    answer: str
    """The answer, as the table in the docs names it."""

    detail: str
    """What happened, a sentence that goes on after "Not verified: "."""

    likely: str
    """Why."""

    fix: str
    """The next step."""


class Flaw(str, Enum):
    """What the claims of a token show that an index takes for none."""

    EXPIRED = "it has expired"
    EARLY = "it is not valid yet"
    AUDIENCE = "it is for another audience"
    OLD = "it was issued long ago"
    NONE = "nothing wrong"


class Refusal(NamedTuple):
    """What an error means that mint-token answers with HTTP 422.

    The texts may hold `{index}`; beside a flaw also `{now}`, `{audience}` and the claims `{exp}`, `{nbf}`,
    `{iat}` and `{got}`, the token's audience.
    """

    code: str

    words: str
    """What the description holds; empty for any."""

    likely: str
    fix: str

    flaw: Flaw = Flaw.NONE
    """What the claims show beside it."""


EXPLAINED: dict[str, Explained] = {
    "outside": Explained(
        "not on GitHub Actions",
        "this must run on GitHub Actions, as a step of the job that publishes.",
        "Only that job has the OIDC token that {index} would be shown at a release, and that proves it.",
        "Paste the step into the publishing job, and run it there.",
    ),
    "no-permission": Explained(
        "GitHub offers the job no token",
        "GitHub offers this job no OIDC token.",
        "The job lacks `id-token: write`: a job's own permissions block replaces the workflow's, and a "
        "called workflow gets no more than its caller has.",
        "Add `permissions: id-token: write` to the job, and to the job that calls it.",
    ),
    "no-permission-pull-request": Explained(
        "GitHub offers the job no token, in a pull request",
        "GitHub offers this job no OIDC token.",
        "A pull request started this run: one from a fork, or from Dependabot, gets no token whatever the "
        "permissions say. For one of the repository's own the job lacks `id-token: write`.",
        "Verify on workflow_dispatch or at the release, in a job with `permissions: id-token: write`.",
    ),
    "github-denied": Explained(
        "GitHub refuses to issue the token",
        "GitHub refused to issue the OIDC token (HTTP {http}).",
        "The job's permission was withdrawn, its request token has expired, or GitHub's token service fails.",
        "Run the job again; if it stays so, see githubstatus.com.",
    ),
    "github-unreachable": Explained(
        "GitHub's token service cannot be reached",
        "GitHub's token service could not be reached ({kind}).",
        "The network failed, or a self-hosted runner reaches GitHub only through a proxy: this one request "
        "uses none.",
        "Run the job again, or on a runner of GitHub's.",
    ),
    "github-timeout": Explained(
        "GitHub's token service does not answer in time",
        "GitHub did not issue the OIDC token in time.",
        "GitHub's token service is slow or down, or a firewall swallows the request.",
        "Run the job again; if it stays so, set a longer timeout.",
    ),
    "github-address": Explained(
        "the token service's address is not https",
        "the address of GitHub's token service is not https.",
        "ACTIONS_ID_TOKEN_REQUEST_URL is not what GitHub's runner sets.",
        "See that nothing in the job sets this variable.",
    ),
    "token-malformed": Explained(
        "GitHub's answer holds no usable token",
        "what GitHub issued is no OIDC token for {index}.",
        "The token service answered with something else than a JSON Web Token for the index's audience.",
        "See that nothing in the job sets ACTIONS_ID_TOKEN_REQUEST_URL or ..._TOKEN, then run it again.",
    ),
    "audience-403": Explained(
        "audience: 403",
        "{index} has Trusted Publishing switched off.",
        "The index's administrators switched it off for now (HTTP {http}).",
        "Wait and run again; see the index's status page.",
    ),
    "audience-404": Explained(
        "audience: 404",
        "{index} knows no Trusted Publishing.",
        "The index has no OIDC end points (HTTP {http}), or index-url is not its root.",
        "Check index-url; on an index without Trusted Publishing publish with an API token.",
    ),
    "audience-200": Explained(
        "audience: 200, but no audience in it",
        "{index} did not tell its audience.",
        "The answer is not the JSON object that it should be: index-url is not the index's root, a proxy "
        "answered in its place, or the answer broke off.",
        "Check index-url, and run again.",
    ),
    "audience-foreign": Explained(
        "audience: PyPI's or TestPyPI's, from another index",
        "{index} asks for a token that another index would take.",
        "Whoever gets a token for PyPI's audience can publish with it on pypi.org: it is sent nowhere else.",
        "Check index-url; an index of your own needs an audience of its own.",
    ),
    "audience-other": Explained(
        "audience: any other answer",
        "{index} did not tell its audience (HTTP {http}).",
        "The index has an error of its own, limits requests, or index-url is not its root: redirects are not "
        "followed.",
        "Check index-url, and run again in a few minutes.",
    ),
    "audience-timeout": Explained(
        "audience: no answer in time",
        "{index} did not tell its audience: {reason}.",
        "The index or the network is slow or down.",
        "Run again; if it stays so, set a longer timeout.",
    ),
    "audience-network": Explained(
        "audience: no connection",
        "{index} could not be reached: {reason}.",
        "The network, a proxy or the index is down, or index-url is wrong.",
        "Check index-url and the network, then run again.",
    ),
    "mint-200": Explained(
        "mint-token: a token out of shape",
        "{index}'s answer to the exchange is out of shape.",
        "It should be a JSON object with success and token: a proxy answered in the index's place, or the "
        "answer broke off.",
        "Run again; if it stays so, tell the index's administrators.",
    ),
    "mint-403": Explained(
        "mint-token: 403",
        "{index} refused the request itself (HTTP {http}).",
        "A firewall or bot protection before the index refused it: PyPI's own refusals are HTTP 422.",
        "Run again later, or from another runner.",
    ),
    "mint-404": Explained(
        "mint-token: 404",
        "{index} has no end point that exchanges tokens (HTTP {http}).",
        "The index tells an audience, but has no /_/oidc/mint-token: index-url is not its root.",
        "Check index-url.",
    ),
    "mint-405": Explained(
        "mint-token: 405",
        "{index} exchanges no tokens at this address (HTTP {http}).",
        "The address takes no POST: index-url is not the index's root.",
        "Check index-url.",
    ),
    "mint-422": Explained(
        "mint-token: 422 without a code",
        "{index} refused the exchange without a reason (HTTP {http}).",
        "The answer has no error codes as PyPI's have: a proxy answered, or the index has other rules.",
        "Read the index's own words below.",
    ),
    "mint-429": Explained(
        "mint-token: 429",
        "{index} takes no more requests for now (HTTP {http}).",
        "Too many requests from this address; runners of GitHub share theirs.",
        "Run again in a few minutes.",
    ),
    "mint-5xx": Explained(
        "mint-token: 5xx",
        "{index} failed while it handled the exchange (HTTP {http}).",
        "The index has an error of its own. It says nothing of the publisher.",
        "Run again in a few minutes; see the index's status page.",
    ),
    "mint-other": Explained(
        "mint-token: any other answer",
        "{index} gave an answer to the exchange that PyPI does not give (HTTP {http}).",
        "It may be no index, or index-url is not its root: redirects are never followed with a token.",
        "Check index-url.",
    ),
    "mint-timeout": Explained(
        "mint-token: no answer in time",
        "{index} did not answer the exchange: {reason}.",
        "The index is slow or down. Whether it made an upload token is not known; nobody has seen one.",
        "Run again; if it stays so, set a longer timeout.",
    ),
    "mint-network": Explained(
        "mint-token: no connection",
        "{index} could not be reached for the exchange: {reason}.",
        "The network, a proxy or the index failed in between.",
        "Run again.",
    ),
}
"""All answers but the refusals with a code; their texts, filled in, are what a person reads."""

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "invalid-publisher",
        UNMATCHED,
        "No publisher on {index} has all of the job's values: one is registered otherwise, the publisher was "
        "never added, or it was pending for more than 30 days.",
        "Open the link and compare each value with the list on the page; if none is there, register it.",
    ),
    Refusal(
        "invalid-publisher",
        "The job_workflow_ref claim does not match",
        "The job runs in a workflow of another repository, or one pinned to another ref than the run's.",
        "Keep the publishing job in the registered workflow file; a build may be called from elsewhere.",
    ),
    Refusal(
        "invalid-publisher",
        "pull_request_target",
        "The event pull_request_target started the run: {index} lets nothing be published from it.",
        "Publish on a tag, a release or workflow_dispatch.",
    ),
    Refusal(
        "invalid-publisher",
        "Missing claim",
        "The token lacks a claim that {index} requires.",
        "Run the job on GitHub Actions itself; if it does, report it to GitHub and to the index.",
    ),
    Refusal(
        "invalid-publisher",
        "",
        "No registered publisher fits the token.",
        "Compare the claims below with the publishers that the page behind the link lists.",
    ),
    Refusal(
        "invalid-pending-publisher",
        "valid token, but project already exists",
        "A pending publisher matched, but its project was created by somebody else in the meantime. {index} "
        "has deleted the pending publisher.",
        "If the project is yours, add the publisher on the project's own page; if not, choose another name.",
    ),
    Refusal(
        "invalid-token",
        "malformed or invalid token",
        "The token is for the audience {got}; {index} takes one for {audience} and no other.",
        "Check index-url, and see that nothing in the job sets ACTIONS_ID_TOKEN_REQUEST_URL.",
        Flaw.AUDIENCE,
    ),
    Refusal(
        "invalid-token",
        "malformed or invalid token",
        "The token was good until {exp}; by this machine's clock it is {now}. GitHub's tokens live for "
        "minutes.",
        "Run the job again. If it happens again, set the runner's clock.",
        Flaw.EXPIRED,
    ),
    Refusal(
        "invalid-token",
        "malformed or invalid token",
        "The token was issued at {iat} and is not good before {nbf}; it is {now} by this machine's clock.",
        "Set the runner's clock, then run the job again.",
        Flaw.EARLY,
    ),
    Refusal(
        "invalid-token",
        "malformed or invalid token",
        "The token was issued at {iat}; it is {now} by this machine's clock. Something between the job and "
        "GitHub kept an old token.",
        "Run the job again, on a runner of GitHub's if it happens again.",
        Flaw.OLD,
    ),
    Refusal(
        "invalid-token",
        "malformed or invalid token",
        "Times and audience of the token are right: {index} could not check its signature. It may not have "
        "GitHub's newest keys yet.",
        "Run the job again in a few minutes; see the index's status page.",
    ),
    Refusal(
        "invalid-reuse-token",
        "invalid token: already used",
        "The token was used before: each one works once, and a repeated request uses it twice.",
        "Run the job again: it gets a new token.",
    ),
    Refusal(
        "not-enabled",
        "trusted publishing functionality not enabled",
        "The index's administrators switched off Trusted Publishing from GitHub.",
        "Wait and run again; see the index's status page.",
    ),
    Refusal(
        "invalid-payload",
        "unknown trusted publishing issuer",
        "The token's issuer is not github.com: GitHub Enterprise with an issuer of its own has no Trusted "
        "Publishing there.",
        "Publish from github.com, or with an API token.",
    ),
    Refusal(
        "invalid-payload",
        "malformed JWT",
        "What reached the index is no JSON Web Token: something on the way changed it.",
        "Run again; look at proxies on the way.",
    ),
    Refusal(
        "invalid-payload",
        "registration temporarily disabled",
        "A pending publisher matched, but the index takes no new projects for now.",
        "Wait and run again; see the index's status page.",
    ),
    Refusal(
        "invalid-payload",
        "too similar to an existing project",
        "A pending publisher matched, but its project's name is too similar to one that exists by now.",
        "Register a pending publisher for another name.",
    ),
    Refusal(
        "invalid-payload",
        "",
        "The index could not use the request, or a pending publisher matched and its project could not be "
        "created: the description says which.",
        "Read the description; if it names a project, register a pending publisher for another name.",
    ),
    Refusal(
        "",
        "",
        "The index has a reason that PyPI did not have when this was written.",
        "Read the description, and see docs.pypi.org/trusted-publishers/troubleshooting.",
    ),
)
"""What mint-token's errors mean; the first row whose code and words fit counts, and the last fits all."""


def refusal(code: str, description: str, flaw: Flaw = Flaw.NONE) -> Refusal:
    """Return what an error of mint-token means, `flaw` being what the token's own claims show."""
    return next(
        row
        for row in REFUSALS
        if row.code in {code, ""} and row.words in description and row.flaw in {flaw, Flaw.NONE}
    )
