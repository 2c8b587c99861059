"""The embedded index against the recorded exchanges of PyPI's own server: word for word."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.sandbox import File, ManyFiles, Oidc, Sandbox
from pypi_setup.sandbox import github as stand_in
from pypi_setup.sandbox.signing import KEY_ID, private_key

if TYPE_CHECKING:
    from collections.abc import Callable

Exchange = dict[str, Any]

RECORDED: list[Exchange] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/pypi-contract.jsonl").read_text("utf-8").splitlines()
]

LEFT_OUT = {
    "audience, only DISALLOW_GITHUB_OIDC on": "one switch for all providers is enough",
    "DISALLOW_GITHUB_OIDC on": "the same",
    "gitlab provider": "the form is GitHub's only",
    "upload: minted token, its own project": "nothing can be uploaded",
    "upload: minted token, another project": "nothing can be uploaded",
    "upload: bogus token": "nothing can be uploaded",
    "project form: bad owner: unknown at GitHub": "owners are not looked up at GitHub",
    "project form: owner look-up: GitHub says 403": "owners are not looked up at GitHub",
    "project form: owner look-up: GitHub says 500": "owners are not looked up at GitHub",
    "project form: owner look-up: connection error": "owners are not looked up at GitHub",
    "project form: owner look-up: timeout": "owners are not looked up at GitHub",
    "pending form: bad owner unknown": "owners are not looked up at GitHub",
    "logged in but last auth older than 30 min: GET of the link": "a session never grows stale",
    "re-auth POST": "a session never grows stale",
    "after re-auth: the page": "a session never grows stale",
    "logged in, stale auth: POST of the filled form": "a session never grows stale",
    "user without 2FA: GET of the project link": "every user has 2FA and a verified address",
    "user without 2FA: GET of the account page": "every user has 2FA and a verified address",
    "user with an unverified e-mail: GET of the project link": "every user has 2FA and a verified address",
    "user with an unverified e-mail: GET of the account page": "every user has 2FA and a verified address",
}
"""Exchanges that the embedded index does not play, and why."""


def exchanges(*sections: int) -> list[Any]:
    """Return the exchanges of these sections that are played, as test parameters."""
    return [
        pytest.param(one, id=f"{number}-{one['label']}")
        for number, one in enumerate(RECORDED)
        if one["section"] in sections and "request" in one and one["label"] not in LEFT_OUT
    ]


def test_every_exchange_is_played_or_left_out() -> None:
    recorded = {one["label"] for one in RECORDED if "request" in one}
    forms = tuple(f"{form}: " for form in FORMS)
    played = {
        parameter.values[0]["label"]
        for section in range(1, 10)
        for parameter in exchanges(section)
        if section != 7 or parameter.values[0]["label"].startswith((*forms, "GET "))
    }
    assert recorded - played == set(LEFT_OUT)


def populate(sandbox: Sandbox) -> None:
    """Create the projects and publishers of the machine that was recorded."""
    store = sandbox.store
    for name, size, moment in (
        ("existing-project", 6203, "2016-12-24T00:15:11.331475Z"),
        ("Mixed_Case.Project", 1096, "2016-07-10T16:58:30.813273Z"),
        ("second-project", 3441, "2015-09-30T21:55:55.145653Z"),
    ):
        stem = name.lower().replace("-", "_").replace(".", "_")
        store.add_project(name, files=(File(f"{stem}-1.0-py3-none-any.whl", "1.0", moment, size=size),))
    store.add_project("empty-project")
    store.add_project("bobs-project", owner="bob")
    store.prohibited.add("prohibited-name")
    store.accounts["octo-org"] = "octo-org"
    for project, repository, workflow, environment in (
        ("existing-project", "Sample-Repo", "release.yml", "pypi"),
        ("existing-project", "noenv-repo", "release.yml", ""),
        ("existing-project", "both-repo", "release.yml", ""),
        ("existing-project", "both-repo", "release.yml", "pypi"),
        ("existing-project", "shared-repo", "release.yml", "pypi"),
        ("second-project", "shared-repo", "release.yml", "pypi"),
        ("existing-project", "reuse-repo", "reusable.yml", "pypi"),
        ("existing-project", "mono-repo", "release.yml", "pypi"),
    ):
        store.add_publisher(project, "octo-org", repository, workflow, environment)


PENDING = {
    "pending-repo": ("brand-new-project", "pypi"),
    "pending-case": ("brand-new-Case.Project", "pypi"),
    "late-repo": ("empty-project", "pypi"),
    "similar-repo": ("existing-pr0ject", "pypi"),
    "mono-repo": ("monorepo-second-project", "pypi"),
    "pend-noenv": ("noenv-name", ""),
}


def check(recorded: Exchange, got: Any, sandbox: Sandbox, facts: Callable[[str], Any]) -> None:
    """Compare status, content type, location, and the body as far as it was recorded."""
    want = json.loads(json.dumps(recorded["response"]).replace("https://index.example", sandbox.url))
    assert got.status_code == want["status"]
    assert got.headers["Content-Type"] == want["content_type"]
    assert got.headers.get("Location") == want.get("location")
    if "json" in want:
        assert _comparable(got.json()) == _comparable(want["json"])
    if "text" in want:
        assert got.text == want["text"]
    if want.get("html", {}).get("title"):
        _check_page(want["html"], recorded, facts(got.text))


def _check_page(want: Exchange, recorded: Exchange, page: Any) -> None:
    assert (page.title, page.h1) == (want["title"], want["h1"])
    if "text" in want:
        assert page.text.startswith(want["text"])
    if want.get("form_present"):
        assert page.inputs == want["inputs"]
        assert page.form_action == want["form_action"]
        # PyPI says "Invalid project name" twice.
        assert page.errors == {
            field: list(dict.fromkeys(said)) for field, said in want["field_errors"].items()
        }
        assert [text for text in page.callouts if "caution" in text] == want["prefilled_warning"]
    if "callouts" in recorded:
        assert page.callouts == recorded["callouts"]
    if want.get("form_present") is False:
        assert page.form_id == ""


def _comparable(value: Any) -> Any:
    """Drop what is made up on both sides: a file's address and digest, serial numbers, minted tokens."""
    if isinstance(value, dict):
        made_up = {"url", "hashes", "_last-serial", "expires", "token"}
        return {name: _comparable(one) for name, one in value.items() if name not in made_up}
    return [_comparable(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("recorded", exchanges(1))
def test_pypi_has_no_registration_api(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    sandbox.store.switches.registration = False
    populate(sandbox)
    request = recorded["request"]
    got = send(request["method"], request["path"], headers=request["headers"], json=request["body"])
    check(recorded, got, sandbox, facts)


@pytest.mark.parametrize("recorded", exchanges(2))
def test_the_audience(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    if "DISALLOW_OIDC" in recorded["label"]:
        sandbox.store.switches.oidc = Oidc.OFF
    check(recorded, send(recorded["request"]["method"], recorded["request"]["path"]), sandbox, facts)


def token_for(recorded: Exchange) -> str:
    """Return a token with the recorded claims and the flaw that the label names."""
    label = recorded["label"]
    claims = recorded.get("claims", {})
    whole = {
        **stand_in.claims(repository=claims.get("repository", "octo-org/Sample-Repo")),
        "aud": "pypi",
        **claims,
    }
    now = int(time.time())
    flaws: dict[str, dict[str, Any]] = {
        "JWT without iss": {"iss": None},
        "expired 5 minutes ago": {"exp": now - 300},
        "nbf in the future": {"nbf": now + 300},
    }
    keys: dict[str, str | None] = {"unknown kid": "another", "no kid": None}
    content = {**whole, **flaws.get(label, {})}
    if label == "signed with another key, known kid":
        private_key.cache_clear()
        token = stand_in.jwt(content)
        private_key.cache_clear()
        return token
    return stand_in.jwt(content, key_id=keys.get(label, KEY_ID))


def before(recorded: Exchange, sandbox: Sandbox, mint: Callable[[str], Any], token: str) -> None:
    """Bring the index into the state in which the exchange was recorded."""
    store, label = sandbox.store, recorded["label"]
    repository = recorded.get("claims", {}).get("repository", "").partition("/")[2]
    if "after: " in label or label.startswith("pending -> project"):
        repository = "pending-case" if "Case" in label else "pending-repo"
    if repository in PENDING:
        project, environment = PENDING[repository]
        store.add_pending(project, "octo-org", repository, environment=environment)
    if label.startswith("after: "):
        claims = {**stand_in.claims(repository=f"octo-org/{repository}"), "aud": "pypi"}
        assert mint(token if "same JWT" in label else stand_in.jwt(claims)).status_code == 200
    if label in {"same JWT again (reuse)", "same failing JWT again", "...same, second try"}:
        mint(token)
    store.switches.new_projects = "DISALLOW_NEW_PROJECT_REGISTRATION" not in label
    if "OIDC on" in label:
        store.switches.oidc = Oidc.OFF
    if "quarantined" in label:
        store.projects["second-project"].status = "quarantined"


@pytest.mark.parametrize("recorded", exchanges(3))
def test_minting(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    populate(sandbox)
    request = recorded["request"]
    token = token_for(recorded)

    def mint(token: str) -> Any:
        return send("POST", "/_/oidc/mint-token", json={"token": token})

    before(recorded, sandbox, mint, token)
    body = request["body"]
    if body == {"token": "<jwt>"}:
        body = {"token": token}
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    got = send(request["method"], request["path"], headers=request["headers"], data=content)
    check(recorded, got, sandbox, facts)
    if "expires_minus_now" in recorded:
        assert sorted(got.json()) == recorded["response_keys"]
        minted = sandbox.store.tokens[got.json()["token"]]
        assert minted.expires_at is not None
        assert got.json()["expires"] - minted.expires_at == pytest.approx(0, abs=2)


@pytest.mark.parametrize("recorded", exchanges(4))
def test_the_public_apis(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    populate(sandbox)
    for status in ("quarantined", "archived"):
        if status in recorded["label"]:
            sandbox.store.projects["second-project"].status = status
    request = recorded["request"]
    got = send(request["method"], request["path"], headers=request["headers"])
    if "info" in recorded["response"].get("json", {}):  # Only the beginning of it is played.
        want = recorded["response"]["json"]["info"]
        assert got.status_code == recorded["response"]["status"]
        assert got.json()["info"] == {"name": want["name"], "version": want["version"]}
    else:
        check(recorded, got, sandbox, facts)


def test_the_order_of_the_simple_apis_keys(sandbox: Sandbox, send: Any) -> None:
    sandbox.store.add_project("many", files=ManyFiles("many", 3))
    got = send("GET", "/simple/many/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    assert list(got.json())[-1] == "files"
    assert got.json()["versions"] == ["1.0", "1.1", "1.2"]


@pytest.mark.parametrize("recorded", exchanges(5, 6))
def test_the_publishing_pages(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    populate(sandbox)
    sandbox.store.add_organization("octo-team")
    send.log_in("mallory" if "non-member" in recorded["label"] else "alice")
    if recorded["label"] == "DISALLOW_OIDC on":
        sandbox.store.switches.oidc = Oidc.OFF
    if "PENDING" in recorded["label"]:
        sandbox.store.add_pending("brand-new-project", "octo-org", "pending-repo")
    if "created by the mint" in recorded["label"]:
        sandbox.store.add_publisher("brand-new-project", "octo-org", "pending-repo", "release.yml", "pypi")
    got = send(recorded["request"]["method"], recorded["request"]["path"])
    check(recorded, got, sandbox, facts)


FORMS = {
    "project form": "/manage/project/empty-project/settings/publishing/",
    "pending form": "/manage/account/publishing/",
    "organization pending form": "/manage/organization/octo-team/publishing/",
}


ROWS_AFTER = {
    "project form: posted to the page URL that carries a prefill query": (
        "GET project page listing of publishers"
    ),
    "pending form: a fourth pending publisher": "GET account page listing of pending publishers",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_in_the_order_in_which_they_were_recorded(
    form: str, sandbox: Sandbox, send: Any, facts: Any
) -> None:
    populate(sandbox)
    sandbox.store.add_organization("octo-team", member="erin")
    for project in ("empty-project", "existing-project", "second-project"):
        sandbox.store.projects[project].owners.add("erin")
    played = []
    for parameter in exchanges(7):
        recorded = parameter.values[0]
        label, request = recorded["label"], recorded["request"]
        if not label.startswith(f"{form}: "):
            continue
        other = "other user" in label.lower() or "another user" in label.lower()
        send.log_in("grace" if other else "heidi" if label == "pending form: environment ''" else "erin")
        if label == "pending form: a fourth pending publisher":
            sandbox.store.add_pending(
                "mono-three", "octo-org", "Sample-Repo", environment="pypi", user="erin"
            )
        token = facts(send("GET", FORMS[form]).text).hidden.get("csrf_token", "")
        body = {**request["body"], "csrf_token": token}
        if "csrf token" in label:
            body["csrf_token"] = "" if "no " in label else "wrong"
        got = send("POST", request["path"], data=body)
        check(recorded, got, sandbox, facts)
        page = got if got.status_code == 200 else send("GET", request["path"])
        told = [{"kind": kind, "text": text} for kind, text in facts(page.text).notices]
        assert told == recorded["flash"], label
        played.append(label)
        if label in ROWS_AFTER:
            listing = next(one for one in RECORDED if one["label"] == ROWS_AFTER[label])
            lines = facts(send("GET", listing["request"]["path"]).text).rows
            assert lines == [line.removesuffix("Remove").strip() for line in listing["rows"]]
    assert len(played) == {"project form": 41, "pending form": 26, "organization pending form": 10}[form]


@pytest.mark.parametrize("recorded", exchanges(8))
def test_the_limit_of_registrations(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    sandbox.store.clock = lambda: 1000.0
    for _ in range(100):
        assert sandbox.store.wait() == 0
    send.log_in("erin")
    page = facts(send("GET", "/manage/account/publishing/").text)
    request = recorded["request"]
    body = {**(request["body"] or {}), "csrf_token": page.hidden["csrf_token"]}
    got = send(request["method"], request["path"], data=body)
    check(recorded, got, sandbox, facts)
    assert got.headers.get("Retry-After") == ("86400" if request["method"] == "POST" else None)


@pytest.mark.parametrize("recorded", exchanges(9))
def test_who_is_not_logged_in_comes_back(recorded: Exchange, sandbox: Sandbox, send: Any, facts: Any) -> None:
    populate(sandbox)
    sandbox.store.add_organization("octo-team")
    target = recorded["request"]["path"].removeprefix("https://index.example")
    label = recorded["label"]
    if label.startswith("round trip 3"):
        send.log_in("bob")
    elif not label.startswith(("anonymous", "round trip")):
        send.log_in("mallory")
    got = send("GET", target)
    check(recorded, got, sandbox, facts)
    if got.status_code == 303:
        login = facts(send("GET", got.headers["Location"]).text)
        back = send("POST", login.form_action, data={**login.hidden, "username": "alice"})
        assert back.headers["Location"] == sandbox.url + target
