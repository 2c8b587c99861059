from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.preflight import fixes as fix
from pypi_setup.preflight import preflight
from pypi_setup.preflight.evidence import Evidence
from pypi_setup.preflight.fixes import Repair, Repairs, repairs, write
from pypi_setup.preflight.workflow import loading as workflow
from pypi_setup.values import index as indexes
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.publisher import Publisher

if TYPE_CHECKING:
    from pathlib import Path

    from pypi_setup.preflight.workflow.loading import Job, Workflow

FILE = ".github/workflows/release.yml"


class Held:
    """Files in memory."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents

    def read(self, path: str) -> bytes | None:
        return self.contents.get(path)

    def names(self, folder: str) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self.contents if path.rpartition("/")[0] == folder)


def evidence_of(data: bytes, environment: str = "pypi") -> Evidence:
    publisher = Publisher("sample", "octo-org", "sample", "release.yml", environment)
    return Evidence((publisher,), indexes.parse("pypi"), Held({FILE: data}))


def found(rule: str, line: int, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule, severity, f"{rule}.", "", FILE, line)


def of_job(job: Job, loaded: Workflow, environment: str) -> list[Finding]:
    findings = []
    permissions = workflow.effective(job, loaded)
    line = permissions.line if permissions else job.line
    if permissions is None or permissions.level("id-token") != "write":
        findings.append(found("caller-permissions" if job.uses else "id-token-missing", line))
    if not job.uses and (job.environment is None or job.environment.name.text != environment):
        line = job.environment.name.line if job.environment else job.line
        findings.append(found("environment-mismatch", line))
    for step in job.steps:
        for name in ("password", "TWINE_PASSWORD"):
            value = step.inputs.get(name) or step.env.get(name) or job.env.get(name) or loaded.env.get(name)
            if value:
                findings.append(found("api-token-used", value.line))
    return findings


def check(evidence: Evidence) -> list[Finding]:
    """The job `publish` needs id-token, the publisher's environment, and no password."""
    assert evidence.workflow is not None
    loaded = evidence.workflow
    findings = [found("workflow-invalid", problem.line) for problem in loaded.problems]
    job = loaded.jobs.get("publish")
    return findings + (of_job(job, loaded, evidence.publisher.environment) if job else [])


def repaired(text: str, environment: str = "pypi") -> tuple[str, Repairs]:
    data = text.encode()
    result = repairs(evidence_of(data, environment), check)
    return (result.files[0].after if result.files else data).decode(), result


CALLED = "./.github/workflows/x.yml"
HEAD = "on: push\njobs:\n"
STEPS = "    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
GOOD = f"""\
{HEAD}  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
{STEPS}"""


def test_a_file_without_findings_stays() -> None:
    assert repaired(GOOD) == (GOOD, Repairs())


def test_without_files_nothing_is_edited() -> None:
    evidence = Evidence(evidence_of(b"").publishers, indexes.parse("pypi"))
    assert repairs(evidence, check) == Repairs()


def job(text: str, before: str = "on: push\n", after: str = "") -> str:
    return f"{before}jobs:\n  publish: # the job\n    runs-on: ubuntu-latest  # where\n{text}{STEPS}{after}"


