"""Everything that a rule may look at. Computed when a rule asks for it, and once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import artifacts, makers, publications, starting
from pypi_setup.preflight.publishing.publications import Publication
from pypi_setup.preflight.publishing.survey import glance
from pypi_setup.preflight.workflow import calls, situations
from pypi_setup.preflight.workflow import loading as workflows
from pypi_setup.preflight.workflow.calls import FOLDER
from pypi_setup.sources import builds
from pypi_setup.sources import projects as metadata
from pypi_setup.sources.files import Checkout, Kept, Overlay
from pypi_setup.sources.projects import Listing
from pypi_setup.values.publisher import normalized

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pypi_setup.preflight.publishing.makers import Maker
    from pypi_setup.preflight.publishing.publications import Deed
    from pypi_setup.preflight.publishing.survey import Survey
    from pypi_setup.preflight.publishing.uploads import Opaque
    from pypi_setup.preflight.workflow.calls import Followed, Placed
    from pypi_setup.preflight.workflow.loading import Job, Workflow
    from pypi_setup.preflight.workflow.situations import Situation
    from pypi_setup.sources.builds import Build
    from pypi_setup.sources.distributions import Built
    from pypi_setup.sources.files import Files
    from pypi_setup.sources.github import GitHub
    from pypi_setup.sources.lookup import Project
    from pypi_setup.sources.projects import Projects
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

FILES_LIMIT = 100
"""Files that are looked at because they lead to the registered one by calls."""

ELSEWHERE_LIMIT = 20
"""Other files that upload; where there are more, nobody needs all of their names."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the publishers to register, of the repository's files, and of the outside."""

    publishers: tuple[Publisher, ...]
    """At least one; they differ in nothing but the project."""

    index: Index
    """The index to register on."""

    files: Files | None = None
    """The repository's files: a checkout, or `github` itself; None where there is no source."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    """What the index says of a project, by normalized name; empty where it was not asked."""

    github: GitHub | None = None
    """What GitHub says of the repository; None where it is not to be asked."""

    built: Built | None = None
    """The built distributions; None where no folder of them was given."""

    assumed: frozenset[str] = frozenset()
    """Which of `workflow` and `environment` nobody gave and nothing told: the usual values stand for them."""

    # ---------------------------------------------------------------- the file

    @property
    def publisher(self) -> Publisher:
        """The publisher, as far as workflows go: all of them have its four other values."""
        return self.publishers[0]

    @property
    def repository(self) -> str:
        """The repository as `owner/name`."""
        return f"{self.publisher.owner}/{self.publisher.repository}"

    @property
    def path(self) -> str:
        """The registered workflow's path from the repository's root."""
        return f"{FOLDER}/{self.publisher.workflow_filename}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the workflow files."""
        return tuple(self._sources.names()) if self._sources else ()

    @cached_property
    def workflow(self) -> Workflow | None:
        """The registered workflow; None where there is no such file, or no source of files."""
        name = self.publisher.workflow_filename
        if self._sources is None or (self.names and name not in self.names):
            return None  # A file system without letter case would give it all the same; GitHub does not.
        return self._sources.workflow(name)

    @cached_property
    def unreadable(self) -> str:
        """Why it cannot be told what files there are, in words; empty where it can."""
        if self.files is None:
            return "there is no checkout, and GitHub was not asked for the files"
        if isinstance(self.files, Checkout):
            why = "" if self.names else self.files.problem(FOLDER)
            return f"{FOLDER} cannot be read: {why}" if why else ""
        if self.names or self.files is not self.github:
            return ""
        if not self.github.repository.known:
            return self.github.repository.problem
        return "" if self.github.tree.complete else self.github.problem or "GitHub does not show the files"

    @property
    def workflow_unread(self) -> str:
        """Why the registered workflow could not be read though it may be there, in words; empty otherwise."""
        if self.unreadable:
            return self.unreadable
        there = self.workflow is None and self.publisher.workflow_filename in self.names
        return "its content cannot be read" if there else ""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The paths of the workflows and actions that were left out so far, being too much to parse."""
        return tuple(dict.fromkeys(self._sources.unread)) if self._sources else ()

    @cached_property
    def _kept(self) -> Kept | None:
        return Kept(self.files) if self.files else None

    @cached_property
    def _sources(self) -> calls.Repository | None:
        return calls.Repository(self._kept, local=self._root is not None) if self._kept else None

    @property
    def _root(self) -> Path | None:
        """The root of the checkout that the files are of, edited or not; None where they are of none."""
        return self.files.root if isinstance(self.files, (Checkout, Overlay)) else None

    # ---------------------------------------------------------------- the ways to a job

    @cached_property
    def starts(self) -> tuple[Followed, ...]:
        """What runs where an event starts the registered workflow, or one that leads to it by calls.

        Where nothing starts it, it is followed all the same.
        """
        if self.workflow is None or self._sources is None:
            return ()
        found = [self.workflow]
        waiting = [self.publisher.workflow_filename] if "workflow_call" in self.workflow.on else []
        names = set(waiting)
        while waiting and len(names) < FILES_LIMIT:
            for caller in sorted(self.survey.callers.get(waiting.pop(), frozenset()) - names):
                names.add(caller)
                waiting.append(caller)
                workflow = self._sources.workflow(caller)
                found.extend([workflow] if workflow else [])
        started = [workflow for workflow in found if situations.starting(workflow)]
        followed = (self._sources.follow(workflow) for workflow in started)
        leading = tuple(each for each in followed if any(one is self.workflow for one in each.workflows))
        return leading or (self._sources.follow(self.workflow),)

    @cached_property
    def pinned_callers(self) -> tuple[str, ...]:
        """The names of the files that call the registered one by its full name, with a ref of its own."""
        called = f"{self.repository}/{self.path}@".lower()
        found = []
        for name in sorted(self.survey.callers.get(self.publisher.workflow_filename, ()))[:FILES_LIMIT]:
            workflow = self._sources.workflow(name) if self._sources else None
            jobs = workflow.jobs.values() if workflow else ()
            if any(job.uses and job.uses.text.lower().startswith(called) for job in jobs):
                found.append(name)
        return tuple(found)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """The jobs of the registered workflow and of what it calls, by every way that leads to them."""
        return tuple(placed for start in self.starts for placed in start.jobs if self._passes(placed))

    def _passes(self, placed: Placed) -> bool:
        files = [placed.workflow.file, *(call.workflow.file for call in placed.callers)]
        return self.path in files

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """Every situation of every job with steps; where there are too many, as many of each job."""
        return situations.situations(self.placed, self.repository)

    # ---------------------------------------------------------------- the uploads

    @cached_property
    def _deeds(self) -> tuple[Deed, ...]:
        return publications.found(self.situations, self._sources)

    @cached_property
    def uploads(self) -> tuple[Publication, ...]:
        """Every upload to any index, in every situation."""
        return tuple(deed for deed in self._deeds if isinstance(deed, Publication))

    @cached_property
    def opaque(self) -> tuple[tuple[Situation, Opaque], ...]:
        """What runs in these jobs and cannot be looked into."""
        return tuple(deed for deed in self._deeds if not isinstance(deed, Publication))

    @cached_property
    def hidden(self) -> tuple[tuple[Situation, Opaque], ...]:
        """What runs unseen in jobs that may ask for a token, where no upload is to be seen: it may be one."""
        permitted = ((each, each[0].placed.permissions) for each in self.opaque if not self.uploads)
        return tuple(each for each, left in permitted if left and left.level("id-token") == "write")

    @cached_property
    def publications(self) -> tuple[Publication, ...]:
        """The uploads that can go to the index to register on, in the situations in which they can run.

        An upload that cannot run in any situation is judged as if it could.
        """
        here = [each for each in self.uploads if self.index.url in each.upload.indexes]
        possible = {each.spot for each in here if each.runs is not False}
        return tuple(each for each in here if each.runs is not False or each.spot not in possible)

    @cached_property
    def likely(self) -> tuple[Publication, ...]:
        """The uploads to this index; where there is none, those of which only a run can tell the index."""
        unknown = (each for each in self.uploads if None in each.upload.indexes and each.runs is not False)
        return self.publications or tuple(unknown)

    # ---------------------------------------------------------------- the other files

    @cached_property
    def survey(self) -> Survey:
        """A glance at all workflow files: who speaks of whom, and who may upload. None of them is kept."""
        return glance(self.names, self._kept, asks=self.files is self.github)

    @cached_property
    def elsewhere(self) -> tuple[Publication, ...]:
        """An upload to this index in each other file than the registered one, as long as there is one."""
        others = (f"{FOLDER}/{name}" for name in self.survey.suspects)
        found = (self._first_upload(path) for path in others if path != self.path)
        return tuple(islice((each for each in found if each), ELSEWHERE_LIMIT))

    def _first_upload(self, path: str) -> Publication | None:
        data = self._kept.read(path) if self._kept else None
        if data is None or self._sources is None or not self._sources.may_parse(data, path):
            return None
        alone = situations.alone(workflows.parse(data, path), self.repository)
        found = (each for situation in alone for each in publications.of(situation, self._sources))
        return next((each for each in found if self.index.url in each.upload.indexes), None)

    @cached_property
    def making(self) -> tuple[Workflow, ...]:
        """The workflows that may make tags or releases."""
        names = self.survey.makers[:FILES_LIMIT]
        found = [self._sources.workflow(name) for name in names] if self._sources else []
        return tuple(workflow for workflow in found if workflow)

    @cached_property
    def makers(self) -> tuple[Maker, ...]:
        """What makes tags or releases, in any workflow of the repository."""
        found = (makers.of(workflow, self._sources, self.repository) for workflow in self.making)
        return tuple(chain.from_iterable(found))

    def closed(self, publication: Publication) -> Maker | None:
        """Return what makes the event that starts an upload with GITHUB_TOKEN, so that it starts nothing."""
        event = publication.situation.event
        return starting.closed(publication, self.makers) if event in {"push", "release"} else None

    @cached_property
    def every_situation(self) -> tuple[Situation, ...]:
        """The situations of all jobs of these runs, also of those that do not lead to the registered file."""
        every = tuple(placed for start in self.starts for placed in start.jobs)
        return self.situations if every == self.placed else situations.situations(every, self.repository)

    def run_of(self, publication: Publication) -> tuple[Situation, ...]:
        """Return the jobs of the run that an upload is a part of, each in every leg."""
        situation = publication.situation
        kind, choices = situations.kind_of_ref(situation.contexts), situations.choices(situation.contexts)
        return tuple(
            each
            for each in self.every_situation
            if (each.root.file, each.event) == (situation.root.file, situation.event)
            and situations.kind_of_ref(each.contexts) == kind
            and situations.choices(each.contexts) == choices
            and each.runs is not False
        )

    def arrives(self, publication: Publication) -> bool:
        """Tell whether an artifact is known to land in the folder that is uploaded."""
        upload, every = publication.upload, artifacts.sent(self.run_of(publication))
        got = artifacts.taken(publication.situation, upload.step, every, complete=False)
        return any(each.folder == upload.folder for each in got.landed)

    def unread(self, publication: Publication) -> bool:
        """Tell whether an upload's run has jobs or actions of others, which may do what cannot be seen."""
        root = publication.situation.root
        calls_out = any(
            placed.job.uses and (placed.callers[0].workflow if placed.callers else placed.workflow) is root
            for start in self.starts
            for placed in start.jobs
        )
        return calls_out or any(
            situation.root is root and "@" in opaque.name for situation, opaque in self.opaque
        )

    def behind(self, publication: Publication) -> tuple[tuple[Workflow, Job], ...]:
        """Return the job of an upload and the jobs that it waits for, directly or not, with their files."""
        placed = publication.situation.placed
        found: dict[tuple[str, str], tuple[Workflow, Job]] = {}
        for workflow, job in ((placed.workflow, placed.job), *placed.callers):
            by_name = {name.lower(): each for name, each in workflow.jobs.items()}
            waiting = [job.id.lower()]
            while waiting:
                name = waiting.pop()
                if name in by_name and (workflow.file, name) not in found:
                    found[workflow.file, name] = (workflow, by_name[name])
                    waiting.extend(need.text.lower() for need in by_name[name].needs)
        return tuple(found.values())

    # ---------------------------------------------------------------- the projects

    @cached_property
    def metadata(self) -> Projects:
        """The names that the repository's metadata files give; none where there is no source of files."""
        if self.files is None:
            return metadata.Projects()
        if self._root is not None:
            return metadata.projects(self.files, metadata.listed(self._root))
        if self.github is not None and self.files is self.github:
            return metadata.projects(self.files, self.github.tree)
        return metadata.projects(self.files, Listing(tuple(self.files.names("")), complete=False))

    @cached_property
    def every_build(self) -> tuple[Build, ...]:
        """How each project of the repository is built."""
        folders = dict.fromkeys(name.file.rpartition("/")[0] for name in self.metadata.names)
        found = (builds.of_folder(self._kept, folder) for folder in folders) if self._kept else ()
        return tuple(build for build in found if build)

    @cached_property
    def builds(self) -> dict[str, Build]:
        """How each project to register is built, by its normalized name, as far as its files say it."""
        files = self._kept
        folders = {
            normalized(name.text): name.file.rpartition("/")[0] for name in reversed(self.metadata.names)
        }
        wanted = {each.name: folders[each.name] for each in self.publishers if each.name in folders}
        found = {name: builds.of_folder(files, folder) for name, folder in wanted.items()} if files else {}
        return {name: build for name, build in found.items() if build}
