"""Rules on what will be released: whether the index takes its version, its wheels and its metadata."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import releases
from pypi_setup.preflight.rules.job import builds, commands_of
from pypi_setup.preflight.syntax.unknowns import Partial
from pypi_setup.preflight.workflow.situations import kind_of_ref
from pypi_setup.values import metadata
from pypi_setup.values.finding import Finding, Severity
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.preflight.evidence import Evidence
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.syntax.shell import Command
    from pypi_setup.preflight.workflow.loading import Job, Step, Workflow
    from pypi_setup.sources.builds import Build

_BUILDING = frozenset({"hynek/build-and-inspect-python-package", "pypa/cibuildwheel", "pyo3/maturin-action"})
_HAVE_TAG = defaultdict(lambda: {"push", "release"}, {"setuptools-scm": {"push"}})
"""The events on whose tag a shallow checkout gives the version all the same.

It has the tag that started the run. On releases, people report setuptools-scm without it, and only that.
"""

_FETCHES = re.compile(r"\bgit\s+fetch\b|\bgit\s+pull\b|unshallow")
_GIVES_VERSION = re.compile(r"PRETEND_VERSION|_BYPASS\b|PDM_BUILD_SCM_VERSION|PBR_VERSION")
"""Variables that give a version in the place of git's tags."""

_SENDING = frozenset({"hynek/build-and-inspect-python-package", "actions/upload-artifact"})
_REPAIRS = re.compile(r"auditwheel|cibuildwheel|repairwheel|manylinux|musllinux")
_LOOKS_AT_TAG = re.compile(r"github\.(?:ref|event\.release|head_ref)|GITHUB_REF|needs\.|steps\.|inputs\.")
_SKIPS = re.compile(r"--skip-existing|--check-url|UV_PUBLISH_CHECK_URL")
_WHEELS = {"build", "pyproject-build", "uv", "poetry", "hatch", "pdm"}
_SDIST_ONLY = re.compile(r"(?:^| )(?:--sdist|-s|sdist|-f sdist|--format sdist|-t sdist|--no-wheel)(?: |$)")


def version_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find versions from git's tags that are made where git has no tags."""
    build = next((one for one in evidence.builds.values() if one.from_tags and not one.drops_local), None)
    if build is None:
        return
    for each in evidence.publications:
        if (
            kind_of_ref(each.situation.contexts) == "tag"
            and each.situation.event in _HAVE_TAG[build.from_tags]
        ):
            continue
        placed = each.situation.placed
        builds_itself = any(_makes(step, placed.job, placed.workflow) for step in placed.job.steps)
        for workflow, job in evidence.behind(each):
            if builds_itself and job is not each.job and not _hands_over(job):
                continue  # It builds for its tests.
            checkout = _shallow(workflow, job)
            if checkout is not None and checkout.uses is not None:
                message = (
                    f"{build.from_tags} takes the version from git's tags, and '{one_line(job.id, 80)}' "
                    "checks out without them. PyPI refuses a version such as 0.1.dev1+g1234567: "
                    "\"The use of local versions in '…' is not allowed\"."
                )
                uses = one_line(checkout.uses.text, 120)
                fix = f"      - uses: {uses}\n        with:\n          fetch-depth: 0"
                place = workflow.file, checkout.uses.line
                yield Finding("version-refused", Severity.WARNING, message, fix, *place)


def _hands_over(job: Job) -> bool:
    """Tell whether a job sends an artifact."""
    actions = {releases.split(step.uses.text)[0] for step in job.steps if step.uses}
    return not actions.isdisjoint(_SENDING)


def _shallow(workflow: Workflow, job: Job) -> Step | None:
    """Return the checkout of a job that builds without git's history; None where there is none."""
    checkout = None
    built = False
    if any(map(_GIVES_VERSION.search, (*workflow.env.entries, *job.env.entries))):
        return None
    for step in job.steps:
        action, _ = releases.split(step.uses.text) if step.uses else ("", "")
        depth = step.inputs.get("fetch-depth")
        if action == "actions/checkout" and step.inputs.get("repository") is None:
            tags = step.inputs.get("fetch-tags")
            deep = (depth is not None and depth.text != "1") or (tags is not None and tags.text != "false")
            checkout = None if deep or step.inputs.expression is not None else step
        script = step.run.text if step.run else ""
        if _FETCHES.search(script) or any(map(_GIVES_VERSION.search, (script, *step.env.entries))):
            return None
        built = built or _makes(step, job, workflow)
    return checkout if built else None


def _makes(step: Step, job: Job, workflow: Workflow) -> bool:
    """Tell whether a step builds distributions."""
    action, _ = releases.split(step.uses.text) if step.uses else ("", "")
    return action in _BUILDING or any(builds(one) for one in commands_of(step, job, workflow))


