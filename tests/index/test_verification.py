from __future__ import annotations

import base64
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.index.claims import ISSUER, TOKEN_LIMIT
from pypi_setup.index.exchange import audience_of, is_outside, minted
from pypi_setup.index.obstacle import Obstacle
from pypi_setup.index.oidc_answers import EXPLAINED, REFUSALS
from pypi_setup.index.verification import Verification, verify
from pypi_setup.sandbox.macaroons import macaroon
from pypi_setup.sources.lookup import Published
from pypi_setup.transport import Answer, Client
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import Secret
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLISHER = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
REQUEST_TOKEN = "CANARY-request"
MINTED = "pypi-CANARY-minted"
SIMPLE = "application/vnd.pypi.simple.v1+json"
ONLY_MATCHES = "This proves that a publisher matches, not that it covers sample-project."
LOOK_FIRST = (
    "Open the link and see that sample-project lists this publisher; then release from this workflow and "
    "environment."
)
REF = "octo-org/sample-repo/.github/workflows/release.yml@refs/tags/v1.0"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "pypi",
    "jti": "CANARY-jti",
    "repository": "octo-org/sample-repo",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234567",
    "environment": "pypi",
    "event_name": "push",
    "ref": "refs/tags/v1.0",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "workflow_ref": REF,
    "job_workflow_ref": REF,
}
SHOWN = {name: value for name, value in CLAIMS.items() if name != "jti"}
PROOF = (
    "INDEX looks for a pending publisher first: had one with these values been waiting for another project, "
    "the exchange has created that project.",
)


def token(**changes: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({**CLAIMS, **changes}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{payload}.CANARY-signature"


class Page(NamedTuple):
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    location: str = ""


def as_json(status: int, value: object) -> Page:
    return Page(status, json.dumps(value).encode())


class Web:
    """An index and GitHub's token service on loopback; a page is an answer, None is an answer never given."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | None] = {
            "/_/oidc/audience": as_json(200, {"audience": "pypi"}),
            "/_/oidc/mint-token": as_json(200, {"success": True, "token": MINTED, "expires": 1}),
            "/token": as_json(200, {"value": token()}),
            "/simple/sample-project/": as_json(200, {"files": []})._replace(content_type=SIMPLE),
        }
        self.requests: list[tuple[str, str, str, bytes]] = []
        self.over = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                authorization = self.headers.get("Authorization", "")
                web.requests.append((self.command, self.path, authorization, body))
                page = web.pages.get(
                    self.path.partition("?")[0], Page(404, b"<title>Nope</title>", "text/html")
                )
                if page is None:
                    web.over.wait()
                    return
                self.send_response(page.status)
                self.send_header("Content-Type", page.content_type)
                self.send_header("Content-Length", str(len(page.body)))
                if page.location:
                    self.send_header("Location", page.location)
                self.end_headers()
                self.wfile.write(page.body)

            do_POST = do_GET  # noqa: N815 - the name that http.server wants

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.requests]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    web = Web()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "push")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{web.url}/token?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
    yield web
    web.close()


class Echo(Client):
    """An index that answers whatever it is told to."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(1)
        self._answer = answer

    def get(self, *_: object, **__: object) -> Answer:
        return self._answer

    def post(self, *_: object, **__: object) -> Answer:
        return self._answer


class Run(NamedTuple):
    result: Verification
    masked: list[str]


def run(web: Web, publisher: Publisher = PUBLISHER, timeout: float = 30, **options: Any) -> Run:
    masked: list[str] = []
    given = {"project_exists": True, "exchange": True, "allow_create": False, **options}
    result = verify(publisher, Index(web.url), Client(timeout), mask=masked.append, **given)
    label = web.url.removeprefix("http://")
    assert "CANARY" not in repr(result)
    assert (result.status is Status.NOT_VERIFIED) == bool(result.likely and result.fix)
    assert result.verified == bool(result.covered)
    texts = {
        name: value.replace(label, "INDEX")
        for name, value in result._asdict().items()
        if name in {"detail", "likely", "fix", "covered"}
    }
    return Run(
        result._replace(**texts, notes=tuple(note.replace(label, "INDEX") for note in result.notes)), masked
    )


def said(result: Verification) -> tuple[str, str, str]:
    return (result.detail, result.likely, result.fix)


def explained(key: str, **facts: str) -> tuple[str, str, str]:
    meant = EXPLAINED[key]
    holes = {"index": "INDEX", **facts}
    return (meant.detail.format(**holes), meant.likely.format(**holes), meant.fix.format(**holes))


# What goes well


def test_a_matching_publisher_is_proved_and_both_tokens_are_masked_and_dropped(web: Web) -> None:
    result, masked = run(web)
    assert result.status is Status.VERIFIED
    assert result.verified
    assert result.exchanged
    assert said(result) == ("", "", LOOK_FIRST)
    assert (result.covered, result.covers, result.disagrees) == (ONLY_MATCHES, None, False)
    assert result.project_exists is True
    assert result.claims == SHOWN
    assert [row.field for row in result.rows] == [
        "issuer",
        "owner",
        "repository",
        "workflow",
        "environment",
        "workflow ref",
        "event",
        "owner id",
    ]
    assert (result.http_status, result.response, result.code) == (200, None, "")
    assert result.notes == PROOF
    assert masked == [token(), MINTED]
    assert web.requests == [
        ("GET", "/_/oidc/audience", "", b""),
        ("GET", "/token?api-version=2.0&audience=pypi", f"bearer {REQUEST_TOKEN}", b""),
        ("POST", "/_/oidc/mint-token", "", json.dumps({"token": token()}).encode()),
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"exchange": False},
            "The exchange is switched off (exchange: false), so whether such a publisher is registered on "
            "INDEX is not proved.",
        ),
        (
            {"exchange": False, "allow_create": True, "project_exists": False},
            "The exchange is switched off (exchange: false), so whether such a publisher is registered on "
            "INDEX is not proved.",
        ),
        (
            {"project_exists": False},
            "sample-project does not exist on INDEX, and the exchange would create it: INDEX would turn the "
            "pending publisher that matches into the project sample-project, without files, and mail the "
            "person who registered it. Set allow-create to true where that is wanted.",
        ),
        (
            {"project_exists": None},
            "Whether sample-project exists on INDEX could not be found out; if it does not, the exchange "
            "would create it: INDEX would turn the pending publisher that matches into the project "
            "sample-project, without files, and mail the person who registered it. Set allow-create to true "
            "where that is wanted.",
        ),
    ],
)
def test_without_harmless_exchange_right_claims_are_the_result(
    web: Web, options: dict[str, Any], reason: str
) -> None:
    result, masked = run(web, **options)
    assert result.status is Status.CLAIMS_MATCH
    assert said(result) == (reason, "", "")
    assert not result.verified
    assert not result.exchanged
    assert result.claims == SHOWN
    assert result.notes == ()
    assert masked == [token()]
    assert web.paths == ["/_/oidc/audience", "/token?api-version=2.0&audience=pypi"]


