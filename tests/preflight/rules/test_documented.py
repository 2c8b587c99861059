"""The failing and the passing repository of each rule in docs/examples/ are what they say they are.

A `situation.yml` beside the files says what stands outside of them: the values to register (`publisher`),
what GitHub and PyPI say (`github`, `pypi`), and the built files (`dist`, `tag`). It is no
file of the repository.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.fixes import repairs
from pypi_setup.preflight.preflight import check
from pypi_setup.preflight.rules import DISTRIBUTION_RULES, RULES
from pypi_setup.sources.distributions import Built, Distribution, Folder
from pypi_setup.sources.files import Checkout, Overlay
from pypi_setup.sources.github import Environment, Pattern, Policy, Repository
from pypi_setup.sources.lookup import Project, Published
from pypi_setup.values import filenames, index, publisher
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.sources.github import GitHub
    from pypi_setup.values.finding import Finding

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SEVERITIES = {rule.name: set(rule.severities) for rule in (*DISTRIBUTION_RULES, *RULES)}
PLACES = [EXAMPLES / rule / state for rule in SEVERITIES for state in ("failing", "passing")]
BESIDE = {"pending-limit": {"pending-identity-shared"}}
"""What cannot but be found beside a rule."""

EDITED = {"id-token-missing", "environment-mismatch", "caller-permissions"} | {
    "api-token-used",
    "tool-without-oidc",
}
"""The rules whose examples pass after `--fix`; of the others a person decides."""

REGISTERED = {
    "projects": ["sample-project"],
    "owner": "octo-org",
    "repository": "sample",
    "workflow": "release.yml",
    "environment": "pypi",
}


class Seen:
    """What GitHub says."""

    def __init__(self, said: dict[str, Any]) -> None:
        name = said["repository"]
        known = name != "none"
        moved = said.get("moved", False)
        self.repository = Repository(known, name if known else "", moved, default_branch="main")
        self._names = tuple(said.get("environments", ["pypi"]))
        rules = tuple(Pattern(*rule.split()) for rule in said.get("admits", []))
        self._policy = Policy(protected_branches=False, patterns=rules) if rules else None

    def environment(self, name: str) -> Environment:
        return Environment(name in self._names, self._policy, self._names)


def project(said: dict[str, Any]) -> Project:
    """Return what PyPI says of a project."""
    by = said.get("published-by", "").split(", ")
    published = Published("sample_project-1.0.tar.gz", *by) if len(by) > 1 else None
    return Project(said.get("exists", True), said.get("status", "active"), published)


def built(said: dict[str, Any]) -> Built | None:
    """Return the built files."""
    if "dist" not in said:
        return None
    files = []
    for name, of in said["dist"].items():
        metadata = f"Metadata-Version: 2.4\nName: {of['name']}\nVersion: {of['version']}\n".encode()
        files.append(Distribution(name, 1024, "ab" * 32, filenames.wheel(name), metadata))
    return Built(Folder(tuple(files)), "dist", said.get("tag", ""))


def evidence(place: Path) -> Evidence:
    """Return what is known of an example."""
    situation = place / "situation.yml"
    said: dict[str, Any] = yaml.safe_load(situation.read_text("utf-8")) if situation.exists() else {}
    values = {**REGISTERED, **said.get("publisher", {})}
    names = values.pop("projects")
    return Evidence(
        tuple(publisher.parse(name, *values.values()) for name in names),
        index.parse("pypi"),
        Checkout(place),
        {name: project(known) for name, known in said.get("pypi", {}).items()},
        cast("GitHub", Seen(said["github"])) if "github" in said else None,
        built(said),
    )


def test_every_rule_has_both_and_nothing_else_has() -> None:
    assert [str(place) for place in PLACES if not place.is_dir()] == []
    assert {folder.name for folder in EXAMPLES.iterdir()} == set(SEVERITIES)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: "-".join(place.parts[-2:]))
def test_an_example_fails_or_passes(place: Path) -> None:
    rule, state = place.parts[-2:]
    found = check(evidence(place))
    of_the_rule = {finding.severity for finding in found if finding.rule == rule}
    if state == "passing":
        assert (stopping(found), of_the_rule) == (set(), set())
    else:
        assert of_the_rule
        assert of_the_rule <= SEVERITIES[rule]
        assert stopping(found) - BESIDE.get(rule, set()) <= {rule}


@pytest.mark.parametrize("rule", SEVERITIES)
def test_what_the_edits_leave_is_what_a_person_does(rule: str) -> None:
    before = evidence(EXAMPLES / rule / "failing")
    planned = repairs(before, check)
    files = Overlay(Checkout(EXAMPLES / rule / "failing"), {each.file: each.after for each in planned.files})
    after = dataclasses.replace(before, files=files)
    made = stopping(planned.made)
    assert made == ({rule} if rule in EDITED else set())
    assert stopping(check(after)) == stopping(check(before)) - made
    assert repairs(after, check).files == ()


def stopping(found: Iterable[Finding]) -> set[str]:
    return {finding.rule for finding in found if finding.severity is not Severity.NOTICE}
