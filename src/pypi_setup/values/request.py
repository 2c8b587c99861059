"""What to do: everything that a user gives, parsed once, all problems together. No I/O."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, NamedTuple

from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.values.harmless import Secret, redacted, without_login
from pypi_setup.values.index import Index, IndexProblem
from pypi_setup.values.options import WORDS, default
from pypi_setup.values.publisher import BadInput, Problem, Publisher

TIMEOUT_LIMIT = 600.0
"""Seconds: the longest deadline for one exchange."""

JOBS_LIMIT = 64
"""Look-ups at once, at most."""

_LOGIN = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}\Z", re.ASCII)
_ORGANIZATION = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]+\Z", re.ASCII)
_TOKEN_SHAPE = re.compile(r"pypi-AgE[\w-]{16}|gh[a-z]_\w{16}|github_pat_\w{8}", re.ASCII)
"""How the tokens of PyPI and of GitHub begin."""

_TOKEN_FIELDS = ("api_token", "github_token")
_HIDDEN = "(not shown)"


class Mode(str, Enum):
    """What the run is for."""

    REGISTER = "register"
    """Look, check, and register by API or hand out the link."""

    CHECK = "check"
    """Look and check only."""

    VERIFY = "verify"
    """Prove it with the job's own OIDC token."""


DEFAULTS = {"workflow": "release.yml", "environment": "pypi"}
"""What stands in for what was neither given nor discovered."""


class Edits(str, Enum):
    """What to do with the edits for what a check finds."""

    SHOW = "diff"
    WRITE = "fix"


class Given(NamedTuple):
    """What a user gave, as texts: a field for each option and input of the table in `options`."""

    project: tuple[str, ...] = ()
    """Names; one text may hold several, one a line."""

    owner: str = ""
    repo: str = ""
    workflow: str | None = None
    """None where it was not given: it may be discovered, and is else assumed: see DEFAULTS."""

    environment: str | None = None
    """None where it was not given: it may be discovered, and is else assumed: see DEFAULTS."""

    api_token: str = ""
    index_url: str = default("index_url")
    mode: str = default("mode")
    dry_run: str = default("dry_run")
    exist_ok: str = default("exist_ok")
    timeout: str = default("timeout")
    organization: str = ""
    exchange: str = default("exchange")
    allow_create: str = default("allow_create")
    github_token: str = ""
    dist: str = ""
    """A folder with built distributions; empty for none."""

    run: str = ""
    """Mode explain: a log's file, `-` for standard input, or the id or URL of a run."""

    report_file: str = ""
    """Where the full report goes; empty for nowhere."""

    edits: str = ""
    """`diff` or `fix`; of the command line only, for the action's workspace is read-only."""

    listed: str = ""
    """A file with more projects (option `from`), `-` for standard input; empty for none."""

    every: str = default("every")
    """Whether every project that is found here is meant (option `all`)."""

    environment_template: str = ""
    """Each project's environment, with `{project}` in place of its normalized name; empty for none."""

    fail_fast: str = default("fail_fast")
    folders: tuple[str, ...] = ()
    """Of a survey: checkouts, or folders that hold some."""

    org: str = ""
    """Of a survey: the organization or user whose repositories are looked at through GitHub's API."""

    repos: str = ""
    """Of a survey: a file that names repositories to look at so, `-` for standard input."""

    jobs: str = default("jobs")
    trigger: str = ""
    """Of init: `tag` or `release`; empty for the usual answer."""

    testpypi_first: str = default("testpypi_first")
    """Of init: whether each release goes to TestPyPI first."""

    split: str = default("split")
    """Of init: whether a job that builds and publishes becomes two."""

    yes: str = default("yes")
    """Of init: whether the plan is agreed to."""

    def __repr__(self) -> str:
        return "Given(...)"  # It holds tokens.

    def with_defaults(self) -> Given:
        """Return the same with the defaults in place of what is None."""
        values: dict[str, Any] = {name: DEFAULTS[name] for name in self.assumed}
        return self._replace(**values)

    @property
    def assumed(self) -> tuple[str, ...]:
        """The names of what is None and has a default."""
        return tuple(name for name in DEFAULTS if getattr(self, name) is None)


class Lookup(NamedTuple):
    """How GitHub is asked. Make it with `parse_lookup`, which holds the rules."""

    timeout: float
    """Seconds for one HTTP exchange."""

    github_token: Secret | None


