"""What the user did not give: a value that was found, or one that is still open. Plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypi_setup.values.publisher import Problem


_SHOWN_LIMIT = 10


def listed_shortly(names: tuple[str, ...]) -> str:
    """Return names in words, the first ten of them."""
    more = len(names) - _SHOWN_LIMIT
    return ", ".join(names[:_SHOWN_LIMIT]) + (f" and {more} more" if more > 0 else "")


class Discovered(NamedTuple):
    """A value that the user did not give."""

    field: str
    """The input's name."""

    value: str
    source: str
    """Where it comes from, in words (`git remote origin`); never a URL, which could hold a password."""

    alternatives: tuple[str, ...] = ()
    """What may be meant instead. Where there is any, nothing is to be posted on this value."""


class Open(NamedTuple):
    """A value that the user did not give, and that could not be discovered."""

    field: str
    reason: str
    alternatives: tuple[str, ...] = ()
    """The candidates, where there are several."""

    @property
    def choice(self) -> str:
        """The reason, with the candidates."""
        return f"{self.reason} ({listed_shortly(self.alternatives)})" if self.alternatives else self.reason

    def explaining(self, problem: Problem) -> Problem:
        """Return the problem of this empty input with the reason why nothing was found for it."""
        choice = f"one of {listed_shortly(self.alternatives)}" if self.alternatives else problem.fix
        return problem._replace(rule=f"{problem.rule}: {self.reason}", fix=f"give {self.field}: {choice}")
