"""The OIDC claims that a log shows, in all the forms in which tools print them. No I/O.

gh-action-pypi-publish (v1.8.8 and newer): a list in Markdown, `* `sub`: `repo:…``, with MISSING for what is
not there; `workflow_ref` and `environment` only from v1.12 on. uv: Rust's debug form, with `environment` only
since 2025. Others: JSON. Also the link that gh-action-pypi-publish suggests names the same facts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from pypi_setup.log.lines import Line

NAMES = (
    "sub",
    "repository",
    "repository_owner",
    "repository_owner_id",
    "workflow_ref",
    "job_workflow_ref",
    "ref",
    "sha",
    "event_name",
    "environment",
)
"""The claims that are read."""

NEEDLES = frozenset({b"job_workflow_ref", b"workflow_filename"})
"""Words of which every list of claims, and every link to a publishing page, has one."""

_BEFORE, _AFTER = 16, 16
_LIMIT = 400
_MARKDOWN = re.compile(r"\s*(?:[*•-]\s*)?`?(?P<name>\w{2,30})`?\s?:\s`?(?P<value>[^`\n]{0,400}?)`?\s*\Z")
_LIST = re.compile(r"[*•]\s?`?(?P<name>\w{2,30})`?\s?:\s`?(?P<value>[^`\s]{1,400})`?(?=\s|\Z)")
_CODE = re.compile(
    r"[\"']?\b(?:r#)?(?P<name>\w{2,30})[\"']?\s?[:=]\s?(?:Some\(\s?)?(?:[\"'](?P<value>[^\"'\n]{0,400})[\"']|(?P<none>None|null))"
)
_SUB_ENVIRONMENT = re.compile(r":environment:(.{1,300}?)\Z")
_SUB_PLAIN = re.compile(r"repo:[^:]{1,200}:(?:ref:|pull_request\Z)")
_LINK = re.compile(
    r"https://(?P<host>[\w.-]{1,250})/manage/(?:project/(?P<project>[^/?\s]{1,200})/settings|account)/publishing/\?(?P<query>[^\s'\"<>)]{1,2000})"
)


class Claims(NamedTuple):
    """A token's claims as far as a log shows them."""

    line: int
    part: int
    values: tuple[tuple[str, str], ...]

    has_environment: bool
    """Whether the log tells the job's environment, or that it has none."""

    project: str = ""
    """The project, where the log names it beside them."""

    @property
    def mapping(self) -> dict[str, str]:
        """The claims by name; one that the token does not have, or the log does not show, is left out."""
        return dict(self.values)


def found(lines: list[Line], part: int) -> list[Claims]:
    """Return the sets of claims in lines that follow one another."""
    result, last = [], -1
    for place, line in enumerate(lines):
        if place <= last:
            continue
        if "job_workflow_ref" in line.text and "claim does not match" not in line.text:
            values = _values(lines[max(last + 1, place - _BEFORE) : place + _AFTER])
            if "repository" in values and "job_workflow_ref" in values:
                last = place + _AFTER
                result.append(_claims(line.number, part, values))
        elif (link := _LINK.search(line.text)) and (claims := _of_link(link, line.number, part)):
            result.append(claims)
    return result


def _values(lines: list[Line]) -> dict[str, str]:
    values: dict[str, str] = {}
    for form in (_CODE, _MARKDOWN, _LIST):
        if "job_workflow_ref" in values:
            break
        values = {}
        for name, value in _pairs(lines, form):
            values.setdefault(name, value)
    return values


def _pairs(lines: list[Line], form: re.Pattern[str]) -> list[tuple[str, str]]:
    text = "\n".join(line.text for line in lines)
    if form is _CODE:
        text = re.sub(
            r"\(\s{1,200}", "(", text
        )  # Rust's pretty form puts what is inside on a line of its own.
    pieces = text.split("\n") if form is _MARKDOWN else [text]
    matches = (match for piece in pieces for match in form.finditer(piece.rstrip()))
    return [
        (match["name"], "" if form is _CODE and match["none"] else match["value"].strip()[:_LIMIT])
        for match in matches
        if match["name"] in NAMES
    ]


def _claims(line: int, part: int, values: dict[str, str]) -> Claims:
    told = "environment" in values
    shown = {name: value for name, value in values.items() if value and value != "MISSING"}
    subject = shown.get("sub", "")
    if not told and (environment := _SUB_ENVIRONMENT.search(subject)):
        shown["environment"], told = unquote(environment[1]), True
    elif not told:
        told = bool(_SUB_PLAIN.match(subject))
    ordered = tuple((name, shown[name]) for name in NAMES if name in shown)
    return Claims(line, part, ordered, told)


def _of_link(link: re.Match[str], line: int, part: int) -> Claims | None:
    query = {name: values[0] for name, values in parse_qs(link["query"], keep_blank_values=True).items()}
    owner, repository, file = (query.get(name, "") for name in ("owner", "repository", "workflow_filename"))
    if not (owner and repository and file):
        return None
    values = {
        "repository": f"{owner}/{repository}",
        "repository_owner": owner,
        "job_workflow_ref": f"{owner}/{repository}/.github/workflows/{file}",
    }
    environment = query.get("environment", "")
    if environment:
        values["environment"] = environment
    project = link["project"] or ""
    ordered = tuple((name, values[name][:_LIMIT]) for name in NAMES if name in values)
    return Claims(line, part, ordered, "environment" in query, unquote(project)[:_LIMIT])
