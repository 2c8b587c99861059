"""Why did a run fail: its log in, the cause out.

log -> scan -> diagnosis -> publisher (claims, options, checkout) -> look-up and check -> report
"""

from __future__ import annotations

import os.path
import re
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL
from pypi_setup.values import index as indexes
from pypi_setup.values import request as requests
from pypi_setup.values.explanation import Blame
from pypi_setup.values.finding import Severity
from pypi_setup.values.guidance import guidance
from pypi_setup.values.publisher import BadInput, Problem
from pypi_setup.values.report import Report, Target
from pypi_setup.values.standing import Mark
from pypi_setup.values.statuses import MEANINGS, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from pypi_setup.log.diagnosis import Diagnosis
    from pypi_setup.log.parts import Part
    from pypi_setup.log.scan import Scan
    from pypi_setup.values.explanation import Explanation, Named
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings

FORUM = "https://discuss.python.org/c/packaging"
"""Where to ask about what is not known here."""

_RUN = re.compile(
    r"(?P<number>[0-9]{5,20})"
    r"|https://github\.com/(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})/actions/runs/(?P<id>[0-9]{1,20})(?:[/?#].*)?",
    re.ASCII,
)
"""What names a run: its number, or its page."""

_SENTENCE = re.compile(r"((?:`[^`]*`|[^`])+?)[.:] (.+)")
"""The verdict, and what explains it: two sentences, or the parts around a colon outside of code."""

_FULL_NAME = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)

_REGISTER = frozenset({"publisher-not-found", "publisher-refused", "pending-publisher-project-exists"})
"""The causes that a registration cures."""

_MATCHING = frozenset(
    {
        "environment-mismatch",
        "environment-none",
        "index-mismatch",
        "no-publishing-job",
        "pending-identity-shared",
        "project-name-mismatch",
        "published-by-other",
        "repository-moved",
        "repository-spelling",
        "reusable-workflow",
        "workflow-missing",
    }
)
"""The rules of the check that can say why no publisher matches."""


def run(given: Given, around: Surroundings) -> Report:
    """Return why the run failed whose log was given; in a checkout without one, why nothing was published.

    Raises BadInput where there is no log, or an option breaks a rule.
    """
    from pypi_setup.log.diagnosis import diagnosed
    from pypi_setup.log.parts import BadLog
    from pypi_setup.log.scan import scanned

    if _has_no_log(given, around):
        from pypi_setup.commands.silence import failed_run

        found = failed_run(given, around)
        if isinstance(found, Report):
            return found
        given = given._replace(run=found)
    gaps: list[str] = []
    try:
        with _opened(given, around, gaps) as parts:
            scan = scanned(parts)
    except BadLog as broken:
        raise _unreadable(given, str(broken)) from None
    except OSError as error:
        raise _unreadable(given, error.strerror or type(error).__name__) from None
    report = reported(diagnosed(scan), scan, given, around)
    return report._replace(notes=(*gaps, *report.notes))


def _has_no_log(given: Given, around: Surroundings) -> bool:
    """Tell whether neither a log nor a run is named, and this is a checkout."""
    from pathlib import Path

    from pypi_setup.discovery.discover import root

    named = given.run.strip() or around.stdin is not None or around.environ.get("GITHUB_RUN_ID")
    return not named and (root(Path(around.folder).resolve()) / ".git").exists()


def _opened(given: Given, around: Surroundings, gaps: list[str]) -> AbstractContextManager[Iterable[Part]]:
    """Open the log; `gaps` takes up what of it cannot be read, as sentences."""
    from pypi_setup.log.parts import of_file, of_stream

    if around.stdin is not None and given.run in {"", "-"}:
        return nullcontext((of_stream(around.stdin),))
    own = around.environ.get("GITHUB_RUN_ID", "")
    run = _RUN.fullmatch(given.run.strip() or own)
    if run and not os.path.exists(given.run):
        return nullcontext([of_stream(BytesIO(text), job) for job, text in _failed(run, given, around, gaps)])
    if given.run in {"", "-"}:
        raise _unreadable(given, "none was given")
    if "INPUT_MODE" in around.environ:  # The action: it reads runs, not the files of its container.
        raise _unreadable(given, "it is neither the number nor the URL of a run")
    return of_file(given.run)


