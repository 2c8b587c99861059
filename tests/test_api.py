"""The public face: what can be imported from the package, and what it promises."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

import pypi_setup
from pypi_setup import BadInput, Status, add_pending_publisher, parse_index, parse_publisher
from pypi_setup.sandbox import Fault

if TYPE_CHECKING:
    from pypi_setup.sandbox import Sandbox

PUBLISHER = parse_publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
PATH = "/_/v1/publisher"


def test_every_public_name_is_there_and_documented() -> None:
    assert sorted(pypi_setup.__all__) == sorted(set(pypi_setup.__all__))
    for name in pypi_setup.__all__:
        value = getattr(pypi_setup, name)
        assert isinstance(value, str) or inspect.getdoc(value), name


def test_a_name_that_is_not_public() -> None:
    with pytest.raises(AttributeError, match="no attribute 'transport_of_delight'"):
        _ = pypi_setup.transport_of_delight


def test_a_registration(sandbox: Sandbox) -> None:
    report = add_pending_publisher(PUBLISHER, sandbox.token, sandbox.url)
    assert (report.success, report.status, report.http_status) == (True, Status.REGISTERED, 201)
    assert "Added release.yml in https://github.com/octo-org/sample-repo" in str(report.response)
    assert report.message.startswith("Registered: ")
    assert "HTTP 201: Added release.yml" in report.message
    again = add_pending_publisher(PUBLISHER, sandbox.token, sandbox.url)
    assert (again.success, again.status.value, again.http_status) == (False, "already-registered", 409)
    fine = add_pending_publisher(PUBLISHER, sandbox.token, sandbox.url, exist_ok=True)
    assert (fine.success, fine.status.value) == (True, "already-registered")
    assert [request.method for request in sandbox.requests] == ["POST"] * 3


@pytest.mark.parametrize("fault", Fault)
def test_it_never_raises_for_what_an_index_does(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.break_path(PATH, fault)
    report = add_pending_publisher(PUBLISHER, sandbox.token, sandbox.url, timeout=0.5)
    assert report.status is not Status.MANUAL
    assert report.fallback_url.startswith(f"{sandbox.url}/manage/account/publishing/?")
    assert sandbox.token not in repr(report)


def test_it_never_raises_for_an_index_that_is_down(sandbox: Sandbox) -> None:
    sandbox.close()
    report = add_pending_publisher(PUBLISHER, "t", sandbox.url, timeout=0.2)
    assert (report.status, report.http_status) == (Status.NETWORK_ERROR, None)


@pytest.mark.parametrize(
    ("token", "index", "fields"),
    [("", "pypi", ["api-token"]), ("a b", "http://pypi.org", ["index-url", "api-token"])],
)
def test_an_index_or_a_token_that_is_none(token: str, index: str, fields: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        add_pending_publisher(PUBLISHER, token, index)
    assert [problem.field for problem in caught.value.problems] == fields


def test_values_by_hand() -> None:
    index = parse_index("testpypi")
    assert index.page(PUBLISHER, exists=True).url.startswith("https://test.pypi.org/manage/project/")
    assert PUBLISHER.payload["name"] == "sample-project"
