"""Names of the projects that can be built from a repository's files. Nothing is run, nothing is guessed.

Sources: the pyproject.toml specification (PEP 621), Poetry's and Flit's older tables, setuptools' setup.cfg,
and a setup.py whose `name=` is a literal, or a variable that is one. What a file does not say as data
is told in words instead.
"""

from __future__ import annotations

import itertools
import os
import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sources import parsing

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.sources.files import Files

TOTAL_LIMIT = 1024 * 1024
"""Bytes of all metadata files that are parsed for their names: some seconds at worst."""

FOLDERS_LIMIT = 100
"""Folders whose metadata files are read, those next to the root first."""

ENTRIES_LIMIT = 20_000
"""Files and folders that a search looks at."""

UNREAD_LIMIT = 20
"""Folders that cannot be read that are told of."""

DEPTH_LIMIT = 20
"""Levels of folders that a search goes down."""

_METADATA = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
_SKIPPED = frozenset({"node_modules", "site-packages", "venv", "__pycache__"})
_NAME = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
_NAME_PLACES = (
    ("project", "name"),
    ("tool", "poetry", "name"),
    ("tool", "flit", "metadata", "dist-name"),
    ("tool", "flit", "metadata", "module"),
)
_NAMES = frozenset({"name", '"name"', "'name'"})
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_BUILD_TOOL = re.compile(rb"\b(setuptools|distutils|skbuild)\b")


class Listing(NamedTuple):
    """Paths of files, from the repository's root, with forward slashes."""

    paths: tuple[str, ...] = ()
    complete: bool = True
    """False if some were left out."""

    unread: tuple[str, ...] = ()
    """Of each folder that could not be listed: why, in words (`This folder cannot be read: why`)."""


class Name(NamedTuple):
    """A project's name, and the file that gives it."""

    text: str
    file: str


class Projects(NamedTuple):
    """What can be built from the files."""

    names: tuple[Name, ...] = ()
    """Those next to the root first. One that PyPI would refuse counts only where there is no other."""

    unsaid: tuple[str, ...] = ()
    """Of each file that gives a name but not as data: why, in words (`setup.py computes the name`)."""

    complete: bool = True
    """False if there may be more: the search is bounded."""

    members: tuple[str, ...] = ()
    """Path patterns of the workspace that the root's pyproject.toml declares."""

    def of_workspace(self) -> tuple[Name, ...]:
        """Return the names of the workspace's members, without the root's own."""
        return tuple(name for name in self.names if self._is_member(name))

    def to_publish(self) -> tuple[Name, ...]:
        """Return the names of what is meant to be published: the root's own and its workspace's members.

        Where there is neither, every name counts.
        """
        own = tuple(name for name in self.names if "/" not in name.file)
        chosen = dict.fromkeys((*own, *self.of_workspace()))
        return tuple(chosen) or self.names

    def _is_member(self, name: Name) -> bool:
        folder = PurePosixPath(name.file).parent
        # A pattern such as `packages/*` matches a whole path only; PurePath.match takes one for a tail.
        return any(
            len(folder.parts) == len(PurePosixPath(member).parts) and folder.match(member)
            for member in self.members
        )


def listed(folder: Path) -> Listing:
    """Return the paths of a folder's metadata files, without hidden and installed ones."""
    paths: list[str] = []
    failed: list[OSError] = []
    seen, complete = 0, True
    for place, folders, names in os.walk(folder, onerror=failed.append):
        inner = PurePosixPath(os.path.relpath(place, folder).replace(os.sep, "/"))
        folders[:] = sorted(name for name in folders if not _skipped(name))
        seen += len(folders) + len(names)
        paths.extend(str(inner / name) for name in _METADATA.intersection(names))
        if len(inner.parts) >= DEPTH_LIMIT and folders:
            folders.clear()
            complete = False
        if seen > ENTRIES_LIMIT:
            complete = False
            break
    failed = [error for error in failed if not isinstance(error, FileNotFoundError)]
    unread = tuple(_why_unread(error, folder) for error in failed[:UNREAD_LIMIT])
    return Listing(tuple(sorted(paths)), complete and not failed, unread)


