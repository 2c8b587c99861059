"""`init` as a person walks it: a real terminal, a real browser, stand-ins for GitHub, `gh` and the index.

The student has a package and no workflow; the mover publishes with a token.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pexpect
import pytest
from tests.commands.test_guide import GH, run_of
from tests.commands.test_init import FILE, TOKEN, of, project
from tests.test_browser import chrome, log_in, submit

from pypi_setup.sandbox import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

    from pypi_setup.sandbox import Sandbox

__all__ = ["chrome"]

ENTER, DOWN, INTERRUPT = "\r", "\x1b[B", "\x03"
SECONDS = 60
STARTED = run_of(22222)
CLIPBOARD = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
BY_NUMBERS = "by-numbers"
WITHOUT_QUESTIONARY = (
    "import sys; sys.modules['questionary'] = None; from pypi_setup.cli import main; sys.exit(main())"
)
REWRITE = os.environ.get("PYPI_SETUP_REWRITE_GOLDEN") == "1"
TRANSCRIPT = Path(__file__).parents[1] / "docs/transcripts/init.txt"
STARTS = """\
"workflow run"*) cp "$0.run" "$0.list" ;;
"""
"""The run of the workflow is over at once, and well."""


class Road(NamedTuple):
    """A checkout in a terminal."""

    folder: Path
    sandbox: Sandbox
    child: pexpect.spawn[str]
    page: Path
    """Where the browser's stand-in writes the address."""

    keys: list[str]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.append(key)
            self.child.send(key)

    def answer(self, question: str, *keys: str) -> str:
        """Wait for a question, answer it, and return what stood before it."""
        self.child.expect_exact(question)
        before = self.child.before or ""
        self.press(*keys)
        return before

    def opened(self) -> str:
        """Return the address that the browser was opened with."""
        end = time.monotonic() + SECONDS
        while not self.page.exists() or not self.page.read_text().endswith("\n"):
            assert time.monotonic() < end
        return self.page.read_text().strip()

    def ended(self) -> str:
        """Return what stands at the end."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.before or ""


@pytest.fixture
def road(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Iterator[Road]:
    """A checkout in which `init` has begun, with `gh` and a browser beside it. The parameter is its files.

    With the file `by-numbers` it runs as where questionary is not installed, and without colours.
    """
    programs = tmp_path / "programs"
    programs.mkdir()
    page = tmp_path / "page"
    for name, text in {
        "gh": GH.replace('"workflow run"*) name=start ;;\n', STARTS),
        "browse": f'#!/bin/sh\nprintf "%s\\n" "$1" >{page}\n',
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (programs / "gh.list").write_text("[]")
    (programs / "gh.run").write_text(f"[{json.dumps(STARTED)}]")
    folder = tmp_path / "checkout"
    folder.mkdir()
    for file, content in request.param.items():
        if file == BY_NUMBERS:
            continue
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content.replace("URL", sandbox.url))
    origin = "https://github.com/octo-org/sample-repo.git"
    for words in (("init", "--quiet", "--initial-branch", "main"), ("remote", "add", "origin", origin)):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    environ = {
        **os.environ,
        "PATH": f"{programs}:/usr/bin:/bin",
        "BROWSER": str(programs / "browse"),
        "TERM": "xterm-256color",
        "PROMPT_TOOLKIT_NO_CPR": "1",  # No terminal answers where its cursor is.
    }
    program = ["-m", "pypi_setup"]
    if BY_NUMBERS in request.param:
        program = ["-c", WITHOUT_QUESTIONARY]
        environ["NO_COLOR"] = "1"
    child = pexpect.spawn(
        sys.executable,
        [*program, "init", "--index-url", sandbox.url],
        cwd=str(folder),
        env=environ,
        encoding="utf-8",
        timeout=SECONDS,
        dimensions=(40, 150),
    )
    child.delaybeforesend = None
    yield Road(folder, sandbox, child, page, [])
    child.close(force=True)


def push(road: Road) -> None:
    text = (road.folder / FILE).read_text()
    road.sandbox.github.add_repository(
        "octo-org/sample-repo", files={FILE: text}, environments=[Environment("pypi")]
    )


PLAIN = of("hatchling.build", "hatchling")


@pytest.mark.browser
@pytest.mark.parametrize("road", [PLAIN], indirect=True, ids=["plain"])
def test_the_students_road(road: Road, chrome: Chrome) -> None:
    road.answer("What will start a release?", ENTER)
    road.answer("Try each release on TestPyPI first?", ENTER)
    plan = road.answer("Carry it out?", ENTER)
    assert f"+++ b/{FILE}" in plan
    assert "1. \x1b[1mWrite .github/workflows/release.yml." in plan
    road.answer("'s page?", ENTER)
    chrome.get(road.opened())
    log_in(chrome)
    for label in chrome.find_elements("css selector", "form label"):
        handed = road.answer("then press Enter.", ENTER)
        value = base64.b64decode(CLIPBOARD.findall(handed)[-1]).decode()
        assert value in handed  # It can be read, too.
        chrome.find_element("id", str(label.get_dom_attribute("for"))).send_keys(value)
    submit(chrome, "form")
    (publisher,) = road.sandbox.store.pending.values()
    assert publisher.identity == ("octo-org", "sample-repo", "release.yml", "pypi")
    road.answer("lists the publisher, press Enter.", ENTER)
    road.child.expect_exact("Is it pushed?")
    push(road)
    road.press(ENTER)
    road.answer("Start the proof now?", ENTER)
    end = road.ended()
    assert road.child.exitstatus == 0
    for number, text in enumerate(
        (
            f"Write {FILE}.",
            "The environment pypi exists on GitHub; it is left as it is.",
            "You registered the publisher of sample on",
            "GitHub's default branch has the workflow.",
            "The job is the one that the publisher names.",
        ),
        1,
    ):
        assert f"✓\x1b[0m {number}. \x1b[1m{text}" in end
    assert "…\x1b[0m 6. \x1b[1mRelease: push a version tag." in end
    assert len(road.keys) == 12


@pytest.mark.browser
@pytest.mark.parametrize(
    "road", [{"pyproject.toml": project(name="sample-project"), FILE: TOKEN}], indirect=True, ids=["token"]
)
def test_the_movers_road(road: Road, chrome: Chrome) -> None:
    before = (road.folder / FILE).read_text()
    plan = road.answer("Carry it out?", ENTER)
    assert "password: ${{ secrets.PYPI_API_TOKEN }}" in plan
    road.answer("'s page?", ENTER)
    chrome.get(road.opened())
    log_in(chrome)
    submit(chrome, "#github-publisher-form")
    (publisher,) = road.sandbox.store.publishers.values()
    assert publisher.identity == ("octo-org", "sample-repo", "release.yml", "pypi")
    road.answer("lists the publisher, press Enter.", ENTER)
    road.child.expect_exact("Is it pushed?")
    push(road)
    road.press(ENTER)
    end = road.ended()
    assert road.child.exitstatus == 0
    assert "PYPI_API_TOKEN" in before
    assert "PYPI_API_TOKEN" not in (road.folder / FILE).read_text()
    assert "$ gh secret delete PYPI_API_TOKEN --repo octo-org/sample-repo" in end
    assert "Then revoke the API token." in end


@pytest.mark.parametrize("road", [PLAIN], indirect=True, ids=["plain"])
def test_no_changes_nothing(road: Road) -> None:
    road.answer("What will start a release?", DOWN, ENTER)
    road.answer("Try each release on TestPyPI first?", ENTER)
    assert "types: [published]" in road.answer("Carry it out?", DOWN, ENTER)
    assert "Nothing was changed: you said no." in road.ended()
    assert road.child.exitstatus == 1
    assert not (road.folder / FILE).exists()


@pytest.mark.parametrize("road", [PLAIN], indirect=True, ids=["plain"])
def test_ctrl_c_leaves_nothing_half_done(road: Road) -> None:
    road.answer("What will start a release?", ENTER)
    road.answer("Try each release on TestPyPI first?", INTERRUPT)
    assert "Interrupted." in road.ended()
    assert road.child.exitstatus == 130
    assert not (road.folder / FILE).exists()


@pytest.mark.parametrize("road", [{**PLAIN, BY_NUMBERS: ""}], indirect=True, ids=["plain"])
def test_the_transcript_of_the_documentation(road: Road) -> None:
    said = io.StringIO()
    road.child.logfile_read = said
    road.answer("1 to 2, Enter for 1: ", ENTER)
    road.answer("1 to 2, Enter for 1: ", ENTER)
    road.answer("1 to 2, Enter for 1: ", ENTER)
    road.answer("1 to 3, Enter for 1: ", ENTER)
    for _ in range(6):
        road.answer("press Enter. ", ENTER)
    road.child.expect_exact("1 to 2, Enter for 1: ")
    push(road)
    road.press(ENTER)
    road.answer("1 to 2, Enter for 1: ", ENTER)
    road.ended()
    text = CLIPBOARD.sub("", said.getvalue().replace("\r\n", "\n"))
    host = road.sandbox.url.partition("://")[2]
    text = re.sub(rf"https?://{re.escape(host)}", "https://pypi.org", text).replace(host, "PyPI")
    text = re.sub(r"\b[0-9a-f]{40}(?= # v0)", "COMMIT", text)
    text = re.sub(r"(?<=at commit )[0-9a-f]{12}", "COMMIT", text)
    if REWRITE:
        TRANSCRIPT.write_text(text, encoding="utf-8")
    assert text == TRANSCRIPT.read_text(encoding="utf-8")
    assert len(road.keys) == 12
