"""What `init` asks before it plans: only what nobody but a person knows, the usual answer first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.values.index import TESTPYPI_URL
from pypi_setup.values.person import Answer, Left

if TYPE_CHECKING:
    from pypi_setup.discovery.ground import Ground
    from pypi_setup.values.index import Index
    from pypi_setup.values.person import Person
    from pypi_setup.values.request import Given

_TRIGGERS = (
    Answer("tag", "I push a version tag"),
    Answer("release", "I publish a release on GitHub"),
)
_REHEARSALS = (Answer("false", "No"), Answer("true", "Yes, each release goes to TestPyPI first"))


def answered(given: Given, there: Ground, index: Index, person: Person) -> Given:
    """Return what was given, with the answers to what it leaves open; who leaves, leaves the rest open."""
    try:
        given = _with_place(given, there, person)
        return given if there.publishing else _with_release(given, index, person)
    except Left:
        return given


def _with_place(given: Given, there: Ground, person: Person) -> Given:
    """Return it with the project and the workflow, where there are several."""
    if not any(given.project) and not there.usual and len(there.candidates) > 1:
        names = [one.project for one in there.candidates]
        every = Answer("\n".join(names), f"All {len(names)}")
        answers = (*(Answer(name, name) for name in names), every)
        given = given._replace(project=(person.choose("Which project is published?", answers),))
    if not given.workflow and len(there.publishing) > 1:
        files = [Answer(name, name) for name in there.publishing]
        given = given._replace(workflow=person.choose("Several workflows publish. Which one?", files))
    return given


def _with_release(given: Given, index: Index, person: Person) -> Given:
    """Return it with how releases are made, where a workflow is to be written."""
    if not given.trigger:
        given = given._replace(trigger=person.choose("What will start a release?", _TRIGGERS))
    if given.testpypi_first != "true" and index.url != TESTPYPI_URL:
        question = "Try each release on TestPyPI first? It needs an account of its own."
        given = given._replace(testpypi_first=person.choose(question, _REHEARSALS))
    return given
