from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight.workflow.loading import (
    EMPTY,
    Action,
    Container,
    Input,
    Job,
    Permissions,
    Scalar,
    Workflow,
    effective,
    parse,
    parse_action,
)

FILE = ".github/workflows/release.yml"


def read(text: str) -> Workflow:
    return parse(dedent(text).encode(), FILE)


def job(text: str) -> Job:
    """Return the only job of a workflow, from the lines below its id."""
    lines = "".join(f"    {line}\n" for line in dedent(text).strip().splitlines())
    workflow = parse(f"on: push\njobs:\n  only:\n{lines}".encode(), FILE)
    assert workflow.problems == ()
    return workflow.jobs["only"]


def messages(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read(text).problems]


def texts(found: tuple[Scalar, ...] | None) -> list[str] | None:
    return None if found is None else [each.text for each in found]


# ---------------------------------------------------------------- on


@pytest.mark.parametrize("on", ["release", "[release]", "{release: }", "\n  - release", "\n  release:"])
def test_on_is_a_string_a_list_or_a_mapping(on: str) -> None:
    workflow = read(f"on: {on}\njobs: {{a: {{runs-on: x}}}}\n")
    assert workflow.problems == ()
    assert list(workflow.on) == ["release"]


def test_filters_of_an_event_are_kept_and_a_missing_one_is_none() -> None:
    workflow = read(
        """
        on:
          push:
            branches: main
            tags: ['v*', "!v0"]
            paths-ignore: [docs]
          release: {types: published}
          schedule:
            - cron: '0 0 * * *'
          workflow_run: {workflows: [Build], branches-ignore: [x], types: [completed]}
        jobs: {a: {runs-on: x}}
        """
    )
    assert workflow.problems == ()
    push, release = workflow.on["push"], workflow.on["release"]
    assert (push.line, push.column) == (3, 3)
    assert texts(push.branches) == ["main"]
    assert texts(push.tags) == ["v*", "!v0"]
    assert texts(push.paths_ignore) == ["docs"]
    assert (push.tags_ignore, push.branches_ignore, push.paths, push.types, push.workflows) == (None,) * 5
    assert texts(release.types) == ["published"]
    assert texts(workflow.on["schedule"].crons) == ["0 0 * * *"]
    assert texts(workflow.on["workflow_run"].workflows) == ["Build"]
    assert texts(workflow.on["workflow_run"].branches_ignore) == ["x"]
    assert workflow.on_line == 2
    assert workflow.jobs_line == 11


def test_inputs_and_secrets_are_declared_with_their_defaults() -> None:
    workflow = read(
        """
        on:
          workflow_dispatch:
            inputs:
              index: {type: choice, options: [pypi, testpypi], default: pypi}
              plain:
          workflow_call:
            inputs:
              dry: {type: boolean, required: true}
            secrets:
              TOKEN: {required: true}
              OTHER:
        jobs: {a: {runs-on: x}}
        """
    )
    assert workflow.problems == ()
    index = workflow.on["workflow_dispatch"].inputs["index"]
    assert (index.type, index.required, texts(index.options)) == ("choice", False, ["pypi", "testpypi"])
    assert index.default is not None
    assert index.default.text == "pypi"
    assert workflow.on["workflow_dispatch"].inputs["plain"] == Input("plain", "string", False, None, (), 6, 7)
    assert workflow.on["workflow_call"].inputs["dry"].required
    assert workflow.on["workflow_call"].secrets == {"TOKEN": True, "OTHER": False}


# ---------------------------------------------------------------- permissions


def test_the_permissions_of_a_job_replace_those_of_the_workflow() -> None:
    workflow = read(
        """
        on: push
        permissions:
          id-token: write
        jobs:
          own: {runs-on: x, permissions: {contents: read}}
          none: {runs-on: x, permissions: {}}
          inherited: {runs-on: x}
        """
    )
    assert workflow.problems == ()
    levels = {
        name: found.level("id-token")
        for name, each in workflow.jobs.items()
        if (found := effective(each, workflow)) is not None
    }
    assert levels == {"own": "none", "none": "none", "inherited": "write"}
    assert workflow.permissions is not None
    assert (workflow.permissions.line, workflow.permissions.column) == (3, 1)
    assert workflow.permissions.scopes["id-token"].line == 4


