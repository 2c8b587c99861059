"""The embedded index takes files, from whom PyPI would take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox

WHEEL = "sample_project-1-py3-none-any.whl"


def upload(
    sandbox: Sandbox, token: str, name: str = "sample-project", **parts: tuple[str, bytes]
) -> requests.Response:
    fields = {":action": "file_upload", "name": name, "version": "1"}
    files = parts or {"content": (WHEEL, b"wheel\xff")}
    return requests.post(f"{sandbox.url}/legacy/", fields, files=files, auth=("__token__", token), timeout=30)


def test_a_file_is_there_afterwards(sandbox: Sandbox) -> None:
    assert upload(sandbox, sandbox.token).status_code == 200
    page = requests.get(
        f"{sandbox.url}/simple/sample-project/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        timeout=30,
    ).json()
    assert [(file["filename"], file["size"]) for file in page["files"]] == [(WHEEL, 6)]
    again = upload(sandbox, sandbox.token)
    assert (again.status_code, again.text) == (400, f"400 File already exists ({WHEEL!r}).")


def test_a_token_for_the_account_creates_a_project(sandbox: Sandbox) -> None:
    assert upload(sandbox, sandbox.token, "Brand.New").status_code == 200
    project = sandbox.store.project("brand-new")
    assert project is not None
    assert (project.name, project.owners) == ("Brand.New", {"alice"})


def test_a_projects_token_is_good_for_it_only(sandbox: Sandbox) -> None:
    token = sandbox.store.add_token(projects=["sample-project"])
    assert upload(sandbox, token, "Sample_Project").status_code == 200
    refused = upload(sandbox, token, "another")
    assert (refused.status_code, "project-scoped token" in refused.text) == (403, True)


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic !", "Basic /w==", "Basic YTpi"])
def test_whoever_is_not_known_is_refused(sandbox: Sandbox, authorization: str) -> None:
    answer = requests.post(
        f"{sandbox.url}/legacy/", headers={"Authorization": authorization}, data=b"x", timeout=30
    )
    assert (answer.status_code, answer.text) == (
        403,
        "403 Invalid or non-existent authentication information.",
    )


def test_a_form_without_a_file_is_refused(sandbox: Sandbox) -> None:
    assert upload(sandbox, sandbox.token, other=("x", b"")).status_code == 400
    plain = requests.post(
        f"{sandbox.url}/legacy/", {"name": "x"}, auth=("__token__", sandbox.token), timeout=30
    )
    assert plain.text == "400 Upload payload does not have a file."