def test_another_new_project_with_the_same_identity_holds_the_exchange_back_too(web: Web) -> None:
    beside = [("first", True), ("second", False), ("third", None)]
    result, masked = run(web, beside=beside)
    assert result.status is Status.CLAIMS_MATCH
    assert result.detail.startswith("second does not exist on INDEX, and the exchange would create it: ")
    assert masked == [token()]
    assert run(web, beside=beside, allow_create=True).result.verified
    assert run(web, beside=beside[:1]).result.verified


@pytest.mark.parametrize(
    ("exists", "covered"),
    [(False, "It covers sample-project, which the exchange has just created."), (None, ONLY_MATCHES)],
)
def test_a_project_may_be_created_where_that_was_asked_for(
    web: Web, exists: bool | None, covered: str
) -> None:
    result, masked = run(web, project_exists=exists, allow_create=True)
    assert result.status is Status.VERIFIED
    assert (result.covered, result.project_exists) == (covered, True)
    assert masked == [token(), MINTED]
    assert result.notes == ()
    assert web.paths[-2:] == ["/_/oidc/mint-token", "/simple/sample-project/"]


@pytest.mark.parametrize("exists", [False, None])
def test_a_project_that_is_still_missing_afterwards_is_not_verified(web: Web, exists: bool | None) -> None:
    del web.pages["/simple/sample-project/"]
    result, masked = run(web, project_exists=exists, allow_create=True)
    assert (result.status, result.project_exists, result.http_status) == (Status.NOT_VERIFIED, False, 200)
    assert result.is_unregistered
    assert masked == [token(), MINTED]
    assert said(result) == (
        "INDEX exchanged the token, and sample-project still does not exist: what matched was for another "
        "project.",
        "A pending publisher with these values waited for another name, and that project exists now; or a "
        "publisher of another project matches this job.",
        "Look at your projects on INDEX for one that is new and empty. Then register sample-project through "
        "the link, with an environment of its own. If sample-project itself was created just now, its page "
        "can be some minutes late.",
    )


def test_a_project_that_cannot_be_looked_up_afterwards_is_not_said_to_exist(web: Web) -> None:
    web.pages["/simple/sample-project/"] = Page(503)
    result, _ = run(web, project_exists=False, allow_create=True)
    assert (result.status, result.project_exists, result.covered) == (Status.VERIFIED, None, ONLY_MATCHES)


