"""Which projects an upload is about, as far as its workflow says it.

By the environment's URL, by a folder, or by the name in front of its version tags (`sample-v*`).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.harmless import one_line
from pypi_setup.values.publisher import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.sources.projects import Projects

_PAGE = re.compile(r"https?://(?:[\w-]+\.)*pypi\.org/(?:p|project)/([A-Za-z0-9][\w.-]*)", re.ASCII)
_TAG = re.compile(r"([A-Za-z0-9][\w.-]*?)[-@/_]v?[*\[0-9]", re.ASCII)


class Subjects(NamedTuple):
    """What uploads are about."""

    names: tuple[str, ...] = ()
    """The projects, as they are written, each once; those that the uploads name first."""

    missing: tuple[str, ...] = ()
    """Folders that are to be published and hold no project here."""

    complete: bool = False
    """Whether every one of the uploads says what it is about."""

    @property
    def normalized(self) -> frozenset[str]:
        """The projects' normalized names."""
        return frozenset(map(normalized, self.names))


def of(publications: Iterable[Publication], projects: Projects) -> Subjects:
    """Return what uploads are about; `projects` are those of the repository's files."""
    folders = {posixpath.dirname(name.file): name.text for name in projects.names}
    spelled = {normalized(name.text): name.text for name in projects.names}
    names: dict[str, str] = {}
    missing: dict[str, None] = {}
    complete = []
    for publication in publications:
        pages = list(_pages(publication))
        folder = _folder(publication)
        own = pages or ([folders[folder]] if folder in folders and folder else _tagged(publication, spelled))
        names.update({normalized(name): spelled.get(normalized(name), name) for name in own})
        if folder and not own and publication.upload.project_folder:
            missing[one_line(folder, 100)] = None
        complete.append(bool(own))
    return Subjects(tuple(names.values()), tuple(missing), bool(complete) and all(complete))


def _pages(publication: Publication) -> Iterator[str]:
    """Give the projects whose pages the environment's URL can be."""
    from pypi_setup.preflight.syntax import evaluation

    environment = publication.job.environment
    if environment is None or environment.url is None:
        return
    for text in evaluation.texts(environment.url.text, publication.situation.contexts):
        match = _PAGE.match(text) if isinstance(text, str) else None
        if match:
            yield match[1]


def _tagged(publication: Publication, spelled: Mapping[str, str]) -> list[str]:
    """Return the project whose name stands in front of all version tags; nothing where none does."""
    push = publication.situation.root.on.get("push")
    found = [_TAG.match(each.text) for each in (push.tags if push else None) or ()]
    names = {normalized(match[1]) if match else "" for match in found}
    return [spelled[name] for name in names if name in spelled and len(names) == 1]


def _folder(publication: Publication) -> str | None:
    """Return the folder of the project that is uploaded, from the root; None where it cannot be told."""
    upload = publication.upload
    place = upload.project_folder
    if place is None or upload.place is None:
        return None
    if not place and upload.folder and "/" in upload.folder:
        place = posixpath.dirname(upload.folder)
    joined = posixpath.normpath(posixpath.join(upload.place, place))
    return None if "$" in joined or joined.startswith((".", "/")) else joined
