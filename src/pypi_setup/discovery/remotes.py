"""Which GitHub repositories a folder's remotes are: also behind git's `insteadOf` and SSH's host aliases.

Sources: git-config(1) (`url.<base>.insteadOf`: the longest prefix wins), ssh_config(5) (`Host`, `HostName`).
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pypi_setup.sources import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SSH_CONFIGURATION_LIMIT = 256 * 1024
"""Bytes of ~/.ssh/config that are read."""

_GITHUB = re.compile(
    r"(?:(?:https?|ssh|git|git\+ssh)://(?:[^@/\s]*@)?(?:www\.|ssh\.)?github\.com(?::\d+)?/"
    r"|(?:[^@/\s:]+@)?github\.com:)/?([a-z0-9][a-z0-9_-]*)/([a-z0-9._-]+?)(?:\.git)?/?\Z",
    re.ASCII | re.IGNORECASE,
)
_SSH = re.compile(
    r"(?:ssh://(?:[^@/\s]*@)?([\w.-]+)(?::\d+)?/|(?:[^@/\s:]+@)?([\w.-]+):(?!//))", re.ASCII | re.IGNORECASE
)
_SETTING = re.compile(r"\s*(Host|HostName)\s*[\s=]\s*(.*?)\s*\Z", re.IGNORECASE)
_CUSTOMARY = "github.com-*"
"""Aliases of this form are in use for a second account; no host on the Internet has such a name."""


def on_github(folder: Path, environ: Mapping[str, str]) -> dict[str, tuple[str, str]] | str:
    """Return owner and name by remote, of the remotes on github.com; a text says why there is none."""
    told = git.remotes(folder, environ)
    if isinstance(told, str):
        return told
    direct = _matching(told)
    if direct or not told:
        return direct
    prefixes = git.rewritten(folder, environ)
    urls = [(remote, _expanded(url, prefixes)) for remote, url in told]
    aliases = (_CUSTOMARY, *_aliases(environ))
    return _matching([(remote, _unaliased(url, aliases)) for remote, url in urls])


def _matching(remotes: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for remote, url in remotes:
        if match := _GITHUB.match(url):
            found.setdefault(remote, (match[1], match[2]))
    return found


def _expanded(url: str, prefixes: Sequence[tuple[str, str]]) -> str:
    """Return a URL as git uses it."""
    fitting = [(prefix, base) for prefix, base in prefixes if prefix and url.startswith(prefix)]
    prefix, base = max(fitting, key=lambda each: len(each[0]), default=("", ""))
    return base + url[len(prefix) :]


def _unaliased(url: str, aliases: Sequence[str]) -> str:
    """Return a URL for SSH with GitHub's own name in place of an alias."""
    match = _SSH.match(url)
    host = (match[1] or match[2]).lower() if match else ""
    known = any(fnmatchcase(host, alias.lower()) for alias in aliases)
    return f"git@github.com:{url[match.end() :]}" if match and known else url


def _aliases(environ: Mapping[str, str]) -> Iterator[str]:
    """Give the patterns of hosts that the user's SSH takes for github.com."""
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    if not home:
        return
    try:
        with (Path(home) / ".ssh" / "config").open("rb") as file:
            text = file.read(SSH_CONFIGURATION_LIMIT).decode("utf-8", "replace")
    except (OSError, ValueError):
        return
    hosts: list[str] = []
    for line in text.splitlines():
        match = _SETTING.match(line)
        if match and match[1].lower() == "host":
            hosts = [host for host in match[2].split() if host.strip("*?!")]
        elif match and match[2].lower() in {"github.com", "ssh.github.com"}:
            yield from hosts
