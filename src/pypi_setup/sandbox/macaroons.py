"""Upload tokens in the form that PyPI's have: macaroons, with their caveats to be read by anybody.

Sources: warehouse/macaroons/services.py (create_macaroon), warehouse/oidc/views.py (mint_token), and
doc/format.txt of github.com/rescrv/libmacaroons (version 2, binary). The embedded index looks its tokens up
and checks no signature, so the signature is made up.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = b"\x02"
_END = b"\x00"
_LOCATION, _IDENTIFIER, _SIGNATURE = 1, 2, 6


def macaroon(location: str, identifier: str, caveats: Iterable[object]) -> str:
    """Return a token with these caveats."""
    sections = [_field(_LOCATION, location.encode()) + _field(_IDENTIFIER, identifier.encode())]
    for caveat in caveats:
        text = json.dumps(caveat, sort_keys=True, separators=(",", ":"))
        sections.append(_field(_IDENTIFIER, text.encode()))
    signature = _field(_SIGNATURE, secrets.token_bytes(32))
    data = _VERSION + b"".join(section + _END for section in sections) + _END + signature
    return f"pypi-{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


def _field(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + _length(len(content)) + content


def _length(size: int) -> bytes:
    """Return a number in seven bits a byte, the lowest first; the highest bit says that more follow."""
    low, rest = size & 0x7F, size >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + _length(rest)
