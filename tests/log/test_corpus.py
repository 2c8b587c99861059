"""Logs of failed releases, of our own making: texts that people see, in the shapes in which they reach us.

Each text stands once, and is tried in each of the shapes.
"""

from __future__ import annotations

import io
import textwrap
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_setup.log.diagnosis import diagnosed
from pypi_setup.log.parts import of_archive, of_stream
from pypi_setup.log.scan import scanned

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypi_setup.values.explanation import Explanation

TEXTS: tuple[tuple[str, str], ...] = (
    # GitHub, before or around the job
    (
        "action-version-missing",
        "Unable to resolve action `pypa/gh-action-pypi-publish@v1`, unable to find version `v1`",
    ),
    ("action-version-missing", "Error: Missing download info for pypa/gh-action-pypi-publish@v1"),
    (
        "action-version-missing",
        "Unable to resolve action `pypa/gh-action-pypi-publish@release%2Fv1.5.0`, unable to find version "
        "`release/v1.5.0`",
    ),
    (
        "action-version-missing",
        "Unable to resolve action `pypa/gh-action-pypi-publish@f7600653596e4cd83f0ea59b8070d4a8676c49a0`, "
        "unable to find version `f7600653596e4cd83f0ea59b8070d4a8676c49a0`",
    ),
    (
        "action-sha-length",
        "Error: The action pypa/gh-action-pypi-publish@cef2210092ed1bacb1cc03d23a2d87d1d172e277b is not "
        "allowed in octo-org/sample because all actions must be pinned to a full-length commit SHA.",
    ),
    (
        "action-not-pinned",
        "The action `actions/setup-python@v5` is not allowed because all actions must be pinned to a "
        "full-length commit SHA.",
    ),
    (
        "action-not-allowed",
        "pypa/gh-action-pypi-publish@master is not allowed to be used in octo-org/sample. Actions in this "
        "workflow must be: within a repository owned by octo-org, created by GitHub or verified in the "
        "GitHub "
        "Marketplace.",
    ),
    (
        "environment-ref-refused",
        'Tag "v0.23.0" is not allowed to deploy to pypi due to environment protection rules.\n'
        "The deployment was rejected or didn't satisfy other protection rules.",
    ),
    (
        "environment-ref-refused",
        'Branch "release/1.x" is not allowed to deploy to PyPI release due to environment protection rules.',
    ),
    ("environment-rejected", "The deployment was rejected or didn't satisfy other protection rules."),
    (
        "caller-permissions",
        "Error calling workflow 'octo-org/sample/.github/workflows/publish.yml@refs/heads/main'. The nested "
        "job 'publish' is requesting 'id-token: write', but is only allowed 'id-token: none'.",
    ),
    (
        "artifact-name-taken",
        "Error: Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an "
        "artifact with this name already exists on the workflow run",
    ),
    (
        "artifact-not-found",
        "Error: Unable to download artifact(s): Artifact not found for name: python-package-distributions\n"
        "        Please ensure that your artifact is not expired and the artifact was uploaded using a "
        "compatible version of toolkit/upload-artifact.",
    ),
    ("token-permission", "HTTP 403: Resource not accessible by integration (https://api.github.com/…)"),
    # The Docker action does not start
    (
        "docker-image-of-tag-object",
        "Unable to find image 'ghcr.io/pypa/gh-action-pypi-publish:6733eb7d741f0b11ec6a39b58540dab7590f9b7d' "
        "locally\ndocker: Error response from daemon: manifest unknown",
    ),
    (
        "docker-image-of-composite",
        "Run ./.github/.tmp/.generated-actions/run-pypi-publish-in-docker-container\n"
        "Unable to find image 'ghcr.io/octo-org/sample:v1.4.0' locally\n"
        "docker: Error response from daemon: denied",
    ),
    ("docker-missing", "Run pypa/gh-action-pypi-publish@release/v1\nError: docker: command not found"),
    # What is in dist/
    (
        "no-distributions",
        "It looks like there are no Python distribution packages to publish in the directory 'dist/'. Please "
        "verify that they are in place should you face this problem.\n"
        "ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'",
    ),
    ("no-distributions", "ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'"),
    (
        "unknown-distribution-format",
        "Checking dist/build-environment.txt: ERROR    InvalidDistribution: Unknown distribution format: "
        "'build-environment.txt'",
    ),
    (
        "signatures-in-dist",
        "ERROR    InvalidDistribution: Unknown distribution format: "
        "'sample-0.9.1-py3-none-any.whl.sigstore.json'",
    ),
    # Metadata, twine
    (
        "metadata-version-unknown-to-tool",
        "ERROR    InvalidDistribution: Metadata is missing required fields: Name, Version. Make sure the "
        "distribution includes the files where those fields are specified, and is using a supported "
        "Metadata-Version: 1.0, 1.1, 1.2, 2.0, 2.1, 2.2, 2.3.",
    ),
    (
        "metadata-version-refused",
        "ERROR    InvalidDistribution: Invalid distribution metadata: '2.5' is not a valid metadata version",
    ),
    (
        "metadata-licence-fields",
        "ERROR    InvalidDistribution: Invalid distribution metadata: unrecognized or malformed field "
        "'license-file'",
    ),
    (
        "metadata-licence-fields",
        "InvalidDistribution: Invalid distribution metadata: unrecognized or malformed field "
        "'license-expression'; unrecognized or malformed field 'license-file'",
    ),
    (
        "classifier-unknown",
        "HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/\n400 'License-Expression :: MIT' is "
        "not a valid classifier. See https://packaging.python.org/specifications/core-metadata for more "
        "information.",
    ),
    (
        "local-version",
        "400 The use of local versions in '0.0.0.post1.dev17182+ge7f7404a6' is not allowed. See "
        "https://packaging.python.org/specifications/core-metadata for more information.",
    ),
    (
        "local-version",
        "ERROR    HTTPError: 400 Bad Request from https://test.pypi.org/legacy/\n         The use of local "
        "versions in <Version('0.1.dev1+gb1b94ba')> is not allowed. See",
    ),
    (
        "platform-tag-refused",
        "Binary wheel 'sample-4.1.dev0-cp314-cp314-linux_x86_64.whl' has an unsupported platform tag "
        "'linux_x86_64'.",
    ),
    # Token and publisher
    (
        "publisher-not-found",
        "* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims "
        "was not found)",
    ),
    (
        "publisher-not-found",
        "Error: Trusted publishing exchange failure: \nToken request failed: the server refused the request "
        "for the following reasons:\n\n* `invalid-publisher`: valid token, but no corresponding publisher "
        "(All lookup strategies exhausted)",
    ),
    (
        "publisher-claim-missing",
        "* `invalid-publisher`: valid token, but no corresponding publisher (Missing claim 'jti')",
    ),
    (
        "pending-publisher-project-exists",
        "* `invalid-pending-publisher`: valid token, but project already exists",
    ),
    (
        "id-token-missing",
        "Error: Trusted publishing exchange failure: \nOpenID Connect token retrieval failed: GitHub: "
        "missing "
        "or insufficient OIDC token permissions, the ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was "
        "unset",
    ),
    (
        "mint-unexpected-answer",
        "Token request failed: the index produced an unexpected\n503 response.\n\nThis strongly suggests a "
        "server configuration or downtime issue; wait\na few minutes and try again.",
    ),
    ("mint-unexpected-answer", "Token request failed: the index produced an unexpected 500 response."),
    (
        "token-of-other-publisher",
        "ERROR    HTTPError: 403 Forbidden from https://upload.pypi.org/legacy/\n         Invalid API Token: "
        "OIDC scoped token is not valid for project 'sample-native'",
    ),
    (
        "non-user-identity",
        "400 Non-user identities cannot create new projects. This was probably caused by successfully using "
        "a "
        "pending publisher but specifying the project name incorrectly (either in the publisher or in your "
        "project's metadata). Please ensure that both match.",
    ),
    ("token-user-restriction", "403 Invalid API Token: token with user restriction without a user"),
    (
        "invalid-authentication",
        "403 Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth for "
        "more information.",
    ),
    (
        "publisher-already-registered",
        "This trusted publisher has already been registered. Please contact PyPI's admins if this wasn't "
        "intentional.",
    ),
    # Attestations
    (
        "attestations-exist",
        "Error: Attestation generation failure: \nThe following distributions already have publish "
        "attestations: * /github/workspace/dist/sample-1.0.tar.gz -> "
        "/github/workspace/dist/sample-1.0.tar.gz.publish.attestation",
    ),
    (
        "attestation-of-caller",
        "400 Invalid attestations supplied during upload: Could not verify the uploaded artifact using the "
        "included attestation: Verification failed: 0 of 2 policies succeeded, Certificate's Build Config "
        "URI "
        "(https://github.com/octo-org/sample/.github/workflows/release-tag.yml@refs/heads/main) does not "
        "match "
        "expected Trusted Publisher (python-publish.yml @ octo-org/sample)",
    ),
    (
        "dists-are-folders",
        "Error: Attestation generation failure: The following paths look like distributions but are not "
        "actually files: /github/workspace/dist/sample-1.0.tar.gz",
    ),
    (
        "sigstore-log",
        "requests.exceptions.HTTPError: 502 Server Error: Bad Gateway for url: "
        "https://rekor.sigstore.dev/api/v1/log/entries/",
    ),
    # Upload refused
    (
        "file-exists",
        "ERROR    HTTPError: 400 Bad Request from https://test.pypi.org/legacy/\n         File already "
        "exists "
        "('sample-0.4.1-py3-none-any.whl', with blake2_256 hash "
        "'5a7bbaef507494a1537153ff244041fb127f06217b6aa6e316b1c7b0f27c45c0'). See "
        "https://test.pypi.org/help/#file-name-reuse for more information.",
    ),
    (
        "file-exists",
        "HTTPError: 400 Client Error: File already exists. See https://pypi.org/help/#file-name-reuse for "
        "url: "
        "https://upload.pypi.org/legacy/",
    ),
    (
        "project-too-large",
        "400 Project size too large. Limit for project 'sample' total size is 10 GB. See "
        "https://pypi.org/help/#project-size-limit",
    ),
    (
        "http-400",
        "ERROR    HTTPError: 400 Bad Request from https://test.pypi.org/legacy/\n         Bad Request",
    ),
    ("http-403", "ERROR    HTTPError: 403 Forbidden from https://upload.pypi.org/legacy/"),
    # uv
    (
        "publisher-refused",
        "error: Failed to obtain token for trusted publishing\n  Caused by: Server returned error code 422 "
        "Unprocessable Entity, is trusted publishing correctly configured?\nResponse: "
        '{"errors":[{"code":"invalid-publisher",…',
    ),
    (
        "publisher-not-found",
        "error: Failed to obtain token for trusted publishing\n  Caused by: PyPI returned error code 422 "
        "Unprocessable Entity, is trusted publishing correctly configured?\nResponse: "
        '{"errors":[{"code":"invalid-publisher","description":"valid token, but no corresponding publisher '
        '(Check failed for required claim \'sub\')"}],"message":"Token request failed"}',
    ),
    (
        "uv-credentials-missing",
        "error: Failed to publish `dist/sample-1.0-py3-none-any.whl` to https://upload.pypi.org/legacy/\n"
        "  Caused by: Missing credentials for https://upload.pypi.org/legacy/",
    ),
    ("tool-found-no-distributions", "error: No files found to publish"),
    # What is known beyond, old wordings included
    ("scm-no-version", "LookupError: setuptools-scm was unable to detect version for /github/workspace."),
    ("poetry-connection", "  UploadError\n\n  Error connecting to repository"),
    (
        "invalid-authentication",
        "HTTP Error 403: Invalid or non-existent authentication information. See "
        "https://pypi.org/help/#invalid-auth for more information. | b'<html>…'",
    ),
    (
        "direct-dependency",
        "  HTTPError\n\n  400 Client Error: Can't have direct dependency: livereload@ git+https://… for url: "
        "https://upload.pypi.org/legacy/",
    ),
    ("credentials-missing", "[PdmUsageError]: Username and password are required\npdm publish failed"),
    (
        "token-malformed",
        "HTTPError: 403 Forbidden from https://upload.pypi.org/legacy/\nInvalid API Token: "
        "InvalidMacaroon('invalid macaroon signature')",
    ),
    (
        "password-no-longer-supported",
        "Error uploading to repository: https://upload.pypi.org/legacy/ - Client error '403 "
        "Username/Password "
        "authentication is no longer supported. Migrate to API Tokens or Trusted Publishers instead.' for "
        "url",
    ),
    (
        "no-distributions",
        "FileNotFoundError: [Errno 2] No such file or directory: '/github/workspace/dist'",
    ),
    (
        "sigstore-certificate",
        "Error: InternalError: error creating signing certificate\nFetchError: request to "
        "https://fulcio.sigstore.dev/api/v2/signingCert failed, reason: getaddrinfo EAI_AGAIN "
        "fulcio.sigstore.dev",
    ),
    ("sdist-filename", "400 Filename 'Sample-1.0.tar.gz' is invalid, should be 'sample-1.0.tar.gz'."),
    ("filename-reused", "400 This filename has already been used, use a different version."),
    ("release-closed", "400 Uploading new files to releases older than 14 days is not allowed."),
    ("too-many-new-projects", "429 Too many new projects created"),
    (
        "wheel-not-repairable",
        'auditwheel: error: cannot repair "/tmp/built/sample-1.0-cp312-cp312-linux_x86_64.whl" to '
        '"manylinux_2_17_x86_64" ABI because of the presence of too-recent versioned symbols. You\'ll need '
        "to "
        "compile the wheel on an older toolchain.",
    ),
    (
        "index-server-error",
        "ERROR    HTTPError: 503 Service Unavailable from https://upload.pypi.org/legacy/\n         Service "
        "Unavailable",
    ),
    (
        "user-not-allowed",
        "HTTPError: 403 Client Error: The user 'octocat' isn't allowed to upload to project 'sample'. See "
        "https://pypi.org/help/#project-name for more information.",
    ),
    ("name-similar", "400 The name 'samp1e' is too similar to an existing project. See"),
    (
        "runner-lost",
        "The hosted runner lost communication with the server. Anything in your workflow that terminates the "
        "runner process can cause this.",
    ),
)
"""Rule, and the text that people see."""

