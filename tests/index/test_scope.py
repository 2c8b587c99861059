from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.index.scope import Scope, scope
from pypi_setup.sandbox.macaroons import macaroon

OF_PYPI = (
    "pypi-AgEIcHlwaS5vcmcCJDZmNWIzYzFlLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMQACL1s0LCIxMTExMTExMS0yMjIyLTQzMzMt"
    "ODQ0NC01NTU1NTU1NTU1NTUiLG51bGxdAAJTWzIsWyJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJhYWFhYWFhYS0w"
    "MDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDIiXV0AAhlbMCwxNzcyMDAwOTAwLDE3NzIwMDAwMDBdAAAGIAcOSImFbMD-2MRBunvIR3J6qwI6"
    "3CNrNyLMUvfUILen"
)
"""Made by pymacaroons with the caveats that PyPI's mint_token gives: publisher, two projects, the time."""


def of(*caveats: object) -> str:
    return macaroon("pypi.org", "an-identifier", caveats)


def test_a_token_of_pypi_tells_how_many_projects_it_covers_and_not_which() -> None:
    assert scope(OF_PYPI, "sample-project") == Scope(2, None)


@pytest.mark.parametrize(
    ("caveats", "expected"),
    [
        ([], Scope()),
        ([[4, "id", None], [2, ["a"]], [0, 2, 1]], Scope(1)),
        ([[2, []]], Scope(0, covers=False)),
        ([[2, ["a", "b", "a"]]], Scope(2)),
        # Each caveat restricts the others.
        ([[2, ["a", "b"]], [2, ["b", "c"]]], Scope(1)),
        ([[2, ["a"]], [2, ["b"]]], Scope(0, covers=False)),
        ([[1, ["sample-project", "other"]]], Scope(2, covers=True)),
        ([[1, ["other"]]], Scope(1, covers=False)),
        ([[1, ["sample-project"]], [2, []]], Scope(0, covers=False)),
        ([[1, ["sample-project", "b"]], [2, ["id"]]], Scope(1, covers=True)),
        # What is no list of texts tells nothing.
        ([[2, "a"], [2], [True, ["x"]], 7, "text", None, {"permissions": "user"}, [9, ["a"]]], Scope()),
        ([[2, [7, None, "a"]]], Scope(1)),
    ],
)
def test_what_caveats_tell(caveats: list[object], expected: Scope) -> None:
    assert scope(of(*caveats), "Sample_Project") == expected


def test_a_long_caveat_is_read_whole() -> None:
    assert scope(of([2, [f"{number:036}" for number in range(1000)]]), "x") == Scope(1000)


def raw(data: bytes) -> str:
    return f"pypi-{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


HEAD = b"\x02\x01\x01x\x02\x01y\x00"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "pypi-",
        "pypi-sandbox-account-0123",
        "pypi-!!!!",
        "other-" + OF_PYPI[5:],
        OF_PYPI[5:],
        OF_PYPI[:-80],
        "pypi-" + "A" * 70_000,
        raw(b""),
        raw(b"\x01" + HEAD[1:]),
        raw(HEAD),
        raw(HEAD + b"\x02"),
        raw(HEAD + b"\x02\x05ab\x00\x00"),
        raw(HEAD + b"\x02\xff\xff\xff\xff\xff\x01"),
        raw(HEAD + b"\x02\x03abc\x00\x00\x06\x01z"),
        raw(HEAD + b"\x02\x02\xff\xfe\x00\x00\x06\x01z"),
        raw(HEAD + b"\x02\x80\x7d" + b"[" * 16000 + b"\x00\x00\x06\x01z"),
    ],
)
def test_what_is_no_such_token_tells_nothing(token: str) -> None:
    assert scope(token, "sample-project") == Scope()


def test_fields_that_tell_nothing_are_passed_over() -> None:
    caveat = json.dumps([2, ["a"]]).encode()
    data = HEAD + b"\x02" + bytes([len(caveat)]) + caveat + b"\x04\x01v\x00" + b"\x00\x06\x01z"
    assert scope(raw(data), "x") == Scope(1)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_and_names_are_read_without_harm(data: bytes, name: str) -> None:
    found = scope(raw(b"\x02" + data), name)
    assert found.projects is None or found.projects >= 0


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10), st.lists, max_leaves=10
)


@given(st.lists(json_values, max_size=5))
def test_any_caveats_are_read_without_harm(caveats: list[object]) -> None:
    found = scope(of(*caveats), "x")
    assert found.projects is None or found.projects >= 0
