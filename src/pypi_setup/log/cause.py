"""One cause: the exact texts that people see, and what they mean. No I/O.

A text is a template: `{file}` and its like are holes. What a log is searched for, and what the documentation
shows, both come from it, so that they cannot differ. Back quotes are left out of both when they are compared,
and letter case and the kind of white space do not count: logs are wrapped, boxed and copied.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.about import PROJECT_URL
from pypi_setup.values.explanation import Blame

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = f"{PROJECT_URL}/blob/main/docs/troubleshooting.md"
"""The documentation of all causes, written from their table."""


class Cause(NamedTuple):
    """A known error, why it happens and what to do."""

    rule: str
    """Its stable name, which is its anchor in the documentation too."""

    texts: tuple[str, ...]
    """What people see, as templates, the newest wording first."""

    tools: str
    """What prints it, and the versions where they matter."""

    cause: str
    """Why it happens. May have the holes of the texts."""

    fix: str
    """What to do next. May have the holes of the texts."""

    blame: Blame = Blame.YOURS
    check: str = ""
    """The rule of the check that finds the same before a release; empty if none does."""

    link: str = ""
    """Where to read more, or the service's status page."""

    generic: bool = False
    """It says only that something failed: any other cause comes first."""

    aside: bool = False
    """It fails nothing by itself: it leads only where a log has nothing else to say."""

    context: tuple[str, ...] = ()
    """Words of which a longer log must have one, because the texts alone could be of another program."""

    unless: tuple[str, ...] = ()
    """Words that, soon after the text, say that it did no harm."""

    @property
    def url(self) -> str:
        """The cause's section in the documentation."""
        return f"{PAGE}#{self.rule}"

    @property
    def examples(self) -> tuple[str, ...]:
        """The texts as a log could have them: the holes are filled with usual values."""
        return tuple(text.format_map(_EXAMPLES) for text in self.texts)


class Hole(NamedTuple):
    """What can stand in a template's hole."""

    example: str
    pattern: str
    """A regular expression with a bounded length."""

    words: str
    """What to say where the text that was found has no such hole."""


_ANY = r".{1,300}?"
_NAME = r"[^\s'\"`]{1,250}"

HOLES: dict[str, Hole] = {
    "action": Hole("pypa/gh-action-pypi-publish", r"[^\s@'\"`]{1,200}", "the action"),
    "archive": Hole("sample-1.0.tar.gz", _NAME, "the file"),
    "artifact": Hole("dist", r"[^\s'\"`]{1,200}", "the artifact"),
    "attestation": Hole("sample-1.0.tar.gz.publish.attestation", _NAME, "the attestation"),
    "branch": Hole("main", _NAME, "the branch"),
    "called": Hole(
        "https://github.com/octo-org/sample/.github/workflows/release.yml@refs/heads/main",
        _NAME,
        "the caller",
    ),
    "claim": Hole("sub", r"\w{1,60}", "a claim"),
    "classifier": Hole("License-Expression :: MIT", r"[^'\"]{1,250}", "the classifier"),
    "code": Hole("503", r"\d{3}", "an error status"),
    "days": Hole("14", r"\d{1,4}", "14"),
    "detail": Hole("Bad Gateway", _ANY, "no reason was given"),
    "domain": Hole("pypi.example.org", r"[\w.:-]{1,250}", "the index"),
    "environment": Hole("pypi", r"[^'\"`]{1,255}?", "the environment"),
    "expected": Hole("sample_project-1.0.tar.gz", r"[^'\"]{1,250}", "the name it should have"),
    "field": Hole("license-file", r"[\w -]{1,60}?", "a field"),
    "fields": Hole("Name, Version", r"[\w, -]{1,200}?", "Name, Version"),
    "file": Hole("sample-1.0-py3-none-any.whl", _NAME, "the file"),
    "folder": Hole("dist", _NAME, "the folder"),
    "hash": Hole("5a7bbaef", r"[^'\")]{1,200}", "a hash"),
    "host": Hole("upload.pypi.org", r"[\w.-]{1,250}", "the host"),
    "id": Hole("6733eb7d741f0b11ec6a39b58540dab7590f9b7d", r"[0-9a-f]{40}", "the commit"),
    "image": Hole("octo-org/sample:v1.4.0", r"[^\s'\"]{1,250}", "an image"),
    "index": Hole("https://upload.pypi.org/legacy/", _NAME, "the index"),
    "job": Hole("publish", r"[^'\"]{1,200}?", "the publishing job"),
    "length": Hole(
        "cef2210092ed1bacb1cc03d23a2d87d1d172e277b", r"(?:[0-9a-f]{41,64}|[0-9a-f]{30,39})", "the SHA"
    ),
    "limit": Hole("100", r"[\d.]{1,12}", "the limit"),
    "line": Hole("12", r"\d{1,6}", "?"),
    "module": Hole("twine", r"[\w.-]{1,100}?", "the module"),
    "names": Hole("a username and a password", r"[a-z ]{1,80}?", "credentials"),
    "number": Hole("1", r"\d{1,9}", "a number"),
    "place": Hole("octo-org/sample", r"[\w./-]{1,200}", "this repository"),
    "platform": Hole("linux_x86_64", r"[\w.-]{1,100}", "that platform"),
    "project": Hole("sample", r"[\w.-]{1,200}", "the project"),
    "reason": Hole("Publisher with matching claims was not found", r"[^\"]{1,400}?", "no reason was given"),
    "ref": Hole("v1.0", _NAME, "the ref"),
    "registered": Hole("release.yml @ octo-org/sample", r"[^)]{1,250}?", "the registered workflow"),
    "status": Hole("500 Internal Server Error", r"\d{3}[\w ]{0,60}?", "an error status"),
    "text": Hole("the value", r"[^'\"]{1,300}?", "the value"),
    "trigger": Hole("pull_request_target", r"\w{1,60}", "the event"),
    "url": Hole("https://upload.pypi.org/legacy/", r"[^\s'\"`]{1,400}", "the address"),
    "user": Hole("octocat", r"[\w.-]{1,100}", "the user"),
    "version": Hole("1.0", r"[^\s'\"`]{1,150}", "this version"),
    "workflow": Hole(".github/workflows/release.yml", r"[^\s'\"`,]{1,250}", "the workflow"),
}
"""All holes that texts have."""


