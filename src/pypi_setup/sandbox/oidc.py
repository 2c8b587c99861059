"""The OIDC side of Trusted Publishing: the audience, and the exchange of a token for an upload token.

Source: docs.pypi.org/trusted-publishers/internals, warehouse/oidc/views.py.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from pypi_setup.sandbox import signing
from pypi_setup.sandbox.matching import NoPublisher, UsedToken, matching
from pypi_setup.sandbox.store import MINTED_LIFE, Oidc
from pypi_setup.sandbox.validation import name_problems
from pypi_setup.sandbox.web import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sandbox.store import PendingPublisher, Store
    from pypi_setup.sandbox.web import Answer, Request, Routes

ISSUER = "https://token.actions.githubusercontent.com"
"""GitHub's; tokens of GitHub Enterprise have another one, which PyPI does not know."""

_PYDANTIC = "https://errors.pydantic.dev/2.13/v"
_SHOWN = 50


class _Refusal(Exception):
    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


def routes(store: Store) -> Routes:
    """Return the routes of Trusted Publishing; none where the index does not have it."""
    if store.switches.oidc is Oidc.ABSENT:
        return {}
    return {
        "/_/oidc/audience": {"GET": partial(_audience, store)},
        "/_/oidc/(?:github/)?mint-token": {"POST": partial(_mint, store)},
    }


def _audience(store: Store, _request: Request) -> Answer:
    if store.switches.oidc is Oidc.OFF:
        return as_json(403, {"message": "Trusted publishing functionality not enabled"})
    return as_json(200, {"audience": store.switches.audience})


def _mint(store: Store, request: Request) -> Answer:
    try:
        claims = _claims(store, _token(request.body))
        return as_json(200, _minted(store, request, claims))
    except _Refusal as refusal:
        errors = [{"code": refusal.code, "description": str(refusal)}]
        return as_json(422, {"message": "Token request failed", "errors": errors})


def _token(body: bytes) -> str:
    """Return the token in the body, or refuse in the words of pydantic, which PyPI passes on."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as problem:
        what = "expected value" if body.strip() else "EOF while parsing a value"
        line = getattr(problem, "lineno", 1)
        column = getattr(problem, "colno", 1) if body.strip() else 0
        raise _invalid_payload(
            f"  Invalid JSON: {what} at line {line} column {column}", "json_invalid", body
        ) from None
    if not isinstance(content, dict):
        raise _invalid_payload("  Input should be an object", "model_type", content)
    if "token" not in content:
        raise _invalid_payload("token\n  Field required", "missing", content)
    token = content["token"]
    if not isinstance(token, str):
        raise _invalid_payload("token\n  Input should be a valid string", "string_type", token)
    return token


def _invalid_payload(problem: str, kind: str, value: object) -> _Refusal:
    shown = repr(value)
    if len(shown) > _SHOWN:
        shown = f"{shown[:25]}...{shown[-24:]}"
    detail = f"[type={kind}, input_value={shown}, input_type={type(value).__name__}]"
    more = f"    For further information visit {_PYDANTIC}/{kind}"
    return _Refusal("invalid-payload", f"1 validation error for TokenPayload\n{problem} {detail}\n{more}")


def _claims(store: Store, token: str) -> dict[str, Any]:
    try:
        issuer = signing.unverified(token)["iss"]
    except (ValueError, KeyError):
        raise _Refusal("invalid-payload", "malformed JWT") from None
    if issuer != ISSUER:
        raise _Refusal("invalid-payload", "unknown trusted publishing issuer")
    if store.switches.oidc is Oidc.OFF:
        raise _Refusal("not-enabled", "github trusted publishing functionality not enabled")
    try:
        return signing.verified(token, ISSUER, store.switches.audience)
    except ValueError:
        raise _Refusal("invalid-token", "malformed or invalid token") from None


def _minted(store: Store, request: Request, claims: Mapping[str, Any]) -> dict[str, Any]:
    try:
        _use_pending(store, request, claims)
        publisher = matching(store.publishers.values(), claims, store)
    except UsedToken:
        raise _Refusal("invalid-reuse-token", "invalid token: already used") from None
    except NoPublisher as problem:
        description = f"valid token, but no corresponding publisher ({problem})"
        raise _Refusal("invalid-publisher", description) from None
    store.used_jwts.add(claims["jti"])
    token = store.mint(publisher, MINTED_LIFE)
    return {"success": True, "token": token, "expires": int(store.clock()) + MINTED_LIFE}


def _use_pending(store: Store, request: Request, claims: Mapping[str, Any]) -> None:
    """Turn a pending publisher that matches into its project and a publisher of it."""
    try:
        pending = matching(store.pending.values(), claims, store)
    except NoPublisher:
        return
    if store.project(pending.project):
        del store.pending[pending.identity]
        raise _Refusal("invalid-pending-publisher", "valid token, but project already exists")
    _check_new_project(store, request, pending)
    del store.pending[pending.identity]
    store.add_project(pending.project, owner=pending.user)
    store.add_publisher(pending.project, *pending.identity, owner_id=pending.owner_id)


def _check_new_project(store: Store, request: Request, pending: PendingPublisher) -> None:
    help_page = f"{request.origin}/help/"
    if not store.switches.new_projects:
        raise _Refusal(
            "invalid-payload",
            "New project registration temporarily disabled. "
            f"See {help_page}#admin-intervention for more information.",
        )
    problems = name_problems(pending.project, store, pending.user)
    if problems:
        # PyPI's words differ from those of its form: 'The name … is too similar to an existing project'.
        what = problems[0].replace("This project name", f"The name {pending.project!r}")
        raise _Refusal("invalid-payload", f"{what}. See {help_page}#project-name for more information.")