def _failed(
    run: re.Match[str], given: Given, around: Surroundings, gaps: list[str]
) -> Iterable[tuple[str, bytes]]:
    """Return what failed in a run of GitHub Actions: jobs and their logs. Raises BadInput.

    With a token GitHub's API is asked, else the command gh, which has a token of its own.
    """
    number, repository = run["id"] or run["number"], run["repository"] or _repository(given, around)
    access = requests.parse_lookup(given)
    if repository and access.github_token:
        from pypi_setup.discovery.repositories import Repositories
        from pypi_setup.sources.runs import failed_logs

        repositories = Repositories(access, around.environ, around.on_wait)
        owner, _, name = repository.partition("/")
        found = failed_logs(repositories.of(owner, name), repositories.client, number)
        if found.logs:
            gaps.extend([f"Not read: {found.problem}."] if found.problem else [])
            return found.logs
        raise _unreadable(given, found.problem)
    from pypi_setup.sources.gh import GitHubCommand

    ended = GitHubCommand(repository, around.environ).failed_log(number)
    if ended.output:
        return [("", ended.output)]
    reason = ended.problem or (
        "gh shows none: nobody is signed in (gh auth login), there is no such run, or no step of it failed"
    )
    raise _unreadable(given, reason)


def _repository(given: Given, around: Surroundings) -> str:
    """Return the repository whose run it is, as `owner/name`; empty where nothing says which."""
    owner, repo = given.owner.strip(), given.repo.strip()
    names = (repo, owner, f"{owner}/{repo}", around.environ.get("GITHUB_REPOSITORY", ""))
    return next((name for name in names if _FULL_NAME.fullmatch(name)), "")


def _unreadable(given: Given, reason: str) -> BadInput:
    fix = "name its file, or pipe it in: gh run view RUN --log-failed | pypi-setup explain"
    from pypi_setup.log.secrets import hidden

    return BadInput((Problem("run", hidden(given.run), f"The log cannot be read: {reason}", fix),))


class _Setting(NamedTuple):
    """What the log is held against."""

    registers: Publisher | None = None
    """The publisher that would match the job; None where it is not known."""

    expected: Publisher | None = None
    """The publisher that the options and the checkout name."""

    exists: bool | None = None
    """Whether the project exists on the index."""

    findings: tuple[Finding, ...] = ()
    """What the check says of the checkout, about this cause only."""

    notes: tuple[str, ...] = ()


def reported(diagnosis: Diagnosis, scan: Scan, given: Given, around: Surroundings) -> Report:
    """Return the report of a diagnosis. Raises BadInput where an option breaks a rule."""
    index = _index(given, diagnosis)
    setting = _setting(diagnosis, given, index, around)
    explanation = _compared(diagnosis, setting)
    named = explanation.named
    guide = None
    if named and named.rule in _REGISTER and setting.registers:
        guide = guidance(setting.registers, index, exists=setting.exists)
    publisher = setting.registers or setting.expected
    page = guide.page.url if guide else index.page(publisher, exists=setting.exists).url
    meaning = MEANINGS[Status.EXPLAINED if named else Status.UNEXPLAINED]
    holes = _named(named, explanation) if named else _unnamed(scan)
    return Report(
        status=Status.EXPLAINED if named else Status.UNEXPLAINED,
        success=meaning.success,
        message=meaning.message.format_map(holes),
        cause=meaning.cause.format_map(holes),
        action=meaning.action.format_map(holes),
        package_index=index,
        fallback_url=page,
        mark=Mark.TURN if named else Mark.UNKNOWN,
        place=None if guide else _place(named),
        publisher=publisher,
        guidance=guide,
        project_exists=setting.exists,
        findings=setting.findings,
        elsewhere=guide is None,
        notes=(*explanation.secrets, *setting.notes),
        explanation=explanation,
    )


def _index(given: Given, diagnosis: Diagnosis) -> Index:
    """Return the index that was given; where it is the default, the one that the log speaks of."""
    try:
        index = indexes.parse(given.index_url)
    except indexes.IndexProblem as problem:
        raise BadInput((Problem("index-url", "", str(problem), problem.fix),)) from None
    return indexes.parse(diagnosis.where) if diagnosis.where and index.url == indexes.PYPI_URL else index


def _compared(diagnosis: Diagnosis, setting: _Setting) -> Explanation:
    from pypi_setup.log.comparison import differences

    if not (diagnosis.claims and setting.expected):
        return diagnosis.explanation
    return diagnosis.explanation._replace(differences=differences(setting.expected, diagnosis.claims))


