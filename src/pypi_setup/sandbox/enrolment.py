"""What becomes of a publisher that somebody wants to register: by API or by form, the rules are the same.

Sources: warehouse/manage/views/oidc_publishers.py, warehouse/accounts/views.py,
warehouse/manage/views/organizations.py; the texts are PyPI's.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sandbox.store import PENDING_LIMIT
from pypi_setup.sandbox.validation import name_problems, problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sandbox.store import Project, Store

FIELDS = ("owner", "repository", "workflow_filename", "environment")

REFUSED = "The trusted publisher could not be registered"


class Kind(Enum):
    """How a registration ended."""

    ADDED = auto()
    REPEATED = auto()
    REFUSED = auto()


class Outcome(NamedTuple):
    """How a registration ended, and what is said about it."""

    kind: Kind
    message: str
    errors: Mapping[str, list[str]]
    """What is wrong, by field; where there is nothing to name, the message says it all."""


def for_project(store: Store, project: Project, values: Mapping[str, str]) -> Outcome:
    """Give an existing project a publisher."""
    wrong = problems(values)
    if wrong:
        return Outcome(Kind.REFUSED, REFUSED, wrong)
    chosen = _chosen(values)
    identity = store.identity(*chosen)
    known = store.publishers.get(identity)
    if known and project.normalized_name in known.projects:
        message = f"{identity.workflow_filename} is already registered with {project.name}"
        return Outcome(Kind.REPEATED, message, {})
    store.add_publisher(project.name, *chosen)
    where = f"https://github.com/{identity.owner}/{identity.repository}"
    return Outcome(Kind.ADDED, f"Added {identity.workflow_filename} in {where} to {project.name}", {})


def for_user(store: Store, user: str, name: str, values: Mapping[str, str]) -> Outcome:
    """Give a project that does not exist a publisher of this user."""
    if len(store.pending_of(user)) >= PENDING_LIMIT:
        text = f"You can't register more than {PENDING_LIMIT} pending trusted publishers at once."
        return Outcome(Kind.REFUSED, text, {})
    wrong = _wrong(store, user, name, values)
    if wrong:
        return Outcome(Kind.REFUSED, REFUSED, wrong)
    chosen = _chosen(values)
    known = store.pending.get(store.identity(*chosen))
    if known:
        what = (
            "This trusted publisher has already been registered."
            if known.project == name
            else "A pending trusted publisher matching this configuration has already been registered for a "
            "different project name."
        )
        return Outcome(Kind.REPEATED, f"{what} Please contact PyPI's admins if this wasn't intentional.", {})
    store.add_pending(name, *chosen, user=user)
    return Outcome(Kind.ADDED, f"Registered a new pending publisher to create the project '{name}'.", {})


def for_organization(
    store: Store, organization: str, user: str, name: str, values: Mapping[str, str]
) -> Outcome:
    """Give a project that does not exist a publisher, the project being the organization's one day."""
    wrong = _wrong(store, user, name, values)
    if wrong:
        return Outcome(Kind.REFUSED, REFUSED, wrong)
    chosen = _chosen(values)
    known = store.pending.get(store.identity(*chosen))
    if known and known.project == name:
        message = (
            "This publisher has already been registered in your organization. "
            "See your existing pending publishers below."
        )
        return Outcome(Kind.REPEATED, message, {})
    if known:
        return Outcome(Kind.ADDED, "", {})  # PyPI drops it without a word.
    store.add_pending(name, *chosen, user=user, organization=organization)
    message = (
        f"Registered a new pending publisher to create the project '{name}' "
        f"owned by the '{organization}' organization."
    )
    return Outcome(Kind.ADDED, message, {})


def _wrong(store: Store, user: str, name: str, values: Mapping[str, str]) -> dict[str, list[str]]:
    wrong_name = name_problems(name, store, user)
    return {**({"project_name": wrong_name} if wrong_name else {}), **problems(values)}


def _chosen(values: Mapping[str, str]) -> tuple[str, str, str, str]:
    workflow = values["workflow_filename"].strip()
    return values["owner"], values["repository"], workflow, values["environment"]
