from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.syntax.evaluation import value
from pypi_setup.preflight.syntax.expressions import parse as expression
from pypi_setup.preflight.syntax.unknowns import UNKNOWN, Choice, Partial, beginning
from pypi_setup.preflight.workflow import triggers
from pypi_setup.preflight.workflow.loading import Workflow, parse


def read(text: str) -> Workflow:
    workflow = parse(dedent(text).encode(), ".github/workflows/release.yml")
    assert workflow.problems == ()
    return workflow


def answers(on: str, condition: str, repository: str = "") -> dict[str, bool | None]:
    """Tell for every event whether a job with this condition runs."""
    workflow = read(f"on: {on}\njobs: {{a: {{runs-on: x, if: {condition!r}}}}}\n")
    return triggers.events(workflow, workflow.jobs["a"], repository=repository)


@pytest.mark.parametrize(
    ("on", "condition", "expected"),
    [
        ("push", "", {"push": True}),
        ("[push, release]", "github.event_name == 'release'", {"push": False, "release": True}),
        ("[push, release]", "github.event_name != 'release'", {"push": True, "release": False}),
        ("push", "startsWith(github.ref, 'refs/tags/')", {"push": None}),
        ("{push: {tags: ['v*']}}", "startsWith(github.ref, 'refs/tags/')", {"push": True}),
        ("{push: {tags: ['v*']}}", "startsWith(github.ref, 'refs/tags/v')", {"push": True}),
        ("{push: {tags: ['v?1']}}", "startsWith(github.ref, 'refs/tags/v')", {"push": None}),
        ("{push: {tags: ['v*', '!v0']}}", "startsWith(github.ref, 'refs/heads/')", {"push": False}),
        ("{push: {tags-ignore: ['v*']}}", "github.ref_type == 'tag'", {"push": True}),
        ("{push: {branches: [main]}}", "startsWith(github.ref, 'refs/tags/')", {"push": False}),
        ("{push: {branches: [main]}}", "github.ref == 'refs/heads/main'", {"push": True}),
        ("{push: {branches: [main]}}", "github.ref_name == 'main'", {"push": True}),
        ("{push: {branches: [main, dev]}}", "github.ref == 'refs/heads/main'", {"push": None}),
        ("{push: {branches: ['release/**']}}", "startsWith(github.ref_name, 'release/')", {"push": True}),
        ("{push: {branches: [main], tags: ['v*']}}", "github.ref_type == 'tag'", {"push": None}),
        ("{push: {paths: [src]}}", "github.ref_type == 'tag'", {"push": None}),
        ("release", "startsWith(github.ref, 'refs/tags/')", {"release": True}),
        ("release", "github.ref_type == 'tag'", {"release": True}),
        ("{release: {types: [published]}}", "github.event.action == 'published'", {"release": True}),
        ("{release: {types: [published]}}", "github.event.action == 'created'", {"release": False}),
        ("release", "github.event.action == 'published'", {"release": None}),
        ("pull_request", "github.event.action == 'published'", {"pull_request": False}),
        ("pull_request", "github.event.action == 'opened'", {"pull_request": None}),
        ("push", "github.event.action == 'published'", {"push": False}),
        ("release", "!github.event.release.prerelease", {"release": None}),
        ("pull_request", "github.head_ref", {"pull_request": True}),
        ("pull_request", "startsWith(github.ref, 'refs/tags/')", {"pull_request": False}),
        ("pull_request_target", "github.ref_type == 'branch'", {"pull_request_target": True}),
        ("push", "github.head_ref", {"push": False}),
        ("schedule", "startsWith(github.ref, 'refs/tags/')", {"schedule": False}),
        ("merge_group", "startsWith(github.ref, 'refs/heads/gh-readonly-queue/')", {"merge_group": True}),
        ("workflow_dispatch", "startsWith(github.ref, 'refs/tags/')", {"workflow_dispatch": None}),
        ("deployment", "startsWith(github.ref, 'refs/tags/')", {"deployment": None}),
        ("workflow_call", "github.event_name == 'push'", {"workflow_call": None}),
        ("push", "github.repository == 'octo/sample'", {"push": None}),
        ("push", "inputs.publish", {"push": False}),
        ("push", "vars.PUBLISH == 'true'", {"push": None}),
        ("push", "false", {"push": False}),
        ("push", "failure()", {"push": False}),
        ("push", "!cancelled()", {"push": True}),
    ],
)
def test_which_events_run_a_job(on: str, condition: str, expected: dict[str, bool | None]) -> None:
    assert answers(on, condition) == expected


def test_the_repository_may_be_known() -> None:
    condition = "github.repository == 'Octo/Sample' && github.repository_owner == 'octo'"
    assert answers("push", condition, repository="octo/sample") == {"push": True}
    assert answers("push", condition, repository="fork/sample") == {"push": False}


