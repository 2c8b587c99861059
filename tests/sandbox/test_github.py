from __future__ import annotations

import base64
import time
from typing import Any

import jwt
import pytest

from pypi_setup.sandbox import Environment, Sandbox
from pypi_setup.sandbox.github import claims
from pypi_setup.sandbox.signing import private_key

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def populated(sandbox: Sandbox) -> Sandbox:
    sandbox.github.add_repository(
        "Octo-Org/Sample-Project",
        files={
            "pyproject.toml": '[project]\nname = "sample-project"\n',
            ".github/workflows/release.yml": b"on: push\n" * 20,
            ".github/workflows/test.yml": "on: push\n",
            ".github/dependabot.yml": "",
        },
        environments=[
            Environment("pypi", policies=[("tag", "v*"), ("branch", "main")]),
            Environment("prod/eu", protected_branches=True),
            Environment("free"),
        ],
        formerly=["octo-org/old-name"],
    )
    return sandbox


def ask(send: Any, sandbox: Sandbox, path: str) -> Any:
    return send("GET", sandbox.github.url + path)


def test_a_repository_in_githubs_own_spelling(populated: Sandbox, send: Any) -> None:
    answer = ask(send, populated, "/repos/octo-org/sample-project")
    assert answer.status_code == 200
    value = answer.json()
    assert (value["full_name"], value["default_branch"], value["private"]) == (
        "Octo-Org/Sample-Project",
        "main",
        False,
    )
    assert value["owner"] == {"login": "Octo-Org", "id": 1234567}


def test_a_repository_nobody_knows(populated: Sandbox, send: Any) -> None:
    answer = ask(send, populated, "/repos/octo-org/unknown")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert ask(send, populated, "/repositories/1").status_code == 404


def test_a_moved_repository_redirects_by_number(populated: Sandbox, send: Any) -> None:
    answer = ask(send, populated, "/repos/Octo-Org/Old-Name")
    assert answer.status_code == 301
    location = answer.headers["Location"]
    assert location.startswith(f"{populated.github.url}/repositories/")
    assert send("GET", location).json()["full_name"] == "Octo-Org/Sample-Project"


def test_environments(populated: Sandbox, send: Any) -> None:
    root = "/repos/octo-org/sample-project/environments"
    listed = ask(send, populated, f"{root}?per_page=100").json()
    assert listed["total_count"] == 3
    assert [one["name"] for one in listed["environments"]] == ["pypi", "prod/eu", "free"]
    custom = {"protected_branches": False, "custom_branch_policies": True}
    protected = {"protected_branches": True, "custom_branch_policies": False}
    for path, policy in (("PyPI", custom), ("prod%2Feu", protected), ("free", None)):
        value = ask(send, populated, f"{root}/{path}").json()
        assert value["deployment_branch_policy"] == policy
    policies = ask(send, populated, f"{root}/pypi/deployment-branch-policies").json()
    assert policies == {
        "total_count": 2,
        "branch_policies": [{"name": "v*", "type": "tag"}, {"name": "main", "type": "branch"}],
    }
    assert ask(send, populated, f"{root}/none").status_code == 404
    assert ask(send, populated, f"{root}/none/deployment-branch-policies").status_code == 404


def test_contents(populated: Sandbox, send: Any) -> None:
    root = "/repos/octo-org/sample-project/contents"
    file = ask(send, populated, f"{root}/.github/workflows/release.yml?ref=main").json()
    assert (file["type"], file["name"], file["size"], file["encoding"]) == (
        "file",
        "release.yml",
        180,
        "base64",
    )
    assert max(map(len, file["content"].splitlines())) == 60
    assert base64.b64decode(file["content"]) == b"on: push\n" * 20
    listed = ask(send, populated, f"{root}/.github").json()
    assert [(one["type"], one["path"]) for one in listed] == [
        ("file", ".github/dependabot.yml"),
        ("dir", ".github/workflows"),
    ]
    assert [one["name"] for one in ask(send, populated, f"{root}/").json()] == [".github", "pyproject.toml"]
    assert ask(send, populated, f"{root}/none").status_code == 404


