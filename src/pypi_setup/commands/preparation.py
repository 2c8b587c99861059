"""From what was given and found to the plan: all that `init` finds out before it changes a thing."""

from __future__ import annotations

import dataclasses
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.commands.questions import answered
from pypi_setup.discovery.discover import discovered
from pypi_setup.discovery.ground import Candidate, Ground, ground
from pypi_setup.discovery.investigation import spelled
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.fixes import Repair, repairs
from pypi_setup.preflight.preflight import check
from pypi_setup.preflight.publishing.values import Lifetime
from pypi_setup.sources.files import Checkout, Overlay
from pypi_setup.sources.github import GitHub
from pypi_setup.sources.lookup import look_up
from pypi_setup.sources.making import Compiled, made
from pypi_setup.transport import Client
from pypi_setup.values import index as indexes
from pypi_setup.values import request as requests
from pypi_setup.values.finding import Severity
from pypi_setup.values.harmless import one_line
from pypi_setup.values.index import TESTPYPI_URL
from pypi_setup.values.publisher import BadInput, Problem, normalized
from pypi_setup.values.step import State, Step
from pypi_setup.writing.deployment import of_jobs, with_proof
from pypi_setup.writing.own import ACTION, Own, own
from pypi_setup.writing.plan import Plan, Target, free_name, release_step, targets_of
from pypi_setup.writing.split import NotSplit, split
from pypi_setup.writing.workflow import Build, Package, Release, Trigger, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pypi_setup.sources.github import Environment
    from pypi_setup.values.discovered import Discovered
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.values.request import Given, Request
    from pypi_setup.values.surroundings import Surroundings

_SPOKEN_OF = frozenset(
    {
        *("environment-not-found", "repository-unknown", "repository-spelling"),
        *("pending-limit", "already-publishing"),
    }
)
"""Rules of whose findings the plan itself speaks."""

_OF_OTHERS = "environment-mismatch"
"""The rule whose notices say that a job may publish another project: in a workflow of ours it does."""

_HIDING = frozenset({"reusable-workflow", "workflow-invalid"})
"""Rules of whose findings it follows that an upload may not be seen."""

_PINNED = re.compile(r"@[0-9a-f]{40} # v[0-9a-z.]+", re.ASCII)
_FOLDER = ".github/workflows"
_NAMED_LIMIT = 10


