"""Rules on the project: its name in the files, and what the index says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import artifacts
from pypi_setup.sources.lookup import GITHUB
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.publisher import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.sources.lookup import Published
    from pypi_setup.sources.projects import Name, Projects
    from pypi_setup.values.publisher import Publisher

PENDING_LIMIT = 3
"""Pending publishers that a user of PyPI can have at once."""

_SHOWN_LIMIT = 5
_CHANGES_METADATA = re.compile(
    r"\b(sed|perl|awk|jq|tomlq|yq|dasel|toml|python3?|poetry version|hatch project|uv version)\b[^\n]*"
    r"\b(pyproject\.toml|setup\.(cfg|py)|name)\b|>\s*(\S*/)?(pyproject\.toml|setup\.(cfg|py))"
)
_FETCHES = re.compile(r"\bgit clone\b|\bgh (release|run) download\b|\b(curl|wget|pip download)\b")
_LINE_LIMIT = 1000
"""Characters of a line that are searched for a name."""

_ACTION = re.compile(r"[\w.-]+/\S+@\S+|docker://\S+")
"""An action of others, as `uses` names it: it knows nothing of this repository's metadata."""

_STATES = {
    "archived": "no uploads until its owners unarchive it",
    "quarantined": "nobody can upload or install it until PyPI's administrators release it",
    "deprecated": "its owners tell users to look for another one",
}
"""PEP 792."""


def project_name_mismatch(evidence: Evidence) -> Iterator[Finding]:
    """Find a name to register that no file of the repository gives."""
    if evidence.files is None:
        return
    yield from _with_others(evidence)
    found = evidence.metadata
    known = {normalized(name.text): name for name in found.names}
    missing = [publisher for publisher in evidence.publishers if publisher.name not in known]
    if not missing or not (found.names or found.unsaid):
        return  # No Python metadata at all: what is built comes from elsewhere.
    doubt = _doubt(evidence, found)
    names = ", ".join(f"{name.text} ({one_line(name.file, 80)})" for name in found.names[:_SHOWN_LIMIT])
    for publisher in missing:
        project = publisher.project
        message = f"No project here is called {project}; there is {names or 'no name to be read'}."
        if doubt:
            message += f" One may be built all the same: {doubt}."
        else:
            message += (
                f" {evidence.index.label} will refuse the upload (of a new project: "
                '"Non-user identities cannot create new projects").'
            )
        fix = f"Register the name in the metadata{f': {found.names[0].text}' if found.names else ''}."
        severity = Severity.NOTICE if doubt else Severity.ERROR
        file, line = _place(evidence, found.names[:1])
        yield Finding("project-name-mismatch", severity, message, fix, file, line, publisher.name)


def _with_others(evidence: Evidence) -> Iterator[Finding]:
    """Find jobs that upload other projects together with those to register."""
    known = {name.file.rpartition("/")[0].rpartition("/")[2]: name.text for name in evidence.metadata.names}
    registered = {publisher.name for publisher in evidence.publishers}
    for each in evidence.publications:
        legs = artifacts.uploaded_together(each, evidence.run_of(each))
        together = [known[leg] for leg in legs if leg in known]
        others = [name for name in together if normalized(name) not in registered]
        if not others or len(others) == len(together):
            continue
        shown = ", ".join(map(one_line, others[:_SHOWN_LIMIT]))
        message = (
            f"Job '{each.name}' uploads {shown}, too. If it has not this publisher, PyPI answers 403 "
            '"OIDC scoped token is not valid for project" in the middle of the upload.'
        )
        fix = f"Register {shown} with the same values: name each with --project."
        yield Finding(
            "project-name-mismatch", Severity.WARNING, message, fix, each.upload.file, each.upload.line
        )


def pending_identity_shared(evidence: Evidence) -> Iterator[Finding]:
    """Find several new projects that would need a pending publisher on the same identity."""
    new = _new(evidence)
    if len(new) > 1:
        environments = ", ".join(f"pypi-{publisher.name}" for publisher in new[:_SHOWN_LIMIT])
        message = (
            f"{_listed(new)} are new on {evidence.index.label}, which takes one pending publisher for a "
            "repository, workflow and environment."
        )
        fix = f"Give each its own environment ({environments}), or release one after the other."
        yield Finding("pending-identity-shared", Severity.ERROR, message, fix)


def pending_limit(evidence: Evidence) -> Iterator[Finding]:
    """Find more new projects than a user can have pending publishers."""
    new = _new(evidence)
    if len(new) > PENDING_LIMIT:
        message = (
            f"{_listed(new)} are new on {evidence.index.label}, and need {len(new)} pending publishers. "
            f"A user can have {PENDING_LIMIT} at once."
        )
        fix = f"Register {PENDING_LIMIT}, release them, then register the next."
        yield Finding("pending-limit", Severity.ERROR, message, fix)


def published_by_other(evidence: Evidence) -> Iterator[Finding]:
    """Find a project whose newest attested release came from another identity."""
    for publisher in evidence.publishers:
        published = _published(evidence, publisher)
        differing = _differing(publisher, published) if published else []
        if published and differing:
            message = (
                f"{one_line(published.filename, 120)}, the newest attested file, came from another "
                f"publisher: {'; '.join(differing)}."
            )
            fix = (
                "Still released from there? Register those values. Moving it? Keep the old publisher until "
                "the first release from here."
            )
            yield Finding("published-by-other", Severity.WARNING, message, fix, project=publisher.name)