def test_the_tree(populated: Sandbox, send: Any) -> None:
    tree = ask(send, populated, "/repos/octo-org/sample-project/git/trees/HEAD?recursive=1").json()
    assert tree["truncated"] is False
    assert [one["path"] for one in tree["tree"]] == [
        ".github/dependabot.yml",
        ".github/workflows/release.yml",
        ".github/workflows/test.yml",
        "pyproject.toml",
    ]


def test_the_rate_limit(populated: Sandbox, send: Any) -> None:
    populated.github.limited = True
    answer = ask(send, populated, "/repos/octo-org/sample-project")
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (403, "0")


def test_a_job_gets_a_token_for_the_audience_it_names(sandbox: Sandbox, send: Any) -> None:
    github = sandbox.github
    github.set_job(repository="octo-org/widget", workflow="publish.yml", environment=None, ref="refs/tags/v1")
    headers = {"Authorization": f"bearer {github.request_token}"}
    token = send("GET", f"{github.token_url}&audience=testpypi", headers=headers).json()["value"]
    got = jwt.decode(token, private_key().public_key(), algorithms=["RS256"], audience="testpypi")
    assert 0 < got.pop("exp") - time.time() <= 300
    assert got.pop("iat") == got.pop("nbf")
    assert len(got.pop("jti")) == 32
    assert got == {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "testpypi",
        "sub": "repo:octo-org/widget:ref:refs/tags/v1",
        "repository": "octo-org/widget",
        "repository_owner": "octo-org",
        "repository_owner_id": "1234567",
        "repository_visibility": "public",
        "event_name": "push",
        "ref": "refs/tags/v1",
        "ref_type": "tag",
        "sha": SHA,
        "workflow_ref": "octo-org/widget/.github/workflows/publish.yml@refs/tags/v1",
        "job_workflow_ref": "octo-org/widget/.github/workflows/publish.yml@refs/tags/v1",
        "runner_environment": "github-hosted",
    }
    assert github.issued == [token]
    without = send("GET", github.token_url, headers=headers).json()["value"]
    unverified = jwt.decode(without, options={"verify_signature": False})
    assert unverified["aud"] == "https://github.com/octo-org"


@pytest.mark.parametrize("authorization", [None, "bearer wrong", "Basic x"])
def test_no_token_without_the_request_token(sandbox: Sandbox, send: Any, authorization: str | None) -> None:
    answer = send("GET", sandbox.github.token_url, headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert sandbox.github.issued == []
    (request,) = sandbox.github.requests
    assert request.headers["Authorization"] == authorization


def test_the_environment_variables_of_a_job(sandbox: Sandbox) -> None:
    github = sandbox.github
    assert github.environ == {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{github.url}/oidc/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": github.request_token,
    }
    assert github.request_token.startswith("github-sandbox-request-")


def test_claims_can_be_changed_and_removed() -> None:
    ref = "octo-org/shared/.github/workflows/p.yml@refs/heads/main"
    changed = claims(job_workflow_ref=ref, owner_id="7", event_name="release", sha=None)
    assert changed["job_workflow_ref"] == ref
    assert changed["workflow_ref"].startswith("octo-org/sample-project/")
    assert (changed["repository_owner_id"], changed["event_name"]) == ("7", "release")
    assert "sha" not in changed
    assert changed["sub"] == "repo:octo-org/sample-project:environment:pypi"


def test_the_whole_way_to_an_upload_token(sandbox: Sandbox, send: Any) -> None:
    github = sandbox.github
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-project", environment="PyPI")
    audience = send("GET", "/_/oidc/audience").json()["audience"]
    headers = {"Authorization": f"bearer {github.request_token}"}
    token = send("GET", f"{github.token_url}&audience={audience}", headers=headers).json()["value"]
    minted = send("POST", "/_/oidc/mint-token", json={"token": token}).json()["token"]
    assert minted.startswith("pypi-AgE")  # As PyPI's do: a macaroon of version 2.
    again = send("POST", "/_/oidc/mint-token", json={"token": token})
    assert again.json()["errors"][0]["code"] == "invalid-reuse-token"
    # It is for uploads: it registers nothing.
    refused = send("POST", "/_/v1/publisher", json={}, headers={"Authorization": f"Token {minted}"})
    assert refused.status_code == 403
