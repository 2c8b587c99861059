from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.sandbox import Identity, Sandbox

PATH = "/_/v1/publisher"

BODY = {
    "name": "sample-project",
    "owner": "octo-org",
    "repository": "sample-project",
    "workflow_filename": "release.yml",
    "environment": "pypi",
}

IDENTITY = Identity("octo-org", "sample-project", "release.yml", "pypi")


def register(send: Any, token: str, body: Any = BODY) -> Any:
    return send("POST", PATH, json=body, headers={"Authorization": f"Token {token}"})


def test_a_project_that_exists_gets_a_publisher_once(sandbox: Sandbox, send: Any) -> None:
    sandbox.store.add_project("Sample.Project")
    answer = register(send, sandbox.token)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "message": "Added release.yml in https://github.com/octo-org/sample-project to Sample.Project",
        "pending": False,
        "publisher": BODY,
    }
    assert sandbox.store.publishers[IDENTITY].projects == {"sample-project"}
    assert sandbox.store.pending == {}
    again = register(send, sandbox.token)
    assert (again.status_code, again.json()) == (
        409,
        {"message": "release.yml is already registered with Sample.Project", "pending": False},
    )


def test_a_new_project_gets_a_pending_publisher_once(sandbox: Sandbox, send: Any) -> None:
    answer = register(send, sandbox.token)
    assert (answer.status_code, answer.json()["pending"]) == (201, True)
    assert sandbox.store.pending[IDENTITY].project == "sample-project"
    assert sandbox.store.project("sample-project") is None
    again = register(send, sandbox.token)
    assert (again.status_code, again.json()["pending"]) == (409, True)
    other = register(send, sandbox.token, {**BODY, "name": "another-project"})
    assert (other.status_code, other.json()["message"][:26]) == (409, "A pending trusted publishe")


def test_an_unknown_project_where_nothing_can_be_pending(sandbox: Sandbox, send: Any) -> None:
    sandbox.store.switches.pending = False
    answer = register(send, sandbox.token)
    assert answer.status_code == 400
    assert "does not exist" in answer.json()["message"]


def test_no_valid_token(sandbox: Sandbox, send: Any) -> None:
    expired = sandbox.store.add_token(life=-1)
    for headers in (
        {},
        {"Authorization": f"Token {expired}"},
        {"Authorization": "Token pypi-unknown"},
        {"Authorization": f"Bearer {sandbox.token}"},
        {"Authorization": "Token"},
    ):
        answer = send("POST", PATH, json=BODY, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Token realm="publisher"')
    assert sandbox.store.pending == {}


def test_tokens_that_may_not(sandbox: Sandbox, send: Any) -> None:
    sandbox.store.add_project("sample-project")
    for token in (
        sandbox.store.add_token(projects=["sample-project"]),
        sandbox.store.add_token(projects=["other"]),
        sandbox.store.add_token(user="bob"),
    ):
        assert register(send, token).status_code == 403
    assert sandbox.store.publishers == {}


def test_every_bad_value_is_named(sandbox: Sandbox, send: Any) -> None:
    bad = {"name": "-x-", "owner": "-x", "repository": "a b", "workflow_filename": "x", "environment": " y"}
    answer = register(send, sandbox.token, bad)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "name": ["Invalid project name"],
        "owner": ["Invalid GitHub user or organization name."],
        "repository": ["Invalid repository name"],
        "workflow_filename": ["Workflow name must end with .yml or .yaml"],
        "environment": ["Environment name may not start with whitespace"],
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        (b'["a"]', "body"),
        (b"{}", "name"),
        (b'{"name": 5}', "name"),
    ],
    ids=str,
)
def test_malformed_bodies(sandbox: Sandbox, send: Any, body: bytes, field: str) -> None:
    headers = {"Authorization": f"Token {sandbox.token}"}
    answer = send("POST", PATH, data=body, headers=headers)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]


def test_three_pending_publishers_and_no_more(sandbox: Sandbox, send: Any) -> None:
    for number in range(3):
        sandbox.store.add_pending(f"new-{number}", "octo-org", f"repo-{number}")
    answer = register(send, sandbox.token)
    assert answer.status_code == 422
    assert answer.json()["message"] == "You can't register more than 3 pending trusted publishers at once."


def test_too_many_registrations_wait_until_the_next_day() -> None:
    with Sandbox(limit=1) as sandbox:
        import requests

        now = 1000.0
        sandbox.store.clock = lambda: now
        headers = {"Authorization": f"Token {sandbox.token}"}

        def post() -> requests.Response:
            return requests.post(sandbox.url + PATH, json={}, headers=headers, timeout=10)

        assert post().status_code == 422  # Refused ones count.
        now += 400
        answer = post()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "86000")
        now += 86_000
        assert post().status_code == 422


def test_other_methods_and_paths(sandbox: Sandbox, send: Any) -> None:
    answer = send("GET", PATH)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert send("DELETE", PATH).status_code == 405
    assert send("POST", f"{PATH}/").status_code == 404
    assert send("POST", "/_/v1/publishers").status_code == 404


def test_a_plain_text_notice_for_those_who_take_no_html(sandbox: Sandbox, send: Any) -> None:
    answer = send("GET", PATH, headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert answer.text == ("405 Method Not Allowed\n\nThe method GET is not allowed for this resource.\n\n")
