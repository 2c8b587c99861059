from __future__ import annotations

import pytest

from pypi_setup.preflight.chain import RULES_OF, links
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules import RULES
from pypi_setup.sources.lookup import Project, Published
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.values.chain import BROKEN, HOLDS, UNKNOWN, Link
from pypi_setup.values.finding import Finding, Severity

FILE = ".github/workflows/release.yml"
WORKFLOW = """\
on: {release: {types: [published]}, workflow_dispatch: }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/upload-artifact@v5
        with: {path: dist/}
  publish:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v6
        with: {name: artifact, path: dist/}
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


class Held:
    """One workflow in memory."""

    def read(self, path: str) -> bytes | None:
        return WORKFLOW.encode() if path == FILE else None

    def names(self, folder: str) -> list[str]:
        return ["release.yml"] if folder == ".github/workflows" else []


def evidence(*names: str, environment: str = "pypi", **projects: Project) -> Evidence:
    found = [publishers.parse(name, "octo-org", "sample", "release.yml", environment) for name in names]
    return Evidence(tuple(found), indexes.parse("pypi"), Held(), projects=projects)


ATTESTED = Project(exists=True, published=Published("sample-1.whl", "octo-org/sample", "release.yml", "pypi"))


def test_a_chain_that_holds() -> None:
    assert links(evidence("one", one=ATTESTED), []) == (
        Link("event", "release, workflow_dispatch", HOLDS),
        Link("job", "publish", HOLDS),
        Link("files", "dist", HOLDS),
        Link("tool", "pypa/gh-action-pypi-publish", HOLDS),
        Link("identity", "release.yml, pypi", HOLDS),
        Link("publisher", "octo-org/sample", HOLDS),
        Link("project", "one", HOLDS),
    )


def test_where_nothing_publishes_and_nothing_is_wrong_there_is_no_chain() -> None:
    blind = Evidence(evidence("one").publishers, indexes.parse("pypi"))
    assert links(blind, []) == ()
    assert links(blind, [Finding("repository-unknown", Severity.NOTICE, "", "")]) == ()


def test_what_was_not_seen_is_unknown() -> None:
    blind = Evidence(
        evidence("one", "two", "three", "four", environment="").publishers, indexes.parse("pypi")
    )
    assert links(blind, [Finding("project-status", Severity.ERROR, "", "")]) == (
        Link("event", "none found", UNKNOWN),
        Link("job", "none found", UNKNOWN),
        Link("files", "none found", UNKNOWN),
        Link("tool", "none found", UNKNOWN),
        Link("identity", "release.yml, any environment", UNKNOWN),
        Link("publisher", "octo-org/sample", UNKNOWN),
        Link("project", "one, two, three and 1 more", BROKEN),
    )


def test_a_new_project_is_not_there_yet() -> None:
    states = {link.name: link.state for link in links(evidence("one", one=Project(exists=False)), [])}
    assert (states["publisher"], states["project"]) == (UNKNOWN, UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("never-triggered", "event"),
        ("id-token-missing", "job"),
        ("artifact-hand-over", "files"),
        ("tool-outdated", "tool"),
        ("environment-policy", "identity"),
        ("published-by-other", "publisher"),
        ("project-name-mismatch", "project"),
    ],
)
def test_an_error_breaks_its_link_and_any_other_finding_leaves_it_unknown(rule: str, name: str) -> None:
    seen = evidence("one", one=ATTESTED)
    for severity, state in (
        (Severity.ERROR, BROKEN),
        (Severity.WARNING, UNKNOWN),
        (Severity.NOTICE, UNKNOWN),
    ):
        found = links(seen, [Finding(rule, severity, "", "")])
        assert [link.name for link in found if link.state == state] == [name]
        assert [link.state for link in found if link.name != name] == [HOLDS] * 6


def test_the_rules_of_the_links_exist_and_errors_are_in_one() -> None:
    shown = {rule for rules in RULES_OF.values() for rule in rules}
    assert shown <= {rule.name for rule in RULES}
    assert {rule.name for rule in RULES if Severity.ERROR in rule.severities} <= shown
