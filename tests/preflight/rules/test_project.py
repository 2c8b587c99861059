from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules import project as rules
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.lookup import Project, Published
from pypi_setup.sources.projects import Listing
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.sources.github import GitHub
    from pypi_setup.values.finding import Finding

FILE = ".github/workflows/release.yml"
WORKFLOW = (
    "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n"
    "    permissions:\n      id-token: write\n    steps:\n{}"
    "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
)


def evidence(*names: str, **projects: Project) -> Evidence:
    found = [
        publishers.parse(name, "octo-org", "sample", "release.yml", "pypi") for name in names or ["sample-a"]
    ]
    return Evidence(
        tuple(found),
        indexes.parse("pypi"),
        projects={name.replace("_", "-"): project for name, project in projects.items()},
    )


def checkout(folder: Path, files: dict[str, str], *names: str, steps: str = "") -> Evidence:
    for path, text in {FILE: WORKFLOW.format(steps), **files}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return Evidence(evidence(*names).publishers, indexes.parse("pypi"), Checkout(folder))


def of(folder: Path, files: dict[str, str], *names: str, steps: str = "") -> list[Finding]:
    return list(rules.project_name_mismatch(checkout(folder, files, *names, steps=steps)))


PYPROJECT = '[build-system]\nrequires = []\n\n[project]\nname = "other"\n'


def test_a_name_that_no_file_gives(tmp_path: Path) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT})
    assert (finding.rule, finding.severity) == ("project-name-mismatch", Severity.ERROR)
    assert (finding.file, finding.line) == ("pyproject.toml", 5)
    assert "is called sample-a; there is other (pyproject.toml)." in finding.message
    assert "Non-user identities cannot create new projects" in finding.message
    assert finding.fix == "Register the name in the metadata: other."


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[project]\nname = "Sample_A"'},
        {"pyproject.toml": PYPROJECT, "packages/a/pyproject.toml": '[project]\nname = "sample.a"'},
        {"README.md": "", "pyproject.toml": "[tool.ruff]"},
    ],
)
def test_a_name_that_a_file_gives_or_nothing_speaks_against(tmp_path: Path, files: dict[str, str]) -> None:
    assert of(tmp_path, files) == []


def test_every_name_is_looked_for(tmp_path: Path) -> None:
    findings = of(tmp_path, {"pyproject.toml": PYPROJECT}, "other", "sample-a", "sample-b")
    assert [finding.message.split(";")[0] for finding in findings] == [
        "No project here is called sample-a",
        "No project here is called sample-b",
    ]


def test_without_files_nothing_is_said() -> None:
    assert list(rules.project_name_mismatch(evidence())) == []


@pytest.mark.parametrize(
    "step",
    [
        "- run: sed -i 's/other/sample-a/' pyproject.toml",
        "- run: |\n          echo\n          python scripts/rename.py name",
        "- run: generate > pyproject.toml",
        "- run: git clone https://github.com/octo-org/sample-a",
        "- uses: actions/checkout@v4\n        with:\n          repository: octo-org/sample-a",
        "- uses: actions/download-artifact@v4\n        with:\n          run-id: 7",
    ],
)
def test_files_that_a_job_changes_or_fetches_leave_a_doubt(tmp_path: Path, step: str) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT}, steps=f"      {step}\n")
    assert finding.severity is Severity.NOTICE
    assert "a step of the job 'publish'" in finding.message


@pytest.mark.parametrize("command", ["uv run ./scripts/adapt.py", "make dist", "./prepare"])
def test_what_cannot_be_read_may_change_the_name(tmp_path: Path, command: str) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT}, steps=f"      - run: {command}\n")
    assert finding.severity is Severity.NOTICE
    assert "the job 'publish' runs " in finding.message
    assert "which may change the metadata" in finding.message


