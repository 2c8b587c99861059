"""Rules on the repository as GitHub knows it: its name, its environment, that environment's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.syntax import patterns
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Partial, beginning
from pypi_setup.preflight.workflow import triggers
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.workflow.model import Event
    from pypi_setup.sources.github import GitHub, Policy

COMPARISONS_LIMIT = 500
"""Pairs of patterns that are compared; where there are more, nothing is said."""

_SHOWN_LIMIT = 5
_A_RELEASE = (patterns.of_filter("**[0-9]**"),)
"""What tags of releases look like, where no filter says it."""

_ON_DEFAULT_BRANCH = frozenset({"repository_dispatch", "schedule", "workflow_run"})


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


class _Refs(NamedTuple):
    """The branches or the tags on which one event starts a publishing job."""

    event: str
    file: str
    line: int
    kind: str
    """`branch` or `tag`."""

    names: tuple[patterns.Pattern, ...]
    """Empty for any."""

    release: bool
    """Whether this is how a release is made: by a tag."""


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
        dict.fromkeys(refs for each in evidence.publications for refs in _refs(each, evidence, github))
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


def _permits(policy: Policy, refs: _Refs) -> bool:
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


def _refs(publication: Publication, evidence: Evidence, github: GitHub) -> Iterator[_Refs]:
    """Give the refs on which the event of a publication starts its job; nothing where they are unknown."""
    root, name = publication.situation.root, publication.situation.event
    event = root.on.get(name)
    if event is None or publication.runs is False:
        return
    for kind, names in _of_event(event, github.repository.default_branch):
        if _runs_on(kind, publication, evidence):
            by_tag = kind == "tag" and (name == "release" or bool(names))
            yield _Refs(name, root.file, event.line, kind, names, by_tag)


def _of_event(event: Event, default_branch: str) -> Iterator[tuple[str, tuple[patterns.Pattern, ...]]]:
    """Give the kinds of refs that an event sets, each with the patterns of their names (none: any name)."""
    if event.name == "push":
        branches = event.branches is not None or event.branches_ignore is not None
        tags = event.tags is not None or event.tags_ignore is not None
        if branches or not tags:
            yield "branch", _filter(event.branches)
        if tags or not branches:
            yield "tag", _filter(event.tags)
    elif event.name == "release":
        yield "tag", ()
    elif event.name == "workflow_dispatch":
        yield "branch", ()
        yield "tag", ()
    elif event.name in _ON_DEFAULT_BRANCH:
        yield "branch", (patterns.of_rule(default_branch),) if default_branch else ()


def _filter(names: tuple[Scalar, ...] | None) -> tuple[patterns.Pattern, ...]:
    return tuple(patterns.of_filter(each.text) for each in names or () if not each.text.startswith("!"))


def _runs_on(kind: str, publication: Publication, evidence: Evidence) -> bool:
    """Tell whether the conditions let the job run on this kind of ref; False is certain."""
    situation = publication.situation
    if situation.placed.callers:
        return True
    known = triggers.contexts(situation.root, situation.event, repository=evidence.repository)
    ref = beginning("refs/tags/" if kind == "tag" else "refs/heads/")
    known["github"] = Partial({**known["github"], "ref": ref, "ref_type": kind, "ref_name": UNKNOWN})
    return triggers.runs(situation.root, situation.job, None, known) is not False
