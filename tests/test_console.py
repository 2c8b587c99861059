"""What a person at a terminal sees, and how answers are read."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from pypi_setup import console
from pypi_setup.console import Console
from pypi_setup.values import index, report
from pypi_setup.values.person import Answer, Left
from pypi_setup.values.publisher import Problem
from pypi_setup.values.step import State, Step

ANSWERS = (Answer("a", "The first"), Answer("b", "The second"), Answer("c", "A third\x1b[2J"))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard input, to be filled."""
    monkeypatch.setitem(sys.modules, "questionary", None)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdin", stream)
    return stream


def enter(stream: io.StringIO, text: str) -> None:
    stream.write(text)
    stream.seek(0)


@pytest.mark.parametrize(
    ("text", "value", "prompts"),
    [
        ("\n", "a", 1),
        ("2\n", "b", 1),
        (" 3 \n", "c", 1),
        ("0\n4\n-1\nx\n²\n99999999999999999999\n1\n", "a", 7),
    ],
)
def test_answers_by_number(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str], text: str, value: str, prompts: int
) -> None:
    enter(typed, text)
    assert Console(colour=False).choose("Which one?", ANSWERS) == value
    shown = capsys.readouterr().out
    assert shown.startswith("\nWhich one?\n  1. The first (default)\n  2. The second\n  3. A third")
    assert "\x1b" not in shown
    assert shown.count("1 to 3, Enter for 1: ") == prompts


def test_the_end_of_the_input_is_no_answer(typed: io.StringIO) -> None:
    with pytest.raises(Left):
        Console(colour=False).choose("Which one?", ANSWERS)
    with pytest.raises(Left):
        Console(colour=False).go_on("Do it, then press Enter.")


def test_answers_by_arrow_keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[object] = []

    def select(question: str, choices: list[tuple[str, int]], **signs: str) -> SimpleNamespace:
        asked.extend((question, choices, signs))
        return SimpleNamespace(unsafe_ask=lambda: choices[1][1])

    fake = SimpleNamespace(select=select, Choice=lambda title, value: (title, value))
    monkeypatch.setitem(sys.modules, "questionary", fake)
    assert Console(colour=False).choose("Which one?", ANSWERS[:2]) == "b"
    assert asked == ["Which one?", [("The first", 0), ("The second", 1)], {"qmark": "?", "pointer": ">"}]


def test_a_step_is_shown_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    step = Step("push", State.YOURS, "Push it.", "GitHub wants it.", ("git push",), fields=(("Owner", "o"),))
    Console(colour=False).show_step(4, step)
    assert capsys.readouterr().out == (
        "\n  → 4. Push it.\n       GitHub wants it.\n         Owner: o\n         $ git push\n"
    )
    Console(colour=True).show_step(4, step)
    assert "\x1b[1mPush it.\x1b[0m" in capsys.readouterr().out


def test_a_report_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    refused = report.refused((Problem("owner", "x", "No", "write another"),), index.parse("pypi"))
    Console(colour=False).show(refused)
    assert "owner: 'x'" in capsys.readouterr().out


def test_the_clipboard_and_the_rest(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Console(colour=False)
    person.copy("prüfung")
    assert capsys.readouterr().out == "\x1b]52;c;cHLDvGZ1bmc=\x07"
    person.tell("A sentence\x1b[2J.")
    assert "\x1b" not in capsys.readouterr().out
    enter(typed, "\n")
    person.go_on("Do it, then press Enter.")
    assert capsys.readouterr().out == "  Do it, then press Enter. "
    slept: list[float] = []
    monkeypatch.setattr(console.time, "sleep", slept.append)  # type: ignore[attr-defined]
    person.wait("Waiting for the run", 3)
    assert (slept, capsys.readouterr().out) == ([3], "  Waiting for the run …\n")
    monkeypatch.setattr(console, "open_page", lambda url: url == "https://pypi.org/")
    assert person.open("https://pypi.org/")
