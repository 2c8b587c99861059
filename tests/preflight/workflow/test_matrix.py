from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax.unknowns import UNKNOWN
from pypi_setup.preflight.workflow.loading import parse
from pypi_setup.preflight.workflow.matrix import Legs, legs


def expand(matrix: object, **contexts: Any) -> Legs:
    """Return the legs of a job with this matrix."""
    job = {"runs-on": "x", "strategy": {"matrix": matrix}}
    return legs(
        parse(json.dumps({"on": "push", "jobs": {"a": job}}).encode(), "f.yml").jobs["a"].matrix, contexts
    )


def test_a_job_without_a_matrix_has_one_leg() -> None:
    assert legs(None, {}) == Legs(({},), complete=True)


def test_every_combination_is_a_leg() -> None:
    assert expand({"os": ["a", "b"], "py": [3.1, "3.12"]}) == Legs(
        (
            {"os": "a", "py": 3.1},
            {"os": "a", "py": "3.12"},
            {"os": "b", "py": 3.1},
            {"os": "b", "py": "3.12"},
        ),
        complete=True,
    )


def test_include_adds_values_to_the_legs_that_it_matches_and_legs_where_it_matches_none() -> None:
    # The example of GitHub's workflow syntax.
    found = expand(
        {
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                {"color": "green"},
                {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        }
    )
    assert found.complete
    assert list(found.legs) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_include_alone_makes_the_legs() -> None:
    assert expand({"include": [{"os": "a"}, {"os": "b", "x": 1}]}) == Legs(
        ({"os": "a"}, {"os": "b", "x": 1.0}), complete=True
    )


def test_exclude_removes_the_legs_that_it_matches() -> None:
    assert expand({"os": ["a", "b"], "py": [1, 2], "exclude": [{"os": "A", "py": "1"}, {"os": "b"}]}) == Legs(
        ({"os": "a", "py": 2.0},), complete=True
    )


def test_filters_reach_into_values() -> None:
    versions = [{"node": 12, "list": [1, 2]}, {"node": 14, "list": [1]}, "other"]
    assert expand({"v": versions, "exclude": [{"v": {"node": 12}}]}).legs == (
        {"v": {"node": 14.0, "list": [1.0]}},
        {"v": "other"},
    )
    assert expand({"v": versions, "exclude": [{"v": {"list": [1, 2]}}]}).legs == (
        {"v": {"node": 14.0, "list": [1.0]}},
        {"v": "other"},
    )


def test_expressions_are_evaluated() -> None:
    found = expand(
        {
            "os": "${{ fromJSON(inputs.os) }}",
            "name": ["x-${{ inputs.n }}", "${{ inputs.n }}", "${{ inputs.n == 1 && 'y' }}-z"],
        },
        inputs={"os": '["a"]', "n": 1.0},
    )
    assert found == Legs(
        ({"os": "a", "name": "x-1"}, {"os": "a", "name": 1.0}, {"os": "a", "name": "y-z"}), complete=True
    )
    whole = expand("${{ fromJSON(inputs.m) }}", inputs={"m": '{"include": [{"os": "a"}]}'})
    assert whole == Legs(({"os": "a"},), complete=True)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("${{ fromJSON(needs.a.outputs.m) }}", ({},)),
        ({"${{ insert }}": "${{ vars.m }}"}, ({},)),
        ({"os": ["a"], "${{ insert }}": "${{ vars.m }}"}, ({"os": "a"},)),
        ({"os": ["a"], "py": "${{ fromJSON(vars.m) }}"}, ({"os": "a", "py": UNKNOWN},)),
        ({"os": ["a"], "include": "${{ fromJSON(vars.m) }}"}, ({"os": "a"}, {})),
        ({"os": ["a"], "exclude": "${{ fromJSON(vars.m) }}"}, ({"os": "a"},)),
        ({"os": ["a"], "exclude": [{"os": "${{ vars.m }}"}]}, ({"os": "a"},)),
        (
            {"os": ["${{ vars.m }}"], "include": [{"os": "a", "x": 1}]},
            ({"os": UNKNOWN}, {"os": "a", "x": 1.0}),
        ),
        ({"os": [["${{ vars.m }}"]], "exclude": [{"os": ["a"]}]}, ({"os": [UNKNOWN]},)),
        ({"os": ["a"], "include": ["a"]}, ({"os": "a"}, {})),
        ("text", ({},)),
    ],
)
def test_what_only_a_run_can_tell_is_incomplete(matrix: object, expected: tuple[Any, ...]) -> None:
    assert expand(matrix) == Legs(expected, complete=False)


def test_a_value_that_only_a_run_can_tell_is_one_leg_all_the_same() -> None:
    assert expand({"os": ["a", "x-${{ vars.m }}"]}) == Legs(({"os": "a"}, {"os": UNKNOWN}), complete=True)


def test_the_number_of_legs_is_bounded() -> None:
    found = expand({name: list(range(20)) for name in "abcde"})
    assert (len(found.legs), found.complete) == (256, False)
    found = expand({"a": list(range(250)), "include": [{"b": 1, "a": 1000 + n} for n in range(10)]})
    assert (len(found.legs), found.complete) == (256, False)
    found = expand({"a": [1], "include": [{"b": n} for n in range(300)]})
    assert not found.complete


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["a", "b", "${{ vars.x }}", "${{ 1 }}", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "include", "exclude", "${{ insert }}"]), VALUES) | VALUES)
def test_any_matrix_has_legs_within_bounds(matrix: object) -> None:
    assert len(expand(matrix).legs) <= 256