class _Examples(dict[str, str]):
    """The usual values of the holes; `{file2}` is another hole of the kind `{file}`."""

    def __missing__(self, name: str) -> str:
        return HOLES[_kind(name)].example


_EXAMPLES = _Examples()


class _Filling(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return HOLES[_kind(name)].words


def filled(text: str, found: Mapping[str, str]) -> str:
    """Return a cause's sentence with its holes filled by what the log said, else by plain words."""
    return text.format_map(_Filling(found))


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


class Pattern(NamedTuple):
    """One text of a cause, ready to be searched for."""

    cause: Cause
    expression: re.Pattern[str]
    """Matches cleaned text in lower case (see lines.py). Linear: every repetition in it is bounded."""

    words: frozenset[bytes]
    """Words, in lower case, that all stand in every text that matches."""

    rarest: bytes
    """That one of them which logs about something else have least."""


@cache
def patterns(cause: Cause) -> tuple[Pattern, ...]:
    """Return what to search a log for."""
    return tuple(_pattern(cause, text) for text in cause.texts)


def _pattern(cause: Cause, text: str) -> Pattern:
    literals = (literal + (_HOLE if name else "") for literal, name, _, _ in Formatter().parse(text))
    words = [word.lower() for word in _WORD.findall("".join(literals))]
    rarest = max(words, key=lambda word: ("-" in word.strip("-") or "_" in word, len(word)))
    return Pattern(cause, _expression(text), frozenset(map(str.encode, words)), rarest.encode())


def _expression(text: str) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    for literal, name, _, _ in Formatter().parse(text):
        parts.append(_literal(literal, after=parts[-1] if parts else ""))
        if name is not None:
            hole = HOLES[_kind(name)].pattern
            parts.append(f"(?:{hole})" if name in seen else f"(?P<{name}>{hole})")
            seen.add(name)
    return re.compile("".join(parts))


def _literal(text: str, after: str) -> str:
    """Return the expression of a text without holes: any quotes stand for any others, or are lost.

    Only a quote that ends a hole which takes as little as it can must be there.
    """
    text = text.lower().replace("`", "")
    end = ""
    if after.endswith("?)") and text[:1] in {"'", '"'}:
        end, text = f"[{_QUOTES}]", text[1:]
    words = (re.escape(word) for word in text.split(" "))
    return end + re.sub("['\"]", f"[{_QUOTES}]?", " ".join(words))


_QUOTES = "'\"\u2018\u2019\u201c\u201d"
_HOLE = "\0"
_WORD = re.compile(rf"(?<![\w{_HOLE}-])[A-Za-z0-9_-]+(?![\w{_HOLE}-])", re.ASCII)
"""A word that touches no hole: in a log it stands as it is."""
