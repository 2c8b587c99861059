"""The action's public face: inputs, outputs and defaults are contract; no input gets into a script's text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent

INPUTS = {
    "project": "",
    "owner": "",
    "repo": "",
    "workflow": "auto",
    "environment": "auto",
    "api-token": "",
    "index-url": "https://pypi.org",
    "mode": "register",
    "dry-run": "false",
    "exist-ok": "false",
    "timeout": "15",
    "organization": "",
    "exchange": "true",
    "dist": "",
    "allow-create": "false",
    "report-file": "",
    "run": "",
    "github-token": "${{ github.token }}",
}
OUTPUTS = [
    "status",
    "success",
    "fallback-url",
    "http-status",
    "message",
    "project",
    "project-exists",
    "payload",
    "matrix",
    "findings",
    "verified",
    "claims",
    "result",
]


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def test_inputs_have_the_documented_defaults(action: dict[str, Any]) -> None:
    assert {name: facts["default"] for name, facts in action["inputs"].items()} == INPUTS


def test_no_input_is_required(action: dict[str, Any]) -> None:
    assert {facts["required"] for facts in action["inputs"].values()} == {False}


def test_outputs_come_from_the_step(action: dict[str, Any]) -> None:
    values = {name: facts["value"] for name, facts in action["outputs"].items()}
    assert values == {name: f"${{{{ steps.setup.outputs.{name} }}}}" for name in OUTPUTS}


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_descriptions_are_full_sentences(action: dict[str, Any], kind: str) -> None:
    for facts in action[kind].values():
        assert facts["description"][0].isupper()
        assert facts["description"].rstrip().endswith(".")


def test_inputs_reach_the_one_step_by_environment_only(action: dict[str, Any]) -> None:
    (step,) = action["runs"]["steps"]
    assert step["id"] == "setup"
    assert step["run"] == '"$GITHUB_ACTION_PATH/scripts/run-action.sh"'
    assert step["env"] == {
        "INPUT_" + name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}" for name in INPUTS
    }
