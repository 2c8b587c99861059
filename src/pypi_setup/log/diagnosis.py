"""From what stands in a log to why the run failed. No I/O.

The first cause leads: first in time where every line has a time, since a log lists its jobs one after the
other although they run side by side; else first in the log. What only says that something failed stands back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypi_setup.log import uploads
from pypi_setup.log.cause import filled
from pypi_setup.log.scan import EXCERPT, RANK
from pypi_setup.log.secrets import hidden
from pypi_setup.values.explanation import Explanation, Named
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from pypi_setup.log.cause import Cause
    from pypi_setup.log.claims import Claims
    from pypi_setup.log.scan import Match, Scan

_ERROR_LIMIT = 500
_VALUE_LIMIT = 300
_STEP_LIMIT = 120
_OTHERS = 12
_UPLOADED = 30


class Diagnosis(NamedTuple):
    """What a log says, and what can be gathered from it for the publisher."""

    explanation: Explanation
    claims: Claims | None
    """The claims that belong to the cause; None if the log shows none."""

    project: str
    """The project's name as far as the log has it; empty if it names none, or several."""

    where: str
    """The index that the error is of: `pypi` or `testpypi`; empty where the log names neither."""


def diagnosed(scan: Scan) -> Diagnosis:
    """Return why the run failed, as far as it is known from the log alone."""
    matches = _ordered([match for match in scan.matches if _counts(match, scan)])
    lead = _lead(matches, scan)
    rest = [match for match in matches if match is not lead]
    claims = _nearest(scan.claims, lead)
    uploaded = uploads.before(scan.uploads, lead.part, lead.line.number) if lead else ()
    explanation = Explanation(
        named=_named(lead) if lead else None,
        others=_others(rest, lead),
        lines=() if lead else _lines(scan),
        claims={name: _clean(value, _VALUE_LIMIT) for name, value in claims.values} if claims else {},
        uploaded=tuple(_clean(file, _VALUE_LIMIT) for file in uploaded[:_UPLOADED]),
        secrets=tuple(each.sentence for each in scan.secrets),
    )
    return Diagnosis(explanation, claims, _project(scan, lead, claims), _where(scan, lead))


def _counts(match: Match, scan: Scan) -> bool:
    return match.near or not match.cause.context or scan.lines <= EXCERPT


def _ordered(matches: list[Match]) -> list[Match]:
    if matches and all(match.line.time for match in matches):
        return sorted(matches, key=lambda match: (match.line.time, match.part, match.line.number))
    return matches


def _lead(matches: list[Match], scan: Scan) -> Match | None:
    """Return the match that names the cause; None if there is none, or the log is of a run that went well."""
    if scan.success and not scan.failed:
        return None
    plain = [match for match in matches if not match.cause.aside]
    precise = [match for match in plain if not match.cause.generic]
    if precise:
        return precise[0]
    if plain:
        return min(plain, key=lambda match: RANK[match.cause.rule])  # What stands behind says it better.
    excerpt = scan.lines <= EXCERPT and not scan.errors
    return matches[0] if matches and excerpt else None


def _others(rest: list[Match], lead: Match | None) -> tuple[Named, ...]:
    kept: dict[str, Match] = {}
    for match in rest:
        if lead is None or _adds(match.cause, lead.cause):
            kept.setdefault(match.cause.rule, match)
    return tuple(map(_named, list(kept.values())[:_OTHERS]))


def _adds(cause: Cause, lead: Cause) -> bool:
    """Tell whether a cause says anything beside the one that leads."""
    says = bool(cause.check) if cause.aside else not cause.generic or lead.generic
    return cause is not lead and says


def _named(match: Match) -> Named:
    found = {name: _clean(text, _VALUE_LIMIT) for name, text in match.found.items()}
    cause = match.cause
    return Named(
        rule=cause.rule,
        blame=cause.blame,
        error=_clean(match.quote, _ERROR_LIMIT),
        cause=filled(cause.cause, found),
        fix=filled(cause.fix, found),
        url=cause.url,
        step=_clean(match.step, _STEP_LIMIT),
        job=_clean(match.job, _STEP_LIMIT),
        line=match.line.number,
        check=cause.check,
        link=cause.link,
    )


def _lines(scan: Scan) -> tuple[tuple[int, str], ...]:
    lines: dict[str, int] = {}
    for line in scan.errors:
        lines.setdefault(_clean(line.text, _VALUE_LIMIT), line.number)
    return tuple((number, text) for text, number in lines.items() if text)


def _nearest(found: tuple[Claims, ...], lead: Match | None) -> Claims | None:
    """Return the claims that a tool shows below its error; else the first in the log."""
    if lead is None:
        return found[0] if found else None
    here = [claims for claims in found if claims.part == lead.part]
    below = [claims for claims in here if claims.line >= lead.line.number]
    return next(iter(below or here or found), None)


def _project(scan: Scan, lead: Match | None, claims: Claims | None) -> str:
    if lead and "project" in lead.found:
        return lead.found["project"]
    if claims and claims.project:
        return claims.project
    files = dict.fromkeys(upload.file for upload in scan.uploads if upload.file)
    names = {name for file in files if (name := uploads.project(file))}
    return names.pop() if len(names) == 1 else ""


def _where(scan: Scan, lead: Match | None) -> str:
    """Return the index that was spoken of last before the error."""
    told = [
        upload.where
        for upload in scan.uploads
        if upload.where and (lead is None or (upload.part, upload.line) <= (lead.part, lead.line.number + 3))
    ]
    return told[-1] if told else ""


def _clean(text: str, limit: int) -> str:
    return one_line(hidden(text), limit)
