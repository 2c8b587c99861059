"""`init` on a terminal, once its own part is done: goes with a person through what is left, to the proof.

A step counts as done where GitHub shows it; else where the person says so, and then it says that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sources.files import Checkout
from pypi_setup.sources.gh import Run
from pypi_setup.values.guidance import guidance
from pypi_setup.values.person import Answer, Left
from pypi_setup.values.step import State, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pypi_setup.commands.preparation import Case
    from pypi_setup.sources.gh import GitHubCommand
    from pypi_setup.values.person import Person
    from pypi_setup.values.report import Report
    from pypi_setup.writing.plan import Target

PAUSE = 3.0
"""Seconds between two looks at a run."""

LOOKS_LIMIT = 300
"""So many looks; then the run is left to itself."""

_LEAVE = Answer("leave", "Leave; pypi-setup init goes on here next time")
_PRESS = "press Enter"


class Guide(NamedTuple):
    """What is needed on the way."""

    case: Case
    gh: GitHubCommand
    person: Person
    explained: Callable[[int], Report]
    """Tells why the run with this number failed."""

    def walked(self, steps: Sequence[Step]) -> tuple[tuple[Step, ...], bool]:
        """Go through the steps; return how they stand then, and whether the person broke off by Ctrl-C."""
        taken = list(steps)
        targets = _targets(self.case, steps)
        try:
            for place, step in enumerate(steps):
                if step.state is State.YOURS:
                    self.person.show_step(place + 1, step)
                    taken[place] = self._taken(step, targets.get(place))
        except Left:
            return tuple(taken), False
        except KeyboardInterrupt:
            return tuple(taken), True
        return tuple(taken), False

    def _taken(self, step: Step, target: Target | None) -> Step:
        """Return how a step stands once the person has taken it. Raises Left."""
        if step.name == "push":
            return self._push(step)
        if step.name == "proof":
            return self._proof(step)
        if target is None:  # An edit by hand: the next run of init looks at it.
            self._choose("Go on with the next step?", Answer("go", "Yes"))
            return step
        take = self._environment if step.name == "environment" else self._publisher
        return take(step, target)

    def _choose(self, question: str, *answers: Answer) -> str:
        value = self.person.choose(question, (*answers, _LEAVE))
        if value == _LEAVE.value:
            raise Left
        return value

    def _open(self, url: str) -> None:
        if not self.person.open(url):
            self.person.tell(f"No browser could be opened. Open this page: {url}")

    def _environment(self, step: Step, target: Target) -> Step:
        name = target.publisher.environment
        while True:
            opens = self._choose(
                "Open the page?", Answer("open", "Yes"), Answer("done", f"No, {name} is there by now")
            )
            if opens == "open":
                self._open(step.url)
                self.person.go_on(f"Once the environment is there, {_PRESS}.")
            exists = self.case.github().environment(name).exists
            if exists:
                return _done(step, f"The environment {name} exists on GitHub.")
            if exists is None:
                return _done(step, f"You created the environment {name}. GitHub could not be asked.")
            self.person.tell(f"GitHub lists no environment {name} yet.")

    def _publisher(self, step: Step, target: Target) -> Step:
        publisher, index = target.publisher, target.package_index
        answers = (Answer("open", "Yes"), Answer("done", "No, it is registered by now"))
        if self._choose(f"Open {index.label}'s page?", *answers) == "open":
            self._open(step.url)
            guide = guidance(publisher, index, exists=target.known.exists)
            if guide.is_copied:
                self._hand_over(guide.fields)
            self.person.go_on(f"Click 'Add'. Once {index.label} lists the publisher, {_PRESS}.")
        text = f"You registered the publisher of {publisher.project} on {index.label}."
        return _done(step, f"{text} The proof shows whether it matches.")

    def _hand_over(self, fields: Sequence[tuple[str, str]]) -> None:
        """Give a form's values to the person, one after the other."""
        self.person.tell("Each value comes to the clipboard, where the terminal can do that.")
        for label, value in fields:
            if value:
                self.person.copy(value)
            self.person.go_on(f"{label}: {f'paste {value}' if value else 'leave it empty'}, then {_PRESS}.")

    def _push(self, step: Step) -> Step:
        plan = self.case.plan
        path = f".github/workflows/{plan.workflow}"
        while True:
            self._choose("Is it pushed?", Answer("yes", "Yes"))
            github = self.case.github()
            there = github.read(path)
            if there is not None and there == Checkout(self.case.root).read(path):
                return _done(step, "GitHub's default branch has the workflow.")
            if github.missing:
                return _done(step, f"You pushed the workflow. {github.missing}.")
            self.person.tell(f"The branch {plan.branch} on GitHub does not have {path} as it is here.")

    def _proof(self, step: Step) -> Step:
        plan = self.case.plan
        if not self.gh.is_ready():
            self.person.tell("gh is not installed here, or nobody is signed in: start the run yourself.")
            return step
        self._choose("Start the proof now?", Answer("yes", "Yes; it publishes nothing"))
        ref, before = plan.proof_ref, self.gh.newest_start(plan.workflow)
        problem = before.problem or (self.gh.create_tag(ref, plan.branch) if ref else "")
        problem = problem or self.gh.start(plan.workflow, ref or plan.branch)
        if problem:
            self.person.tell(f"Not started: {problem}.")
            return step
        run = self._ended(before.number)
        if run.success:
            return _done(step, f"{self._proved()} {run.url}")
        if run.is_over:
            self.person.show(self.explained(run.number))
        else:
            self.person.tell(f"How it ended is not known: {run.problem or 'it still runs'}. {run.url}")
        return step

    def _ended(self, before: int) -> Run:
        """Return the run that was started, once it is over or there is no more to be learnt."""
        run = Run(0, problem="GitHub lists no such run yet")
        for _ in range(LOOKS_LIMIT):
            self.person.wait("Waiting for the run", PAUSE)
            seen = self.gh.run(run.number) if run.number else self.gh.newest_start(self.case.plan.workflow)
            if seen.problem:
                return run._replace(problem=seen.problem)
            if seen.number not in {0, before}:
                run = seen
            if run.is_over:
                break
        return run

    def _proved(self) -> str:
        """Say what a run that succeeded shows: of a project that exists, that the index trusts it."""
        new = [each.publisher.project for each in self.case.plan.targets if not each.known.exists]
        if not new:
            return "Proved: the index trusts this workflow."
        names = ", ".join(dict.fromkeys(new))
        return (
            "The job is the one that the publisher names. Whether the index has the pending publisher of "
            f"{names}, the first release shows."
        )


def _targets(case: Case, steps: Sequence[Step]) -> dict[int, Target]:
    """Return what each step is about, by its place: publishers, and environments that were missing."""
    plan = case.plan
    publishers = (place for place, step in enumerate(steps) if step.name == "publisher")
    environments = [place for place, step in enumerate(steps) if step.name == "environment"]
    missing = plan.missing_environments
    return {
        **dict(zip(publishers, plan.targets, strict=True)),
        **dict(zip(environments[len(environments) - len(missing) :], missing, strict=True)),
    }


def _done(step: Step, text: str) -> Step:
    return Step(step.name, State.DONE, text)
