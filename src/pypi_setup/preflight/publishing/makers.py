"""Who makes tags and releases: the steps of workflows that do, and with which token.

GitHub starts no workflow for an event that was made with GITHUB_TOKEN (its documents on triggering a
workflow; the exceptions are `workflow_dispatch` and `repository_dispatch`). So it counts which token a step
really uses: an input, a variable, or the one that actions/checkout leaves behind for git. Sources: the
action.yml and documents of each action of the table, the manual of gh, git-push(1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing import releases
from pypi_setup.preflight.syntax import shell
from pypi_setup.preflight.workflow import situations, triggers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pypi_setup.preflight.syntax.document import Scalar
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.workflow.calls import Repository
    from pypi_setup.preflight.workflow.model import Job, Step, Table, Workflow

TAG, RELEASE = "tag", "release"
"""What is made. A release makes its tag, too, where there is none yet."""


class Maker(NamedTuple):
    """One step that makes tags or releases."""

    kinds: frozenset[str]
    name: str
    """The action, or the command, as it is written."""

    file: str
    line: int
    job: str
    tag: str | None
    """What the tag begins with, as far as that is written; None where nothing is."""

    whole: bool
    """Whether `tag` is the whole tag."""

    default: bool
    """Whether it does so with GITHUB_TOKEN for certain."""

    events: tuple[tuple[str, str], ...]
    """The events that run it, each with the kind of ref: `branch`, `tag`, or empty where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """How one action makes tags or releases."""

    kinds: frozenset[str] = frozenset({TAG, RELEASE})
    inputs: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    """Where its token stands. Any of them that is another one wins."""

    by_default: bool = True
    """Whether it takes GITHUB_TOKEN where nothing is given."""

    by_checkout: bool = False
    """Whether it pushes with what actions/checkout left behind."""

    tag_inputs: tuple[str, ...] = ()
    idle: tuple[tuple[str, str], ...] = ()
    """Inputs, each with the value at which nothing is made, or nothing is published."""

    only: tuple[str, ...] = ()
    """Inputs without which nothing is made."""

    no_release: tuple[tuple[str, str], ...] = ()
    """Inputs, each with the value at which only the tag is made."""


