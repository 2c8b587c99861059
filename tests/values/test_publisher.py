from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stdlib_list
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from pypi_setup.values import publisher as publisher_module
from pypi_setup.values.publisher import BadInput, Problem, Publisher, normalized, parse

if TYPE_CHECKING:
    from tests.conftest import Exchange

GOOD = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
VALUES = GOOD._asdict()


def of(**changes: str) -> Publisher:
    values = {**VALUES, **changes}
    return parse(
        values["project"],
        values["owner"],
        values["repository"],
        values["workflow_filename"],
        values["environment"],
    )


def problems(**changes: str) -> tuple[Problem, ...]:
    try:
        of(**changes)
    except BadInput as bad:
        return bad.problems
    return ()


def rules(**changes: str) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in problems(**changes)]


def test_values_that_need_nothing_stay_as_they_are() -> None:
    assert of() == GOOD


def test_payload_is_the_registration_requests_body() -> None:
    assert of(project="Sample_Project", environment="PyPI").payload == {
        "name": "sample-project",
        "owner": "octo-org",
        "repository": "sample-repo",
        "workflow_filename": "release.yml",
        "environment": "PyPI",
    }


def test_identity_leaves_the_environments_letter_case_out() -> None:
    assert of(environment="PyPI").identity == ("octo-org", "sample-repo", "release.yml", "pypi")


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("sample-project", "sample-project"),
        ("Sample_Project", "sample-project"),
        ("Sample.-_Project", "sample-project"),
        ("SAMPLE", "sample"),
        ("a", "a"),
        ("9", "9"),
        ("a--b", "a-b"),
    ],
)
def test_normalized_name(name: str, normal: str) -> None:
    assert normalized(name) == normal
    assert of(project=name).name == normal
    assert of(project=name).project == name


@given(st.text(max_size=20))
def test_normalized_is_what_packaging_says(name: str) -> None:
    assert normalized(name) == canonicalize_name(name)


@pytest.mark.parametrize(
    ("owner", "repo"),
    [
        ("octo-org", "sample-repo"),
        (" octo-org ", "\tsample-repo\n"),
        ("octo-org/sample-repo", ""),
        ("octo-org/sample-repo", "sample-repo"),
        ("octo-org/sample-repo", "Sample-Repo.git"),
        ("octo-org/sample-repo.git", ""),
        ("octo-org/", "sample-repo"),
        ("https://github.com/octo-org/sample-repo", ""),
        ("https://github.com/octo-org", "sample-repo"),
        ("", "octo-org/sample-repo"),
        ("octo-org", "octo-org/sample-repo"),
        ("OCTO-ORG", "octo-org/sample-repo"),
        ("", "https://github.com/octo-org/sample-repo"),
        ("", "https://github.com/octo-org/sample-repo/"),
        ("", "https://github.com/octo-org/sample-repo.git"),
        ("", "https://www.github.com/octo-org/sample-repo"),
        ("", "HTTPS://GitHub.com/octo-org/sample-repo"),
        ("", "http://github.com/octo-org/sample-repo"),
        ("", "git+https://github.com/octo-org/sample-repo.git"),
        ("", "git@github.com:octo-org/sample-repo.git"),
        ("", "ssh://git@github.com/octo-org/sample-repo.git"),
        ("", "git://github.com/octo-org/sample-repo.git"),
        ("octo-org", "https://github.com/octo-org/sample-repo"),
        ("octo-org", "sample-repo.git"),
        ("octo-org", "sample-repo/"),
    ],
)
def test_ways_to_name_a_repository(owner: str, repo: str) -> None:
    publisher = of(owner=owner, repository=repo)
    assert (publisher.owner.lower(), publisher.repository.lower()) == ("octo-org", "sample-repo")


@pytest.mark.parametrize(
    ("owner", "repo", "rule"),
    [
        (
            "octo-org",
            "other/sample-repo",
            ("repo", "It names another owner than the input owner"),
        ),
        (
            "octo-org/one",
            "two",
            ("owner", "It names another repository than the input repo"),
        ),
    ],
)
def test_contradictions(owner: str, repo: str, rule: tuple[str, str]) -> None:
    assert rules(owner=owner, repository=repo) == [rule]