ASIDES: tuple[tuple[str, str], ...] = (
    (
        "password-beside-trusted-publishing",
        "Warning: The workflow was run with the 'attestations: true' input, but an explicit password was "
        "also "
        "set, disabling Trusted Publishing. As a result, the attestations input is ignored.",
    ),
    (
        "trusted-publisher-suggested",
        "Warning: A new Trusted Publisher for the currently running publishing workflow can be created by "
        "accessing the following link(s) while logged-in as an owner of the package(s):",
    ),
    (
        "trusted-publishing-attempted",
        "Notice: Attempting to perform trusted publishing exchange to retrieve a temporary short-lived API "
        "token for authentication against https://upload.pypi.org/legacy/ due to __token__ username with no "
        "supplied password field",
    ),
)
"""Texts that fail nothing: alone they are explained, in a log of something else they are not."""

BEFORE = (
    "Current runner version: '2.331.0'",
    "##[group]Operating System",
    "Ubuntu",
    "24.04.3",
    "LTS",
    "##[endgroup]",
    "Prepare workflow directory",
    "Prepare all required actions",
    "Complete job name: publish",
    "##[group]Run actions/download-artifact@v5",
    "with:",
    "  name: dist",
    "  path: dist/",
    "##[endgroup]",
    "Downloading single artifact",
    "Preparing to download the following artifacts:",
    "- dist (ID: 3141592, Size: 27182, Expected Digest: sha256:5a7bbaef)",
    "Artifact download completed successfully.",
    "##[group]Run pypa/gh-action-pypi-publish@release/v1",
    "with:",
    "  user: __token__",
    "##[endgroup]",
)
AFTER = (
    "##[error]Process completed with exit code 1.",
    "Post job cleanup.",
    "Cleaning up orphan processes",
)


