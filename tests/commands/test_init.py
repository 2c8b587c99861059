"""`init` in small repositories of all kinds: what it writes, a second run, and the plan."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.commands.scripted import Scripted
from tests.conftest import linted

from pypi_setup.commands import dispatch, preparation
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.render import jsonline, terminal
from pypi_setup.sandbox import Environment
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.lookup import Project, look_up
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import TESTPYPI_URL
from pypi_setup.values.request import Given
from pypi_setup.values.surroundings import Surroundings
from pypi_setup.writing.own import Own
from pypi_setup.writing.pins import Pin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.sources.lookup import Project as Known
    from pypi_setup.transport import Client
    from pypi_setup.values.index import Index
    from pypi_setup.values.report import Report

FILE = ".github/workflows/release.yml"
OWN = Own(Pin("pypi-setup/pypi-setup", "0123456789abcdef0123456789abcdef01234567", "v0.1.0"), is_release=True)


def project(backend: str = "", *requires: str, name: str = "sample", more: str = "") -> str:
    system = (
        f'[build-system]\nrequires = {json.dumps(requires)}\nbuild-backend = "{backend}"\n' if backend else ""
    )
    return f'[project]\nname = "{name}"\nversion = "1.2.3"\n{system}{more}'


MEMBERS = '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
CI = "name: CI\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n"


class Kind(NamedTuple):
    """A repository, what is asked for, and what is then in the workflow."""

    files: Mapping[str, str]
    has: tuple[str, ...] = ("python -m build\n",)
    options: Mapping[str, str] = {}
    tags: tuple[str, ...] = ()
    file: str = "release.yml"


def of(backend: str, *requires: str, more: str = "") -> dict[str, str]:
    return {"pyproject.toml": project(backend, *requires, more=more)}


KINDS = {
    "hatchling": Kind(of("hatchling.build", "hatchling")),
    "setuptools": Kind(of("setuptools.build_meta", "setuptools>=77")),
    "no build system": Kind({"pyproject.toml": project()}),
    "setup.cfg": Kind({"setup.cfg": "[metadata]\nname = sample\nversion = 1.2.3\n"}),
    "setup.py": Kind({"setup.py": 'from setuptools import setup\n\nsetup(name="sample", version="1.2.3")\n'}),
    "flit": Kind(of("flit_core.buildapi", "flit_core>=3.2,<4")),
    "poetry": Kind(
        {
            "pyproject.toml": '[tool.poetry]\nname = "sample"\nversion = "1.2.3"\n'
            '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
        }
    ),
    "pdm": Kind(of("pdm.backend", "pdm-backend")),
    "its own backend": Kind(of("backend", more='backend-path = ["build"]\n')),
    "uv_build": Kind(of("uv_build", "uv_build>=0.9"), ("uv build\n", "enable-cache: false")),
    "uv.lock": Kind({**of("hatchling.build", "hatchling"), "uv.lock": "version = 1\n"}, ("uv build\n",)),
    "uv's settings": Kind(of("hatchling.build", "hatchling", more="[tool.uv]\n"), ("uv build\n",)),
    "setuptools-scm": Kind(
        of("setuptools.build_meta", "setuptools", "setuptools-scm>=8", more="[tool.setuptools_scm]\n"),
        ("fetch-depth: 0",),
    ),
    "hatch-vcs": Kind(of("hatchling.build", "hatchling", "hatch-vcs"), ("fetch-depth: 0",)),
    "uv with versions from tags": Kind(
        {**of("hatchling.build", "hatchling", "uv-dynamic-versioning"), "uv.lock": ""},
        ("fetch-depth: 0", "uv build\n"),
    ),
    "cython": Kind(of("setuptools.build_meta", "setuptools", "Cython"), ("pypa/cibuildwheel@", "--sdist")),
    "an extension in setup.py": Kind(
        {"setup.py": 'from setuptools import setup\nsetup(name="sample", ext_modules=EXTENSIONS)\n'},
        ("pypa/cibuildwheel@",),
    ),
    "meson-python": Kind(of("mesonpy", "meson-python"), ("pypa/cibuildwheel@",)),
    "scikit-build-core": Kind(of("scikit_build_core.build", "scikit-build-core"), ("pypa/cibuildwheel@",)),
    "mypyc by hatch": Kind(
        of("hatchling.build", "hatchling", more="[tool.hatch.build.hooks.mypyc]\n"), ("pypa/cibuildwheel@",)
    ),
    "cibuildwheel's settings": Kind(
        of("setuptools.build_meta", "setuptools", more="[tool.cibuildwheel]\n"), ("pypa/cibuildwheel@",)
    ),
    "compiled, with versions from tags": Kind(
        of("setuptools.build_meta", "setuptools", "pybind11", "setuptools-scm"),
        ("pypa/cibuildwheel@", "fetch-depth: 0"),
    ),
    "maturin": Kind(of("maturin", "maturin>=1.9,<2"), ("PyO3/maturin-action@", "musllinux_1_2")),
    "in a folder": Kind(
        {"python/pyproject.toml": project(name="sample")}, ("python -m build python --outdir dist",)
    ),
    "maturin in a folder": Kind(
        {"bindings/python/pyproject.toml": project("maturin", "maturin")},
        ("working-directory: bindings/python", "path: bindings/python/dist/"),
    ),
    "beside a test project": Kind(
        {"src/a/pyproject.toml": project(), "tests/data/pyproject.toml": project(name="other")},
        ("python -m build src/a",),
    ),
    "with a CI workflow": Kind({**of("hatchling.build", "hatchling"), ".github/workflows/ci.yml": CI}),
    "with a workflow of the usual name": Kind(
        {**of("hatchling.build", "hatchling"), FILE: CI}, file="publish.yml"
    ),
    "tags without a v": Kind(
        of("hatchling.build", "hatchling"), ("tags: ['[0-9]+.[0-9]*']",), tags=("1.2.2",)
    ),
    "on a release": Kind(
        of("hatchling.build", "hatchling"), ("types: [published]",), options={"trigger": "release"}
    ),
    "TestPyPI first": Kind(
        of("hatchling.build", "hatchling"),
        ("Publish sample on TestPyPI",),
        options={"testpypi_first": "true"},
    ),
    "another environment and file": Kind(
        of("hatchling.build", "hatchling"),
        ("name: releases\n",),
        options={"environment": "releases", "workflow": "ship-it.yaml"},
        file="ship-it.yaml",
    ),
    "a workspace": Kind(
        {
            "pyproject.toml": project("hatchling.build", "hatchling", name="sample", more=MEMBERS),
            "packages/core/pyproject.toml": project("hatchling.build", "hatchling", name="sample-core"),
            "packages/fast/pyproject.toml": project("maturin", "maturin", name="sample-fast"),
        },
        ("name: pypi-sample-core", "startsWith(github.ref_name, 'sample-core-v')", "PyO3/maturin-action@"),
    ),
    "a workspace with a private member": Kind(
        {
            "pyproject.toml": MEMBERS,
            "packages/core/pyproject.toml": project(name="sample-core"),
            "packages/site/pyproject.toml": project(
                name="site", more='classifiers = ["Private :: Do Not Upload"]\n'
            ),
        },
        ("environment:\n      name: pypi\n", "uv build packages/core --out-dir dist"),
    ),
}


class Repository:
    """A checkout in the current folder, and the stand-ins for the index and for GitHub."""

    def __init__(self, folder: Path, sandbox: Sandbox, environ: Mapping[str, str]) -> None:
        self.folder, self.sandbox, self.environ = folder, sandbox, environ
        self.person: Scripted | None = None
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("remote", "add", "origin", "https://github.com/octo-org/sample-repo.git")

    def git(self, *words: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "tag.gpgSign=false")
        subprocess.run(["git", "-C", str(self.folder), *identity, *words], check=True, capture_output=True)

    def add(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    @property
    def files(self) -> dict[str, str]:
        """All files but git's own."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        names = {path.relative_to(self.folder).as_posix(): path for path in paths}
        return {name: path.read_text() for name, path in names.items() if not name.startswith(".git/")}

    def init(self, **options: Any) -> Report:
        given = Given(index_url=self.sandbox.url, mode="init", **options)
        around = Surroundings(str(self.folder), self.environ, lambda _secret: None, person=self.person)
        return dispatch.run(given, around)


