"""The adapter for a person at a terminal: what is shown there, and asked."""

from __future__ import annotations

import base64
import sys
import time
from typing import TYPE_CHECKING

from pypi_setup.processes import open_page
from pypi_setup.render import steps, terminal
from pypi_setup.values.harmless import one_line, visible
from pypi_setup.values.person import Left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.values.person import Answer
    from pypi_setup.values.report import Report
    from pypi_setup.values.step import Step

_WIDTH = 200


class Console:
    """A person who reads standard output and types; see `values.person.Person`."""

    def __init__(self, *, colour: bool) -> None:
        """`colour` tells whether the terminal shows colours."""
        self._colour = colour

    def show(self, report: Report) -> None:
        """Show a whole report."""
        print(terminal.text(report, colour=self._colour), flush=True)

    def show_step(self, number: int, step: Step) -> None:
        """Show one step, with what to do and why."""
        print()
        for line in steps.step(number, step, terminal.painter(colour=self._colour)):
            print(line, flush=True)

    def tell(self, words: str) -> None:
        """Say a sentence."""
        print(f"  {one_line(words, _WIDTH * 2)}", flush=True)

    def choose(self, question: str, answers: Sequence[Answer]) -> str:
        """Ask with arrow keys where questionary is installed (the extra `init`), else by numbers."""
        words = [one_line(answer.words, _WIDTH) for answer in answers]
        print()
        try:
            import questionary
        except ImportError:
            number = _numbered(question, words)
        else:
            choices = [questionary.Choice(text, value=place) for place, text in enumerate(words)]
            number = questionary.select(question, choices, qmark="?", pointer=">").unsafe_ask()
        return answers[number].value

    def go_on(self, words: str) -> None:
        """Say what to do, and wait for Enter."""
        _line(f"  {one_line(words, _WIDTH)} ")

    def copy(self, text: str) -> None:
        """Put a text on the clipboard by the terminal itself (OSC 52); many can, and none says so."""
        print(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07", end="", flush=True)

    def open(self, url: str) -> bool:
        """Open a page in the browser, and tell whether there is one."""
        return open_page(url)

    def wait(self, words: str, seconds: float) -> None:
        """Let time pass, with a dot for each time."""
        print(f"  {one_line(words)} …", flush=True)
        time.sleep(seconds)


def _numbered(question: str, words: Sequence[str]) -> int:
    """Ask until one of the numbers is entered; nothing is the first one."""
    print(question)
    for number, text in enumerate(words, 1):
        print(f"  {number}. {text}{' (default)' if number == 1 else ''}")
    while True:
        said = _line(f"1 to {len(words)}, Enter for 1: ").strip()
        if not said:
            return 0
        if said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= len(words):
            return int(said) - 1


def _line(prompt: str) -> str:
    sys.stdout.flush()
    try:
        return input(visible(prompt))
    except EOFError:
        raise Left from None
