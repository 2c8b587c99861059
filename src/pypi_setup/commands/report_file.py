"""The file of `--report-file`: made ready before anything is sent, written when all is known."""

from __future__ import annotations

import tempfile
from errno import EEXIST
from pathlib import Path
from typing import TYPE_CHECKING

from pypi_setup.render.report_file import content
from pypi_setup.values.publisher import BadInput, Problem

if TYPE_CHECKING:
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings

HANDED_ON = "PYPI_SETUP_REPORT"
"""The variable with the file that the action's container writes to: the workspace is read-only for it."""

_FIX = "name a file in a folder that you can write to, for example report.html"


def prepared(given: Given, around: Surroundings) -> None:
    """See to it that the file's folder is there and can be written to. Raises BadInput."""
    name = given.report_file.strip()
    if not name.isprintable():
        raise BadInput(
            (Problem("report-file", name, "A file's name is one line of printable characters", _FIX),)
        )
    place = _place(given, around)
    try:
        if HANDED_ON not in around.environ:
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place.parent):
                pass
        if place.is_symlink() or (place.exists() and not place.is_file()):
            raise FileExistsError(EEXIST, "what is there is no ordinary file")
    except OSError as error:
        rule = f"The report cannot be written there ({error.strerror})"
        raise BadInput((Problem("report-file", name, rule, _FIX),)) from None


def saved(report: Report, given: Given, around: Surroundings) -> Report:
    """Write the file. Returns the report with a note on where it is, or why there is none."""
    name = given.report_file.strip()
    if any(problem.field == "report-file" for problem in report.problems):
        return report
    text = content(report, name).encode()
    place = _place(given, around)
    try:
        if HANDED_ON in around.environ:
            place.write_bytes(text)
        else:
            _replaced(place, text)
    except OSError as error:
        note = f"The report file {name} could not be written ({error.strerror}): all else is as told here."
        return report._replace(notes=(*report.notes, note))
    return report._replace(notes=(*report.notes, f"The full report is in {name}."))


def _place(given: Given, around: Surroundings) -> Path:
    return Path(around.folder, around.environ.get(HANDED_ON) or given.report_file.strip())


def _replaced(place: Path, data: bytes) -> None:
    """Put a whole file in the place of what is there; no reader sees half of one. Raises OSError."""
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".report.") as folder:
        file = Path(folder, "report")
        file.write_bytes(data)
        file.replace(place)
