"""Claims as tools print them, in every format and with every peculiarity that was seen."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.log.claims import Claims, found
from pypi_setup.log.diagnosis import Diagnosis, diagnosed
from pypi_setup.log.lines import parsed
from pypi_setup.log.parts import of_stream
from pypi_setup.log.scan import scanned

ERROR = (
    "* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims was "
    "not found)"
)
Values = dict[str, str]


def values(environment: str = "", file: str = "release.yml", repository: str = "octo-org/sample") -> Values:
    ref = "refs/tags/v1.0"
    subject = f"environment:{environment}" if environment else f"ref:{ref}"
    claims = {
        "sub": f"repo:{repository}:{subject}",
        "repository": repository,
        "repository_owner": repository.partition("/")[0],
        "repository_owner_id": "583231",
        "job_workflow_ref": f"{repository}/.github/workflows/{file}@{ref}",
        "ref": ref,
    }
    return claims | ({"environment": environment} if environment else {})


SETS = (
    values(),
    values("pypi"),
    values("PyPI release", "Publish to PyPI.yaml"),
    values(file="python-publish.yml", repository="Octo-Org/sample.project"),
    values("release", "_release.yml", "octo-org/mono-repo"),
)


def action_old(claims: Values) -> str:
    """As gh-action-pypi-publish v1.8.8 to v1.11 renders them: neither environment nor workflow_ref."""
    shown = {name: value for name, value in claims.items() if name != "environment"}
    return "\n".join(f"* `{name}`: `{value}`" for name, value in shown.items())


def action_new(claims: Values) -> str:
    """As v1.12 and newer does."""
    shown = {**claims, "workflow_ref": claims["job_workflow_ref"]}
    shown.setdefault("environment", "MISSING")
    head = "The claims rendered below are **for debugging purposes only**."
    environment = f"* `environment`: `{shown['environment']}`"
    return "\n".join(
        [head, "", action_old(shown), environment, "", "See https://docs.pypi.org/ for more help."]
    )


def action_logged(claims: Values) -> str:
    return "\n".join(
        f"publish\tUNKNOWN STEP\t2026-08-01T10:00:00.1234567Z {line}"
        for line in action_new(claims).split("\n")
    )


def action_copied(claims: Values) -> str:
    """As it is copied from the summary: without Markdown."""
    return action_new(claims).replace("`", "").replace("* ", "")


def annotated(claims: Values) -> str:
    return "::error::Trusted publishing exchange failure: " + action_new(claims).replace("\n", "%0A")


def rust(claims: Values, head: str, *, told: bool) -> str:
    lines = [f'    {name}: "{value}",' for name, value in claims.items() if name != "environment"]
    if told and "environment" in claims:
        lines += ["    environment: Some(", f'        "{claims["environment"]}",', "    ),"]
    elif told:
        lines.append("    environment: None,")
    return "\n".join([f"Token claims, which must match the publisher configuration: {head} {{", *lines, "}"])


def uv(claims: Values) -> str:
    return rust(claims, "GitHub(\n    GitHubTokenClaims", told=True)


def uv_old(claims: Values) -> str:
    return rust(claims, "OidcTokenClaims", told=False)


def as_json(claims: Values) -> str:
    return json.dumps({"aud": "pypi", **claims, "environment": claims.get("environment")}, indent=2)


FORMS = (action_old, action_new, action_logged, action_copied, annotated, uv, uv_old, as_json)


def explained(text: str) -> Diagnosis:
    return diagnosed(scanned([of_stream(io.BytesIO(text.encode()))]))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("claims", SETS, ids=lambda claims: claims["sub"])
def test_each_format_is_read(form: object, claims: Values) -> None:
    text = f"before\n{ERROR}\n\n{form(claims)}\n\nafter"  # type: ignore[operator]
    diagnosis = explained(text)
    assert diagnosis.explanation.named is not None
    assert diagnosis.explanation.named.rule == "publisher-not-found"
    read = dict(diagnosis.explanation.claims)
    read.pop("workflow_ref", "")
    assert read == claims
    assert diagnosis.claims is not None
    assert diagnosis.claims.has_environment


def test_there_are_enough_logs_with_claims() -> None:
    assert len(FORMS) * len(SETS) >= 30


def read(text: str) -> list[Claims]:
    return found([parsed(line, number) for number, line in enumerate(text.split("\n"), 1)], 1)


def test_the_environment_is_not_made_up() -> None:
    own_subject = action_old({**values(), "sub": "repository_id:1:workflow:x"})
    assert [claims.has_environment for claims in read(own_subject)] == [False]


def test_several_sets_are_several() -> None:
    both = "\n".join(
        [action_new(values("testpypi")), *("noise" for _ in range(20)), action_new(values("pypi"))]
    )
    assert [claims.mapping["environment"] for claims in read(both)] == ["testpypi", "pypi"]


def test_what_only_speaks_of_a_claim_is_no_set() -> None:
    assert read("The job_workflow_ref claim does not match, expecting one of ['a@b'], got 'c@d'") == []
    assert read("job_workflow_ref is what PyPI compares") == []


LINK = (
    "https://pypi.org/manage/project/sample/settings/publishing/?provider=github&owner=octo-org&repository=sample"
    "&workflow_filename=release.yml"
)


def test_the_suggested_link_names_the_same_facts() -> None:
    (claims,) = read(f"link(s): {LINK}&environment=pypi")
    assert claims.mapping == {
        "repository": "octo-org/sample",
        "repository_owner": "octo-org",
        "job_workflow_ref": "octo-org/sample/.github/workflows/release.yml",
        "environment": "pypi",
    }
    assert (claims.project, claims.has_environment) == ("sample", True)
    (claims,) = read(LINK)
    assert (claims.has_environment, "environment" in claims.mapping) == (False, False)
    (claims,) = read(f"{LINK}&environment=")
    assert (claims.has_environment, "environment" in claims.mapping) == (True, False)
    assert read(LINK.replace("octo-org", "")) == []


def test_claims_across_the_border_of_blocks_are_whole() -> None:
    for size in range(15_900, 16_500, 37):
        text = (
            f"{'x' * 63}\n" * (size // 64) + "y" * (size % 64) + f"\n{ERROR}\n{action_new(values('pypi'))}\n"
        )
        assert explained(text).explanation.claims["sub"] == "repo:octo-org/sample:environment:pypi"


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_around_them_is_read(before: str, after: str) -> None:
    read(f"{before}\n{action_new(values('pypi'))}\n{after}")
    read(f"{before}job_workflow_ref: {after} workflow_filename {LINK}{after}")
