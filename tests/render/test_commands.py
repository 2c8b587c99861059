from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pypi_setup.render import commands
from pypi_setup.values import report as reports
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Problem, Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from tests.conftest import Runner

    from pypi_setup.values.report import Report

INDEX = Index("https://pypi.example.org")
PUBLISHER = Publisher("one", "octo-org", "sample-repo", "release.yml", "pypi")


def report(*findings: Finding, status: Status = Status.REGISTERED) -> Report:
    told = reports.told(status, PUBLISHER, INDEX, exists=True, holes={"http": "201", "again": "soon"})
    return told._replace(findings=findings)


@pytest.mark.parametrize(
    ("secret", "command"),
    [
        ("pypi-x", "::add-mask::pypi-x"),
        ("50%\r\n::x::", "::add-mask::50%25%0D%0A::x::"),
    ],
)
def test_mask(secret: str, command: str) -> None:
    assert commands.mask(secret) == command


def test_the_verdict_is_an_annotation() -> None:
    (line,) = commands.annotated(report())
    assert line == (
        "::notice title=pypi-setup::Registered: pypi.example.org now trusts this workflow to publish one."
        "%0ARelease as usual: git tag vX.Y.Z && git push origin vX.Y.Z. If pypi.example.org asks you by "
        "e-mail to confirm, confirm first."
        "%0Ahttps://pypi.example.org/manage/project/one/settings/publishing/?provider=github&owner=octo-org"
        "&repository=sample-repo&workflow_filename=release.yml&environment=pypi"
    )


def test_a_finding_is_an_annotation_on_its_line() -> None:
    finding = Finding("rule-name", Severity.WARNING, "50% wrong\nreally", "fix: a, b", "a,b:c.yml", 7)
    _, line = commands.annotated(report(finding))
    assert line == (
        "::warning title=pypi-setup%3A rule-name,file=a%2Cb%3Ac.yml,line=7::50%25 wrong%0Areally%0Afix: a, b"
        "%0Ahttps://github.com/pypi-setup/pypi-setup/blob/main/docs/checks.md#rule-name"
    )


@pytest.mark.parametrize(
    ("file", "line", "properties"),
    [
        (None, None, {"title": "pypi-setup: r"}),
        (None, 3, {"title": "pypi-setup: r"}),
        ("a.yml", None, {"title": "pypi-setup: r", "file": "a.yml"}),
    ],
)
def test_a_finding_about_no_line(
    runner: Runner, file: str | None, line: int | None, properties: dict[str, str]
) -> None:
    finding = Finding("r", Severity.NOTICE, "message", "fix", file, line)
    (command,) = runner.commands(list(commands.annotated(report(finding)))[1])
    assert command.properties == properties


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (Status.REGISTERED, {"notice": 10, "warning": 10, "error": 10}),
        (Status.RATE_LIMITED, {"notice": 10, "warning": 10, "error": 10}),
    ],
)
def test_at_most_ten_annotations_of_a_kind(runner: Runner, status: Status, counts: dict[str, int]) -> None:
    many = [Finding(f"rule-{number}", kind, "m", "f") for kind in Severity for number in range(15)]
    found = [
        command.name
        for command in runner.commands("\n".join(commands.annotated(report(*many, status=status))))
    ]
    assert {kind: found.count(kind) for kind in counts} == counts


def test_bad_input_is_told_in_the_annotation() -> None:
    problems = (Problem("owner", "a\x1bb", "Invalid", "write it"), Problem("repo", "", "Specify", "give it"))
    (line,) = commands.annotated(reports.refused(problems, INDEX))
    assert line.startswith(
        "::error title=pypi-setup::Bad input, nothing was sent. 2 rules are broken: owner, repo."
        "%0Aowner: 'a\\\\x1bb': Invalid. Fix: write it%0Arepo: '': Specify. Fix: give it%0A"
    )


def test_outputs_have_delimiters_that_nobody_can_guess() -> None:
    text = commands.outputs({"a": "1", "b": "two\nlines"})
    match = re.fullmatch(
        r"a<<(ghadelimiter_[0-9a-f]{32})\n1\n\1\nb<<(ghadelimiter_[0-9a-f]{32})\ntwo\nlines\n\2\n", text
    )
    assert match is not None
    assert match[1] != match[2]


def test_quiet_text_stands_between_the_stop_and_its_word() -> None:
    text = commands.quiet("::error::x\n##[error]y\n\n")
    match = re.fullmatch(r"::stop-commands::([0-9a-f]{32})\n::error::x\n## \[error\]y\n::\1::\n", text)
    assert match is not None
    assert commands.quiet("x") != commands.quiet("x")


def test_a_secret_is_hidden_as_given_and_trimmed() -> None:
    assert commands.masks("abc\n") == ["::add-mask::abc%0A", "::add-mask::abc"]
    assert commands.masks("abc") == ["::add-mask::abc"]
    assert commands.masks(" \n") == commands.masks("") == []
