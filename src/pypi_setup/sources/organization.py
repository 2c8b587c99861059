"""The repositories of an organization or a user, through GitHub's REST API; or those that a list names.

Source: GitHub's REST reference, "list organization repositories" and "list repositories for a user".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.publisher import BadInput, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from pypi_setup.sources.github import GitHub

REPOSITORIES_LIMIT = 5000
"""Repositories of one survey."""

_PAGE = 100
_OK, _NOT_FOUND = 200, 404
_LIST_LIMIT = 1024 * 1024
_FULL_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,99}/[a-zA-Z0-9._-]{1,100}\Z", re.ASCII)


class Repositories(NamedTuple):
    """What an organization has."""

    names: tuple[str, ...] = ()
    """`owner/name`."""

    archived: int = 0
    forks: int = 0
    problem: str = ""
    """Why the list is not whole, in words; empty where it is."""


def of_organization(github: GitHub, name: str) -> Repositories:
    """Return the repositories of an organization or a user; archived ones and forks are only counted."""
    names: list[str] = []
    archived = forks = 0
    kind = "orgs"
    for page in range(1, REPOSITORIES_LIMIT // _PAGE + 1):
        reply = github.list_repositories(kind, name, page, _PAGE)
        if reply.status == _NOT_FOUND and kind == "orgs" and page == 1:
            kind = "users"
            reply = github.list_repositories(kind, name, page, _PAGE)
        if reply.status == _NOT_FOUND:
            return Repositories(problem=f"GitHub knows no organization and no user called {name}")
        if reply.status != _OK or not isinstance(reply.value, list):
            why = reply.problem or "GitHub's list of repositories cannot be read"
            return Repositories(tuple(names), archived, forks, why)
        for entry in reply.value:
            fields = entry if isinstance(entry, dict) else {}
            archived += fields.get("archived") is True
            forks += fields.get("fork") is True and fields.get("archived") is not True
            full_name = str(fields.get("full_name"))
            if not fields.get("archived") and not fields.get("fork") and _FULL_NAME.match(full_name):
                names.append(full_name)
        if len(reply.value) < _PAGE:
            return Repositories(tuple(names), archived, forks)
    return Repositories(tuple(names), archived, forks, f"only {REPOSITORIES_LIMIT} were listed")


def of_list(name: str, folder: Path, stdin: BinaryIO | None) -> Repositories:
    """Return the repositories that a file, or `-` for standard input, names one a line. Raises BadInput."""
    try:
        if name == "-":
            data = stdin.read(_LIST_LIMIT) if stdin else b""
        else:
            with (folder / name).open("rb") as file:
                data = file.read(_LIST_LIMIT)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such file"
        raise _bad(name, f"It cannot be read: {why}") from None
    lines = (line.partition("#")[0].strip() for line in data.decode("utf-8", "replace").splitlines())
    names = [_reduced(line) for line in lines if line]
    wrong = [line for line in names if not _FULL_NAME.match(line)]
    if wrong:
        raise BadInput(tuple(_problem(line, "It is not owner/name of a repository") for line in wrong[:20]))
    if not names:
        raise _bad("", "The list names no repository")
    return Repositories(tuple(dict.fromkeys(names))[:REPOSITORIES_LIMIT])


def _reduced(line: str) -> str:
    return line.removeprefix("https://github.com/").rstrip("/").removesuffix(".git")


def _bad(value: str, rule: str) -> BadInput:
    return BadInput((_problem(value, rule),))


def _problem(value: str, rule: str) -> Problem:
    return Problem("repos", value, rule, "a file with owner/name a line, or - for standard input")