PYPI = "    environment: pypi\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            job(PYPI),
            job("    permissions:\n      contents: read\n      id-token: write\n" + PYPI),
            id="no block at all",
        ),
        pytest.param(
            job(PYPI, "on: push\npermissions:\n  contents: write # to tag\n  packages: read\n"),
            job(
                "    permissions:\n      contents: write\n      packages: read\n      id-token: write\n"
                + PYPI,
                "on: push\npermissions:\n  contents: write # to tag\n  packages: read\n",
            ),
            id="the workflow's block is inherited",
        ),
        pytest.param(
            job(PYPI, "on: push\npermissions: {}\n"),
            job("    permissions:\n      id-token: write\n" + PYPI, "on: push\npermissions: {}\n"),
            id="an empty block of the workflow",
        ),
        pytest.param(
            job(PYPI, "on: push\npermissions: read-all\n"),
            job(
                "    permissions:\n      contents: read\n      id-token: write\n" + PYPI,
                "on: push\npermissions: read-all\n",
            ),
            id="read-all",
        ),
        pytest.param(
            job(PYPI + "    permissions:\n        contents: read   # c\n        # end\n\n"),
            job(
                PYPI + "    permissions:\n        contents: read   # c\n        id-token: write\n"
                "        # end\n\n"
            ),
            id="a block of the job",
        ),
        pytest.param(
            job(PYPI + "    permissions: {contents: read}\n"),
            job(PYPI + "    permissions: {contents: read, id-token: write}\n"),
            id="a block in braces",
        ),
        pytest.param(
            job(PYPI + "    permissions: {}\n"),
            job(PYPI + "    permissions: {id-token: write}\n"),
            id="empty braces",
        ),
        pytest.param(
            job(PYPI + "    permissions: { contents: read, }\n"),
            job(PYPI + "    permissions: { contents: read, id-token: write }\n"),
            id="braces with a comma at the end",
        ),
        pytest.param(
            job(PYPI + "    permissions:\n      id-token: none # why\n"),
            job(PYPI + "    permissions:\n      id-token: write # why\n"),
            id="none",
        ),
        pytest.param(
            job(PYPI + '    permissions:\n      "id-token": "read"\n'),
            job(PYPI + '    permissions:\n      "id-token": "write"\n'),
            id="read in quotes",
        ),
        pytest.param(
            job(PYPI + "    permissions:\n      id_token: write\n"),
            job(PYPI + "    permissions:\n      id-token: write\n"),
            id="an underscore",
        ),
        pytest.param(
            job(PYPI, "on: push\npermissions:\n  id_token: write\n"),
            job(PYPI, "on: push\npermissions:\n  id-token: write\n"),
            id="an underscore in the workflow's block",
        ),
        pytest.param(
            f"{HEAD}  publish:\n    uses: {CALLED}\n    permissions:\n      contents: read\n",
            f"{HEAD}  publish:\n    uses: {CALLED}\n    permissions:\n      contents: read\n"
            "      id-token: write\n",
            id="a caller",
        ),
        pytest.param(
            f"on: push\npermissions:\n  contents: read\njobs:\n  publish:\n    uses: {CALLED}",
            "on: push\npermissions:\n  contents: read\njobs:\n  publish:\n    permissions:\n"
            f"      contents: read\n      id-token: write\n    uses: {CALLED}",
            id="a caller without a block",
        ),
        pytest.param(
            f"{HEAD}  publish:\n    environment: pypi\n{STEPS}    runs-on: x",
            f"{HEAD}  publish:\n    environment: pypi\n{STEPS}    runs-on: x\n    permissions:\n"
            "      contents: read\n      id-token: write",
            id="the last line has no end",
        ),
        pytest.param(
            f"{HEAD}  publish:\n    environment: pypi\n    runs-on:\n      group: x\n{STEPS}",
            f"{HEAD}  publish:\n    permissions:\n      contents: read\n      id-token: write\n"
            f"    environment: pypi\n    runs-on:\n      group: x\n{STEPS}",
            id="runs-on of several lines",
        ),
    ],
)
def test_id_token_is_granted(before: str, after: str) -> None:
    text, result = repaired(before)
    assert text == after
    assert result.left == ()


