from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pypi_setup.discovery.discover import Discovery, discovered, is_checkout_of, root
from pypi_setup.sources.projects import Listing
from pypi_setup.values.discovered import Discovered, Open
from pypi_setup.values.publisher import BadInput, Problem, Publisher
from pypi_setup.values.request import Given

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FULL = Given(project=("sample",), owner="octo-org", repo="sample", workflow="release.yml", environment="pypi")
PATH = {"PATH": os.environ["PATH"]}
RUNNING = {**PATH, "GITHUB_REPOSITORY": "octo-org/sample"}


def git(folder: Path, *words: str) -> None:
    # Neither the machine's settings nor a repository around the test may have a say.
    environ = {**PATH, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=environ)


def remotes(folder: Path, **urls: str) -> None:
    git(folder, "init", "-q")
    for name, url in urls.items():
        git(folder, "config", "--add", f"remote.{name}.url", url)


def write(folder: Path, path: str, text: str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def one(given: Given, folder: Path, field: str, environ: Mapping[str, str] = PATH) -> Discovered | Open:
    found = discovered(given, folder, environ)
    every: list[Discovered | Open] = [*found.discovered, *found.still_open]
    (only,) = [each for each in every if each.field == field]
    return only


def test_what_was_given_is_never_replaced(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[project]\nname = "other"')
    assert discovered(FULL, tmp_path, {"GITHUB_REPOSITORY": "a/b"}) == Discovery(FULL)


# ---------------------------------------------------------------- the project


def project(folder: Path) -> Discovered | Open:
    return one(FULL._replace(project=(" ",)), folder, "project")


def test_the_project_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[project]\nname = "sample"')
    write(tmp_path, "tests/data/pyproject.toml", '[project]\nname = "other"')
    assert project(tmp_path) == Discovered("project", "sample", "pyproject.toml")
    assert discovered(FULL._replace(project=()), tmp_path, PATH).given == FULL


def test_the_only_project_below(tmp_path: Path) -> None:
    write(tmp_path, "python/setup.cfg", "[metadata]\nname = sample")
    assert project(tmp_path) == Discovered("project", "sample", "python/setup.cfg")


def test_several_projects_are_named_and_none_is_chosen(tmp_path: Path) -> None:
    write(tmp_path, "a/pyproject.toml", '[project]\nname = "one"')
    write(tmp_path, "b/pyproject.toml", '[project]\nname = "two"')
    assert project(tmp_path) == Open("project", "there are 2 projects here", ("one", "two"))


def test_the_root_of_a_workspace_has_alternatives(tmp_path: Path) -> None:
    workspace = '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    write(tmp_path, "pyproject.toml", workspace + '[project]\nname = "root"')
    write(tmp_path, "packages/one/pyproject.toml", '[project]\nname = "one"')
    assert project(tmp_path) == Discovered("project", "root", "pyproject.toml", ("one",))


def test_the_members_of_a_workspace_whose_root_is_no_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.uv.workspace]\nmembers = ["packages/*"]')
    write(tmp_path, "packages/one/pyproject.toml", '[project]\nname = "one"')
    write(tmp_path, "examples/two/pyproject.toml", '[project]\nname = "two"')
    assert project(tmp_path) == Discovered("project", "one", "packages/one/pyproject.toml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[project]\ndynamic = ["name"]', "pyproject.toml has a dynamic name"),
        ("[tool.ruff]", "no pyproject.toml here names a project"),
    ],
)
def test_why_there_is_no_project(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, "pyproject.toml", text)
    assert project(tmp_path) == Open("project", reason)


def test_a_folder_below_the_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[project]\nname = "sample"')
    write(tmp_path, "src/x.py", "")
    git(tmp_path, "init", "-q")
    assert project(tmp_path / "src") == Discovered("project", "sample", "pyproject.toml")
    assert root(tmp_path / "src") == tmp_path


