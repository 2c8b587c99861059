"""What `init` will do and what stays for a person, as plain data. Facts and answers in, steps out; no I/O."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pypi_setup.preflight.rules.project import PENDING_LIMIT
from pypi_setup.preflight.syntax import patterns
from pypi_setup.sources.lookup import GITHUB
from pypi_setup.values import publisher as publishers
from pypi_setup.values.guidance import guidance
from pypi_setup.values.harmless import one_line
from pypi_setup.values.index import TESTPYPI_URL, Index
from pypi_setup.values.step import State, Step
from pypi_setup.writing.deployment import of_tags
from pypi_setup.writing.workflow import PROOF_TAG, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.fixes import Repair
    from pypi_setup.sources.github import Environment, Pattern
    from pypi_setup.sources.lookup import Project
    from pypi_setup.values.finding import Finding
    from pypi_setup.values.publisher import Publisher
    from pypi_setup.writing.workflow import Release

_TEXT_LIMIT = 1000

NEW_LIMIT = 4
"""New projects that PyPI lets a user create in a day."""


_KINDS = {"tag": "the tags", "branch": "the branch"}


class Target(NamedTuple):
    """A project on an index, and the publisher that it needs there."""

    publisher: Publisher
    package_index: Index
    known: Project
    """What the index says of the project."""

    rules: tuple[Pattern, ...]
    """The deployment rules that its environment needs; none where it must admit every ref."""

    environment: Environment
    """What GitHub says of the environment."""

    @property
    def is_registered(self) -> bool:
        """Tell whether the newest attested release came from exactly this publisher."""
        published, mine = self.known.published, self.publisher
        if published is None or published.kind != GITHUB:
            return False
        here = (f"{mine.owner}/{mine.repository}".lower(), mine.workflow_filename, mine.environment.lower())
        return here == (published.repository.lower(), published.workflow, published.environment.lower())


class Plan(NamedTuple):
    """What will be done, and what stays for a person."""

    repository: str
    """`owner/name`."""

    workflow: str
    """The workflow's file name."""

    files: tuple[Repair, ...]
    """The new contents, of files that exist or not."""

    targets: tuple[Target, ...]
    """At least one; each has its page, and each environment may have to be created."""

    release: Step
    """How to release."""

    branch: str = "main"
    """GitHub's default branch."""

    is_pushed: bool = False
    """Whether GitHub's default branch has the workflow as it is planned."""

    has_proof: bool = True
    """Whether the workflow has a job that proves the publisher."""

    secrets: tuple[str, ...] = ()
    """Names of the secrets that nothing needs after the move."""

    left: tuple[Finding, ...] = ()
    """What is still wrong with the workflow and has no safe edit."""

    @property
    def moves(self) -> bool:
        """Tell whether an existing workflow is moved from a token."""
        return bool(self.secrets) or not self.has_proof

    @property
    def missing_environments(self) -> tuple[Target, ...]:
        """The targets whose environments do not exist, or may not; each environment once."""
        found = {
            each.publisher.environment.lower(): each
            for each in reversed(self.targets)
            if each.publisher.environment and not each.environment.exists
        }
        return tuple(reversed(found.values()))

    @property
    def proof_ref(self) -> str:
        """The ref to start the proof from: a tag, unless every environment admits any branch."""
        return "" if all(map(self._admits_branch, self.targets)) else PROOF_TAG

    def _admits_branch(self, target: Target) -> bool:
        """Tell whether the environment admits the default branch, or will."""
        if target.environment.exists:
            return target.environment.policy is None
        branch = patterns.of_rule(self.branch)
        named = (patterns.of_rule(each.name) for each in target.rules if each.kind == "branch")
        return not target.rules or any(patterns.overlap(each, branch) for each in named)


def steps(plan: Plan, *, by_gh: bool) -> tuple[Step, ...]:
    """Return the steps, in the order in which they are to be done.

    `by_gh` says whether the command `gh` may do its part. Where a token works today, the publisher is
    registered before the workflow changes, so that a release is possible at any time.
    """
    register = [*_environments(plan, by_gh=by_gh), *_registrations(plan)]
    write = [*_files(plan), *_left(plan)]
    first = [*register, *write] if plan.moves else [*write, *register]
    return (*first, *_push(plan), *_proof(plan), plan.release, *_secrets(plan))