_RELEASE_PLEASE = _Action(
    inputs=("token",), idle=(("skip-github-release", "true"), ("command", "release-pr"))
)
_PYTHON_SEMANTIC = _Action(
    inputs=("github_token",),
    by_default=False,
    idle=(("push", "false"), ("no_operation_mode", "true")),
    no_release=(("vcs_release", "false"),),
)
_JS_SEMANTIC = _Action(variables=("GITHUB_TOKEN", "GH_TOKEN"), by_default=False, idle=(("dry_run", "true"),))
_DRAFT = (("draft", "true"),)
_ACTIONS = {
    "googleapis/release-please-action": _RELEASE_PLEASE,
    "google-github-actions/release-please-action": _RELEASE_PLEASE,
    "python-semantic-release/python-semantic-release": _PYTHON_SEMANTIC,
    "relekang/python-semantic-release": _PYTHON_SEMANTIC,
    "cycjimmy/semantic-release-action": _JS_SEMANTIC,
    "codfish/semantic-release-action": _JS_SEMANTIC,
    "go-semantic-release/action": _Action(
        inputs=("github-token",), by_default=False, idle=(("dry", "true"),)
    ),
    "softprops/action-gh-release": _Action(
        inputs=("token",), variables=("GITHUB_TOKEN",), tag_inputs=("tag_name",), idle=_DRAFT
    ),
    "ncipollo/release-action": _Action(
        inputs=("token",), variables=("GITHUB_TOKEN",), tag_inputs=("tag",), idle=_DRAFT
    ),
    "actions/create-release": _Action(
        variables=("GITHUB_TOKEN",), by_default=False, tag_inputs=("tag_name",), idle=_DRAFT
    ),
    "comnoco/create-release-action": _Action(
        variables=("GITHUB_TOKEN",), by_default=False, tag_inputs=("tag_name",), idle=_DRAFT
    ),
    "elgohr/github-release-action": _Action(variables=("GITHUB_TOKEN",), by_default=False),
    "marvinpinto/action-automatic-releases": _Action(
        inputs=("repo_token",), by_default=False, tag_inputs=("automatic_release_tag",), idle=_DRAFT
    ),
    "svenstaro/upload-release-action": _Action(inputs=("repo_token",), tag_inputs=("tag",), idle=_DRAFT),
    "release-drafter/release-drafter": _Action(
        inputs=("token",),
        variables=("GITHUB_TOKEN",),
        only=("publish",),
        idle=(("publish", "false"),),
        tag_inputs=("tag",),
    ),
    "mathieudutour/github-tag-action": _Action(
        kinds=frozenset({TAG}),
        inputs=("github_token",),
        by_default=False,
        idle=(("dry_run", "true"),),
        tag_inputs=("custom_tag",),
    ),
    "anothrnick/github-tag-action": _Action(
        kinds=frozenset({TAG}), variables=("GITHUB_TOKEN",), by_default=False
    ),
    "rickstaa/action-create-tag": _Action(
        kinds=frozenset({TAG}), inputs=("github_token",), tag_inputs=("tag",)
    ),
    "pkgdeps/git-tag-action": _Action(kinds=frozenset({TAG}), inputs=("github_token",), by_default=False),
    "salsify/action-detect-and-tag-new-version": _Action(
        kinds=frozenset({TAG}),
        variables=("GITHUB_TOKEN",),
        by_checkout=True,
        idle=(("create-tag", "false"),),
    ),
    "butlerlogic/action-autotag": _Action(
        kinds=frozenset({TAG}), inputs=("github_token",), variables=("GITHUB_TOKEN",), by_default=False
    ),
    "phips28/gh-action-bump-version": _Action(
        kinds=frozenset({TAG}), variables=("GITHUB_TOKEN",), by_default=False, idle=(("skip-tag", "true"),)
    ),
    "commitizen-tools/commitizen-action": _Action(
        kinds=frozenset({TAG}),
        inputs=("github_token",),
        by_default=False,
        idle=(("push", "false"), ("dry_run", "true")),
    ),
    "tripss/conventional-changelog-action": _Action(
        kinds=frozenset({TAG}),
        inputs=("github-token",),
        idle=(("git-push", "false"), ("skip-tag", "true")),
    ),
    "changesets/action": _Action(variables=("GITHUB_TOKEN",), only=("publish",)),
    "stefanzweifel/git-auto-commit-action": _Action(
        kinds=frozenset({TAG}),
        by_checkout=True,
        only=("tagging_message", "tag_name"),
        tag_inputs=("tag_name", "tagging_message"),
    ),
    "endbug/add-and-commit": _Action(
        kinds=frozenset({TAG}), inputs=("github_token",), by_checkout=True, only=("tag",)
    ),
    "ad-m/github-push-action": _Action(
        kinds=frozenset({TAG}), inputs=("github_token",), only=("tags",), idle=(("tags", "false"),)
    ),
}
"""By `owner/repository`, in lower case. One that is not here makes nothing as far as is known."""

