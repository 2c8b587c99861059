"""One YAML document as nodes with places, read as GitHub reads it and within its limits.

GitHub resolves plain scalars by YAML 1.2's core schema (`on` and `yes` are texts), knows anchors and aliases
but no merge keys, and refuses custom tags and a second document. Source: actions/runner,
src/Sdk/WorkflowParser/Conversion/YamlObjectReader.cs and ParseOptions.cs.
"""

from __future__ import annotations

import math
import operator
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pypi_setup.preflight.syntax.expressions import number_text

SIZE_LIMIT = 1024 * 1024
"""Characters of one file, GitHub's limit."""

DEPTH_LIMIT = 50
"""Mappings and sequences inside of each other, GitHub's limit."""

NODES_LIMIT = 50_000
"""Nodes of one file, those of an alias counted wherever it stands, GitHub's limit."""

PLAIN = "plain"
"""The tag of a plain scalar without a tag: its text decides its type."""

_UNTAGGED = "untagged"
_TAG = "tag:yaml.org,2002:"
_TYPES = {f"{_TAG}bool": bool, f"{_TAG}float": float, f"{_TAG}int": float, f"{_TAG}null": type(None)}

KNOWN_TAGS = frozenset({PLAIN, _UNTAGGED})
"""The tags of scalars that carry none in the file."""

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((f"{sign}.{word}" for sign in ("", "+") for word in ("inf", "Inf", "INF")), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,8}\Z")
_OCTAL = re.compile(r"0o[0-7]{1,11}\Z")


class Scalar(NamedTuple):
    """One scalar of a file, with its place."""

    value: str | bool | float | None
    """The value that GitHub sees: quoted and block scalars are text, plain ones follow YAML 1.2's core."""

    text: str
    """The value as the text that GitHub hands on: `3.10` without quotes is `3.1`, `~` is empty."""

    file: str
    """Path from the repository's root."""

    line: int
    """From 1."""

    column: int
    """From 1."""

    style: str = ""
    """How it is written: empty for plain, or one of `'`, `"`, `|`, `>`."""

    @property
    def has_expression(self) -> bool:
        """Tell whether a part of the text is `${{ an expression }}`."""
        return "${{" in self.text

    def line_of(self, index: int) -> int:
        """Return the line in the file where line `index` (from 0) of the text stands.

        Exact for block literals (`|`); for folded and flow scalars the line where the text begins.
        """
        if self.style == "|":
            return self.line + 1 + index
        return self.line + (self.style == ">")


class Problem(NamedTuple):
    """Something for which GitHub refuses to load the file."""

    message: str
    fix: str
    file: str
    line: int
    column: int = 1


