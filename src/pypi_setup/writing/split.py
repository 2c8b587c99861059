"""One job that builds and publishes, made two: the build without rights, the upload with nothing beside it.

Text in, text out: the lines of the steps stay as they are. Where a step could mean something else in another
job, the job stays as it is, and the reason is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pypi_setup.preflight.publishing.uploads import mentions_upload
from pypi_setup.preflight.syntax import document
from pypi_setup.values.harmless import one_line
from pypi_setup.writing.pins import pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UPLOAD = "pypa/gh-action-pypi-publish"
"""The action whose step can go into a job of its own."""

ARTIFACT = "dist"
"""The name under which the distributions go from one job to the other."""

_TOKENLESS = re.compile(
    r"(?:actions/(?:checkout|setup-[a-z]+|cache|upload-artifact)|astral-sh/setup-uv|pdm-project/setup-pdm"
    r"|snok/install-poetry|abatilo/actions-poetry|pypa/cibuildwheel|pypa/hatch|pyo3/maturin-action"
    r"|docker/setup-qemu-action|mamba-org/setup-micromamba)@",
    re.IGNORECASE,
)
"""Actions that ask for no OIDC token."""

_ASKS_TOKEN = re.compile(r"attest|sigstore|cosign|oidc|ID_TOKEN|slsa", re.IGNORECASE)
_DOWNLOAD = "actions/download-artifact"
_REFUSED = ("outputs", "strategy")
_OF_UPLOAD = frozenset({"environment", "concurrency"})
"""Keys of the job that go with the upload."""

_NAMES = ("build", "build-distributions", "build-for-release")
_ANCHORS = re.compile(r"(?:^|[\s\[{,])[&*][A-Za-z0-9_]", re.MULTILINE)
_OF_JOB = re.compile(r"\b(?:steps|matrix|strategy|needs|env|job)\.")
_OF_ENVIRONMENT = re.compile(r"\b(?:secrets\.(?!GITHUB_TOKEN\b)|vars\.)")
_PLAIN_FOLDER = re.compile(r"[\w.][\w./-]*\Z", re.ASCII)


class NotSplit(Exception):
    """The job stays as it is; the message says why."""


class _Entry(NamedTuple):
    """A key of a mapping."""

    value: Any
    start: int
    """Its first line, from 0: that of the comment above it, where there is one."""

    end: int
    """The line behind it."""


def split(data: bytes, job: str) -> bytes:
    """Return a workflow whose job of this id is two: one that builds, and one of this id that uploads.

    Raises NotSplit where that is not possible, or could change what the steps do.
    """
    try:
        text = data.decode()
        root = document.compose(data)
    except (UnicodeDecodeError, document.Unreadable):
        raise NotSplit("the file cannot be read") from None
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    jobs = _entries(_entries(root, lines, len(lines))["jobs"], lines)
    here = jobs[job]
    while not lines[here.end - 1].strip():
        here = here._replace(end=here.end - 1)
    entries = _entries(here, lines)
    whole = lines[here.start : here.end]
    if _ANCHORS.search("".join(whole)):
        raise NotSplit("its job has anchors or aliases")
    if refused := [key for key in _REFUSED if key in entries]:
        raise NotSplit(f"its job has {' and '.join(refused)}")
    name = next((each for each in _NAMES if each not in jobs), None)
    if name is None:
        raise NotSplit(f"there are jobs called {', '.join(_NAMES)}")
    parts = _Parts(entries, lines, here.value.start_mark.column)
    head = next(line for line in whole if not line.lstrip().startswith("#"))
    margin = head[: len(head) - len(head.lstrip())]
    comments = whole[: whole.index(head)]
    new = [f"{margin}{name}:", *parts.building(), "", *comments, head, *parts.uploading(name)]
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    made = [line.rstrip("\r\n") + end for line in new]
    return "".join([*lines[: here.start], *made, *lines[here.end :]]).encode()


class _Parts:
    """A job's lines, those of the build apart from those of the upload."""

    def __init__(self, entries: dict[str, _Entry], lines: Sequence[str], inner: int) -> None:
        """`inner` is the column of the job's keys."""
        self._entries, self._lines = entries, lines
        steps = entries["steps"]
        if not isinstance(steps.value, yaml.SequenceNode) or _char(steps.value, lines) != "-":
            raise NotSplit("its steps are no list of lines")
        *others, last = steps.value.value
        if not _uses(last, UPLOAD):
            raise NotSplit(f"its last step is not {UPLOAD}")
        if any(_uses(step, _DOWNLOAD) for step in others) or not others:
            raise NotSplit("the distributions come from another job already")
        _refuse_others_of_the_token(others)
        begin = last.start_mark
        dash = steps.value.start_mark.column
        if lines[begin.line][: begin.column].strip() != "-":
            raise NotSplit("its last step does not begin behind its dash")
        top = _above(begin.line, lines)
        self._before, self._upload = lines[steps.start : top], lines[top : steps.end]
        if _OF_JOB.search("".join(self._upload)):
            raise NotSplit("its upload depends on the job around it")
        if _OF_ENVIRONMENT.search("".join(self._before)):
            raise NotSplit("its other steps use secrets or variables, which may be the environment's")
        if mentions_upload("".join(self._before).encode()):
            raise NotSplit("its other steps upload, too")
        self._dash = " " * dash
        self._inner = " " * inner
        inputs = _value(last, "with")
        found = _value(inputs, "packages-dir") or _value(inputs, "packages_dir")
        self._folder = found.value.rstrip("/") if isinstance(found, yaml.ScalarNode) else "dist"
        if not _PLAIN_FOLDER.match(self._folder):
            raise NotSplit("its folder with the distributions is no plain path")

    def building(self) -> Iterator[str]:
        """Yield the lines of the job that builds, without its id."""
        for key, entry in self._entries.items():
            if key == "permissions":
                yield from self._permissions(entry.value)
            elif key == "steps":
                yield from self._permissions(None) if "permissions" not in self._entries else ()
                yield from self._before
                yield from self._handing("actions/upload-artifact", "if-no-files-found: error")
            elif key == "name":
                yield f"{self._inner}name: Build the distributions"
            elif key not in _OF_UPLOAD:
                yield from self._of(key)

    def uploading(self, build: str) -> Iterator[str]:
        """Yield the lines of the job that uploads what the job `build` made, without its id."""
        yield from self._of("name")
        yield from (f"{self._inner}needs: {build}", f"{self._inner}runs-on: ubuntu-latest")
        yield from (*self._of("concurrency"), *self._of("environment"))
        yield f"{self._inner}permissions:"
        yield from (f"{self._inner}  id-token: write # Trusted Publishing", f"{self._inner}steps:")
        yield from self._handing(_DOWNLOAD)
        yield from self._upload

    def _of(self, key: str) -> Sequence[str]:
        entry = self._entries.get(key)
        return self._lines[entry.start : entry.end] if entry else ()

    def _permissions(self, node: Any) -> Iterator[str]:
        """Yield the permissions of the job that builds: those that there were, without the token."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        scopes = {key.value: value.value for key, value in pairs if key.value != "id-token"}
        yield f"{self._inner}permissions:"
        for scope, level in (scopes or {"contents": "read # to check out the code"}).items():
            yield f"{self._inner}  {scope}: {level}"

    def _handing(self, action: str, *more: str) -> Iterator[str]:
        """Yield a step that hands the distributions over."""
        yield f"{self._dash}- uses: {pins()[action]}"
        yield f"{self._dash}  with:"
        yield from (
            f"{self._dash}    {each}" for each in (f"name: {ARTIFACT}", f"path: {self._folder}/", *more)
        )


def _refuse_others_of_the_token(steps: Sequence[Any]) -> None:
    """Raise NotSplit where a step besides the upload may ask for the OIDC token, which the build loses."""
    for step in steps:
        for name in ("uses", "run"):
            node = _value(step, name)
            text = node.value if isinstance(node, yaml.ScalarNode) else ""
            if (name == "uses" and text and not _TOKENLESS.match(text)) or _ASKS_TOKEN.search(text):
                what = text.partition("@")[0] if name == "uses" else "a script"
                raise NotSplit(f"{one_line(what, 100)} may need the OIDC token, too")


# ---------------------------------------------------------------- nodes and their lines


def _entries(entry: _Entry | Any, lines: Sequence[str], end: int = 0) -> dict[str, _Entry]:
    """Return the keys of a mapping that is written as a block."""
    node, end = (entry.value, entry.end) if isinstance(entry, _Entry) else (entry, end)
    if not isinstance(node, yaml.MappingNode) or _char(node, lines) == "{":
        raise NotSplit("its job is not written as a block")
    starts = [_above(key.start_mark.line, lines) for key, _ in node.value]
    return {
        key.value: _Entry(value, start, stop)
        for (key, value), start, stop in zip(node.value, starts, [*starts[1:], end], strict=True)
    }


def _above(line: int, lines: Sequence[str]) -> int:
    """Return the first line of the comments above a line, or the line itself."""
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def _uses(step: Any, action: str) -> bool:
    used = _value(step, "uses")
    return isinstance(used, yaml.ScalarNode) and used.value.lower().startswith(f"{action}@")


def _char(node: Any, lines: Sequence[str]) -> str:
    line, column = node.start_mark.line, node.start_mark.column
    return lines[line][column : column + 1] if line < len(lines) else ""


def _value(node: Any, name: str) -> Any:
    """Return the value of a mapping's key; None where there is none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)
