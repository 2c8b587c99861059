"""Everything that a rule may look at. Computed when a rule asks for it, and once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import workflow as workflows

if TYPE_CHECKING:
    from ..index import Index
    from ..lookup import Project
    from ..publisher import Publisher
    from .files import Files
    from .workflow import Workflow

WORKFLOWS = ".github/workflows"
"""The folder from which GitHub runs workflows."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the publishers to register, of the repository's files, and of the outside."""

    publishers: tuple[Publisher, ...]
    """At least one; they differ in nothing but the project."""

    index: Index
    """The index to register on."""

    files: Files | None = None
    """The repository's files; None where they cannot be read."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    """What the index says of a project, by normalized name; empty where it was not asked."""

    github: Any = None
    """What GitHub says of the repository; None where it was not asked."""

    @property
    def publisher(self) -> Publisher:
        """The publisher as far as the rules on workflows go: all have its four other values."""
        return self.publishers[0]

    @property
    def path(self) -> str:
        """The registered workflow's path from the repository's root."""
        return f"{WORKFLOWS}/{self.publisher.workflow_filename}"

    @cached_property
    def workflow(self) -> Workflow | None:
        """The registered workflow; None where there is no such file, or no files at all."""
        data = self.files.read(self.path) if self.files else None
        return None if data is None else workflows.parse(data, self.path)
