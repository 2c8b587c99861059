from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from pypi_setup.render.markdown import escaped, fenced, table


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))


@pytest.mark.parametrize(
    "words",
    [
        "plain words, and 127.0.0.1:80.",
        "*a* _b_ `c` [d](e) <f> #g ~h~ &amp; |i| $j$ !k \\l @m {n}",
        "https://evil.example/ www.evil.example",
        "- a",
        "+ a",
        "--- a",
        "1. a",
        "12) a",
        "1.",
        "-",
    ],
)
def test_escaped_shows_exactly_the_words(words: str) -> None:
    shown = rendered(escaped(words))
    text = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert shown == f"<p>{text}</p>\n"


@pytest.mark.parametrize("words", ["127.0.0.1", ".github", "5 > 4", "a - b", "2026-11-22", "1.2"])
def test_ordinary_words_stay_readable_in_the_source(words: str) -> None:
    assert escaped(words) == words.replace(">", "&#62;")


@pytest.mark.parametrize("code", ["a", "a\nb", "```", "x ````` y", "~~~", "    x", "</td>", "a\x1b[0m", ""])
def test_fenced_shows_exactly_the_code(code: str) -> None:
    shown = rendered(fenced(code)).replace("&lt;", "<").replace("&gt;", ">")
    assert shown == f'<pre><code class="language-text">{code}\n</code></pre>\n'.replace("\x1b", "\\x1b")


def test_a_table_shows_exactly_its_cells() -> None:
    shown = rendered(table(("A", "B"), (("a|b", "`c`"),)))
    assert "<td>a|b</td>\n<td>`c`</td>" in shown