@pytest.mark.parametrize(
    ("repo", "rule"),
    [
        ("https://gitlab.com/octo-org/sample-repo", "Invalid GitHub user or organization name."),
        ("https://github.com.evil.example/octo-org/sample-repo", "Invalid GitHub user or organization name."),
        ("https://github.com/octo-org/sample-repo/tree/main", "Invalid GitHub user or organization name."),
    ],
)
def test_urls_of_other_places_are_no_repository(repo: str, rule: str) -> None:
    assert ("owner", rule) in rules(owner="", repository=repo)


@pytest.mark.parametrize(
    ("owner", "repo", "rule"),
    [
        ("octo-org/sample-repo/tree", "", ("owner", "Invalid GitHub user or organization name.")),
        ("octo-org", "https://github.com/octo-org", ("repo", "Specify repository name")),
        ("", "https://github.com/octo-org/", ("repo", "Specify repository name")),
    ],
)
def test_what_names_no_repository_is_not_guessed_at(owner: str, repo: str, rule: tuple[str, str]) -> None:
    assert rules(owner=owner, repository=repo) == [rule]


OURS = " (pypi-setup's own rule, not PyPI's)"


@pytest.mark.parametrize(
    ("repo", "rule"),
    [
        (".", f"GitHub has no repository called .{OURS}"),
        ("..", f"GitHub has no repository called ..{OURS}"),
        (".git", f"GitHub has no repository whose name ends in .git{OURS}"),
        ("sample.git.git", f"GitHub has no repository whose name ends in .git{OURS}"),
        ("octo-org/sample.GIT", f"GitHub has no repository whose name ends in .git{OURS}"),
    ],
)
def test_repositories_that_only_we_refuse(repo: str, rule: str) -> None:
    assert rules(repository=repo) == [("repo", rule)]


@pytest.mark.parametrize(
    ("workflow", "filename"),
    [
        ("release.yml", "release.yml"),
        ("release.yaml", "release.yaml"),
        ("  release.yml\n", "release.yml"),
        (".github/workflows/release.yml", "release.yml"),
        (".github\\workflows\\release.yml", "release.yml"),
        ("./.github/workflows/release.yml", "release.yml"),
        ("./release.yml", "release.yml"),
        ("veröffentlichen 1.yml", "veröffentlichen 1.yml"),
    ],
)
def test_ways_to_name_a_workflow(workflow: str, filename: str) -> None:
    assert of(workflow_filename=workflow).workflow_filename == filename


@pytest.mark.parametrize(
    ("workflow", "rule"),
    [
        ("", "Specify workflow filename"),
        (".github/workflows/", "Specify workflow filename"),
        ("release.txt", "Workflow name must end with .yml or .yaml"),
        ("release.YML", "Workflow name must end with .yml or .yaml"),
        ("ci/release.yml", "Workflow filename must be a filename only, without directories"),
        ("ci\\release.yml", f"A workflow filename has no backslash{OURS}"),
        (
            ".github\\workflows\\ci\\release.yml",
            "Workflow filename must be a filename only, without directories",
        ),
        (
            ".github/workflows/ci/release.yml",
            "Workflow filename must be a filename only, without directories",
        ),
        (
            "/home/me/.github/workflows/release.yml",
            "Workflow filename must be a filename only, without directories",
        ),
        (".yml", f"A workflow filename is more than its ending{OURS}"),
        (".yaml", f"A workflow filename is more than its ending{OURS}"),
        ("re\x1b[31mlease.yml", f"A workflow filename has no control characters{OURS}"),
        ("re\nlease.yml", f"A workflow filename has no control characters{OURS}"),
        ("re\ud800lease.yml", f"A workflow filename has no control characters{OURS}"),
    ],
)
def test_bad_workflows(workflow: str, rule: str) -> None:
    assert rules(workflow_filename=workflow) == [("workflow", rule)]


def test_two_rules_of_one_workflow_are_both_told() -> None:
    assert rules(workflow_filename="ci/release.txt") == [
        ("workflow", "Workflow name must end with .yml or .yaml"),
        ("workflow", "Workflow filename must be a filename only, without directories"),
    ]


CHARACTERS = (
    "Environment name must not contain non-printable characters or the characters "
    '"\'", """, "`", ",", ";", "\\"'
)


