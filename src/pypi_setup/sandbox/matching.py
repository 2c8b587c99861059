"""Which publisher the claims of an OIDC token belong to: PyPI's rules (warehouse/oidc/models/github.py)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from pypi_setup.sandbox.store import PendingPublisher, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pypi_setup.sandbox.store import Store

    Claims = Mapping[str, Any]

_Kind = TypeVar("_Kind", Publisher, PendingPublisher)

_REQUIRED = (
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)

_WORKFLOW = re.compile(r"[^/]+\.(yml|yaml)(?=@)")


class NoPublisher(Exception):
    """No publisher matches; the message says why in PyPI's words."""


class UsedToken(Exception):
    """The token has been exchanged already."""


def matching(kind: Iterable[_Kind], claims: Claims, store: Store) -> _Kind:
    """Return the publisher among these that the claims belong to.

    Raises NoPublisher and UsedToken.
    """
    for name in _REQUIRED:
        if claims.get(name) is None:
            raise NoPublisher(f"Missing claim {name!r}")
    publisher = _looked_up(kind, claims)
    if claims["repository_owner"] != publisher.identity.owner:
        raise NoPublisher("Check failed for required claim 'repository_owner'")
    _check_workflow(publisher, claims)
    if claims["jti"] in store.used_jwts:
        raise UsedToken
    if claims["event_name"] == "pull_request_target":
        raise NoPublisher("Publishing from a workflow invoked via 'pull_request_target' is not supported.")
    return publisher


def _looked_up(kind: Iterable[_Kind], claims: Claims) -> _Kind:
    owner, _, repository = claims["repository"].partition("/")
    workflow = _WORKFLOW.search(claims["job_workflow_ref"])
    if workflow is None:
        raise NoPublisher("Could not job extract workflow filename from OIDC claims")
    wanted = (owner, repository, workflow[0])
    owner_id = claims["repository_owner_id"]
    by_environment = {
        one.identity.environment: one
        for one in kind
        if one.identity[:3] == wanted and one.owner_id == owner_id
    }
    environment = str(claims.get("environment") or "").lower()
    publisher = by_environment.get(environment) or by_environment.get("")
    if publisher is None:
        raise NoPublisher("Publisher with matching claims was not found")
    return publisher


def _check_workflow(publisher: Publisher | PendingPublisher, claims: Claims) -> None:
    owner, repository, workflow, _ = publisher.identity
    refs = [text for text in (claims["ref"], claims["sha"]) if text]
    if not refs:
        raise NoPublisher("The ref and sha claims are empty")
    expected = sorted(f"{owner}/{repository}/.github/workflows/{workflow}@{ref}" for ref in refs)
    got = claims["job_workflow_ref"]
    if got not in expected:
        raise NoPublisher(
            f"The job_workflow_ref claim does not match, expecting one of {expected!r}, got {got!r}"
        )
