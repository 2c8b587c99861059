"""The chain of trust from the trigger to the project: what the findings say of each link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values.chain import BROKEN, HOLDS, UNKNOWN, Link
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

_NAMES_LIMIT = 3
RULES_OF = {
    "trigger": {"never-triggered", "pull-request-target", "started-by-github-token", "job-skipped"},
    "workflow file": {"workflow-missing", "workflow-invalid", "reusable-workflow"},
    "job with id-token: write": {
        *("no-publishing-job", "index-mismatch", "id-token-missing", "caller-permissions"),
        *("api-token-used", "tool-without-oidc", "unsupported-runner", "attestation-collision"),
        *("action-reference", "tool-outdated", "artifact-hand-over"),
    },
    "environment": {
        *("environment-mismatch", "environment-expression", "environment-policy", "environment-not-found"),
    },
    "publisher": {
        *("repository-spelling", "repository-moved", "repository-unknown"),
        *("pending-identity-shared", "pending-limit", "published-by-other"),
    },
    "project": {
        *("project-name-mismatch", "project-status", "version-refused", "version-exists"),
        *("wheel-tag-refused", "metadata-refused"),
    },
}
"""The links in their order, each with the rules whose findings are about it."""


def links(evidence: Evidence, findings: Sequence[Finding]) -> tuple[Link, ...]:
    """Return the six links: trigger, workflow file, job, environment, publisher, project.

    An error breaks its link; a warning or a notice leaves it unknown. So does what was never looked at.
    """
    values = _values(evidence)
    return tuple(
        Link(name, value, _state(name, findings, known=known)) for name, (value, known) in values.items()
    )


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
    return {
        "trigger": (_listed(events) or "none found", bool(events)),
        "workflow file": (publisher.workflow_filename, evidence.workflow is not None),
        "job with id-token: write": (_listed(jobs) or "none found", bool(jobs)),
        "environment": (publisher.environment or "any", bool(jobs)),
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
