from __future__ import annotations

from pathlib import Path

from pypi_setup.index.answers import EXPLAINED, REFUSALS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "verify.md").read_text()


def test_the_document_explains_every_answer_in_the_tables_own_words() -> None:
    refusals = [f"| {_code(row.code)} | {_code(row.words)} | {row.likely} | {row.mend} |" for row in REFUSALS]
    others = [f"| {row.answer} | {row.likely} | {row.mend} |" for row in EXPLAINED.values()]
    for table in (refusals, others):
        assert "\n".join(table).format(index="PyPI", http="…") in DOCUMENT


def _code(text: str) -> str:
    return f"`{text}`" if text else "any other"
