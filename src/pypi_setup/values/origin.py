"""Where a result of a survey comes from: the repository, and how the project in it is published."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Publishes(str, Enum):
    """How a project is published, as far as the repository's files and the index tell."""

    TRUSTED = "trusted"
    """A workflow uploads it by Trusted Publishing."""

    TOKEN = "token"  # noqa: S105 - a word
    """A workflow uploads it with a long-lived credential."""

    MANUAL = "manual"
    """The index has it, no workflow here uploads it, and no attestation names another place."""

    ELSEWHERE = "elsewhere"
    """Not from here: the newest attested file came from another place, or the index has no such project."""

    UNKNOWN = "unknown"
    """Only what cannot be read could tell."""


WORDS = {
    Publishes.TRUSTED: "trusted",
    Publishes.TOKEN: "token",
    Publishes.MANUAL: "by hand",
    Publishes.ELSEWHERE: "not from here",
    Publishes.UNKNOWN: "cannot be told",
}
"""What each is called in a table."""


class Origin(NamedTuple):
    """The repository that a result is about."""

    repository: str
    """`owner/name`; empty where it is not known."""

    folder: str = ""
    """The checkout, as it was given or found; empty for a repository that was read through GitHub's API."""

    project: str = ""
    """The project's name as its files have it; empty where they give none."""

    publishes: Publishes = Publishes.UNKNOWN
    attested: str = ""
    """Who published the newest attested file (`owner/name, workflow, environment`); empty if not known."""

    @property
    def place(self) -> str:
        """What a person calls it: the repository, else the folder."""
        return self.repository or self.folder
