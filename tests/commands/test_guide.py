"""The guided road: a person whose answers are written down, stand-ins for GitHub, `gh` and the index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.scripted import Scripted
from tests.commands.test_init import FILE, MEMBERS, TOKEN, Repository, of, project, repository

from pypi_setup.commands import guide
from pypi_setup.sandbox import Environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypi_setup.values.report import Report
    from pypi_setup.values.step import Step

__all__ = ["repository"]

GH = """\
#!/bin/sh
printf '%s\\n' "$*" >>"$0.log"
case "$*" in
auth*) exit 0 ;;
"run list"*) name=list ;;
"run view"*) name=view ;;
"workflow run"*) name=start ;;
*commits/main*) name=branch ;;
*commits/verify*) name=tag ;;
*git/refs*) name=refs ;;
*) exit 0 ;;
esac
[ ! -e "$0.$name.refuses" ] || { echo '{"message": "Not allowed"}'; exit 1; }
[ ! -e "$0.$name" ] || cat "$0.$name"
"""
ASKED = ["What will start a release? tag|release", "Try each release on TestPyPI first? It needs an account"]
PLAIN = ("tag", "false", "yes")
"""Answers of a plain package, up to the files."""


class Gh:
    """A stand-in for gh, and what it is to say."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir()
        file.write_text(GH)
        file.chmod(0o755)
        self.say("list", "[]")

    def say(self, name: str, text: object) -> None:
        words = text if isinstance(text, str) else json.dumps(text)
        Path(f"{self.file}.{name}").write_text(words)

    def refuse(self, name: str) -> None:
        Path(f"{self.file}.{name}.refuses").touch()

    @property
    def calls(self) -> list[str]:
        calls = Path(f"{self.file}.log").read_text().splitlines()
        return [call for call in calls if not call.startswith("auth")]


def run_of(number: int, status: str = "completed", conclusion: str = "success") -> dict[str, object]:
    url = f"https://github.com/octo-org/sample-repo/actions/runs/{number}"
    return {"databaseId": number, "status": status, "conclusion": conclusion, "url": url}


@pytest.fixture
def gh(repository: Repository, tmp_path: Path) -> Gh:
    return Gh(tmp_path / "no-gh" / "gh")


class Walk:
    """Runs `init` with a person."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def __call__(self, *answers: str | type[BaseException], **options: Any) -> tuple[Report, Scripted]:
        """Return the report, and the person who gave these answers."""
        person = self._repository.person or Scripted()
        person.answers = list(answers)
        self._repository.person = person
        return self._repository.init(**options), person


@pytest.fixture
def walk(repository: Repository) -> Walk:
    return Walk(repository)


def push(repository: Repository, text: str | None = None) -> None:
    """Make GitHub's default branch hold the workflow."""
    written = (repository.folder / FILE).read_text() if text is None else text
    repository.sandbox.github.add_repository(
        "octo-org/sample-repo", files={FILE: written}, environments=[Environment("pypi")]
    )


def states(report: Report) -> dict[str, str]:
    return {step.name: step.state.value for step in report.steps}


def text_of(report: Report, name: str) -> str:
    return next(step.text for step in report.steps if step.name == name)


@pytest.fixture
def plain(repository: Repository) -> Repository:
    repository.add(of("hatchling.build", "hatchling"))
    return repository


def test_from_nothing_to_the_end_without_gh(plain: Repository, walk: Walk) -> None:
    plain.person = Scripted()
    plain.person.on_show = lambda: not plain.files.get(FILE)
    report, person = walk(*PLAIN, "open", "yes")
    assert [word for word in person.seen if "|" in word] == [
        ASKED[0],
        f"{ASKED[1]} of its own. false|true",
        "Carry it out? yes|no",
        f"Open {report.package_index.label}'s page? open|done|leave",
        "Is it pushed? yes|leave",
        "Is it pushed? yes|leave",
    ]
    assert person.copied == ["sample", "octo-org", "sample-repo", "release.yml", "pypi"]
    (page,) = person.opened
    assert page.startswith(f"{plain.sandbox.url}/manage/account/publishing/?provider=github&owner=octo-org&")
    place = next(n for n, word in enumerate(person.seen) if word.startswith("Each value"))
    assert person.seen[place + 1].endswith("Project Name: paste sample, then press Enter.")
    assert f"The branch main on GitHub does not have {FILE} as it is here." in person.seen
    assert states(report) == {
        "workflow": "done",
        "environment": "done",
        "publisher": "done",
        "push": "yours",  # GitHub shows that it is not.
        "proof": "yours",
        "release": "later",
    }
    assert (report.status.value, report.exit_code) == ("prepared", 0)


