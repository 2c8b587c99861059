from __future__ import annotations

import pytest

from pypi_setup.values.guidance import guidance
from pypi_setup.values.index import Index, PageKind
from pypi_setup.values.publisher import Publisher

PUBLISHER = Publisher("One.Two", "octo-org", "sample-repo", "release.yml", "")
PYPI, TESTPYPI, OTHER = map(Index, ("https://pypi.org", "https://test.pypi.org", "https://pypi.example.org"))
VALUES = (
    ("Owner", "octo-org"),
    ("Repository name", "sample-repo"),
    ("Workflow name", "release.yml"),
    ("Environment name", ""),
)


def said(index: Index, *, exists: bool | None, organization: str = "") -> str:
    guide = guidance(PUBLISHER, index, exists=exists, organization=organization)
    return " ".join((guide.step, *guide.notes, *guide.afterwards))


def test_an_existing_projects_form_is_filled_in() -> None:
    guide = guidance(PUBLISHER, PYPI, exists=True)
    assert (guide.page.kind, guide.fields, guide.is_copied) == (PageKind.PROJECT, VALUES, False)
    assert "click 'Add' right away" in guide.step
    assert "Proceed with caution" in guide.step


@pytest.mark.parametrize(
    ("index", "organization", "label", "kind"),
    [
        (PYPI, "", "PyPI Project Name", PageKind.ACCOUNT),
        (TESTPYPI, "", "TestPyPI Project Name", PageKind.ACCOUNT),
        (OTHER, "", "pypi.example.org Project Name", PageKind.ACCOUNT),
        (PYPI, "octo-team", "PyPI Project Name", PageKind.ORGANIZATION),
        (TESTPYPI, "octo-team", "PyPI Project Name", PageKind.ORGANIZATION),
    ],
)
@pytest.mark.parametrize("exists", [False, None])
def test_a_new_projects_five_values_in_the_forms_order(
    index: Index, organization: str, label: str, kind: PageKind, exists: bool | None
) -> None:
    guide = guidance(PUBLISHER, index, exists=exists, organization=organization)
    assert guide.fields == ((label, "One.Two"), *VALUES)
    assert (guide.page.kind, guide.is_copied) == (kind, True)
    assert "copy the five values" in guide.step


def test_what_is_said_in_each_case() -> None:
    existing, new, unknown = (said(PYPI, exists=each) for each in (True, False, None))
    organization = said(PYPI, exists=False, organization="octo-team")
    for words, where in {
        "Only Owners of the project": [existing],
        "within 30 minutes of entering your password": [existing],
        "expires after 30 days if unused": [new, unknown, organization],
        "the name is not reserved": [new, unknown, organization],
        "Only one pending publisher": [new, unknown, organization],
        "at most 3 pending publishers at a time": [new, unknown],
        "Only Owners of the organization": [organization],
        "Could not check whether the project exists": [unknown],
        "verified e-mail address and two-factor": [existing, new, unknown, organization],
        "PyPI does not know your device, it asks you to confirm by e-mail and loses the link: open the link "
        "again afterwards.": [existing, new, unknown, organization],
        "At most 100 registrations a day": [existing, new, unknown, organization],
    }.items():
        assert [each for each in (existing, new, unknown, organization) if words in each] == where, words


@pytest.mark.parametrize("exists", [True, False, None])
def test_testpypi_is_an_index_of_its_own(exists: bool | None) -> None:
    words = "TestPyPI has its own accounts and publishers"
    assert words in said(TESTPYPI, exists=exists)
    assert words not in said(PYPI, exists=exists)
    assert words not in said(OTHER, exists=exists)


@pytest.mark.parametrize("exists", [True, False, None])
def test_pypis_rules_are_not_said_to_be_those_of_another_index(exists: bool | None) -> None:
    words = "limits and rules are PyPI's; pypi.example.org may have others."
    assert words in said(OTHER, exists=exists)
    assert "may have others" not in said(PYPI, exists=exists) + said(TESTPYPI, exists=exists)


def test_only_pypi_is_known_to_ask_for_no_confirmation() -> None:
    assert "no e-mail has to be confirmed" in said(PYPI, exists=True)
    assert "no e-mail has to be confirmed" not in said(OTHER, exists=True)
