"""Tasks that stand as data: the scripts of hatch, pdm, poe, pixi, taskipy and npm, and tox's commands.

Sources: the documents of these tools (hatch: environments, scripts; pdm: user scripts; poethepoet: tasks;
pixi: tasks; npm: scripts; tox: configuration and substitutions).
"""

from __future__ import annotations

import re
import shlex
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.tasks.task import TASKS_LIMIT, UNKNOWN, Task, line_of, text_of, within
from pypi_setup.sources import parsing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.preflight.tasks.task import Read

STEPS_LIMIT = 10_000
"""Tasks that are followed for one."""

_DEPTH = 5
_BRACES = re.compile(r"\{([^{}]*)\}")
_TOX_FOLDERS = {"toxinidir", "tox_root", "root"}


class _Place(NamedTuple):
    """A table of tasks in a file."""

    file: str
    keys: tuple[str, ...]
    """The way to the table; `*` stands for any key."""


_PLACES = {
    "hatch": (
        _Place("hatch.toml", ("envs", "default", "scripts")),
        _Place("hatch.toml", ("envs", "*", "scripts")),
        _Place("pyproject.toml", ("tool", "hatch", "envs", "default", "scripts")),
        _Place("pyproject.toml", ("tool", "hatch", "envs", "*", "scripts")),
    ),
    "pdm": (_Place("pyproject.toml", ("tool", "pdm", "scripts")),),
    "poe": (
        _Place("pyproject.toml", ("tool", "poe", "tasks")),
        _Place("poe_tasks.toml", ("tool", "poe", "tasks")),
        _Place("poe_tasks.toml", ("tasks",)),
    ),
    "pixi": (
        _Place("pixi.toml", ("tasks",)),
        _Place("pixi.toml", ("feature", "*", "tasks")),
        _Place("pyproject.toml", ("tool", "pixi", "tasks")),
        _Place("pyproject.toml", ("tool", "pixi", "feature", "*", "tasks")),
    ),
    "taskipy": (_Place("pyproject.toml", ("tool", "taskipy", "tasks")),),
    "npm": (_Place("package.json", ("scripts",)),),
}


def named(runner: str, name: str, folder: str, read: Read) -> list[Task] | None:
    """Return what a task of this name runs, of one of the runners above; None where there is none."""
    for place in _PLACES[runner]:
        path = within(folder, place.file)
        text = text_of(read, path) if path else None
        for table in _tables(_loaded(place.file, text or ""), place.keys):
            if path and name in table:
                line = line_of(text or "", rf"""^[ \t]*["']?{re.escape(name)}["']?[ \t]*[=:]""")
                lines = islice(_Lines(table).of(table[name], _DEPTH), TASKS_LIMIT)
                return [Task(_braces(each), path, line, folder) for each in lines]
    return None


def _loaded(file: str, text: str) -> object:
    try:
        return (parsing.json_value if file.endswith(".json") else parsing.toml)(text.encode())
    except parsing.Unreadable:
        return None