def test_what_is_pushed_is_looked_at(plain: Repository, walk: Walk) -> None:
    plain.init(yes="true")
    push(plain, "other")
    report, person = walk("done", "yes", "leave")
    assert states(report)["push"] == "yours"
    assert f"The branch main on GitHub does not have {FILE} as it is here." in person.seen
    push(plain)
    report, person = walk("done")
    assert states(report)["push"] == "done"
    assert "gh is not installed here, or nobody is signed in: start the run yourself." in person.seen
    assert states(report)["proof"] == "yours"


def test_a_push_that_comes_while_it_asks(plain: Repository, walk: Walk) -> None:
    plain.person = Scripted()

    class Pushing(Scripted):
        def choose(self, question, answers):  # type: ignore[no-untyped-def]
            if question == "Is it pushed?":
                push(plain)
            return super().choose(question, answers)

    plain.person = Pushing()
    report, _ = walk(*PLAIN, "done", "yes")
    assert text_of(report, "push") == "GitHub's default branch has the workflow."


def test_where_github_does_not_answer_the_person_is_believed(plain: Repository, walk: Walk) -> None:
    plain.environ = {**plain.environ, "GITHUB_API_URL": "http://nowhere.example"}
    report, person = walk(*PLAIN, "open", "done", "yes")
    assert text_of(report, "environment") == "You created the environment pypi. GitHub could not be asked."
    assert text_of(report, "push").startswith("You pushed the workflow. GITHUB_API_URL is not an https URL")
    assert person.opened == ["https://github.com/octo-org/sample-repo/settings/environments"]
    assert "Once the environment is there, press Enter." in person.seen


def test_an_environment_is_looked_for_until_it_is_there(plain: Repository, walk: Walk) -> None:
    github = plain.sandbox.github
    github.add_repository("octo-org/sample-repo", environments=[Environment("pypi")])

    class Creating(Scripted):
        def go_on(self, words: str) -> None:
            super().go_on(words)
            if len([word for word in self.seen if word == words]) == 2:
                rules = [Environment("pypi"), Environment("releases")]
                github.add_repository("octo-org/sample-repo", environments=rules)

    plain.person = Creating()
    plain.person.has_browser = False
    report, person = walk(*PLAIN, "done", "open", "open", environment="releases")
    assert person.seen.count("GitHub lists no environment releases yet.") == 2
    assert text_of(report, "environment") == "The environment releases exists on GitHub."
    page = "https://github.com/octo-org/sample-repo/settings/environments"
    assert f"No browser could be opened. Open this page: {page}" in person.seen


def test_a_form_that_the_link_fills_in_needs_no_copies(plain: Repository, walk: Walk) -> None:
    plain.sandbox.store.add_project("sample")
    report, person = walk(*PLAIN, "open")
    assert person.copied == []
    assert any(word.startswith("Click 'Add'. Once ") for word in person.seen)
    assert states(report)["publisher"] == "done"


def test_an_empty_value_is_left_empty(repository: Repository) -> None:
    person = Scripted()
    made = guide.Guide(None, None, person, None)  # type: ignore[arg-type]
    made._hand_over((("Owner", "octo-org"), ("Environment name", "")))
    assert person.copied == ["octo-org"]
    assert person.seen[1:] == [
        "Owner: paste octo-org, then press Enter.",
        "Environment name: leave it empty, then press Enter.",
    ]


@pytest.mark.parametrize(
    ("last", "code", "said"), [("leave", 0, "sits"), (KeyboardInterrupt, 130, "is not"), (None, 0, "gone")]
)
def test_whoever_leaves_finds_what_is_done(
    plain: Repository, walk: Walk, last: str | type[BaseException] | None, code: int, said: str
) -> None:
    report, _ = walk(*PLAIN, *([last] if last else ()))
    assert (report.exit_code, report.status.value) == (code, "prepared")
    assert (states(report)["workflow"], states(report)["publisher"]) == ("done", "yours")
    assert FILE in plain.files
    again, person = walk("done")
    assert person.seen.count("Carry it out? yes|no") == 1  # The second time nothing is to be agreed to.
    assert states(again)["publisher"] == "done"


# ---------------------------------------------------------------- the proof


@pytest.fixture
def pushed(plain: Repository, gh: Gh) -> Repository:
    """A repository in which nothing is left but the publisher and the proof."""
    plain.init(yes="true")
    push(plain)
    return plain


def waiting(gh: Gh, *looks: object) -> Callable[[], None]:
    """Return what makes each wait end with what gh says then: of the list first, then of the run."""
    said = list(looks)

    def wait() -> None:
        if said:
            look = said.pop(0)
            gh.say("view", look)
            gh.say("list", [look])

    return wait


