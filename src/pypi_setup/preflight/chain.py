"""The chain of a release, from the event to the project: what the findings say of each link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.standing import gaps
from pypi_setup.values.chain import BROKEN, HOLDS, UNKNOWN, Link
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

_NAMES_LIMIT = 3
RULES_OF = {
    "event": {"never-triggered", "pull-request-target", "started-by-github-token"},
    "job": {
        *("workflow-missing", "workflow-invalid", "no-publishing-job", "index-mismatch", "job-skipped"),
        *("id-token-missing", "caller-permissions", "unsupported-runner"),
    },
    "files": {
        *("artifact-hand-over", "attestation-collision", "version-refused", "version-exists"),
        *("wheel-tag-refused", "metadata-refused"),
    },
    "tool": {"api-token-used", "tool-without-oidc", "action-reference", "tool-outdated"},
    "identity": {
        *("reusable-workflow", "repository-spelling", "repository-moved", "repository-unknown"),
        *("environment-mismatch", "environment-expression", "environment-policy", "environment-not-found"),
    },
    "publisher": {"pending-identity-shared", "pending-limit", "published-by-other"},
    "project": {"project-name-mismatch", "project-status"},
}
"""The links in their order, each with the rules whose findings are about it."""


def links(evidence: Evidence, findings: Sequence[Finding]) -> tuple[Link, ...]:
    """Return the seven links: event, job, files, tool, identity, publisher, project.

    An error breaks its link; a warning or a notice leaves it unknown. So does what was never looked at. Where
    no job publishes and no link is broken, there is no chain to show.
    """
    unseen = {gap.link for gap in gaps(evidence)}
    chain = tuple(
        Link(name, value, _state(name, findings, known=known and name not in unseen))
        for name, (value, known) in _values(evidence).items()
    )
    return chain if evidence.publications or any(link.state == BROKEN for link in chain) else ()


def _state(name: str, findings: Sequence[Finding], *, known: bool) -> str:
    severities = {finding.severity for finding in findings if finding.rule in RULES_OF[name]}
    if Severity.ERROR in severities:
        return BROKEN
    return UNKNOWN if severities or not known else HOLDS


def _values(evidence: Evidence) -> dict[str, tuple[str, bool]]:
    """Return each link's value, and whether it is known to be there."""
    publisher = evidence.publisher
    running = [each for each in evidence.publications if each.runs is not False]
    events = dict.fromkeys(each.situation.event for each in running if each.situation.event)
    jobs = dict.fromkeys(each.job.id for each in evidence.publications)
    projects = [evidence.projects.get(each.name) for each in evidence.publishers]
    attested = [project.published for project in projects if project and project.published]
    tools = dict.fromkeys(each.upload.tool.name for each in evidence.publications)
    folders = dict.fromkeys(each.upload.folder for each in evidence.publications if each.upload.folder)
    identity = f"{publisher.workflow_filename}, {publisher.environment or 'any environment'}"
    return {
        "event": (_listed(events) or "none found", bool(events)),
        "job": (_listed(jobs) or "none found", bool(jobs)),
        "files": (_listed(folders) or "none found", any(map(evidence.arrives, running))),
        "tool": (_listed(tools) or "none found", bool(tools)),
        "identity": (identity, bool(jobs)),
        "publisher": (evidence.repository, len(attested) == len(projects)),
        "project": (
            _listed(each.project for each in evidence.publishers),
            all(project and project.exists for project in projects),
        ),
    }


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - _NAMES_LIMIT
    return ", ".join(every[:_NAMES_LIMIT]) + (f" and {more} more" if more > 0 else "")
