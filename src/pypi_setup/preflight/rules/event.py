"""Rules on what starts the release: whether anything does, and whether the jobs before it run."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.makers import RELEASE, TAG
from pypi_setup.preflight.workflow import situations, triggers
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.makers import Maker
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.workflow.model import Job

_BY_HAND = frozenset({"workflow_dispatch", "repository_dispatch"})
_KINDS = {TAG: "tags", RELEASE: "releases"}
_SHOWN_LIMIT = 3


def started_by_github_token(evidence: Evidence) -> Iterator[Finding]:
    """Find tags and releases that are made with GITHUB_TOKEN, so that they start nothing."""
    waiting: dict[tuple[str, str], tuple[Publication, Maker]] = {}
    by_hand = False
    for each in evidence.publications:
        if each.runs is False:
            continue
        maker = evidence.closed(each)
        if maker is not None:
            waiting.setdefault((each.situation.root.file, each.situation.event), (each, maker))
        elif each.situation.event not in _BY_HAND:
            return  # Something else starts it.
        else:
            by_hand = True
    if by_hand and evidence.survey.dispatches:
        return  # GITHUB_TOKEN can start it by these events, and a workflow does such a thing.
    for (file, _), (each, maker) in waiting.items():
        if by_hand and maker.file == file:
            continue  # Started by hand, it publishes in the run that makes the release.
        yield _not_started(file, each, maker, by_hand=by_hand)


def _not_started(file: str, each: Publication, maker: Maker, *, by_hand: bool) -> Finding:
    kind = RELEASE if each.situation.event == "release" else TAG
    started, making = one_line(file.rpartition("/")[2], 80), one_line(maker.file.rpartition("/")[2], 80)
    name = one_line(maker.name, 80)
    by_person = any(event in _BY_HAND or ref == "tag" for event, ref in maker.events) or not maker.events
    message = (
        f"{_KINDS[kind].capitalize()} start {started}, and '{name}' ({making}) makes them with GITHUB_TOKEN, "
        "which starts no workflow"
    )
    if by_hand:
        message += ": somebody must start it by hand for each release."
        severity = Severity.NOTICE
    else:
        message += ": nothing is published."
        severity = Severity.WARNING if by_person else Severity.ERROR
    fix = (
        f"Give '{name}' the token of a GitHub App, or a personal one. Or start {started} from {making}, "
        "after that step (with 'workflow_dispatch:' there and 'actions: write' here):"
        f"\n    gh workflow run {started} --ref NAME-OF-THE-TAG"
    )
    return Finding("started-by-github-token", severity, message, fix, maker.file, maker.line)


# ---------------------------------------------------------------- jobs that are skipped


def job_skipped(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing jobs that GitHub skips because a job before them is skipped."""
    here = [each for each in evidence.uploads if evidence.index.url in each.upload.indexes]
    for _, group in groupby(sorted(here, key=_spot), key=_spot):
        ways = list(group)
        skipped = {_way(each): (each, jobs) for each in ways if (jobs := skipping(evidence, each))}
        if not skipped:
            continue
        alive = [each for each in ways if each.runs is not False]
        releases = [way for way in skipped if way[1] in {"release", "tag"}]
        if alive and (not releases or any(_way(each)[1] in {"release", "tag"} for each in alive)):
            continue  # This is how people keep a job from running there.
        each, jobs = skipped[releases[0]] if releases else next(iter(skipped.values()))
        if alive and each.job.condition is None:
            continue
        yield _skipped(each, jobs, certain=not alive)


def _skipped(each: Publication, jobs: tuple[Job, ...], *, certain: bool) -> Finding:
    names = ", ".join(f"'{one_line(job.id, 80)}'" for job in jobs[:_SHOWN_LIMIT])
    event = _way(each)[1] if _way(each)[1] == "tag" else one_line(each.situation.event, 40)
    last = each.job.needs[-1].text if each.job.needs else "build"
    message = (
        f"On a {event.replace('_', ' ')} GitHub skips {names}, and so '{each.name}', which needs it. The run "
        "is green, and nothing is published."
    )
    condition = each.job.condition.text.strip() if each.job.condition else ""
    inner = condition.removeprefix("${{").removesuffix("}}").strip()
    rest = f" && {one_line(inner, 200)}" if inner else ""
    fix = (
        f"In the job '{each.name}':\n    if: ${{{{ !cancelled() && needs.{one_line(last, 80)}.result == "
        f"'success'{rest} }}}}"
    )
    severity = Severity.ERROR if certain else Severity.WARNING
    line = each.job.condition.line if each.job.condition else each.job.line
    return Finding("job-skipped", severity, message, fix, each.file, line)


def skipping(evidence: Evidence, each: Publication) -> tuple[Job, ...]:
    """Return the jobs that are skipped and so keep an upload from running in its situation."""
    if each.situation.runs is not False or each.situation.placed.callers or not each.situation.event:
        return ()
    root, event = each.situation.root, each.situation.event
    known = triggers.contexts(root, event, repository=evidence.repository)
    kind = situations.kind_of_ref(each.situation.contexts)
    alike = (one for one in situations.by_kind_of_ref(known) if situations.kind_of_ref(one) == kind)
    return triggers.skipped_by(root, each.job, next(alike, known))


def _way(each: Publication) -> tuple[str, str]:
    event = each.situation.event
    is_tag = event == "push" and situations.kind_of_ref(each.situation.contexts) == "tag"
    return each.situation.root.file, "tag" if is_tag else event


def _spot(publication: Publication) -> tuple[str, str, str, int]:
    return publication.spot
