"""Which refs an environment must admit, so that a release still runs. Facts in, rules out; no I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.refs import refs_of
from pypi_setup.preflight.syntax import patterns
from pypi_setup.sources.github import Pattern
from pypi_setup.writing.workflow import PROOF_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.refs import Refs

_ANY_TAG = Pattern("tag", "*")
_PLAIN = r"[^*?+\[\]!\\]*"
_SAME = re.compile(rf"{_PLAIN}\*?")
"""A filter of `on` that means the same as a deployment rule."""

_BEGINNING = re.compile(rf"{_PLAIN}(?:\[0-9\](?!\?))?")
"""The part of a filter that can begin a deployment rule."""


def of_tags(prefix: str) -> tuple[Pattern, ...]:
    """Return the rules that admit the version tags with this prefix, and PROOF_TAG."""
    return with_proof((Pattern("tag", f"{prefix}*" if prefix else "[0-9]*"),))


def with_proof(rules: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """Return the rules with one for PROOF_TAG, unless one admits it already; no rules admit every ref."""
    tag = patterns.of_rule(PROOF_TAG)
    known = (patterns.of_rule(each.name) for each in rules if each.kind == "tag")
    if not rules or any(patterns.overlap(each, tag) for each in known):
        return rules
    return (*rules, Pattern("tag", PROOF_TAG))


def of_jobs(evidence: Evidence, default_branch: str, prefix: str | None) -> tuple[Pattern, ...]:
    """Return the rules that admit the refs on which the workflow publishes today; none where all must be.

    `default_branch` is empty where it is not known, and `prefix`, of the version tags, None. Where a tag
    makes a release, a start by hand needs no branch.
    """
    refs: list[Refs] = []
    for publication in evidence.publications:
        if publication.runs is not False:
            found = list(refs_of(publication, evidence.repository, default_branch))
            if not found:
                return ()  # An event whose refs are not known.
            refs += found
    if any(each.release for each in refs):
        refs = [each for each in refs if each.event != "workflow_dispatch"]
    rules = [_rules(each, default_branch, prefix) for each in refs]
    return tuple(dict.fromkeys(rule for each in rules for rule in each)) if all(rules) else ()


def _rules(refs: Refs, default_branch: str, prefix: str | None) -> Iterable[Pattern]:
    """Return the rules that admit these refs; none where that takes more than rules can say."""
    if refs.kind == "tag":
        if refs.texts:
            return [Pattern("tag", _widened(each)) for each in refs.texts]
        return [_ANY_TAG] if prefix is None else [Pattern("tag", f"{prefix}*" if prefix else "[0-9]*")]
    names = refs.texts
    if refs.event == "workflow_dispatch" and default_branch:
        names = (default_branch,)
    return [Pattern("branch", each) for each in names] if all(map(_SAME.fullmatch, names)) else []


def _widened(text: str) -> str:
    """Return the rule for a filter of tags: the same, or what it begins with."""
    beginning = _BEGINNING.match(text)
    return text if _SAME.fullmatch(text) or not beginning else f"{beginning[0]}*"
