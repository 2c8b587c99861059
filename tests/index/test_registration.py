from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.index.registration import Outcome, register
from pypi_setup.sandbox import Fault, Sandbox
from pypi_setup.sandbox.web import Answer, Listener
from pypi_setup.transport import Client
from pypi_setup.values.harmless import Secret
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from tests.conftest import Exchange

PATH = "/_/v1/publisher"
RECORDED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/pypi-contract.jsonl").read_text("utf-8").splitlines()
]
EXISTING = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
NEW = EXISTING._replace(project="brand-new")


def of(
    index: Sandbox, publisher: Publisher = EXISTING, token: str | None = None, timeout: float = 10.0
) -> Outcome:
    return register(publisher, Secret(token or index.token), Index(index.url), Client(timeout))


@pytest.mark.parametrize(
    ("publisher", "words"),
    [
        (EXISTING, "Added release.yml in https://github.com/octo-org/sample-repo to sample-project"),
        (NEW, "Registered a new pending publisher to create the project 'brand-new'."),
    ],
)
def test_registered_and_the_same_again(sandbox: Sandbox, publisher: Publisher, words: str) -> None:
    first, second = of(sandbox, publisher), of(sandbox, publisher)
    assert (first.status, first.http_status) == (Status.REGISTERED, 201)
    assert words in str(first.response)
    assert (second.status, second.http_status) == (Status.ALREADY_REGISTERED, 409)


def test_an_index_stores_what_was_given(sandbox: Sandbox) -> None:
    of(sandbox, EXISTING)
    of(sandbox, NEW)
    (publisher,), (pending,) = sandbox.store.publishers.values(), sandbox.store.pending.values()
    identity = ("octo-org", "sample-repo", "release.yml", "pypi")
    assert (publisher.identity, publisher.projects) == (identity, {"sample-project"})
    assert (pending.identity, pending.project) == (identity, "brand-new")


def test_a_project_that_an_index_without_pending_publishers_does_not_know(bare: Path) -> None:
    with Sandbox(pending=False) as index:
        outcome = of(index, NEW)
    assert (outcome.status, outcome.http_status) == (Status.PROJECT_MISSING, 400)


RECORDED_REPETITIONS = {
    "project form: the same again": False,
    "pending form: the same again": False,
    "pending form: the same again, project name in other spelling Fresh_Name": True,
    "pending form: second pending publisher, same repo/workflow/env, other project name": True,
    "pending form: the same identity by ANOTHER user, same project name": False,
    "pending form: the same identity by ANOTHER user, other project name": True,
    "organization pending form: the same again": False,
}
"""By recorded post: whether PyPI's words say that the publisher which is there is another project's."""


def repeated(body: str, project: str = "sample-project") -> Outcome:
    """Return what a 409 with this body is taken for."""
    server = Listener(lambda _request: Answer(409, "application/json", body.encode()))
    outcome = register(EXISTING._replace(project=project), Secret("pypi-x"), Index(server.url), Client(10))
    server.close()
    assert (outcome.status, outcome.http_status) == (Status.ALREADY_REGISTERED, 409)
    return outcome


@pytest.mark.parametrize("label", RECORDED_REPETITIONS)
def test_pypis_words_tell_whose_publisher_is_there(label: str) -> None:
    recorded = next(one for one in RECORDED if one["label"] == label)
    (flash,) = recorded["flash"]
    project = recorded["request"]["body"].get("project_name", "empty-project")
    outcome = repeated(json.dumps({"message": flash["text"]}), project)
    assert outcome.is_anothers is RECORDED_REPETITIONS[label]


@pytest.mark.parametrize(
    ("body", "anothers"),
    [
        ("", False),
        ("{", False),
        ('{"message": "Already registered"}', False),
        ('{"message": "release.yml is already registered with Sample_Project."}', False),
        ('{"message": "release.yml is already registered with other-project"}', True),
        ("It belongs to the project 'other'.", True),
        ("It belongs to the project 'Sample.Project'.", False),
        ("It belongs to another project.", True),
        ("Registered for a different project name than 'x', for project 'sample-project'.", False),
        ('{"project": "other"}', True),
        ('{"project": "sample-project"}', False),
        ('{"project": 7}', False),
        ("[" * 2000, False),
    ],
)
def test_an_index_may_name_the_project_of_a_repetition(body: str, anothers: bool) -> None:
    assert repeated(body).is_anothers is anothers


@pytest.mark.parametrize("token", ["pypi-nobody-knows-this", "expired"])
def test_a_bad_token(sandbox: Sandbox, token: str) -> None:
    outcome = of(sandbox, token=sandbox.store.add_token(life=-1) if token == "expired" else token)
    assert (outcome.status, outcome.http_status) == (Status.UNAUTHORIZED, 401)


def test_a_token_for_one_project_only(sandbox: Sandbox) -> None:
    outcome = of(sandbox, token=sandbox.store.add_token(projects=["sample-project"]))
    assert (outcome.status, outcome.http_status) == (Status.FORBIDDEN, 403)


def test_a_token_of_nobody_who_owns_the_project(sandbox: Sandbox) -> None:
    outcome = of(sandbox, token=sandbox.store.add_token(user="bob"))
    assert (outcome.status, outcome.http_status) == (Status.FORBIDDEN, 403)


