from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.publishing import publications
from pypi_setup.preflight.rules import RULES, Rule
from pypi_setup.values import index, publisher
from pypi_setup.values.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

FOLDER = ".github/workflows"
PUBLISHER = publisher.parse("sample-project", "octo-org", "sample", "release.yml", "pypi")
RELEASE = """\
on:
  push: {tags: ["v*"]}
  workflow_call: {inputs: {target: {type: string, default: pypi}}}
jobs:
  build:
    uses: ./.github/workflows/other.yml
  publish:
    needs: build
    if: startsWith(github.ref, 'refs/tags/')
    strategy: {matrix: {os: [ubuntu-latest, windows-latest]}}
    runs-on: ${{ matrix.os }}
    environment: ${{ inputs.target }}
    permissions:
      id-token: write
    env:
      TWINE_PASSWORD: ${{ secrets.PYPI_TOKEN }}
    steps:
      - uses: ./.github/actions/build
      - run: |
          python -m build
          twine upload dist/*
      - if: runner.os == 'Linux'
        uses: pypa/gh-action-pypi-publish@release/v1
        with: {repository-url: https://test.pypi.org/legacy/}
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
OTHER = "on: workflow_call\njobs: {x: {uses: ./.github/workflows/release.yml}}\n"
ACTION = (
    "runs: {using: composite, steps: [{run: uv publish, shell: bash}, {uses: ./.github/actions/build}]}\n"
)


class Held:
    """Files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def names(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self._files if path.rpartition("/")[0] == folder]


def evidence(release: bytes, other: bytes = OTHER.encode(), action: bytes = ACTION.encode()) -> Evidence:
    files = {
        f"{FOLDER}/release.yml": release,
        f"{FOLDER}/other.yml": other,
        ".github/actions/build/action.yml": action,
    }
    return Evidence((PUBLISHER,), index.parse("pypi"), Held(files))


def bugs(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if "a bug in it" in finding.message]


def test_errors_come_first_then_files_and_lines_in_their_order() -> None:
    findings = preflight.check(evidence(RELEASE.encode()))
    order = ["error", "warning", "notice"]
    keys = [(order.index(each.severity.value), each.file or "", each.line or 0) for each in findings]
    assert keys == sorted(keys)
    assert {key[0] for key in keys} == {0, 2}


def test_the_same_finding_is_told_once() -> None:
    findings = preflight.check(evidence(RELEASE.encode()))
    assert len(set(findings)) == len(findings)


def test_a_bug_in_one_rule_is_told_and_costs_no_other_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Evidence) -> Iterator[Finding]:
        yield Finding("broken", Severity.ERROR, "Found before.", "Fix it.")
        raise KeyError("ghp_secret")

    monkeypatch.setattr(preflight, "RULES", (Rule("broken", (Severity.ERROR,), broken), *RULES))
    findings = preflight.check(evidence(b""))
    assert [(each.severity, each.message) for each in findings if each.rule == "broken"] == [
        (Severity.ERROR, "Found before."),
        (Severity.NOTICE, "This check could not be made, because of a bug in it: KeyError."),
    ]
    assert "workflow-invalid" in [each.rule for each in findings]


def test_every_finding_has_a_severity_of_its_rule_and_says_what_to_do() -> None:
    severities = {rule.name: rule.severities for rule in RULES}
    findings = preflight.check(evidence(RELEASE.encode()))
    assert [each.rule for each in findings if each.severity not in severities[each.rule]] == []
    assert all(each.message and each.fix for each in findings)


@given(st.binary(max_size=300))
def test_any_bytes_give_findings_or_none(data: bytes) -> None:
    assert bugs(preflight.check(evidence(data))) == []
    assert bugs(preflight.check(evidence(RELEASE.encode(), data, data))) == []


WORDS = """
on jobs publish permissions id-token environment name runs-on steps uses run with env password if needs
strategy matrix include exclude container secrets inputs push tags branches workflow_call pull_request
pull_request_target release types defaults attestations packages-dir
"""
NAMES = st.sampled_from(tuple(WORDS.split()))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text(max_size=8),
    NAMES,
    st.sampled_from(
        [
            "write",
            "write-all",
            "pypi",
            "ubuntu-latest",
            "windows-latest",
            "inherit",
            "pypa/gh-action-pypi-publish@release/v1",
            "./.github/workflows/other.yml",
            "./.github/actions/build",
            "octo-org/shared/.github/workflows/publish.yml@v1",
            "twine upload dist/*",
            "uv publish",
            "${{ secrets.X }}",
            "${{ inputs.target }}",
            "${{ matrix.include }}",
            "${{ fromJSON(inputs.x)[0] }}",
            "${{ broken",
        ]
    ),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=25,
)
STEPS = st.one_of(DATA, st.lists(st.dictionaries(NAMES, SCALARS | DATA, max_size=4), max_size=4))
JOB = st.one_of(DATA, st.dictionaries(NAMES, DATA | STEPS, max_size=7))
WORKFLOW = st.one_of(
    DATA,
    st.fixed_dictionaries(
        {"on": DATA, "jobs": st.dictionaries(NAMES, JOB, min_size=1, max_size=3)},
        optional={"permissions": DATA, "env": DATA, "defaults": DATA},
    ),
)


