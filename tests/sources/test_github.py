from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pypi_setup.sources import github
from pypi_setup.sources.files import SIZE_LIMIT
from pypi_setup.sources.github import Environment, GitHub, Pattern, Policy, Repository
from pypi_setup.sources.projects import Listing
from pypi_setup.transport import Client
from pypi_setup.values.harmless import Secret

API = "https://api.github.com"
REPO = f"{API}/repos/octo-org/sample"
KNOWN = {"full_name": "Octo-Org/Sample", "private": False, "default_branch": "main"}
SEEN = f"{API}/repos/Octo-Org/Sample"


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def seen(**options: Any) -> GitHub:
    return GitHub(Client(5), "octo-org", "sample", **options)


def limited(web: Any, url: str, status: int, message: str) -> None:
    web.get(url, json={"message": message}, status=status)


def test_a_repository_comes_in_githubs_own_spelling(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    one = seen()
    assert one.repository == Repository(
        known=True, full_name="Octo-Org/Sample", private=False, default_branch="main"
    )
    assert one.repository.full_name == "Octo-Org/Sample"
    assert len(web.calls) == 1
    assert one.problem == ""


def test_the_token_is_sent_to_the_api(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    seen(token=Secret("gh-secret")).repository  # noqa: B018 asking is what makes the request
    assert web.calls[0].request.headers["Authorization"] == "Bearer gh-secret"


def test_without_a_token_nothing_is_sent_for_it(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    assert seen().repository.known
    assert "Authorization" not in web.calls[0].request.headers


def test_a_moved_repository_shows_its_new_name(web: Any) -> None:
    web.get(REPO, status=301, headers={"Location": f"{API}/repositories/7"}, json={})
    web.get(f"{API}/repositories/7", json={**KNOWN, "full_name": "new-org/renamed"})
    assert seen().repository == Repository(
        known=True, full_name="new-org/renamed", moved=True, private=False, default_branch="main"
    )


def test_a_redirect_to_the_same_name_is_no_move(web: Any) -> None:
    web.get(REPO, status=307, headers={"Location": f"{API}/repositories/7"}, json={})
    web.get(f"{API}/repositories/7", json=KNOWN)
    assert seen().repository.moved is False


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/repositories/7",
        "http://api.github.com/repositories/7",
        "https://api.github.com@evil.example/",
        "//evil.example/",
        "",
    ],
)
def test_a_redirect_to_another_origin_is_not_followed(web: Any, location: str) -> None:
    web.get(REPO, status=301, headers={"Location": location}, json={})
    repository = seen(token=Secret("gh-secret")).repository
    assert repository == Repository(None, problem="GitHub's redirect leads to another host")
    assert len(web.calls) == 1


def test_an_unknown_repository(web: Any) -> None:
    limited(web, REPO, 404, "Not Found")
    one = seen()
    assert one.repository.known is False
    assert one.environment("pypi").exists is None
    assert one.read("pyproject.toml") is None
    assert one.tree == Listing(complete=False)
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("status", "message", "problem"),
    [
        (401, "Bad credentials", "GitHub refuses the token: Bad credentials"),
        (
            403,
            "API rate limit exceeded for 192.0.2.1",
            "GitHub does not allow it: API rate limit exceeded for 192.0.2.1",
        ),
        (429, "", "GitHub's request limit is reached"),
    ],
)
def test_after_a_refusal_nothing_more_is_asked(web: Any, status: int, message: str, problem: str) -> None:
    limited(web, REPO, status, message)
    one = seen()
    assert one.repository == Repository(None, problem=problem)
    assert one.environment("pypi") == Environment(None, problem=problem)
    assert one.read(".github/workflows/release.yml") is None
    assert one.names(".github/workflows") == []
    assert one.tree == Listing((), complete=False)
    assert one.problem == problem
    assert len(web.calls) == 1


def test_without_a_network_all_is_unknown(web: Any) -> None:
    web.get(REPO, body=requests.ConnectTimeout())
    one = seen()
    assert one.repository == Repository(
        None, problem="GitHub could not be asked: no connection was made in time"
    )
    assert one.read("pyproject.toml") is None
    assert len(web.calls) == 1