def _why_unread(error: OSError, root: Path) -> str:
    """Say that a folder cannot be listed, and why."""
    name = os.path.relpath(error.filename, root).replace(os.sep, "/")
    which = "This folder" if name == "." else f"The folder {name}"
    return f"{which} cannot be read: {error.strerror}"


def projects(files: Files, listing: Listing) -> Projects:
    """Return the names that the metadata files among these paths give. Never raises."""
    folders: dict[str, set[str]] = {}
    for path in listing.paths:
        folder, _, file = path.rpartition("/")
        if file in _METADATA and not any(map(_skipped, folder.split("/"))):
            folders.setdefault(folder, set()).add(file)
    near_first = sorted(folders, key=lambda folder: (folder.count("/") + bool(folder), folder))
    names: list[Name] = []
    unsaid = list(listing.unread)
    budget = _Budget()
    for folder in near_first[:FOLDERS_LIMIT]:
        name, why = _in_folder(files, folder, folders[folder], budget)
        names.extend([name] if name else [])
        unsaid.extend([why] if why and not name else [])
    names = [name for name in names if not _is_private(_table(files, name.file))] or names
    members = _members(_table(files, "pyproject.toml")) if "" in folders else ()
    complete = listing.complete and len(folders) <= FOLDERS_LIMIT and budget.left >= 0
    return Projects(tuple(names), tuple(unsaid), complete, members)


def _skipped(folder: str) -> bool:
    return folder in _SKIPPED or folder.startswith(".")


class _Budget:
    """The bytes that may still be parsed."""

    def __init__(self) -> None:
        self.left = TOTAL_LIMIT


def _in_folder(files: Files, folder: str, present: set[str], budget: _Budget) -> tuple[Name | None, str]:
    """Return the name that a folder's files give, and else why they give none (empty: no project at all)."""
    reasons = []
    for file, read in (("pyproject.toml", _pyproject), ("setup.cfg", _setup_cfg), ("setup.py", _setup_py)):
        if file not in present:
            continue
        path = posixpath.join(folder, file)
        data = files.read(path)
        if data is None:
            return None, f"{path} cannot be read"
        budget.left -= len(data) if len(data) <= parsing.SIZE_LIMIT else 0
        if budget.left < 0:
            return None, f"{path} was not read: all metadata files are larger than 1 MiB together"
        try:
            name, why = read(data)
        except parsing.Unreadable as reason:
            return None, f"{path} {reason}"
        if name and not _NAME.match(name):
            name, why = "", "gives a name that no project can have"
        if name:
            return Name(name, path), ""
        if why:
            reasons.append(f"{path} {why}")
    return None, "; ".join(reasons)


def _pyproject(data: bytes) -> tuple[str, str]:
    table = parsing.toml(data)
    if _is_no_package(table):
        return "", ""
    for place in _NAME_PLACES:
        name = at(table, place)
        if isinstance(name, str):
            return name, ""
    dynamic = at(table, ("project", "dynamic"))
    if isinstance(dynamic, list) and "name" in dynamic:
        return "", "has a dynamic name"
    is_project = "project" in table or at(table, ("build-system", "build-backend")) is not None
    return "", "gives no name" if is_project else ""


def _is_no_package(table: dict[str, object]) -> bool:
    """Tell whether the project says that it is not built.

    uv's `package = false` says so only without a build system: with one it keeps uv from building it here.
    """
    if at(table, ("tool", "poetry", "package-mode")) is False:
        return True
    return at(table, ("tool", "uv", "package")) is False and "build-system" not in table


def _setup_cfg(data: bytes) -> tuple[str, str]:
    parser = parsing.ini(data)
    name = parser.get("metadata", "name", fallback="").strip()
    if not name and parser.has_section("metadata"):
        name = parser.get("DEFAULT", "name", fallback="").strip()
    return name, ""


