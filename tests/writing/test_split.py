"""A job that builds and publishes, made two."""

from __future__ import annotations

import pytest
import yaml

from pypi_setup.writing.pins import pins
from pypi_setup.writing.split import NotSplit, split

UPLOADED, DOWNLOADED = (str(pins()[f"actions/{name}-artifact"]) for name in ("upload", "download"))

BEFORE = """\
name: Release # to PyPI
on: push
jobs:
  # all in one
  release: # the only one
    name: Release it
    if: github.repository == 'octo-org/sample'
    needs: [test]
    runs-on: windows-latest
    concurrency: release
    environment:
      name: pypi # ours
    # rights
    permissions:
      contents: write
      id-token: write
    env: {A: b}
    steps:
      - uses: actions/checkout@v5

      - run: |
          python -m build # all
        env: {TOKEN: "${{ secrets.GITHUB_TOKEN }}"}

      # and off
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          packages-dir: out/dist/ # there
        # done

  # after it
  tell:
    needs: release
    runs-on: ubuntu-latest
    steps: [{run: echo}]
"""

AFTER = f"""\
name: Release # to PyPI
on: push
jobs:
  build:
    name: Build the distributions
    if: github.repository == 'octo-org/sample'
    needs: [test]
    runs-on: windows-latest
    permissions:
      contents: write
    env: {{A: b}}
    steps:
      - uses: actions/checkout@v5

      - run: |
          python -m build # all
        env: {{TOKEN: "${{{{ secrets.GITHUB_TOKEN }}}}"}}

      - uses: {UPLOADED}
        with:
          name: dist
          path: out/dist/
          if-no-files-found: error

  # all in one
  release: # the only one
    name: Release it
    needs: build
    runs-on: ubuntu-latest
    concurrency: release
    environment:
      name: pypi # ours
    permissions:
      id-token: write # Trusted Publishing
    steps:
      - uses: {DOWNLOADED}
        with:
          name: dist
          path: out/dist/
      # and off
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          packages-dir: out/dist/ # there
        # done

  # after it
  tell:
    needs: release
    runs-on: ubuntu-latest
    steps: [{{run: echo}}]
"""

SMALL = """\
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
    -   run: python -m build
    -   uses: pypa/gh-action-pypi-publish@release/v1"""


def test_all_that_belongs_together_stays_together() -> None:
    assert split(BEFORE.encode(), "release").decode() == AFTER


def test_windows_line_ends_stay() -> None:
    made = split(BEFORE.replace("\n", "\r\n").encode(), "release").decode()
    assert made == AFTER.replace("\n", "\r\n")


def test_a_job_without_permissions_and_another_indentation() -> None:
    made = split(SMALL.encode(), "release").decode()
    head, _, rest = made.partition("    steps:\n")
    rights = "    permissions:\n      contents: read # to check out the code\n"
    assert head == f"jobs:\n  build:\n    runs-on: ubuntu-latest\n{rights}"
    own = f"    - uses: {UPLOADED}\n      with:\n        name: dist\n"
    assert rest.startswith(f"    -   run: python -m build\n{own}")
    assert made.endswith("    -   uses: pypa/gh-action-pypi-publish@release/v1\n")
    jobs = yaml.safe_load(made)["jobs"]
    assert list(jobs) == ["build", "release"]
    assert [len(job["steps"]) for job in jobs.values()] == [2, 2]


@pytest.mark.parametrize("value", ["write-all", "{id-token: write}", "{contents: read, id-token: write}"])
def test_the_build_gets_no_token(value: str) -> None:
    text = SMALL.replace("    steps:", f"    permissions: {value}\n    steps:")
    jobs = yaml.safe_load(split(text.encode(), "release"))["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["release"]["permissions"] == {"id-token": "write"}


def test_a_name_that_is_free() -> None:
    text = f"{SMALL}\n  build:\n    runs-on: x\n"
    assert list(yaml.safe_load(split(text.encode(), "release"))["jobs"]) == [
        "build-distributions",
        "release",
        "build",
    ]


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


FLOW = """\
jobs:
  release:
    runs-on: ubuntu-latest
    steps: [{run: python -m build}, {uses: pypa/gh-action-pypi-publish@v1}]
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\xff", "the file cannot be read"),
        ("jobs: {release: {steps: []}}", "its job is not written as a block"),
        ("jobs:\n  release: {steps: []}", "its job is not written as a block"),
        ("jobs:\n  release:", "its job is not written as a block"),
        (FLOW, "its steps are no list of lines"),
        (changed("run: python", "run: &a python"), "its job has anchors or aliases"),
        (
            changed("    steps", "    strategy: {matrix: {a: [1]}}\n    outputs: {}\n    steps"),
            "its job has outputs and strategy",
        ),
        (
            f"{SMALL}\n  build: {{}}\n  build-distributions: {{}}\n  build-for-release: {{}}\n",
            "there are jobs called build, build-distributions, build-for-release",
        ),
        (f"{SMALL}\n    -   run: echo", "its last step is not pypa/gh-action-pypi-publish"),
        (
            changed("    -   run: python -m build\n", ""),
            "the distributions come from another job already",
        ),
        (
            changed("run: python -m build", "uses: actions/download-artifact@v8"),
            "the distributions come from another job already",
        ),
        (
            changed("run: python -m build", "uses: actions/attest-build-provenance@v3"),
            "actions/attest-build-provenance may need the OIDC token, too",
        ),
        (changed("run: python -m build", "uses: octo-org/any@v1"), "octo-org/any may need the OIDC token"),
        (changed("python -m build", "python -m sigstore sign"), "a script may need the OIDC token, too"),
        (changed("-   uses: pypa", "-\n        uses: pypa"), "its last step does not begin behind its dash"),
        (f"{SMALL}\n        if: steps.a.outcome == 'success'", "its upload depends on the job around it"),
        (changed("python -m build", "echo ${{ secrets.X }}"), "its other steps use secrets or variables"),
        (changed("python -m build", "echo ${{ vars.X }}"), "its other steps use secrets or variables"),
        (changed("python -m build", "twine upload dist/*"), "its other steps upload, too"),
        (f"{SMALL}\n        with: {{packages-dir: '${{{{ github.workspace }}}}/d'}}", "its folder with the "),
    ],
)
def test_what_stays_one(text: str, why: str) -> None:
    with pytest.raises(NotSplit) as caught:
        split(text.encode("latin-1"), "release")
    assert str(caught.value).startswith(why)
