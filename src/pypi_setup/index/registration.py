"""How a publisher is registered with an index by API: one POST, and what its answer means.

This is the contract of `<index>/_/v1/publisher`. PyPI's own server has no such end point (its source, August
2026), so there the answer is always "unavailable" and a person registers on the publishing page. Whatever an
index will offer one day, its end point, payload and authentication are changed here and nowhere else.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.transport import Client, Credential, Failure
from pypi_setup.values import statuses
from pypi_setup.values.publisher import normalized
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from pypi_setup.values.harmless import Secret
    from pypi_setup.values.index import Index
    from pypi_setup.values.publisher import Publisher

_FAILURES = {Failure.TIMEOUT: Status.TIMEOUT, Failure.NETWORK: Status.NETWORK_ERROR}


class Outcome(NamedTuple):
    """How a registration ended."""

    status: Status

    http_status: int | None = None
    """The index's HTTP status; None if none came."""

    response: str | None = None
    """The index's own words, harmless and bounded; of an HTML page its title."""

    detail: str = ""
    """What failed on the way, in words."""

    sent: bool = True
    """False if the request certainly never reached the index."""

    retry_after: float | None = None
    """Seconds to wait, where the index named them."""

    is_anothers: bool = False
    """Whether the index's words say that the publisher which is there already is another project's."""

    def told(self, index: Index, timeout: float) -> dict[str, str]:
        """Return what fills the holes in the texts of the table of statuses."""
        return {
            "http": str(self.http_status),
            "detail": self.detail,
            "Detail": self.detail[:1].upper() + self.detail[1:],
            "seconds": f"{timeout:g}",
            "again": _soon(self.retry_after),
            "known": _NO_API if index.is_pypi else "If it should have one, check index-url.",
            "outcome": _PERHAPS if self.sent else "The request never arrived, so nothing was registered.",
            "retry": _LOOK if self.sent else "Check the network and index-url, then run again.",
            **(_ANOTHERS if self.is_anothers else {}),
        }


_NO_API = "Its server has none today: a person registers publishers on its pages."
_PERHAPS = "The request may have arrived, so the publisher may be registered all the same."
_LOOK = "Check on the linked page whether the publisher is there. If not, run again."
_ANOTHERS = {
    "whose": ", for another project: that is what the index's own words say",
    "review": "Give this project an environment of its own and register that. If the words mean this project "
    "in another spelling, check on the linked page.",
    "repeat": "",
}
_HOUR, _MINUTE = 3600, 60
_DIFFERENT = re.compile(r"\b(?:different|another|other) (?:\w+ )?project\b", re.IGNORECASE)
_NAMED = re.compile(r"\bproject ['\"]([\w.-]+)['\"]|\bis already registered with ([\w.-]*\w)", re.IGNORECASE)


def _soon(retry_after: float | None) -> str:
    """Say in words when to try again."""
    if retry_after is None:
        return "in a few minutes"
    if retry_after >= _HOUR:
        hours = round(retry_after / _HOUR)
        return f"in about {hours} hours" if hours > 1 else "in about an hour"
    return f"in about {max(1, round(retry_after / _MINUTE))} min"


def register(publisher: Publisher, token: Secret, index: Index, client: Client) -> Outcome:
    """Ask the index once to register the publisher. Never raises for anything the index or network does."""
    answer = client.post(index.registration_url, publisher.payload, Credential("Token", token))
    if answer.failure:
        status = _FAILURES[answer.failure]
        return Outcome(status, detail=answer.detail, sent=answer.sent)
    assert answer.status is not None  # noqa: S101 - Answer: no failure, so there is a status line
    status = statuses.of_http(answer.status)
    repeated = status is Status.ALREADY_REGISTERED
    anothers = repeated and _names_another(answer.words or "", publisher)
    return Outcome(status, answer.status, answer.words, retry_after=answer.retry_after, is_anothers=anothers)


def _names_another(words: str, publisher: Publisher) -> bool:
    """Tell whether the index's words on a repeated registration are about another project's publisher.

    Among pending publishers there is one of an identity, whatever the project's name: the index then
    refuses the second project as a repetition. PyPI's words tell the two apart, and name no project; an
    index may name one in the text, or as the field `project`.
    """
    named = {name for match in _NAMED.finditer(words) for name in match.groups() if name}
    try:
        data = json.loads(words)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and isinstance(data.get("project"), str):
        named.add(data["project"])
    if publisher.name in map(normalized, named):
        return False
    return bool(named or _DIFFERENT.search(words))
