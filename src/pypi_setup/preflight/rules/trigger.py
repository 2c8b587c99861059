"""Rules on what starts the publishing step, and on other workflows that publish."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.values import Lifetime
from pypi_setup.preflight.rules import release_please
from pypi_setup.preflight.rules.event import skipping
from pypi_setup.preflight.workflow.situations import kind_of_ref
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.publisher import normalized
from pypi_setup.values.quoted import FROM_FORKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication

_NOT_RELEASES = frozenset(
    {
        *("branch_protection_rule", "delete", "discussion", "discussion_comment", "fork", "gollum", "issues"),
        *("label", "public", "pull_request", "pull_request_review", "pull_request_review_comment", "watch"),
    }
)
"""Events that come to pass without a release being made."""

_RELEASE_TYPES = frozenset({"created", "prereleased", "published", "released"})
_ON_TAGS = 'on:\n  push:\n    tags: ["v*"]'


def pull_request_target(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing steps that the event starts which PyPI refuses."""
    for possible in _by_upload(evidence):
        events = {each.situation.event for each in possible}
        for each in possible:
            if each.situation.event != "pull_request_target":
                continue
            alone = events == {"pull_request_target"}
            which = "Only pull_request_target starts" if alone else "pull_request_target, too, starts"
            message = f"{which} the upload in the job '{each.name}'. PyPI refuses it: \"{FROM_FORKS}\""
            severity = Severity.ERROR if alone else Severity.WARNING
            fix = f"Publish on a tag or a release:\n{_ON_TAGS}"
            yield Finding("pull-request-target", severity, message, fix, *_place(each))


def fork_pull_request(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing steps that a pull request can start."""
    for possible in _by_upload(evidence):
        for each in possible:
            if each.situation.event != "pull_request" or each.runs is False:
                continue
            certain = each.runs is True
            message = (
                f"Pull requests {'run' if certain else 'may run'} the upload in the job '{each.name}'. From "
                "a fork it fails, without an OIDC token; from a branch it publishes what nobody merged."
            )
            fix = f"In the job '{each.name}':\n    if: startsWith(github.ref, 'refs/tags/')"
            severity = Severity.WARNING if certain else Severity.NOTICE
            yield Finding("fork-pull-request", severity, message, fix, *_place(each))


def never_triggered(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing steps that nothing starts which a release does."""
    for possible in _by_upload(evidence):
        if any(_is_release(each) for each in possible):
            yield from _other_tags(evidence, possible)
            continue
        if any(skipping(evidence, each) for each in possible):
            continue  # See job-skipped.
        each = possible[0]
        events = dict.fromkeys(one.situation.event for one in possible if one.runs is not False)
        if not each.situation.event:
            yield from _nobody_calls(evidence)
            continue
        found = (
            f"Only {', '.join(map(one_line, events))} does"
            if events
            else "Events and conditions exclude each other"
        )
        message = f"No release starts the upload in the job '{each.name}'. {found}."
        fix = f"Start it by a release, and let the conditions agree:\n{_ON_TAGS}"
        yield Finding("never-triggered", Severity.WARNING, message, fix, each.file, each.job.line)


def _other_tags(evidence: Evidence, possible: list[Publication]) -> Iterator[Finding]:
    """Find releases that start nothing: of drafts, or with tags that are not waited for."""
    releases = [each for each in possible if _is_release(each)]
    for each in releases:
        trigger = each.situation.root.on[each.situation.event]
        if each.situation.event == "release" and {one.text for one in trigger.types or ()} == {"created"}:
            message = (
                "Only 'created' starts this workflow. GitHub does not send it when a draft is published."
            )
            fix = "Start it by the published release:\non:\n  release:\n    types: [published]"
            yield Finding("never-triggered", Severity.WARNING, message, fix, *_place(each))
            return
    if all(each.situation.event == "push" and _waits_for_tags(each) for each in releases):
        yield from release_please.unmatched(evidence, releases[0])


def _waits_for_tags(publication: Publication) -> bool:
    return kind_of_ref(publication.situation.contexts) == "tag"


def _nobody_calls(evidence: Evidence) -> Iterator[Finding]:
    if evidence.workflow is None or evidence.pinned_callers:
        return  # A caller is there, with a ref of its own: see reusable-workflow.
    message = "Only calls start this workflow, and no workflow that an event starts calls it here."
    fix = f"Let it start by itself:\n{_ON_TAGS}"
    line = evidence.workflow.on_line
    yield Finding("never-triggered", Severity.WARNING, message, fix, evidence.path, line)


def _is_release(publication: Publication) -> bool:
    """Tell whether the event of a situation, if it can run there, may be a part of making a release."""
    event = publication.situation.event
    trigger = publication.situation.root.on.get(event)
    if trigger is None or publication.runs is False:
        return False
    types = {each.text for each in trigger.types or ()}
    if event == "release":
        return not types or not types.isdisjoint(_RELEASE_TYPES)
    return event not in _NOT_RELEASES or (event == "pull_request" and "closed" in types)


def _by_upload(evidence: Evidence) -> Iterator[list[Publication]]:
    """Give the situations of each upload."""

    def spot(publication: Publication) -> tuple[str, str, str, int]:
        return publication.spot

    for _, group in groupby(sorted(evidence.likely, key=spot), key=spot):
        yield list(group)


def _place(publication: Publication) -> tuple[str, int]:
    root = publication.situation.root
    return root.file, root.on[publication.situation.event].line


def _has_several_projects(evidence: Evidence) -> bool:
    """Tell whether the repository holds several projects, so that each workflow may publish another one."""
    if evidence.files is None or not evidence.elsewhere:
        return False
    return len({normalized(name.text) for name in evidence.metadata.names}) > 1


def several_publishing_workflows(evidence: Evidence) -> Iterator[Finding]:
    """Find other workflows that publish too."""
    if evidence.workflow is None:
        return  # workflow-missing names them.
    judged = {each.file for each in evidence.publications}
    one_project = len(evidence.publishers) == 1 and not _has_several_projects(evidence)
    doubt = "" if one_project else ", if it publishes the same project"
    for each in evidence.elsewhere:
        if each.file in judged:
            continue
        name = one_line(each.file.rpartition("/")[2])
        message = f"{name} uploads to {evidence.index.label}, too (job '{each.name}')"
        fix = f"Publish from {evidence.publisher.workflow_filename} only"
        if any(credential.lifetime is Lifetime.LONG for credential in each.upload.credentials):
            message += ", with an API token."
            fix += "; then delete the secret."
        else:
            message += f". It needs a publisher of its own{doubt}."
            fix += f", or register {name} too."
        severity = Severity.WARNING if one_project else Severity.NOTICE
        yield Finding("several-publishing-workflows", severity, message, fix, each.file, each.job.line)