WRITE = "    permissions:\n      id-token: write\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (WRITE, PYPI + WRITE),
        (WRITE + "    environment: release # old\n", WRITE + "    environment: pypi # old\n"),
        (WRITE + "    environment: 'release'\n", WRITE + "    environment: 'pypi'\n"),
        (
            WRITE + '    environment:\n      name: "release"\n      url: https://pypi.org\n',
            WRITE + '    environment:\n      name: "pypi"\n      url: https://pypi.org\n',
        ),
        (WRITE + "    environment: {name: release}\n", WRITE + "    environment: {name: pypi}\n"),
        (WRITE + "    environment:\n", WRITE + "    environment: pypi\n"),
    ],
)
def test_the_environment_is_written(before: str, after: str) -> None:
    text, result = repaired(job(before))
    assert text == job(after)
    assert len(result.made) >= 1


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        ("on", "'on'"),
        ("a: b", "'a: b'"),
        ("# x", "'# x'"),
        ("*x", "'*x'"),
        ("1.0", "'1.0'"),
        ("Größe/1", "'Größe/1'"),
        ("rel-1.0/x", "rel-1.0/x"),
    ],
)
def test_a_name_that_yaml_would_read_otherwise_is_quoted(environment: str, written: str) -> None:
    text, _ = repaired(job(WRITE), environment)
    assert text == job(f"    environment: {written}\n" + WRITE)


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    before = "\ufeff" + job(PYPI).replace("\n", "\r\n")
    text, _ = repaired(before)
    expected = job("    permissions:\n      contents: read\n      id-token: write\n" + PYPI)
    assert text == "\ufeff" + expected.replace("\n", "\r\n")


WITH = STEPS + "        with:\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"{WITH}          user: __token__\n          password: ${{{{ secrets.T }}}} # old\n",
            STEPS,
        ),
        (
            f"{WITH}          # keep\n          user: __token__\n          verbose: true\n"
            "          password: ${{ secrets.T }}\n          # also\n",
            f"{WITH}          # keep\n          verbose: true\n          # also\n",
        ),
        (
            "    steps:\n      - run: twine upload dist/*\n        env:\n          A: b\n"
            "          TWINE_PASSWORD: ${{ secrets.T }}\n",
            "    steps:\n      - run: twine upload dist/*\n        env:\n          A: b\n",
        ),
        (
            "    steps:\n      - run: twine upload dist/*\n        env:\n"
            "          TWINE_USERNAME: ${{ secrets.U }}\n          TWINE_PASSWORD: ${{ secrets.T }}\n",
            "    steps:\n      - run: twine upload dist/*\n",
        ),
        (
            "    steps:\n      - env:\n          TWINE_USERNAME: ${{ secrets.U }}\n"
            "          TWINE_PASSWORD: ${{ secrets.T }}\n        run: twine upload dist/*\n",
            "    steps:\n      - run: twine upload dist/*\n",
        ),
        (
            "    env:\n      TWINE_PASSWORD: ${{ secrets.T }}\n"
            "    steps:\n      - run: twine upload dist/*\n",
            "    steps:\n      - run: twine upload dist/*\n",
        ),
    ],
)
def test_a_credential_is_dropped(before: str, after: str) -> None:
    head = f"{HEAD}  publish:\n    runs-on: x\n{PYPI}{WRITE}"
    text, result = repaired(head + before)
    assert text == head + after
    assert [finding.rule for finding in result.made] == ["api-token-used"]


def test_a_credential_is_dropped_that_stands_first_in_its_job() -> None:
    tail = f"    runs-on: x\n{PYPI}{WRITE}    steps:\n      - run: twine upload dist/*\n"
    text, _ = repaired(f"{HEAD}  publish:\n    env:\n      TWINE_PASSWORD: x\n{tail}")
    assert text == f"{HEAD}  publish:\n{tail}"


def test_keys_of_a_job_that_stand_in_a_step_are_moved_to_it() -> None:
    head = f"{HEAD}  other:\n    uses: {CALLED}\n  publish:\n    runs-on: x\n"
    step = "    steps:\n      - run: twine upload dist/*\n"
    misplaced = "        environment: pypi\n        permissions:\n          id-token: write\n"
    text, result = repaired(head + step + misplaced)
    assert text == f"{head}    permissions:\n      id-token: write\n    environment: pypi\n{step}"
    assert result.left == ()


