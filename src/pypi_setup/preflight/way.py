"""How a project is published: by which means a workflow uploads it, or that none does. Never a guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.uploads import Oidc
from pypi_setup.preflight.publishing.values import Lifetime
from pypi_setup.preflight.workflow.calls import FOLDER
from pypi_setup.sources.lookup import GITHUB
from pypi_setup.values.origin import Publishes

if TYPE_CHECKING:
    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.uploads import Upload
    from pypi_setup.sources.lookup import Project

FILES_LIMIT = 200
"""Workflow files that are looked into for a word on publishing."""

_SPEAKS = re.compile(rb"pypi|twine", re.IGNORECASE)
_IDENTIFIES = re.compile(rb"id-token['\"]?[ \t]*:[ \t]*['\"]?write")
_TO_PAGES = re.compile(rb"actions/deploy-pages|actions/attest")
"""What asks for `id-token: write` for another reason than an index."""

_FOUND = (Publishes.TOKEN, Publishes.UNKNOWN, Publishes.TRUSTED)
"""Where uploads differ: what needs a person most."""


def way(evidence: Evidence, project: Project) -> Publishes:
    """Return how a project is published, `project` being what the index says of it."""
    uploads = {_of(each.upload) for each in evidence.publications or evidence.elsewhere}
    if uploads:
        return next(each for each in _FOUND if each in uploads)
    if _is_unread(evidence) or project.exists is None:
        return Publishes.UNKNOWN
    if not project.exists:
        return Publishes.ELSEWHERE
    published = project.published
    if published is None:
        return Publishes.UNKNOWN if project.problem else Publishes.MANUAL
    is_here = published.kind == GITHUB and published.repository.lower() == evidence.repository.lower()
    return Publishes.UNKNOWN if is_here else Publishes.ELSEWHERE


def attested(project: Project) -> str:
    """Return who published the newest attested file, in one line; empty where nobody is known."""
    published = project.published
    if published is None:
        return ""
    kind = "" if published.kind == GITHUB else published.kind
    parts = (kind, published.repository, published.workflow, published.environment)
    return ", ".join(part for part in parts if part)


def _of(upload: Upload) -> Publishes:
    lifetimes = {credential.lifetime for credential in upload.credentials}
    if Lifetime.LONG in lifetimes:
        return Publishes.TOKEN
    if Lifetime.UNKNOWN in lifetimes:
        return Publishes.UNKNOWN
    by_oidc = upload.oidc is Oidc.YES or Lifetime.SHORT in lifetimes
    return Publishes.TRUSTED if by_oidc else Publishes.TOKEN


def _is_unread(evidence: Evidence) -> bool:
    """Tell whether something may upload here that could not be read."""
    if evidence.unreadable or len(evidence.names) > FILES_LIMIT or not evidence.survey.complete:
        return True
    if any(None in each.upload.indexes for each in evidence.uploads):
        return True
    files = evidence.files
    texts = (files.read(f"{FOLDER}/{name}") if files else None for name in evidence.names)
    return any(text is None or _may_upload(text) for text in texts)


def _may_upload(text: bytes) -> bool:
    return bool(_SPEAKS.search(text) or (_IDENTIFIES.search(text) and not _TO_PAGES.search(text)))
