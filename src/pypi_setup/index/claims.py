"""An OIDC token's claims beside a publisher, compared as PyPI compares them. No I/O.

Sources: Warehouse's matching (warehouse/oidc/models/github.py, _core.py), as measured on its own server;
GitHub's reference of OIDC claims. A signature is never checked here: that is the index's business.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.comparison import Row, Verdict
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pypi_setup.values.publisher import Publisher

TOKEN_LIMIT = 64 * 1024
"""Characters of a token that are read; GitHub's have about 2000."""

ISSUER = "https://token.actions.githubusercontent.com"
"""The only issuer of GitHub's tokens that PyPI knows."""

SHOWN = (
    "iss",
    "aud",
    "repository",
    "repository_owner",
    "repository_owner_id",
    "workflow_ref",
    "job_workflow_ref",
    "ref",
    "sha",
    "event_name",
    "environment",
)
"""The claims that are shown: those that PyPI compares, and the calling workflow's."""

_VALUE_LIMIT = 300
_PARTS = 3  # RFC 7519: header, payload, signature.
_REQUIRED = (
    "iss",
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)
_NONE, _ANY = "(none)", "(any)"
_FILENAME = re.compile(r"(.+\.ya?ml)@", re.DOTALL)
_FOLDER = "/.github/workflows"


def decoded(token: str) -> dict[str, object] | None:
    """Return the claims of a JWT, unverified; None if the text is none, or too long. Never raises."""
    parts = token.split(".")
    if len(parts) != _PARTS or len(token) > TOKEN_LIMIT:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def shown(claims: Mapping[str, object]) -> dict[str, str]:
    """Return the claims that may be shown, harmless and bounded; those that are no text are left out."""
    return {name: _clean(value) for name in SHOWN if (value := _number_too(claims, name)) is not None}


def compared(publisher: Publisher, claims: Mapping[str, object]) -> tuple[Row, ...]:
    """Return the claims beside the publisher, field by field, in the order in which PyPI looks.

    PyPI takes the token for this publisher exactly if no row differs, as far as can be told from outside:
    what it stored of the owner's id is not known here. Each row judges its own field only.
    """
    seen = _seen(claims)
    missing = [name for name in _REQUIRED if _number_too(claims, name) is None]
    return (*map(_absent, missing), *(check(publisher, seen) for check in _CHECKS))


def differing(rows: Iterable[Row]) -> Row | None:
    """Return the first row that differs, None if there is none."""
    return next((row for row in rows if row.verdict is Verdict.DIFFERS), None)


class Identity(NamedTuple):
    """What PyPI looks a publisher up with, as far as it can be seen; empty texts where a claim is missing."""

    repository: str
    """`owner/repository`."""

    workflow: str
    environment: str
    """In lower case."""


def identity(claims: Mapping[str, object]) -> Identity:
    """Return the identity of the job that a token was issued to."""
    seen = _seen(claims)
    workflow = seen.job.file if seen.job else None
    return Identity(seen.repository or "", workflow or "", (seen.environment or "").lower())


def is_called(claims: Mapping[str, object]) -> bool:
    """Tell whether the job runs in a workflow that another one called (a reusable workflow)."""
    called, caller = _text(claims, "job_workflow_ref"), _text(claims, "workflow_ref")
    return bool(called and caller and called != caller)


class _WorkflowRef(NamedTuple):
    """A claim like `octo-org/repo/.github/workflows/release.yml@refs/heads/main`, taken apart."""

    text: str
    folder: str
    file: str | None
    """None if the text names no workflow file."""

    ref: str

    @property
    def repository(self) -> str:
        return self.folder.removesuffix(_FOLDER)


class _Seen(NamedTuple):
    """The claims that are compared; None where the token does not have one."""

    issuer: str | None
    repository: str | None
    """`owner/repository`."""

    repository_owner: str | None
    owner_id: str | None
    job: _WorkflowRef | None
    """The workflow whose file holds the job: the called one."""

    caller: _WorkflowRef | None
    """The workflow that was started."""

    environment: str | None
    event: str | None
    ref: str | None
    sha: str | None


def _seen(claims: Mapping[str, object]) -> _Seen:
    return _Seen(
        issuer=_text(claims, "iss"),
        repository=_text(claims, "repository"),
        repository_owner=_text(claims, "repository_owner"),
        owner_id=_number_too(claims, "repository_owner_id"),
        job=_workflow_ref(_text(claims, "job_workflow_ref")),
        caller=_workflow_ref(_text(claims, "workflow_ref")),
        environment=_text(claims, "environment"),
        event=_text(claims, "event_name"),
        ref=_text(claims, "ref"),
        sha=_text(claims, "sha"),
    )


