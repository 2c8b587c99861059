"""Rules on called workflows: which file the token names, and what callers grant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.tool import Attestations
from pypi_setup.preflight.workflow.situations import NAME_LIMIT
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.workflow.calls import Call, Placed
    from pypi_setup.preflight.workflow.loading import Permissions

SPEAKS_OF_PUBLISHING = re.compile(r"publish|pypi|release|upload|deploy", re.IGNORECASE)
"""The name of an action, a script or a workflow that may publish."""

_SHOWN_LIMIT = 5
_SIGNS_ONLY = "slsa-framework/"
"""The owner of workflows that hold `id-token: write` to sign, and upload nothing to an index."""

_PUBLISHING_JOB = """  publish:
    needs: build
    runs-on: ubuntu-latest
    environment: {environment}
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v8
        with:
          name: dist
          path: dist/
      - uses: pypa/gh-action-pypi-publish@release/v1"""


def publishing_job(evidence: Evidence) -> str:
    """Return a job that publishes well, to paste."""
    return _PUBLISHING_JOB.format(environment=evidence.publisher.environment or "pypi")


def reusable_workflow(evidence: Evidence) -> Iterator[Finding]:
    """Find ways to publish in which token or attestations name another file than the registered one."""
    for placed in suspicious_remote_calls(evidence):
        yield _remote(evidence, placed)
    yield from _pinned_callers(evidence)
    works = any(
        _judged(evidence, each) is None and evidence.closed(each) is None for each in evidence.publications
    )
    other = "Another way to publish works." if works else _other_way(evidence)
    for each in evidence.publications:
        finding = _judged(evidence, each)
        if finding and other and finding.severity is Severity.ERROR:
            finding = finding._replace(severity=Severity.WARNING, message=f"{finding.message} ({other})")
        if finding:
            yield finding


def _other_way(evidence: Evidence) -> str:
    """Say that a job of the registered file may publish too, where one may; else nothing."""
    for situation, opaque in evidence.opaque:
        own = situation.file == evidence.path and _may_ask(situation.placed)
        if own and SPEAKS_OF_PUBLISHING.search(opaque.name):
            return f"Whether {one_line(opaque.name, 80)} in this file publishes too cannot be told."
    return ""


def suspicious_remote_calls(evidence: Evidence) -> tuple[Placed, ...]:
    """Return the calls out of the repository that may publish, where nothing else does."""
    if evidence.publications or any(_may_ask(situation.placed) for situation, _ in evidence.opaque):
        return ()
    return tuple(placed for placed in evidence.placed if placed.job.uses and _may_publish(placed))


def _may_ask(placed: Placed) -> bool:
    return placed.permissions is not None and placed.permissions.level("id-token") == "write"


def _may_publish(placed: Placed) -> bool:
    uses = placed.job.uses.text if placed.job.uses else ""
    if "@" not in uses or uses.startswith(_SIGNS_ONLY):
        return False
    by_name = placed.permissions is None and SPEAKS_OF_PUBLISHING.search(
        uses.partition("@")[0].rpartition("/")[2]
    )
    return _may_ask(placed) or bool(by_name)


def _remote(evidence: Evidence, placed: Placed) -> Finding:
    uses = placed.job.uses
    text, line = (uses.text, uses.line) if uses else ("", placed.job.line)
    where = (
        "is pinned to a ref of its own"
        if text.lower().startswith(f"{evidence.repository.lower()}/")
        else "is in another repository"
    )
    message = (
        f"The only workflow that may upload {where}. PyPI accepts only a job of "
        f"{evidence.repository}/{evidence.path} at the ref of the run; here it will answer {MISMATCH}."
    )
    return Finding("reusable-workflow", Severity.ERROR, message, _fix(evidence), placed.workflow.file, line)


def _pinned_callers(evidence: Evidence) -> Iterator[Finding]:
    """Find callers that give the registered file a ref: what comes of it cannot be told."""
    if not _only_called(evidence) or any(placed.callers for placed in evidence.placed):
        return
    callers = ", ".join(map(one_line, evidence.pinned_callers[:_SHOWN_LIMIT]))
    if callers and evidence.workflow:
        message = (
            f"Only calls start this workflow, and {callers} names a ref in its call. That works only if it "
            "is the ref of the run."
        )
        fix = f"Call it without owner and ref: uses: ./{evidence.path}"
        line = evidence.workflow.on_line
        yield Finding("reusable-workflow", Severity.NOTICE, message, fix, evidence.path, line)


def _only_called(evidence: Evidence) -> bool:
    return evidence.workflow is not None and set(evidence.workflow.on) == {"workflow_call"}


def _judged(evidence: Evidence, publication: Publication) -> Finding | None:
    """Return why PyPI would refuse what this way leads to; None where nothing speaks against it."""
    situation, upload = publication.situation, publication.upload
    if publication.file != evidence.path:
        calls = [call for call in situation.placed.callers if call.workflow.file == evidence.path]
        line = calls[0].job.uses.line if calls and calls[0].job.uses else 1
        called = publication.file.rpartition("/")[2]
        message = (
            f"The upload runs in the called workflow {one_line(called)}, and the OIDC token names that file, "
            f"not its caller: PyPI will answer {MISMATCH}."
        )
        fix = f"Register {one_line(called)} and upload there without attestations, or: {_fix(evidence)}"
        return Finding("reusable-workflow", Severity.ERROR, message, fix, evidence.path, line)
    if situation.root.file == evidence.path or upload.credentials:
        return None
    severity = {Attestations.MADE: Severity.ERROR, Attestations.UNKNOWN: Severity.NOTICE}.get(
        upload.attestations
    )
    if severity is None:
        return None
    root = one_line(situation.root.file.rpartition("/")[2])
    message = (
        f"Called by {root}, the upload's attestations name {root}, not the registered file. PyPI answers "
        '"Could not verify the uploaded artifact using the included attestation".'
    )
    fix = "Upload without attestations:\n        with:\n          attestations: false"
    return Finding("reusable-workflow", severity, message, fix, upload.file, upload.line)


def _fix(evidence: Evidence) -> str:
    why = "Upload in the registered workflow; call others for the build only:"
    return f"{why}\njobs:\n{publishing_job(evidence)}"


def caller_permissions(evidence: Evidence) -> Iterator[Finding]:
    """Find callers that do not leave `id-token: write` to the job that publishes."""
    works = any(
        _may_ask(each.situation.placed)
        and _refusal(each.situation.placed) is None
        and evidence.closed(each) is None
        for each in evidence.publications
    )
    for each in evidence.publications:
        placed = each.situation.placed
        call = _refusal(placed)
        if call is None or not _may_ask(placed):
            continue  # GitHub refuses only what a job asks for: see id-token-missing.
        uses = one_line(call.job.uses.text if call.job.uses else "")
        caller, called = one_line(call.job.id, NAME_LIMIT), one_line(placed.job.id, NAME_LIMIT)
        block = call.job.permissions or call.workflow.permissions
        fix = f"{caller}:\n    uses: {uses}\n    permissions:\n      contents: read\n      id-token: write"
        if block is None:
            message = (
                f"Job '{caller}' states no permissions for the workflow that it calls. Where the "
                "repository's Workflow permissions are restricted, GitHub refuses the run: "
                f"\"The nested job '{called}' is requesting 'id-token: write', but is only allowed "
                "'id-token: none'\"."
            )
            severity, line = Severity.WARNING, call.job.uses.line if call.job.uses else call.job.line
        else:
            message = (
                f"Job '{caller}' leaves no id-token: write to the workflow that it calls. GitHub will refuse "
                f"the run: \"The nested job '{called}' is requesting 'id-token: write', but is only allowed "
                "'id-token: none'\"."
            )
            severity, line = Severity.WARNING if works else Severity.ERROR, block.line
        yield Finding("caller-permissions", severity, message, fix, call.workflow.file, line)


def _refusal(placed: Placed) -> Call | None:
    """Return the outermost caller that does not, or may not, leave `id-token: write`."""
    silent: Call | None = None
    for call, left in placed.limits:
        if left is not None and left.level("id-token") != "write":
            return _stating(placed, call, left)
        silent = silent or (call if left is None else None)
    return silent


def _stating(placed: Placed, call: Call, left: Permissions) -> Call:
    """Return the caller whose block it is that holds for this one."""
    return next((each for each, block in placed.limits if block is left), call)
