from __future__ import annotations

import pytest

from pypi_setup.render.terminal import text
from pypi_setup.values import report as reports
from pypi_setup.values.chain import Link
from pypi_setup.values.comparison import Row, Verdict
from pypi_setup.values.discovered import Discovered
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("one", "octo-org", "sample-repo", "release.yml", "")
MANUAL = reports.told(Status.MANUAL, PUBLISHER, INDEX, exists=True, holes={"no_token": "No token."})


def test_the_verdict_comes_first() -> None:
    lines = text(MANUAL).splitlines()
    assert lines[0] == "→ One step left: register the publisher of one on pypi.example.org in your browser."
    assert lines[1] == "  Why:  No token."
    assert lines[2].startswith("  Next: Open the link")
    assert lines[3] == f"  Link: {MANUAL.fallback_url}"


def test_an_empty_value_is_left_empty() -> None:
    assert "  Environment name\n    (leave empty)\n" in text(MANUAL)


def test_a_dry_run_shows_the_payload_and_asks_for_nothing() -> None:
    shown = text(reports.told(Status.DRY_RUN, PUBLISHER, INDEX))
    assert '\nPayload\n  {"name": "one", "owner": "octo-org", ' in shown
    assert "Copy into the form" not in shown


def test_problems() -> None:
    problems = (Problem("owner", "a\x1bb", "rule", "fix"), Problem("repo", "", "other rule", "other fix"))
    shown = text(reports.refused(problems, INDEX))
    assert (
        "  owner: 'a\\\\x1bb'\n    rule\n    Fix: fix\n  repo\n    other rule\n    Fix: other fix\n" in shown
    )


def test_a_finding_shows_its_line() -> None:
    finding = Finding(
        "rule-name", Severity.ERROR, "It is wrong", "a: 1\nb: 2", "a.yml", 3, quote="  id: x \n"
    )
    shown = text(MANUAL._replace(findings=(finding,)))
    assert (
        "Findings\n  error  a.yml:3  rule-name\n    |   id: x\n    It is wrong\n    Fix: a: 1\n    b: 2\n"
        "    https://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md#rule-name\n"
    ) in shown


def test_a_finding_about_nothing() -> None:
    shown = text(MANUAL._replace(findings=(Finding("rule-name", Severity.NOTICE, "m", "f"),)))
    assert "Findings\n  notice  rule-name\n    m\n    Fix: f\n" in shown


def test_everything_else() -> None:
    report = MANUAL._replace(
        discovered=(
            Discovered("owner", "octo-org", "git remote origin"),
            Discovered("environment", "", "x.yml"),
        ),
        rows=(
            Row("repository", "a", "b", Verdict.DIFFERS, "It differs.", "Fix it."),
            Row("environment", "pypi", "pypi", Verdict.OK),
        ),
        chain=(Link("trigger", "release", "holds"), Link("project", "one", "unknown")),
        response="two\nlines",
        diff="--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n\n",
        paste="jobs:\n  publish:\n",
    )
    shown = text(report)
    for block in (
        "Detected\n  owner: octo-org (from git remote origin)\n  environment: (none) (from x.yml)\n",
        "The job's claims\n  ✗ repository: expected a, got b\n    It differs.\n    Fix it.\n"
        "  ✓ environment: expected pypi, got pypi\n",
        "Publishing chain\n  ✓ trigger: release\n  ? project: one\n",
        "pypi.example.org said\n  | two\n  | lines\n",
        "Edits\n  --- a\n  +++ b\n  @@ -1 +1 @@\n  -old\n  +new\n   same\n",
        "Paste\n  jobs:\n    publish:\n",
    ):
        assert block in shown


@pytest.mark.parametrize(
    ("mark", "shows"),
    [
        (Mark.DONE, "\x1b[32m✓\x1b[0m "),
        (Mark.TURN, "\x1b[36m→\x1b[0m "),
        (Mark.BROKEN, "\x1b[31m✗\x1b[0m "),
        (Mark.UNKNOWN, "\x1b[33m?\x1b[0m "),
    ],
)
def test_colours(mark: Mark, shows: str) -> None:
    report = MANUAL._replace(
        mark=mark,
        findings=tuple(Finding(kind.value, kind, "m", "f") for kind in Severity),
        diff="-old\n+new\n@@\n same\n",
    )
    shown = text(report, colour=True)
    assert shown.startswith(shows)
    for kind, code in (("error", 31), ("warning", 33), ("notice", 36)):
        assert f"  \x1b[{code}m{kind}\x1b[0m  {kind}\n" in shown
    assert "  \x1b[31m-old\x1b[0m\n  \x1b[32m+new\x1b[0m\n  \x1b[36m@@\x1b[0m\n   same\n" in shown


def test_several_projects() -> None:
    second = reports.told(Status.DRY_RUN, PUBLISHER._replace(project="second"), INDEX)
    shown = text(reports.combined([MANUAL, second, reports.crashed(RuntimeError(), INDEX)]))
    assert shown.count("        Owner: octo-org\n") == 2
    assert shown.count("        Environment name: (leave empty)\n") == 2
    assert "\n✗ pypi-setup itself failed: RuntimeError." in shown


def test_several_projects_show_what_is_of_all_of_them() -> None:
    report = reports.combined([MANUAL, MANUAL])._replace(
        discovered=(Discovered("owner", "octo-org", "git remote origin"),),
        diff="-old\n+new\n",
        rows=(Row("repository", "a", "b", Verdict.DIFFERS, "It differs.", "Fix it."),),
        notes=("A note.",),
    )
    shown = text(report)
    for block in (
        "Detected\n  owner: octo-org (from git remote origin)\n",
        "Edits\n  -old\n  +new\n",
        "The job's claims\n  ✗ repository: expected a, got b\n",
        "Good to know\n  - A note.\n",
    ):
        assert block in shown
