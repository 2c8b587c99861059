"""The rules: one small function each, from the evidence to findings, in one table.

The names are part of the public contract; docs/checks.md has a section on each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.rules import (
    artifact,
    call,
    credential,
    distribution,
    event,
    file,
    job,
    project,
    release,
    repository,
    trigger,
    version,
)
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.values.finding import Finding

_ERROR, _WARNING, _NOTICE = Severity


class Rule(NamedTuple):
    """One rule."""

    name: str
    severities: tuple[Severity, ...]
    """Those that its findings can have, the usual one first."""

    find: Callable[[Evidence], Iterable[Finding]]


RULES = (
    Rule("workflow-missing", (_ERROR,), file.workflow_missing),
    Rule("workflow-invalid", (_ERROR,), file.workflow_invalid),
    Rule("no-publishing-job", (_ERROR, _NOTICE), file.no_publishing_job),
    Rule("index-mismatch", (_ERROR, _NOTICE), file.index_mismatch),
    Rule("id-token-missing", (_ERROR,), job.id_token_missing),
    Rule("environment-mismatch", (_ERROR, _NOTICE), job.environment_mismatch),
    Rule("environment-expression", (_NOTICE, _ERROR), job.environment_expression),
    Rule("environment-none", (_WARNING,), job.environment_none),
    Rule("reusable-workflow", (_ERROR, _WARNING, _NOTICE), call.reusable_workflow),
    Rule("caller-permissions", (_ERROR, _WARNING), call.caller_permissions),
    Rule("api-token-used", (_ERROR, _NOTICE), credential.api_token_used),
    Rule("tool-without-oidc", (_ERROR, _NOTICE), credential.tool_without_oidc),
    Rule("action-reference", (_ERROR,), version.action_reference),
    Rule("tool-outdated", (_ERROR, _WARNING, _NOTICE), version.tool_outdated),
    Rule("pull-request-target", (_ERROR, _WARNING), trigger.pull_request_target),
    Rule("fork-pull-request", (_WARNING, _NOTICE), trigger.fork_pull_request),
    Rule("never-triggered", (_WARNING,), trigger.never_triggered),
    Rule("started-by-github-token", (_WARNING, _ERROR, _NOTICE), event.started_by_github_token),
    Rule("job-skipped", (_ERROR, _WARNING), event.job_skipped),
    Rule("several-publishing-workflows", (_WARNING, _NOTICE), trigger.several_publishing_workflows),
    Rule("unsupported-runner", (_ERROR, _NOTICE), job.unsupported_runner),
    Rule("attestation-collision", (_ERROR, _NOTICE), job.attestation_collision),
    Rule("artifact-hand-over", (_ERROR,), artifact.artifact_hand_over),
    Rule("build-with-id-token", (_NOTICE,), job.build_with_id_token),
    Rule("repository-spelling", (_ERROR,), repository.repository_spelling),
    Rule("repository-moved", (_ERROR,), repository.repository_moved),
    Rule("repository-unknown", (_NOTICE,), repository.repository_unknown),
    Rule("environment-not-found", (_WARNING, _NOTICE), repository.environment_not_found),
    Rule("environment-policy", (_WARNING, _NOTICE), repository.environment_policy),
    Rule("project-name-mismatch", (_ERROR, _WARNING, _NOTICE), project.project_name_mismatch),
    Rule("pending-identity-shared", (_ERROR,), project.pending_identity_shared),
    Rule("pending-limit", (_ERROR,), project.pending_limit),
    Rule("published-by-other", (_WARNING,), project.published_by_other),
    Rule("already-publishing", (_NOTICE,), project.already_publishing),
    Rule("project-status", (_WARNING, _NOTICE), project.project_status),
    Rule("version-refused", (_WARNING,), release.version_refused),
    Rule("version-exists", (_WARNING,), release.version_exists),
    Rule("wheel-tag-refused", (_WARNING,), release.wheel_tag_refused),
    Rule("metadata-refused", (_WARNING,), release.metadata_refused),
)

DISTRIBUTION_RULES = (
    Rule("artifact-hand-over", (_ERROR, _WARNING), distribution.empty_or_mixed),
    Rule("distribution-refused", (_ERROR, _WARNING), distribution.refused),
    Rule("project-name-mismatch", (_ERROR, _WARNING), distribution.other_project),
    Rule("metadata-refused", (_ERROR, _WARNING), distribution.metadata_refused),
    Rule("version-refused", (_ERROR, _WARNING), distribution.version_refused),
    Rule("wheel-tag-refused", (_ERROR, _WARNING), distribution.wheel_tag_refused),
    Rule("version-mismatch", (_WARNING,), distribution.version_mismatch),
    Rule("version-exists", (_WARNING, _NOTICE), distribution.file_exists),
)
"""On the built files, where a folder of them is given; namesakes above are on what will be built."""
