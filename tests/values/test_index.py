from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.values.index import Index, IndexProblem, PageKind, is_loopback, parse
from pypi_setup.values.publisher import Publisher

PUBLISHER = Publisher("Sample_Project", "octo-org", "sample-repo", "release.yml", "pypi")
PYPI = Index("https://pypi.org")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "https://pypi.org"),
        ("pypi", "https://pypi.org"),
        (" PyPI\n", "https://pypi.org"),
        ("testpypi", "https://test.pypi.org"),
        ("TestPyPI", "https://test.pypi.org"),
        ("https://pypi.org", "https://pypi.org"),
        ("https://pypi.org/", "https://pypi.org"),
        ("HTTPS://PyPI.org:443/", "https://pypi.org"),
        ("https://pypi.example.org", "https://pypi.example.org"),
        ("https://pypi.example.org:8443/root/", "https://pypi.example.org:8443/root"),
        ("https://192.0.2.1", "https://192.0.2.1"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_texts_that_name_an_index(text: str, url: str) -> None:
    assert parse(text) == Index(url)


PLAIN = "An index may be asked over plain http only on this machine (loopback)"
NO_URL = "The index is not an https URL"
NO_HOST = "The index URL has no valid host and port"
LOGIN = "The index URL holds a user name or password"
UPLOADS = "This is the address for uploads and files, not the index"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("pypi.org", NO_URL),
        ("ftp://pypi.org", NO_URL),
        ("file:///etc/passwd", NO_URL),
        ("javascript:alert(1)", NO_URL),
        ("https://pypi.org/ x", NO_URL),
        ("https://pypi\n.org", NO_URL),
        ("https://pypi.org\x1b", NO_URL),
        ("https://pÿpi.org", NO_URL),
        ("https://", NO_URL),
        ("https:///simple", NO_HOST),
        ("https://pypi.org:x", NO_HOST),
        ("https://pypi.org:99999", NO_HOST),
        ("https://[pypi.org", NO_HOST),
        ("https://[zz::1]", NO_HOST),
        ("https://pypi_org", NO_HOST),
        ("https://pypi.org%2f@evil.example", LOGIN),
        ("https://alice:secret@pypi.org", LOGIN),
        ("https://pypi.org/?x=1", "The index URL has a query or a fragment"),
        ("https://pypi.org/?", "The index URL has a query or a fragment"),
        ("https://pypi.org/#x", "The index URL has a query or a fragment"),
        ("https://pypi.org/#", "The index URL has a query or a fragment"),
        ("https://pypi.org/a)b", "The index URL has characters in its path that none has"),
        ("https://pypi.org/%0a", "The index URL has characters in its path that none has"),
        ("https://upload.pypi.org/legacy/", UPLOADS),
        ("https://files.pythonhosted.org/", UPLOADS),
        ("https://www.pypi.org/", UPLOADS),
        ("https://test.pypi.org/legacy/", UPLOADS),
        ("https://pypi.org/legacy/", UPLOADS),
        ("https://pypi.org/simple/", "This is an address on the index, not its root"),
        ("https://TEST.pypi.org/simple", "This is an address on the index, not its root"),
        ("http://pypi.org", PLAIN),
        ("http://127.0.0.1.example.org", PLAIN),
        ("http://localhost.example.org", PLAIN),
        ("http://127.0.0.1@evil.example", LOGIN),
        ("http://0.0.0.0", PLAIN),
    ],
)
def test_texts_that_name_no_index(text: str, rule: str) -> None:
    with pytest.raises(IndexProblem) as caught:
        parse(text)
    assert str(caught.value) == rule
    assert caught.value.fix


def test_an_upload_address_is_answered_with_the_word_to_write() -> None:
    fixes = {}
    for url in (
        "https://upload.pypi.org/legacy/",
        "https://test.pypi.org/legacy/",
        "https://test.pypi.org/simple/",
    ):
        with pytest.raises(IndexProblem) as caught:
            parse(url)
        fixes[url] = caught.value.fix
    assert fixes == {
        "https://upload.pypi.org/legacy/": "write pypi",
        "https://test.pypi.org/legacy/": "write testpypi",
        "https://test.pypi.org/simple/": "write testpypi",
    }


@given(st.text(max_size=80) | st.text(max_size=40).map("https://{}".format))
def test_any_text_names_a_safe_root_or_nothing(text: str) -> None:
    try:
        index = parse(text)
    except IndexProblem:
        return
    parts = urlsplit(index.url)
    assert parts.scheme == "https" or is_loopback(index.url)
    assert parts.username is None
    assert (parts.query, parts.fragment) == ("", "")
    assert index.url.isascii()
    assert index.url.isprintable()
    assert not set(index.url) & set(" ()<>\"'`|\\")


