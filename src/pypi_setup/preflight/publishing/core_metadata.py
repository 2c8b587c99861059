"""Which version of the core metadata a build writes, and which tools take it.

Sources: changelog of setuptools 77.0.0; release notes of hatchling 1.27.0 and 1.32.0; PEP 639 (what it adds
takes 2.4); changelogs of twine 6.1.0 and 7.0.0; release notes of gh-action-pypi-publish v1.12.3 and v1.14.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing.versions import allows_only_older, requires_at_least

if TYPE_CHECKING:
    from pypi_setup.sources.builds import Build

_WRITTEN = {
    "setuptools": (("77.0.0", "2.4"),),
    "hatchling": (("1.27.0", "2.4"), ("1.32.0", "2.5")),
}
"""The version that a backend always writes, from its own versions on."""

TAKEN = {
    "pypa/gh-action-pypi-publish": (("2.4", "1.12.3"), ("2.5", "1.14.2")),
    "twine upload": (("2.4", "6.1.0"), ("2.5", "7.0.0")),
}
"""The first version of a tool that takes a version of the core metadata, by the tool's name."""


class Written(NamedTuple):
    """The core metadata version that a build writes."""

    version: str
    """Empty where it cannot be told."""

    certain: bool
    """False where it is what the newest backend writes, which the build may or may not get."""


def written(build: Build | None) -> Written:
    """Return the core metadata version that a build writes."""
    if build is None:
        return Written("", certain=False)
    if build.pinned_metadata:
        return Written(build.pinned_metadata, certain=True)
    found = Written("2.4" if build.new_licence else "", certain=build.new_licence)
    for since, version in _WRITTEN.get(build.backend, ()):
        if requires_at_least(build.requirement, since):
            found = Written(version, certain=True)
        elif version > found.version and not allows_only_older(build.requirement, since):
            found = Written(version, certain=False)
    return found
