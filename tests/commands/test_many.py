"""Several projects in one run: found, listed or named; looked at together, and registered side by side."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.commands import dispatch, plan
from pypi_setup.commands.plan import DAY_LIMIT
from pypi_setup.discovery.investigation import Case
from pypi_setup.sandbox import Fault
from pypi_setup.sources.lookup import Project
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.publisher import Publisher
from pypi_setup.values.request import Given, parse
from pypi_setup.values.statuses import Status
from pypi_setup.values.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypi_setup.sandbox import Sandbox
    from pypi_setup.values.report import Report

PATH = "/_/v1/publisher"
REPOSITORY: dict[str, Any] = {"owner": "octo-org", "repo": "sample-repo"}
VALUES: dict[str, Any] = {**REPOSITORY, "workflow": "release.yml", "environment": "pypi"}
MATRIX = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    strategy: {matrix: {name: [a, b, c, d]}}
    runs-on: ubuntu-latest
    environment: {name: "pypi-${{ matrix.name }}", url: "https://pypi.org/p/demo-${{ matrix.name }}"}
    permissions: {id-token: write}
    steps:
      - uses: actions/download-artifact@v5
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {repository-url: "URL/legacy/"}
"""


def run(
    index: Sandbox,
    *,
    stdin: bytes | None = None,
    told: Callable[[int, str], None] | None = None,
    **given: Any,
) -> Report:
    around = Surroundings(".", os.environ, lambda _secret: None, on_progress=told)
    around = around._replace(stdin=None if stdin is None else io.BytesIO(stdin))
    return dispatch.run(Given(index_url=index.url, **given), around)


def names(report: Report) -> list[str]:
    return [each.publisher.project for each in report.results if each.publisher]


def environments(report: Report) -> list[str]:
    return [each.publisher.environment for each in report.results if each.publisher]


def monorepo(workflow: str, *projects: str) -> None:
    """Make the current folder a checkout with a project in each folder of `packages`."""
    os.environ["GITHUB_REPOSITORY"] = "octo-org/sample-repo"
    for name in projects:
        folder = Path("packages", name)
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(f'[project]\nname = "demo-{name}"\nversion = "1"\n')
    Path(".github/workflows").mkdir(parents=True)
    Path(".github/workflows/release.yml").write_text(workflow)


# Found


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `monorepo` set this variable for one test."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "")


def test_without_a_token_all_projects_that_are_found_are_spoken_of(sandbox: Sandbox, workflow: str) -> None:
    monorepo(workflow.replace("URL", sandbox.url), "a", "b")
    report = run(sandbox, **REPOSITORY)
    assert names(report) == ["demo-a", "demo-b"]
    assert report.message == f"2 projects to register on {sandbox.url.removeprefix('http://')}."
    assert report.notes[0] == ("No project was given, and there are 2 projects here: all of them are meant.")
    assert names(run(sandbox, mode="check", **REPOSITORY)) == ["demo-a", "demo-b"]
    assert names(run(sandbox, dry_run="true", api_token="t", **REPOSITORY)) == ["demo-a", "demo-b"]


def test_with_a_token_nothing_is_posted_unless_they_are_named_or_all_is_said(
    sandbox: Sandbox, workflow: str
) -> None:
    monorepo(workflow.replace("URL", sandbox.url), "a", "b")
    for mode in ("register", " Register", "REGISTER\n"):
        report = run(sandbox, api_token=sandbox.token, mode=mode, **REPOSITORY)
        assert [problem.fix for problem in report.problems] == ["give project: one of demo-a, demo-b"]
    assert sandbox.requests == ()
    for name in ("demo-a", "demo-b"):
        sandbox.store.add_project(name)
    report = run(sandbox, api_token=sandbox.token, every="true", **REPOSITORY)
    assert [each.status.value for each in report.results] == ["registered", "registered"]


