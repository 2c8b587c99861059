from __future__ import annotations

import base64
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.index.claims import (
    ISSUER,
    SHOWN,
    TOKEN_LIMIT,
    compared,
    decoded,
    differing,
    is_called,
    shown,
)
from pypi_setup.values.comparison import Row, Verdict
from pypi_setup.values.publisher import Publisher

SHA = "0123456789abcdef0123456789abcdef01234567"
PUBLISHER = Publisher("sample-project", "octo-org", "Sample-Repo", "release.yml", "pypi")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "pypi",
    "sub": "repo:octo-org/Sample-Repo:environment:pypi",
    "jti": "CANARY-jti",
    "repository": "octo-org/Sample-Repo",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234567",
    "environment": "pypi",
    "event_name": "push",
    "ref": "refs/heads/main",
    "sha": SHA,
    "workflow_ref": "octo-org/Sample-Repo/.github/workflows/release.yml@refs/heads/main",
    "job_workflow_ref": "octo-org/Sample-Repo/.github/workflows/release.yml@refs/heads/main",
}


def told(publisher: Publisher = PUBLISHER, **claims: Any) -> Row | None:
    """Return the first row that differs."""
    return differing(compared(publisher, {**CLAIMS, **claims}))


def file(name: str, ref: str = "refs/heads/main", repository: str = "octo-org/Sample-Repo") -> str:
    return f"{repository}/.github/workflows/{name}@{ref}"


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"


# decoded


def test_a_token_is_decoded_to_its_claims() -> None:
    assert decoded(token({"iss": "x", "n": 1})) == {"iss": "x", "n": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "a.b",
        "a.b.c.d",
        "..",
        "a.é.c",
        f"a.{base64.urlsafe_b64encode(b'{').decode()}.c",
        f"a.{base64.urlsafe_b64encode(bytes([255])).decode()}.c",
        token(["no", "object"]),
        token("text"),
        f"a.{base64.urlsafe_b64encode(b'[' * 40000).decode()}.c",
        token({"long": "x" * TOKEN_LIMIT}),
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert decoded(text) is None


@given(st.text() | st.builds(lambda payload: f"a.{payload}.b", st.text(alphabet="abcAB019-_=")))
def test_any_text_gives_claims_or_none(text: str) -> None:
    assert decoded(text) is None or isinstance(decoded(text), dict)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text())))
def test_any_object_is_decoded_as_it_is(claims: dict[str, Any]) -> None:
    assert decoded(token(claims)) == claims


# shown


def test_only_the_claims_that_count_are_shown() -> None:
    assert shown(CLAIMS) == {
        "iss": ISSUER,
        "aud": "pypi",
        "repository": "octo-org/Sample-Repo",
        "repository_owner": "octo-org",
        "repository_owner_id": "1234567",
        "workflow_ref": "octo-org/Sample-Repo/.github/workflows/release.yml@refs/heads/main",
        "job_workflow_ref": "octo-org/Sample-Repo/.github/workflows/release.yml@refs/heads/main",
        "ref": "refs/heads/main",
        "sha": SHA,
        "event_name": "push",
        "environment": "pypi",
    }


@pytest.mark.parametrize(
    ("owner_id", "is_there"), [(1234567, True), ("1234567", True), (True, False), (None, False)]
)
def test_an_owners_id_may_be_a_number(owner_id: object, is_there: bool) -> None:
    claims = {**CLAIMS, "repository_owner_id": owner_id}
    rows = compared(PUBLISHER, claims)
    assert (rows[0].field == "claim repository_owner_id") is not is_there
    assert rows[-1].field == "owner id"
    assert rows[-1].got == ("1234567" if is_there else "(none)")
    assert (shown(claims).get("repository_owner_id") == "1234567") is is_there


def test_shown_claims_are_harmless_and_bounded() -> None:
    assert shown(
        {"ref": "a\n::set-output\x1b[2J", "sha": "x" * 999, "aud": ["pypi"], "environment": None}
    ) == {
        "ref": "a ::set-output\\x1b[2J",
        "sha": "x" * 299 + "…",
    }


# compared


def test_right_claims_make_a_row_a_field() -> None:
    ref = "octo-org/Sample-Repo/.github/workflows/release.yml@refs/heads/main"
    assert [row[:4] for row in compared(PUBLISHER, CLAIMS)] == [
        ("issuer", ISSUER, ISSUER, Verdict.OK),
        ("owner", "octo-org", "octo-org", Verdict.OK),
        ("repository", "Sample-Repo", "Sample-Repo", Verdict.OK),
        ("workflow", "release.yml", "release.yml", Verdict.OK),
        ("environment", "pypi", "pypi", Verdict.OK),
        ("workflow ref", ref, ref, Verdict.OK),
        ("event", "(any but pull_request_target)", "push", Verdict.OK),
        ("owner id", "(stored by PyPI at registration)", "1234567", Verdict.UNKNOWN),
    ]


