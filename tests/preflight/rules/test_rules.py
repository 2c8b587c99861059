"""The table of small workflows in `cases/`: each with exactly the findings that it must have.

A file of `cases/` is a YAML stream. Each document is one file of a repository; its first comments say which:

    # case: what it shows           begins a new case; the file is the registered workflow
    # environment: none             the publisher's environment, if not pypi
    # index: testpypi               the index to register on, if not pypi
    # workflow: Release.yml         the registered file name, if not release.yml
    # file: .github/actions/x/action.yml    another file of the same case
    # finding: notice no-publishing-job     a finding without a line

A comment such as `# error id-token-missing, notice build-with-id-token` at the end of a line is what is
expected on that line of that file.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules import DISTRIBUTION_RULES, RULES
from pypi_setup.sources.files import Checkout
from pypi_setup.values import index, publisher

CASES = Path(__file__).parent / "cases"
EXPECTED = re.compile(r"# ((?:error|warning|notice) [a-z-]+(?:, (?:error|warning|notice) [a-z-]+)*)$")
OPTION = re.compile(r"# (case|environment|index|workflow|file|finding): (.+)$", re.MULTILINE)


class Case(NamedTuple):
    name: str
    options: dict[str, str]
    files: dict[str, str]
    expected: list[str]


class Repository:
    """Files in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()

    def names(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        return sorted(
            path.removeprefix(prefix)
            for path in self._files
            if path.startswith(prefix) and "/" not in path.removeprefix(prefix)
        )


def cases() -> list[Case]:
    found: list[Case] = []
    for path in sorted(CASES.glob("*.yml")):
        for text in re.split(r"^---\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            options = OPTION.findall(text)
            named = dict(options)
            if "case" in named:
                found.append(Case(f"{path.stem}: {named['case']}", named, {}, []))
            case = found[-1]
            default = f".github/workflows/{named.get('workflow', 'release.yml')}"
            file = named.get("file", default)
            case.files[file] = text
            case.expected.extend(value for key, value in options if key == "finding")
            for number, line in enumerate(text.splitlines(), 1):
                if match := EXPECTED.search(line):
                    case.expected.extend(f"{each} {file}:{number}" for each in match[1].split(", "))
    return found


def evidence(case: Case) -> Evidence:
    environment = case.options.get("environment", "pypi").replace("none", "")
    workflow = case.options.get("workflow", "release.yml")
    registered = publisher.parse("sample-project", "octo-org", "sample", workflow, environment)
    return Evidence((registered,), index.parse(case.options.get("index", "pypi")), Repository(case.files))


TABLE = cases()
SEVERITIES = {rule.name: rule.severities for rule in RULES}


@pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
def test_a_small_workflow_has_exactly_the_findings_written_beside_it(case: Case, tmp_path: Path) -> None:
    each = evidence(case)
    if any(path.startswith("packages/") for path in case.files):
        for path, text in case.files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        each = dataclasses.replace(each, files=Checkout(tmp_path))
    findings = preflight.check(each)
    found = [
        f"{finding.severity.value} {finding.rule}"
        + (f" {finding.file}:{finding.line}" if finding.line else "")
        for finding in findings
    ]
    assert sorted(found) == sorted(case.expected)
    assert [each.rule for each in findings if each.severity not in SEVERITIES[each.rule]] == []


def test_the_table_shows_every_rule_on_the_workflow_file_more_than_once() -> None:
    shown = Counter(expected.split()[1] for case in TABLE for expected in case.expected)
    assert len(TABLE) >= 120
    assert len({case.name for case in TABLE}) == len(TABLE)
    beyond_the_file = {"repository", "project", "release"}
    names = [rule.name for rule in RULES if rule.find.__module__.rpartition(".")[2] not in beyond_the_file]
    assert len(names) == 24
    assert [name for name in names if shown[name] < 2] == []


def test_every_rule_has_its_section_in_the_documents() -> None:
    document = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\S+)\n(.+?)(?=^##|\Z)", document, re.MULTILINE | re.DOTALL))
    own = {"distribution-refused", "version-mismatch"}
    rules = (*RULES, *(rule for rule in DISTRIBUTION_RULES if rule.name in own))
    assert {rule.name for rule in rules} == set(sections)
    for rule in rules:
        assert f"**{rule.severities[0].value.capitalize()}" in sections[rule.name], rule.name
