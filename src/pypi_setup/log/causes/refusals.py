"""Why an index refuses a file.

Source: Warehouse (forklift/legacy.py, packaging/services.py), today's wordings and older ones.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause
from pypi_setup.values.explanation import Blame

_STATUS = "https://status.python.org"
_LIMITS = "https://docs.pypi.org/project-management/storage-limits"

REFUSALS: tuple[Cause, ...] = (
    Cause(
        rule="file-exists",
        texts=(
            "File already exists ('{file}', with blake2_256 hash '{hash}').",
            "File already exists. See {url} for more information.",
            "File already exists. See",
            "File already exists: {detail}blake2_256",
            'A file named "{file}" already exists for',
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="A file of this name is on the index already: the version was not raised, the job ran twice, "
        "or "
        "an earlier run uploaded a part of the release.",
        fix="Raise the version and release again. If this run only finishes an earlier one, set "
        "`skip-existing: true` (twine: --skip-existing, uv: --check-url).",
        check="version-exists",
        link="https://pypi.org/help/#file-name-reuse",
        unless=("because it appears to already exist", "already exists, skipping"),
    ),
    Cause(
        rule="filename-reused",
        texts=(
            "This filename was previously used by a file that has since been deleted. Use a different "
            "version.",
            "This filename was previously used by a file that has since been deleted.",
            "This filename has already been used, use a different version.",
            "The filename or contents already exist",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="A file of this name was on the index once and was deleted. Its name can never be used again.",
        fix="Raise the version (1.0.post1 will do) and release again.",
        check="version-exists",
        link="https://pypi.org/help/#file-name-reuse",
    ),
    Cause(
        rule="release-closed",
        texts=("Uploading new files to releases older than {days} days is not allowed.",),
        tools="PyPI since 2026, in the words of every uploading tool",
        cause="PyPI takes no new files for a release that is older than {days} days.",
        fix="Release a new version with all its files.",
    ),
    Cause(
        rule="one-sdist",
        texts=("Only one sdist may be uploaded per release.",),
        tools="PyPI, in the words of every uploading tool",
        cause="The release has an sdist already, under another name or with another ending.",
        fix="Build one .tar.gz and upload only that; raise the version if it must change.",
    ),
    Cause(
        rule="platform-tag-refused",
        texts=(
            "Binary wheel '{file}' has an unsupported platform tag '{platform}'.",
            "has an unsupported platform tag '{platform}'",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The wheel is built for `{platform}`, which PyPI refuses: a plain build on Linux does not make "
        "manylinux wheels.",
        fix="Build wheels with cibuildwheel (or auditwheel repair), or upload the sdist only.",
        check="wheel-tag-refused",
        link="https://cibuildwheel.pypa.io",
    ),
    Cause(
        rule="file-too-large",
        texts=(
            "File too large. Limit for project '{project}' is {limit} MB.",
            "File too large. Limit for project",
            "413 Request Entity Too Large",
            "413 Client Error: Request Entity Too Large",
            "413 Payload Too Large",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The file is larger than the project may upload (100 MB if nothing else was granted).",
        fix="Leave data and debug symbols out of it, or ask for a higher limit.",
        link=_LIMITS,
        context=("pypi", "twine", "upload"),
    ),
    Cause(
        rule="project-too-large",
        texts=(
            "Project size too large. Limit for project '{project}' total size is {limit} GB.",
            "Project size too large. Limit for project",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="All files of {project} together are more than its quota (10 GB if nothing else was granted).",
        fix="Delete old pre-releases on the project's page, or ask for a higher limit.",
        link=_LIMITS,
    ),
    Cause(
        rule="too-many-new-projects",
        texts=("Too many new projects created",),
        tools="PyPI, in the words of every uploading tool (HTTP 429)",
        cause="The account created as many new projects as PyPI allows in a day (four).",
        fix="Run the job again tomorrow; register pending publishers for the rest one after the other.",
    ),
    Cause(
        rule="upload-rate-limited",
        texts=(
            "HTTPError: 429 Too Many Requests from {index} ",
            "429 Client Error: Too Many Requests for url: https://upload.pypi.org",
            "429 Client Error: Too Many Requests for url: https://test.pypi.org",
            "Server returned status code 429",
            "HTTP Error 429: Too Many Requests",
        ),
        tools="every uploading tool",
        cause="The index takes no more uploads from this account or address for now.",
        fix="Run the job again later, and upload less often.",
        context=("pypi", "twine", "upload", "publish"),
    ),
    Cause(
        rule="name-similar",
        texts=("The name '{project}' is too similar to an existing project.",),
        tools="PyPI, in the words of every uploading tool",
        cause="The name {project} looks like that of an existing project (1 and l, 0 and o, separators do "
        "not "
        "count).",
        fix="Choose another name in pyproject.toml and register the publisher for it.",
        link="https://pypi.org/help/#project-name",
    ),
    Cause(
        rule="name-of-standard-library",
        texts=(
            "The name '{project}' isn't allowed (conflict with Python Standard Library module name).",
            "conflict with Python Standard Library module name",
            "conflict with the Python standard library module name",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="{project} is the name of a module of Python's standard library.",
        fix="Choose another name in pyproject.toml and register the publisher for it.",
        link="https://pypi.org/help/#project-name",
    ),
    Cause(
        rule="name-prohibited",
        texts=(
            "The name '{project}' isn't allowed. See",
            "The name '{project}' conflicts with an existing project.",
            "This project name isn't allowed",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="PyPI does not allow the name {project}, or has reserved it.",
        fix="Choose another name in pyproject.toml and register the publisher for it.",
        link="https://pypi.org/help/#project-name",
    ),
    Cause(
        rule="sdist-filename",
        texts=(
            "Filename '{file}' is invalid, should be '{expected}'.",
            "Invalid source distribution filename: {archive} ",
            "Invalid source distribution filename:",
        ),
        tools="PyPI since 2024 (PEP 625), in the words of every uploading tool",
        cause="The sdist's name is not the normalized one, which an old build backend does not write.",
        fix="Update the build backend (setuptools 69.3 or newer), build again, and upload {expected}.",
    ),
    Cause(
        rule="filename-of-other-project",
        texts=(
            "Start filename for '{project}' with '{expected}'.",
            "should contain the normalized project name '{expected}', not '{text}'.",
            "Version in filename should be '{version}' not '{text}'.",
            "Invalid wheel filename ({detail}): '{file}'",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The file's name and the metadata inside it name different projects or versions, or the "
        "wheel's "
        "name is not normalized.",
        fix="Update the build backend, delete dist/, and build again; do not rename files.",
    ),
    Cause(
        rule="wheel-incomplete",
        texts=(
            "Wheel '{file}' does not contain the required RECORD file:",
            "Wheel '{file}' does not contain the required METADATA file:",
            "Wheel '{file}' has invalid entry points defined in the entry_points.txt file",
            "does not contain the required RECORD file",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The wheel lacks a part that every wheel must have, or its entry points are malformed.",
        fix="Build it with a current build backend, and do not edit the archive afterwards.",
    ),
    Cause(
        rule="file-extension",
        texts=(
            "Invalid file extension: Use .tar.gz, .whl or .zip extension.",
            "Invalid file extension: Extension {text} is invalid for filetype",
            "Invalid file extension:",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="PyPI takes only .whl and .tar.gz files.",
        fix="Delete other files (eggs, .exe, .rpm) from the folder that is uploaded.",
        check="artifact-hand-over",
        context=("pypi", "twine", "upload", "publish"),
    ),
    Cause(
        rule="invalid-distribution-file",
        texts=(
            "400 Invalid distribution file.",
            "Invalid distribution file. ZIP archive not accepted: {reason}. See",
            "ZIP archive not accepted:",
            "tar archive not accepted:",
            "Invalid distribution file. File exceeds compression ratio",
            "Invalid distribution file. Incorrect number of top-level directories in sdist",
            "The digest supplied does not match a digest calculated from the uploaded file.",
            "Invalid distribution file.",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="PyPI could not read the file as a distribution, or its archive has something that PyPI "
        "refuses.",
        fix="Build it with a current build backend, and do not repack the archive afterwards.",
        link="https://docs.pypi.org/archives",
        context=("pypi", "twine", "upload", "publish"),
    ),
    Cause(
        rule="organization-inactive",
        texts=("Organization account owning this project is inactive.",),
        tools="PyPI, in the words of every uploading tool",
        cause="The PyPI organization that owns the project is not active: its billing, or PyPI's staff.",
        fix="Let an owner look at the organization's page, or write to support+orgs@pypi.org.",
    ),
    Cause(
        rule="uploads-disabled",
        texts=(
            "New uploads are temporarily disabled.",
            "Read-only mode: Uploads are temporarily disabled.",
            "New project registration temporarily disabled.",
            "New user registration temporarily disabled",
        ),
        tools="PyPI, in the words of every uploading tool",
        blame=Blame.INDEX,
        cause="PyPI's administrators have stopped uploads or new projects for the moment.",
        fix="Look at the status page and run the job again later.",
        link=_STATUS,
    ),
    Cause(
        rule="upload-url-wrong",
        texts=(
            "It appears you're trying to upload to pypi.org but have an invalid URL.",
            "POST requests are not supported by the endpoint, are you using the simple index URL instead of "
            "the upload URL?",
            "Your repository URL is missing a trailing slash.",
            "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing "
            "slash)",
            "Redirects are not supported. Is the URL missing a trailing slash?",
            "attempted to redirect to {url} ",
            "HTTPError: 405 Method Not Allowed from {index} ",
        ),
        tools="twine, uv, poetry, pdm",
        cause="The upload goes to an address that takes none: the page or the simple index, or without the "
        "slash at its end.",
        fix="PyPI's is https://upload.pypi.org/legacy/, TestPyPI's https://test.pypi.org/legacy/; leave it "
        "out "
        "for PyPI.",
        check="index-mismatch",
        context=("pypi", "twine", "upload", "publish", "poetry"),
    ),
    Cause(
        rule="upload-url-retired",
        texts=(
            "You're trying to upload to the legacy PyPI site '{url}'.",
            "It appears you're uploading to pypi.python.org (or testpypi.python.org).",
            "Uploading to these sites is deprecated. Try using https://upload.pypi.org/legacy/",
            "Project pre-registration is no longer required or supported",
        ),
        tools="twine, pdm, setup.py upload",
        cause="The upload goes to pypi.python.org, which is gone, or uses a step that PyPI dropped.",
        fix="Delete the address from the workflow and from ~/.pypirc; the default is right.",
        check="index-mismatch",
    ),
    Cause(
        rule="http-404",
        texts=(
            "HTTPError: 404 Not Found from {index} ",
            "404 Client Error: Not Found for url: {index} ",
        ),
        tools="twine and others",
        cause="There is no upload end point at this address.",
        fix="PyPI's is https://upload.pypi.org/legacy/, TestPyPI's https://test.pypi.org/legacy/.",
        check="index-mismatch",
        generic=True,
        context=("legacy", "twine", "upload"),
    ),
    Cause(
        rule="http-400",
        texts=(
            "HTTPError: 400 Bad Request from {index} ",
            "400 Client Error: {detail} for url: {index} ",
            "HTTP Error 400:",
            "Server returned status code 400 Bad Request",
            "Client error '400 {detail}' for url '{index}'",
        ),
        tools="twine, poetry, uv, hatch",
        cause="The index refused the file, and the log does not show its words.",
        fix="Run the upload again with `verbose: true` (twine: --verbose) and read the line that begins "
        "with 400. The commonest reasons: the version exists already, or has a local part.",
        generic=True,
        context=("pypi", "legacy", "twine", "publish"),
        unless=("because it appears to already exist", "already exists, skipping"),
    ),
    Cause(
        rule="http-403",
        texts=(
            "HTTPError: 403 Forbidden from {index} ",
            "403 Client Error: {detail} for url: {index} ",
            "HTTP Error 403:",
            "Permission denied (status code 403 Forbidden):",
            "Incorrect credentials (status code 403 Forbidden):",
            "Client error '403 {detail}' for url '{index}'",
            "HTTPError: 401 Unauthorized from {index} ",
        ),
        tools="twine, poetry, uv, hatch",
        cause="The index refused the credentials, and the log does not show its words. It can also be a user "
        "name and a password, which PyPI refuses since 2024.",
        fix="Use a Trusted Publisher; else make a new token and give `__token__` as the user name. `verbose: "
        "true` shows the index's words.",
        check="api-token-used",
        link="https://pypi.org/help/#invalid-auth",
        generic=True,
        context=("pypi", "legacy", "twine", "publish"),
    ),
)
