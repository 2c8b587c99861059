"""The pipeline: what a user gave in, a report out. It reads like the architecture.

given -> request -> publisher -> look-up -> preflight -> registration, or the proof by claims -> report
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values import index as indexes
from pypi_setup.values import report as reports
from pypi_setup.values import request as requests
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.publisher import BadInput, Problem
from pypi_setup.values.request import Mend, Mode
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pypi_setup.discovery.discover import Discovery
    from pypi_setup.discovery.investigation import Case, Investigation
    from pypi_setup.index.registration import Outcome
    from pypi_setup.transport import Client
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given, Request


_WORDS = 200
"""Characters of the index's words that stand in the message of one line."""


class Surroundings(NamedTuple):
    """Where a run takes place."""

    folder: str
    """The folder to discover values in, and whose files are checked."""

    environ: Mapping[str, str]
    """The environment's variables."""

    mask: Callable[[str], None]
    """Makes a runner hide a secret from now on."""

    on_wait: Callable[[str, float], None] | None = None
    """Told each second that an exchange takes: the host, the seconds left."""


def add_pending_publisher(
    publisher: Publisher, token: str, index: str = "pypi", *, timeout: float = 15.0, exist_ok: bool = False
) -> Report:
    """Register a publisher by API: one POST to the index, and nothing else.

    `index` is `pypi`, `testpypi` or the URL of an index that offers the API; pypi.org does not, so there
    the status is `unavailable` and `fallback_url` the result. `timeout` is in seconds, at most 600; with
    `exist_ok` a publisher that is registered already is a success. The report carries `success`, `status`,
    `http_status`, the body as `response`, and a `message` with both. Never raises for anything that the
    index or the network does; raises BadInput for an index, a token or a timeout that is none.
    """
    from pypi_setup.index.registration import register
    from pypi_setup.transport import Client

    package_index, secret = requests.parse_access(index, token, timeout)
    outcome = register(publisher, secret, package_index, Client(timeout))
    holes = outcome.told(package_index, timeout)
    report = reports.told(
        outcome.status, publisher, package_index, exist_ok=exist_ok and not outcome.is_anothers, holes=holes
    )
    return _answered(report, outcome)


def run(given: Given, around: Surroundings) -> Report:
    """Do what is asked for, and return how it ended. Raises nothing but for an interruption."""
    report = _run(given, around)
    if report.verified is None and given.mode.strip().lower() == Mode.VERIFY.value:
        report = _unproven(report)._replace(results=tuple(map(_unproven, report.results)))
    return report


def _unproven(report: Report) -> Report:
    """Return the report of mode verify where it did not come to the proof: bad input, or a dry run."""
    return report._replace(verified=False, claims={})


def _run(given: Given, around: Surroundings) -> Report:
    try:
        found = _discovery(given, around)
        request = _request(given, found)
        report = _dry_run(request, given) if request.dry_run else _carried_out(request, found, around)
    except BadInput as bad:
        return reports.refused(bad.problems, _index(given, bad.problems))
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        return reports.crashed(bug, _index(given))
    if found is None:
        return report
    discovered = found.spelled_as(report.publisher)
    return report._replace(discovered=discovered, notes=(*found.assumptions, *report.notes))


def _request(given: Given, found: Discovery | None) -> Request:
    """Return what to do. Raises BadInput, also where something would be posted on a guess."""
    if found is None:
        return requests.parse(given)
    try:
        request = requests.parse(found.given)
    except BadInput as bad:
        raise BadInput(found.explained(bad.problems)) from None
    if request.token and request.mode is Mode.REGISTER and not request.dry_run:
        found.certain()
    return request


def _index(given: Given, problems: tuple[Problem, ...] = ()) -> Index:
    """Return the index whose account page a failed run links to: PyPI, where the one given is none."""
    if any(problem.field == "index-url" for problem in problems):
        return indexes.parse("pypi")
    try:
        return indexes.parse(given.index_url)
    except indexes.IndexProblem:
        return indexes.parse("pypi")


def _discovery(given: Given, around: Surroundings) -> Discovery | None:
    """Fill in what was not given; None where nothing is missing."""
    if given.dry_run.strip().lower() == "true":  # It reads no workflow: the defaults stand.
        given = given.with_defaults()
    texts = (given.owner, given.repo, "".join(given.project))
    if all(text.strip() for text in texts) and None not in (given.workflow, given.environment):
        return None
    from pathlib import Path

    from pypi_setup.discovery.discover import discovered

    return discovered(given, Path(around.folder), around.environ)


def _dry_run(request: Request, given: Given) -> Report:
    index, organization = request.package_index, request.organization
    report = reports.combined(
        [reports.told(Status.DRY_RUN, each, index, organization=organization) for each in request.publishers]
    )
    if not given.assumed:
        return report
    values = " and ".join(f"{name} {requests.DEFAULTS[name]}" for name in given.assumed)
    note = f"A dry run reads no workflow file, and assumes what was not given: {values}."
    return report._replace(notes=(note, *report.notes))


def _carried_out(request: Request, found: Discovery | None, around: Surroundings) -> Report:
    from pypi_setup.discovery.investigation import investigated
    from pypi_setup.transport import Client

    client = Client(request.timeout, around.on_wait)
    discovered = {each.field for each in found.discovered} if found else set()
    asked = not {"owner", "repo"} <= discovered
    known = investigated(request, client, around.folder, around.environ, asked=asked)
    if request.mend:
        return _mended(known, client, around, written=request.mend is Mend.WRITE)
    step = {Mode.REGISTER: _registered, Mode.CHECK: _checked, Mode.VERIFY: _verified}[request.mode]
    return reports.combined([step(case, client, around) for case in known.cases()])


