"""From the word that was given to its pipeline: the function `run` in `commands/WORD.py`.

Whatever happens, a report comes back: of bad input, and of a mistake of ours, too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pypi_setup.values import index as indexes
from pypi_setup.values import report as reports
from pypi_setup.values.options import WORDS, named
from pypi_setup.values.publisher import BadInput
from pypi_setup.values.request import holds_token, no_such_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pypi_setup.values.index import Index
    from pypi_setup.values.options import Word
    from pypi_setup.values.publisher import Problem
    from pypi_setup.values.report import Report
    from pypi_setup.values.request import Given
    from pypi_setup.values.surroundings import Surroundings


def run(given: Given, around: Surroundings, words: Iterable[Word] = WORDS) -> Report:
    """Do what is asked for, and return how it ended. Raises nothing but for an interruption.

    `words` are those that whoever calls offers.
    """
    report = _run(given, around, words)
    if report.verified is None and _word(given) == "verify":
        report = _unproven(report)._replace(results=tuple(map(_unproven, report.results)))
    if not _has_file(given):
        return report
    from pypi_setup.commands.report_file import saved

    return saved(report, given, around)


def interrupted(given: Given) -> Report:
    """Return the report of a run that a signal ended."""
    report = reports.interrupted(_index(given))
    return _unproven(report) if _word(given) == "verify" else report


def _run(given: Given, around: Surroundings, words: Iterable[Word]) -> Report:
    try:
        if _has_file(given):  # Before anything is sent.
            from pypi_setup.commands.report_file import prepared

            prepared(given, around)
        return _pipeline(given, words)(given, around)
    except BadInput as bad:
        return reports.refused(bad.problems, _index(given, bad.problems))
    except Exception as bug:  # noqa: BLE001 - no traceback reaches a user: it could hold a token
        return reports.crashed(bug, _index(given))


def _pipeline(given: Given, words: Iterable[Word]) -> Callable[[Given, Surroundings], Report]:
    """Return the command's pipeline; without such a word one that says so, beside all other problems.

    Raises BadInput for a word that is not offered here.
    """
    name = "fix" if given.edits else _word(given)
    if named(name) and name not in {word.name for word in words}:
        raise BadInput((no_such_mode(given.mode),))
    name = name if given.edits or named(name) else "register"
    pipeline: Callable[[Given, Surroundings], Report] = import_module(f"pypi_setup.commands.{name}").run
    return pipeline


def _has_file(given: Given) -> bool:
    """Tell whether a file is to be written: none is named after a token, which is bad input anyway."""
    return bool(given.report_file.strip()) and not holds_token(given.report_file)


def _word(given: Given) -> str:
    return given.mode.strip().lower()


def _unproven(report: Report) -> Report:
    """Return the report of mode verify where it did not come to the proof: bad input, or a dry run."""
    return report._replace(verified=False, claims={})


def _index(given: Given, problems: tuple[Problem, ...] = ()) -> Index:
    """Return the index whose account page a failed run links to: PyPI, where the one given is none."""
    if any(problem.field == "index-url" for problem in problems):
        return indexes.parse("pypi")
    try:
        return indexes.parse(given.index_url)
    except indexes.IndexProblem:
        return indexes.parse("pypi")
