"""What is wrong with the metadata in a distribution.

Sources: twine (package.py), packaging.metadata, pkginfo, Warehouse (forklift/metadata.py and legacy.py).
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause

_CORE = "https://packaging.python.org/specifications/core-metadata"

METADATA: tuple[Cause, ...] = (
    Cause(
        rule="metadata-version-unknown-to-tool",
        texts=(
            "Metadata is missing required fields: {fields}. Make sure the distribution includes the files "
            "where those fields are specified, and is using a supported Metadata-Version:",
        ),
        tools="twine before 6.1 and gh-action-pypi-publish before v1.12.3 (metadata 2.4; with a list that "
        "ends "
        "at 2.2: older still)",
        cause="The fields are there, but the uploading tool is too old for the metadata version that the "
        "build backend writes (2.4 with current setuptools and hatchling), and so reads nothing.",
        fix="Update the tool: gh-action-pypi-publish v1.12.3 or newer (release/v1), or twine 6.1 or newer.",
        check="tool-outdated",
        link="https://github.com/pypa/gh-action-pypi-publish/releases",
    ),
    Cause(
        rule="metadata-version-refused",
        texts=(
            "'{version}' is not a valid metadata version",
            "Unknown Metadata-Version: {version} ",
            "Unsupported metadata version {version} ",
        ),
        tools="gh-action-pypi-publish before v1.14.2 and twine with packaging before 26 (metadata 2.5, which "
        "hatchling 1.32 writes); or the index, if it is behind",
        cause="The distribution has core metadata {version}, which what reads it does not know yet: the "
        "build "
        "backend is newer than the uploading tool.",
        fix="Update gh-action-pypi-publish to v1.14.2 or newer (release/v1), or twine and packaging. Until "
        "then an older build backend helps (hatchling<1.32).",
        check="tool-outdated",
        link="https://github.com/pypa/gh-action-pypi-publish/releases",
    ),
    Cause(
        rule="metadata-licence-fields",
        texts=(
            "unrecognized or malformed field 'license-file'",
            "unrecognized or malformed field 'license-expression'",
            "license-expression introduced in metadata version {version}, not {version2} ",
            "license-expression introduced in metadata version",
            "license-file introduced in metadata version",
        ),
        tools="twine before 6.1 or with packaging before 24.2, gh-action-pypi-publish before v1.12.3",
        cause="The uploading tool is too old for the licence fields of PEP 639 (`license-expression`, "
        "`license-file`), or it runs with an old `packaging`.",
        fix="Update gh-action-pypi-publish to v1.12.3 or newer, or run `pip install -U twine packaging` "
        "before the upload.",
        check="tool-outdated",
    ),
    Cause(
        rule="metadata-field-unknown",
        texts=(
            "unrecognized or malformed field '{field}'",
            "introduced in metadata version {version}, not {version2} ",
        ),
        tools="twine 6 and newer, gh-action-pypi-publish v1.12.3 and newer",
        cause="The metadata has a field `{field}` that the uploading tool does not know, or cannot read.",
        fix="Update the uploading tool (`pip install -U twine packaging`); if it is new already, correct the "
        "field in pyproject.toml.",
        check="tool-outdated",
    ),
    Cause(
        rule="metadata-fields-missing",
        texts=(
            "Metadata is missing required fields: {fields}. Make sure",
            "InvalidDistribution: Metadata is missing required fields",
            "Missing required field `{field}` in artifact:",
            "'{field}' is a required field",
        ),
        tools="twine, hatch, Warehouse",
        cause="The distribution's metadata lacks a field that every project must have, or the tool is too "
        "old "
        "to read it.",
        fix="Set `name` and `version` in pyproject.toml; if they are there, update the uploading tool and "
        "the "
        "build backend.",
        check="tool-outdated",
        context=("pypi", "twine", "upload", "publish"),
    ),
    Cause(
        rule="twine-broken-by-importlib-metadata",
        texts=("KeyError: 'license'",),
        tools="twine 5.1 with importlib-metadata 8 (June 2024)",
        cause="twine 5.1.0 cannot work with importlib-metadata 8.",
        fix="Update twine to 5.1.1 or newer.",
        check="tool-outdated",
        context=("twine",),
    ),
    Cause(
        rule="twine-broken-by-urllib3",
        texts=("cannot import name 'appengine' from 'requests.packages.urllib3.contrib'",),
        tools="twine 3 and older with urllib3 2 (2023)",
        cause="The old twine uses requests-toolbelt before 1.0, which cannot work with urllib3 2.",
        fix="Update twine: `pip install -U twine requests-toolbelt`.",
        check="tool-outdated",
    ),
    Cause(
        rule="private-classifier",
        texts=(
            "'Private :: {text}' is not a valid classifier",
            'Classifier "Private :: {text}" is not a valid classifier',
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="A classifier that begins with `Private ::` keeps a project off PyPI on purpose.",
        fix="Delete that classifier from pyproject.toml if the project is to be public.",
        check="metadata-refused",
    ),
    Cause(
        rule="classifier-unknown",
        texts=(
            "'{classifier}' is not a valid classifier",
            "Invalid value for classifiers. Error: Classifier '{classifier}' is not a valid classifier.",
            "Invalid value for classifiers. Error: '{classifier}' is not a valid choice for this field",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="PyPI has no classifier `{classifier}`.",
        fix="Take it from the list on https://pypi.org/classifiers/, or delete it. A licence is written as "
        '`license = "MIT"` and needs no classifier.',
        check="metadata-refused",
        link="https://pypi.org/classifiers/",
    ),
    Cause(
        rule="classifier-deprecated",
        texts=(
            "The classifier '{classifier}' has been deprecated",
            "Classifier '{classifier}' has been deprecated",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="PyPI takes no new uploads with the old classifier `{classifier}`.",
        fix="Replace it by the one that the message names, or delete it.",
        check="metadata-refused",
        link="https://pypi.org/classifiers/",
    ),
    Cause(
        rule="local-version",
        texts=(
            "The use of local versions in '{version}' is not allowed",
            "The use of local versions in <Version('{version}')> is not allowed",
            "is an invalid value for Version. Error: Can't use PEP 440 local versions.",
            "Can't use PEP 440 local versions",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="The version {version} has a local part (`+…`), which PyPI refuses. setuptools-scm and its kin "
        "make one where the commit is no tag: the checkout has no tags, or the tree is dirty.",
        fix="Publish from the tag, and add `fetch-depth: 0` to actions/checkout in the job that builds. For "
        'TestPyPI from a branch set `local_scheme = "no-local-version"`.',
        check="version-refused",
        link="https://setuptools-scm.readthedocs.io/en/latest/integrations/",
    ),
    Cause(
        rule="version-invalid",
        texts=(
            "'{version}' is an invalid value for Version.",
            "'{version}' is invalid for 'version'",
            "Invalid version: '{version}'",
            "InvalidVersion: Invalid version: '{version}'",
        ),
        tools="Warehouse, packaging",
        cause="`{version}` is no version as PEP 440 writes them.",
        fix="Correct the version, for example 1.2.3, 1.2.3rc1 or 1.2.3.post1.",
        check="version-refused",
        link="https://packaging.python.org/specifications/version-specifiers/",
        context=("pypi", "twine", "upload", "publish", "packaging"),
    ),
    Cause(
        rule="licence-conflict",
        texts=(
            "License is deprecated when License-Expression is present. Only License-Expression should be "
            "present.",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="The metadata has both `License` and `License-Expression`.",
        fix='Keep `license = "SPDX-ID"` in pyproject.toml and delete the other, or update the build backend.',
        check="metadata-refused",
    ),
    Cause(
        rule="licence-expression-invalid",
        texts=(
            "'{text}' is invalid for 'license-expression'",
            "'{text}' is invalid for 'license_expression'",
            "Unknown license: '{text}'",
            "Invalid license expression: '{text}'",
        ),
        tools="Warehouse, packaging",
        cause="`{text}` is no SPDX licence expression.",
        fix='Write the SPDX identifier, for example `license = "MIT"` or `"Apache-2.0"`.',
        check="metadata-refused",
        link="https://spdx.org/licenses/",
        context=("pypi", "twine", "upload", "publish", "metadata"),
    ),
    Cause(
        rule="licence-file-missing",
        texts=("License-File {file} does not exist in distribution file {file2} at",),
        tools="Warehouse, in the words of every uploading tool",
        cause="The metadata names the licence file {file}, and the distribution does not hold it where PEP "
        "639 "
        "wants it.",
        fix="Update the build backend (setuptools 77, hatchling 1.27, flit-core 3.12, maturin 1.8, or "
        "newer).",
        check="metadata-refused",
    ),
    Cause(
        rule="direct-dependency",
        texts=(
            "Can't have direct dependency: {text} See",
            "Can't have direct dependency:",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="A dependency is given by URL (`name @ https://…` or git), which PyPI refuses.",
        fix="Depend on a released version, or leave the dependency out of the published metadata.",
        check="metadata-refused",
        link=_CORE,
    ),
    Cause(
        rule="description-not-rendered",
        texts=(
            "`long_description` has syntax errors in markup and would not be rendered on PyPI.",
            "The description failed to render for '{text}'.",
            "The description failed to render in the default format of reStructuredText.",
            "The description failed to render",
        ),
        tools="twine check, Warehouse",
        cause="The README is taken for reStructuredText and is none, or has a mistake in it.",
        fix='Set `readme = "README.md"` in pyproject.toml (a Markdown file is then declared as such), or '
        "correct the lines that the message names.",
        link="https://pypi.org/help/#description-content-type",
    ),
    Cause(
        rule="description-content-type-missing",
        texts=("`long_description_content_type` missing. defaulting to `text/x-rst`.",),
        tools="twine check (an error only with --strict)",
        cause="The metadata does not say in which markup the description is written.",
        fix='Set `readme = "README.md"` in pyproject.toml, or `long_description_content_type` in setup.py.',
        aside=True,
    ),
    Cause(
        rule="description-content-type-invalid",
        texts=(
            "'description-content-type' must be one of",
            "is not a valid content type for 'description-content-type'",
            "Invalid description content type: {detail} is not one of",
            "Invalid value for description_content_type.",
        ),
        tools="Warehouse, packaging",
        cause="The markup of the description is none that PyPI renders.",
        fix="Use text/markdown, text/x-rst or text/plain.",
        link=_CORE,
    ),
    Cause(
        rule="summary-too-long",
        texts=(
            "'summary' field must be 512 characters or less",
            "is an invalid value for Summary. Error:",
            "'summary' must be a single line",
        ),
        tools="Warehouse, packaging",
        cause="`description` in pyproject.toml is no one-line summary: at most 512 characters, no line "
        "break.",
        fix="Shorten it to one line; the long text is the README.",
        check="metadata-refused",
        link=_CORE,
    ),
    Cause(
        rule="url-invalid",
        texts=(
            "'{url}' is not a valid url",
            "is an invalid value for Home-Page. Error:",
            "is an invalid value for Project-URL. Error:",
            "is an invalid value for Download-URL. Error:",
            "'{text}' must be 32 characters or less.",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="An address under [project.urls] is none, or its label has more than 32 characters.",
        fix="Correct it in pyproject.toml: a short label, and an address that begins with https://.",
        check="metadata-refused",
        link=_CORE,
        context=("pypi", "upload", "publish", "twine", "legacy"),
    ),
    Cause(
        rule="email-invalid",
        texts=(
            "'{text}' is not a valid email address",
            "is an invalid value for Author-email. Error:",
            "is an invalid value for Maintainer-email. Error:",
        ),
        tools="Warehouse, in the words of every uploading tool",
        cause="The e-mail address of an author or maintainer is none.",
        fix="Correct it under `authors` or `maintainers` in pyproject.toml, or leave it out.",
        check="metadata-refused",
        link=_CORE,
        context=("pypi", "upload", "publish", "twine", "legacy"),
    ),
    Cause(
        rule="name-in-metadata-invalid",
        texts=(
            "is an invalid value for Name. Error:",
            "The name '{text}' is invalid.",
            "'{text}' is invalid for 'name'",
        ),
        tools="Warehouse, packaging",
        cause="The project's name has characters that a name cannot have.",
        fix="Use ASCII letters and digits, with single `.`, `-` or `_` inside.",
        check="metadata-refused",
        context=("pypi", "upload", "publish", "twine", "legacy", "metadata"),
    ),
    Cause(
        rule="metadata-value-invalid",
        texts=(
            "{text} is an invalid value for {field}. Error:",
            "'{text}' is invalid for '{field}'",
            "Invalid distribution metadata: {detail} See",
            "InvalidDistribution: Invalid distribution metadata:",
            "Invalid value for {field}. Error:",
            "Dynamic field '{text}' is not a valid dynamic field.",
        ),
        tools="twine, Warehouse, packaging",
        cause="A field of the metadata has a value that the specification of core metadata does not allow.",
        fix="Correct the field in pyproject.toml, then build and upload a new version.",
        check="metadata-refused",
        link=_CORE,
        generic=True,
        context=("pypi", "upload", "publish", "twine", "legacy"),
    ),
)
