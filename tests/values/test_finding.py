from __future__ import annotations

from pypi_setup.values.finding import Finding, Severity


def test_a_finding_leads_to_its_section_in_the_docs() -> None:
    finding = Finding("id-token-missing", Severity.ERROR, "message", "fix")
    assert finding.url == "https://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md#id-token-missing"


def test_severities_are_ordered_from_worst() -> None:
    assert [severity.value for severity in Severity] == ["error", "warning", "notice"]