def of_projects(*ids: str) -> Page:
    """Return an answer whose upload token covers this many projects."""
    minted_token = macaroon("pypi.org", "CANARY", [[4, "CANARY", None], [2, list(ids)], [0, 2, 1]])
    return as_json(200, {"success": True, "token": minted_token, "expires": 1})


def test_the_upload_token_tells_how_many_projects_it_covers(web: Web) -> None:
    web.pages["/_/oidc/mint-token"] = of_projects("CANARY-1", "CANARY-2")
    result, masked = run(web)
    assert result.covered == f"{ONLY_MATCHES} It covers 2 projects; INDEX does not say which."
    assert len(masked) == 2


def test_a_second_project_that_the_publisher_cannot_cover_is_not_verified(web: Web) -> None:
    web.pages["/_/oidc/mint-token"] = of_projects("CANARY-1")
    result, _ = run(web, beside=[("first", True)])
    assert (result.status, result.covers) == (Status.NOT_VERIFIED, False)
    assert result.detail == "INDEX exchanged the token, but it covers one project, and 2 were asked for."
    published = Published("sample_project-1.0.tar.gz", "octo-org/sample-repo", "release.yml", "pypi")
    result, _ = run(web, beside=[("first", True)], published=published)
    assert (result.status, result.covers) == (Status.VERIFIED, True)
    assert result.covered == (
        "The newest attested file of sample-project, sample_project-1.0.tar.gz, came from it."
    )
    assert result.fix == "Release as usual, from this workflow and environment."


def test_what_the_exchange_can_bring_about_is_said_before_it_is_made(web: Web) -> None:
    order: list[str] = []
    announce = order.append
    run(web, announce=announce)
    (sentence,) = order
    assert sentence.replace(web.url.removeprefix("http://"), "INDEX") == (
        "Exchanging the job's token at INDEX now. If a pending publisher with the job's owner, repository, "
        "workflow and environment waits for another new project, this creates that project, as the next "
        "release would. To compare the claims only, set exchange to false."
    )
    asked = len(web.requests)
    run(web, announce=lambda _words: order.append(str(len(web.requests))))
    assert order[1:] == [str(asked + 2)]
    run(web, announce=announce, exchange=False)
    assert len(order) == 2


def test_another_audience_is_asked_of_github(web: Web) -> None:
    web.pages["/_/oidc/audience"] = as_json(200, {"audience": "testpypi"})
    web.pages["/token"] = as_json(200, {"value": token(aud="testpypi")})
    assert run(web).result.claims["aud"] == "testpypi"
    assert web.paths[1] == "/token?api-version=2.0&audience=testpypi"


def test_a_branch_says_nothing_of_the_release_tag(web: Web) -> None:
    ref = REF.replace("refs/tags/v1.0", "refs/heads/main")
    claims = {"ref": "refs/heads/main", "job_workflow_ref": ref, "workflow_ref": ref}
    web.pages["/token"] = as_json(200, {"value": token(**claims)})
    note = (
        "This run was for refs/heads/main. The index takes any branch or tag; whether GitHub lets the "
        "release's tag into the environment pypi is decided by the environment's deployment rules."
    )
    assert run(web).result.notes == (*PROOF, note)
    assert run(web, exchange=False).result.notes == (note,)


def test_a_called_workflow_is_warned_of_attestations(web: Web) -> None:
    caller = REF.replace("release.yml", "caller.yml")
    web.pages["/token"] = as_json(200, {"value": token(workflow_ref=caller)})
    assert run(web).result.notes[1:] == (
        "This job stands in a called workflow (release.yml): attestations would name the caller, and an "
        "upload with them is refused. Publish with `attestations: false`, or from a workflow that is not "
        "called.",
    )


def test_a_publisher_without_environment_brings_a_mail(web: Web) -> None:
    assert run(web, PUBLISHER._replace(environment="")).result.notes == (
        *PROOF,
        "The job has an environment, the publisher does not ask for one: INDEX mails the project's owners "
        "the advice to add it.",
    )


# The claims


@pytest.mark.parametrize(
    "options",
    [
        {"project_exists": False, "allow_create": True},
        {"project_exists": None, "allow_create": True},
        {"project_exists": False},
        {"beside": [("second", False)], "allow_create": True},
        {"beside": [("second", None)], "allow_create": True},
        {"exchange": False},
    ],
)
def test_a_claim_that_differs_ends_it_where_asking_could_create_a_project(
    web: Web, options: dict[str, Any]
) -> None:
    web.pages["/token"] = as_json(200, {"value": token(environment=None)})
    result, masked = run(web, **options)
    assert result.status is Status.NOT_VERIFIED
    assert said(result) == (
        "the job has no `environment:`.",
        "The environment differs: pypi is expected, the token says (none). INDEX was not asked.",
        "Add `environment: pypi` to the publishing job, or register the publisher without one.",
    )
    assert not result.exchanged
    assert "environment" not in result.claims
    assert masked == [token(environment=None)]
    assert len(web.requests) == 2