def version_exists(evidence: Evidence) -> Iterator[Finding]:
    """Find versions that the index has already, and packages that every release uploads again."""
    for name, build in evidence.builds.items():
        project = evidence.projects.get(name)
        there = project.present if project else {}
        file = next((file for file in build.files_of(name) if file in there), None)
        if file is not None and not all(_skips(each) for each in evidence.publications):
            message = (
                f"{evidence.index.label} has {one_line(file, 120)} already, and {one_line(build.file, 80)} "
                f"still says {one_line(build.version, 40)}: the upload ends with 400 "
                '"File already exists".'
            )
            fix = "Raise the version before the release."
            place = build.file, build.version_line
            yield Finding("version-exists", Severity.WARNING, message, fix, *place, project=name)
    for each in evidence.publications:
        if _uploads_every_package(evidence, each):
            message = (
                f"Each release uploads every package of the matrix of '{each.name}'. One whose version was "
                'not raised ends with 400 "File already exists".'
            )
            fix = "Skip what is there already:\n        with:\n          skip-existing: true"
            yield Finding(
                "version-exists", Severity.WARNING, message, fix, each.upload.file, each.upload.line
            )


def _skips(each: Publication) -> bool:
    """Tell whether an upload leaves out what the index has already."""
    step = each.job.steps[each.upload.step] if not each.in_action else None
    if step is None:
        return True  # It stands elsewhere.
    given = step.inputs.get("skip-existing") or step.inputs.get("skip_existing")
    if given is not None:
        return given.text.lower() != "false"
    return bool(_SKIPS.search(step.run.text)) if step.run is not None else False


def _uploads_every_package(evidence: Evidence, each: Publication) -> bool:
    """Tell whether a job uploads several static projects, one a leg, for any release."""
    matrix = each.situation.contexts.get("matrix", {})
    if each.runs is not True or _skips(each) or not matrix or isinstance(matrix, Partial):
        return False
    condition = each.job.condition.text if each.job.condition else ""
    if _LOOKS_AT_TAG.search(condition) or each.job.matrix is None or each.job.matrix.expression is not None:
        return False
    if any(step.condition is not None for step in each.job.steps):
        return False
    values = {str(value).strip("./").rpartition("/")[2] for value in matrix.values()}
    folders = {name.file.rpartition("/")[0].rpartition("/")[2] for name in evidence.metadata.names}
    return len(folders - {""}) > 1 and bool(values & folders) and _are_static(evidence)


def _are_static(evidence: Evidence) -> bool:
    """Tell whether every project of the repository has its version in a file."""
    return all(build.version for build in evidence.every_build)


def wheel_tag_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find wheels of extension modules that are built on Linux without being made portable."""
    build = next((one for one in evidence.builds.values() if one.extension), None)
    if build is None:
        return
    for each in evidence.publications:
        for workflow, job in evidence.behind(each):
            command = _plain(workflow, job)
            if command is not None:
                step, name = command
                message = (
                    f"{build.extension}, and '{name}' in '{one_line(job.id, 80)}' builds a wheel for "
                    'linux_x86_64. PyPI answers "unsupported platform tag".'
                )
                fix = (
                    "Build the wheels with pypa/cibuildwheel, or upload the source distribution only:\n"
                    "      - run: python -m build --sdist"
                )
                line = step.run.line if step.run else step.line
                yield Finding("wheel-tag-refused", Severity.WARNING, message, fix, workflow.file, line)


def _plain(workflow: Workflow, job: Job) -> tuple[Step, str] | None:
    """Return the step that builds a wheel without any repair on Linux, and its command."""
    labels = " ".join(label.text for label in job.runs_on.labels) if job.runs_on else ""
    texts = " ".join(scalar.text for step in job.steps for scalar in (step.run, step.uses) if scalar)
    if "ubuntu" not in labels or job.container is not None or _REPAIRS.search(texts):
        return None
    sent = [
        step.inputs.get("path") for step in job.steps if step.uses and "upload-artifact" in step.uses.text
    ]
    if sent and not any(path and re.search(r"whl|/\s*\Z|\*\s*\Z|dist\s*\Z", path.text) for path in sent):
        return None
    for step in job.steps:
        for command in commands_of(step, job, workflow):
            if _builds_wheel(command):
                return step, one_line(" ".join(word.text for word in command.words[:3]), 80)
    return None


def _builds_wheel(command: Command) -> bool:
    words = " ".join(word.text for word in command.arguments)
    if words.startswith("setup.py"):
        return "bdist_wheel" in words
    if command.program not in _WHEELS or _SDIST_ONLY.search(words):
        return False
    return command.program in {"build", "pyproject-build"} or words.startswith("build")


def metadata_refused(evidence: Evidence) -> Iterator[Finding]:
    """Find metadata in the project's files that the index refuses."""
    for name, build in evidence.builds.items():
        for reason, line, file in _flaws(build):
            message = f'{one_line(reason, 300)}. PyPI refuses the upload with "400 Bad Request".'
            fix = "Correct it; https://pypi.org/classifiers/ lists the classifiers that PyPI knows."
            yield Finding("metadata-refused", Severity.WARNING, message, fix, file, line, project=name)


def _flaws(build: Build) -> Iterator[tuple[str, int | None, str]]:
    for classifier in build.classifiers:
        for flaw in metadata.of_classifiers([classifier.text]):
            yield flaw.reason, classifier.line, classifier.file
    for flaw in metadata.of_license(None, build.licence, ()):
        yield flaw.reason, build.licence_line, build.file
