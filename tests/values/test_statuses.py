from __future__ import annotations

import string

import pytest

from pypi_setup.values.statuses import MEANINGS, Status, of_http, worst

TABLE = {
    200: "unexpected",
    201: "registered",
    202: "unexpected",
    204: "unexpected",
    301: "unexpected",
    302: "unexpected",
    303: "unexpected",
    307: "unexpected",
    308: "unexpected",
    400: "project-missing",
    401: "unauthorized",
    402: "unexpected",
    403: "forbidden",
    404: "unavailable",
    405: "unavailable",
    406: "unexpected",
    409: "already-registered",
    410: "unavailable",
    418: "unexpected",
    422: "invalid",
    429: "rate-limited",
    499: "unexpected",
    500: "server-error",
    501: "unavailable",
    502: "server-error",
    503: "server-error",
    504: "server-error",
    599: "server-error",
    600: "unexpected",
    999: "unexpected",
}


@pytest.mark.parametrize(("code", "status"), TABLE.items())
def test_what_an_http_status_means(code: int, status: str) -> None:
    assert of_http(code).value == status


def test_statuses_and_successes_are_the_contracts() -> None:
    assert {status.value: MEANINGS[status].success for status in Status} == {
        "registered": True,
        "already-registered": False,
        "dry-run": True,
        "manual": True,
        "unavailable": False,
        "cancelled": False,
        "project-missing": False,
        "unauthorized": False,
        "forbidden": False,
        "invalid": False,
        "rate-limited": False,
        "server-error": False,
        "timeout": False,
        "network-error": False,
        "unexpected": False,
        "verified": True,
        "claims-match": True,
        "not-verified": False,
        "checked": True,
        "surveyed": True,
        "prepared": True,
        "unchecked": False,
        "check-failed": False,
        "survey-failed": False,
        "explained": True,
        "unexplained": False,
    }


@pytest.mark.parametrize("status", Status)
def test_each_meaning_says_all(status: Status) -> None:
    meaning = MEANINGS[status]
    assert all((meaning.when, meaning.message, meaning.cause, meaning.action))
    assert "\n" not in "".join(map(str, meaning))


def test_the_holes_in_the_texts_are_those_that_reports_fill() -> None:
    texts = (
        text for meaning in MEANINGS.values() for text in (meaning.message, meaning.cause, meaning.action)
    )
    holes = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    assert holes == {
        "project", "index", "endpoint", "page_step", "http", "detail", "Detail", "seconds", "again", "repeat",
        "whose", "review",
        "known", "outcome", "retry", "stopped", "no_token", "likely", "fix", "covered",
        "counted", "ways", "failed", "first",
        "summary", "why", "done", "next",
    }  # fmt: skip


def test_the_worst_stands_for_all() -> None:
    assert worst([Status.REGISTERED, Status.TIMEOUT, Status.MANUAL]) is Status.TIMEOUT
    assert worst([Status.REGISTERED]) is Status.REGISTERED


def test_no_success_is_worse_than_a_failure() -> None:
    successes = [list(Status).index(status) for status in Status if MEANINGS[status].success]
    failures = [list(Status).index(status) for status in Status if not MEANINGS[status].success]
    assert max(successes) < min(failures)