_COMMANDS = (
    *("gh release", "git push", "semantic-release", "release-please", "hub release", "createRelease"),
    *("createRef", "/git/refs", "/releases", "release-it", "auto shipit", "tbump"),
)
_MENTIONS = tuple(name.lower().encode() for name in (*_ACTIONS, *_COMMANDS))
_DISPATCHES = re.compile(
    rb"gh workflow run|create(?:Workflow)?Dispatch|(?:workflow|repository)-dispatch|/dispatches"
)
_DEFAULT = re.compile(
    r"\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN|secrets\[\s*'GITHUB_TOKEN'\s*\])\s*\}\}\Z",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(r"(?:\$\{\{\s*env\.(\w+)\s*\}\}|\$\{?(\w+)\}?)\Z", re.ASCII)
_LOGIN = re.compile(r"://[^/]*@|insteadOf|ssh-agent|GIT_SSH|git@", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:createRelease|createRef)\b")
_UNKNOWN_PART = re.compile(r"\$\{\{.*|\$.*|`.*", re.DOTALL)
_TAGGERS = frozenset(
    {"cz", "bumpversion", "bump2version", "bump-my-version", "standard-version", "npm", "poetry"}
)
_BUMPS = frozenset({"bump", "version", "patch", "minor", "major"})
_ALWAYS_TAG = frozenset({"bumpversion", "bump2version", "standard-version"})
_IDLE = frozenset({"--noop", "--dry-run", "-d", "--print", "--no-push", "--help", "--version"})


def mentions_making(data: bytes) -> bool:
    """Tell whether a workflow file can make tags or releases: where this says no, `of` finds nothing."""
    lower = data.lower()
    return any(name in lower for name in _MENTIONS)  # Nine times faster than one regular expression.


def dispatches(data: bytes) -> bool:
    """Tell whether a workflow file may start others itself, which GITHUB_TOKEN can."""
    return bool(_DISPATCHES.search(data))


def of(workflow: Workflow, files: Repository | None, repository: str = "") -> Iterator[Maker]:
    """Give the steps of a workflow that make tags or releases."""
    for job in workflow.jobs.values():
        reader = _Job(workflow, job)
        steps = files.steps(workflow.file, job.steps) if files else ()
        for placed in steps:
            outer = placed.callers[0][0] if placed.callers else placed.step
            env = [caller.env for caller, _ in placed.callers]
            for made in reader.made(placed.step, env):
                events = tuple(_events(workflow, job, outer, repository))
                if events or not situations.starting(workflow):
                    kinds, name, line, tag, default = made
                    prefix = None if tag is None else _UNKNOWN_PART.sub("", tag)
                    whole = tag is not None and prefix == tag
                    yield Maker(kinds, name, placed.file, line, job.id, prefix, whole, default, events)


def _events(workflow: Workflow, job: Job, step: Step, repository: str) -> Iterator[tuple[str, str]]:
    """Give the events that can run a step, each with the kind of its ref."""
    for event in situations.starting(workflow):
        known = triggers.contexts(workflow, event, repository=repository)
        for each in situations.by_kind_of_ref(known):
            if triggers.runs(workflow, job, step, each) is not False:
                yield event, situations.kind_of_ref(each)


_Made = tuple[frozenset[str], str, int, "str | None", bool]


@dataclass
class _Job:
    """Reads the steps of one job in their order."""

    workflow: Workflow
    job: Job
    git: bool | None = None
    """Whether git pushes with GITHUB_TOKEN; None where that cannot be told."""

    tags: list[str] = field(default_factory=list)
    """What `git tag` made, as it is written."""

    tagged: bool = False

    def made(self, step: Step, env: Sequence[Table]) -> list[_Made]:
        """Return what a step makes, and whether it does with GITHUB_TOKEN."""
        tables = (self.workflow.env, self.job.env, *env, step.env)
        variables = {name: value.text for table in tables for name, value in table.entries.items()}
        if step.uses is not None:
            return list(self._action(step, step.uses, variables))
        return list(self._script(step, step.run, variables)) if step.run is not None else []

    # Actions

    def _action(self, step: Step, uses: Scalar, variables: Mapping[str, str]) -> Iterator[_Made]:
        name, _ = releases.split(uses.text)
        if name == "actions/checkout":
            self._checkout(step)
        elif "ssh-agent" in name or "git-config" in name:
            self.git = None
        elif name == "actions/github-script":
            script = step.inputs.get("script")
            if script and _SCRIPT.search(script.text) and "draft: true" not in script.text:
                kinds = {TAG, RELEASE} if "createRelease" in script.text else {TAG}
                default = self._is_default(step, ("github-token",), variables)
                yield frozenset(kinds), uses.text, uses.line, None, default
        elif name in _ACTIONS:
            yield from self._known(step, uses, _ACTIONS[name], variables)

    def _checkout(self, step: Step) -> None:
        token, key = step.inputs.get("token"), step.inputs.get("ssh-key")
        persists = step.inputs.get("persist-credentials")
        if step.inputs.get("repository") is not None or step.inputs.expression is not None:
            return
        if (persists is not None and persists.text.lower() != "true") or (key is not None and key.text):
            self.git = None
        else:
            self.git = token is None or bool(_DEFAULT.match(token.text.strip()))

    def _known(
        self, step: Step, uses: Scalar, action: _Action, variables: Mapping[str, str]
    ) -> Iterator[_Made]:
        inputs = {name.lower(): value.text.strip() for name, value in step.inputs.entries.items()}
        if step.inputs.expression is not None or any(
            _off(inputs.get(name, ""), at) for name, at in action.idle
        ):
            return
        if action.only and not any(inputs.get(name) for name in action.only):
            return
        kinds = action.kinds
        if any(_off(inputs.get(name, ""), at) for name, at in action.no_release):
            kinds = frozenset({TAG})
        tag = next((inputs[name] for name in action.tag_inputs if inputs.get(name)), None)
        yield kinds, uses.text, uses.line, tag, self._is_default(step, action.inputs, variables, action)

    def _is_default(
        self,
        step: Step,
        inputs: tuple[str, ...],
        variables: Mapping[str, str],
        action: _Action | None = None,
    ) -> bool:
        """Tell whether an action surely uses GITHUB_TOKEN."""
        given = [value.text for name in inputs if (value := step.inputs.get(name)) is not None]
        given += [variables[name] for name in (action.variables if action else ()) if name in variables]
        given = [text for text in given if text]
        if action is not None and action.by_checkout and not given:
            return self.git is True
        if not given:
            return action is None or action.by_default
        return all(is_default_token(text, variables) for text in given)

    # Commands

    def _script(self, step: Step, run: Scalar, variables: Mapping[str, str]) -> Iterator[_Made]:
        language = step.shell or self.job.shell or self.workflow.shell
        for command in shell.commands(run.text, language.text if language else "", variables).commands:
            words = [word.text for word in command.words]
            if any(_LOGIN.search(word) for word in words):
                default = any(_default_inside(word, variables) for word in words)
                self.git = True if default and self.git is not None else None
            found = self._command(command, words)
            if found is not None:
                kinds, tag = found
                by_git = command.program == "git"
                default = self.git is True if by_git else _environment_is_default(command, variables)
                yield kinds, " ".join(words[:2]), run.line_of(command.line), tag, default

    def _command(self, command: Command, words: list[str]) -> tuple[frozenset[str], str | None] | None:
        program = command.program
        if program == "git":
            return self._git(words)
        if program in _TAGGERS:
            self.tagged = self.tagged or not _BUMPS.isdisjoint(words) or program in _ALWAYS_TAG
            return None
        if program in {"gh", "hub"} and words[1:3] == ["release", "create"]:
            return _release_create(command)
        publishes = program == "gh" and words[1:3] == ["release", "edit"] and "--draft=false" in words
        return (frozenset({RELEASE}), None) if publishes else _semantic(program, words)

    def _git(self, words: list[str]) -> tuple[frozenset[str], str | None] | None:
        if words[1:2] == ["tag"]:
            asks = {"-d", "--delete", "-l", "--list", "-n", "--points-at", "--contains", "-v", "--merged"}
            names = [word for word in words[2:] if not word.startswith("-")]
            if names and asks.isdisjoint(words):
                self.tagged = True
                self.tags += _tag_names(words[2:])
            return None
        forced = not {"-f", "--force", "--delete", "-d", "--dry-run", "-n"}.isdisjoint(words)
        if words[1:2] != ["push"] or forced:
            return None
        positional = [word for word in words[2:] if not word.startswith("-")]
        for word in positional:
            name = word.rpartition(":")[2] or word
            if name.startswith("refs/tags/") and not word.startswith(":"):
                return frozenset({TAG}), name.removeprefix("refs/tags/")
            if name in self.tags:
                return frozenset({TAG}), name
        every = not {"--tags", "--follow-tags"}.isdisjoint(words)
        if every and self.tagged:
            return frozenset({TAG}), self.tags[-1] if len(self.tags) == 1 else None
        return None


def is_default_token(text: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a value is GITHUB_TOKEN for certain."""
    for _ in range(3):  # A variable may stand for another one.
        if _DEFAULT.match(text.strip()):
            return True
        match = _ENVIRONMENT.match(text.strip())
        name = match[1] or match[2] if match else ""
        if not name or name not in variables or variables[name] == text:
            return False
        text = variables[name]
    return False


def _default_inside(word: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a login in an address is GITHUB_TOKEN."""
    login = re.search(r"://(?:[^/@:]*:)?([^@]*)@", word)
    return login is not None and is_default_token(login[1], variables)


def _environment_is_default(command: Command, variables: Mapping[str, str]) -> bool:
    """Tell whether gh and its like surely use GITHUB_TOKEN: GH_TOKEN wins where both are there."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        variable = command.environment.get(name)
        if variable is not None and variable.text:
            return is_default_token(variable.text, variables)
    return False


def _release_create(command: Command) -> tuple[frozenset[str], str | None] | None:
    """Return what `gh release create` makes."""
    words = [word.text for word in command.arguments][2:]
    if any(word in {"--draft", "-d", "--draft=true"} for word in words):
        return None
    tag = words[0] if words and not words[0].startswith("-") else None
    made = {RELEASE} if "--verify-tag" in words else {RELEASE, TAG}
    return frozenset(made), tag


def _semantic(program: str, words: list[str]) -> tuple[frozenset[str], str | None] | None:
    """Return what semantic-release or release-please makes on the command line."""
    started = {program, *words[1:3]} if program in {"npx", "yarn", "pnpm", "bunx"} else {program}
    python = program == "semantic-release"
    released = "semantic-release" in started and _IDLE.isdisjoint(words)
    released = released and (not python or not {"version", "publish"}.isdisjoint(words))
    released = released or ("release-please" in started and "github-release" in words)
    return (frozenset({TAG, RELEASE}), None) if released else None


def _tag_names(words: list[str]) -> list[str]:
    """Return the name that `git tag` gives: the first word that is no option and no value of one."""
    index = 0
    while index < len(words):
        word = words[index]
        if word in {"-m", "--message", "-F", "--file", "-u", "--local-user", "--cleanup", "-am", "-sm"}:
            index += 2
        elif word.startswith("-"):
            index += 1
        else:
            return [word]
    return []


def _off(value: str, at: str) -> bool:
    return value.lower() == at
