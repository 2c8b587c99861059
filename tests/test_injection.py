"""Hostile text goes in everywhere; nothing forges a log command, an output, a heading, a row, a link."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pypi_setup.render import commands, jsonline, terminal
from pypi_setup.render.markdown import escaped
from pypi_setup.render.summary import SIZE_LIMIT, summary
from pypi_setup.sandbox.web import Answer, Listener
from pypi_setup.values import report as reports
from pypi_setup.values import step as kinds
from pypi_setup.values.chain import Link
from pypi_setup.values.comparison import Row, Verdict
from pypi_setup.values.discovered import Discovered
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import shortened, visible
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token
    from tests.conftest import Runner, Step

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

INDEX = Index("https://pypi.example.org")
ATTACKS = [
    "::error::forged",
    "\n::error::forged",
    "\r::set-output name=status::registered",
    "##[error]forged",
    "x ##[group]forged",
    "\n::stop-commands::x\n",
    "%0A::error::forged",
    "%25%0D%0A::warning::",
    "status<<EOF\nregistered\nEOF",
    "status=registered",
    "ghadelimiter_00000000000000000000000000000000",
    "\n## Forged heading\n",
    "Forged\n======",
    "| a | b |\n|---|---|\n| forged | row |",
    " | forged | cell | ",
    "[forged](https://evil.example/)",
    "![forged](https://evil.example/x.png)",
    "<https://evil.example/>",
    "https://evil.example/",
    "www.evil.example",
    "[forged]: https://evil.example/",
    "<script>alert(1)</script>",
    "</td></tr></table><h1>forged</h1>",
    "<!-- ",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "```\n# forged\n```",
    "~~~~~~~~\n</table>",
    "`` ` ```` `",
    "**bold** __bold__ ~~gone~~ $x$",
    "@octocat #1",
    "- forged\n- list",
    "1. forged",
    "> forged",
    "    forged code",
    "\\",
    "\\\n",
    "\x1b[2J\x1b]0;forged\x07",
    "\x1b]8;;https://evil.example\x07forged\x1b]8;;\x07",
    "\x9b31m",
    "\u202egro.live\u202c",
    "\u2066\u2069\u200b\ufeff\u2028::error::\u2029",
    "\x00\x08\x7f\x85",
    "{project} {0.__class__} %s",
    "javascript:alert(1)",
]
hostile = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), min_size=1, max_size=4).map("".join)
harmless = hostile.map(visible)
"""What the claims' rows promise to hold."""


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    return Finding(
        "id-token-missing",
        draw(st.sampled_from(Severity)),
        draw(hostile),
        draw(hostile | hostile.map("Write this:\n{}".format)),
        draw(st.none() | hostile),
        draw(st.none() | st.integers(1, 10**6)),
        quote=draw(hostile),
    )


HOLES = [
    *("http", "detail", "Detail", "seconds", "again", "known", "outcome", "retry", "no_token", "counted"),
    *("ways", "failed", "first", "likely", "summary", "why", "fix", "done", "next", "stopped"),
]


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    text = draw(hostile)
    status = draw(st.sampled_from(Status))
    publisher = Publisher(
        draw(hostile), draw(hostile), draw(hostile), draw(hostile), draw(hostile | st.just(""))
    )
    holes = dict.fromkeys(HOLES, text)
    report = reports.told(
        status,
        publisher,
        INDEX,
        exists=draw(st.none() | st.booleans()),
        organization=draw(hostile),
        holes=holes,
    )
    return report._replace(
        response=draw(st.none() | hostile),
        http_status=418,
        findings=tuple(draw(st.lists(findings(), max_size=3))),
        problems=tuple(
            Problem("owner", *draw(st.tuples(hostile, hostile, hostile)))
            for _ in range(draw(st.integers(0, 2)))
        ),
        discovered=(Discovered("owner", draw(hostile), draw(hostile)),),
        notes=(draw(hostile),),
        chain=tuple(
            Link("trigger", draw(hostile), state)
            for state in draw(st.lists(st.sampled_from(["holds", "broken", "unknown"]), max_size=2))
        ),
        rows=tuple(
            Row("environment", draw(harmless), draw(harmless), verdict, draw(harmless), draw(harmless))
            for verdict in draw(st.lists(st.sampled_from(Verdict), max_size=2))
        ),
        paste=draw(st.just("") | hostile),
        diff=draw(st.just("") | hostile),
        steps=tuple(
            kinds.Step("push", state, *draw(st.tuples(hostile, hostile)), (text,), text, ((text, text),))
            for state in draw(st.lists(st.sampled_from(kinds.State), max_size=2))
        ),
    )


# The log


def invisible(text: str, keep: str = "\n") -> set[str]:
    bad = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    return {each for each in text if each not in keep and unicodedata.category(each) in bad}


