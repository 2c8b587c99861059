from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax import patterns
from pypi_setup.preflight.syntax.patterns import of_filter, of_rule, overlap


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("main", "main", True),
        ("main", "mail", False),
        ("", "", True),
        ("*", "", True),
        ("v*", "v1.0", True),
        ("v*", "1.0", False),
        ("v*", "v-1", True),
        ("v*", "release-*", False),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("a/**", "a/b/c", True),
        ("a/**/c", "a/c", True),
        ("releases/*", "releases/a/b", False),
        ("v[0-9]+", "v10", True),
        ("v[0-9]+", "v", False),
        ("v[0-9]+", "va", False),
        ("v1?", "v", True),
        ("v1?", "v1", True),
        ("v1?", "v11", False),
        ("*?", "", True),
        ("a+", "aaa", True),
        ("a+", "", False),
        ("+", "+", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a[b", "a-anything/at-all", True),
        ("x" * 300, "y", True),
        ("größe", "größe", True),
        ("größe", "grosse", False),
        ("[ä]", "a", True),
    ],
)
def test_a_filter_and_a_name(one: str, other: str, expected: bool) -> None:
    name = of_rule(re.sub(r"([*?\[\\])", r"\\\1", other))
    assert overlap(of_filter(one), name) is expected
    assert overlap(name, of_filter(one)) is expected


@pytest.mark.parametrize(
    ("rule", "name", "expected"),
    [
        ("v?", "v1", True),
        ("v?", "v", False),
        ("?", "/", False),
        ("**", "a/b", False),
        ("**/b", "a/c/b", True),
        ("**/b", "b", True),
        ("[a-c]x", "bx", True),
        ("[a-c]x", "dx", False),
        ("[^a-c]x", "dx", True),
        ("[!a-c]x", "ax", False),
        ("[a-]", "-", True),
        ("a+", "a+", True),
        ("a+", "aa", False),
    ],
)
def test_a_rule_and_a_name(rule: str, name: str, expected: bool) -> None:
    literal = of_filter(re.sub(r"([*?+\[\\])", r"\\\1", name))
    assert overlap(of_rule(rule), literal) is expected


@given(
    st.lists(st.sampled_from(["a", "b", "1", "/", "*"]), max_size=8).map("".join), st.text("ab1/", max_size=8)
)
def test_a_name_that_matches_is_never_denied(rule: str, name: str) -> None:
    expression = re.escape(rule).replace(r"\*", "[^/]*")
    if re.fullmatch(expression, name):
        assert overlap(of_rule(rule), of_filter(name))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_texts_are_patterns(one: str, other: str) -> None:
    assert overlap(of_filter(one), of_rule(other)) in {True, False}
    assert overlap(of_filter(one), of_filter(one)) in {True, False}


def test_a_long_comparison_counts_as_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "STATES_LIMIT", 10)
    assert overlap(of_filter("a*" * 20 + "x"), of_rule("a*" * 20 + "y"))