CASES = {
    "another issuer": (
        {"iss": "https://ghe.example.com/_services/token"},
        "issuer",
        "the token was issued by `https://ghe.example.com/_services/token`: PyPI knows no GitHub but "
        "github.com",
        "GitHub Enterprise with an issuer of its own has no Trusted Publishing on PyPI: publish from "
        "github.com, or with an API token",
    ),
    "owner in other case": (
        {"repository": "Octo-Org/Sample-Repo", "repository_owner": "Octo-Org"},
        "owner",
        "the publisher names `octo-org`, the owner is called `Octo-Org`: PyPI tells upper from lower case",
        "register the publisher with the owner Octo-Org",
    ),
    "another owner": (
        {"repository": "new-org/Sample-Repo", "repository_owner": "new-org"},
        "owner",
        "this workflow runs for the owner `new-org`, the publisher names `octo-org`",
        "run it in a repository of octo-org; if that owner was renamed, or the repository was transferred, "
        "register the publisher again with the owner new-org",
    ),
    "two claims of the owner that disagree": (
        {"repository_owner": "new-org"},
        "owner",
        "this workflow runs for the owner `new-org`, the publisher names `octo-org`",
        "run it in a repository of octo-org; if that owner was renamed, or the repository was transferred, "
        "register the publisher again with the owner new-org",
    ),
    "repository in other case": (
        {"repository": "octo-org/sample-repo"},
        "repository",
        "the publisher names `Sample-Repo`, the repository is called `sample-repo`: PyPI tells "
        "upper from lower case",
        "register the publisher with the repository sample-repo",
    ),
    "a renamed repository": (
        {"repository": "octo-org/new-name"},
        "repository",
        "this workflow runs in the repository `new-name`, the publisher names `Sample-Repo`",
        "run it in Sample-Repo; if that repository was renamed, register the publisher again with the "
        "repository new-name",
    ),
    "a repository without an owner": (
        {"repository": "octo-org"},
        "repository",
        "this workflow runs in the repository ``, the publisher names `Sample-Repo`",
        "run it in Sample-Repo; if that repository was renamed, register the publisher again with the "
        "repository",
    ),
    "workflow file in other case": (
        {"job_workflow_ref": file("Release.yml"), "workflow_ref": file("Release.yml")},
        "workflow",
        "the publisher names `release.yml`, the file is called `Release.yml`: PyPI tells upper from "
        "lower case",
        "register the publisher with the workflow Release.yml",
    ),
    "another workflow file": (
        {"job_workflow_ref": file("release.yaml"), "workflow_ref": file("release.yaml")},
        "workflow",
        "the workflow that runs is `release.yaml`, the publisher names `release.yml`",
        "publish from release.yml, or register the publisher with the workflow release.yaml",
    ),
    "a called workflow of this repository": (
        {"job_workflow_ref": file("called.yml")},
        "workflow",
        "this job stands in `called.yml`, called by `release.yml`: PyPI sees the called file",
        "move the publishing job into release.yml itself; or register called.yml, and publish without "
        "attestations, which name the caller and are then refused",
    ),
    "a called workflow of another repository, other file": (
        {"job_workflow_ref": file("publish.yml", "refs/tags/v1", "octo/shared")},
        "workflow",
        "this job runs in a reusable workflow of another repository: PyPI sees "
        "octo/shared/.github/workflows/publish.yml",
        "keep the publishing job in release.yml of this repository; a build may be called from elsewhere",
    ),
    "a called workflow of another repository, same file": (
        {"job_workflow_ref": file("release.yml", "refs/heads/main", "octo/shared")},
        "workflow ref",
        "this job runs in a reusable workflow of another repository: PyPI sees "
        "octo/shared/.github/workflows/release.yml",
        "keep the publishing job in release.yml of this repository; a build may be called from elsewhere",
    ),
    "no workflow file": (
        {"job_workflow_ref": "nonsense"},
        "workflow",
        "`nonsense` names no workflow file",
        "run the job in a workflow file in .github/workflows, named release.yml",
    ),
    "no environment": (
        {"environment": None},
        "environment",
        "the job has no `environment:`",
        "add `environment: pypi` to the publishing job, or register the publisher without one",
    ),
    "an empty environment": (
        {"environment": ""},
        "environment",
        "the job has no `environment:`",
        "add `environment: pypi` to the publishing job, or register the publisher without one",
    ),
    "another environment": (
        {"environment": "wrong"},
        "environment",
        "the job runs in the environment `wrong`, the publisher requires `pypi`",
        "write `environment: pypi` in the publishing job, or register the publisher with wrong",
    ),
    "pinned to another ref": (
        {"ref": "refs/tags/v1.0"},
        "workflow ref",
        "the job's workflow is taken from `refs/heads/main`, but the run is for `refs/tags/v1.0`",
        "call it without a ref, `uses: ./.github/workflows/release.yml`, so that it is the run's own",
    ),
    "pinned, and the run has only a commit": (
        {"ref": ""},
        "workflow ref",
        f"the job's workflow is taken from `refs/heads/main`, but the run is for `{SHA}`",
        "call it without a ref, `uses: ./.github/workflows/release.yml`, so that it is the run's own",
    ),
    "neither ref nor commit": (
        {"ref": "", "sha": ""},
        "workflow ref",
        "the token names neither ref nor commit of the run",
        "run the job for a branch or a tag",
    ),
    "a workflow outside its folder": (
        {"job_workflow_ref": "octo-org/Sample-Repo/release.yml@refs/heads/main"},
        "workflow ref",
        f"PyPI expects `{file('release.yml')}`, the token says "
        "`octo-org/Sample-Repo/release.yml@refs/heads/main`",
        "call the workflow by its path, `uses: ./.github/workflows/release.yml`",
    ),
    "the same repository spelled otherwise by the caller": (
        {"job_workflow_ref": file("release.yml", repository="Octo-Org/sample-repo")},
        "workflow ref",
        f"PyPI expects `{file('release.yml')}`, the token says "
        f"`{file('release.yml', repository='Octo-Org/sample-repo')}`",
        "call the workflow by its path, `uses: ./.github/workflows/release.yml`",
    ),
    "pull_request_target": (
        {"event_name": "pull_request_target"},
        "event",
        "`pull_request_target` started this workflow: PyPI lets nothing be published from it",
        "publish on a tag, a release or workflow_dispatch",
    ),
    "a missing claim": (
        {"jti": None},
        "claim jti",
        "the token has no claim `jti`, which PyPI requires",
        "GitHub sends it in every token: run the job on GitHub Actions itself, or report it to GitHub",
    ),
    "a claim that is no text": (
        {"repository": 1234567},
        "claim repository",
        "the token has no claim `repository`, which PyPI requires",
        "GitHub sends it in every token: run the job on GitHub Actions itself, or report it to GitHub",
    ),
}


