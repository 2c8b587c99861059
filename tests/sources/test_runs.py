from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.sandbox.github import Job
from pypi_setup.sources.github import GitHub
from pypi_setup.sources.runs import JOBS_LIMIT, Log, Logs, failed_logs
from pypi_setup.transport import Client
from pypi_setup.values.harmless import Secret

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox

TOKEN = "ghs_canarycanarycanary"
RUN = 123456


def of(sandbox: Sandbox, *jobs: Job, run: int = RUN) -> Logs:
    sandbox.github.add_repository("octo-org/logged", jobs=jobs)
    client = Client(10)
    github = GitHub(client, "octo-org", "logged", api_url=sandbox.github.url, token=Secret(TOKEN))
    return failed_logs(github, client, str(run))


def test_the_logs_of_the_jobs_that_failed(sandbox: Sandbox) -> None:
    found = of(
        sandbox,
        Job(RUN, 1, "build", "fine", "success"),
        Job(RUN, 2, "publish", "bad"),
        Job(RUN, 3, "slow", "too slow", "timed_out"),
        Job(RUN, 4, "explain", "this one", None),
        Job(RUN + 1, 5, "publish", "another run"),
    )
    assert found == Logs((Log("publish", b"bad"), Log("slow", b"too slow")))


def test_the_server_with_the_logs_is_shown_no_token(sandbox: Sandbox) -> None:
    of(sandbox, Job(RUN, 2, "publish", "bad"))
    (request,) = sandbox.github.logs.requests
    assert "Authorization" not in request.headers
    assert TOKEN not in repr(request)
    assert all(each.headers["Authorization"] == f"Bearer {TOKEN}" for each in sandbox.github.requests)


def test_a_run_of_many_jobs(sandbox: Sandbox) -> None:
    jobs = [Job(RUN, number, f"leg {number}", "log", "success") for number in range(150)]
    last = Job(RUN, 900, "publish", "bad")
    assert of(sandbox, *jobs, last).logs == (Log("publish", b"bad"),)


def test_a_run_of_more_jobs_than_are_listed(sandbox: Sandbox) -> None:
    jobs = [Job(RUN, number, f"leg {number}", "log", "success") for number in range(500)]
    found = of(sandbox, *jobs, Job(RUN, 900, "publish", "bad"))
    assert found == Logs(problem=f"none of the first 500 jobs of the run {RUN} has failed")


def test_more_failed_jobs_than_are_read(sandbox: Sandbox) -> None:
    found = of(sandbox, *(Job(RUN, number, f"leg {number}", "bad") for number in range(JOBS_LIMIT + 2)))
    assert (len(found.logs), found.problem) == (JOBS_LIMIT, "the logs of 2 more failed jobs")


@pytest.mark.parametrize(
    ("jobs", "run", "problem"),
    [
        ([Job(RUN, 1, "a", "", "success")], RUN, f"no job of the run {RUN} has failed by now"),
        (
            [],
            RUN,
            f"GitHub shows no run {RUN}: it is of another repository, or the token lacks actions: read",
        ),
        ([Job(RUN, 1, "a", None)], RUN, "the log of the job a: GitHub has none yet, or has none any more"),
    ],
)
def test_why_there_is_none(sandbox: Sandbox, jobs: list[Job], run: int, problem: str) -> None:
    assert of(sandbox, *jobs, run=run) == Logs(problem=problem)


def test_one_log_is_missing(sandbox: Sandbox) -> None:
    found = of(sandbox, Job(RUN, 1, "a", None), Job(RUN, 2, "b", "bad"))
    assert found.logs == (Log("b", b"bad"),)
    assert found.problem.startswith("the log of the job a: ")


def test_github_refuses(sandbox: Sandbox) -> None:
    sandbox.github.limited = True
    found = of(sandbox, Job(RUN, 1, "a", "bad"))
    assert found.logs == ()
    assert "rate limit exceeded" in found.problem


def test_a_list_that_is_none(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.github, "_rest", odd([{"jobs": {}}]))
    assert of(sandbox).problem == "GitHub's list of jobs cannot be read"


def odd(answers: list[Any]) -> Any:
    from pypi_setup.sandbox.web import as_json

    return lambda *_arguments, **_where: as_json(200, answers.pop(0))


def test_entries_that_are_none(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [3, {"conclusion": "failure"}, {"conclusion": "failure", "id": "1"}]
    monkeypatch.setattr(sandbox.github, "_rest", odd([{"jobs": jobs}]))
    assert of(sandbox).problem.startswith("no job of the run")


def test_an_api_that_hands_out_no_log(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [{"conclusion": "failure", "id": 1, "name": "a"}]
    monkeypatch.setattr(sandbox.github, "_rest", odd([{"jobs": jobs}, {}]))
    assert of(sandbox).problem == "the log of the job a: GitHub names no place for it"


def test_a_place_that_does_not_answer(sandbox: Sandbox) -> None:
    sandbox.github.logs.close()
    assert of(sandbox, Job(RUN, 1, "a", "bad")).problem == "the log of the job a: the connection was refused"


def test_a_place_that_has_nothing(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _size: "%")
    found = of(sandbox, Job(RUN, 1, "a", "bad"))
    assert found.problem.startswith("the log of the job a: the place that GitHub names answers HTTP 4")