# ---------------------------------------------------------------- owner and repository


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Octo-Org/Sample.git",
        "https://github.com/Octo-Org/Sample",
        "https://user:ghp_secret@github.com/Octo-Org/Sample.git/",
        "https://www.github.com/Octo-Org/Sample",
        "git@github.com:Octo-Org/Sample.git",
        "github.com:Octo-Org/Sample",
        "ssh://git@github.com/Octo-Org/Sample.git",
        "ssh://git@ssh.github.com:443/Octo-Org/Sample.git",
        "git://GitHub.com/Octo-Org/Sample.git",
        "git+ssh://git@github.com/Octo-Org/Sample",
    ],
)
def test_a_remote_on_github(tmp_path: Path, url: str) -> None:
    remotes(tmp_path, origin=url)
    found = discovered(FULL._replace(owner="", repo=""), tmp_path, PATH)
    assert found.given == FULL._replace(owner="Octo-Org", repo="Sample")
    assert found.discovered == (
        Discovered("owner", "Octo-Org", "git remote origin"),
        Discovered("repo", "Sample", "git remote origin"),
    )
    assert "ghp_secret" not in repr(found.discovered)


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/octo-org/sample.git",
        "https://github.com.evil.example/octo-org/sample",
        "https://evil.example/github.com/octo-org/sample",
        "https://user:ghp_secret@notgithub.com/octo-org/sample",
        "../sample",
        "https://github.com/octo-org",
        "https://github.com/octo-org/sample/extra",
        "https://github.com/octo-org/sam ple",
    ],
)
def test_a_remote_elsewhere(tmp_path: Path, url: str) -> None:
    remotes(tmp_path, origin=url)
    found = discovered(FULL._replace(owner="", repo=""), tmp_path, PATH)
    reason = "no git remote here is on github.com"
    assert found.still_open == (Open("owner", reason), Open("repo", reason))


ORIGIN, UPSTREAM = "git@github.com:me/sample.git", "git@github.com:octo-org/sample.git"


def owner(folder: Path, environ: Mapping[str, str] = PATH, **given: Any) -> Discovered | Open:
    return one(FULL._replace(**{"owner": "", "repo": "", **given}), folder, "owner", environ)


def test_upstream_is_likely_but_not_certain(tmp_path: Path) -> None:
    remotes(tmp_path, origin=ORIGIN, upstream=UPSTREAM, friend="git@github.com:friend/sample.git")
    assert owner(tmp_path) == Discovered("owner", "octo-org", "git remote upstream", ("me/sample",))


def test_other_peoples_forks_are_no_alternatives(tmp_path: Path) -> None:
    remotes(tmp_path, origin=UPSTREAM, friend="git@github.com:friend/sample.git", upstream="../elsewhere")
    assert owner(tmp_path) == Discovered("owner", "octo-org", "git remote origin")


def test_two_remotes_of_one_repository(tmp_path: Path) -> None:
    remotes(tmp_path, upstream=UPSTREAM, origin="https://github.com/Octo-Org/sample")
    assert owner(tmp_path) == Discovered("owner", "octo-org", "git remote upstream")


def test_the_only_remote_whatever_its_name(tmp_path: Path) -> None:
    remotes(tmp_path, **{"git\u202ehub": UPSTREAM})
    assert owner(tmp_path) == Discovered("owner", "octo-org", "git remote git\\u202ehub")


def test_a_remote_whose_name_is_a_url_shows_no_password(tmp_path: Path) -> None:
    """As `git push https://user:password@...` leaves it behind."""
    remotes(tmp_path, **{"https://me:canary@github.com/octo-org/sample.git": UPSTREAM})
    source = "git remote https://***@github.com/octo-org/sample.git"
    assert owner(tmp_path) == Discovered("owner", "octo-org", source)


def test_several_remotes_that_nothing_tells_apart(tmp_path: Path) -> None:
    remotes(tmp_path, one=ORIGIN, two=UPSTREAM)
    reason = "several git remotes are on github.com"
    assert owner(tmp_path) == Open("owner", reason, ("me/sample", "octo-org/sample"))


def test_the_first_url_of_a_remote_counts(tmp_path: Path) -> None:
    remotes(tmp_path, origin=UPSTREAM)
    git(tmp_path, "config", "--add", "remote.origin.url", ORIGIN)
    assert owner(tmp_path) == Discovered("owner", "octo-org", "git remote origin")


def test_the_runners_repository_comes_first(tmp_path: Path) -> None:
    remotes(tmp_path, origin=ORIGIN)
    assert owner(tmp_path, RUNNING) == Discovered("owner", "octo-org", "GITHUB_REPOSITORY")
    broken = {**PATH, "GITHUB_REPOSITORY": "no repository"}
    assert owner(tmp_path, broken) == Discovered("owner", "me", "git remote origin")


