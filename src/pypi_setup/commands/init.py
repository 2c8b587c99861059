"""`pypi-setup init`: from nothing, or from a token, to a proven publisher.

given -> questions -> look-ups, plan -> agreement -> files, environments -> what is left for a person

Nothing is changed before the whole plan was agreed to: without a word it is only shown. Files are written in
`.github/workflows` only, and none that was not shown. Who sits at a terminal is led through what is left.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pypi_setup.commands import explain
from pypi_setup.commands.guide import Guide
from pypi_setup.commands.preparation import prepared
from pypi_setup.preflight.fixes import write
from pypi_setup.sources.gh import GitHubCommand
from pypi_setup.values import report as reports
from pypi_setup.values.person import Answer, Left
from pypi_setup.values.publisher import BadInput, Problem
from pypi_setup.values.report import Target
from pypi_setup.values.request import Given
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import Status
from pypi_setup.values.step import State, Step
from pypi_setup.writing.plan import steps, unmade_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.commands.preparation import Case
    from pypi_setup.values.person import Person
    from pypi_setup.values.report import Report
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings) -> Report:
    """Prepare the repository, and return how it stands. Raises BadInput."""
    is_settled = "true" in {given.yes, given.dry_run}
    person = None if is_settled else around.person
    case = prepared(given, around._replace(person=person))
    gh = GitHubCommand(case.plan.repository, around.environ)
    planned = steps(case.plan, by_gh=bool(case.plan.missing_environments) and gh.is_ready())
    diff = "".join(repair.diff for repair in case.plan.files)
    plan = _report(Status.DRY_RUN, case, planned, asks=person is not None)._replace(diff=diff)
    if case.dry_run:
        return plan
    if not is_settled and any(step.state is State.PLANNED for step in planned):
        if not (person and _agreed(plan, person)):
            return _report(Status.CANCELLED, case, planned) if person else plan
        diff = ""  # It was shown.
    taken = tuple(_carried_out(case, planned, gh))
    interrupted = False
    if person:
        taken, interrupted = Guide(case, gh, person, partial(_explained, case, around)).walked(taken)
    return _report(Status.PREPARED, case, taken)._replace(diff=diff, interrupted=interrupted)


def _agreed(plan: Report, person: Person) -> bool:
    person.show(plan)
    answers = (Answer("yes", "Yes"), Answer("no", "No, change nothing"))
    try:
        return person.choose("Carry it out?", answers) == "yes"
    except Left:
        return False


def _explained(case: Case, around: Surroundings, number: int) -> Report:
    """Return why a run of the repository failed."""
    run = f"https://github.com/{case.plan.repository}/actions/runs/{number}"
    return explain.run(Given(mode="explain", run=run), around)


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
            problem = gh.create_environment(target.publisher.environment, target.rules)
            made = step._replace(state=State.DONE)
            yield unmade_environment(case.plan, target, problem) if problem else made
        else:
            yield step._replace(state=State.DONE) if step.state is State.PLANNED else step


def _report(status: Status, case: Case, taken: tuple[Step, ...], *, asks: bool = False) -> Report:
    """Return the report: of several projects a result each, and one list of steps for all.

    `asks` says whether a person is asked next.
    """
    left = [step for step in taken if step.state is not State.DONE]
    first = next((step for step in left if step.state is not State.PLANNED), None)
    holes = {
        "done": _standing(case, left),
        "why": f"{len(taken) - len(left)} of {len(taken)} steps done.",
        "next": " ".join((first.text, *first.commands[:1])) if first else "Release as usual.",
    }
    if status is Status.DRY_RUN:
        holes["done"] = f"Nothing is written yet. {_headline(case, left)}"
        holes["next"] = "Say below whether to." if asks else "Run pypi-setup init --yes to carry it out."
    if status is Status.CANCELLED:
        holes["done"] = "Nothing was changed: you said no."
        holes["next"] = "Run pypi-setup init again to go on."
    elsewhere = f"https://github.com/{case.plan.repository}"
    place = Target(first.text, first.url or elsewhere, is_here=not first.url) if first else None
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
        place=place,
        steps=taken,
        findings=case.findings,
        discovered=case.discovered,
        notes=case.notes,
    )


def _standing(case: Case, left: list[Step]) -> str:
    """Say in one line how it stands once the plan is carried out."""
    plan = case.plan
    steps_left = "one step is" if len(left) == 1 else f"{len(left)} steps are"
    how = "is there" if not plan.files else "is written" if plan.files[0].before is None else "is changed"
    return f"{plan.workflow} {how}; {steps_left} left."


def _headline(case: Case, left: list[Step]) -> str:
    """Say in one line what the plan means."""
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
    return _standing(case, left)
