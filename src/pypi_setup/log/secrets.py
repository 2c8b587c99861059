"""Secrets that a log shows although it should not: they are never repeated, and the reader is told. No I/O.

Sources: PyPI's tokens (macaroons with the prefix `pypi-`), GitHub's token formats, RFC 7519 (JWT), RFC 7617.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        "an API token of a package index",
        r"pypi-[A-Za-z0-9_-]{16,4000}",
        "Revoke it in your account settings.",
    ),
    (
        "a token of GitHub",
        r"(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})",
        "Revoke it under GitHub's Settings > Developer settings; one that begins with ghs_ is of the job and "
        "expired with it.",
    ),
    (
        "a JSON web token (JWT)",
        r"eyJ[A-Za-z0-9_-]{8,8000}\.eyJ[A-Za-z0-9_-]{8,16000}(?:\.[A-Za-z0-9_-]{0,8000})?",
        "An OIDC token of a job expires within minutes; still, let no step print one.",
    ),
    (
        "a password in an Authorization header",
        r"(?:(?<=authorization: basic )|(?<=authorization\": \"basic ))[A-Za-z0-9+/]{8,4000}={0,2}",
        "Change the password, or revoke the token, that is in it.",
    ),
    (
        "a password in an address",
        r"(?<=://)[^\s/@:'\"]{1,100}:[^\s/@'\"*]{3,500}(?=@)",
        "Change the password, or revoke the token, that is in it.",
    ),
)
_ONE = re.compile(
    "|".join(f"(?P<k{place}>{pattern})" for place, (_, pattern, _) in enumerate(_KINDS)), re.IGNORECASE
)
_FIRST = tuple(
    (head, re.compile(pattern))
    for head, pattern in (
        (b"pypi-", rb"pypi-[A-Za-z0-9_-]{16}"),
        (b"ghp_", rb"ghp_[A-Za-z0-9]{20}"),
        (b"gho_", rb"gho_[A-Za-z0-9]{20}"),
        (b"ghu_", rb"ghu_[A-Za-z0-9]{20}"),
        (b"ghs_", rb"ghs_[A-Za-z0-9]{20}"),
        (b"ghr_", rb"ghr_[A-Za-z0-9]{20}"),
        (b"github_pat_", rb"github_pat_[A-Za-z0-9_]{20}"),
        (b"eyJ", rb"eyJ[A-Za-z0-9_-]{8,8000}\.eyJ"),
        (b"asic ", rb"[Bb]asic [A-Za-z0-9+/]{8}"),
        (b"@", rb"://[^\s/@:'\"]{1,100}:[^\s/@'\"*]{3,500}@"),
    )
)
"""For each kind what must stand in a block, and then the place where one may begin."""

_STARS = "***"
_MOST = 10


class Found(NamedTuple):
    """That a secret stands in a log, without the secret."""

    kind: str
    line: int
    advice: str

    @property
    def sentence(self) -> str:
        """What to tell the reader."""
        return f"Line {self.line} of the log shows {self.kind}. {self.advice}"


def hidden(text: str) -> str:
    """Return the text with everything that looks like a secret replaced by three stars."""
    return _ONE.sub(_STARS, text)


def found(block: bytes, number: int, fresh: int) -> list[Found]:
    """Return the secrets that begin in the first `fresh` bytes of a block whose first line is line `number`.

    Of each kind and line only one, and of a block at most ten.
    """
    seen: dict[tuple[str, int], Found] = {}
    places = (
        match.start()
        for head, pattern in _FIRST
        if head in block
        for match in islice(pattern.finditer(block, 0, fresh), _MOST)
    )
    for start in sorted(places):
        end = block.find(b"\n", start)
        line_start = block.rfind(b"\n", 0, start) + 1
        text = block[max(line_start, start - 40) : end if end >= 0 else len(block)][:20_000].decode(
            "utf-8", "replace"
        )
        match = _ONE.search(text)
        if match and match.lastgroup and not _is_name(match[0]):
            kind, _, advice = _KINDS[int(match.lastgroup[1:])]
            line = number + block.count(b"\n", 0, start)
            seen.setdefault((kind, line), Found(kind, line, advice))
    return list(seen.values())[:_MOST]


def _is_name(text: str) -> bool:
    """Tell whether it is the name of an action or project rather than a token."""
    return text.lower().startswith("pypi-") and not (re.search(r"\d", text) and re.search(r"[A-Z]", text))