def test_where_all_projects_exist_the_index_is_asked_whatever_differs(web: Web) -> None:
    web.pages["/token"] = as_json(200, {"value": token(environment=None)})
    web.pages["/_/oidc/mint-token"] = refusal("invalid-publisher", NO_PUBLISHER)
    result, masked = run(web, beside=[("second", True)])
    assert result.status is Status.NOT_VERIFIED
    assert said(result) == (
        "the job has no `environment:`.",
        "The environment differs: pypi is expected, the token says (none). INDEX refused the exchange: "
        f"invalid-publisher ({NO_PUBLISHER}).",
        "Add `environment: pypi` to the publishing job, or register the publisher without one.",
    )
    assert (result.exchanged, result.code, result.http_status) == (True, "invalid-publisher", 422)
    assert masked == [token(environment=None)]


def test_an_index_that_accepts_other_values_is_believed_and_said_to_disagree(web: Web) -> None:
    ref = REF.replace("release.yml", "publish.yml")
    web.pages["/token"] = as_json(200, {"value": token(job_workflow_ref=ref, workflow_ref=ref)})
    result, masked = run(web)
    assert (result.status, result.disagrees, result.exchanged) == (Status.VERIFIED, True, True)
    assert result.covered == (
        "But its workflow is not the one given (release.yml was expected, the token says publish.yml): INDEX "
        f"has a publisher with the job's own values; whether it has the one given, too, is not known. "
        f"{ONLY_MATCHES}"
    )
    assert result.fix == "Give verify the workflow of the job that will publish: it is publish.yml here."
    assert len(masked) == 2


def test_an_index_with_newer_rules_is_believed_too(web: Web) -> None:
    ref = REF.replace("sample-repo/", "shared/")
    web.pages["/token"] = as_json(200, {"value": token(event_name="pull_request_target")})
    result, _ = run(web)
    assert (result.status, result.disagrees) == (Status.VERIFIED, True)
    assert result.covered == (
        "But pypi-setup expected a refusal (event: (any but pull_request_target) was expected, the token "
        f"says pull_request_target): INDEX's answer counts, and its rules are newer than those known here. "
        f"{ONLY_MATCHES}"
    )
    assert result.fix == (
        "Release from this workflow and environment, and report this: "
        "https://github.com/pypi-setup/pypi-setup/issues"
    )
    web.pages["/token"] = as_json(200, {"value": token(job_workflow_ref=ref)})
    assert run(web).result.disagrees


def test_a_finding_of_the_preflight_names_the_place_of_a_difference(web: Web) -> None:
    web.pages["/token"] = as_json(200, {"value": token(environment="other")})
    web.pages["/_/oidc/mint-token"] = refusal("invalid-publisher", NO_PUBLISHER)
    findings = (
        Finding("environment-none", Severity.WARNING, "m", "f"),
        Finding("environment-mismatch", Severity.ERROR, "m", "f", ".github/workflows/release.yml", 12),
        Finding("id-token-missing", Severity.ERROR, "m", "f"),
    )
    assert run(web, findings=findings).result.likely == (
        "The environment differs: pypi is expected, the token says other (environment-mismatch, "
        f".github/workflows/release.yml line 12). INDEX refused the exchange: invalid-publisher "
        f"({NO_PUBLISHER})."
    )


# GitHub's token