def test_an_index_that_offers_no_api_answers_as_pypi_does(
    bare: Path, exchanges: tuple[Exchange, ...]
) -> None:
    with Sandbox(registration=False) as index:
        outcome = of(index)
    recorded = next(each for each in exchanges if each.label == "POST as proposed")
    assert outcome == Outcome(
        Status.UNAVAILABLE, recorded.response["status"], recorded.response["html"]["title"]
    )


def test_a_value_that_the_index_refuses(sandbox: Sandbox) -> None:
    outcome = of(sandbox, EXISTING._replace(owner="bad_owner"))
    assert (outcome.status, outcome.http_status) == (Status.INVALID, 422)
    assert "Invalid GitHub user or organization name." in str(outcome.response)


def test_too_many_registrations(bare: Path) -> None:
    with Sandbox(limit=0) as index:
        outcome = of(index)
    assert (outcome.status, outcome.http_status) == (Status.RATE_LIMITED, 429)
    assert outcome.retry_after is not None
    assert 80_000 < outcome.retry_after <= 86_400


FAULTS: list[tuple[Fault, Status, int | None]] = [
    (Fault.ERROR_500, Status.SERVER_ERROR, 500),
    (Fault.UNAVAILABLE_503, Status.SERVER_ERROR, 503),
    (Fault.BUSY_LONG_503, Status.SERVER_ERROR, 503),
    (Fault.HTML_500, Status.SERVER_ERROR, 500),
    (Fault.GONE_410, Status.UNAVAILABLE, 410),
    (Fault.NOT_IMPLEMENTED_501, Status.UNAVAILABLE, 501),
    (Fault.TEAPOT_418, Status.UNEXPECTED, 418),
    (Fault.HTML_200, Status.UNEXPECTED, 200),
    (Fault.ECHO_400, Status.PROJECT_MISSING, 400),
    (Fault.REDIRECT_301, Status.UNEXPECTED, 301),
    (Fault.REDIRECT_302, Status.UNEXPECTED, 302),
    (Fault.REDIRECT_307, Status.UNEXPECTED, 307),
    (Fault.REDIRECT_308, Status.UNEXPECTED, 308),
    (Fault.SLOW, Status.TIMEOUT, None),
    (Fault.DRIP_HEADERS, Status.TIMEOUT, None),
    (Fault.DRIP_BODY, Status.UNEXPECTED, 200),
    (Fault.STALL_201, Status.REGISTERED, 201),
    (Fault.TRUNCATED, Status.UNEXPECTED, 200),
    (Fault.HUGE, Status.UNEXPECTED, 200),
    (Fault.GARBAGE, Status.NETWORK_ERROR, None),
    (Fault.CLOSED, Status.NETWORK_ERROR, None),
    (Fault.BUSY_503, Status.SERVER_ERROR, 503),
    (Fault.BUSY_429, Status.RATE_LIMITED, 429),
]

WAITING = {Fault.SLOW, Fault.DRIP_HEADERS, Fault.DRIP_BODY, Fault.STALL_201, Fault.BUSY_503, Fault.BUSY_429}


@pytest.mark.parametrize(("fault", "status", "code"), FAULTS)
def test_every_way_to_misbehave(sandbox: Sandbox, fault: Fault, status: Status, code: int | None) -> None:
    sandbox.break_path(PATH, fault)
    outcome = of(sandbox, timeout=0.9 if fault in WAITING else 10)
    assert (outcome.status, outcome.http_status) == (status, code)
    assert outcome.sent
    assert sandbox.token not in repr(outcome)
    assert len(sandbox.requests) == 1
    assert list(sandbox.trap.requests) == []


def test_every_way_to_misbehave_is_in_the_table_above() -> None:
    assert {fault for fault, _, _ in FAULTS} == set(Fault)


def test_nobody_listens(sandbox: Sandbox) -> None:
    sandbox.close()
    outcome = of(sandbox, timeout=0.2)
    assert outcome == Outcome(Status.NETWORK_ERROR, detail="the connection was refused", sent=False)


PYPI, OTHER = Index("https://pypi.org"), Index("https://pypi.example.org")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "in a few minutes"),
        (0.0, "in about 1 min"),
        (45.0, "in about 1 min"),
        (600.0, "in about 10 min"),
        (3600.0, "in about an hour"),
        (86397.0, "in about 24 hours"),
    ],
)
def test_when_to_try_again(seconds: float | None, words: str) -> None:
    assert Outcome(Status.RATE_LIMITED, 429, retry_after=seconds).told(OTHER, 15)["again"] == words


def test_what_a_report_is_told() -> None:
    lost = Outcome(Status.TIMEOUT, detail="no answer came in time")
    assert lost.told(OTHER, 2.5) == {
        "http": "None",
        "detail": "no answer came in time",
        "Detail": "No answer came in time",
        "seconds": "2.5",
        "again": "in a few minutes",
        "known": "If it should have one, check index-url.",
        "outcome": "The request may have arrived, so the publisher may be registered all the same.",
        "retry": "Check on the linked page whether the publisher is there. If not, run again.",
    }
    broken = Outcome(Status.NETWORK_ERROR, detail="the TLS connection failed")
    assert broken.told(OTHER, 2.5)["Detail"] == "The TLS connection failed"
    never = Outcome(Status.NETWORK_ERROR, detail="the connection was refused", sent=False).told(PYPI, 15)
    assert never["outcome"] == "The request never arrived, so nothing was registered."
    assert never["retry"] == "Check the network and index-url, then run again."
    assert never["known"] == "Its server has none today: a person registers publishers on its pages."