@pytest.mark.parametrize("name", ["", "pypi", "PyPI", "pr/ü 100% ß", "e" * 255, "a b", "<b>", "\u3000x"])
def test_good_environments_are_sent_as_given(name: str) -> None:
    assert of(environment=name).environment == name


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((blank, f"An environment name is more than white space{OURS}") for blank in ("   ", "\t", "\xa0")),
        (" pypi", "Environment name may not start with whitespace"),
        ("pypi ", "Environment name may not end with whitespace"),
        ("e" * 256, "Environment name is too long (maximum is 255 characters)"),
        *((f"py{character}pi", CHARACTERS) for character in "'\"`,;\\\n\r\t\x00\x1b\x7f"),
        ("py\ud800pi", f"An environment name has no control characters{OURS}"),
        ("py\x85pi", f"An environment name has no control characters{OURS}"),
    ],
)
def test_bad_environments(name: str, rule: str) -> None:
    assert rules(environment=name) == [("environment", rule)]


@pytest.mark.parametrize(
    "name", ["-bad-", "has space", "naïve", "a\u0131", "a_", ".a", "a\nb", "a/b", "\u017f", "\u212a"]
)
def test_bad_project_names(name: str) -> None:
    assert rules(project=name) == [("project", "Invalid project name")]


STDLIB = "This project name isn't allowed (conflict with the Python standard library module name)"


@pytest.mark.parametrize(
    "name", ["asyncio", "Json", "future", "xml.etree", "XML_etree", "lib2to3", "distutils", "lib"]
)
def test_standard_library_names(name: str) -> None:
    assert rules(project=name) == [("project", STDLIB)]


@pytest.mark.parametrize("name", ["jsonl", "my-json", "json5", "x", "etree"])
def test_names_that_only_resemble_the_standard_library(name: str) -> None:
    assert of(project=name).name == name


@pytest.mark.parametrize("name", ["requirements.txt", "rrequirements.txt", "Requirements_TXT"])
def test_names_that_pypi_prohibits(name: str) -> None:
    assert rules(project=name) == [("project", "This project name isn't allowed")]


def prohibited() -> set[str]:
    """PyPI's own set (warehouse/packaging/services.py), computed its way."""
    modules = {
        module for version in stdlib_list.short_versions for module in stdlib_list.stdlib_list(version)
    }
    prefixes = {
        ".".join(parts[: length + 1])
        for parts in (module.split(".") for module in modules)
        for length in range(len(parts))
    }
    return {str(canonicalize_name(prefix.strip("-_."))) for prefix in prefixes}


PROHIBITED = sorted(prohibited())


def test_the_names_kept_here_are_all_of_pypis() -> None:
    """If it fails: `make docs` writes the file anew."""
    kept = Path(publisher_module.__file__).with_name("stdlib_names.txt").read_text(encoding="ascii")
    assert kept.splitlines() == PROHIBITED


@given(st.sampled_from(PROHIBITED) | st.from_regex(r"[a-z]{1,4}([-_.][a-z]{1,4})?", fullmatch=True))
def test_standard_library_names_are_pypis(name: str) -> None:
    expected = [("project", STDLIB)] if canonicalize_name(name) in PROHIBITED else []
    assert [(problem.field, problem.rule) for problem in problems(project=name)] == expected


def test_all_problems_are_told_at_once() -> None:
    assert rules(project="-", owner="-x", repository="a b", workflow_filename="x", environment=" y") == [
        ("project", "Invalid project name"),
        ("owner", "Invalid GitHub user or organization name."),
        ("repo", "Invalid repository name"),
        ("workflow", "Workflow name must end with .yml or .yaml"),
        ("environment", "Environment name may not start with whitespace"),
    ]


def test_nothing_given_asks_for_each_value() -> None:
    assert rules(project="", owner="", repository="", workflow_filename="", environment="") == [
        ("project", "Specify project name"),
        ("owner", "Specify GitHub repository owner (username or organization)"),
        ("repo", "Specify repository name"),
        ("workflow", "Specify workflow filename"),
    ]


def test_a_problem_holds_the_value_and_a_way_out() -> None:
    with pytest.raises(
        BadInput, match=re.escape("owner: Invalid GitHub user or organization name.")
    ) as caught:
        of(owner="bad_owner")
    assert caught.value.problems == (
        Problem(
            "owner",
            "bad_owner",
            "Invalid GitHub user or organization name.",
            "the user or organization in the repository's URL, for example octo-org",
        ),
    )


