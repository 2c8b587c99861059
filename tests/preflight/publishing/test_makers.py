"""Which steps make tags and releases, and with which token."""

from __future__ import annotations

from textwrap import indent

import pytest

from pypi_setup.preflight.publishing import makers
from pypi_setup.preflight.publishing.makers import RELEASE, TAG, Maker
from pypi_setup.preflight.workflow.calls import Repository
from pypi_setup.preflight.workflow.loading import parse

DEFAULT = "${{ secrets.GITHUB_TOKEN }}"
OTHER = "${{ secrets.BOT_TOKEN }}"
BOTH = frozenset({TAG, RELEASE})


class Held:
    """A local action in memory."""

    ACTION = b"""
name: Tag
runs:
  using: composite
  steps:
    - run: gh release create v1.2.3
      shell: bash
"""

    def read(self, path: str) -> bytes | None:
        return self.ACTION if path == "tag/action.yml" else None

    def names(self, folder: str) -> list[str]:
        return [folder][:0]


def found(steps: str, on: str = "{push: {branches: [main]}}", job: str = "") -> list[Maker]:
    head = f"on: {on}\njobs:\n  make:\n    runs-on: x\n{indent(job, '    ')}\n    steps:\n"
    text = head + indent(steps, "      ")
    workflow = parse(text.encode(), "bump.yml")
    assert workflow.problems == ()
    return list(makers.of(workflow, Repository(Held())))


def made(steps: str, **options: str) -> list[tuple[frozenset[str], str | None, bool]]:
    return [(one.kinds, one.tag, one.default) for one in found(steps, **options)]


def uses(action: str, **inputs: str) -> str:
    given = ", ".join(f'{name.replace("_0_", "-")}: "{value}"' for name, value in inputs.items())
    return f"- uses: {action}\n  with: {{{given}}}\n"


def run(script: str, **env: str) -> str:
    given = ", ".join(f'{name}: "{value}"' for name, value in env.items())
    return f"- run: |\n{indent(script, '    ')}\n  env: {{{given}}}\n"


CHECKOUT = "- uses: actions/checkout@v5\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (uses("googleapis/release-please-action@v4"), [(BOTH, None, True)]),
        (uses("googleapis/release-please-action@v4", token=OTHER), [(BOTH, None, False)]),
        (uses("googleapis/release-please-action@v4", token="${{ github.token }}"), [(BOTH, None, True)]),
        (uses("googleapis/release-please-action@v4", token=""), [(BOTH, None, True)]),
        (uses("google-github-actions/release-please-action@v3", command="release-pr"), []),
        (uses("googleapis/release-please-action@v4", skip_0_github_0_release="true"), []),
        (uses("softprops/action-gh-release@v2", tag_name="v1.2"), [(BOTH, "v1.2", True)]),
        (uses("softprops/action-gh-release@v2", tag_name="v${{ steps.v.outputs.v }}"), [(BOTH, "v", True)]),
        (uses("softprops/action-gh-release@v2", draft="true"), []),
        (uses("release-drafter/release-drafter@v6"), []),
        (uses("release-drafter/release-drafter@v6", publish="true"), [(BOTH, None, True)]),
        (uses("python-semantic-release/python-semantic-release@v10"), [(BOTH, None, False)]),
        (
            uses("python-semantic-release/python-semantic-release@v10", github_token=DEFAULT),
            [(BOTH, None, True)],
        ),
        (
            uses(
                "python-semantic-release/python-semantic-release@v10",
                github_token=DEFAULT,
                vcs_release="false",
            ),
            [(frozenset({TAG}), None, True)],
        ),
        ("- uses: softprops/action-gh-release@v2\n  with: ${{ fromJSON('{}') }}\n", []),
        ("- uses: octo-org/unknown@v1\n", []),
        (
            uses("actions/github-script@v7", script="await github.rest.repos.createRelease({})"),
            [(BOTH, None, True)],
        ),
        (
            uses("actions/github-script@v7", script="github.rest.git.createRef({})"),
            [(frozenset({TAG}), None, True)],
        ),
        (uses("actions/github-script@v7", script="repos.createRelease({draft: true})"), []),
        (uses("actions/github-script@v7", script="core.info('')"), []),
        (
            CHECKOUT + uses("stefanzweifel/git-auto-commit-action@v6", tagging_message="v1.2.3"),
            [(frozenset({TAG}), "v1.2.3", True)],
        ),
        (uses("stefanzweifel/git-auto-commit-action@v6", tag_name="v1"), [(frozenset({TAG}), "v1", False)]),
    ],
)
def test_actions(steps: str, expected: list[tuple[frozenset[str], str | None, bool]]) -> None:
    assert made(steps) == expected


