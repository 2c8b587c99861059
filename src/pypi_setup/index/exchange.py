"""The OIDC protocol of `verify`: the index's audience, GitHub's token, the exchange for an upload token.

The upload token is masked and dropped. Nothing here raises for anything that GitHub, the index or the
network does. Sources: docs.pypi.org/trusted-publishers/internals, Warehouse's mint-token view
(warehouse/oidc/views.py) as measured on its own server, GitHub's OIDC reference.
"""

from __future__ import annotations

import os
import queue
import re
import threading
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.index.claims import TOKEN_LIMIT
from pypi_setup.index.obstacle import Obstacle, no_answer, obstacle
from pypi_setup.index.oidc_answers import EXPLAINED, refusal
from pypi_setup.index.scope import Scope, scope
from pypi_setup.values.harmless import Secret, one_line, redacted
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pypi_setup.transport import Answer, Client
    from pypi_setup.values.index import Index

_OK, _UNPROCESSABLE = 200, 422
_REQUEST = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
_AUDIENCES = {"pypi": PYPI_URL, "testpypi": TESTPYPI_URL}
_TOKEN = re.compile(r"[\x21-\x7e]+")
_STATUS = re.compile(r"\(code=(\d{3}),")
_DESCRIPTION_LIMIT, _ERRORS_LIMIT = 400, 5


class Granted(NamedTuple):
    """What GitHub gave."""

    token: Secret
    """The OIDC token; it has been masked."""

    audience: str
    """Whom it was asked for."""


def is_outside() -> bool:
    """Tell whether this does not run on GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") != "true"


def obtained(index: Index, client: Client, mask: Callable[[str], None]) -> Granted | Obstacle:
    """Return GitHub's OIDC token for the index's audience, or why there is none."""
    if is_outside():
        return obstacle("outside", index)
    if not all(map(os.environ.get, _REQUEST)):
        is_pull_request = os.environ.get("GITHUB_EVENT_NAME") == "pull_request"
        return obstacle("no-permission-pull-request" if is_pull_request else "no-permission", index)
    audience = audience_of(index, client)
    if isinstance(audience, Obstacle):
        return audience
    token = github_token(audience, index, client.timeout, mask)
    return token if isinstance(token, Obstacle) else Granted(token, audience)


def audience_of(index: Index, client: Client) -> str | Obstacle:
    """Return the audience that a token for the index must have, or why it is not known."""
    answer = client.get(index.audience_url, "application/json")
    value = answer.json()
    audience = value.get("audience") if isinstance(value, dict) else None
    if answer.status == _OK and isinstance(audience, str) and _TOKEN.fullmatch(audience):
        owner = _AUDIENCES.get(audience, index.url)
        return audience if index.url == owner or index.is_loopback else obstacle("audience-foreign", index)
    if answer.failure:
        return no_answer("audience", answer, index)
    key = f"audience-{answer.status}"
    return obstacle(key if key in EXPLAINED else "audience-other", index, answer)


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
        return obstacle("github-timeout", index)
    if isinstance(token, Secret):
        mask(token.reveal())
    return token


def minted(
    token: Secret, project: str, index: Index, client: Client, mask: Callable[[str], None]
) -> Scope | Obstacle:
    """Exchange GitHub's token for an upload token, mask that and drop it.

    Return what the upload token says of its scope and of this project, or why there is none.
    """
    answer = client.post(index.mint_url, {"token": token.reveal()}, secrets=(token,))
    value = answer.json()
    fields: Mapping[str, object] = value if isinstance(value, dict) else {}
    upload_token = fields.get("token")
    is_token = isinstance(upload_token, str) and bool(_TOKEN.fullmatch(upload_token))
    if is_token:
        mask(str(upload_token))
    if answer.status == _OK and is_token and fields.get("success") is True:
        return scope(str(upload_token), project)
    if answer.failure:
        return no_answer("mint", answer, index)
    if "token" in fields or answer.status in range(200, 300):
        # Whatever was cut off or is out of shape may still hold a token: these words are not for showing.
        return obstacle("mint-200", index)._replace(http_status=answer.status)
    if answer.status == _UNPROCESSABLE and (errors := _errors(fields, token)):
        return _refused(errors, index, answer)
    return obstacle(_mint_key(answer.status), index, answer)


def _detected(audience: str, index: Index) -> Secret | Obstacle:
    """Ask GitHub for the token through the library `id`. Its errors can quote a token: none is repeated."""
    from id import detect_credential

    try:
        url = os.environ.get(_REQUEST[0], "")
        if not url.startswith("https://") and not is_loopback(url):
            return obstacle("github-address", index)
        token = detect_credential(audience) or ""
    except Exception as error:  # noqa: BLE001 - whatever it is, the job has no token; a thread has no caller
        return _no_credential(error, index)
    if not _TOKEN.fullmatch(token) or len(token) > TOKEN_LIMIT:
        return obstacle("token-malformed", index)
    return Secret(token)


def _no_credential(error: Exception, index: Index) -> Obstacle:
    from urllib3.exceptions import HTTPError

    status = _STATUS.search(str(error))
    if status:
        return obstacle("github-denied", index, http=status[1])
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    if any(isinstance(cause, HTTPError) for cause in chain):
        return obstacle("github-unreachable", index, kind=type(chain[-1]).__name__)
    return obstacle("token-malformed", index)


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
    meant = refusal(code, description)
    told = "; ".join(f"{code or 'no code'} ({description})" for code, description in errors)
    return Obstacle(
        f"{index.label} refused the exchange: {told}.",
        meant.likely.format(index=index.label),
        meant.fix.format(index=index.label),
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
