from __future__ import annotations

import pytest

from pypi_setup.preflight.workflow import calls
from pypi_setup.preflight.workflow.calls import Followed, Repository
from pypi_setup.preflight.workflow.loading import Workflow


class Memory:
    """Files of a repository, in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.reads: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        return self.files[path].encode() if path in self.files else None

    def names(self, folder: str) -> list[str]:
        return sorted(path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/"))


def repository(**workflows: str) -> Repository:
    return Repository(Memory({f".github/workflows/{name}.yml": text for name, text in workflows.items()}))


def follow(**workflows: str) -> Followed:
    """Follow the calls of the workflow `top`."""
    found = repository(**workflows)
    top = found.workflow("top.yml")
    assert isinstance(top, Workflow)
    assert top.problems == ()
    return found.follow(top)


def calling(name: str, more: str = "") -> str:
    return f"on: push\njobs: {{call: {{uses: ./.github/workflows/{name}.yml{more}}}}}\n"


LEAF = "on: workflow_call\njobs: {publish: {runs-on: x, permissions: {id-token: write}}}\n"


def test_a_workflow_without_calls_is_its_own_jobs() -> None:
    found = follow(top="on: push\njobs: {a: {runs-on: x}, b: {runs-on: x}}\n")
    assert [(placed.job.id, placed.callers) for placed in found.jobs] == [("a", ()), ("b", ())]
    assert found.problems == ()
    assert [each.file for each in found.workflows] == [".github/workflows/top.yml"]


def test_calls_are_followed_with_the_way_that_leads_there() -> None:
    found = follow(
        top=calling("middle"),
        middle="on: workflow_call\njobs: {inner: {uses: ./.github/workflows/leaf.yml}, a: {runs-on: x}}\n",
        leaf=LEAF,
    )
    assert [
        (placed.workflow.file.rpartition("/")[2], placed.job.id, [call.job.id for call in placed.callers])
        for placed in found.jobs
    ] == [("leaf.yml", "publish", ["call", "inner"]), ("middle.yml", "a", ["call"])]
    assert found.problems == ()
    assert len(found.workflows) == 3


def test_a_call_out_of_the_repository_stays_a_job() -> None:
    uses = "octo/other/.github/workflows/x.yml@v1"
    found = follow(top=f"on: push\njobs: {{call: {{uses: {uses}}}}}\n")
    assert [placed.job.uses.text for placed in found.jobs if placed.job.uses] == [uses]
    assert found.problems == ()


# ---------------------------------------------------------------- permissions


@pytest.mark.parametrize(
    ("workflow", "job", "callee", "expected"),
    [
        ("", "", "{id-token: write}", ("write", False, True)),
        ("", "", "", (None, False, True)),
        ("{contents: read}", "", "{id-token: write}", ("write", True, False)),
        ("{contents: read}", "", "", ("none", False, False)),
        ("{}", "{id-token: write}", "{id-token: write}", ("write", False, False)),
        ("{id-token: write}", "", "", ("write", False, False)),
        ("write-all", "", "{id-token: write}", ("write", False, False)),
        ("read-all", "", "{id-token: write}", ("write", True, False)),
        ("write-all", "{}", "{id-token: write}", ("write", True, False)),
        ("write-all", "", "{contents: read}", ("none", False, False)),
    ],
)
def test_a_caller_leaves_permissions_and_may_refuse_what_is_asked_for(
    workflow: str, job: str, callee: str, expected: tuple[str | None, bool, bool]
) -> None:
    workflow, job, callee = (f"permissions: {text}" if text else "" for text in (workflow, job, callee))
    found = follow(
        top=f"on: push\n{workflow}\njobs:\n  call:\n    uses: ./.github/workflows/leaf.yml\n    {job}\n",
        leaf=f"on: workflow_call\n{callee}\njobs: {{publish: {{runs-on: x}}}}\n",
    )
    [placed] = found.jobs
    level = placed.permissions.level("id-token") if placed.permissions else None
    by = placed.refused_by("id-token")
    assert (level, by is not None, placed.depends_on_default) == expected
    assert by is None or by.job.id == "call"


def test_the_outermost_caller_that_refuses_is_named() -> None:
    found = follow(
        top=calling("middle", ", permissions: {contents: read}"),
        middle="on: workflow_call\njobs: {inner: {uses: ./.github/workflows/leaf.yml}}\n",
        leaf=LEAF,
    )
    [placed] = found.jobs
    by = placed.refused_by("id-token")
    assert by is not None
    assert (by.workflow.file, by.job.id) == (".github/workflows/top.yml", "call")
    assert len(placed.limits) == 2


# ---------------------------------------------------------------- what GitHub refuses


@pytest.mark.parametrize(
    ("uses", "message"),
    [
        (
            "./.github/workflows/missing.yml",
            "The called workflow ./.github/workflows/missing.yml does not exist",
        ),
        ("./.github/workflows/top.yml", "The call of ./.github/workflows/top.yml closes a loop"),
        (
            "./.github/workflows/plain.yml",
            ".github/workflows/plain.yml cannot be called: its 'on' has no 'workflow_call'",
        ),
        ("./workflows/x.yml", "'./workflows/x.yml' names no workflow of this repository"),
        (
            "./.github/workflows/sub/x.yml",
            "'./.github/workflows/sub/x.yml' names no workflow of this repository",
        ),
        (
            "./.github/workflows/leaf.yml@main",
            "'./.github/workflows/leaf.yml@main' names no workflow of this repository",
        ),
        ("octo/other/.github/workflows/x.yml", "'octo/other/.github/workflows/x.yml' names no workflow"),
        ("octo/other@v1", "'octo/other@v1' names no workflow"),
    ],
)
def test_a_call_that_github_refuses(uses: str, message: str) -> None:
    plain = "on: push\njobs: {a: {runs-on: x}}\n"
    found = follow(top=f"on: push\njobs:\n  call:\n    uses: {uses}\n", leaf=LEAF, plain=plain)
    assert [(problem.file, problem.line, problem.message) for problem in found.problems] == [
        (".github/workflows/top.yml", 4, message)
    ]
    assert found.problems[0].fix


def test_an_expression_in_a_call_is_the_readers_problem() -> None:
    found = repository(top="on: push\njobs: {call: {uses: '${{ vars.w }}'}}\n")
    top = found.workflow("top.yml")
    assert top is not None
    assert [problem.message for problem in top.problems] == ["An expression is not allowed here"]
    assert found.follow(top).problems == ()


def test_ten_levels_are_allowed_and_no_more() -> None:
    def chain(length: int) -> Followed:
        files = {"top": calling("w1")}
        files |= {f"w{n}": calling(f"w{n + 1}").replace("push", "workflow_call") for n in range(1, length)}
        return follow(**files, **{f"w{length}": LEAF})

    assert chain(9).problems == ()
    assert [problem.message for problem in chain(10).problems] == [
        "More than 10 levels of workflows call each other"
    ]


CALLEE = """
on:
  workflow_call:
    inputs:
      needed: {type: string, required: true}
      other: {type: string}
    secrets:
      TOKEN: {required: true}
