"""What an upload token tells of its own scope, read from its caveats. No I/O; the token is never shown.

PyPI's tokens are macaroons: `pypi-` and, in base64, version 2 of libmacaroons' binary format
(github.com/rescrv/libmacaroons, doc/format.txt). Their caveats lie open, each a JSON list with a tag first
(warehouse/macaroons/caveats). A token minted by OIDC holds the ids of all projects of the publisher that
matched (warehouse/oidc/views.py, mint_token), in no public relation to their names: so the token tells how
many projects it covers, and which only where an index writes names. Signatures are not checked here: that is
the business of whoever takes the token.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.publisher import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZE_LIMIT = 64 * 1024
_VERSION = 2
_END, _IDENTIFIER = 0, 2  # Types of a field; location, verification id and signature tell nothing here.
_PROJECT_NAMES, _PROJECT_IDS = 1, 2  # Tags of caveats.
_VARINT_BITS = 28


class Scope(NamedTuple):
    """What a token covers, as far as it tells."""

    projects: int | None = None
    """How many projects; None where it does not say."""

    covers: bool | None = None
    """Whether the project asked for is among them; None where it does not say."""


def scope(token: str, project: str) -> Scope:
    """Return what an upload token says of its projects, and of this one (any spelling). Never raises."""
    prefix, _, text = token.partition("-")
    if prefix != "pypi" or len(token) > _SIZE_LIMIT:
        return Scope()
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        caveats = [json.loads(caveat) for caveat in _caveats(data)]
    except (ValueError, IndexError, RecursionError):
        return Scope()
    names, ids = _told(caveats, _PROJECT_NAMES), _told(caveats, _PROJECT_IDS)
    covers = None if names is None else normalized(project) in names
    counted = [len(each) for each in (names, ids) if each is not None]
    if 0 in counted:  # Each caveat restricts what the others leave.
        return Scope(0, covers=False)
    return Scope(min(counted, default=None), covers)


def _told(caveats: list[object], tag: int) -> frozenset[str] | None:
    """Return the projects that all caveats with this tag have in common; None where there is none."""
    told = [
        frozenset(each for each in caveat[1] if isinstance(each, str))
        for caveat in caveats
        if isinstance(caveat, list) and len(caveat) > 1 and caveat[0] is not True and caveat[0] == tag
        if isinstance(caveat[1], list)
    ]
    return frozenset.intersection(*told) if told else None


def _caveats(data: bytes) -> Iterator[bytes]:
    """Yield the identifiers of a macaroon's caveats.

    Raises ValueError or IndexError for what is no macaroon of this version.
    """
    if data[0] != _VERSION:
        raise ValueError("another version")
    position, identifiers, sections = 1, [b""][:0], 0
    while True:
        kind, position = _number(data, position)
        if kind != _END:
            size, position = _number(data, position)
            if position + size > len(data):
                raise ValueError("cut off")
            if kind == _IDENTIFIER:
                identifiers.append(data[position : position + size])
            position += size
        elif sections and not identifiers:
            return  # An empty section ends the caveats; the signature follows.
        else:
            if sections:  # The first one is the macaroon's own head.
                yield from identifiers
            identifiers, sections = [], sections + 1


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Return the variable-length integer at a position, and the position behind it."""
    value = 0
    for shift in range(0, _VARINT_BITS, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, position
    raise ValueError("a number too long")
