"""What GitHub answered before, in a folder that can be thrown away: what is unchanged costs no request limit.

GitHub's answers carry an ETag; asked with it, an unchanged document is answered with 304 (GitHub's REST
reference, "conditional requests"). So nothing here is believed without GitHub's word. No token is kept.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE_LIMIT = 1024 * 1024
"""Bytes of an answer that is kept."""

_TAG_LIMIT = 200


class Kept(NamedTuple):
    """An answer."""

    tag: str = ""
    """Its ETag; empty where none is kept."""

    body: bytes = b""


class Remembered:
    """The answers in a folder. What cannot be written or read there is as if it had never been."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, url: str) -> Kept:
        """Return what is kept of this address."""
        with suppress(OSError, UnicodeDecodeError), self._file(url).open("rb") as file:
            tag, body = file.readline(_TAG_LIMIT), file.read(SIZE_LIMIT + 1)
            if tag.endswith(b"\n") and len(body) <= SIZE_LIMIT:
                return Kept(tag.strip().decode("ascii"), body)
        return Kept()

    def keep(self, url: str, tag: str, body: bytes) -> None:
        """Keep an answer, unless it is too long."""
        if not tag.isascii() or not tag.isprintable() or len(tag) >= _TAG_LIMIT or len(body) > SIZE_LIMIT:
            return
        file = self._file(url)
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = file.with_suffix(f".{os.getpid()}")
            part.write_bytes(tag.encode() + b"\n" + body)
            part.replace(file)

    def _file(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()


def usual(environ: Mapping[str, str]) -> Remembered | None:
    """Return the user's own: in the cache folder of the XDG specification; none where there is no home."""
    base = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME", ""), ".cache")
    return Remembered(Path(base, "pypi-setup", "github")) if os.path.isabs(base) else None