def test_a_key_that_the_job_has_already_stays_in_the_step() -> None:
    head = f"{HEAD}  publish:\n    runs-on: x\n    environment: pypi\n{WRITE}"
    before = f"{head}    steps:\n      - run: twine upload dist/*\n        environment: pypi\n"
    text, result = repaired(before)
    assert text == before
    assert [left.why for left in result.left] == ["there is no one edit for it"]


def test_all_findings_of_a_file_are_repaired_together() -> None:
    text, result = repaired(job("", after="        with:\n          password: x\n"))
    assert text == job(PYPI + "    permissions:\n      contents: read\n      id-token: write\n")
    assert [finding.rule for finding in result.made] == [
        "id-token-missing",
        "environment-mismatch",
        "api-token-used",
    ]
    assert result.left == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            job(PYPI, after="      - run: gh release create\n"),
            "the job uses GitHub's token, and a block takes from it all that the block does not name",
            id="the job needs more",
        ),
        pytest.param(
            job(PYPI + "    permissions: read-all\n"),
            "the job's permissions are one word: write those it needs, and id-token: write",
            id="one word",
        ),
        pytest.param(
            job(PYPI + "    permissions: &p\n      contents: read\n"),
            "an anchor or a tag stands there",
            id="an anchor",
        ),
        pytest.param(
            f"{HEAD}  build:\n    runs-on: x\n    permissions: &p\n      contents: read\n"
            f"    steps: []\n  publish:\n    runs-on: x\n{PYPI}    permissions: *p\n{STEPS}",
            "an anchor or a tag stands there",
            id="an alias",
        ),
        pytest.param(
            f"{HEAD}  publish: {{runs-on: x, environment: pypi, steps: []}}\n",
            "the job is written in braces",
            id="a job in braces",
        ),
        pytest.param(
            job(WRITE + "    environment: ${{ inputs.environment }}\n"),
            "the value is no plain text",
            id="an expression",
        ),
        pytest.param(
            job(WRITE + "    environment: &e release\n"),
            "an anchor or a tag stands there",
            id="an anchored environment",
        ),
        pytest.param(
            job(WRITE + "    environment: {url: x}\n"),
            "the value is no plain text",
            id="an environment without a name",
        ),
        pytest.param(
            f"{HEAD}  publish: {{permissions: {{id-token: write}}, steps: []}}\n",
            "the job is written in braces",
            id="environment of a job in braces",
        ),
        pytest.param(
            job(PYPI + WRITE, after="        with: {password: x, verbose: true}\n"),
            "the values are written in braces",
            id="inputs in braces",
        ),
        pytest.param(
            job(PYPI + WRITE, after="        with:\n          password: |\n            x\n          a: b\n"),
            "the value is a block of several lines",
            id="a block of text",
        ),
        pytest.param(
            job(PYPI + WRITE, after="        with:\n          password: &p x\n          a: b\n"),
            "an anchor or a tag stands there",
            id="an anchored password",
        ),
        pytest.param(
            job(PYPI + WRITE, "on: push\nenv:\n  TWINE_PASSWORD: x\n", "  other:\n    runs-on: x\n"),
            "no job stands at this line",
            id="the workflow's environment",
        ),
        pytest.param(
            f"{HEAD}  publish:\n    runs-on: x\n{PYPI}{WRITE}    steps:\n"
            "    - env: x\n    - ? env\n      : TWINE_PASSWORD: x\n",
            "something else stands on the same line",
            id="not alone on its line",
        ),
    ],
)
def test_what_has_no_one_safe_edit_is_left_alone(text: str, why: str) -> None:
    after, result = repaired(text)
    assert after == text
    assert why in [left.why for left in result.left]


