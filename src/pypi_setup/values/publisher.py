"""A Trusted Publisher's five values, parsed once by PyPI's own rules.

The rules are those of Warehouse's publisher forms (warehouse/oidc/forms) and of its project names
(warehouse/utils/project.py, PEP 508). What PyPI accepts although it can never work is refused here too: the
text of such a rule ends with `OURS`, and PyPI's words are kept for PyPI's rules. No I/O.
"""

from __future__ import annotations

import os.path
import re
from typing import NamedTuple

from pypi_setup.values.harmless import without_login

ENVIRONMENT_LIMIT = 255
"""Characters in an environment name, on GitHub and on PyPI."""

OURS = " (pypi-setup's own rule, not PyPI's)"
"""How the text of a rule ends that PyPI does not have."""

_PROJECT = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
_NORMALIZED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z", re.ASCII)
_OWNER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*\Z", re.ASCII)
_REPOSITORY = re.compile(r"[a-zA-Z0-9-_.]+\Z", re.ASCII)
_GITHUB_URL = re.compile(
    r"(?:(?:git\+)?(?:https?|ssh|git)://(?:[^@/\s]+@)?|[^@/\s:]+@)?(?:www\.)?github\.com[/:]", re.IGNORECASE
)
_WORKFLOW_FOLDER = ".github/workflows/"
_ENVIRONMENT_FORBIDDEN = frozenset("'\"`,;\\")
_PYPI_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PROHIBITED = {"requirements-txt", "rrequirements-txt"}
"""Names that PyPI prohibits for everybody, as far as its source tells (its list is not public)."""


class Problem(NamedTuple):
    """One thing that is wrong with the input."""

    field: str
    """The input's name, as in the action and (with dashes in front) in the CLI."""

    value: str
    """What was given; never a secret: BadInput takes out what can be a login or a query."""

    rule: str
    """What the rule says; PyPI's own words where the rule is PyPI's."""

    fix: str
    """What to write instead."""


class BadInput(ValueError):
    """The input breaks rules; `problems` holds all of them. Nothing was sent."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.rule}" for problem in problems))
        self.problems = tuple(each._replace(value=without_login(each.value)) for each in problems)


class Publisher(NamedTuple):
    """A GitHub Trusted Publisher of one project. Make it with `parse`, which holds the rules."""

    project: str
    """The project's name as the user writes it."""

    owner: str
    """A GitHub user or organization."""

    repository: str
    """The repository's name, without its owner."""

    workflow_filename: str
    """The workflow's file name, without `.github/workflows/`."""

    environment: str
    """The GitHub environment of the publishing job; empty for any."""

    @property
    def name(self) -> str:
        """The project's normalized name (PEP 503)."""
        return normalized(self.project)

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What PyPI matches a token's claims with: only one pending publisher can have it."""
        return (self.owner, self.repository, self.workflow_filename, self.environment.lower())

    @property
    def payload(self) -> dict[str, str]:
        """The registration request's JSON body."""
        return {
            "name": self.name,
            "owner": self.owner,
            "repository": self.repository,
            "workflow_filename": self.workflow_filename,
            "environment": self.environment,
        }


def normalized(name: str) -> str:
    """Return a project name's normalized form (PEP 503)."""
    if _NORMALIZED.match(name):
        return name  # Its own normal form: importing the library would double the start-up time.
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)


def parse(project: str, owner: str, repo: str, workflow: str, environment: str) -> Publisher:
    """Return the publisher that these texts name.

    `owner` may be `owner/repo`, and so may `repo`, which may also be a GitHub URL; a contradiction is a
    problem.

    Raises BadInput with every problem there is, not only the first.
    """
    problems: list[Problem] = []
    publisher = Publisher(
        _project(project.strip(), problems),
        *_owner_and_repository(owner.strip(), repo.strip(), problems),
        _workflow(workflow.strip(), problems),
        _environment(environment, problems),
    )
    if problems:
        raise BadInput(tuple(problems))
    return publisher


def repository_of(owner: str, repo: str) -> tuple[str, str]:
    """Return the owner and the repository that two texts name, as `parse` reads them; empty where none."""
    problems: list[Problem] = []
    found = _owner_and_repository(owner.strip(), repo.strip(), problems)
    return ("", "") if problems else found


def _project(name: str, problems: list[Problem]) -> str:
    if not _PROJECT.match(name):
        rule = "Invalid project name" if name else "Specify project name"
        fix = "ASCII letters and digits, with single '.', '-' or '_' inside, for example sample-project"
        problems.append(Problem("project", name, rule, fix))
    elif _is_standard_library(name):
        rule = "This project name isn't allowed (conflict with the Python standard library module name)"
        problems.append(Problem("project", name, rule, "choose a name that no standard library module bears"))
    elif normalized(name) in _PROHIBITED:
        rule = "This project name isn't allowed"
        problems.append(Problem("project", name, rule, "choose another name: PyPI prohibits this one"))
    return name


