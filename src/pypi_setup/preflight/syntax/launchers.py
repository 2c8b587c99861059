"""Programs that only start another program, such as `sudo`, `env`, `python -m`, `uv run` and `pipx run`.

One table; a new one is one row. Sources: the manuals of these programs (`man`, `--help`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Word(NamedTuple):
    """One word of a command, quotes removed and variables put in."""

    text: str
    """What is not known stands as it is written: `$NAME`, `$(command)`."""

    known: bool = True
    line: int = 0
    """Line of the script, from 0."""

    bare: bool = False
    """Whether it is one unquoted variable of unknown value as a whole, which can become several words."""


_NESTING_LIMIT = 10
"""Launchers in front of one program."""


class Launcher(NamedTuple):
    """How one launcher reads its arguments."""

    words: tuple[str, ...]
    """Its name and sub-commands."""

    valued: frozenset[str] = frozenset()
    """Options that take the next word as their value; one that is not listed stands alone."""

    positionals: int = 0
    """Words of its own in front of the program, such as the duration of `timeout`."""

    packages: frozenset[str] = frozenset()
    """Options whose value names a package to install."""

    installs: bool = False
    """Whether the program's name may be a requirement: `uvx twine@6.1.0`."""

    asks: frozenset[str] = frozenset()
    """Options with which it starts nothing."""

    module: frozenset[str] = frozenset()
    """Options whose value is a Python module to run."""

    until_dashes: bool = False
    """Whether its own words end at `--`, where there is one."""

    sets_variables: bool = False
    """Whether `NAME=value` in front of the program sets a variable."""

    prefixed: bool = False
    """Whether the program may have the name of an environment in front: `release:twine`."""


class Launched(NamedTuple):
    """A command without its launchers."""

    words: Sequence[Word]
    variables: tuple[tuple[str, Word], ...]
    """What `env NAME=value` sets."""

    launchers: tuple[str, ...]
    requirement: str


def _options(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UV = _options(
    "--with-requirements --with-editable --extra --no-extra --group --no-group --only-group --env-file"
    " --package --directory --project --python -p --index --default-index --index-url -i --extra-index-url"
    " --find-links -f --config-file --cache-dir --color --refresh-package --upgrade-package -P --resolution"
    " --prerelease --exclude-newer --link-mode --config-setting -C --index-strategy --keyring-provider"
    " --allow-insecure-host --constraints -c --overrides --build-constraints -b"
)

_LAUNCHERS = (
    Launcher(
        ("sudo",), _options("-u --user -g --group -h --host -p --prompt -C -T -U -r -t"), sets_variables=True
    ),
    Launcher(("env",), _options("-u --unset -C --chdir"), sets_variables=True),
    Launcher(("exec",), _options("-a")),
    Launcher(("command",), asks=_options("-v -V")),
    Launcher(("builtin",)),
    Launcher(("nohup",)),
    Launcher(("time",), _options("-f --format -o --output")),
    Launcher(("nice",), _options("-n --adjustment")),
    Launcher(("timeout",), _options("-k --kill-after -s --signal"), positionals=1),
    Launcher(("stdbuf",), _options("-i -o -e --input --output --error")),
    Launcher(
        ("xargs",),
        _options("-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs --replace"),
    ),
    Launcher(("uv", "run"), _UV, packages=_options("--with -w"), module=_options("-m --module")),
    Launcher(("uv", "tool", "run"), _UV, packages=_options("--from --with -w"), installs=True),
    Launcher(("uvx",), _UV, packages=_options("--from --with -w"), installs=True),
    Launcher(
        ("pipx", "run"),
        _options("--python --pip-args --index-url -i --fetch-python"),
        packages=_options("--spec --with"),
        installs=True,
    ),
    Launcher(("poetry", "run"), _options("-C --directory -P --project")),
    Launcher(("pdm", "run"), _options("-p --project --venv")),
    Launcher(("hatch", "run"), prefixed=True),
    Launcher(("hatch", "env", "run"), _options("-e --env -i --include -x --exclude"), until_dashes=True),
    Launcher(("rye", "run"), _options("--pyproject")),
    Launcher(("pixi", "run"), _options("-e --environment --manifest-path")),
    Launcher(("pipenv", "run")),
    Launcher(("conda", "run"), _options("-n --name -p --prefix --cwd")),
    Launcher(("mamba", "run"), _options("-n --name -p --prefix --cwd")),
    Launcher(("micromamba", "run"), _options("-n --name -p --prefix --cwd")),
    Launcher(("mise", "exec"), until_dashes=True),
    Launcher(("mise", "x"), until_dashes=True),
    Launcher(("op", "run"), _options("--env-file --account"), until_dashes=True),
    Launcher(("doppler", "run"), _options("-p --project -c --config"), until_dashes=True),
    Launcher(("direnv", "exec"), positionals=1),
)
_BY_PROGRAM: dict[str, list[Launcher]] = {}
for _launcher in _LAUNCHERS:
    _BY_PROGRAM.setdefault(_launcher.words[0], []).append(_launcher)

_GLOBAL_VALUED = {
    "uv": _UV,
    "poetry": _options("-C --directory -P --project"),
    "pdm": _options("-c --config"),
    "hatch": _options("-e --env -p --project --data-dir --cache-dir --config --color"),
    "pixi": _options("--color"),
    "flit": _options("-f --ini-file"),
}
"""Options with a value that may stand between a program and its sub-command."""

_IN_FRONT = re.compile(r"\A\$\{\w+\}(?=\w)", re.ASCII)
_PROGRAM_ENDING = re.compile(r"\.(?:exe|cmd|bat)\Z", re.IGNORECASE)
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?\Z|py\Z", re.IGNORECASE)
_PYTHON_MODULE = re.compile(r"-[bBdEhiIOPqRsSuvVx?]*m(.*)\Z", re.DOTALL)
_PYTHON_VALUED = _options("-W -X --check-hash-based-pycs")
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:@|(?=[<>=!~]))(.*)\Z", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)


