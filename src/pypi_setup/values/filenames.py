"""File names of distributions as PyPI takes them. Pure functions.

Sources: the specifications of source and binary distributions as `packaging.utils` reads them, and PyPI's own
rules on top (warehouse/forklift/legacy.py): normalized names only, and wheels for known platforms only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from packaging.version import Version

WHEEL, SOURCE = ".whl", ".tar.gz"

_PLATFORMS = frozenset(
    {
        *("any", "win32", "win_arm64", "win_amd64", "win_ia64", "linux_armv6l", "linux_armv7l"),
        *("manylinux1_x86_64", "manylinux1_i686", "manylinux2010_x86_64", "manylinux2010_i686"),
        *("manylinux2014_x86_64", "manylinux2014_i686", "manylinux2014_aarch64", "manylinux2014_armv7l"),
        *("manylinux2014_ppc64", "manylinux2014_ppc64le", "manylinux2014_s390x"),
    }
)
_LINUX = "x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64"
_MACOS = "ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2"
_PATTERNS = re.compile(
    rf"manylinux_\d+_\d+_({_LINUX}|ppc64)|musllinux_\d+_\d+_({_LINUX})"
    rf"|macosx_(10_\d+|\d\d_0)_({_MACOS})"  # From macOS 11 on there are major versions only.
    r"|ios_\d+_\d+_(arm64|x86_64)_(iphoneos|iphonesimulator)"
    r"|android_\d+_(armeabi_v7a|arm64_v8a|x86|x86_64)|pyemscripten_\d+_\d+_wasm32",
    re.ASCII,
)


class Named(NamedTuple):
    """What a distribution's file name says."""

    name: str
    """The project's normalized name; empty where the file name is none."""

    version: Version | None
    problem: str = ""
    """Why PyPI refuses the name, one sentence without a full stop; empty where it does not."""

    platforms: tuple[str, ...] = ()
    """Of a wheel: its platform tags that PyPI refuses."""


def accepted(platform: str) -> bool:
    """Tell whether PyPI takes wheels with this platform tag (`manylinux_2_28_x86_64`)."""
    return platform in _PLATFORMS or _PATTERNS.fullmatch(platform) is not None


def wheel(filename: str) -> Named:
    """Read the name of a wheel. Never raises."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as refusal:
        return Named("", None, str(refusal).rstrip("."))
    refused = tuple(sorted({tag.platform for tag in tags if not accepted(tag.platform)}))
    written, expected = filename.split("-", 1)[0], name.replace("-", "_")
    problem = "" if written == expected else f"It should begin with {expected!r}, not {written!r}"
    return Named(name, version, problem, refused)


def source(filename: str) -> Named:
    """Read the name of a source distribution. Never raises."""
    from packaging.utils import InvalidSdistFilename, parse_sdist_filename

    try:
        name, version = parse_sdist_filename(filename)
    except InvalidSdistFilename:
        return Named("", None, "It is not NAME-VERSION.tar.gz")
    expected = f"{name.replace('-', '_')}-{version}{SOURCE}"
    return Named(name, version, "" if filename == expected else f"It should be {expected!r}")
