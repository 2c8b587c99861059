from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax import evaluation
from pypi_setup.preflight.syntax.evaluation import condition, outcomes, text_value, texts, value
from pypi_setup.preflight.syntax.expressions import (
    ExpressionProblem,
    asks_status,
    parse,
)
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Choice, Partial, Unknown, beginning

CONTEXTS: dict[str, Any] = {
    "github": Partial(
        event_name="push",
        ref=Choice((beginning("refs/tags/v"), "refs/heads/main")),
        ref_name=beginning(""),
        event=Partial(),
    ),
    "inputs": {"Index": "testpypi", "dry": False, "count": 2.0, "none": None},
    "matrix": {"os": "ubuntu", "deep": {"a": [{"n": "x"}, {"n": "y"}, 1.0]}, "empty": [], "late": UNKNOWN},
    "either": Choice((True, False)),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # GitHub's loose equality
        ("'A' == 'a'", True),
        ("1 == '1'", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("null == ''", True),
        ("true == 1", True),
        ("true == '1'", True),
        ("'true' == true", False),
        ("'a' == 0", False),
        ("NaN == NaN", False),
        ("null == null", True),
        ("'x' != 'X'", False),
        ("matrix.deep == matrix.deep", True),
        ("fromJSON('[]') == fromJSON('[]')", False),
        ("matrix.deep == 'Object'", False),
        ("0o17 == '0o17'", True),
        ("1 == '1.'", True),
        ("0.5 == '.5e0'", True),
        (f"1 == '{'0' * 20_000}x'", False),
        ("'Infinity' == Infinity", True),
        # order
        ("1 < 2", True),
        ("2 <= 2", True),
        ("'b' > 'A'", True),
        ("'10' > 9", True),
        ("true > false", True),
        ("'a' >= 'B'", False),
        ("'x' < 1", False),
        ("matrix.deep > 1", False),
        ("null < null", False),
        # operators give operands
        ("'a' && 'b'", "b"),
        ("'' && 'b'", ""),
        ("0 || 'b'", "b"),
        ("'a' || 'b'", "a"),
        ("!'a'", False),
        ("!null", True),
        ("!NaN", True),
        # contexts
        ("github.event_name", "push"),
        ("GITHUB.Event_Name", "push"),
        ("inputs.index", "testpypi"),
        ("inputs['INDEX']", "testpypi"),
        ("inputs.missing", None),
        ("matrix.deep.a[0].n", "x"),
        ("matrix.deep.a['1'].n", "y"),
        ("matrix.deep.a[9]", None),
        ("matrix.deep.a.x", None),
        ("matrix.os.x", None),
        ("join(matrix.deep.a.*.n, '+')", "x+y"),
        ("join(matrix.deep.*[0].n)", "x"),
        ("join(matrix.deep.*.*)", "Object,Object,1"),
        ("join(matrix.deep.*.*.m)", ""),
        ("join(matrix.os.*)", ""),
        # functions
        ("contains('Hello', 'ELL')", True),
        ("contains('Hello', 'x')", False),
        ("contains(fromJSON('[\"a\", 1]'), '1')", True),
        ("contains(fromJSON('[\"a\", 1]'), 'b')", False),
        ("contains(matrix.deep, 'a')", False),
        ("startsWith('refs/tags/v1', 'REFS/tags')", True),
        ("endsWith('a.yml', '.YML')", True),
        ("endsWith(matrix.deep, 'a')", False),
        ("format('{0}-{1}-{0} {{x}}', 'a', 1.50)", "a-1.5-a {x}"),
        ("format('a')", "a"),
        ("join(fromJSON('[1, true, null, \"b\"]'))", "1,true,,b"),
        ("join('a', '-')", "a"),
        ("join(matrix.deep)", ""),
        ("toJSON(inputs.count)", "2"),
        ('toJSON(fromJSON(\'{"a": [1.5, "ä"]}\'))', '{\n  "a": [\n    1.5,\n    "ä"\n  ]\n}'),
        ("fromJSON('{\"A\": 1}').a", 1.0),
        ("case(inputs.dry, 'a', inputs.count == 2, 'b', 'c')", "b"),
        ("case(inputs.dry, 'a', 'c')", "c"),
        # a run in which all goes well
        ("success() && always()", True),
        ("failure() || cancelled()", False),
    ],
)
def test_a_known_value(text: str, expected: object) -> None:
    found = value(parse(text), CONTEXTS)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "text",
    [
        "vars.a",
        "github.sha",
        "github.event.release.tag_name",
        "matrix.late",
        "matrix[vars.a]",
        "github.*",
        "github.event.*.a",
        "hashFiles('a')",
        "nothing()",
        "format('{1}', 'a')",
        "format('{', 'a')",
        "format(vars.a, 'a')",
        "join(vars.a)",
        "join(matrix.empty, vars.a)",
        "toJSON(github)",
        "fromJSON('{')",
        "fromJSON(vars.a)",
        "vars.a == 'b'",
        "contains(vars.a, 'b')",
        "contains('b', vars.a)",
        "contains(fromJSON('[1]'), vars.a)",
        "startsWith('b', vars.a)",
        "endsWith(vars.a, 'b')",
        "vars.a < 1",
        "vars.a == vars.b",
        "!vars.a",
    ],
)
def test_an_unknown_value(text: str) -> None:
    assert isinstance(value(parse(text), CONTEXTS), Unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vars.a && 'pypi' || 'testpypi'", {"pypi", "testpypi"}),
        ("github.event_name == 'release' && 'pypi' || 'testpypi'", {"testpypi"}),
        ("either", {True, False}),
        ("!vars.a", {True, False}),
        ("vars.a || 'b'", {Unknown(truth=True), "b"}),
        ("vars.a && 'b'", {Unknown(truth=False), "b"}),
        ("case(vars.a, 'a', either, 'b', true, 'c', 'd')", {"a", "b", "c"}),
        ("github.ref", {beginning("refs/tags/v"), "refs/heads/main"}),
        ("format('{0}/x', either)", {"true/x", "false/x"}),
        ("github.ref == 'refs/heads/main'", {True, False}),
        ("github.ref == 'refs/pull/1'", {False}),
        ("github.ref != 'x'", {True}),
        ("github.ref_name == ''", {False}),
        ("startsWith(github.ref, 'refs/')", {True}),
        ("startsWith(github.ref, 'refs/tags/v1')", {True, False}),
        ("startsWith(github.ref, 'refs/tags/x')", {False}),
        ("contains(github.ref, 'refs')", {True}),
        ("contains(github.ref, 'main')", {True, False}),
    ],
)
def test_the_outcomes_of_what_is_partly_known(text: str, expected: set[object]) -> None:
    assert set(outcomes(parse(text), CONTEXTS)) == expected