def program_name(text: str) -> str:
    """Return a program's name without folders and the endings of Windows.

    A variable of unknown value in front of it (`${PREFIX}twine`) is taken for a folder.
    """
    name = _IN_FRONT.sub("", text.replace("\\", "/").rpartition("/")[2])
    return _PROGRAM_ENDING.sub("", name) if "." in name else name


def is_python(word: Word) -> bool:
    """Tell whether a word runs Python: by name, or by a variable or expression that says so."""
    return bool(_PYTHON.match(program_name(word.text))) or (
        (not word.known or "${{" in word.text) and "python" in word.text.lower()
    )


def subcommand(words: Sequence[Word]) -> int:
    """Return the index of the first word behind the program that is no option, or the number of words."""
    valued = _GLOBAL_VALUED.get(program_name(words[0].text), frozenset())
    index = 1
    while index < len(words) and words[index].text.startswith("-"):
        index += 2 if words[index].text in valued else 1
    return min(index, len(words))


def reduced(words: Sequence[Word]) -> Launched:
    """Return a command without the programs that only start it."""
    variables: list[tuple[str, Word]] = []
    names: list[str] = []
    requirement = ""
    for _ in range(_NESTING_LIMIT):
        step = _python(words) or _launched(words)
        if step is None:
            break
        variables += step.variables
        names += step.launchers
        requirement = step.requirement or requirement
        words = step.words
        if not words:
            break
    return Launched(words, tuple(variables), tuple(names), requirement)


def _python(words: Sequence[Word]) -> Launched | None:
    """Take `python -m` away."""
    if not is_python(words[0]):
        return None
    index = 1
    while index < len(words) and words[index].text.startswith("-"):
        text = words[index].text
        if match := _PYTHON_MODULE.match(text):
            rest = (
                words[index + 1 :]
                if not match[1]
                else [words[index]._replace(text=match[1]), *words[index + 1 :]]
            )
            return Launched(_module(rest), (), ("python -m",), "")
        if text == "-c":
            return None
        index += 2 if text in _PYTHON_VALUED else 1
    return None


def _module(words: Sequence[Word]) -> Sequence[Word]:
    """Name the program of a module: `twine.__main__` is twine."""
    if not words:
        return words
    return [words[0]._replace(text=words[0].text.removesuffix(".__main__")), *words[1:]]


def _launched(words: Sequence[Word]) -> Launched | None:
    """Take one launcher of the table away."""
    for launcher in _BY_PROGRAM.get(program_name(words[0].text), ()):
        start, length = subcommand(words), len(launcher.words) - 1
        if not length:
            return _arguments(launcher, words[1:])
        if tuple(word.text for word in words[start : start + length]) == launcher.words[1:]:
            return _arguments(launcher, words[start + length :])
    return None


def _arguments(launcher: Launcher, words: Sequence[Word]) -> Launched | None:
    """Skip a launcher's own arguments."""
    variables: list[tuple[str, Word]] = []
    packages: list[str] = []
    dashes = next((index for index, word in enumerate(words) if word.text == "--"), None)
    index = 0
    while index < len(words):
        option, equals, value = words[index].text.partition("=")
        behind = words[index + 1].text if index + 1 < len(words) else ""
        if option in launcher.asks:
            return None
        if launcher.until_dashes and dashes is not None:
            index = dashes + 1
            break
        if option == "--":
            index += 1
            break
        if option in launcher.module:
            return Launched(_module(words[index + 1 :]), (), (" ".join(launcher.words),), "")
        if option in launcher.packages:
            packages.append(value if equals else behind)
        if launcher.sets_variables and _ASSIGNMENT.match(words[index].text):
            variables.append((option, words[index]._replace(text=value)))
            index += 1
        elif option[:1] in {"-", "+"} and option != "-":
            index += 2 if option in launcher.valued | launcher.packages and not equals else 1
        else:
            break
    rest, requirement = _installed(launcher, words[index + launcher.positionals :], packages)
    return Launched(rest, tuple(variables), (" ".join(launcher.words),), requirement)


def _installed(launcher: Launcher, words: Sequence[Word], packages: list[str]) -> tuple[Sequence[Word], str]:
    """Return the program's words, and the requirement that a launcher installs it from."""
    if not words:
        return words, ""
    text = words[0].text.rpartition(":")[2] if launcher.prefixed else words[0].text
    if launcher.installs and "/" not in text and (match := _REQUIREMENT.match(text)):
        version = match[2] if match[2][:1] in "<>=!~" else f"=={match[2]}"
        return [words[0]._replace(text=match[1]), *words[1:]], f"{match[1]}{version}"
    named = (package for package in packages if re.split(r"[^\w.-]", package)[0] == text)
    return [words[0]._replace(text=text), *words[1:]], next(named, "").replace("@", "==")
