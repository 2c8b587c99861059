"""The workflows that `init` writes: as files to read, as the linters see them, and for names of any kind.

`PYPI_SETUP_REWRITE_GOLDEN=1 pytest tests/writing` writes the files anew; the diff is then to be reviewed.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import linted

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.lookup import Project
from pypi_setup.values.finding import Severity
from pypi_setup.values.index import Index, parse
from pypi_setup.values.publisher import BadInput
from pypi_setup.values.publisher import parse as parse_publisher
from pypi_setup.writing.pins import Pin
from pypi_setup.writing.workflow import (
    FOLDER,
    Build,
    Package,
    Release,
    Trigger,
    tags,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"
REWRITE = os.environ.get("PYPI_SETUP_REWRITE_GOLDEN") == "1"

OWN = Pin("pypi-setup/pypi-setup", "0123456789abcdef0123456789abcdef01234567", "v0.1.0")
PYPI = parse("pypi")
SAMPLE = Package("sample-project", Build.PYTHON, "pypi")
BASE = Release("release.yml", (SAMPLE,), PYPI, OWN)
SEVERAL = tuple(
    Package(name, build, f"pypi-{name}", f"packages/{name}", history=build is Build.UV)
    for name, build in zip(("core", "core-v2", "fast", "faster"), Build, strict=True)
)

CASES = {
    "python": BASE,
    "uv-from-tags": BASE._replace(packages=(SAMPLE._replace(build=Build.UV, history=True),)),
    "cibuildwheel-on-release": BASE._replace(
        packages=(SAMPLE._replace(build=Build.CIBUILDWHEEL, history=True),), trigger=Trigger.RELEASE
    ),
    "maturin-testpypi-only": BASE._replace(
        packages=(SAMPLE._replace(build=Build.MATURIN, environment="testpypi"),),
        package_index=parse("testpypi"),
    ),
    "testpypi-first": BASE._replace(rehearsed=True, tag=""),
    "own-index": BASE._replace(package_index=parse("https://index.example.org/pypi"), file="Publish it.yaml"),
    "workspace": BASE._replace(packages=SEVERAL, rehearsed=True),
    "folder": BASE._replace(packages=(SAMPLE._replace(folder="python dir/lib"),), file="publish-2.yml"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_workflow(name: str) -> None:
    file, text = GOLDEN / f"{name}.yml", written(CASES[name])
    if REWRITE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def repository(folder: Path, release: Release) -> Path:
    """A repository with these projects and the workflow that is written for them."""
    for package in release.packages:
        place = folder / package.folder
        place.mkdir(parents=True, exist_ok=True)
        (place / "pyproject.toml").write_text(f'[project]\nname = "{package.project}"\nversion = "1.2.3"\n')
    place = folder / release.path
    place.parent.mkdir(parents=True)
    place.write_text(written(release))
    return folder


@pytest.mark.parametrize("name", CASES)
def test_the_check_finds_nothing_at_all(tmp_path: Path, name: str) -> None:
    release = CASES[name]
    files = Checkout(repository(tmp_path, release))
    indexes = [release.package_index, *([parse("testpypi")] if release.rehearsed else [])]
    for package in release.packages:
        for index in indexes:
            environment = package.environment if index == indexes[0] else release.rehearsal(package)
            publisher = parse_publisher(package.project, "octo-org", "sample", release.file, environment)
            known = {publisher.name: Project(exists=True)}
            evidence = Evidence((publisher,), index, files, known)
            # That the other jobs publish other projects cannot be told from outside: a notice says so.
            others = {f"environment-mismatch {Severity.NOTICE.value}"} if len(release.packages) > 1 else set()
            assert {f"{each.rule} {each.severity.value}" for each in check(evidence)} == others
            assert {each.upload.indexes for each in evidence.publications} == {(index.url,)}


@pytest.mark.linter
@pytest.mark.parametrize("name", CASES)
def test_no_linter_finds_a_thing(tmp_path: Path, name: str) -> None:
    assert linted(repository(tmp_path, CASES[name])) == ""


def loaded(release: Release) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(written(release))
    return content


def test_the_publishing_job_may_and_does_nothing_else() -> None:
    for release in CASES.values():
        jobs = loaded(release)["jobs"]
        for name, job in jobs.items():
            uses = [step.get("uses", "run").partition("@")[0] for step in job["steps"]]
            if name.startswith(("publish", "testpypi")) and "verify" not in name:
                assert job["permissions"] == {"id-token": "write"}
                assert uses == ["actions/download-artifact", "pypa/gh-action-pypi-publish"]
            elif "verify" in name:
                assert job["if"] == "github.event_name == 'workflow_dispatch'"
                assert uses == ["pypi-setup/pypi-setup"]
            else:
                assert job["permissions"] == {"contents": "read"}


def test_the_proof_is_made_in_the_publishing_jobs_environment() -> None:
    jobs = loaded(CASES["workspace"])["jobs"]
    assert jobs["publish-core"]["environment"]["name"] == jobs["verify-core"]["environment"] == "pypi-core"
    assert jobs["verify-core"]["steps"][0]["with"] == {
        "mode": "verify",
        "project": "core",
        "workflow": "release.yml",
        "environment": "pypi-core",
    }
    assert jobs["testpypi_verify-core"]["environment"] == "testpypi-core"
    assert jobs["testpypi_verify-core"]["steps"][0]["with"]["index-url"] == "testpypi"


def test_a_tag_of_one_project_builds_no_other() -> None:
    jobs = loaded(CASES["workspace"])["jobs"]
    assert jobs["build-core"]["if"] == (
        "github.event_name != 'workflow_dispatch' && startsWith(github.ref_name, 'core-v') && "
        "!startsWith(github.ref_name, 'core-v2-v')"
    )
    assert jobs["build-core-v2"]["if"] == (
        "github.event_name != 'workflow_dispatch' && startsWith(github.ref_name, 'core-v2-v')"
    )


def test_what_starts_a_release() -> None:
    assert tags(BASE) == ("v[0-9]*",)
    assert tags(CASES["testpypi-first"]) == ("[0-9]+.[0-9]*",)
    assert tags(CASES["workspace"])[:2] == ("core-v[0-9]*", "core-v2-v[0-9]*")


@pytest.mark.parametrize(
    ("package", "field"),
    [
        (SAMPLE._replace(environment="${{ github.actor }}"), "environment"),
        (SAMPLE._replace(folder="a'b"), "folder"),
        (SAMPLE._replace(folder="a\nb"), "folder"),
    ],
)
def test_a_name_that_a_workflow_cannot_hold_is_refused(package: Package, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        written(BASE._replace(packages=(package,)))
    (problem,) = refused.value.problems
    assert (problem.field, problem.fix) == (field, f"rename the {field}")


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,12}[A-Za-z0-9])?", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="'\"`,;\\"), min_size=1, max_size=20
).filter(lambda text: "${{" not in text)


@settings(deadline=None)
@given(NAMES, TEXTS, TEXTS, st.sampled_from(Build), st.booleans())
def test_any_name_stands_in_the_file_as_it_is(
    project: str, environment: str, folder: str, build: Build, rehearsed: bool
) -> None:
    package = Package(project, build, environment, folder)
    jobs = loaded(BASE._replace(packages=(package,), rehearsed=rehearsed))["jobs"]
    assert jobs["publish"]["environment"]["name"] == environment
    assert jobs["verify"]["environment"] == environment
    assert jobs["verify"]["steps"][0]["with"]["project"] == project


@settings(deadline=None)
@given(TEXTS.filter(lambda text: "/" not in text))
def test_any_file_name_stands_in_the_file_as_it_is(stem: str) -> None:
    content = loaded(BASE._replace(file=f"{stem}.yml"))
    assert content["jobs"]["verify"]["steps"][0]["with"]["workflow"] == f"{stem}.yml"
    assert content["name"]


# ---------------------------------------------------------------- the step that compares tag and version


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Run the step's script; return its complaint."""

    def run(tag: str, *names: str, prefix: str | None = None) -> str:
        monkeypatch.setenv("TAG", tag)
        monkeypatch.delenv("PREFIX", raising=False)
        if prefix is not None:
            monkeypatch.setenv("PREFIX", prefix)
        monkeypatch.setattr(sys, "argv", ["-", *(f"dist/{name}" for name in names)])
        try:
            runpy.run_path(str(FOLDER / "tag_is_version.py"))
        except SystemExit as end:
            return str(end.code)
        return ""

    return run


