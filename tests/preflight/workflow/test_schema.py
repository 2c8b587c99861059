from __future__ import annotations

import pytest

from pypi_setup.preflight.workflow import schema
from pypi_setup.preflight.workflow.loading import parse


def problems(text: str) -> list[tuple[str, str]]:
    """Return the messages and fixes for a workflow file."""
    return [(problem.message, problem.fix) for problem in parse(text.encode(), "f.yml").problems]


def in_workflow(text: str) -> list[str]:
    return [message for message, _ in problems(f"on: push\njobs: {{a: {{runs-on: x}}}}\n{text}\n")]


def in_job(text: str) -> list[str]:
    return [message for message, _ in problems(f"on: push\njobs: {{a: {{runs-on: x, {text}}}}}\n")]


def in_step(text: str) -> list[str]:
    return in_job(f"steps: [{{{text}}}]")


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("permissions: {id_token: write}", "Unexpected key 'id_token'", "Write 'id-token' instead"),
        ("permissions: {content: read}", "Unexpected key 'content'", "Write 'contents' instead"),
        ("permissions: {id-token: read}", "Unexpected value 'read'", "Write write or none here"),
        ("permissions: {contents: all}", "Unexpected value 'all'", "Write write or read or none here"),
        ("permissions: {models: write}", "Unexpected value 'write'", "Write read or none here"),
        ("permissions: read", "Unexpected value 'read'", "Write write-all or read-all, or a mapping"),
        ("permissions:", "Unexpected value ''", "Write write-all or read-all, or a mapping"),
        (
            "permissions: [id-token]",
            "A sequence was not expected",
            "Write write-all or read-all, or a mapping",
        ),
        ("permissions: '${{ a }}'", "An expression is not allowed here", "Write a fixed value"),
        ("id_token: write", "Unexpected key 'id_token'", "Write 'id-token:' under 'permissions:'"),
        (
            "foo: 1",
            "Unexpected key 'foo'",
            "Remove it, or write one of: concurrency, defaults, description, env",
        ),
        ("job: {}", "Unexpected key 'job'", "Write 'jobs' instead"),
        ("env: {a: 1, A: 2}", "'A' is already defined", "Keep one of the two"),
        ("env: {? [a] : b}", "A key must be a text", "Write a name as the key"),
        ("env:", "Unexpected value ''", "Write a mapping here"),
        ("env: {a: [b]}", "A sequence was not expected", "Write a text here"),
        ("env: {<<: {a: b}}", "A mapping was not expected", "Write a text here"),
        ("<<: {a: b}", "GitHub knows no merge keys ('<<')", "Repeat the keys"),
        ("env: {a: !x b}", "GitHub knows no tag '!x'", "Remove the tag"),
        ("env: {a: '${{ b }'}", "The expression is not closed: '}}' is missing", "Correct the expression"),
        ("env: {a: '${{ b c }}'}", "Unexpected symbol: 'c'", "Correct the expression"),
        (
            "env: {a: '${{ runner.os }}'}",
            "GitHub does not offer the context 'runner' here",
            "Use what it offers here: github, inputs, secrets, vars",
        ),
        (
            "env: {a: '${{ always() }}'}",
            "GitHub does not offer the function 'always()' here",
            "Use what it offers",
        ),
        ("concurrency: {cancel-in-progress: true}", "The key 'group' is missing", "Add 'group:'"),
        (
            "concurrency: {group: a, cancel-in-progress: yes}",
            "Unexpected value 'yes'",
            "Write true or false here",
        ),
        ("defaults: {run: {shell: ''}}", "Unexpected value ''", "Write a text here"),
    ],
)
def test_a_workflow_key_that_github_refuses(text: str, message: str, fix: str) -> None:
    found = problems(f"on: push\njobs: {{a: {{runs-on: x}}}}\n{text}\n")
    assert len(found) == 1
    assert found[0][0] == message
    assert found[0][1].startswith(fix)


