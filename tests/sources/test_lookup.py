from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.sandbox import Fault, File, Identity, ManyFiles, Sandbox
from pypi_setup.sandbox.web import Answer, Listener
from pypi_setup.sources.lookup import Project, Published, look_up
from pypi_setup.transport import Client
from pypi_setup.values.index import Index

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Exchange

    from pypi_setup.sandbox.web import Request

SIMPLE = "application/vnd.pypi.simple.v1+json"
IDENTITY = Identity("octo-org", "sample-repo", "release.yml", "pypi")
PUBLISHED = Published("one-2.0.tar.gz", "octo-org/sample-repo", "release.yml", "pypi")


def of(index: Sandbox | Listener, name: str = "one", timeout: float = 10.0) -> Project:
    return look_up(name, Index(index.url), Client(timeout))


def paths(index: Sandbox) -> list[str]:
    return [request.path for request in index.requests]


def test_a_project_that_does_not_exist(sandbox: Sandbox) -> None:
    assert of(sandbox) == Project(exists=False)
    assert paths(sandbox) == ["/simple/one/"]


@pytest.mark.parametrize("status", ["active", "archived", "quarantined", "deprecated"])
def test_a_project_without_files(sandbox: Sandbox, status: str) -> None:
    sandbox.store.add_project("one", status=status)
    assert of(sandbox) == Project(exists=True, marker=status)
    assert paths(sandbox) == ["/simple/one/"]


def test_a_project_without_attested_files(sandbox: Sandbox) -> None:
    sandbox.store.add_project("one", files=[File("one-1.0.tar.gz", "1.0")])
    assert of(sandbox) == Project(exists=True)
    assert paths(sandbox) == ["/simple/one/"]


def test_the_newest_attested_file_counts_wherever_it_stands(sandbox: Sandbox) -> None:
    other = IDENTITY._replace(repository="old-repo")
    sandbox.store.add_project(
        "one",
        files=[
            File("one-1.0.tar.gz", "1.0", "2025-01-01T00:00:00.000000Z", other),
            File("one-2.0.tar.gz", "2.0", "2025-03-01T00:00:00.000000Z", IDENTITY),
            File("one-1.1.tar.gz", "1.1", "2025-02-01T00:00:00.000000Z", other),
            File("one-3.0.tar.gz", "3.0", "2025-04-01T00:00:00.000000Z"),
        ],
    )
    assert of(sandbox) == Project(exists=True, published=PUBLISHED)
    assert paths(sandbox) == ["/simple/one/", "/integrity/one/2.0/one-2.0.tar.gz/provenance"]
    assert all("Authorization" not in request.headers for request in sandbox.requests)


def test_an_environment_of_none(sandbox: Sandbox) -> None:
    sandbox.store.add_project(
        "one", files=[File("one-2.0.tar.gz", "2.0", attested_by=IDENTITY._replace(environment=""))]
    )
    assert of(sandbox).published == PUBLISHED._replace(environment="")


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.ERROR_500, "HTTP 500, application/json"),
        (Fault.HTML_200, "HTTP 200, text/html"),
        (Fault.REDIRECT_301, "HTTP 301, text/plain"),
        (Fault.SLOW, "no answer came in time"),
        (Fault.CLOSED, "the connection broke (RemoteDisconnected)"),
        (Fault.GARBAGE, "the connection broke (BadStatusLine)"),
        (Fault.HUGE, "HTTP 200, application/json"),
    ],
)
def test_a_simple_api_that_fails(sandbox: Sandbox, fault: Fault, problem: str) -> None:
    sandbox.break_path("/simple/one/", fault)
    host = sandbox.url.removeprefix("http://")
    assert of(sandbox, timeout=0.5 if fault is Fault.SLOW else 10) == Project(
        problem=f"{host}'s Simple API could not be read: {problem}"
    )
    assert list(sandbox.trap.requests) == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.ERROR_500, "HTTP 500, application/json"),
        (Fault.HTML_200, "HTTP 200, text/html"),
        (Fault.REDIRECT_302, "HTTP 302, text/plain"),
        (Fault.CLOSED, "the connection broke (RemoteDisconnected)"),
        (Fault.TRUNCATED, "HTTP 200, application/json"),
    ],
)
def test_a_provenance_that_fails(sandbox: Sandbox, fault: Fault, problem: str) -> None:
    sandbox.store.add_project("one", files=[File("one-2.0.tar.gz", "2.0", attested_by=IDENTITY)])
    sandbox.break_path("/integrity/one/2.0/one-2.0.tar.gz/provenance", fault)
    assert of(sandbox) == Project(
        exists=True, problem=f"The provenance of one-2.0.tar.gz could not be read: {problem}"
    )
    assert list(sandbox.trap.requests) == []


