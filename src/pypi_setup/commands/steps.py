"""The steps that commands share: what is known of what was asked, and what is said of one publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pypi_setup.values import report as reports
from pypi_setup.values.chain import HOLDS
from pypi_setup.values.finding import Severity
from pypi_setup.values.report import Target
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.commands.work import Task, Work
    from pypi_setup.discovery.investigation import Case, Investigation
    from pypi_setup.discovery.repositories import Repositories
    from pypi_setup.transport import Client
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.report import Report
    from pypi_setup.values.standing import Headline
    from pypi_setup.values.surroundings import Surroundings


def looked_up(task: Task, around: Surroundings, repositories: Repositories) -> Investigation:
    """Return what the index, GitHub and the files say."""
    from pypi_setup.discovery.investigation import investigated

    discovered = {each.field for each in task.found.discovered} if task.found else set()
    return investigated(
        task.request,
        repositories,
        around.folder,
        around.environ,
        asked=not {"owner", "repo"} <= discovered,
        assumed=task.found.given.assumed if task.found else (),
    )


class Looked(NamedTuple):
    """What is known of all that is to be done."""

    cases: tuple[Case, ...]
    """Each publisher with its share."""

    client: Client
    notes: tuple[str, ...]
    """What there is to do in all, where there are several."""


def looked(work: Work, around: Surroundings) -> Looked:
    """Return what is known of every publisher, those with the same values looked at together."""
    from pypi_setup.commands import plan

    first, *others = work.tasks
    found = list(looked_up(first, around, work.repositories).cases())
    if others:
        from functools import partial

        from pypi_setup.concurrency import each

        look = partial(_numbered, around=around, repositories=work.repositories)
        rest = dict(each(look, enumerate(others), work.request.jobs))
        found.extend(case for number in range(len(others)) for case in rest[number])
    every = plan.related(found)
    return Looked(tuple(every), work.repositories.client, plan.told(every))


def _numbered(
    task: tuple[int, Task], around: Surroundings, repositories: Repositories
) -> tuple[int, list[Case]]:
    return task[0], list(looked_up(task[1], around, repositories).cases())


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