def test_without_any_block_nothing_is_said() -> None:
    workflow = read("on: push\njobs: {a: {runs-on: x}}")
    assert effective(workflow.jobs["a"], workflow) is None


@pytest.mark.parametrize(
    ("shorthand", "id_token", "contents"), [("write-all", "write", "write"), ("read-all", "none", "read")]
)
def test_shorthands_stand_for_every_permission(shorthand: str, id_token: str, contents: str) -> None:
    found = job(f"runs-on: x\npermissions: {shorthand}").permissions
    assert found == Permissions(5, 5, shorthand)
    assert (found.level("id-token"), found.level("contents")) == (id_token, contents)


# ---------------------------------------------------------------- jobs


def test_environment_is_a_text_or_a_mapping() -> None:
    for text in ("environment: pypi", "environment: {name: pypi}", "environment:\n  name: pypi"):
        found = job(f"runs-on: x\n{text}").environment
        assert found is not None
        assert (found.name.text, found.url) == ("pypi", None)
    full = job(
        "runs-on: x\nenvironment: {name: '${{ matrix.e }}', url: 'https://x/${{ steps.a.outputs.b }}'}"
    )
    assert full.environment is not None
    assert full.environment.name.has_expression
    assert full.environment.url is not None
    assert full.environment.url.text.startswith("https://x/")


@pytest.mark.parametrize("text", ["", "environment: ''", "environment: {name: ''}"])
def test_an_empty_environment_is_none(text: str) -> None:
    assert job(f"runs-on: x\n{text}").environment is None


@pytest.mark.parametrize(
    ("text", "labels", "group"),
    [
        ("ubuntu-latest", ["ubuntu-latest"], None),
        ("[self-hosted, linux]", ["self-hosted", "linux"], None),
        ("{group: big, labels: [a]}", ["a"], "big"),
        ("{group: big}", [], "big"),
        ("${{ matrix.os }}", ["${{ matrix.os }}"], None),
    ],
)
def test_runs_on_is_labels_or_a_group(text: str, labels: list[str], group: str | None) -> None:
    found = job(f"runs-on: {text}").runs_on
    assert found is not None
    assert texts(found.labels) == labels
    assert (found.group.text if found.group else None) == group


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("python:3.12", "python:3.12"),
        ("{image: 'python:3.12', env: {A: b}}", "python:3.12"),
        ("{env: {A: b}}", None),
    ],
)
def test_a_container_is_an_image_or_a_mapping(text: str, image: str | None) -> None:
    found = job(f"runs-on: x\ncontainer: {text}").container
    assert isinstance(found, Container)
    assert (found.image.text if found.image else None) == image
    assert found.line == 5


@pytest.mark.parametrize("text", ["", "container: ''", "container: {image: ''}"])
def test_an_empty_container_is_none(text: str) -> None:
    assert job(f"runs-on: x\n{text}").container is None


def test_a_matrix_keeps_axes_include_and_exclude_apart() -> None:
    found = job(
        """
        runs-on: x
        strategy:
          matrix:
            os: [a, b]
            py: "${{ fromJSON('[1]') }}"
            include: [{os: c, deep: {x: [1]}}]
            exclude: [{os: a}]
        """
    ).matrix
    assert found is not None
    assert list(found.axes) == ["os", "py"]
    assert isinstance(found.include, tuple)
    assert isinstance(found.include[0], dict)
    assert list(found.include[0]) == ["os", "deep"]
    assert isinstance(found.exclude, tuple)
    assert found.expression is None