def test_a_variable_of_the_step_the_job_or_the_workflow_is_a_token_too() -> None:
    action = "- uses: cycjimmy/semantic-release-action@v4\n"
    assert made(action) == [(BOTH, None, False)]
    assert made(action, job=f'env: {{GH_TOKEN: "{DEFAULT}"}}') == [(BOTH, None, True)]
    assert made(f'{action}  env: {{GITHUB_TOKEN: "{OTHER}"}}\n', job=f'env: {{GH_TOKEN: "{DEFAULT}"}}') == [
        (BOTH, None, False)
    ]


@pytest.mark.parametrize(
    ("script", "env", "expected"),
    [
        ("gh release create v1.2.3 --generate-notes", {"GH_TOKEN": DEFAULT}, [(BOTH, "v1.2.3", True)]),
        ('gh release create "v$(cat VERSION)"', {"GITHUB_TOKEN": DEFAULT}, [(BOTH, "v", True)]),
        ("gh release create v1.2.3", {}, [(BOTH, "v1.2.3", False)]),
        ("gh release create v1.2.3", {"GH_TOKEN": OTHER, "GITHUB_TOKEN": DEFAULT}, [(BOTH, "v1.2.3", False)]),
        ("gh release create --verify-tag", {"GH_TOKEN": DEFAULT}, [(frozenset({RELEASE}), None, True)]),
        ("gh release create v1.2.3 --draft", {"GH_TOKEN": DEFAULT}, []),
        ("gh release edit v1 --draft=false", {"GH_TOKEN": DEFAULT}, [(frozenset({RELEASE}), None, True)]),
        ("gh release upload v1 dist/*", {"GH_TOKEN": DEFAULT}, []),
        ("semantic-release version", {"GH_TOKEN": DEFAULT}, [(BOTH, None, True)]),
        ("semantic-release version --print", {"GH_TOKEN": DEFAULT}, []),
        ("semantic-release changelog", {"GH_TOKEN": DEFAULT}, []),
        ("npx semantic-release", {"GH_TOKEN": OTHER}, [(BOTH, None, False)]),
        ("npx release-please github-release", {"GITHUB_TOKEN": DEFAULT}, [(BOTH, None, True)]),
        ("npx release-please release-pr", {"GITHUB_TOKEN": DEFAULT}, []),
    ],
)
def test_commands(
    script: str, env: dict[str, str], expected: list[tuple[frozenset[str], str | None, bool]]
) -> None:
    assert made(run(script, **env)) == expected