@pytest.fixture
def repository(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    def known(name: str, index: Index, client: Client) -> Known:
        return Project(exists=None) if index.url == TESTPYPI_URL else look_up(name, index, client)

    monkeypatch.setattr(preparation, "own", lambda _environ: OWN)
    monkeypatch.setattr(preparation, "look_up", known)  # The tests have no TestPyPI.
    folder = tmp_path / "checkout"
    folder.mkdir()
    nowhere = str(tmp_path / "no-gh")
    return Repository(folder, sandbox, {**os.environ, "PATH": f"{nowhere}:/usr/bin:/bin", "GITHUB_TOKEN": ""})


@pytest.fixture
def kind(request: pytest.FixtureRequest, repository: Repository) -> Kind:
    """A repository of that kind."""
    found = KINDS[request.param]
    repository.add(found.files)
    if found.tags:
        repository.git("commit", "--quiet", "--allow-empty", "--message", "first")
    for tag in found.tags:
        repository.git("tag", tag)
    return found


@pytest.mark.parametrize("kind", KINDS, indirect=True)
class TestEveryKind:
    def test_a_dry_run_writes_nothing(self, repository: Repository, kind: Kind) -> None:
        before = repository.files
        report = repository.init(dry_run="true", **kind.options)
        assert repository.files == before
        assert (report.status.value, report.exit_code) == ("dry-run", 0)
        assert f"+++ b/.github/workflows/{kind.file}\n" in report.diff
        assert [step.state.value for step in report.steps if step.name == "workflow"] == ["planned"]

    def test_what_is_written_has_no_finding(self, repository: Repository, kind: Kind) -> None:
        before = repository.files
        report = repository.init(yes="true", **kind.options)
        assert (report.status.value, report.findings, report.problems) == ("prepared", (), ())
        added = {name: text for name, text in repository.files.items() if name not in before}
        (text,) = added.values()
        assert list(added) == [f".github/workflows/{kind.file}"]
        assert before.items() <= repository.files.items()
        for part in kind.has:
            assert part in text
        for each in report.results or (report,):
            assert each.publisher is not None
            publisher = each.publisher
            known = {publisher.name: Project(exists=True)}
            evidence = Evidence((publisher,), each.package_index, Checkout(repository.folder), known)
            rest = {f"{one.rule} {one.severity.value}" for one in check(evidence)}
            # Of several projects' jobs `check` says that it cannot tell which publishes what.
            assert rest <= ({"environment-mismatch notice"} if len(report.results) > 1 else set())

    def test_a_second_run_changes_nothing(self, repository: Repository, kind: Kind) -> None:
        first = repository.init(yes="true", **kind.options)
        written = repository.files
        options = {name: text for name, text in kind.options.items() if name == "environment"}
        second = repository.init(yes="true", **options)
        assert (repository.files, second.diff) == (written, "")
        assert [(step.name, step.state) for step in second.steps] == [
            (step.name, step.state) for step in first.steps
        ]
        assert repository.init(**options).steps == second.steps  # Nothing is left that needs a word.

    @pytest.mark.linter
    def test_no_linter_finds_a_thing(self, repository: Repository, kind: Kind) -> None:
        repository.init(yes="true", **kind.options)
        (repository.folder / ".github/workflows/ci.yml").unlink(missing_ok=True)  # Not ours.
        if kind.file != "release.yml":
            (repository.folder / FILE).unlink(missing_ok=True)
        assert linted(repository.folder) == ""


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 25


# ---------------------------------------------------------------- the plan


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(step.name, step.state.value, step.text) for step in report.steps]


