"""One package index: its name, its addresses, and the page where a person registers a publisher. No I/O.

Sources: PEP 691 (Simple API), docs.pypi.org/trusted-publishers (OIDC end points), Warehouse's routes
(warehouse/routes.py) for the pages of `/manage/`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pypi_setup.values.publisher import Publisher

PYPI_URL = "https://pypi.org"
TESTPYPI_URL = "https://test.pypi.org"

_WORDS = {"": PYPI_URL, "pypi": PYPI_URL, "testpypi": TESTPYPI_URL}
_LABELS = {PYPI_URL: "PyPI", TESTPYPI_URL: "TestPyPI"}
_UPLOAD_HOSTS = {"upload.pypi.org": "pypi", "files.pythonhosted.org": "pypi", "www.pypi.org": "pypi"}
_ROOTS = {"pypi.org": "pypi", "test.pypi.org": "testpypi"}
_URL = re.compile(r"https?://[\x21-\x7e]+\Z", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+\Z|[0-9a-f:.]+\Z", re.ASCII)
_ADDRESS = re.compile(r"[0-9.]+\Z|[0-9a-f:.]*:[0-9a-f:.]*\Z", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._~/-]*\Z", re.ASCII)


class IndexProblem(ValueError):
    """A text that names no usable index; the message is the rule, `fix` says what to write."""

    def __init__(self, rule: str, fix: str) -> None:
        super().__init__(rule)
        self.fix = fix


class PageKind(str, Enum):
    """Whose publishing page it is."""

    PROJECT = "project"
    """An existing project's: the link fills in the form."""

    ACCOUNT = "account"
    """The user's, for pending publishers: the link fills in nothing."""

    ORGANIZATION = "organization"
    """An organization's, for pending publishers: the link fills in nothing."""


class Page(NamedTuple):
    """A page where a person registers or reviews a publisher."""

    kind: PageKind
    url: str


class Index(NamedTuple):
    """A package index. Make it with `parse`, which holds the rules."""

    url: str
    """The index's root, without a trailing slash."""

    @property
    def label(self) -> str:
        """The name to call it by: PyPI, TestPyPI, or its host."""
        return _LABELS.get(self.url) or urlsplit(self.url).netloc

    @property
    def is_pypi(self) -> bool:
        """Tell whether it is pypi.org or test.pypi.org, which offer no registration API."""
        return self.url in _LABELS

    @property
    def is_loopback(self) -> bool:
        """Tell whether it is on this machine."""
        return is_loopback(self.url)

    @property
    def registration_url(self) -> str:
        """Where a publisher is registered by API, on an index that offers it."""
        return f"{self.url}/_/v1/publisher"

    @property
    def audience_url(self) -> str:
        """Where the index tells the audience that an OIDC token for it must have."""
        return f"{self.url}/_/oidc/audience"

    @property
    def mint_url(self) -> str:
        """Where an OIDC token is exchanged for an upload token."""
        return f"{self.url}/_/oidc/mint-token"

    def simple_url(self, name: str) -> str:
        """Return the Simple API's address of the project with this normalized name."""
        return f"{self.url}/simple/{quote(name, safe='')}/"

    def project_url(self, name: str) -> str:
        """Return the project's public page."""
        return f"{self.url}/project/{quote(name, safe='')}/"

    def page(self, publisher: Publisher | None, *, exists: bool | None, organization: str = "") -> Page:
        """Return the page where this publisher is registered.

        `exists` says whether the project exists. Only then is it the project's own page, with the form
        filled in; that page is "not found" for any other project, so where existence is unknown it is the
        account's page, or the page of the organization that will own the new project. Those pages fill in
        nothing: there the parameters of the link only carry the values along.
        """
        if publisher is None:
            return Page(PageKind.ACCOUNT, f"{self.url}/manage/account/publishing/")
        values = {
            "provider": "github",
            "owner": publisher.owner,
            "repository": publisher.repository,
            "workflow_filename": publisher.workflow_filename,
            "environment": publisher.environment,
        }
        if exists:
            place = f"project/{quote(publisher.name, safe='')}/settings"
            return Page(PageKind.PROJECT, f"{self.url}/manage/{place}/publishing/?{_query(values)}")
        query = _query({**values, "project_name": publisher.project})
        if organization:
            place = f"organization/{quote(organization, safe='')}"
            return Page(PageKind.ORGANIZATION, f"{self.url}/manage/{place}/publishing/?{query}")
        return Page(PageKind.ACCOUNT, f"{self.url}/manage/account/publishing/?{query}")


def parse(text: str) -> Index:
    """Return the index that a text names: `pypi`, `testpypi`, or a URL.

    Raises IndexProblem for anything that is not an https URL (http only to loopback) of an index's root.
    """
    text = text.strip()
    url = _WORDS.get(text.lower(), text)
    fix = "pypi, testpypi, or the root of an index, for example https://pypi.example.org"
    if not _URL.match(url):
        raise IndexProblem("The index is not an https URL", fix)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise IndexProblem("The index URL has no valid host and port", fix) from None
    if not _HOST.match(host):
        raise IndexProblem("The index URL has no valid host and port", fix)
    if "@" in parts.netloc:
        raise IndexProblem("The index URL holds a user name or password", "give the token as api-token only")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise IndexProblem("The index URL has a query or a fragment", fix)
    if not _PATH.match(parts.path):
        raise IndexProblem("The index URL has characters in its path that none has", fix)
    _refuse_beside_the_root(host, parts.path)
    if parts.scheme.lower() == "http" and not is_loopback(url):
        raise IndexProblem(
            "An index may be asked over plain http only on this machine (loopback)", "use https"
        )
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme.lower()]:
        netloc += f":{port}"
    return Index(f"{parts.scheme.lower()}://{netloc}{parts.path.rstrip('/')}")


def _refuse_beside_the_root(host: str, path: str) -> None:
    """Refuse the addresses of PyPI and TestPyPI that are in use for something else than the index's root."""
    word = _UPLOAD_HOSTS.get(host) or _ROOTS.get(host)
    if host in _UPLOAD_HOSTS or (word and path.startswith("/legacy")):
        raise IndexProblem("This is the address for uploads and files, not the index", f"write {word}")
    if word and path.strip("/"):
        raise IndexProblem("This is an address on the index, not its root", f"write {word}")


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine: `localhost`, or what parses as a loopback address.

    What only looks like one, such as 127.0.0.256, is a name, and who answers for it is anybody's choice.
    Raises ValueError for what is no URL.
    """
    host = urlsplit(url).hostname or ""
    if "\\" in url:  # Readers of URLs disagree on what it ends.
        return False
    if host == "localhost":
        return True
    if not _ADDRESS.match(host):
        return False
    import ipaddress  # For addresses only: it takes a tenth of the start-up time.

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _query(values: dict[str, str]) -> str:
    # urlencode would write a space as "+", which is a plus sign to some readers; "%20" is a space to all.
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