def test_a_forbidden_fact_leaves_the_others(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    limited(web, f"{SEEN}/environments?per_page=100", 403, "Resource not accessible by integration")
    web.get(f"{SEEN}/contents/pyproject.toml", json={"type": "file", "content": "eA=="})
    one = seen()
    assert one.environment("pypi") == Environment(
        None, problem="GitHub does not allow it: Resource not accessible by integration"
    )
    assert one.read("pyproject.toml") == b"x"
    assert one.problem == ""


def test_the_token_never_stands_in_a_problem(web: Any) -> None:
    limited(web, REPO, 401, "what is gh-secret?\x1b[2J")
    assert seen(token=Secret("gh-secret")).repository.problem == (
        "GitHub refuses the token: what is ***?\\x1b[2J"
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"no json",
        b"{}",
        b'{"full_name": 7}',
        b'{"full_name": "a/b/c"}',
        b'{"full_name": "a/<b>"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_an_answer_that_is_no_repository_is_unknown(web: Any, answer: bytes) -> None:
    web.get(REPO, body=answer)
    repository = seen().repository
    assert repository.known is None
    assert repository.problem in {
        "GitHub's answer is no repository",
        "GitHub's answer is of no use (HTTP 200)",
    }


def test_a_huge_answer_is_unknown(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "ANSWER_LIMIT", 10)
    web.get(REPO, json=KNOWN)
    assert seen().repository == Repository(None, problem="GitHub's answer is of no use (HTTP 200)")


def test_the_privacy_may_be_unsaid(web: Any) -> None:
    web.get(REPO, json={"full_name": "Octo-Org/Sample", "private": "no"})
    assert seen().repository.private is None


@pytest.mark.parametrize(
    "api_url",
    [
        "http://api.github.com",
        "https://user:pass@api.github.com",
        "https://api.github.com?x",
        "https://api.github.com#x",
        "https://api.github.com/\\evil.example",
        "ftp://api.github.com",
        "https://[::1",
        "https://",
        "api.github.com",
        "https://api.github.com/\n",
    ],
)
def test_an_unusable_api_url_is_never_asked(web: Any, api_url: str) -> None:
    repository = seen(api_url=api_url, token=Secret("gh-secret")).repository
    assert repository == Repository(None, problem="GITHUB_API_URL is not an https URL")
    assert len(web.calls) == 0


@pytest.mark.parametrize(
    "api_url", ["http://127.0.0.1:8080/api/v3/", "http://[::1]:8080", "https://github.example.org/api/v3"]
)
def test_another_api_url_is_asked(web: Any, api_url: str) -> None:
    web.get(f"{api_url.rstrip('/')}/repos/octo-org/sample", json=KNOWN)
    assert seen(api_url=api_url).repository.known is True


def environments(web: Any, *entries: dict[str, Any], total: int | None = None) -> None:
    web.get(REPO, json=KNOWN)
    count = len(entries) if total is None else total
    web.get(f"{SEEN}/environments", json={"total_count": count, "environments": list(entries)})


def test_an_environment_that_does_not_exist(web: Any) -> None:
    environments(web, {"name": "release"})
    assert seen().environment("pypi") == Environment(exists=False, names=("release",))


def test_an_environment_is_found_in_any_letter_case(web: Any) -> None:
    environments(web, {"name": "PyPI", "deployment_branch_policy": None})
    one = seen()
    assert one.environment("pypi") == Environment(exists=True, names=("PyPI",))
    assert one.environment("PYPI") == Environment(exists=True, names=("PyPI",))
    assert len(web.calls) == 2


def test_more_environments_than_are_listed(web: Any) -> None:
    environments(web, {"name": "release"}, total=101)
    assert seen().environment("pypi") == Environment(
        None, names=("release",), problem="GitHub lists more environments than can be read at once"
    )


def test_a_list_of_environments_that_is_none(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    web.get(f"{SEEN}/environments", json={})
    assert seen().environment("pypi") == Environment(
        None, problem="GitHub's list of environments cannot be read"
    )


def test_protected_branches_only(web: Any) -> None:
    rules = {"protected_branches": True, "custom_branch_policies": False}
    environments(web, {"name": "pypi", "deployment_branch_policy": rules})
    assert seen().environment("pypi").policy == Policy(protected_branches=True)


CUSTOM = {"name": "a/b c", "deployment_branch_policy": {"protected_branches": False}}


def test_patterns_of_branches_and_tags(web: Any) -> None:
    environments(web, CUSTOM)
    web.get(
        f"{SEEN}/environments/a%2Fb%20c/deployment-branch-policies",
        json={"total_count": 2, "branch_policies": [{"name": "v*", "type": "tag"}, {"name": "main"}]},
    )
    assert seen().environment("a/b c").policy == Policy(
        protected_branches=False, patterns=(Pattern("tag", "v*"), Pattern("", "main"))
    )


def test_patterns_that_cannot_be_read(web: Any) -> None:
    environments(web, CUSTOM)
    limited(web, f"{SEEN}/environments/a%2Fb%20c/deployment-branch-policies", 403, "no")
    assert seen().environment("a/b c") == Environment(
        exists=True, names=("a/b c",), problem="GitHub does not allow it: no"
    )


def test_patterns_that_cannot_be_read_whole(web: Any) -> None:
    environments(web, CUSTOM)
    web.get(
        f"{SEEN}/environments/a%2Fb%20c/deployment-branch-policies",
        json={"total_count": 2, "branch_policies": [{"name": "v*"}]},
    )
    assert seen().environment("a/b c").problem == ("the environment's deployment rules cannot be read whole")


def test_a_file_of_the_commit_under_check(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    content = base64.encodebytes(b"on: push\n" * 30).decode()
    web.get(f"{SEEN}/contents/.github/workflows/a%20b.yml", json={"type": "file", "content": content})
    one = seen(ref="0123abc")
    assert one.read("./.github/workflows/a b.yml") == b"on: push\n" * 30
    assert web.calls[1].request.url.endswith("/a%20b.yml?ref=0123abc")


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "dir"},
        {"type": "file", "content": "a"},
        [],
        {"type": "submodule", "content": "eA=="},
    ],
)
def test_what_is_no_file_is_not_read(web: Any, entry: Any) -> None:
    web.get(REPO, json=KNOWN)
    web.get(f"{SEEN}/contents/x", json=entry)
    assert seen().read("x") is None


def test_a_file_that_is_too_large_can_be_told(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    answer = {"type": "file", "size": SIZE_LIMIT + 1, "encoding": "none", "content": ""}
    web.get(f"{SEEN}/contents/x", json=answer)
    content = seen().read("x")
    assert content is not None
    assert len(content) == SIZE_LIMIT + 1


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "", ".", "a/../../x", "..", "//evil.example/x"])
def test_a_path_outside_of_the_repository_is_not_asked_for(web: Any, path: str) -> None:
    assert seen().read(path) is None
    assert len(web.calls) == 0