def test_too_many_outcomes_are_one_unknown() -> None:
    many = {"a": Choice(str(number) for number in range(20))}
    assert len(outcomes(parse("a"), many)) == 20
    assert outcomes(parse("format('{0}{1}', a, a)"), many) == (UNKNOWN,)
    assert outcomes(parse("a"), {"a": Choice(range(99))}) == (UNKNOWN,)
    assert outcomes(parse("vars.a && a || vars.b && b"), {**many, "b": Choice(range(20, 40))}) == (UNKNOWN,)


def test_a_text_that_grows_is_unknown() -> None:
    doubled = "'" + "x" * 1000 + "'"
    for _ in range(12):
        doubled = f"format('{{0}}{{0}}', {doubled})"
    assert value(parse(doubled), {}) == UNKNOWN
    assert value(parse("toJSON(a)"), {"a": "x" * 200_000}) == UNKNOWN
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    assert value(parse("toJSON(a)"), {"a": deep}) == UNKNOWN
    assert value(parse("fromJSON(a)"), {"a": "[" * 90_000}) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("  ", True),
        ("github.event_name == 'push'", True),
        ("${{ github.event_name == 'push' }}", True),
        ("${{ github.event_name == 'release' }}", False),
        ("${{ github.event_name == 'release' }} ", True),
        ("${{ false }} && true", True),
        ("vars.a", None),
        ("vars.a && github.event_name == 'release'", False),
        ("vars.a || github.event_name == 'push'", True),
        ("vars.a && true", None),
        ("github.event_name == 'push' && startsWith(github.ref, 'refs/tags/')", None),
        ("startsWith(github.ref, 'refs/')", True),
        ("always() && inputs.dry", False),
        ("inputs.count", True),
        ("matrix.deep", True),
        ("not an expression", None),
    ],
)
def test_a_condition_has_three_answers(text: str, expected: bool | None) -> None:
    assert condition(text, CONTEXTS) is expected


def test_the_status_functions_can_be_given_an_answer() -> None:
    assert condition("success()", {"success()": False}) is False
    assert condition("!success()", {"success()": Choice((True, False))}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${{ inputs.index }}", "testpypi"),
        ("pypi-${{ inputs.count }}-${{ inputs.dry }}${{ inputs.none }}", "pypi-2-false"),
        ("${{ matrix.deep }} ${{ matrix.empty }}", "Object Array"),
        ("${{ vars.a }}", None),
        ("${{ either && 'a' || 'b' }}", None),
    ],
)
def test_the_text_of_a_text_with_expressions(text: str, expected: str | None) -> None:
    assert text_value(text, CONTEXTS) == expected


def test_an_unknown_text_may_have_a_known_beginning() -> None:
    assert texts("pypi-${{ vars.a }}-x", {}) == (beginning("pypi-"),)
    assert texts("${{ vars.a }}", {}) == (UNKNOWN,)
    assert texts("${{ vars.a && 'x' || 'y' }}-z", {}) == ("x-z", "y-z")


# ---------------------------------------------------------------- anything at all

WORDS = st.sampled_from(
    [
        *("github", "matrix", "either", "vars", "contains", "format", "fromJSON", "toJSON", "join", "case"),
        *("startsWith", "success", ".", "[", "]", "(", ")", ",", "*", "!", "==", "!=", "<", ">=", "&&", "||"),
        *("'a'", "'{0}'", "''", "1", "0x1", "-1.5", "true", "null", "NaN", "${{", "}}", " "),
    ]
)


def check(text: str) -> None:
    for each in texts(text, CONTEXTS):
        assert isinstance(each, (str, Unknown))
    assert condition(text, CONTEXTS) in {True, False, None}
    assert asks_status(text) in {True, False}
    try:
        found = parse(text)
    except ExpressionProblem:
        return
    assert 1 <= len(outcomes(found, CONTEXTS)) <= evaluation.OUTCOMES_LIMIT


@given(st.text(max_size=60))
def test_any_text_has_a_result(text: str) -> None:
    check(text)


@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_words_of_the_language_have_a_result(text: str) -> None:
    check(text)
    check(f"${{{{ {text} }}}}")