@pytest.mark.parametrize(
    ("needs", "severity"),
    [("build", Severity.NOTICE), ("[Build, prepare]", Severity.NOTICE), ("[]", Severity.ERROR)],
)
def test_only_what_the_publishing_job_waits_for_may_change_the_name(
    tmp_path: Path, needs: str, severity: Severity
) -> None:
    prepare = "  prepare: {runs-on: x, steps: [{run: make dist}]}\n"
    build = "  build: {runs-on: x, needs: [prepare, gone], steps: [{run: python -m build}]}\n"
    tests = "  test: {runs-on: x, needs: build, steps: [{run: tox}]}\n"
    workflow = WORKFLOW.format("").replace("jobs:\n", f"jobs:\n{prepare}{build}{tests}")
    workflow = workflow.replace("  publish:\n", f"  publish:\n    needs: {needs}\n")
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT, FILE: workflow})
    assert finding.severity is severity


def test_actions_of_others_do_not_change_the_name(tmp_path: Path) -> None:
    step = "      - uses: octo-org/prepare@v1\n"
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT}, steps=step)
    assert finding.severity is Severity.ERROR


def test_steps_that_only_build_leave_no_doubt(tmp_path: Path) -> None:
    step = "      - uses: actions/checkout@v4\n      - run: python -m build\n"
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT}, steps=step)
    assert finding.severity is Severity.ERROR


def test_a_name_that_is_not_data_leaves_a_doubt(tmp_path: Path) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": '[project]\ndynamic = ["name"]'})
    assert (finding.severity, finding.file, finding.line) == (Severity.NOTICE, None, None)
    assert "there is no name to be read. One may be built all the same: " in finding.message
    assert finding.message.endswith("pyproject.toml has a dynamic name.")


def test_without_a_job_that_publishes_there_is_a_doubt(tmp_path: Path) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT, FILE: "on: push\njobs: {}\n"})
    assert finding.severity is Severity.NOTICE
    assert "no job was found that publishes" in finding.message


def test_submodules_leave_a_doubt(tmp_path: Path) -> None:
    (finding,) = of(tmp_path, {"pyproject.toml": PYPROJECT, ".gitmodules": ""})
    assert finding.severity is Severity.NOTICE
    assert "the repository has submodules" in finding.message


class Remote:
    """A repository seen through GitHub."""

    def __init__(self, *, complete: bool) -> None:
        self.tree = Listing(("pyproject.toml",), complete)

    def read(self, path: str) -> bytes | None:
        return {"pyproject.toml": PYPROJECT.encode(), FILE: WORKFLOW.format("").encode()}.get(path)

    def names(self, folder: str) -> list[str]:
        return {"": ["pyproject.toml"], ".github/workflows": ["release.yml"]}.get(folder, [])


@pytest.mark.parametrize(("complete", "severity"), [(True, Severity.ERROR), (False, Severity.NOTICE)])
def test_files_seen_through_github(complete: bool, severity: Severity) -> None:
    remote = Remote(complete=complete)
    seen = Evidence(evidence().publishers, indexes.parse("pypi"), remote, github=cast("GitHub", remote))
    (finding,) = rules.project_name_mismatch(seen)
    assert finding.severity is severity


def test_other_sources_of_files_show_their_root_only() -> None:
    seen = Evidence(evidence().publishers, indexes.parse("pypi"), Remote(complete=True))
    (finding,) = rules.project_name_mismatch(seen)
    assert finding.severity is Severity.NOTICE
    assert "not all files could be looked at" in finding.message


NEW = Project(exists=False)


def test_two_new_projects_on_one_identity() -> None:
    found = list(rules.pending_identity_shared(evidence("sample-a", "sample-b", sample_a=NEW, sample_b=NEW)))
    (finding,) = found
    assert (finding.rule, finding.severity) == ("pending-identity-shared", Severity.ERROR)
    assert finding.message.startswith("sample-a, sample-b are new on PyPI")
    assert "pypi-sample-a, pypi-sample-b" in finding.fix


@pytest.mark.parametrize("other", [Project(exists=True), Project(), None])
def test_one_new_project_has_the_identity_for_itself(other: Project | None) -> None:
    known = {"sample_a": NEW} | ({"sample_b": other} if other else {})
    assert list(rules.pending_identity_shared(evidence("sample-a", "sample-b", **known))) == []