def _files(plan: Plan) -> list[Step]:
    if not plan.files:
        path = f".github/workflows/{plan.workflow}"
        return (
            [Step("workflow", State.DONE, f"{path} publishes with Trusted Publishing.")]
            if not plan.left
            else []
        )
    steps = []
    for repair in plan.files:
        if repair.before is None:
            text = f"Write {repair.file}."
            why = (
                "No workflow here can be seen to publish. This one builds without any secret, checks the tag "
                "against the version, and publishes in a job that may do nothing else."
            )
        else:
            change = "what has a safe edit" if plan.left else "Trusted Publishing in the place of the token"
            text = f"Change {repair.file}: {change}."
            why = "Only the lines of the diff change; the token stays valid until you delete it."
        steps.append(Step("workflow", State.PLANNED, text, why))
    return steps


def _left(plan: Plan) -> list[Step]:
    steps = []
    for finding in plan.left:
        place = f"{finding.file}:{finding.line}: " if finding.file and finding.line else ""
        first, _, more = finding.fix.partition("\n")
        lines = f" see the lines under {finding.rule} below." if more else ""
        text = one_line(f"Change by hand: {place}{finding.message}", _TEXT_LIMIT)
        steps.append(Step("workflow", State.YOURS, text, one_line(f"{first}{lines}", _TEXT_LIMIT)))
    return steps


def _environments(plan: Plan, *, by_gh: bool) -> list[Step]:
    missing = plan.missing_environments
    found = sorted(
        {
            one.publisher.environment
            for one in plan.targets
            if one.environment.exists and one.publisher.environment
        }
    )
    steps = [
        Step("environment", State.DONE, f"The environment {name} exists on GitHub; it is left as it is.")
        for name in found
    ]
    for target in missing:
        if by_gh:
            text, why = (
                _creating(target),
                f"PyPI then trusts a job in this environment only{_closed(target)}.",
            )
            steps.append(Step("environment", State.PLANNED, text, why))
        else:
            steps.append(unmade_environment(plan, target))
    return steps


def unmade_environment(plan: Plan, target: Target, problem: str = "") -> Step:
    """Return the step in which a person creates an environment; `problem` says why `gh` did not."""
    name = target.publisher.environment
    rules = ", then ".join(
        f"'Add deployment branch or tag rule' with the ref type {kind.capitalize()} and the pattern {first}"
        + "".join(f" (one more rule for {name})" for name in others)
        for kind, (first, *others) in _by_kind(target)
    )
    why = f"Click 'New environment', enter {name}, click 'Configure environment'. " + (
        f"Under 'Deployment branches and tags' choose 'Selected branches and tags', then {rules}."
        if rules
        else "Leave 'Deployment branches and tags' at 'No restriction': the job runs on any branch."
    )
    if problem:
        why = f"gh could not do it: {problem}. {why}"
    url = f"https://github.com/{plan.repository}/settings/environments"
    return Step("environment", State.YOURS, _creating(target), why, url=url)


def _creating(target: Target) -> str:
    admits = " and ".join(f"{_KINDS[kind]} {' and '.join(names)}" for kind, names in _by_kind(target))
    limit = f"; it admits only {admits}" if admits else ""
    return f"Create the environment {target.publisher.environment} on GitHub{limit}."


def _closed(target: Target) -> str:
    admits_tags = {each.kind for each in target.rules} == {"tag"}
    return ", and no branch can use it" if admits_tags else ""


def _by_kind(target: Target) -> Iterator[tuple[str, list[str]]]:
    """Yield the kinds of refs that the environment is to admit, each with its patterns."""
    for kind in _KINDS:
        names = [each.name for each in target.rules if each.kind == kind]
        if names:
            yield kind, names


def _registrations(plan: Plan) -> list[Step]:
    steps: list[Step] = []
    waiting: dict[str, int] = {}
    for target in plan.targets:
        publisher, index = target.publisher, target.package_index
        if target.is_registered:
            text = f"{index.label} trusts this workflow: the newest release of {publisher.project} shows it."
            steps.append(Step("publisher", State.DONE, text))
            continue
        guide = guidance(publisher, index, exists=target.known.exists)
        new = target.known.exists is False
        waiting[index.url] = waiting.get(index.url, 0) + new
        late = new and waiting[index.url] > PENDING_LIMIT
        text = f"Register the {'pending ' if new else ''}publisher of {publisher.project} on {index.label}."
        why = guide.step
        if new:
            why += " PyPI creates the project with its first upload; the name is not reserved until then."
        if late:
            why = (
                f"Later: {PENDING_LIMIT} pending publishers can wait at a time. Publish one of the first "
                f"{PENDING_LIMIT}, then register this one. PyPI lets a user create {NEW_LIMIT} new projects "
                "a day."
            )
        state = State.LATER if late else State.YOURS
        steps.append(Step("publisher", state, text, why, url=guide.page.url, fields=guide.fields))
    return steps