TAGS = frozenset({TAG})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (CHECKOUT + run("git tag v1.2.3\ngit push origin v1.2.3"), [(TAGS, "v1.2.3", True)]),
        (CHECKOUT + run('git tag -a "v$V" -m "Release"\ngit push origin "v$V"'), [(TAGS, "v", True)]),
        (CHECKOUT + run("git tag -m message --force v1.2.3\ngit push --tags"), [(TAGS, "v1.2.3", True)]),
        (CHECKOUT + run("git tag v1.2.3\ngit tag v1\ngit push --tags"), [(TAGS, None, True)]),
        (CHECKOUT + run("git push origin HEAD:refs/tags/v2.0"), [(TAGS, "v2.0", True)]),
        (CHECKOUT + run("git push origin :refs/tags/v2.0"), []),
        (CHECKOUT + run("git tag -m message --sign\ngit push --tags"), [(TAGS, None, True)]),
        (CHECKOUT + run("git tag --list\ngit push --tags"), []),
        (CHECKOUT + run("git tag -d v1\ngit push origin main"), []),
        (CHECKOUT + run("git tag v1\ngit push --force origin v1"), []),
        (CHECKOUT + run("cz bump --yes\ngit push --follow-tags"), [(TAGS, None, True)]),
        (CHECKOUT + run("bump2version part\ngit push --follow-tags"), [(TAGS, None, True)]),
        (CHECKOUT + run("npm ci\ngit push --follow-tags"), []),
        (run("git tag v1.2.3\ngit push origin v1.2.3"), [(TAGS, "v1.2.3", False)]),
        (
            uses("actions/checkout@v5", token=OTHER) + run("git tag v1.2.3\ngit push origin v1.2.3"),
            [(TAGS, "v1.2.3", False)],
        ),
        (
            uses("actions/checkout@v5", ssh_0_key=OTHER) + run("git tag v1.2.3\ngit push origin v1.2.3"),
            [(TAGS, "v1.2.3", False)],
        ),
        (
            uses("actions/checkout@v5", persist_0_credentials="false")
            + run("git tag v1.2.3\ngit push origin v1.2.3"),
            [(TAGS, "v1.2.3", False)],
        ),
        (
            CHECKOUT
            + uses("actions/checkout@v5", repository="octo-org/other", token=OTHER)
            + run("git tag v1.2.3\ngit push origin v1.2.3"),
            [(TAGS, "v1.2.3", True)],
        ),
        (
            CHECKOUT + uses("webfactory/ssh-agent@v0.9.0") + run("git tag v1\ngit push origin v1"),
            [(TAGS, "v1", False)],
        ),
        (
            CHECKOUT
            + run(
                "git remote set-url origin https://x:$T@github.com/a/b\ngit tag v1\ngit push --tags", T=OTHER
            ),
            [(TAGS, "v1", False)],
        ),
        (
            CHECKOUT + run("git tag v1.0\ngit push https://x:$T@github.com/a/b refs/tags/v1.0", T=DEFAULT),
            [(TAGS, "v1.0", True)],
        ),
    ],
)
def test_git(steps: str, expected: list[tuple[frozenset[str], str | None, bool]]) -> None:
    assert made(steps) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEFAULT, True),
        ("${{ github.TOKEN }}", True),
        ("${{ secrets['GITHUB_TOKEN'] }}", True),
        ("${{ env.ONE }}", True),
        ("$TWO", True),
        ("${LOOP}", False),
        ("$MISSING", False),
        (OTHER, False),
        ("${{ secrets.BOT_TOKEN || secrets.GITHUB_TOKEN }}", False),
        ("$FOUR", False),
    ],
)
def test_a_token_that_is_the_default_one_for_certain(text: str, expected: bool) -> None:
    variables = {"ONE": DEFAULT, "TWO": "$ONE", "LOOP": "${LOOP}", "THREE": "$TWO", "FOUR": "$THREE"}
    assert makers.is_default_token(text, variables) is expected


def test_the_events_that_run_a_maker() -> None:
    step = uses("softprops/action-gh-release@v2")
    on = "{push: {branches: [main], tags: ['v*']}, workflow_dispatch: {}}"
    (one,) = found(f"{step}  if: startsWith(github.ref, 'refs/tags/')\n", on=on)
    assert one.events == (("push", "tag"), ("workflow_dispatch", "tag"))
    assert (one.name, one.file, one.line, one.job) == (
        "softprops/action-gh-release@v2",
        "bump.yml",
        7,
        "make",
    )
    assert found(f"{step}  if: github.event_name == 'release'\n", on=on) == []
    (called,) = found(step, on="workflow_call")
    assert called.events == ()


def test_steps_of_a_local_action_count() -> None:
    step = f'- uses: ./tag\n  env: {{GH_TOKEN: "{DEFAULT}"}}\n'
    (one,) = found(step)
    assert (one.kinds, one.tag, one.whole, one.default, one.file) == (
        BOTH,
        "v1.2.3",
        True,
        True,
        "tag/action.yml",
    )


def test_without_a_repository_nothing_is_found() -> None:
    workflow = parse(b"on: push\njobs: {a: {runs-on: x, steps: [{run: gh release create v1}]}}", "bump.yml")
    assert list(makers.of(workflow, None)) == []


def test_a_glance_tells_files_apart() -> None:
    assert makers.mentions_making(b"- uses: GoogleAPIs/release-please-action@v4")
    assert not makers.mentions_making(b"- run: make test")
    assert makers.dispatches(b"gh workflow run release.yml")
    assert not makers.dispatches(b"gh release create")
