"""A version that the index has already."""

from __future__ import annotations

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.rules.release import version_exists
from pypi_setup.sources.lookup import Project
from pypi_setup.values import index, publisher
from pypi_setup.values.finding import Severity

WORKFLOW = """
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: STEP
"""
PROJECT = '[project]\nname = "sample-project"\nversion = "1.4.0"\n'


class Held:
    """A repository in memory."""

    def __init__(self, step: str, action: str = "") -> None:
        self.files = {
            ".github/workflows/release.yml": WORKFLOW.replace("STEP", step),
            "pyproject.toml": PROJECT,
            "publish/action.yml": action,
        }

    def read(self, path: str) -> bytes | None:
        text = self.files.get(path)
        return text.encode() if text else None

    def names(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == folder]


def found(held: Held, *files: str) -> list[tuple[Severity, str | None, int | None, str]]:
    one = publisher.parse("Sample.Project", "octo-org", "sample", "release.yml", "")
    projects = {"sample-project": Project(exists=True, present=dict.fromkeys(files, ""))} if files else {}
    evidence = Evidence((one,), index.parse("pypi"), held, projects=projects)
    return [(each.severity, each.file, each.line, each.message) for each in version_exists(evidence)]


ACTION = "pypa/gh-action-pypi-publish@release/v1"


def test_a_version_that_is_on_the_index() -> None:
    for file in ("sample_project-1.4.0.tar.gz", "sample_project-1.4.0-py3-none-any.whl"):
        assert found(Held(ACTION), file) == [
            (
                Severity.WARNING,
                "pyproject.toml",
                3,
                f"PyPI has {file} already, and pyproject.toml still says 1.4.0: the upload ends with "
                '400 "File already exists".',
            )
        ]


def test_another_version_is_fine() -> None:
    assert found(Held(ACTION), "sample_project-1.3.0.tar.gz") == []
    assert found(Held(ACTION)) == []


def test_what_skips_existing_files_is_fine() -> None:
    skipping = f"{ACTION}\n        with: {{skip-existing: true}}"
    assert found(Held(skipping), "sample_project-1.4.0.tar.gz") == []
    inside = f"runs:\n  using: composite\n  steps:\n    - uses: {ACTION}\n"
    assert found(Held("./publish", inside), "sample_project-1.4.0.tar.gz") == []