@pytest.mark.parametrize(("claims", "field", "sentence", "fix"), CASES.values(), ids=CASES)
def test_each_difference_has_its_sentence_and_fix(
    claims: dict[str, Any], field: str, sentence: str, fix: str
) -> None:
    row = told(**claims)
    assert row
    assert (row.field, row.sentence, row.fix) == (field, sentence, fix)


@pytest.mark.parametrize(
    "claims",
    [
        {"environment": "PyPI"},
        {"event_name": "workflow_dispatch"},
        {
            "event_name": "pull_request",
            "ref": "refs/pull/5/merge",
            "job_workflow_ref": file("release.yml", "refs/pull/5/merge"),
        },
        {"job_workflow_ref": file("release.yml", SHA)},
        {"ref": "", "job_workflow_ref": file("release.yml", SHA)},
        {"workflow_ref": None},
        {"sub": "anything", "actor": None},
    ],
)
def test_what_pypi_accepts_differs_in_nothing(claims: dict[str, Any]) -> None:
    assert told(**claims) is None


def test_a_publisher_without_environment_takes_any_job() -> None:
    anywhere = PUBLISHER._replace(environment="")
    assert told(anywhere) is None
    assert told(anywhere, environment=None) is None
    row = compared(anywhere, CLAIMS)[4]
    assert row[:4] == ("environment", "(any)", "pypi", Verdict.OK)


def test_the_publishers_environment_is_compared_without_letter_case() -> None:
    assert told(PUBLISHER._replace(environment="PyPI")) is None


