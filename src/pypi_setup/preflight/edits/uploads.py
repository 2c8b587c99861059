"""The edit that puts gh-action-pypi-publish in the place of a tool that does no Trusted Publishing."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

import yaml

from pypi_setup.preflight.edits.credentials import without_entries
from pypi_setup.preflight.edits.text import Entry, LeftAlone, Source
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL

if TYPE_CHECKING:
    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.publishing.uploads import Upload
    from pypi_setup.values.finding import Finding

_ACTION = "pypa/gh-action-pypi-publish@release/v1"
_INPUTS = {PYPI_URL: [], TESTPYPI_URL: [f"repository-url: {TESTPYPI_URL}/legacy/"]}

_WORD = r"(?:\"[^\"`(\\]*\"|\$\{\{[^{}]*\}\}|[^\s;&|<>\"'`()\\]+)"
_COMMAND = re.compile(
    r"(?P<program>(?:(?:pipx run|uvx|uv run|python3? -m) )?(?P<tool>poetry|hatch|flit)) publish"
    r"(?P<options>(?: (?:--build|--no-interaction|--no-prompt|--yes|--skip-existing|-n|-y"
    rf"|(?:-[upa]|--user|--username|--password|--auth)[= ]{_WORD}))*)"
)
"""The commands that are understood whole."""

_SETS_TOKEN = re.compile(
    rf"(?:pipx run )?poetry config (?:--local )?(?:pypi-token|http-basic)\.\S+(?: {_WORD})+"
)

_ENTERS = re.compile(r"(?:cd|pushd) \S+")

_SECRET = re.compile(
    r"(?:POETRY_(?:PYPI_TOKEN|HTTP_BASIC)_\w+|HATCH_INDEX_(?:USER|AUTH)|FLIT_(?:USERNAME|PASSWORD))\Z"
)
"""The variables that only those commands read."""

_OF_SCRIPTS = ("shell", "working-directory")
"""Keys of a step that an action does not take."""

_KEYS = frozenset({"name", "if", "run", "env", "timeout-minutes", "continue-on-error", *_OF_SCRIPTS})


class _Step(NamedTuple):
    """A step with a script."""

    keys: dict[str, Entry]
    column: int
    """Of its keys."""

    first: int
    """Its first line, from 0."""

    last: int
    script: dict[int, str]
    """The lines of the script that are not empty."""


def replace(source: Source, finding: Finding, evidence: Evidence) -> str:
    """Return the text with the last command of a step made a step with gh-action-pypi-publish."""
    publication = next(
        (
            each
            for each in evidence.publications
            if (each.upload.file, each.upload.line) == (finding.file, finding.line)
        ),
        None,
    )
    if publication is None or publication.job.id not in source.jobs():
        raise LeftAlone("the command stands in another file than the job")
    step = _step(source, publication)
    *others, line = step.script
    command = _COMMAND.fullmatch(_spaced(step.script[line]))
    if command is None or line != publication.upload.line - 1:
        raise LeftAlone("the command does more than upload, or another one follows")
    settings = [each for each in others if _SETS_TOKEN.fullmatch(_spaced(step.script[each]))]
    for each in publication.upload.credentials:
        known = each.line - 1 in {*settings, line} or _SECRET.fullmatch(each.name)
        if not known:
            raise LeftAlone(f"another step or file gives the tool its credential: {each.name}")
    action = _action(evidence.index.url, publication.upload, command)
    build = f"{command['program']} build" if _builds(command) else ""
    source = _without_secrets(source, step)
    step = _step(source, publication)
    *others, line = step.script
    kept = {each for each in others if not _SETS_TOKEN.fullmatch(_spaced(step.script[each]))}
    if not build and all(_ENTERS.fullmatch(_spaced(step.script[each])) for each in kept):
        source = _without_keys_of_scripts(source, step)
        return _taken(source, _step(source, publication), action)
    gone = {*others, line} - kept
    lines = ["" if number in gone else text for number, text in enumerate(source.lines)]
    if build:
        lines[line] = source.lines[line].replace(step.script[line].strip(), build, 1)
    return _followed(source, step, lines, action)


def _spaced(command: str) -> str:
    return " ".join(command.split())


def _builds(command: re.Match[str]) -> bool:
    """Tell whether the command builds what it uploads."""
    return command["tool"] == "flit" or "--build" in command["options"].split()


def _step(source: Source, publication: Publication) -> _Step:
    """Return the step that uploads. Raises LeftAlone where its lines cannot be told."""
    steps = source.entries(source.jobs()[publication.job.id].value)["steps"].value
    node = steps.value[publication.upload.step]
    keys = source.entries(node)
    first, column = node.start_mark.line, int(node.start_mark.column)
    if "run" not in keys:
        raise LeftAlone("it is an action with inputs of its own")
    if not set(keys) <= _KEYS:
        raise LeftAlone("the step has more to say than an action could take over")
    if source.lines[first][:column].strip() != "-" or source.is_flow(node):
        raise LeftAlone("the steps are written in brackets")
    end = max(_last(source, entry) for entry in keys.values())
    return _Step(keys, column, first, end, _script(source, keys["run"]))


def _last(source: Source, entry: Entry) -> int:
    """Return the last line of an entry."""
    value = entry.value
    if isinstance(value, yaml.MappingNode) and not source.is_flow(value):
        return max(_last(source, inner) for inner in source.entries(value).values())
    line = min(value.end_mark.line, len(source.lines) - 1)
    if isinstance(value, yaml.ScalarNode) and value.style in {"|", ">"}:
        while not source.lines[line].strip() or line == value.end_mark.line:
            line -= 1
    return int(line)


def _script(source: Source, run: Entry) -> dict[int, str]:
    node = run.value
    if source.char(node) in {"&", "*", "!"} or node.style == ">":
        raise LeftAlone("the script is folded, or an anchor stands there")
    first, last = node.start_mark.line, _last(source, run)
    if node.style == "|":
        numbers = range(first + 1, last + 1)
        return {number: source.lines[number] for number in numbers if source.lines[number].strip()}
    if first != last:
        raise LeftAlone("the script is folded")
    return {first: node.value}


def _action(index_url: str, upload: Upload, command: re.Match[str]) -> list[str]:
    """Return the lines of the new step, the first one without its dash."""
    if index_url not in _INPUTS or upload.place is None or upload.folder is None:
        raise LeftAlone("where the distributions lie, or where the action has to upload them, is not known")
    inputs = list(_INPUTS[index_url])
    folder = posixpath.join(upload.place, upload.folder)
    inputs += [f"packages-dir: {folder}/"] if folder != "dist" else []
    inputs += ["skip-existing: true"] if "--skip-existing" in command["options"] else []
    return [f"uses: {_ACTION}", *(["with:"] if inputs else []), *(f"  {each}" for each in inputs)]


def _without_secrets(source: Source, step: _Step) -> Source:
    """Return the text without the variables that only the replaced command reads."""
    env = step.keys.get("env")
    names = {name for name in source.entries(env.value) if _SECRET.fullmatch(name)} if env else set()
    if not env or not names:
        return source
    return Source(source.encoded(without_entries(source, env, names, step.keys)))


def _without_keys_of_scripts(source: Source, step: _Step) -> Source:
    """Return the text without what only a step with a script can have."""
    entries = [step.keys[name] for name in _OF_SCRIPTS if name in step.keys]
    return Source(source.encoded(source.without(entries)))


def _taken(source: Source, step: _Step, action: list[str]) -> str:
    """Return the text with the action in the place of the script."""
    run = step.keys["run"]
    first, last = run.key.start_mark.line, _last(source, run)
    lead = source.lines[first][: run.key.start_mark.column]
    new = _lines(source, lead, step.column, action)
    return "".join([*source.lines[:first], *new, *source.lines[last + 1 :]])


def _followed(source: Source, step: _Step, lines: list[str], action: list[str]) -> str:
    """Return the text with a step behind this one; `lines` are the text's with this one changed."""
    condition = step.keys.get("if")
    if condition:
        mark = condition.key.start_mark
        if _last(source, condition) != mark.line or condition.value.style in {"|", ">"}:
            raise LeftAlone("the step's condition has several lines")
        action = [source.lines[mark.line][mark.column :].strip(), *action]
    lead = source.lines[step.first][: step.column]
    return "".join(
        [*lines[: step.last + 1], *_lines(source, lead, step.column, action), *lines[step.last + 1 :]]
    )


def _lines(source: Source, lead: str, column: int, texts: list[str]) -> list[str]:
    """Return lines at an indentation; `lead` is what the first of them begins with."""
    end = "\r\n" if source.lines[0].endswith("\r\n") else "\n"
    first, *others = texts
    return [f"{lead}{first}{end}", *(f"{' ' * column}{text}{end}" for text in others)]
