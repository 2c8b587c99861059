"""A person whose answers are written down before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values.person import Left

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pypi_setup.values.person import Answer
    from pypi_setup.values.report import Report
    from pypi_setup.values.step import Step


class Scripted:
    """Gives its answers in turn, then leaves; an exception among them is raised. Remembers what it saw."""

    def __init__(self, *answers: str | type[BaseException]) -> None:
        self.answers = list(answers)
        self.seen: list[str] = []
        self.shown: list[Report] = []
        self.copied: list[str] = []
        self.opened: list[str] = []
        self.has_browser = True
        self.on_show: Callable[[], object] = lambda: True
        self.on_wait: Callable[[], object] = lambda: None

    def show(self, report: Report) -> None:
        assert self.on_show()
        self.shown.append(report)

    def show_step(self, number: int, step: Step) -> None:
        self.seen.append(f"{number}. {step.text}")

    def tell(self, words: str) -> None:
        self.seen.append(words)

    def choose(self, question: str, answers: Sequence[Answer]) -> str:
        self.seen.append(f"{question} {'|'.join(each.value for each in answers)}")
        if not self.answers:
            raise Left
        answer = self.answers.pop(0)
        if not isinstance(answer, str):
            raise answer
        assert answer in {each.value for each in answers}
        return answer

    def go_on(self, words: str) -> None:
        self.seen.append(words)

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def open(self, url: str) -> bool:
        self.opened.append(url)
        return self.has_browser

    def wait(self, words: str, seconds: float) -> None:
        self.seen.append(f"{words} {seconds:.0f}")
        self.on_wait()
