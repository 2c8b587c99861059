"""Which events run a job or a step, as far as the file tells: `on`, its filters, and the conditions.

Sources: GitHub's reference of events that trigger workflows (which ref each one sets), of contexts, and of
the workflow syntax (`on.push.<branches|tags>`, `jobs.<job_id>.if`, `jobs.<job_id>.needs`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.syntax import evaluation, expressions, unknowns
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Choice, Partial, Unknown, beginning
from pypi_setup.preflight.workflow import matrix

if TYPE_CHECKING:
    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.syntax.evaluation import Contexts
    from pypi_setup.preflight.workflow.model import Event, Input, Job, Step, Table, Workflow

_BRANCH, _TAG = "refs/heads/", "refs/tags/"
_SOME_REF = Choice((beginning(_BRANCH), beginning(_TAG)))
_DEFAULT_BRANCH = frozenset(
    {
        *("branch_protection_rule", "discussion", "discussion_comment", "fork", "gollum", "issue_comment"),
        *("issues", "label", "milestone", "public", "pull_request_target", "repository_dispatch", "schedule"),
        *("watch", "workflow_run"),
    }
)
"""Events whose ref is a branch: the default one, or the base of a pull request."""

_ACTIONS: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys(("pull_request", "pull_request_target"), ("opened", "synchronize", "reopened")),
    **dict.fromkeys(("push", "schedule", "workflow_dispatch"), (None,)),
}
"""The payload's `action` where a trigger names no types; these events start no other, or have none at all."""

_PATTERN = re.compile(r"[*?+\[\]!\\]")
"""What has a meaning of its own in a filter for branches and tags."""

_EMPTY_INPUTS = {"boolean": False, "number": 0.0}
"""What an input without a value and without a default is, by type; any other is empty text."""


# ---------------------------------------------------------------- contexts


def contexts(workflow: Workflow, event: str, *, repository: str = "") -> dict[str, Any]:
    """Return what is known of the contexts in a run that this event starts.

    The person who starts a `workflow_dispatch` chooses its inputs, so they are not known there. In a workflow
    that another one calls (`workflow_call`), the event is the caller's: begin with the caller's contexts, and
    replace `inputs`. `repository` is owner/name, where it is known.
    """
    trigger = workflow.on.get(event)
    github: dict[str, Any] = Partial() if event == "workflow_call" else _github(event, trigger)
    if repository:
        github["repository"] = repository
        github["repository_owner"] = repository.partition("/")[0]
    inputs: dict[str, Any] = {}
    if trigger is not None:
        inputs = {name: _chosen(declared) for name, declared in trigger.inputs.items()}
    return {"github": github, "inputs": inputs, "env": environment_variables({}, workflow.env)}


def defaults(declared: dict[str, Input], known: Contexts) -> dict[str, Any]:
    """Return the `inputs` context where nobody gives a value: every input has its default."""
    return {name: _default(each, known) for name, each in declared.items()}


def given(declared: dict[str, Input], values: Table, known: Contexts, *, typed: bool) -> dict[str, Any]:
    """Return the `inputs` context of a call: the values of its `with`, and the other inputs' defaults.

    `known` are the contexts around the call. `typed` says whether values keep their type (a called workflow);
    an action's inputs are always text.
    """
    if values.expression is not None:
        return Partial()
    found: dict[str, Any] = {}
    for name, each in declared.items():
        value = values.get(name)
        found[name] = _default(each, known) if value is None else _value(value, known)
        if not typed:
            found[name] = unknowns.as_text(found[name])
    return found


def environment_variables(
    outer: dict[str, Any], table: Table, known: Contexts | None = None
) -> dict[str, Any]:
    """Return the `env` context inside of a block, from the one around it; others may be added by a run."""
    found = Partial(outer)
    for name, value in table.entries.items():
        found[name] = _as_text(value, known or {})
    return found


def _as_text(value: Scalar, known: Contexts) -> Any:
    texts = evaluation.texts(value.text, known)
    return Choice(texts) if len(texts) > 1 else texts[0]


def _value(value: Scalar, known: Contexts) -> Any:
    """Return a scalar's value with its expressions evaluated; one that is an expression keeps its type."""
    if not value.has_expression:
        return value.value
    whole = expressions.whole(value.text)
    if whole is None:
        return _as_text(value, known)
    results = evaluation.outcomes(whole, known)
    return Choice(results) if len(results) > 1 else results[0]


