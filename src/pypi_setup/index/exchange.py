"""The OIDC side of `verify`: the proof, by the job's own token, that an index will let it publish.

Four steps: the index's audience, GitHub's token for it, the comparison of its claims, and, only where that is
harmless, the exchange for an upload token, which is masked and dropped. Nothing here raises for anything that
GitHub, the index or the network does. Sources: docs.pypi.org/trusted-publishers/internals, Warehouse's
mint-token view (warehouse/oidc/views.py) as measured on its own server, GitHub's OIDC reference.
"""

from __future__ import annotations

import json
import os
import queue
import re
import threading
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.index.answers import EXPLAINED, REFUSALS, UNMATCHED
from pypi_setup.index.claims import TOKEN_LIMIT, Row, compared, decoded, differing, is_called, shown
from pypi_setup.transport import Failure
from pypi_setup.values.harmless import Secret, one_line, redacted
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL, is_loopback
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pypi_setup.sources.lookup import Published
    from pypi_setup.transport import Answer, Client
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

_OK, _UNPROCESSABLE = 200, 422
_REQUEST = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
_AUDIENCES = {"pypi": PYPI_URL, "testpypi": TESTPYPI_URL}
_TOKEN = re.compile(r"[\x21-\x7e]+")
_STATUS = re.compile(r"\(code=(\d{3}),")
_DESCRIPTION_LIMIT, _ERRORS_LIMIT = 400, 5


class Obstacle(NamedTuple):
    """Why it went no further."""

    detail: str
    likely: str
    mend: str
    code: str = ""
    description: str = ""
    http_status: int | None = None
    response: str | None = None


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
    token = obtained(index, client, mask, findings)
    if isinstance(token, Obstacle):
        return _not_verified(token)
    claims = decoded(token.reveal())
    if claims is None:
        return _not_verified(_obstacle("token-malformed", index))
    rows = compared(publisher, claims)
    known = Verification(Status.NOT_VERIFIED, "", claims=shown(claims), rows=rows)
    difference = differing(rows)
    if difference:
        return _not_verified(_differs(difference, findings), known)
    projects = [(publisher.project, project_exists), *beside]
    held_back = _held_back(projects, index, exchange=exchange, allow_create=allow_create)
    if held_back:
        notes = _claims_notes(publisher, claims)
        return known._replace(status=Status.CLAIMS_MATCH, detail=held_back, notes=notes)
    known = known._replace(exchanged=True)
    obstacle = minted(token, index, client, mask)
    if obstacle:
        return _not_verified(_resolved(obstacle, publisher, index, findings, published), known)
    proved = _proof_notes(publisher, index, claims, project_exists=project_exists)
    notes = (*proved, *_claims_notes(publisher, claims))
    return known._replace(status=Status.VERIFIED, http_status=_OK, notes=notes)


