"""This repository's own workflows: what each job may do, and in which order a release becomes final."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pypi_setup import cli
from pypi_setup.sandbox import Environment, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github/workflows"
FILES = sorted(file.name for file in FOLDER.glob("*.yml"))

RIGHTS = {
    ("lock.yml", "propose"): {"contents": "write", "pull-requests": "write"},
    ("release.yml", "image"): {"contents": "read", "packages": "write"},
    ("release.yml", "index"): {
        "packages": "write",
        "id-token": "write",
        "attestations": "write",
        "artifact-metadata": "write",
    },
    ("release.yml", "tag"): {"contents": "write"},
    ("release.yml", "publish"): {"contents": "read", "id-token": "write"},
    ("release.yml", "announce"): {"contents": "write"},
    ("release.yml", "major"): {"contents": "write"},
}
"""The jobs that may do more than read the code."""


def load(file: str) -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in FILES:
        for name, job in load(file)["jobs"].items():
            yield file, name, job


@pytest.fixture(scope="module")
def release() -> dict[str, Any]:
    return load("release.yml")


def before(release: dict[str, Any], name: str) -> set[str]:
    """All jobs that must have succeeded before this one starts."""
    needs = release["jobs"][name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(before(release, other) for other in direct))


@pytest.mark.parametrize("file", FILES)
def test_a_workflow_has_no_rights_of_its_own(file: str) -> None:
    assert load(file)["permissions"] == {}


@pytest.mark.parametrize(
    ("file", "name", "job"), [pytest.param(*job, id=f"{job[0]}-{job[1]}") for job in jobs()]
)
def test_a_job_has_the_rights_it_needs(file: str, name: str, job: dict[str, Any]) -> None:
    assert job["permissions"] == RIGHTS.get((file, name), {"contents": "read"})
    assert ("timeout-minutes" in job) == ("uses" not in job)


@pytest.mark.parametrize("file", FILES)
def test_what_runs_is_pinned_and_gets_no_credentials(file: str) -> None:
    for job in load(file)["jobs"].values():
        for step in job.get("steps", []):
            action = step.get("uses", "./")
            assert action == "./" or re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action)
            if action.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_nothing_is_final_before_all_was_tried(release: dict[str, Any]) -> None:
    assert before(release, "tag") == {"check", "test", "build", "image", "index", "try"}
    assert before(release, "publish") == before(release, "tag") | {"tag"}
    assert before(release, "announce") == before(release, "publish") | {"publish"}
    assert before(release, "major") == before(release, "announce") | {"announce"}


def test_no_job_is_skipped_and_lets_the_next_ones_go_on(release: dict[str, Any]) -> None:
    assert [name for name, job in release["jobs"].items() if "if" in job] == []


def test_what_is_final_is_gated(release: dict[str, Any]) -> None:
    gates = {name: job["environment"] for name, job in release["jobs"].items() if "environment" in job}
    url = "https://pypi.org/project/pypi-setup/${{ needs.check.outputs.version }}/"
    assert gates == {
        "tag": "release",
        "publish": {"name": "pypi", "url": url},
        "announce": "release",
        "major": "release",
    }


def test_the_publisher_is_proven_before_the_upload(release: dict[str, Any]) -> None:
    steps = release["jobs"]["publish"]["steps"]
    assert [step["uses"].partition("@")[0] for step in steps] == [
        "actions/checkout",
        "actions/download-artifact",
        "./",
        "pypa/gh-action-pypi-publish",
    ]
    assert steps[0]["with"]["ref"] == "refs/tags/${{ needs.check.outputs.tag }}"
    assert steps[2]["with"]["mode"] == "verify"


def test_this_tool_finds_nothing_in_this_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bare: Path
) -> None:
    workflow = (FOLDER / "release.yml").read_text(encoding="utf-8")
    with Sandbox() as index:
        upload = "        with:\n          skip-existing:"
        here = f"        with:\n          repository-url: {index.url}/legacy/\n          skip-existing:"
        assert workflow.count(upload) == 1
        files = {f".github/workflows/{file}": (FOLDER / file).read_text(encoding="utf-8") for file in FILES}
        files[".github/workflows/release.yml"] = workflow.replace(upload, here)
        files["pyproject.toml"] = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        environments = (Environment("pypi"), Environment("release"))
        index.github.add_repository("pypi-setup/pypi-setup", files=files, environments=environments)
        monkeypatch.setenv("GITHUB_API_URL", index.github.url)
        code = cli.main(
            [
                *("check", "--json", "--index-url", index.url, "--project", "pypi-setup"),
                *("--owner", "pypi-setup", "--repo", "pypi-setup"),
                *("--workflow", "release.yml", "--environment", "pypi"),
            ]
        )
    report = json.loads(capsys.readouterr().out)
    assert (code, report["status"]) == (0, "checked")
    assert [finding["rule"] for finding in report["findings"]] == []


def test_the_hook_of_pre_commit_runs_a_command_that_there_is() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    program, *words = hook["entry"].split()
    assert (program, hook["language"], hook["pass_filenames"]) == ("pypi-setup", "python", False)
    assert words == ["check"]
    files = re.compile(hook["files"])
    for path in (
        ".github/workflows/release.yml",
        ".github/workflows/a.yaml",
        "pyproject.toml",
        "p/pyproject.toml",
    ):
        assert files.search(path)
    for path in ("release.yml", ".github/dependabot.yml", ".github/workflows/sub/a.yml", "xpyproject.toml"):
        assert not files.search(path)


def test_the_market_place_can_show_the_action() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["branding"] == {"icon": "package", "color": "blue"}
    assert len(action["name"]) <= 50
