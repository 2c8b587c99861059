"""`register`: by API where the index has one, else by the link that does the rest.

given -> request -> look-up -> preflight -> one POST, or the link -> report
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pypi_setup.commands.steps import headed, looked, told
from pypi_setup.commands.work import understood
from pypi_setup.values import report as reports
from pypi_setup.values import request as requests
from pypi_setup.values.harmless import one_line
from pypi_setup.values.standing import REGISTERING, Mark, Standing
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pypi_setup.commands.steps import Looked
    from pypi_setup.discovery.investigation import Case
    from pypi_setup.index.registration import Outcome
    from pypi_setup.index.registrations import Queue
    from pypi_setup.transport import Client
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given, Request
    from pypi_setup.values.surroundings import Surroundings

_WORDS = 200
"""Characters of the index's words that stand in the message of one line."""


def run(given: Given, around: Surroundings) -> Report:
    """Register the publishers, or hand out the links. Raises BadInput."""
    work = understood(given, around)
    if work.request.token and not work.request.dry_run:
        work.certain()
    if work.request.dry_run:
        return work.rehearsed()
    found = looked(work, around)
    if work.request.token is None:
        every = [_handed_out(case, around) for case in found.cases]
        return work.reported(every, found.notes)
    if len(found.cases) == 1:
        return work.reported([_registered(case, found.client) for case in found.cases])
    queue = _queue(found, around)
    every = [
        _reported(case, queue.outcomes.get(number), found.client, queue.stopped)
        for number, case in enumerate(found.cases)
    ]
    return work.reported(every, found.notes)._replace(interrupted=queue.is_interrupted)


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


def _handed_out(case: Case, around: Surroundings) -> Report:
    return _in_view(told(Status.MANUAL, case, {"no_token": no_token(case.request, around)}), case)


def _registered(case: Case, client: Client) -> Report:
    return _reported(case, _asked(case, client), client)


def _asked(case: Case, client: Client) -> Outcome:
    from pypi_setup.index.registration import register

    assert case.request.token is not None  # noqa: S101 - without one the link is handed out
    return register(case.publisher, case.request.token, case.request.package_index, client)


def _queue(found: Looked, around: Surroundings) -> Queue:
    """Return what came of the registrations, several of which are under way at a time."""
    from pypi_setup.index.registrations import Queue

    done: list[int] = []

    def count(number: int) -> None:
        done.append(number)
        if around.on_progress:
            around.on_progress(len(done), found.cases[number].publisher.project)

    def failed(outcome: Outcome) -> bool:
        request = found.cases[0].request
        known = request.exist_ok and not outcome.is_anothers and outcome.status is Status.ALREADY_REGISTERED
        return request.fail_fast and not known and outcome.status is not Status.REGISTERED

    queue = Queue(lambda number: _asked(found.cases[number], found.client), is_failure=failed, on_done=count)
    queue.run(_chains(found.cases))
    return queue


def _chains(cases: Sequence[Case]) -> Iterable[list[int]]:
    """Return the cases' numbers: those in one list that the index may take for the same pending publisher.

    Sent at the same time, chance would decide which of them it takes.
    """
    chains: dict[object, list[int]] = {}
    for number, case in enumerate(cases):
        chains.setdefault(number if case.project.exists else case.publisher.identity, []).append(number)
    return chains.values()


def _reported(case: Case, outcome: Outcome | None, client: Client, stop: str = "") -> Report:
    """Return the report of a registration; without an outcome it was not begun, for the reason `stop`."""
    if outcome is None:
        return told(Status.CANCELLED, case, {"stopped": stop})
    request = case.request._replace(exist_ok=case.request.exist_ok and not outcome.is_anothers)
    holes = outcome.told(request.package_index, client.timeout)
    report = told(outcome.status, case._replace(request=request), holes)
    if outcome.is_anothers:
        report = report._replace(chain=case.chain)  # The publisher that is there is not this project's.
    return _in_view(_answered(report, outcome), case)


def _in_view(report: Report, case: Case) -> Report:
    """Return the report with a headline that says what the findings mean for it."""
    if report.guidance and report.guidance.stopped:
        return report  # Nothing can be uploaded to the project: that comes first.
    headline = REGISTERING.get(case.standing)
    if report.status in {Status.MANUAL, Status.UNAVAILABLE} and headline:
        return headed(report, case, headline)
    if case.standing is not Standing.BROKEN:
        return report
    from pypi_setup.preflight.standing import stopping

    errors = len(stopping(case.findings))
    count = "an error" if errors == 1 else f"{errors} errors"
    return report._replace(
        mark=Mark.BROKEN,
        message=f"{report.message} But {count} below would stop the next release.",
        headline=f"{report.verdict} But {count} below would stop the next release.",
        action=f"{report.action} Fix the errors below before you release.",
    )


def _answered(report: Report, outcome: Outcome) -> Report:
    """Return the report with the index's own status and words, in its message too."""
    if outcome.http_status is None:
        return report
    words = f": {one_line(_gist(outcome.response), _WORDS)}" if outcome.response else ""
    return report._replace(
        message=f"{report.message} (HTTP {outcome.http_status}{words})",
        headline=report.message,
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


def no_token(request: Request, around: Surroundings) -> str:
    """Say why the link is the result."""
    index = request.package_index
    if index.is_pypi:
        return f"{index.label} takes registrations in the browser only: it has no API for them."
    event = around.environ.get("GITHUB_EVENT_NAME", "")
    if event.startswith("pull_request") and event != "pull_request_target":
        return f"No API token was provided: the event {event} gets no secrets where a fork is behind it."
    if event:
        return "No API token was provided: api-token is empty, or the secret behind it is not set."
    return "No API token was provided, so nothing was posted."
