"""`check --diff` and `check --fix` in a checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pypi_setup.commands import dispatch
from pypi_setup.commands import fix as fixing
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

FILE = Path(".github/workflows/release.yml")


@pytest.fixture
def broken(sandbox: Sandbox, workflow: str) -> str:
    """A checkout, in the current folder, whose publishing job may not get an OIDC token; return the file."""
    text = workflow.replace("URL", sandbox.url).replace("    permissions:\n      id-token: write\n", "")
    FILE.parent.mkdir(parents=True)
    FILE.write_text(text)
    Path("pyproject.toml").write_text('[project]\nname = "sample-project"\nversion = "1"\n')
    for command in ("init --quiet", "remote add origin https://github.com/octo-org/sample-repo.git"):
        subprocess.run(["git", *command.split()], check=True)
    return text


def check(index: Sandbox, edits: str) -> Report:
    given = Given(
        ("sample-project",),
        "octo-org",
        "sample-repo",
        "release.yml",
        "pypi",
        index_url=index.url,
        mode="check",
    )
    around = Surroundings(".", os.environ, lambda _secret: None)
    return dispatch.run(given._replace(edits=edits), around)


def test_a_diff_edits_nothing(sandbox: Sandbox, broken: str) -> None:
    report = check(sandbox, "diff")
    assert "+      id-token: write\n" in report.diff
    assert FILE.read_text() == broken
    assert (report.status.value, report.success) == ("check-failed", False)


def test_a_fix_edits_and_checks_again(sandbox: Sandbox, broken: str) -> None:
    report = check(sandbox, "fix")
    assert "id-token: write" in FILE.read_text()
    assert "Edited .github/workflows/release.yml: read the diff and commit it." in report.notes
    assert "id-token-missing" not in {finding.rule for finding in report.findings}
    assert (report.status.value, report.success) == ("checked", True)


def test_a_file_that_cannot_be_written(
    sandbox: Sandbox, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixing, "write", lambda *_arguments: "it is full")
    report = check(sandbox, "fix")
    assert "Not edited: it is full" in report.notes
    assert FILE.read_text() == broken
    assert report.status.value == "check-failed"


def test_without_a_checkout_there_is_nothing_to_edit(sandbox: Sandbox) -> None:
    report = check(sandbox, "fix")
    assert report.notes[0] == "Nothing was edited: this is no checkout of the repository."
    assert report.diff == ""
