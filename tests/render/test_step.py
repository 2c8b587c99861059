from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pypi_setup.render.step import verifying_step
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher

PUBLISHER = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "verify.md").read_text()
EXAMPLES = [block for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL) if "jobs:" in block]


def test_the_step_to_paste_is_yaml_with_the_publishers_values() -> None:
    odd = Publisher("Sample.Project", "octo-org", "r", 'rel "1".yml', "a: #b")
    text = verifying_step(odd, Index("https://test.pypi.org"))
    assert text.splitlines()[0] == '# in .github/workflows/rel "1".yml, first in the job that publishes:'
    job = yaml.safe_load(text)
    (used,) = job["steps"]
    assert used.pop("uses").startswith("pypi-setup/pypi-setup@v")
    assert job == {
        "environment": "a: #b",
        "permissions": {"id-token": "write"},
        "steps": [
            {
                "with": {
                    "mode": "verify",
                    "project": "Sample.Project",
                    "workflow": 'rel "1".yml',
                    "environment": "a: #b",
                    "index-url": "https://test.pypi.org",
                }
            }
        ],
    }


def test_the_step_for_pypi_and_no_environment_says_only_what_is_needed() -> None:
    text = verifying_step(PUBLISHER._replace(environment=""), Index("https://pypi.org"))
    job = yaml.safe_load(text)
    assert "environment" not in job
    assert job["steps"][0]["with"] == {
        "mode": "verify",
        "project": "sample-project",
        "workflow": "release.yml",
        "environment": "",
    }


def test_the_document_has_both_jobs() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("example", EXAMPLES, ids=["on demand", "gate"])
def test_the_jobs_to_paste_run_the_step_as_the_publishing_job(example: str) -> None:
    job = yaml.safe_load(example)["jobs"]["verify" if "verify:" in example else "publish"]
    (wanted,) = yaml.safe_load(verifying_step(PUBLISHER, Index("https://pypi.org")))["steps"]
    assert job["steps"][0] == wanted
    assert job["environment"] == "pypi"
    assert job["permissions"]["id-token"] == "write"
