"""The result of a run as plain data. Every form of output is rendered from a Report and nothing else."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL
from pypi_setup.values import statuses
from pypi_setup.values.finding import Severity
from pypi_setup.values.guidance import Guidance, guidance
from pypi_setup.values.origin import Publishes
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.values.chain import Link
    from pypi_setup.values.comparison import Row
    from pypi_setup.values.discovered import Discovered
    from pypi_setup.values.explanation import Explanation
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.origin import Origin
    from pypi_setup.values.publisher import Problem, Publisher
    from pypi_setup.values.step import Step

_MARKS = (Mark.DONE, Mark.TURN, Mark.UNKNOWN, Mark.BROKEN)
"""From best to worst: the worst stands for several projects."""

_COMPLETE = {Status.DRY_RUN, Status.PREPARED, Status.VERIFIED, Status.CHECK_FAILED}
_NOTHING_TO_ENTER = {
    Status.REGISTERED,
    Status.ALREADY_REGISTERED,
    Status.VERIFIED,
    Status.DRY_RUN,
    Status.CHECK_FAILED,
}
_INVITATIONS = {Status.MANUAL, Status.CHECKED}
_LEADS_TO_RELEASE = {
    *_INVITATIONS,
    Status.REGISTERED,
    Status.VERIFIED,
    Status.CLAIMS_MATCH,
    Status.UNAVAILABLE,
}
"""Their texts say to register or to release; where nothing can be uploaded, that comes first instead."""


class Target(NamedTuple):
    """Where the next step is done."""

    label: str
    url: str
    is_here: bool = False
    """Whether that is a file of the repository, which the action names already."""


class Report(NamedTuple):
    """How a run ended, for one project or for several."""

    status: Status
    success: bool
    message: str
    """The verdict in one line, with the index's HTTP status and own words where it answered."""

    cause: str
    """Why it is so, as far as is known."""

    action: str
    """The one next thing to do."""

    package_index: Index
    fallback_url: str
    """Where a person finishes or reviews the registration."""

    mark: Mark = Mark.BROKEN
    """The sign before the verdict."""

    headline: str = ""
    """The verdict without HTTP status and answer, for people; empty where it is the message."""

    place: Target | None = None
    """Where the next step is done, if that is not `fallback_url`."""

    publisher: Publisher | None = None
    """None where the input named none."""

    guidance: Guidance | None = None
    """How to register by hand; None where the input named no publisher."""

    http_status: int | None = None
    response: str | None = None
    project_exists: bool | None = None
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong with the input; where there is any, nothing was sent."""

    discovered: tuple[Discovered, ...] = ()
    chain: tuple[Link, ...] = ()
    verified: bool | None = None
    """Whether the index exchanged the job's token; None outside mode verify."""

    claims: dict[str, str] | None = None
    """The claims that the index compares; None outside mode verify."""

    elsewhere: bool = False
    """Whether the next step is not on the index's page: what is wrong is wrong with the job."""

    rows: tuple[Row, ...] = ()
    """The claims beside what is expected of them."""

    paste: str = ""
    """YAML to paste into the workflow; empty if there is nothing to paste."""

    diff: str = ""
    """The edits of `check --fix` or `--diff`, as a unified diff; empty if there are none."""

    explanation: Explanation | None = None
    """Why a run failed; None outside of `explain`."""

    steps: tuple[Step, ...] = ()
    """What `init` did, and what is left to do, in order; empty for all else."""

    notes: tuple[str, ...] = ()
    """What is good to know after this run, beside the guidance."""

    origin: Origin | None = None
    """The repository that a result of a survey is about; None outside of a survey."""

    interrupted: bool = False
    """Whether the user ended the run before its end; the results are those of what was done by then."""

    results: tuple[Report, ...] = ()
    """One a project, where there are several; the rest of this report is then of the worst of them."""

    @property
    def name(self) -> str:
        """What the report is about: the project, else where it was looked for."""
        if self.publisher:
            return self.publisher.project
        return (self.origin.project or self.origin.place) if self.origin else ""

    @property
    def needs_a_person(self) -> bool:
        """Tell whether somebody has something to do about a row of a survey.

        A project that nothing here publishes needs nobody, unless the index has it.
        """
        if not self.success or self.mark in {Mark.BROKEN, Mark.UNKNOWN}:
            return True
        idle = self.origin is not None and self.origin.publishes is Publishes.ELSEWHERE
        return self.mark is Mark.TURN and not idle

    @property
    def exit_code(self) -> int:
        """0 for success, 1 for any failure, 2 for bad input, 130 where it was interrupted."""
        if self.interrupted:
            return 130
        if self.problems:
            return 2
        return 0 if self.success else 1

    @property
    def verdict(self) -> str:
        """The verdict in one line, for people."""
        return self.headline or self.message

    @property
    def target(self) -> Target:
        """Where the next step is done."""
        if self.place:
            return self.place
        purpose = "Review the publisher" if self.is_settled else "Register the publisher"
        if self.publisher is None:
            purpose = "Your publishers"  # What is next is not there.
        return Target(f"{purpose} on {self.package_index.label}", self.fallback_url)

    @property
    def is_settled(self) -> bool:
        """Tell whether a person has nothing to enter on the index's page, or not yet."""
        return self.status in _NOTHING_TO_ENTER or self.elsewhere

    @property
    def good_to_know(self) -> tuple[str, ...]:
        """What a person should know now, beside the next step."""
        if not self.guidance or self.status in _COMPLETE or self.elsewhere:
            return self.notes
        entering = () if self.is_settled else self.guidance.notes
        return (*self.notes, *entering, *self.guidance.afterwards)

    @property
    def payload(self) -> dict[str, str] | None:
        """The registration request's body; None where the input named no publisher."""
        return self.publisher.payload if self.publisher else None

    @property
    def ordered_findings(self) -> tuple[Finding, ...]:
        """The findings, the worst first."""
        order = list(Severity)
        return tuple(sorted(self.findings, key=lambda finding: order.index(finding.severity)))


