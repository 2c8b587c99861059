"""What GitHub expects where in a workflow file, and which contexts it offers there: a table and its reader.

The facts are those of GitHub's own schema, in actions/runner (src/Sdk/WorkflowParser/workflow-v1.0.json) and,
where it is newer, in actions/languageservices (workflow-parser/src/workflow-v1.0.json). Of `on`, only
`workflow_call` is read strictly: the list of events grows, and a false alarm costs more than a missed one.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pypi_setup.preflight.syntax import document, expressions
from pypi_setup.preflight.syntax.document import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

PROBLEMS_LIMIT = 20
"""Problems of one file; GitHub itself shows ten."""


class Keys(NamedTuple):
    """One kind of mapping."""

    known: dict[str, Shape]
    required: tuple[str, ...] = ()
    others: Shape | None = None
    """What stands under any other key; None where another key is an error."""

    grows: bool = False
    """Whether GitHub adds keys now and then, so that only a slip of the pen is an error for certain."""


class Shape(NamedTuple):
    """What may stand in one place."""

    words: frozenset[str] | None = frozenset()
    """The texts that may stand here; None for any, empty for no text at all."""

    empty: bool = True
    """Whether the text may be empty."""

    boolean: bool = False
    number: bool = False
    null: bool = False
    item: Shape | None = None
    """What the items of a sequence are; None where a sequence is an error."""

    mappings: tuple[Keys, ...] = ()
    """The kinds of mapping that may stand here; their keys tell which one it is."""

    offers: frozenset[str] = frozenset()
    """Contexts and special functions that are offered here; empty: those of the place around it."""

    anything: bool = False
    """Whether any value may stand here."""


# ---------------------------------------------------------------- the table

_EVERYWHERE = frozenset({"github", "inputs", "vars"})
_NEEDS = _EVERYWHERE | {"needs"}
_MATRIX = _NEEDS | {"strategy", "matrix"}
_RUNNER = _MATRIX | {"steps", "job", "runner", "env"}
_STEP = _RUNNER | {"secrets", "hashfiles()"}
_STATUS = frozenset(f"{name}()" for name in expressions.STATUS_FUNCTIONS)
JOB_IF = _NEEDS | _STATUS
"""What a job's `if` may ask for."""

STEP_IF = _RUNNER | _STATUS | {"hashfiles()"}
"""What a step's `if` may ask for."""

ACTION_IF = _STEP | STEP_IF
"""What an action may ask for anywhere; generously, for GitHub reads actions only when they run."""

ANYTHING = Shape(words=None, anything=True)
"""Any value, without checks of its form."""

ACTION = ANYTHING._replace(offers=ACTION_IF)
"""An action's metadata: only its YAML and its expressions are checked."""


_TEXT = Shape(words=None)
_FILLED = Shape(words=None, empty=False)
_BOOLEAN = Shape(boolean=True)
_NUMBER = Shape(number=True)
_FILLED_LIST = Shape(item=_FILLED)
_FILLED_OR_LIST = Shape(words=None, empty=False, item=_FILLED)


def _text(offers: frozenset[str], *, empty: bool = True) -> Shape:
    return Shape(words=None, empty=empty, offers=offers)


def _one_of(*words: str) -> Shape:
    return Shape(words=frozenset(words))


def _mapping(known: dict[str, Shape], *required: str, offers: frozenset[str] = frozenset()) -> Shape:
    return Shape(mappings=(Keys(known, required),), offers=offers)


def _table(value: Shape, offers: frozenset[str] = frozenset()) -> Shape:
    """Return the shape of a mapping whose keys are names that the author chooses."""
    return Shape(mappings=(Keys({}, (), value),), offers=offers)