def excerpt(text: str) -> bytes:
    return text.encode()


def _lines(text: str) -> list[str]:
    return [*BEFORE, *text.split("\n"), *AFTER]


def raw(text: str) -> bytes:
    """As GitHub's API and the download of one job give it."""
    return "\n".join(
        f"2026-08-01T10:00:{n % 60:02}.1234567Z {line}" for n, line in enumerate(_lines(text))
    ).encode()


def viewed(text: str) -> bytes:
    """As `gh run view --log` prints it."""
    return "\n".join(
        f"publish\tPublish to PyPI\t\ufeff2026-08-01T10:00:{n % 60:02}.1234567Z {line}"
        for n, line in enumerate(_lines(text))
    ).encode()


def failed(text: str) -> bytes:
    """As `gh run view --log-failed` prints it where it cannot tell the step."""
    return "\n".join(
        f"publish\tUNKNOWN STEP\t2026-08-01T10:00:{n % 60:02}.1234567Z {line}"
        for n, line in enumerate(text.split("\n"))
    ).encode()


def coloured(text: str) -> bytes:
    words = "\n".join(f"\x1b[31;1m{line}\x1b[0m" for line in text.split("\n"))
    return "\n".join(["\x1b[36;1mtwine upload dist/*\x1b[0m", words, *AFTER]).encode()


