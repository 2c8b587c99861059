"""The projects of `--from`: a name a line, or a list of tables in JSON or TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.sources.parsing import SIZE_LIMIT, Unreadable, json_value, toml
from pypi_setup.values.harmless import one_line
from pypi_setup.values.publisher import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

ENTRIES_LIMIT = 2000
"""Projects of one run: PyPI takes a hundred registrations a day."""

_TABLES = re.compile(r"^\s*\[\[", re.MULTILINE)
_FIELDS = ("project", "owner", "repo", "workflow", "environment")
_FIX = "one name a line; or a JSON list, or TOML tables, with project and where they differ " + ", ".join(
    _FIELDS[1:]
)


class Entry(NamedTuple):
    """One project, and the values in which it differs from the other ones."""

    project: str
    owner: str = ""
    repo: str = ""
    workflow: str | None = None
    environment: str | None = None
    """None where it is that of all; an empty text is none."""


def read(name: str, folder: Path, stdin: BinaryIO | None) -> tuple[Entry, ...]:
    """Return the projects of a file, `-` being standard input. Raises BadInput."""
    if name != "-":
        try:
            with (folder / name).open("rb") as file:
                return parse(file.read(SIZE_LIMIT + 1))
        except (OSError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            why = getattr(error, "strerror", None) or "no such file"
            raise _bad(f"It cannot be read: {why}", "give a file, or - for standard input", name) from None
    if stdin is None:
        raise _bad("Nothing is piped into standard input", "for example pypi-setup --from - < projects.txt")
    return parse(stdin.read(SIZE_LIMIT + 1))


def parse(data: bytes) -> tuple[Entry, ...]:
    """Return the projects that a text lists, in its order. Raises BadInput with all that is wrong with it."""
    try:
        rows = _rows(data)
    except Unreadable as why:
        raise _bad(f"The list {why}", _FIX) from None
    problems: list[Problem] = []
    found = [_entry(number, row, problems) for number, row in enumerate(rows, 1)]
    if not found:
        problems.append(Problem("from", "", "The list names no project", _FIX))
    if len(found) > ENTRIES_LIMIT:
        problems.append(Problem("from", f"{len(found)}", f"At most {ENTRIES_LIMIT} at once", "part the list"))
    if problems:
        raise BadInput(tuple(problems))
    return tuple(found)


def _rows(data: bytes) -> list[object]:
    """Return what stands for one project each. Raises Unreadable."""
    if data.lstrip()[:1] in {b"[", b"{"} and not data.lstrip().startswith(b"[["):
        value = json_value(data)
        return value if isinstance(value, list) else [value]
    if len(data) > SIZE_LIMIT:
        raise Unreadable(f"is larger than {SIZE_LIMIT // 1024} KiB")
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if _TABLES.search(text):
        lists = [value for value in toml(text.encode()).values() if isinstance(value, list)]
        return [row for rows in lists for row in rows]
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _entry(number: int, row: object, problems: list[Problem]) -> Entry:
    if isinstance(row, str):
        return Entry(row)
    wrong = list(_wrong(row)) if isinstance(row, dict) else ["It is neither a name nor a table"]
    problems.extend(Problem("from", f"entry {number}", rule, _FIX) for rule in wrong)
    return Entry("") if wrong or not isinstance(row, dict) else Entry(**row)


def _wrong(row: dict[object, object]) -> Iterator[str]:
    if "project" not in row:
        yield "It has no project"
    for key, value in row.items():
        if key not in _FIELDS:
            yield f"There is no {one_line(str(key), 40)} here"
        elif not isinstance(value, str):
            yield f"Its {key} is no text"


def _bad(rule: str, fix: str, value: str = "") -> BadInput:
    return BadInput((Problem("from", value, rule, fix),))