_LEVELS = _one_of("read", "write", "none")
_WRITE_OR_NONE = _one_of("write", "none")
_READ_OR_NONE = _one_of("read", "none")
PERMISSIONS = {
    **dict.fromkeys(
        (
            *("actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents"),
            *("deployments", "discussions", "drives", "issues", "packages", "pages", "pull-requests"),
            *("repository-projects", "security-events", "statuses"),
        ),
        _LEVELS,
    ),
    **dict.fromkeys(("copilot-requests", "id-token"), _WRITE_OR_NONE),
    **dict.fromkeys(("models", "vulnerability-alerts"), _READ_OR_NONE),
}
"""The permissions of a job's token, and what each can be."""

_PERMISSIONS = Shape(words=frozenset({"read-all", "write-all"}), mappings=(Keys(PERMISSIONS, grows=True),))
_CONCURRENCY = Keys(
    {"group": _FILLED, "cancel-in-progress": _BOOLEAN, "queue": _one_of("single", "max")}, ("group",)
)
_CREDENTIALS = _mapping({"username": _FILLED, "password": _FILLED}, offers=_MATRIX | {"secrets", "env"})
_CONTAINER_KEYS = {
    "image": _TEXT,
    "options": _TEXT,
    "env": _table(_text(_RUNNER | {"secrets"})),
    "ports": _FILLED_LIST,
    "volumes": _FILLED_LIST,
    "credentials": _CREDENTIALS,
}
_SERVICE = Shape(
    words=None, mappings=(Keys({**_CONTAINER_KEYS, "entrypoint": _TEXT, "command": _TEXT}),), offers=_MATRIX
)
_RUN_DEFAULTS = {"shell": _FILLED, "working-directory": _FILLED}
_LOOSE_MAPPINGS = Shape(item=_table(ANYTHING))

_STRATEGY = _mapping(
    {
        "fail-fast": _BOOLEAN,
        "max-parallel": _NUMBER,
        "matrix": Shape(
            mappings=(
                Keys({"include": _LOOSE_MAPPINGS, "exclude": _LOOSE_MAPPINGS}, (), Shape(item=ANYTHING)),
            )
        ),
    },
    offers=_NEEDS,
)

_STEP_KEYS = {
    "name": _text(_STEP),
    "id": _FILLED,
    "if": _text(STEP_IF),
    "continue-on-error": Shape(boolean=True, offers=_STEP),
    "timeout-minutes": Shape(number=True, offers=_STEP),
    "env": _table(_TEXT, _STEP),
    "background": _BOOLEAN,
}
_RUN_STEP = Keys(
    {**_STEP_KEYS, "run": _text(_STEP), "working-directory": _text(_STEP), "shell": _FILLED}, ("run",)
)
_USES_STEP = Keys({**_STEP_KEYS, "uses": _FILLED, "with": _table(_TEXT, _STEP)}, ("uses",))
_WAITING = {key: _STEP_KEYS[key] for key in ("name", "id", "continue-on-error")}
_INNER_STEP = Shape(mappings=(_RUN_STEP, _USES_STEP))
_ANY_STEP = Shape(
    mappings=(
        _RUN_STEP,
        _USES_STEP,
        Keys({**_WAITING, "wait": _FILLED_OR_LIST}, ("wait",)),
        Keys({**_WAITING, "wait-all": Shape(boolean=True, null=True)}, ("wait-all",)),
        Keys({**_WAITING, "cancel": _FILLED}, ("cancel",)),
        Keys({"parallel": Shape(item=_INNER_STEP)}, ("parallel",)),
    )
)