def _tables(table: object, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if not isinstance(table, dict):
        return
    if not keys:
        yield table
        return
    for key in list(table)[:TASKS_LIMIT] if keys[0] == "*" else keys[:1]:
        yield from _tables(table.get(key), keys[1:])


class _Lines:
    """The command lines of tasks that name each other: a few that do so many times would be billions."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._left = STEPS_LIMIT

    def of(self, value: object, depth: int) -> Iterator[str]:
        """Give the command lines of a task; one that it names is followed."""
        self._left -= 1
        if depth == 0 or self._left < 0:
            return
        if isinstance(value, str):
            first = value.split(maxsplit=1)[:1]
            other = self._table.get(first[0]) if first else None
            if other is None or other == value:
                yield value
            else:
                yield from self.of(other, depth - 1)
        elif isinstance(value, list):
            words = [word for word in value if isinstance(word, str) and " " not in word]
            if value and len(words) == len(value) and words[0] not in self._table:
                yield shlex.join(words)  # The words of one command.
            else:
                for each in value[:TASKS_LIMIT]:
                    yield from self.of(each, depth - 1)
        elif isinstance(value, dict):
            yield from self._of_table(value, depth)

    def _of_table(self, task: dict[str, Any], depth: int) -> Iterator[str]:
        """Give the command lines of a task that is a table, after those of the tasks that it needs."""
        for key in ("depends-on", "depends_on", "deps"):
            needs = task.get(key, [])
            for need in needs[:TASKS_LIMIT] if isinstance(needs, list) else [needs]:
                name = need.get("task") if isinstance(need, dict) else need
                yield from self.of(self._table.get(name) if isinstance(name, str) else None, depth - 1)
        for key in ("cmd", "shell", "sequence", "composite", "ref", "chain"):
            yield from self.of(task.get(key), depth - 1)


def _braces(line: str, given: str = "") -> str:
    """Return a line with the substitutions of hatch, pdm and tox as a shell would write them."""

    def value(match: re.Match[str]) -> str:
        name, _, default = match[1].partition(":")
        if name in {"args", "posargs"}:
            return given or default
        if name == "env":
            variable, _, fallback = default.partition(":")
            return f"\0{{{variable}:-{fallback}}}" if fallback else f"\0{{{variable}}}"
        if name in {"envpython", "env_python", "python"}:
            return "python"
        return "." if name in _TOX_FOLDERS else UNKNOWN

    # `${NAME}` is the shell's own.
    return re.sub(r"(?<!\$)" + _BRACES.pattern, value, line).replace("\0", "$")


def tox(words: Sequence[str], folder: str, read: Read) -> list[Task] | None:
    """Return what `tox -e NAME` runs; None where it is not to be read."""
    names, given = list[str](), ""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in {"-e", "--env"}:
            names.extend((value if equals else next(rest, "")).split(","))
        elif word == "--":
            given = shlex.join(rest)
    found: list[Task] = []
    for name in names:
        tasks = _tox_environment(name.strip(), given, folder, read)
        if tasks is None:
            return None
        found.extend(tasks)
    return found[:TASKS_LIMIT] or None


def _tox_environment(name: str, given: str, folder: str, read: Read) -> list[Task] | None:
    for file in ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml"):
        path = within(folder, file)
        text = text_of(read, path) if path else None
        if not path or text is None:
            continue
        if file.endswith(".toml"):
            keys = ("env", name) if file == "tox.toml" else ("tool", "tox", "env", name)
            table = next(_tables(_loaded(file, text), keys), None)
            legacy = next(_tables(_loaded(file, text), ("tool", "tox")), {}).get("legacy_tox_ini")
            section = (
                _of_table(table) if table else _section(legacy, name) if isinstance(legacy, str) else None
            )
        else:
            section = _section(text, name)
        if section is not None:
            line = line_of(text, rf"^[ \t]*\[(?:tool\.tox\.)?(?:testenv:|env\.){re.escape(name)}\]")
            lines, variables, inner = section
            place = within(folder, inner) or folder
            shown = tuple((key, _braces(value, given)) for key, value in variables)
            return [Task(_braces(each, given).lstrip("- "), path, line, place, shown) for each in lines]
    return None


_Section = tuple[list[str], list[tuple[str, str]], str]
"""The commands, the variables, and the folder."""


def _of_table(table: dict[str, Any]) -> _Section:
    commands = table.get("commands", [])
    lines = [
        shlex.join(word if isinstance(word, str) else UNKNOWN for word in each)
        for each in (commands if isinstance(commands, list) else [])
        if isinstance(each, list)
    ]
    variables = table.get("set_env", {})
    pairs = (
        [(str(key), str(value)) for key, value in variables.items()] if isinstance(variables, dict) else []
    )
    folder = table.get("change_dir", "")
    return lines, pairs, folder if isinstance(folder, str) else ""


def _section(text: str, name: str) -> _Section | None:
    try:
        parser = parsing.ini(text.encode(), bare_keys=True)
    except parsing.Unreadable:
        return None
    section = f"testenv:{name}"
    if not parser.has_section(section):
        return None

    def value(*keys: str) -> str:
        sections = [each for each in (section, "testenv") if parser.has_section(each)]
        found = (parser.get(each, key, fallback=None) for each in sections for key in keys)
        return next((each for each in found if each), "")

    commands = re.sub(r"\\\n\s*", " ", value("commands")).split("\n")
    variables = [line.partition("=")[::2] for line in value("set_env", "setenv").split("\n") if "=" in line]
    folder = _braces(value("change_dir", "changedir"))
    lines = [line for line in commands if line.strip()]
    return lines, [(key.strip(), text.strip()) for key, text in variables], folder