def test_each_leg_of_a_matrix_gives_its_project_an_environment(sandbox: Sandbox) -> None:
    monorepo(MATRIX.replace("URL", sandbox.url), "a", "b", "c", "d")
    report = run(sandbox, **REPOSITORY)
    assert names(report) == ["demo-a", "demo-b", "demo-c", "demo-d"]
    assert environments(report) == ["pypi-a", "pypi-b", "pypi-c", "pypi-d"]
    rules = [{each.rule for each in result.findings} for result in report.results]
    assert ["pending-limit" in found for found in rules] == [False, False, False, True]
    assert all("environment-mismatch" not in found for found in rules)
    assert {each.field for each in report.discovered} == {"workflow"}
    limit = next(each for each in report.findings if each.rule == "pending-limit")
    assert limit.fix.startswith("Register demo-a, demo-b, demo-c now. ")
    report = run(sandbox, mode="check", edits="diff", **REPOSITORY)
    assert [problem.field for problem in report.problems] == ["project"]


def test_projects_that_turn_out_to_be_alike_are_looked_at_together(sandbox: Sandbox) -> None:
    legs = "{include: [{name: a, of: x}, {name: b, of: y}, {name: c, of: x}]}"
    workflow = MATRIX.replace("{name: [a, b, c, d]}", legs).replace(
        "pypi-${{ matrix.name }}", "${{ matrix.of }}"
    )
    monorepo(workflow.replace("URL", sandbox.url), "a", "b", "c")
    report = run(sandbox, **REPOSITORY)
    assert (names(report), environments(report)) == (["demo-a", "demo-b", "demo-c"], ["x", "y", "x"])
    shared = [["pending-identity-shared" in {each.rule for each in one.findings}] for one in report.results]
    assert shared == [[True], [False], [True]]


def test_files_are_edited_for_one_kind_of_publisher(sandbox: Sandbox) -> None:
    monorepo(MATRIX.replace("URL", sandbox.url), "a", "b")
    report = run(sandbox, mode="check", edits="diff", project=("demo-a", "demo-b"), **REPOSITORY)
    assert [problem.fix for problem in report.problems] == ["name one of them"]


def test_all_takes_the_members_of_a_workspace_too(sandbox: Sandbox, workflow: str) -> None:
    monorepo(workflow.replace("URL", sandbox.url), "a")
    Path("pyproject.toml").write_text(
        '[project]\nname = "root"\nversion = "1"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    )
    assert run(sandbox, **REPOSITORY).results == ()
    report = run(sandbox, every="true", **REPOSITORY)
    assert names(report) == ["root", "demo-a"]
    assert "more than one is found here" in report.notes[0]


def test_where_no_project_is_found_one_must_be_given(sandbox: Sandbox) -> None:
    report = run(sandbox, owner="octo-org", repo="empty")
    assert [problem.field for problem in report.problems] == ["project"]


# Listed


def test_a_list_with_values_of_their_own(sandbox: Sandbox) -> None:
    listed = [
        {"project": "three", "environment": ""},
        {"project": "one"},
        {"project": "two", "repo": "octo-org/other", "workflow": "pub.yml"},
        {"project": "four", "owner": "octo-org/another"},
    ]
    report = run(sandbox, listed="-", stdin=json.dumps(listed).encode(), project=("zero",), **VALUES)
    assert [
        tuple(each.publisher)[:1] + each.publisher.identity for each in report.results if each.publisher
    ] == [
        ("zero", "octo-org", "sample-repo", "release.yml", "pypi"),
        ("three", "octo-org", "sample-repo", "release.yml", ""),
        ("one", "octo-org", "sample-repo", "release.yml", "pypi"),
        ("two", "octo-org", "other", "pub.yml", "pypi"),
        ("four", "octo-org", "another", "release.yml", "pypi"),
    ]


def test_all_problems_of_a_list_come_at_once(sandbox: Sandbox) -> None:
    listed = b'[{"project": "a b"}, {"project": "one", "repo": "x/y/z"}]'
    report = run(sandbox, listed="-", stdin=listed, **VALUES)
    assert {problem.field for problem in report.problems} == {"project", "owner"}
    assert report.exit_code == 2


def test_a_project_that_is_listed_twice_is_one(sandbox: Sandbox) -> None:
    report = run(sandbox, listed="-", stdin=b"one\nOne\ntwo", project=("two",), **VALUES)
    assert names(report) == ["two", "one"]


# A template


def test_each_project_gets_the_environment_of_the_template(sandbox: Sandbox) -> None:
    given: dict[str, Any] = {
        **REPOSITORY,
        "workflow": "release.yml",
        "environment_template": "pypi-{project}",
    }
    assert environments(run(sandbox, project=("One", "two"), **given)) == ["pypi-one", "pypi-two"]
    assert environments(run(sandbox, project=("One", "two"), dry_run="true", **given)) == [
        "pypi-one",
        "pypi-two",
    ]
    Path("pyproject.toml").write_text('[project]\nname = "Found"\n')
    report = run(sandbox, **given)
    assert report.publisher
    assert (report.publisher.project, report.publisher.environment) == ("Found", "pypi-found")


def test_the_values_of_a_list_go_before_the_template(sandbox: Sandbox) -> None:
    listed = b'[{"project": "one"}, {"project": "two", "environment": "release"}]'
    given: dict[str, Any] = {
        **REPOSITORY,
        "workflow": "release.yml",
        "environment_template": "pypi-{project}",
    }
    assert environments(run(sandbox, listed="-", stdin=listed, **given)) == ["pypi-one", "release"]


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (
            {"environment_template": "pypi-"},
            ["It has no {project} in it, in whose place each project's name goes"],
        ),
        ({"environment_template": "{project}", "environment": ""}, ["The environment is given already"]),
    ],
)
def test_a_template_that_cannot_be_filled(sandbox: Sandbox, given: dict[str, Any], rules: list[str]) -> None:
    report = run(sandbox, project=("one",), **REPOSITORY, **given)
    assert [(problem.field, problem.rule) for problem in report.problems] == [
        ("environment-template", rule) for rule in rules
    ]


