from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.preflight.publishing.core_metadata import Written, written
from pypi_setup.preflight.publishing.versions import requires_at_least
from pypi_setup.sources.builds import Build


def build(backend: str, requirement: str = "", **facts: Any) -> Build:
    return Build("", "pyproject.toml", backend, requirement)._replace(**facts)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (None, Written("", certain=False)),
        (build(""), Written("", certain=False)),
        (build("flit_core", new_licence=True), Written("2.4", certain=True)),
        (build("setuptools", "setuptools>=77"), Written("2.4", certain=True)),
        (build("setuptools", "setuptools>=61"), Written("2.4", certain=False)),
        (build("setuptools", "setuptools<70"), Written("", certain=False)),
        (build("setuptools", new_licence=True), Written("2.4", certain=True)),
        (build("hatchling", "hatchling>=1.32"), Written("2.5", certain=True)),
        (build("hatchling", "hatchling==1.27.0"), Written("2.4", certain=True)),
        (build("hatchling", "hatchling"), Written("2.5", certain=False)),
        (build("hatchling", "hatchling", pinned_metadata="2.3"), Written("2.3", certain=True)),
    ],
)
def test_what_a_build_writes(one: Build | None, expected: Written) -> None:
    assert written(one) == expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("twine>=7", True),
        ("twine==7.*", True),
        ("twine~=7.1", True),
        ("twine<8,>7.1", True),
        ("twine", False),
        ("twine>=6.1", False),
        ("twine<7", False),
        ("twine>=junk", False),
        ("", False),
    ],
)
def test_a_requirement_that_allows_nothing_older(requirement: str, expected: bool) -> None:
    assert requires_at_least(requirement, "7.0.0") is expected
