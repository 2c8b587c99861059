from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given as hypothetically
from hypothesis import strategies as st

from pypi_setup.values import request as requests
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import BadInput, Problem, Publisher
from pypi_setup.values.request import Given, Mode, Request

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGNhbmFyeS1jYW5hcnk"
GIVEN = Given(project=("sample-project",), owner="octo-org", repo="sample-repo")


def changed(field: str, text: str) -> Given:
    values: dict[str, Any] = {field: text}
    return GIVEN._replace(**values)


def problems(given: Given) -> tuple[Problem, ...]:
    with pytest.raises(BadInput) as caught:
        requests.parse(given)
    return caught.value.problems


def test_defaults() -> None:
    publisher = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    assert requests.parse(GIVEN) == Request(
        mode=Mode.REGISTER,
        publishers=(publisher,),
        package_index=Index("https://pypi.org"),
        token=None,
        dry_run=False,
        exist_ok=False,
        timeout=15.0,
        organization="",
        exchange=True,
        allow_create=False,
        github_token=None,
    )


def test_everything_given() -> None:
    request = requests.parse(
        Given(
            project=("one\n\n two \n", "three"),
            owner="octo-org",
            repo="sample-repo",
            workflow="publish.yaml",
            environment="",
            api_token=f" {TOKEN}\n",
            index_url="testpypi",
            mode=" Check ",
            dry_run="TRUE",
            exist_ok=" True",
            timeout="2.5",
            organization=" octo-team ",
            exchange="False",
            allow_create="true",
            github_token="ghs_token",
        )
    )
    assert [publisher.project for publisher in request.publishers] == ["one", "two", "three"]
    assert {publisher.workflow_filename for publisher in request.publishers} == {"publish.yaml"}
    assert {publisher.environment for publisher in request.publishers} == {""}
    assert request.token is not None
    assert request.token.reveal() == TOKEN
    assert request.github_token is not None
    assert request.github_token.reveal() == "ghs_token"
    assert request.package_index == Index("https://test.pypi.org")
    assert request.mode is Mode.CHECK
    assert (request.dry_run, request.exist_ok, request.exchange, request.allow_create) == (
        True,
        True,
        False,
        True,
    )
    assert (request.timeout, request.organization) == (2.5, "octo-team")


def test_one_project_in_two_spellings_is_one() -> None:
    request = requests.parse(GIVEN._replace(project=("Sample_Project\nsample-project", "sample.project")))
    assert [publisher.project for publisher in request.publishers] == ["Sample_Project"]


def test_neither_the_texts_nor_the_request_show_a_token() -> None:
    given = GIVEN._replace(api_token=TOKEN, github_token="ghs_canary")
    assert "canary" not in repr(given)
    assert TOKEN not in f"{given} {requests.parse(given)!r}"


@pytest.mark.parametrize("field", ["dry_run", "exist_ok", "exchange", "allow_create"])
@pytest.mark.parametrize("text", ["", "yes", "1", "on", "truee", "0"])
def test_a_boolean_is_never_guessed(field: str, text: str) -> None:
    assert problems(changed(field, text)) == (
        Problem(field.replace("_", "-"), text, "It is either true or false", "write true or false"),
    )


@pytest.mark.parametrize("text", ["", "0", "-1", "600.1", "inf", "nan", "fifteen", "1e999", "15s"])
def test_bad_timeouts(text: str) -> None:
    (problem,) = problems(GIVEN._replace(timeout=text))
    assert problem.rule == "It is a number of seconds, more than 0 and at most 600"


@pytest.mark.parametrize(("text", "seconds"), [("600", 600.0), ("0.1", 0.1), (" 7 ", 7.0)])
def test_good_timeouts(text: str, seconds: float) -> None:
    assert requests.parse(GIVEN._replace(timeout=text)).timeout == seconds


@pytest.mark.parametrize("text", ["a b", "a/b", "../x", "-x", "x-", "ü", "a%2fb"])
def test_bad_organizations(text: str) -> None:
    assert problems(GIVEN._replace(organization=text)) == (
        Problem(
            "organization",
            text,
            "Invalid organization account name",
            "the name in the organization's URL on the index",
        ),
    )


@pytest.mark.parametrize("text", ["", "publish", "registered"])
def test_bad_modes(text: str) -> None:
    (problem,) = problems(GIVEN._replace(mode=text))
    assert (problem.field, problem.rule) == ("mode", "The mode is one of register, check, verify, explain")


def test_an_index_that_is_none() -> None:
    (problem,) = problems(GIVEN._replace(index_url="http://pypi.org"))
    assert problem == Problem(
        "index-url",
        "http://pypi.org",
        "An index may be asked over plain http only on this machine (loopback)",
        "use https",
    )


def test_a_login_in_the_index_url_is_not_repeated() -> None:
    (problem,) = problems(GIVEN._replace(index_url="https://alice:hunter2@pypi.example.org"))
    assert (problem.field, problem.value) == ("index-url", "(not shown)")


