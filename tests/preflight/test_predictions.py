"""What findings say that PyPI will answer is what the recorded server answered in that situation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.sources.files import Checkout
from pypi_setup.values import index
from pypi_setup.values.publisher import Publisher

RECORDED = {
    one["label"]: one["response"]["json"]["errors"][0]
    for line in (Path(__file__).parents[1] / "data/pypi-contract.jsonl").read_text("utf-8").splitlines()
    for one in [json.loads(line)]
    if one["section"] == 3 and "errors" in one["response"].get("json", {})
}
JOB = """\
    runs-on: ubuntu-latest
    environment: ENVIRONMENT
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
HEAD = "on: {push: {tags: ['v*']}}\njobs:\n  publish:\n"
CALL = "    permissions: {id-token: write}\n    uses: "

SITUATIONS = {
    "environment mismatch (publisher pypi, claim wrong)": (
        "environment-mismatch",
        {"release.yml": HEAD + JOB.replace("ENVIRONMENT", "wrong")},
    ),
    "publisher env pypi, claim without environment": (
        "environment-mismatch",
        {"release.yml": HEAD + JOB.replace("    environment: ENVIRONMENT\n", "")},
    ),
    "workflow with the other extension (.yaml)": (
        "workflow-missing",
        {"release.yaml": HEAD + JOB.replace("ENVIRONMENT", "pypi")},
    ),
    "event pull_request_target": (
        "pull-request-target",
        {"release.yml": "on: pull_request_target\njobs:\n  publish:\n" + JOB.replace("ENVIRONMENT", "pypi")},
    ),
    "reusable workflow in the same repo, publisher names the CALLER file": (
        "reusable-workflow",
        {
            "release.yml": f"{HEAD}{CALL}./.github/workflows/reusable.yml\n",
            "reusable.yml": "on: workflow_call\njobs:\n  publish:\n" + JOB.replace("ENVIRONMENT", "pypi"),
        },
    ),
    "reusable workflow in another repo, same filename": (
        "reusable-workflow",
        {"release.yml": f"{HEAD}{CALL}octo-org/shared/.github/workflows/release.yml@main\n"},
    ),
    "reusable workflow in another repo, other filename": (
        "reusable-workflow",
        {"release.yml": f"{HEAD}{CALL}octo-org/shared/.github/workflows/publish.yml@main\n"},
    ),
    "job_workflow_ref pinned to another ref than the run's": (
        "reusable-workflow",
        {"release.yml": f"{HEAD}{CALL}octo-org/Sample-Repo/.github/workflows/release.yml@main\n"},
    ),
}
"""By recorded exchange: the rule that foresees it, and a repository where it would happen."""


@pytest.mark.parametrize("label", SITUATIONS)
def test_a_finding_foresees_the_recorded_answer(tmp_path: Path, label: str) -> None:
    rule, workflows = SITUATIONS[label]
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    for name, text in workflows.items():
        (folder / name).write_text(text)
    publisher = Publisher("existing-project", "octo-org", "Sample-Repo", "release.yml", "pypi")
    found = check(Evidence((publisher,), index.parse("pypi"), Checkout(tmp_path)))
    (finding,) = (each for each in found if each.rule == rule)
    (foreseen,) = re.findall(r'will answer ([\w-]+)\.|refuses it: "(.+)"', finding.message)
    assert any(foreseen)
    assert foreseen[0] in {"", RECORDED[label]["code"]}
    assert foreseen[1] in RECORDED[label]["description"]
