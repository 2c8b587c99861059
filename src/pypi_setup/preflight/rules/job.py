"""Rules on the publishing job: its permission, its environment, its runner, its steps."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing.publications import step_runs
from pypi_setup.preflight.publishing.tool import Attestations
from pypi_setup.preflight.syntax import evaluation, expressions, shell
from pypi_setup.preflight.syntax.expressions import ExpressionProblem
from pypi_setup.preflight.syntax.unknowns import Unknown
from pypi_setup.preflight.workflow import loading as workflows
from pypi_setup.preflight.workflow.situations import NAME_LIMIT
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.quoted import MISMATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.workflow.loading import Job, Step, Workflow
    from pypi_setup.preflight.workflow.model import RunsOn
    from pypi_setup.preflight.workflow.situations import Situation

_OFFERED = frozenset({"github", "inputs", "matrix", "needs", "strategy", "vars"})
"""The contexts that GitHub offers in `jobs.<job_id>.environment`."""

_TOKEN = "permissions:\n      id-token: write"  # noqa: S105 - YAML to paste
_LINUX = "runs-on: ubuntu-latest"
_SHOWN_LIMIT = 5


# ---------------------------------------------------------------- the permission


def id_token_missing(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing jobs that may not ask GitHub for a token.

    Where the job asks for it, what its callers leave it is judged by caller-permissions.
    """
    for each in evidence.publications:
        placed = each.situation.placed
        own = workflows.effective(placed.job, placed.workflow)
        if placed.permissions is None:
            why = "neither it nor the workflow has a permissions block"
            line = each.job.line
        elif own is None and placed.permissions.level("id-token") != "write":
            why = "it has no permissions block, and the workflow that calls it grants no id-token"
            line = each.job.line
        elif own is not None and own.level("id-token") != "write":
            where = (
                "the job's permissions block, which replaces the workflow's,"
                if each.job.permissions
                else "the workflow's permissions block"
            )
            why = f"{where} does not grant id-token: write"
            line = own.line
        else:
            continue
        message = (
            f"Job '{each.name}' gets no OIDC token: {why}. It will stop with "
            '"missing or insufficient OIDC token permissions".'
        )
        fix = f"In the job '{each.name}':\n    {_TOKEN}"
        lacking = [call for call, left in placed.limits if left is None or left.level("id-token") != "write"]
        if lacking:
            names = ", ".join(one_line(f"{call.job.id} in {call.workflow.file}", 150) for call in lacking)
            fix = f"Grant id-token: write in this job and in the job that calls it ({names}):\n    {_TOKEN}"
        yield Finding("id-token-missing", Severity.ERROR, message, fix, each.file, line)


# ---------------------------------------------------------------- the environment


class _Environment(NamedTuple):
    """The environment of one publishing job, over all its situations."""

    job: Job
    file: str
    line: int
    names: tuple[str | Unknown, ...]
    """What it can be called; empty text for none."""

    @property
    def name(self) -> str:
        """The job's id, fit to be shown."""
        return one_line(self.job.id, NAME_LIMIT)

    def could_be(self, wanted: str) -> bool | None:
        """Tell whether it is the wanted one: in one situation at least; None where that is not known."""
        answers = {_is_it(name, wanted) for name in self.names}
        return True if True in answers else None if None in answers else False


def _is_it(name: str | Unknown, wanted: str) -> bool | None:
    if isinstance(name, str):
        return name.lower() == wanted.lower()
    return None if wanted.lower().startswith(name.prefix.lower()) else False


def _environments(evidence: Evidence) -> Iterator[_Environment]:
    """Give the environment of every publishing job whose expression GitHub would accept."""
    by_job: dict[tuple[str, str], list[Situation]] = {}
    for each in evidence.publications:
        by_job.setdefault((each.file, each.job.id), []).append(each.situation)
    refused = {(each.file, each.line) for each in refused_environments(evidence)}
    for (file, _), situations in by_job.items():
        job = situations[0].job
        environment = job.environment
        line = environment.name.line if environment else job.line
        if (file, line) not in refused:
            texts = [_texts(situation) for situation in situations]
            names = tuple(dict.fromkeys(name for found in texts for name in found))
            yield _Environment(job, file, line, names)


