from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.publishing import releases
from pypi_setup.preflight.publishing.releases import Known, Wrong

COMMIT, OBJECT = "c" * 39 + "1", "d" * 39 + "1"
ACTION = Known(
    "pypa/gh-action-pypi-publish",
    ("v1.8.0", "v1.8.14", "v1.12.0", "v1.14.2"),
    ("release/v1", "release/v1.8"),
    {COMMIT: "v1.14.2"},
    {OBJECT: "v1.14.2", "e" * 39 + "1": "v1.8.14", "f" * 39 + "1": "v1.12.0"},
)
OTHER = Known("octo-org/tool", ("v1", "v1.2.0", "v2.0.0"), (), {}, {"d" * 39 + "2": "v2.0.0"})


def unresolved(action: Known, ref: str, why: str, instead: str, version: str = "") -> Wrong:
    answer = f"Unable to resolve action `{action.name}@{ref}`, unable to find version `{ref}`"
    return Wrong(why, answer, instead, version)


@pytest.mark.parametrize("ref", ["release/v1", "release/v1.8", "release/v1.12", "v1.8.14", "v1.15.0", "v2"])
def test_a_ref_that_exists_or_may_exist_is_fine(ref: str) -> None:
    assert ACTION.wrong(ref) is None


@pytest.mark.parametrize("ref", ["main", "some-branch", "a" * 40, COMMIT, "e" * 39 + "1"])
def test_what_the_table_cannot_know_is_fine(ref: str) -> None:
    assert ACTION.wrong(ref) is None


@pytest.mark.parametrize(
    ("ref", "why", "instead"),
    [
        ("v1", "it has no branch or tag `v1` (the branch is release/v1)", "release/v1"),
        ("1.14.2", "it has no branch or tag `1.14.2`", "v1.14.2"),
        ("v1.8", "it has no branch or tag `v1.8`", "v1.8.14"),
        ("v1.9.1", "it has no branch or tag `v1.9.1`", "release/v1"),
        ("release/v1.8.0", "it has no branch or tag `release/v1.8.0`", "v1.8.0"),
    ],
)
def test_a_version_that_is_surely_none(ref: str, why: str, instead: str) -> None:
    assert ACTION.wrong(ref) == unresolved(ACTION, ref, why, instead)


def test_an_action_without_a_moving_branch() -> None:
    assert OTHER.wrong("v1") is None
    assert OTHER.wrong("v1.1.0") == unresolved(OTHER, "v1.1.0", "it has no branch or tag `v1.1.0`", "v2.0.0")
    assert OTHER.wrong("v1.2") == unresolved(OTHER, "v1.2", "it has no branch or tag `v1.2`", "v1.2.0")
    assert OTHER.wrong("release/v1.2.0") is None
    assert OTHER.wrong("d" * 39 + "2") is None  # It runs no image.


def test_a_sha_of_another_length() -> None:
    why = "a commit's SHA has 40 digits, and this one has 41"
    assert ACTION.wrong(f"{COMMIT}0") == unresolved(ACTION, f"{COMMIT}0", why, COMMIT, "v1.14.2")
    why = "a commit's SHA has 40 digits, and this one has 8"
    assert ACTION.wrong("1234abcd") == unresolved(ACTION, "1234abcd", why, "release/v1")


def test_the_object_of_a_tag_is_no_image() -> None:
    why = "this is the tag object of v1.14.2, not the commit that it points to, and no image has its name"
    assert ACTION.wrong(OBJECT) == Wrong(why, "manifest unknown", COMMIT, "v1.14.2")
    why = "this is the tag object of v1.12.0, not the commit that it points to, and no image has its name"
    assert ACTION.wrong("f" * 39 + "1") == Wrong(why, "manifest unknown", "release/v1")


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("v1.8.14", (1, 8, 14)),
        (COMMIT, (1, 14, 2)),
        (OBJECT, (1, 14, 2)),
        ("release/v1.8", (1, 8)),
        ("release/v1.12", None),
        ("release/v1", None),
        ("main", None),
        ("a" * 40, None),
    ],
)
def test_the_version_that_a_ref_is(ref: str, version: tuple[int, ...] | None) -> None:
    assert ACTION.version(ref) == version


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("PyPA/gh-action-pypi-publish@v1", ("pypa/gh-action-pypi-publish", "v1")),
        ("octo-org/tools/publish@main", ("octo-org/tools", "main")),
        ("./local", ("", "")),
        ("docker://image@sha256:0", ("", "")),
        ("octo-org/tool@${{ matrix.ref }}", ("", "")),
        ("octo-org@v1", ("", "")),
    ],
)
def test_action_and_ref(uses: str, expected: tuple[str, str]) -> None:
    assert releases.split(uses) == expected


def test_the_table_holds_what_the_rules_need() -> None:
    action = releases.known("PyPA/gh-action-pypi-publish")
    assert action is not None
    assert action.commits["cef221092ed1bacb1cc03d23a2d87d1d172e277b"] == "v1.14.0"
    assert action.tag_objects["6733eb7d741f0b11ec6a39b58540dab7590f9b7d"] == "v1.14.0"
    assert action.tags[-1] == "v1.14.2"
    assert not set(action.commits) & set(action.tag_objects)
    assert all(re.fullmatch(r"[0-9a-f]{40}", sha) for sha in (*action.commits, *action.tag_objects))
    assert releases.known("octo-org/unknown") is None


@given(st.text(max_size=60))
def test_any_ref_has_an_answer(ref: str) -> None:
    for action in (ACTION, OTHER):
        action.wrong(ref)
        action.version(ref)