def test_more_new_projects_than_pending_publishers() -> None:
    names = [f"sample-{letter}" for letter in "abcdef"]
    (finding,) = rules.pending_limit(evidence(*names, **dict.fromkeys(names, NEW)))
    assert (finding.rule, finding.severity) == ("pending-limit", Severity.ERROR)
    assert "sample-a, sample-b, sample-c, sample-d, sample-e and 1 more are new" in finding.message
    assert "need 6 pending publishers" in finding.message


def test_three_pending_publishers_are_allowed() -> None:
    names = ["sample-a", "sample-b", "sample-c"]
    assert list(rules.pending_limit(evidence(*names, **dict.fromkeys(names, NEW)))) == []


SAME = Published("sample_a-1.0-py3-none-any.whl", "octo-org/sample", "release.yml", "pypi")


def published(by: Published) -> Evidence:
    return evidence(sample_a=Project(exists=True, published=by))


@pytest.mark.parametrize("by", [SAME, SAME._replace(environment="PyPI", repository="Octo-Org/Sample")])
def test_a_publisher_that_already_publishes(by: Published) -> None:
    (finding,) = rules.already_publishing(published(by))
    assert (finding.rule, finding.severity) == ("already-publishing", Severity.NOTICE)
    assert "sample_a-1.0-py3-none-any.whl" in finding.message
    assert list(rules.published_by_other(published(by))) == []


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (SAME._replace(repository="old/name"), "repository old/name (you register octo-org/sample)"),
        (SAME._replace(workflow="Release.yml"), "workflow Release.yml (you register release.yml)"),
        (SAME._replace(environment=""), "environment none (you register pypi)"),
        (
            SAME._replace(workflow="cd\x1b.yml", environment="x"),
            "workflow cd\\x1b.yml (you register release.yml); environment x (you register pypi)",
        ),
    ],
)
def test_a_project_that_another_identity_published(by: Published, words: str) -> None:
    (finding,) = rules.published_by_other(published(by))
    assert (finding.rule, finding.severity) == ("published-by-other", Severity.WARNING)
    assert f"came from another publisher: {words}." in finding.message
    assert list(rules.already_publishing(published(by))) == []


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (
            Published("x-1.tar.gz", "group/sub/project", ".gitlab-ci.yml", "release", "GitLab"),
            "GitLab (group/sub/project, .gitlab-ci.yml, environment release)",
        ),
        (Published("x-1.tar.gz", "a@b.iam.example", "", "", "Google"), "Google Cloud (a@b.iam.example)"),
        (Published("x-1.tar.gz", "acme/sample", "", "", "ActiveState"), "ActiveState (acme/sample)"),
        (Published("x-1.tar.gz", "", "", "", "New\x1b"), "New\\x1b (no account named)"),
        # The names are GitLab's, however much they look like ours.
        (SAME._replace(kind="GitLab"), "GitLab (octo-org/sample, release.yml, environment pypi)"),
    ],
)
def test_a_project_that_another_service_published(by: Published, words: str) -> None:
    (finding,) = rules.published_by_other(published(by))
    assert (finding.rule, finding.severity) == ("published-by-other", Severity.WARNING)
    assert finding.message.endswith(
        f"came from another publisher: it was published from {words}; you register GitHub's octo-org/sample."
    )
    assert list(rules.already_publishing(published(by))) == []


@pytest.mark.parametrize("project", [Project(exists=True), None])
def test_a_project_without_attestations(project: Project | None) -> None:
    unknown = evidence(**({"sample_a": project} if project else {}))
    assert list(rules.already_publishing(unknown)) == []
    assert list(rules.published_by_other(unknown)) == []
    assert list(rules.project_status(unknown)) == []


@pytest.mark.parametrize("marker", ["archived", "quarantined", "deprecated"])
def test_the_status_of_a_project(marker: str) -> None:
    (finding,) = rules.project_status(evidence(sample_a=Project(exists=True, marker=marker)))
    assert (finding.rule, finding.severity) == ("project-status", Severity.WARNING)
    assert finding.message.startswith(f"sample-a is {marker} on PyPI: ")


def test_a_look_up_that_failed_is_no_finding() -> None:
    assert list(rules.project_status(evidence(sample_a=Project(problem="no answer\x1b")))) == []