class Request(NamedTuple):
    """What to do. Make it with `parse`, which holds the rules."""

    mode: Mode
    publishers: tuple[Publisher, ...]
    """At least one; they differ in nothing but the project."""

    package_index: Index
    token: Secret | None
    """The index's API token; None if none was given."""

    dry_run: bool
    exist_ok: bool
    timeout: float
    """Seconds for one HTTP exchange."""

    organization: str
    """The PyPI organization that will own a new project; empty for the user."""

    exchange: bool
    allow_create: bool
    github_token: Secret | None
    dist: str = ""
    """A folder with built distributions to look at; empty for none."""

    edits: Edits | None = None
    """What to do with the edits for what a check finds; None for nothing."""

    jobs: int = 8
    """Look-ups at once."""

    fail_fast: bool = False
    """Whether no registration is begun after one that failed."""

    @property
    def lookup(self) -> Lookup:
        """How GitHub is asked."""
        return Lookup(self.timeout, self.github_token)


def parse(given: Given) -> Request:
    """Return the request that a user's texts make.

    Raises BadInput with every problem there is, not only the first. No problem's value is ever a token.
    """
    problems = _misplaced(given)
    request = Request(
        mode=_mode(given.mode, problems),
        publishers=_publishers(given, problems),
        package_index=_index(given.index_url, problems),
        token=_token("api-token", given.api_token, problems),
        dry_run=_boolean("dry-run", given.dry_run, problems),
        exist_ok=_boolean("exist-ok", given.exist_ok, problems),
        timeout=_timeout(given.timeout, problems),
        organization=_organization(given.organization.strip(), problems),
        exchange=_boolean("exchange", given.exchange, problems),
        allow_create=_boolean("allow-create", given.allow_create, problems),
        github_token=_token("github-token", given.github_token, problems),
        dist=given.dist.strip(),
        edits=Edits(given.edits) if given.edits else None,
        jobs=_jobs(given.jobs, problems),
        fail_fast=_boolean("fail-fast", given.fail_fast, problems),
    )
    if request.edits and (request.mode is not Mode.CHECK or request.dry_run):
        rule = "Only a check that is no dry run makes edits"
        problems.append(
            Problem(request.edits.value, "", rule, f"write pypi-setup check --{request.edits.value}")
        )
    if request.dist and (request.mode is Mode.REGISTER or request.dry_run):
        rule = "Only check and verify read built files, and a dry run reads none"
        problems.append(Problem("dist", given.dist, rule, "leave it out, or set the mode to check or verify"))
    if problems:
        secrets = (Secret(given.api_token.strip()), Secret(given.github_token.strip()))
        raise BadInput(tuple(dict.fromkeys(_discreet(problem, secrets) for problem in problems)))
    return request


def parse_access(index_url: str, token: str, timeout: float) -> tuple[Index, Secret]:
    """Return an index and the token for it, `timeout` being a good one. Raises BadInput as `parse` does."""
    problems: list[Problem] = []
    _timeout(str(timeout), problems)
    package_index, secret = _index(index_url, problems), _token("api-token", token, problems)
    if secret is None and not problems:
        problems.append(Problem("api-token", "", "A registration by API needs a token", "give an API token"))
    if problems or secret is None:
        raise BadInput(tuple(problems))
    return package_index, secret


def parse_lookup(given: Given) -> Lookup:
    """Return how GitHub is to be asked. Raises BadInput as `parse` does."""
    problems: list[Problem] = []
    lookup = Lookup(_timeout(given.timeout, problems), _token("github-token", given.github_token, problems))
    if problems:
        raise BadInput(tuple(problems))
    return lookup


class Survey(NamedTuple):
    """What to survey. Make it with `parse_survey`, which holds the rules."""

    folders: tuple[str, ...]
    """Checkouts, or folders that hold some."""

    package_index: Index
    timeout: float
    """Seconds for one HTTP exchange."""

    jobs: int
    """Repositories that are looked at at the same time."""

    github_token: Secret | None
    org: str = ""
    """The organization or user whose repositories are looked at, without checkouts; empty for none."""

    repos: str = ""
    """The file that names repositories to look at, without checkouts; empty for none."""

    @property
    def is_remote(self) -> bool:
        """Tell whether the repositories are read through GitHub's API."""
        return bool(self.org or self.repos)


