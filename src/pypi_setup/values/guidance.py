"""What a person does on an index's publishing page, and what comes after: the page's twin in words.

Sources: Warehouse's publishing pages (labels, notices, limits), as measured on its own server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.values.index import TESTPYPI_URL, Page, PageKind

if TYPE_CHECKING:
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher


class Guidance(NamedTuple):
    """How to register a publisher by hand."""

    page: Page

    step: str
    """The one next thing to do, in one line."""

    fields: tuple[tuple[str, str], ...]
    """The form's labels and what to enter, in the form's order."""

    notes: tuple[str, ...]
    """What is good to know while registering."""

    afterwards: tuple[str, ...]
    """What a registered publisher does, and how long."""

    stopped: str = ""
    """Why nothing can be uploaded to the project now, as a sentence; empty where nothing is known of that."""

    @property
    def is_copied(self) -> bool:
        """Tell whether a person must copy the values, because the link does not fill them in."""
        return self.page.kind is not PageKind.PROJECT


def guidance(
    publisher: Publisher,
    index: Index,
    *,
    exists: bool | None,
    organization: str = "",
    marker: str = "active",
) -> Guidance:
    """Return how to register this publisher.

    `exists` says whether the project exists, None if that is not known; `organization` is the one that
    will own a new project, empty for the user; `marker` is the project's status on the index (PEP 792).
    """
    page = index.page(publisher, exists=exists, organization=organization)
    fields: tuple[tuple[str, str], ...] = (
        ("Owner", publisher.owner),
        ("Repository name", publisher.repository),
        ("Workflow name", publisher.workflow_filename),
        ("Environment name", publisher.environment),
    )
    notes: tuple[str, ...]
    testpypi = (_TESTPYPI,) if index.url == TESTPYPI_URL else ()
    elsewhere = () if index.is_pypi else (_ELSEWHERE.format(index=index.label),)
    stopped = _STOPPED.get(marker, "").format(index=index.label, project=publisher.project)
    if marker == "quarantined":
        return Guidance(page, _QUARANTINED_STEP.format(index=index.label), fields, (), elsewhere, stopped)
    if page.kind is PageKind.PROJECT:
        step = _ARCHIVED_STEP if marker == "archived" else _PROJECT_STEP
        notes = _PROJECT_NOTES
        afterwards = _PROJECT_AFTERWARDS if index.is_pypi else ()  # Another index may well ask by mail.
    else:
        # The organization's form says PyPI on every index, the account's has the index's own name.
        site, limit = ("PyPI", _ORGANIZATION) if organization else (index.label, _ACCOUNT)
        fields = ((f"{site} Project Name", publisher.project), *fields)
        unknown = (_UNKNOWN,) if exists is None else ()
        step, notes, afterwards = _PENDING_STEP, (*unknown, _IDENTITY, limit), _PENDING_AFTERWARDS
    step = step.format(index=index.label)
    notes = (*notes, _LOGIN.format(index=index.label), _ACCESS)
    return Guidance(page, step, fields, notes, (*afterwards, *testpypi, *elsewhere), stopped)


_PROJECT_STEP = (
    "Open the link and click 'Add' right away: the form is filled in. {index} then shows 'Proceed with "
    "caution! Some form fields have been autofilled'; that is expected."
)
_ARCHIVED_STEP = (
    "Unarchive the project in its settings on {index} first. Then open the link and add the publisher: the "
    "form is filled in."
)
_QUARANTINED_STEP = (
    "Ask {index}'s administrators to lift the quarantine. Until then nothing can be registered or released."
)
_STOPPED = {
    "archived": "{project} is archived on {index}: no upload is accepted until its owners unarchive it.",
    "quarantined": "{project} is quarantined on {index}: no upload by a Trusted Publisher is accepted, and "
    "the publishing page answers 403 even to the project's owners.",
}
"""By the project's status (PEP 792); a deprecated project takes uploads (warehouse/packaging/models.py)."""
_PENDING_STEP = (
    "Open the link, copy the five values below into the GitHub tab's form (a link cannot fill it in), and "
    "click 'Add'."
)
_PROJECT_NOTES = (
    "Only Owners of the project can open the page; others get a 403.",
    "Submit the form within 30 minutes of entering your password, or its values are lost.",
)
_PROJECT_AFTERWARDS = ("A registered publisher works at once: no e-mail has to be confirmed.",)
_UNKNOWN = (
    "Could not check whether the project exists, so the link is a guess: it leads to the form for a new "
    "project. If the project is yours already, the form says so and links to the project's own page."
)
_IDENTITY = (
    "Only one pending publisher can use the same owner, repository, workflow and environment. In a monorepo "
    "give each new project its own environment, for example pypi-<project>."
)
_PENDING_AFTERWARDS = (
    "The first upload creates the project. Until then the name is not reserved, and the pending publisher "
    "expires after 30 days if unused (a reminder comes 5 days before).",
)
_ACCOUNT = "You can have at most 3 pending publishers at a time."
_ORGANIZATION = (
    "Only Owners of the organization can open the page. It drops a second pending publisher with the same "
    "values silently: check the list afterwards."
)
_LOGIN = (
    "If {index} does not know your device, it asks you to confirm by e-mail and loses the link: open the "
    "link again afterwards."
)
_ACCESS = (
    "You need a verified e-mail address and two-factor authentication. At most 100 registrations a day are "
    "accepted, refused ones included."
)
_ELSEWHERE = "These pages, limits and rules are PyPI's; {index} may have others."
_TESTPYPI = "TestPyPI has its own accounts and publishers. PyPI needs a separate registration."