_JOB_KEYS = {
    "name": _text(_MATRIX),
    "needs": _FILLED_OR_LIST,
    "if": _text(JOB_IF),
    "permissions": _PERMISSIONS,
    "concurrency": Shape(words=None, empty=False, mappings=(_CONCURRENCY,), offers=_MATRIX),
    "strategy": _STRATEGY,
}
_ENVIRONMENT_KEYS = {
    "name": _text(_MATRIX),
    "url": _text(_RUNNER),
    "deployment": _BOOLEAN,
}
_JOB = Shape(
    mappings=(
        Keys(
            {
                **_JOB_KEYS,
                "runs-on": Shape(
                    words=None,
                    empty=False,
                    item=_FILLED,
                    mappings=(Keys({"group": _FILLED, "labels": _FILLED_OR_LIST}),),
                    offers=_MATRIX,
                ),
                "timeout-minutes": Shape(number=True, offers=_MATRIX),
                "cancel-timeout-minutes": Shape(number=True, offers=_MATRIX),
                "continue-on-error": Shape(boolean=True, offers=_MATRIX),
                "container": Shape(words=None, mappings=(Keys(_CONTAINER_KEYS),), offers=_MATRIX),
                "services": _table(_SERVICE, _MATRIX),
                "env": _table(_TEXT, _MATRIX | {"secrets"}),
                "environment": Shape(
                    words=None, mappings=(Keys(_ENVIRONMENT_KEYS, ("name",)),), offers=_MATRIX
                ),
                "outputs": _table(_text(_RUNNER | {"secrets"})),
                "defaults": _mapping({"run": _mapping(_RUN_DEFAULTS, offers=_MATRIX | {"env"})}),
                "steps": Shape(item=_ANY_STEP),
                "snapshot": ANYTHING._replace(offers=_STEP | _STATUS),
            },
            ("runs-on",),
        ),
        Keys(
            {
                **_JOB_KEYS,
                "uses": _FILLED,
                "with": _table(Shape(words=None, offers=_MATRIX)),
                "secrets": Shape(
                    words=frozenset({"inherit"}),
                    mappings=(Keys({}, (), Shape(words=None, offers=_MATRIX | {"secrets"})),),
                ),
            },
            ("uses",),
        ),
    )
)

_WORKFLOW_CALL = Shape(
    null=True,
    mappings=(
        Keys(
            {
                "inputs": _table(
                    _mapping(
                        {
                            "description": _TEXT,
                            "deprecationMessage": _TEXT,
                            "type": _one_of("string", "boolean", "number"),
                            "required": _BOOLEAN,
                            "default": _text(_EVERYWHERE),
                        },
                        "type",
                    )
                ),
                "secrets": _table(
                    Shape(null=True, mappings=(Keys({"description": _TEXT, "required": _BOOLEAN}),))
                ),
                "outputs": _table(
                    _mapping({"description": _TEXT, "value": _text(_EVERYWHERE | {"jobs"})}, "value")
                ),
            }
        ),
    ),
)

WORKFLOW = _mapping(
    {
        "on": Shape(
            words=None, item=_TEXT, mappings=(Keys({"workflow_call": _WORKFLOW_CALL}, (), ANYTHING),)
        ),
        "name": _TEXT,
        "description": _TEXT,
        "run-name": _text(_EVERYWHERE),
        "defaults": _mapping({"run": _mapping(_RUN_DEFAULTS)}),
        "env": _table(_TEXT, _EVERYWHERE | {"secrets"}),
        "permissions": _PERMISSIONS,
        "concurrency": Shape(words=None, mappings=(_CONCURRENCY,), offers=_EVERYWHERE),
        "jobs": _table(_JOB),
    },
    "on",
    "jobs",
)

EVENTS = frozenset(
    {
        "branch_protection_rule",
        "check_run",
        "check_suite",
        "create",
        "delete",
        "deployment",
        "deployment_status",
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "image_version",
        "issue_comment",
        "issues",
        "label",
        "merge_group",
        "milestone",
        "page_build",
        "project",
        "project_card",
        "project_column",
        "public",
        "pull_request",
        "pull_request_comment",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_target",
        "push",
        "registry_package",
        "release",
        "repository_dispatch",
        "schedule",
        "status",
        "watch",
        "workflow_call",
        "workflow_dispatch",
        "workflow_run",
    }
)
"""The events that can start a workflow, as far as they are documented."""

# ---------------------------------------------------------------- the reader

_INSERT = re.compile(r"\$\{\{\s*insert\s*\}\}\s*\Z")


class TooLarge(Exception):
    """The document goes beyond GitHub's limits; what was found before is in the reader's problems."""


@lru_cache(maxsize=1024)
def _remembered_refusal(text: str, offered: frozenset[str]) -> tuple[str, str] | None:
    return _refusal(text, offered)


