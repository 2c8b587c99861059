from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from pypi_setup.sources.github import GitHub, Reply
from pypi_setup.sources.organization import REPOSITORIES_LIMIT, Repositories, of_list, of_organization
from pypi_setup.transport import Client
from pypi_setup.values.publisher import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.sandbox import Sandbox


def of(sandbox: Sandbox, name: str) -> Repositories:
    return of_organization(GitHub(Client(10), "", "", api_url=sandbox.github.url), name)


def test_the_repositories_of_an_organization(sandbox: Sandbox) -> None:
    for number in range(130):
        sandbox.github.add_repository(f"big-org/r{number}")
    sandbox.github.add_repository("big-org/old").archived = True
    sandbox.github.add_repository("big-org/copy").fork = True
    found = of(sandbox, "big-org")
    assert found == Repositories(tuple(f"big-org/r{number}" for number in range(130)), 1, 1)


def test_a_user_is_found_too(sandbox: Sandbox) -> None:
    sandbox.github.add_repository("somebody/r")
    assert of(sandbox, "somebody").names == ("somebody/r",)


def test_who_is_not_there(sandbox: Sandbox) -> None:
    assert of(sandbox, "nobody").problem == "GitHub knows no organization and no user called nobody"


class Answers(GitHub):
    """GitHub with answers of a test's own."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def list_repositories(self, *_arguments: object) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


PAGE = [{"full_name": f"o/r{number}"} for number in range(100)]


def test_a_list_that_breaks_off_is_told_as_such() -> None:
    found = of_organization(Answers(Reply(200, PAGE), Reply(403, None, problem="no")), "o")
    assert (len(found.names), found.problem) == (100, "no")
    found = of_organization(Answers(Reply(200, {})), "o")
    assert found == Repositories(problem="GitHub's list of repositories cannot be read")


def test_no_more_than_the_limit_is_listed() -> None:
    found = of_organization(Answers(Reply(200, PAGE)), "o")
    assert (len(found.names), found.problem) == (REPOSITORIES_LIMIT, f"only {REPOSITORIES_LIMIT} were listed")


def test_entries_that_are_none() -> None:
    assert of_organization(Answers(Reply(200, [3, {}, {"full_name": "a/b/c"}])), "o") == Repositories()


def test_a_list_of_names(tmp_path: Path) -> None:
    text = "# ours\no/a\nhttps://github.com/o/b.git\n\no/a # again\n"
    (tmp_path / "repos.txt").write_text(text)
    assert of_list("repos.txt", tmp_path, None).names == ("o/a", "o/b")
    assert of_list("-", tmp_path, io.BytesIO(text.encode())).names == ("o/a", "o/b")


@pytest.mark.parametrize(
    ("name", "text", "rules"),
    [
        ("none.txt", "", ["It cannot be read: No such file or directory"]),
        ("a\0", "", ["It cannot be read: no such file"]),
        ("-", "", ["The list names no repository"]),
        ("-", "a\nb/c\nd/e/f\n", ["It is not owner/name of a repository"] * 2),
    ],
)
def test_a_list_that_is_none(tmp_path: Path, name: str, text: str, rules: list[str]) -> None:
    with pytest.raises(BadInput) as bad:
        of_list(name, tmp_path, io.BytesIO(text.encode()))
    assert [problem.rule for problem in bad.value.problems] == rules


def test_without_standard_input_there_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        of_list("-", tmp_path, None)