FIELDS = {
    "project_name": "project",
    "owner": "owner",
    "repository": "repo",
    "workflow_filename": "workflow",
    "environment": "environment",
}

REFUSED_ON_PURPOSE = {
    "project form: environment only spaces": ("environment",),
    "project form: workflow '.yml'": ("workflow",),
}
"""What PyPI takes although no job can ever match it."""

ACCEPTED_ON_PURPOSE = {
    # White space around a value is dropped,
    "project form: bad owner: trailing space": Publisher(
        "empty-project", "octo-org", "form-repo", "release.yml", "pypi"
    ),
    # and so are the other parts of what people copy.
    "project form: bad repository: slash": Publisher(
        "empty-project", "octo-org", "repo", "release.yml", "pypi"
    ),
    "project form: workflow .github/workflows/release.yml": Publisher(
        "empty-project", "octo-org", "form-repo", "release.yml", "pypi"
    ),
}

ONLY_THE_SERVER_KNOWS = (
    "Unknown GitHub user or organization.",
    "GitHub has rate-limited this action. Try again in a few minutes.",
    "Unexpected error from GitHub. Try again.",
    "Unexpected connection error from GitHub. Try again in a few minutes.",
    "Unexpected timeout from GitHub. Try again in a few minutes.",
    "This project already exists: use the project's publishing settings here to create a Trusted Publisher "
    "for it.",
    "This project already exists.",
    "This project name isn't allowed",
    "This project name is too similar to an existing project",
)


def test_pypis_own_forms_agree(exchanges: tuple[Exchange, ...]) -> None:
    """For each recorded post of a form our parser says what PyPI said, except where it differs on purpose."""
    compared = 0
    for label, request, response in exchanges:
        body = request.get("body")
        if request["method"] != "POST" or "/publishing/" not in request["path"] or not isinstance(body, dict):
            continue
        if response["status"] not in {200, 303} or "environment" not in body:
            continue
        errors = response.get("html", {}).get("field_errors", {})
        expected = {
            (FIELDS[field], text)
            for field, texts in errors.items()
            for text in texts
            if text not in ONLY_THE_SERVER_KNOWS
        }
        values = {**body, "project_name": body.get("project_name", "empty-project")}
        got: set[tuple[str, str]] = set()
        try:
            publisher = parse(*(values[field] for field in FIELDS))
        except BadInput as bad:
            got = {(problem.field, problem.rule) for problem in bad.problems}
        compared += 1
        if label in REFUSED_ON_PURPOSE:
            assert (tuple(field for field, _ in got), expected) == (REFUSED_ON_PURPOSE[label], set()), label
            assert all(rule.endswith(OURS) for _, rule in got), label
        elif label in ACCEPTED_ON_PURPOSE:
            assert (publisher, len(expected)) == (ACCEPTED_ON_PURPOSE[label], 1), label
        else:
            assert got == expected, label
    assert compared == 81


any_text = st.text(max_size=300) | st.from_regex(r"[\w./-]{1,20}") | st.sampled_from(list(VALUES.values()))


@given(any_text, any_text, any_text, any_text, any_text)
def test_any_texts_make_a_publisher_that_pypi_takes_or_bad_input(
    project: str, owner: str, repo: str, workflow: str, environment: str
) -> None:
    try:
        publisher = parse(project, owner, repo, workflow, environment)
    except BadInput as bad:
        found = bad.problems
    else:
        assert_pypi_takes(publisher)
        return
    assert found
    assert all(problem.rule and problem.fix for problem in found)
    assert {problem.field for problem in found} <= set(FIELDS.values())


def assert_pypi_takes(publisher: Publisher) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", publisher.project)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", publisher.name)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", publisher.owner)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", publisher.repository)
    assert publisher.workflow_filename.endswith((".yml", ".yaml"))
    assert "/" not in publisher.workflow_filename
    assert len(publisher.environment) <= 255
    assert publisher.environment == publisher.environment.strip(" ")
    assert not set(publisher.environment) & set("'\"`,;\\")
    for value in publisher.payload.values():
        assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)
        value.encode()


@given(any_text, any_text)
def test_each_value_is_judged_alone(workflow: str, environment: str) -> None:
    both = problems(workflow_filename=workflow, environment=environment)
    assert both == problems(workflow_filename=workflow) + problems(environment=environment)
