"""Verify from end to end: real signatures, PyPI's rules in the embedded index, a stand-in for GitHub."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pypi_setup.index.claims import ISSUER
from pypi_setup.index.verification import verify
from pypi_setup.sandbox import File, Identity, Sandbox
from pypi_setup.sources.lookup import look_up
from pypi_setup.transport import Client
from pypi_setup.values.index import Index
from pypi_setup.values.publisher import Publisher
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Docker

ROOT = Path(__file__).resolve().parent.parent
IDENTITY = Identity("octo-org", "sample-project", "release.yml", "pypi")


@pytest.fixture
def index() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


# Every recorded exchange again, with the publishers that the recorded index had

REGISTERED = {
    "Sample-Repo": ("release.yml", "pypi"),
    "noenv-repo": ("release.yml", ""),
    "both-repo": ("release.yml", "pypi"),
    "shared-repo": ("release.yml", "pypi"),
    "reuse-repo": ("reusable.yml", "pypi"),
}
"""By repository: what was registered for it. For any other nothing was."""


class Exchange(NamedTuple):
    """One recorded exchange with one of these repositories."""

    label: str
    claims: dict[str, Any]
    status: int
    code: str
    description: str

    @property
    def repository(self) -> str:
        """The repository in the spelling that was registered."""
        name = self.claims["repository"].partition("/")[2].lower()
        return next((one for one in REGISTERED if one.lower() == name), "")

    @property
    def is_about_claims(self) -> bool:
        """Tell whether the answer depends on the claims; else on the signature, the time, the replay, ..."""
        return self.code in {"", "invalid-publisher"} or self.claims["iss"] != ISSUER


def recorded() -> Iterator[Exchange]:
    for line in (ROOT / "tests/data/pypi-contract.jsonl").read_text().splitlines():
        row = json.loads(line)
        claims = row.get("claims", {})
        # The stand-in for GitHub always sends a job_workflow_ref; rows with few claims are abridged.
        if row["section"] == 3 and claims.get("job_workflow_ref"):
            (error,) = row["response"]["json"].get("errors", [{"code": "", "description": ""}])
            said = (error["code"], error["description"])
            exchange = Exchange(row["label"], claims, row["response"]["status"], *said)
            if exchange.is_about_claims and exchange.repository:
                yield exchange


RECORDED = list(recorded())

ENTERPRISE = "the token was issued by `"
FOREIGN = "this job runs in a reusable workflow of another repository: PyPI sees octo-org/shared"
CASE = "PyPI tells upper from lower case."
OTHER = "the job runs in the environment `wrong`, the publisher requires `pypi`."
CAUSES = {
    "unknown issuer": ENTERPRISE,
    "GitHub issuer with trailing slash": ENTERPRISE,
    "GitHub Enterprise style issuer": ENTERPRISE,
    "missing claim event_name": "the token has no claim `event_name`, which PyPI requires.",
    "environment mismatch (publisher pypi, claim wrong)": OTHER,
    "same failing JWT again": OTHER,
    "publisher env pypi, claim without environment": "the job has no `environment:`.",
    "owner in other case (Octo-Org)": (
        f"the publisher names `octo-org`, the owner is called `Octo-Org`: {CASE}"
    ),
    "repository in other case (sample-repo)": (
        f"the publisher names `Sample-Repo`, the repository is called `sample-repo`: {CASE}"
    ),
    "workflow filename in other case (Release.yml)": (
        f"the publisher names `release.yml`, the file is called `Release.yml`: {CASE}"
    ),
    "workflow with the other extension (.yaml)": (
        "the workflow that runs is `release.yaml`, the publisher names `release.yml`."
    ),
    "owner id differs (renamed/re-created account)": "INDEX refused the exchange: invalid-publisher (",
    "event pull_request_target": "`pull_request_target` started this workflow: PyPI lets nothing be",
    "reusable workflow in another repo, same filename": FOREIGN,
    "reusable workflow in another repo, other filename": FOREIGN,
    "reusable workflow in the same repo, publisher names the CALLER file": (
        "this job stands in `called.yml`, called by `release.yml`: PyPI sees the called file."
    ),
    "job_workflow_ref pinned to another ref than the run's": "the job's workflow is taken from",
}
"""By recorded refusal: what we say, however the server put it."""


@pytest.mark.parametrize("exchange", RECORDED, ids=lambda exchange: exchange.label)
def test_verify_says_what_pypi_said(
    index: Sandbox, monkeypatch: pytest.MonkeyPatch, exchange: Exchange
) -> None:
    for repository, (workflow, environment) in REGISTERED.items():
        index.store.add_publisher("existing-project", "octo-org", repository, workflow, environment)
    index.store.add_publisher("existing-project", "octo-org", "both-repo", "release.yml", "")
    asked = Publisher("existing-project", "octo-org", exchange.repository, *REGISTERED[exchange.repository])
    if "the general one" in exchange.label:
        asked = asked._replace(environment="")
    index.github.set_job(**exchange.claims)
    for name, value in index.github.environ.items():
        monkeypatch.setenv(name, value)
    client, package_index = Client(30), Index(index.url)
    masked: list[str] = []
    proof = verify(
        asked,
        package_index,
        client,
        project_exists=look_up(asked.name, package_index, client).exists,
        exchange=True,
        allow_create=False,
        mask=masked.append,
    )
    assert (proof.status is Status.VERIFIED) == (exchange.status == 200)
    assert len(masked) == (2 if exchange.status == 200 else 1)
    # The project exists, so the index is asked whatever the claims show, and says what PyPI said.
    assert proof.exchanged
    assert (proof.code, proof.description) == (exchange.code, exchange.description)
    assert not proof.disagrees
    detail = proof.detail.replace(package_index.label, "INDEX")
    assert detail.startswith(CAUSES.get(exchange.label, ""))
    assert bool(proof.detail) == (exchange.label in CAUSES)
    assert not any(token in repr(proof) for token in (*masked, index.github.request_token))


def test_the_matrix_is_not_empty() -> None:
    assert len(RECORDED) >= 25
    assert {exchange.label for exchange in RECORDED if exchange.status != 200} == set(CAUSES)
    assert {exchange.code for exchange in RECORDED} == {"", "invalid-publisher", "invalid-payload"}


# The programs


class Left(NamedTuple):
    """What a run left behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    files: str


