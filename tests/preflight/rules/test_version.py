"""What GitHub is asked about the actions that upload."""

from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules.version import action_reference
from pypi_setup.values import index, publisher

WORKFLOW = """
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@some-branch
      - uses: USES
"""


class Asked:
    """GitHub, which knows commits by their refs."""

    def __init__(self, known: dict[str, bool | None]) -> None:
        self.known = known
        self.asked: list[tuple[str, str]] = []

    def has_commit(self, repository: str, ref: str) -> bool | None:
        self.asked.append((repository, ref))
        return self.known[ref]


class Held:
    """One workflow in memory."""

    def __init__(self, uses: str) -> None:
        self.text = WORKFLOW.replace("USES", uses)

    def read(self, path: str) -> bytes | None:
        return self.text.encode() if path == ".github/workflows/release.yml" else None

    def names(self, folder: str) -> list[str]:
        return ["release.yml"] if folder == ".github/workflows" else []


def found(uses: str, github: Any) -> list[tuple[str, str]]:
    one = publisher.parse("sample", "octo-org", "sample", "release.yml", "")
    evidence = Evidence((one,), index.parse("pypi"), Held(uses), github=github)
    return [(finding.message, finding.fix) for finding in action_reference(evidence)]


@pytest.mark.parametrize("known", [True, None])
def test_a_ref_that_github_knows_or_does_not_speak_of(known: bool | None) -> None:
    github = Asked({"main": known})
    assert found("pypa/gh-action-pypi-publish@main", github) == []
    assert github.asked == [("pypa/gh-action-pypi-publish", "main")]


def test_a_ref_that_github_does_not_know() -> None:
    sha = "f7600653596e4cd83f0ea59b8070d4a8676c49a0"
    ((message, fix),) = found(f"pypa/gh-action-pypi-publish@{sha}", Asked({sha: False}))
    assert message == (
        f"pypa/gh-action-pypi-publish@{sha} cannot run: GitHub knows no such commit, branch or tag there. "
        f'GitHub stops the job: "Unable to resolve action '
        f'`pypa/gh-action-pypi-publish@{sha}`, unable to find version `{sha}`".'
    )
    assert fix == "      - uses: pypa/gh-action-pypi-publish@release/v1"


def test_github_is_not_asked_for_what_the_table_knows() -> None:
    github = Asked({})
    commit = "cef221092ed1bacb1cc03d23a2d87d1d172e277b"
    for ref in ("release/v1", "v1.14.0", commit, "v1"):
        found(f"pypa/gh-action-pypi-publish@{ref}", github)
    assert github.asked == []