def test_elsewhere_it_says_where_it_must_run_and_asks_nobody(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_outside()
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("PYPI_ID_TOKEN", token())
    assert is_outside()
    result, masked = run(web)
    assert said(result) == explained("outside")
    assert result.claims == {}
    assert result.rows == ()
    assert (masked, web.requests) == ([], [])


@pytest.mark.parametrize("name", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
@pytest.mark.parametrize(
    ("event", "key"), [("push", "no-permission"), ("pull_request", "no-permission-pull-request")]
)
def test_a_job_without_permission_is_told_so(
    web: Web, monkeypatch: pytest.MonkeyPatch, name: str, event: str, key: str
) -> None:
    monkeypatch.delenv(name)
    monkeypatch.setenv("GITHUB_EVENT_NAME", event)
    assert said(run(web).result) == explained(key)
    assert web.requests == []


def test_the_preflight_knows_why_there_is_no_permission(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_URL")
    findings = (
        Finding("environment-none", Severity.WARNING, "m", "f"),
        Finding("caller-permissions", Severity.ERROR, "The caller grants\nnothing.", "Grant it.", "a.yml", 3),
    )
    result = run(web, findings=findings).result
    assert (result.likely, result.fix) == (
        "Most likely: The caller grants nothing. (caller-permissions, a.yml line 3)",
        "Grant it.",
    )


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (as_json(403, {"message": REQUEST_TOKEN}), explained("github-denied", http="403")),
        (as_json(500, {"message": "(code=999, x"}), explained("github-denied", http="500")),
        (Page(404, b"\xff\xfe"), explained("token-malformed")),
        (Page(200, b"CANARY"), explained("token-malformed")),
        (as_json(200, {}), explained("token-malformed")),
        (as_json(200, {"value": 5}), explained("token-malformed")),
        (as_json(200, {"value": ""}), explained("token-malformed")),
        (as_json(200, {"value": "CANARY"}), explained("token-malformed")),
        (as_json(200, {"value": token(aud="CANARY")}), explained("token-malformed")),
        (as_json(200, {"value": token() + "\n::notice::x"}), explained("token-malformed")),
        (as_json(200, {"value": token(long="x" * TOKEN_LIMIT)}), explained("token-malformed")),
        (Page(302, location="/token"), explained("github-unreachable", kind="ResponseError")),
    ],
)
def test_whatever_githubs_token_service_answers_is_explained(
    web: Web, page: Page, expected: tuple[str, str, str]
) -> None:
    web.pages["/token"] = page
    result, masked = run(web)
    assert said(result) == expected
    assert result.claims == {}
    assert masked == []


def test_a_token_that_the_library_takes_and_nobody_can_read_is_refused(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    opaque = "CANARY-opaque"
    monkeypatch.setattr("id.detect_credential", lambda _audience: opaque)
    result, masked = run(web)
    assert said(result) == explained("token-malformed")
    assert masked == [opaque]


def test_a_token_service_that_is_not_there_is_told_apart(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"http://127.0.0.1:{unused.getsockname()[1]}/t")
        assert said(run(web).result) == explained("github-unreachable", kind="ConnectionRefusedError")


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://example.com/token", "github-address"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "nonsense", "github-address"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://[::1/token", "token-malformed"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CANARY\nInjected: header", "token-malformed"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CANARY€", "token-malformed"),
    ],
)
def test_a_broken_environment_shows_no_token(
    web: Web, monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str
) -> None:
    monkeypatch.setenv(name, value)
    assert said(run(web).result) == explained(key)
    assert web.paths == ["/_/oidc/audience"]


def test_a_token_service_that_never_answers_ends_at_the_deadline(web: Web) -> None:
    web.pages["/token"] = None
    assert said(run(web, timeout=2).result) == explained("github-timeout")


# The audience


@pytest.mark.parametrize(
    ("page", "key", "status", "words"),
    [
        (as_json(403, {"message": "off"}), "audience-403", "403", '{"message": "off"}'),
        (Page(404, b"<title>Nope</title>", "text/html"), "audience-404", "404", "Nope"),
        (as_json(200, {}), "audience-200", "200", "{}"),
        (as_json(200, {"audience": 5}), "audience-200", "200", '{"audience": 5}'),
        (as_json(200, {"audience": "a\nb"}), "audience-200", "200", '{"audience": "a\\nb"}'),
        (as_json(200, ["pypi"]), "audience-200", "200", '["pypi"]'),
        (Page(200, b"<title>Hotel</title>", "text/html"), "audience-200", "200", "Hotel"),
        (Page(302, location="/elsewhere"), "audience-other", "302", None),
        (Page(503), "audience-other", "503", None),
    ],
)
def test_whatever_the_index_says_of_its_audience_is_explained(
    web: Web, page: Page, key: str, status: str, words: str | None
) -> None:
    web.pages["/_/oidc/audience"] = page
    result, masked = run(web)
    assert said(result) == explained(key, http=status)
    assert (result.http_status, result.response) == (int(status), words)
    assert masked == []
    assert web.paths == ["/_/oidc/audience"]


def test_an_index_that_never_answers_ends_at_the_deadline(web: Web) -> None:
    web.pages["/_/oidc/audience"] = None
    result = run(web, timeout=2).result
    assert said(result) == explained("audience-timeout", reason="no answer came in time")
    assert result.http_status is None


def test_an_index_that_is_not_there_is_told_apart(web: Web) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        index = Index(f"http://127.0.0.1:{unused.getsockname()[1]}")
        result = verify(
            PUBLISHER,
            index,
            Client(5),
            project_exists=True,
            exchange=True,
            allow_create=False,
            mask=lambda _token: None,
        )
    assert result.detail == f"{index.label} could not be reached: the connection was refused."


