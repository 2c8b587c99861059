"""What the embedded index knows: projects, files, tokens, publishers. All in memory.

A store has one lock; who reads or writes several things holds it.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, overload

from packaging.utils import canonicalize_name

from pypi_setup.sandbox.macaroons import macaroon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

USER = "alice"
"""The account that everything belongs to, unless somebody else is named."""

OWNER_ID = "1234567"
"""GitHub's number of an owner, unless another one is given."""

DAY = 86_400
"""Seconds."""

MINTED_LIFE = 900
"""Seconds that a token minted by OIDC lives (warehouse/oidc/views.py)."""

_UNTIL, _OF_PROJECTS, _OF_PUBLISHER = 0, 2, 4
"""Tags of caveats (warehouse/macaroons/caveats/__init__.py)."""

PENDING_LIMIT = 3
"""Pending publishers a user may have (warehouse/accounts/views.py)."""


class Oidc(str, Enum):
    """How far the index has Trusted Publishing."""

    ON = "on"

    OFF = "off"
    """Switched off by the administrators."""

    ABSENT = "absent"
    """The index has never heard of it: 404."""


@dataclass
class Switches:
    """What the index's administrators have chosen; may be changed while it runs."""

    registration: bool = True
    """Whether there is a registration API; pypi.org has none."""

    pending: bool = True
    """Whether a publisher can be registered for a project that does not exist yet."""

    oidc: Oidc = Oidc.ON

    audience: str = "pypi"

    new_projects: bool = True
    """Whether a pending publisher may create its project now."""

    limit: int = 100
    """Registrations a day, refused ones included."""


class Identity(NamedTuple):
    """What a token's claims are matched with; unique among publishers, and among pending ones."""

    owner: str
    repository: str
    workflow_filename: str
    environment: str
    """In lower case; empty for any."""


class File(NamedTuple):
    """A file of a release."""

    filename: str
    version: str
    upload_time: str = "2026-01-02T03:04:05.678901Z"
    attested_by: Identity | None = None
    """Who published it, where it has attestations."""

    size: int = 1024
    yanked: bool | str = False
    requires_python: str | None = None


class ManyFiles(Sequence[File]):
    """As many files as wanted, made when they are looked at: for answers of tens of MB.

    Each of them has its own version and upload time; the last one is the newest.
    """

    def __init__(self, project: str, count: int, *, attested_by: Identity | None = None) -> None:
        self._stem = canonicalize_name(project).replace("-", "_")
        self._count = count
        self._attested_by = attested_by

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, position: int) -> File: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[File]: ...
    def __getitem__(self, position: int | slice) -> File | Sequence[File]:
        if isinstance(position, slice):
            return [self[place] for place in range(*position.indices(self._count))]
        if not 0 <= position < self._count:
            raise IndexError(position)
        version = f"1.{position}"
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(1_600_000_000 + position * 60))
        return File(f"{self._stem}-{version}-py3-none-any.whl", version, moment, self._attested_by)


