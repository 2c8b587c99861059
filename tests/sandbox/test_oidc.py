"""What the recorded exchanges do not show: see test_contract.py for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.sandbox import Oidc, Sandbox
from pypi_setup.sandbox.github import claims, jwt


def minted(send: Any, **changes: Any) -> tuple[int, str]:
    answer = send("POST", "/_/oidc/mint-token", json={"token": jwt({**claims(), "aud": "pypi", **changes})})
    return answer.status_code, answer.json().get("errors", [{}])[0].get("description", "")


def test_an_index_without_trusted_publishing(send: Any, sandbox: Sandbox) -> None:
    sandbox.store.switches.oidc = Oidc.ABSENT
    assert send("GET", "/_/oidc/audience").status_code == 404
    assert send("POST", "/_/oidc/mint-token", json={"token": "x"}).status_code == 404


def test_another_audience(send: Any, sandbox: Sandbox) -> None:
    sandbox.store.switches.audience = "testpypi"
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-project")
    assert send("GET", "/_/oidc/audience").json() == {"audience": "testpypi"}
    assert minted(send) == (422, "malformed or invalid token")
    assert minted(send, aud="testpypi") == (200, "")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"job_workflow_ref": "nonsense"}, "Could not job extract workflow filename from OIDC claims"),
        ({"ref": "", "sha": ""}, "The ref and sha claims are empty"),
        ({"repository_owner": "someone"}, "Check failed for required claim 'repository_owner'"),
        ({"repository_owner": "Octo-Org"}, "Check failed for required claim 'repository_owner'"),
    ],
)
def test_claims_that_github_never_sends(send: Any, sandbox: Sandbox, changes: Any, why: str) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-project")
    assert minted(send, **changes) == (422, f"valid token, but no corresponding publisher ({why})")


@pytest.mark.parametrize("environment", [7, ["pypi"], {"a": 1}, True])
def test_an_environment_that_is_no_text_is_no_crash(send: Any, sandbox: Sandbox, environment: Any) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-project", environment="pypi")
    why = "valid token, but no corresponding publisher (Publisher with matching claims was not found)"
    assert minted(send, environment=environment) == (422, why)


def test_an_empty_ref_leaves_the_sha(send: Any, sandbox: Sandbox) -> None:
    sandbox.store.add_publisher("sample-project", "octo-org", "sample-project")
    workflow = "octo-org/sample-project/.github/workflows/release.yml"
    sha = claims()["sha"]
    assert minted(send, ref="", job_workflow_ref=f"{workflow}@{sha}") == (200, "")


def test_a_pending_publisher_of_a_name_that_was_prohibited_since(send: Any, sandbox: Sandbox) -> None:
    sandbox.store.add_pending("evil", "octo-org", "sample-project")
    sandbox.store.prohibited.add("evil")
    status, description = minted(send)
    assert status == 422
    assert description == (
        f"The name 'evil' isn't allowed. See {sandbox.url}/help/#project-name for more information."
    )
    assert len(sandbox.store.pending) == 1


def test_a_long_body_is_shown_shortened(send: Any, sandbox: Sandbox) -> None:
    del sandbox
    answer = send("POST", "/_/oidc/mint-token", json={"token": ["x" * 100]})
    (error,) = answer.json()["errors"]
    assert f"input_value=['{'x' * 23}...{'x' * 22}'], input_type=list]" in error["description"]


def test_a_body_that_is_nested_too_deeply(send: Any, sandbox: Sandbox) -> None:
    del sandbox
    answer = send("POST", "/_/oidc/mint-token", data=b"[" * 100_000)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid-payload")