def test_files_that_are_asked_for_are_told_with_their_hash() -> None:
    deep = {"filename": "x-1.tar.gz", "hashes": {"sha256": {"filename": {"sha256": "no"}}}}
    files = [
        {"filename": "one-1.tar.gz", "hashes": {"md5": "00", "sha256": "ab"}},
        {"filename": "one-2.tar.gz", "hashes": {}, "extra": {"filename": "one-3.tar.gz"}},
        {"filename": "one-4.tar.gz", "hashes": {"sha256": "cd"}},
        deep,
    ]
    wanted = frozenset({"one-1.tar.gz", "one-2.tar.gz", "one-3.tar.gz", "x-1.tar.gz"})
    server = answering({"files": files})
    project = look_up("one", Index(server.url), Client(5), wanted)
    server.close()
    assert project.present == {"one-1.tar.gz": "ab", "one-2.tar.gz": "", "x-1.tar.gz": ""}


def answering(body: object) -> Listener:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Listener(lambda _request: Answer(200, SIMPLE, encoded))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"files": [{"filename": "x"',
        b"\xff",
        b"[" * 5000,
        b'{"files": [}]',
        b"nonsense",
        b'{"a": 1}}',
    ],
)
def test_a_list_of_files_that_is_none(body: bytes) -> None:
    server = answering(body)
    project = of(server)
    server.close()
    assert (project.exists, project.published) == (True, None)


@pytest.mark.parametrize(
    "body",
    [
        *([], "text", 7, None, {"files": 7}, {"files": ["x"]}, {"project-status": []}),
        {"files": [{"hashes": {"provenance": "http://127.0.0.1/x"}, "provenance": ["http://127.0.0.1/x"]}]},
    ],
)
def test_a_list_of_files_of_another_shape(body: object) -> None:
    server = answering(body)
    assert of(server) == Project(exists=True)
    server.close()


@pytest.mark.parametrize(
    "provenance",
    [
        "https://evil.example/provenance",
        "//evil.example/x",
        "http://[evil/x",
        "file:///etc/passwd",
        "/relative",
        "https://127.0.0.1/x",
        "http://user@127.0.0.1/x",
    ],
)
def test_a_provenance_elsewhere_is_not_fetched(provenance: str) -> None:
    server = answering({"files": [{"filename": "x", "provenance": provenance}]})
    assert of(server) == Project(exists=True)
    assert len(server.requests) == 1
    server.close()


def publisher(**changes: Any) -> dict[str, Any]:
    values = {"kind": "GitHub", "repository": "octo-org/sample-repo", "workflow": "release.yml", **changes}
    return {"attestation_bundles": [{"publisher": values}]}


@pytest.mark.parametrize(
    "provenance",
    [
        [],
        7,
        {},
        {"attestation_bundles": []},
        {"attestation_bundles": 7},
        {"attestation_bundles": [{}]},
        {"attestation_bundles": [{"publisher": 7}]},
        publisher(kind=None),
        publisher(repository=7),
        publisher(workflow=None),
        publisher(environment=["x"]),
    ],
)
def test_a_provenance_that_names_no_publisher(provenance: object) -> None:
    project = attested(provenance)
    assert (project.exists, project.published) == (True, None)
    assert project.problem == "The provenance of x could not be read: HTTP 200, application/json"


def attested(provenance: object) -> Project:
    """Return what is found of a project whose file has this provenance."""

    def answer(request: Request) -> Answer:
        if request.path.startswith("/simple/"):
            files = [{"filename": "x", "provenance": f"{request.origin}/integrity"}]
            return Answer(200, SIMPLE, json.dumps({"files": files}).encode())
        return Answer(200, "application/json", json.dumps(provenance).encode())

    server = Listener(answer)
    project = of(server)
    server.close()
    return project


