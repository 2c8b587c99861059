from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.log.lines import Kind, Line, parsed, passage


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("plain words", Line(7, "plain words")),
        (
            "publish\tUpload\t\ufeff2026-08-01T10:00:00.1234567Z words",
            Line(7, "words", "publish", "Upload", "2026-08-01T10:00:00.1234567Z"),
        ),
        (
            "publish\tUNKNOWN STEP\t2026-08-01T10:00:00Z words",
            Line(7, "words", "publish", "", "2026-08-01T10:00:00Z"),
        ),
        ("2026-08-01T10:00:00.1Z words", Line(7, "words", time="2026-08-01T10:00:00.1Z")),
        ("##[error]words", Line(7, "words", kind=Kind.ERROR)),
        ("##[group]Run twine", Line(7, "Run twine")),
        ("::error file=a.py,title=Oh: no::words", Line(7, "words", kind=Kind.ERROR)),
        ("Error: words", Line(7, "Error: words", kind=Kind.ERROR)),
        ("ERROR    HTTPError: 403", Line(7, "ERROR    HTTPError: 403", kind=Kind.ERROR)),
        ("twine.exceptions.InvalidDistribution: no", Line(7, "twine.exceptions.InvalidDistribution: no")),
        (
            "requests.exceptions.HTTPError: 502",
            Line(7, "requests.exceptions.HTTPError: 502", kind=Kind.ERROR),
        ),
        (
            "##[error]Process completed with exit code 1.",
            Line(7, "Process completed with exit code 1.", kind=Kind.NOISE),
        ),
        ("\x1b[31;1mwords\x1b[0m and\x1b]0;title\x07 more", Line(7, "words and more")),
        ("[31mwords[0m", Line(7, "words")),
        ("[main] words", Line(7, "[main] words")),
        ("\x1b[36;1mtwine upload dist/*\x1b[0m", Line(7, "")),
        ("│ words │", Line(7, "  words  ")),
        ("| words |", Line(7, "  words  ")),
        ("> > words", Line(7, "words")),
        ("one%0Atwo%0D", Line(7, "one\ntwo")),
    ],
)
def test_what_stands_around_the_words_is_taken_off(raw: str, line: Line) -> None:
    assert parsed(raw, 7) == line


def test_wrapped_sentences_are_whole_again_and_know_their_lines() -> None:
    lines = [Line(3, "File `already`"), Line(4, ""), Line(5, "   exists (and"), Line(6, "so on)")]
    whole = passage(lines)
    assert whole.text == " File already exists (and so on) "
    assert whole.lines[whole.row_at(whole.text.index("File"))].number == 3
    assert whole.lines[whole.row_at(whole.text.index("exists"))].number == 5
    assert whole.lines[whole.row_at(whole.text.index("so"))].number == 6
    assert whole.rows(0, 2) == "File already exists (and"
    assert whole.rows(2, 3) == "exists (and so on)"


@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_any_lines_make_one_clean_line(texts: list[str]) -> None:
    whole = passage([parsed(text, number) for number, text in enumerate(texts, 1)])
    assert "`" not in whole.text
    assert whole.text == f" {' '.join(whole.text.split())} "
    assert len(whole.starts) == len(texts)
