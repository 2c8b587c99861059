"""Rules on the repository as GitHub knows it: its name, its environment, that environment's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.refs import refs_of
from pypi_setup.preflight.syntax import patterns
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.refs import Refs
    from pypi_setup.sources.github import Policy

COMPARISONS_LIMIT = 500
"""Pairs of patterns that are compared; where there are more, nothing is said."""

_SHOWN_LIMIT = 5
_A_RELEASE = (patterns.of_filter("**[0-9]**"),)
"""What tags of releases look like, where no filter says it."""


def repository_spelling(evidence: Evidence) -> Iterator[Finding]:
    """Find owner or repository spelled otherwise than GitHub spells them."""
    known = evidence.github.repository if evidence.github else None
    if known and known.known and not known.moved and known.full_name != evidence.repository:
        message = (
            f"GitHub spells the repository {known.full_name}, not {evidence.repository}. PyPI minds the "
            f"difference, and will answer {MISMATCH}."
        )
        owner, _, name = known.full_name.partition("/")
        fix = f"Register owner {owner}, repository {name}."
        yield Finding("repository-spelling", Severity.ERROR, message, fix)


def repository_moved(evidence: Evidence) -> Iterator[Finding]:
    """Find a repository that bears another name now."""
    known = evidence.github.repository if evidence.github else None
    if known and known.moved:
        message = (
            f"{evidence.repository} is now {known.full_name}. Workflows run under the new name, so PyPI "
            f"will answer {MISMATCH}."
        )
        owner, _, name = known.full_name.partition("/")
        fix = (
            f"Register owner {owner}, repository {name}, and update your clone: "
            f"git remote set-url origin https://github.com/{known.full_name}"
        )
        yield Finding("repository-moved", Severity.ERROR, message, fix)


def repository_unknown(evidence: Evidence) -> Iterator[Finding]:
    """Find a repository that GitHub does not know or does not show."""
    known = evidence.github.repository if evidence.github else None
    if known is not None and known.known is False:
        message = (
            f"GitHub shows no repository {evidence.repository}, or not to this token. Its spelling and "
            "environments were not checked."
        )
        fix = "Check owner and repository. A private one needs a github-token that may read it."
        yield Finding("repository-unknown", Severity.NOTICE, message, fix)


def environment_not_found(evidence: Evidence) -> Iterator[Finding]:
    """Find an environment that is not there yet."""
    github, name = evidence.github, evidence.publisher.environment
    if github is None or not name or not github.repository.known:
        return
    found = github.environment(name)
    settings = f"https://github.com/{github.repository.full_name}/settings/environments"
    if found.exists is False:
        names = ", ".join(one_line(each, 80) for each in found.names[:_SHOWN_LIMIT])
        message = (
            f"There is no environment '{name}'{f' (there is {names})' if names else ''}. GitHub will create "
            "it without protection."
        )
        fix = f"Create it with rules: {settings}"
        yield Finding("environment-not-found", Severity.WARNING, message, fix)


# ---------------------------------------------------------------- deployment rules


def environment_policy(evidence: Evidence) -> Iterator[Finding]:
    """Find deployment rules that refuse the refs which start the job."""
    github, name = evidence.github, evidence.publisher.environment
    if github is None or not name or not github.repository.known:
        return
    environment = github.environment(name)
    settings = f"https://github.com/{github.repository.full_name}/settings/environments"
    if environment.policy is None:
        return
    starts = list(
        dict.fromkeys(
            refs
            for each in evidence.publications
            for refs in refs_of(each, evidence.repository, github.repository.default_branch)
        )
    )
    if len(starts) * len(environment.policy.patterns) > COMPARISONS_LIMIT:
        return
    refused = [refs for refs in starts if not _permits(environment.policy, refs)]
    for refs in refused:
        if refs.release or len(refused) == len(starts):
            kinds = "tags" if refs.kind == "tag" else "branches"
            message = (
                f"The environment '{name}' admits only {_shown(environment.policy)}, and {refs.event} "
                f'starts the publishing job on other {kinds}. GitHub will stop it: "… is not allowed to '
                f'deploy to {name} due to environment protection rules".'
            )
            word = "Tag" if refs.kind == "tag" else "Branch"
            fix = f"Add a rule of the kind {word}: {settings}"
            yield Finding("environment-policy", Severity.WARNING, message, fix, refs.file, refs.line)


def _shown(policy: Policy) -> str:
    if policy.protected_branches:
        return "protected branches"
    names = [f"{each.kind} {one_line(each.name, 60)}" for each in policy.patterns[:_SHOWN_LIMIT]]
    more = len(policy.patterns) - len(names)
    return (", ".join(names) or "nothing") + (f" and {more} more" if more else "")


def _permits(policy: Policy, refs: Refs) -> bool:
    """Tell whether the rules let one of the refs deploy; False is certain."""
    if policy.protected_branches:
        return refs.kind == "branch"  # Which branches are protected cannot be seen.
    # A rule of one kind never admits the other; an older server does not say which kind a rule is of.
    kinds = {refs.kind, ""}
    rules = [(each.kind, patterns.of_rule(each.name)) for each in policy.patterns if each.kind in kinds]
    if not refs.names and refs.kind == "branch":
        return bool(rules)
    return any(
        not refs.names or any(patterns.overlap(rule, name) for name in refs.names or _A_RELEASE)
        for kind, rule in rules
    )