@pytest.mark.parametrize("field", ["api_token", "github_token"])
@pytest.mark.parametrize("token", ["pypi canary", "pypi-canary\nX-Evil: 1", "pypi-cänary", "pypi-\x00canary"])
def test_a_token_that_no_header_can_hold(field: str, token: str) -> None:
    (problem,) = problems(changed(field, token))
    assert problem.field == field.replace("_", "-")
    assert problem.rule == "A token has no spaces, line ends or characters outside ASCII"
    assert "nary" not in repr(problem)


@pytest.mark.parametrize("token", ["", "  ", "\n"])
def test_white_space_is_no_token(token: str) -> None:
    assert requests.parse(GIVEN._replace(api_token=token)).token is None


def test_all_problems_come_together_in_the_order_of_the_inputs() -> None:
    given = Given(
        project=("-",), owner="_", repo="a b", index_url="x", api_token="a b", timeout="x", dry_run="x"
    )
    assert [problem.field for problem in problems(given)] == [
        "project",
        "owner",
        "repo",
        "index-url",
        "api-token",
        "dry-run",
        "timeout",
    ]


def test_no_project_is_one_problem() -> None:
    assert problems(GIVEN._replace(project=())) == (
        Problem(
            "project",
            "",
            "Specify project name",
            "ASCII letters and digits, with single '.', '-' or '_' inside, for example sample-project",
        ),
    )


def test_several_projects_do_not_repeat_what_is_wrong_with_all() -> None:
    found = problems(GIVEN._replace(project=("one", "two", "-"), owner="_"))
    assert [(problem.field, problem.value) for problem in found] == [("owner", "_"), ("project", "-")]


FIELDS = [
    "owner",
    "repo",
    "workflow",
    "environment",
    "organization",
    "index_url",
    "mode",
    "timeout",
    "dry_run",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("template", ["{}", "octo-org/{}", "{}/x", "https://github.com/{}/x", "x {} y"])
def test_a_token_in_the_wrong_input_is_refused_and_not_repeated(field: str, template: str) -> None:
    given = changed(field, template.format(TOKEN))
    for token in ("", TOKEN, f" {TOKEN} "):
        found = problems(given._replace(api_token=token))
        assert found[0].field == field.replace("_", "-")
        assert found[0].rule == "This holds an API token, which belongs into api-token alone"
        assert "canary" not in repr(found)
        assert TOKEN not in repr(found)


@pytest.mark.parametrize("field", FIELDS)
def test_a_token_of_another_shape_is_not_repeated_where_it_is_bad_input(field: str) -> None:
    given = changed(field, "'/corporate-canary/'")._replace(api_token="'/corporate-canary/'")
    assert "canary" not in repr(problems(given))


@pytest.mark.parametrize("token", [TOKEN, "ghs_0123456789abcdefABCDEF", "github_pat_0123456789abcdef"])
def test_a_token_as_the_project_is_not_repeated(token: str) -> None:
    for project in (token, f"{token} x", f"one\n{token}"):
        found = problems(GIVEN._replace(project=(project,)))
        assert found[0].field == "project"
        assert token not in repr(found)


@pytest.mark.parametrize("name", ["pypi-Agent-tools-for-everybody", "ghost_writers_of_the_world"])
def test_a_name_that_begins_like_a_token_is_none(name: str) -> None:
    assert requests.parse(GIVEN._replace(project=(name,))).publishers[0].project == name


@hypothetically(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_texts_give_a_request_or_bad_input(index_url: str, timeout: str, token: str) -> None:
    try:
        request = requests.parse(GIVEN._replace(index_url=index_url, timeout=timeout, api_token=token))
    except BadInput as bad:
        fields = {problem.field for problem in bad.problems}
    else:
        fields = set()
        assert math.isfinite(request.timeout)
        assert request.token is None or request.token.reveal().isprintable()
    assert fields <= {"index-url", "timeout", "api-token"}


def test_access_to_an_index() -> None:
    index, secret = requests.parse_access("testpypi", f"{TOKEN}\n", 15)
    assert (index, secret.reveal()) == (Index("https://test.pypi.org"), TOKEN)


@pytest.mark.parametrize(
    ("index_url", "token", "timeout", "fields"),
    [
        ("pypi", "", 15.0, ["api-token"]),
        ("x", TOKEN, 15.0, ["index-url"]),
        ("x", "a b", 15.0, ["index-url", "api-token"]),
        ("x", "", 15.0, ["index-url"]),
        ("pypi", TOKEN, 0.0, ["timeout"]),
        ("pypi", TOKEN, 601.0, ["timeout"]),
        ("pypi", TOKEN, math.inf, ["timeout"]),
        ("pypi", TOKEN, math.nan, ["timeout"]),
    ],
)
def test_no_access(index_url: str, token: str, timeout: float, fields: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        requests.parse_access(index_url, token, timeout)
    assert [problem.field for problem in caught.value.problems] == fields
