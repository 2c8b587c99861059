from __future__ import annotations

import html
import json
import unicodedata
from base64 import b32encode, b64encode, urlsafe_b64encode
from textwrap import wrap
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.values.harmless import (
    Secret,
    one_line,
    redacted,
    shortened,
    visible,
    without_login,
    without_logins,
)

if TYPE_CHECKING:
    from collections.abc import Callable


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
        # References of any length, with and without their end.
        "".join(f"&#x{ord(character):010x};" for character in TOKEN),
        "".join(f"&#X{ord(character):030X};" for character in TOKEN),
        "".join(f"&#{ord(character):050d};" for character in TOKEN),
        f"&#{'0' * 5000}{ord(TOKEN[0])};{TOKEN[1:]}",
        " ".join(f"&#{ord(character)}" for character in TOKEN),
        html.escape(TOKEN).replace("/", "&sol;").replace("-", "&#45;"),
        # Several layers.
        html.escape(quote("".join(f"&#{ord(character)};" for character in TOKEN))),
        json.dumps(json.dumps(html.escape(TOKEN)))[3:-3],
        quote(quote(TOKEN, safe=""), safe=""),
        # Other languages' escapes.
        "".join(f"\\u{{{ord(character):x}}}" for character in TOKEN),
        "".join(f"\\{ord(character):03o}" for character in TOKEN),
        "".join(f"={ord(character):02X}" for character in TOKEN),
        "".join(f"\\x{ord(character):02x}" for character in TOKEN),
        # Other alphabets.
        b64encode(TOKEN.encode()).decode(),
        b64encode(TOKEN.encode()).decode().rstrip("="),
        urlsafe_b64encode(TOKEN.encode()).decode(),
        "\n".join(wrap(b64encode(TOKEN.encode()).decode(), 20)),
        json.dumps("\r\n".join(wrap(b64encode(TOKEN.encode()).decode(), 20)))[1:-1],
        quote(b64encode(TOKEN.encode()).decode(), safe=""),
        b32encode(TOKEN.encode()).decode(),
        TOKEN.encode().hex(),
        TOKEN.encode().hex(" ").upper(),
        TOKEN.upper(),
        TOKEN.swapcase(),
        TOKEN[::-1],
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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:canary@github.com/octo-org/x/y", "https://***@github.com/octo-org/x/y"),
        ("https://me:can/ary@x@github.com/octo-org", "https://***@github.com/octo-org"),
        ("https://canary@github.com/a/b", "https://***@github.com/a/b"),
        ("me:canary@github.com/a/b", "***@github.com/a/b"),
        ("//me:canary@github.com/a/b", "***@github.com/a/b"),
        ("https:\\\\me:canary@github.com", "https:\\\\***@github.com"),
        ("https:me:canary@github.com", "***@github.com"),
        ("https://me:canary%40github.com", "https://***@github.com"),
        ("https://me:canary\uff20github.com", "https://***@github.com"),
        ("git+ssh://git:canary@github.com:a/b", "git+ssh://***@github.com:***/b"),
        ("git@github.com:a/b", "***@github.com:a/b"),
        ("https://me:canary", "https://me:***"),
        ("https://me:canary/a", "https://me:***/a"),
        ("https://pypi.example.org/?token=canary", "https://pypi.example.org/?***"),
        ("https://pypi.example.org?token=canary", "https://pypi.example.org?***"),
        ("https://pypi.example.org/#canary", "https://pypi.example.org/#***"),
        ("https://pypi.example.org/;token=canary", "https://pypi.example.org/;***"),
        ("https://pypi.example.org/&token=canary", "https://pypi.example.org/&***"),
        ("https://pypi.example.org/%3Ftoken%3Dcanary", "https://pypi.example.org/%3F***"),
        ("pypi?token=canary\nx", "pypi?***"),
        ("https://pypi.example.org:8080/simple", "https://pypi.example.org:8080/simple"),
        ("https://[::1]:8080/simple", "https://[::1]:8080/simple"),
        ("octo-org", "octo-org"),
        ("sample==1.0", "sample==1.0"),
        ("", ""),
    ],
)
def test_without_login(text: str, shown: str) -> None:
    assert without_login(text) == shown
    assert "canary" not in shown


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd", "user:", "__token__:"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode, b32encode])
def test_redacted_finds_a_secret_encoded_with_more(before: str, encode: Callable[[bytes], bytes]) -> None:
    """As in `Authorization: Basic`. Nothing is left but what was around it."""
    secret = "pypi-" + "AgEIcHlwaS5vcmcCJGZmZmZm" * 3
    echo = encode(f"{before}{secret} and more".encode()).decode()
    shown = redacted(f"Basic {echo} <", [Secret(secret)])
    assert "***" in shown
    left = shown.removeprefix("Basic ").removesuffix(" <")
    assert len(left) <= len("***") + len(encode(f"{before} and more".encode())) + len("----")


def test_redacted_finds_hexadecimal_behind_an_equals_sign() -> None:
    """It begins like a character in quoted-printable."""
    assert redacted(f"token={TOKEN.encode().hex()}", [Secret(TOKEN)]) == "token=***"


def test_redacted_in_an_encoding_that_is_cut_off() -> None:
    echo = b64encode(TOKEN.encode()).decode()
    assert redacted(f"is {echo[:-4]}", [Secret(TOKEN)]) == "is ***"


def test_overlapping_echoes_are_one() -> None:
    both = TOKEN + TOKEN[::-1]
    assert redacted(f"<{both}|{both}>", [Secret(TOKEN)]) == "<******|******>"
    twice = "pypi-aaaaaaaaaa"
    assert redacted(f"<{twice}aaa>", [Secret(twice), Secret("a" * 10)]) == "<***aaa>"


def test_a_short_secret_is_looked_for_as_it_is() -> None:
    assert redacted("abc cba ABC &#97;bc", [Secret("abc")]) == "*** cba ABC ***"


def test_without_logins_in_running_text() -> None:
    text = "Uploads to https://me:canary@pypi.example.org/legacy/?x=1, mail a@b, see https://x.org/@y"
    shown = "Uploads to https://***@pypi.example.org/legacy/?x=1, mail a@b, see https://x.org/@y"
    assert without_logins(text) == shown
