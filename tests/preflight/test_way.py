"""How a project is published: by the workflows' files, and else by what the index says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.way import FILES_LIMIT, attested, way
from pypi_setup.sources.files import Checkout
from pypi_setup.sources.lookup import Project, Published
from pypi_setup.values import index as indexes
from pypi_setup.values import publisher as publishers

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHER = publishers.parse("sample", "octo-org", "sample-repo", "release.yml", "pypi")
PYPI = indexes.parse("pypi")
EXISTS = Project(exists=True)
JOB = """\
on: {{push: {{tags: ["v*"]}}}}
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {{id-token: write}}
    steps:
{steps}
"""
ACTION = "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
TWINE = "      - run: twine upload dist/*\n"
SECRET = "        with: {password: '${{ secrets.TOKEN }}'}\n"


def evidence(root: Path, **files: str) -> Evidence:
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return Evidence((PUBLISHER,), PYPI, Checkout(root))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (ACTION, "trusted"),
        ("      - run: uv publish\n", "trusted"),
        (ACTION + SECRET, "token"),
        (TWINE, "trusted"),
        ("      - run: flit publish\n", "token"),
        ("      - run: uv publish --token ${{ steps.other.outputs.token }}\n", "unknown"),
        (ACTION + ACTION + SECRET, "token"),
    ],
)
def test_an_upload_says_how(tmp_path: Path, steps: str, expected: str) -> None:
    found = evidence(tmp_path, release=JOB.format(steps=steps))
    assert way(found, EXISTS).value == expected
    assert way(found, Project()).value == expected


def test_an_upload_in_another_file_counts_where_the_registered_one_has_none(tmp_path: Path) -> None:
    assert way(evidence(tmp_path, other=JOB.format(steps=ACTION + SECRET)), EXISTS).value == "token"


def test_a_token_got_by_oidc_is_trusted(tmp_path: Path) -> None:
    steps = (
        "      - run: |\n"
        '          token=$(curl -X POST https://pypi.org/_/oidc/mint-token -d "{}" | jq -r .token)\n'
        "          twine upload -u __token__ -p $token dist/*\n"
    )
    assert way(evidence(tmp_path, release=JOB.format(steps=steps)), EXISTS).value == "trusted"


QUIET = "on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}}\n"
HERE = Published("x.whl", "Octo-Org/sample-repo", "release.yml", "")
THERE = Published("x.whl", "octo-org/old", "release.yml", "pypi")
GITLAB = Published("x.whl", "group/sample", ".gitlab-ci.yml", "", "GitLab")


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (Project(), "unknown"),
        (Project(exists=False), "elsewhere"),
        (EXISTS, "manual"),
        (EXISTS._replace(problem="the provenance could not be read"), "unknown"),
        (EXISTS._replace(published=HERE), "unknown"),
        (EXISTS._replace(published=HERE._replace(kind="GitLab")), "elsewhere"),
        (EXISTS._replace(published=THERE), "elsewhere"),
    ],
)
def test_without_an_upload_the_index_says_it(tmp_path: Path, project: Project, expected: str) -> None:
    assert way(evidence(tmp_path, tests=QUIET), project).value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (QUIET.replace("pytest", "make pypi-release"), "unknown"),
        (QUIET.replace("pytest", "./scripts/TWINE.sh"), "unknown"),
        (JOB.format(steps="      - run: make release\n"), "unknown"),
        (JOB.format(steps="      - uses: actions/deploy-pages@v5\n"), "manual"),
    ],
)
def test_what_may_upload_unseen_leaves_it_open(tmp_path: Path, text: str, expected: str) -> None:
    assert way(evidence(tmp_path, other=text), EXISTS).value == expected


def test_an_upload_to_where_only_a_run_can_tell_leaves_it_open(tmp_path: Path) -> None:
    steps = '      - run: twine upload --repository-url "$INDEX_OF_THE_DAY" dist/*\n'
    assert way(evidence(tmp_path, release=JOB.format(steps=steps)), EXISTS).value == "unknown"


def test_without_files_nothing_is_known() -> None:
    assert way(Evidence((PUBLISHER,), PYPI), EXISTS).value == "unknown"


def test_too_many_files_leave_it_open(tmp_path: Path) -> None:
    names = {f"tests-{number}": QUIET for number in range(FILES_LIMIT + 1)}
    assert way(evidence(tmp_path, **names), EXISTS).value == "unknown"


def test_a_file_that_cannot_be_read_leaves_it_open(tmp_path: Path) -> None:
    found = evidence(tmp_path, tests=QUIET)
    assert found.names == ("tests.yml",)
    (tmp_path / ".github/workflows/tests.yml").unlink()
    assert way(found, EXISTS).value == "unknown"


@pytest.mark.parametrize(
    ("published", "words"),
    [
        (None, ""),
        (THERE, "octo-org/old, release.yml, pypi"),
        (HERE, "Octo-Org/sample-repo, release.yml"),
        (GITLAB, "GitLab, group/sample, .gitlab-ci.yml"),
    ],
)
def test_who_published_the_newest_attested_file(published: Published | None, words: str) -> None:
    assert attested(Project(exists=True, published=published)) == words