def _workflow_ref(text: str | None) -> _WorkflowRef | None:
    """Take a workflow ref apart. As PyPI does: the file is the first part of the path that has `.yml@`."""
    if text is None:
        return None
    parts = text.split("/")
    for place, part in enumerate(parts):
        found = _FILENAME.match(part)
        if found:
            ref = "/".join([part[found.end() :], *parts[place + 1 :]])
            return _WorkflowRef(text, "/".join(parts[:place]), found[1], ref)
    return _WorkflowRef(text, text, None, "")


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _number_too(claims: Mapping[str, object], name: str) -> str | None:
    """Return a claim's text; of the owner's id also a number's, which GitHub does not send but others do."""
    value = claims.get(name)
    is_number = name == "repository_owner_id" and isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(claims, name)


def _clean(text: str) -> str:
    return one_line(text, _VALUE_LIMIT)


class _Difference(NamedTuple):
    sentence: str
    fix: str


def _row(field: str, expected: str, got: str | None, difference: _Difference | None) -> Row:
    """Return a field's row. A claim that the token lacks is told in a row of its own."""
    if got is None:
        return Row(field, _clean(expected), _NONE, Verdict.UNKNOWN)
    verdict = Verdict.DIFFERS if difference else Verdict.OK
    sentence, fix = map(_clean, difference or ("", ""))
    return Row(field, _clean(expected), _clean(got) or _NONE, verdict, sentence, fix)


def _absent(claim: str) -> Row:
    return Row(
        f"claim {claim}",
        "(present)",
        _NONE,
        Verdict.DIFFERS,
        f"the token has no claim `{claim}`, which PyPI requires",
        "GitHub sends it in every token: run the job on GitHub Actions itself, or report it to GitHub",
    )


def _issuer(_publisher: Publisher, seen: _Seen) -> Row:
    difference = None
    if seen.issuer != ISSUER:
        difference = _Difference(
            f"the token was issued by `{seen.issuer}`: PyPI knows no GitHub but github.com",
            "GitHub Enterprise with an issuer of its own has no Trusted Publishing on PyPI: publish from "
            "github.com, or with an API token",
        )
    return _row("issuer", ISSUER, seen.issuer, difference)


def _owner(publisher: Publisher, seen: _Seen) -> Row:
    owner = None if seen.repository is None else seen.repository.partition("/")[0]
    # PyPI compares two claims with the owner; GitHub gives both the same.
    got = seen.repository_owner if owner == publisher.owner else owner
    other = _Difference(
        f"this workflow runs for the owner `{got}`, the publisher names `{publisher.owner}`",
        f"run it in a repository of {publisher.owner}; if that owner was renamed, or the repository was "
        f"transferred, register the publisher again with the owner {got}",
    )
    return _row("owner", publisher.owner, got, _unequal("owner", publisher.owner, got, other))


def _repository(publisher: Publisher, seen: _Seen) -> Row:
    wanted = publisher.repository
    got = None if seen.repository is None else seen.repository.partition("/")[2]
    other = _Difference(
        f"this workflow runs in the repository `{got}`, the publisher names `{wanted}`",
        f"run it in {wanted}; if that repository was renamed, register the publisher again with the "
        f"repository {got}",
    )
    return _row("repository", wanted, got, _unequal("repository", wanted, got, other))


def _workflow(publisher: Publisher, seen: _Seen) -> Row:
    wanted = publisher.workflow_filename
    if seen.job is None:
        return _row("workflow", wanted, None, None)
    return _row("workflow", wanted, seen.job.file or seen.job.text, _other_file(wanted, seen, seen.job))


def _other_file(wanted: str, seen: _Seen, job: _WorkflowRef) -> _Difference | None:
    if job.file == wanted:
        return None
    if job.file is None:
        return _Difference(
            f"`{job.text}` names no workflow file",
            f"run the job in a workflow file in .github/workflows, named {wanted}",
        )
    if _is_foreign(seen, job):
        return _foreign(wanted, job)
    if seen.caller and seen.caller.text != job.text:
        return _Difference(
            f"this job stands in `{job.file}`, called by `{seen.caller.file}`: PyPI sees the called file",
            f"move the publishing job into {wanted} itself; or register {job.file}, and publish without "
            "attestations, which name the caller and are then refused",
        )
    other = _Difference(
        f"the workflow that runs is `{job.file}`, the publisher names `{wanted}`",
        f"publish from {wanted}, or register the publisher with the workflow {job.file}",
    )
    return _unequal("workflow", wanted, job.file, other)


