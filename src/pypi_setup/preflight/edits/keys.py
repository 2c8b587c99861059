"""Edits of the keys of a workflow and its jobs: permissions and environments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from pypi_setup.preflight.edits.text import Entry, LeftAlone, Source, quote

if TYPE_CHECKING:
    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

_OF_JOBS = frozenset({"environment", "permissions"})
"""Keys of a job that people write into a step."""

_USES_TOKEN = re.compile(
    r"GITHUB_TOKEN|GH_TOKEN|github\.token|gh-release|release-action|create-release|git push|gh release", re.I
)


def grant(source: Source, finding: Finding, evidence: Evidence) -> str:
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


def grant_caller(source: Source, finding: Finding, evidence: Evidence) -> str:
    """Give a job that calls the publishing workflow `id-token: write`."""
    jobs = source.jobs()
    for placed in evidence.placed:
        for call, left in placed.limits:
            lacks = left is not None and left.level("id-token") != "write"
            if call.workflow.file == finding.file and call.job.id in jobs and lacks:
                return _granted(source, jobs[call.job.id])
    return _granted(source, source.job(finding))


def _granted(source: Source, job: Entry) -> str:
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


def _amend(source: Source, permissions: Entry) -> str:
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


def _inherited(source: Source, permissions: Entry | None) -> dict[str, str]:
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


def respell(source: Source, finding: Finding, _evidence: Evidence) -> str:
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


def _moved(source: Source, finding: Finding) -> str:
    """Move a key from a step to its job, where it belongs."""
    for job in source.jobs().values():
        keys = source.entries(job.value)
        steps = keys["steps"].value if "steps" in keys else None
        for step in steps.value if isinstance(steps, yaml.SequenceNode) else ():
            for name, entry in source.entries(step).items():
                if name in _OF_JOBS - set(keys) and source.stands_at(finding, entry):
                    return source.moved(entry, _place(source, keys), next(iter(keys.values())).key)
    raise LeftAlone("there is no one edit for it")


def set_environment(source: Source, finding: Finding, evidence: Evidence) -> str:
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
    mark = quote(wanted)
    text = f"environment: {mark}{wanted}{mark}"
    return source.inserted(_place(source, keys), first.key.start_mark.column, text)


def _place(source: Source, keys: dict[str, Entry]) -> int:
    """Return the line in front of which a new key of a job goes: behind `runs-on`, or as the first one."""
    entry = keys.get("runs-on")
    if entry and (isinstance(entry.value, yaml.ScalarNode) or source.char(entry.value) in {"[", "{"}):
        return int(entry.value.end_mark.line) + 1
    return int(next(iter(keys.values())).key.start_mark.line)


def _text_of(source: Source, job: Entry) -> str:
    return "".join(source.lines[job.key.start_mark.line : job.value.end_mark.line + 1])