def test_a_filter_with_many_names_is_not_known_in_full() -> None:
    names = ", ".join(f"b{number}" for number in range(50))
    assert answers(f"{{push: {{branches: [{names}]}}}}", "github.ref == 'refs/heads/b1'") == {"push": None}


@pytest.mark.parametrize(
    ("declared", "condition", "expected"),
    [
        ("{type: boolean, default: false}", "inputs.x", None),
        ("{type: choice, options: [a, b]}", "inputs.x == 'c'", False),
        ("{type: choice, options: [a, b]}", "inputs.x == 'a'", None),
        ("{type: choice}", "inputs.x == 'a'", None),
        ("{type: string, default: a}", "inputs.x == 'b'", None),
        ("", "inputs.x", None),
    ],
)
def test_whoever_starts_a_run_chooses_its_inputs(
    declared: str, condition: str, expected: bool | None
) -> None:
    found = answers(f"{{workflow_dispatch: {{inputs: {{x: {declared}}}}}}}", condition)
    assert found == {"workflow_dispatch": expected}


@pytest.mark.parametrize(
    ("build", "publish", "expected"),
    [
        ("", "", True),
        ("if: github.event_name == 'release'", "", False),
        ("if: github.event_name == 'release'", "if: always()", True),
        ("if: github.event_name == 'release'", "if: '!failure()'", True),
        ("if: github.event_name == 'release'", "if: success()", False),
        ("if: vars.A", "", None),
        ("if: vars.A", "if: always()", True),
        ("if: vars.A", "if: success() || failure()", None),
        ("", "if: needs.build.result == 'success'", True),
        ("if: false", "if: always() && needs.build.result == 'success'", False),
        ("if: vars.A", "if: always() && needs.build.result == 'success'", None),
        ("", "if: needs.build.outputs.x", None),
    ],
)
def test_a_job_waits_for_the_jobs_that_it_needs(build: str, publish: str, expected: bool | None) -> None:
    workflow = read(
        f"""
        on: push
        jobs:
          build:
            runs-on: x
            {build}
          publish:
            runs-on: x
            needs: Build
            {publish.replace("needs.build", "needs.Build")}
        """
    )
    assert triggers.events(workflow, workflow.jobs["publish"]) == {"push": expected}


def test_what_was_found_for_one_job_serves_the_next() -> None:
    workflow = read("on: push\njobs: {a: {runs-on: x}, b: {runs-on: x, needs: a}, c: {runs-on: x, needs: b}}")
    known = triggers.contexts(workflow, "push")
    found: dict[str, triggers.Answer] = {}
    assert triggers.runs(workflow, workflow.jobs["b"], None, known, found) is True
    runs = triggers.Answer(runs=True, well=True)
    assert found == {"a": runs, "b": runs}
    skipped = triggers.Answer(runs=False, well=False)
    assert triggers.runs(workflow, workflow.jobs["c"], None, known, {"b": skipped}) is False


def test_a_job_is_kept_from_running_by_what_is_skipped_anywhere_before_it() -> None:
    workflow = parse(
        b"""
        on: push
        jobs:
          a: {runs-on: x, if: "false"}
          b: {runs-on: x, needs: a, if: always()}
          c: {runs-on: x, needs: [b, a, missing]}
          d: {runs-on: x, needs: b, if: always()}
          e: {runs-on: x, needs: b, if: "false"}
        """,
        "release.yml",
    )
    known = triggers.contexts(workflow, "push")
    skipped = {
        name: tuple(each.id for each in triggers.skipped_by(workflow, job, known))
        for name, job in workflow.jobs.items()
    }
    assert skipped == {"a": (), "b": (), "c": ("a",), "d": (), "e": ()}
    assert triggers.events(workflow, workflow.jobs["c"]) == {"push": False}
    assert triggers.events(workflow, workflow.jobs["b"]) == {"push": True}


def test_a_long_chain_of_needs_and_a_cycle_have_an_answer() -> None:
    jobs = "".join(f"  j{n}: {{runs-on: x, needs: j{n - 1}}}\n" for n in range(1, 3000))
    workflow = read(f"on: push\njobs:\n  j0: {{runs-on: x, if: false}}\n{jobs}")
    assert triggers.events(workflow, workflow.jobs["j2999"]) == {"push": False}
    cycle = parse(b"on: push\njobs: {a: {runs-on: x, needs: [b, z]}, b: {runs-on: x, needs: a}}", "f.yml")
    assert triggers.events(cycle, cycle.jobs["a"]) == {"push": None}


