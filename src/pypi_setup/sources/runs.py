"""The runs of a workflow and the logs of failed jobs, through GitHub's REST API. Bounded; it never raises.

Source: GitHub's REST reference, "workflow runs" and "workflow jobs". Logs need a token with `actions: read`.
A job's log lies elsewhere: the API answers with a redirect that is valid for a minute, and nobody there is
shown the token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from pypi_setup.sources.github import GitHub
    from pypi_setup.transport import Client

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of a job's log that are read."""

JOBS_LIMIT = 10
"""Failed jobs whose logs are read."""

_PAGE, _PAGES = 100, 5
_OK, _FOUND, _NOT_FOUND = 200, 302, 404
_FAILED = frozenset({"failure", "timed_out"})
_NAME = 200


class Log(NamedTuple):
    """The log of a failed job."""

    job: str
    text: bytes


class Logs(NamedTuple):
    """What could be read of a run."""

    logs: tuple[Log, ...] = ()
    problem: str = ""
    """Why there is none, or not every one, in words; empty where all are here."""


class Run(NamedTuple):
    """A run of a workflow."""

    number: int
    ref: str
    """The branch or tag that it is of."""

    state: str
    """How it ended (`success`, `failure`, …); before that how far it is (`queued`, `waiting`, …)."""

    url: str


class Runs(NamedTuple):
    """The newest runs of a workflow."""

    runs: tuple[Run, ...] = ()
    problem: str = ""
    """Why they are not known, in words; empty where they are."""


def runs_of(github: GitHub, workflow: str) -> Runs:
    """Return the newest runs of a workflow file, the newest first."""
    reply = github.ask(f"actions/workflows/{quote(workflow, safe='')}/runs?per_page={_PAGE}")
    entries = reply.value.get("workflow_runs") if isinstance(reply.value, dict) else None
    if reply.status == _NOT_FOUND:
        return Runs(problem=f"GitHub shows no workflow {workflow} in this repository")
    if reply.status != _OK or not isinstance(entries, list):
        return Runs(problem=reply.problem or "GitHub's list of runs cannot be read")
    found = []
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {}
        number, url = fields.get("id"), str(fields.get("html_url"))
        if isinstance(number, int) and url.startswith("https://"):
            state = str(fields.get("conclusion") or fields.get("status"))
            ref = one_line(str(fields.get("head_branch")), _NAME)
            found.append(Run(number, ref, one_line(state, _NAME), one_line(url, 2 * _NAME)))
    return Runs(tuple(found))


def failed_logs(github: GitHub, client: Client, run: str) -> Logs:
    """Return the logs of the jobs that failed in the newest attempt of the run with this number."""
    jobs, problem = _failed(github, run)
    if problem:
        return Logs(problem=problem)
    if not jobs:
        return Logs(problem=f"no job of the run {run} has failed by now")
    logs: list[Log] = []
    for number, name in jobs[:JOBS_LIMIT]:
        text, why = _log(github, client, number)
        if text:
            logs.append(Log(name, text))
        problem = problem or (why and f"the log of the job {name}: {why}")
    more = len(jobs) - JOBS_LIMIT
    if more > 0 and not problem:
        problem = f"the logs of {more} more failed jobs"
    return Logs(tuple(logs), problem)


def _failed(github: GitHub, run: str) -> tuple[list[tuple[int, str]], str]:
    """Return number and name of each failed job; or why they are not known."""
    found: list[tuple[int, str]] = []
    for page in range(1, _PAGES + 1):
        reply = github.ask(f"actions/runs/{run}/jobs?filter=latest&per_page={_PAGE}&page={page}")
        jobs = reply.value.get("jobs") if isinstance(reply.value, dict) else None
        if reply.status == _NOT_FOUND:
            return (
                [],
                f"GitHub shows no run {run}: it is of another repository, or the token lacks actions: read",
            )
        if reply.status != _OK or not isinstance(jobs, list):
            return [], reply.problem or "GitHub's list of jobs cannot be read"
        for job in jobs:
            fields = job if isinstance(job, dict) else {}
            number = fields.get("id")
            if fields.get("conclusion") in _FAILED and isinstance(number, int):
                found.append((number, one_line(str(fields.get("name")), _NAME)))
        if len(jobs) < _PAGE:
            return found, ""
    return found, "" if found else f"none of the first {_PAGE * _PAGES} jobs of the run {run} has failed"


def _log(github: GitHub, client: Client, job: int) -> tuple[bytes, str]:
    """Return a job's log; or why it is not known."""
    reply = github.ask(f"actions/jobs/{job}/logs")
    if reply.status == _NOT_FOUND:
        return b"", "GitHub has none yet, or has none any more"
    if reply.status != _FOUND or not reply.location:
        return b"", reply.problem or "GitHub names no place for it"
    body = bytearray()
    answer = client.get(
        reply.location, "text/plain", sink=lambda piece: body.extend(piece[: LOG_LIMIT - len(body)])
    )
    if answer.status != _OK:
        return b"", answer.detail or f"the place that GitHub names answers HTTP {answer.status}"
    return bytes(body), "" if answer.complete else "it was read in part only"
