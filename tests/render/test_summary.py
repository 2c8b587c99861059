from __future__ import annotations

from pypi_setup.render.summary import SIZE_LIMIT, summary
from pypi_setup.values import report as reports
from pypi_setup.values.comparison import Row, Verdict
from pypi_setup.values.discovered import Discovered
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.statuses import Status

INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("one", "octo-org", "sample-repo", "release.yml", "pypi")
MANUAL = reports.told(Status.MANUAL, PUBLISHER, INDEX, exists=True, holes={"no_token": "No token."})


def test_the_order_of_the_parts() -> None:
    finding = Finding("rule-name", Severity.ERROR, "It is wrong", "Fix it", "a.yml", 3)
    markdown = summary(MANUAL._replace(findings=(finding,), response="its words"))
    places = [
        markdown.index(part)
        for part in (
            "## ➡️ One step left",
            "**Next: [Register the publisher on pypi.example.org](https://pypi.example.org/manage/project/one/",
            "**Why:** No token.",
            "### Errors",
            "🔴 error",
            "<code>a.yml</code> line 3",
            "It is wrong",
            "Fix: Fix it",
            "[rule-name](https://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md#rule-name)",
            "### Publisher",
            "<details><summary>pypi.example.org said</summary>",
            "<details><summary>Good to know</summary>",
        )
    ]
    assert places == sorted(places)


def test_a_finding_about_a_file_or_about_nothing() -> None:
    findings = (
        Finding("a", Severity.WARNING, "m", "f", "a.yml"),
        Finding("b", Severity.NOTICE, "m", "Write this:\npermissions:\n  id-token: write"),
        Finding("c", Severity.NOTICE, "m", "permissions:\n  id-token: write\nmore"),
        Finding("d", Severity.NOTICE, "m", "on: push\njobs: {}"),
    )
    markdown = summary(MANUAL._replace(findings=findings))
    assert (
        "<td>\n\n🟡 warning\n\n</td><td>\n\n<code>a.yml</code>\n\n</td><td>\n\nm\n\nFix: f\n\n[a]" in markdown
    )
    assert "Fix: Write this:\n\n```yaml\npermissions:\n  id-token: write\n```" in markdown
    assert "Fix:\n\n```yaml\non: push\njobs: {}\n```" in markdown


def test_a_hundred_findings_are_enough() -> None:
    findings = tuple(Finding(f"rule-{number}", Severity.NOTICE, "m", "f") for number in range(103))
    markdown = summary(MANUAL._replace(findings=findings))
    assert markdown.count("🔵 notice") == 100
    assert "… and 3 more: the output `findings` has all." in markdown


def test_what_was_discovered_is_said() -> None:
    discovered = (Discovered("owner", "octo-org", "git remote origin"),)
    markdown = summary(MANUAL._replace(discovered=discovered))
    assert "Detected: owner: octo-org (from git remote origin)." in markdown


def test_bad_input_is_not_said_to_be_mended_on_the_index() -> None:
    markdown = summary(reports.refused((Problem("owner", "x", "rule", "fix"),), INDEX))
    link = "https://pypi.example.org/manage/account/publishing/"
    assert f"**Next: [Your publishers on pypi.example.org]({link})**" in markdown
    assert "Correct what is listed, then run again." in markdown


def test_the_claims_are_a_table() -> None:
    rows = (
        Row("repository", "octo-org/sample-repo", "octo-org/other", Verdict.DIFFERS, "it differs", "fix it"),
        Row("environment", "pypi", "pypi", Verdict.OK),
    )
    markdown = summary(MANUAL._replace(rows=rows))
    assert "| ❌ | repository | octo-org/sample-repo | octo-org/other | it differs; fix it |" in markdown
    assert "| ✅ | environment | pypi | pypi |  |" in markdown


def test_yaml_to_paste() -> None:
    assert "```yaml\njobs:\n  publish:\n```" in summary(MANUAL._replace(paste="jobs:\n  publish:\n"))


def test_a_summary_is_never_longer_than_github_takes() -> None:
    findings = tuple(Finding(f"r{n}", Severity.ERROR, "é" * 4000, "ü" * 4000, "ö" * 4000) for n in range(100))
    many = reports.combined([MANUAL._replace(findings=findings)] * 2)._replace(results=(MANUAL,) * 3000)
    markdown = summary(many)
    assert len(markdown.encode()) <= SIZE_LIMIT
    assert markdown.endswith("This summary is cut: the log of the step has the rest.\n")


def test_a_report_without_a_publisher() -> None:
    markdown = summary(reports.crashed(RuntimeError(), INDEX))
    assert markdown.startswith("## ❌ pypi-setup itself failed: RuntimeError.")
    assert "### Publisher" not in markdown
    assert "### ❌ \n" in summary(reports.combined([MANUAL, reports.crashed(RuntimeError(), INDEX)]))
