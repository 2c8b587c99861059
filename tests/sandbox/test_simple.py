"""What the recorded exchanges do not show: see test_contract.py for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.sandbox import File, Identity, ManyFiles, Sandbox

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}

PUBLISHER = Identity("octo-org", "sample-project", "release.yml", "pypi")


def test_an_attested_file_leads_to_its_publisher(send: Any, sandbox: Sandbox) -> None:
    files = (
        File("sample_project-1.0.tar.gz", "1.0"),
        File("sample_project-1.1.tar.gz", "1.1", attested_by=PUBLISHER),
    )
    sandbox.store.add_project("Sample.Project", files=files)
    old, new = send("GET", "/simple/sample-project/", headers=JSON).json()["files"]
    assert old["provenance"] is None
    assert new["provenance"] == (
        f"{sandbox.url}/integrity/sample-project/1.1/sample_project-1.1.tar.gz/provenance"
    )
    answer = send("GET", new["provenance"], headers={"Accept": "application/vnd.pypi.integrity.v1+json"})
    assert answer.headers["Content-Type"] == "application/vnd.pypi.integrity.v1+json"
    (bundle,) = answer.json()["attestation_bundles"]
    assert bundle["publisher"] == {
        "kind": "GitHub",
        "repository": "octo-org/sample-project",
        "workflow": "release.yml",
        "environment": "pypi",
    }


@pytest.mark.parametrize(
    ("path", "accept", "answer"),
    [
        ("sample-project/1.0/a.whl", "text/html", (406, "Request not acceptable")),
        ("sample-project/1.0/a.whl", "*/*", (404, "No provenance available for a.whl")),
        ("sample-project/1.1/a.whl", "application/json", (404, "Not Found")),
        ("unknown/1.0/a.whl", "*/*", (404, "Not Found")),
    ],
)
def test_no_provenance(send: Any, sandbox: Sandbox, path: str, accept: str, answer: tuple[int, str]) -> None:
    sandbox.store.add_project("sample-project", files=(File("a.whl", "1.0"),))
    got = send("GET", f"/integrity/{path}/provenance", headers={"Accept": accept})
    assert (got.status_code, got.json()["message"]) == answer


def test_many_files_are_made_while_they_are_sent(send: Any, sandbox: Sandbox) -> None:
    files = ManyFiles("sample-project", 30_000, attested_by=PUBLISHER)
    sandbox.store.add_project("sample-project", files=files)
    with send("GET", "/simple/sample-project/", headers=JSON, stream=True) as answer:
        assert "Content-Length" not in answer.headers
        size = sum(map(len, answer.iter_content(1 << 20)))
    assert 10_000_000 < size < 30_000_000


def test_many_files_as_a_sequence() -> None:
    files = ManyFiles("Sample.Project", 3)
    assert len(files) == 3
    assert [file.version for file in files] == ["1.0", "1.1", "1.2"]
    assert [file.filename for file in files[1:]] == [
        "sample_project-1.1-py3-none-any.whl",
        "sample_project-1.2-py3-none-any.whl",
    ]
    assert files[2].upload_time == "2020-09-13T12:28:40.000000Z"
    with pytest.raises(IndexError):
        files[3]
