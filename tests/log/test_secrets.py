from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.log.secrets import Found, found, hidden

PYPI = "pypi-AgEIcHlwaS5vcmcCJDRjOTU0ZmQ2LWE2YjItNGMzMy1iMmJiLWY5"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256"}', b'{"sub":"repo"}', b"x" * 30)
)
SECRETS = {
    PYPI: "an API token of a package index",
    f"ghp_{'aB3' * 12}": "a token of GitHub",
    f"ghs_{'aB3' * 12}": "a token of GitHub",
    f"github_pat_{'aB3_' * 20}": "a token of GitHub",
    JWT: "a JSON web token (JWT)",
}
EACH = pytest.mark.parametrize(("secret", "kind"), SECRETS.items(), ids=lambda text: text[:12])


@EACH
def test_a_secret_is_found_and_not_repeated(secret: str, kind: str) -> None:
    block = f"first\nTWINE_PASSWORD={secret}\nlast {secret}\n".encode()
    result = found(block, 10, len(block))
    assert [(each.kind, each.line) for each in result] == [(kind, 11), (kind, 12)]
    assert all(secret not in each.sentence for each in result)
    assert result[0].sentence.startswith(f"Line 11 of the log shows {kind}. ")
    assert hidden(f"a {secret} b") == "a *** b"


def test_a_password_in_a_header_or_an_address() -> None:
    for text, shown in (
        ("Authorization: Basic X190b2tlbl9fOnB5cGk=", "Authorization: Basic ***"),
        ("https://octocat:hunter22@pypi.example.org/legacy/", "https://***@pypi.example.org/legacy/"),
    ):
        assert hidden(text) == shown
        assert [each.line for each in found(text.encode(), 1, len(text))] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "uses: pypa/gh-action-pypi-publish@release/v1",
        "pypi-publish-to-testpypi-and-others",
        "https://github.com/pypa/gh-action-pypi-publish",
        "https://***:***@pypi.example.org",
        "git@github.com:octo-org/sample.git",
        "a basic introduction",
        "eyJhbGciOiJSUzI1NiJ9",
        "token: ***",
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert found(text.encode(), 1, len(text)) == []


def test_what_begins_behind_the_fresh_part_comes_with_the_next_block() -> None:
    block = f"first line\n{PYPI}\n".encode()
    assert found(block, 1, 11) == []
    assert len(found(block[11:], 2, len(block) - 11)) == 1


def test_of_many_only_some_are_told() -> None:
    block = "\n".join([PYPI] * 50).encode()
    assert [each.line for each in found(block, 1, len(block))] == list(range(1, 11))
    assert found(block, 1, len(block))[0] == Found(
        "an API token of a package index", 1, "Revoke it in your account settings."
    )


@given(st.text(), st.sampled_from(sorted(SECRETS)), st.text())
def test_no_secret_is_left(before: str, secret: str, after: str) -> None:
    assert secret not in hidden(f"{before} {secret} {after}")