def test_the_plan_of_a_new_project(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    report = repository.init(dry_run="true")
    assert told(report) == [
        ("workflow", "planned", f"Write {FILE}."),
        ("environment", "done", "The environment pypi exists on GitHub; it is left as it is."),
        ("publisher", "yours", f"Register the pending publisher of sample on {report.package_index.label}."),
        ("push", "yours", "Commit and push the workflow to the default branch."),
        ("proof", "yours", "Prove the publisher without publishing."),
        ("release", "later", "Release: push a version tag."),
    ]
    assert report.message == f"Nothing is written yet. Nothing here publishes yet; {FILE} will."
    assert report.action == "Run pypi-setup init --yes to carry it out."
    register, push, proof, release = report.steps[2:]
    assert dict(register.fields)["Workflow name"] == "release.yml"
    assert push.commands[0] == f"git add {FILE}"
    assert proof.commands == ("gh workflow run release.yml --ref main", "gh run watch")
    assert release.commands == ("git tag v1.2.3", "git push origin v1.2.3")


def test_a_proof_from_a_tag_where_the_environment_may_admit_no_branch(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    report = repository.init(dry_run="true", environment="releases")
    environment, proof = (step for step in report.steps if step.name in {"environment", "proof"})
    assert environment.state.value == "yours"
    assert environment.text == "Create the environment releases on GitHub; it admits only the tags v*."
    assert environment.url == "https://github.com/octo-org/sample-repo/settings/environments"
    assert "the ref type Tag and the pattern v*" in environment.why
    assert proof.commands[:3] == (
        "git tag verify",
        "git push origin verify",
        "gh workflow run release.yml --ref verify",
    )


def test_nothing_is_written_without_a_word(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    plan = repository.init(dry_run="true")
    assert repository.init() == plan
    assert plan.exit_code == 0
    assert list(repository.files) == ["pyproject.toml"]


@pytest.mark.parametrize("answer", ["yes", "no", None])
def test_whoever_can_be_asked_sees_the_plan_first(repository: Repository, answer: str | None) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    plan = repository.init(dry_run="true")
    person = Scripted("tag", "false", *([answer] if answer else ()))
    person.on_show = lambda: list(repository.files) == ["pyproject.toml"]
    repository.person = person
    report = repository.init()
    assert person.shown == [plan._replace(action="Say below whether to.")]
    assert (FILE in repository.files) is (answer == "yes")
    assert report.status.value == ("prepared" if answer == "yes" else "cancelled")
    repository.init(yes="true")
    repository.init(dry_run="true")
    assert len(person.shown) == 1


def test_what_is_pushed_and_registered_is_done(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    repository.init(yes="true")
    text = (repository.folder / FILE).read_text()
    github = repository.sandbox.github
    github.add_repository("octo-org/sample-repo", files={FILE: text}, environments=[Environment("pypi")])
    report = repository.init()
    states = {step.name: step.state.value for step in report.steps}
    assert (states["workflow"], states["push"], states["publisher"]) == ("done", "done", "yours")
    assert report.message == "release.yml is there; 3 steps are left."


def test_a_wish_for_a_workflow_of_ours_is_shown_as_a_change(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    repository.init(yes="true")
    report = repository.init(yes="true", trigger="release")
    assert "+    types: [published]\n" in report.diff
    assert report.message == "release.yml is changed; 4 steps are left."
    assert repository.init(yes="true").diff == ""
    assert "types: [published]" in (repository.folder / FILE).read_text()


def test_no_more_than_three_publishers_are_pending(repository: Repository) -> None:
    names = ("one", "two", "three", "four")
    repository.add({f"packages/{name}/pyproject.toml": project(name=name) for name in names})
    repository.add({"pyproject.toml": MEMBERS})
    report = repository.init(dry_run="true")
    states = [step.state.value for step in report.steps if step.name == "publisher"]
    assert states == ["yours", "yours", "yours", "later"]
    last = [step for step in report.steps if step.name == "publisher"][-1]
    assert last.why.startswith("Later: 3 pending publishers can wait at a time.")
    assert len(report.results) == 4


def test_a_clone_says_that_it_is_no_release(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    monkeypatch.setattr(preparation, "own", lambda _environ: OWN._replace(is_release=False))
    (note,) = repository.init(dry_run="true").notes
    assert note.startswith(
        "The proof runs pypi-setup/pypi-setup at commit 0123456789ab, the state of this clone"
    )


def test_text_and_json_tell_the_steps(repository: Repository) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    report = repository.init(yes="true")
    text = terminal.text(report)
    assert "→ release.yml is written; 4 steps are left.\n  Why:  2 of 6 steps done.\n" in text
    assert f"Steps\n  ✓ 1. Write {FILE}.\n" in text
    assert "\n  → 3. Register the pending publisher of sample on" in text
    assert "\n         Owner: octo-org\n" in text
    assert "\n         $ git push origin v1.2.3\n" in text
    data = json.loads(jsonline.line(report))
    assert (data["status"], data["success"], data["dry_run"]) == ("prepared", True, False)
    assert data["steps"][2]["fields"]["Repository name"] == "sample-repo"
    assert data["steps"][0] == {
        "name": "workflow",
        "state": "done",
        "text": f"Write {FILE}.",
        "why": "No workflow here can be seen to publish. This one builds without any secret, checks the tag "
        "against the version, and publishes in a job that may do nothing else.",
        "commands": [],
        "url": "",
        "fields": {},
    }


# ---------------------------------------------------------------- what only a person can decide


@pytest.mark.parametrize(
    ("files", "options", "field", "rule"),
    [
        ({}, {}, "project", "No project is found: no pyproject.toml here names a project"),
        (
            {"a/pyproject.toml": project(name="one"), "b/pyproject.toml": project(name="two")},
            {},
            "project",
            "There are several projects here, and nothing tells which are published: one, two",
        ),
        (
            of(""),
            {"environment": ""},
            "environment",
            "Without an environment any job of the workflow could publish",
        ),
        (of(""), {"trigger": "push"}, "trigger", "What starts a release is one of tag, release"),
        (of(""), {"owner": "octo_org"}, "owner", "Invalid GitHub user or organization name"),
        (
            {**of(""), FILE: CI},
            {"workflow": "release.yml"},
            "workflow",
            "This workflow exists and uploads nothing",
        ),
        (of(""), {"environment": "a'b"}, "environment", "Environment name must not contain"),
        (of(""), {"index_url": "nowhere"}, "index-url", ""),
    ],
)
def test_what_is_refused(
    repository: Repository, files: dict[str, str], options: dict[str, str], field: str, rule: str
) -> None:
    repository.add(files)
    before = repository.files
    given: dict[str, Any] = {"index_url": repository.sandbox.url, **options}
    around = Surroundings(str(repository.folder), repository.environ, lambda _secret: None)
    report = dispatch.run(Given(mode="init", yes="true", **given), around)
    assert (report.status.value, report.exit_code) == ("invalid", 2)
    assert report.problems[0].field == field
    assert report.problems[0].rule.startswith(rule)
    assert repository.files == before


def test_several_publishing_workflows_are_a_persons_choice(repository: Repository, workflow: str) -> None:
    text = workflow.replace("URL", repository.sandbox.url)
    repository.add({**of(""), ".github/workflows/a.yml": text, ".github/workflows/b.yml": text})
    (problem,) = repository.init(yes="true").problems
    assert (problem.field, problem.rule) == ("workflow", "Several workflows publish: a.yml, b.yml")
    assert repository.init(dry_run="true", workflow="b.yml").problems == ()


def test_a_named_project_that_no_file_names(repository: Repository) -> None:
    repository.add({"setup.py": "from setuptools import setup\nsetup(name=NAME, ext_modules=MODULES)\n"})
    report = repository.init(yes="true", project=("Some.Project\nsome-project",))
    assert "pypa/cibuildwheel@" in (repository.folder / FILE).read_text()
    assert report.publisher is not None
    assert report.publisher.project == "some-project"


def test_a_repository_without_any_metadata(repository: Repository) -> None:
    assert repository.init(yes="true", project=("sample",)).success
    assert "python -m build\n" in (repository.folder / FILE).read_text()


def test_a_copy_that_does_not_know_its_commit(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add(of(""))
    monkeypatch.setattr(preparation, "own", lambda _environ: None)
    (problem,) = repository.init(yes="true").problems
    assert problem.rule == "This copy of pypi-setup does not know the commit that it was made from"


def test_testpypi_has_an_environment_of_its_own(repository: Repository) -> None:
    repository.add(of(""))
    around = Surroundings(str(repository.folder), repository.environ, lambda _secret: None)
    report = dispatch.run(Given(index_url="testpypi", mode="init", yes="true"), around)
    assert report.publisher is not None
    assert report.publisher.environment == "testpypi"
    assert "repository-url: https://test.pypi.org/legacy/" in (repository.folder / FILE).read_text()


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add(of(""))

    def meanwhile(name: str, index: Index, client: Client) -> Known:
        repository.add({FILE: "mine"})
        return look_up(name, index, client)

    monkeypatch.setattr(preparation, "look_up", meanwhile)
    (problem,) = repository.init(yes="true").problems
    assert problem.rule == f"Not written: {FILE} exists by now"
    assert (repository.folder / FILE).read_text() == "mine"


# ---------------------------------------------------------------- environments by gh

GH = """\
#!/bin/sh
printf '%s\\n' "$*" >>"$0.log"
case "$*" in
*deployment-branch-policies*) [ ! -e "$0.refuses" ] || { echo '{"message": "Not allowed"}'; exit 1; } ;;
esac
"""


@pytest.fixture
def gh(repository: Repository, tmp_path: Path) -> Path:
    """A stand-in for gh that somebody is signed in with; return its file."""
    file = tmp_path / "no-gh" / "gh"
    file.parent.mkdir()
    file.write_text(GH)
    file.chmod(0o755)
    return file


def test_gh_creates_the_environments(repository: Repository, gh: Path) -> None:
    repository.add(of(""))
    planned = repository.init(dry_run="true", environment="the releases")
    assert Path(f"{gh}.log").read_text() == "auth status --hostname github.com\n"
    (step,) = [step for step in planned.steps if step.name == "environment"]
    assert (step.state.value, step.why) == (
        "planned",
        "PyPI then trusts a job in this environment only, and no branch can use it.",
    )
    report = repository.init(yes="true", environment="the releases")
    assert [step.state.value for step in report.steps if step.name == "environment"] == ["done"]
    place = "repos/octo-org/sample-repo/environments/the%20releases"
    policy = "deployment_branch_policy"
    assert Path(f"{gh}.log").read_text().splitlines()[2:] == [
        f"api --method PUT {place} -F {policy}[protected_branches]=false "
        f"-F {policy}[custom_branch_policies]=true",
        f"api --method POST {place}/deployment-branch-policies -f name=v* -f type=tag",
    ]


def test_what_gh_is_refused_stays_for_a_person(repository: Repository, gh: Path) -> None:
    repository.add(of(""))
    Path(f"{gh}.refuses").touch()
    report = repository.init(yes="true", environment="releases")
    (step,) = [step for step in report.steps if step.name == "environment"]
    assert step.state.value == "yours"
    assert step.why.startswith("gh could not do it: Not allowed. Click 'New environment', enter releases")
    assert report.success


# ---------------------------------------------------------------- from a token

TOKEN = """\
name: Release # to PyPI
on:
  push:
    tags: ["v*"]
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: |
          pip install build
          python -m build
      - uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33 # v1.14.2
        with:
          repository-url: URL/legacy/ # ours
          password: ${{ secrets.PYPI_API_TOKEN }}
"""


def test_a_token_is_moved_from_by_the_fewest_edits(repository: Repository) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url)
    repository.add({**of(""), FILE: text})
    repository.sandbox.store.add_project("sample")
    plan = repository.init(dry_run="true")
    assert plan.message == (
        "Nothing is written yet. It works with a token today. 2 changes move it to Trusted Publishing."
    )
    report = repository.init(yes="true")
    lines = ["    runs-on: ubuntu-latest", "    environment: pypi"]
    lines += ["    permissions:", "      contents: read", "      id-token: write"]
    right = text.replace(f"{lines[0]}\n", "".join(f"{line}\n" for line in lines))
    assert (repository.folder / FILE).read_text() == right.replace(
        "          password: ${{ secrets.PYPI_API_TOKEN }}\n", ""
    )
    label = report.package_index.label
    assert told(report) == [
        ("environment", "done", "The environment pypi exists on GitHub; it is left as it is."),
        ("publisher", "yours", f"Register the publisher of sample on {label}."),
        ("workflow", "done", f"Change {FILE}: Trusted Publishing in the place of the token."),
        ("push", "yours", "Commit and push the workflow to the default branch."),
        ("release", "later", "Release once, as you always do: the release is the proof."),
        ("secret", "later", "After that release: delete the secret PYPI_API_TOKEN."),
        ("token", "later", "Then revoke the API token."),
    ]
    assert report.steps[5].commands == ("gh secret delete PYPI_API_TOKEN --repo octo-org/sample-repo",)
    assert report.message == "release.yml is changed; 5 steps are left."
    assert [each.rule for each in report.findings] == ["build-with-id-token"]
    again = repository.init(yes="true")
    assert (again.diff, again.message) == ("", "release.yml is there; 3 steps are left.")


def test_the_environment_admits_what_publishes_today(repository: Repository, gh: Path) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url)
    repository.add({**of(""), FILE: text.replace('tags: ["v*"]', "branches: [main]")})
    report = repository.init(yes="true", environment="releases")
    (step,) = [step for step in report.steps if step.name == "environment"]
    assert (step.state.value, step.text, step.why) == (
        "done",
        "Create the environment releases on GitHub; it admits only the branch main.",
        "PyPI then trusts a job in this environment only.",
    )
    place = "repos/octo-org/sample-repo/environments/releases"
    *_, rule = Path(f"{gh}.log").read_text().splitlines()
    assert rule == f"api --method POST {place}/deployment-branch-policies -f name=main -f type=branch"


def test_an_environment_for_every_branch_has_no_rules(repository: Repository, gh: Path) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url)
    repository.add({**of(""), FILE: text.replace('\n    tags: ["v*"]', "")})
    report = repository.init(yes="true", environment="releases")
    (step,) = [step for step in report.steps if step.name == "environment"]
    assert step.text == "Create the environment releases on GitHub."
    *_, made = Path(f"{gh}.log").read_text().splitlines()
    assert made == "api --method PUT repos/octo-org/sample-repo/environments/releases"


def test_a_proof_of_ones_own_is_admitted_too(repository: Repository) -> None:
    proof = (
        "  verify:\n    runs-on: ubuntu-latest\n    environment: releases\n"
        "    permissions: {id-token: write}\n"
        "    steps:\n      - uses: pypi-setup/pypi-setup@v0\n        with: {mode: verify}\n"
    )
    text = TOKEN.replace("URL", repository.sandbox.url).replace('"v*"', '"release-*"')
    repository.add({**of(""), FILE: text + proof})
    report = repository.init(dry_run="true", environment="releases")
    assert report.steps[0].text == (
        "Create the environment releases on GitHub; it admits only the tags release-* and verify."
    )


def test_what_is_left_to_change_by_hand_has_its_fix(repository: Repository) -> None:
    flow = (
        "on: {push: {tags: ['v*']}}\njobs:\n  release: {runs-on: ubuntu-latest, steps: [{uses: "
        "pypa/gh-action-pypi-publish@release/v1, with: {repository-url: URL/legacy/, password: "
        "'${{ secrets.PYPI }}'}}]}\n"
    )
    repository.add({**of(""), FILE: flow.replace("URL", repository.sandbox.url)})
    report = repository.init(yes="true")
    left = [step for step in report.steps if step.text.startswith("Change by hand: ")]
    assert [step.why for step in left] == [
        "In the job 'release': see the lines under id-token-missing below.",
        "Register without an environment, or in the job 'release': see the lines under "
        "environment-mismatch below.",
        f"Remove password. After the first release, revoke the token on {report.package_index.label}.",
    ]
    assert left[0].text.startswith(f"Change by hand: {FILE}:3: Job 'release' gets no OIDC token")


def test_a_change_that_leaves_something_says_no_more_than_it_does(repository: Repository) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url).replace("with:", "with: &with")
    repository.add({**of(""), FILE: text})
    report = repository.init(yes="true")
    assert f"Change {FILE}: what has a safe edit." in [step.text for step in report.steps]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("on: push\njobs:\n  a:\n   - b: [\n", "GitHub will not load this workflow: Not YAML"),
        (
            "on: push\npermissions: {id-token: write}\n"
            "jobs:\n  a:\n    uses: o/r/.github/workflows/x.yml@main\n",
            "The only workflow that may upload is in another repository.",
        ),
    ],
)
def test_a_workflow_that_may_publish_unseen_is_named(repository: Repository, text: str, why: str) -> None:
    repository.add({**of(""), ".github/workflows/old.yml": text, ".github/workflows/ci.yml": CI})
    report = repository.init(dry_run="true")
    assert [note.partition(why)[0] for note in report.notes if why in note] == [
        "Whether old.yml publishes already is not known. "
    ]


@pytest.mark.linter
def test_a_job_is_split_where_that_is_asked(repository: Repository) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url).replace(
        "v7.0.1\n      - run", "v7.0.1\n        with: {persist-credentials: false}\n      - run"
    )
    text = text.replace(
        "on:\n", "permissions: {}\nconcurrency: {group: release, cancel-in-progress: false}\non:\n", 1
    )
    text = text.replace("    runs-on", "    name: Release it\n    runs-on")
    repository.add({**of(""), FILE: text})
    report = repository.init(yes="true", split="true")
    written = (repository.folder / FILE).read_text()
    assert (report.findings, report.notes) == ((), ())
    build, release = written.split("  build:\n")[1].split("  release:\n")
    assert "id-token" not in build
    assert "          path: dist/\n          if-no-files-found: error\n" in build
    assert release.startswith(
        "    name: Release it\n    needs: build\n    runs-on: ubuntu-latest\n    environment: pypi\n"
    )
    assert "actions/checkout" not in release
    assert "PYPI_API_TOKEN" not in written
    assert linted(repository.folder) == ""
    again = repository.init(yes="true", split="true")
    assert (again.diff, again.notes) == (
        "",
        ("The job stays one: the distributions come from another job already.",),
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            ("      - uses: pypa", "      - run: twine upload dist/*\n      - uses: pypa"),
            "its other steps upload, too",
        ),
        (("pip install build", "echo ${{ secrets.DEPLOY_KEY }}"), "its other steps use secrets"),
    ],
)
def test_a_job_that_cannot_be_split_is_made_right_all_the_same(
    repository: Repository, change: tuple[str, str], why: str
) -> None:
    repository.add({**of(""), FILE: TOKEN.replace("URL", repository.sandbox.url).replace(*change)})
    report = repository.init(yes="true", split="true")
    assert report.notes[0].startswith(f"The job stays one: {why}")
    assert "id-token: write" in (repository.folder / FILE).read_text()


