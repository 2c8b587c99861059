"""A finding: one thing that preflight or a look-up noticed, with its place and its fix."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pypi_setup.about import PROJECT_URL


class Severity(str, Enum):
    """How bad a finding is; the order is the order in which findings are shown."""

    ERROR = "error"
    """The first release will fail, or publish by other means than Trusted Publishing."""

    WARNING = "warning"
    """It can fail, or is less safe than it should be."""

    NOTICE = "notice"
    """Worth knowing, or something that cannot be told from outside."""


class Finding(NamedTuple):
    """One finding of one rule."""

    rule: str
    """The rule's name; part of the public contract."""

    severity: Severity

    message: str
    """What is wrong and why it will fail. Plain text; may hold text from outside."""

    fix: str
    """What to change; where YAML is to be pasted, the lines of it."""

    file: str | None = None
    """Path from the repository's root, with forward slashes; None if it is about no file."""

    line: int | None = None
    """Line in `file`, counted from 1."""

    project: str | None = None
    """The normalized name of the one project that it is about; None if it is about all."""

    quote: str = ""
    """The line as it stands in the file; empty if it could not be read."""

    @property
    def url(self) -> str:
        """The rule's section in the documentation."""
        return f"{PROJECT_URL}/blob/main/docs/checks.md#{self.rule}"
