"""The registration API: `POST /_/v1/publisher` and every answer of its contract.

pypi.org has no such API today; switched off, this index answers as pypi.org does.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from pypi_setup.sandbox import enrolment
from pypi_setup.sandbox.enrolment import REFUSED, Kind
from pypi_setup.sandbox.web import as_json, as_notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sandbox.enrolment import Outcome
    from pypi_setup.sandbox.store import Store, Token
    from pypi_setup.sandbox.web import Answer, Request, Routes

PATH = "/_/v1/publisher"

_FIELDS = ("name", *enrolment.FIELDS)

_STATUSES = {Kind.ADDED: 201, Kind.REPEATED: 409, Kind.REFUSED: 422}

TOO_MANY = (
    "The action could not be performed because there were too many requests by the client. "
    "There have been too many attempted trusted publisher registrations. Try again later."
)


class _Refusal(Exception):
    """Carries the answer that ends a registration."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def routes(store: Store) -> Routes:
    """Return the API's one route; none where it is switched off."""
    return {PATH: {"POST": partial(_register, store)}} if store.switches.registration else {}


def _register(store: Store, request: Request) -> Answer:
    try:
        token = _authenticated(store, request)
        _limited(store, request)
        values = _values(request)
        return _enrolled(store, token, values)
    except _Refusal as refusal:
        return refusal.answer


def _authenticated(store: Store, request: Request) -> Token:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = store.token(text.strip()) if scheme.lower() == "token" else None
    if token is None:
        message = "Invalid, expired or missing API token"
        raise _Refusal(as_json(401, {"message": message}, ("WWW-Authenticate", 'Token realm="publisher"')))
    if not token.may_register:
        message = "This token is scoped to a project and may not register publishers"
        raise _Refusal(as_json(403, {"message": message}))
    return token


def _limited(store: Store, request: Request) -> None:
    wait = store.wait()
    if wait:
        raise _Refusal(as_notice(request, 429, TOO_MANY, ("Retry-After", str(wait))))


def _values(request: Request) -> dict[str, str]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _Refusal(_invalid({"body": ["The body is not JSON"]})) from None
    if not isinstance(body, dict):
        raise _Refusal(_invalid({"body": ["The body is not a JSON object"]}))
    malformed = {
        field: ["Field required" if field not in body else "Input should be a valid string"]
        for field in _FIELDS
        if not isinstance(body.get(field), str)
    }
    if malformed:
        raise _Refusal(_invalid(malformed))
    return {field: body[field] for field in _FIELDS}


def _invalid(errors: Mapping[str, list[str]]) -> Answer:
    return as_json(422, {"message": REFUSED, "errors": errors})


def _enrolled(store: Store, token: Token, values: dict[str, str]) -> Answer:
    name = values["name"]
    project = store.project(name)
    if project is not None:
        if token.user not in project.owners:
            return as_json(403, {"message": f"You are no owner of the project '{project.name}'"})
        return _told(enrolment.for_project(store, project, values), values, pending=False)
    if not store.switches.pending:
        message = f"The project '{name}' does not exist, and this index has no pending publishers"
        return as_json(400, {"message": message})
    return _told(enrolment.for_user(store, token.user, name, values), values, pending=True)


def _told(outcome: Outcome, values: Mapping[str, str], *, pending: bool) -> Answer:
    # The API calls the field `name`, the form calls it `project_name`.
    errors = {{"project_name": "name"}.get(field, field): text for field, text in outcome.errors.items()}
    told: dict[Kind, dict[str, object]] = {
        Kind.ADDED: {"pending": pending, "publisher": values},
        Kind.REPEATED: {"pending": pending},
        Kind.REFUSED: {"errors": errors},
    }
    return as_json(_STATUSES[outcome.kind], {"message": outcome.message, **told[outcome.kind]})
