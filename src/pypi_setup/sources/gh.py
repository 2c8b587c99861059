"""GitHub's own command, `gh`: what a person lets it do. No token passes through here: `gh` has its own.

What changes something runs only after a person agreed. It never runs with
anything but fixed words and values that were parsed before. Sources: cli.github.com/manual; GitHub's REST API
for environments and their deployment branch policies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from pypi_setup.processes import NETWORK, SCREEN, Ended, ask
from pypi_setup.sources.projects import at
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 60.0
"""How long one call may take."""

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of a run's log that are read."""

_VARIABLES = NETWORK | SCREEN | {"GH_TOKEN", "GITHUB_TOKEN", "GH_HOST", "GH_CONFIG_DIR"}
"""What `gh` needs beside the usual ones: the way to the network, its sign-in, and the keyring's bus."""


class GitHubCommand:
    """The command `gh` on one repository."""

    def __init__(self, repository: str, environ: Mapping[str, str]) -> None:
        """Take the repository as `owner/name`; empty for that of the current folder."""
        self._repository = repository
        self._environ = environ

    def is_ready(self) -> bool:
        """Tell whether the command is installed and somebody is signed in."""
        return self._call("auth", "status", "--hostname", "github.com")[0]

    def create_environment(self, name: str, patterns: tuple[str, ...]) -> str:
        """Create an environment that admits only such tags; return what went wrong, or nothing."""
        place = f"repos/{self._repository}/environments/{quote(name, safe='')}"
        policy = "deployment_branch_policy"
        done, words = self._call(
            *("api", "--method", "PUT", place),
            *("-F", f"{policy}[protected_branches]=false", "-F", f"{policy}[custom_branch_policies]=true"),
        )
        for pattern in patterns if done else ():
            rule = ("-f", f"name={pattern}", "-f", "type=tag")
            done, words = self._call("api", "--method", "POST", f"{place}/deployment-branch-policies", *rule)
            if not done:
                break
        return "" if done else words

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


def _json(words: str) -> object:
    try:
        value: object = json.loads(words)
    except (ValueError, RecursionError):
        return None
    return value