def test_the_proof_of_a_project_that_exists(pushed: Repository, walk: Walk, gh: Gh) -> None:
    pushed.sandbox.store.add_project("sample")
    gh.say("list", [run_of(11111)])
    pushed.person = Scripted()
    pushed.person.on_wait = waiting(gh, run_of(11111), run_of(22222, "in_progress", ""), run_of(22222))
    report, person = walk("done", "yes")
    assert text_of(report, "proof") == (
        "Proved: the index trusts this workflow. https://github.com/octo-org/sample-repo/actions/runs/22222"
    )
    assert states(report)["proof"] == "done"
    assert person.seen.count("Waiting for the run 3") == 3
    look = "--json databaseId,status,conclusion,url --repo octo-org/sample-repo"
    newest = f"run list --workflow release.yml --event workflow_dispatch --limit 1 {look}"
    assert gh.calls == [
        newest,
        "workflow run release.yml --ref main --repo octo-org/sample-repo",
        newest,
        newest,
        f"run view 22222 {look}",
    ]
    assert report.message == "release.yml is there; one step is left."


def test_of_a_new_project_the_proof_shows_less(pushed: Repository, walk: Walk, gh: Gh) -> None:
    pushed.person = Scripted()
    pushed.person.on_wait = waiting(gh, run_of(22222))
    report, _ = walk("done", "yes")
    assert text_of(report, "proof").startswith(
        "The job is the one that the publisher names. Whether the index has the pending publisher of sample, "
        "the first release shows. https://"
    )


def test_where_only_tags_are_admitted_the_proof_starts_from_one(
    plain: Repository, walk: Walk, gh: Gh
) -> None:
    plain.init(yes="true", environment="releases")
    text = (plain.folder / FILE).read_text()
    plain.sandbox.github.add_repository("octo-org/sample-repo", files={FILE: text})
    gh.say("branch", "abc\n")
    plain.person = Scripted()
    plain.person.on_wait = waiting(gh, run_of(22222))
    report, _ = walk("yes", "done", "yes", environment="releases")
    assert states(report)["proof"] == "done"
    assert [call for call in gh.calls if "commits" in call or "refs" in call] == [
        "api repos/octo-org/sample-repo/commits/main --jq .sha",
        "api --method POST repos/octo-org/sample-repo/git/refs -f ref=refs/tags/verify -f sha=abc",
    ]
    assert "workflow run release.yml --ref verify --repo octo-org/sample-repo" in gh.calls


@pytest.mark.parametrize(
    ("refused", "tag", "problem"),
    [
        (["branch"], "", "Not allowed"),
        (["refs", "tag"], "", "Not allowed"),
        (["refs"], "def", "the tag verify is at another commit than main"),
        (["start"], "", "Not allowed"),
        (["list"], "", "Not allowed"),
    ],
)
def test_what_cannot_be_started_is_said(
    plain: Repository, gh: Gh, refused: list[str], tag: str, problem: str
) -> None:
    plain.init(yes="true", environment="releases")
    text = (plain.folder / FILE).read_text()
    plain.sandbox.github.add_repository("octo-org/sample-repo", files={FILE: text})
    gh.say("branch", "abc\n")
    gh.say("tag", tag)
    for name in refused:
        gh.refuse(name)
    report, person = Walk(plain)("yes", "done", "yes", environment="releases")
    assert person.seen[-1] == f"Not started: {problem}."
    assert states(report)["proof"] == "yours"


def test_a_tag_that_is_at_the_right_commit_is_taken(pushed: Repository, gh: Gh) -> None:
    from pypi_setup.sources.gh import GitHubCommand

    gh.say("branch", "abc\n")
    gh.say("tag", "abc\n")
    gh.refuse("refs")
    assert GitHubCommand("octo-org/sample-repo", pushed.environ).create_tag("verify", "main") == ""


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([run_of(22222, "queued", "")], "it still runs. https://github.com/octo-org/sample-repo/actions"),
        ([], "GitHub lists no such run yet. "),
        (['{"message": "gone"}'], "gh's answer is no run. "),
        ([{"databaseId": "x"}], "gh's answer is no run. "),
    ],
)
def test_a_run_whose_end_is_not_seen(
    pushed: Repository, gh: Gh, monkeypatch: pytest.MonkeyPatch, looks: list[object], said: str
) -> None:
    monkeypatch.setattr(guide, "LOOKS_LIMIT", 3)
    pushed.person = Scripted()
    pushed.person.on_wait = waiting(gh, *looks)
    report, person = Walk(pushed)("done", "yes")
    assert person.seen[-1].startswith(f"How it ended is not known: {said}")
    assert states(report)["proof"] == "yours"


def test_a_run_that_cannot_be_looked_at_any_more(pushed: Repository, walk: Walk, gh: Gh) -> None:
    pushed.person = Scripted()
    pushed.person.on_wait = waiting(gh, run_of(22222, "queued", ""))
    gh.refuse("view")
    report, person = walk("done", "yes")
    assert person.seen[-1].startswith("How it ended is not known: Not allowed. https://github.com/")
    assert states(report)["proof"] == "yours"