@pytest.mark.parametrize(
    ("job", "step", "expected"),
    [
        ("", "", True),
        ("", "if: github.event_name == 'release'", False),
        ("if: github.event_name == 'release'", "if: always()", False),
        ("if: vars.A", "", None),
        ("if: vars.A", "if: github.event_name == 'push'", None),
        ("strategy: {matrix: {os: [a, b]}}", "if: matrix.os == 'a'", None),
        ("strategy: {matrix: {os: [a, b]}}", "if: matrix.os == 'c'", False),
        ("strategy: {matrix: {os: [a, b]}}", "if: matrix.os != 'c'", True),
        ("env: {PUBLISH: 'no'}", "if: env.PUBLISH == 'yes'", False),
        ("env: {PUBLISH: 'no'}", "{if: env.PUBLISH == 'yes', env: {PUBLISH: 'yes'}}", True),
        (
            "env: {PUBLISH: '${{ matrix.p }}'}\n    strategy: {matrix: {p: [1]}}",
            "if: env.PUBLISH == '1'",
            True,
        ),
        ("", "if: env.OTHER == 'yes'", None),
        ("", "if: env.WORKFLOW == 'w'", True),
        ("", "if: steps.x.outputs.y", None),
    ],
)
def test_which_events_run_a_step(job: str, step: str, expected: bool | None) -> None:
    body = step[1:-1] if step.startswith("{") else step
    head = "on: push\nenv: {WORKFLOW: w}\njobs:\n  a:\n    runs-on: x\n"
    workflow = read(f"{head}    {job}\n    steps: [{{run: x, {body}}}]\n")
    only = workflow.jobs["a"]
    assert triggers.events(workflow, only, only.steps[0]) == {"push": expected}


# ---------------------------------------------------------------- inputs


CALLED = read(
    """
    on:
      workflow_call:
        inputs:
          index: {type: string, default: pypi}
          dry: {type: boolean}
          count: {type: number}
          name: {type: string}
          ref: {type: string, default: "${{ github.event_name }}"}
    jobs: {a: {runs-on: x}}
    """
)


def test_inputs_have_defaults() -> None:
    known = {"github": {"event_name": "release"}}
    assert triggers.defaults(CALLED.on["workflow_call"].inputs, known) == {
        "index": "pypi",
        "dry": False,
        "count": 0.0,
        "name": "",
        "ref": "release",
    }


def given_by(values: str, *, typed: bool = True) -> dict[str, Any]:
    caller = read(f"on: push\njobs: {{a: {{uses: ./.github/workflows/x.yml, with: {values}}}}}\n")
    known = {"github": {"event_name": "push"}, "matrix": {"i": "testpypi"}, "vars": Partial()}
    declared = CALLED.on["workflow_call"].inputs
    return triggers.given(declared, caller.jobs["a"].inputs, known, typed=typed)


def test_a_call_gives_inputs() -> None:
    found = given_by(
        "{INDEX: '${{ matrix.i }}', dry: true, name: 'x-${{ github.event_name }}', count: '${{ 1 }}'}"
    )
    assert found == {"index": "testpypi", "dry": True, "count": 1.0, "name": "x-push", "ref": "push"}


def test_an_actions_inputs_are_text() -> None:
    assert given_by("{dry: true, count: 3.10}", typed=False)["dry"] == "true"
    assert given_by("{dry: true, count: 3.10}", typed=False)["count"] == "3.1"


def test_given_inputs_may_be_unknown() -> None:
    assert given_by("{index: '${{ vars.i }}'}")["index"] == UNKNOWN
    assert given_by("{index: \"${{ vars.i && 'a' || 'b' }}\"}")["index"] == Choice(("a", "b"))
    assert given_by("{index: \"${{ vars.i && 'a' || 'b' }}-x\"}")["index"] == Choice(("a-x", "b-x"))


def test_inputs_that_an_expression_gives_are_not_known() -> None:
    table = read("on: push\njobs: {a: {runs-on: x, env: '${{ fromJSON(vars.e) }}'}}").jobs["a"].env
    found = triggers.given(CALLED.on["workflow_call"].inputs, table, {}, typed=True)
    assert value(expression("inputs.index"), {"inputs": found}) == UNKNOWN


def test_the_contexts_of_an_event_that_is_not_in_the_file() -> None:
    known = triggers.contexts(CALLED, "push")
    assert known["github"]["ref"] == Choice((beginning("refs/heads/"), beginning("refs/tags/")))
    assert known["inputs"] == {}


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30),
    st.sampled_from(["push", "release", "workflow_dispatch", "workflow_call"]),
)
def test_any_condition_has_an_answer(condition: str, event: str) -> None:
    job = {"runs-on": "x", "if": condition, "steps": [{"run": "x", "if": condition}]}
    workflow = parse(json.dumps({"on": event, "jobs": {"a": job}}).encode(), "f.yml")
    only = workflow.jobs["a"]
    assert set(triggers.events(workflow, only, only.steps[0]).values()) <= {True, False, None}
