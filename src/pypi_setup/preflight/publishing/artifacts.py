"""How files get from the jobs that build to the job that uploads: artifacts, and where their files land.

Sources: actions/upload-artifact (src/shared/search.ts: the least common ancestor of all search paths becomes
the root; since v4 a second artifact of one name is a conflict, HTTP 409) and actions/download-artifact
(src/download-artifact.ts: a folder for each artifact, unless it is named, merged, or the only one since v5).
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.preflight.publishing import releases
from pypi_setup.preflight.publishing.actions import HARMLESS_ACTIONS, HARMLESS_OWNERS
from pypi_setup.preflight.publishing.publications import step_runs
from pypi_setup.preflight.syntax import evaluation, shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.workflow.loading import Step
    from pypi_setup.preflight.workflow.situations import Situation

UPLOAD, DOWNLOAD = "actions/upload-artifact", "actions/download-artifact"
_CHECKED = "hynek/build-and-inspect-python-package"
_SIGNER = "sigstore/gh-action-sigstore-python"
_CONFLICTS_SINCE, _ALONE_SINCE = 4, 5
_COMMIT = re.compile(r"[0-9a-f]{40}\Z", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[{]")
_FILE = re.compile(r"\.(?:whl|gz|zip|txt|json|md|toml|cfg|xml)\Z", re.IGNORECASE)
_STRANGER = re.compile(r"\.(?:txt|json|md|toml|cfg|xml|log)\Z", re.IGNORECASE)
_ALL_FILES = frozenset({"", "*", "**", "**/*", "*.*"})
_IDLE_COMMANDS = frozenset(
    {
        *(
            "ls",
            "echo",
            "printf",
            "cat",
            "tree",
            "true",
            "pwd",
            "test",
            "[",
            "export",
            "set",
            "date",
            "du",
            "find",
        )
    }
)
_IDLE_CALLS = frozenset({("twine", "check"), ("pip", "install"), ("pip", "list"), ("python", "--version")})


class Sent(NamedTuple):
    """One artifact that a job sends, in one leg."""

    name: str | None
    """None where only a run can tell."""

    folders: tuple[str, ...] | None
    """The folders inside of the artifact that its files lie in; None where that cannot be told."""

    unfit: str
    """What signs files where it takes them from, so that signatures lie beside them; empty for nothing."""

    situation: Situation
    step: Step
    certain: bool
    """Whether it is sent in every such run."""

    exclusive: bool
    """Whether a second one of this name is refused."""


class Landed(NamedTuple):
    """Files that a job has got."""

    folder: str
    """From the workspace; empty for the workspace itself."""

    artifact: str
    line: int


class Taken(NamedTuple):
    """What a job has got from artifacts before one of its steps."""

    landed: tuple[Landed, ...]
    missing: tuple[tuple[str, int], ...]
    """Names of artifacts that nobody sends, each with its line."""

    nested: bool
    """Whether each artifact has a folder of its own."""

    unfit: tuple[tuple[str, str, int], ...]
    """What signs in place, with the folder and the line."""

    readable: bool
    """Whether every step could be followed, so that nothing else can be there."""


def sent(situations: Iterable[Situation]) -> tuple[Sent, ...]:
    """Return the artifacts that jobs send in one kind of run."""
    return tuple(each for situation in situations for each in _sent_by(situation))


def conflicts(every: Sequence[Sent]) -> Iterator[tuple[Sent, Sent]]:
    """Give pairs of artifacts of one name that are both sent for certain; GitHub refuses the second."""
    first: dict[str, Sent] = {}
    for each in every:
        if each.name is not None and each.certain and each.exclusive:
            other = first.setdefault(each.name, each)
            if other is not each:
                yield other, each


def taken(situation: Situation, before: int, every: Sequence[Sent], *, complete: bool) -> Taken:
    """Return what a job has got when it comes to a step. `complete` says whether all artifacts are known."""
    landed: list[Landed] = []
    missing: list[tuple[str, int]] = []
    unfit: list[tuple[str, str, int]] = []
    nested, readable = False, True
    for step in situation.job.steps:
        if step.index >= before or step_runs(step, situation) is False:
            continue
        action, ref = releases.split(step.uses.text) if step.uses else ("", "")
        if action == DOWNLOAD:
            got = _downloaded(step, ref, situation, every, complete=complete)
            if got is None:
                readable = False
                continue
            landed += got[0]
            missing += [(name, step.line) for name in got[1]]
            nested = nested or got[2]
        elif action == _SIGNER:
            unfit += (
                [(step.uses.text, folder, step.uses.line) for folder in _signed(step, situation)]
                if step.uses
                else []
            )
        elif (action and not _is_idle_action(action)) or (not action and not _is_idle_script(step)):
            readable = False
    return Taken(tuple(landed), tuple(missing), nested, tuple(unfit), readable)


def uploaded_together(publication: Publication, run: Sequence[Situation]) -> list[str]:
    """Return the values of the matrix whose legs sent what one upload finds together in its folder."""
    every = sent(run)
    got = taken(publication.situation, publication.upload.step, every, complete=False)
    names = {landed.artifact for landed in got.landed if landed.folder == publication.upload.folder}
    legs = [each.situation.contexts.get("matrix", {}) for each in every if each.name in names]
    values = [str(value).strip("./").rpartition("/")[2] for leg in legs for value in leg.values()]
    return list(dict.fromkeys(values)) if len(names) > 1 else []


# ---------------------------------------------------------------- sending


def _sent_by(situation: Situation) -> Iterator[Sent]:
    signed: list[tuple[str, str]] = []
    for step in situation.job.steps:
        runs = step_runs(step, situation)
        if step.uses is None or runs is False:
            continue
        action, ref = releases.split(step.uses.text)
        certain = runs is True and situation.runs is True and step.continue_on_error is None
        if action == _SIGNER:
            signed += [(folder, step.uses.text) for folder in _signed(step, situation)]
        elif action == _CHECKED:
            suffix = _text(step, "upload-name-suffix", situation)
            name = None if suffix is None else f"Packages{suffix}"
            yield Sent(name, ("",), "", situation, step, certain, exclusive=True)
        elif action == UPLOAD:
            yield _uploaded(step, ref, situation, signed, certain=certain)


def _uploaded(
    step: Step, ref: str, situation: Situation, signed: list[tuple[str, str]], *, certain: bool
) -> Sent:
    name = _text(step, "name", situation, "artifact")
    paths = _text(step, "path", situation)
    if step.inputs.expression is not None or _text(step, "archive", situation, "true") != "true":
        name = paths = None
    overwrites = _text(step, "overwrite", situation, "false") != "false"
    found = None if paths is None else _layout(paths)
    signer = ""
    for search, pattern, _ in found or ():
        signer = next((by for folder, by in signed if folder == search and pattern in _ALL_FILES), signer)
    fit = [inner for _, pattern, inner in found or () if not _STRANGER.search(pattern)]
    folders = None if found is None else tuple(dict.fromkeys(fit))
    exclusive = _major(ref, UPLOAD) >= _CONFLICTS_SINCE and not overwrites
    return Sent(name, folders, signer, situation, step, certain, exclusive)


def _layout(paths: str) -> list[tuple[str, str, str]] | None:
    """Return each path's folder, the pattern in it, and the folder in the artifact; None if unknown."""
    found: list[tuple[str, str]] = []
    for line in paths.split("\n"):
        text = line.strip()
        if text and not text.startswith(("!", "#")):
            if text.startswith(("/", "~", "..")) or "$" in text or "\\" in text:
                return None
            found.append(_split(text))
    roots = {search for search, _ in found}
    roots = {root for root in roots if not any(_is_inside(root, other) for other in roots - {root})}
    if not roots:
        return None
    root = posixpath.commonpath([f"/{each}" for each in roots])[1:]
    return [(search, pattern, posixpath.relpath(search or ".", root or ".")) for search, pattern in found]