def test_the_workflow_file_may_hold_an_at_sign_and_a_ref_may_look_like_a_file() -> None:
    odd = PUBLISHER._replace(workflow_filename="a@b.yml")
    assert told(odd, job_workflow_ref=file("a@b.yml", "x"), ref="x") is None
    assert told(odd, job_workflow_ref=file("a@b.yml", "x/y.yml@z"), ref="x/y.yml@z") is None


def test_missing_claims_are_told_first_and_their_fields_are_unknown() -> None:
    rows = compared(PUBLISHER, {})
    assert [(row.field, row.verdict.value) for row in rows] == [
        ("claim iss", "differs"),
        ("claim repository", "differs"),
        ("claim repository_owner", "differs"),
        ("claim repository_owner_id", "differs"),
        ("claim job_workflow_ref", "differs"),
        ("claim jti", "differs"),
        ("claim event_name", "differs"),
        ("claim ref", "differs"),
        ("claim sha", "differs"),
        ("issuer", "unknown"),
        ("owner", "unknown"),
        ("repository", "unknown"),
        ("workflow", "unknown"),
        ("environment", "differs"),
        ("workflow ref", "unknown"),
        ("event", "unknown"),
        ("owner id", "unknown"),
    ]


def test_the_fix_names_the_publishers_file_in_every_row() -> None:
    foreign = file("publish.yml", "refs/tags/v1", "octo/shared")
    rows = compared(PUBLISHER, {**CLAIMS, "job_workflow_ref": foreign})
    fix = "keep the publishing job in release.yml of this repository; a build may be called from elsewhere"
    assert [(row.field, row.fix) for row in rows if row.fix] == [("workflow", fix), ("workflow ref", fix)]


def test_rows_are_harmless_and_bounded() -> None:
    row = told(environment="\x1b[2J\n::stop-commands::x" + "y" * 9999)
    assert row
    assert row.got.startswith("\\x1b[2J ::stop-commands::xyyy")
    assert all(len(text) <= 310 and text.isprintable() for text in row)


def test_a_called_workflow_is_told_from_one_that_was_started() -> None:
    assert not is_called(CLAIMS)
    assert is_called({**CLAIMS, "workflow_ref": file("caller.yml")})
    assert not is_called({})


# against PyPI's own verdicts

REGISTERED = tuple(
    Publisher(project, "octo-org", repository, workflow, environment)
    for project, repository, workflow, environment in (
        ("existing-project", "Sample-Repo", "release.yml", "pypi"),
        ("noenv-project", "noenv-repo", "release.yml", ""),
        ("both-project", "both-repo", "release.yml", ""),
        ("both-project", "both-repo", "release.yml", "pypi"),
        ("shared-project", "shared-repo", "release.yml", "pypi"),
        ("reuse-project", "reuse-repo", "reusable.yml", "pypi"),
        ("brand-new-project", "pending-repo", "release.yml", "pypi"),
        ("brand-new-Case.Project", "pending-case", "release.yml", "pypi"),
        ("late-project", "late-repo", "release.yml", "pypi"),
        ("existing-pr0ject", "similar-repo", "release.yml", "pypi"),
        ("monorepo-project", "mono-repo", "release.yml", "pypi"),
        ("pend-noenv-project", "pend-noenv", "release.yml", ""),
    )
)
"""The publishers, pending ones included, that the recorded index had."""

STATEFUL = {
    "owner id differs (renamed/re-created account)": "what PyPI stored of the owner is not known outside",
    "...same, second try": "the pending publisher was deleted by the first try",
}
"""Recorded refusals whose reason does not stand in the claims and the publisher's five values."""


