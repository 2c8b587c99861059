from __future__ import annotations

from typing import Any

import pytest

from pypi_setup.index.coverage import Evidence, coverage
from pypi_setup.index.scope import Scope
from pypi_setup.sources.lookup import Published
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher

PUBLISHER = Publisher("sample-project", "octo-org", "sample-repo", "release.yml", "pypi")
CLAIMS: dict[str, Any] = {
    "repository": "octo-org/sample-repo",
    "job_workflow_ref": "octo-org/sample-repo/.github/workflows/release.yml@refs/heads/main",
    "environment": "PyPI",
}
PUBLISHED = Published("sample-1.0.tar.gz", "octo-org/sample-repo", "release.yml", "pypi")
BASE = Evidence(Scope(), existed=True, exists=True, published=None, asked=1)
ONLY_MATCHES = "This proves that a publisher matches, not that it covers sample-project."


def of(claims: dict[str, Any] | None = None, **changes: Any) -> tuple[bool | None, str]:
    found = coverage(PUBLISHER, Index("https://pypi.org"), claims or CLAIMS, BASE._replace(**changes))
    assert (found.covers is False) == bool(found.likely)
    assert found.fix
    return found.covers, found.sentence


@pytest.mark.parametrize(
    ("changes", "covers", "sentence"),
    [
        ({}, None, ONLY_MATCHES),
        ({"scope": Scope(1)}, None, f"{ONLY_MATCHES} It covers one project; PyPI does not say which."),
        ({"scope": Scope(7)}, None, f"{ONLY_MATCHES} It covers 7 projects; PyPI does not say which."),
        ({"scope": Scope(2, covers=True)}, True, "It covers sample-project."),
        (
            {"scope": Scope(2, covers=False)},
            False,
            "PyPI exchanged the token, but the publisher that matches does not cover sample-project.",
        ),
        (
            {"scope": Scope(0, covers=False), "published": PUBLISHED},
            False,
            "PyPI exchanged the token, but the publisher that matches does not cover sample-project.",
        ),
        (
            {"existed": False, "scope": Scope(1)},
            True,
            "It covers sample-project, which the exchange has just created.",
        ),
        ({"existed": None}, None, ONLY_MATCHES),
        ({"existed": False, "exists": None}, None, ONLY_MATCHES),
        *(
            (
                {"existed": existed, "exists": False, "scope": Scope(1), "published": PUBLISHED},
                False,
                "PyPI exchanged the token, and sample-project still does not exist: what matched was for "
                "another project.",
            )
            for existed in (False, None)
        ),
        (
            {"published": PUBLISHED, "asked": 2, "scope": Scope(1)},
            True,
            "The newest attested file of sample-project, sample-1.0.tar.gz, came from it.",
        ),
        (
            {"asked": 3, "scope": Scope(1)},
            False,
            "PyPI exchanged the token, but it covers one project, and 3 were asked for.",
        ),
        (
            {"asked": 3, "scope": Scope(3)},
            None,
            f"{ONLY_MATCHES} It covers 3 projects; PyPI does not say which.",
        ),
        ({"asked": 3}, None, ONLY_MATCHES),
    ],
)
def test_what_is_known_of_a_project(changes: dict[str, Any], covers: bool | None, sentence: str) -> None:
    assert of(**changes) == (covers, sentence)


@pytest.mark.parametrize(
    ("published", "claims"),
    [
        (PUBLISHED._replace(repository="octo-org/other"), {}),
        (PUBLISHED._replace(repository="Octo-Org/sample-repo"), {}),
        (PUBLISHED._replace(workflow="publish.yml"), {}),
        (PUBLISHED._replace(kind="GitLab"), {}),
        # A publisher with the job's environment comes before one without any: it may be another project's.
        (PUBLISHED._replace(environment=""), {}),
        (PUBLISHED, {"environment": None}),
        (PUBLISHED, {"environment": 7}),
        (PUBLISHED, {"job_workflow_ref": None}),
        (PUBLISHED._replace(filename="x" * 500, environment="other"), {}),
    ],
)
def test_a_release_by_another_publisher_is_no_evidence(published: Published, claims: dict[str, Any]) -> None:
    assert of({**CLAIMS, **claims}, published=published) == (None, ONLY_MATCHES)


def test_a_release_without_environment_is_evidence_for_a_job_without_one() -> None:
    published = PUBLISHED._replace(environment="")
    assert of({**CLAIMS, "environment": None}, published=published)[0] is True


def test_what_to_do_about_it() -> None:
    index = Index("https://pypi.org")
    missing, uncovered, fewer, created, unknown = (
        coverage(PUBLISHER, index, CLAIMS, BASE._replace(**changes))
        for changes in (
            {"exists": False},
            {"scope": Scope(0, covers=False)},
            {"scope": Scope(1), "asked": 2},
            {"existed": False},
            {},
        )
    )
    assert (missing.likely, missing.fix) == (
        "A pending publisher with these values waited for another name, and that project exists now; or a "
        "publisher of another project matches this job.",
        "Look at your projects on PyPI for one that is new and empty. Then register sample-project through "
        "the link, with an environment of its own. If sample-project itself was created just now, its page "
        "can be some minutes late.",
    )
    assert (uncovered.likely, uncovered.fix) == (
        "The upload token is good for no project: sample-project is not among them.",
        "Add the same publisher to sample-project through the link: one can serve several projects.",
    )
    assert (fewer.likely, fewer.fix) == (
        "The publisher that matches is registered for some of them only; whether sample-project is one of "
        "these is not known.",
        "Open the link and see whether sample-project lists this publisher; if not, add it there too.",
    )
    assert created.fix == "Release as usual, from this workflow and environment."
    assert unknown.fix == (
        "Open the link and see that sample-project lists this publisher; then release from this workflow and "
        "environment."
    )
