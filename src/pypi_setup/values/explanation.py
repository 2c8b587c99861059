"""Why a run failed, as plain data: the cause, what followed from it, and what the log shows besides."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Blame(str, Enum):
    """Who can do something about a cause."""

    YOURS = "yours"
    """The repository, its settings, or what is registered for it."""

    INDEX = "index"
    """The package index has a fault, or is not ready."""

    SERVICE = "service"
    """GitHub, Sigstore or the network has one."""


class Named(NamedTuple):
    """A known error that stands in a log. The texts are harmless and bounded."""

    rule: str
    """The stable name of its cause, an anchor in docs/troubleshooting.md."""

    blame: Blame
    error: str
    """The error in its own words."""

    cause: str
    fix: str
    url: str
    """The cause's section in the documentation."""

    step: str = ""
    """The step whose output it is; empty where the log does not say."""

    job: str = ""
    line: int | None = None
    """Its line in the log, counted from 1; in an archive, in the job's own log."""

    check: str = ""
    """The rule of the check that finds the same before a release; empty if none does."""

    link: str = ""
    """Where to read more, or the status page of the service that is at fault; empty if there is none."""

    @property
    def place(self) -> str:
        """Where in the log the error stands, in words; empty if no part of it is known."""
        parts = (
            f"job {self.job}" if self.job else "",
            f"step {self.step}" if self.step else "",
            f"line {self.line} of the log" if self.line else "",
        )
        return ", ".join(part for part in parts if part)


class Difference(NamedTuple):
    """One field of the publisher that the log and the publisher disagree on."""

    field: str
    log: str
    expected: str
    sentence: str
    """What is wrong, for a maintainer."""

    fix: str
    """Both remedies: what to register, or what to change in the workflow."""


class Explanation(NamedTuple):
    """What a log says."""

    named: Named | None
    """The first cause; None where nothing known stands in the log."""

    others: tuple[Named, ...] = ()
    """What else was recognised, in the order of the log."""

    lines: tuple[tuple[int, str], ...] = ()
    """Where no cause is named: the lines that were taken for the error, with their numbers."""

    claims: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it
    """The OIDC claims in the log; empty if it shows none."""

    differences: tuple[Difference, ...] = ()
    """Where the claims and the publisher differ, the first one first."""

    uploaded: tuple[str, ...] = ()
    """The files that were uploaded before the error, so that the release is half done."""

    secrets: tuple[str, ...] = ()
    """Sentences about secrets that stand in the log."""