@pytest.mark.parametrize(
    ("index", "audience", "is_taken"),
    [
        ("https://pypi.org", "pypi", True),
        ("https://test.pypi.org", "testpypi", True),
        ("https://index.example.org", "index.example.org", True),
        ("https://index.example.org", "pypi", False),
        ("https://index.example.org", "testpypi", False),
        ("https://test.pypi.org", "pypi", False),
        ("http://localhost:8000", "pypi", True),
    ],
)
def test_no_token_for_pypi_goes_to_another_index(index: str, audience: str, is_taken: bool) -> None:
    answer = Answer(200, json.dumps({"audience": audience}).encode(), complete=True)
    got = audience_of(Index(index), Echo(answer))
    assert (got == audience) == is_taken
    if isinstance(got, Obstacle):
        assert got.detail == "INDEX asks for a token that another index would take.".replace(
            "INDEX", Index(index).label
        )


# The exchange


def refusal(code: str, description: str) -> Page:
    errors = [{"code": code, "description": description}]
    return as_json(422, {"message": "Token request failed", "errors": errors})


NO_PUBLISHER = "valid token, but no corresponding publisher (Publisher with matching claims was not found)"
REFUSED = [
    ("invalid-publisher", NO_PUBLISHER, 0),
    (
        "invalid-publisher",
        "valid token, but no corresponding publisher (The job_workflow_ref claim does not match, expecting "
        "one of ['a'], got 'b')",
        1,
    ),
    (
        "invalid-publisher",
        "valid token, but no corresponding publisher (Publishing from a workflow invoked via "
        "'pull_request_target' is not supported.)",
        2,
    ),
    ("invalid-publisher", "valid token, but no corresponding publisher (Missing claim 'event_name')", 3),
    ("invalid-publisher", "valid token, but no corresponding publisher (something new)", 4),
    ("invalid-pending-publisher", "valid token, but project already exists", 5),
    ("invalid-token", "malformed or invalid token", 10),
    ("invalid-reuse-token", "invalid token: already used", 11),
    ("not-enabled", "github trusted publishing functionality not enabled", 12),
    ("invalid-payload", "unknown trusted publishing issuer", 13),
    ("invalid-payload", "malformed JWT", 14),
    (
        "invalid-payload",
        "New project registration temporarily disabled. See https://x for more information.",
        15,
    ),
    (
        "invalid-payload",
        "The name 'existing-pr0ject' is too similar to an existing project. See https://x",
        16,
    ),
    ("invalid-payload", "1 validation error for TokenPayload token Field required", 17),
    ("brand-new-code", "anything", 18),
    ("", "anything", 18),
]


COMPARE = (
    " Compare with the page, what is most often wrong first: environment pypi (the job's: pypi; upper and "
    "lower case do not matter); workflow release.yml (upper and lower case matter); the owner's numeric id "
    "1234567 (not on the page; another one if the account was made again or the repository was transferred); "
    "owner octo-org and repository sample-repo (upper and lower case matter)."
)


@pytest.mark.parametrize(("code", "description", "row"), REFUSED)
def test_each_refusal_has_its_cause_and_action(web: Web, code: str, description: str, row: int) -> None:
    web.pages["/_/oidc/mint-token"] = refusal(code, description)
    result, masked = run(web)
    assert said(result) == (
        f"INDEX refused the exchange: {code or 'no code'} ({description}).",
        REFUSALS[row].likely.format(index="INDEX") + (COMPARE if row == 0 else ""),
        REFUSALS[row].fix.format(index="INDEX"),
    )
    assert (result.code, result.description, result.http_status) == (code, description, 422)
    assert result.response == (web.pages["/_/oidc/mint-token"] or Page(0)).body.decode()
    assert result.exchanged
    assert not result.verified
    assert result.claims == SHOWN
    assert masked == [token()]


NOW = 1_772_000_000
"""2026-02-25 06:13:20 UTC."""