def test_a_matrix_can_be_an_expression() -> None:
    found = job("runs-on: x\nstrategy: {matrix: '${{ fromJSON(needs.a.outputs.m) }}'}").matrix
    assert found is not None
    assert found.expression is not None
    assert found.axes == {}
    inserted = job(
        "runs-on: x\nstrategy: {matrix: {'${{ insert }}': '${{ fromJSON(needs.a.outputs.m) }}', a: [1]}}"
    )
    assert inserted.matrix is not None
    assert inserted.matrix.expression is not None
    assert list(inserted.matrix.axes) == ["a"]


def test_defaults_name_the_shell_and_the_folder() -> None:
    workflow = read(
        """
        on: push
        defaults: {run: {shell: bash, working-directory: src}}
        jobs: {a: {runs-on: x, defaults: {run: {shell: pwsh}}}}
        """
    )
    assert workflow.problems == ()
    assert workflow.shell is not None
    assert workflow.shell.text == "bash"
    assert workflow.working_directory is not None
    assert workflow.working_directory.text == "src"
    assert workflow.jobs["a"].shell is not None
    assert workflow.jobs["a"].shell.text == "pwsh"
    assert workflow.jobs["a"].working_directory is None


def test_a_call_has_inputs_and_secrets() -> None:
    found = job(
        """
        uses: ./.github/workflows/publish.yml
        needs: []
        if: github.ref == 'x'
        with: {index: pypi, dry: true}
        secrets: {TOKEN: "${{ secrets.T }}"}
        """
    )
    assert found.uses is not None
    assert found.inputs.get("INDEX") == Scalar("pypi", "pypi", FILE, 7, 19)
    assert found.inputs.get("other") is None
    assert found.secrets.get("TOKEN") is not None
    assert not found.inherits_secrets
    assert job("uses: ./.github/workflows/x.yml\nsecrets: inherit").inherits_secrets


def test_tables_may_come_from_an_expression() -> None:
    whole = job("runs-on: x\nenv: '${{ fromJSON(vars.ENV) }}'").env
    assert whole.expression is not None
    assert whole.entries == {}
    part = job("runs-on: x\nenv: {A: b, '${{ insert }}': '${{ fromJSON(vars.ENV) }}'}").env
    assert part.expression is not None
    assert list(part.entries) == ["A"]
    assert job("runs-on: x").env == EMPTY


# ---------------------------------------------------------------- steps


def test_a_step_has_its_parts_with_their_places() -> None:
    steps = job(
        """
        runs-on: x
        steps:
          - name: Build
            id: build
            if: ${{ success() }}
            run: |

              python -m build
              twine check
            shell: bash
            working-directory: src
            continue-on-error: true
            env: {TOKEN: '${{ secrets.T }}'}
          - uses: pypa/gh-action-pypi-publish@release/v1
            with:
              Repository-URL: https://test.pypi.org/legacy/
              attestations: false
        """
    ).steps
    build, publish = steps
    assert (build.index, build.line, build.column, build.id) == (0, 6, 9, "build")
    assert build.name is not None
    assert build.name.text == "Build"
    assert build.condition is not None
    assert build.condition.text == "${{ success() }}"
    assert build.run is not None
    assert build.run.text.splitlines() == ["", "python -m build", "twine check"]
    assert build.run.line_of(2) == 12
    assert build.shell is not None
    assert build.working_directory is not None
    assert build.continue_on_error is not None
    assert build.continue_on_error.value is True
    assert build.env.get("token") == Scalar("${{ secrets.T }}", "${{ secrets.T }}", FILE, 16, 22, "'")
    assert publish.uses is not None
    assert publish.uses.text == "pypa/gh-action-pypi-publish@release/v1"
    url = publish.inputs.get("repository-url")
    assert url is not None
    assert url.line == 19
    attestations = publish.inputs.get("attestations")
    assert attestations is not None
    assert (attestations.value, attestations.text) == (False, "false")


