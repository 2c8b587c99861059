"""Core metadata as PyPI judges it when a file is uploaded. Pure functions over texts.

Sources: the core metadata specification as `packaging.metadata` reads it, and PyPI's own rules on top of it
(warehouse/forklift/metadata.py). Not judged here: whether the description renders, and what only PyPI's
database knows.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.metadata import Metadata
    from packaging.version import Version

SUMMARY_LIMIT = 512
"""Characters of the summary that PyPI takes."""

LABEL_LIMIT = 32
"""Characters of a project URL's label that PyPI takes."""

PRIVATE = "Private ::"
"""How the classifiers begin that are there to keep a project from PyPI: it takes none of them."""

_DYNAMIC = frozenset(
    {
        *("platform", "supported-platform", "summary", "description", "description-content-type", "keywords"),
        *("home-page", "download-url", "author", "author-email", "maintainer", "maintainer-email", "license"),
        *("license-expression", "license-file", "classifier", "requires-dist", "requires-python"),
        *("requires-external", "project-url", "provides-extra", "provides-dist", "obsoletes-dist"),
        *("requires", "provides", "obsoletes", "import-name", "import-namespace"),
    }
)
_ATTRIBUTES = {
    "classifier": "classifiers",
    "license-file": "license_files",
    "platform": "platforms",
    "project-url": "project_urls",
    "supported-platform": "supported_platforms",
}
"""How `packaging` calls the fields that can stand there more than once, where it does not use their names."""


class Flaw(NamedTuple):
    """One reason for which PyPI refuses the metadata."""

    field: str
    """The field's name as it stands in the metadata, in lower case (`license-expression`)."""

    reason: str
    """One sentence without a full stop; may hold text from outside."""


class Judged(NamedTuple):
    """Metadata with what PyPI says of it."""

    name: str
    """As it is written; empty where there is none to be read."""

    version: Version | None
    """None where there is none, or it is none by PEP 440."""

    license_files: tuple[str, ...]
    """Paths that must be in a source distribution, below its top folder."""

    flaws: tuple[Flaw, ...]


def judged(content: bytes) -> Judged:
    """Return what a METADATA or PKG-INFO file says, and why PyPI refuses it if it does. Never raises."""
    from packaging.errors import ExceptionGroup
    from packaging.metadata import InvalidMetadata, Metadata, parse_email

    raw, unparsed = parse_email(content)
    metadata = Metadata.from_raw(raw, validate=False)
    flaws: list[Flaw] = []
    try:
        Metadata.from_raw(raw)
    except ExceptionGroup as group:
        flaws += [
            Flaw(each.field, _sentence(str(each)))
            for each in group.exceptions
            if isinstance(each, InvalidMetadata) and each.field not in unparsed
        ]
    # A field that `packaging` does not know is none of PyPI's business: it is not sent, or not read.
    flaws += [
        Flaw(name, f"The field {name!r} is given twice, or cannot be read")
        for name in sorted(unparsed)
        if _ATTRIBUTES.get(name, name.replace("-", "_")) in vars(Metadata)
    ]
    broken = {flaw.field for flaw in flaws}
    flaws += [flaw for flaw in _of_pypi(metadata) if flaw.field not in broken]
    return Judged(
        raw.get("name", ""),
        _value(metadata, "version"),
        tuple(raw.get("license_files") or ()),
        tuple(flaws),
    )


def of_classifiers(classifiers: Iterable[str]) -> Iterator[Flaw]:
    """Yield each classifier that PyPI refuses: an unknown, private or deprecated one (trove-classifiers)."""
    from trove_classifiers import classifiers as every
    from trove_classifiers import deprecated_classifiers

    for classifier in dict.fromkeys(classifiers):
        if classifier in deprecated_classifiers:
            instead = ", ".join(map(repr, deprecated_classifiers[classifier]))
            hint = f", use one of {instead} instead" if instead else ""
            yield Flaw("classifier", f"The classifier {classifier!r} has been deprecated{hint}")
        elif classifier not in every:
            yield Flaw("classifier", f"{classifier!r} is not a valid classifier")


def of_license(text: str | None, expression: str | None, classifiers: Iterable[str]) -> Iterator[Flaw]:
    """Yield what contradicts itself in a project's licence fields (PEP 639).

    `text` is the old free field, `expression` the SPDX expression. A licence classifier beside an expression
    is refused by build backends, not by PyPI; a build backend that lets it pass is rare.
    """
    if expression is None:
        return
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        canonicalize_license_expression(expression)
    except InvalidLicenseExpression:
        yield Flaw("license-expression", f"{expression!r} is not a valid SPDX licence expression")
    if text:
        yield Flaw("license", "License and License-Expression are both given; only License-Expression may be")
    if any(classifier.startswith("License ::") for classifier in classifiers):
        yield Flaw("classifier", "A licence classifier is given beside a License-Expression (PEP 639)")


def of_version(version: Version) -> Iterator[Flaw]:
    """Yield what PyPI refuses of a version that is one by PEP 440: a local part."""
    if version.local:
        yield Flaw("version", f"The use of local versions in '{version}' is not allowed")


def _of_pypi(metadata: Metadata) -> Iterator[Flaw]:
    """Yield what PyPI's own rules refuse, beyond those of the specification."""
    version = _value(metadata, "version")
    if version is not None:
        yield from of_version(version)
    summary = _value(metadata, "summary") or ""
    if len(summary) > SUMMARY_LIMIT:
        yield Flaw("summary", f"'summary' field must be {SUMMARY_LIMIT} characters or less")
    for attribute in ("author_email", "maintainer_email"):
        address = parseaddr(_value(metadata, attribute) or "")[1]
        if address and not address.partition("@")[2]:
            yield Flaw(attribute.replace("_", "-"), f"{address!r} is not a valid email address")
    yield from of_classifiers(_value(metadata, "classifiers") or ())
    if _value(metadata, "license") and _value(metadata, "license_expression"):
        yield Flaw("license", "License is deprecated when License-Expression is present")
    yield from _of_urls(metadata)
    for requirement in _value(metadata, "requires_dist") or ():
        if requirement.url is not None:
            yield Flaw("requires-dist", f"Can't have direct dependency: {requirement}")
    for name in _value(metadata, "dynamic") or ():
        if name not in _DYNAMIC:
            yield Flaw("dynamic", f"Dynamic field {name!r} is not a valid dynamic field")


def _of_urls(metadata: Metadata) -> Iterator[Flaw]:
    for attribute in ("home_page", "download_url"):
        url = _value(metadata, attribute)
        if url is not None and not _is_url(url):
            yield Flaw(attribute.replace("_", "-"), f"{url!r} is not a valid url")
    for label, url in (_value(metadata, "project_urls") or {}).items():
        if not label:
            yield Flaw("project-url", "Must have a label")
        elif len(label) > LABEL_LIMIT:
            yield Flaw("project-url", f"{label!r} must be {LABEL_LIMIT} characters or less")
        elif not _is_url(url):
            yield Flaw("project-url", f"{url!r} is not a valid url")


def _value(metadata: Metadata, attribute: str) -> Any:
    """Return a field of the metadata; None where it is missing or cannot be read."""
    from packaging.metadata import InvalidMetadata

    try:
        return getattr(metadata, attribute)
    except InvalidMetadata:
        return None


def _is_url(text: str) -> bool:
    try:
        return urlsplit(text).scheme.lower() in {"http", "https"}
    except ValueError:
        return False


def _sentence(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
