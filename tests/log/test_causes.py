from __future__ import annotations

import importlib
import io
import re
import sys
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from pypi_setup.log.cause import HOLES, Cause, filled, patterns
from pypi_setup.log.causes import CAUSES, SECTIONS
from pypi_setup.log.diagnosis import diagnosed
from pypi_setup.log.parts import of_stream
from pypi_setup.log.scan import scanned
from pypi_setup.values.explanation import Blame

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

MORE_PRECISE = {
    "unrecognized or malformed field 'license-file'": "metadata-licence-fields",
    **dict.fromkeys(
        (
            "Server returned error code 500 Internal Server Error, is trusted publishing correctly "
            "configured?",
            "PyPI returned error code 500 Internal Server Error, is trusted publishing correctly configured?",
        ),
        "mint-unexpected-answer",
    ),
}
"""Examples of a text that are of a more precise one too."""

EVERY = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.rule)
LONGEST = 500


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(CAUSES) >= 80
    assert [rule for rule, count in Counter(cause.rule for cause in CAUSES).items() if count > 1] == []
    assert sum(len(causes) for _, causes in SECTIONS) == len(CAUSES)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.rule) for cause in CAUSES)


@EVERY
def test_each_of_its_texts_is_found(cause: Cause) -> None:
    for example in cause.examples:
        explanation = diagnosed(
            scanned([of_stream(io.BytesIO(f"before\n{example}\nafter".encode()))])
        ).explanation
        assert explanation.named is not None, example
        assert explanation.named.rule == MORE_PRECISE.get(example, cause.rule), example
        assert "{" not in explanation.named.cause.replace("${{", "")
        assert "{" not in explanation.named.fix.replace("${{", "").replace("{text", "")


@EVERY
def test_its_sentences_are_whole(cause: Cause) -> None:
    for text in (filled(cause.cause, {}), filled(cause.fix, {})):
        assert text.endswith(".")
        assert "  " not in text
    assert cause.tools
    assert cause.url.endswith(f"/docs/troubleshooting.md#{cause.rule}")
    assert cause.link == "" or cause.link.startswith("https://")


@EVERY
def test_a_fault_of_others_has_a_place_to_look_at(cause: Cause) -> None:
    assert cause.blame is Blame.YOURS or cause.link


@EVERY
def test_its_patterns_are_linear_and_do_not_end_in_a_lazy_hole(cause: Cause) -> None:
    for pattern, text in zip(patterns(cause), cause.texts, strict=True):
        assert not pattern.expression.pattern.endswith("?)"), text
        repeats = list(repeated(_parser.parse(pattern.expression.pattern)))
        assert all(most <= LONGEST for most in repeats), text
        assert pattern.rarest in pattern.words


def repeated(parsed: Any) -> list[int]:
    """Return the upper bounds of all repetitions in a regular expression."""
    bounds = []
    for operator, arguments in parsed:
        name = str(operator)
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            bounds.append(int(arguments[1]))
            inner = repeated(arguments[2])
            assert [most for most in inner if most > 1] == [], "a repetition in a repetition"
            bounds += inner
        elif name == "SUBPATTERN":
            bounds += repeated(arguments[-1])
        elif name == "BRANCH":
            bounds += [most for branch in arguments[1] for most in repeated(branch)]
    return bounds


def test_every_hole_is_used_and_its_example_fits_it() -> None:
    used = {
        (name or "").rstrip("0123456789")
        for cause in CAUSES
        for text in (*cause.texts, cause.cause, cause.fix)
        for _, name, _, _ in Formatter().parse(text)
    } - {""}
    assert used == set(HOLES)
    assert [
        name for name, hole in HOLES.items() if not re.fullmatch(hole.pattern, hole.example.lower())
    ] == []


def test_the_rules_that_it_names_are_those_of_the_check() -> None:
    documented = set(
        re.findall(r"^### (\S+)$", Path("docs/checks.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {cause.check for cause in CAUSES if cause.check} <= documented