def test_the_files_of_a_folder(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    listed = [("file", "b.yml"), ("dir", "sub"), ("symlink", "a.yml"), ("file", "../x"), ("file", "")]
    entries: list[Any] = [{"type": kind, "name": name} for kind, name in listed]
    web.get(f"{SEEN}/contents/.github/workflows", json=[*entries, 7])
    assert seen().names(".github/workflows") == ["a.yml", "b.yml"]


def test_the_tree(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    tree = [{"type": "blob", "path": "pyproject.toml"}, {"type": "tree", "path": "src"}]
    web.get(f"{SEEN}/git/trees/HEAD", json={"tree": tree, "truncated": False})
    assert seen().tree == Listing(("pyproject.toml",), complete=True)


def test_a_tree_that_github_cuts(web: Any) -> None:
    web.get(REPO, json=KNOWN)
    web.get(f"{SEEN}/git/trees/v%2F1", json={"tree": [], "truncated": True})
    assert seen(ref="v/1").tree == Listing((), complete=False)


def test_the_number_of_requests_is_bounded(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "REQUESTS_LIMIT", 2)
    web.get(REPO, json=KNOWN)
    web.get(f"{SEEN}/contents/a", json={"type": "file", "content": "eA=="})
    one = seen()
    assert one.read("a") == b"x"
    assert one.read("b") is None
    assert one.problem == "more than 2 requests to GitHub would be needed"
    assert len(web.calls) == 2


def test_a_file_is_fetched_once_and_only_so_many(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "FILES_LIMIT", 1)
    web.get(REPO, json=KNOWN)
    web.get(f"{SEEN}/contents/a", json={"type": "file", "content": "eA=="})
    one = seen()
    assert [one.read("a"), one.read("b"), one.read("a")] == [b"x", None, b"x"]
    assert one.problem == ""
    assert len(web.calls) == 2


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "full_name",
                    "environments",
                    "name",
                    "type",
                    "content",
                    "size",
                    "tree",
                    "path",
                    "total_count",
                    "deployment_branch_policy",
                    "branch_policies",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=ANY_JSON)
def test_no_answer_raises(answer: Any) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.get(REPO, json=KNOWN)
        for place in ("environments", "contents/x", "git/trees/HEAD"):
            web.get(f"{SEEN}/{place}", json=answer)
        one = seen()
        assert one.environment("pypi").exists in {True, False, None}
        assert isinstance(one.read("x"), bytes | None)
        assert all(isinstance(name, str) for name in one.names("x"))
        assert all(isinstance(path, str) for path in one.tree.paths)


def test_a_name_that_no_url_can_hold_is_sent_replaced(web: Any) -> None:
    environments(web, {"name": "\ud800", "deployment_branch_policy": {}})
    assert seen().environment("\ud800").exists is True
    assert web.calls[2].request.url == f"{SEEN}/environments/%3F/deployment-branch-policies?per_page=100"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"sha": "a" * 40}, True),
        (200, {}, None),
        (422, {"message": "No commit found for SHA: v9"}, False),
        (404, {"message": "Not Found"}, None),
    ],
)
def test_whether_a_ref_of_another_repository_leads_to_a_commit(
    web: Any, status: int, body: Any, expected: bool | None
) -> None:
    web.get(f"{API}/repos/pypa/action/commits/release%2Fv9", json=body, status=status)
    assert seen().has_commit("pypa/action", "release/v9") is expected


def test_another_server_is_not_asked_for_the_actions_of_github(web: Any) -> None:
    assert seen(api_url="https://github.example.org/api/v3").has_commit("pypa/action", "v9") is None
    assert len(web.calls) == 0