REAL = f"{HEAD}  test:\n    runs-on: x\n    steps: []\n"


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        pytest.param(
            f"on: release\npermissions:\n  contents: read\n{REAL.partition(chr(10))[2]}"
            f"  publish:\n    runs-on: x\n{PYPI}{STEPS}",
            f"on: release\npermissions:\n  contents: read\n{REAL.partition(chr(10))[2]}"
            "  publish:\n    runs-on: x\n    permissions:\n      contents: read\n      id-token: write\n"
            f"{PYPI}{STEPS}",
            ["id-token-missing"],
            id="the block of the workflow, and several jobs",
        ),
        pytest.param(
            job("    permissions:\n      id_token: write\n", "on: release\n", WITH.removeprefix(STEPS))
            + "          password: ${{ secrets.TOKEN }}\n",
            job("    environment: pypi\n    permissions:\n      id-token: write\n", "on: release\n"),
            ["api-token-used", "environment-mismatch", "id-token-missing", "workflow-invalid"],
            id="several errors",
        ),
    ],
)
def test_what_the_real_check_finds_is_repaired(before: str, after: str, rules: list[str]) -> None:
    result = repairs(evidence_of(before.encode()), preflight.check)
    assert [repair.after.decode() for repair in result.files] == [after]
    assert sorted({finding.rule for finding in result.made}) == rules
    assert result.left == ()


CALLEE = "on: workflow_call\njobs:\n  publish:\n    runs-on: x\n" + PYPI + WRITE + STEPS


@pytest.mark.parametrize(
    ("block", "repaired_block", "why"),
    [
        (
            "permissions:\n  contents: read\n",
            "    permissions:\n      contents: read\n      id-token: write\n",
            [],
        ),
        ("", "", ["a block takes from the called workflow all that the block does not name"]),
    ],
)
def test_the_caller_of_the_registered_workflow(block: str, repaired_block: str, why: list[str]) -> None:
    caller = f"on: release\n{block}jobs:\n  a:\n    runs-on: x\n    steps: []\n  b:\n"
    uses = "    uses: ./.github/workflows/release.yml\n"
    held = Held({FILE: CALLEE.encode(), ".github/workflows/cd.yml": (caller + uses).encode()})
    evidence = dataclasses.replace(evidence_of(b""), files=held)

    def of_callers(evidence: Evidence) -> list[Finding]:
        return [each for each in preflight.check(evidence) if each.rule == "caller-permissions"]

    result = repairs(evidence, of_callers)
    assert [repair.after.decode() for repair in result.files] == (
        [caller + repaired_block + uses] if repaired_block else []
    )
    assert [left.why for left in result.left] == why


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (
            "      - uses: JRubics/poetry-publish@v2\n        with:\n"
            "          pypi_token: ${{ secrets.T }}\n",
            "without it the tool cannot upload at all: it does no Trusted Publishing",
        ),
        (
            "      - run: |\n          twine upload dist/*\n          twine upload -r testpypi dist/*\n"
            "        env:\n          TWINE_PASSWORD: ${{ secrets.T }}\n",
            "an upload to another index uses it, too",
        ),
    ],
)
def test_a_credential_that_is_needed_stays(steps: str, why: str) -> None:
    text = f"on: release\njobs:\n  publish:\n    runs-on: x\n{PYPI}{WRITE}    steps:\n{steps}"
    result = repairs(evidence_of(text.encode()), preflight.check)
    assert result.files == ()
    assert [left.why for left in result.left][-1] == why


def alone(data: bytes, finding: Finding) -> list[str]:
    """Return why a finding on these bytes is left alone."""
    result = repairs(evidence_of(data), lambda _evidence: [finding])
    assert result.files == ()
    return [left.why for left in result.left]


