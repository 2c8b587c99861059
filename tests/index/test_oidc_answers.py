"""The table of answers against PyPI's recorded ones, and against the document that shows it."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from pypi_setup.index.oidc_answers import EXPLAINED, REFUSALS, Flaw, Refusal, refusal

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "verify.md").read_text("utf-8")
RECORDED = {
    (error["code"], " ".join(error["description"].split()))
    for line in (ROOT / "tests/data/pypi-contract.jsonl").read_text("utf-8").splitlines()
    for one in [json.loads(line)]
    if isinstance(answer := one["response"].get("json"), dict)
    for error in answer.get("errors", ())
    if "code" in error
}


def test_all_of_pypis_codes_were_recorded() -> None:
    assert {code for code, _ in RECORDED} == {row.code for row in REFUSALS} - {""}


@pytest.mark.parametrize("row", [row for row in REFUSALS if row.words], ids=lambda row: row.words)
def test_what_the_table_quotes_was_said_with_this_code(row: Refusal) -> None:
    assert any(code == row.code and row.words in description for code, description in RECORDED)


@pytest.mark.parametrize(("code", "description"), sorted(RECORDED))
def test_every_recorded_refusal_has_words_of_its_own(code: str, description: str) -> None:
    meant = refusal(code, description)
    assert meant.code == code
    assert bool(meant.words) is not description.startswith("1 validation error for TokenPayload")


def test_flaws_are_told_of_a_token_only() -> None:
    for flaw in Flaw:
        assert refusal("invalid-token", "malformed or invalid token", flaw).flaw is flaw
        assert refusal("not-enabled", "trusted publishing functionality not enabled", flaw).flaw is Flaw.NONE


def test_the_document_explains_every_answer_in_the_tables_own_words() -> None:
    texts = [(row.likely, row.fix) for row in REFUSALS]
    texts += [(row.likely, row.fix) for row in EXPLAINED.values()]
    for likely, fix in texts:
        assert f"| {shown(likely)} | {shown(fix)} |" in DOCUMENT


def shown(text: str) -> str:
    fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return text.format(**{name: "PyPI" if name == "index" else "…" for name in fields})
