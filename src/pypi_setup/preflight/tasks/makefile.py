"""The recipes of a Makefile, and of a justfile.

Sources: GNU make's manual (rules, recipes, variables: what the file does not set comes from the environment;
each line of a recipe has a shell of its own), just's manual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.tasks.task import TASKS_LIMIT, UNKNOWN, Task, text_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypi_setup.preflight.tasks.task import Read

_NAMES = ("GNUmakefile", "makefile", "Makefile")
_JUST_NAMES = ("justfile", "Justfile", ".justfile")
NEEDS_LIMIT = 1000
"""What one target needs that is read from several rules."""

_EXPANSIONS = 5
_VALUE_LIMIT = 2000
_VARIABLE = re.compile(r"(?:export\s+|override\s+)*([A-Za-z_][\w.-]*)\s*(::?:?|\?|\+|!)?=\s*(.*)\Z", re.ASCII)
_RULE = re.compile(r"([^\s#:=](?:[^:=#]*[^\s:=#])?)\s*::?(?!=)\s*([^;#]*)(?:;(.*))?")
_REFERENCE = re.compile(r"\$(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\{([^{}]*)\}|(.))", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII)
_SHELL_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_JUST_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*)(?![\w-])([^:]*):(?!=)\s*([^#]*)", re.ASCII)
_JUST_VALUE = re.compile(r"\{\{[^{}]*\}\}")


class _Recipe(NamedTuple):
    needs: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]
    """Each with its line in the file."""

    def with_line(self, number: int, line: str) -> _Recipe:
        """Return the recipe with a further line, as long as there are few."""
        return self if len(self.lines) >= TASKS_LIMIT else self._replace(lines=(*self.lines, (number, line)))


def make(words: Sequence[str], folder: str, read: Read) -> list[Task] | None:
    """Return what `make` runs with these arguments; None where its file or a target is not to be read."""
    file, targets, given = "", list[str](), dict[str, str]()
    place: str | None = folder
    rest = iter(words)
    for word in rest:
        if word in {"-C", "--directory"}:
            place = within(folder, next(rest, ""))
        elif word in {"-f", "--file", "--makefile"}:
            file = next(rest, "")
        elif match := _VARIABLE.match(word):
            given[match[1]] = match[3]
        elif not word.startswith("-"):
            targets.append(word)
    if place is None:
        return None
    for name in (file,) if file else _NAMES:
        path = within(place, name)
        text = text_of(read, path) if path else None
        if path and text is not None:
            variables, recipes = _parsed(text)
            first = next((name for name in recipes if not name.startswith(".")), "")
            return _ordered(recipes, targets or [first], {**variables, **given}, path, place)
    return None


def _parsed(text: str) -> tuple[dict[str, str], dict[str, _Recipe]]:
    """Return the variables and the recipes, by target; of conditions every branch is read."""
    variables: dict[str, str] = {}
    recipes: dict[str, _Recipe] = {}
    targets: list[str] = []
    for number, line in _logical(text):
        if line.startswith("\t"):
            for target in targets:
                recipes[target] = recipes[target].with_line(number, line)
        elif match := _VARIABLE.match(line):
            variables[match[1]] = match[3][:_VALUE_LIMIT] if match[2] != "+" else f"${UNKNOWN}"
        elif match := _RULE.match(line):
            targets = match[1].split()[:TASKS_LIMIT]
            for target in targets:
                old = recipes.get(target, _Recipe((), ()))
                own = ((number, match[3]),) if match[3] else ()
                needs = old.needs if len(old.needs) > NEEDS_LIMIT else (*old.needs, *match[2].split())
                recipes[target] = _Recipe(needs, (*old.lines, *own)[:TASKS_LIMIT])
    return variables, recipes


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines, those joined that end in a backslash, each with its number."""
    start, held = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        start = start if held else number
        if line.endswith("\\"):
            held += f"{line[:-1]} "
        else:
            yield start, held + line
            held = ""
    if held:
        yield start, held


def _ordered(
    recipes: dict[str, _Recipe], targets: Sequence[str], variables: dict[str, str], file: str, folder: str
) -> list[Task] | None:
    """Return the tasks of some targets, what they need first; None where one of them has no recipe."""
    if any(target not in recipes for target in targets):
        return None
    order: dict[str, None] = {}
    entered: set[str] = set()
    waiting = list(reversed(targets))
    while waiting:
        target = waiting.pop()
        if target in entered:  # All that it needs stands in the order, or needs it in turn.
            order.setdefault(target)
            continue
        entered.add(target)
        needs = [need for need in recipes[target].needs if need in recipes and need not in entered]
        waiting.extend((target, *reversed(needs)))
    lines = [line for target in order for line in recipes[target].lines]
    return [
        Task(_expanded(line.lstrip(" \t@+-"), variables), file, number, folder)
        for number, line in lines[:TASKS_LIMIT]
    ]


def _expanded(line: str, variables: dict[str, str]) -> str:
    """Return a line of a recipe as the shell gets it."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        if name == "$":
            return "\0"  # Of the shell, and not to be expanded again.
        if name == "MAKE":
            return "make"
        if not _NAME.match(name):
            return UNKNOWN.replace("$", "\0")
        default = f"\0{{{name}}}" if _SHELL_NAME.match(name) else UNKNOWN.replace("$", "\0")
        return variables.get(name, default)

    for _ in range(_EXPANSIONS):
        if len(line) > _VALUE_LIMIT or "$" not in line:
            break
        line = _REFERENCE.sub(value, line)
    return line[: 2 * _VALUE_LIMIT].replace("\0", "$")


def just(words: Sequence[str], folder: str, read: Read) -> list[Task] | None:
    """Return what `just` runs with these arguments; None where its file or a recipe is not to be read."""
    names = [word for word in words if not word.startswith("-") and "=" not in word]
    for name in _JUST_NAMES:
        path = within(folder, name)
        text = text_of(read, path) if path else None
        if path and text is not None:
            recipes = _just_recipes(text)
            wanted = names[:1] or [next(iter(recipes), "")]
            return _ordered(recipes, wanted, {}, path, folder)
    return None


def _just_recipes(text: str) -> dict[str, _Recipe]:
    recipes: dict[str, _Recipe] = {}
    name = ""
    for number, line in _logical(text):
        if line[:1].isspace() and name:
            shown = _JUST_VALUE.sub("\0", line.strip()).replace("$", "$$").replace("\0", f"$({UNKNOWN[1:]})")
            recipes[name] = recipes[name].with_line(number, shown)
        elif match := _JUST_RECIPE.match(line):
            name = match[1]
            needs = tuple(word.strip("()") for word in match[3].replace("&&", " ").split())
            recipes[name] = _Recipe(needs, ())
        elif line.strip() and not line.startswith("#"):
            name = ""
    return recipes