def _texts(situation: Situation) -> tuple[str | Unknown, ...]:
    environment = situation.job.environment
    return evaluation.texts(environment.name.text, situation.contexts) if environment else ("",)


def environment_mismatch(evidence: Evidence) -> Iterator[Finding]:
    """Find publishing jobs in another environment than the publisher's."""
    wanted = evidence.publisher.environment
    if not wanted or "environment" in evidence.assumed:
        return
    found = list(_environments(evidence))
    one_is_right = any(each.could_be(wanted) for each in found)
    for each in found:
        wrong = [name for name in each.names if _is_it(name, wanted) is False]
        if not wrong:
            continue
        shown = ", ".join(repr(one_line(_shown(name), 80)) for name in wrong[:_SHOWN_LIMIT])
        message = (
            f"Job '{each.name}' runs in {'no environment' if wrong == [''] else shown}, but "
            f"the publisher requires '{wanted}': PyPI will answer {MISMATCH}."
        )
        other = "without an environment" if wrong == [""] else shown
        fix = f"Register {other}, or in the job '{each.name}':\n    environment: {wanted}"
        others = one_is_right and wrong != [""]
        if others or each.could_be(wanted) is not False:
            message += " It may publish another project."
            yield Finding("environment-mismatch", Severity.NOTICE, message, fix, each.file, each.line)
        else:
            yield Finding("environment-mismatch", Severity.ERROR, message, fix, each.file, each.line)


def _shown(name: str | Unknown) -> str:
    return f"{name.prefix}…" if isinstance(name, Unknown) else name


def environment_expression(evidence: Evidence) -> Iterator[Finding]:
    """Find environments whose name cannot be told, or will not be accepted."""
    yield from refused_environments(evidence)
    wanted = evidence.publisher.environment
    for each in _environments(evidence):
        if wanted and each.could_be(wanted) is None:
            message = (
                f"Only a run knows the environment of the job '{each.name}'. The publisher requires "
                f"'{wanted}'."
            )
            fix = f"environment: {wanted}"
            yield Finding("environment-expression", Severity.NOTICE, message, fix, each.file, each.line)


def refused_environments(evidence: Evidence) -> list[Finding]:
    """Return the errors about environments whose expression GitHub does not accept at that place."""
    found: dict[Finding, None] = {}
    for each in evidence.publications:
        environment = each.job.environment
        name = _refused(environment.name.text) if environment else None
        if environment and name:
            message = (
                f"GitHub will refuse the file: a job's environment may not use '{name}' "
                f"(\"Unrecognized named-value: '{name}'\")."
            )
            wanted = evidence.publisher.environment or "pypi"
            fix = f"Write the name:\n    environment: {wanted}"
            line = environment.name.line
            found[Finding("environment-expression", Severity.ERROR, message, fix, each.file, line)] = None
    return list(found)


def _refused(text: str) -> str | None:
    """Return the first name in a text's expressions that GitHub does not offer there."""
    try:
        parts = expressions.segments(text)
    except ExpressionProblem:
        return None  # That is a finding of workflow-invalid.
    names = (expressions.refused_name(part, _OFFERED) for part in parts if not isinstance(part, str))
    return next((name for name in names if name), None)


def environment_none(evidence: Evidence) -> Iterator[Finding]:
    """Find releases that no environment protects."""
    if evidence.publisher.environment:
        return
    for each in _environments(evidence):
        if each.names == ("",):
            message = (
                f"Neither the publisher nor the job '{each.name}' has an environment: every job of this "
                "workflow file, on every branch, can publish."
            )
            fix = (
                f"In the job '{each.name}', and in what you register (give the environment pypi for a link "
                "that has it):\n    environment: pypi"
            )
        else:
            shown = ", ".join(repr(one_line(_shown(name), 80)) for name in each.names[:_SHOWN_LIMIT] if name)
            message = (
                f"Job '{each.name}' runs in {shown}, but the publisher does not require it: a job without "
                "it, on any branch, can publish."
            )
            fix = f"Register {shown} too."
        yield Finding("environment-none", Severity.WARNING, message, fix, each.file, each.line)


