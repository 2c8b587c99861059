"""Edits that take a long-lived credential away from a tool that can do without it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import yaml

from pypi_setup.preflight.edits.text import Entry, LeftAlone, Source
from pypi_setup.preflight.publishing.uploads import Oidc

if TYPE_CHECKING:
    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

_TOGETHER = {
    "user": frozenset({"password"}),
    "password": frozenset({"user"}),
    "TWINE_PASSWORD": frozenset({"TWINE_USERNAME"}),
    "UV_PUBLISH_PASSWORD": frozenset({"UV_PUBLISH_USERNAME"}),
    "PDM_PUBLISH_PASSWORD": frozenset({"PDM_PUBLISH_USERNAME"}),
    "MATURIN_PASSWORD": frozenset({"MATURIN_USERNAME"}),
}
"""What goes with a credential: a user name alone would leave the tool asking for the password."""

_VALUE = r"""(?:"[^"\\`(]*"|'[^'\\]*'|\$\{\{[^{}]*\}\}|[^\s;&|<>"'`()\\]+)(?=[\s;&|]|\Z)"""
"""A word of the shell that stands for itself, a variable or an expression."""

_USER = re.compile(rf"[ \t]+(?:-u|--user|--username)(?:=|[ \t]+){_VALUE}")


def drop(source: Source, finding: Finding, evidence: Evidence) -> str:
    """Take a credential out of inputs, out of variables, or out of the command that it is given to."""
    names = _given(finding, evidence)
    jobs, job = source.jobs(), source.job(finding)
    keys = source.entries(job.value)
    owners = [keys, *([source.entries(source.root)] if len(jobs) == 1 else [])]
    if "steps" in keys and isinstance(keys["steps"].value, yaml.SequenceNode):
        owners.extend(source.entries(step) for step in keys["steps"].value.value)
    for owner in owners:
        for place in ("with", "env"):
            table = owner.get(place)
            entries = source.entries(table.value) if table and source.holds(table, finding) else {}
            hit = next((name for name, entry in entries.items() if source.stands_at(finding, entry)), None)
            if table and hit is not None:
                extra = _TOGETHER.get(hit, frozenset())
                return without_entries(source, table, {hit} | (extra & set(entries)), owner)
    options = [name for name in names if name.startswith("-")]
    if len(options) != 1:
        raise LeftAlone("the credential stands in another place than the step, the job or its command")
    lines = _command_at(source, (finding.line or 1) - 1)
    after = Source(source.encoded(_without_option(source, lines, options[0])))
    return _without_unread(source, after, job.key.value, lines[0])


def _given(finding: Finding, evidence: Evidence) -> set[str]:
    """Return where the credential of a finding is given. Raises LeftAlone where something needs it."""
    names = set()
    for each in evidence.uploads:
        for one in each.upload.credentials:
            if (finding.file, finding.line) == (one.file, one.line):
                if each.upload.oidc is Oidc.NO:
                    raise LeftAlone("without it the tool cannot upload at all: it does no Trusted Publishing")
                if evidence.index.url not in each.upload.indexes:
                    raise LeftAlone("an upload to another index uses it, too")
                names.add(one.name)
    return names


def without_entries(source: Source, table: Entry, names: set[str], owner: dict[str, Entry]) -> str:
    """Return the text without some entries of a mapping, and without the mapping where that has no others.

    `owner` are the entries beside the mapping.
    """
    entries = source.entries(table.value)
    if names != set(entries):
        if source.is_flow(table.value):
            raise LeftAlone("the values are written in braces")
        return source.without([entries[name] for name in names])
    first, *others = owner.values()
    return source.without_first(first, others[0]) if first is table and others else source.without([table])


def _command_at(source: Source, line: int) -> range:
    """Return the lines of the command that a line belongs to, all from 0."""
    first = last = line
    while first and source.lines[first - 1].rstrip().endswith("\\"):
        first -= 1
    while source.lines[last].rstrip().endswith("\\") and last + 1 < len(source.lines):
        last += 1
    return range(first, last + 1)


def _without_option(source: Source, command: range, option: str) -> str:
    """Return the text without an option and its value; `command` are the lines that one of them stands in."""
    pattern = re.compile(rf"[ \t]+{re.escape(option)}(?:=|[ \t]+){_VALUE}")
    places = [number for number in command if pattern.search(source.lines[number])]
    if len(places) != 1 or len(pattern.findall(source.lines[places[0]])) != 1:
        raise LeftAlone("the option stands there more than once, or its value is no single word")
    lines = list(source.lines)
    for number in command:
        kept = pattern.sub("", lines[number])
        kept = _USER.sub("", kept) if option in {"-p", "--password"} else kept
        if kept != lines[number] and kept.strip() in {"", "\\"}:
            if not kept.strip():  # The command ends one line earlier now.
                lines[number - 1] = re.sub(r"[ \t]*\\(?=\r?\n)", "", lines[number - 1])
            kept = ""
        lines[number] = kept
    return "".join(lines)


def _without_unread(before: Source, after: Source, job: str, line: int) -> str:
    """Return the changed text without the secrets of a step that nothing in it reads any more.

    `job` is the step's, and `line`, from 0, one of its lines.
    """
    old, new = _step_at(before, job, line), _step_at(after, job, line)
    keys = after.entries(new) if old and new else {}
    if "env" not in keys:
        return after.text
    secrets = {
        name
        for name, entry in after.entries(keys["env"].value).items()
        if "secrets." in str(entry.value.value)
        and len(re.findall(rf"\b{re.escape(name)}\b", _text(after, new))) == 1
        and len(re.findall(rf"\b{re.escape(name)}\b", _text(before, old))) > 1
    }
    with suppress(LeftAlone):  # It does no harm where it stands.
        return without_entries(after, keys["env"], secrets, keys) if secrets else after.text
    return after.text


def _step_at(source: Source, job: str, line: int) -> Any:
    """Return the step of a job that a line, from 0, stands in; None where it stands in none."""
    steps = source.entries(source.jobs()[job].value)["steps"].value.value
    return next((step for step in reversed(steps) if step.start_mark.line <= line), None)


def _text(source: Source, step: Any) -> str:
    return "".join(source.lines[step.start_mark.line : step.end_mark.line + 1])