def _split(path: str) -> tuple[str, str]:
    """Return the folder that a path searches, and the pattern for what is in it."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    plain = next((number for number, part in enumerate(parts) if _GLOB.search(part)), len(parts))
    if plain == len(parts) and parts and _FILE.search(parts[-1]):
        plain -= 1  # One file: its folder is the root.
    return "/".join(parts[:plain]), "/".join(parts[plain:])


def _is_inside(folder: str, other: str) -> bool:
    return other == "" or folder.startswith(f"{other}/")


# ---------------------------------------------------------------- getting


def _downloaded(
    step: Step, ref: str, situation: Situation, every: Sequence[Sent], *, complete: bool
) -> tuple[list[Landed], list[str], bool] | None:
    """Return where files land, which names are missing, and whether each has a folder; None if unknown."""
    given = {name.lower() for name in step.inputs.entries}
    if step.inputs.expression is not None or given & {"run-id", "github-token", "repository", "artifact-ids"}:
        return None
    target = _folder(_text(step, "path", situation))
    name, pattern = _text(step, "name", situation), _text(step, "pattern", situation)
    merges = _text(step, "merge-multiple", situation, "false")
    names = {each.name for each in every}
    if target is None or name is None or pattern is None or merges is None or not names:
        return None
    wanted = [each for each in every if each.name is not None and _is_wanted(each.name, name, pattern)]
    if not wanted:
        known = complete and None not in names
        return ([], [name or pattern], False) if known and (name or pattern) else None
    complete = complete and None not in names
    alone = len({each.name for each in wanted}) == 1
    direct = alone and _major(ref, DOWNLOAD) >= _ALONE_SINCE
    unsure = not complete or (merges != "true" and _is_unknown(ref, DOWNLOAD))
    if direct and unsure and not name:
        return None  # There may be others, or the commit is an older version's: either would change it.
    nested = not (name or merges == "true" or direct)
    landed = []
    for each in wanted:
        if each.folders is None:
            return None
        base = posixpath.join(target, each.name or "") if nested else target
        landed += [
            Landed(_folder(f"{base}/{inner}") or "", each.name or "", step.line) for inner in each.folders
        ]
    return landed, [], nested


def _is_wanted(artifact: str, name: str, pattern: str) -> bool:
    return artifact == name if name else not pattern or fnmatchcase(artifact, pattern)


def _folder(path: str | None) -> str | None:
    """Return a folder from the workspace; None for one that is not known, or elsewhere."""
    if path is None or path.startswith(("/", "~")):
        return None
    folder = posixpath.normpath(path.strip("/") or ".")
    return "" if folder == "." else None if folder.startswith("..") else folder


def _signed(step: Step, situation: Situation) -> Iterator[str]:
    """Give the folders in which a step signs files."""
    for text in (_text(step, "inputs", situation) or "").split():
        yield _split(text)[0]


# ---------------------------------------------------------------- steps


def _text(step: Step, name: str, situation: Situation, default: str = "") -> str | None:
    """Return an input's text; None where only a run can tell."""
    value = step.inputs.get(name)
    if value is None or not value.text:
        return default
    text = evaluation.text_value(value.text, situation.contexts) if value.has_expression else value.text
    return text.lower() if text is not None and default in {"true", "false"} else text


def _major(ref: str, action: str) -> int:
    """Return the major version of a ref; the newest where it is not written."""
    known = releases.known(action)
    version = known.version(ref) if known else None
    return version[0] if version else 99


def _is_unknown(ref: str, action: str) -> bool:
    """Tell whether a ref is a commit that the table of releases does not have."""
    known = releases.known(action)
    return bool(_COMMIT.match(ref)) and (known is None or known.version(ref) is None)


def _is_idle_action(action: str) -> bool:
    owner = action.partition("/")[0]
    return action == UPLOAD or action in HARMLESS_ACTIONS or owner in HARMLESS_OWNERS


def _is_idle_script(step: Step) -> bool:
    """Tell whether a script surely moves and makes no files."""
    if step.run is None:
        return False
    script = shell.commands(step.run.text, step.shell.text if step.shell else "")
    return script.complete and all(
        not command.targets
        and (
            (command.program in _IDLE_COMMANDS and all(word.text != "-exec" for word in command.words))
            or (command.program, *(word.text for word in command.arguments[:1])) in _IDLE_CALLS
        )
        for command in script.commands
    )