def told(
    status: Status,
    publisher: Publisher,
    package_index: Index,
    *,
    exists: bool | None = None,
    organization: str = "",
    marker: str = "active",
    exist_ok: bool = False,
    holes: dict[str, str] | None = None,
) -> Report:
    """Return the report of one project, its texts filled in from the table of statuses.

    `marker` is the project's status on the index (PEP 792). `holes` are the texts' own facts, see
    statuses.py; those of publisher and index are filled in here.
    """
    guide = guidance(publisher, package_index, exists=exists, organization=organization, marker=marker)
    facts = {
        "project": publisher.project,
        "index": package_index.label,
        "endpoint": package_index.registration_url,
        "page_step": guide.step,
        "whose": f", for {publisher.project} unless the index's own words name another project",
        "review": f"Review it on {package_index.label}.",
        "covered": f"This proves that a publisher matches, not that it covers {publisher.project}.",
        "repeat": "" if exist_ok else " Where a repeat is fine, set exist-ok to true.",
        **(holes or {}),
    }
    meaning = statuses.MEANINGS[status]
    success = meaning.success or (exist_ok and status is Status.ALREADY_REGISTERED)
    message, action = meaning.message.format_map(facts), meaning.action.format_map(facts)
    if guide.stopped and status in _LEADS_TO_RELEASE:
        message = guide.stopped if status in _INVITATIONS else f"{guide.stopped} {message}"
        action = guide.step
    return Report(
        status=status,
        success=success,
        message=message,
        cause=meaning.cause.format_map(facts),
        action=action,
        package_index=package_index,
        fallback_url=guide.page.url,
        mark=_mark(status, success=success, stopped=bool(guide.stopped)),
        publisher=publisher,
        guidance=guide,
        project_exists=exists,
        elsewhere=marker == "quarantined",
    )


def _mark(status: Status, *, success: bool, stopped: bool) -> Mark:
    """Return the sign of a status. A tick stands only where nothing is left to do within what was asked."""
    if status is Status.UNCHECKED:
        return Mark.UNKNOWN
    if stopped and status in _LEADS_TO_RELEASE:
        return Mark.BROKEN
    if not success:
        return Mark.BROKEN
    return Mark.TURN if status in {Status.MANUAL, Status.CLAIMS_MATCH} else Mark.DONE


def refused(problems: tuple[Problem, ...], package_index: Index) -> Report:
    """Return the report of a run whose input is bad."""
    fields = ", ".join(dict.fromkeys(problem.field for problem in problems))
    count = "One input breaks a rule" if len(problems) == 1 else f"{len(problems)} rules are broken"
    return Report(
        status=Status.INVALID,
        success=False,
        message=f"Bad input, nothing was sent. {count}: {fields}.",
        cause=f"{problems[0].field}: {problems[0].rule}",
        action="Correct what is listed, then run again.",
        package_index=package_index,
        fallback_url=package_index.page(None, exists=None).url,
        problems=problems,
    )


def combined(reports: list[Report]) -> Report:
    """Return one report for several projects: that of the worst, with all results inside."""
    if len(reports) == 1:
        return reports[0]
    found = [report.status for report in reports]
    worst = statuses.worst(found)
    shown = next(report for report in reports if report.status is worst)
    index = shown.package_index.label
    counts = ", ".join(f"{found.count(status)} {status.value}" for status in dict.fromkeys(found))
    message, action = f"{len(reports)} projects: {counts}.", shown.action
    if set(found) == {Status.MANUAL}:
        message = f"{len(reports)} projects to register on {index}."
        action = "Open the links below one after the other, and add the publisher on each page."
    if set(found) == {Status.DRY_RUN}:
        message = (
            f"Dry run: the values of {len(reports)} projects are well-formed. Nothing was looked up or sent."
        )
    return shown._replace(
        success=all(report.success for report in reports),
        mark=max((report.mark for report in reports), key=_MARKS.index),
        message=message,
        action=action,
        headline="",
        cause=f"{shown.publisher.project if shown.publisher else ''}: {shown.cause}",
        findings=tuple(dict.fromkeys(finding for report in reports for finding in report.findings)),
        results=tuple(reports),
    )


def crashed(bug: Exception, package_index: Index) -> Report:
    """Return the report of a run that a mistake of ours ended."""
    return Report(
        status=Status.UNEXPECTED,
        success=False,
        message=f"pypi-setup itself failed: {described(bug)}.",
        cause="This is a bug in pypi-setup. A publisher may or may not have been registered.",
        action="Check on the linked page whether the publisher is there. Then report this: "
        f"{PROJECT_URL}/issues",
        package_index=package_index,
        fallback_url=package_index.page(None, exists=None).url,
    )


INTERRUPTED = "If a registration was under way it may have happened: look before you repeat it."
"""What a person has to know of a run that was interrupted."""


def interrupted(package_index: Index) -> Report:
    """Return the report of a run that a signal ended."""
    return Report(
        status=Status.UNEXPECTED,
        success=False,
        message=f"Interrupted. {INTERRUPTED}",
        cause="The run was cancelled, or took longer than it may.",
        action="Check on the linked page whether the publisher is there, then run this again.",
        package_index=package_index,
        fallback_url=package_index.page(None, exists=None).url,
    )


def described(bug: BaseException) -> str:
    """Say what an exception is and where it arose; not its text, which can hold anything."""
    trace = bug.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return f"{type(bug).__name__}{place}"
