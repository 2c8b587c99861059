from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.commands.register import no_token
from pypi_setup.sandbox.web import Answer, Listener
from pypi_setup.values import request as requests
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

GIVEN = Given(
    project=("sample-project",),
    owner="octo-org",
    repo="sample-repo",
    workflow="release.yml",
    environment="pypi",
)
PATH = "/_/v1/publisher"


def run(index_url: str, **changes: Any) -> Report:
    given = GIVEN._replace(index_url=index_url, **changes)
    return dispatch.run(given, Surroundings(".", os.environ, lambda _secret: None))


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Serve an index that gives one answer to everything; yield its address."""
    listener = Listener(lambda _request: Answer(status, "application/json", body.encode()))
    yield listener.url
    listener.close()


@pytest.mark.parametrize(
    ("body", "gist"),
    [
        ('{"message": "the words"}', "the words"),
        ('{"detail": "the words"}', "the words"),
        ('{"error": "the words", "message": ""}', "the words"),
        ('{"message": {"a": 1}}', '{"message": {"a": 1}}'),
        ('["the words"]', '["the words"]'),
        ("[" * 1500, "[" * 199 + "…"),
        ("plain words", "plain words"),
    ],
)
def test_the_message_quotes_the_sentence_in_the_answer(sandbox: Sandbox, body: str, gist: str) -> None:
    with answering(400, body) as url:
        report = run(url, api_token="pypi-something-or-other")
    host = url.removeprefix("http://")
    assert report.message.startswith(f"{host} does not know the project sample-project. (HTTP 400: {gist})")
    assert report.response == body


def test_an_answer_without_words(sandbox: Sandbox) -> None:
    with answering(500, "") as url:
        report = run(url, api_token="pypi-something-or-other")
    assert "(HTTP 500)" in report.message
    assert report.response is None


@pytest.mark.parametrize("index_url", ["pypi", "testpypi"])
def test_pypi_needs_no_token(bare: Path, index_url: str) -> None:
    request = requests.parse(GIVEN._replace(index_url=index_url))
    around = Surroundings(".", {}, lambda _secret: None)
    words = no_token(request, around)
    assert words.endswith("PyPI takes registrations in the browser only: it has no API for them.")