def _mended(known: Investigation, client: Client, around: Surroundings, *, written: bool) -> Report:
    from pypi_setup.commands.fix import mended

    result = mended(known, written=written)
    report = reports.combined([_checked(case, client, around) for case in result.found.cases()])
    return report._replace(diff=result.diff, notes=(*result.notes, *report.notes))


def _registered(case: Case, client: Client, around: Surroundings) -> Report:
    if case.request.token is None:
        return _in_view(_told(Status.MANUAL, case, {"no_token": _no_token(case.request, around)}), case)
    from pypi_setup.index.registration import register

    index = case.request.package_index
    outcome = register(case.publisher, case.request.token, index, client)
    request = case.request._replace(exist_ok=case.request.exist_ok and not outcome.is_anothers)
    report = _told(outcome.status, case._replace(request=request), outcome.told(index, client.timeout))
    if outcome.is_anothers:
        report = report._replace(chain=case.chain)  # The publisher that is there is not this project's.
    return _in_view(_answered(report, outcome), case)


def _in_view(report: Report, case: Case) -> Report:
    """Return the report with a verdict that says what the findings mean for it."""
    published = any(each.rule == "already-publishing" for each in case.findings)
    stopped = bool(report.guidance and report.guidance.stopped)
    if published and not stopped and report.status in {Status.MANUAL, Status.UNAVAILABLE}:
        report = report._replace(
            message=f"Nothing seems left to do: {case.publisher.project} is published from here already.",
            action="Look behind the link whether the publisher is still there; add it only if it is not.",
        )
    # The spelling of the repository is an error of the input, and mended here already.
    rules = (each.rule for each in case.findings if each.severity is Severity.ERROR)
    errors = sum(rule != "repository-spelling" for rule in rules)
    if not errors:
        return report
    count = "an error" if errors == 1 else f"{errors} errors"
    return report._replace(
        message=f"{report.message} But {count} below would break the next release.",
        action=f"{report.action} Mend the errors below before you release.",
    )


def _answered(report: Report, outcome: Outcome) -> Report:
    """Return the report with the index's own status and words, in its message too."""
    if outcome.http_status is None:
        return report
    words = f": {one_line(_gist(outcome.response), _WORDS)}" if outcome.response else ""
    return report._replace(
        message=f"{report.message} (HTTP {outcome.http_status}{words})",
        http_status=outcome.http_status,
        response=outcome.response,
    )


def _gist(response: str) -> str:
    """Return the sentence in a JSON answer; of any other all."""
    try:
        data = json.loads(response)
    except (ValueError, RecursionError):
        return response
    fields = (data.get(name) for name in ("message", "detail", "error")) if isinstance(data, dict) else ()
    return next((field for field in fields if isinstance(field, str) and field), response)


def _checked(case: Case, _client: Client, _around: Surroundings) -> Report:
    severities = [finding.severity for finding in case.findings]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    counted = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    status = Status.CHECK_FAILED if Severity.ERROR in severities else Status.CHECKED
    return _told(status, case, {"counted": f"Findings: {counted}."})


def _verified(case: Case, client: Client, around: Surroundings) -> Report:
    from pypi_setup.index.exchange import is_outside
    from pypi_setup.index.verification import verify
    from pypi_setup.render.step import verifying_step

    request = case.request
    proof = verify(
        case.publisher,
        request.package_index,
        client,
        project_exists=case.project.exists,
        exchange=request.exchange,
        allow_create=request.allow_create,
        mask=around.mask,
        beside=case.beside,
        findings=case.findings,
        published=case.project.published,
    )
    holes = {"detail": proof.detail, "likely": proof.likely, "mend": proof.mend}
    report = _told(proof.status, case, holes)
    return report._replace(
        verified=proof.status is Status.VERIFIED,
        elsewhere=report.elsewhere or (proof.status is Status.NOT_VERIFIED and not proof.is_unregistered),
        claims=proof.claims,
        rows=proof.rows,
        notes=proof.notes,
        paste=verifying_step(case.publisher, request.package_index) if is_outside() else "",
        response=proof.response,
    )


def _told(status: Status, case: Case, holes: dict[str, str]) -> Report:
    from pypi_setup.values.chain import HOLDS

    report = reports.told(
        status,
        case.publisher,
        case.request.package_index,
        exists=case.project.exists,
        organization=case.request.organization,
        marker=case.project.marker,
        exist_ok=case.request.exist_ok,
        holes=holes,
    )
    chain = case.chain
    if status in {Status.REGISTERED, Status.ALREADY_REGISTERED, Status.VERIFIED}:  # The index said so.
        value = f"{case.publisher.owner}/{case.publisher.repository}"
        chain = tuple(
            link._replace(value=value, state=HOLDS) if link.name == "publisher" else link for link in chain
        )
    return report._replace(findings=case.findings, chain=chain)


def _no_token(request: Request, around: Surroundings) -> str:
    """Say what it is that no token came."""
    event = around.environ.get("GITHUB_EVENT_NAME", "")
    if event.startswith("pull_request") and event != "pull_request_target":
        reason = f"No API token came: the event {event} gets no secrets where a fork is behind it"
    elif event:
        reason = "No API token came: api-token is empty, or the secret behind it is not set"
    else:
        reason = "No API token was given"
    index = request.package_index
    none_needed = f". {index.label} needs none: it has no API to register publishers."
    return reason + (none_needed if index.is_pypi else ", so nothing was posted.")
