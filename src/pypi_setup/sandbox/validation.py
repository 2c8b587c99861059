"""The rules of PyPI's publisher forms, in PyPI's words (warehouse/oidc/forms, warehouse/utils/project.py).

They are written down here once more on purpose: the embedded index is the peer of this product's tests, and a
peer that shares the code under test agrees with all its mistakes.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sandbox.store import Store

_PROJECT = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
# `$` as PyPI has it: a line feed at the end passes.
_OWNER = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9-]*$")
_REPOSITORY = re.compile(r"^[a-zA-Z0-9-_.]+$")
_FORBIDDEN = re.compile(r"""[\x00-\x1F\x7F'"`,;\\]""")
_ENVIRONMENT_LIMIT = 255


def problems(values: Mapping[str, str]) -> dict[str, list[str]]:
    """Return PyPI's words for everything that is wrong with a publisher's values, by field."""
    found = {
        "owner": _owner(values["owner"]),
        "repository": _repository(values["repository"]),
        "workflow_filename": _workflow(values["workflow_filename"]),
        "environment": _environment(values["environment"]),
    }
    return {field: [text] for field, text in found.items() if text}


def name_problems(name: str, store: Store, user: str) -> list[str]:
    """Return PyPI's words for what is wrong with a new project's name."""
    if not name:
        return ["Specify project name"]
    if not _PROJECT.match(name):
        return ["Invalid project name"]
    if _in_standard_library(name):
        return ["This project name isn't allowed (conflict with the Python standard library module name)"]
    existing = store.project(name)
    if existing is None:
        text = _not_allowed(name, store)
        return [text] if text else []
    advice = ": use the project's publishing settings here to create a Trusted Publisher for it"
    return [f"This project already exists{advice if user in existing.owners else ''}."]


def _not_allowed(name: str, store: Store) -> str:
    if canonicalize_name(name) in store.prohibited:
        return "This project name isn't allowed"
    return "This project name is too similar to an existing project" if store.resembles(name) else ""


def _in_standard_library(name: str) -> bool:
    return canonicalize_name(name) in _standard_library()


@cache
def _standard_library() -> frozenset[str]:
    """Return the names that PyPI reserves (warehouse/packaging/services.py): modules, packages.

    PyPI computes them from stdlib-list; the wheel brings the result, which tests hold to that.
    """
    names = files("pypi_setup.values").joinpath("stdlib_names.txt").read_text(encoding="ascii")
    return frozenset(names.split())


def _owner(owner: str) -> str:
    if not owner:
        return "Specify GitHub repository owner (username or organization)"
    return "" if _OWNER.match(owner) else "Invalid GitHub user or organization name."


def _repository(repository: str) -> str:
    if not repository:
        return "Specify repository name"
    return "" if _REPOSITORY.match(repository) else "Invalid repository name"


def _workflow(filename: str) -> str:
    if not filename:
        return "Specify workflow filename"
    filename = filename.strip()  # White space alone is an answer to the rule above, as it is at PyPI.
    if not filename.endswith((".yml", ".yaml")):
        return "Workflow name must end with .yml or .yaml"
    return "Workflow filename must be a filename only, without directories" if "/" in filename else ""


def _environment(name: str) -> str:
    if not name.strip():
        return ""  # None at all; white space alone, of any kind, is none to the form, and stored as it is.
    if len(name) > _ENVIRONMENT_LIMIT:
        return f"Environment name is too long (maximum is {_ENVIRONMENT_LIMIT} characters)"
    if name.startswith(" "):
        return "Environment name may not start with whitespace"
    if name.endswith(" "):
        return "Environment name may not end with whitespace"
    if _FORBIDDEN.search(name):
        return (
            "Environment name must not contain non-printable characters or the characters "
            '"\'", """, "`", ",", ";", "\\"'
        )
    return ""