def already_publishing(evidence: Evidence) -> Iterator[Finding]:
    """Find a project whose newest attested release came from this very identity."""
    for publisher in evidence.publishers:
        published = _published(evidence, publisher)
        if published and not _differing(publisher, published):
            message = (
                f"{one_line(published.filename, 120)}, the newest attested file, came from this publisher."
            )
            fix = "Nothing to register, unless it was removed since."
            yield Finding("already-publishing", Severity.NOTICE, message, fix, project=publisher.name)


def project_status(evidence: Evidence) -> Iterator[Finding]:
    """Find a project that is archived, quarantined or deprecated."""
    for publisher in evidence.publishers:
        project = evidence.projects.get(publisher.name)
        if project is None:
            continue
        state = _STATES.get(project.marker)
        if state:
            message = f"{publisher.project} is {project.marker} on {evidence.index.label}: {state}."
            fix = f"See {evidence.index.project_url(publisher.name)} before you release."
            yield Finding("project-status", Severity.WARNING, message, fix, project=publisher.name)


# ---------------------------------------------------------------- names in the files


def _doubt(evidence: Evidence, found: Projects) -> str:
    """Return why a name that no file gives may be built all the same; empty where it cannot."""
    if found.unsaid:
        return one_line(found.unsaid[0])
    if not found.complete:
        return "not all files could be looked at"
    if evidence.files and evidence.files.read(".gitmodules") is not None:
        return "the repository has submodules"
    if not evidence.publications:
        return "no job was found that publishes"
    return next(_other_files(evidence), "")


def _other_files(evidence: Evidence) -> Iterator[str]:
    """Give the signs that jobs build from other files than those of the repository."""
    for placed in evidence.placed:
        for step in placed.job.steps:
            script = step.run.text if step.run else ""
            if _CHANGES_METADATA.search(script) or _FETCHES.search(script):
                yield f"a step of the job '{placed.job.id}' changes the metadata or fetches other files"
            if step.inputs.get("repository") or step.inputs.get("run-id"):
                yield f"a step of the job '{placed.job.id}' takes files from elsewhere"
    unneeded = _unneeded(evidence)
    for situation, opaque in evidence.opaque:
        if (situation.file, situation.job.id) not in unneeded and not _ACTION.fullmatch(opaque.name):
            command = one_line(opaque.name, 80)
            yield f"the job '{situation.name}' runs {command}, which may change the metadata"


def _unneeded(evidence: Evidence) -> set[tuple[str, str]]:
    """Return file and id of the jobs beside those that publish which these do not wait for."""
    beside: set[tuple[str, str]] = set()
    needed: set[tuple[str, str]] = set()
    for publication in evidence.publications:
        jobs = {job.id.lower(): job for job in publication.situation.placed.workflow.jobs.values()}
        beside |= {(publication.file, job.id) for job in jobs.values()}
        waiting = [publication.job]
        while waiting:
            job = waiting.pop()
            if (publication.file, job.id) not in needed:
                needed.add((publication.file, job.id))
                waiting.extend(jobs[need.text.lower()] for need in job.needs if need.text.lower() in jobs)
    return beside - needed


def _place(evidence: Evidence, names: tuple[Name, ...]) -> tuple[str | None, int | None]:
    """Return the file and the line of the first name."""
    for name in names:
        data = evidence.files.read(name.file) if evidence.files else None
        lines = (data or b"").decode("utf-8", "replace").split("\n")
        written = re.compile(rf"\b(name|module)\b.*\b{re.escape(name.text)}\b")
        return name.file, next(
            (at for at, line in enumerate(lines, 1) if written.search(line[:_LINE_LIMIT])), None
        )
    return None, None


# ---------------------------------------------------------------- what the index says


def _new(evidence: Evidence) -> list[Publisher]:
    """Return the publishers whose projects are known not to exist."""
    found = [(publisher, evidence.projects.get(publisher.name)) for publisher in evidence.publishers]
    return [publisher for publisher, project in found if project and project.exists is False]


def _published(evidence: Evidence, publisher: Publisher) -> Published | None:
    project = evidence.projects.get(publisher.name)
    return project.published if project else None


def _differing(publisher: Publisher, published: Published) -> list[str]:
    """Return in words what differs; GitHub ignores the letter case of repositories and environments."""
    registered = f"{publisher.owner}/{publisher.repository}"
    if published.kind != GITHUB:
        kind, *who = (one_line(text, 120) for text in _named(published))
        return [f"it was published from {kind} ({', '.join(who)}); you register GitHub's {registered}"]
    pairs = (
        ("repository", registered, published.repository, True),
        ("workflow", publisher.workflow_filename, published.workflow, False),
        ("environment", publisher.environment, published.environment, True),
    )
    return [
        f"{field} {one_line(there, 120) or 'none'} (you register {here or 'none'})"
        for field, here, there, folded in pairs
        if (here.lower() != there.lower() if folded else here != there)
    ]


def _named(published: Published) -> Iterator[str]:
    """Yield the service's name, then what is known of who published there."""
    yield {"Google": "Google Cloud"}.get(published.kind, published.kind)
    yield published.repository or "no account named"
    if published.workflow:
        yield published.workflow
    if published.environment:
        yield f"environment {published.environment}"


def _listed(publishers: list[Publisher]) -> str:
    names = [publisher.project for publisher in publishers]
    more = len(names) - _SHOWN_LIMIT
    return ", ".join(names[:_SHOWN_LIMIT]) + (f" and {more} more" if more > 0 else "")
