"""The legs of a job's matrix: one for each combination of values, as GitHub makes them.

Source: GitHub's workflow syntax (`jobs.<job_id>.strategy.matrix`) and actions/runner,
src/Sdk/WorkflowParser/Conversion/MatrixBuilder.cs.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.syntax import evaluation, expressions, unknowns
from pypi_setup.preflight.syntax.document import Scalar
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Partial, Unknown

if TYPE_CHECKING:
    from pypi_setup.preflight.syntax.evaluation import Contexts
    from pypi_setup.preflight.workflow.model import Matrix, Value

LEGS_LIMIT = 256
"""Jobs of one matrix, GitHub's limit."""


class Legs(NamedTuple):
    """What a matrix comes to."""

    legs: tuple[dict[str, Any], ...]
    """The `matrix` context of each job. A value that only a run can tell is Unknown."""

    complete: bool
    """Whether these are the legs for certain: all of them, and no more."""


def legs(matrix: Matrix | None, contexts: Contexts) -> Legs:
    """Return the legs of a matrix; a job without a matrix has one, with no values."""
    if matrix is None:
        return Legs(({},), complete=True)
    found = _evaluated(matrix, contexts)
    if not isinstance(found, dict) or isinstance(found, Partial):
        return Legs((Partial(),), complete=False)
    found = dict(found)
    include, exclude = found.pop("include", None), found.pop("exclude", None)
    complete = matrix.expression is None or not matrix.axes
    axes: dict[str, list[Any]] = {}
    for name, values in found.items():
        complete = complete and isinstance(values, list)
        axes[name] = values if isinstance(values, list) else [UNKNOWN]
    return _combined(axes, include, exclude, complete=complete)


def _evaluated(matrix: Matrix, contexts: Contexts) -> Any:
    """Return the matrix as an object with the values of its expressions."""
    if matrix.expression is not None and not matrix.axes:
        return _plain(matrix.expression, contexts)
    parts = {**matrix.axes, "include": matrix.include, "exclude": matrix.exclude}
    return {name: _plain(value, contexts) for name, value in parts.items() if value is not None}


def _plain(value: Value, contexts: Contexts) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item, contexts) for name, item in value.items()}
    if not isinstance(value, Scalar):
        return [_plain(item, contexts) for item in value]
    if not value.has_expression:
        return value.value
    whole = expressions.whole(value.text)
    if whole is not None:
        return evaluation.value(whole, contexts)
    text = evaluation.text_value(value.text, contexts)
    return UNKNOWN if text is None else text


def _combined(axes: dict[str, list[Any]], include: Any, exclude: Any, *, complete: bool) -> Legs:
    """Combine the values of all axes, leave out what is excluded, add what is included."""
    included, excluded = _items(include), _items(exclude)
    complete = complete and included is not None and excluded is not None
    complete = complete and math.prod(map(len, axes.values())) <= LEGS_LIMIT
    found: list[dict[str, Any]] = []
    for values in itertools.islice(itertools.product(*axes.values()) if axes else (), LEGS_LIMIT):
        leg = dict(zip(axes, values, strict=True))
        matches = [_matches(leg, item) for item in excluded or ()]
        complete = complete and None not in matches
        if True not in matches:
            found.append(leg)
    combinations = tuple(dict(leg) for leg in found)
    for item in included or ():
        matched = False
        filters = {name: value for name, value in item.items() if name in axes}
        for combination, leg in zip(combinations, found, strict=False):
            match = _matches(combination, filters)
            complete = complete and match is not None
            if match:
                matched = True
                leg.update({name: value for name, value in item.items() if name not in axes})
        if not matched:
            found.append(dict(item))
    if included is None:
        found.append(Partial())
    return Legs(tuple(found[:LEGS_LIMIT]), complete and len(found) <= LEGS_LIMIT)


def _items(value: Any) -> list[dict[str, Any]] | None:
    """Return the mappings of `include` or `exclude`; None where they are not known, or too many."""
    if value is None:
        return []
    if (
        not isinstance(value, list)
        or len(value) > LEGS_LIMIT
        or not all(isinstance(item, dict) for item in value)
    ):
        return None
    return value


def _matches(leg: dict[str, Any], wanted: dict[str, Any]) -> bool | None:
    """Tell whether a leg has all wanted values; None where that is not known."""
    results = {_agrees(leg.get(name), value) for name, value in wanted.items()}
    if False in results:
        return False
    return None if None in results else True


def _agrees(value: Any, wanted: Any) -> bool | None:
    """Compare every value that a filter names, however deep it stands."""
    if isinstance(value, Unknown) or isinstance(wanted, Unknown):
        return None
    if isinstance(wanted, dict):
        return _matches(value, wanted) if isinstance(value, dict) else not wanted
    if isinstance(wanted, list):
        inside = dict(enumerate(value)) if isinstance(value, list) else {}
        results = {_agrees(inside.get(index), item) for index, item in enumerate(wanted)}
        return False if False in results else None if None in results else True
    return unknowns.equal(value, wanted)