@given(hostile_reports())
def test_a_terminal_gets_no_escape_of_anybody_elses(report: Report) -> None:
    assert "\t" not in terminal.text(report._replace(diff=""))
    # A line of the diff has the tabs of the file's own line.
    assert invisible(terminal.text(report), keep="\n\t") == set()
    painted = terminal.text(report, colour=True)
    assert invisible(re.sub(r"\x1b\[(0|1|31|32|33|36)m", "", painted), keep="\n\t") == set()


@given(hostile)
def test_quiet_text_has_no_commands(runner: Runner, text: str) -> None:
    assert runner.commands(commands.quiet(text)) == []


@given(hostile_reports())
def test_annotations_are_ours(runner: Runner, report: Report) -> None:
    log = "".join(f"{line}\n" for line in commands.annotated(report))
    found = runner.commands(log)
    kinds = [
        "notice" if report.success else "error",
        *(each.severity.value for each in report.ordered_findings),
    ]
    assert [command.name for command in found] == kinds
    assert len(log.splitlines()) == len(kinds)
    for command, finding in zip(found[1:], report.ordered_findings, strict=True):
        expected = {"title": "pypi-setup: id-token-missing"}
        if finding.file is not None:
            expected["file"] = visible(finding.file, keep="\n").replace("##[", "## [")
            if finding.line is not None:
                expected["line"] = str(finding.line)
        assert command.properties == expected
        assert finding.url in command.message


@given(hostile)
def test_a_mask_is_one_command(runner: Runner, text: str) -> None:
    (command,) = runner.commands(commands.mask(text))
    assert (command.name, command.message) == ("add-mask", text)


# The output file


@given(st.dictionaries(st.sampled_from(["status", "message", "payload", "result"]), hostile, min_size=1))
@example({"status": "ghadelimiter_0\nstatus=forged", "message": "\n\n"})
def test_outputs_come_back_as_they_were(runner: Runner, values: dict[str, str]) -> None:
    expected = {name: "\n".join(re.split(r"\r\n|\n|\r", f"{value}\n")[:-1]) for name, value in values.items()}
    assert runner.outputs(commands.outputs(values)) == expected


@given(hostile_reports())
def test_the_outputs_of_a_report(runner: Runner, report: Report) -> None:
    outputs = runner.outputs(commands.outputs(jsonline.outputs(report)))
    assert outputs["status"] == report.status.value
    assert outputs["fallback-url"] == report.fallback_url
    assert len(outputs["message"].splitlines()) == 1
    assert json.loads(outputs["payload"]) == report.payload
    assert outputs["result"] == jsonline.line(report)


@given(hostile_reports())
def test_json_is_one_line_that_no_runner_reads(runner: Runner, report: Report) -> None:
    line = jsonline.line(report)
    assert line.isascii()
    assert line.isprintable()
    assert runner.commands(line) == []
    data = json.loads(line)
    assert data["payload"] == report.payload
    assert data["response"] == report.response


# The summary


