"""What GitHub's REST API says of a repository. Read-only, lazy, bounded; it never raises.

Sources: GitHub's REST reference (repos, environments, branch policies, contents, trees). Each fact is fetched
when it is asked for the first time. After the first answer that is none (no network, limit reached, token
refused) nothing more is asked: all further facts are unknown for the same reason.
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from pypi_setup.sources.files import NAMES_LIMIT, SIZE_LIMIT
from pypi_setup.sources.projects import Listing
from pypi_setup.sources.remembered import Kept
from pypi_setup.transport import Credential
from pypi_setup.values.harmless import one_line, redacted
from pypi_setup.values.index import is_loopback

if TYPE_CHECKING:
    from pypi_setup.sources.remembered import Remembered
    from pypi_setup.transport import Answer, Client
    from pypi_setup.values.harmless import Secret

API_URL = "https://api.github.com"

REQUESTS_LIMIT = 50
"""Requests in one run. Without a token GitHub answers 60 in an hour."""

FILES_LIMIT = 40
"""Files that are read in one run, so that the other facts can still be asked for."""

ANSWER_LIMIT = 8 * 1024 * 1024
"""Bytes of one answer that are read."""

_JSON = "application/vnd.github+json"
_NOT_MODIFIED = 304
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NO_COMMIT, _TOO_MANY = 200, 401, 403, 404, 422, 429
_REDIRECTS = frozenset({301, 302, 307, 308})
_FULL_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}/[a-zA-Z0-9._-]{1,100}\Z", re.ASCII)
_BASE = re.compile(r"https?://([a-zA-Z0-9.-]+|\[::1\])(:\d{1,5})?(/[a-zA-Z0-9._/-]*)?\Z", re.ASCII)
_WHY = {
    _UNAUTHORIZED: "GitHub refuses the token",
    _FORBIDDEN: "GitHub does not allow it",
    _TOO_MANY: "GitHub's request limit is reached",
}


class Repository(NamedTuple):
    """A repository as GitHub knows it."""

    known: bool | None
    """False if GitHub does not know it, or the token may not see it; None if GitHub could not be asked."""

    full_name: str = ""
    """`owner/name` in GitHub's own spelling; after a move the new one. Empty unless `known`."""

    moved: bool = False
    """Whether GitHub redirects from the name asked for to `full_name`."""

    private: bool | None = None
    default_branch: str = ""
    problem: str = ""
    """Why it is not known, in words."""


class Pattern(NamedTuple):
    """One name pattern of an environment's deployment rules."""

    kind: str
    """`branch` or `tag`."""

    name: str
    """Matched as Ruby's File.fnmatch does it; wildcards do not match a slash."""


class Policy(NamedTuple):
    """Which refs may deploy to an environment: protected branches, or those that match a pattern."""

    protected_branches: bool
    patterns: tuple[Pattern, ...] = ()


class Environment(NamedTuple):
    """An environment of the repository."""

    exists: bool | None
    """None if it could not be found out."""

    policy: Policy | None = None
    """None if every ref may deploy, or (with a `problem`) if it could not be found out."""

    names: tuple[str, ...] = ()
    """All environments of the repository."""

    problem: str = ""


