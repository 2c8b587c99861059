"""The failing and the passing repository that docs/checks.md shows for a rule are what it says they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.sources.files import Checkout
from pypi_setup.values import index, publisher
from pypi_setup.values.finding import Severity

DOCUMENT = Path(__file__).parents[3] / "docs" / "checks.md"
MARK = re.compile(r"<!-- (failing|passing): ([a-z-]+) -->\s*")
DOCUMENTED = frozenset(
    {
        *(
            "started-by-github-token",
            "job-skipped",
            "action-reference",
            "tool-outdated",
            "artifact-hand-over",
        ),
        *("version-refused", "version-exists", "wheel-tag-refused", "metadata-refused"),
    }
)


def documented() -> dict[tuple[str, str], dict[str, str]]:
    """Return the files that stand behind each mark, by state and rule, each by its path."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    files: dict[str, str] | None = None
    for token in MarkdownIt("commonmark").parse(DOCUMENT.read_text(encoding="utf-8")):
        if mark := MARK.fullmatch(token.content) if token.type == "html_block" else None:
            files = found.setdefault((mark[2], mark[1]), {})
        elif token.type == "fence" and files is not None:
            path = token.content.partition("\n")[0].removeprefix("# ")
            files[path] = token.content
        elif token.type in {"inline", "heading_open"}:
            files = None
    return found


FOUND = documented()


def test_each_of_these_rules_has_both() -> None:
    assert {rule for rule, _ in FOUND} == DOCUMENTED
    assert len(FOUND) == 2 * len(DOCUMENTED)


@pytest.mark.parametrize(("rule", "state"), FOUND)
def test_a_documented_repository_fails_or_passes(rule: str, state: str, tmp_path: Path) -> None:
    for path, text in FOUND[rule, state].items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    registered = publisher.parse("sample-project", "octo-org", "sample", "release.yml", "pypi")
    found = preflight.check(Evidence((registered,), index.parse("pypi"), Checkout(tmp_path)))
    told = {finding.rule for finding in found if finding.severity is not Severity.NOTICE}
    assert told == ({rule} if state == "failing" else set())