# ---------------------------------------------------------------- the runner


def unsupported_runner(evidence: Evidence) -> Iterator[Finding]:
    """Find tools that start a container where none can be started."""
    for _, group in groupby(sorted(evidence.publications, key=_spot), key=_spot):
        publications = [each for each in group if each.upload.tool.needs_docker]
        for each in publications:
            yield from _unsupported(each, all(other.situation.system in _OTHERS for other in publications))


_OTHERS = {"Windows", "macOS"}


def _spot(publication: Publication) -> tuple[str, str, str, int]:
    return publication.spot


def _is_self_hosted(runner: RunsOn) -> bool:
    return any(label.text.lower() == "self-hosted" for label in runner.labels)


def _unsupported(each: Publication, all_unsupported: bool) -> Iterator[Finding]:  # noqa: FBT001 a fact, not a flag
    upload, job, system = each.upload, each.job, each.situation.system
    tool = upload.tool.name
    if each.in_action:
        message = (
            f"{tool} does not work in a composite action: it looks for its image under the name of the "
            "action around it."
        )
        fix = f"Use it as a step of the job:\n      - uses: {one_line(upload.written, 120)}"
        yield Finding("unsupported-runner", Severity.ERROR, message, fix, upload.file, upload.line)
    if job.container:
        image = job.container.image
        texts = evaluation.texts(image.text, each.situation.contexts) if image else ("",)
        message = f"{tool} starts a container, which fails in the container of '{each.name}'."
        fix = f"Upload in a job without container:\n  publish:\n    {_LINUX}"
        severity = Severity.ERROR if all(isinstance(text, str) for text in texts) else Severity.NOTICE
        if any(texts):
            yield Finding("unsupported-runner", severity, message, fix, each.file, job.container.line)
    if not system and job.runs_on and _is_self_hosted(job.runs_on):
        message = (
            f"{tool} needs Docker, and '{each.name}' runs on a self-hosted runner, which may not have it "
            '("docker: command not found").'
        )
        fix = f"Upload on a runner of GitHub:\n  publish:\n    {_LINUX}"
        yield Finding("unsupported-runner", Severity.NOTICE, message, fix, each.file, job.runs_on.line)
    if system in _OTHERS and job.runs_on:
        message = (
            f"{tool} runs on Linux only, and '{each.name}' runs it on {system}: "
            '"Container action is only supported on Linux".'
        )
        fix = f"Build there, and upload in a job of its own:\n  publish:\n    needs: build\n    {_LINUX}"
        certain = all_unsupported or each.step_runs is not None
        severity = Severity.ERROR if certain else Severity.NOTICE
        yield Finding("unsupported-runner", severity, message, fix, each.file, job.runs_on.line)


# ---------------------------------------------------------------- the steps


def attestation_collision(evidence: Evidence) -> Iterator[Finding]:
    """Find a second upload that will stumble over the attestations of a first one."""
    here = {each.spot for each in evidence.publications}
    possible = [each for each in evidence.uploads if each.runs is not False and _attests(each)]
    for _, group in groupby(possible, key=lambda each: id(each.situation)):
        folders: dict[str, Publication] = {}
        for each in group:
            first = folders.setdefault(each.upload.folder or "", each)
            if first is each or not here.intersection({first.spot, each.spot}):
                continue
            certain = first.step_runs is True and each.step_runs is True
            message = (
                f"The upload in line {first.upload.line} leaves attestations in "
                f"'{one_line(each.upload.folder or '', 80)}', so this second one will stop with "
                '"Attestation generation failure: The following distributions already have publish '
                'attestations".'
            )
            if not certain:
                message += " Only a run knows whether both run."
            fix = "One job for each index; or, for the first:\n        with:\n          attestations: false"
            severity = Severity.ERROR if certain else Severity.NOTICE
            place = each.upload.file, each.upload.line
            yield Finding("attestation-collision", severity, message, fix, *place)