def _default(declared: Input, known: Contexts) -> Any:
    if declared.default is None:
        return _EMPTY_INPUTS.get(declared.type, "")
    return _value(declared.default, known)


def _chosen(declared: Input) -> Any:
    """Return what the person who starts a run can choose."""
    if declared.type == "boolean":
        return Choice((True, False))
    if declared.type == "choice" and declared.options:
        return Choice(option.text for option in declared.options)
    return UNKNOWN


def _github(event: str, trigger: Event | None) -> Partial:
    """Return what an event says of the `github` context."""
    github = Partial({"event_name": event, "event": _event(event, trigger)})
    refs = _refs(event, trigger)
    if refs:
        github["ref"] = Choice(refs)
        github["ref_name"] = Choice(_short(ref) for ref in refs)
        kinds = {_ref_type(ref) for ref in refs}
        github["ref_type"] = Choice(kind for kind in ("branch", "tag") if kind in kinds)
    if event.startswith("pull_request"):
        github["head_ref"] = github["base_ref"] = beginning("")
    else:
        github["head_ref"] = github["base_ref"] = ""
    return github


def _event(event: str, trigger: Event | None) -> Partial:
    """Return what is known of the event's payload: its action."""
    if trigger is not None and trigger.types:
        return Partial({"action": Choice(each.text for each in trigger.types)})
    return Partial({"action": Choice(_ACTIONS[event])} if event in _ACTIONS else {})


def _refs(event: str, trigger: Event | None) -> tuple[str | Unknown, ...]:
    """Return the values that `github.ref` can have, texts or their beginnings; none where all is possible."""
    if event == "push" and trigger is not None:
        branches = trigger.branches is not None or trigger.branches_ignore is not None
        tags = trigger.tags is not None or trigger.tags_ignore is not None
        # With a filter for one kind of ref only, a push of the other kind starts nothing.
        on_branch = _matched(_BRANCH, trigger.branches) if branches or not tags else ()
        on_tag = _matched(_TAG, trigger.tags) if tags or not branches else ()
        return (*on_branch, *on_tag)
    if event == "release":
        return (beginning(_TAG),)
    if event in {"pull_request", "pull_request_review", "pull_request_review_comment"}:
        return (beginning("refs/pull/"),)
    if event in _DEFAULT_BRANCH:
        return (beginning(_BRANCH),)
    if event == "merge_group":
        return (beginning(f"{_BRANCH}gh-readonly-queue/"),)
    return tuple(_SOME_REF) if event in {"push", "workflow_dispatch"} else ()


def _matched(kind: str, patterns: tuple[Scalar, ...] | None) -> tuple[str | Unknown, ...]:
    """Return the refs that a filter lets through: a name, or what the matching names begin with."""
    refs: list[str | Unknown] = []
    for pattern in patterns or ():
        text = pattern.text
        if text.startswith("!"):
            continue
        special = _PATTERN.search(text)
        if special is None:
            refs.append(kind + text)
        else:
            # "?" and "+" repeat the character before them.
            end = special.start() - (special[0] in "?+")
            refs.append(beginning(kind + text[: max(end, 0)]))
    if len(refs) > evaluation.OUTCOMES_LIMIT // 2:
        refs = []
    return tuple(refs) or (beginning(kind),)


def _ref_type(ref: str | Unknown) -> str:
    text = ref.prefix if isinstance(ref, Unknown) else ref
    return "tag" if text.startswith(_TAG) else "branch"


def _short(ref: str | Unknown) -> str | Unknown:
    text = ref.prefix if isinstance(ref, Unknown) else ref
    name = text.removeprefix(_BRANCH).removeprefix(_TAG).removeprefix("refs/pull/")
    return beginning(name) if isinstance(ref, Unknown) else name


# ---------------------------------------------------------------- conditions


class Answer(NamedTuple):
    """What is known of a job in a run in which all goes well."""

    runs: bool | None
    """Whether it runs; None where only a run can tell."""

    well: bool | None
    """Whether it and all jobs that it needs, directly or not, run: what `success()` is behind it."""


def events(
    workflow: Workflow, job: Job, step: Step | None = None, *, repository: str = ""
) -> dict[str, bool | None]:
    """Tell for every event of `on` whether it runs a job, or a step of it.

    True: it does, in a run in which all goes well. False: it never does. None: only a run can tell.
    """
    return {
        event: runs(workflow, job, step, contexts(workflow, event, repository=repository))
        for event in workflow.on
    }


