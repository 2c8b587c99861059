"""The documents say what the code does: names, options, links, examples."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from pypi_setup import Status
from pypi_setup.sandbox import Sandbox
from pypi_setup.values.options import INPUTS, OPTIONS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


METADATA = ("pyproject.toml", "setup.cfg", "setup.py")


def blocks(document: Path, *languages: str) -> list[str]:
    """Return the fenced blocks in one of these languages."""
    tokens = MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info in languages]


def completed(example: str) -> dict[str, Any]:
    """Return the workflow that an example is a part of: steps, jobs, or the keys of one job."""
    data: Any = yaml.safe_load(textwrap.dedent(example))
    if isinstance(data, list):
        data = {"steps": data}
    # To YAML 1.1 the key `on` is true.
    workflow = {"on" if key is True else key: value for key, value in data.items()}
    if "jobs" not in workflow and "on" not in workflow:
        is_job = set(workflow) & {"steps", "permissions", "environment", "runs-on"}
        workflow = {"jobs": {"example": workflow} if is_job else workflow}
    workflow = {"on": "push", "jobs": {"example": {}}, **workflow}
    for job in workflow["jobs"].values():
        if "uses" not in job:
            job.setdefault("runs-on", "ubuntu-latest")
            job.setdefault("steps", [{"run": "make"}])
    for job in list(workflow["jobs"].values()):
        if isinstance(needed := job.get("needs"), str):
            workflow["jobs"].setdefault(needed, {"runs-on": "ubuntu-latest", "steps": [{"run": "make"}]})
    return workflow


def headings(markdown: str) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    texts = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("status", Status)
def test_the_readme_explains_every_status(status: Status) -> None:
    assert f"`{status.value}`" in README


def test_the_readme_explains_every_input_and_output() -> None:
    inputs = {option.name for option in INPUTS}
    keys = {"status", "success", "fallback-url", "http-status", "message", "project", "project-exists"}
    for name in inputs | keys | {"payload", "findings", "verified", "claims", "result"}:
        assert f"`{name}`" in README, name


def test_the_readme_names_only_options_that_there_are() -> None:
    known = {option.flag for option in OPTIONS if option.words} | {"--help", "--version"}
    ours = "\n".join(line for line in README.splitlines() if "pypi-setup" in line and "docker" not in line)
    assert set(re.findall(r"(?<!\w)--[a-z][a-z-]+", ours)) <= known | {
        "--spec",
        "--log-failed",
    }  # of pipx, gh


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


@pytest.fixture
def workflows(tmp_path: Path) -> list[Path]:
    """Every example in YAML, completed, as a file."""
    examples = [example for document in DOCUMENTS for example in blocks(document, "yaml")]
    files = [tmp_path / f"{number}.json" for number in range(len(examples))]
    for file, example in zip(files, examples, strict=True):
        file.write_text(json.dumps(completed(example), indent=1), encoding="utf-8")
    return files


def test_examples_pass_the_schema_of_workflows(workflows: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *workflows], check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, len(workflows) > 20) == (0, True), done.stdout


def test_examples_pass_actionlint(workflows: list[Path]) -> None:
    actionlint = shutil.which("actionlint")
    if not actionlint:
        assert "PYPI_SETUP_REQUIRE_ALL" not in os.environ
        pytest.skip("tests/test_docs.py needs actionlint")
    command = [actionlint, "-no-color", "-shellcheck=", "-pyflakes=", *map(str, workflows)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=workflows[0].parent, timeout=120
    )
    assert done.returncode == 0, done.stdout


def test_the_example_in_python_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks(ROOT / "README.md", "python")
    with Sandbox() as sandbox:
        monkeypatch.setenv("PYPI_API_TOKEN", sandbox.token)
        exec(example.replace("https://pypi.example.org", sandbox.url), {})  # noqa: S102 - our own README
    assert capsys.readouterr().out.startswith("True registered 201 Registered: ")


def test_the_readme_names_every_key_of_the_json() -> None:
    source = (ROOT / "src/pypi_setup/render/jsonline.py").read_text(encoding="utf-8")
    always = source[source.index("def _one") : source.index("def _output")]
    keys = set(
        re.findall(r'"([a-z_]+)": |data\["([a-z_]+)"\]', always + source[source.index("def _whole") :])
    )
    named = {one or other for one, other in keys}
    assert {"success", "results", "discovered", "claims", "paste", "cut"} <= named
    assert {key for key in named if f"`{key}`" not in README} == set()


def test_contributing_has_a_place_for_every_module() -> None:
    package = ROOT / "src" / "pypi_setup"
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/]+(?:\.py|/))`", text))
    assert {name for name in named if not (package / name).exists() and not (ROOT / name).exists()} == set()
    modules = {path.name for path in package.glob("[a-z]*.py")}
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    assert modules - named == set()
    assert folders - {name.partition("/")[0] for name in named} == set()


def test_generated_tables_are_up_to_date() -> None:
    every = [*DOCUMENTS, ROOT / "action.yml"]
    files = [str(each) for each in every if "[[[cog" in each.read_text(encoding="utf-8")]
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "-I", "scripts", *files],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert (done.returncode, files != []) == (0, True), done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_tests_and_scripts_that_a_document_names_are_there(document: Path) -> None:
    names = re.findall(r"`((?:tests|scripts|requirements)/[\w./-]+)`", document.read_text(encoding="utf-8"))
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_readme_is_short_before_its_reference() -> None:
    assert README[: README.index("## JSON")].count("\n") <= 120


def test_pictures_show_what_the_golden_files_hold() -> None:
    script = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts/pictures.py"), run_name="pictures"))
    shown = {name: script.source((script.FOLDER / f"{name}.png").read_bytes()) for name in script.PICTURES}
    held = {name: script.digest(script.markdown(golden)) for name, golden in script.PICTURES.items()}
    assert shown == held, "run `make pictures`"


def test_the_template_for_organizations_is_the_readmes_workflow() -> None:
    """What GitHub wants of one: docs.github.com, "Creating workflow templates for your organization"."""
    folder = ROOT / "docs/workflow-templates"
    (template,) = folder.glob("*.yml")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"```yaml\n{template.read_text(encoding='utf-8')}```" in readme
    shown = json.loads((folder / f"{template.stem}.properties.json").read_text(encoding="utf-8"))
    assert {"name", "description", "iconName", "categories"} <= shown.keys()
    assert all(
        re.search(pattern, name) for pattern, name in zip(shown["filePatterns"], METADATA, strict=True)
    )