def test_two_publishing_jobs_are_not_split(repository: Repository) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url)
    again = text.partition("  release:\n")[2]
    repository.add({**of(""), FILE: f"{text}  again:\n{again}"})
    assert repository.init(yes="true", split="true").notes == ("The job stays one: several jobs publish.",)


def test_a_split_that_would_break_something_is_not_made(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(evidence: Evidence) -> tuple[Finding, ...]:
        assert evidence.files is not None
        is_split = b"needs: build" in (evidence.files.read(FILE) or b"")
        new = Finding("job-skipped", Severity.ERROR, "It is skipped.", "Fix it.", FILE, 1)
        return (*check(evidence), *([new] if is_split else ()))

    monkeypatch.setattr(preparation, "check", strict)
    repository.add({**of(""), FILE: TOKEN.replace("URL", repository.sandbox.url)})
    report = repository.init(yes="true", split="true")
    assert report.notes == ("The job stays one: as two it would have job-skipped.",)
    assert "needs: build" not in (repository.folder / FILE).read_text()


def test_what_has_no_safe_edit_stays_for_a_person(repository: Repository) -> None:
    by_poetry = TOKEN.partition("      - uses: pypa/gh")[0] + (
        "      - run: poetry publish && git push\n"
        "        env:\n          POETRY_PYPI_TOKEN_PYPI: ${{ secrets.TOKEN }}\n"
    )
    repository.add({**of(""), FILE: by_poetry})
    given = Given(index_url="pypi", mode="init", yes="true")
    around = Surroundings(str(repository.folder), repository.environ, lambda _secret: None)
    report = dispatch.run(given, around)
    by_hand = [step.text for step in report.steps if step.name == "workflow" and step.state.value == "yours"]
    assert by_hand[0].startswith(f"Change by hand: {FILE}:")
    assert [step.name for step in report.steps][-2:] == ["secret", "token"]


def test_a_workflow_that_is_right_stays_as_it_is(repository: Repository, workflow: str) -> None:
    text = workflow.replace("URL", repository.sandbox.url)
    repository.add({**of(""), FILE: text})
    repository.sandbox.github.add_repository(
        "octo-org/sample-repo", files={FILE: text}, environments=[Environment("pypi")]
    )
    report = repository.init()
    assert told(report)[1:] == [
        ("publisher", "yours", f"Register the pending publisher of sample on {report.package_index.label}."),
        ("workflow", "done", f"{FILE} publishes with Trusted Publishing."),
        ("push", "done", "GitHub's default branch has the workflow."),
        ("release", "later", "Release once, as you always do: the release is the proof."),
    ]
    assert report.message == "release.yml is there; 2 steps are left."