def runs(
    workflow: Workflow,
    job: Job,
    step: Step | None,
    known: Contexts,
    answers: dict[str, Answer] | None = None,
) -> bool | None:
    """Tell whether a job, or a step of it, runs in a run of which these contexts are known; see `events`.

    `answers` holds what was found for other jobs of the workflow with these contexts, and takes what is found
    here: jobs need each other, and each is then looked at once.
    """
    answer = _job_runs(workflow, job, known, {} if answers is None else answers).runs
    if step is None or step.condition is None or answer is False:
        return answer
    results: set[bool | None] = set()
    for leg in job_contexts(job, known):
        inside = {**leg, "env": environment_variables(leg.get("env", {}), step.env, leg)}
        results.add(evaluation.condition(step.condition.text, inside))
    return _both(answer, True if results == {True} else False if results == {False} else None)


def job_contexts(job: Job, known: Contexts) -> tuple[dict[str, Any], ...]:
    """Return the contexts inside of each of a job's legs, from those of the workflow."""
    found: list[dict[str, Any]] = []
    for leg in matrix.legs(job.matrix, known).legs:
        inside = {**known, "matrix": leg}
        inside["env"] = environment_variables(known.get("env", {}), job.env, inside)
        found.append(inside)
    return tuple(found)


def skipped_by(workflow: Workflow, job: Job, known: Contexts) -> tuple[Job, ...]:
    """Return the jobs that never run in such a run and so keep another one from running, which else would.

    It needs them, directly or not, and its own condition has no status function: then GitHub puts `success()`
    in front of it, which is false where any of them was skipped.
    """
    text = job.condition.text if job.condition else ""
    if expressions.asks_status(text) or evaluation.condition(text, {**known, "success()": True}) is False:
        return ()
    answers: dict[str, Answer] = {}
    _job_runs(workflow, job, known, answers)
    by_name = {name.lower(): other for name, other in workflow.jobs.items()}
    needed: dict[str, Job] = {}
    waiting = _needed(job)
    while waiting:
        name = waiting.pop(0)
        if name in by_name and name not in needed:
            needed[name] = by_name[name]
            waiting.extend(_needed(by_name[name]))
    return tuple(each for name, each in needed.items() if name in answers and answers[name].runs is False)


def _job_runs(workflow: Workflow, job: Job, known: Contexts, answers: dict[str, Answer]) -> Answer:
    """Tell whether a job runs, by its condition and by whether the jobs run that it needs."""
    by_name = {name.lower(): other for name, other in workflow.jobs.items()}
    entered: set[str] = set()
    stack = [job]
    while stack:
        current = stack.pop()
        name = current.id.lower()
        if name in answers:
            continue
        missing = [need for need in _needed(current) if need in by_name and need not in answers]
        if missing and name not in entered:
            entered.add(name)
            stack += [current, *(by_name[need] for need in missing)]
        else:  # All that it needs has an answer, but for what needs this job itself.
            answers[name] = _answer(current, answers, known)
    return answers[job.id.lower()]


def _needed(job: Job) -> list[str]:
    return [need.text.lower() for need in job.needs]


def _answer(job: Job, answers: dict[str, Answer], known: Contexts) -> Answer:
    """Tell whether a job runs, given the answers for the jobs that it needs."""
    needs = {need.text: answers.get(need.text.lower(), Answer(None, None)) for need in job.needs}
    well: bool | None = True
    for answer in needs.values():
        well = _both(well, answer.well)
    text = job.condition.text if job.condition else ""
    results = _results({name: answer.runs for name, answer in needs.items()})
    inside = {**known, "needs": results, "success()": Choice((True, False)) if well is None else well}
    condition = evaluation.condition(text, inside)
    runs = condition if expressions.asks_status(text) else _both(well, condition)
    return Answer(runs, _both(well, runs))


def _results(needs: dict[str, bool | None]) -> dict[str, Any]:
    """Return the `needs` context: a needed job has succeeded, or was skipped."""
    results = {True: "success", False: "skipped", None: Choice(("success", "skipped"))}
    return {name: Partial({"result": results[answer]}) for name, answer in needs.items()}


def _both(one: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001 answers, not flags
    """Combine two answers: False if one is, else None if one is, else True."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True