def test_another_repository_in_the_environment_is_not_asked(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    remotes(other, origin=UPSTREAM)
    here = tmp_path / "here"
    here.mkdir()
    environ = {**PATH, "GIT_DIR": str(other / ".git")}
    assert owner(here, environ) == Open("owner", "no git remote here is on github.com")


@pytest.mark.parametrize(
    "given",
    [
        {"owner": "other/sample"},
        {"repo": "other/sample"},
        {"repo": "https://github.com/other/sample"},
        {"repo": "git@github.com:other/sample"},
    ],
)
def test_owner_and_repository_in_one_text_leave_nothing_open(tmp_path: Path, given: dict[str, Any]) -> None:
    found = discovered(FULL._replace(**{"owner": "", "repo": "", **given}), tmp_path, RUNNING)
    assert (found.discovered, found.still_open) == ((), ())


def test_the_other_half_of_the_same_repository(tmp_path: Path) -> None:
    found = discovered(FULL._replace(owner="OCTO-ORG", repo=""), tmp_path, RUNNING)
    assert found.discovered == (Discovered("repo", "sample", "GITHUB_REPOSITORY"),)
    assert found.given.owner == "OCTO-ORG"
    assert owner(tmp_path, RUNNING, repo="Sample.git") == Discovered("owner", "octo-org", "GITHUB_REPOSITORY")


def test_halves_of_two_repositories_are_not_mixed_in_silence(tmp_path: Path) -> None:
    source, others = "GITHUB_REPOSITORY, which is octo-org/sample", ("octo-org/sample",)
    given = FULL._replace(owner="somebody", repo="")
    assert one(given, tmp_path, "repo", RUNNING) == Discovered("repo", "sample", source, others)
    assert owner(tmp_path, RUNNING, repo="else") == Discovered("owner", "octo-org", source, others)


def test_without_git(tmp_path: Path) -> None:
    assert owner(tmp_path, {"PATH": str(tmp_path)}) == Open("owner", "git cannot be run here")


def test_a_git_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "git", "#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setattr("pypi_setup.sources.git.SECONDS", 0.05)
    assert owner(tmp_path, {"PATH": str(tmp_path)}) == Open("owner", "git did not answer in time")


def test_whether_a_folder_is_a_checkout_of_a_repository(tmp_path: Path) -> None:
    remotes(tmp_path, origin=ORIGIN, upstream=UPSTREAM)
    assert is_checkout_of(tmp_path, PATH, "octo-org/sample")
    write(tmp_path, ".git/info/sparse-checkout", "/src/")
    assert not is_checkout_of(tmp_path, PATH, "octo-org/sample")
    write(tmp_path, ".github/workflows/a.yml", "")
    assert is_checkout_of(tmp_path, PATH, "Octo-Org/sample")
    assert is_checkout_of(tmp_path, PATH, "me/sample")
    assert not is_checkout_of(tmp_path, PATH, "friend/sample")
    assert not is_checkout_of(tmp_path / ".github", PATH, "octo-org/sample")


def test_a_folder_that_nothing_says_to_be_of_another_repository(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/a.yml", "")
    assert is_checkout_of(tmp_path, PATH, "octo-org/any")
    remotes(tmp_path)
    assert is_checkout_of(tmp_path, PATH, "octo-org/any")
    remotes(tmp_path, one="https://github.com/a/b", other="https://github.com/c/d")
    assert not is_checkout_of(tmp_path, PATH, "octo-org/any")


# ---------------------------------------------------------------- a repository that is not checked out here


class Elsewhere(dict[str, str]):
    """A repository's files, as GitHub would give them."""

    def read(self, path: str) -> bytes | None:
        return self[path].encode() if path in self else None

    def names(self, folder: str) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self if path.rpartition("/")[0] == folder)

    @property
    def tree(self) -> Listing:
        return Listing(tuple(self))


OTHER = Elsewhere(
    {
        ".github/workflows/pub.yml": (
            "on: release\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    environment: release\n"
            "    permissions:\n      id-token: write\n    steps:\n"
            "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
        ),
        "pyproject.toml": '[project]\nname = "elsewhere"\n',
    }
)
NOTHING = Given(owner="octo-org", repo="other")


def elsewhere(given: Given, folder: Path, environ: dict[str, str]) -> Discovery:
    return discovered(given, folder, environ, lambda _owner, _name: OTHER)  # type: ignore[arg-type, return-value]


def test_without_a_checkout_github_has_the_files(tmp_path: Path) -> None:
    found = elsewhere(Given(), tmp_path, {"GITHUB_REPOSITORY": "octo-org/other"})
    assert [(each.field, each.value) for each in found.discovered] == [
        ("project", "elsewhere"),
        ("owner", "octo-org"),
        ("repo", "other"),
        ("workflow", "pub.yml"),
        ("environment", "release"),
    ]
    assert found.discovered[3].source == "the only workflow of octo-org/other that uploads to PyPI"


def test_a_checkout_of_another_repository_tells_nothing(tmp_path: Path) -> None:
    remotes(tmp_path, origin=ORIGIN)
    write(tmp_path, "pyproject.toml", '[project]\nname = "mine"\n')
    write(tmp_path, ".github/workflows/release.yml", publishing(PYPI))
    found = elsewhere(NOTHING, tmp_path, PATH).given
    assert (found.project, found.workflow, found.environment) == (("elsewhere",), "pub.yml", "release")


def test_a_folder_with_metadata_and_no_workflows_names_the_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[project]\nname = "mine"\n')
    found = elsewhere(NOTHING, tmp_path, PATH).given
    assert (found.project, found.workflow) == (("mine",), "pub.yml")


def test_a_name_that_is_none_is_not_looked_for(tmp_path: Path) -> None:
    found = elsewhere(Given(owner="octo-org", repo="a b"), tmp_path, PATH)
    assert found.discovered == ()


# ---------------------------------------------------------------- workflow and environment


def publishing(environment: str = "", *, on: str = "release", inputs: str = "", matrix: str = "") -> str:
    return (
        f"on: {on}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n{environment}{matrix}"
        "    permissions:\n      id-token: write\n    steps:\n"
        f"      - uses: pypa/gh-action-pypi-publish@release/v1\n{inputs}"
    )


PYPI = "    environment: pypi\n"
TEST = "        with:\n          repository-url: https://test.pypi.org/legacy/\n"
NEITHER = FULL._replace(workflow=None, environment=None)


def test_the_only_workflow_that_publishes(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/cd.yml", publishing(PYPI))
    write(tmp_path, ".github/workflows/ci.yml", "on: push\njobs: {}\n")
    write(tmp_path, ".github/workflows/rehearsal.yml", publishing(inputs=TEST))
    found = discovered(NEITHER, tmp_path, PATH)
    assert found.discovered == (
        Discovered("workflow", "cd.yml", "the only workflow here that uploads to PyPI"),
        Discovered("environment", "pypi", "the job publish in cd.yml"),
    )
    assert found.given == FULL._replace(workflow="cd.yml")


def test_the_index_decides(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/cd.yml", publishing(PYPI))
    write(tmp_path, ".github/workflows/rehearsal.yml", publishing(inputs=TEST))
    found = discovered(NEITHER._replace(index_url="testpypi"), tmp_path, PATH)
    assert found.discovered == (
        Discovered("workflow", "rehearsal.yml", "the only workflow here that uploads to TestPyPI"),
        Discovered("environment", "", "the job publish in rehearsal.yml, which has none"),
    )


def test_a_rehearsal_elsewhere_is_of_the_workflow_for_pypi(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/cd.yml", publishing(PYPI))
    found = discovered(NEITHER._replace(index_url="http://127.0.0.1:8000"), tmp_path, PATH)
    assert found.discovered == (
        Discovered("workflow", "cd.yml", "the only workflow here that uploads to PyPI"),
        Discovered("environment", "pypi", "the job publish in cd.yml"),
    )


def test_a_given_environment_stays(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/cd.yml", publishing("    environment: other\n"))
    found = discovered(FULL._replace(workflow=None), tmp_path, PATH)
    assert found.given == FULL._replace(workflow="cd.yml")


def test_where_one_of_several_workflows_is_the_one_assumed_its_environment_is_told(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/nightly.yml", publishing(PYPI))
    write(tmp_path, ".github/workflows/release.yml", publishing("    environment: other\n"))
    found = discovered(NEITHER, tmp_path, PATH)
    assert found.still_open == (
        Open("workflow", "2 workflows here upload to PyPI", ("nightly.yml", "release.yml")),
    )
    assert found.discovered == (Discovered("environment", "other", "the job publish in release.yml"),)
    given = discovered(NEITHER._replace(environment="prod"), tmp_path, PATH)
    assert given.given.environment == "prod"


def test_several_workflows_are_named_and_none_is_chosen(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/a.yml", publishing(PYPI))
    write(tmp_path, ".github/workflows/b.yml", publishing(PYPI))
    found = discovered(NEITHER, tmp_path, PATH)
    assert found.still_open == (Open("workflow", "2 workflows here upload to PyPI", ("a.yml", "b.yml")),)
    assert found.given == NEITHER


def test_no_workflow_publishes(tmp_path: Path) -> None:
    found = discovered(NEITHER._replace(index_url="not an index"), tmp_path, PATH)
    assert found.still_open == (Open("workflow", "no workflow here can be seen to upload to PyPI"),)


def test_a_dry_run_looks_at_no_workflow(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/cd.yml", publishing(PYPI))
    given = NEITHER._replace(dry_run="TRUE")
    assert discovered(given, tmp_path, PATH) == Discovery(given)


def environment(folder: Path, text: str) -> tuple[Discovered | Open, ...]:
    write(folder, ".github/workflows/release.yml", text)
    found = discovered(FULL._replace(environment=None), folder, PATH)
    return (*found.discovered, *found.still_open)


def test_the_environment_of_a_given_workflow(tmp_path: Path) -> None:
    source = "the job publish in release.yml"
    assert environment(tmp_path, publishing(PYPI)) == (Discovered("environment", "pypi", source),)


def test_an_environment_from_the_matrix(tmp_path: Path) -> None:
    name = "    environment: ${{ matrix.name }}\n"
    matrix = "    strategy:\n      matrix:\n        name: [one, two]\n"
    assert environment(tmp_path, publishing(name, matrix=matrix)) == (
        Open(
            "environment",
            "the jobs in release.yml that upload have different environments",
            ("one", "two"),
        ),
    )


def test_an_environment_that_only_a_run_can_tell(tmp_path: Path) -> None:
    assert environment(tmp_path, publishing("    environment: ${{ vars.WHERE }}\n")) == (
        Open("environment", "only a run can tell the environment of the job publish in release.yml"),
    )


def test_a_given_workflow_that_does_not_publish(tmp_path: Path) -> None:
    assert environment(tmp_path, "on: push\njobs: {}\n") == ()


def test_what_is_assumed_for_what_was_not_found_is_said() -> None:
    several = Open("workflow", "2 workflows here upload to PyPI", ("a.yml", "b.yml"))
    alone = Open("environment", "its job has an expression")
    project = Open("project", "no pyproject.toml here names a project")
    assert Discovery(Given(), still_open=(several, alone, project)).assumptions == (
        "No workflow was given, and 2 workflows here upload to PyPI (a.yml, b.yml): release.yml is assumed.",
        "No environment was given, and its job has an expression: pypi is assumed.",
    )


def test_nothing_is_posted_on_a_guess() -> None:
    guess = Discovered("owner", "octo", "git remote upstream", ("fork/repo",))
    several = Open("workflow", "2 workflows here upload to PyPI", ("a.yml", "b.yml"))
    with pytest.raises(BadInput) as raised:
        Discovery(Given(), (guess,), (several,)).certain()
    assert [(each.field, each.rule) for each in raised.value.problems] == [
        ("owner", "Found in git remote upstream, but it may also be fork/repo. Nothing is posted on a guess"),
        (
            "workflow",
            "Not found, since 2 workflows here upload to PyPI: a.yml, b.yml. Nothing is posted on a guess",
        ),
    ]
    Discovery(Given(), (guess._replace(alternatives=()),), (several._replace(alternatives=()),)).certain()


def test_an_empty_input_says_why_nothing_was_found() -> None:
    several = Open("project", "there are 2 projects here", ("a", "b"))
    empty, wrong = Problem("project", "", "Specify project name", "x"), Problem("owner", "-", "Invalid", "y")
    assert Discovery(Given(), still_open=(several, Open("owner", "z"))).explained((empty, wrong)) == (
        Problem(
            "project", "", "Specify project name: there are 2 projects here", "give project: one of a, b"
        ),
        wrong,
    )


def test_the_spelling_is_githubs() -> None:
    found = (
        Discovered("owner", "octo", "git remote origin"),
        Discovered("project", "sample", "pyproject.toml"),
    )
    publisher = Publisher("sample", "Octo", "Repo", "release.yml", "")
    assert Discovery(Given(), found).spelled_as(publisher) == (
        Discovered("owner", "Octo", "git remote origin, in GitHub's own spelling"),
        found[1],
    )
    assert Discovery(Given(), found).spelled_as(None) == found
