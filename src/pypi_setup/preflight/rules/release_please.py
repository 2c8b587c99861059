"""Which tags release-please makes, by its configuration, and whether the publishing workflow waits for them.

Sources: release-please's documents of its manifest configuration, and src/util/tag-name.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pypi_setup.preflight.publishing import releases, starting
from pypi_setup.sources import parsing
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.workflow.model import Step

_ACTIONS = frozenset({"googleapis/release-please-action", "google-github-actions/release-please-action"})
_CONFIG = "release-please-config.json"


def unmatched(evidence: Evidence, publication: Publication) -> Iterator[Finding]:
    """Find tags of release-please none of which the publishing workflow waits for."""
    trigger = publication.situation.root.on[publication.situation.event]
    step = _step(evidence)
    if step is None or not trigger.tags or evidence.files is None:
        return
    given = step.inputs.get("config-file")
    if step.inputs.get("release-type") is not None or (given is not None and given.has_expression):
        return
    path = given.text.removeprefix("./") if given and given.text else _CONFIG
    tags = _tags(evidence.files.read(path))
    begun = [f"{tag}{digit}" for tag in tags for digit in range(10)]
    if not tags or any(starting.may_match(trigger, tag, whole=False) for tag in begun):
        return
    shown = one_line(tags[0], 80)
    waits = ", ".join(one_line(each.text, 40) for each in trigger.tags[:3])
    message = (
        f"release-please makes tags such as {shown}1.2.3 ({one_line(path, 80)}), and this workflow waits for "
        f"{waits}. So its tags start nothing, and nothing is published."
    )
    fix = (
        f'Wait for its tags:\non:\n  push:\n    tags: ["{shown}*"]\nor leave the name out of them, in '
        f'{one_line(path, 80)}: "include-component-in-tag": false'
    )
    file = publication.situation.root.file
    yield Finding("never-triggered", Severity.WARNING, message, fix, file, trigger.line)


def _step(evidence: Evidence) -> Step | None:
    """Return the one step that runs release-please; None where there is none, or there are several."""
    found = [
        step
        for workflow in evidence.making
        for job in workflow.jobs.values()
        for step in job.steps
        if step.uses is not None and releases.split(step.uses.text)[0] in _ACTIONS
    ]
    return found[0] if len(found) == 1 else None


def _tags(data: bytes | None) -> list[str]:
    """Return what the tags of each package begin with; none where that cannot be told."""
    try:
        config = parsing.json_value(data) if data else None
    except parsing.Unreadable:
        return []
    packages = config.get("packages") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(packages, dict):
        return []
    found = []
    for package in packages.values():
        settings: dict[str, Any] = {**config, **(package if isinstance(package, dict) else {})}
        v = "" if settings.get("include-v-in-tag") is False else "v"
        if settings.get("include-component-in-tag") is False:
            found.append(v)
            continue
        own = package if isinstance(package, dict) else {}
        component = own.get("component") or own.get("package-name")
        if not isinstance(component, str):
            return []  # release-please takes it from other files.
        separator = settings.get("tag-separator", "-")
        found.append(f"{component}{separator if isinstance(separator, str) else '-'}{v}")
    return found
