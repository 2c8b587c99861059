"""The steps that commands share: what was asked, what is known of it, what is said of one publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pypi_setup.values import report as reports
from pypi_setup.values import request as requests
from pypi_setup.values.chain import HOLDS
from pypi_setup.values.finding import Severity
from pypi_setup.values.publisher import BadInput
from pypi_setup.values.report import Target
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.discovery.discover import Discovery
    from pypi_setup.discovery.investigation import Case, Investigation
    from pypi_setup.transport import Client
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given, Request
    from pypi_setup.values.standing import Headline
    from pypi_setup.values.surroundings import Surroundings


class Task(NamedTuple):
    """What to do, and where its values come from."""

    request: Request
    assumed: tuple[str, ...]
    """The values that stand in for what was neither given nor looked for."""

    found: Discovery | None
    """What was looked for because it was not given; None where nothing was missing."""

    def certain(self) -> None:
        """Raise BadInput where something would be posted on a guess."""
        if self.found:
            self.found.certain()

    def rehearsed(self) -> Report:
        """Return the report of a dry run."""
        index, organization = self.request.package_index, self.request.organization
        values = " and ".join(f"{name} {requests.DEFAULTS[name]}" for name in self.assumed)
        note = f"A dry run reads no workflow file, and assumes what was not given: {values}."
        every = [
            reports.told(Status.DRY_RUN, publisher, index, organization=organization)
            for publisher in self.request.publishers
        ]
        return self.reported(every, notes=(note,) if self.assumed else ())

    def reported(self, every: list[Report], notes: tuple[str, ...] = ()) -> Report:
        """Return one report of those of all publishers, with what was discovered and what else is to note."""
        report = reports.combined(every)
        report = report._replace(notes=(*notes, *report.notes))
        if self.found is None:
            return report
        discovered = self.found.spelled_as(report.publisher)
        return report._replace(discovered=discovered, notes=(*self.found.assumptions, *report.notes))


class Known(NamedTuple):
    """What is known of a task."""

    found: Investigation
    client: Client


def understood(given: Given, around: Surroundings) -> Task:
    """Return what to do, with what is discovered in place of what was not given. Raises BadInput."""
    assumed: tuple[str, ...] = ()
    if given.dry_run.strip().lower() == "true":  # It reads no workflow: the defaults stand.
        assumed, given = given.assumed, given.with_defaults()
    texts = (given.owner, given.repo, "".join(given.project))
    if all(text.strip() for text in texts) and None not in (given.workflow, given.environment):
        return Task(requests.parse(given), assumed, None)
    from pathlib import Path

    from pypi_setup.discovery.discover import discovered

    found = discovered(given, Path(around.folder), around.environ)
    try:
        return Task(requests.parse(found.given), assumed, found)
    except BadInput as bad:
        raise BadInput(found.explained(bad.problems)) from None


def looked_up(task: Task, around: Surroundings) -> Known:
    """Return what the index, GitHub and the files say."""
    from pypi_setup.discovery.investigation import investigated
    from pypi_setup.transport import Client

    client = Client(task.request.timeout, around.on_wait)
    discovered = {each.field for each in task.found.discovered} if task.found else set()
    asked = not {"owner", "repo"} <= discovered
    assumed = task.found.given.assumed if task.found else ()
    found = investigated(task.request, client, around.folder, around.environ, asked=asked, assumed=assumed)
    return Known(found, client)


def told(status: Status, case: Case, holes: dict[str, str]) -> Report:
    """Return the report of one publisher; `holes` are the texts' own facts, see statuses.py."""
    report = reports.told(
        status,
        case.publisher,
        case.request.package_index,
        exists=case.project.exists,
        organization=case.request.organization,
        marker=case.project.marker,
        exist_ok=case.request.exist_ok,
        holes=holes,
    )
    chain = case.chain
    if status in {Status.REGISTERED, Status.ALREADY_REGISTERED, Status.VERIFIED}:  # The index said so.
        value = f"{case.publisher.owner}/{case.publisher.repository}"
        chain = tuple(
            link._replace(value=value, state=HOLDS) if link.name == "publisher" else link for link in chain
        )
    return report._replace(findings=case.findings, chain=chain, notes=(*case.gaps, *report.notes))


def headed(report: Report, case: Case, headline: Headline) -> Report:
    """Return the report with what is said of the case's standing, its texts filled in."""
    from pypi_setup.preflight.standing import stopping

    errors = stopping(case.findings)
    count = len(errors)
    first = next(iter(errors), None)
    place = "the first error below"
    if first is not None and first.file:
        place = f"{first.file}{f':{first.line}' if first.line else ''} ({first.rule})"
    facts = {
        "project": case.publisher.project,
        "index": case.request.package_index.label,
        "errors": f"{count} error{'' if count == 1 else 's'}",
        "changes": f"{count} change{' moves' if count == 1 else 's move'} it to",
        "counted": counted(case.findings),
        "place": place,
        "workflows": ", ".join(case.workflows),
        "why": case.unread,
        "page_step": report.guidance.step if report.guidance else "",
    }
    return report._replace(
        mark=headline.mark,
        place=_place(first, case) if first and headline.mark is Mark.BROKEN else None,
        message=headline.message.format_map(facts),
        cause=headline.cause.format_map(facts),
        action=headline.action.format_map(facts),
    )


def _place(error: Finding, case: Case) -> Target:
    """Return where an error is fixed."""
    if error.file is None:
        return Target(f"How to fix {error.rule}", error.url, is_here=True)
    repository = f"{case.publisher.owner}/{case.publisher.repository}"
    file = f"https://github.com/{quote(f'{repository}/blob/HEAD/{error.file}')}"
    line = f", line {error.line}" if error.line else ""
    return Target(f"Fix {error.file}{line}", f"{file}#L{error.line}" if error.line else file, is_here=True)


def counted(findings: Sequence[Finding]) -> str:
    """Say how many findings there are of each severity that has any."""
    severities = [finding.severity for finding in findings]
    counts = [(severities.count(severity), severity.value) for severity in Severity]
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return f"Found: {', '.join(words)}." if words else "No findings."