@dataclass
class Project:
    """A project of the index."""

    name: str
    """As its owner writes it."""

    owners: set[str]

    status: str = "active"
    """active, archived, quarantined or deprecated (PEP 792)."""

    files: Sequence[File] = ()
    """In the order in which the Simple API lists them."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """What the index calls it in tokens."""

    @property
    def normalized_name(self) -> str:
        """PEP 503."""
        return canonicalize_name(self.name)


@dataclass
class Token:
    """An API token."""

    user: str

    projects: frozenset[str] | None = None
    """Normalized names that it is good for; None for the entire account."""

    expires_at: float | None = None
    """Unix time; None for never."""

    @property
    def may_register(self) -> bool:
        """Tell whether it may register publishers: only one for the entire account may."""
        return self.projects is None


@dataclass
class Session:
    """A browser that somebody is logged in with."""

    user: str
    csrf_token: str = field(default_factory=lambda: secrets.token_hex(16))
    """What a form has to send back."""

    notices: list[tuple[str, str]] = field(default_factory=list)
    """What the next page says once: success or danger, and a text."""


@dataclass
class Publisher:
    """A publisher of projects that exist."""

    identity: Identity
    owner_id: str
    projects: set[str] = field(default_factory=set)
    """Normalized names."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """What the index calls it in tokens."""


@dataclass
class PendingPublisher:
    """A publisher that creates its project on first use."""

    identity: Identity
    owner_id: str
    project: str
    user: str
    organization: str = ""


class Store:
    """All that one embedded index remembers."""

    def __init__(self, switches: Switches, clock: Callable[[], float] = time.time) -> None:
        self.lock = threading.RLock()
        self.switches = switches
        self.clock = clock
        self.projects: dict[str, Project] = {}
        self.tokens: dict[str, Token] = {}
        self.publishers: dict[Identity, Publisher] = {}
        self.pending: dict[Identity, PendingPublisher] = {}
        self.prohibited = {"requirements-txt", "rrequirements-txt"}
        """Normalized names that nobody may have; PyPI's own list is longer and not public."""

        self.accounts: dict[str, str] = {}
        """GitHub's owners by lower-case name: their spelling. A name that is not in it is taken as it is."""

        self.organizations: dict[str, set[str]] = {}
        """The members by name."""

        self.sessions: dict[str, Session] = {}
        self.used_jwts: set[str] = set()
        self._window = float("-inf")
        self._attempts = 0

    def add_project(
        self, name: str, *, owner: str = USER, status: str = "active", files: Sequence[File] = ()
    ) -> Project:
        """Create a project."""
        project = Project(name, {owner}, status, files)
        self.projects[project.normalized_name] = project
        return project

    def project(self, name: str) -> Project | None:
        """Return the project with this name, however it is spelled."""
        return self.projects.get(canonicalize_name(name))

    def add_organization(self, name: str, *, member: str = USER) -> None:
        """Create an organization."""
        self.organizations[name] = {member}

    def add_session(self, user: str = USER) -> str:
        """Log a user in; return the value of the browser's cookie."""
        text = secrets.token_hex(16)
        self.sessions[text] = Session(user)
        return text

    def resembles(self, name: str) -> bool:
        """Tell whether a project has a name that looks like this one (warehouse: ultranormalize_name)."""
        return any(_looks(name) == _looks(existing) for existing in self.projects)

    def add_token(
        self, *, user: str = USER, projects: Iterable[str] | None = None, life: float | None = None
    ) -> str:
        """Create a token for the entire account, or for these projects; `life` in seconds.

        A negative life gives a token that has expired.
        """
        names = None if projects is None else frozenset(canonicalize_name(name) for name in projects)
        expires_at = None if life is None else self.clock() + life
        kind = "account" if projects is None else "project"
        text = f"pypi-sandbox-{kind}-{secrets.token_hex(16)}"
        self.tokens[text] = Token(user, names, expires_at)
        return text

    def mint(self, publisher: Publisher, life: int) -> str:
        """Create a token for the projects of a publisher; `life` in seconds."""
        now = int(self.clock())
        caveats = (
            (_OF_PUBLISHER, publisher.id, None),
            (_OF_PROJECTS, [self.projects[name].id for name in sorted(publisher.projects)]),
            (_UNTIL, now + life, now),
        )
        text = macaroon("localhost", str(uuid.uuid4()), caveats)
        self.tokens[text] = Token("", frozenset(publisher.projects), now + life)
        return text

    def token(self, text: str) -> Token | None:
        """Return the token with this text, if there is one that has not expired."""
        token = self.tokens.get(text)
        if token is None or (token.expires_at is not None and token.expires_at <= self.clock()):
            return None
        return token

    def add_publisher(
        self,
        project: str,
        owner: str,
        repository: str,
        workflow_filename: str = "release.yml",
        environment: str = "",
        *,
        owner_id: str = OWNER_ID,
    ) -> Publisher:
        """Give a project a publisher; the project is created if it does not exist."""
        known = self.project(project) or self.add_project(project)
        identity = self.identity(owner, repository, workflow_filename, environment)
        publisher = self.publishers.setdefault(identity, Publisher(identity, owner_id))
        publisher.projects.add(known.normalized_name)
        return publisher

    def add_pending(
        self,
        project: str,
        owner: str,
        repository: str,
        workflow_filename: str = "release.yml",
        environment: str = "",
        *,
        user: str = USER,
        organization: str = "",
        owner_id: str = OWNER_ID,
    ) -> PendingPublisher:
        """Add a pending publisher; the caller has looked whether the identity is free."""
        identity = self.identity(owner, repository, workflow_filename, environment)
        pending = PendingPublisher(identity, owner_id, project, user, organization)
        self.pending[identity] = pending
        return pending

    def identity(self, owner: str, repository: str, workflow_filename: str, environment: str) -> Identity:
        """Return what PyPI stores: owner as GitHub spells it, environment lower-cased, the rest as typed."""
        spelling = self.accounts.get(owner.lower(), owner)
        return Identity(spelling, repository, workflow_filename, environment.lower())

    def pending_of(self, user: str) -> list[PendingPublisher]:
        """Return a user's own pending publishers."""
        return [one for one in self.pending.values() if one.user == user and not one.organization]

    def wait(self) -> int:
        """Count one more registration; return the seconds to wait where that is one too many, else 0."""
        now = self.clock()
        if now - self._window >= DAY:
            self._window, self._attempts = now, 0
        self._attempts += 1
        return max(1, round(DAY - (now - self._window))) if self._attempts > self.switches.limit else 0


def _looks(name: str) -> str:
    return re.sub("[l1]", "i", re.sub("0", "o", re.sub("[._-]", "", name.lower())))