def _push(plan: Plan) -> list[Step]:
    if plan.is_pushed and not plan.files:
        return [Step("push", State.DONE, "GitHub's default branch has the workflow.")]
    paths = [repair.file for repair in plan.files] or [f".github/workflows/{plan.workflow}"]
    commands = (
        f"git add {shlex.join(paths)}",
        "git commit --message 'Publish with Trusted Publishing'",
        "git push",
    )
    return [
        Step(
            "push",
            State.YOURS,
            "Commit and push the workflow to the default branch.",
            "GitHub starts a workflow by hand only if the default branch has it." if plan.has_proof else "",
            commands,
        )
    ]


def _proof(plan: Plan) -> list[Step]:
    if not plan.has_proof:
        return []
    ref = plan.proof_ref
    commands: tuple[str, ...] = ()
    why = "It publishes nothing: one job, in the workflow and environment that count, shows who it is."
    if ref:
        commands = (f"git tag {ref}", f"git push origin {ref}")
        why += f" The environment admits no branch, so it starts from the tag {ref}, which is no release."
    start = shlex.join(("gh", "workflow", "run", plan.workflow, "--ref", ref or plan.branch))
    return [
        Step(
            "proof",
            State.YOURS,
            "Prove the publisher without publishing.",
            why,
            (*commands, start, "gh run watch"),
            f"https://github.com/{plan.repository}/actions/workflows/{quote(plan.workflow)}",
        )
    ]


def _secrets(plan: Plan) -> list[Step]:
    steps = [
        Step(
            "secret",
            State.LATER,
            f"After that release: delete the secret {name}.",
            "Until then it is the way back.",
            (f"gh secret delete {name} --repo {plan.repository}",),
            f"https://github.com/{plan.repository}/settings/secrets/actions",
        )
        for name in plan.secrets
    ]
    if plan.secrets:
        index = plan.targets[0].package_index
        why = f"Deleting the secret on GitHub does not stop the token: revoke it on {index.label}."
        steps.append(
            Step(
                "token",
                State.LATER,
                "Then revoke the API token.",
                why,
                url=f"{index.url}/manage/account/#api-tokens",
            )
        )
    return steps


def targets_of(
    release: Release, owner: str, repository: str
) -> list[tuple[Publisher, Index, tuple[Pattern, ...]]]:
    """Return the publishers that a written workflow needs, each with its index and its environment's rules.

    Raises BadInput with every rule of PyPI's that a value breaks.
    """
    found = []
    problems: list[publishers.Problem] = []
    for package in release.packages:
        pairs = [(release.package_index, package.environment)]
        if release.rehearsed:
            pairs.insert(0, (Index(TESTPYPI_URL), release.rehearsal(package)))
        for index, environment in pairs:
            try:
                publisher = publishers.parse(package.project, owner, repository, release.file, environment)
            except publishers.BadInput as bad:
                problems.extend(bad.problems)
            else:
                found.append((publisher, index, of_tags(release.prefix(package))))
    if problems:
        raise publishers.BadInput(tuple(dict.fromkeys(problems)))
    return found


def release_step(release: Release, version: str) -> Step:
    """Return how to release with a written workflow; `version` is the first package's, empty if unknown."""
    package = release.packages[0]
    tag = f"{release.prefix(package)}{version or '1.2.3'}"
    text = "Release: push a version tag."
    commands: tuple[str, ...] = (f"git tag {tag}", f"git push origin {tag}")
    if release.trigger is Trigger.RELEASE:
        text = "Release: publish a release on GitHub."
        commands = (f"gh release create {tag} --generate-notes",)
    why = "The tag must be the version in the metadata; the workflow checks it."
    if len(release.packages) > 1:
        why = f"Each project has tags of its own, {release.prefix(package)}1.2.3 for {package.project}. {why}"
    return Step("release", State.LATER, text, why, commands)


def free_name(taken: tuple[str, ...]) -> str:
    """Return a name for a new workflow that no file has yet, the usual one first."""
    stems = {posixpath.splitext(name)[0].lower() for name in taken}
    usual = ("release", "publish", "pypi", "publish-to-pypi")
    return next(
        f"{stem}.yml" for stem in (*usual, *(f"release-{n}" for n in range(2, 10_000))) if stem not in stems
    )