def is_outside() -> bool:
    """Tell whether this does not run on GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") != "true"


def step(publisher: Publisher, index: Index) -> str:
    """Return the step, and what its job needs, as YAML to paste into the publishing workflow."""
    environment = f"    environment: {_yaml(publisher.environment)}\n" if publisher.environment else ""
    address = "" if index.label == "PyPI" else f"          index-url: {_yaml(index.url)}\n"
    return (
        f"# in .github/workflows/{publisher.workflow_filename}, first in the job that publishes:\n"
        f"{environment}"
        "    permissions:\n"
        "      id-token: write\n"
        "    steps:\n"
        f"      - uses: {PROJECT_URL.removeprefix('https://github.com/')}@v{__version__.partition('.')[0]}\n"
        "        with:\n"
        "          mode: verify\n"
        f"          project: {_yaml(publisher.project)}\n"
        f"          workflow: {_yaml(publisher.workflow_filename)}\n"
        f"          environment: {_yaml(publisher.environment)}\n"
        f"{address}"
    )


def _yaml(text: str) -> str:
    # JSON's strings are YAML's double-quoted ones.
    return json.dumps(text, ensure_ascii=False)


# The protocol's steps


def obtained(
    index: Index, client: Client, mask: Callable[[str], None], findings: Iterable[Finding]
) -> Secret | Obstacle:
    """Return GitHub's OIDC token for the index's audience, or why there is none."""
    if is_outside():
        return _obstacle("outside", index)
    if not all(map(os.environ.get, _REQUEST)):
        return _unpermitted(index, findings)
    audience = audience_of(index, client)
    if isinstance(audience, Obstacle):
        return audience
    return github_token(audience, index, client.timeout, mask)


def audience_of(index: Index, client: Client) -> str | Obstacle:
    """Return the audience that a token for the index must have, or why it is not known."""
    answer = client.get(index.audience_url, "application/json")
    value = answer.json()
    audience = value.get("audience") if isinstance(value, dict) else None
    if answer.status == _OK and isinstance(audience, str) and _TOKEN.fullmatch(audience):
        owner = _AUDIENCES.get(audience, index.url)
        return audience if index.url == owner or index.is_loopback else _obstacle("audience-foreign", index)
    if answer.failure:
        return _no_answer("audience", answer, index)
    key = f"audience-{answer.status}"
    return _obstacle(key if key in EXPLAINED else "audience-other", index, answer)


def github_token(
    audience: str, index: Index, seconds: float, mask: Callable[[str], None]
) -> Secret | Obstacle:
    """Return GitHub's OIDC token for an audience, masked, or why there is none within these seconds.

    It must run on GitHub Actions: elsewhere the library would try other providers' credentials.
    """
    found: queue.SimpleQueue[Secret | Obstacle] = queue.SimpleQueue()

    def detect() -> None:
        found.put(_detected(audience, index))

    # The library waits up to 30 seconds, four times; a thread of its own keeps to the deadline.
    threading.Thread(target=detect, daemon=True, name="oidc").start()
    try:
        token = found.get(timeout=seconds)
    except queue.Empty:
        return _obstacle("github-timeout", index)
    if isinstance(token, Secret):
        mask(token.reveal())
    return token


def minted(token: Secret, index: Index, client: Client, mask: Callable[[str], None]) -> Obstacle | None:
    """Exchange GitHub's token for an upload token, mask that and drop it; return None, or why it failed."""
    answer = client.post(index.mint_url, {"token": token.reveal()}, secrets=(token,))
    value = answer.json()
    fields: Mapping[str, object] = value if isinstance(value, dict) else {}
    upload_token = fields.get("token")
    is_token = isinstance(upload_token, str) and bool(_TOKEN.fullmatch(upload_token))
    if is_token:
        mask(str(upload_token))
    if answer.status == _OK and is_token and fields.get("success") is True:
        return None
    if answer.failure:
        return _no_answer("mint", answer, index)
    if "token" in fields or answer.status in range(200, 300):
        # Whatever was cut off or is out of shape may still hold a token: these words are not for showing.
        return _obstacle("mint-200", index)._replace(http_status=answer.status)
    if answer.status == _UNPROCESSABLE and (errors := _errors(fields, token)):
        return _refused(errors, index, answer)
    return _obstacle(_mint_key(answer.status), index, answer)


def _unpermitted(index: Index, findings: Iterable[Finding]) -> Obstacle:
    """Say why GitHub offers the job no token; a finding of the preflight knows it best."""
    is_pull_request = os.environ.get("GITHUB_EVENT_NAME") == "pull_request"
    obstacle = _obstacle("no-permission-pull-request" if is_pull_request else "no-permission", index)
    named = _first(findings, _RULES_OF_TOKEN)
    return _named(obstacle, named) if named else obstacle


def _detected(audience: str, index: Index) -> Secret | Obstacle:
    """Ask GitHub for the token through the library `id`. Its errors can quote a token: none is repeated."""
    from id import detect_credential

    try:
        url = os.environ.get(_REQUEST[0], "")
        if not url.startswith("https://") and not is_loopback(url):
            return _obstacle("github-address", index)
        token = detect_credential(audience) or ""
    except Exception as error:  # noqa: BLE001 - whatever it is, the job has no token; a thread has no caller
        return _no_credential(error, index)
    if not _TOKEN.fullmatch(token) or len(token) > TOKEN_LIMIT:
        return _obstacle("token-malformed", index)
    return Secret(token)


def _no_credential(error: Exception, index: Index) -> Obstacle:
    from urllib3.exceptions import HTTPError

    status = _STATUS.search(str(error))
    if status:
        return _obstacle("github-denied", index, http=status[1])
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    if any(isinstance(cause, HTTPError) for cause in chain):
        return _obstacle("github-unreachable", index, kind=type(chain[-1]).__name__)
    return _obstacle("token-malformed", index)


