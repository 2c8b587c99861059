"""Whether the version of a tool that runs is too old."""

from __future__ import annotations

import re


def is_older(ref: str, since: str) -> bool:
    """Tell whether an action's ref is a version before another; `v1` moves with the newest 1.x."""
    match = re.match(r"(?:release/)?v?(\d+(?:\.\d+)*)\Z", ref, re.ASCII)
    if match is None:
        return False
    have, want = ([int(part[:9]) for part in text.split(".")] for text in (match[1], since))
    return have < want[: len(have)]


def allows_only_older(requirement: str, since: str) -> bool:
    """Tell whether a requirement allows no version from another one on."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        specifiers = Requirement(requirement).specifier
        for specifier in specifiers:
            limit = Version(specifier.version.removesuffix(".*"))
            below = limit <= Version(since) if specifier.operator == "<" else limit < Version(since)
            if specifier.operator in {"==", "<", "<=", "~="} and below and not specifier.contains(since):
                return True
    except (InvalidRequirement, InvalidVersion):
        return False
    return False


def requires_at_least(requirement: str, since: str) -> bool:
    """Tell whether a requirement allows no version before another one."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        for specifier in Requirement(requirement).specifier:
            limit = Version(specifier.version.removesuffix(".*"))
            if specifier.operator in {"==", ">=", "~=", ">"} and limit >= Version(since):
                return True
    except (InvalidRequirement, InvalidVersion):
        return False
    return False