@given(WORKFLOW, WORKFLOW, DATA)
def test_any_data_gives_findings_or_none(release: object, other: object, action: object) -> None:
    given_files = [json.dumps(each).encode() for each in (release, other, action)]
    assert bugs(preflight.check(evidence(*given_files))) == []
    action_of_data = json.dumps({"runs": {"using": "composite", "steps": action}}).encode()
    assert bugs(preflight.check(evidence(RELEASE.encode(), given_files[1], action_of_data))) == []


@given(st.data())
def test_a_workflow_with_changed_lines_gives_findings_or_none(data: st.DataObject) -> None:
    lines = RELEASE.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "double", "indent", "empty", "swap"]))
        if change == "drop" and len(lines) > 1:
            del lines[place]
        elif change == "double":
            lines.insert(place, lines[place])
        elif change == "indent":
            lines[place] = f"  {lines[place]}"
        elif change == "empty":
            lines[place] = lines[place].partition(":")[0] + ":"
        else:
            lines[place] = lines[place].replace("publish", data.draw(NAMES))
    assert bugs(preflight.check(evidence("\n".join(lines).encode()))) == []


def test_calls_and_matrices_that_multiply_stay_within_bounds() -> None:
    legs = ", ".join(str(number) for number in range(200))
    calls = "".join(
        f"  j{number}: {{uses: ./.github/workflows/other.yml, strategy: {{matrix: {{n: [{legs}]}}}}}}\n"
        for number in range(50)
    )
    steps = "[" + ", ".join(["{run: uv publish}"] * 20) + "]"
    job = f"{{runs-on: x, strategy: {{matrix: {{n: [{legs}]}}}}, steps: {steps}}}"
    inner = f"on: workflow_call\njobs: {{x: {job}}}"
    each = evidence(f"on: [push, release]\njobs:\n{calls}".encode(), inner.encode())
    assert len(each.situations) == 1000
    assert bugs(preflight.check(each)) == []


def test_actions_that_use_themselves_stay_within_bounds() -> None:
    step = "{uses: ./.github/actions/build}"
    action = (
        f"runs: {{using: composite, steps: [{', '.join([step] * 50)}, {{run: uv publish, shell: bash}}]}}"
    )
    release = RELEASE.replace("      - uses: ./.github/actions/build\n", f"      - {step}\n" * 50)
    assert bugs(preflight.check(evidence(release.encode(), OTHER.encode(), action.encode()))) == []


def test_where_the_work_is_too_much_each_job_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "WORK_LIMIT", 1)
    each = evidence(RELEASE.encode())
    assert len(each.situations) == 2  # The legs of the matrix.
    assert len({id(found.situation) for found in each.uploads}) == 1
    assert "api-token-used" in [found.rule for found in preflight.check(each)]


def test_what_is_shown_of_a_hostile_file_is_bounded_and_on_one_line() -> None:
    long = "x" * 5000 + "\\u001b[31m\\n"
    key = "y" * 900  # YAML allows no more than 1024 characters for a key on its own line.
    jobs = "".join(
        f'  {name}:\n    runs-on: [windows, linux]\n    environment: "{environment}"\n    permissions: {{}}\n'
        f"    container: x\n    steps:\n      - uses: pypa/gh-action-pypi-publish@{key}\n"
        f"        with: {{password: '${{{{ secrets.{key} }}}}', packages-dir: \"{long}\"}}\n"
        f"      - {{run: 'make {long}'}}\n"
        for name, environment in ((f'"{key}\\u001b"', long), (key, f"${{{{ matrix.{key} }}}}"))
    )
    release = f"on: [push, pull_request, pull_request_target]\njobs:\n{jobs}"
    findings = preflight.check(evidence(release.encode()))
    assert {"id-token-missing", "environment-mismatch", "workflow-invalid"} <= {
        each.rule for each in findings
    }
    assert [each.rule for each in findings if len(each.message) > 2000 or len(each.fix) > 2000] == []
    assert [each.rule for each in findings if "\n" in each.message or "\x1b" in each.message + each.fix] == []


def test_evidence_of_other_files_is_computed_anew() -> None:
    first = evidence(b"")
    assert first.publications == ()
    second = dataclasses.replace(first, files=Held({f"{FOLDER}/release.yml": RELEASE.encode()}))
    assert len(second.publications) > 0
