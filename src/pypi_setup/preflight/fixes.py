"""Edits for the findings that have one safe edit. All else in the file stays byte for byte.

An edit is made on the text, at the places that the composed nodes name. Then everything is checked again: an
edit that leaves its finding, or brings another error or warning, is dropped. Where an anchor stands, or no
line can be put, the file is left alone and the reason is told.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pypi_setup.preflight.publishing.uploads import Oidc
from pypi_setup.preflight.syntax import document
from pypi_setup.sources.files import Overlay
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

EDITS_LIMIT = 50
"""Edits that are tried in one run."""

_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9_./-]*\Z", re.ASCII)
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_TOGETHER = {
    "user": frozenset({"password"}),
    "password": frozenset({"user"}),
    "TWINE_PASSWORD": frozenset({"TWINE_USERNAME"}),
    "UV_PUBLISH_PASSWORD": frozenset({"UV_PUBLISH_USERNAME"}),
}
"""What goes with a credential: a user name alone would leave the tool asking for the password."""

_OF_JOBS = frozenset({"environment", "permissions"})
"""Keys of a job that people write into a step."""

_STRANGE_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_USES_TOKEN = re.compile(
    r"GITHUB_TOKEN|GH_TOKEN|github\.token|gh-release|release-action|create-release|git push|gh release", re.I
)


class LeftAlone(Exception):
    """There is no one safe edit; the message says why."""


class Left(NamedTuple):
    """A finding that could be repaired by an edit, but was not."""

    finding: Finding
    why: str


class Repair(NamedTuple):
    """The new content of one file."""

    file: str
    """Path from the repository's root."""

    before: bytes | None
    """None where there is no such file yet."""

    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff. It repeats the file's text: make it visible before it is shown."""
        lines = difflib.unified_diff(
            _lines((self.before or b"").decode("utf-8", "replace")),
            _lines(self.after.decode("utf-8", "replace")),
            "/dev/null" if self.before is None else f"a/{self.file}",
            f"b/{self.file}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )

    @property
    def changes(self) -> int:
        """How many places of the file change."""
        before, after = (
            _lines((data or b"").decode("utf-8", "replace")) for data in (self.before, self.after)
        )
        codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return sum(code[0] != "equal" for code in codes)


class Repairs(NamedTuple):
    """What `--fix` would write."""

    files: tuple[Repair, ...] = ()
    made: tuple[Finding, ...] = ()
    """The findings that are gone."""

    left: tuple[Left, ...] = ()


def repairs(evidence: Evidence, check: Callable[[Evidence], Sequence[Finding]]) -> Repairs:
    """Return the edits for what `check` finds. Nothing is written."""
    files = evidence.files
    if files is None:
        return Repairs()
    changed: dict[str, bytes] = {}
    left: dict[tuple[str, str | None, str], Left] = {}
    first = findings = check(evidence)
    for _ in range(EDITS_LIMIT):
        finding = next((one for one in findings if _is_editable(one) and _key(one) not in left), None)
        if finding is None:
            break
        try:
            file, data = _edited(finding, evidence)
            after = dataclasses.replace(evidence, files=Overlay(files, {**changed, file: data}))
            found = check(after)
            _approve(finding, findings, found)
        except LeftAlone as reason:
            left[_key(finding)] = Left(finding, str(reason))
        else:
            changed[file] = data
            evidence, findings = after, found
            left.clear()  # What was refused for another finding's sake may be right now.
    edited = tuple(Repair(file, files.read(file) or b"", data) for file, data in changed.items())
    still = {_key(finding) for finding in findings}
    gone = tuple(finding for finding in first if _key(finding) not in still)
    return Repairs(edited, gone, tuple(left.values()))


def write(repair: Repair, root: Path) -> str:
    """Put a file's new content in the place of the old one, in one step; return what went wrong, or nothing.

    It is written only where it is the file that was read: a regular one, inside `root`, reached without a
    symbolic link. A file that is new must not exist yet.
    """
    top = root.resolve()
    place = top / repair.file
    try:
        if place.resolve() != place or top not in place.parents:
            return f"{repair.file} is behind a symbolic link or outside of the checkout"
        if repair.before is None:
            return _create(place, repair)
        if not place.is_file() or place.read_bytes() != repair.before:
            return f"{repair.file} has changed in the meantime"
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with open(descriptor, "wb") as file:
                file.write(repair.after)
            shutil.copymode(place, name)
            os.replace(name, place)
        except BaseException:  # An interruption, too.
            with suppress(OSError):
                os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        return f"{repair.file} could not be written: {getattr(error, 'strerror', None) or 'no such path'}"
    return ""


def _create(place: Path, repair: Repair) -> str:
    """Write a file that does not exist yet; return what went wrong, or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open("xb") as file:
            file.write(repair.after)
    except FileExistsError:
        return f"{repair.file} exists by now"
    return ""


def _is_editable(finding: Finding) -> bool:
    return finding.rule in _EDITS and finding.severity is not Severity.NOTICE


def _key(finding: Finding) -> tuple[str, str | None, str]:
    return finding.rule, finding.file, finding.message


def _edited(finding: Finding, evidence: Evidence) -> tuple[str, bytes]:
    """Return the file that the finding's edit changes, and its new content."""
    if finding.file is None or finding.line is None or evidence.files is None:
        raise LeftAlone("it names no line")
    data = evidence.files.read(finding.file)
    if data is None:
        raise LeftAlone("the file cannot be read")
    source = _Source(data)
    text = _EDITS[finding.rule](source, finding, evidence)
    return finding.file, source.encoded(text)


def _approve(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> None:
    """Raise LeftAlone unless the finding is gone and no error or warning is new."""
    old, new = (
        Counter((one.rule, one.file) for one in found if one.severity is not Severity.NOTICE)
        for found in (before, after)
    )
    if new[finding.rule, finding.file] >= old[finding.rule, finding.file]:
        raise LeftAlone("the edit would not settle it")
    added = sorted({rule for rule, _ in new - old})
    # A file that GitHub would not load hides what else is wrong in it.
    if added and finding.rule != "workflow-invalid":
        raise LeftAlone(f"the edit would lead to {', '.join(added)}")


# ---------------------------------------------------------------- the text and its nodes


class _Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: Any
    value: Any


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


class _Source:
    """A workflow's text beside its nodes."""

    def __init__(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise LeftAlone("the file is not UTF-8") from None
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self.text = text.removeprefix("\ufeff")
        if _STRANGE_BREAKS.search(self.text):
            raise LeftAlone("the file has line ends that are neither LF nor CRLF")
        self.lines = _lines(self.text)
        try:
            self.root = document.compose(data)
        except document.Unreadable as error:
            raise LeftAlone(str(error)) from None
        self._shared = frozenset(_shared(self.root))

    def encoded(self, text: str) -> bytes:
        """Return the bytes of a changed text."""
        return (self._mark + text).encode()

    def entries(self, node: Any) -> dict[str, _Entry]:
        """Return a mapping's keys and values; nothing where it is no mapping.

        Raises LeftAlone where a part of it stands in several places of the document.
        """
        if not isinstance(node, yaml.MappingNode):
            return {}
        if id(node) in self._shared or self.char(node) in {"&", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        return {
            key.value: _Entry(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)
        }

    def char(self, node: Any) -> str:
        """Return the character that a node begins with."""
        return self.text[self.offset(node.start_mark) :][:1]

    def is_flow(self, node: Any) -> bool:
        """Tell whether a mapping is written in braces."""
        return self.char(node) == "{"

    def offset(self, mark: Any) -> int:
        """Return the place of a mark in the text."""
        return sum(map(len, self.lines[: mark.line])) + int(mark.column)

    def jobs(self) -> dict[str, _Entry]:
        """Return the jobs by id."""
        jobs = self.entries(self.root).get("jobs")
        return self.entries(jobs.value) if jobs else {}

    def job(self, finding: Finding) -> _Entry:
        """Return the job that a finding stands in; the only one where it stands in none."""
        line = (finding.line or 1) - 1
        jobs = list(self.jobs().values())
        above = [entry for entry in jobs if entry.key.start_mark.line <= line <= entry.value.end_mark.line]
        if not above and len(jobs) != 1:
            raise LeftAlone("no job stands at this line")
        return (above or jobs)[-1]

    def stands_at(self, finding: Finding, entry: _Entry) -> bool:
        """Tell whether an entry has its key or its value in the finding's line."""
        return finding.line in {entry.key.start_mark.line + 1, entry.value.start_mark.line + 1}

    def replaced(self, node: Any, text: str) -> str:
        """Return the text with another scalar in the place of one, in the same quotes."""
        if id(node) in self._shared or self.char(node) in {"&", "*", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        if not isinstance(node, yaml.ScalarNode) or node.style in {"|", ">"} or "${{" in node.value:
            raise LeftAlone("the value is no plain text")
        quote = node.style or _quote(text)
        start, end = self.offset(node.start_mark), self.offset(node.end_mark)
        space = " " if self.text[:start].endswith(":") else ""  # There was no value at all.
        return f"{self.text[:start]}{space}{quote}{text}{quote}{self.text[end:]}"

    def inserted(self, line: int, indent: int, *lines: str) -> str:
        """Return the text with lines put in front of a line (from 0), at an indentation."""
        end = "\r\n" if self.lines[0].endswith("\r\n") else "\n"
        above, below = "".join(self.lines[:line]), "".join(self.lines[line:])
        new = end.join(" " * indent + text for text in lines)
        return f"{above}{new}{end}{below}" if above.endswith("\n") else f"{above}{end}{new}"

    def without(self, entries: Sequence[_Entry]) -> str:
        """Return the text without the lines of some entries of a mapping."""
        gone = {line for entry in entries for line in self._span(entry)}
        return "".join(line for number, line in enumerate(self.lines) if number not in gone)

    def without_first(self, first: _Entry, second: _Entry) -> str:
        """Return the text without a mapping's first entry, whose place behind a dash the second takes."""
        start = first.key.start_mark
        lead = self.lines[start.line][: start.column]
        last = max(inner.value.end_mark.line for inner in self.entries(first.value).values())
        if lead.strip() != "-" or second.key.start_mark.line != last + 1:
            return self.without([first])
        moved = lead + self.lines[last + 1][second.key.start_mark.column :]
        return "".join([*self.lines[: start.line], moved, *self.lines[last + 2 :]])

    def moved(self, entry: _Entry, line: int, beside: Any) -> str:
        """Return the text with an entry put in front of a line further above, indented as another key."""
        span = self._span(entry)
        start, indent = entry.key.start_mark.column, " " * beside.start_mark.column
        lines = [indent + self.lines[number][start:] for number in span]
        kept = [text for number, text in enumerate(self.lines) if number not in span]
        return "".join([*kept[:line], *lines, *kept[line:]])

    def _span(self, entry: _Entry) -> range:
        """Return the lines of an entry that has them to itself."""
        first, last = entry.key.start_mark.line, entry.value.end_mark.line
        if id(entry.value) in self._shared or self.char(entry.value) in {"&", "*", "!"}:
            raise LeftAlone("an anchor or a tag stands there")
        if isinstance(entry.value, yaml.ScalarNode) and entry.value.style in {"|", ">"}:
            raise LeftAlone("the value is a block of several lines")
        if self.lines[first][: entry.key.start_mark.column].strip():
            raise LeftAlone("something else stands on the same line")
        if isinstance(entry.value, yaml.MappingNode):
            last = max(inner.value.end_mark.line for inner in self.entries(entry.value).values())
        return range(first, last + 1)

    def into_braces(self, node: Any, text: str) -> str:
        """Return the text with one more entry at the end of a mapping in braces."""
        end = self.offset(node.end_mark) - 1
        inner = self.text[:end].rstrip()
        comma = "" if inner.endswith(("{", ",")) else ","
        space = "" if inner.endswith("{") else " "
        return f"{inner}{comma}{space}{text}{self.text[len(inner) :]}"


def _quote(text: str) -> str:
    return "" if _PLAIN.match(text) and text.lower() not in _YAML_WORDS else "'"


def _shared(root: Any) -> Iterator[int]:
    """Yield the ids of the nodes that stand in several places of the document."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            yield id(node)
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)


# ---------------------------------------------------------------- one edit a rule


def _grant(source: _Source, finding: Finding, evidence: Evidence) -> str:
    """Give a publishing job `id-token: write`. The finding may stand at the workflow's block."""
    jobs = source.jobs()
    for each in evidence.publications:
        granted = each.situation.placed.permissions
        if (
            each.file == finding.file
            and each.job.id in jobs
            and (not granted or granted.level("id-token") != "write")
        ):
            return _granted(source, jobs[each.job.id])
    return _granted(source, source.job(finding))


def _grant_caller(source: _Source, finding: Finding, evidence: Evidence) -> str:
    """Give a job that calls the publishing workflow `id-token: write`."""
    jobs = source.jobs()
    for placed in evidence.placed:
        for call, left in placed.limits:
            lacks = left is not None and left.level("id-token") != "write"
            if call.workflow.file == finding.file and call.job.id in jobs and lacks:
                return _granted(source, jobs[call.job.id])
    return _granted(source, source.job(finding))


def _granted(source: _Source, job: _Entry) -> str:
    keys = source.entries(job.value)
    if "permissions" in keys:
        return _amend(source, keys["permissions"])
    permissions = source.entries(source.root).get("permissions")
    first = next(iter(keys.values()), None)
    if first is None or source.is_flow(job.value):
        raise LeftAlone("the job is written in braces")
    if permissions is None and "uses" in keys:
        raise LeftAlone("a block takes from the called workflow all that the block does not name")
    if permissions is None and _USES_TOKEN.search(_text_of(source, job)):
        raise LeftAlone(
            "the job uses GitHub's token, and a block takes from it all that the block does not name"
        )
    scopes = _inherited(source, permissions)
    column = first.key.start_mark.column
    step = " " * max(column - job.key.start_mark.column, 1)
    words = [f"{scope}: {level}" for scope, level in scopes.items()]
    return source.inserted(_place(source, keys), column, "permissions:", *(step + word for word in words))


def _amend(source: _Source, permissions: _Entry) -> str:
    """Give a permissions block `id-token: write`."""
    scopes = source.entries(permissions.value)
    if "id-token" in scopes:
        return source.replaced(scopes["id-token"].value, "write")
    if "id_token" in scopes:
        return source.replaced(scopes["id_token"].key, "id-token")
    if not isinstance(permissions.value, yaml.MappingNode):
        raise LeftAlone("the job's permissions are one word: write those it needs, and id-token: write")
    if source.is_flow(permissions.value):
        return source.into_braces(permissions.value, "id-token: write")
    last = list(scopes.values())[-1]
    return source.inserted(last.value.end_mark.line + 1, last.key.start_mark.column, "id-token: write")


def _inherited(source: _Source, permissions: _Entry | None) -> dict[str, str]:
    """Return what a job's own block must say so that it takes nothing away: it replaces the workflow's."""
    if permissions is None or not isinstance(permissions.value, yaml.MappingNode):
        scopes = {"contents": "read"}
    else:
        scopes = {
            name: entry.value.value
            for name, entry in source.entries(permissions.value).items()
            if isinstance(entry.value, yaml.ScalarNode) and name not in {"id-token", "id_token"}
        }
    return {**scopes, "id-token": "write"}


def _respell(source: _Source, finding: Finding, _evidence: Evidence) -> str:
    """Write `id-token: write` for `id_token` and for a level that it does not have."""
    jobs = source.jobs().values()
    blocks = [source.entries(node).get("permissions") for node in (source.root, *(job.value for job in jobs))]
    for block in filter(None, blocks):
        for name, entry in source.entries(block.value).items():
            if source.stands_at(finding, entry):
                if name == "id_token":
                    return source.replaced(entry.key, "id-token")
                if name == "id-token":
                    return source.replaced(entry.value, "write")
    return _moved(source, finding)


def _moved(source: _Source, finding: Finding) -> str:
    """Move a key from a step to its job, where it belongs."""
    for job in source.jobs().values():
        keys = source.entries(job.value)
        steps = keys["steps"].value if "steps" in keys else None
        for step in steps.value if isinstance(steps, yaml.SequenceNode) else ():
            for name, entry in source.entries(step).items():
                if name in _OF_JOBS - set(keys) and source.stands_at(finding, entry):
                    return source.moved(entry, _place(source, keys), next(iter(keys.values())).key)
    raise LeftAlone("there is no one edit for it")


def _set_environment(source: _Source, finding: Finding, evidence: Evidence) -> str:
    """Give a job the publisher's environment."""
    job = source.job(finding)
    wanted = evidence.publisher.environment
    keys = source.entries(job.value)
    if "uses" in keys:
        raise LeftAlone("a job that calls a workflow can have no environment")
    if "environment" in keys:
        value = keys["environment"].value
        names = source.entries(value)
        return source.replaced(names["name"].value if "name" in names else value, wanted)
    first = next(iter(keys.values()), None)
    if first is None or source.is_flow(job.value):
        raise LeftAlone("the job is written in braces")
    quote = _quote(wanted)
    text = f"environment: {quote}{wanted}{quote}"
    return source.inserted(_place(source, keys), first.key.start_mark.column, text)


def _drop_credential(source: _Source, finding: Finding, evidence: Evidence) -> str:
    """Take a password out of a step's inputs, or a token out of the environment of a step or job."""
    for each in evidence.uploads:
        if (finding.file, finding.line) in {(one.file, one.line) for one in each.upload.credentials}:
            if each.upload.oidc is Oidc.NO:
                raise LeftAlone("without it the tool cannot upload at all: it does no Trusted Publishing")
            if evidence.index.url not in each.upload.indexes:
                raise LeftAlone("an upload to another index uses it, too")
    keys = source.entries(source.job(finding).value)
    owners = [keys]
    if "steps" in keys and isinstance(keys["steps"].value, yaml.SequenceNode):
        owners.extend(source.entries(step) for step in keys["steps"].value.value)
    for owner in owners:
        for place in ("with", "env"):
            table = owner.get(place)
            entries = source.entries(table.value) if table else {}
            hit = next((name for name, entry in entries.items() if source.stands_at(finding, entry)), None)
            if table and hit is not None:
                extra = _TOGETHER.get(hit, frozenset())
                return _dropped(source, table, {hit} | (extra & set(entries)), owner)
    raise LeftAlone("the credential stands in a command, or in another place than the step or its job")


def _dropped(source: _Source, table: _Entry, names: set[str], owner: dict[str, _Entry]) -> str:
    entries = source.entries(table.value)
    if source.is_flow(table.value):
        raise LeftAlone("the values are written in braces")
    if names != set(entries):
        return source.without([entries[name] for name in names])
    first, *others = owner.values()
    return source.without_first(first, others[0]) if first is table and others else source.without([table])


def _place(source: _Source, keys: dict[str, _Entry]) -> int:
    """Return the line in front of which a new key of a job goes: behind `runs-on`, or as the first one."""
    entry = keys.get("runs-on")
    if entry and (isinstance(entry.value, yaml.ScalarNode) or source.char(entry.value) in {"[", "{"}):
        return int(entry.value.end_mark.line) + 1
    return int(next(iter(keys.values())).key.start_mark.line)


def _text_of(source: _Source, job: _Entry) -> str:
    return "".join(source.lines[job.key.start_mark.line : job.value.end_mark.line + 1])


_EDITS: dict[str, Callable[[_Source, Finding, Evidence], str]] = {
    "id-token-missing": _grant,
    "caller-permissions": _grant_caller,
    "workflow-invalid": _respell,
    "environment-mismatch": _set_environment,
    "api-token-used": _drop_credential,
}
"""The rules whose findings have an edit."""
