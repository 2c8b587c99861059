"""The table of small repositories in `repositories/`: what is found in each, and which errors it has.

A file of `repositories/` holds many. Each begins with its name, then says what must come out, then its files:

    === what it shows
    given: --project demo --index testpypi      what the user gives; nothing where it is left out
    project: demo          the value that is found; `?` for one that stays open; then what it may be instead
    workflow: release.yml
    environment: ? or one, two
    errors: id-token-missing pub.yml    the errors of a check with these values; nothing for none
    notices: index-mismatch             these further findings must be there, of whatever severity
    warnings: never-triggered           every warning, where the line is written
    headline: sound                     how the project stands, which decides on the headline
    --- pyproject.toml
    [project] …

A field that is not written is not judged; `errors` always is.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pypi_setup.discovery.discover import discovered
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.fixes import repairs
from pypi_setup.preflight.preflight import check
from pypi_setup.preflight.standing import standing
from pypi_setup.sources.files import Checkout, Overlay
from pypi_setup.values import request as requests
from pypi_setup.values.finding import Severity
from pypi_setup.values.request import DEFAULTS, Given

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.values.finding import Finding

FOLDER = Path(__file__).parent / "repositories"
ENOUGH = 40
FIELDS = ("project", "workflow", "environment")


class Small(NamedTuple):
    name: str
    expected: dict[str, str]
    files: dict[str, str]


def repositories() -> list[Small]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for text in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, *files = re.split(r"^--- ", text, flags=re.MULTILINE)
            name, *lines = head.strip().split("\n")
            expected = dict(re.split(r":\s*", line, maxsplit=1) for line in lines)
            parts = (file.partition("\n") for file in files)
            found.append(Small(f"{path.stem}: {name}", expected, {name: text for name, _, text in parts}))
    return found


SMALL = repositories()


def given_by(words: str) -> Given:
    values = {"owner": "octo-org", "repo": "sample"}
    texts = shlex.split(words)
    values |= {name.removeprefix("--"): text for name, text in zip(texts[::2], texts[1::2], strict=True)}
    project = tuple(filter(None, [values.pop("project", "")]))
    every: dict[str, Any] = values
    return Given(project=project, **every)


def told(value: str, alternatives: tuple[str, ...]) -> str:
    return f"{value} or {', '.join(alternatives)}" if alternatives else value


@pytest.mark.parametrize("small", SMALL, ids=[small.name for small in SMALL])
def test_small_repository(small: Small, tmp_path: Path) -> None:
    for name, text in small.files.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    given = given_by(small.expected.get("given", ""))
    folder = tmp_path / small.expected.get("folder", ".")
    found = discovered(given, folder, {"GITHUB_REPOSITORY": "octo-org/sample"})

    values = {each.field: told(each.value, each.alternatives) for each in found.discovered}
    values |= {each.field: told("?", each.alternatives) for each in found.still_open}
    said = {field: small.expected[field] for field in FIELDS if field in small.expected}
    assert {field: values.get(field, "") for field in said} == said

    candidates = (name for each in found.still_open if each.field == "project" for name in each.alternatives)
    project = found.given.project or (next(candidates, "demo"),)
    filled = found.given._replace(project=project).with_defaults()
    request = requests.parse(filled)
    assumed = frozenset(found.given.assumed)
    files = Checkout(tmp_path)
    evidence = Evidence(request.publishers, request.package_index, files, assumed=assumed)
    findings = check(evidence)
    if "headline" in small.expected:
        assert standing(evidence, findings).value == small.expected["headline"]
    errors = [
        f"{each.rule} {(each.file or '').rpartition('/')[2]}".strip()
        for each in findings
        if each.severity is Severity.ERROR
    ]
    assert "; ".join(errors) == small.expected.get("errors", "")
    warnings = {each.rule for each in findings if each.severity is Severity.WARNING}
    if "warnings" in small.expected:
        assert warnings == set(filter(None, small.expected["warnings"].split(", ")))
    wanted = set(filter(None, small.expected.get("notices", "").split(", ")))
    assert wanted <= {each.rule for each in findings}


@pytest.mark.parametrize("small", SMALL, ids=[small.name for small in SMALL])
def test_edits_settle_what_they_are_for_and_bring_nothing_new(small: Small, tmp_path: Path) -> None:
    for name, text in small.files.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    folder = tmp_path / small.expected.get("folder", ".")
    given = given_by(small.expected.get("given", ""))
    given = discovered(given, folder, {"GITHUB_REPOSITORY": "octo-org/sample"}).given
    request = requests.parse(given._replace(project=given.project or ("demo",)).with_defaults())
    assumed = frozenset(given.assumed)
    evidence = Evidence(request.publishers, request.package_index, Checkout(tmp_path), assumed=assumed)
    planned = repairs(evidence, check)
    files = Overlay(Checkout(tmp_path), {each.file: each.after for each in planned.files})
    edited = dataclasses.replace(evidence, files=files)
    made = {(each.rule, each.message) for each in planned.made}
    assert stopping(check(edited)) == stopping(check(evidence)) - made
    assert repairs(edited, check).files == ()


def stopping(found: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(each.rule, each.message) for each in found if each.severity is not Severity.NOTICE}


def test_there_are_enough_of_them_and_each_has_its_own_name() -> None:
    assert len({small.name for small in SMALL}) == len(SMALL) >= ENOUGH
    assert set(DEFAULTS) < set(FIELDS)