def _errors(fields: Mapping[str, object], token: Secret) -> list[tuple[str, str]]:
    """Return the codes and descriptions of a refusal, harmless and bounded."""
    errors = fields.get("errors")
    return [
        (_said(error.get("code"), token), _said(error.get("description"), token))
        for error in (errors[:_ERRORS_LIMIT] if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]


def _said(text: object, token: Secret) -> str:
    return one_line(redacted(text, (token,)), _DESCRIPTION_LIMIT) if isinstance(text, str) else ""


def _refused(errors: list[tuple[str, str]], index: Index, answer: Answer) -> Obstacle:
    code, description = errors[0]
    meant = next(
        refusal for refusal in REFUSALS if refusal.code in {code, ""} and refusal.words in description
    )
    told = "; ".join(f"{code or 'no code'} ({description})" for code, description in errors)
    return Obstacle(
        f"{index.label} refused the exchange: {told}.",
        meant.likely.format(index=index.label),
        meant.mend.format(index=index.label),
        code,
        description,
        answer.status,
        answer.words,
    )


def _mint_key(status: int | None) -> str:
    key = f"mint-{status}"
    if key in EXPLAINED:
        return key
    return "mint-5xx" if status and 500 <= status <= 599 else "mint-other"  # noqa: PLR2004 - RFC 9110, 15.6


def _no_answer(what: str, answer: Answer, index: Index) -> Obstacle:
    key = f"{what}-{'timeout' if answer.failure is Failure.TIMEOUT else 'network'}"
    return _obstacle(key, index, reason=answer.detail)


def _obstacle(key: str, index: Index, answer: Answer | None = None, **facts: str) -> Obstacle:
    meant = EXPLAINED[key]
    holes = {"index": index.label, "http": str(answer.status) if answer else "", **facts}
    obstacle = Obstacle(
        meant.detail.format_map(holes), meant.likely.format_map(holes), meant.mend.format_map(holes)
    )
    return obstacle._replace(http_status=answer.status, response=answer.words) if answer else obstacle


# The verdict


def _not_verified(obstacle: Obstacle, known: Verification | None = None) -> Verification:
    known = known or Verification(Status.NOT_VERIFIED, "")
    return known._replace(**obstacle._asdict())


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


def _differs(difference: Row, findings: Iterable[Finding]) -> Obstacle:
    named = _first(findings, _RULES_OF_FIELD.get(difference.field, ()))
    place = f" ({_place(named)})" if named else ""
    return Obstacle(
        f"{difference.sentence}.",
        f"The {difference.field} differs: {difference.expected} is expected, the token says "
        f"{difference.got}{place}.",
        f"{difference.fix[:1].upper()}{difference.fix[1:]}.",
    )


def _named(obstacle: Obstacle, finding: Finding) -> Obstacle:
    """Let a finding of the preflight say why."""
    return obstacle._replace(
        likely=f"Most likely: {one_line(finding.message)} ({_place(finding)})", mend=finding.fix
    )


def _resolved(
    obstacle: Obstacle,
    publisher: Publisher,
    index: Index,
    findings: Iterable[Finding],
    published: Published | None,
) -> Obstacle:
    """Say why no publisher matches although every claim is right: what is registered must be another one."""
    if obstacle.code != "invalid-publisher" or UNMATCHED not in obstacle.description:
        return obstacle
    named = _first(findings, _RULES_OF_REGISTRATION)
    if named:
        return _named(obstacle, named)
    if published:
        likely, mend = _from_release(publisher, published, index)
        return obstacle._replace(likely=f"Most likely {likely}", mend=mend)
    return obstacle


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


def _name(value: str) -> str:
    return one_line(value, 100) or "(none)"


def _first(findings: Iterable[Finding], rules: tuple[str, ...]) -> Finding | None:
    by_rule = {finding.rule: finding for finding in reversed(list(findings))}
    return next((by_rule[rule] for rule in rules if rule in by_rule), None)


def _place(finding: Finding) -> str:
    place = f", {finding.file}" if finding.file else ""
    return f"{finding.rule}{place}" + (f" line {finding.line}" if finding.line else "")


def _proof_notes(
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


def _claims_notes(publisher: Publisher, claims: Mapping[str, object]) -> tuple[str, ...]:
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


# The tables

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
