"""Which files a log says were uploaded, for which project and to which index. No I/O.

Sources: the progress lines of twine, uv, poetry, hatch, maturin, and of gh-action-pypi-publish's check.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypi_setup.log.lines import Line

NEEDLES = frozenset({b"uploading", b"checking", b"pypi", b"success"})
"""Words of which every line about a distribution or an index has one."""

MARKS = (
    b"Uploading ",
    b"Checking ",
    b"... success",
    b"pypi.org/legacy",
    b"pypi.org/help",
    b"pypi.org/_/oidc",
    b"pypi.org/manage",
    b"pypi.org/project",
)
"""What stands in such a line."""

_FILE = r"(?P<file>[A-Za-z0-9][\w.+!-]{2,240}\.(?:whl|tar\.gz|zip))"
_UPLOADING = re.compile(rf"(?:^|[\s-])Uploading (?:[^\s]{{0,200}}/)?{_FILE}(?P<tail>.{{0,200}})")
_SENT = re.compile(rf"^\s*(?:[^\s]{{0,200}}/)?{_FILE} \.\.\. success")
_CHECKING = re.compile(rf"Checking (?:[^\s]{{0,200}}/)?{_FILE}: ")
_INDEX = re.compile(r"https://(?P<host>(?:upload\.|test\.)?pypi\.org)/(?:legacy|help|_/oidc|manage|project)")


class Upload(NamedTuple):
    """A line about a distribution or an index."""

    part: int
    line: int
    file: str = ""
    """The distribution's name; empty where the line is about the index only."""

    started: bool = False
    """Whether its upload began there; else it was only looked at."""

    where: str = ""
    """`pypi` or `testpypi`; empty where the line names neither."""

    done: bool = False
    """Whether the line says that it was uploaded."""


def found(lines: list[Line], part: int) -> list[Upload]:
    """Return what lines say of distributions and indexes."""
    result = []
    for line in lines:
        text = line.text
        place = _INDEX.search(text)
        index = "" if not place or "repository_url:" in text else _index(place["host"])
        upload, sent = _UPLOADING.search(text), _SENT.search(text)
        file = upload or sent or _CHECKING.search(text)
        if file or index:
            name = file["file"] if file else ""
            result.append(Upload(part, line.number, name, bool(upload), index, bool(sent)))
    return result


def _index(host: str) -> str:
    return "testpypi" if host == "test.pypi.org" else "pypi"


def project(file: str) -> str:
    """Return the name of the project that a distribution is of; empty where its name is none."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        return str(parse_wheel_filename(file)[0] if file.endswith(".whl") else parse_sdist_filename(file)[0])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def before(uploads: tuple[Upload, ...], part: int, line: int) -> tuple[str, ...]:
    """Return the files whose upload had ended before the error in this line.

    Those are the files that a tool calls uploaded, and all whose upload began but the last: tools upload one
    after the other and stop at the first error.
    """
    earlier = [each for each in uploads if each.part == part and each.line <= line and each.file]
    started = list(dict.fromkeys(each.file for each in earlier if each.started))
    return tuple(dict.fromkeys([*started[:-1], *(each.file for each in earlier if each.done)]))
