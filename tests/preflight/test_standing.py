from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.publishing import survey
from pypi_setup.preflight.standing import Gap, gaps, publishing, standing, told
from pypi_setup.preflight.workflow import calls
from pypi_setup.sources.github import Environment, Repository
from pypi_setup.sources.lookup import Project
from pypi_setup.values import index, publisher
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.standing import CHECKED, REGISTERING, Standing

if TYPE_CHECKING:
    from pypi_setup.sources.github import GitHub

FOLDER = ".github/workflows"
ONE = publisher.parse("one", "octo-org", "sample", "release.yml", "pypi")
PYPI = index.parse("pypi")
RIGHT = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
TOKEN = RIGHT.replace("    environment: pypi\n    permissions: {id-token: write}\n", "").replace(
    "release/v1\n", "release/v1\n        with: {password: '${{ secrets.PYPI_API_TOKEN }}'}\n"
)
TESTS = "on: push\njobs:\n  test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}\n"
WORKFLOW = frozenset({"workflow"})


class Held:
    """A checkout in memory."""

    def __init__(self, workflows: dict[str, str], unreadable: tuple[str, ...] = ()) -> None:
        self._workflows = workflows
        self._unreadable = unreadable

    def read(self, path: str) -> bytes | None:
        text = self._workflows.get(path.removeprefix(f"{FOLDER}/"))
        return None if text is None else text.encode()

    def names(self, folder: str) -> list[str]:
        return [*self._workflows, *self._unreadable] if folder == FOLDER else []


class Asked:
    """What GitHub says of the repository."""

    def __init__(self, repository: Repository, environment: Environment | None = None) -> None:
        self.repository = repository
        self._environment = environment or Environment(exists=True)

    def environment(self, _name: str) -> Environment:
        return self._environment


def evidence(
    workflows: dict[str, str] | None, assumed: frozenset[str] = frozenset(), unreadable: tuple[str, ...] = ()
) -> Evidence:
    held = None if workflows is None else Held(workflows, unreadable)
    return Evidence((ONE,), PYPI, held, assumed=assumed)


@pytest.mark.parametrize(
    ("workflows", "assumed", "expected"),
    [
        ({"release.yml": RIGHT}, frozenset(), Standing.SOUND),
        ({"release.yml": RIGHT}, WORKFLOW, Standing.SOUND),  # The usual file is there, and it publishes.
        ({"release.yml": RIGHT.replace("{id-token: write}", "{}")}, frozenset(), Standing.BROKEN),
        ({"release.yml": TOKEN}, frozenset(), Standing.TOKEN),
        ({"release.yml": TOKEN.replace("ubuntu", "windows")}, frozenset(), Standing.BROKEN),
        ({"release.yml": TESTS}, frozenset(), Standing.BROKEN),  # The user says that this file publishes.
        ({"release.yml": TESTS}, WORKFLOW, Standing.NOTHING),
        ({"test.yml": TESTS}, frozenset(), Standing.BROKEN),
        ({"test.yml": TESTS}, WORKFLOW, Standing.NOTHING),
        ({"a.yml": RIGHT}, WORKFLOW, Standing.NOTHING),
        ({"a.yml": RIGHT, "b.yml": RIGHT}, WORKFLOW, Standing.SEVERAL),
        ({"release.yml": "on: [push\n"}, WORKFLOW, Standing.BROKEN),  # GitHub cannot load it either.
        (None, frozenset(), Standing.UNREAD),
        (None, WORKFLOW, Standing.UNREAD),
    ],
)
def test_how_a_project_stands(
    workflows: dict[str, str] | None, assumed: frozenset[str], expected: Standing
) -> None:
    each = evidence(workflows, assumed)
    assert standing(each, preflight.check(each)) is expected


def test_what_a_release_proved_is_said() -> None:
    already = Finding("already-publishing", Severity.NOTICE, "m", "f")
    assert standing(evidence({"release.yml": RIGHT}), [already]) is Standing.PUBLISHING


def test_a_slip_in_the_spelling_of_the_input_breaks_no_release() -> None:
    slip = Finding("repository-spelling", Severity.ERROR, "m", "f")
    assert standing(evidence({"release.yml": RIGHT}), [slip]) is Standing.SOUND


def test_other_files_that_publish_have_their_names() -> None:
    each = evidence({"b.yml": RIGHT, "a.yml": RIGHT, "test.yml": TESTS}, WORKFLOW)
    assert publishing(each) == ("a.yml", "b.yml")


def test_what_was_not_looked_at_is_one_line_for_each_reason() -> None:
    silent = Asked(Repository(None, problem="no answer\x1b"))
    files = Held({}, unreadable=("release.yml",))
    projects = {"one": Project(problem="no answer")}
    each = Evidence((ONE,), PYPI, files, projects, github=cast("GitHub", silent))
    assert told(gaps(each)) == (
        "Not checked: .github/workflows/release.yml: its content cannot be read.",
        "Not checked: GitHub's spelling of octo-org/sample, its environments: no answer\\x1b.",
        "Not checked: one on PyPI: no answer.",
    )


def test_an_environment_that_cannot_be_looked_up_is_a_gap() -> None:
    known = Repository(known=True, full_name="octo-org/sample")
    closed = Asked(known, Environment(None, problem="GitHub does not allow it"))
    files = Held({"release.yml": RIGHT})
    each = Evidence((ONE,), PYPI, files, github=cast("GitHub", closed))
    assert gaps(each) == (
        Gap("identity", "the environment 'pypi' and its rules", "GitHub does not allow it"),
    )
    fine = Evidence((ONE,), PYPI, files, {"one": Project()}, github=cast("GitHub", Asked(known)))
    assert gaps(fine) == ()


def test_every_standing_has_a_headline_where_one_is_needed() -> None:
    assert set(CHECKED) == set(Standing)
    assert set(REGISTERING) == set(Standing) - {Standing.SOUND, Standing.UNREAD, Standing.HIDDEN}


def test_workflows_that_are_too_large_together_are_named_and_nothing_is_concluded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = "on: push\njobs: {call: {uses: ./.github/workflows/leaf.yml}}\n"
    leaf = f"on: workflow_call\n{RIGHT.partition(chr(10))[2]}"
    monkeypatch.setattr(calls, "PARSED_LIMIT", len(call))
    evidence = Evidence((ONE,), PYPI, Held({"release.yml": call, "leaf.yml": leaf, "other.yml": RIGHT}))
    assert "no-publishing-job" not in [each.rule for each in preflight.check(evidence)]
    assert publishing(evidence) == ()
    assert Gap("job", f"{FOLDER}/leaf.yml", "the workflows and actions are too large together") in gaps(
        evidence
    )
    assert f"{FOLDER}/other.yml" in evidence.left_out


def test_a_glance_at_too_much_says_that_not_all_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "GLANCE_LIMIT", len(RIGHT) + len(TESTS))
    evidence = Evidence((ONE,), PYPI, Held({"release.yml": RIGHT, "z.yml": TESTS, "zz.yml": TESTS}))
    assert not evidence.survey.complete
    why = "the workflows and actions are too large together"
    assert gaps(evidence) == (Gap("publisher", "whether other workflows publish too", why),)