# The plan


def test_a_dry_run_says_what_would_collide(sandbox: Sandbox) -> None:
    report = run(sandbox, project=("one", "two"), dry_run="true", **VALUES)
    assert report.message.startswith("Dry run: the values of 2 projects are well-formed.")
    assert "there are up to 2 with the same" in report.notes[0]
    assert sandbox.requests == ()


def case(number: int, *findings: Finding, exists: bool | None = True, index: str = "pypi") -> Case:
    given = Given(project=(f"p{number}",), **VALUES, index_url=index)
    return Case(parse(given), Publisher(f"p{number}", "o", "r", "w.yml", "e"), Project(exists), findings, ())


def test_the_plan_counts() -> None:
    own = Finding("already-publishing", Severity.NOTICE, "m", "f")
    assert plan.told([case(1)]) == ()
    cases = [case(1, own), case(2, exists=False), case(3, exists=None), case(4)]
    assert plan.told(cases) == (
        "Of 4 projects on PyPI: 2 exist, 1 are new, 1 could not be looked up.",
        "1 of them published their newest attested release from exactly this publisher.",
    )


@pytest.mark.parametrize(("index", "told"), [("pypi", True), ("https://pypi.example.org", False)])
def test_the_plan_knows_how_many_a_day_can_take(index: str, *, told: bool) -> None:
    cases = [case(number, index=index) for number in range(DAY_LIMIT + 1)]
    assert any("a day" in note for note in plan.told(cases)) == told
    assert not any("a day" in note for note in plan.told(cases[1:]))


def test_a_limit_that_was_found_already_is_not_said_again(sandbox: Sandbox) -> None:
    report = run(sandbox, project=("one", "two", "three", "four"), mode="check", **VALUES)
    limits = [each for each in report.findings if each.rule == "pending-limit"]
    assert len(limits) == 1


# Registered


def many(count: int) -> tuple[str, ...]:
    return tuple(f"sample-{number}" for number in range(count))


def add(index: Sandbox, projects: tuple[str, ...]) -> None:
    for name in projects:
        index.store.add_project(name)


def posted(index: Sandbox) -> list[str]:
    return [json.loads(each.body)["name"] for each in index.requests if each.path == PATH]


def test_several_with_mixed_outcomes_come_back_in_order(sandbox: Sandbox) -> None:
    add(sandbox, ("one", "two"))
    sandbox.store.add_publisher("two", "octo-org", "sample-repo", "release.yml", "pypi")
    told: list[int] = []
    report = run(
        sandbox,
        api_token=sandbox.token,
        project=("two", "fresh", "one"),
        told=lambda done, _name: told.append(done),
        **VALUES,
    )
    assert [each.status for each in report.results] == [
        Status.ALREADY_REGISTERED,
        Status.REGISTERED,
        Status.REGISTERED,
    ]
    assert (told, report.success) == ([1, 2, 3], False)