def test_files_that_cannot_be_edited() -> None:
    finding = found("id-token-missing", 1)
    assert alone(b"\xff", finding) == ["the file is not UTF-8"]
    assert alone(b"a: [", finding)[0].startswith("Not YAML")
    assert alone(b"on: push\rjobs: x\r", finding) == ["the file has line ends that are neither LF nor CRLF"]
    assert alone(b"", finding) == ["no job stands at this line"]
    assert alone(b"x: y", found("workflow-invalid", 1)) == ["there is no one edit for it"]
    assert alone(b"x: y", finding._replace(line=None)) == ["it names no line"]
    assert alone(b"x: y", finding._replace(file="other.yml")) == ["the file cannot be read"]


def test_which_job_must_be_clear() -> None:
    two = f"permissions: {{}}\n{HEAD}  a:\n    runs-on: x\n  b:\n    runs-on: x\n".encode()
    assert alone(two, found("id-token-missing", 1)) == ["no job stands at this line"]


def test_a_problem_without_an_edit() -> None:
    text = job(PYPI + "    permissions:\n      id-token: write\n      content: read\n")
    assert repaired(text)[0] == text


def test_only_the_job_that_lacks_it_is_granted() -> None:
    text = (
        "on: release\npermissions: {}\njobs:\n"
        f"  one:\n    runs-on: x\n{PYPI}{WRITE}{STEPS}  two:\n    runs-on: x\n{PYPI}"
    )
    result = repairs(evidence_of((text + STEPS).encode()), preflight.check)
    before, after = f"    runs-on: x\n{PYPI}", f"    runs-on: x\n{WRITE}{PYPI}"
    assert [repair.after.decode() for repair in result.files] == [text.removesuffix(before) + after + STEPS]


def test_a_call_has_no_steps_to_drop_a_credential_from() -> None:
    text = f"{HEAD}  publish:\n    uses: {CALLED}\n".encode()
    assert alone(text, found("api-token-used", 4)) == [
        "the credential stands in another place than the step, the job or its command"
    ]


def test_the_caller_of_a_workflow_gets_no_environment() -> None:
    text = f"{HEAD}  publish:\n    uses: ./.github/workflows/x.yml\n".encode()
    assert alone(text, found("environment-mismatch", 3)) == [
        "a job that calls a workflow can have no environment"
    ]


def test_an_edit_that_does_not_settle_its_finding_is_dropped() -> None:
    assert alone(job(PYPI).encode(), found("id-token-missing", 3)) == ["the edit would not settle it"]


def test_an_edit_that_brings_another_finding_is_dropped() -> None:
    def picky(evidence: Evidence) -> list[Finding]:
        found_now = check(evidence)
        return found_now or [found("environment-policy", 3, Severity.WARNING)]

    result = repairs(evidence_of(job(PYPI).encode()), picky)
    assert result.files == ()
    assert [left.why for left in result.left] == ["the edit would lead to environment-policy"]


def test_a_notice_is_not_repaired_and_a_new_one_is_no_harm() -> None:
    def chatty(evidence: Evidence) -> list[Finding]:
        return check(evidence) or [found("build-with-id-token", 3, Severity.NOTICE)]

    assert len(repairs(evidence_of(job(PYPI).encode()), chatty).files) == 1
    notice = found("id-token-missing", 3, Severity.NOTICE)
    assert repairs(evidence_of(job(PYPI).encode()), lambda _evidence: [notice]) == Repairs()


def test_the_number_of_edits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fix, "EDITS_LIMIT", 1)
    _, result = repaired(job(""))
    assert len(result.made) == 1


def test_names_of_the_folder_are_still_to_be_had() -> None:
    seen: list[list[str]] = []

    def curious(evidence: Evidence) -> list[Finding]:
        assert evidence.files is not None
        seen.append(evidence.files.names(".github/workflows"))
        return check(evidence)

    repairs(evidence_of(job(PYPI).encode()), curious)
    assert seen == [["release.yml"], ["release.yml"]]