def _is_standard_library(name: str) -> bool:
    """Tell whether PyPI reserves the name: a module, or a package of modules, of any Python version."""
    # Written by scripts/stdlib_names.py from stdlib-list, which PyPI uses and which takes long to read.
    with open(os.path.join(os.path.dirname(__file__), "stdlib_names.txt"), encoding="ascii") as names:
        return f"{normalized(name)}\n" in names


def _owner_and_repository(owner: str, repo: str, problems: list[Problem]) -> tuple[str, str]:
    named_owner, repo_beside_owner = _reduced(owner) if "/" in owner.rstrip("/") else (owner.rstrip("/"), "")
    owner_beside_repo, repo = _reduced(repo)
    if owner_beside_repo and named_owner and owner_beside_repo.lower() != named_owner.lower():
        rule = "It names another owner than the input owner"
        problems.append(Problem("repo", f"{owner_beside_repo}/{repo}", rule, "give the owner once"))
    if repo_beside_owner and repo and repo_beside_owner.lower() != repo.lower():
        rule = "It names another repository than the input repo"
        problems.append(Problem("owner", owner, rule, "give the repository once"))
    owner, repo = named_owner or owner_beside_repo, repo or repo_beside_owner
    if not _OWNER.match(owner):
        rule = (
            "Invalid GitHub user or organization name."
            if owner
            else "Specify GitHub repository owner (username or organization)"
        )
        fix = "the user or organization in the repository's URL, for example octo-org"
        problems.append(Problem("owner", owner, rule, fix))
    rule = _repository_rule(repo)
    if rule:
        fix = "the repository's name or its GitHub URL, for example sample-project"
        problems.append(Problem("repo", repo, rule, fix))
    return owner, repo


def _repository_rule(repo: str) -> str:
    """Return the rule that a repository's name breaks; empty if none."""
    if not _REPOSITORY.match(repo):
        return "Invalid repository name" if repo else "Specify repository name"
    if repo in {".", ".."}:
        return f"GitHub has no repository called {repo}{OURS}"
    return f"GitHub has no repository whose name ends in .git{OURS}" if repo.lower().endswith(".git") else ""


def _reduced(repo: str) -> tuple[str, str]:
    """Split `owner/repo` or a GitHub URL; the owner is empty where only a name is given."""
    path = _GITHUB_URL.sub("", repo, count=1).rstrip("/")
    if path and "/" not in path and _GITHUB_URL.match(repo):
        return path, ""  # The address of a user or organization names no repository.
    owner, _, name = path.rpartition("/")
    return owner, name.removesuffix(".git") or name


def _workflow(filename: str, problems: list[Problem]) -> str:
    name = filename.removeprefix("./").removeprefix(_WORKFLOW_FOLDER)
    if filename.replace("\\", "/").removeprefix("./").startswith(_WORKFLOW_FOLDER):  # As Windows writes it.
        name = filename.replace("\\", "/").removeprefix("./").removeprefix(_WORKFLOW_FOLDER)
    example = "the file's name with its ending, for example release.yml"
    for broken, rule, fix in (
        (not name, "Specify workflow filename", example),
        (
            bool(name) and not name.endswith((".yml", ".yaml")),
            "Workflow name must end with .yml or .yaml",
            example,
        ),
        (
            "/" in name,
            "Workflow filename must be a filename only, without directories",
            f"GitHub runs workflows only from {_WORKFLOW_FOLDER}: give the name that the file has there",
        ),
        ("\\" in name, f"A workflow filename has no backslash{OURS}", example),
        (name in {".yml", ".yaml"}, f"A workflow filename is more than its ending{OURS}", example),
        (_unprintable(name), f"A workflow filename has no control characters{OURS}", "rename the file"),
    ):
        if broken:
            problems.append(Problem("workflow", filename, rule, fix))
    return name


def _environment(name: str, problems: list[Problem]) -> str:
    fix = "write it as it stands in the repository's settings, for example pypi; empty means any environment"
    if name and not name.strip():  # PyPI's form takes any white space for no environment, and stores it.
        rule = f"An environment name is more than white space{OURS}"
        problems.append(Problem("environment", name, rule, fix))
        return name
    for broken, rule in (
        (name.startswith(" "), "Environment name may not start with whitespace"),
        (name.endswith(" "), "Environment name may not end with whitespace"),
        (
            len(name) > ENVIRONMENT_LIMIT,
            f"Environment name is too long (maximum is {ENVIRONMENT_LIMIT} characters)",
        ),
        (
            bool(_PYPI_CONTROL.search(name)) or not _ENVIRONMENT_FORBIDDEN.isdisjoint(name),
            "Environment name must not contain non-printable characters or the characters "
            '"\'", """, "`", ",", ";", "\\"',
        ),
        (_unprintable(_PYPI_CONTROL.sub("", name)), f"An environment name has no control characters{OURS}"),
    ):
        if broken:
            problems.append(Problem("environment", name, rule, fix))
    return name


def _unprintable(text: str) -> bool:
    """Tell whether the text has a control character, or half a surrogate pair (which UTF-8 cannot carry)."""
    if text.isascii() and text.isprintable():
        return False
    import unicodedata

    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
