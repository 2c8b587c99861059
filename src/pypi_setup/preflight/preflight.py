"""The check itself: every rule, over one evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.rules import DISTRIBUTION_RULES, RULES
from pypi_setup.values.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.rules import Rule

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}


def check(evidence: Evidence) -> tuple[Finding, ...]:
    """Return what the rules find, without repetitions: errors first, then by file and line. Never raises."""
    rules = (*RULES, *DISTRIBUTION_RULES) if evidence.built else RULES
    findings = dict.fromkeys(finding for rule in rules for finding in _found(rule, evidence))
    return tuple(sorted(findings, key=_place))


def _found(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    try:
        yield from rule.find(evidence)
    except Exception as bug:  # noqa: BLE001 - a slip in one rule must not cost the others, nor the registration
        message = f"This check could not be made, because of a bug in it: {type(bug).__name__}."
        yield Finding(rule.name, Severity.NOTICE, message, "Please report it, with the workflow file.")


def _place(finding: Finding) -> tuple[int, str, int]:
    return _ORDER[finding.severity], finding.file or "", finding.line or 0