class GitHub:
    """One repository, seen through the REST API. The token goes to the API's own host, and nowhere else."""

    def __init__(
        self,
        client: Client,
        owner: str,
        repository: str,
        *,
        api_url: str = API_URL,
        token: Secret | None = None,
        ref: str = "",
        memory: Remembered | None = None,
    ) -> None:
        """Take whom to ask about what; `ref` is the commit whose files are read, empty for the newest.

        `memory` has what was answered before.
        """
        self._client = client
        self._full_name = f"{owner}/{repository}"
        self._api = (api_url or API_URL).rstrip("/")
        self._token = token
        self._ref = ref
        self._memory = memory
        self._requests = 0
        self._environments_read: dict[str, Environment] = {}
        self._files_read: dict[str, bytes | None] = {}
        self._names_read: dict[str, list[str]] = {}
        self._closed = "" if _usable(self._api) else "GITHUB_API_URL is not an https URL"

    @cached_property
    def repository(self) -> Repository:
        """The repository itself."""
        reply = self._get(f"{self._api}/repos/{quote(self._full_name)}")
        moved = reply.status in _REDIRECTS
        if moved:
            if not _same_origin(reply.location, self._api):
                return Repository(None, problem="GitHub's redirect leads to another host")
            reply = self._get(reply.location)
        if reply.status == _NOT_FOUND:
            return Repository(known=False, problem="GitHub knows no such repository, or does not show it")
        fields = _mapping(reply.value)
        full_name = _text(fields.get("full_name"))
        if reply.status != _OK or not _FULL_NAME.match(full_name):
            return Repository(None, problem=reply.problem or "GitHub's answer is no repository")
        private = fields.get("private")
        return Repository(
            known=True,
            full_name=full_name,
            moved=moved and full_name.lower() != self._full_name.lower(),
            private=private if isinstance(private, bool) else None,
            default_branch=_text(fields.get("default_branch")),
        )

    def environment(self, name: str) -> Environment:
        """Return what is known of the environment with this name (compared without letter case)."""
        key = name.lower()
        if key not in self._environments_read:
            self._environments_read[key] = self._environment(key)
        return self._environments_read[key]

    def read(self, path: str) -> bytes | None:
        """Return the content of the file at this path, see `files.Files.read`."""
        if path not in self._files_read and len(self._files_read) < FILES_LIMIT:
            self._files_read[path] = self._file(path)
        return self._files_read.get(path)

    def _file(self, path: str) -> bytes | None:
        fields = _mapping(self._contents(path))
        if fields.get("type") != "file":
            return None
        size = fields.get("size")
        if isinstance(size, int) and size > SIZE_LIMIT:
            return bytes(
                SIZE_LIMIT + 1
            )  # Such a file comes without its content; its size is all that counts.
        try:
            return base64.b64decode(_text(fields.get("content")))[: SIZE_LIMIT + 1]
        except ValueError:
            return None

    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files in a folder, see `files.Files.names`."""
        if folder not in self._names_read:
            entries = map(_mapping, _sequence(self._contents(folder)))
            files = (entry for entry in entries if _text(entry.get("type")) in {"file", "symlink"})
            names = (_text(entry.get("name")) for entry in files)
            found = sorted(name for name in names if name and "/" not in name)
            self._names_read[folder] = found[:NAMES_LIMIT]
        return self._names_read[folder]

    @cached_property
    def tree(self) -> Listing:
        """Paths of all files in the repository."""
        if not self.repository.known:
            return Listing(complete=False)
        ref = _quoted(self._ref or "HEAD")
        reply = self._get(f"{self._root}/git/trees/{ref}?recursive=1")
        fields = _mapping(reply.value)
        entries = map(_mapping, _sequence(fields.get("tree")))
        paths = tuple(_text(entry.get("path")) for entry in entries if entry.get("type") == "blob")
        return Listing(paths, complete=reply.status == _OK and fields.get("truncated") is False)

    def has_commit(self, repository: str, ref: str) -> bool | None:
        """Tell whether a ref of any repository (`owner/name`) leads to a commit; None where that is not said.

        A tag object's own SHA leads to none. Another server than GitHub's own may not have the repository.
        """
        if self._api != API_URL and not is_loopback(self._api):
            return None
        reply = self._get(f"{self._api}/repos/{quote(repository)}/commits/{_quoted(ref)}")
        if reply.status == _OK and _text(_mapping(reply.value).get("sha")):
            return True
        return False if reply.status == _NO_COMMIT else None

    def list_repositories(self, kind: str, name: str, page: int, size: int) -> Reply:
        """Return a page of the repositories of an organization (`orgs`) or a user (`users`), oldest first."""
        query = f"per_page={size}&page={page}&sort=created&direction=asc"
        return self._get(f"{self._api}/{kind}/{_quoted(name)}/repos?{query}")

    def ask(self, path: str) -> Reply:
        """Return what GitHub answers for a path below the repository."""
        return self._get(f"{self._api}/repos/{quote(self._full_name)}/{path}")

    @property
    def problem(self) -> str:
        """Why GitHub could not be asked any more, in words; empty as long as it answers."""
        return self._closed

    @property
    def missing(self) -> str:
        """Why the repository could not be read, in words; empty where it could."""
        return self._closed or ("" if self.repository.known else self.repository.problem)

    @property
    def _root(self) -> str:
        return f"{self._api}/repos/{quote(self.repository.full_name)}"

    @cached_property
    def _environments(self) -> Reply:
        return self._get(f"{self._root}/environments?per_page=100")

    def _environment(self, name: str) -> Environment:
        if not self.repository.known:
            return Environment(None, problem=self.repository.problem)
        reply = self._environments
        fields = _mapping(reply.value)
        entries = [_mapping(entry) for entry in _sequence(fields.get("environments"))]
        names = tuple(text for entry in entries if (text := _text(entry.get("name"))))
        if reply.status != _OK or "environments" not in fields:
            return Environment(None, problem=reply.problem or "GitHub's list of environments cannot be read")
        entry = next((entry for entry in entries if _text(entry.get("name")).lower() == name), None)
        if entry is None:
            whole = fields.get("total_count") == len(entries)
            problem = "" if whole else "GitHub lists more environments than can be read at once"
            return Environment(False if whole else None, names=names, problem=problem)
        policy, problem = self._policy(entry)
        return Environment(exists=True, policy=policy, names=names, problem=problem)

    def _policy(self, environment: dict[str, object]) -> tuple[Policy | None, str]:
        policy = environment.get("deployment_branch_policy")
        if policy is None:
            return None, ""
        if _mapping(policy).get("protected_branches") is True:
            return Policy(protected_branches=True), ""
        name = _quoted(_text(environment.get("name")))
        reply = self._get(f"{self._root}/environments/{name}/deployment-branch-policies?per_page=100")
        fields = _mapping(reply.value)
        entries = [_mapping(entry) for entry in _sequence(fields.get("branch_policies"))]
        if reply.status != _OK or fields.get("total_count") != len(entries):
            return None, reply.problem or "the environment's deployment rules cannot be read whole"
        patterns = (Pattern(_text(entry.get("type")), _text(entry.get("name"))) for entry in entries)
        return Policy(protected_branches=False, patterns=tuple(patterns)), ""

    def _contents(self, path: str) -> object:
        path = posixpath.normpath(path)
        if path.startswith(("/", "..")) or path == "." or not self.repository.known:
            return None
        query = f"?ref={_quoted(self._ref)}" if self._ref else ""
        reply = self._get(f"{self._root}/contents/{quote(path, errors='replace')}{query}")
        return reply.value if reply.status == _OK else None

    def _get(self, url: str) -> Reply:
        if self._requests >= REQUESTS_LIMIT:
            self._closed = self._closed or f"more than {REQUESTS_LIMIT} requests to GitHub would be needed"
        if self._closed:
            return Reply(problem=self._closed)
        self._requests += 1
        body = bytearray()
        credential = Credential("Bearer", self._token) if self._token else None
        kept = self._memory.of(url) if self._memory else Kept()
        answer = self._client.get(
            url,
            _JSON,
            credential,
            lambda piece: body.extend(piece[: ANSWER_LIMIT + 1 - len(body)]),
            kept.tag,
        )
        if kept.tag and answer.status == _NOT_MODIFIED:
            body.extend(kept.body)
            answer = answer._replace(status=_OK, complete=True)
        elif self._memory and answer.status == _OK and answer.complete and answer.tag:
            self._memory.keep(url, answer.tag, bytes(body))
        whole = answer.complete and len(body) <= ANSWER_LIMIT
        value = _value(body or answer.body) if whole else None
        problem = "" if answer.status == _OK and value is not None else self._problem(answer, value)
        if answer.status in {None, _UNAUTHORIZED, _TOO_MANY} or is_limited(problem):
            self._closed = problem  # Another 403 is about this one fact.
        return Reply(answer.status, value, answer.location, problem)

    def _problem(self, answer: Answer, value: object) -> str:
        if answer.status is None:
            return f"GitHub could not be asked: {answer.detail}"
        why = _WHY.get(answer.status) or f"GitHub's answer is of no use (HTTP {answer.status})"
        words = _text(_mapping(value).get("message"))
        words = redacted(one_line(words, 200), [self._token] if self._token else [])
        return f"{why}: {words}" if words else why


class Reply(NamedTuple):
    """An answer of GitHub's."""

    status: int | None = None
    value: object = None
    """The answer's JSON value; None if it has none."""

    location: str = ""
    problem: str = ""
    """Why it is no document, in words; empty where it is one."""


def is_limited(problem: str) -> bool:
    """Tell whether it is GitHub's request limit that keeps an answer back."""
    return "rate limit" in problem.lower() or _WHY[_TOO_MANY] in problem


def _usable(url: str) -> bool:
    """Tell whether a token may be sent there: https, or http to this machine; no login, no query."""
    return bool(_BASE.match(url)) and (url.startswith("https://") or is_loopback(url))


def _same_origin(url: str, root: str) -> bool:
    return _usable(url) and urlsplit(url)[:2] == urlsplit(root)[:2]


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _value(body: bytes | bytearray) -> object:
    try:
        value: object = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None
    return value


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
