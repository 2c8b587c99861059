from __future__ import annotations

import html
import json
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.values.harmless import Secret, one_line, redacted, shortened, visible


def test_a_secret_is_not_shown_by_accident() -> None:
    secret = Secret("pypi-canary")
    shown = f"{secret} {secret!r} {[secret]} {secret!s:>30}"
    assert "canary" not in shown
    assert str(secret) == "Secret('***')"
    assert secret.reveal() == "pypi-canary"
    assert not hasattr(secret, "__dict__")


def test_redacted_replaces_every_occurrence_of_each_secret() -> None:
    text = "a=one b=two c=one"
    assert redacted(text, [Secret("one"), Secret("two"), Secret("")]) == "a=*** b=*** c=***"


TOKEN = "pypi-AgEIc/HlwaS5v<cmcC&JGNhbmFyeQ"


@pytest.mark.parametrize(
    "echo",
    [
        TOKEN,
        json.dumps(TOKEN)[1:-1].replace("/", r"\/"),
        "".join(f"\\u{ord(character):04X}" for character in TOKEN),
        html.escape(TOKEN).replace("&lt;", "&#60;").replace("&amp;", "&#x26;"),
        "".join(f"&#{ord(character)};" for character in TOKEN),
        quote(TOKEN, safe=""),
        "\n".join(TOKEN),
        visible("\0".join(TOKEN)),
        visible("\u200b".join(TOKEN)),
        visible("\U000e0001".join(TOKEN)),
        visible("\U0010ffff".join(TOKEN)),
        repr("\n".join(TOKEN))[1:-1],
    ],
)
def test_redacted_finds_an_echo_however_it_is_spelled(echo: str) -> None:
    assert redacted(f"not {echo} again", [Secret(TOKEN)]) == "not *** again"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"not {TOKEN[:-1]}", "not ***"),
        (f"not {TOKEN[:9]}", "not ***"),
        (f"not {TOKEN[:8]}", f"not {TOKEN[:8]}"),
        (f"not {TOKEN[:-1]} again", f"not {TOKEN[:-1]} again"),
    ],
)
def test_redacted_finds_a_secret_that_the_end_cuts_off(text: str, shown: str) -> None:
    assert redacted(text, [Secret(TOKEN)]) == shown


@given(st.text(), st.text(), st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_no_secret_is_left(before: str, after: str, secret: str) -> None:
    assert secret not in redacted(before + secret + after, [Secret(secret)]).replace("***", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße 日本 🎉", "Grüße 日本 🎉"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("a\u2028b", r"a\u2028b"),
        ("a\ud800b", r"a\ud800b"),
        ("a\x9bb", r"a\x9bb"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_visible_keeps_what_the_place_can_show() -> None:
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    assert not {unicodedata.category(character) for character in visible(text)} & {
        "Cc",
        "Cf",
        "Cn",
        "Co",
        "Cs",
        "Zl",
        "Zp",
    }


def test_shortened_marks_the_cut() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_shortened_is_never_longer(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


def test_one_line_folds_white_space() -> None:
    assert one_line("  a\n\n b\t\u2028c  ") == "a b c"
    assert one_line("x" * 400) == "x" * 299 + "…"
    assert one_line("a\x1b[2Jb") == r"a\x1b[2Jb"


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