def parsed(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


MERMAID = "flowchart LR\n\n\n\n"
LINK = r'    (link0 \S+ )?link[01]\["[\w .,:/()#;@-]+ - (holds|broken|unknown)"\]:::(holds|broken|unknown)'


def links_in(tokens: list[Token]) -> list[str]:
    children = [child for token in tokens for child in token.children or []]
    return [str(child.attrGet("href")) for child in children if child.type == "link_open"]


HEADINGS = re.compile(r"(?:✅|➡️|❌|❔)(?: .+)?|Publisher|Errors|Warnings|Payload|The job's claims")


@given(hostile_reports())
@settings(max_examples=200)
def test_a_summary_has_the_structure_that_we_gave_it(report: Report) -> None:
    markdown = summary(report)
    assert invisible(markdown) == set()
    assert len(markdown.encode()) <= SIZE_LIMIT
    tokens = parsed(markdown)
    headings = [
        following.children or []
        for token, following in itertools.pairwise(tokens)
        if token.type == "heading_open"
    ]
    texts = ["".join(child.content for child in heading) for heading in headings]
    assert [text for text in texts if not HEADINGS.fullmatch(text)] == []
    assert len(texts) == len(set(texts))
    assert [token.tag for token in tokens if token.type == "heading_open"] == [
        "h2",
        *["h3"] * (len(texts) - 1),
    ]
    inline = [token for token in tokens if token.type == "inline"]
    children = [child for token in inline for child in token.children or []]
    links = links_in(tokens)
    assert links[0] == report.fallback_url
    assert set(links[1:]) <= {finding.url for finding in report.findings}
    assert len(links) == 1 + len(report.findings)
    assert {child.type for child in children} <= {
        "text", "strong_open", "strong_close", "link_open", "link_close", "html_inline", "softbreak",
        "text_special",
    }  # fmt: skip
    html = [child.content for child in children if child.type == "html_inline"]
    html += [token.content for token in tokens if token.type == "html_block"]
    assert all(
        re.fullmatch(r"(</?(table|tr|th|td|code|i|details|summary)>|[^<>])*", part) for part in html
    ), html
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == sum(len(each) + 1 for each in (report.problems, report.rows) if each)
    assert {token.type for token in tokens} <= {
        "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "html_block", "fence",
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "table_open",
        "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close",
        "th_open", "th_close", "td_open", "td_close",
    }  # fmt: skip
    (drawn,) = [token.content for token in tokens if token.info == "mermaid"] or [MERMAID]
    picture = drawn.splitlines()
    assert len(picture) == len(report.chain) + 4 or not report.chain
    assert all(re.fullmatch(LINK, line) for line in picture[1:-3])
    # Nothing that GitHub makes a link of by itself.
    raw = "".join(re.sub(r"\]\([^)\s]*\)", "]", token.content) for token in inline)
    assert not re.search(r"://|www\.|@", raw, re.IGNORECASE)


@given(hostile_reports())
def test_a_summary_shows_the_values_to_copy_exactly(report: Report) -> None:
    markdown = summary(report)
    fences = [token for token in parsed(markdown) if token.type == "fence"]
    copied = [token.content for token in fences if token.info == "text"]
    assert report.guidance is not None
    for value in filter(None, (value for _, value in report.guidance.fields)):
        if report.guidance.is_copied and not report.is_settled:
            assert visible(value, keep="\n") + "\n" in copied or value.endswith("\n")
        else:
            assert f"<td><code>{escaped(value)}</code></td>" in markdown


@pytest.mark.parametrize("attack", ATTACKS)
def test_megabytes_are_cut(runner: Runner, attack: str) -> None:
    text = (attack * (1_000_000 // len(attack)))[:1_000_000]
    publisher = Publisher("one", "octo-org", "sample-repo", text, text)
    report = reports.told(Status.MANUAL, publisher, INDEX, exists=False, holes={"no_token": text})._replace(
        response=text, findings=(Finding("r", Severity.ERROR, text, text, text),)
    )
    assert len(summary(report).encode()) <= SIZE_LIMIT
    assert all(len(line) < 40_000 for line in commands.annotated(report))
    assert runner.commands("\n".join(commands.annotated(report)))[0].name == "notice"


# All the way


@pytest.mark.parametrize("status", [201, 400, 404])
@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/json"])
def test_an_index_that_answers_with_everything_at_once(
    step: Callable[..., Step], sandbox: Sandbox, status: int, content_type: str
) -> None:
    text = "\n".join(ATTACKS)
    body = {
        "text/plain": text,
        "text/html": f"<title>{text}</title>",
        "application/json": json.dumps({"message": text}),
    }[content_type]
    listener = Listener(lambda _request: Answer(status, content_type, body.encode()))
    done = step(
        project="sample-project", owner="octo-org", repo="sample-repo", index_url=listener.url, api_token="t"
    )
    listener.close()
    ours = {"add-mask", "notice", "warning", "error"}
    assert {command.name for command in done.commands} <= ours
    assert all(
        command.properties.get("title", "").startswith("pypi-setup")
        for command in done.commands
        if command.name != "add-mask"
    )
    assert set(done.outputs) == {
        "status", "success", "fallback-url", "http-status", "message", "project", "project-exists",
        "payload", "matrix",
        "findings", "result",
    }  # fmt: skip
    assert done.outputs["http-status"] == str(status)
    assert invisible(done.log + done.summary) == set()
    homes = (f"{listener.url}/manage/", "https://github.com/pypi-setup/")
    links = links_in(parsed(done.summary))
    assert links
    assert all(link.startswith(homes) for link in links)


INPUTS = ["project", "owner", "repo", "workflow", "environment", "organization", "mode"]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", INPUTS)
def test_hostile_inputs(step: Callable[..., Step], bare: object, name: str, attack: str) -> None:
    text = attack.replace("\0", "")  # No environment variable can hold it.
    given = {"project": "one", "owner": "octo-org", "repo": "sample-repo", "dry_run": "true", name: text}
    done = step(**given)
    assert [command.name for command in done.commands] in (["notice"], ["error"])
    assert done.outputs["status"] in {"dry-run", "invalid"}
    assert done.outputs["success"] == str(done.outputs["status"] == "dry-run").lower()
    assert invisible(done.log + done.summary) == set()
    assert links_in(parsed(done.summary)) == [done.outputs["fallback-url"]]


@given(st.text(max_size=5000), st.integers(1, 100))
def test_what_is_cut_is_marked(text: str, limit: int) -> None:
    assert shortened(text, limit).endswith("…") or len(text) <= limit
