"""GitHub's own command, `gh`: what a person lets it do. No token passes through here: `gh` has its own.

What changes something runs only after a person agreed. It never runs with anything but fixed words and values
that were parsed before. Sources: cli.github.com/manual; GitHub's REST API for environments and their
deployment branch policies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pypi_setup.processes import NETWORK, SCREEN, Ended, ask
from pypi_setup.sources.projects import at
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sources.github import Pattern

SECONDS = 60.0
"""How long one call may take."""

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of a run's log that are read."""

_VARIABLES = NETWORK | SCREEN | {"GH_TOKEN", "GITHUB_TOKEN", "GH_HOST", "GH_CONFIG_DIR"}
"""What `gh` needs beside the usual ones: the way to the network, its sign-in, and the keyring's bus."""


_RUN = "databaseId,status,conclusion,url"
_NO_ANSWER = "gh's answer is no run"


class Run(NamedTuple):
    """A run of a workflow."""

    number: int
    """Its id; 0 where there is none."""

    url: str = ""
    is_over: bool = False
    success: bool = False
    problem: str = ""
    """Why it could not be looked at, in words."""


class GitHubCommand:
    """The command `gh` on one repository."""

    def __init__(self, repository: str, environ: Mapping[str, str]) -> None:
        """Take the repository as `owner/name`; empty for that of the current folder."""
        self._repository = repository
        self._environ = environ

    def is_ready(self) -> bool:
        """Tell whether the command is installed and somebody is signed in."""
        return self._call("auth", "status", "--hostname", "github.com")[0]

    def create_environment(self, name: str, rules: tuple[Pattern, ...]) -> str:
        """Create an environment with these deployment rules; return what went wrong, or nothing.

        Without rules it admits every ref.
        """
        place = f"repos/{self._repository}/environments/{quote(name, safe='')}"
        policy = "deployment_branch_policy"
        limits = (f"{policy}[protected_branches]=false", f"{policy}[custom_branch_policies]=true")
        limited = [word for each in limits if rules for word in ("-F", each)]
        done, words = self._call("api", "--method", "PUT", place, *limited)
        for each in rules if done else ():
            rule = ("-f", f"name={each.name}", "-f", f"type={each.kind}")
            done, words = self._call("api", "--method", "POST", f"{place}/deployment-branch-policies", *rule)
            if not done:
                break
        return "" if done else words

    def create_tag(self, name: str, branch: str) -> str:
        """Create a tag at the end of a branch; return what went wrong, or nothing.

        A tag of that name which is there already is right where it is at the same commit.
        """
        place = f"repos/{self._repository}"
        done, sha = self._call("api", f"{place}/commits/{quote(branch, safe='')}", "--jq", ".sha")
        sha = sha.strip()
        if not done:
            return sha
        made, words = self._call(
            "api", "--method", "POST", f"{place}/git/refs", "-f", f"ref=refs/tags/{name}", "-f", f"sha={sha}"
        )
        if made:
            return ""
        there, found = self._call("api", f"{place}/commits/{quote(name, safe='')}", "--jq", ".sha")
        if not there:
            return words
        return "" if found.strip() == sha else f"the tag {name} is at another commit than {branch}"

    def start(self, workflow: str, ref: str) -> str:
        """Start a workflow by hand; return what went wrong, or nothing."""
        done, words = self._call("workflow", "run", workflow, "--ref", ref, "--repo", self._repository)
        return "" if done else words

    def newest_start(self, workflow: str) -> Run:
        """Return the newest run of a workflow that somebody started by hand."""
        done, words = self._call(
            *("run", "list", "--workflow", workflow, "--event", "workflow_dispatch", "--limit", "1"),
            *("--json", _RUN, "--repo", self._repository),
        )
        found = _json(words) if done else None
        if not done or not isinstance(found, list):
            return Run(0, problem=words if not done else _NO_ANSWER)
        return _run(found[0]) if found else Run(0)

    def run(self, number: int) -> Run:
        """Return how a run stands."""
        done, words = self._call("run", "view", str(number), "--json", _RUN, "--repo", self._repository)
        return _run(_json(words)) if done else Run(number, problem=words)

    def failed_log(self, run: str) -> Ended:
        """Return the log of the steps that failed in the run with this number."""
        place = ("--repo", self._repository) if self._repository else ()
        command = ["gh", "run", "view", run, "--log-failed", *place]
        return ask(command, self._environ, seconds=SECONDS, also=_VARIABLES, limit=LOG_LIMIT)

    def _call(self, *words: str) -> tuple[bool, str]:
        """Return whether it succeeded, and what it printed; of a failure the reason in one line."""
        ended = ask(["gh", *words], self._environ, seconds=SECONDS, also=_VARIABLES)
        output = ended.output.decode("utf-8", "replace")
        if ended.code == 0:
            return True, output
        said = at(_json(output), ("message",))
        return False, ended.problem or (one_line(said) if isinstance(said, str) else "gh gave no reason")


def _run(value: object) -> Run:
    number, url = at(value, ("databaseId",)), at(value, ("url",))
    if not isinstance(number, int):
        return Run(0, problem=_NO_ANSWER)
    status, conclusion = at(value, ("status",)), at(value, ("conclusion",))
    where = one_line(url) if isinstance(url, str) else ""
    return Run(number, where, status == "completed", conclusion == "success")


def _json(words: str) -> object:
    try:
        value: object = json.loads(words)
    except (ValueError, RecursionError):
        return None
    return value