def test_parallel_steps_stand_in_their_place() -> None:
    steps = job(
        """
        runs-on: x
        steps:
          - run: a
          - parallel:
              - run: b
              - uses: ./c
          - wait-all:
          - run: d
        """
    ).steps
    assert [step.run.text if step.run else None for step in steps] == ["a", "b", None, None, "d"]
    assert [step.index for step in steps] == [0, 1, 2, 3, 4]


def test_anchors_and_aliases_are_the_same_thing_twice() -> None:
    workflow = read(
        """
        on: push
        jobs:
          a:
            runs-on: x
            steps: &steps
              - &one {run: a}
          b: {runs-on: x, steps: *steps}
          c: {runs-on: x, steps: [*one, {run: b}]}
        """
    )
    assert workflow.problems == ()
    assert workflow.jobs["a"].steps == workflow.jobs["b"].steps
    assert [step.line for step in workflow.jobs["c"].steps] == [7, 9]


# ---------------------------------------------------------------- what GitHub refuses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "The file is empty")]),
        ("- a\n", [(1, "The file is not a mapping of keys to values")]),
        ("text\n", [(1, "The file is not a mapping of keys to values")]),
        ("on: push\n", [(1, "The key 'jobs' is missing")]),
        (
            "jobs: {}\n",
            [
                (1, "The key 'on' is missing"),
                (1, "The workflow must contain at least one job with no dependencies"),
            ],
        ),
        ("on:\njobs: {a: {runs-on: x}}\n", [(1, "No event starts the workflow")]),
        ("on: []\njobs: {a: {runs-on: x}}\n", [(1, "No event starts the workflow")]),
        ("on: releases\njobs: {a: {runs-on: x}}\n", [(1, "GitHub knows no event 'releases'")]),
        ("on: pull-request\njobs: {a: {runs-on: x}}\n", [(1, "GitHub knows no event 'pull-request'")]),
        ("on: a_new_event\njobs: {a: {runs-on: x}}\n", []),
        (
            "on: {push: {tags: [a], tags-ignore: [b]}}\njobs: {a: {runs-on: x}}\n",
            [(1, "An event has 'tags' or 'tags-ignore', not both")],
        ),
        ("on: push\njobs: []\n", [(2, "A sequence was not expected")]),
        (
            "on: push\njobs: {a: x}\n",
            [
                (2, "The workflow must contain at least one job with no dependencies"),
                (2, "Unexpected value 'x'"),
            ],
        ),
        (
            "on: push\njobs: {a: {runs-on: x, needs: b}}\n",
            [
                (2, "The workflow must contain at least one job with no dependencies"),
                (2, "Job 'a' depends on unknown job 'b'"),
            ],
        ),
        (
            "on: push\njobs:\n a: {runs-on: x}\n b: {runs-on: y, needs: [A, c]}\n c: {runs-on: z, needs: b}",
            [
                (4, "Job 'b' depends on job 'c', which creates a cycle"),
                (5, "Job 'c' depends on job 'b', which creates a cycle"),
            ],
        ),
        (
            "on: push\njobs:\n a: {runs-on: x}\n b: {runs-on: x, needs: c}\n c: {runs-on: x, needs: d}\n",
            [(5, "Job 'c' depends on unknown job 'd'")],
        ),
        ("on: push\njobs: {1a: {runs-on: x}}\n", [(2, "The id '1a' is invalid")]),
        ("on: push\njobs: {a b: {runs-on: x}}\n", [(2, "The id 'a b' is invalid")]),
        ("on: push\njobs: {__a: {runs-on: x}}\n", [(2, "The id '__a' is reserved")]),
        (f"on: push\njobs: {{{'a' * 100}: {{runs-on: x}}}}\n", [(2, f"The id '{'a' * 80}' is invalid")]),
        ("on: push\njobs: {'${{ a }}': {runs-on: x}}\n", [(2, "An expression is not allowed here")]),
    ],
)
def test_a_workflow_that_github_would_not_load(text: str, expected: list[tuple[int, str]]) -> None:
    assert messages(text) == expected