class Unreadable(ValueError):
    """Bytes that are no YAML document; the message says why."""

    def __init__(self, message: str, fix: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.fix = fix
        self.line = line
        self.column = column


if TYPE_CHECKING:
    from yaml import CBaseLoader as _Base
else:
    _Base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Composer(_Base):
    """libyaml's composer, which leaves the type of a plain scalar open."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 libyaml calls it
        """Return the tag of a node that has none."""
        return PLAIN if kind is yaml.ScalarNode and implicit[0] else _UNTAGGED

    # libyaml calls these for every node: no tag depends on the place in the document, so they do nothing.
    descend_resolver = staticmethod(operator.is_)  # type: ignore[assignment]  # a builtin is fast
    ascend_resolver = staticmethod(bool)  # type: ignore[assignment]  # a builtin is fast


def compose(data: bytes) -> yaml.Node | None:
    """Return the root node of the document that these bytes are; None for an empty one.

    An alias is the very node of its anchor, so a document may hold itself: whoever walks it keeps DEPTH_LIMIT
    and NODES_LIMIT. The tag of a scalar is PLAIN, or says that it is text, or is an explicit one.

    Raises Unreadable for bytes that are no YAML document, or too large a one.
    """
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            "The file is larger than 1 MiB, GitHub's limit", "Split it, or move scripts to files"
        )
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        if yaml.__with_libyaml__ and not _is_suspicious(text):
            try:
                root: yaml.Node | None = _Composer(text).get_single_node()
            except yaml.composer.ComposerError:
                pass  # It refuses an anchor's second definition, which YAML and GitHub allow.
            else:
                return root
        return _Tree(text).root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(filter(None, [error.context, error.problem]))
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unreadable(f"Not YAML: {words}", "Correct the YAML syntax at this line", *place) from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        reason = str(getattr(error, "reason", error))
        raise Unreadable(f"Not YAML: {reason}", "Remove the control characters", line) from None


def _is_suspicious(text: str) -> bool:
    """Tell whether composing could take more than a moment, or exhaust the stack of libyaml's recursion.

    A level of nesting takes a bracket, or a column of its own at the beginning of a line.
    """
    return (
        len(text) > _LARGE
        or text.count("[") + text.count("{") > _DEEP
        or max(map(len, text.splitlines()), default=0) > _DEEP
    )


_LARGE = 2 * NODES_LIMIT
"""Characters that cannot hold more nodes than GitHub's limit."""

_DEEP = 1000
"""Levels that any thread's stack bears."""


class _Tree:
    """Composes without recursion, and stops at the first node that is too deep or too much."""

    def __init__(self, text: str) -> None:
        self.root: yaml.Node | None = None
        self._anchors: dict[str, yaml.Node] = {}
        self._parents: list[yaml.CollectionNode] = []
        self._keys: list[yaml.Node | None] = []
        self._nodes = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            if isinstance(event, yaml.NodeEvent):
                self._add(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._parents.pop()
                self._keys.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                raise _refused(event, "a second document", "Remove it: a workflow is one document")

    def _add(self, event: yaml.NodeEvent) -> None:
        """Add a node to the collection that is open."""
        node = self._node(event)
        self._nodes += 1
        if self._nodes > NODES_LIMIT:
            raise _refused(event, f"more than {NODES_LIMIT} nodes", "Split the file")
        if not self._parents:
            self.root = node
        elif isinstance(self._parents[-1], yaml.SequenceNode):
            self._parents[-1].value.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            self._parents[-1].value.append((self._keys[-1], node))
            self._keys[-1] = None
        if isinstance(event, yaml.CollectionStartEvent):
            self._parents.append(node)
            self._keys.append(None)
            if len(self._parents) > DEPTH_LIMIT:
                raise _refused(event, f"more than {DEPTH_LIMIT} levels", "Nest less")

    def _node(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _refused(
                    event, f"unknown anchor '{event.anchor}'", "Define the anchor (&) above its alias (*)"
                )
            return self._anchors[event.anchor]
        start, end = event.start_mark, event.end_mark
        node: yaml.Node
        if isinstance(event, yaml.ScalarEvent):
            untagged = PLAIN if event.implicit[0] else _UNTAGGED
            tag = untagged if event.tag in {None, "!"} else event.tag
            node = yaml.ScalarNode(tag, event.value, start, end, style=event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = yaml.SequenceNode(_UNTAGGED, [], start, end)
        else:
            node = yaml.MappingNode(_UNTAGGED, [], start, end)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


def _refused(event: yaml.Event, what: str, fix: str) -> Unreadable:
    return Unreadable(f"Not YAML as GitHub reads it: {what}", fix, *place(event))


def place(node: Any) -> tuple[int, int]:
    """Return the line and the column (both from 1) where a node begins."""
    mark = node.start_mark
    return mark.line + 1, mark.column + 1


def value_of(node: yaml.ScalarNode) -> str | bool | float | None:
    """Return a scalar's value by YAML 1.2's core schema.

    Raises ValueError for a tag that GitHub does not support, or that the text does not fit.
    """
    text: str = node.value
    if node.tag == PLAIN:
        return _resolved(text)
    wanted = _TYPES.get(node.tag)
    if wanted is None:
        if node.tag not in {_UNTAGGED, f"{_TAG}str"}:
            raise ValueError(f"GitHub knows no tag '{node.tag}'")
        return text
    value = _resolved(text)
    if type(value) is not wanted or node.style:
        raise ValueError(f"The value '{text}' does not fit its tag")
    return value


def _resolved(text: str) -> str | bool | float | None:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.match(text):
        return float(text)
    if _HEX.match(text):
        return float(int(text, 16))
    return float(int(text, 8)) if _OCTAL.match(text) else text


_MAY_BE_TYPED = frozenset("0123456789+-.~nNtTfF")
"""What a plain scalar begins with that is not text."""


def scalar(node: yaml.ScalarNode, file: str) -> Scalar:
    """Return a scalar node as a value with its place; one with a wrong tag is text."""
    text: str = node.value
    mark = node.start_mark
    value: str | bool | float | None = text
    if node.tag != _UNTAGGED and (not text or text[0] in _MAY_BE_TYPED):
        with suppress(ValueError):
            value = value_of(node)
        text = _text(value)
    return Scalar(value, text, file, mark.line + 1, mark.column + 1, node.style or "")


def _text(value: str | bool | float | None) -> str:  # noqa: FBT001 a value, not a flag
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return value or ""