def test_the_diff() -> None:
    repair = Repair("a/b.yml", b"one\ntwo\nthree", b"one\r\ntwo\nthree\nfour")
    assert repair.diff == (
        "--- a/a/b.yml\n+++ b/a/b.yml\n@@ -1,3 +1,4 @@\n-one\n+one\r\n two\n-three\n"
        "\\ No newline at end of file\n+three\n+four\n\\ No newline at end of file\n"
    )


def test_a_repair_is_written(tmp_path: Path) -> None:
    place = tmp_path / FILE
    place.parent.mkdir(parents=True)
    place.write_bytes(b"old")
    place.chmod(0o640)
    assert write(Repair(FILE, b"old", b"new"), tmp_path) == ""
    assert place.read_bytes() == b"new"
    assert place.stat().st_mode & 0o777 == 0o640
    assert os.listdir(place.parent) == ["release.yml"]


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"newer")
    (tmp_path / "folder").mkdir()
    assert write(Repair("a", b"old", b"new"), tmp_path) == "a has changed in the meantime"
    assert write(Repair("folder", b"old", b"new"), tmp_path) == "folder has changed in the meantime"
    assert write(Repair("none", b"old", b"new"), tmp_path) == "none has changed in the meantime"
    assert (tmp_path / "a").read_bytes() == b"newer"


def test_nothing_is_written_through_a_link_or_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_bytes(b"old")
    (root / "link").symlink_to(outside / "a")
    (root / "folder").symlink_to(outside)
    for path in ("link", "folder/a", "../outside/a", str(outside / "a"), "."):
        assert write(Repair(path, b"old", b"new"), root) == (
            f"{path} is behind a symbolic link or outside of the checkout"
        )
    assert (outside / "a").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    import resource

    (tmp_path / "a").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        problem = write(Repair("a", b"old", b"n" * 10_000), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert problem == "a could not be written: File too large"
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"old")]


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(shutil, "copymode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(Repair("a", b"old", b"new"), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "replace", refuse)
    assert write(Repair("a", b"old", b"new"), tmp_path) == "a could not be written: Permission denied"
    assert os.listdir(tmp_path) == ["a"]
    assert write(Repair("a\0", b"old", b"new"), tmp_path) == "a\0 could not be written: no such path"


LINES = st.sampled_from(
    [
        "on: push",
        "jobs:",
        "  publish:",
        "  build: &b",
        "    runs-on: ubuntu-latest",
        "    permissions:",
        "      contents: read",
        "    permissions: {}",
        "    permissions: *b",
        "      id_token: write",
        "      id-token: read",
        "permissions: read-all",
        "permissions:",
        "    environment: x",
        "    environment:",
        "      name: 'y'",
        "    steps:",
        "      - uses: pypa/gh-action-pypi-publish@v1",
        "        with: {password: x}",
        "        with:",
        "          password: >-",
        "          user: x",
        "# comment",
        "",
        "\t",
        "?",
        "- x",
    ]
)


@given(
    lines=st.lists(LINES, max_size=20),
    rule=st.sampled_from(sorted(fix._EDITS)),
    line=st.integers(1, 25),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_file_is_edited_or_left_alone(lines: list[str], rule: str, line: int, end: str) -> None:
    """Whatever stands in the file: an edit adds or changes lines near one place, and the rest stays."""
    data = end.join(lines).encode()

    def once(evidence: Evidence) -> list[Finding]:
        assert evidence.files is not None
        return [found(rule, line)] if evidence.files.read(FILE) == data else []

    result = repairs(evidence_of(data), once)
    assert len(result.files) + len(result.left) == 1
    for repair in result.files:
        kept = [text for text in repair.after.splitlines() if text in data.splitlines()]
        assert len(kept) >= len(data.splitlines()) - 5


@given(data=st.binary(max_size=200), line=st.integers(1, 5))
def test_any_bytes_are_edited_or_left_alone(data: bytes, line: int) -> None:
    for rule in fix._EDITS:
        finding = found(rule, line)
        assert len(alone(data, finding)) == 1
