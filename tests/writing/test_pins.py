"""The table of pins, its renewal, and that it is no older than what this project itself runs."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from pypi_setup.writing import pins as table
from pypi_setup.writing.pins import Pin, pins

ROOT = Path(__file__).parents[2]
OLD, NEW, TAG = ("0" * 40, "1" * 40, "2" * 40)
TABLE = f"    - uses: actions/checkout@{OLD} # v1.0.0\n    - uses: pypa/cibuildwheel@{OLD} # v2.0.0\n"


def test_the_table_names_what_the_templates_use() -> None:
    used: set[str] = set()
    for file in (ROOT / "src/pypi_setup/writing/templates").glob("*.yml"):
        used |= set(re.findall(r"uses: %\{(.+)\}", file.read_text(encoding="utf-8")))
    assert used - {"own"} == set(pins())


def test_each_is_a_commit_with_a_version() -> None:
    steps = yaml.safe_load(table.TABLE.read_text(encoding="utf-8"))["runs"]["steps"]
    assert len(pins()) == len(steps) == 8
    assert pins(TABLE)["actions/checkout"] == Pin("actions/checkout", OLD, "v1.0.0")
    assert str(Pin("actions/checkout", OLD, "v1.0.0")) == f"actions/checkout@{OLD} # v1.0.0"


def test_none_is_another_one_than_this_project_runs() -> None:
    """Dependabot renews both by one schedule, so the table is never older than it allows."""
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / ".github/workflows").glob("*.yml")]
    own = set(re.findall(r"uses: (\S+@[0-9a-f]{40} # v[0-9.]+)$", "\n".join(texts), re.MULTILINE))
    actions = {text.partition("@")[0] for text in own}
    assert {str(pin) for name, pin in pins().items() if name in actions} <= own
    update = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"][0]
    assert update["package-ecosystem"] == "github-actions"
    assert f"/{table.TABLE.parent.relative_to(ROOT).as_posix()}" in update["directories"]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The renewal script, with a table of its own and a GitHub that knows two actions."""
    spec = importlib.util.spec_from_file_location("renewal", ROOT / "scripts/pins.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file = tmp_path / "action.yml"
    file.write_text(TABLE)
    answers: dict[str, dict[str, object]] = {
        "/repos/actions/checkout/releases/latest": {"tag_name": "v1.0.0"},
        "/repos/actions/checkout/git/ref/tags/v1.0.0": {"object": {"type": "commit", "sha": OLD}},
        "/repos/pypa/cibuildwheel/releases/latest": {"tag_name": "v2.1.0"},
        "/repos/pypa/cibuildwheel/git/ref/tags/v2.1.0": {"object": {"type": "tag", "sha": TAG}},
        f"/repos/pypa/cibuildwheel/git/tags/{TAG}": {"object": {"type": "commit", "sha": NEW}},
    }

    def get(url: str, **_options: object) -> SimpleNamespace:
        answer = answers[url.removeprefix("https://api.github.com")]
        return SimpleNamespace(raise_for_status=lambda: None, json=lambda: answer)

    monkeypatch.setattr(module, "TABLE", file)
    monkeypatch.setattr(module.requests, "get", get)
    return module


def test_the_renewal_takes_the_commit_behind_an_annotated_tag(
    script: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["--check"]) == 1
    assert script.TABLE.read_text() == TABLE
    assert script.main([]) == 0
    assert script.TABLE.read_text() == TABLE.replace(
        f"cibuildwheel@{OLD} # v2.0.0", f"cibuildwheel@{NEW} # v2.1.0"
    )
    assert capsys.readouterr().out == "pypa/cibuildwheel v2.0.0 -> v2.1.0\n" * 2
    assert script.main(["--check"]) == 0
    assert "renewal" not in sys.modules
