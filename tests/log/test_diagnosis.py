from __future__ import annotations

import io

from pypi_setup.log.diagnosis import Diagnosis, diagnosed
from pypi_setup.log.parts import Part, of_stream
from pypi_setup.log.scan import scanned
from pypi_setup.values.explanation import Blame

MISSING = "ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'"
EXISTS = "File already exists ('sample-1.0-py3-none-any.whl', with blake2_256 hash 'abc')."
HTTP = "ERROR    HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/"


def of(*texts: str) -> Diagnosis:
    return diagnosed(scanned([of_stream(io.BytesIO("\n".join(texts).encode()))]))


def rules(diagnosis: Diagnosis) -> list[str]:
    named = diagnosis.explanation.named
    return [*([named.rule] if named else []), *(other.rule for other in diagnosis.explanation.others)]


def test_the_first_cause_leads_and_what_followed_is_listed() -> None:
    assert rules(
        of(
            "##[error]No files were found with the provided path: dist/. No artifacts will be uploaded.",
            MISSING,
        )
    ) == [
        "artifact-no-files",
        "no-distributions",
    ]


def test_what_only_says_that_something_failed_is_left_out() -> None:
    assert rules(of(HTTP, f"         {EXISTS}", "##[error]Process completed with exit code 1.")) == [
        "file-exists"
    ]
    assert rules(of(HTTP, "         Bad Request")) == ["http-400"]


def test_of_two_that_say_little_the_more_precise_one_leads() -> None:
    assert rules(of("##[error]The operation was canceled.", HTTP)) == ["http-400", "cancelled"]


def test_jobs_that_run_side_by_side_are_ordered_by_time() -> None:
    late = f"a-publish\tUpload\t2026-08-01T10:05:00.1Z {EXISTS}"
    early = f"z-build\tCheck\t2026-08-01T10:01:00.1Z {MISSING}"
    diagnosis = of(late, early)
    assert rules(diagnosis) == ["no-distributions", "file-exists"]
    assert diagnosis.explanation.named is not None
    assert (diagnosis.explanation.named.job, diagnosis.explanation.named.step) == ("z-build", "Check")
    assert rules(of(late, MISSING)) == ["file-exists", "no-distributions"]


def test_a_cause_that_many_jobs_have_is_told_once() -> None:
    log = [f"job{number}\tUpload\t2026-08-01T10:0{number}:00.1Z {EXISTS}" for number in range(9)]
    assert rules(of(*log)) == ["file-exists"]


def test_the_step_is_the_one_whose_output_it_is() -> None:
    named = of(
        "2026-08-01T10:00:00.1Z ##[group]Run actions/checkout@v5",
        "2026-08-01T10:00:01.1Z ##[group]Run twine upload dist/*",
        f"2026-08-01T10:00:02.1Z {EXISTS}",
        "2026-08-01T10:00:03.1Z ##[group]Run later",
    ).explanation.named
    assert named is not None
    assert (named.step, named.job, named.line) == ("Run twine upload dist/*", "", 3)
    assert named.error == EXISTS
    far = ["##[group]Run twine upload", *("x" * 100 for _ in range(4000)), EXISTS]
    named = of(*far).explanation.named
    assert named is not None
    assert (named.step, named.line) == ("Run twine upload", 4002)


def test_the_job_is_the_parts() -> None:
    parts = [Part("build", iter([b"fine"])), Part("publish", iter([EXISTS.encode()]))]
    named = diagnosed(scanned(parts)).explanation.named
    assert named is not None
    assert (named.job, named.line) == ("publish", 1)