def _setting(diagnosis: Diagnosis, given: Given, index: Index, around: Surroundings) -> _Setting:
    from pypi_setup.log.comparison import presented

    asked = given
    given, notes = _filled(diagnosis, given, around)
    named, claims = diagnosis.explanation.named, diagnosis.claims
    registers = presented(claims, "".join(given.project[:1])) if claims else None
    try:
        request = requests.parse(given._replace(mode=requests.Mode.CHECK.value, index_url=index.url))
    except BadInput as bad:
        problems = tuple(each for each in bad.problems if _wrote(asked, each.field))
        if problems:
            raise BadInput(problems) from None
        return _Setting(registers, notes=notes)
    expected = request.publishers[0]
    setting = _Setting(registers or expected, expected, notes=notes)
    if named is None or named.blame is not Blame.YOURS or request.dry_run:
        return setting
    from pypi_setup.discovery.investigation import investigated
    from pypi_setup.discovery.repositories import Repositories

    repositories = Repositories(request.lookup, around.environ, around.on_wait)
    known = investigated(request, repositories, around.folder, around.environ, asked=False)
    case = next(known.cases())
    rules = {named.check} | (_MATCHING if named.rule in _REGISTER else set())
    findings = tuple(
        each for each in case.findings if each.rule in rules and each.severity is not Severity.NOTICE
    )
    return setting._replace(exists=case.project.exists, findings=findings)


def _wrote(given: Given, field: str) -> bool:
    """Tell whether the user gave this input."""
    value = getattr(given, field.replace("-", "_"))
    return bool("".join(value).strip() if isinstance(value, tuple) else value)


def _filled(diagnosis: Diagnosis, given: Given, around: Surroundings) -> tuple[Given, tuple[str, ...]]:
    """Fill in what was not given: from the checkout, if it is of the log's repository, then from the log."""
    from pathlib import Path

    from pypi_setup.discovery.discover import discovered
    from pypi_setup.log.comparison import workflow_file

    if not any(name.strip() for name in given.project) and diagnosis.project:
        given = given._replace(project=(diagnosis.project,))
    claims = diagnosis.claims.mapping if diagnosis.claims else {}
    owner, _, repository = claims.get("repository", "").partition("/")
    found, notes = discovered(given, Path(around.folder), around.environ).given, []
    here = f"{found.owner}/{found.repo}"
    if (
        repository
        and not (given.owner or given.repo)
        and here.lower() not in {"/", f"{owner}/{repository}".lower()}
    ):
        notes.append(
            f"The log is of {owner}/{repository}, and this folder is a checkout of {here}: only the log was "
            "used. If the repository was renamed, register its new name."
        )
        found = given
    elif repository and here.lower() == f"{owner}/{repository}".lower() and not (given.owner or given.repo):
        found = found._replace(owner=owner, repo=repository)  # As GitHub spells it.
    environment = (
        claims.get("environment", "") if diagnosis.claims and diagnosis.claims.has_environment else None
    )
    return found._replace(
        owner=found.owner or owner,
        repo=found.repo or repository,
        workflow=found.workflow or (workflow_file(diagnosis.claims) if diagnosis.claims else None) or None,
        environment=environment if found.environment is None else found.environment,
    ), tuple(notes)


def _named(named: Named, explanation: Explanation) -> dict[str, str]:
    split = _SENTENCE.fullmatch(named.cause)
    first, why = split.groups() if split else (named.cause, f"The error is in {named.place}.")
    files = ", ".join(explanation.uploaded)
    half = f" These files were uploaded before the error: {files}." if files else ""
    again = " To finish this release run the upload again with `skip-existing: true`." if files else ""
    return {
        "summary": first.rstrip(".") + ".",
        "why": why[:1].upper() + why[1:] + half,
        "fix": named.fix + ("" if "skip-existing" in named.fix else again),
    }


def _unnamed(scan: Scan) -> dict[str, str]:
    from pypi_setup.log.causes import CAUSES

    report = f"Report the text at {PROJECT_URL}/issues, so that it becomes known, or ask at {FORUM}."
    if not scan.lines:
        return {
            "summary": "The log is empty.",
            "why": "Nothing was read.",
            "fix": "Pipe in the log: gh run view RUN --log-failed | pypi-setup explain",
        }
    if scan.success and not scan.failed:
        return {
            "summary": "Nothing failed in this log: a tool says that it published.",
            "why": "No line is called an error.",
            "fix": "If the run failed all the same, give the log of the job that failed.",
        }
    shown = "The lines below are what it calls errors." if scan.errors else "No line is called an error."
    return {
        "summary": "No known error stands in this log.",
        "why": f"None of the {len(CAUSES)} known causes matches. {shown}",
        "fix": f"Read the lines around the error. {report}",
    }


def _place(named: Named | None) -> Target:
    """Return where to look next, if that is not the index's page."""
    if named is None:
        return Target("Ask in the packaging forum", FORUM)
    if named.link and named.blame is not Blame.YOURS:
        return Target("See whether the service has an incident", named.link)
    return Target(f"More about {named.rule}", named.url)