def parse_survey(given: Given) -> Survey:
    """Return the survey that a user's texts ask for. Raises BadInput as `parse` does."""
    problems = _misplaced(given)
    folders = tuple(folder for folder in given.folders if folder)
    survey = Survey(
        folders=folders or (".",),
        package_index=_index(given.index_url, problems),
        timeout=_timeout(given.timeout, problems),
        jobs=_jobs(given.jobs, problems),
        github_token=_token("github-token", given.github_token, problems),
        org=given.org.strip(),
        repos=given.repos.strip(),
    )
    if survey.org and not _LOGIN.match(survey.org):
        problems.append(Problem("org", given.org, "Invalid GitHub user or organization name.", "its login"))
    if sum(map(bool, (folders, survey.org, survey.repos))) > 1:
        rule = "A survey is of folders, of an organization, or of a list of repositories"
        problems.append(Problem("org" if survey.org else "repos", "", rule, "give one of them"))
    if survey.is_remote and not given.github_token.strip():
        rule = "GitHub answers 60 requests an hour without a token, which is less than a survey needs"
        problems.append(
            Problem("github-token", "", rule, 'set GITHUB_TOKEN, for example to "$(gh auth token)"')
        )
    if problems:
        raise BadInput(tuple(dict.fromkeys(problems)))
    return survey


def _jobs(text: str, problems: list[Problem]) -> int:
    count = int(text) if re.fullmatch("[0-9]{1,9}", text.strip(), re.ASCII) else 0
    if not 1 <= count <= JOBS_LIMIT:
        problems.append(
            Problem("jobs", text, f"It is a whole number from 1 to {JOBS_LIMIT}", "for example 8")
        )
    return count


def _discreet(problem: Problem, secrets: tuple[Secret, ...]) -> Problem:
    """Return the problem without its value where that is a token that ended up in the wrong input."""
    leaks = redacted(problem.value, secrets) != problem.value or _TOKEN_SHAPE.search(problem.value)
    return problem._replace(value=_HIDDEN) if leaks else problem


def holds_token(text: str) -> bool:
    """Tell whether a text has the shape of a token of PyPI's or GitHub's in it."""
    return bool(_TOKEN_SHAPE.search(text))


def _misplaced(given: Given) -> list[Problem]:
    """Return the inputs that hold a token: a token can be a good name, and would be shown and sent as one."""
    rule = "This holds an API token, which belongs into api-token alone"
    fix = "put the right value here; a token that was stored here should be revoked"
    texts = {
        field: "\n".join(text) if isinstance(text, tuple) else text for field, text in given._asdict().items()
    }
    return [
        Problem(field.replace("_", "-"), _HIDDEN, rule, fix)
        for field, text in texts.items()
        if field not in _TOKEN_FIELDS and holds_token(text or "")
    ]


def _publishers(given: Given, problems: list[Problem]) -> tuple[Publisher, ...]:
    names = [name for text in given.project for line in text.splitlines() if (name := line.strip())]
    given = given.with_defaults()
    workflow, environment = given.workflow or "", given.environment or ""
    found: dict[str, Publisher] = {}
    for name in names or [""]:
        try:
            publisher = publishers.parse(name, given.owner, given.repo, workflow, environment)
        except BadInput as bad:
            problems.extend(bad.problems)
        else:
            found.setdefault(publisher.name, publisher)
    return tuple(found.values())


def _index(text: str, problems: list[Problem]) -> Index:
    try:
        return indexes.parse(text)
    except IndexProblem as problem:
        # A URL with a login in it must not be repeated.
        value = _HIDDEN if "@" in text else without_login(text)
        problems.append(Problem("index-url", value, str(problem), problem.fix))
        return Index(indexes.PYPI_URL)


def _mode(text: str, problems: list[Problem]) -> Mode:
    try:
        return Mode(text.strip().lower())
    except ValueError:
        problems.append(no_such_mode(text))
        return Mode.REGISTER


def no_such_mode(text: str) -> Problem:
    """Return the problem of a text that names no mode."""
    words = ", ".join(word.name for word in WORDS if word.is_mode)
    return Problem("mode", text, f"The mode is one of {words}", "write one of them")


def _boolean(field: str, text: str, problems: list[Problem]) -> bool:
    word = text.strip().lower()
    if word not in {"true", "false"}:
        problems.append(Problem(field, text, "It is either true or false", "write true or false"))
    return word == "true"


def _timeout(text: str, problems: list[Problem]) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds <= TIMEOUT_LIMIT:
        rule = f"It is a number of seconds, more than 0 and at most {TIMEOUT_LIMIT:.0f}"
        problems.append(Problem("timeout", text, rule, "for example 15"))
    return seconds


def _organization(name: str, problems: list[Problem]) -> str:
    if name and not _ORGANIZATION.match(name):
        rule = "Invalid organization account name"
        problems.append(
            Problem("organization", name, rule, "the name in the organization's URL on the index")
        )
    return name


def _token(field: str, text: str, problems: list[Problem]) -> Secret | None:
    token = text.strip()
    if token and not _TOKEN.match(token):
        rule = "A token has no spaces, line ends or characters outside ASCII"
        problems.append(Problem(field, _HIDDEN, rule, "copy the token again, all of it and nothing else"))
    return Secret(token) if token else None
