"""The pipeline: what a user gave in, a report out. It reads like the architecture.

given -> request -> publisher -> look-up -> preflight -> registration, or the proof by claims -> report
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import index as indexes
from . import report as reports
from . import request as requests
from .finding import Severity
from .publisher import BadInput
from .request import Mode
from .statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .finding import Finding
    from .index import Index
    from .lookup import Project
    from .publisher import Publisher
    from .registration import Outcome
    from .report import Report
    from .request import Given, Request
    from .transport import Client


class Surroundings(NamedTuple):
    """Where a run takes place."""

    folder: Path
    """The folder to discover values in, and whose files are checked."""

    environ: Mapping[str, str]
    """The environment's variables."""

    mask: Callable[[str], None]
    """Makes a runner hide a secret from now on."""

    on_wait: Callable[[str, float], None] | None = None
    """Told each second that an exchange takes: the host, the seconds left."""


class Case(NamedTuple):
    """One publisher to set up, and what is known of it."""

    request: Request
    publisher: Publisher
    project: Project
    findings: tuple[Finding, ...]


def run(given: Given, around: Surroundings) -> Report:
    """Do what is asked for, and return how it ended. Raises nothing but for an interruption."""
    try:
        request = requests.parse(given)
        if request.dry_run:
            return reports.combined([_dry_run(request, publisher) for publisher in request.publishers])
        return _carried_out(request, around)
    except BadInput as bad:
        return reports.refused(bad.problems, _index(given))
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        return reports.crashed(bug, _index(given))


def _index(given: Given) -> Index:
    try:
        return indexes.parse(given.index_url)
    except indexes.IndexProblem:
        return indexes.parse("pypi")


def _dry_run(request: Request, publisher: Publisher) -> Report:
    return reports.told(Status.DRY_RUN, publisher, request.package_index, organization=request.organization)


def _carried_out(request: Request, around: Surroundings) -> Report:
    from .lookup import look_up
    from .transport import Client

    client = Client(request.timeout, around.on_wait)
    step = {Mode.REGISTER: _registered, Mode.CHECK: _checked, Mode.VERIFY: _verified}[request.mode]
    results = []
    for publisher in request.publishers:
        project = look_up(publisher.name, request.package_index, client)
        results.append(step(Case(request, publisher, project, ()), client, around))
    return reports.combined(results)


def _registered(case: Case, client: Client, around: Surroundings) -> Report:
    if case.request.token is None:
        return _told(Status.MANUAL, case, {"no_token": _no_token(case.request, around)})
    from .registration import register

    index = case.request.package_index
    outcome = register(case.publisher, case.request.token, index, client)
    report = _told(outcome.status, case, _holes(outcome, case.request))
    return report._replace(http_status=outcome.http_status, response=outcome.response)


def _checked(case: Case, _client: Client, _around: Surroundings) -> Report:
    severities = [finding.severity for finding in case.findings]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    counted = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    status = Status.CHECK_FAILED if Severity.ERROR in severities else Status.CHECKED
    return _told(status, case, {"counted": f"Findings: {counted}."})


def _verified(case: Case, client: Client, around: Surroundings) -> Report:
    raise NotImplementedError


def _told(status: Status, case: Case, holes: dict[str, str]) -> Report:
    report = reports.told(
        status,
        case.publisher,
        case.request.package_index,
        exists=case.project.exists,
        organization=case.request.organization,
        exist_ok=case.request.exist_ok,
        holes=holes,
    )
    return report._replace(findings=case.findings)


def _holes(outcome: Outcome, request: Request) -> dict[str, str]:
    """Return the facts of an outcome that the table's texts have holes for."""
    index = request.package_index
    return {
        "http": str(outcome.http_status),
        "detail": outcome.detail,
        "Detail": outcome.detail.capitalize(),
        "seconds": f"{request.timeout:g}",
        "again": reports.soon(outcome.retry_after),
        "known": (
            f"{index.label}'s server has none today: a person registers publishers on its pages."
            if index.is_pypi
            else "If it should have one, check index-url."
        ),
        "outcome": (
            "The request may have arrived, so the publisher may be registered all the same."
            if outcome.sent
            else "The request never arrived, so nothing was registered."
        ),
        "retry": (
            "Look behind the link whether the publisher is there. If not, run again."
            if outcome.sent
            else "Check the network and index-url, then run again; or register through the link."
        ),
    }


def _no_token(request: Request, around: Surroundings) -> str:
    """Say what it is that no token came."""
    event = around.environ.get("GITHUB_EVENT_NAME", "")
    if event.startswith("pull_request"):
        reason = f"No API token came: the event {event} gets no secrets where a fork is behind it"
    elif event:
        reason = "No API token came: api-token is empty, or the secret behind it is not set"
    else:
        reason = "No API token was given"
    index = request.package_index
    none_needed = f". {index.label} needs none: it has no API to register publishers."
    return reason + (none_needed if index.is_pypi else ", so nothing was posted.")
