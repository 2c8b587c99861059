from __future__ import annotations

import pytest

from pypi_setup.preflight.syntax.launchers import Launched, Word, is_python, program_name, reduced, subcommand


def launched(text: str) -> Launched:
    return reduced([Word(word) for word in text.split()])


@pytest.mark.parametrize(
    ("text", "words", "launchers"),
    [
        ("a b", "a b", ()),
        ("sudo -E -u me a b", "a b", ("sudo",)),
        ("exec a", "a", ("exec",)),
        ("command a", "a", ("command",)),
        ("command -v a", "command -v a", ()),
        ("nohup nice -n 5 a", "a", ("nohup", "nice")),
        ("timeout -k 5 60 a b", "a b", ("timeout",)),
        ("xargs -n 1 -- a b", "a b", ("xargs",)),
        ("python -m a b", "a b", ("python -m",)),
        ("python -ma b", "a b", ("python -m",)),
        ("python -W ignore -Im a.__main__ b", "a b", ("python -m",)),
        ("py -3.12 -m a", "a", ("python -m",)),
        ("/usr/bin/python3.12 -m a", "a", ("python -m",)),
        ("python a.py -m b", "python a.py -m b", ()),
        ("python -c -m", "python -c -m", ()),
        ("python --version", "python --version", ()),
        ("python -m", "", ("python -m",)),
        ("uv run a b", "a b", ("uv run",)),
        ("uv run --with x --no-project -- a b", "a b", ("uv run",)),
        ("uv run -m a b", "a b", ("uv run",)),
        ("uv --directory x run --python=3.12 python -m a", "a", ("uv run", "python -m")),
        ("uv publish --index x", "uv publish --index x", ()),
        ("uv tool run a", "a", ("uv tool run",)),
        ("uvx a", "a", ("uvx",)),
        ("pipx run a", "a", ("pipx run",)),
        ("pipx install a", "pipx install a", ()),
        ("poetry run a", "a", ("poetry run",)),
        ("pdm run -p x a", "a", ("pdm run",)),
        ("hatch run a:b c", "b c", ("hatch run",)),
        ("hatch run +py=3.12 a", "a", ("hatch run",)),
        ("hatch -e a run b", "b", ("hatch run",)),
        ("hatch env run -e a -- b c", "b c", ("hatch env run",)),
        ("hatch env run b c", "b c", ("hatch env run",)),
        ("pixi run -e a b", "b", ("pixi run",)),
        ("conda run -n a b", "b", ("conda run",)),
        ("mise exec python@3.12 -- a", "a", ("mise exec",)),
        ("op run --env-file x -- a", "a", ("op run",)),
        ("direnv exec . a", "a", ("direnv exec",)),
        ("sudo", "", ("sudo",)),
        (" ".join(["nohup"] * 12), "nohup nohup", ("nohup",) * 10),
    ],
)
def test_launchers_are_taken_away(text: str, words: str, launchers: tuple[str, ...]) -> None:
    result = launched(text)
    assert " ".join(word.text for word in result.words) == words
    assert result.launchers == launchers


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("uvx a@1.2 b", "a==1.2"),
        ("uvx a==1.2 b", "a==1.2"),
        ("uvx a[x]>=1.2 b", "a>=1.2"),
        ("uvx --from a<2 a b", "a<2"),
        ("uvx --from=a@3 a b", "a==3"),
        ("uvx --from other a b", ""),
        ("uv run --with x --with a~=1.0 a b", "a~=1.0"),
        ("pipx run --spec a==1 a b", "a==1"),
        ("poetry run a==1 b", ""),
        ("sudo uvx a@1 b", "a==1"),
        ("uvx ./a@1 b", ""),
    ],
)
def test_the_requirement_of_the_program(text: str, requirement: str) -> None:
    assert launched(text).requirement == requirement


def test_variables_of_env() -> None:
    result = launched("sudo A=b env -u X C=d e F=g")
    assert [(name, word.text) for name, word in result.variables] == [("A", "b"), ("C", "d")]
    assert [word.text for word in result.words] == ["e", "F=g"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a", "a"),
        ("/usr/bin/a", "a"),
        ("C:\\bin\\A.EXE", "A"),
        ("./a.sh", "a.sh"),
        ("a.cmd", "a"),
        ("", ""),
        ("${IN}a", "a"),
        ("${IN}/a", "a"),
        ("${IN}", "${IN}"),
        ("$IN", "$IN"),
    ],
)
def test_program_names(text: str, name: str) -> None:
    assert program_name(text) == name


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (Word("python"), True),
        (Word("python3.13"), True),
        (Word("pypy3"), True),
        (Word("py"), True),
        (Word("pytest"), False),
        (Word("$PYTHON", known=False), True),
        (Word("$TOOL", known=False), False),
        (Word("${{ steps.python.outputs.python-path }}"), True),
        (Word("./python-tool"), False),
    ],
)
def test_is_python(word: Word, expected: bool) -> None:
    assert is_python(word) == expected


@pytest.mark.parametrize(
    ("text", "index"),
    [("uv publish", 1), ("uv --project x -q publish", 4), ("uv -q", 2), ("uv", 1), ("uv --project", 2)],
)
def test_subcommand(text: str, index: int) -> None:
    assert subcommand([Word(word) for word in text.split()]) == index