FLAWED = [
    ({"aud": ["pypi"]}, 6, "The token is for the audience ['pypi']; INDEX takes one for pypi and no other."),
    (
        {"aud": "testpypi", "exp": 1},
        6,
        "The token is for the audience testpypi; INDEX takes one for pypi and no other.",
    ),
    ({"aud": None}, 6, "The token is for the audience None; INDEX takes one for pypi and no other."),
    (
        {"exp": NOW - 30},
        7,
        "The token was good until 2026-02-25 06:12:50 UTC; by this machine's clock it is 2026-02-25 06:13:20 "
        "UTC. GitHub's tokens live for minutes.",
    ),
    (
        {"iat": NOW, "nbf": NOW + 31, "exp": NOW + 300},
        8,
        "The token was issued at 2026-02-25 06:13:20 UTC and is not good before 2026-02-25 06:13:51 UTC; "
        "it is 2026-02-25 06:13:20 UTC by this machine's clock.",
    ),
    (
        {"iat": NOW + 31.5, "exp": NOW + 300},
        8,
        "The token was issued at 2026-02-25 06:13:51 UTC and is not good before (none); it is 2026-02-25 "
        "06:13:20 UTC by this machine's clock.",
    ),
    (
        {"iat": NOW - 901, "exp": NOW + 300},
        9,
        "The token was issued at 2026-02-25 05:58:19 UTC; it is 2026-02-25 06:13:20 UTC by this machine's "
        "clock. Something between the job and GitHub kept an old token.",
    ),
    (
        {"nbf": 1e300},
        8,
        "The token was issued at (none) and is not good before (never); it is 2026-02-25 06:13:20 UTC by "
        "this machine's clock.",
    ),
    *(
        (
            claims,
            10,
            "Times and audience of the token are right: INDEX could not check its signature. It may not have "
            "GitHub's newest keys yet.",
        )
        for claims in (
            {},
            {"iat": NOW - 60, "nbf": NOW - 360, "exp": NOW + 240},
            {"exp": NOW - 29, "nbf": NOW + 30, "iat": NOW - 900},
            {"exp": "soon", "nbf": True, "iat": None},
        )
    ),
]


@pytest.mark.parametrize(("claims", "row", "likely"), FLAWED)
def test_a_token_that_is_taken_for_none_is_judged_by_its_claims(
    web: Web, monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], row: int, likely: str
) -> None:
    monkeypatch.setattr("pypi_setup.index.explanation.time.time", lambda: float(NOW))
    # The library looks at the audience itself; an index may see one that it let pass.
    monkeypatch.setattr("id.detect_credential", lambda _audience: token(**claims))
    web.pages["/_/oidc/mint-token"] = refusal("invalid-token", "malformed or invalid token")
    result, _ = run(web)
    assert (result.likely, result.fix) == (likely, REFUSALS[row].fix.format(index="INDEX"))


def test_every_row_of_the_table_is_reached() -> None:
    rows = {row for _, _, row in REFUSED} | {row for _, row, _ in FLAWED}
    assert sorted(rows) == list(range(len(REFUSALS)))


def test_an_index_that_echoes_the_token_does_not_get_it_shown(web: Web) -> None:
    web.pages["/_/oidc/mint-token"] = refusal(token(), f"no such token: {token()}")
    result = run(web).result
    assert (result.code, result.description) == ("***", "no such token: ***")
    assert result.response == (
        '{"message": "Token request failed", "errors": [{"code": "***", "description": "no such token: '
        '***"}]}'
    )


def test_several_errors_are_all_told_and_bounded(web: Web) -> None:
    errors: list[object] = [{"code": "a", "description": "x\x1b[2J"}, "nonsense", {"code": "b"}]
    errors += [{"code": "c", "description": "y" * 999}] * 9
    web.pages["/_/oidc/mint-token"] = as_json(422, {"errors": errors})
    long = f"c ({'y' * 399}…)"
    assert run(web).result.detail == f"INDEX refused the exchange: a (x\\x1b[2J); b (); {long}; {long}."


@pytest.mark.parametrize(
    ("page", "key"),
    [
        (as_json(422, {"errors": "text"}), "mint-422"),
        (as_json(422, ["list"]), "mint-422"),
        (Page(422, b"nonsense"), "mint-422"),
        (Page(403, b"<title>Blocked</title>", "text/html"), "mint-403"),
        (Page(404, b"<title>Nope</title>", "text/html"), "mint-404"),
        (Page(405), "mint-405"),
        (Page(429), "mint-429"),
        (Page(500), "mint-5xx"),
        (Page(503), "mint-5xx"),
        (Page(302, location="/elsewhere"), "mint-other"),
        (Page(418), "mint-other"),
    ],
)
def test_every_other_answer_is_explained(web: Web, page: Page, key: str) -> None:
    web.pages["/_/oidc/mint-token"] = page
    result = run(web).result
    assert said(result) == explained(key, http=str(page.status))
    assert result.http_status == page.status
    assert web.paths.count("/_/oidc/mint-token") == 1