def boxed(text: str) -> bytes:
    lines = [
        piece
        for line in text.split("\n")
        for piece in textwrap.wrap(line, 70, break_on_hyphens=False, break_long_words=False) or [""]
    ]
    width = max(map(len, lines))
    box = [f"╭{'─' * (width + 2)}╮", *(f"│ {line:{width}} │" for line in lines), f"╰{'─' * (width + 2)}╯"]
    return "\n".join([*BEFORE, *box, *AFTER]).encode()


def wrapped(text: str) -> bytes:
    """As rich wraps an error of twine's at 80 columns."""
    lines = [
        piece
        for line in text.split("\n")
        for piece in textwrap.wrap(
            line, 60, subsequent_indent=" " * 9, break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]
    return "\n".join([*BEFORE, *lines, *AFTER]).encode()


def windows(text: str) -> bytes:
    return "\r\n".join(_lines(text)).encode()


def utf16(text: str) -> bytes:
    """As PowerShell's `>` writes it."""
    return b"\xff\xfe" + "\r\n".join(_lines(text)).encode("utf-16-le")


def utf16_bare(text: str) -> bytes:
    return "\n".join(_lines(text)).encode("utf-16-be")


def annotation(text: str) -> bytes:
    """As a program writes an annotation: on one line."""
    return f"::error title=Publish::{text.replace(chr(10), '%0A')}\n".encode()


def quoted(text: str) -> bytes:
    """As it stands in an issue."""
    return "\n".join(
        ["I get this since yesterday:", "", *(f"> {line}" for line in text.split("\n"))]
    ).encode()


def archived(text: str) -> bytes:
    """As the archive of a run."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0_build.txt", "2026-08-01T09:59:00.1234567Z Successfully built sample-1.0.tar.gz\n")
        archive.writestr("1_publish.txt", raw(text))
        archive.writestr("publish/5_Run pypa_gh-action-pypi-publish.txt", raw(text))
        archive.writestr("publish/system.txt", "2026-08-01T09:59:59.1234567Z Job is about to start running\n")
    return file.getvalue()


def long(text: str) -> bytes:
    noise = [f"Collecting package-{n} (from -r requirements.txt (line {n}))" for n in range(4000)]
    return "\n".join([*noise, *text.split("\n"), *AFTER]).encode()


SHAPES: tuple[Callable[[str], bytes], ...] = (
    *(excerpt, raw, viewed, failed, coloured, boxed, wrapped, windows),
    *(utf16, utf16_bare, annotation, quoted, archived, long),
)


CONTROLS: dict[str, str] = {
    "empty": "",
    "blank": "\n\n  \n",
    "green-action": "\n".join(
        (
            *BEFORE,
            "##[notice]Attempting to perform trusted publishing exchange to retrieve a temporary short-lived "
            "API "
            "token for authentication against https://upload.pypi.org/legacy/ due to __token__ username with "
            "no "
            "supplied password field",
            "Checking dist/sample-1.0-py3-none-any.whl: PASSED",
            "##[notice]Generating and uploading digital attestations",
            "Transparency log entry created with index: 163536470",
            "Uploading distributions to https://upload.pypi.org/legacy/",
            "Uploading sample-1.0-py3-none-any.whl",
            "100% ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 4.7/4.7 MB • 00:00 • 41.8 MB/s",
            "View at:",
            "https://pypi.org/project/sample/1.0/",
        )
    ),
    "green-token": "\n".join(
        (
            *BEFORE,
            "##[warning]The workflow was run with the 'attestations: true' input, but an explicit password "
            "was "
            "also set, disabling Trusted Publishing. As a result, the attestations input is ignored.",
            "Uploading sample-1.0-py3-none-any.whl",
            "View at:",
            "https://pypi.org/project/sample/1.0/",
        )
    ),
    "green-skip-existing": "\n".join(
        (
            *BEFORE,
            "Uploading sample-1.0-py3-none-any.whl",
            "INFO     Response from https://upload.pypi.org/legacy/:",
            "         400 File already exists ('sample-1.0-py3-none-any.whl', with blake2_256 hash "
            "'5a7bbaef').",
            "         See https://pypi.org/help/#file-name-reuse for more information.",
            "WARNING  Skipping sample-1.0-py3-none-any.whl because it appears to already exist",
            "View at:",
            "https://pypi.org/project/sample/1.0/",
        )
    ),
    "green-uv": "Publishing 2 files to https://upload.pypi.org/legacy/\nUploading "
    "sample-1.0-py3-none-any.whl "
    "(12.3KiB)\nUploading sample-1.0.tar.gz (20.1KiB)",
    "green-tests": "============ 312 passed, 4 skipped in 12.34s ============",
    "tests": "FAILED tests/test_upload.py::test_publisher - AssertionError: assert 'publisher' == 'project'\n"
    "=========== 1 failed, 311 passed in 12.34s ===========\n##[error]Process completed with exit code 1.",
    "npm": "npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.npmjs.org/sample - You "
    "cannot "
    "publish over the previously published versions: 1.0.0.\n##[error]Process completed with exit code 1.",
    "cargo": "error: failed to publish to registry at https://crates.io\n\nCaused by:\n  the remote server "
    "responded with an error (status 200 OK): crate version `1.0.0` is already uploaded",
    "docker": "Unable to find image 'postgres:17' locally\n17: Pulling from library/postgres\n"
    "docker: Error response from daemon: driver failed programming external connectivity on endpoint db.",
    "docker-of-another": "\n".join(
        [
            *(f"step {n}" for n in range(20)),
            "Unable to find image 'ghcr.io/acme/db:v1' locally",
            "v1: Pulling",
        ]
    ),
    "rust": "error[E0425]: cannot find value `token` in this scope\nerror: could not compile `sample`",
    "mypy": "src/sample/upload.py:12: error: Incompatible return value type\nFound 1 error in 1 file",
    "prose": "Trusted Publishing lets a workflow upload to PyPI without an API token. PyPI compares the "
    "claims of "
    "the token with the publisher that you have registered, and answers with an error if none matches.",
    "prose-of-errors": "If the upload fails with 403 Forbidden, check your token. A file that already exists "
    "cannot be uploaded again, and an invalid publisher is refused.",
    "changelog": "- Fixed: the error 'already exists' is explained better (#12)\n- Added: attestations are "
    "on by "
    "default when publishing to PyPI",
    "documentation": "Add `id-token: write` to the permissions of the job that publishes, and use "
    "pypa/gh-action-pypi-publish@release/v1 as its last step.",
    "workflow": "jobs:\n  publish:\n    environment: pypi\n    permissions:\n      id-token: write\n    "
    "steps:\n"
    "      - uses: pypa/gh-action-pypi-publish@release/v1\n",
    "shown-script": "\n".join(
        (
            "##[group]Run ./release.sh",
            "\x1b[36;1mtwine upload dist/* || echo 'File already exists. See https://pypi.org/help'\x1b[0m",
            "##[endgroup]",
            *(f"step {n} done" for n in range(12)),
        )
    ),
    "unknown-with-a-notice": "\n".join(
        (
            *BEFORE,
            "##[notice]Attempting to perform trusted publishing exchange to retrieve a temporary short-lived "
            "API "
            "token for authentication against https://upload.pypi.org/legacy/ due to __token__ username with "
            "no "
            "supplied password field",
            "##[error]Trusty the publishing robot has lost its hat",
            *AFTER,
        )
    ),
    "binary": "\x00\x01\x02\x7f\x1b]0;title\x07\x1b[",
    "network-of-another": "curl: (6) Could not resolve host: example.org\n##[error]Process completed with "
    "exit "
    "code 6.",
}
"""Logs in which nothing known stands: green ones, failures of something else, prose."""


def explained(data: bytes) -> Explanation:
    file = io.BytesIO(data)
    parts = of_archive(file) if data.startswith(b"PK") else [of_stream(file)]
    return diagnosed(scanned(parts)).explanation


def rule(data: bytes) -> str | None:
    named = explained(data).named
    return named.rule if named else None


@pytest.mark.parametrize("shape", SHAPES)
def test_each_text_is_explained_in_each_shape(shape: Callable[[str], bytes]) -> None:
    wrong = {text: found for cause, text in TEXTS if (found := rule(shape(text))) != cause}
    assert wrong == {}


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(TEXTS) * len(SHAPES) >= 1000
    assert len({cause for cause, _ in TEXTS}) >= 50


@pytest.mark.parametrize(("cause", "text"), ASIDES)
def test_what_fails_nothing_is_explained_where_it_stands_alone(cause: str, text: str) -> None:
    assert rule(text.encode()) == cause
    assert rule(raw(f"{text}\n##[error]Trusty the publishing robot has lost its hat")) is None


@pytest.mark.parametrize("name", CONTROLS)
def test_nothing_is_made_up(name: str) -> None:
    assert explained(CONTROLS[name].encode()).named is None


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
NOISE = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=30)
TEXT = st.sampled_from(TEXTS)


@given(TEXT, NOISE, NOISE)
def test_noise_around_it_changes_nothing(known: tuple[str, str], before: list[str], after: list[str]) -> None:
    cause, text = known
    log = "\n".join([*BEFORE, *before, text, *after, *AFTER])
    assert rule(log.encode()) == cause


@given(TEXT, NOISE, st.randoms(use_true_random=False), st.integers(0, 22), st.integers(0, 3))
def test_cuts_and_reorderings_of_other_lines_change_nothing(
    known: tuple[str, str], noise: list[str], random: object, start: int, end: int
) -> None:
    cause, text = known
    others = [line for line in (*BEFORE[start:], *noise) if "pypi" not in line]
    random.shuffle(others)  # type: ignore[attr-defined]
    # Where a text alone could be another program's, the line with the action's name stays.
    log = "\n".join([*others, "Run pypa/gh-action-pypi-publish@release/v1", text, *AFTER[end:]])
    assert rule(log.encode()) == cause


@given(st.binary(max_size=3000))
def test_any_bytes_are_read(data: bytes) -> None:
    explained(data.replace(b"PK", b""))


@given(st.text(max_size=500))
def test_any_text_is_read(text: str) -> None:
    explanation = explained(text.encode("utf-8", "replace"))
    assert all(words.isprintable() for _, words in explanation.lines)
