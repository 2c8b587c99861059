"""File names of distributions: literal names in, PyPI's verdict out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pypi_setup.values.filenames import Named, accepted, source, wheel


@pytest.mark.parametrize(
    "platform",
    [
        *("any", "win32", "win_amd64", "win_arm64", "linux_armv7l", "manylinux1_i686", "manylinux2014_ppc64"),
        *("manylinux_2_28_x86_64", "manylinux_2_17_ppc64", "musllinux_1_2_riscv64", "macosx_10_9_universal2"),
        *("macosx_11_0_arm64", "macosx_26_0_x86_64", "ios_13_0_arm64_iphoneos", "android_21_arm64_v8a"),
        "pyemscripten_2025_0_wasm32",
    ],
)
def test_platforms_that_the_index_takes(platform: str) -> None:
    assert accepted(platform)


@pytest.mark.parametrize(
    "platform",
    [
        *("linux_x86_64", "linux_aarch64", "macosx_11_1_arm64", "macosx_10_9_m68k", "musllinux_1_2_ppc64"),
        *("manylinux_2_28_sparc", "win_sparc", "", "any ", "android_21_mips", "ios_13_0_arm64"),
    ],
)
def test_platforms_that_the_index_refuses(platform: str) -> None:
    assert not accepted(platform)


def test_a_wheel_s_name() -> None:
    assert wheel("sample_project-1.2-py3-none-any.whl") == Named("sample-project", Version("1.2"))
    assert wheel("sample_project-1.2-cp314-cp314-linux_x86_64.manylinux_2_28_x86_64.whl") == Named(
        "sample-project", Version("1.2"), "", ("linux_x86_64",)
    )
    assert wheel("Sample.Project-1.2-py3-none-any.whl") == Named(
        "sample-project", Version("1.2"), "It should begin with 'sample_project', not 'Sample.Project'"
    )
    refused = wheel("sample-1.2-any.whl")
    assert (refused.name, refused.version) == ("", None)
    assert refused.problem.startswith("Invalid wheel filename (wrong number of parts)")


def test_a_source_distribution_s_name() -> None:
    assert source("sample_project-1.2.tar.gz") == Named("sample-project", Version("1.2"))
    assert source("sample-project-1.2.0.tar.gz") == Named(
        "sample-project", Version("1.2.0"), "It should be 'sample_project-1.2.0.tar.gz'"
    )
    assert source("sample_project-1.2.zip").problem == "It should be 'sample_project-1.2.tar.gz'"
    assert source("sample.tar.gz") == Named("", None, "It is not NAME-VERSION.tar.gz")


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert wheel(f"{text}.whl").name == wheel(f"{text}.whl").name.lower()
    assert source(f"{text}.tar.gz").problem or source(f"{text}.tar.gz").version is not None
    assert not accepted(f"{text}-x")