@pytest.mark.parametrize(
    "text",
    [
        "name: 1",
        "run-name: '${{ github.actor }} ${{ inputs.a }}'",
        "permissions: {}",
        "permissions: write-all",
        "permissions: {a-new-one: write}",
        "permissions: {id-token: write, attestations: write, models: read, contents: none}",
        "env: {a: true, b: 1.5, c: , d: '${{ secrets.a }}'}",
        "env: '${{ fromJSON(vars.a) }}'",
        "env: {'${{ insert }}': '${{ fromJSON(vars.a) }}'}",
        "env: {'${{ vars.name }}': a}",
        "concurrency: '${{ github.ref }}'",
        "concurrency: {group: a, cancel-in-progress: '${{ github.ref == 1 }}'}",
        "defaults: {run: {shell: bash, working-directory: a}}",
    ],
)
def test_a_workflow_key_that_github_takes(text: str) -> None:
    assert in_workflow(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeout-minutes: '30'", "Unexpected value '30'"),
        ("continue-on-error: 'true'", "Unexpected value 'true'"),
        ("strategy: {fail-fast: 0}", "Unexpected value '0'"),
        ("strategy: {matrix: {os: linux}}", "Unexpected value 'linux'"),
        ("strategy: {matrix: {include: {os: a}}}", "A mapping was not expected"),
        ("environment: {url: a}", "The key 'name' is missing"),
        ("environment: {name: a, foo: b}", "Unexpected key 'foo'"),
        ("environment: '${{ env.a }}'", "GitHub does not offer the context 'env' here"),
        ("environment: {name: '${{ secrets.a }}'}", "GitHub does not offer the context 'secrets' here"),
        (
            "environment: {name: a, url: '${{ secrets.a }}'}",
            "GitHub does not offer the context 'secrets' here",
        ),
        ("outputs: {a: '${{ hashFiles(1) }}'}", "GitHub does not offer the function 'hashFiles()' here"),
        ("uses: a/b@c", "Unexpected key 'uses'"),
        ("with: {a: b}", "Unexpected key 'with'"),
        ("steps: ", "Unexpected value ''"),
        ("steps: [a]", "Unexpected value 'a'"),
        ("needs: [a, '']", "Unexpected value ''"),
        (f"environment: {{name: [{'x' * 100}]}}", "A sequence was not expected"),
        (f"timeout-minutes: {'x' * 100}", f"Unexpected value '{'x' * 80}…'"),
    ],
)
def test_a_job_key_that_github_refuses(text: str, message: str) -> None:
    assert message in in_job(text)


@pytest.mark.parametrize(
    "text",
    [
        "timeout-minutes: 30",
        "timeout-minutes: '${{ fromJSON(vars.t) }}'",
        "continue-on-error: '${{ matrix.e }}'",
        "strategy: {fail-fast: false, max-parallel: 1, matrix: {a: [1, {b: c}], include: [{a: 2}]}}",
        "strategy: '${{ fromJSON(needs.a.outputs.s) }}'",
        "environment: '${{ matrix.a && inputs.b || vars.c }}'",
        "environment: {name: a, url: '${{ steps.a.outputs.b }}', deployment: false}",
        "outputs: {a: '${{ steps.b.outputs.c }}'}",
        "container: {env: {b: '${{ secrets.c }}'}, credentials: {username: '${{ env.u }}', password: p}}",
        "services: {db: {image: a, ports: ['1:2'], command: x}, other: image}",
        "snapshot: {image-name: a, if: always(), version: 1.*}",
        "steps: []",
    ],
)
def test_a_job_key_that_github_takes(text: str) -> None:
    assert in_job(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a", "One of the keys 'run' or 'uses' is missing"),
        ("run: a, uses: b/c@d", "Unexpected key 'uses'"),
        ("run: a, with: {b: c}", "Unexpected key 'with'"),
        ("uses: a/b@c, shell: bash", "Unexpected key 'shell'"),
        ("uses: a/b@c, working-directory: d", "Unexpected key 'working-directory'"),
        ("uses: a/b@c, with: ", "Unexpected value ''"),
        ("uses: a/b@c, permissions: {id-token: write}", "Unexpected key 'permissions'"),
        ("run: '${{ jobs.a }}'", "GitHub does not offer the context 'jobs' here"),
        ("run: a, if: secrets.b", "GitHub does not offer the context 'secrets' here"),
        ("run: a, id: ''", "Unexpected value ''"),
        ("parallel: [{parallel: []}]", "Unexpected key 'parallel'"),
    ],
)
def test_a_step_that_github_refuses(text: str, message: str) -> None:
    assert message in in_step(text)


