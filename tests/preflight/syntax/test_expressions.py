from __future__ import annotations

import math

import pytest

from pypi_setup.preflight.syntax.evaluation import condition, texts
from pypi_setup.preflight.syntax.expressions import (
    Call,
    Context,
    Expression,
    ExpressionProblem,
    Index,
    Literal,
    Operation,
    asks_status,
    number_text,
    parse,
    refused_name,
    segments,
    whole,
)
from pypi_setup.preflight.syntax.unknowns import UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'it''s'", Literal("it's")),
        ("0x1F", Literal(31.0)),
        ("-1.5e1", Literal(-15.0)),
        (".5", Literal(0.5)),
        ("true", Literal(value=True)),
        ("null", Literal(None)),
        ("Infinity", Literal(math.inf)),
        ("-Infinity", Literal(-math.inf)),
        ("True", Context("True")),
        ("a.b-c", Index(Context("a"), Literal("b-c"))),
        ("a['b']", Index(Context("a"), Literal("b"))),
        ("a.*", Index(Context("a"), None)),
        ("a[*]", Index(Context("a"), None)),
        ("f( )", Call("f", ())),
        ("f(1, b).c", Index(Call("f", (Literal(1.0), Context("b"))), Literal("c"))),
        ("(a)", Context("a")),
        ("(a).b", Index(Context("a"), Literal("b"))),
        ("!a.b", Operation("!", (Index(Context("a"), Literal("b")),))),
        ("a && b && c", Operation("&&", (Context("a"), Context("b"), Context("c")))),
        ("a || b && c", Operation("||", (Context("a"), Operation("&&", (Context("b"), Context("c")))))),
        ("a == b < c", Operation("==", (Context("a"), Operation("<", (Context("b"), Context("c")))))),
        ("a == b == c", Operation("==", (Operation("==", (Context("a"), Context("b"))), Context("c")))),
        ("!a == b", Operation("==", (Operation("!", (Context("a"),)), Context("b")))),
    ],
)
def test_an_expression_is_parsed_as_github_does(text: str, expected: Expression) -> None:
    assert parse(text) == expected
    assert parse(f"  {text}\n") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Unexpected end of expression"),
        ("a b", "Unexpected symbol: 'b'"),
        ("a = b", "Unexpected symbol: '='"),
        ("a & b", "Unexpected symbol: '&'"),
        ('"a"', "Unexpected symbol: '\"a\"'"),
        ("'a", "Unexpected symbol: ''a'"),
        ("a.", "Unexpected end of expression"),
        ("a.'b'", "Unexpected symbol: ''b''"),
        ("'a'.b", "Unexpected symbol: '.'"),
        ("a[1", "Unexpected end of expression"),
        ("f(a,)", "Unexpected symbol: ')'"),
        ("(a", "Unexpected end of expression"),
        ("a)", "Unexpected symbol: ')'"),
        ("a$", "Unexpected symbol: 'a$'"),
        ("1a", "Unexpected symbol: '1a'"),
        ("${{ a }}", "Unexpected symbol: '${{'"),
        ("a &&", "Unexpected end of expression"),
        ("&& a", "Unexpected symbol: '&&'"),
        ("contains(a)", "Too few parameters supplied to the function 'contains'"),
        ("toJSON(a, b)", "Too many parameters supplied to the function 'toJSON'"),
        ("always(a)", "Too many parameters supplied to the function 'always'"),
        ("(" * 60 + "a" + ")" * 60, "An expression has at most 50 levels"),
        ("a" + ".b" * 60, "An expression has at most 50 levels"),
        ("!" * 60 + "a", "An expression has at most 50 levels"),
        ("a || " * 6000 + "a", "An expression has at most 21000 characters"),
    ],
)
def test_what_is_no_expression_says_why(text: str, message: str) -> None:
    with pytest.raises(ExpressionProblem) as caught:
        parse(text)
    assert str(caught.value) == message


def test_a_long_chain_is_one_level() -> None:
    assert isinstance(parse(" || ".join(["a"] * 1000)), Operation)


def test_a_text_is_split_into_itself_and_its_expressions() -> None:
    assert segments("a-${{ b }}-${{ '}}' }}") == ("a-", Context("b"), "-", Literal("}}"))
    assert segments("plain }} text") == ("plain }} text",)
    assert segments("${{a}}") == (Context("a"),)
    assert segments("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a ${{ b", "The expression is not closed: '}}' is missing"),
        ("${{ 'b }}", "The expression is not closed: '}}' is missing"),
        ("${{ }}", "An expression was expected between '${{' and '}}'"),
        ("${{ a b }}", "Unexpected symbol: 'b'"),
    ],
)
def test_a_text_with_a_broken_expression_says_why(text: str, message: str) -> None:
    with pytest.raises(ExpressionProblem) as caught:
        segments(text)
    assert str(caught.value) == message
    assert texts(text, {}) == (UNKNOWN,)
    assert whole(text) is None
    assert condition(text, {}) is None
    assert not asks_status(text)


def test_whole_is_the_expression_that_a_text_is() -> None:
    assert whole("${{ a }}") == Context("a")
    assert whole("x ${{ a }}") is None
    assert whole("x") is None


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("github.ref", None),
        ("GitHub.ref", None),
        ("secrets.a", "secrets"),
        ("github[env.a]", "env"),
        ("format('{0}', github.ref)", None),
        ("always()", None),
        ("hashFiles('a')", "hashFiles()"),
        ("nothing(github)", "nothing()"),
        ("!(github.a == matrix.b)", "matrix"),
    ],
)
def test_a_name_that_is_not_offered_is_found(text: str, refused: str | None) -> None:
    assert refused_name(parse(text), frozenset({"github", "always()"})) == refused


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("always()", True),
        ("${{ !Cancelled() }}", True),
        ("a && (b || failure())", True),
        ("github.ref", False),
        ("contains('always()', 'a')", False),
        ("text ${{ a }}", False),
    ],
)
def test_whether_a_condition_asks_for_the_status(text: str, asks: bool) -> None:
    assert asks_status(text) is asks


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1E+20"),
        (1.5e-7, "1.5E-07"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_a_number_is_written_as_github_does(number: float, text: str) -> None:
    assert number_text(number) == text
