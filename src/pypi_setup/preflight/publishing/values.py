"""The values that a step passes to a tool, and what the steps before it left behind.

A value keeps its place, so that a finding can point at it; what it comes to may be known only in a run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from pypi_setup.preflight.syntax import evaluation, expressions, unknowns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.preflight.workflow.loading import Step, Table

ALTERNATIVES_LIMIT = 20
"""What one variable may be instead of the value that was written last."""

NAMED_LIMIT = 100
"""Credentials, settings and variables that steps leave behind, of each kind."""


class Lifetime(str, Enum):
    """How long a credential is good for."""

    LONG = "long"
    """A secret, a variable of the repository, or a text in the file: an API token or a password."""

    SHORT = "short"
    """A step got it by an OIDC exchange."""

    UNKNOWN = "unknown"


class Credential(NamedTuple):
    """A credential that reaches the uploading tool, and that it uses instead of Trusted Publishing."""

    name: str
    """Where it is given: an input, an option, a variable, `.pypirc`, or the key of a setting."""

    lifetime: Lifetime
    file: str
    line: int

    secret: str = ""
    """The name of the secret that it comes from (`PYPI_API_TOKEN`); empty where it comes from no secret."""


_UNTOLD = (Lifetime.UNKNOWN, "")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?\Z", re.ASCII)


class Value(NamedTuple):
    """A value as it is written, with its place."""

    name: str
    text: str
    """May hold expressions."""

    known: bool
    """False where a shell puts something unknown into it."""

    file: str
    line: int
    lifetime: Lifetime = Lifetime.UNKNOWN
    """What is known beforehand, for a value that is not."""

    others: tuple[Value, ...] = ()
    """What it may be instead: this one was set under a condition that only a run can judge."""

    def or_else(self, before: Value | None) -> Value:
        """Return this value, set under a condition, with what stands where the condition fails.

        Behind two such conditions nobody knows whether they leave a way past both: one of them may be the
        other's opposite.
        """
        if before is None:
            return self._replace(others=(Value(self.name, "", known=True, file=self.file, line=self.line),))
        if not before.others:
            return self._replace(others=(before,))
        *between, first = before.others
        unknown = first._replace(text=f"${self.name}", known=False)
        every = (before._replace(others=()), *between, unknown)
        return self._replace(others=every[:ALTERNATIVES_LIMIT])


@dataclass
class State:
    """What the steps so far left behind."""

    variables: dict[str, Value] = field(default_factory=dict)
    """Of GITHUB_ENV."""

    settings: dict[str, Value] = field(default_factory=dict)
    """`program key`, such as `poetry pypi-token.pypi`."""

    pypirc: list[tuple[str, Value]] = field(default_factory=list)
    """The passwords of ~/.pypirc, each with its section; an empty one stands for any."""

    section: str = ""
    """Of ~/.pypirc: the one that was written last."""

    requirements: dict[str, str] = field(default_factory=dict)
    """By program."""

    minting_steps: set[str] = field(default_factory=set)
    """Ids of the steps that got a token by OIDC."""


class Around(NamedTuple):
    """What is around one step."""

    step: Step
    variables: dict[str, Value]
    contexts: Mapping[str, Any]
    minting_steps: frozenset[str]

    def outcomes(self, value: Value) -> tuple[str | unknowns.Unknown, ...]:
        """Return what a value can come to."""
        every = self.alternatives(value)
        return tuple(dict.fromkeys(text for each in every for text in self._outcomes(each)))

    def alternatives(self, value: Value) -> tuple[Value, ...]:
        """Return the value with those that may stand in its place; a shell's `$NAME` is followed."""
        match = None if value.known else _VARIABLE.match(value.text)
        behind = self.variables.get(match[1]) if match else None
        value = behind if behind is not None and behind.others else value
        return (value, *value.others)

    def _outcomes(self, value: Value) -> tuple[str | unknowns.Unknown, ...]:
        if not value.known:
            return (unknowns.UNKNOWN,)
        return evaluation.texts(value.text, self.contexts) if "${{" in value.text else (value.text,)

    def texts(self, value: Value) -> tuple[str | None, ...]:
        """Return what a value can come to; None for what cannot be told."""
        return tuple(text if isinstance(text, str) else None for text in self.outcomes(value))

    def credential(self, value: Value) -> Credential | None:
        """Return the credential that a value is; None for an empty value."""
        if all(text == "" for text in self.texts(value)):
            return None
        every = [
            self._lifetime(each.text, each) if each.known else (each.lifetime, "")
            for each in self.alternatives(value)
        ]
        lifetime, secret = every[0] if len({lifetime for lifetime, _ in every}) == 1 else _UNTOLD
        if lifetime is Lifetime.LONG and any(text == "" for text in self.texts(value)) and value.others:
            lifetime, secret = _UNTOLD
        return Credential(value.name, lifetime, value.file, value.line, secret)

    def _lifetime(self, text: str, value: Value, *, follow: bool = True) -> tuple[Lifetime, str]:
        expression = expressions.whole(text)
        if expression is None:
            return (Lifetime.UNKNOWN if "${{" in text else Lifetime.LONG), ""
        operands = [expression]
        if isinstance(expression, expressions.Operation) and expression.operator == "||":
            operands = list(expression.operands)
        paths = [_path(operand) for operand in operands if not isinstance(operand, expressions.Literal)]
        if paths and all(path[:1] in {("secrets",), ("vars",)} for path in paths):
            return Lifetime.LONG, paths[0][1] if paths[0][0] == "secrets" and len(paths[0]) > 1 else ""
        if paths and all(path[:1] == ("steps",) and path[1:2] for path in paths):
            minted = all(path[1] in self.minting_steps for path in paths)
            return (Lifetime.SHORT if minted else Lifetime.UNKNOWN), ""
        if follow and len(paths) == 1 and paths[0][:1] == ("env",) and paths[0][1:]:
            inner = self.variables.get(paths[0][1])
            if inner is not None and inner.known:
                return self._lifetime(inner.text, inner, follow=False)
        return value.lifetime, ""


def _path(expression: expressions.Expression) -> tuple[str, ...]:
    """Return `secrets.NAME` as ("secrets", "NAME"); empty for anything that is no such path."""
    names: list[str] = []
    while isinstance(expression, expressions.Index):
        if not isinstance(expression.key, expressions.Literal) or not isinstance(expression.key.value, str):
            return ()
        names.append(expression.key.value)
        expression = expression.of
    if not isinstance(expression, expressions.Context):
        return ()
    return (expression.name.lower(), *reversed(names))


def values_of(table: Table) -> dict[str, Value]:
    """Return a table's values by name."""
    return {
        name: Value(name, scalar.text, known=True, file=scalar.file, line=scalar.line)
        for name, scalar in table.entries.items()
    }
