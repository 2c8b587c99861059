from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax import document
from pypi_setup.preflight.syntax.document import Scalar, Unreadable, compose, scalar, value_of


def only_value(text: str) -> Any:
    """Return the node that a text is, put under one key."""
    root = compose(f"key: {text}\n".encode())
    assert isinstance(root, yaml.MappingNode)
    return root.value[0][1]


def tree(node: Any) -> Any:
    """Return a node with all that is in it as plain data, places included."""
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value, node.style or "", document.place(node)
    if isinstance(node, yaml.SequenceNode):
        return [tree(item) for item in node.value]
    return [(tree(key), tree(value)) for key, value in node.value]


@pytest.mark.parametrize(
    ("text", "value", "as_text"),
    [
        ("on", "on", "on"),
        ("yes", "yes", "yes"),
        ("true", True, "true"),
        ("True", True, "true"),
        ("FALSE", False, "false"),
        ("null", None, ""),
        ("~", None, ""),
        ("", None, ""),
        ("3.10", 3.1, "3.1"),
        ("3.12", 3.12, "3.12"),
        ("007", 7.0, "7"),
        ("0o17", 15.0, "15"),
        ("0x1F", 31.0, "31"),
        ("+.5", 0.5, "0.5"),
        ("-1e3", -1000.0, "-1000"),
        (".inf", math.inf, "Infinity"),
        ("-.INF", -math.inf, "-Infinity"),
        ("1_000", "1_000", "1_000"),
        ("12:30", "12:30", "12:30"),
        ("2001-01-01", "2001-01-01", "2001-01-01"),
        ("3.10.1", "3.10.1", "3.10.1"),
        ("'3.10'", "3.10", "3.10"),
        ('"true"', "true", "true"),
        ("!!str true", "true", "true"),
        ("!!int 3", 3.0, "3"),
        ("!!null ''", "", ""),
    ],
)
def test_plain_scalars_follow_yaml_1_2s_core_schema(text: str, value: object, as_text: str) -> None:
    found = scalar(only_value(text), "f.yml")
    assert (found.value, found.text) == (value, as_text)


def test_not_a_number_is_one() -> None:
    found = scalar(only_value(".NaN"), "f.yml")
    assert isinstance(found.value, float)
    assert math.isnan(found.value)
    assert found.text == "NaN"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!custom x", "GitHub knows no tag '!custom'"),
        ("!!int x", "The value 'x' does not fit its tag"),
        ("!!bool 'true'", "The value 'true' does not fit its tag"),
    ],
)
def test_a_tag_that_github_refuses_has_no_value(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="tag") as caught:
        value_of(only_value(text))
    assert str(caught.value) == message


def test_a_wrong_tag_leaves_the_text() -> None:
    assert scalar(only_value("!!int no"), "f.yml").value == "no"


def test_a_scalar_knows_its_place_and_style() -> None:
    root: Any = compose(b"a: 'x'\nb:\n  c: |\n    one\n    two\n")
    nested = root.value[1][1].value[0][1]
    assert scalar(root.value[0][1], "f.yml") == Scalar("x", "x", "f.yml", 1, 4, "'")
    assert scalar(nested, "f.yml") == Scalar("one\ntwo\n", "one\ntwo\n", "f.yml", 3, 6, "|")


@pytest.mark.parametrize(
    ("style", "line", "expected"), [("|", 2, 13), (">", 2, 11), ("", 2, 10), ("'", 0, 10), ("|", 0, 11)]
)
def test_the_line_of_a_line_of_text(style: str, line: int, expected: int) -> None:
    assert Scalar("", "", "f.yml", 10, 5, style).line_of(line) == expected


def test_a_text_with_an_expression_says_so() -> None:
    assert Scalar("a ${{ b }}", "a ${{ b }}", "f.yml", 1, 1).has_expression
    assert not Scalar("a $b", "a $b", "f.yml", 1, 1).has_expression


def test_an_alias_is_the_node_of_its_anchor() -> None:
    root: Any = compose(b"a: &x [1]\nb: *x\n")
    assert root.value[0][1] is root.value[1][1]


def test_an_anchor_may_be_defined_again() -> None:
    root: Any = compose(b"a: &x 1\nb: &x 2\nc: *x\nd: {e: [*x]}\n")
    assert root.value[2][1].value == "2"
    assert root.value[3][1].value[0][1].value[0].value == "2"


def test_an_empty_document_is_none() -> None:
    assert compose(b"") is None
    assert compose(b"# nothing\n") is None


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    root: Any = compose(b"a: caf\xe9\n")
    assert root.value[0][1].value == "caf\ufffd"


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    root: Any = compose(b"\xef\xbb\xbfon: push\n")
    assert root.value[0][0].value == "on"


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a: 'x\n", "while scanning a quoted scalar found unexpected end of stream", 2),
        (b"a: 1\n\tb: 2\n", "found a tab character that violates indentation", 2),
        (b"a: 1\nb: *x\n", "unknown anchor 'x'", 2),
        (b"a: 1\n---\nb: 2\n", "a second document", 2),
        (b"a: 1\nb: \x07\n", "control characters are not allowed", 2),
        (b"#" * (1024 * 1024 + 1), "larger than 1 MiB", 1),
        (b"a:\n  - b\n c\n", "Not YAML", 3),
    ],
)
def test_what_is_no_yaml_says_why_and_where(data: bytes, message: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        compose(data)
    assert message in str(caught.value)
    assert caught.value.line == line
    assert caught.value.fix


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b"{a: " * 250_000,
        b"- " * 500_000,
        b"? " * 500_000,
        b"".join(b" " * depth + b"a:\n" for depth in range(1400)),
    ],
    ids=["[", "{", "-", "?", "indent"],
)
def test_deep_nesting_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(Unreadable, match="more than 50 levels"):
        compose(data)


def test_too_many_nodes_are_refused() -> None:
    with pytest.raises(Unreadable, match="more than 50000 nodes"):
        compose(b"a: [" + b"1," * 200_000 + b"]")


def test_a_large_but_harmless_file_is_read() -> None:
    data = b"a: |\n" + b"  some text\n" * 20_000 + b"b: {c: [1, &x 2], d: *x}\n"
    root: Any = compose(data)
    assert [key.value for key, _ in root.value] == ["a", "b"]
    assert root.value[1][1].value[1][1].value == "2"


def test_without_libyaml_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a: &x {b: [1, 'two', !!str 3]}\nc: *x\n"
    fast = tree(compose(data))
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert tree(compose(data)) == fast
    with pytest.raises(Unreadable, match="second document"):
        compose(b"a: 1\n---\nb: 2\n")
    with pytest.raises(Unreadable, match="special characters are not allowed"):
        compose(b"a: \x07\n")


@given(st.binary(max_size=200) | st.text("{}[]-?:,&*!|>'\"%@#ab \n\t$", max_size=60).map(str.encode))
def test_any_bytes_are_a_document_or_unreadable(data: bytes) -> None:
    try:
        root = compose(data)
    except Unreadable:
        return
    assert root is None or isinstance(root, yaml.Node)


@given(st.text(max_size=40))
def test_any_quoted_text_comes_back(text: str) -> None:
    data = yaml.safe_dump({"key": text}, default_style='"', allow_unicode=False).encode()
    root: Any = compose(data)
    assert scalar(root.value[0][1], "f.yml").value == text


def test_a_nodes_limit_of_github_is_known() -> None:
    assert document.NODES_LIMIT == 50_000