@pytest.mark.parametrize(
    ("tag", "prefix"),
    [("v1.2.3rc1", None), ("1.2.3rc1", None), ("v1.2.3-rc.1", None), ("core-v1.2.3rc1", "core-")],
)
def test_the_same_version_however_it_is_written(
    compare: Callable[..., str], tag: str, prefix: str | None
) -> None:
    names = ("core-1.2.3rc1.tar.gz", "core-1.2.3rc1-py3-none-any.whl")
    assert compare(tag, *names, prefix=prefix) == ""


def test_another_version_stops_the_release(compare: Callable[..., str]) -> None:
    names = ("core-1.2.3.tar.gz", "core-1.2.4-py3-none-any.whl")
    assert compare("v1.2.3", *names) == (
        "::error title=Wrong version::The tag v1.2.3 is not the version of core-1.2.4-py3-none-any.whl"
    )
    assert compare("v1.2.3", "core-1.2.4.dev0+gabc.tar.gz").endswith("core-1.2.4.dev0+gabc.tar.gz")


def test_a_tag_that_is_no_version_stops_the_release(compare: Callable[..., str]) -> None:
    assert compare("very-good", "core-1.2.3.tar.gz") == (
        "::error title=Wrong version::The tag very-good is not the version of core-1.2.3.tar.gz"
    )


def test_an_index_of_another_name_is_an_index_all_the_same() -> None:
    text = written(BASE._replace(package_index=Index("http://127.0.0.1:8080")))
    assert "          repository-url: http://127.0.0.1:8080/legacy/\n" in text
    assert "          index-url: http://127.0.0.1:8080\n" in text
