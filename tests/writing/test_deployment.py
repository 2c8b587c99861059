from __future__ import annotations

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.sources.github import Pattern
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.writing.deployment import of_jobs, of_tags, with_proof
from pypi_setup.writing.workflow import PROOF_TAG

FILE = "release.yml"
V = Pattern("tag", "v*")
MAIN = Pattern("branch", "main")


class Held:
    """One workflow in memory."""

    def __init__(self, on: str, condition: str) -> None:
        self.text = (
            f"on: {on}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n{condition}"
            "    permissions: {id-token: write}\n    steps:\n"
            "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
        )

    def read(self, path: str) -> bytes | None:
        return self.text.encode() if path == f".github/workflows/{FILE}" else None

    def names(self, folder: str) -> list[str]:
        return [FILE] if folder == ".github/workflows" else []


def rules(
    on: str, *, condition: str = "", branch: str = "main", prefix: str | None = "v"
) -> tuple[Pattern, ...]:
    publisher = publishers.parse("sample", "octo-org", "sample", FILE, "pypi")
    seen = Evidence((publisher,), indexes.parse("pypi"), Held(on, condition))
    return of_jobs(seen, branch, prefix)


def test_the_rules_of_version_tags_admit_the_proof() -> None:
    assert of_tags("v") == (V,)
    assert of_tags("") == (Pattern("tag", "[0-9]*"), Pattern("tag", PROOF_TAG))
    assert of_tags("core-v") == (Pattern("tag", "core-v*"), Pattern("tag", PROOF_TAG))
    assert with_proof((MAIN,)) == (MAIN, Pattern("tag", PROOF_TAG))
    assert with_proof(()) == ()


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("v*", "v*"),
        ("release-1.0", "release-1.0"),
        ("v[0-9]+.[0-9]+", "v[0-9]*"),
        ("[0-9]*", "[0-9]*"),
        ("[0-9]?.*", "*"),
        ("sample/v**", "sample/v*"),
        ("**", "*"),
        ("v?.*", "v*"),
    ],
)
def test_tags_are_admitted_as_the_filter_has_them_or_wider(written: str, rule: str) -> None:
    assert rules(f"{{push: {{tags: ['{written}', '!v0*']}}}}") == (Pattern("tag", rule),)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("release", (V,)),
        ("{push: {tags: ['v*']}, workflow_dispatch: }", (V,)),
        ("{push: {branches: [main, 'release-*']}}", (MAIN, Pattern("branch", "release-*"))),
        ("{push: {branches: [main], tags: ['v*']}}", (MAIN, V)),
        ("schedule", (MAIN,)),
        ("workflow_dispatch", (MAIN, V)),
        ("push", ()),
        ("{push: {branches-ignore: [dev]}}", ()),
        ("{push: {branches: ['releases/**']}}", ()),
        ("pull_request", ()),
        ("{push: {tags: ['v*']}, pull_request: }", ()),
    ],
)
def test_what_publishes_today_is_admitted(on: str, expected: tuple[Pattern, ...]) -> None:
    assert rules(on) == expected


def test_a_condition_keeps_branches_out() -> None:
    condition = "    if: startsWith(github.ref, 'refs/tags/')\n"
    assert rules("push", condition=condition) == (V,)
    assert rules("push", condition=condition, prefix=None) == (Pattern("tag", "*"),)
    assert rules("push", condition=condition, prefix="") == (Pattern("tag", "[0-9]*"),)
    assert rules("push", condition="    if: false\n") == ()


@pytest.mark.parametrize("on", ["schedule", "workflow_dispatch"])
def test_without_the_default_branch_nothing_is_kept_out(on: str) -> None:
    assert rules(on, branch="") == ()