def test_an_answer_that_is_no_list(pushed: Repository, walk: Walk, gh: Gh) -> None:
    gh.say("list", "{}")
    _, person = walk("done", "yes")
    assert person.seen[-1] == "Not started: gh's answer is no run."


def test_a_proof_that_fails_is_explained(
    pushed: Repository, walk: Walk, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def explained(given: object, around: object) -> Report:
        asked.append(given.run)  # type: ignore[attr-defined]
        return report_of_a_failure

    report_of_a_failure = pushed.init(dry_run="true")
    monkeypatch.setattr("pypi_setup.commands.explain.run", explained)
    pushed.person = Scripted()
    pushed.person.on_wait = waiting(gh, run_of(22222, "completed", "failure"))
    report, person = walk("done", "yes")
    assert asked == ["https://github.com/octo-org/sample-repo/actions/runs/22222"]
    assert person.shown == [report_of_a_failure]
    assert states(report)["proof"] == "yours"


# ---------------------------------------------------------------- what is asked before


def test_a_project_is_chosen(repository: Repository, walk: Walk) -> None:
    names = ("one", "two")
    repository.add({f"{name}/pyproject.toml": project(name=name) for name in names})
    report, person = walk("two", "release", "true", "no")
    assert person.seen[0] == "Which project is published? one|two|one\ntwo"
    assert report.results[0].publisher.project == "two"  # type: ignore[union-attr]
    assert "types: [published]" in person.shown[0].diff
    assert "testpypi" in person.shown[0].diff
    assert report.status.value == "cancelled"
    report, _ = walk("one\ntwo", "tag", "false", "no")
    assert [each.publisher.project for each in report.results] == ["one", "two"]  # type: ignore[union-attr]


def test_who_leaves_before_the_plan_sees_it_and_changes_nothing(repository: Repository, walk: Walk) -> None:
    repository.add(of("hatchling.build", "hatchling"))
    report, person = walk("tag")
    assert report.status.value == "cancelled"
    assert len(person.shown) == 1
    assert FILE not in repository.files


def test_what_is_given_is_not_asked(plain: Repository, walk: Walk) -> None:
    _, person = walk("no", trigger="tag", testpypi_first="true", project=("sample",))
    assert person.seen == ["Carry it out? yes|no"]


def test_a_publishing_workflow_is_chosen(repository: Repository, walk: Walk, workflow: str) -> None:
    text = workflow.replace("URL", repository.sandbox.url)
    repository.add({**of(""), ".github/workflows/a.yml": text, ".github/workflows/b.yml": text})
    report, person = walk("b.yml")
    assert person.seen[0] == "Several workflows publish. Which one? a.yml|b.yml"
    assert report.publisher is not None
    assert report.publisher.workflow_filename == "b.yml"


def test_a_workspace_asks_for_no_project(repository: Repository, walk: Walk) -> None:
    repository.add({"pyproject.toml": MEMBERS})
    repository.add({f"packages/{name}/pyproject.toml": project(name=name) for name in ("one", "two")})
    _, person = walk()
    assert person.seen[0] == ASKED[0]


# ---------------------------------------------------------------- from a token


def test_the_movers_road(repository: Repository, walk: Walk) -> None:
    text = TOKEN.replace("URL", repository.sandbox.url)
    repository.add({**of(""), FILE: text})
    repository.sandbox.store.add_project("sample")
    repository.sandbox.github.add_repository("octo-org/sample-repo", environments=[Environment("pypi")])

    class Pushing(Scripted):
        def choose(self, question, answers):  # type: ignore[no-untyped-def]
            if question == "Is it pushed?":
                push(repository)
            return super().choose(question, answers)

    repository.person = Pushing()
    report, person = walk("yes", "open", "yes")
    assert [word for word in person.seen if "|" in word] == [
        "Carry it out? yes|no",
        f"Open {report.package_index.label}'s page? open|done|leave",
        "Is it pushed? yes|leave",
    ]
    later = [step.name for step in report.steps if step.state.value != "done"]
    assert later == ["release", "secret", "token"]
    assert report.action == "Release once, as you always do: the release is the proof."


def test_an_edit_by_hand_stays_one(repository: Repository, walk: Walk) -> None:
    by_make = TOKEN.replace("URL", repository.sandbox.url).replace(
        "    runs-on: ubuntu-latest", "    runs-on: windows-latest"
    )
    repository.add({**of(""), FILE: by_make})
    report, person = walk("yes", "done", "go", "yes")
    by_hand: list[Step] = [step for step in report.steps if step.text.startswith("Change by hand")]
    assert [step.state.value for step in by_hand] == ["yours"]
    assert "Go on with the next step? go|leave" in person.seen
