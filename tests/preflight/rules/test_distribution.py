"""The rules on built files: each with the smallest folder that shows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.preflight import check
from pypi_setup.preflight.rules import DISTRIBUTION_RULES
from pypi_setup.preflight.rules.distribution import SIZE_LIMIT
from pypi_setup.sources.distributions import Built, Distribution, Folder
from pypi_setup.sources.lookup import Project
from pypi_setup.values import filenames, index, publisher

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pypi_setup.values.finding import Finding

WHEEL = "sample_project-1.2-py3-none-any.whl"
SOURCE = "sample_project-1.2.tar.gz"
METADATA = b"Metadata-Version: 2.4\nName: sample-project\nVersion: 1.2\n"
PUBLISHER = publisher.parse("sample-project", "octo-org", "sample", "release.yml", "pypi")
WORKFLOW = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {id-token: write}
    steps:
      - COMMAND
"""


class Held:
    """A repository with one workflow."""

    def __init__(self, command: str) -> None:
        self._text = WORKFLOW.replace("COMMAND", command)

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path.endswith("release.yml") else None

    def names(self, folder: str) -> list[str]:
        return ["release.yml"] if folder == ".github/workflows" else []


def file(name: str = WHEEL, metadata: bytes | None = METADATA, **facts: object) -> Distribution:
    named = filenames.wheel(name) if name.endswith(".whl") else filenames.source(name)
    return Distribution(name, 1024, "ab" * 32, named, metadata)._replace(**facts)  # type: ignore[arg-type]


def evidence(
    *files: Distribution,
    tag: str = "",
    command: str = "uses: pypa/gh-action-pypi-publish@v1.14.2",
    index_url: str = "pypi",
    present: dict[str, str] | None = None,
    folder: Folder | None = None,
) -> Evidence:
    built = Built(folder or Folder(tuple(files)), "dist", tag)
    project = Project(exists=True, present=present or {})
    return Evidence(
        (PUBLISHER,), index.parse(index_url), Held(command), {"sample-project": project}, built=built
    )


def found(each: Evidence) -> list[tuple[str, str, str | None]]:
    """Return severity, rule and file of what is found about the built files."""
    return [
        (finding.severity.value, finding.rule, finding.file)
        for finding in check(each)
        if (finding.file or "").startswith("dist")
    ]


def messages(findings: Iterable[Finding]) -> list[str]:
    return [finding.message for finding in findings if (finding.file or "").startswith("dist")]


def test_good_files_have_no_finding() -> None:
    assert found(evidence(file(), file(SOURCE), tag="v1.2")) == []


def test_without_a_folder_nothing_is_said_of_files() -> None:
    each = Evidence((PUBLISHER,), index.parse("pypi"), Held("run: twine upload dist/*"))
    assert found(each) == []
    assert [list(rule.find(each)) for rule in DISTRIBUTION_RULES] == [[]] * len(DISTRIBUTION_RULES)


def test_the_rules_are_in_the_table_of_the_documents() -> None:
    document = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    section = document[document.index("## The built files") :].split("\n### ")[0]
    table = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    assert {rule.name for rule in DISTRIBUTION_RULES} == table


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        (
            Folder(problem="No such file or directory"),
            "The folder dist could not be read: No such file or directory. Nothing would be uploaded.",
        ),
        (Folder(), "dist holds no distribution: no .whl and no .tar.gz."),
        (
            Folder((), (), ("dist/", "log.txt")),
            "dist holds no distribution: no .whl and no .tar.gz. It holds dist/, log.txt.",
        ),
    ],
)
def test_a_folder_without_distributions(folder: Folder, message: str) -> None:
    each = evidence(folder=folder)
    assert found(each) == [("error", "artifact-hand-over", "dist")]
    assert messages(check(each)) == [message]


def test_sub_folders_come_from_several_artifacts() -> None:
    (finding,) = [
        each for each in check(evidence(folder=Folder((), (), ("wheels/",)))) if each.file == "dist"
    ]
    assert finding.fix.endswith(
        "For several artifacts, actions/download-artifact needs merge-multiple: true."
    )


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        ("uses: pypa/gh-action-pypi-publish@v1.14.2", "error"),
        ("run: twine upload dist/*", "error"),
        ("run: uv publish", "warning"),
    ],
)
def test_strangers_stop_the_tools_that_take_everything(command: str, severity: str) -> None:
    names = ("a.sigstore.json", "b", "c", "d", "e", "f")
    each = evidence(folder=Folder((file(),), ("x.publish.attestation",), names), command=command)
    assert found(each) == [
        (severity, "artifact-hand-over", "dist/a.sigstore.json"),
        (severity, "artifact-hand-over", "dist/x.publish.attestation"),
    ]
    assert messages(check(each))[0].startswith(
        "dist holds files that are no distributions: a.sigstore.json, b, c, d, e and 1 more."
    )


