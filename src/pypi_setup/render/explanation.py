"""An explanation in each form: lines for a terminal, Markdown for the job summary, JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypi_setup.render.markdown import escaped, fenced, table
from pypi_setup.values.explanation import Blame
from pypi_setup.values.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypi_setup.values.explanation import Explanation, Named

_LIMIT = 4000
_BLAMES = {
    Blame.YOURS: "",
    Blame.INDEX: "This is a fault of the index, not of your configuration.",
    Blame.SERVICE: "This is a fault of a service, not of your configuration.",
}
_DIFFERENCES = "What differs from the publisher that your options and this checkout name"
"""What is registered, a log does not tell."""


def lines(explanation: Explanation) -> Iterator[tuple[str, ...]]:
    """Yield blocks of lines for a terminal: the error, what differs, what is uploaded, what followed."""
    named = explanation.named
    if named:
        yield (
            "The error",
            f"  {_line(named.error)}",
            *(f"  in {_line(where)}" for where in [named.place] if where),
            f"  cause: {named.rule}  {named.url}",
            *(f"  {words}" for words in [_BLAMES[named.blame]] if words),
            *(
                f"  found before a release by: pypi-setup check, rule {check}"
                for check in [named.check]
                if check
            ),
        )
    if explanation.lines:
        yield ("Taken for the error", *(f"  {number}: {_line(text)}" for number, text in explanation.lines))
    if explanation.differences:
        yield (_DIFFERENCES, *_differences(explanation))
    if explanation.claims:
        yield (
            "The claims in the log",
            *(f"  {name}: {_line(value)}" for name, value in explanation.claims.items()),
        )
    if explanation.uploaded:
        yield ("Uploaded before the error", *(f"  {_line(file)}" for file in explanation.uploaded))
    if explanation.others:
        heading = "Also in the log" if named else "Recognised, but no error by itself"
        yield (heading, *(line for other in explanation.others for line in _other(other)))


def _differences(explanation: Explanation) -> Iterator[str]:
    for each in explanation.differences:
        yield f"  ✗ {each.field}: expected {_line(each.expected)}, the log says {_line(each.log)}"
        yield f"    {_line(each.sentence)}"
        yield f"    Fix: {_line(each.fix)}"


def _other(named: Named) -> Iterator[str]:
    where = named.place
    yield f"  {named.rule} ({_line(where)})" if where else f"  {named.rule}"
    yield f"    {_line(named.error)}"


def markdown(explanation: Explanation) -> str:
    """Return the sections of the job summary."""
    named = explanation.named
    parts = []
    if named:
        error = fenced(named.error)
        where = f"In {escaped(named.place)}. " if named.place else ""
        blame = f"\n\n{_BLAMES[named.blame]}" if _BLAMES[named.blame] else ""
        check = f"\n\nBefore a release `pypi-setup check` finds it: rule `{named.check}`."
        parts.append(
            f"### The error\n\n{error}\n\n{where}Cause: [{named.rule}]({named.url})."
            f"{blame}{check if named.check else ''}"
        )
    if explanation.lines:
        shown = "\n".join(f"{number}: {text}" for number, text in explanation.lines)
        parts.append(f"### Taken for the error\n\n{fenced(shown)}")
    if explanation.differences:
        rows = [
            (each.field, each.log, each.expected, f"{each.sentence}; {each.fix}")
            for each in explanation.differences
        ]
        cells = table(("Field", "In the log", "Expected", "What to do"), rows)
        parts.append(f"### {_DIFFERENCES}\n\n{cells}")
    if explanation.claims:
        parts.append(
            f"### The claims in the log\n\n{table(('Claim', 'Value'), list(explanation.claims.items()))}"
        )
    if explanation.uploaded:
        files = "\n".join(f"- {escaped(file)}" for file in explanation.uploaded)
        parts.append(f"### Uploaded before the error\n\n{files}")
    if explanation.others:
        also = [(other.rule, other.place, other.error) for other in explanation.others]
        parts.append(f"### Also in the log\n\n{table(('Cause', 'Where', 'Error'), also)}")
    return "\n\n".join(parts)


def data(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as JSON data."""
    named = explanation.named
    return {
        "step": named.step if named else "",
        "job": named.job if named else "",
        "line": named.line if named else None,
        "error": named.error if named else "",
        "rule": named.rule if named else None,
        "blame": named.blame.value if named else None,
        "check": named.check if named else "",
        "url": named.url if named else "",
        "claims": explanation.claims,
        "differences": [each._asdict() for each in explanation.differences],
        "uploaded": list(explanation.uploaded),
        "others": [_named_data(other) for other in explanation.others],
        "lines": [{"line": number, "text": text} for number, text in explanation.lines],
    }


def _named_data(named: Named) -> dict[str, object]:
    return {**named._asdict(), "blame": named.blame.value}


def _line(words: str) -> str:
    return one_line(words, _LIMIT)
