"""What the findings mean for a project: how it stands, and the headline for that. One table.

The texts have holes in braces: `project`, `index`, `errors` (a number with its word), `changes` (the same, as
in `3 changes move it to`), `counted` (all findings), `place` (of the first error), `workflows`, `why`,
`page_step`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Mark(str, Enum):
    """The sign before a headline."""

    DONE = "done"
    """Done and known: nothing is left to do within what was asked."""

    TURN = "turn"
    """The next step is the user's."""

    BROKEN = "broken"
    UNKNOWN = "unknown"


class Standing(str, Enum):
    """How a project stands that is to be published from a repository."""

    SOUND = "sound"
    """A workflow publishes it, and no error was found."""

    PUBLISHING = "publishing"
    """The same, and the newest attested release came from exactly this publisher."""

    BROKEN = "broken"
    """Errors were found that stop a release."""

    TOKEN = "token"  # noqa: S105 - a word
    """A workflow publishes it with an API token, and nothing else was found that stops a release."""

    NOTHING = "nothing"
    """No workflow can be seen to publish, and the user named none."""

    SEVERAL = "several"
    """Several workflows publish, and the user named none."""

    HIDDEN = "hidden"
    """A job may ask for a token, and runs what cannot be read: it may publish, or not."""

    UNREAD = "unread"
    """The workflow could not be read."""


class Headline(NamedTuple):
    """What is said of a standing."""

    mark: Mark
    message: str
    cause: str
    action: str


CHECKED: dict[Standing, Headline] = {
    Standing.SOUND: Headline(
        Mark.DONE,
        "The workflow of {project} is right, as far as its files can tell.",
        "{counted} Whether the publisher is registered, only {index} knows.",
        "Register it, then prove it with mode verify. {page_step}",
    ),
    Standing.PUBLISHING: Headline(
        Mark.DONE,
        "The workflow of {project} is right, and it published the newest attested release.",
        "{counted}",
        "Nothing to do, unless the publisher was removed since.",
    ),
    Standing.BROKEN: Headline(
        Mark.BROKEN,
        "The next release of {project} would fail: {errors}.",
        "{counted}",
        "Fix {place}, then run the check again.",
    ),
    Standing.TOKEN: Headline(
        Mark.TURN,
        "The workflow publishes {project} with an API token today. {changes} Trusted Publishing.",
        "{counted} A valid token goes on working until you revoke it.",
        "Register the publisher first. Then change the workflow (pypi-setup check --diff shows the edits), "
        "release once, delete the secret and revoke the token.",
    ),
    Standing.NOTHING: Headline(
        Mark.TURN,
        "Nothing here publishes to {index} yet.",
        "No workflow in .github/workflows can be seen to upload to it.",
        "Run pypi-setup init in a checkout: it writes the workflow. If one publishes already, name it with "
        "--workflow (input workflow).",
    ),
    Standing.SEVERAL: Headline(
        Mark.TURN,
        "Several workflows here publish to {index}: {workflows}.",
        "Nothing tells them apart for {project}, so none was checked.",
        "Name the one that publishes {project} with --workflow (input workflow).",
    ),
    Standing.HIDDEN: Headline(
        Mark.UNKNOWN,
        "Not known: whether the workflow publishes {project}, since its command cannot be read here.",
        "{counted}",
        "Make sure that the command below uploads to {index} without an API token, or name the workflow that "
        "does with --workflow (input workflow).",
    ),
    Standing.UNREAD: Headline(
        Mark.UNKNOWN,
        "Not checked: the workflow of {project} could not be read.",
        "{why}.",
        "Run the check in a checkout of the repository (in a workflow: actions/checkout before it), or give "
        "a token that may read the repository (github-token).",
    ),
}
"""By mode check."""

REGISTERING: dict[Standing, Headline] = {
    Standing.PUBLISHING: Headline(
        Mark.DONE,
        "Nothing seems left to do: {project} is published from here already.",
        "The newest attested release came from this repository, workflow and environment.",
        "Check on the linked page that the publisher is still there; add it only if it is not.",
    ),
    Standing.BROKEN: Headline(
        Mark.BROKEN,
        "The next release of {project} would fail: {errors}. Fix that first, then register it on {index}.",
        "A publisher alone does not help: the workflow or its surroundings would stop the release.",
        "Fix {place}, then register the publisher; the link stands below.",
    ),
    Standing.TOKEN: Headline(
        Mark.TURN,
        "First step away from the API token: register the publisher of {project} on {index} in your browser.",
        "The workflow publishes with an API token, and a valid token goes on working meanwhile.",
        "{page_step} Then change the workflow (pypi-setup check --diff shows the edits), release once, "
        "delete the secret and revoke the token.",
    ),
    Standing.NOTHING: Headline(
        Mark.TURN,
        "Nothing here publishes {project} to {index} yet: the workflow comes first.",
        "No workflow in .github/workflows can be seen to upload to it, so the values below are only the "
        "usual ones.",
        "Run pypi-setup init in a checkout: it writes the workflow. If one publishes already, name it with "
        "--workflow (input workflow).",
    ),
    Standing.SEVERAL: Headline(
        Mark.TURN,
        "Several workflows here publish to {index}: {workflows}. Name the one that publishes {project}.",
        "Nothing tells them apart for {project}, so the workflow below is only the usual one.",
        "Run again with --workflow (input workflow).",
    ),
}
"""Where the link is handed out. What is not here changes nothing."""
