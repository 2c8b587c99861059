"""What is quoted from PyPI is what its server said: each quotation is in the recorded exchanges."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.values import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "src/pypi_setup").rglob("*.py") if "sandbox" not in path.parts)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXCHANGES: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests/data/pypi-contract.jsonl").read_text("utf-8").splitlines()
]

UPLOAD = {
    "Non-user identities cannot create new projects",
    "Non-user identities cannot create new projects. This was probably caused by successfully using a "
    "pending publisher but specifying the project name incorrectly (either in the publisher or in your "
    "project's metadata)",
    "Invalid attestations supplied during upload: Could not verify the uploaded artifact using the included "
    "attestation",
    "Could not verify the uploaded artifact using the included attestation",
    "File already exists",
    "The use of local versions in '…' is not allowed",
    "unsupported platform tag",
    "License-File … does not exist",
    "'License-Expression :: MIT' is not a valid classifier",
    "Binary wheel 'sample-1.4.0-cp314-cp314-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'",
}
"""What PyPI says to an upload (warehouse/forklift/legacy.py, warehouse/attestations): not recorded."""

ACTION = {
    "Attestation generation failure: The following distributions already have publish attestations",
    "InvalidDistribution: Unknown distribution format: '….sigstore.json'",
    "It looks like there are no Python distribution packages to publish in the directory '…/'",
}
"""What gh-action-pypi-publish and twine say, of an upload too."""


def words(value: object) -> Iterator[str]:
    """Yield every text in a recorded answer."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for each in value.values():
            yield from words(each)
    elif isinstance(value, list):
        for each in value:
            yield from words(each)


SAID = frozenset(text for one in EXCHANGES for text in words([one["response"], one.get("flash")]))


def is_recorded(quotation: str) -> bool:
    """Tell whether PyPI said it, or something that has it in it."""
    pattern = re.compile(".*".join(map(re.escape, re.split("…|\\.\\.\\.", quotation.replace("[…]", "…")))))
    return any(pattern.search(text) for text in SAID)


def literal(node: ast.AST) -> str:
    """Return the text of a string in the source, with `…` for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


SPEAKER = re.compile(r"\bPyPI\b|\bindex\b|\banswers?\b|\bupload\b|`invalid-")


def in_source(source: str) -> Iterator[str]:
    """Yield what the strings of a module quote where they name PyPI or the index before it."""
    for node in ast.walk(ast.parse(source)):
        text = literal(node)
        for match in re.finditer(r'(?<![=\w])"([A-Za-z][^"\n]{11,400})"', text):
            if match[1].count(" ") > 1 and SPEAKER.search(text[max(0, match.start() - 160) : match.start()]):
                yield match[1].removesuffix(".")


def in_document(markdown: str) -> Iterator[str]:
    """Yield a document's quotations, in blocks or in quotation marks, where PyPI is named just before."""
    prose = re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    for match in re.finditer(r"(?:^> .*\n)+", prose, re.MULTILINE):
        text = " ".join(re.sub("^> ", "", match[0], flags=re.MULTILINE).split())
        named = SPEAKER.search(prose[max(0, match.start() - 160) : match.start()] + text)
        if named and not text.startswith("**"):  # Else a remark of our own.
            yield re.sub(r"^`[a-z-]+`: ", "", text).removesuffix(".")
    for match in re.finditer(r'"([A-Z][^"\n]{11,400})"', prose):
        if match[1].count(" ") > 1 and SPEAKER.search(prose[max(0, match.start() - 160) : match.start()]):
            yield match[1].removesuffix(".")


FOUND = {
    **{quotation: path for path in SOURCES for quotation in in_source(path.read_text("utf-8"))},
    **{quotation: path for path in DOCUMENTS for quotation in in_document(path.read_text("utf-8"))},
}


@pytest.mark.parametrize("quotation", sorted(set(FOUND) - UPLOAD - ACTION))
def test_what_is_quoted_was_said(quotation: str) -> None:
    assert is_recorded(quotation), f"{FOUND[quotation]}: no recorded answer has this text"


def test_quotations_are_found() -> None:
    assert set(FOUND) >= UPLOAD


@pytest.mark.parametrize("name", [name for name in dir(quoted) if name.isupper() and name[0] != "_"])
def test_the_texts_kept_in_one_place_are_pypis(name: str) -> None:
    text = getattr(quoted, name)
    whole = re.compile(".*".join(map(re.escape, re.split("…", text.replace("[…]", "…")))))
    ends = [description.rpartition("(")[2].removesuffix(")") for description in SAID]
    assert any(whole.fullmatch(said) for said in (*SAID, *ends))


def test_a_text_that_nobody_said_is_found() -> None:
    assert not is_recorded("valid token, but no publisher")
    assert list(in_source('f\'{x} of PyPI: "No such publisher {y} here." "of our own"\'')) == [
        "No such publisher … here",
    ]
    document = 'From PyPI:\n\n> `invalid-x`: No such\n> thing\n\nand PyPI adds "Nothing of the kind."\n'
    assert list(in_document(document)) == ["No such thing", "Nothing of the kind"]