@pytest.mark.parametrize(
    ("url", "label", "pypi", "loopback"),
    [
        ("https://pypi.org", "PyPI", True, False),
        ("https://test.pypi.org", "TestPyPI", True, False),
        ("https://pypi.example.org:8443/root", "pypi.example.org:8443", False, False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False, True),
    ],
)
def test_an_indexs_name(url: str, label: str, pypi: bool, loopback: bool) -> None:
    index = Index(url)
    assert (index.label, index.is_pypi, index.is_loopback) == (label, pypi, loopback)


def test_addresses() -> None:
    index = Index("https://pypi.example.org/root")
    assert index.registration_url == "https://pypi.example.org/root/_/v1/publisher"
    assert index.audience_url == "https://pypi.example.org/root/_/oidc/audience"
    assert index.mint_url == "https://pypi.example.org/root/_/oidc/mint-token"
    assert index.simple_url("sample-project") == "https://pypi.example.org/root/simple/sample-project/"
    assert index.project_url("sample-project") == "https://pypi.example.org/root/project/sample-project/"


VALUES = (
    "provider=github&owner=octo-org&repository=sample-repo&workflow_filename=release.yml&environment=pypi"
)


def test_an_existing_projects_page_is_filled_in() -> None:
    assert PYPI.page(PUBLISHER, exists=True, organization="octo-team") == (
        PageKind.PROJECT,
        f"https://pypi.org/manage/project/sample-project/settings/publishing/?{VALUES}",
    )


@pytest.mark.parametrize("exists", [False, None])
def test_any_other_projects_page_is_the_accounts(exists: bool | None) -> None:
    assert PYPI.page(PUBLISHER, exists=exists) == (
        PageKind.ACCOUNT,
        f"https://pypi.org/manage/account/publishing/?{VALUES}&project_name=Sample_Project",
    )


@pytest.mark.parametrize("exists", [False, None])
def test_an_organizations_new_project_goes_to_its_own_page(exists: bool | None) -> None:
    assert PYPI.page(PUBLISHER, exists=exists, organization="octo-team") == (
        PageKind.ORGANIZATION,
        f"https://pypi.org/manage/organization/octo-team/publishing/?{VALUES}&project_name=Sample_Project",
    )


def test_without_a_publisher_the_page_is_the_accounts_with_no_query() -> None:
    assert PYPI.page(None, exists=None) == (
        PageKind.ACCOUNT,
        "https://pypi.org/manage/account/publishing/",
    )


hostile = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(hostile, hostile, hostile, hostile, st.booleans())
def test_values_survive_the_round_trip_through_the_login(
    owner: str, repository: str, workflow: str, environment: str, exists: bool
) -> None:
    """PyPI's login carries the link in `next`, so the query is decoded twice on the way to the form."""
    page = PYPI.page(Publisher("sample-project", owner, repository, workflow, environment), exists=exists)
    parts = urlsplit(page.url)
    login = f"https://pypi.org/account/login/?next={quote(f'{parts.path}?{parts.query}', safe='')}"
    carried = dict(parse_qsl(urlsplit(login).query, strict_parsing=True))["next"]
    assert carried == f"{parts.path}?{parts.query}"
    form = dict(parse_qsl(urlsplit(carried).query, keep_blank_values=True, strict_parsing=True))
    assert form == {
        "provider": "github",
        "owner": owner,
        "repository": repository,
        "workflow_filename": workflow,
        "environment": environment,
        **({} if exists else {"project_name": "sample-project"}),
    }


@given(hostile, hostile)
def test_a_link_holds_nothing_that_ends_it(repository: str, environment: str) -> None:
    link = PYPI.page(
        Publisher("sample-project", "octo-org", repository, "release.yml", environment), exists=True
    ).url
    assert link.isascii()
    assert not set(link) & set("\n\r \t()<>[]\"'`|\\+")
    assert unquote(link).endswith(f"&environment={environment}")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://localhost", True),
        ("http://LOCALHOST:1", True),
        ("https://127.0.0.1", True),
        ("http://[::1]", True),
        ("https://pypi.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://128.0.0.1", False),
        ("http://127.0.0.1:80/x", True),
        ("http://127.255.255.254", True),
        ("http://[0:0:0:0:0:0:0:1]", True),
        ("http://[::ffff:127.0.0.1]", True),
        ("http://[::ffff:8.8.8.8]", False),
        ("nothing", False),
        # Names, whatever they look like: anybody's hosts file or resolver says where they lead.
        ("http://127.999.0.1", False),
        ("http://127.0.0.256", False),
        ("http://127.1", False),
        ("http://0177.0.0.1", False),
        ("http://127.000.000.001", False),
        ("http://2130706433", False),
        ("http://0x7f.0.0.1", False),
        ("http://127.0.0.1.", False),
        ("http://127.0.0.1.5", False),
        ("http://localhost.", False),
        ("http://localhost.example.org", False),
        ("http://[::1%25lo]", False),
        ("http://0.0.0.0", False),
        ("http://[::]", False),
        ("http://127.\u0660.0.1", False),
        # Two hosts, by who reads it.
        ("http://evil.example\\@127.0.0.1", False),
    ],
)
def test_loopback(url: str, answer: bool) -> None:
    assert is_loopback(url) is answer
