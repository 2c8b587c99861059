"""From a command to the tasks behind it: one table of the runners that are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.syntax.launchers import is_python
from pypi_setup.preflight.tasks import makefile, program, tables
from pypi_setup.preflight.tasks.task import Task, text_of, within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.tasks.task import Read

    Runner = Callable[[Sequence[str], str, Read], list[Task] | None]

_RUNNERS: dict[str, Runner] = {
    "make": makefile.make,
    "gmake": makefile.make,
    "just": makefile.just,
    "tox": tables.tox,
    "nox": program.nox,
    "invoke": program.invoke,
    "inv": program.invoke,
}
_NAMED = {
    "poe": "poe",
    "poethepoet": "poe",
    "task": "taskipy",
    "pdm": "pdm",
    **dict.fromkeys(("npm", "yarn", "pnpm", "bun"), "npm"),
}
"""Programs whose first word, `run` left out, is the name of a task."""

_LAUNCHED = {"hatch run": "hatch", "hatch env run": "hatch", "pdm run": "pdm", "pixi run": "pixi"}
"""Launchers whose program can be the name of a task."""

READ_LIMIT = 8 * 1024 * 1024
"""Bytes of all files that are read for tasks, a file counted for each command that reads it."""

_SHELLS = {"bash", "sh", "zsh", "dash", "ksh", "source", "."}
_SCRIPT = re.compile(r"#!.*?\b(python|bash|sh|zsh|dash|ksh|env)\b[^\n]*")


class Tasks:
    """The tasks of a repository, each read once."""

    def __init__(self, read: Read) -> None:
        self._given = read
        self._left = READ_LIMIT
        self._found: dict[tuple[str, ...], tuple[Task, ...]] = {}

    def _read(self, path: str, /) -> bytes | None:
        """Return a file's content, as long as all that was read for tasks is not too much."""
        data = self._given(path) if self._left > 0 else None
        self._left -= len(data or b"")
        return data

    def behind(self, command: Command, folder: str) -> tuple[Task, ...]:
        """Return what a command runs of the repository's own, where its files show it; else nothing.

        `folder` is where the command runs, from the repository's root.
        """
        words = (folder, *command.launchers, "", *(word.text for word in command.words))
        if words not in self._found:
            self._found[words] = tuple(_behind(command, folder, self._read) or ())
        return self._found[words]


def _behind(command: Command, folder: str, read: Read) -> list[Task] | None:
    name, words = command.program, [word.text for word in command.arguments]
    for launcher in command.launchers:
        tasks = tables.named(_LAUNCHED[launcher], name, folder, read) if launcher in _LAUNCHED else None
        if tasks is not None:
            return tasks
    if name in _RUNNERS:
        return _RUNNERS[name](words, folder, read)
    if name in _NAMED:
        plain = [word for word in words if not word.startswith("-") and word not in {"run", "run-script"}]
        return tables.named(_NAMED[name], plain[0], folder, read) if plain else None
    if "python -m" in command.launchers:
        module = name.replace(".", "/")
        return _script(f"{module}.py", folder, read) or _script(f"{module}/__main__.py", folder, read)
    if name in _SHELLS or is_python(command.words[0]):
        file = next((word for word in words if not word.startswith("-")), "")
        return _script(file, folder, read) if file else None
    return _script(command.words[0].text, folder, read)


def _script(file: str, folder: str, read: Read) -> list[Task] | None:
    path = within(folder, file)
    text = text_of(read, path) if path else None
    if not path or text is None:
        return None
    match = _SCRIPT.match(text)
    language = match[0] if match else ""
    if path.endswith(".py") or "python" in language:
        return program.script(text, path, folder)
    if path.endswith((".sh", ".bash")) or language:
        return [Task(text, path, 1, folder)]
    return None
