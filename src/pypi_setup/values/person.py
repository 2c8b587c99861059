"""A person at a terminal, as the pipelines see one: who is shown things, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.values.report import Report
    from pypi_setup.values.step import Step


class Answer(NamedTuple):
    """One answer to choose."""

    value: str
    words: str
    """What the person reads."""


class Left(Exception):
    """The person does not want to go on, or can no longer be asked."""


class Person(Protocol):
    """Who sits at the terminal. Whatever asks raises Left at the end of the input."""

    def show(self, report: Report) -> None:
        """Show a whole report."""

    def show_step(self, number: int, step: Step) -> None:
        """Show one step of a set-up."""

    def tell(self, words: str) -> None:
        """Say a sentence."""

    def choose(self, question: str, answers: Sequence[Answer]) -> str:
        """Ask, and return the value of the answer; the first one is the default."""

    def go_on(self, words: str) -> None:
        """Say what to do, and wait until it is done."""

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, where the terminal lets it."""

    def open(self, url: str) -> bool:
        """Open a page in the browser, and tell whether there is one."""

    def wait(self, words: str, seconds: float) -> None:
        """Let time pass, and say what for."""
