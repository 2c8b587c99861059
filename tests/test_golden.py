"""Each case in each form of output, as files that a person can read.

`PYPI_SETUP_REWRITE_GOLDEN=1 pytest tests/test_golden.py` writes them anew; the diff is then to be reviewed.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import responses

from pypi_setup import __version__
from pypi_setup.commands import dispatch
from pypi_setup.render import commands, jsonline, terminal
from pypi_setup.render.summary import summary
from pypi_setup.sandbox import Environment, Fault, File, Identity
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

FOLDER = Path(__file__).parent / "golden"
REWRITE = os.environ.get("PYPI_SETUP_REWRITE_GOLDEN") == "1"
PATH = "/_/v1/publisher"

BASE = {"owner": "octo-org", "repo": "sample-repo", "workflow": "release.yml", "environment": "pypi"}
"""Without a token; the project exists and has no files."""

NO_FILES = {"meta": {"api-version": "1.4"}, "name": "sample-project", "files": [], "versions": []}
"""PyPI's Simple API of a project without a release."""

REFUSED = """\
2026-08-01T10:00:00.1234567Z ##[group]Run pypa/gh-action-pypi-publish@release/v1
2026-08-01T10:00:01.1234567Z Checking dist/sample_project-1.0.tar.gz: PASSED
2026-08-01T10:00:02.1234567Z ##[error]Trusted publishing exchange failure:
2026-08-01T10:00:02.1234567Z * `invalid-publisher`: valid token, but no corresponding publisher \
(Publisher with matching claims was not found)
2026-08-01T10:00:02.1234567Z * `sub`: `repo:octo-org/sample-repo:environment:release`
2026-08-01T10:00:02.1234567Z * `repository`: `octo-org/sample-repo`
2026-08-01T10:00:02.1234567Z * `job_workflow_ref`: \
`octo-org/sample-repo/.github/workflows/release.yml@refs/tags/v1`
2026-08-01T10:00:02.1234567Z * `ref`: `refs/tags/v1`
"""
HALF = """\
Uploading sample_project-1.0-py3-none-any.whl
Uploading sample_project-1.0.tar.gz
ERROR    HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/
         Project size too large. Limit for project 'sample-project' total size is 10 GB. \
Token was TOKEN
"""

CASES: dict[str, dict[str, str]] = {
    "existing": {"project": "sample-project"},
    "pending": {"project": "Brand_New"},
    "pending-without-environment": {"project": "Brand_New", "environment": ""},
    "unknown": {"project": "sample-project", "lookup": Fault.ERROR_500.value},
    "organization": {"project": "Brand_New", "organization": "octo-team"},
    "testpypi": {"project": "Brand_New", "index_url": "testpypi", "dry_run": "true"},
    "pypi-existing": {"project": "sample-project", "index_url": "pypi", "dry_run": "true"},
    "pypi": {"project": "sample-project", "index_url": "pypi"},
    "pypi-errors": {"project": "sample-project", "index_url": "pypi", "environment": "testing"},
    "registered": {"project": "sample-project", "token": "good"},
    "registered-pending": {"project": "Brand_New", "token": "good"},
    "already-registered": {"project": "sample-project", "token": "good", "again": "true"},
    "already-registered-exist-ok": {
        "project": "sample-project",
        "token": "good",
        "again": "true",
        "exist_ok": "true",
    },
    "project-missing": {"project": "Brand_New", "token": "good", "pending": "off"},
    "unauthorized": {"project": "sample-project", "token": "bad"},
    "forbidden": {"project": "sample-project", "token": "scoped"},
    "invalid": {"project": "asyncio-tools", "token": "good", "prohibited": "asyncio-tools"},
    "rate-limited": {"project": "sample-project", "token": "good", "limit": "0"},
    "unavailable": {"project": "sample-project", "token": "good", "registration": "off"},
    "server-error": {"project": "sample-project", "token": "good", "fault": Fault.HTML_500.value},
    "unexpected": {"project": "sample-project", "token": "good", "fault": Fault.REDIRECT_302.value},
    "network-error": {"project": "sample-project", "token": "good", "fault": Fault.CLOSED.value},
    "timeout": {"project": "sample-project", "token": "good", "fault": Fault.SLOW.value, "timeout": "0.5"},
    "already-publishing": {"project": "released", "attested": "sample-repo"},
    "published-by-other": {"project": "released", "attested": "old-repo"},
    "quarantined": {"project": "released", "attested": "sample-repo", "marker": "quarantined"},
    "archived": {"project": "released", "attested": "old-repo", "marker": "archived"},
    "another-projects": {"project": "Brand_New", "token": "good", "pending_for": "older", "exist_ok": "true"},
    "several-projects": {"project": "sample-project\nBrand_New\nbroken-name", "token": "good"},
    "check": {"project": "sample-project", "mode": "check"},
    "check-failed": {"project": "sample-project", "mode": "check", "environment": "testing"},
    "check-token": {"project": "sample-project", "mode": "check", "written": "token"},
    "check-nothing": {"project": "sample-project", "mode": "check", "written": "tests", "workflow": ""},
    "check-unread": {"project": "sample-project", "mode": "check", "repo": "unknown-repo"},
    "errors-first": {"project": "sample-project", "environment": "testing"},
    "error-of-the-project": {"project": "sample-project", "written": "right", "metadata": "another"},
    "token-first": {"project": "sample-project", "written": "token"},
    "explained": {"mode": "explain", "log": REFUSED, "workflow": "publish.yml"},
    "explained-service": {"mode": "explain", "log": "Error: error creating tlog entry - (502)"},
    "explained-half": {"mode": "explain", "log": HALF},
    "unexplained": {"mode": "explain", "log": "##[error]Trusty the publishing robot has lost its hat"},
    "bad-input": {"project": "-", "owner": "bad_owner", "repo": "a b", "workflow": "x", "timeout": "soon"},
}
FORMS: dict[str, Callable[[Report], str]] = {
    "txt": terminal.text,
    "md": summary,
    "json": lambda report: json.dumps(json.loads(jsonline.line(report)), indent=2) + "\n",
    "log": lambda report: "".join(f"{line}\n" for line in commands.annotated(report)),
}