@pytest.mark.parametrize(
    "text",
    [
        "run: ''",
        "run: \"${{ hashFiles('a') }}\", shell: bash, working-directory: '${{ env.a }}'",
        "uses: a/b@c, with: {d: '${{ secrets.e }}', f: true}, env: {g: '${{ steps.h.outputs.i }}'}",
        "uses: ./a, continue-on-error: true, timeout-minutes: 1, if: false",
        "wait: a",
        "wait-all: ",
        "cancel: a",
        "parallel: [{run: a}, {uses: ./b}]",
    ],
)
def test_a_step_that_github_takes(text: str) -> None:
    assert in_step(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inputs: {a: {}}", "The key 'type' is missing"),
        ("inputs: {a: {type: choice}}", "Unexpected value 'choice'"),
        ("inputs: {a: {type: string, required: 'true'}}", "Unexpected value 'true'"),
        (
            "inputs: {a: {type: string, default: '${{ env.b }}'}}",
            "GitHub does not offer the context 'env' here",
        ),
        ("outputs: {a: {description: b}}", "The key 'value' is missing"),
        ("foo: 1", "Unexpected key 'foo'"),
    ],
)
def test_a_declaration_for_callers_that_github_refuses(text: str, message: str) -> None:
    found = problems(f"on: {{workflow_call: {{{text}}}}}\njobs: {{a: {{runs-on: x}}}}\n")
    assert [what for what, _ in found] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "inputs: {a: {type: string, default: '${{ github.ref }}', required: false, description: b}}",
        "secrets: {a: , b: {required: true}}, outputs: {c: {value: '${{ jobs.d.outputs.e }}'}}",
    ],
)
def test_a_declaration_for_callers_that_github_takes(text: str) -> None:
    assert problems(f"on: {{workflow_call: {{{text}}}}}\njobs: {{a: {{runs-on: x}}}}\n") == []


def test_a_calling_job_has_keys_of_its_own() -> None:
    call = "uses: ./.github/workflows/x.yml"
    assert (
        problems(f"on: push\njobs: {{a: {{{call}, with: {{b: '${{{{ matrix.c }}}}'}}, secrets: inherit}}}}\n")
        == []
    )
    refused = problems(f"on: push\njobs: {{a: {{{call}, steps: [], environment: b, secrets: all}}}}\n")
    assert [message for message, _ in refused] == [
        "Unexpected key 'steps'",
        "Unexpected key 'environment'",
        "Unexpected value 'all'",
    ]


def test_a_job_without_runner_and_call() -> None:
    assert problems("on: push\njobs: {a: {name: b}}\n") == [
        ("One of the keys 'runs-on' or 'uses' is missing", "Add the one that is meant")
    ]
    assert [message for message, _ in problems("on: push\njobs: {a: {steps: []}}\n")] == [
        "The key 'runs-on' is missing"
    ]


def test_the_release_events_are_known() -> None:
    assert {"release", "push", "workflow_dispatch", "workflow_call", "pull_request_target"} <= schema.EVENTS


def test_a_long_expression_is_checked_all_the_same() -> None:
    long = " && ".join(["github.ref"] * 30)
    assert in_job(f"environment: '${{{{ {long} }}}}'") == []
    assert in_job(f"environment: '${{{{ {long} && env.a }}}}'") == [
        "GitHub does not offer the context 'env' here"
    ]
