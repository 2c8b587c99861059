from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pypi_setup.render import explanation as rendered
from pypi_setup.render.jsonline import dumped
from pypi_setup.values.explanation import Blame, Difference, Explanation, Named

NAMED = Named(
    "file-exists", Blame.INDEX, "It exists", "Why.", "Do.", "https://x.example/#a", "Upload", "publish", 7
)
OTHER = NAMED._replace(rule="http-400", blame=Blame.YOURS, step="", job="", line=None, check="version-exists")
WHOLE = Explanation(
    NAMED,
    others=(OTHER,),
    claims={"ref": "refs/tags/v1"},
    differences=(Difference("workflow", "a.yml", "b.yml", "They differ", "Choose"),),
    uploaded=("a.whl",),
)


def test_lines_for_a_terminal() -> None:
    assert ["\n".join(block) for block in rendered.lines(WHOLE)] == [
        "The error\n  It exists\n  in job publish, step Upload, line 7 of the log\n"
        "  cause: file-exists  https://x.example/#a\n  This is a fault of the index, not of your "
        "configuration.",
        "What differs from the publisher that your options and this checkout name\n"
        "  ✗ workflow: expected b.yml, the log says a.yml\n    They differ\n    Fix: Choose",
        "The claims in the log\n  ref: refs/tags/v1",
        "Uploaded before the error\n  a.whl",
        "Also in the log\n  http-400\n    It exists",
    ]
    ((*_, check),) = rendered.lines(Explanation(OTHER))
    assert check == "  found before a release by: pypi-setup check, rule version-exists"
    assert [
        "\n".join(block) for block in rendered.lines(Explanation(None, (OTHER,), lines=((3, "hat"),)))
    ] == [
        "Taken for the error\n  3: hat",
        "Recognised, but no error by itself\n  http-400\n    It exists",
    ]


def test_the_summary_has_all_of_it() -> None:
    text = rendered.markdown(WHOLE)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "### The error",
        "### What differs from the publisher that your options and this checkout name",
        "### The claims in the log",
        "### Uploaded before the error",
        "### Also in the log",
    ]
    assert "This is a fault of the index, not of your configuration." in text
    assert "\n\nIn job publish, step Upload, line 7 of the log. Cause: " in text
    assert "\n\nCause: " in rendered.markdown(Explanation(OTHER))
    assert "rule `version-exists`" in rendered.markdown(Explanation(OTHER))
    assert (
        rendered.markdown(Explanation(None, lines=((3, "hat"),)))
        == "### Taken for the error\n\n```text\n3: hat\n```"
    )


def test_json_has_the_contracts_keys() -> None:
    data = rendered.data(WHOLE)
    assert (data["step"], data["error"], data["rule"], data["blame"]) == (
        "Upload",
        "It exists",
        "file-exists",
        "index",
    )
    assert data["differences"] == [
        {"field": "workflow", "log": "a.yml", "expected": "b.yml", "sentence": "They differ", "fix": "Choose"}
    ]
    assert data["claims"] == {"ref": "refs/tags/v1"}
    assert json.loads(dumped(data)) == data
    nothing = rendered.data(Explanation(None, lines=((3, "hat"),)))
    assert (nothing["rule"], nothing["blame"], nothing["lines"]) == (None, None, [{"line": 3, "text": "hat"}])


@given(st.text(max_size=80))
def test_no_text_breaks_out_of_its_place(words: str) -> None:
    hostile = WHOLE._replace(
        named=NAMED._replace(error=words, step=words, job=words),
        claims={"ref": words},
        uploaded=(words,),
        differences=(Difference("workflow", words, words, words, words),),
    )
    tokens = MarkdownIt("commonmark").enable("table").parse(rendered.markdown(hostile))
    assert sum(token.type == "heading_open" for token in tokens) == 5
    assert not any(token.type == "html_block" for token in tokens)
    assert all("\n" not in line and line.isprintable() for block in rendered.lines(hostile) for line in block)