def _refusal(text: str, offered: frozenset[str]) -> tuple[str, str] | None:
    """Return why GitHub refuses an expression where it offers these names, and a fix; None if it does not."""
    try:
        name = expressions.refused_name(expressions.parse(text), offered)
    except expressions.ExpressionProblem as error:
        return str(error), "Correct the expression"
    if name is None:
        return None
    what = "function" if name.endswith("()") else "context"
    fix = f"Use what it offers here: {', '.join(sorted(offered))}"
    return f"GitHub does not offer the {what} '{name[:80]}' here", fix


class Reader:
    """Compares a document with the table. `problems` holds what GitHub would refuse."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._left = document.NODES_LIMIT

    def report(self, node: yaml.Node | tuple[int, int], message: str, fix: str) -> None:
        """Add a problem at a node (or its line and column), up to PROBLEMS_LIMIT."""
        if len(self.problems) < PROBLEMS_LIMIT:
            line, column = node if isinstance(node, tuple) else document.place(node)
            self.problems.append(Problem(message, fix, self._file, line, column))

    def read(self, node: Any, shape: Shape, offered: frozenset[str] = frozenset(), depth: int = 0) -> None:
        """Compare a node, and all that is in it, with what may stand in its place.

        Raises TooLarge where the document has too many nodes or levels.
        """
        offered = shape.offers or offered
        kind = node.__class__
        if kind is yaml.ScalarNode:
            self._scalar(node, shape, offered)
            return
        # GitHub counts a collection's end, too.
        self._left -= 1 + len(node.value) * (2 if kind is yaml.MappingNode else 1)
        if self._left < 0 or depth >= document.DEPTH_LIMIT:
            self.report(node, "The file has more nodes or levels than GitHub reads", "Nest and repeat less")
            raise TooLarge
        if kind is yaml.MappingNode:
            self._mapping(node, shape, offered, depth + 1)
        elif (item := ANYTHING if shape.anything else shape.item) is None:
            self.report(node, "A sequence was not expected", f"Write {_expected(shape)} here")
        else:
            for child in node.value:
                self.read(child, item, offered, depth + 1)

    def _scalar(self, node: Any, shape: Shape, offered: frozenset[str]) -> None:
        text: str = node.value
        if "${{" in text:
            self.expressions(node, offered)
        elif node.tag not in document.KNOWN_TAGS:
            self._tagged(node)
        elif (shape.words is not None or not (text or shape.empty)) and not _fits(node, shape):
            shown = text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 a line's width
            self.report(node, f"Unexpected value '{shown}'", f"Write {_expected(shape)} here")

    def _tagged(self, node: Any) -> None:
        try:
            document.value_of(node)
        except ValueError as error:
            self.report(node, str(error), "Remove the tag")

    def expressions(self, node: Any, offered: frozenset[str]) -> None:
        """Check the `${{ expressions }}` of a text."""
        if not offered:
            self.report(
                node, "An expression is not allowed here", "Write a fixed value: GitHub evaluates none here"
            )
            return
        try:
            for text in expressions.sources(node.value):
                self.expression(node, text, offered)
        except expressions.ExpressionProblem as error:
            self.report(node, str(error), "Correct the expression")

    def expression(self, node: Any, text: str, offered: frozenset[str]) -> None:
        """Check one expression, and that GitHub offers the contexts and functions in it at this place."""
        refusal = (_remembered_refusal if len(text) <= expressions.SHORT else _refusal)(text, offered)
        if refusal:
            self.report(node, *refusal)

    def _mapping(self, node: Any, shape: Shape, offered: frozenset[str], depth: int) -> None:
        kinds: Sequence[Keys] = (_ANY_KEYS,) if shape.anything else shape.mappings
        if not kinds:
            self.report(node, "A mapping was not expected", f"Write {_expected(shape)} here")
            return
        seen: set[str] = set()
        open_ended = False
        for key, child in node.value:
            name = key.value
            if key.__class__ is not yaml.ScalarNode:
                self.report(key, "A key must be a text", "Write a name as the key")
            elif "${{" in name:
                open_ended = True
                self._expression_key(key, offered)
                self.read(child, kinds[0].others or ANYTHING, offered, depth)
            elif (folded := name.lower()) in seen:
                self.report(key, f"'{name[:80]}' is already defined", "Keep one of the two")
            else:
                seen.add(folded)
                if len(kinds) > 1:
                    kinds = [kind for kind in kinds if name in kind.known] or kinds
                expected = kinds[0].known.get(name) or kinds[0].others
                if expected is None:
                    self._unexpected(key, kinds)
                elif not _is_plainly_right(child, expected):
                    self.read(child, expected, offered, depth)
        if not open_ended:
            self._complete(node, kinds, seen)

    def _expression_key(self, key: Any, offered: frozenset[str]) -> None:
        """Check a key with `${{ }}`: an expression, or the word `insert`, which adds an object's keys."""
        if not (offered and _INSERT.match(key.value)):
            self.expressions(key, offered)

    def _unexpected(self, key: Any, kinds: Sequence[Keys]) -> None:
        """Report a key that GitHub does not know at its place."""
        if len(self.problems) >= PROBLEMS_LIMIT:
            return  # Looking for what was meant takes time.
        name: str = key.value[:80]
        known = sorted({other for kind in kinds for other in kind.known})
        message = f"Unexpected key '{name}'"
        dashed = name.replace("_", "-")
        if name == "<<":
            self.report(
                key, "GitHub knows no merge keys ('<<')", "Repeat the keys, or alias the whole mapping"
            )
        elif dashed in PERMISSIONS and "permissions" in known:
            self.report(key, message, f"Write '{dashed}:' under 'permissions:'")
        elif close := difflib.get_close_matches(dashed, known, 1, 0.75):
            self.report(key, message, f"Write '{close[0]}' instead")
        elif not kinds[0].grows:
            self.report(key, message, f"Remove it, or write one of: {', '.join(known)}")

    def _complete(self, node: Any, kinds: Sequence[Keys], present: set[str]) -> None:
        """Check that the keys tell which kind of mapping it is, and that none is missing."""
        if len(kinds) > 1:
            needed = " or ".join(f"'{name}'" for kind in kinds[:2] for name in kind.required)
            self.report(node, f"One of the keys {needed} is missing", "Add the one that is meant")
        for name in kinds[0].required if len(kinds) == 1 else ():
            if name not in present:
                self.report(node, f"The key '{name}' is missing", f"Add '{name}:'")


