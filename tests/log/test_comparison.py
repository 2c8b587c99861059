from __future__ import annotations

from pypi_setup.log.claims import Claims
from pypi_setup.log.comparison import differences, presented, workflow_file
from pypi_setup.values.explanation import Difference
from pypi_setup.values.publisher import Publisher

PUBLISHER = Publisher("sample", "octo-org", "sample", "release.yml", "pypi")
SHOWN = {
    "repository": "octo-org/sample",
    "repository_owner": "octo-org",
    "job_workflow_ref": "octo-org/sample/.github/workflows/release.yml@refs/tags/v1",
    "ref": "refs/tags/v1",
    "environment": "pypi",
}


def claims(changes: dict[str, str], *, told: bool = True) -> Claims:
    values = {name: value for name, value in {**SHOWN, **changes}.items() if value}
    return Claims(1, 1, tuple(values.items()), told)


def test_equal_claims_differ_in_nothing() -> None:
    assert differences(PUBLISHER, claims({})) == ()


def test_the_first_that_differs_comes_first_with_both_remedies() -> None:
    other = claims(
        {
            "job_workflow_ref": "octo-org/sample/.github/workflows/publish.yml@refs/tags/v1",
            "environment": "release",
        }
    )
    assert differences(PUBLISHER, other) == (
        Difference(
            "workflow",
            "publish.yml",
            "release.yml",
            "the workflow that runs is `publish.yml`, the publisher names `release.yml`",
            "publish from release.yml, or register the publisher with the workflow publish.yml",
        ),
        Difference(
            "environment",
            "release",
            "pypi",
            "the job runs in the environment `release`, the publisher requires `pypi`",
            "write `environment: pypi` in the publishing job, or register the publisher with release",
        ),
    )


def test_what_the_log_does_not_show_is_not_judged() -> None:
    assert differences(PUBLISHER, claims({"environment": ""}, told=False)) == ()
    assert differences(PUBLISHER, claims({"job_workflow_ref": "", "ref": ""})) == ()
    assert [each.field for each in differences(PUBLISHER, claims({"environment": ""}))] == ["environment"]


def test_a_workflow_of_another_repository() -> None:
    other = claims({"job_workflow_ref": "acme/ci/.github/workflows/release.yml@refs/tags/v1"})
    assert [each.field for each in differences(PUBLISHER, other)] == ["workflow ref"]


def test_the_publisher_that_would_match() -> None:
    assert presented(claims({}), "sample") == PUBLISHER
    assert presented(claims({"environment": ""}), "sample") == PUBLISHER._replace(environment="")
    assert presented(claims({"environment": ""}, told=False), "sample") is None
    assert presented(claims({}), "") is None
    assert presented(claims({"repository": ""}), "sample") is None
    assert presented(claims({"environment": "a;b"}), "sample") is None


def test_the_workflow_file_is_one_in_githubs_folder() -> None:
    assert workflow_file(claims({})) == "release.yml"
    assert workflow_file(claims({"job_workflow_ref": "octo-org/sample/release.yml@x"})) == ""
    assert workflow_file(claims({"job_workflow_ref": ""})) == ""