def recorded() -> list[tuple[str, dict[str, Any], bool]]:
    """Return what was recorded: label, claims, and whether PyPI found a publisher for them."""
    rows = []
    for line in (Path(__file__).parents[1] / "data" / "pypi-contract.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["section"] != 3 or "claims" not in row:
            continue
        answer = row["response"].get("json", {})
        error = answer.get("errors", [{"code": "", "description": ""}])[0]
        found = MATCHED.get(
            error["code"], "too similar" in error["description"] or "disabled" in error["description"]
        )
        if found is not None:
            name = row["claims"]["repository"].partition("/")[2]
            claims = {
                **CLAIMS,
                "job_workflow_ref": file("release.yml", repository=f"octo-org/{name}"),
                **row["claims"],
            }
            rows.append((row["label"], claims, found))
    return rows


MATCHED: dict[str, bool | None] = {
    "": True,
    "invalid-publisher": False,
    "invalid-reuse-token": True,
    "invalid-pending-publisher": True,
    "invalid-token": None,  # Signature, time, audience: no claim of the publisher's was looked at.
    "not-enabled": None,
}
"""What PyPI's answer says of the match; for `invalid-payload` its description decides."""

RECORDED = recorded()


def test_enough_was_recorded() -> None:
    assert len(RECORDED) >= 40
    assert {label for label, _, _ in RECORDED} >= set(STATEFUL)


@pytest.mark.parametrize(("label", "claims", "found"), RECORDED, ids=[label for label, _, _ in RECORDED])
def test_the_comparison_agrees_with_every_recorded_exchange(
    label: str, claims: dict[str, Any], found: bool
) -> None:
    matches = any(differing(compared(publisher, claims)) is None for publisher in REGISTERED)
    assert matches == (found or label in STATEFUL)


def accepts(publisher: Publisher, claims: dict[str, Any]) -> bool:
    """Tell whether PyPI takes the claims for this publisher: its look-up, then its checks."""
    required = (
        "repository",
        "repository_owner",
        "repository_owner_id",
        "job_workflow_ref",
        "jti",
        "event_name",
    )
    if claims["iss"] != ISSUER or any(claims[name] is None for name in (*required, "ref", "sha")):
        return False
    owner, _, name = claims["repository"].partition("/")
    filename = re.search(r"([^/]+\.(yml|yaml))(?=@)", claims["job_workflow_ref"])
    environment = (claims["environment"] or "").lower()
    slug = f"{publisher.owner}/{publisher.repository}"
    return (
        filename is not None
        and (owner, name, filename[0]) == (publisher.owner, publisher.repository, publisher.workflow_filename)
        and publisher.environment.lower() in {"", environment}
        and claims["repository"].lower() == slug.lower()
        and claims["repository_owner"] == publisher.owner
        and claims["job_workflow_ref"]
        in {
            f"{slug}/.github/workflows/{publisher.workflow_filename}@{ref}"
            for ref in (claims["ref"], claims["sha"])
            if ref
        }
        and claims["event_name"] != "pull_request_target"
    )


@pytest.mark.parametrize("publisher", REGISTERED, ids=lambda publisher: "/".join(publisher[2:]))
def test_the_rules_hold_for_every_recorded_claim_beside_every_publisher(publisher: Publisher) -> None:
    for _, claims, _ in RECORDED:
        assert (differing(compared(publisher, claims)) is None) == accepts(publisher, claims)


VALUES: dict[str, list[str | None]] = {
    "iss": [ISSUER, f"{ISSUER}/octocat-inc"],
    "repository": ["octo-org/Sample-Repo", "octo-org/sample-repo", "Octo-Org/Sample-Repo", "octo-org", None],
    "repository_owner": ["octo-org", "Octo-Org", None],
    "repository_owner_id": ["1234567", None],
    "environment": ["pypi", "PyPI", "", None],
    "event_name": ["push", "pull_request_target", None],
    "ref": ["refs/heads/main", "refs/tags/v1", "", "a/x.yml@b", None],
    "sha": [SHA, "", None],
    "job_workflow_ref": [
        *(
            file(name, ref, repository)
            for name, ref, repository in itertools.product(
                ("release.yml", "Release.yml", "a@release.yml", ".yml", "release.txt"),
                ("refs/heads/main", SHA, "a/x.yml@b"),
                ("octo-org/Sample-Repo", "octo/shared", "octo-org/sample-repo"),
            )
        ),
        "release.yml@refs/heads/main",
        "release.yml",
        "",
        None,
    ],
}


@given(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
    st.sampled_from(["release.yml", "Release.yml", "a@release.yml"]),
    st.sampled_from(["pypi", "PyPI", ""]),
)
def test_the_rules_are_pypis_for_any_claims(claims: dict[str, Any], workflow: str, environment: str) -> None:
    publisher = PUBLISHER._replace(workflow_filename=workflow, environment=environment)
    claims = {**CLAIMS, **claims}
    assert (differing(compared(publisher, claims)) is None) == accepts(publisher, claims)


@given(
    st.dictionaries(
        st.sampled_from([*SHOWN, "jti"]),
        st.text() | st.integers() | st.none() | st.sampled_from([file("release.yml"), "a/b", ISSUER]),
    )
)
def test_any_claims_give_rows_that_explain_themselves(claims: dict[str, Any]) -> None:
    for row in compared(PUBLISHER, claims):
        assert all(text.isprintable() and len(text) <= 3010 for text in row[:3])
        assert (row.verdict is Verdict.DIFFERS) == bool(row.sentence and row.fix)
    assert shown(claims).keys() <= set(SHOWN)