jobs: {a: {runs-on: x}}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (", with: {NEEDED: a}, secrets: {token: '${{ secrets.T }}'}", []),
        (", with: {needed: a}, secrets: inherit", []),
        (
            "",
            [
                "The called workflow requires the input 'needed'",
                "The called workflow requires the secret 'TOKEN'",
            ],
        ),
        (
            ", with: {needed: a, more: b}, secrets: {TOKEN: a, MORE: b}",
            ["The called workflow declares no input 'more'", "The called workflow declares no secret 'MORE'"],
        ),
    ],
)
def test_a_call_gives_what_is_declared(more: str, expected: list[str]) -> None:
    found = follow(top=calling("leaf", more), leaf=CALLEE)
    assert [problem.message for problem in found.problems] == expected


def test_what_an_expression_gives_is_not_compared() -> None:
    found = repository(top=calling("leaf", ", with: '${{ vars.x }}', secrets: '${{ vars.x }}'"), leaf=CALLEE)
    top = found.workflow("top.yml")
    assert top is not None
    assert len(top.problems) == 2
    assert found.follow(top).problems == ()


def test_calls_that_multiply_are_bounded() -> None:
    files = {
        "top": "on: push\njobs: {"
        + ", ".join(f"c{n}: {{uses: ./.github/workflows/w1.yml}}" for n in range(20))
        + "}\n"
    }
    for level in range(1, 9):
        jobs = ", ".join(f"c{n}: {{uses: ./.github/workflows/w{level + 1}.yml}}" for n in range(20))
        files[f"w{level}"] = f"on: workflow_call\njobs: {{{jobs}}}\n"
    found = follow(**files, w9="on: workflow_call\njobs: {}\n")
    assert found.jobs == ()


def test_no_more_problems_than_anybody_reads() -> None:
    jobs = ", ".join(f"c{n}: {{uses: ./.github/workflows/m{n}.yml}}" for n in range(50))
    assert len(follow(top=f"on: push\njobs: {{{jobs}}}\n").problems) == 20


