"""The documents say what the code does: names, options, links, examples."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from pypi_setup import Status, cli
from pypi_setup.request import Given

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def headings(markdown: str) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    texts = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("status", Status)
def test_the_readme_explains_every_status(status: Status) -> None:
    assert f"`{status.value}`" in README


def test_the_readme_explains_every_input_and_output() -> None:
    inputs = {field.replace("_", "-") for field in Given._fields} - {"mend"}
    keys = {"status", "success", "fallback-url", "http-status", "message", "project", "project-exists"}
    for name in inputs | keys | {"payload", "findings", "verified", "claims", "result"}:
        assert f"`{name}`" in README, name


def test_the_readme_names_only_options_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    ours = "\n".join(line for line in README.splitlines() if "pypi-setup" in line and "docker" not in line)
    assert set(re.findall(r"(?<!\w)--[a-z][a-z-]+", ours)) <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        assert file.exists(), target
        if anchor:
            assert anchor in headings(file.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples_in_yaml_are_yaml(document: Path) -> None:
    tokens = MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))
    for token in tokens:
        if token.type == "fence" and token.info in {"yaml", "yml"}:
            assert yaml.safe_load(token.content) is not None, token.content
        if token.type == "fence" and token.info == "python":
            compile(token.content, str(document), "exec")


def test_generated_tables_are_up_to_date() -> None:
    files = [str(each) for each in DOCUMENTS if "[[[cog" in each.read_text(encoding="utf-8")]
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "-I", "scripts", *files],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert (done.returncode, files != []) == (0, True), done.stdout
