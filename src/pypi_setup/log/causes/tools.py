"""What the uploading tools say of themselves.

Sources: uv (uv-publish), twine, poetry, hatch, pdm, flit, maturin.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause

TOOLS: tuple[Cause, ...] = (
    Cause(
        rule="uv-file-differs",
        texts=("Local file and index file do not match for {file}. Local:",),
        tools="uv publish --check-url",
        cause="The index has {file} already, with other content.",
        fix="Raise the version and release again: a published file cannot be replaced.",
        check="version-exists",
    ),
    Cause(
        rule="uv-index-unknown",
        texts=(
            "Index not found: `{text}`. Found indexes:",
            "No indexes were found, can't use index:",
            "Index is missing a publish URL:",
            "Failed to query check URL",
        ),
        tools="uv publish --index, --check-url",
        cause="pyproject.toml defines no index of that name with a `publish-url`, or the check URL does not "
        "answer.",
        fix="Add it under [[tool.uv.index]] with `name`, `url` and `publish-url`; for PyPI leave --index "
        "out.",
        check="index-mismatch",
    ),
    Cause(
        rule="uv-version-too-old",
        texts=(
            "error: unrecognized subcommand 'publish'",
            "error: unexpected argument '--trusted-publishing' found",
        ),
        tools="uv before 0.4.16",
        cause="This uv cannot publish yet.",
        fix="Update uv, or upload with pypa/gh-action-pypi-publish.",
        check="tool-outdated",
    ),
    Cause(
        rule="poetry-connection",
        texts=("UploadError Error connecting to repository", "Error connecting to repository"),
        tools="poetry publish",
        cause="poetry could not reach the repository, or it broke the connection.",
        fix="Check the address under [repositories], then run the job again.",
        generic=True,
    ),
    Cause(
        rule="repository-unknown",
        texts=(
            "Repository {text} is not defined",
            "Missing '{text}' section from {file}.",
            "Missing repository config of",
            "Failed to get registry {text} in .pypirc.",
        ),
        tools="poetry, twine, pdm, maturin",
        cause="The repository named on the command line is configured nowhere in this job: ~/.pypirc of your "
        "machine is not there.",
        fix="Give the address instead of the name, or leave it out for PyPI.",
        check="index-mismatch",
        context=("poetry", "twine", "pdm", "maturin", "publish", "upload"),
    ),
    Cause(
        rule="repository-url-invalid",
        texts=("Invalid repository URL:", "InvalidConfiguration: Malformed configuration in {file}."),
        tools="twine",
        cause="The repository's address has no scheme or host, or ~/.pypirc is malformed.",
        fix="Write https://upload.pypi.org/legacy/ or leave it out.",
        check="index-mismatch",
        context=("twine", "upload"),
    ),
    Cause(
        rule="check-failed",
        texts=("FAILED due to warnings", "twine check {detail}: FAILED"),
        tools="twine check --strict",
        cause="`twine check` found something to warn of, and --strict makes an error of it.",
        fix="Read the warnings above it; mostly the description's markup is not declared.",
        generic=True,
        context=("twine", "check"),
    ),
    Cause(
        rule="hatch-upload-failed",
        texts=("Error uploading to repository: {index} - {detail} ", "Error uploading to repository:"),
        tools="hatch publish",
        cause="The index refused hatch's upload; the words after it say why.",
        fix="Read the words after it. hatch knows no Trusted Publishing: upload with "
        "pypa/gh-action-pypi-publish.",
        check="tool-without-oidc",
        generic=True,
    ),
    Cause(
        rule="maturin-upload-failed",
        texts=(
            "Failed to upload the wheel with status {code}",
            'Failed to upload "{file}" ({detail})',
        ),
        tools="maturin upload and publish",
        cause="The index refused maturin's upload; the words after it say why.",
        fix="Read the words after it. maturin's upload is deprecated: publish with "
        "pypa/gh-action-pypi-publish or `uv publish`.",
        generic=True,
    ),
    Cause(
        rule="uv-publish-failed",
        texts=(
            "error: Failed to publish `{file}` to {index} ",
            "Failed to publish `{file}` to {index} ",
            "Failed to publish: `{file}`",
        ),
        tools="uv publish",
        cause="uv could not publish a file; the lines after `Caused by:` say why.",
        fix="Read the lines after `Caused by:`.",
        generic=True,
        context=("uv", "publish"),
    ),
    Cause(
        rule="pip-requires-hashes",
        texts=("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",),
        tools="pip",
        cause="A package on the index has another hash than the requirements file pins.",
        fix="Check that the package was not tampered with; then compile the requirements again.",
        context=("twine", "build", "publish"),
    ),
)