# ---------------------------------------------------------------- the repository


def test_every_file_is_read_once() -> None:
    files = Memory(
        {".github/workflows/a.yml": LEAF, ".github/workflows/b.yaml": LEAF, ".github/workflows/c.txt": ""}
    )
    found = Repository(files)
    assert found.names() == ["a.yml", "b.yaml"]
    assert found.workflow("a.yml") is found.workflow("a.yml")
    assert found.workflow("missing.yml") is None
    assert found.workflow("missing.yml") is None
    assert files.reads == [".github/workflows/a.yml", ".github/workflows/missing.yml"]


def test_the_callers_of_a_workflow() -> None:
    found = repository(leaf=LEAF, one=calling("leaf"), two=calling("other"), three="[")
    assert [caller.file for caller in found.callers("leaf.yml")] == [".github/workflows/one.yml"]


# ---------------------------------------------------------------- actions


def steps_of(files: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """Return file, script or action, and the way, of all steps of the job in `top.yml`."""
    found = Repository(Memory(files))
    top = found.workflow("top.yml")
    assert top is not None
    job = top.jobs["a"]
    return [
        (
            placed.file,
            placed.step.run.text if placed.step.run else placed.step.uses.text if placed.step.uses else "",
            [step.uses.text for step, _ in placed.callers if step.uses],
        )
        for placed in found.steps(top.file, job.steps)
    ]


TOP = ".github/workflows/top.yml"


def composite(*steps: str) -> str:
    return f"runs: {{using: composite, steps: [{', '.join(steps)}]}}\n"


@pytest.mark.parametrize("uses", ["./act", "./act/", "././act", ".\\act"])
def test_the_steps_of_a_local_action_stand_behind_the_step_that_uses_it(uses: str) -> None:
    found = steps_of(
        {
            TOP: f"on: push\njobs: {{a: {{runs-on: x, steps: [{{uses: '{uses}'}}, {{run: last}}]}}}}\n",
            "act/action.yaml": composite("{run: first, shell: bash}", "{uses: ./deep/er}"),
            "deep/er/action.yml": composite("{run: second, shell: bash}"),
        }
    )
    assert found == [
        (TOP, uses, []),
        ("act/action.yaml", "first", [uses]),
        ("act/action.yaml", "./deep/er", [uses]),
        ("deep/er/action.yml", "second", [uses, "./deep/er"]),
        (TOP, "last", []),
    ]


def test_the_repository_itself_can_be_an_action() -> None:
    found = steps_of(
        {
            TOP: "on: push\njobs: {a: {runs-on: x, steps: [{uses: ./}]}}\n",
            "action.yml": composite("{run: inside, shell: bash}"),
        }
    )
    assert [what for _, what, _ in found] == ["./", "inside"]


@pytest.mark.parametrize(
    ("uses", "action"),
    [
        ("./missing", composite("{run: x}")),
        ("../act", composite("{run: x}")),
        ("octo/act@v1", composite("{run: x}")),
        ("./act", "runs: {using: node20, main: index.js}"),
        ("./act", "["),
    ],
)
def test_other_actions_are_steps_without_an_inside(uses: str, action: str) -> None:
    top = f"on: push\njobs: {{a: {{runs-on: x, steps: [{{uses: {uses}}}]}}}}\n"
    assert steps_of({TOP: top, "act/action.yml": action}) == [(TOP, uses, [])]


def test_an_action_that_uses_itself_ends() -> None:
    top = "on: push\njobs: {a: {runs-on: x, steps: [{uses: ./act}]}}\n"
    found = steps_of({TOP: top, "act/action.yml": composite("{uses: ./act}")})
    assert len(found) == 11
    many = steps_of(
        {TOP: top, "act/action.yml": composite("{uses: ./act}", "{uses: ./act}", "{uses: ./act}")}
    )
    assert len(many) == 1000


def test_a_call_of_a_file_that_was_left_out_is_not_one_of_a_missing_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "PARSED_LIMIT", len(calling("leaf")))
    each = repository(top=calling("leaf"), leaf=LEAF)
    top = each.workflow("top.yml")
    assert top is not None
    found = each.follow(top)
    assert found.problems == ()
    assert [placed.job.id for placed in found.jobs] == ["call"]
    assert each.unread == [".github/workflows/leaf.yml"]


def test_an_action_that_was_left_out_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PARSED_LIMIT", 10)
    each = Repository(Memory({"a/action.yml": "runs: {using: composite, steps: []}"}))
    assert each.action("./a") is None
    assert each.unread == ["a/action.yml"]
