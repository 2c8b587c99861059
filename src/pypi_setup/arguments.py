"""The command line's arguments, read and explained by the tables of words and options."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pypi_setup.about import PROJECT_URL, __version__
from pypi_setup.values.options import OPTIONS, WORDS, Option, Word, named
from pypi_setup.values.publisher import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OPTION = re.compile(r"--[a-z][a-z_-]{0,19}\Z", re.ASCII)
_WORD = re.compile(r"[a-z][a-z-]{0,19}\Z", re.ASCII)
_WIDTH = 100
_HELP = ("-h", "--help", "--version")
_OF_THE_FIRST = ("register", "check", "verify")
"""Words that take each other's options: what does not matter to one of them is no mistake."""

_DESCRIPTION = """\
Set up PyPI Trusted Publishing for a GitHub repository: register the publisher, or get the link.

commands:
"""
_FROM_WHERE = """
The API token is taken from PYPI_API_TOKEN; or, with --api-token -, from standard input; or from --api-token
VALUE, which other users of the machine can see. pypi.org has no API to register publishers, so there no token
is needed: the link is the result.
"""
_EPILOG = f"""
GITHUB_TOKEN, where it is set, is used for read-only look-ups on GitHub.

exit codes: 0 success, 1 failure, 2 bad input (nothing was sent), 130 interrupted.
{PROJECT_URL}
"""


class Usage(Exception):
    """The arguments are not as the help says."""

    def __init__(self, rule: str, fix: str, field: str = "usage", value: str = "") -> None:
        super().__init__(rule)
        self.problem = Problem(field, value, rule, fix)


class Arguments(NamedTuple):
    """The arguments as they were understood."""

    word: Word
    options: argparse.Namespace
    """By field of `Given`, and `json` and `open`."""


def read(arguments: list[str]) -> Arguments:
    """Return what the arguments say. Raises Usage; exits where help or the version is asked for."""
    name, rest = _parted(arguments)
    if name == "help":
        name, rest = _parted(rest)[0], ["--help"]
    if name is None:
        return Arguments(WORDS[0], _parse(WORDS[0], rest, overview=True))
    word = named(name)
    if word is None:
        raise _no_such_word(name)
    return Arguments(word, _parse(word, rest))


def _parted(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Return the first argument that is neither an option nor the value of one, if any, and the others."""
    valued = {option.flag: bool(option.metavar) for option in OPTIONS if option.words}
    is_value = False
    for index, argument in enumerate(arguments):
        if is_value:
            is_value = False
        elif not argument.startswith("-"):
            return argument, [*arguments[:index], *arguments[index + 1 :]]
        elif argument in valued:
            is_value = valued[argument]
        elif argument not in _HELP and argument.partition("=")[0] not in valued:
            break  # Whether the next one is a value of it is not known.
    return None, arguments


def _no_such_word(name: str) -> Usage:
    words = [word.name for word in WORDS]
    shown = name if _WORD.match(name) else ""
    fix = _near(shown, words) or "pypi-setup --help says what each of them does"
    return Usage(f"The command is one of {', '.join(words)}", fix, "command", shown)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # Without what was given: `--json=VALUE` may hold a token that was meant for another option.
        raise Usage(message.partition("'")[0].strip(), "pypi-setup --help shows the options")


def _parse(word: Word, arguments: list[str], *, overview: bool = False) -> argparse.Namespace:
    options, unknown = parser(word, overview=overview).parse_known_args(arguments)
    if unknown:
        # Only the options' names: what stands beside a mistyped --api-token, or joined to it, is secret.
        names = [name for text in unknown if _OPTION.match(name := text.partition("=")[0])]
        known = f"pypi-setup {word.name} --help shows the options"
        raise Usage(f"unknown: {', '.join(names) or 'an argument'}", _nearest(names, word) or known)
    if getattr(options, "listed", "") == getattr(options, "api_token", "") == "-":
        raise Usage(
            "Standard input cannot be both the token and the list", "give the token in PYPI_API_TOKEN"
        )
    return options


def _nearest(names: Iterable[str], word: Word) -> str:
    """Say which option may be meant; empty where none is near."""
    for name in names:
        others = [each for option in OPTIONS if option.flag == name for each in sorted(option.words)]
        if others:
            return f"{name} is an option of {', '.join(others)}"
        if near := _near(name, [option.flag for option in options_of(word)]):
            return near
    return ""


def _near(text: str, known: list[str]) -> str:
    """Ask for what is written nearly so; empty where nothing is."""
    from difflib import get_close_matches

    near = get_close_matches(text, known, 1)
    return f"did you mean {near[0]}?" if near else ""


def options_of(word: Word) -> tuple[Option, ...]:
    """Return the options of a word."""
    return tuple(option for option in OPTIONS if word.name in option.words)


def parser(word: Word, *, overview: bool = False) -> argparse.ArgumentParser:
    """Return the parser of a word's arguments, without the word itself.

    With `overview` its help also lists the words.
    """
    has_token = any(option.name == "api-token" for option in options_of(word))
    made = _Parser(
        prog=f"pypi-setup {word.name}",
        usage="pypi-setup [COMMAND] [OPTIONS]" if overview else None,
        description=_DESCRIPTION + _listed() if overview else word.about,
        epilog=f"{_FROM_WHERE if has_token else ''}{_EPILOG}",
        # The default asks for the terminal's width through shutil, whose import costs as much as argparse's.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=_WIDTH),
        allow_abbrev=False,
        add_help=False,
    )
    group = made.add_argument_group(f"options of {word.name}" if overview else "options")
    group.add_argument("-h", "--help", action="help", help="show this help")
    if word.takes:
        takes = word.takes
        made.add_argument(
            takes.field,
            nargs="*" if takes.many else "?",
            default=[] if takes.many else "",
            metavar=takes.metavar,
            help=takes.help,
        )
    for option in OPTIONS:
        shown = word.name in option.words
        if shown or (word.name in _OF_THE_FIRST and not option.words.isdisjoint(_OF_THE_FIRST)):
            _add(group.add_argument, option, option.help if shown else argparse.SUPPRESS)
    group.add_argument(
        "--version", action="version", version=f"pypi-setup {__version__}", help="show the version"
    )
    return made


def _listed() -> str:
    """Return the list of the words."""
    lines = [f"  {word.name:<10}{word.help}" for word in WORDS]
    return "\n".join([*lines, f"  {'help':<10}show the options of a command: pypi-setup help check"])


def _add(add: Callable[..., object], option: Option, words: str) -> None:
    if not option.metavar:
        add(
            option.flag,
            dest=option.field,
            action="store_const",
            const=option.sets,
            default=option.default,
            help=words,
        )
    elif option.many:
        add(option.flag, dest=option.field, action="append", default=[], metavar=option.metavar, help=words)
    else:
        # None tells the adapter to look at the option's variable.
        add(
            option.flag,
            dest=option.field,
            default=None if option.variable else option.default,
            metavar=option.metavar,
            help=words,
        )