@pytest.mark.parametrize(
    ("each", "severity", "rule", "message"),
    [
        (
            file("Sample.Project-1.2-py3-none-any.whl"),
            "error",
            "distribution-refused",
            "PyPI refuses the file name Sample.Project-1.2-py3-none-any.whl. It should begin with "
            "'sample_project', not 'Sample.Project'.",
        ),
        (
            file(metadata=None, problem="It is damaged, or no archive of its kind"),
            "error",
            "distribution-refused",
            f"PyPI refuses the file {WHEEL}. It is damaged, or no archive of its kind.",
        ),
        (
            file(SOURCE, missing=("LICENSE",)),
            "error",
            "distribution-refused",
            f"{SOURCE} names licence files that it does not hold: LICENSE. PyPI answers 400 "
            '"License-File … does not exist".',
        ),
        (
            file(size=SIZE_LIMIT + 30 * 1024 * 1024),
            "warning",
            "distribution-refused",
            f"{WHEEL} has 130 MB. PyPI takes 100 MB a file, unless it raised the limit of the project.",
        ),
        (
            file(metadata=METADATA + b"Classifier: Private :: Never\n"),
            "error",
            "metadata-refused",
            f"PyPI refuses the metadata of {WHEEL}. 'Private :: Never' is not a valid classifier.",
        ),
        (
            file(metadata=METADATA.replace(b"sample-project", b"other")),
            "error",
            "metadata-refused",
            f"The metadata of {WHEEL} says the name other. PyPI refuses the file.",
        ),
        (
            file(metadata=METADATA.replace(b"1.2", b"1.3")),
            "error",
            "metadata-refused",
            f"The metadata of {WHEEL} says the version 1.3. PyPI refuses the file.",
        ),
        (
            file("sample_project-1.2-cp314-cp314-linux_x86_64.whl"),
            "error",
            "wheel-tag-refused",
            "sample_project-1.2-cp314-cp314-linux_x86_64.whl has the platform tag linux_x86_64. PyPI answers "
            '400 "unsupported platform tag".',
        ),
        (
            file("sample_project-1.2+g1-py3-none-any.whl", METADATA.replace(b"1.2", b"1.2+g1")),
            "error",
            "version-refused",
            'sample_project-1.2+g1-py3-none-any.whl has the local version 1.2+g1. PyPI answers 400 "The use '
            "of local versions in '1.2+g1' is not allowed\".",
        ),
    ],
)
def test_what_the_index_refuses(each: Distribution, severity: str, rule: str, message: str) -> None:
    seen = evidence(each)
    assert found(seen) == [(severity, rule, f"dist/{each.filename}")]
    assert messages(check(seen)) == [message]


def test_another_index_may_have_other_rules() -> None:
    each = file("sample_project-1.2-cp314-cp314-linux_x86_64.whl")
    assert found(evidence(each, index_url="https://index.example")) == [
        ("warning", "wheel-tag-refused", f"dist/{each.filename}")
    ]


def test_a_file_of_another_project() -> None:
    other = file("other-1.2-py3-none-any.whl", METADATA.replace(b"sample-project", b"other"))
    unnamed = file("other-1.2.whl", None)
    assert found(evidence(other)) == [("error", "project-name-mismatch", "dist/other-1.2-py3-none-any.whl")]
    assert found(evidence(file(), other)) == [
        ("warning", "project-name-mismatch", "dist/other-1.2-py3-none-any.whl")
    ]
    assert [rule for _, rule, _ in found(evidence(unnamed))] == ["distribution-refused"]


@pytest.mark.parametrize(
    "tag",
    [
        "v1.2",
        "1.2",
        "sample-project-1.2.0",
        "sample_project/v1.2",
        "Sample-Project==1.2",
        "release-1.2",
        "next",
        "other-9",
        "v1.2.x",
        "",
    ],
)
def test_a_tag_that_names_this_version_or_none(tag: str) -> None:
    assert found(evidence(file(), tag=tag)) == []


@pytest.mark.parametrize("tag", ["v1.3", "1.2.1", "sample-project-v2", "release/1.2rc1"])
def test_a_tag_that_names_another_version(tag: str) -> None:
    each = evidence(file(), file(SOURCE), tag=tag)
    assert found(each) == [("warning", "version-mismatch", "dist")]
    (message,) = messages(check(each))
    assert message.startswith(f"The tag {tag} names ")
    assert message.endswith(", but dist holds sample-project 1.2.")


def test_several_versions_of_one_project() -> None:
    old = file("sample_project-1.1-py3-none-any.whl", METADATA.replace(b"1.2", b"1.1"))
    each = evidence(file(), old, tag="v1.2")
    assert found(each) == [("warning", "version-mismatch", "dist")]
    assert messages(check(each)) == [
        "dist holds several versions of sample-project: 1.1, 1.2. Each would be a release."
    ]


def test_a_file_that_is_there_already() -> None:
    assert found(evidence(file(), present={})) == []
    assert found(evidence(file(), present={WHEEL: "ab" * 32})) == [
        ("notice", "version-exists", f"dist/{WHEEL}")
    ]
    for known in ("cd" * 32, ""):
        assert found(evidence(file(), present={WHEEL: known})) == [
            ("warning", "version-exists", f"dist/{WHEEL}")
        ]


def test_a_project_that_was_not_looked_up_is_not_compared() -> None:
    each = Evidence((PUBLISHER,), index.parse("pypi"), built=Built(Folder((file(),)), "dist"))
    assert found(each) == []
    assert each.built is not None
    assert each.built.names == {"sample-project"}
    assert file().named.version == Version("1.2")