def _environment(publisher: Publisher, seen: _Seen) -> Row:
    wanted, got = publisher.environment, seen.environment or ""
    difference = None
    if wanted and not got:
        difference = _Difference(
            "the job has no `environment:`",
            f"add `environment: {wanted}` to the publishing job, or register the publisher without one",
        )
    elif wanted and got.lower() != wanted.lower():
        difference = _Difference(
            f"the job runs in the environment `{got}`, the publisher requires `{wanted}`",
            f"write `environment: {wanted}` in the publishing job, or register the publisher with {got}",
        )
    return _row("environment", wanted.lower() or _ANY, got, difference)


def _ref(publisher: Publisher, seen: _Seen) -> Row:
    """Judge whether the job's file is of the run's own repository, at the run's own ref.

    Whether that repository and that file are the publisher's is judged by their own rows.
    """
    if seen.job is None or seen.repository is None:
        return _row("workflow ref", "(a file at the run's own ref)", None, None)
    path = f"{seen.repository}{_FOLDER}/{seen.job.file}"
    refs = [ref for ref in (seen.ref, seen.sha) if ref]
    expected = f"{path}@{refs[0] if refs else ''}"
    difference = None
    if not refs:
        difference = _Difference(
            "the token names neither ref nor commit of the run", "run the job for a branch or a tag"
        )
    elif seen.job.text not in {f"{path}@{ref}" for ref in refs}:
        difference = _other_ref(publisher.workflow_filename, seen, seen.job, expected)
    return _row("workflow ref", expected, seen.job.text, difference)


def _other_ref(wanted: str, seen: _Seen, job: _WorkflowRef, expected: str) -> _Difference:
    if job.file is None:
        return _Difference(f"`{job.text}` names no workflow file", "run the job in a workflow file")
    if _is_foreign(seen, job):
        return _foreign(wanted, job)
    if job.folder == f"{seen.repository}{_FOLDER}":
        return _Difference(
            f"the job's workflow is taken from `{job.ref}`, but the run is for `{seen.ref or seen.sha}`",
            f"call it without a ref, `uses: ./.github/workflows/{job.file}`, so that it is the run's own",
        )
    return _Difference(
        f"PyPI expects `{expected}`, the token says `{job.text}`",
        f"call the workflow by its path, `uses: ./.github/workflows/{job.file}`",
    )


def _event(_publisher: Publisher, seen: _Seen) -> Row:
    difference = None
    if seen.event == "pull_request_target":
        difference = _Difference(
            "`pull_request_target` started this workflow: PyPI lets nothing be published from it",
            "publish on a tag, a release or workflow_dispatch",
        )
    return _row("event", "(any but pull_request_target)", seen.event, difference)


def _owner_id(_publisher: Publisher, seen: _Seen) -> Row:
    return Row(
        "owner id",
        "(stored by PyPI at registration)",
        _clean(seen.owner_id or "") or _NONE,
        Verdict.UNKNOWN,
        "PyPI also compares the owner's numeric id with the one it stored at registration: an account that "
        "was deleted and made again under the same name has another",
    )


def _is_foreign(seen: _Seen, job: _WorkflowRef) -> bool:
    return seen.repository is not None and job.repository.lower() != seen.repository.lower()


def _foreign(wanted: str, job: _WorkflowRef) -> _Difference:
    return _Difference(
        f"this job runs in a reusable workflow of another repository: PyPI sees {job.folder}/{job.file}",
        f"keep the publishing job in {wanted} of this repository; a build may be called from elsewhere",
    )


def _unequal(field: str, wanted: str, got: str | None, other: _Difference) -> _Difference | None:
    """Return None if the texts are equal, else what is said of letter case, or what else there is to say."""
    if got is None or got == wanted:
        return None
    if got.lower() != wanted.lower():
        return other
    noun = "file" if field == "workflow" else field
    return _Difference(
        f"the publisher names `{wanted}`, the {noun} is called `{got}`: PyPI tells upper from lower case",
        f"register the publisher with the {field} {got}",
    )


_CHECKS: tuple[Callable[[Publisher, _Seen], Row], ...] = (
    _issuer,
    _owner,
    _repository,
    _workflow,
    _environment,
    _ref,
    _event,
    _owner_id,
)
