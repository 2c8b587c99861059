"""The plan's parts that no small repository shows."""

from __future__ import annotations

import pytest

from pypi_setup.sources.github import Environment, Pattern, Policy
from pypi_setup.sources.lookup import Project, Published
from pypi_setup.values.index import parse
from pypi_setup.values.publisher import BadInput, Publisher
from pypi_setup.values.step import State, Step
from pypi_setup.writing.pins import Pin
from pypi_setup.writing.plan import Plan, Target, free_name, steps, targets_of
from pypi_setup.writing.workflow import Build, Package, Release

PYPI = parse("pypi")
SAMPLE = Publisher("sample", "octo-org", "sample", "release.yml", "pypi")
RELEASE = Release(
    "release.yml",
    (Package("sample", Build.PYTHON, "pypi"),),
    PYPI,
    Pin("a/b", "0" * 40, "v1"),
    rehearsed=True,
)


TAGS = (Pattern("tag", "v*"),)


def plan(known: Project, environment: Environment, rules: tuple[Pattern, ...] = TAGS) -> Plan:
    target = Target(SAMPLE, PYPI, known, rules, environment)
    return Plan("octo-org/sample", "release.yml", (), (target,), Step("release", State.LATER, "Release."))


def test_a_publisher_that_has_published_is_registered() -> None:
    published = Published("sample-1.0.tar.gz", "octo-org/Sample", "release.yml", "PyPI")
    taken = steps(plan(Project(exists=True, published=published), Environment(exists=True)), by_gh=False)
    assert taken[2] == Step(
        "publisher", State.DONE, "PyPI trusts this workflow: the newest release of sample shows it."
    )
    other = published._replace(workflow="publish.yml")
    taken = steps(plan(Project(exists=True, published=other), Environment(exists=True)), by_gh=False)
    assert taken[2].state is State.YOURS
    other = published._replace(kind="GitLab")
    taken = steps(plan(Project(exists=True, published=other), Environment(exists=True)), by_gh=False)
    assert taken[2].state is State.YOURS


@pytest.mark.parametrize(
    ("rules", "text", "clicks", "by_gh"),
    [
        (
            TAGS,
            "it admits only the tags v*.",
            "'Add deployment branch or tag rule' with the ref type Tag and the pattern v*.",
            "PyPI then trusts a job in this environment only, and no branch can use it.",
        ),
        (
            (*TAGS, Pattern("branch", "main"), Pattern("tag", "verify")),
            "it admits only the tags v* and verify and the branch main.",
            "with the ref type Tag and the pattern v* (one more rule for verify), then 'Add deployment "
            "branch or tag rule' with the ref type Branch and the pattern main.",
            "PyPI then trusts a job in this environment only.",
        ),
        (
            (),
            "Create the environment pypi on GitHub.",
            "'No restriction': the job runs on any branch.",
            "PyPI then trusts a job in this environment only.",
        ),
    ],
)
def test_an_environment_is_created_with_its_rules(
    rules: tuple[Pattern, ...], text: str, clicks: str, by_gh: str
) -> None:
    planned = plan(Project(exists=True), Environment(exists=False), rules)
    (yours,) = [step for step in steps(planned, by_gh=False) if step.name == "environment"]
    (done,) = [step for step in steps(planned, by_gh=True) if step.name == "environment"]
    assert (yours.text, done.text) == (done.text, yours.text)
    assert yours.text.endswith(text)
    assert yours.why.endswith(clicks)
    assert done.why == by_gh


@pytest.mark.parametrize(
    ("environment", "rules", "ref"),
    [
        (Environment(exists=True), TAGS, "main"),
        (Environment(exists=True, policy=Policy(protected_branches=True)), TAGS, "verify"),
        (Environment(exists=False), TAGS, "verify"),
        (Environment(exists=None), TAGS, "verify"),
        (Environment(exists=False), (*TAGS, Pattern("branch", "ma*")), "main"),
        (Environment(exists=False), (*TAGS, Pattern("branch", "dev")), "verify"),
        (Environment(exists=False), (), "main"),
    ],
)
def test_a_proof_starts_where_every_environment_admits_it(
    environment: Environment, rules: tuple[Pattern, ...], ref: str
) -> None:
    taken = steps(plan(Project(exists=True), environment, rules), by_gh=False)
    (proof,) = [step for step in taken if step.name == "proof"]
    assert f"gh workflow run release.yml --ref {ref}" in proof.commands


def test_a_command_can_be_pasted_whatever_the_file_is_called() -> None:
    strange = plan(Project(exists=True), Environment(exists=True))._replace(workflow="a; b.yml", branch="$c")
    commands = [command for step in steps(strange, by_gh=False) for command in step.commands]
    assert "git add '.github/workflows/a; b.yml'" in commands
    assert "gh workflow run 'a; b.yml' --ref '$c'" in commands


def test_every_rule_that_a_value_breaks_is_told() -> None:
    assert [publisher.environment for publisher, _, _ in targets_of(RELEASE, "octo-org", "sample")] == [
        "testpypi",
        "pypi",
    ]
    with pytest.raises(BadInput) as refused:
        targets_of(RELEASE._replace(file="release.txt"), "octo org", "sample")
    assert [problem.field for problem in refused.value.problems] == ["owner", "workflow"]


def test_a_name_that_no_workflow_has() -> None:
    assert free_name(()) == "release.yml"
    assert free_name(("release.yaml", "ci.yml", "Publish.yml")) == "pypi.yml"
    assert free_name(("release.yml", "publish.yml", "pypi.yml", "publish-to-pypi.yml")) == "release-2.yml"
