"""What a stranger's file may hold. Costs are counted in calls and bytes, never in seconds."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.sources import parsing
from pypi_setup.sources.parsing import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

KIB = 1024
LONG_KEY = "was not read: it has a key of more than 32 parts"
DEEP = "was not read: its brackets are nested more than 100 deep"
DIGITS = "was not read: it has a number of more than 4000 digits"


def refusal(parse: Callable[[bytes], object], text: str | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        parse(text.encode() if isinstance(text, str) else text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (".".join("a" * 33) + " = 1", LONG_KEY),
        ("[" + ".".join("a" * 33) + "]", LONG_KEY),
        ("[[" + " . ".join("a" * 33) + "]]", LONG_KEY),
        ("x = {" + ".".join("a" * 33) + " = 1}", LONG_KEY),
        (".".join(["'a'"] * 33) + " = 1", LONG_KEY),
        (".".join(['"a"'] * 33) + " = 1", LONG_KEY),
        (".".join(['"\\""'] * 33) + " = 1", LONG_KEY),
        ("a = " + "[" * 101, DEEP),
        ("a = " + "{a = " * 101, DEEP),
        ("a = " + "1" * 4000, DIGITS),
        ("a = " + "1_" * 2000, DIGITS),
        ("#" * (256 * KIB + 1), "is larger than 256 KiB"),
        (b"a = '\xff'", "is not in UTF-8"),
        ("a = ", "is not TOML"),
    ],
)
def test_toml_that_is_not_read(text: str | bytes, why: str) -> None:
    assert refusal(parsing.toml, text) == why


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 32) + " = 1",
        "a = " + "[" * 100 + "]" * 100,
        "a = " + "['[', ']']",
        "a = '" + "1" * 3999 + "'",
        "a = 1 # " + "]" * 300,
    ],
)
def test_toml_within_the_limits(text: str) -> None:
    assert list(parsing.toml(text.encode())) == ["a"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[a]\n" + "x\n" * 100_000, "is not in setup.cfg's format"),
        ("x", "is not in setup.cfg's format"),
        ("[a]\nb\n c", "is not in setup.cfg's format"),
        ("[a]\n" + "#" * 256 * KIB, "is larger than 256 KiB"),
    ],
)
def test_ini_that_is_not_read(text: str, why: str) -> None:
    assert refusal(parsing.ini, text) == why


def test_ini_takes_nothing_over_from_its_defaults() -> None:
    """10,000 sections that each take over 10,000 values would be 100 million."""
    text = "[DEFAULT]\n" + "".join(f"k{n}=\n" for n in range(10_000))
    parser = parsing.ini((text + "".join(f"[s{n}]\n" for n in range(10_000))).encode())
    assert len(parser["s7"]) == 0
    assert len(parser["DEFAULT"]) == 10_000


def test_ini_folds_white_space_within_a_line() -> None:
    parser = parsing.ini(("[a]\nkey" + " " * 100_000 + "= x" + "\t" * 100_000 + "y\n\n  z").encode())
    assert parser.get("a", "key") == "x y\n\nz"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 101, DEEP),
        ('{"a":' * 101, DEEP),
        ("1" * 4000, DIGITS),
        (" " * (256 * KIB + 1), "is larger than 256 KiB"),
        (b"\xff", "is not in UTF-8"),
        ("{", "is not JSON"),
        ("", "is not JSON"),
    ],
)
def test_json_that_is_not_read(text: str | bytes, why: str) -> None:
    assert refusal(parsing.json_value, text) == why


def test_json_within_the_limits() -> None:
    assert parsing.json_value(b'{"a": [1, "]]"]}') == {"a": [1, "]]"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = 1\n" + '"\\' * 501, "was not read: it has a line of more than 1000 characters"),
        ("#" * (256 * KIB + 1), "is larger than 256 KiB"),
    ],
)
def test_python_that_is_not_read(text: str, why: str) -> None:
    assert refusal(parsing.tokens, text) == why


def test_python_is_read_up_to_an_error() -> None:
    assert parsing.tokens(b"f(a, # b\n  1)\n")[:6] == ["f", "(", "a", ",", "1", ")"]
    assert parsing.tokens(b"f(")[:2] == ["f", "("]


def test_the_worst_toml_that_is_read_takes_bounded_memory() -> None:
    """One key of 20,000 parts took 1.5 GB before; this is the most that fits into the limits."""
    inner = ".".join("a" * 31)
    text = "\n".join(f"[k{number}.{inner}]" for number in range(3500)).encode()
    assert 200 * KIB < len(text) < 256 * KIB
    tracemalloc.start()
    try:
        parsing.toml(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200 * KIB * KIB


@given(st.binary(max_size=400) | st.text(alphabet="a.\"'[]{}=1_ \\\n#-\t", max_size=400).map(str.encode))
@pytest.mark.parametrize("parse", [parsing.toml, parsing.ini, parsing.json_value, parsing.tokens])
def test_any_bytes_are_read_or_refused(parse: Callable[[bytes], object], data: bytes) -> None:
    with suppress(Unreadable):
        assert parse(data) is not NotImplemented
