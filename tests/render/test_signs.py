from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.render.signs import ERRORS, in_ascii


@pytest.mark.parametrize(
    ("text", "shown"),
    [("✓ done… → next", b"+ done... > next"), ("✗ ü", b"x \\xfc"), ("plain", b"plain")],
)
def test_signs_are_read_where_only_ascii_is(text: str, shown: bytes) -> None:
    assert text.encode("ascii", ERRORS) == shown


def test_what_an_encoding_has_stays() -> None:
    assert "✓ ü".encode("latin-1", ERRORS) == b"+ \xfc"


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    assert text.encode("ascii", ERRORS).isascii()


def test_it_is_for_writing_only() -> None:
    with pytest.raises(UnicodeDecodeError):
        in_ascii(UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"))