def by_token(workflow: str) -> str:
    """Return the workflow as it was before Trusted Publishing."""
    secret = '/legacy/", password: "${{ secrets.PYPI_API_TOKEN }}"'
    identity = "    environment: pypi\n    permissions:\n      id-token: write\n"
    return workflow.replace(identity, "").replace('/legacy/"', secret)


def only_tests(_workflow: str) -> str:
    return "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n"


def reported(index: Sandbox, case: dict[str, str], workflow: str) -> Report:
    """Return the report of a case, prepared as it says."""
    store = index.store
    store.switches.pending = case.get("pending") != "off"
    store.switches.registration = case.get("registration") != "off"
    store.switches.limit = int(case.get("limit", "100"))
    store.prohibited.update(filter(None, [case.get("prohibited")]))
    if "fault" in case:
        index.break_path(PATH, Fault(case["fault"]))
    if "lookup" in case:
        index.break_path(f"/simple/{case['project']}/", Fault(case["lookup"]))
    if "attested" in case:
        identity = Identity("octo-org", case["attested"], "release.yml", "pypi")
        attested = [File("released-2.0.tar.gz", "2.0", attested_by=identity)]
        store.add_project("released", files=attested, status=case.get("marker", "active"))
    if "pending_for" in case:
        store.add_pending(case["pending_for"], "octo-org", "sample-repo", "release.yml", "pypi")
    tokens = {"": "", "good": index.token, "bad": "pypi-nobody-knows-this"}
    tokens["scoped"] = store.add_token(projects=["sample-project"])
    case = {"project": "sample-project", **case}
    values = {**BASE, "index_url": index.url, **case}
    texts: dict[str, Any] = {name: value for name, value in values.items() if name in Given._fields}
    texts["workflow"] = values["workflow"] or None  # None is "not given".
    texts |= {"project": (values["project"],), "api_token": tokens[case.get("token", "")]}
    given = Given(**texts)
    metadata = (
        "" if "\n" in values["project"] else f'[project]\nname = "{values["project"]}"\nversion = "1"\n'
    )
    metadata = metadata.replace(values["project"], case.get("metadata", values["project"]))
    workflow = {"token": by_token, "tests": only_tests}.get(case.get("written", ""), str)(workflow)
    uploads = "https://upload.pypi.org" if values["index_url"] == "pypi" else index.url
    files = {".github/workflows/release.yml": workflow.replace("URL", uploads), "pyproject.toml": metadata}
    index.github.add_repository("octo-org/sample-repo", files=files, environments=[Environment("pypi")])
    piped = (
        io.BytesIO(case["log"].replace("TOKEN", "pypi-AgEIcHlwaS5vcmcCJDRj").encode())
        if "log" in case
        else None
    )
    around = Surroundings(".", os.environ, lambda _secret: None, stdin=piped)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as pypi:
        pypi.add_passthru("http://127.0.0.1")
        kind = "application/vnd.pypi.simple.v1+json"
        pypi.get("https://pypi.org/simple/sample-project/", json=NO_FILES, content_type=kind)
        for _ in range(2 if "again" in case else 1):
            report = dispatch.run(given, around)
    return report


@pytest.mark.parametrize("name", CASES)
def test_what_a_person_gets(sandbox: Sandbox, workflow: str, name: str) -> None:
    report = reported(sandbox, CASES[name], workflow)
    differing = []
    for form, render in FORMS.items():
        text = render(report).replace(sandbox.url.partition("://")[2], "index.example")
        text = text.replace(f'"version": "{__version__}"', '"version": "0.0.0"')
        file = FOLDER / f"{name}.{form}"
        if REWRITE:
            file.write_text(text, encoding="utf-8")
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            differing.append(file.name)
            print(text)
    assert differing == []


def test_there_is_no_file_too_many() -> None:
    expected = {f"{name}.{form}" for name in CASES for form in FORMS}
    assert {file.name for file in FOLDER.iterdir()} == expected