class Step:
    """The action's step in a job on a runner."""

    def __init__(self, folder: Path, index: Sandbox, program: list[str], environ: dict[str, str]) -> None:
        self.folder, self.index, self.program, self.environ = folder, index, program, environ

    def __call__(self, **inputs: str) -> Left:
        files = {name: self.folder / name for name in ("output", "summary")}
        for file in files.values():
            file.write_text("")
        (self.folder / "workspace").mkdir(exist_ok=True)
        done = subprocess.run(
            self.program,
            cwd=self.folder / "workspace",
            env={
                "PATH": os.environ["PATH"],
                "RUNNER_TEMP": str(self.folder),
                **self.index.github.environ,
                "GITHUB_EVENT_NAME": "workflow_dispatch",
                "GITHUB_OUTPUT": str(files["output"]),
                "GITHUB_REPOSITORY": "octo-org/sample-project",
                "GITHUB_STEP_SUMMARY": str(files["summary"]),
                "GITHUB_WORKSPACE": str(self.folder / "workspace"),
                "INPUT_MODE": "verify",
                "INPUT_INDEX_URL": self.index.url,
                "INPUT_PROJECT": "sample-project",
                "INPUT_OWNER": "octo-org",
                "INPUT_REPO": "sample-project",
                **self.environ,
                **inputs,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        output, summary = files["output"].read_text(), files["summary"].read_text()
        entries = re.findall(r"^([a-z-]+)<<(\S+)\n(.*?)\n\2$", output, re.MULTILINE | re.DOTALL)
        return Left(
            done.returncode,
            done.stdout,
            {name: value for name, _, value in entries},
            summary,
            output + summary,
        )


@pytest.fixture(
    params=[
        "checkout",
        pytest.param("container", marks=[pytest.mark.container, pytest.mark.xdist_group("engine")]),
    ]
)
def step(request: pytest.FixtureRequest, tmp_path: Path, index: Sandbox) -> Step:
    if request.param == "checkout":
        return Step(tmp_path, index, [sys.executable, str(ROOT / "entrypoint.py")], {})
    docker: Docker = request.getfixturevalue("docker")
    kept = {
        name: os.environ[name] for name in ("DOCKER_HOST", "HOME", "PYPI_SETUP_BASE") if name in os.environ
    }
    kept["PATH"] = f"{docker.folder}:{os.environ['PATH']}"
    return Step(tmp_path, index, [str(ROOT / "scripts/run-action.sh")], kept)


def secrets_of(index: Sandbox) -> list[str]:
    """Return all tokens that went around: GitHub's, the minted ones, and the one to ask GitHub with."""
    minted = [token for token in index.store.tokens if token != index.token]
    return [*index.github.issued, *minted, index.github.request_token]


def assert_no_token_is_shown(index: Sandbox, left: Left) -> None:
    for secret in secrets_of(index):
        shown = [line for line in left.log.splitlines() if secret in line]
        assert shown in ([], [f"::add-mask::{secret}"])
        assert secret not in left.files


def test_the_job_that_may_publish_is_verified(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    left = step()
    assert (left.code, left.outputs["status"], left.outputs["success"]) == (0, "verified", "true")
    assert left.outputs["verified"] == "true"
    claims = json.loads(left.outputs["claims"])
    assert claims["repository"] == "octo-org/sample-project"
    assert claims["environment"] == "pypi"
    assert "jti" not in claims
    (github, minted, _) = secrets_of(index)
    assert f"::add-mask::{github}" in left.log
    assert f"::add-mask::{minted}" in left.log
    assert_no_token_is_shown(index, left)


def test_a_job_without_environment_is_told_so(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    index.github.set_job(environment=None)
    left = step()
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (1, "not-verified", "false")
    assert left.outputs["message"] == "Not verified: the job has no `environment:`."
    assert "environment" not in json.loads(left.outputs["claims"])
    assert "[Review the publisher on " in left.summary
    assert "the job has no &#96;environment:&#96;; add &#96;environment: pypi&#96;" in left.summary
    for words in ("[Register the publisher on ", "Owners of"):
        assert words not in left.summary
    assert "The form will say" not in left.log
    assert "Publisher with matching claims was not found" in left.log
    assert [request.path for request in index.requests].count("/_/oidc/mint-token") == 1
    assert_no_token_is_shown(index, left)


def test_a_pending_publisher_for_another_name_proves_nothing(step: Step, index: Sandbox) -> None:
    index.store.add_pending("fresh-nine", *IDENTITY)
    left = step(INPUT_PROJECT="fresh-ten", INPUT_ALLOW_CREATE="true")
    assert index.store.project("fresh-nine") is not None
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (1, "not-verified", "false")
    assert left.outputs["project-exists"] == "false"
    assert "fresh-ten still does not exist: what matched was for another project." in left.outputs["message"]
    assert "[Register the publisher on " in left.summary
    assert_no_token_is_shown(index, left)


def test_a_second_project_of_the_repository_is_not_said_to_be_covered(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("first", *IDENTITY)
    index.store.add_project("second")
    left = step(INPUT_PROJECT="second")
    assert (left.code, left.outputs["status"]) == (0, "verified")
    label = index.url.removeprefix("http://")
    assert left.outputs["message"] == (
        f"Verified: {label} has a Trusted Publisher that matches this job. This proves that a publisher "
        f"matches, not that it covers second. It covers one project; {label} does not say which."
    )
    assert "Release as usual" not in left.log + left.summary
    left = step(INPUT_PROJECT="first\nsecond")
    assert (left.code, left.outputs["status"]) == (1, "not-verified")
    assert "it covers one project, and 2 were asked for" in left.log
    index.store.add_publisher("second", *IDENTITY)
    left = step(INPUT_PROJECT="first\nsecond")
    assert (left.code, left.outputs["status"]) == (0, "verified")
    assert_no_token_is_shown(index, left)


@pytest.mark.parametrize("status", ["quarantined", "archived"])
def test_a_project_that_takes_no_uploads_is_not_to_be_released(
    step: Step, index: Sandbox, status: str
) -> None:
    files = [File("sample_project-1.0.tar.gz", "1.0", attested_by=IDENTITY)]
    index.store.add_project("sample-project", files=files, status=status)
    index.store.add_publisher("sample-project", *IDENTITY)
    left = step()
    assert (left.code, left.outputs["status"]) == (0, "verified")
    assert left.outputs["message"].startswith(f"sample-project is {status} on ")
    assert "Release as usual" not in left.log + left.summary


def test_what_the_exchange_can_bring_about_is_said_before_it_is_made(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    left = step()
    words = (
        "If a pending publisher with the job's owner, repository, workflow and environment waits for another"
    )
    assert left.log.index(words) < left.log.index("Verified: ")
    assert left.log.index(words) < left.log.rindex("::add-mask::")


def test_a_publisher_that_is_not_registered_is_refused_with_pypis_words(step: Step, index: Sandbox) -> None:
    index.store.add_project("sample-project")
    left = step()
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (1, "not-verified", "false")
    assert "Publisher with matching claims was not found" in left.outputs["message"]
    assert left.outputs["fallback-url"].startswith(f"{index.url}/manage/project/sample-project/settings/")
    assert "[Register the publisher on " in left.summary
    assert "Only Owners of the project can open the page" in left.summary
    assert "The form will say" in left.log
    assert_no_token_is_shown(index, left)


def test_a_project_is_not_created_unless_asked_for(step: Step, index: Sandbox) -> None:
    index.store.add_pending("sample-project", *IDENTITY)
    left = step()
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (0, "claims-match", "false")
    assert index.store.project("sample-project") is None
    assert list(index.store.pending) == [IDENTITY]
    assert "Unless the publisher is registered already: Open the link" in left.summary
    left = step(INPUT_ALLOW_CREATE="true")
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (0, "verified", "true")
    assert index.store.project("sample-project") is not None
    assert list(index.store.pending) == []
    assert_no_token_is_shown(index, left)


def test_a_new_project_beside_an_existing_one_is_not_created_either(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    index.store.add_pending("second-project", *IDENTITY)
    left = step(INPUT_PROJECT="sample-project\nsecond-project")
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (0, "claims-match", "false")
    assert index.store.project("second-project") is None
    assert list(index.store.pending) == [IDENTITY]


def test_the_exchange_can_be_switched_off(step: Step, index: Sandbox) -> None:
    index.store.add_project("sample-project")
    left = step(INPUT_EXCHANGE="false")
    assert (left.code, left.outputs["status"], left.outputs["verified"]) == (0, "claims-match", "false")
    assert "/_/oidc/mint-token" not in [request.path for request in index.requests]


def test_a_job_without_permission_is_told_so(step: Step, index: Sandbox) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    left = step(ACTIONS_ID_TOKEN_REQUEST_URL="", ACTIONS_ID_TOKEN_REQUEST_TOKEN="")
    assert (left.code, left.outputs["status"]) == (1, "not-verified")
    assert left.outputs["message"] == "Not verified: GitHub offers this job no OIDC token."
    assert left.outputs["claims"] == "{}"
    assert index.github.issued == []


# The command line


def command(index: Sandbox, folder: Path, environ: dict[str, str], *options: str) -> tuple[int, str, str]:
    values = ("--project", "sample-project", "--owner", "octo-org", "--repo", "sample-project")
    names = ("--workflow", "release.yml", "--environment", "pypi")
    done = subprocess.run(
        [sys.executable, "-m", "pypi_setup", "verify", *values, *names, "--index-url", index.url, *options],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_verifies_too_and_masks_beside_its_one_line_of_json(
    index: Sandbox, tmp_path: Path
) -> None:
    index.store.add_publisher("sample-project", *IDENTITY)
    code, out, errors = command(index, tmp_path, index.github.environ, "--json")
    result = json.loads(out)
    assert (code, out.count("\n"), result["status"], result["verified"]) == (0, 1, "verified", True)
    assert result["claims"]["job_workflow_ref"] == (
        "octo-org/sample-project/.github/workflows/release.yml@refs/heads/main"
    )
    (github, minted, request) = secrets_of(index)
    assert errors.splitlines() == [f"::add-mask::{github}", f"::add-mask::{minted}"]
    assert request not in out + errors


def test_the_command_elsewhere_says_where_it_must_run_and_what_to_paste(
    index: Sandbox, tmp_path: Path
) -> None:
    code, out, errors = command(index, tmp_path, {})
    assert (code, errors) == (1, "")
    assert "Not verified: this must run on GitHub Actions, as a step of the job that publishes." in out
    assert "mode: verify" in out
    assert f'index-url: "{index.url}"' in out
    assert [request.path for request in index.requests if "oidc" in request.path] == []