def problems_of_job(text: str) -> list[str]:
    found = parse(f"on: push\njobs:\n  a: {text}\n".encode(), FILE).problems
    assert all(problem.line == 3 and problem.file == FILE and problem.fix for problem in found)
    return [problem.message for problem in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{runs-on: x, steps: [{uses: checkout}]}", ["'checkout' does not name an action at a ref"]),
        (
            "{runs-on: x, steps: [{uses: actions/checkout}]}",
            ["'actions/checkout' does not name an action at a ref"],
        ),
        ("{runs-on: x, steps: [{uses: a/b@c@d}]}", ["'a/b@c@d' does not name an action at a ref"]),
        ("{runs-on: x, steps: [{uses: a/b/c@v1}, {uses: ./d}, {uses: 'docker://e'}, {uses: $/f}]}", []),
        ("{runs-on: x, steps: [{uses: '${{ a }}/b@c'}]}", ["An expression is not allowed here"]),
        ("{runs-on: x, steps: [{uses: [a]}]}", ["A sequence was not expected"]),
        (
            "{runs-on: x, steps: [{id: a, run: b}, {id: A, run: c}]}",
            ["The id 'A' is used by another step of this job"],
        ),
        ("{runs-on: x, steps: [{id: a.b, run: b}]}", ["The id 'a.b' is invalid"]),
        ("{runs-on: x, steps: [{id: '', run: b}]}", ["Unexpected value ''"]),
        ("{runs-on: x, if: github.ref = 'a'}", ["Unexpected symbol: '='"]),
        ("{runs-on: x, if: env.A}", ["GitHub does not offer the context 'env' here"]),
        ("{runs-on: x, if: matrix.a}", ["GitHub does not offer the context 'matrix' here"]),
        ("{runs-on: x, if: hashFiles('a')}", ["GitHub does not offer the function 'hashFiles()' here"]),
        ("{runs-on: x, if: '!cancelled() && always() && needs.a.result'}", []),
        ("{runs-on: x, if: ''}", []),
        ("{runs-on: x, if: false}", []),
        (
            "{runs-on: x, steps: [{run: a, if: secrets.A}]}",
            ["GitHub does not offer the context 'secrets' here"],
        ),
        ("{runs-on: x, steps: [{run: a, if: env.A && steps.b.outputs.c && hashFiles('d')}]}", []),
        ("{runs-on: x, strategy: {matrix: {a: []}}}", ["The matrix axis 'a' has no values"]),
        ("{runs-on: x, strategy: {matrix: {a: [1], include: []}}}", []),
    ],
)
def test_a_job_that_github_would_not_load(text: str, expected: list[str]) -> None:
    assert problems_of_job(text) == expected


@pytest.mark.parametrize("where", ["environment", "runs-on"])
@pytest.mark.parametrize("context", ["env", "secrets", "steps", "runner", "job"])
def test_an_environment_or_runner_with_a_context_that_is_not_there(where: str, context: str) -> None:
    text = f"{{runs-on: x, {where}: '${{{{ {context}.a }}}}'}}".replace("runs-on: x, runs-on", "runs-on")
    assert problems_of_job(text) == [f"GitHub does not offer the context '{context}' here"]


def test_problems_stand_in_the_order_of_the_file() -> None:
    found = messages("on: releases\nfoo: 1\njobs: {a: {runs-on: x, needs: b}, c: {runs-on: x}}\nbar: 1\n")
    assert [line for line, _ in found] == [1, 2, 3, 4]


def test_no_more_problems_than_anybody_reads() -> None:
    assert len(read("on: push\n" + "".join(f"x{index}: 1\n" for index in range(100))).problems) == 20


def test_no_more_events_than_github_has() -> None:
    workflow = read(
        "on: [" + ", ".join(f"e{index}x" for index in range(300)) + "]\njobs: {a: {runs-on: x}}\n"
    )
    assert len(workflow.on) == 100


