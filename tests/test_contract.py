"""What users depend on does not disappear: inputs, outputs, statuses, rules, options, keys, exit codes."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pypi_setup import Finding, Severity, Status, cli, parse_index, parse_publisher
from pypi_setup.commands import dispatch
from pypi_setup.render import jsonline
from pypi_setup.values.discovered import Discovered
from pypi_setup.values.explanation import Blame, Explanation, Named
from pypi_setup.values.origin import Origin
from pypi_setup.values.publisher import Problem
from pypi_setup.values.report import Report
from pypi_setup.values.step import State, Step

ROOT = Path(__file__).resolve().parent.parent
RECORD: dict[str, list[str]] = json.loads((ROOT / "tests/data/contract.json").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts/contract.py"))


@pytest.fixture(scope="module")
def now(script: dict[str, Any]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = script["contract"]()
    return names


@pytest.mark.parametrize("kind", RECORD)
def test_nothing_disappears(now: dict[str, list[str]], kind: str) -> None:
    gone = [name for name in RECORD[kind] if name not in now[kind]]
    assert gone == [], "somebody's workflow or script depends on it"


def test_what_is_new_is_written_down(script: dict[str, Any]) -> None:
    assert script["main"](["--check"]) == 0


def test_the_record_knows_what_a_reader_would_name() -> None:
    assert {"api-token", "mode", "exist-ok"} <= set(RECORD["inputs"])
    assert {"status", "fallback-url", "result"} <= set(RECORD["outputs"])
    assert {"manual: exit code 0", "unavailable: exit code 1"} <= set(RECORD["statuses"])
    assert {"id-token-missing", "version-mismatch"} <= set(RECORD["rules"])
    assert {"register --json", "check --fix", "verify --allow-create"} <= set(RECORD["options"])
    assert {"status!", "payload.workflow_filename!", "findings[].line!", "claims"} <= set(RECORD["keys"])
    assert {"add_pending_publisher", "parse_publisher"} <= set(RECORD["api"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"inputs": ["project", "owner"]}, {"inputs": ["project"]}),
        ({"outputs": ["status"]}, {"outputs": ["result"]}),
        ({"statuses": ["manual: exit code 0"]}, {"statuses": ["manual: exit code 1"]}),
        ({"keys": ["status!"]}, {"keys": ["status"]}),
        ({"rules": ["job-skipped"]}, {}),
    ],
)
def test_what_disappears_or_promises_less_is_missed(
    script: dict[str, Any], before: dict[str, list[str]], after: dict[str, list[str]]
) -> None:
    assert len(script["missing"](before, after)) == 1
    kept = script["extended"](before, {kind: after.get(kind, []) for kind in before})
    assert script["missing"](before, kept) == []  # to write the record anew hides nothing


def full() -> Report:
    """Return a report with all that can be in one."""
    index = parse_index("https://pypi.example.org")
    publisher = parse_publisher("sample", "octo-org", "sample", "release.yml", "pypi")
    finding = Finding("job-skipped", Severity.ERROR, "It is skipped.", "Take it out.", "a.yml", 1)
    one = Report(
        status=Status.NOT_VERIFIED,
        success=False,
        message="No.",
        cause="It is so.",
        action="Do it.",
        package_index=index,
        fallback_url="https://pypi.example.org/",
        publisher=publisher,
        http_status=404,
        response="no",
        project_exists=True,
        findings=(finding,),
        problems=(Problem("owner", "a b", "no spaces", "ab"),),
        discovered=(Discovered("repo", "sample", "git remote origin", ("other",)),),
        verified=False,
        claims={"repository": "octo-org/sample"},
        paste="id-token: write",
        diff="+ id-token: write",
        steps=(Step("push", State.YOURS, "Push it.", "So.", ("git push",), "https://a", (("a", "b"),)),),
        notes=("It is assumed.",),
        origin=Origin("octo-org/sample"),
        explanation=Explanation(Named("a-cause", Blame.YOURS, "e", "c", "f", "https://x.example")),
    )
    return one._replace(results=(one, one))


def test_the_schema_has_exactly_the_keys_of_a_report() -> None:
    data = json.loads(jsonline.line(full()))
    described = SCHEMA["$defs"]["report"]
    assert set(data) - {"results"} == set(described["properties"])
    assert set(described["required"]) < set(data)
    assert set(data["findings"][0]) == set(SCHEMA["$defs"]["finding"]["properties"])
    step = described["properties"]["steps"]["items"]["properties"]
    assert set(data["steps"][0]) == set(step)
    assert set(step["state"]["enum"]) == {state.value for state in State}
    assert set(SCHEMA["properties"]) == {"results", "cut"}


def test_the_whole_of_several_projects_is_as_the_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    many = full()._replace(results=(full()._replace(message="x" * 300_000),) * 2)
    result = json.loads(jsonline.outputs(many)["result"])
    assert "cut" in result
    for data in (json.loads(jsonline.line(full())), result):
        validator.validate(data)
        data["results"][1]["status"] = "well"
        (error,) = validator.iter_errors(data)
        assert error.json_path == "$.results[1].status"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"problems": (), "success": True}, 0),
        ({"problems": ()}, 1),
        ({}, 2),
        ({"interrupted": True}, 130),
    ],
)
def test_exit_codes(change: dict[str, Any], code: int) -> None:
    assert full()._replace(**change).exit_code == code


def test_an_interrupted_command_ends_with_130(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dispatch, "run", interrupted)
    assert cli.main(["--dry-run", "--json"]) == 130


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "src/pypi_setup/py.typed").is_file()
