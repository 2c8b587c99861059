from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.sources.listing import ENTRIES_LIMIT, Entry, parse, read
from pypi_setup.sources.parsing import SIZE_LIMIT
from pypi_setup.values.publisher import BadInput

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = (Entry("one"), Entry("two", repo="octo-org/other", workflow="pub.yml", environment=""))
JSON = b'["one", {"project": "two", "repo": "octo-org/other", "workflow": "pub.yml", "environment": ""}]'
TOML = (
    b'[[publishers]]\nproject = "one"\n'
    b'[[publishers]]\nproject = "two"\nrepo = "octo-org/other"\nworkflow = "pub.yml"\nenvironment = ""\n'
)


@pytest.mark.parametrize("text", [JSON, b"\n " + JSON, TOML, b"# ours\n\n" + TOML])
def test_each_form_gives_the_same(text: bytes) -> None:
    assert parse(text) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [b"one\ntwo\n", b"\xef\xbb\xbfone\r\ntwo\r\n", b"# ours\n\n  one  # the first\ntwo", b'["one", "two"]'],
)
def test_names_alone(text: bytes) -> None:
    assert parse(text) == (Entry("one"), Entry("two"))


def test_one_table_of_json_is_a_list_of_one() -> None:
    assert parse(b'{"project": "one", "owner": "octo-org"}') == (Entry("one", owner="octo-org"),)


def refused(text: bytes) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as bad:
        parse(text)
    assert {problem.field for problem in bad.value.problems} == {"from"}
    return [(problem.value, problem.rule) for problem in bad.value.problems]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (b"", [("", "The list names no project")]),
        (b"# only words", [("", "The list names no project")]),
        (b"[]", [("", "The list names no project")]),
        (b"[1", [("", "The list is not JSON")]),
        (b"[[a]]\nb = ", [("", "The list is not TOML")]),
        (b"x" * (SIZE_LIMIT + 1), [("", "The list is larger than 256 KiB")]),
        (b"[" + b" " * SIZE_LIMIT, [("", "The list is larger than 256 KiB")]),
        (
            b'[3, {"owner": "o"}, {"project": "a", "worfklow": "b"}, {"project": 5}]',
            [
                ("entry 1", "It is neither a name nor a table"),
                ("entry 2", "It has no project"),
                ("entry 3", "There is no worfklow here"),
                ("entry 4", "Its project is no text"),
            ],
        ),
        (b"a\n" * (ENTRIES_LIMIT + 1), [(f"{ENTRIES_LIMIT + 1}", f"At most {ENTRIES_LIMIT} at once")]),
    ],
)
def test_all_that_is_wrong_with_it_at_once(text: bytes, problems: list[tuple[str, str]]) -> None:
    assert refused(text) == problems


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_bad_input(text: bytes) -> None:
    def outcome() -> tuple[object, ...]:
        try:
            return parse(text)
        except BadInput as bad:
            return bad.problems

    assert outcome()


def test_a_file_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"one\n")
    assert read("list.txt", tmp_path, None) == (Entry("one"),)
    assert read("-", tmp_path, io.BytesIO(b"two\n")) == (Entry("two"),)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("none.txt", "It cannot be read: No such file or directory"),
        ("a\0b", "It cannot be read: no such file"),
        (".", "It cannot be read: Is a directory"),
        ("-", "Nothing is piped into standard input"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, rule: str) -> None:
    with pytest.raises(BadInput) as bad:
        read(name, tmp_path, None)
    assert [problem.rule for problem in bad.value.problems] == [rule]


def test_what_is_wrong_in_a_file_is_said_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"")
    with pytest.raises(BadInput) as bad:
        read("list.txt", tmp_path, None)
    assert [problem.rule for problem in bad.value.problems] == ["The list names no project"]
