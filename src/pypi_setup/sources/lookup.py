"""What the index says publicly of a project: does it exist, and who published its newest attested file.

Sources: PEP 691 and PEP 700 (Simple API as JSON), PEP 740 (provenance), PEP 792 (project status). At most two
requests, without a token; the answer for an old project is tens of MB and is read in flat memory.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.transport import Answer, Client
    from pypi_setup.values.index import Index

_SIMPLE = "application/vnd.pypi.simple.v1+json"
_PROVENANCE = "application/vnd.pypi.integrity.v1+json"
_OK, _NOT_FOUND = 200, 404
_FIELDS = ("filename", "provenance", "upload-time")
_HASH = ["files", "item", "hashes", "sha256"]
_DEPTH, _DEPTH_LIMIT = len(_HASH), 100  # Of `files`, a file and its fields; of an answer that is read on.


GITHUB = "GitHub"
"""The kind of publisher that this tool registers."""


class Published(NamedTuple):
    """Which Trusted Publisher a file came from, by its attestations (PEP 740)."""

    filename: str
    repository: str
    """`owner/repository` as the publisher has it; of Google Cloud the service account's address."""

    workflow: str
    """The workflow's file name, of GitLab its path; empty where the kind has none."""

    environment: str
    """The publisher's environment; empty if it has none."""

    kind: str = GITHUB
    """The service: `GitHub`, `GitLab`, `Google`, `ActiveState`, or what the index calls it."""


class Project(NamedTuple):
    """What is publicly known of a project."""

    exists: bool | None = None
    """None if it could not be found out."""

    marker: str = "active"
    """PEP 792: active, archived, quarantined or deprecated."""

    published: Published | None = None
    """Who published the newest attested file; None if there is none, or it could not be found out."""

    present: Mapping[str, str] = MappingProxyType({})
    """Of the files asked for those that the index has, with their SHA-256 (empty where it tells none)."""

    problem: str = ""
    """Why something could not be found out, in words."""


def look_up(name: str, index: Index, client: Client, wanted: frozenset[str] = frozenset()) -> Project:
    """Return what the index says of the project with this normalized name. Never raises.

    `wanted` are the names of the files to look for in its list.
    """
    files = _Files(wanted)
    answer = client.get(index.simple_url(name), _SIMPLE, sink=files.feed)
    if answer.status == _NOT_FOUND:
        return Project(exists=False)
    if answer.status != _OK or answer.content_type != _SIMPLE:
        return Project(problem=_problem(answer, f"{index.label}'s Simple API"))
    project = Project(exists=True, marker=files.marker, present=files.present)
    if not answer.complete or files.broken:
        return project._replace(
            problem=f"{index.label}'s list of the project's files could not be read whole"
        )
    if not _same_origin(files.provenance, index.url):
        return project  # No attested file, or an address that the index may not send us to.
    answer = client.get(files.provenance, _PROVENANCE)
    published = _published(files.filename, answer.json()) if answer.status == _OK else None
    if published is None:
        return project._replace(problem=_problem(answer, f"The provenance of {files.filename}"))
    return project._replace(published=published)


class _Files:
    """Reads a Simple API answer piece by piece; remembers the newest attested file and what is wanted."""

    def __init__(self, wanted: frozenset[str]) -> None:
        import ijson

        self.present: dict[str, str] = {}
        self._wanted = wanted
        self.marker = "active"
        self.filename = self.provenance = ""
        self.broken = False
        self._newest = ""
        self._file: dict[str, str] = {}
        # ijson's own places (`files.item`) cost the square of the depth of a hostile answer.
        self._place: list[str] = []
        self._events = ijson.sendable_list()
        self._parser = ijson.basic_parse_coro(self._events)
        self._errors = (ijson.JSONError, StopIteration, UnicodeDecodeError, RecursionError)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self.broken:
            return
        try:
            self._parser.send(piece)
        except self._errors:
            self.broken = True
        for event, value in self._events:
            self._follow(event, value)
        del self._events[:]
        self.broken = self.broken or len(self._place) > _DEPTH_LIMIT

    def _follow(self, event: str, value: object) -> None:
        if event == "map_key":
            self._place[-1] = str(value)
        elif event in {"start_map", "start_array"}:
            self._place.append("item")
        else:
            if event in {"end_map", "end_array"}:
                self._place.pop()
            if len(self._place) <= _DEPTH:
                self._take(self._place, event, value)

    def _take(self, place: list[str], event: str, value: object) -> None:
        if (place, event) == (["files", "item"], "end_map"):
            uploaded = self._file.get("upload-time", "")
            if self._file.get("provenance") and uploaded >= self._newest:
                self._newest = uploaded
                self.filename, self.provenance = self._file.get("filename", ""), self._file["provenance"]
            if (name := self._file.get("filename", "")) in self._wanted:
                self.present[name] = self._file.get("sha256", "")
            self._file = {}
        elif event == "string" and place == _HASH:
            self._file["sha256"] = str(value)
        elif event == "string" and place[:-1] == ["files", "item"] and place[-1] in _FIELDS:
            self._file[place[-1]] = str(value)
        elif (place, event) == (["project-status", "status"], "string"):
            self.marker = str(value)


_NAMES = ("repository", "email", "vcs_origin", "project", "project_id")
"""The fields that tell who published, by kind (pypi_attestations: Publisher); the first one counts."""


def _published(filename: str, provenance: object) -> Published | None:
    """Return the publisher that a provenance names, GitHub's before any other; None if it names none."""
    try:
        found = [_publisher(bundle["publisher"]) for bundle in provenance["attestation_bundles"]]  # type: ignore[index]
    except (KeyError, TypeError):
        return None  # No provenance at all: the index's word is not trusted.
    known = sorted((each for each in found if each), key=lambda each: each.kind != GITHUB)
    return known[0]._replace(filename=filename) if known else None


def _publisher(fields: object) -> Published | None:
    """Return what a publisher's fields name; None where they are out of shape."""
    if not isinstance(fields, dict):
        return None
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    who = next((texts[name] for name in _NAMES if name in texts), "")
    workflow = texts.get("workflow", texts.get("workflow_filepath", ""))
    whole = "kind" in texts and fields.get("environment") in (None, texts.get("environment"))
    if not whole or (texts["kind"] == GITHUB and not {"repository", "workflow"} <= texts.keys()):
        return None
    return Published("", who, workflow, texts.get("environment", ""), texts["kind"])


def _same_origin(url: str, root: str) -> bool:
    try:
        return urlsplit(url)[:2] == urlsplit(root)[:2]
    except ValueError:
        return False


def _problem(answer: Answer, what: str) -> str:
    return f"{what} could not be read: " + (answer.detail or f"HTTP {answer.status}, {answer.content_type}")
