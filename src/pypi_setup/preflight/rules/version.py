"""Rules on the versions of the tools in a release: whether they exist, and are new enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import core_metadata, releases
from pypi_setup.preflight.publishing.values import Lifetime
from pypi_setup.preflight.publishing.versions import allows_only_older
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.core_metadata import Written
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.publishing.releases import Wrong
    from pypi_setup.preflight.syntax.document import Scalar

_ENOUGH = {"pypa/gh-action-pypi-publish": "v1.14.2", "twine upload": "twine>=7"}
"""What to take in the place of an outdated tool; any other: its newest version."""


def action_reference(evidence: Evidence) -> Iterator[Finding]:
    """Find refs of the release's actions that lead to nothing which could run."""
    uploading = {(each.upload.file, each.upload.line) for each in evidence.publications}
    for uses in _used(evidence):
        action, ref = releases.split(uses.text)
        known = releases.known(action)
        if known is None:
            continue
        wrong = known.wrong(ref)
        if wrong is None and (uses.file, uses.line) in uploading:
            wrong = _asked(evidence, known, ref)
        if wrong is not None:
            written = one_line(uses.text, 160)
            message = (
                f"{written} cannot run: {one_line(wrong.why, 200)}. GitHub stops the job: "
                f'"{one_line(wrong.answer, 240)}".'
            )
            version = f" # {wrong.version}" if wrong.version else ""
            fix = f"      - uses: {one_line(uses.text.partition('@')[0], 100)}@{wrong.instead}{version}"
            yield Finding("action-reference", Severity.ERROR, message, fix, uses.file, uses.line)


def _asked(evidence: Evidence, known: releases.Known, ref: str) -> Wrong | None:
    """Ask GitHub for a ref that the table does not know."""
    if evidence.github is None or ref in known.tags or ref in known.branches or ref in known.commits:
        return None
    if evidence.github.has_commit(known.name, ref) is not False:
        return None
    instead = releases.MOVING.get(known.name, known.tags[-1])
    answer = f"Unable to resolve action `{known.name}@{ref}`, unable to find version `{ref}`"
    return releases.Wrong("GitHub knows no such commit, branch or tag there", answer, instead)


def _used(evidence: Evidence) -> Iterator[Scalar]:
    """Give the `uses` of the steps of the publishing jobs, and of the jobs that they wait for."""
    seen: set[tuple[str, str]] = set()
    for publication in evidence.publications:
        for workflow, job in evidence.behind(publication):
            if (workflow.file, job.id) not in seen:
                seen.add((workflow.file, job.id))
                yield from (step.uses for step in job.steps if step.uses is not None)


# ---------------------------------------------------------------- too old


def tool_outdated(evidence: Evidence) -> Iterator[Finding]:
    """Find uploading tools too old for Trusted Publishing, or for the metadata that the build writes."""
    newest = _newest(evidence)
    for each in evidence.publications:
        lifetimes = {credential.lifetime for credential in each.upload.credentials}
        action, ref = releases.split(each.upload.written)
        known = releases.known(action)
        if known is not None and known.wrong(ref):
            continue  # See action-reference.
        too_old = each.upload.outdated and Lifetime.SHORT not in lifetimes
        refused = _refused(each, newest)
        if not too_old and refused is None:
            continue
        shown = one_line(each.upload.requirement or each.upload.written, 160)
        reasons = [f"{one_line(each.upload.reason)}, so it asks for no token"] if too_old else []
        reasons += [_sentence(newest, refused)] if refused else []
        message = f"{shown} is too old: {'; and '.join(reasons)}."
        severity = Severity.ERROR
        if not too_old and not newest.certain:
            severity = Severity.WARNING
        elif too_old and Lifetime.UNKNOWN in lifetimes:
            severity = Severity.NOTICE
        instead = _ENOUGH.get(each.upload.tool.name, "its newest version")
        fix = f"Take {instead}{' or newer' if instead[:1] == 'v' else ''}{_moving(each)}."
        yield Finding("tool-outdated", severity, message, fix, each.upload.file, each.upload.line)


def refuses_metadata(evidence: Evidence) -> bool:
    """Tell whether an uploading tool surely refuses the metadata that the build writes."""
    newest = _newest(evidence)
    return newest.certain and any(_refused(each, newest) for each in evidence.publications)


def _newest(evidence: Evidence) -> Written:
    written = [core_metadata.written(build) for build in evidence.builds.values()]
    return max(written, key=lambda each: (each.version, each.certain), default=core_metadata.written(None))


def _moving(each: Publication) -> str:
    branch = releases.MOVING.get(each.upload.tool.name)
    return f" (the branch {branch} moves with the newest one)" if branch else ""


def _refused(each: Publication, written: Written) -> str | None:
    """Return the first version of the tool that takes the metadata; None where this one does, or may."""
    for version, since in core_metadata.TAKEN.get(each.upload.tool.name, ()):
        if version != written.version:
            continue
        if each.upload.requirement:
            return since if allows_only_older(each.upload.requirement, since) else None
        action, ref = releases.split(each.upload.written)
        known = releases.known(action)
        have = known.version(ref) if known else None
        return since if have and have < releases.numbers(since)[: len(have)] else None
    return None


def _sentence(written: Written, since: str) -> str:
    writes = "writes" if written.certain else "writes, with the newest backend,"
    return (
        f"the build {writes} core metadata {written.version}, which is known from version {since} on. It "
        'will stop with "InvalidDistribution: Metadata is missing required fields" or '
        f"\"'{written.version}' is not a valid metadata version\""
    )