# ---------------------------------------------------------------- hostile files


def test_aliases_that_multiply_are_refused() -> None:
    anchors = ["&a0 [x, x, x, x, x, x, x, x, x, x]"]
    anchors += [f"&a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    workflow = read("on: {push: {x: [" + ", ".join(anchors) + "]}}\njobs: {a: {runs-on: x}}\n")
    assert [problem.message for problem in workflow.problems] == [
        "The file has more nodes or levels than GitHub reads"
    ]
    assert workflow == Workflow(FILE, problems=workflow.problems)


def test_an_alias_inside_of_its_own_anchor_is_refused() -> None:
    workflow = read("on: {push: &x [*x]}\njobs: {a: {runs-on: x}}\n")
    assert [problem.message for problem in workflow.problems] == [
        "The file has more nodes or levels than GitHub reads"
    ]


# ---------------------------------------------------------------- actions


def test_a_composite_action_has_inputs_and_steps() -> None:
    action = parse_action(
        dedent(
            """
            name: Publish
            inputs:
              token: {description: A token, required: true, default: "${{ github.token }}"}
            runs:
              using: composite
              steps:
                - run: twine upload dist/*
                  shell: bash
                  env: {TWINE_PASSWORD: "${{ inputs.token }}"}
                - uses: pypa/gh-action-pypi-publish@release/v1
            """
        ).encode(),
        "publish/action.yml",
    )
    assert action.problems == ()
    assert action.using == "composite"
    assert action.inputs["token"].required
    assert [step.line for step in action.steps] == [8, 11]
    assert action.steps[0].run is not None
    assert action.steps[0].run.file == "publish/action.yml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("name: x", "The action has no 'runs'"),
        ("a: &x [*x]", "The file has more nodes or levels than GitHub reads"),
        (
            "runs: {using: composite, steps: [{run: '${{ a'}]}",
            "The expression is not closed: '}}' is missing",
        ),
    ],
)
def test_an_action_that_cannot_be_read(text: str, message: str) -> None:
    assert [problem.message for problem in parse_action(text.encode(), "action.yml").problems] == [message]


# ---------------------------------------------------------------- anything at all

KEYS = st.sampled_from(
    [
        "on",
        "jobs",
        "a",
        "b",
        "runs-on",
        "steps",
        "uses",
        "run",
        "with",
        "env",
        "if",
        "needs",
        "strategy",
        "matrix",
        "include",
        "exclude",
        "permissions",
        "id-token",
        "environment",
        "name",
        "container",
        "image",
        "defaults",
        "shell",
        "secrets",
        "inputs",
        "workflow_call",
        "push",
        "tags",
        "tags-ignore",
        "types",
        "schedule",
        "cron",
        "default",
        "required",
        "type",
        "<<",
        "${{insert}}",
        "parallel",
        "id",
        "concurrency",
        "group",
        "labels",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | KEYS
    | st.just("${{ a.b }}")
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


def check(data: bytes) -> None:
    workflow, action = parse(data, FILE), parse_action(data, FILE)
    assert isinstance(workflow, Workflow)
    assert isinstance(action, Action)
    assert len(workflow.problems) <= 20
    assert all(problem.line >= 1 and problem.column >= 1 for problem in workflow.problems)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_workflow_or_have_problems(data: bytes) -> None:
    check(data)


@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_data_is_a_workflow_or_has_problems(data: dict[str, Any]) -> None:
    check(json.dumps(data).encode())


@given(
    st.lists(st.tuples(st.integers(0, 6), KEYS, st.text("&*a:-[]{} '\"$|>!#\n", max_size=10)), max_size=20)
)
def test_any_lines_are_a_workflow_or_have_problems(lines: list[tuple[int, str, str]]) -> None:
    check("\n".join(f"{'  ' * depth}{key}: {rest}" for depth, key, rest in lines).encode())
