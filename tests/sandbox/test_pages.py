"""What the recorded exchanges do not show: see test_contract.py for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from pypi_setup.sandbox import Sandbox
from pypi_setup.sandbox.validation import name_problems, problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = "/manage/project/sample-project/settings/publishing/"

hostile = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30) | st.sampled_from(
    ["<script>alert(1)</script>", "\" autofocus onfocus='x'", "&amp;&#39;", "a&b=c#d?e", "+ %2B%", "日本 ü"]
)


@pytest.fixture(scope="module")
def logged_out() -> Iterator[tuple[Sandbox, requests.Session]]:
    with Sandbox() as sandbox, requests.Session() as session:
        session.trust_env = False
        sandbox.store.add_project("sample-project")
        yield sandbox, session


@given(owner=hostile, repository=hostile, environment=hostile)
@settings(max_examples=60, deadline=None)
def test_hostile_values_survive_link_and_login_and_stay_text(
    logged_out: tuple[Sandbox, requests.Session],
    facts: Callable[[str], Any],
    owner: str,
    repository: str,
    environment: str,
) -> None:
    sandbox, session = logged_out
    values = {"owner": owner, "repository": repository, "environment": environment}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    target = f"{PROJECT}?provider=github&{query}"
    session.cookies.clear()
    login = facts(session.get(sandbox.url + target).text)
    assert login.hidden == {"next": target}
    body = {**login.hidden, "username": "alice"}
    page = facts(session.post(f"{sandbox.url}/account/login/", data=body).text)
    assert page.h1 == "sample-project"
    assert page.inputs == {**values, "workflow_filename": ""}
    assert len(page.callouts) == 1


@pytest.mark.parametrize(
    "destination", ["", "https://evil.example/", "//evil.example/", "/\\evil.example", "/a\r\nX: y"]
)
def test_the_login_leads_nowhere_else(sandbox: Sandbox, send: Any, destination: str) -> None:
    answer = send("POST", "/account/login/", data={"next": destination})
    assert answer.headers["Location"] == f"{sandbox.url}/manage/account/publishing/"
    assert answer.headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert "X" not in answer.headers


@pytest.mark.parametrize("cookie", ["sandbox_session=unknown", "a/b=1; sandbox_session=x", "other=1"])
def test_a_strange_cookie_is_nobody(sandbox: Sandbox, send: Any, cookie: str) -> None:
    answer = send("GET", "/manage/account/publishing/", headers={"Cookie": cookie})
    assert answer.status_code == 303


def test_pages_are_for_those_who_may(sandbox: Sandbox, send: Any) -> None:
    sandbox.store.add_project("sample-project")
    sandbox.store.add_organization("octo-team")
    send.log_in("alice")
    token = next(iter(sandbox.store.sessions.values())).csrf_token
    body = {
        "csrf_token": token,
        "owner": "octo-org",
        "repository": "r",
        "workflow_filename": "release.yml",
        "environment": "",
    }
    sandbox.store.projects["sample-project"].owners = {"bob"}
    assert send("POST", PROJECT, data=body).status_code == 403
    assert send("GET", "/manage/organization/unknown/publishing/").status_code == 404
    assert sandbox.store.publishers == {}


def test_labels_are_pypis(sandbox: Sandbox, send: Any, facts: Callable[[str], Any]) -> None:
    send.log_in()
    page = facts(send("GET", "/manage/account/publishing/").text)
    assert list(page.labels.items()) == [
        ("project_name", "PyPI Project Name (required)"),
        ("owner", "Owner (required)"),
        ("repository", "Repository name (required)"),
        ("workflow_filename", "Workflow name (required)"),
        ("environment", "Environment name (optional)"),
    ]
    assert page.form_id == "pending-github-publisher-form"
    assert sandbox.token not in send("GET", "/manage/account/publishing/").text


@pytest.mark.parametrize(("status", "code"), [("quarantined", 403), ("archived", 200), ("deprecated", 200)])
def test_a_quarantined_projects_page_is_closed_even_to_its_owner(
    sandbox: Sandbox, send: Any, status: str, code: int
) -> None:
    sandbox.store.add_project("sample-project", status=status)
    send.log_in("alice")
    assert send("GET", PROJECT).status_code == code


GOOD = {"owner": "octo-org", "repository": "repo", "workflow_filename": "release.yml", "environment": "pypi"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"owner": "octo-org\n", "repository": "repo\n", "workflow_filename": "release.yml\n"}, {}),
        ({"owner": "octo-org\n\n"}, {"owner": "Invalid GitHub user or organization name."}),
        ({"repository": "repo\xa0"}, {"repository": "Invalid repository name"}),
        ({"workflow_filename": "\xa0release.yml\xa0"}, {}),
        ({"workflow_filename": " "}, {"workflow_filename": "Workflow name must end with .yml or .yaml"}),
        ({"workflow_filename": ""}, {"workflow_filename": "Specify workflow filename"}),
        *(({"environment": text}, {}) for text in ("\xa0pypi\xa0", "\xa0", "\t\n", "py\x85pi", "\u3000x")),
        *(
            ({"environment": f"py{control}pi"}, {"environment": "Environment name must not contain"})
            for control in "\n\x7f\t"
        ),
        ({"environment": "pypi\n"}, {"environment": "Environment name must not contain"}),
    ],
)
def test_white_space_in_forms_is_judged_as_wtforms_judges_it(
    changes: dict[str, str], wrong: dict[str, str]
) -> None:
    found = problems({**GOOD, **changes})
    assert {field: text[: len(wrong.get(field, ""))] for field, (text,) in found.items()} == wrong


@pytest.mark.parametrize("name", ["xml.etree", "Lib", "XML_etree-ElementTree", "lib2to3", "asyncio"])
def test_names_of_the_standard_library_are_pypis(sandbox: Sandbox, name: str) -> None:
    sandbox.store.add_project(name)
    stdlib = "This project name isn't allowed (conflict with the Python standard library module name)"
    assert name_problems(name, sandbox.store, "alice") == [stdlib]


@pytest.mark.parametrize("name", ["requirements.txt", "Rrequirements_TXT"])
def test_names_that_nobody_may_have(sandbox: Sandbox, name: str) -> None:
    assert name_problems(name, sandbox.store, "alice") == ["This project name isn't allowed"]
