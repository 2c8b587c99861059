"""Renew the table of the actions that `pypi-setup init` writes: each at the commit of its newest release.

`python scripts/pins.py` rewrites the table; with `--check` it says what is behind, and fails if anything is.
GITHUB_TOKEN raises GitHub's rate limit. Dependabot does the same by its schedule.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import requests

from pypi_setup.writing.pins import TABLE, Pin, pins

if TYPE_CHECKING:
    from collections.abc import Callable

API = os.environ.get("GITHUB_API_URL", "https://api.github.com")
SECONDS = 20


def newest(action: str, ask: Callable[[str], Any]) -> Pin:
    """Return the newest release of an action; an annotated tag counts for the commit behind it."""
    tag = str(ask(f"/repos/{action}/releases/latest")["tag_name"])
    found = ask(f"/repos/{action}/git/ref/tags/{tag}")["object"]
    while found["type"] == "tag":
        found = ask(f"/repos/{action}/git/tags/{found['sha']}")["object"]
    return Pin(action, str(found["sha"]), tag)


def renewed(table: str, ask: Callable[[str], Any]) -> str:
    """Return the table's text with the newest release of each action."""
    for action, old in pins(table).items():
        table = table.replace(str(old), str(newest(action, ask)))
    return table


def _ask(path: str) -> Any:
    token = os.environ.get("GITHUB_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.get(f"{API}{path}", headers=headers, timeout=SECONDS)
    answer.raise_for_status()
    return answer.json()


def main(arguments: list[str]) -> int:
    """Renew the table, or say what is behind. Returns the exit code."""
    before = TABLE.read_text(encoding="utf-8")
    after = renewed(before, _ask)
    behind = [pin for pin in pins(before).values() if str(pin) not in after]
    for pin in behind:
        print(f"{pin.action} {pin.version} -> {pins(after)[pin.action].version}")
    if "--check" in arguments:
        return 1 if behind else 0
    TABLE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
