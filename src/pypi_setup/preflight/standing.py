"""How a project stands, by what was found; and what could not be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.rules.version import refuses_metadata
from pypi_setup.preflight.workflow import calls
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.sources.github import GitHub
    from pypi_setup.values.finding import Finding

_STOPS_EVERY_UPLOAD = frozenset(
    {
        *("workflow-missing", "workflow-invalid", "no-publishing-job", "index-mismatch"),
        *("unsupported-runner", "attestation-collision", "environment-expression", "job-skipped"),
        *("started-by-github-token", "action-reference", "tool-outdated", "artifact-hand-over"),
        *("distribution-refused", "metadata-refused", "version-refused", "version-exists"),
        *("wheel-tag-refused", "version-mismatch"),
    }
)
"""Rules whose errors stop an upload with an API token, too."""


_SHOWN_LIMIT = 5
"""Files that are named of those that were left out."""


class Gap(NamedTuple):
    """Something that could not be looked at."""

    link: str
    """The link of the chain that it would be about."""

    what: str
    why: str


def standing(evidence: Evidence, findings: Sequence[Finding]) -> Standing:
    """Return how the project stands to which these findings belong."""
    errors = {each.rule for each in stopping(findings)}
    if "workflow" in evidence.assumed and not evidence.publications and "workflow-invalid" not in errors:
        if evidence.workflow_unread:
            return Standing.UNREAD
        return Standing.SEVERAL if len(publishing(evidence)) > 1 else Standing.NOTHING
    if errors:
        if not refuses_metadata(evidence):
            errors.discard("tool-outdated")  # Too old for Trusted Publishing, and good enough with a token.
        by_token = "api-token-used" in errors and errors.isdisjoint(_STOPS_EVERY_UPLOAD)
        return Standing.TOKEN if by_token else Standing.BROKEN
    if evidence.workflow_unread:
        return Standing.UNREAD
    if evidence.hidden:
        return Standing.HIDDEN
    already = any(each.rule == "already-publishing" for each in findings)
    return Standing.PUBLISHING if already else Standing.SOUND


def stopping(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the errors that stop a release; not the spelling of the input, which is corrected already."""
    errors = (each for each in findings if each.severity is Severity.ERROR)
    return tuple(each for each in errors if each.rule != "repository-spelling")


def publishing(evidence: Evidence) -> tuple[str, ...]:
    """Return the names of the other workflow files that publish to the index."""
    return tuple(sorted({each.file.rpartition("/")[2] for each in evidence.elsewhere}))


def gaps(evidence: Evidence) -> tuple[Gap, ...]:
    """Return what could not be looked at, each with the reason."""
    return tuple(_gaps(evidence))


def told(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """Return the gaps as sentences: one for each reason."""
    by_reason: dict[str, list[str]] = {}
    for gap in gaps:
        by_reason.setdefault(one_line(gap.why), []).append(gap.what)
    return tuple(f"Not checked: {', '.join(what)}: {why}." for why, what in by_reason.items())


def _gaps(evidence: Evidence) -> Iterator[Gap]:
    if evidence.workflow_unread:
        yield Gap("job", evidence.path, evidence.workflow_unread)
    if evidence.github is not None:
        yield from _on_github(evidence, evidence.github)
    for publisher in evidence.publishers:
        project = evidence.projects.get(publisher.name)
        if project is not None and project.problem:
            yield Gap("project", f"{publisher.project} on {evidence.index.label}", project.problem)
    if evidence.workflow is not None:
        asked = evidence.github is not None and evidence.files is evidence.github
        too_many = "there are too many to ask GitHub for each" if asked else calls.UNREAD
        why = "" if evidence.survey.complete else too_many
        if evidence.github is not None and asked:
            why = why or evidence.github.problem
        if why:
            yield Gap("publisher", "whether other workflows publish too", why)

    for path in evidence.left_out[:_SHOWN_LIMIT]:
        yield Gap("job", path, calls.UNREAD)


def _on_github(evidence: Evidence, github: GitHub) -> Iterator[Gap]:
    name, known = evidence.publisher.environment, github.repository.known
    if known is None:
        yield Gap("identity", f"GitHub's spelling of {evidence.repository}", github.repository.problem)
        yield Gap("identity", "its environments", github.repository.problem)
    environment = github.environment(name) if known and name else None
    if environment is not None and environment.problem:
        yield Gap("identity", f"the environment {name!r} and its rules", environment.problem)
