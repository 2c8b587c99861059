"""Patterns of branch and tag names, and whether one name can match two of them.

Two dialects: the filters of `on` (GitHub's workflow syntax, "Filter pattern cheat sheet"), and the deployment
rules of an environment (Ruby's File.fnmatch, where a wildcard does not match a slash). What a dialect leaves
open is read as the wider one, so "no" is certain and "yes" is not.
"""

from __future__ import annotations

from typing import NamedTuple

LENGTH_LIMIT = 255
"""Characters of a pattern; what is longer can match anything."""

STATES_LIMIT = 3000
"""Steps of one comparison; what takes more is taken for a match."""

_OTHER = "\u00e9"  # Stands for every character outside of ASCII.
_ANY = frozenset(map(chr, range(0x21, 0x7F))) | {_OTHER}
_NO_SLASH = _ANY - {"/"}


class _Atom(NamedTuple):
    """A place in a pattern: one of these characters, and whether it may be missing or repeated."""

    characters: frozenset[str]
    optional: bool = False
    repeated: bool = False


Pattern = tuple[_Atom, ...]

_EVERYTHING = (_Atom(_ANY, optional=True, repeated=True),)


def of_filter(text: str) -> Pattern:
    """Return the pattern of a filter of `on` (without a leading `!`)."""
    return _pattern(text, {"+": (False, True), "?": (True, False)})


def of_rule(text: str) -> Pattern:
    """Return the pattern of a deployment rule."""
    return _pattern(text, {})


def overlap(one: Pattern, other: Pattern) -> bool:
    """Tell whether a name can match both; False is certain."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        at, beside = place
        if place == (len(one), len(other)) or len(seen) > STATES_LIMIT:
            return True
        left = one[at] if at < len(one) else None
        right = other[beside] if beside < len(other) else None
        if left and left.optional:
            waiting.append((at + 1, beside))
        if right and right.optional:
            waiting.append((at, beside + 1))
        if left and right and not left.characters.isdisjoint(right.characters):
            afters = [at + 1, at] if left.repeated else [at + 1]
            besides = [beside + 1, beside] if right.repeated else [beside + 1]
            waiting.extend((after, next_to) for after in afters for next_to in besides)
    return False


def _pattern(text: str, suffixes: dict[str, tuple[bool, bool]]) -> Pattern:
    """Read a pattern; `suffixes` change the atom before them (optional, repeated)."""
    if len(text) > LENGTH_LIMIT:
        return _EVERYTHING
    atoms: list[_Atom] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character == "*":
            stars = len(text) - at - len(text[at:].lstrip("*"))
            at += stars
            any_depth = stars > 1 and (bool(suffixes) or text[at : at + 1] == "/")
            if stars > 1 and text[at : at + 1] == "/":
                at += 1  # `**/` may stand for no folder at all.
            atoms.append(_Atom(_ANY if any_depth else _NO_SLASH, optional=True, repeated=True))
            continue
        if character in suffixes and atoms:
            optional, repeated = suffixes[character]
            last = atoms[-1]
            atoms[-1] = last._replace(optional=last.optional or optional, repeated=last.repeated or repeated)
        elif character == "?" and not suffixes:
            atoms.append(_Atom(_NO_SLASH))
        elif character == "[":
            end = text.find("]", at + 2)
            if end < 0:
                return (*atoms, *_EVERYTHING)
            atoms.append(_Atom(_class(text[at + 1 : end])))
            at = end
        else:
            at += character == "\\"
            atoms.append(_Atom(_one(text[at : at + 1])))
        at += 1
    return tuple(atoms)


def _class(inner: str) -> frozenset[str]:
    """Return the characters that a class in brackets holds."""
    negated = inner[0] in "^!"
    inner = inner[negated:]
    found: set[str] = set()
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            low, high = inner[at], inner[at + 2]
            found.update(character for character in _ANY if low <= character <= high)
            at += 3
        else:
            found |= _one(inner[at])
            at += 1
    if any(not character.isascii() for character in inner):
        return _NO_SLASH
    return (_NO_SLASH - found) if negated else frozenset(found)


def _one(character: str) -> frozenset[str]:
    return frozenset(character) if character.isascii() else frozenset(_OTHER)