def _attests(publication: Publication) -> bool:
    upload = publication.upload
    return (
        upload.attestations is Attestations.MADE
        and upload.folder is not None
        and not upload.credentials  # With a password there are no attestations.
    )


_BUILDERS = {
    "build": (),
    "cargo": (),
    "cibuildwheel": (),
    "flit": ("build", "publish"),
    "hatch": ("build", "run"),
    "make": (),
    "maturin": ("build", "develop", "publish"),
    "nox": (),
    "npm": (),
    "pdm": ("build", "install", "run"),
    "pnpm": (),
    "poetry": ("build", "install", "run"),
    "pyproject-build": (),
    "pytest": (),
    "rye": ("build", "sync"),
    "setup.py": (),
    "tox": (),
    "uv": ("build", "sync"),
    "yarn": (),
}
"""Programs that build, or run what a project depends on, with the sub-commands that do (none: all)."""

_WITH_BUILD = {("pdm", "publish"): ("--no-build", False), ("poetry", "publish"): ("--build", True)}
"""Uploads that build first, by an option and whether it must be there."""


def build_with_id_token(evidence: Evidence) -> Iterator[Finding]:
    """Find jobs that may ask for a token and do more than publish."""
    actions = {(each.file, each.line) for _, each in evidence.opaque if "@" in each.name}
    by_job: dict[tuple[str, str], dict[int, Situation]] = {}
    for each in evidence.publications:
        permissions = each.situation.placed.permissions
        if permissions is not None and permissions.level("id-token") == "write":
            by_job.setdefault((each.file, each.job.id), {})[id(each.situation)] = each.situation
    for (file, _), situations in by_job.items():
        first = next(iter(situations.values()))
        for step, name, line in _foreign(first, actions):
            if any(step_runs(step, situation) is not False for situation in situations.values()):
                message = (
                    f"The job '{first.name}' holds id-token: write and runs '{one_line(name, 80)}' too. "
                    "Whatever that runs could ask for the token and publish in your name."
                )
                fix = (
                    "Build in a job of its own, hand the files over with actions/upload-artifact, and let "
                    "the job that publishes only download and upload them."
                )
                yield Finding("build-with-id-token", Severity.NOTICE, message, fix, file, line)
                break


def _foreign(situation: Situation, actions: set[tuple[str, int]]) -> Iterator[tuple[Step, str, int]]:
    """Give the steps that build or run an action of others, with the name and the line of what they run."""
    for step in situation.job.steps:
        if step.uses and (step.uses.file, step.uses.line) in actions:
            yield step, step.uses.text, step.uses.line
        for command in commands_of(step, situation.job, situation.placed.workflow):
            if step.run and builds(command):
                name = " ".join(word.text for word in command.words[:2])
                yield step, name, step.run.line_of(command.line)


def commands_of(step: Step, job: Job, workflow: Workflow) -> tuple[Command, ...]:
    """Return the commands of a step's script."""
    language = step.shell or job.shell or workflow.shell
    return shell.commands(step.run.text, language.text if language else "").commands if step.run else ()


def builds(command: Command) -> bool:
    """Tell whether a command builds, or runs what a project depends on."""
    words = [word.text for word in command.words]
    subcommand = words[1] if len(words) > 1 else ""
    program = "setup.py" if subcommand == "setup.py" else command.program
    if program in {"pip", "pip3"}:
        return subcommand in {"install", "wheel"} and any(
            word.startswith((".", "-r", "-e")) for word in words[2:]
        )
    if (program, subcommand) in _WITH_BUILD:
        option, wanted = _WITH_BUILD[program, subcommand]
        return (option in words) is wanted
    subcommands = _BUILDERS.get(program)
    return subcommands is not None and (not subcommands or subcommand in subcommands)