@pytest.mark.parametrize(
    ("page", "is_masked"),
    [
        (Page(200), False),
        (Page(200, b'{"success": true, "token": "pypi-CANARY'), False),
        (Page(200, b"<title>CANARY</title>", "text/html"), False),
        (as_json(200, {"success": True}), False),
        (as_json(200, {"success": True, "token": 5}), False),
        (as_json(200, {"success": True, "token": f"{MINTED}\n::notice::CANARY"}), False),
        (as_json(200, {"success": False, "token": MINTED}), True),
        (as_json(200, {"token": MINTED}), True),
        (as_json(201, {"success": True, "token": MINTED}), True),
        (as_json(422, {"success": True, "token": MINTED}), True),
        (as_json(200, {"success": True, "token": MINTED, "more": "x" * 65536}), False),
    ],
)
def test_an_answer_out_of_shape_proves_nothing_and_none_of_it_is_shown(
    web: Web, page: Page, is_masked: bool
) -> None:
    web.pages["/_/oidc/mint-token"] = page
    result, masked = run(web)
    assert result.status is Status.NOT_VERIFIED
    assert said(result) == explained("mint-200")
    assert (result.http_status, result.response) == (page.status, None)
    assert masked == [token(), *([MINTED] if is_masked else [])]


def test_an_exchange_that_is_never_answered_ends_at_the_deadline(web: Web) -> None:
    web.pages["/_/oidc/mint-token"] = None
    assert said(run(web, timeout=2).result) == explained("mint-timeout", reason="no answer came in time")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ERRORS = st.lists(st.fixed_dictionaries({"code": JSON, "description": JSON}) | JSON)


@given(
    st.integers(100, 599),
    JSON | st.fixed_dictionaries({"errors": ERRORS | JSON}, optional={"token": JSON, "success": JSON}),
)
def test_any_answer_is_explained_in_bounded_harmless_words(status: int, value: object) -> None:
    masked: list[str] = []
    answer = Answer(status, json.dumps(value).encode(), complete=True, words="words")
    index = Index("https://pypi.org")
    obstacle = minted(Secret(token()), "sample-project", index, Echo(answer), masked.append)
    if not isinstance(obstacle, Obstacle):
        assert status == 200
        assert len(masked) == 1
    else:
        assert obstacle.likely
        assert obstacle.fix
        assert len(obstacle.detail) < 10_000
        assert obstacle.detail.isprintable()


# Why no publisher matches although the claims are right

RELEASE = Published("sample_project-1.0.tar.gz", "octo-org/sample-repo", "release.yml", "PyPI")


def refused(web: Web, **options: Any) -> tuple[str, str]:
    web.pages["/_/oidc/mint-token"] = refusal("invalid-publisher", NO_PUBLISHER)
    result = run(web, **options).result
    assert result.detail == f"INDEX refused the exchange: invalid-publisher ({NO_PUBLISHER})."
    return result.likely, result.fix


def test_the_preflight_may_know_why(web: Web) -> None:
    findings = (
        Finding("environment-none", Severity.WARNING, "m", "f"),
        Finding("repository-moved", Severity.ERROR, "GitHub calls it octo/new.", "Register octo/new."),
    )
    assert refused(web, findings=findings, published=RELEASE) == (
        "Most likely: GitHub calls it octo/new. (repository-moved)",
        "Register octo/new.",
    )


def test_the_last_release_may_know_why(web: Web) -> None:
    other = RELEASE._replace(repository="octo-org/Old\x1bName", workflow="ci.yml", environment="")
    assert refused(web, published=other) == (
        "Most likely another publisher is registered: sample_project-1.0.tar.gz was published by repository "
        "octo-org/Old\\x1bName, not octo-org/sample-repo; workflow ci.yml, not release.yml; environment "
        "(none), not pypi.",
        "Publish as that one does, or register this publisher through the link.",
    )


def test_the_last_release_may_have_come_from_another_service(web: Web) -> None:
    published = Published("sample_project-1.0.tar.gz", "group/project", ".gitlab-ci.yml", "", "GitLab")
    assert refused(web, published=published) == (
        "Most likely only a publisher of GitLab is registered: sample_project-1.0.tar.gz came from there.",
        "Register this publisher through the link.",
    )


def test_the_last_release_may_have_come_from_this_very_publisher(web: Web) -> None:
    assert refused(web, published=RELEASE) == (
        "Most likely the publisher was removed, or the owner's account was made again under its old name: "
        "sample_project-1.0.tar.gz was published by this one.",
        "Look at the publishers that INDEX lists behind the link, and register it again.",
    )


def test_a_refusal_for_another_reason_is_not_explained_away(web: Web) -> None:
    web.pages["/_/oidc/mint-token"] = refusal(
        "not-enabled", "github trusted publishing functionality not enabled"
    )
    assert run(web, published=RELEASE).result.likely == REFUSALS[12].likely
