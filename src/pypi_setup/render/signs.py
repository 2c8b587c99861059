"""The signs of our texts in ASCII, for a terminal or a file that cannot hold them."""

from __future__ import annotations

import codecs

ERRORS = "pypi-setup-signs"
"""The name by which a stream is told to write what it cannot hold like this (`errors` of `open`)."""

_SIGNS = {"✓": "+", "✗": "x", "→": ">", "…": "...", "│": "|"}


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding does not have: ours by a sign, others by number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    known = (_SIGNS.get(each) or each.encode("ascii", "backslashreplace").decode() for each in missing)
    return "".join(known), error.end


codecs.register_error(ERRORS, in_ascii)
