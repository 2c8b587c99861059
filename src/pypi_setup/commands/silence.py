"""`explain` without a log: nothing failed, but nothing was published.

given -> request -> look-up -> preflight -> newest tag -> its runs -> report
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL
from pypi_setup.commands.steps import looked_up
from pypi_setup.commands.work import understood
from pypi_setup.sources import git
from pypi_setup.sources.runs import Run, runs_of
from pypi_setup.values.explanation import Blame, Explanation, Named
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.report import Report, Target
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import MEANINGS, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.discovery.investigation import Case
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings

_DOCUMENT = f"{PROJECT_URL}/blob/main/docs/troubleshooting.md#"
_NOTHING_STARTED = (
    *("workflow-missing", "workflow-invalid", "no-publishing-job", "index-mismatch", "never-triggered"),
    *("started-by-github-token", "job-skipped", "environment-policy"),
)
"""The rules of the check that can say why nothing started or nothing was uploaded, the first cause first."""

_STATES = {
    "waiting": (
        "run-waiting",
        "The run waits for somebody to approve the deployment to its environment.",
        "Open the run, and approve it under Review deployments.",
    ),
    "queued": ("run-under-way", "The run is not done yet.", "Wait until it has ended."),
    "in_progress": ("run-under-way", "The run is not done yet.", "Wait until it has ended."),
    "cancelled": (
        "run-cancelled",
        "Somebody, or a concurrency group, cancelled the run.",
        "Open the run, and start it again with Re-run all jobs.",
    ),
    "action_required": (
        "run-waiting",
        "The run waits for a maintainer's approval, as the first one of a new contributor does.",
        "Open the run, and approve it.",
    ),
    "startup_failure": (
        "run-not-started",
        "GitHub could not start the run: the workflow file is broken, or an action in it is not allowed.",
        "Open the run: its page says why.",
    ),
    "skipped": (
        "run-skipped",
        "All jobs of the run were skipped: no condition was true.",
        "Look at the conditions (if) of the jobs and of those that they need.",
    ),
}
"""What a state of a run means, where nothing is published by then: name, cause, fix."""


class _Seen(NamedTuple):
    """What is known of the newest release."""

    case: Case
    tag: str
    runs: tuple[Run, ...]
    gap: str
    """Why the runs are not known; empty where they are."""


def failed_run(given: Given, around: Surroundings) -> str | Report:
    """Return the address of the newest tag's run, if that failed; else the report why nothing was published.

    Raises BadInput.
    """
    work = understood(given._replace(mode="check"), around)
    case = next(looked_up(work.tasks[0], around, work.repositories).cases())
    tag = git.newest_tag(Path(around.folder), around.environ)
    publisher = case.publisher
    github = work.repositories.of(publisher.owner, publisher.repository)
    found = runs_of(github, publisher.workflow_filename)
    own = tuple(run for run in found.runs if run.ref == tag)
    if own and own[0].state == "failure":
        return own[0].url
    seen = _Seen(case, tag, own, found.problem)
    return work.reported([_reported(seen, _cause(seen))], notes=_notes(seen))


def _notes(seen: _Seen) -> tuple[str, ...]:
    return (f"The runs on GitHub were not looked at: {seen.gap}.",) if seen.gap else ()


def _cause(seen: _Seen) -> Named | None:
    """Return why nothing was published, as far as that is known."""
    run = next(iter(seen.runs), None)
    if run and run.state in _STATES:
        rule, cause, fix = _STATES[run.state]
        error = f"The run of {seen.tag} is {run.state.replace('_', ' ')}"
        return Named(rule, Blame.YOURS, error, cause, fix, _DOCUMENT + rule, link=run.url)
    finding = _first(seen.case.findings)
    if finding is None or (
        run and finding.rule not in {"job-skipped", "no-publishing-job", "index-mismatch"}
    ):
        return None
    error = f"No run of {seen.case.publisher.workflow_filename} for {seen.tag or 'any tag'}"
    if run:
        error = f"The run of {seen.tag} ended as {run.state}"
    elif seen.gap:
        error = f"Nothing is known of the runs of {seen.tag or 'this repository'}"
    return Named(
        finding.rule,
        Blame.YOURS,
        error,
        finding.message,
        one_line(finding.fix, 1000),
        finding.url,
        line=finding.line,
        check=finding.rule,
    )


def _first(findings: Sequence[Finding]) -> Finding | None:
    known = [
        each for each in findings if each.rule in _NOTHING_STARTED and each.severity is not Severity.NOTICE
    ]
    return min(known, key=lambda each: _NOTHING_STARTED.index(each.rule), default=None)


def _unknown(seen: _Seen) -> dict[str, str]:
    """Say what is known where that names no cause."""
    file, run = seen.case.publisher.workflow_filename, next(iter(seen.runs), None)
    if run:
        return {
            "summary": f"The run of {seen.tag} ended as {run.state}, and nothing here speaks against it.",
            "why": "The rules of the check have nothing against its jobs.",
            "fix": f"Open the run, and read what its publishing job says: {run.url}",
        }
    if not seen.tag:
        return {
            "summary": "There is no tag here, so nothing was released.",
            "why": "A release begins with a tag, and git has none in this checkout.",
            "fix": "Push one: git tag vX.Y.Z && git push origin vX.Y.Z. If GitHub has it: git fetch --tags.",
        }
    if seen.gap:
        return {
            "summary": f"Whether {seen.tag} started a run is not known.",
            "why": f"{seen.gap[:1].upper()}{seen.gap[1:]}. The check has nothing against {file}.",
            "fix": f"See whether {seen.tag} is on GitHub, and whether {file} has a run under Actions.",
        }
    return {
        "summary": f"{seen.tag} started no run of {file}.",
        "why": "The check has nothing against its triggers. So the tag may not be on GitHub, or its commit "
        "is older than the workflow, or Actions are switched off.",
        "fix": f"Push the tag: git push origin {seen.tag}. If it is there: gh workflow list --all.",
    }


def _reported(seen: _Seen, named: Named | None) -> Report:
    case = seen.case
    status = Status.EXPLAINED if named else Status.UNEXPLAINED
    meaning = MEANINGS[status]
    holes = {"summary": f"{named.error}.", "why": named.cause, "fix": named.fix} if named else _unknown(seen)
    index, exists = case.request.package_index, case.project.exists
    return Report(
        status=status,
        success=meaning.success,
        message=meaning.message.format_map(holes),
        cause=meaning.cause.format_map(holes),
        action=meaning.action.format_map(holes),
        package_index=index,
        fallback_url=index.page(case.publisher, exists=exists).url,
        mark=Mark.TURN if named else Mark.UNKNOWN,
        place=Target("Open the run", named.link) if named and named.link else _actions(case),
        publisher=case.publisher,
        project_exists=exists,
        findings=tuple(each for each in case.findings if named and each.rule == named.rule),
        chain=case.chain,
        elsewhere=True,
        notes=case.gaps,
        explanation=Explanation(named),
    )


def _actions(case: Case) -> Target:
    publisher = case.publisher
    url = f"https://github.com/{publisher.owner}/{publisher.repository}/actions"
    return Target(f"The runs of {publisher.owner}/{publisher.repository}", url)
