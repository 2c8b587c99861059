"""Rules on the file: it is there, GitHub loads it, and it uploads to this index."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.rules.call import SPEAKS_OF_PUBLISHING, publishing_job, suspicious_remote_calls
from pypi_setup.preflight.rules.job import refused_environments
from pypi_setup.values import index as indexes
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.publishing.uploads import Opaque
    from pypi_setup.preflight.syntax.document import Problem
    from pypi_setup.preflight.workflow.situations import Situation

ALIKE = 0.8
"""From which similarity on, of 0 to 1, one file name may be a slip of the pen for the other."""

_UPLOADS = re.compile(r"publish|pypi|upload", re.IGNORECASE)


def workflow_missing(evidence: Evidence) -> Iterator[Finding]:
    """Find that no workflow file has exactly this name."""
    name = evidence.publisher.workflow_filename
    if evidence.workflow is None and not evidence.workflow_unread and "workflow" not in evidence.assumed:
        publishing = sorted({each.file.rpartition("/")[2] for each in evidence.elsewhere})
        message = f"There is no {evidence.path}. PyPI minds every letter of it, and will answer {MISMATCH}."
        stems = {each.lower().rpartition(".")[0]: each for each in reversed(evidence.names)}
        close = difflib.get_close_matches(name.lower().rpartition(".")[0], stems, 1, ALIKE)
        alike = [stems[stem] for stem in close]
        if publishing:
            fix = f"Register the workflow that publishes: {', '.join(map(one_line, publishing))}."
        elif alike:
            fix = f"Register the file that is there, {one_line(alike[0])}, or create {evidence.path}."
        else:
            fix = f"Create {evidence.path}, or register the workflow that publishes."
        yield Finding("workflow-missing", Severity.ERROR, message, fix, evidence.path)


def workflow_invalid(evidence: Evidence) -> Iterator[Finding]:
    """Find what keeps GitHub from loading the file, or one on its call path."""
    told_elsewhere = {(each.file, each.line) for each in refused_environments(evidence)}
    for problem in _problems(evidence):
        if (problem.file, problem.line) not in told_elsewhere:
            message = f"GitHub will not load this workflow: {problem.message}."
            yield Finding(
                "workflow-invalid", Severity.ERROR, message, problem.fix, problem.file, problem.line
            )


def _problems(evidence: Evidence) -> Iterator[Problem]:
    """Give what keeps GitHub from starting the registered workflow.

    A broken caller counts only where the registered file cannot start by itself.
    """
    own = [start for start in evidence.starts if start.workflows[0] is evidence.workflow]
    for start in own or evidence.starts:
        for workflow in start.workflows:
            yield from workflow.problems
        yield from start.problems


def no_publishing_job(evidence: Evidence) -> Iterator[Finding]:
    """Find that no job uploads to any index."""
    workflow = evidence.workflow
    if workflow is None or evidence.uploads or suspicious_remote_calls(evidence):
        return
    if "workflow" in evidence.assumed:
        return  # Nobody said that it publishes.
    if any(True for _ in _problems(evidence)) or evidence.left_out:
        return  # What GitHub does not load, or was not read here, may hold the upload.
    unread: dict[tuple[str, str], list[tuple[Situation, Opaque]]] = {}
    for situation, opaque in evidence.opaque:
        permissions = situation.placed.permissions
        if permissions and permissions.level("id-token") == "write":
            unread.setdefault((situation.file, situation.job.id), []).append((situation, opaque))
    for found in unread.values():
        found.sort(key=_is_unlikely)
        (situation, first), *_ = found
        names = ", ".join(list(dict.fromkeys(one_line(opaque.name, 80) for _, opaque in found))[:3])
        message = (
            f"No step can be seen to upload. Job '{situation.name}' may do it: it runs what cannot be looked "
            f"into ({names})."
        )
        fix = "Make sure that it uploads by Trusted Publishing, or upload in a step of its own."
        yield Finding("no-publishing-job", Severity.NOTICE, message, fix, first.file, first.line)
    if not unread:
        yield _nothing_uploads(evidence, workflow.jobs_line)


def _is_unlikely(deed: tuple[Situation, Opaque]) -> bool:
    return not SPEAKS_OF_PUBLISHING.search(deed[1].name)


def _likely(evidence: Evidence) -> Iterator[str]:
    """Give what cannot be looked into and speaks of uploads, as it is written."""
    for deed in evidence.opaque:
        if _UPLOADS.search(deed[1].name):
            yield deed[1].name
    for placed in evidence.placed:
        uses = placed.job.uses.text if placed.job.uses else ""
        if "@" in uses and _UPLOADS.search(uses.partition("@")[0].rpartition("/")[2]):
            yield uses


def _nothing_uploads(evidence: Evidence, line: int) -> Finding:
    publishing = sorted({each.file.rpartition("/")[2] for each in evidence.elsewhere})
    unread = dict.fromkeys(one_line(name, 80) for name in _likely(evidence))
    message = (
        "No job of this workflow uploads Python distributions. A publisher for it admits no other workflow: "
        f"PyPI will answer {MISMATCH}."
    )
    if unread:
        message = (
            f"No job of this workflow can be seen to upload. {', '.join(list(unread)[:3])} may do it, but "
            "not by Trusted Publishing: its job has no id-token: write."
        )
    if publishing:
        fix = f"Register the workflow that publishes: {', '.join(map(one_line, publishing))}."
    else:
        fix = f"Add a job that publishes:\n{publishing_job(evidence)}"
    return Finding("no-publishing-job", Severity.ERROR, message, fix, evidence.path, line)


def index_mismatch(evidence: Evidence) -> Iterator[Finding]:
    """Find that no upload goes to the index to register on."""
    if any(evidence.index.url in each.upload.indexes for each in evidence.uploads):
        return
    certain = not suspicious_remote_calls(evidence) and all(map(_is_known, evidence.uploads))
    for each in evidence.uploads:
        if certain and (evidence.index.is_pypi or _goes_to_pypi(each)):
            yield _other_index(evidence, each)
        elif not _is_known(each) or certain:
            message = (
                f"{one_line(each.upload.written, 80)} may upload elsewhere than to {evidence.index.label}: "
                "its address could not be read."
            )
            fix = f"Make sure that it uploads to {evidence.index.url}."
            yield Finding("index-mismatch", Severity.NOTICE, message, fix, each.upload.file, each.upload.line)


def _is_known(publication: Publication) -> bool:
    return None not in publication.upload.indexes


def _goes_to_pypi(publication: Publication) -> bool:
    return set(publication.upload.indexes) <= {indexes.PYPI_URL, indexes.TESTPYPI_URL}


def _other_index(evidence: Evidence, publication: Publication) -> Finding:
    upload = publication.upload
    others = ", ".join(indexes.Index(url).label for url in upload.indexes if url)
    message = (
        f"This uploads to {one_line(others)}, and nothing here uploads to {evidence.index.label}. A "
        f"publisher on {evidence.index.label} works only there."
    )
    fix = f"Register on {one_line(others)} (index-url), or upload to {evidence.index.label}."
    severity = Severity.NOTICE if "workflow" in evidence.assumed else Severity.ERROR
    return Finding("index-mismatch", severity, message, fix, upload.file, upload.line)
