"""The registration API: `POST /_/v1/publisher` and every answer of its contract.

pypi.org has no such API today; switched off, this index answers as pypi.org does.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from .store import PENDING_LIMIT
from .validation import name_problems, problems
from .web import as_json, as_notice

if TYPE_CHECKING:
    from .store import Project, Store, Token
    from .web import Answer, Request, Routes

PATH = "/_/v1/publisher"

_FIELDS = ("name", "owner", "repository", "workflow_filename", "environment")


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
        project = store.project(values["name"])
        return _for_existing(store, token, project, values) if project else _for_new(store, token, values)
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
        sentence = (
            "The action could not be performed because there were too many requests by the client. "
            "There have been too many attempted trusted publisher registrations. Try again later."
        )
        raise _Refusal(as_notice(request, 429, sentence, ("Retry-After", str(wait))))


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
    values: dict[str, str] = {field: body[field] for field in _FIELDS}
    values["workflow_filename"] = values["workflow_filename"].strip()
    found = problems(values)
    if found:
        raise _Refusal(_invalid(found))
    return values


def _invalid(errors: dict[str, list[str]]) -> Answer:
    return as_json(422, {"message": "The trusted publisher could not be registered", "errors": errors})


def _for_existing(store: Store, token: Token, project: Project, values: dict[str, str]) -> Answer:
    if token.user not in project.owners:
        return as_json(403, {"message": f"You are no owner of the project '{project.name}'"})
    identity = store.identity(*(values[field] for field in _FIELDS[1:]))
    known = store.publishers.get(identity)
    if known and project.normalized_name in known.projects:
        message = f"{identity.workflow_filename} is already registered with {project.name}"
        return as_json(409, {"message": message, "pending": False})
    store.add_publisher(project.name, *(values[field] for field in _FIELDS[1:]))
    where = f"https://github.com/{identity.owner}/{identity.repository}"
    message = f"Added {identity.workflow_filename} in {where} to {project.name}"
    return as_json(201, {"message": message, "pending": False, "publisher": values})


def _for_new(store: Store, token: Token, values: dict[str, str]) -> Answer:
    found = name_problems(values["name"], store, token.user)
    if found:
        return _invalid({"name": found})
    if not store.switches.pending:
        message = f"The project '{values['name']}' does not exist, and this index has no pending publishers"
        return as_json(400, {"message": message})
    identity = store.identity(*(values[field] for field in _FIELDS[1:]))
    if identity in store.pending:
        same = store.pending[identity].project == values["name"]
        message = (
            "This trusted publisher has already been registered."
            if same
            else "A pending trusted publisher matching this configuration has already been registered for a "
            "different project name."
        )
        return as_json(409, {"message": message, "pending": True})
    if len(store.pending_of(token.user)) >= PENDING_LIMIT:
        text = f"You can't register more than {PENDING_LIMIT} pending trusted publishers at once."
        return _invalid({"name": [text]})
    store.add_pending(values["name"], *(values[field] for field in _FIELDS[1:]), user=token.user)
    message = f"Registered a new pending publisher to create the project '{values['name']}'."
    return as_json(201, {"message": message, "pending": True, "publisher": values})