GITLAB = {"kind": "GitLab", "repository": "group/sub/project", "workflow_filepath": ".gitlab-ci.yml"}


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        (GITLAB, Published("x", "group/sub/project", ".gitlab-ci.yml", "", "GitLab")),
        (
            {**GITLAB, "environment": "release"},
            Published("x", "group/sub/project", ".gitlab-ci.yml", "release", "GitLab"),
        ),
        (
            {"kind": "Google", "email": "a@b.iam.example", "environment": None},
            Published("x", "a@b.iam.example", "", "", "Google"),
        ),
        ({"kind": "ActiveState", "project": "acme/x"}, Published("x", "acme/x", "", "", "ActiveState")),
        ({"kind": "CircleCI", "project_id": "1-2"}, Published("x", "1-2", "", "", "CircleCI")),
        ({"kind": "Another"}, Published("x", "", "", "", "Another")),
    ],
)
def test_publishers_of_other_services_are_known_by_their_kind(
    fields: dict[str, Any], published: Published
) -> None:
    bundle = {"publisher": fields}
    assert attested({"attestation_bundles": [bundle]}).published == published
    github = attested({"attestation_bundles": [bundle, *publisher()["attestation_bundles"]]}).published
    assert github == Published("x", "octo-org/sample-repo", "release.yml", "")


def test_pypis_own_answers_are_understood(exchanges: tuple[Exchange, ...]) -> None:
    """Each recorded answer of the Simple API to a normalized name says whether the project exists."""
    seen: dict[str, bool | None] = {}
    for label, request, response in exchanges:
        name = request["path"].removeprefix("/simple/").removesuffix("/")
        json_asked = request["headers"].get("Accept") == SIMPLE
        if not request["path"].startswith("/simple/") or request["method"] != "GET" or not json_asked:
            continue
        body = json.dumps(response.get("json", {})).encode()
        headers = (("Location", response["location"]),) if "location" in response else ()
        answer = Answer(response["status"], response["content_type"], body, headers)
        server = Listener(partial(lambda same, _request: same, answer))
        seen[label] = look_up(name, Index(server.url), Client(10)).exists
        server.close()
    assert seen["simple: existing with a file"] is True
    assert seen["simple: existing, no files"] is True
    assert seen["simple: nonexistent"] is False
    assert seen["simple: quarantined project"] is True
    assert seen["simple: archived project"] is True
    assert seen["simple: un-normalized of existing"] is None


MEASURE = """
import resource, sys
from pypi_setup.values.index import Index
from pypi_setup.sources.lookup import look_up
from pypi_setup.transport import Client
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
project = look_up(sys.argv[2], Index(sys.argv[1]), Client(60))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(project.exists, project.published, after - before)
"""


def test_a_list_of_tens_of_megabytes_is_read_in_flat_memory(sandbox: Sandbox, bare: Path) -> None:
    def measured(count: int) -> tuple[str, int]:
        sandbox.store.add_project("one", files=ManyFiles("one", count, attested_by=IDENTITY))
        command = [sys.executable, "-c", MEASURE, sandbox.url, "one"]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        return " ".join(words[:-1]), int(words[-1])

    _, small = measured(10)
    found, large = measured(20_000)
    assert found.startswith("True Published(filename='one-1.19999-py3-none-any.whl'")
    assert large - small < 8 * 1024, "KiB: the answer is some 12 MB"
    assert len(sandbox.requests) == 4


def test_a_hostile_answer_costs_no_more_memory(sandbox: Sandbox, bare: Path) -> None:
    """However deep it is; a place such as `item.item.item` for each level would take gigabytes."""

    def measured(body: bytes) -> tuple[str, int]:
        server = answering(body)
        command = [sys.executable, "-c", MEASURE, server.url, "one"]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        server.close()
        return " ".join(words[:-1]), int(words[-1])

    _, small = measured(b'{"files": []}')
    for body in (b"[" * 300_000, b'{"":' * 100_000, b'{"files": [{' + b'"a": "", ' * 50_000):
        found, large = measured(body)
        assert found == "True None"
        assert large - small < 8 * 1024, "KiB"