class Case(NamedTuple):
    """All that is known before a thing is changed."""

    dry_run: bool
    organization: str
    """The index's organization that will own a new project; empty for the user."""

    root: Path
    """The checkout's root."""

    plan: Plan
    github: Callable[[], GitHub]
    """Returns GitHub without what it answered before."""

    discovered: tuple[Discovered, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the check finds once the plan is carried out."""

    notes: tuple[str, ...] = ()


class _Wishes(NamedTuple):
    """What the user wants of the workflow."""

    trigger: Trigger | None
    rehearsed: bool
    split: bool
    """Whether a job that builds and publishes becomes two."""


class _Scene(NamedTuple):
    """What both roads need to know."""

    wishes: _Wishes
    request: Request
    there: Ground
    chosen: tuple[Candidate, ...]
    environments: tuple[str, ...]
    """One for each of the chosen."""

    action: Own
    asked_anew: Callable[[], GitHub]
    client: Client
    github: GitHub
    found: tuple[Discovered, ...]

    @property
    def package_index(self) -> Index:
        """The index to publish to."""
        return self.request.package_index

    @property
    def file(self) -> str:
        """The workflow's name."""
        return self.request.publishers[0].workflow_filename

    @property
    def path(self) -> str:
        """The workflow's path from the root."""
        return f"{_FOLDER}/{self.file}"

    @property
    def files(self) -> Checkout:
        """The checkout's files."""
        return Checkout(self.there.root)

    def with_changes(self, changes: Iterable[Repair]) -> Overlay:
        """Return the files as they are once these changes are made."""
        return Overlay(self.files, {each.file: each.after for each in changes})

    def case(self, plan: Plan, findings: Iterable[Finding], notes: tuple[str, ...] = ()) -> Case:
        """Return the case of a plan; `findings` are the check's once it is carried out."""
        told = tuple(each for each in findings if each.rule not in _SPOKEN_OF)
        request = self.request
        return Case(
            request.dry_run,
            request.organization,
            self.there.root,
            plan,
            self.asked_anew,
            self.found,
            told,
            notes,
        )


def prepared(given: Given, around: Surroundings) -> Case:
    """Return the plan for what was given and what the checkout, the index and GitHub say.

    Raises BadInput for what is wrong, and for what only a person can decide.
    """
    wishes, action = _wishes(given), own(around.environ)
    if action is None:
        rule = "This copy of pypi-setup does not know the commit that it was made from"
        raise BadInput(
            (Problem("usage", "", rule, "install a release, for example with: pipx run pypi-setup"),)
        )
    there = ground(Path(around.folder), _index(given), around.environ)
    if around.person:
        given = answered(given, there, _index(given), around.person)
        wishes = _wishes(given)
    chosen = _projects(given, there)
    existing = _existing(given, there)
    filled = discovered(
        given._replace(
            project=tuple(one.project for one in chosen),
            workflow=existing or given.workflow or free_name(there.workflows),
            dry_run="false",
        ),
        there.root,
        around.environ,
    )
    environments = tuple(
        _environment(given, filled.given.environment if existing else None, one.project, len(chosen))
        for one in chosen
    )
    try:
        request = requests.parse(
            filled.given._replace(environment=environments[0], dry_run=given.dry_run, mode="register")
        )
    except BadInput as bad:
        raise BadInput(filled.explained(bad.problems)) from None
    client = Client(request.timeout, around.on_wait)
    first = request.publishers[0]
    url = around.environ.get("GITHUB_API_URL", "")
    asked_anew = partial(
        GitHub, client, first.owner, first.repository, api_url=url, token=request.github_token
    )
    github = asked_anew()
    request = request._replace(publishers=tuple(spelled(each, github) for each in request.publishers))
    found = tuple(
        each
        for each in filled.spelled_as(request.publishers[0])
        if each.field != "environment" or each.value == environments[0]  # Else it is changed.
    )
    scene = _Scene(wishes, request, there, chosen, environments, action, asked_anew, client, github, found)
    return _changed(scene) if existing else _created(scene)


def _wishes(given: Given) -> _Wishes:
    words = [trigger.value for trigger in Trigger]
    if given.trigger and given.trigger not in words:
        rule = f"What starts a release is one of {', '.join(words)}"
        raise BadInput((Problem("trigger", given.trigger, rule, "write one of them"),))
    trigger = Trigger(given.trigger) if given.trigger else None
    return _Wishes(trigger, given.testpypi_first == "true", given.split == "true")


def _index(given: Given) -> Index:
    try:
        return indexes.parse(given.index_url)
    except indexes.IndexProblem:
        return indexes.parse("pypi")  # It is refused later, with all else that is wrong.


# ---------------------------------------------------------------- what a person may decide


def _projects(given: Given, there: Ground) -> tuple[Candidate, ...]:
    """Return the projects to publish."""
    names = [name for text in given.project for line in text.splitlines() if (name := line.strip())]
    if names:
        known = {normalized(one.project): one for one in there.candidates}
        made_here = made(Checkout(there.root), "")
        named = {
            normalized(name): known.get(normalized(name), Candidate(name, "", made_here)) for name in names
        }
        return tuple(named.values())
    if there.usual:
        return there.usual
    if there.candidates:
        listed = ", ".join(one.project for one in there.candidates[:_NAMED_LIMIT])
        rule = f"There are several projects here, and nothing tells which are published: {listed}"
        raise BadInput((Problem("project", "", rule, "name one with --project, or each with a --project"),))
    why = there.unsaid[0] if there.unsaid else "no pyproject.toml here names a project"
    raise BadInput((Problem("project", "", f"No project is found: {why}", "name it with --project"),))


def _existing(given: Given, there: Ground) -> str:
    """Return the name of the workflow that publishes already; empty where one is to be written."""
    asked = (given.workflow or "").rpartition("/")[2]
    if asked:
        if asked in there.publishing or asked not in there.workflows:
            return asked if asked in there.publishing else ""
        rule = "This workflow exists and uploads nothing that can be seen"
        fix = "name one that publishes, or a new file, or leave --workflow out"
        raise BadInput((Problem("workflow", asked, rule, fix),))
    if len(there.publishing) > 1:
        rule = f"Several workflows publish: {', '.join(there.publishing[:_NAMED_LIMIT])}"
        raise BadInput((Problem("workflow", "", rule, "name one of them with --workflow"),))
    return there.publishing[0] if there.publishing else ""


def _environment(given: Given, found: str | None, project: str, count: int) -> str:
    """Return the environment of a project's publishing job."""
    if given.environment is not None:
        if not given.environment:
            rule = "Without an environment any job of the workflow could publish"
            raise BadInput((Problem("environment", "", rule, "name one, for example pypi"),))
        return given.environment
    usual = "testpypi" if _index(given).url == TESTPYPI_URL else "pypi"
    return found or (usual if count == 1 else f"{usual}-{normalized(project)}")


# ---------------------------------------------------------------- a workflow from nothing


def _created(scene: _Scene) -> Case:
    """Return the case of a repository in which nothing publishes."""
    release = _release(scene, scene.wishes.trigger or Trigger.TAG, rehearsed=scene.wishes.rehearsed)
    case = _planned(scene, release, (Repair(release.path, None, written(release).encode()),))
    return case._replace(notes=(*_unknown(scene), *case.notes))


def _unknown(scene: _Scene) -> Iterator[str]:
    """Give the workflows that may publish, for all that is known."""
    for name in scene.there.workflows:
        publisher = scene.request.publishers[0]._replace(workflow_filename=name)
        for each in check(Evidence((publisher,), scene.package_index, scene.files)):
            if each.rule in _HIDING:
                yield one_line(f"Whether {name} publishes already is not known. {each.message}", 1000)


def _release(scene: _Scene, trigger: Trigger, *, rehearsed: bool) -> Release:
    packages = tuple(
        Package(one.project, _build(one), environment, one.folder, one.made.from_tags)
        for one, environment in zip(scene.chosen, scene.environments, strict=True)
    )
    tag = "v" if scene.there.tag is None else scene.there.tag
    return Release(
        scene.file, packages, scene.package_index, scene.action.pin, trigger, tag, rehearsed=rehearsed
    )


def _build(one: Candidate) -> Build:
    if one.made.compiled is not Compiled.NO:
        return Build.MATURIN if one.made.compiled is Compiled.MATURIN else Build.CIBUILDWHEEL
    return Build.UV if one.made.by_uv else Build.PYTHON


def _planned(scene: _Scene, release: Release, files: tuple[Repair, ...]) -> Case:
    """Return the case of a workflow of ours, written now or before."""
    first = scene.request.publishers[0]
    targets = tuple(
        Target(
            publisher,
            index,
            look_up(publisher.name, index, scene.client),
            rules,
            _at_github(scene, publisher),
        )
        for publisher, index, rules in targets_of(release, first.owner, first.repository)
    )
    overlay = Overlay(scene.files, {repair.file: repair.after for repair in files})
    findings: dict[Finding, None] = {}
    for target in targets:
        known = {target.publisher.name: target.known}
        evidence = Evidence((target.publisher,), target.package_index, overlay, known, scene.github)
        findings |= dict.fromkeys(check(evidence))
    plan = Plan(
        f"{first.owner}/{first.repository}",
        scene.file,
        files,
        targets,
        release_step(release, scene.chosen[0].made.version),
        branch=scene.github.repository.default_branch or "main",
        is_pushed=_is_pushed(scene, overlay),
    )
    told = [each for each in findings if (each.rule, each.severity) != (_OF_OTHERS, Severity.NOTICE)]
    return scene.case(plan, told, () if scene.action.is_release else (_unreleased(scene.action),))


def _at_github(scene: _Scene, publisher: Publisher) -> Environment:
    return scene.github.environment(publisher.environment)


def _unreleased(action: Own) -> str:
    return (
        f"The proof runs {action.pin.action} at commit {action.pin.commit[:12]}, the state of this clone: it "
        "is no release. Run a released pypi-setup init to pin a release."
    )


def _is_pushed(scene: _Scene, files: Overlay) -> bool:
    """Tell whether GitHub's default branch has the workflow as it stands here, or will stand."""
    here = files.read(scene.path)
    return here is not None and scene.github.read(scene.path) == here


# ---------------------------------------------------------------- a workflow that publishes already


def _changed(scene: _Scene) -> Case:
    """Return the case of a workflow that publishes: ours, or one that is to be moved or made right."""
    before = scene.files.read(scene.path) or b""
    text = before.decode("utf-8", "replace")
    ours = _ours(scene, text)
    if ours:
        trigger = scene.wishes.trigger or ours.trigger
        wanted = ours._replace(trigger=trigger, rehearsed=ours.rehearsed or scene.wishes.rehearsed)
        change = Repair(scene.path, before, written(wanted).encode())
        return _planned(scene, wanted, () if wanted == ours else (change,))
    first = scene.request.publishers[0]
    publishers = tuple(each._replace(environment=scene.environments[0]) for each in scene.request.publishers)
    known = {each.name: look_up(each.name, scene.package_index, scene.client) for each in publishers}
    evidence = Evidence(publishers, scene.package_index, scene.files, known, scene.github)
    changes = repairs(evidence, check).files
    notes: tuple[str, ...] = ()
    if scene.wishes.split:
        try:
            changes = _split(scene, evidence, changes)
        except NotSplit as why:
            notes = (f"The job stays one: {why}.",)
    overlay = scene.with_changes(changes)
    findings = dict.fromkeys(check(dataclasses.replace(evidence, files=overlay)))
    errors = [each for each in findings if each.severity is Severity.ERROR and each.rule not in _SPOKEN_OF]
    has_proof = f"{ACTION}@" in text
    default_branch = scene.github.repository.default_branch
    rules = of_jobs(dataclasses.replace(evidence, files=overlay), default_branch, scene.there.tag)
    targets = tuple(
        Target(
            each,
            scene.package_index,
            known[each.name],
            with_proof(rules) if has_proof else rules,
            _at_github(scene, each),
        )
        for each in publishers
    )
    plan = Plan(
        f"{first.owner}/{first.repository}",
        scene.file,
        changes,
        targets,
        Step("release", State.LATER, "Release once, as you always do: the release is the proof."),
        branch=default_branch or "main",
        is_pushed=_is_pushed(scene, overlay),
        has_proof=has_proof,
        secrets=_secrets(evidence),
        left=tuple(errors),
    )
    return scene.case(plan, findings, notes)


def _split(scene: _Scene, evidence: Evidence, changes: tuple[Repair, ...]) -> tuple[Repair, ...]:
    """Return the changes with the job that publishes made two. Raises NotSplit."""
    one = dataclasses.replace(evidence, files=scene.with_changes(changes))
    jobs = {each.job.id for each in one.publications if each.file == scene.path}
    if len(jobs) != 1:
        raise NotSplit("several jobs publish" if jobs else "its upload stands in another file")
    made = {each.file: each for each in changes}
    before = made[scene.path].after if scene.path in made else scene.files.read(scene.path) or b""
    repair = made.get(scene.path, Repair(scene.path, before, before))
    made[scene.path] = repair._replace(after=split(before, *jobs))
    changed = tuple(made.values())
    two = dataclasses.replace(evidence, files=scene.with_changes(changed))
    known = {each.rule for each in check(one)}
    added = {each.rule for each in check(two) if each.severity is not Severity.NOTICE} - known
    if added:
        raise NotSplit(f"as two it would have {', '.join(sorted(added))}")
    return changed


def _ours(scene: _Scene, text: str) -> Release | None:
    """Return the workflow that this file is, where `init` wrote it and nobody changed more than the pins."""
    for trigger in Trigger:
        for rehearsed in (False, True):
            release = _release(scene, trigger, rehearsed=rehearsed)
            if _PINNED.sub("", written(release)) == _PINNED.sub("", text):
                return release
    return None


def _secrets(before: Evidence) -> tuple[str, ...]:
    """Return the names of the secrets with a long-lived credential that reach the uploading tool."""
    found = {
        credential.secret: None
        for each in before.publications
        for credential in each.upload.credentials
        if credential.lifetime is Lifetime.LONG and credential.secret
    }
    return tuple(found)