def _is_plainly_right(node: Any, shape: Shape) -> bool:
    """Tell whether a node needs no closer look: text without expressions, where any text may stand."""
    return (
        node.__class__ is yaml.ScalarNode
        and shape.words is None
        and bool(node.value)
        and node.tag in document.KNOWN_TAGS
        and "${{" not in node.value
    )


_ANY_KEYS = Keys({}, (), ANYTHING)


def _fits(node: yaml.ScalarNode, shape: Shape) -> bool:
    """Tell whether a scalar may stand here, by its value or by its text."""
    scalar = document.scalar(node, "")
    value = scalar.value
    if isinstance(value, bool) and shape.boolean:
        return True
    if isinstance(value, float) and shape.number:
        return True
    if value is None and shape.null:
        return True
    if shape.words is None:
        return bool(scalar.text) or shape.empty
    return scalar.text in shape.words


def _expected(shape: Shape) -> str:
    """Say in words what may stand in a place."""
    kinds: list[str] = []
    if shape.words is None:
        kinds.append("a text")
    elif shape.words:
        kinds.append(" or ".join(sorted(shape.words, reverse=True)))
    if shape.boolean:
        kinds.append("true or false")
    if shape.number:
        kinds.append("a number")
    if shape.item is not None:
        kinds.append("a list")
    if shape.mappings:
        known = sorted({name for kind in shape.mappings for name in kind.known})
        kinds.append(f"a mapping ({', '.join(known)})" if known else "a mapping")
    return ", or ".join(kinds)