def test_those_that_are_not_begun_say_why(sandbox: Sandbox) -> None:
    sandbox.break_path(PATH, Fault.ERROR_500)
    # New ones of one identity follow each other.
    report = run(sandbox, api_token=sandbox.token, project=("a1", "a2", "a3"), fail_fast="true", **VALUES)
    assert [each.status for each in report.results] == [
        Status.SERVER_ERROR,
        Status.CANCELLED,
        Status.CANCELLED,
    ]
    assert report.results[1].message == "Not begun: nothing was sent for a2."
    assert "--fail-fast" in report.results[1].cause
    assert len(posted(sandbox)) == 1


def test_what_is_registered_already_is_no_failure_where_it_may_be(sandbox: Sandbox) -> None:
    given: dict[str, Any] = {"api_token": sandbox.token, "exist_ok": "true", "fail_fast": "true", **VALUES}
    add(sandbox, many(12))
    assert run(sandbox, project=many(6), **given).success
    report = run(sandbox, project=many(12), **given)
    assert (report.success, len(report.results)) == (True, 12)
    assert {each.status.value for each in report.results} == {"already-registered", "registered"}


def test_five_hundred_are_registered_once_each(sandbox: Sandbox) -> None:
    sandbox.store.switches.limit = 1000
    projects = many(500)
    add(sandbox, projects[:498])
    for name in projects[:5]:
        sandbox.store.add_publisher(name, "octo-org", "sample-repo", "release.yml", "pypi")
    report = run(sandbox, api_token=sandbox.token, project=projects, exist_ok="true", **VALUES)
    assert names(report) == list(projects)
    found = [each.status.value for each in report.results]
    assert (found.count("already-registered"), found.count("registered")) == (6, 494)
    assert [each.status for each in report.results[:5]] == [Status.ALREADY_REGISTERED] * 5
    assert found[498:] == ["registered", "already-registered"]  # Both are new: one of them can wait.


def test_what_the_days_limit_leaves_over_is_not_sent(sandbox: Sandbox) -> None:
    sandbox.store.switches.limit = 8
    projects = many(20)
    add(sandbox, projects)
    report = run(sandbox, api_token=sandbox.token, project=projects, **VALUES)
    found = [each.status for each in report.results]
    assert found.count(Status.REGISTERED) == 8
    assert 1 <= found.count(Status.RATE_LIMITED) <= 4  # Those that were under way together.
    assert found.count(Status.CANCELLED) == 20 - 8 - found.count(Status.RATE_LIMITED)
    rest = next(each for each in report.results if each.status is Status.CANCELLED)
    assert rest.cause.startswith("The index answered that there were too many registrations")


def test_an_interrupted_run_tells_what_is_done_and_the_next_one_does_the_rest(sandbox: Sandbox) -> None:
    projects = many(40)
    add(sandbox, projects)
    given: dict[str, Any] = {"api_token": sandbox.token, "project": projects, "exist_ok": "true", **VALUES}
    lock = threading.Lock()

    def told(done: int, _name: str) -> None:
        with lock:
            if done == 10:
                raise KeyboardInterrupt

    report = run(sandbox, told=told, **given)
    assert (report.exit_code, names(report)) == (130, list(projects))
    done = {each.name for each in report.results if each.status is Status.REGISTERED}
    assert {each.status for each in report.results} == {Status.REGISTERED, Status.CANCELLED}
    assert done == set(posted(sandbox))
    again = run(sandbox, **given)
    left = {each.name for each in again.results if each.status is Status.REGISTERED}
    assert (again.exit_code, done & left, done | left) == (0, set(), set(projects))


# Elsewhere


def test_without_a_checkout_the_values_are_github_s(sandbox: Sandbox) -> None:
    report = run(sandbox, **REPOSITORY)
    assert report.publisher == Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
    asked = [each.path for each in sandbox.github.requests]
    assert len(asked) == len(set(asked))  # Each fact once, for finding and for checking.


def test_bad_values_for_asking_github_come_with_all_others(sandbox: Sandbox) -> None:
    report = run(sandbox, timeout="soon", github_token="a b", project=("a b",), **REPOSITORY)
    assert {problem.field for problem in report.problems} == {"timeout", "github-token", "project"}
