"""Rules on the files that are uploaded: whether what was built reaches the folder that the tool reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import artifacts
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.artifacts import Sent, Taken
    from pypi_setup.preflight.publishing.publications import Publication

_SHOWN_LIMIT = 3
_DOWNLOAD = "      - uses: actions/download-artifact@v8\n        with:\n"


def artifact_hand_over(evidence: Evidence) -> Iterator[Finding]:
    """Find distributions that do not reach the folder that is uploaded."""
    for each in evidence.publications:
        if not each.situation.event or each.in_action:
            continue
        every = artifacts.sent(evidence.run_of(each))
        yield from _conflicts(evidence, each, every)
        folder = each.upload.folder
        if folder is None or not each.upload.tool.folder_inputs:
            continue
        folder = "" if folder == "." else folder
        complete = not evidence.unread(each)
        got = artifacts.taken(each.situation, each.upload.step, every, complete=complete)
        yield from _unfit(each, folder, got, every)
        if got.readable:
            yield from _elsewhere(evidence, each, folder, got)


def _conflicts(evidence: Evidence, each: Publication, every: tuple[Sent, ...]) -> Iterator[Finding]:
    behind = {(workflow.file, job.id) for workflow, job in evidence.behind(each)}
    for one, other in artifacts.conflicts(every):
        places = {(sent.situation.file, sent.situation.job.id) for sent in (one, other)}
        if not places <= behind:
            continue
        name = one_line(one.name or "", 80)
        who = (
            f"The legs of the job '{one.situation.name}' each send"
            if len(places) == 1 and one.step is other.step
            else f"'{one.situation.name}' and '{other.situation.name}' both send"
        )
        message = (
            f"{who} an artifact called '{name}'. GitHub refuses the second: \"(409) Conflict: an artifact "
            'with this name already exists on the workflow run".'
        )
        fix = (
            "Give each its own name, and get them together:\n        with:\n          name: "
            f"dist-{one_line(other.situation.job.id, 40)}-${{{{ strategy.job-index }}}}\n...\n{_DOWNLOAD}"
            "          pattern: dist-*\n          merge-multiple: true\n          path: dist/"
        )
        place = other.situation.file, other.step.line
        yield Finding("artifact-hand-over", Severity.ERROR, message, fix, *place)


def _unfit(each: Publication, folder: str, got: Taken, every: tuple[Sent, ...]) -> Iterator[Finding]:
    found = [(name, each.file, line) for name, place, line in got.unfit if place == folder]
    landed = {one.artifact for one in got.landed if one.folder == folder}
    found += [
        (one.unfit, one.situation.file, one.step.line) for one in every if one.unfit and one.name in landed
    ]
    for name, file, line in found[:1]:
        message = (
            f"{one_line(name, 100)} leaves .sigstore.json files beside the distributions. The upload stops: "
            '"InvalidDistribution: Unknown distribution format: '
            "'….sigstore.json'\"."
        )
        fix = "Leave the step out (pypa/gh-action-pypi-publish attests by itself), or sign in another folder."
        yield Finding("artifact-hand-over", Severity.ERROR, message, fix, file, line)


def _elsewhere(evidence: Evidence, each: Publication, folder: str, got: Taken) -> Iterator[Finding]:
    for name, line in got.missing:
        message = (
            f"No job of this run sends an artifact called '{one_line(name, 80)}'. The download stops: "
            f"\"Artifact not found\", or '{folder or '.'}/' stays empty."
        )
        fix = "Name the artifact that the build sends."
        yield Finding("artifact-hand-over", Severity.ERROR, message, fix, each.file, line)
    if got.missing or not got.landed or any(one.folder == folder for one in got.landed):
        return
    if evidence.files is not None and evidence.files.names(folder):
        return  # There are files in the repository itself.
    places = dict.fromkeys(one.folder or "the workspace's root" for one in got.landed)
    shown = ", ".join(one_line(place, 60) for place in list(places)[:_SHOWN_LIMIT])
    where = one_line(folder or ".", 60)
    within = all(one.folder.startswith(f"{folder}/") for one in got.landed)
    message = (
        f"The files land in {shown}, but '{each.name}' uploads {where}/. It "
        'will stop with "It looks like there are no Python distribution packages to publish in the '
        f"directory '{where}/'\"."
    )
    merge = "          merge-multiple: true\n" if got.nested else ""
    fix = f"{_DOWNLOAD}{merge}          path: {where}/"
    if within and not got.nested:
        fix = "Send the folder itself:\n          path: dist/"
    yield Finding("artifact-hand-over", Severity.ERROR, message, fix, each.file, got.landed[0].line)