def _setup_py(data: bytes) -> tuple[str, str]:
    if not _BUILD_TOOL.search(data):
        return "", ""  # A module that happens to have this name.
    words = parsing.tokens(data)
    if not words:
        return "", "cannot be read"
    for index, word in enumerate(words):
        if word == "(" and words[index - 1] == "setup" and words[index - 2] != "def":
            return _name_of_setup(words, index)
    return "", ""


def _name_of_setup(words: list[str], start: int) -> tuple[str, str]:
    """Return the name in the call of `setup` that opens here, or in the one dictionary that it unpacks."""
    arguments = _parts(words, start)
    if arguments is None:
        return "", "cannot be read"
    unpacked = [part[1] for part in arguments if part[0] == "**" and len(part) == 2]  # noqa: PLR2004
    if len(unpacked) == 1:
        arguments += _entries(_constant(words, unpacked[0]))
    for part in arguments:
        if part[:2] in (["name", "="], ['"name"', ":"], ["'name'", ":"]):
            value = part[2:]
            is_variable = len(value) == 1 and value[0].isidentifier()
            return _literal(_constant(words, value[0]) if is_variable else value)
    return "", "gives no name"


def _entries(value: list[str]) -> list[list[str]]:
    """Return the entries of a dictionary that is written as `dict(name=…)` or `{"name": …}`."""
    start = 1 if value[:2] == ["dict", "("] else 0
    is_whole = value[start : start + 1] in (["("], ["{"]) and _parts(value[:-1], start) is None
    return _parts(value, start) or [] if is_whole else []


def _parts(words: list[str], start: int) -> list[list[str]] | None:
    """Return what the commas part in the bracket that opens here; None where it is not closed."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words[start:]:
        depth += (word in _OPENING) - (word in _CLOSING)
        if not depth:
            return [part for part in parts if part]
        if depth == 1 and word == ",":
            parts.append([])
        elif parts[-1] or word != words[start]:
            parts[-1].append(word)
    return None


def _constant(words: list[str], name: str) -> list[str]:
    """Return the value of a variable that is assigned once; empty where something else may change it."""
    depth = 0
    values = []
    for index, word in enumerate(words):
        depth += (word in _OPENING) - (word in _CLOSING)
        if word == name and not depth:
            rest = list(itertools.takewhile(parsing.LINE_END.__ne__, words[index + 1 :]))
            # `options["ext_modules"] = …` and `options.update(…)` leave the name as it is.
            if rest[:1] not in (["["], ["."]) or not _NAMES.isdisjoint(rest):
                values.append(rest)
    return values[0][1:] if len(values) == 1 and values[0][:1] == ["="] else []


def _literal(words: list[str]) -> tuple[str, str]:
    """Return the text of a string literal that is a whole value."""
    quoted = re.fullmatch(r"""[uU]?(["'])([^"'\\]*)\1""", words[0]) if len(words) == 1 else None
    return (quoted[2], "") if quoted else ("", "computes the name")


def _is_private(table: dict[str, object]) -> bool:
    """Tell whether PyPI would refuse the project: by a classifier `Private :: …`, or by a local version."""
    classifiers = at(table, ("project", "classifiers"))
    version = at(table, ("project", "version"))
    named = classifiers if isinstance(classifiers, list) else []
    return any(str(each).startswith("Private ::") for each in named) or "+" in str(version)


def _table(files: Files, path: str) -> dict[str, object]:
    data = files.read(path) if path.endswith("pyproject.toml") else None
    return (parsed(data) if data is not None else None) or {}


def _members(table: dict[str, object]) -> tuple[str, ...]:
    members = at(table, ("tool", "uv", "workspace", "members"))
    texts = members if isinstance(members, list) else []
    return tuple(text for text in texts if isinstance(text, str) and text.strip("/"))


def parsed(data: bytes) -> dict[str, object] | None:
    """Return the table of a TOML file; None where it is none, or is not read (see `parsing.toml`)."""
    try:
        return parsing.toml(data)
    except parsing.Unreadable:
        return None


def at(table: object, place: tuple[str, ...]) -> object:
    """Return the value at a path of keys; None where there is none."""
    for key in place:
        table = table.get(key) if isinstance(table, dict) else None
    return table
