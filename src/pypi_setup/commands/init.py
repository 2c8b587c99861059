"""`pypi-setup init`: from nothing, or from a token, to a proven publisher.

given -> look-ups, plan -> agreement -> files, environments -> what is left for a person

Nothing is changed before the whole plan was agreed to: without a word it is only shown. Files are written in
`.github/workflows` only, and none that was not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.commands.preparation import prepared
from pypi_setup.preflight.fixes import write
from pypi_setup.sources.gh import GitHubCommand
from pypi_setup.values import report as reports
from pypi_setup.values.publisher import BadInput, Problem
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status
from pypi_setup.values.step import State, Step
from pypi_setup.writing.plan import steps, unmade_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.commands.preparation import Case
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Prepare the repository, and return how it stands. Raises BadInput."""
    case = prepared(given, around)
    gh = GitHubCommand(case.plan.repository, around.environ)
    planned = steps(case.plan, by_gh=bool(case.plan.missing_environments) and gh.is_ready())
    diff = "".join(repair.diff for repair in case.plan.files)
    plan = _report(Status.DRY_RUN, case, planned)._replace(diff=diff)
    if case.dry_run:
        return plan
    if given.yes != "true" and any(step.state is State.PLANNED for step in planned):
        if not (around.agree and around.agree(plan)):
            return _report(Status.CANCELLED, case, planned) if around.agree else plan
        diff = ""  # It was shown.
    return _report(Status.PREPARED, case, tuple(_carried_out(case, planned, gh)))._replace(diff=diff)


def _carried_out(case: Case, planned: tuple[Step, ...], gh: GitHubCommand) -> Iterator[Step]:
    """Do what is planned, files first; yield the steps as they stand then. Raises BadInput."""
    problems = [problem for repair in case.plan.files if (problem := write(repair, case.root))]
    if problems:
        fix = "remove what stands in the way, then run it again"
        raise BadInput(tuple(Problem("workflow", "", f"Not written: {problem}", fix) for problem in problems))
    missing = iter(case.plan.missing_environments)
    for step in planned:
        if step.state is State.PLANNED and step.name == "environment":
            target = next(missing)
            problem = gh.create_environment(target.publisher.environment, target.tags)
            made = step._replace(state=State.DONE)
            yield unmade_environment(case.plan, target, problem) if problem else made
        else:
            yield step._replace(state=State.DONE) if step.state is State.PLANNED else step


def _report(status: Status, case: Case, taken: tuple[Step, ...]) -> Report:
    """Return the report: of several projects a result each, and one list of steps for all."""
    left = [step for step in taken if step.state is not State.DONE]
    first = next((step for step in left if step.state is not State.PLANNED), None)
    holes = {
        "done": _headline(case, left),
        "why": f"{len(taken) - len(left)} of {len(taken)} steps done.",
        "next": " ".join((first.text, *first.commands[:1])) if first else "Release as usual.",
    }
    if status is Status.DRY_RUN:
        holes["done"] = f"Nothing is written yet. {holes['done']}"
        holes["next"] = "Run pypi-setup init --yes to carry it out."
    if status is Status.CANCELLED:
        holes["done"] = "Nothing was changed: you said no."
        holes["next"] = "Run pypi-setup init again to go on."
    organization = case.organization
    found = [
        reports.told(
            Status.PREPARED,
            each.publisher,
            each.package_index,
            exists=each.known.exists,
            organization=organization,
            holes=holes,
        )._replace(
            status=status,
            success=status is not Status.CANCELLED,
            mark=Mark.TURN if left else Mark.DONE,
        )
        for each in case.plan.targets
    ]
    return reports.combined(found)._replace(
        message=holes["done"],
        cause=holes["why"],
        action=holes["next"],
        steps=taken,
        findings=case.findings,
        discovered=case.discovered,
        notes=case.notes,
    )


def _headline(case: Case, left: list[Step]) -> str:
    """Say in one line how it stands."""
    plan = case.plan
    count = plan.files[0].changes if plan.files else 0
    if plan.files and plan.files[0].before is None:
        return f"Nothing here publishes yet; {plan.files[0].file} will."
    if plan.secrets:
        edits = "One change moves" if count == 1 else f"{count} changes move"
        rest = f", and {len(plan.left)} more by hand" if plan.left else ""
        return f"It works with a token today. {edits} it to Trusted Publishing{rest}."
    if plan.files:
        return f"{count} change{'' if count == 1 else 's'} make {plan.workflow} right."
    steps_left = "one step is" if len(left) == 1 else f"{len(left)} steps are"
    return f"{plan.workflow} is there; {steps_left} left."