def test_a_text_across_the_border_of_blocks_is_found() -> None:
    for size in (131_000, 131_060, 131_072, 139_260, 200_000):
        log = "y" * (size % 64) + "\n" + f"{'x' * 63}\n" * (size // 64) + EXISTS
        assert rules(of(log)) == ["file-exists"]


def test_one_endless_line_is_read() -> None:
    assert rules(of("x " * 400_000 + EXISTS)) == ["file-exists"]


def test_a_release_that_is_half_done() -> None:
    explanation = of(
        "Uploading distributions to https://test.pypi.org/legacy/",
        "Uploading sample-1.0-cp312-cp312-win_amd64.whl",
        "Uploading sample-1.0-py3-none-any.whl",
        HTTP,
        EXISTS,
    )
    assert explanation.explanation.uploaded == ("sample-1.0-cp312-cp312-win_amd64.whl",)
    assert (explanation.project, explanation.where) == ("sample", "pypi")


def test_the_project_is_named_by_the_error_the_link_or_the_files() -> None:
    assert of("Invalid API Token: OIDC scoped token is not valid for project 'other'").project == "other"
    assert of("Uploading one-1.0.tar.gz", "Uploading two-1.0.tar.gz", EXISTS).project == ""
    link = (
        "https://pypi.org/manage/project/linked/settings/publishing/?provider=github&owner=o&repository=r"
        "&workflow_filename=w.yml"
    )
    assert of(EXISTS, link).project == "linked"


def test_claims_belong_to_the_error_above_them() -> None:
    def listed(name: str) -> list[str]:
        ref = f"o/{name}/.github/workflows/w.yml@refs/heads/main"
        return [f"* `repository`: `o/{name}`", f"* `job_workflow_ref`: `{ref}`", *([""] * 20)]

    error = (
        "`invalid-publisher`: valid token, but no corresponding publisher (All lookup strategies exhausted)"
    )
    assert of(*listed("before"), error, *listed("after")).explanation.claims["repository"] == "o/after"
    assert of(*listed("before"), error).explanation.claims["repository"] == "o/before"
    assert of(*listed("alone")).explanation.claims["repository"] == "o/alone"
    assert of(error).explanation.claims == {}


def test_an_unknown_log_shows_its_errors() -> None:
    explanation = of(
        "##[error]Trusty has lost its hat",
        "##[error]Trusty has lost its hat",
        "##[error]",
        "fatal: no hat",
        "##[error]Process completed with exit code 1.",
    ).explanation
    assert explanation.named is None
    assert explanation.lines == ((1, "Trusty has lost its hat"), (4, "fatal: no hat"))


def test_of_many_errors_the_last_are_shown() -> None:
    explanation = of(*(f"##[error]hat {number}" for number in range(50))).explanation
    assert [text for _, text in explanation.lines] == [f"hat {number}" for number in range(40, 50)]


def test_a_fault_of_others_is_theirs() -> None:
    named = of("Token request failed: the index produced an unexpected 503 response.").explanation.named
    assert named is not None
    assert (named.blame, named.link) == (Blame.INDEX, "https://status.python.org")


def test_a_secret_in_the_error_is_not_repeated() -> None:
    token = "pypi-AgEIcHlwaS5vcmcCJDRjOTU0ZmQ2LWE2YjItNGMzMy1iMmJi"
    explanation = of(f"##[error]cannot use {token}").explanation
    assert explanation.lines == ((1, "cannot use ***"),)
    assert len(explanation.secrets) == 1
    assert token not in str(explanation)
    assert token not in str(of(f"{EXISTS} {token}").explanation)


def test_words_of_another_program_need_something_near_in_a_long_log() -> None:
    lonely = "docker: command not found"
    assert rules(of(lonely)) == ["docker-missing"]
    assert rules(of(*(f"step {number}" for number in range(30)), lonely)) == []
    assert rules(of(*(f"step {number}" for number in range(30)), "Run twine upload", lonely)) == [
        "docker-missing"
    ]


def test_a_refusal_by_github_is_none_by_the_index() -> None:
    refused = "requests.exceptions.HTTPError: 403 Client Error: Server failed to authenticate the request. "
    assert rules(of("twine", f"{refused}for url: https://objects.githubusercontent.com/x ")) == []
    assert rules(of("twine", f"{refused}for url: https://upload.pypi.org/legacy/ ")) == ["http-403"]


def test_a_release_that_github_does_not_let_be_made() -> None:
    assert rules(of("⚠️ GitHub release failed with status: 403")) == ["token-permission"]
