from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules import repository as rules
from pypi_setup.sources.github import Environment, GitHub, Pattern, Policy, Repository
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers
from pypi_setup.values.finding import Severity

if TYPE_CHECKING:
    from pypi_setup.values.finding import Finding

KNOWN = Repository(known=True, full_name="octo-org/sample", private=False, default_branch="main")
EXISTS = Environment(exists=True)
FILE = ".github/workflows/release.yml"


class Held:
    """One workflow in memory."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == FILE else None

    def names(self, folder: str) -> list[str]:
        return ["release.yml"] if folder == ".github/workflows" else []


class Seen:
    """What GitHub would say."""

    def __init__(self, repository: Repository, environment: Environment) -> None:
        self.repository = repository
        self._environment = environment

    def environment(self, name: str) -> Environment:
        assert name == "pypi"
        return self._environment


def evidence(
    repository: Repository = KNOWN,
    environment: Environment = EXISTS,
    *,
    on: str = "release",
    condition: str = "",
    registered: str = "pypi",
) -> Evidence:
    text = (
        f"on:\n  {on}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: pypi\n{condition}"
        "    permissions:\n      id-token: write\n"
        "    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
    )
    publisher = publishers.parse("sample-project", "octo-org", "sample", "release.yml", registered)
    github = cast("GitHub", Seen(repository, environment))
    return Evidence((publisher,), indexes.parse("pypi"), Held(text), github=github)


def found(each: Evidence) -> list[tuple[str, str]]:
    """Return the findings of all rules of the module, by rule and severity."""
    return [(finding.rule, finding.severity.value) for finding in every(each)]


def every(each: Evidence) -> list[Finding]:
    return [
        finding
        for rule in (
            rules.repository_spelling,
            rules.repository_moved,
            rules.repository_unknown,
            rules.environment_not_found,
            rules.environment_policy,
        )
        for finding in rule(each)
    ]


def test_nothing_is_said_where_all_is_well_or_nobody_was_asked() -> None:
    assert every(evidence()) == []
    assert every(Evidence(evidence().publishers, indexes.parse("pypi"))) == []


@pytest.mark.parametrize("full_name", ["Octo-Org/sample", "octo-org/Sample"])
def test_another_spelling(full_name: str) -> None:
    (finding,) = every(evidence(KNOWN._replace(full_name=full_name)))
    assert (finding.rule, finding.severity) == ("repository-spelling", Severity.ERROR)
    assert f"GitHub spells the repository {full_name}, not octo-org/sample." in finding.message
    owner, name = full_name.split("/")
    assert finding.fix == f"Register owner {owner}, repository {name}."


def test_a_moved_repository() -> None:
    (finding,) = every(evidence(KNOWN._replace(full_name="new/name", moved=True)))
    assert (finding.rule, finding.severity) == ("repository-moved", Severity.ERROR)
    assert "octo-org/sample is now new/name" in finding.message
    assert "Register owner new, repository name" in finding.fix


def test_an_unknown_repository_says_nothing_of_environments() -> None:
    unknown = evidence(Repository(known=False, problem="x"), Environment(None, problem="x"))
    (finding,) = every(unknown)
    assert (finding.rule, finding.severity) == ("repository-unknown", Severity.NOTICE)
    assert "GitHub shows no repository octo-org/sample" in finding.message


def test_a_repository_that_could_not_be_asked_for_is_no_finding() -> None:
    assert every(evidence(Repository(None, problem="GitHub's request limit is reached"))) == []


def test_a_missing_environment() -> None:
    (finding,) = every(evidence(environment=Environment(exists=False, names=("release", "x\x1b"))))
    assert (finding.rule, finding.severity) == ("environment-not-found", Severity.WARNING)
    assert "There is no environment 'pypi' (there is release, x\\x1b)." in finding.message
    assert "https://github.com/octo-org/sample/settings/environments" in finding.fix
    (finding,) = every(evidence(environment=Environment(exists=False)))
    assert "There is no environment 'pypi'. GitHub will create it" in finding.message


def test_an_environment_that_cannot_be_looked_up_is_no_finding() -> None:
    assert every(evidence(environment=Environment(None, problem="GitHub does not allow it"))) == []


def test_a_publisher_for_any_environment_asks_for_none() -> None:
    assert every(evidence(environment=Environment(exists=False), registered="")) == []


def test_rules_that_cannot_be_read_are_no_finding() -> None:
    assert every(evidence(environment=Environment(exists=True, problem="GitHub does not allow it"))) == []


BRANCH_MAIN, BRANCH_V = Pattern("branch", "main"), Pattern("branch", "v*")
TAG_V, TAG_ALL = Pattern("tag", "v*"), Pattern("tag", "*")
PROTECTED = Policy(protected_branches=True)
ON_TAG = 'push:\n    tags: ["v*"]'
ON_MAIN_AND_TAG = 'push:\n    branches: [main]\n    tags: ["v*"]'
IF_TAG = "    if: startsWith(github.ref, 'refs/tags/')\n"
IF_BRANCH = "    if: github.ref_type == 'branch'\n"


def policy(*patterns: Pattern) -> Policy:
    return Policy(protected_branches=False, patterns=patterns)


@pytest.mark.parametrize(
    ("on", "condition", "rules_there", "line"),
    [
        pytest.param(ON_TAG, "", PROTECTED, 2, id="tags are no protected branches"),
        pytest.param("release:", "", PROTECTED, 2, id="releases are tags"),
        pytest.param("release:", "", policy(BRANCH_MAIN), 2, id="a release and a branch"),
        pytest.param("release:", "", policy(), 2, id="no pattern at all"),
        pytest.param(ON_TAG, "", policy(BRANCH_MAIN), 2, id="tags and a branch"),
        pytest.param(ON_TAG, "", policy(BRANCH_V), 2, id="the same pattern, of the kind branch"),
        pytest.param(ON_TAG, "", policy(Pattern("tag", "release-*")), 2, id="other tags"),
        pytest.param('push:\n    tags: ["[0-9]+.[0-9]+"]', "", policy(TAG_V), 2, id="tags without v"),
        pytest.param('push:\n    tags: ["v*/*"]', "", policy(TAG_V), 2, id="a wildcard and a slash"),
        pytest.param("push:", IF_TAG, policy(BRANCH_MAIN), 2, id="any push, by the condition a tag"),
        pytest.param(ON_MAIN_AND_TAG, "", policy(BRANCH_MAIN), 2, id="one of two kinds"),
        pytest.param("push:\n    branches: [dev]", "", policy(BRANCH_MAIN), 2, id="another branch"),
        pytest.param("push:\n    branches: [main]", "", policy(TAG_V), 2, id="a branch and tags"),
        pytest.param('schedule: [{cron: "1 1 1 1 1"}]', "", policy(TAG_V), 2, id="the default branch"),
        pytest.param(f"workflow_dispatch:\n  {ON_TAG}", "", policy(BRANCH_MAIN), 3, id="by hand, or a tag"),
    ],
)
def test_refs_that_the_rules_refuse(on: str, condition: str, rules_there: Policy, line: int) -> None:
    environment = Environment(exists=True, policy=rules_there)
    (finding,) = every(evidence(environment=environment, on=on, condition=condition))
    assert (finding.rule, finding.severity) == ("environment-policy", Severity.WARNING)
    assert (finding.file, finding.line) == (FILE, line)
    assert 'is not allowed to deploy to pypi due to environment protection rules"' in finding.message


@pytest.mark.parametrize(
    ("on", "condition", "rules_there"),
    [
        pytest.param(ON_TAG, "", policy(TAG_V), id="the same pattern"),
        pytest.param(ON_TAG, "", policy(BRANCH_MAIN, TAG_ALL), id="one of the rules"),
        pytest.param(ON_TAG, "", policy(Pattern("", "v*")), id="a rule of a server that names no kinds"),
        pytest.param('push:\n    tags: ["**"]', "", policy(TAG_V), id="some of the tags"),
        pytest.param('push:\n    tags: ["!v0*"]', "", policy(TAG_V), id="an exception only"),
        pytest.param("push:\n    tags-ignore: [x]", "", policy(TAG_V), id="all but some"),
        pytest.param("release:", "", policy(TAG_V), id="a release"),
        pytest.param("push:\n    branches: [main]", "", PROTECTED, id="it may be protected"),
        pytest.param("push:", "", policy(BRANCH_MAIN), id="any push"),
        pytest.param("push:", IF_TAG, policy(TAG_V), id="any push, by the condition a tag"),
        pytest.param(ON_MAIN_AND_TAG, IF_BRANCH, policy(BRANCH_MAIN), id="no tags, by the condition"),
        pytest.param(ON_MAIN_AND_TAG, "", policy(TAG_V), id="the branch is not what releases"),
        pytest.param("workflow_dispatch:", "", policy(BRANCH_MAIN), id="by hand on main"),
        pytest.param("workflow_dispatch:", "", policy(TAG_V), id="by hand on a tag"),
        pytest.param("pull_request:", "", policy(TAG_V), id="a ref of its own kind"),
        pytest.param("workflow_call:", "", policy(TAG_V), id="callers"),
        pytest.param("workflow_run: {workflows: [x]}", "", policy(BRANCH_MAIN), id="the default branch"),
    ],
)
def test_refs_that_the_rules_may_let_through(on: str, condition: str, rules_there: Policy) -> None:
    environment = Environment(exists=True, policy=rules_there)
    assert every(evidence(environment=environment, on=on, condition=condition)) == []


def test_without_a_default_branch_any_rule_on_branches_may_do() -> None:
    schedule = 'schedule: [{cron: "1 1 1 1 1"}]'
    unknown, there = KNOWN._replace(default_branch=""), Environment(exists=True, policy=policy(BRANCH_MAIN))
    assert every(evidence(unknown, there, on=schedule)) == []
    there = there._replace(policy=policy(TAG_V))
    assert found(evidence(unknown, there, on=schedule)) == [("environment-policy", "warning")]


def test_the_rules_are_shown() -> None:
    many = policy(*(Pattern("branch", f"release-{number}\x1b") for number in range(7)))
    (finding,) = every(evidence(environment=Environment(exists=True, policy=many), on=ON_TAG))
    assert "admits only branch release-0\\x1b, branch release-1\\x1b, " in finding.message
    assert ", branch release-4\\x1b and 2 more, and" in finding.message
    for rules_there, words in ((PROTECTED, "protected branches"), (policy(), "nothing")):
        (finding,) = every(evidence(environment=Environment(exists=True, policy=rules_there), on=ON_TAG))
        assert f"The environment 'pypi' admits only {words}, and" in finding.message


def test_too_many_rules_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "COMPARISONS_LIMIT", 0)
    environment = Environment(exists=True, policy=policy(BRANCH_MAIN))
    assert every(evidence(environment=environment, on=ON_TAG)) == []


def test_a_called_workflow_is_judged_by_its_callers_events() -> None:
    callee = evidence(environment=Environment(exists=True, policy=PROTECTED), on="workflow_call:")
    caller = f"on:\n  {ON_TAG}\njobs:\n  call:\n    uses: ./{FILE}\n    permissions: write-all\n"

    class Both(Held):
        def read(self, path: str) -> bytes | None:
            return caller.encode() if path == ".github/workflows/cd.yml" else super().read(path)

        def names(self, folder: str) -> list[str]:
            return ["cd.yml", *super().names(folder)]

    assert callee.files is not None
    text = (callee.files.read(FILE) or b"").decode()
    both = Evidence(callee.publishers, callee.index, Both(text), github=callee.github)
    (finding,) = every(both)
    assert (finding.rule, finding.file, finding.line) == ("environment-policy", ".github/workflows/cd.yml", 2)
