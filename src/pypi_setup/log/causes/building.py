"""Errors of the build: what makes the distributions.

Sources: build, setuptools, hatchling, setuptools-scm, cibuildwheel, auditwheel.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause

BUILDING: tuple[Cause, ...] = (
    Cause(
        rule="scm-no-version",
        texts=(
            "setuptools-scm was unable to detect version for",
            "LookupError: setuptools-scm was unable to detect version",
            "Error getting the version from source `vcs`: setuptools-scm was unable to detect version",
        ),
        tools="setuptools-scm, hatch-vcs",
        cause="The version comes from git's tags, and the checkout has none: actions/checkout fetches one "
        "commit without tags.",
        fix="Add `fetch-depth: 0` to actions/checkout in the job that builds.",
        check="version-refused",
        link="https://setuptools-scm.readthedocs.io/en/latest/integrations/#github-actions",
    ),
    Cause(
        rule="scm-shallow",
        texts=(
            "is shallow and may cause errors",
            "{folder} is shallow and may cause errors",
        ),
        tools="setuptools-scm",
        cause="The version comes from git's tags, and the checkout is shallow: the version can be wrong "
        "(0.1.dev1+g…).",
        fix="Add `fetch-depth: 0` to actions/checkout in the job that builds.",
        check="version-refused",
        aside=True,
    ),
    Cause(
        rule="build-module-missing",
        texts=("No module named build", "No module named 'build'"),
        tools="python -m build",
        cause="The job calls `python -m build`, and nothing installed `build` for this Python.",
        fix="Add `python -m pip install build` before, or use `pipx run build`.",
    ),
    Cause(
        rule="uploader-missing",
        texts=(
            "No module named twine",
            "No module named 'twine'",
            "twine: command not found",
            "poetry: command not found",
            "uv: command not found",
            "hatch: command not found",
            "flit: command not found",
            "pdm: command not found",
        ),
        tools="a `run:` step",
        cause="The step calls a tool that nothing installed in this job. Each job starts on a fresh machine.",
        fix="Install the tool in the same job, before the step that calls it.",
    ),
    Cause(
        rule="not-a-python-project",
        texts=(
            "ERROR Source {folder} does not appear to be a Python project: no pyproject.toml or setup.py",
            "does not appear to be a Python project: neither 'setup.py' nor 'pyproject.toml' found",
            "does not appear to be a Python project, as neither `pyproject.toml` nor `setup.py` are present",
            "Poetry could not find a pyproject.toml file in",
        ),
        tools="build, pip, uv, poetry",
        cause="The build runs in a folder without pyproject.toml: the repository was not checked out, or the "
        "project is in a subfolder.",
        fix="Put actions/checkout before the build, and set `working-directory:` for a project in a "
        "subfolder.",
    ),
    Cause(
        rule="flat-layout",
        texts=(
            "Multiple top-level packages discovered in a flat-layout:",
            "Multiple top-level modules discovered in a flat-layout:",
        ),
        tools="setuptools 61 and newer",
        cause="setuptools found several folders that could be packages and will not guess which to ship.",
        fix='Name them in pyproject.toml: `[tool.setuptools] packages = ["NAME"]`, or move the code '
        "into src/.",
        link="https://setuptools.pypa.io/en/latest/userguide/package_discovery.html",
    ),
    Cause(
        rule="license-classifier-superseded",
        texts=("License classifiers have been superseded by license expressions",),
        tools="setuptools 77 and newer",
        cause="`license` is an SPDX expression, and a classifier `License :: …` stands beside it: PEP 639 "
        "forbids both.",
        fix="Delete the `License ::` classifiers from pyproject.toml.",
        check="metadata-refused",
    ),
    Cause(
        rule="license-table",
        texts=(
            "configuration error: `project.license` must be valid exactly by one definition",
            "invalid pyproject.toml config: `project.license`.",
        ),
        tools="setuptools older than 77",
        cause='`license = "MIT"` (PEP 639) needs setuptools 77; this build runs with an older one.',
        fix='Require `setuptools>=77` under [build-system], or write `license = {{text = "MIT"}}`.',
    ),
    Cause(
        rule="hatch-no-files",
        texts=("Unable to determine which files to ship inside the wheel using the following heuristics:",),
        tools="hatchling",
        cause="hatchling finds no folder with the project's name.",
        fix='Name it in pyproject.toml: `[tool.hatch.build.targets.wheel] packages = ["src/NAME"]`.',
        link="https://hatch.pypa.io/latest/plugins/builder/wheel/#default-file-selection",
    ),
    Cause(
        rule="build-backend-missing",
        texts=(
            "BackendUnavailable: Cannot import '{module}'",
            "ERROR Backend '{module}' is not available.",
            "pip's dependency resolver could not install build dependencies",
            "ERROR Missing dependencies:",
        ),
        tools="build, pip",
        cause="The build backend that pyproject.toml names could not be imported.",
        fix="List it under `[build-system] requires`; with `--no-isolation` install it in the job.",
    ),
    Cause(
        rule="pure-wheel",
        texts=("Build failed because a pure Python wheel was generated.",),
        tools="cibuildwheel",
        cause="cibuildwheel built a wheel without compiled code: the extension was not compiled, or the "
        "project has none.",
        fix="A pure project needs only `python -m build`. Otherwise make sure that the extension module is "
        "configured, so that the wheel is of a platform.",
        link="https://cibuildwheel.pypa.io/en/stable/faq/#no-platform-wheel-found",
    ),
    Cause(
        rule="no-build-identifiers",
        texts=("cibuildwheel: No build identifiers selected", "No build identifiers selected:"),
        tools="cibuildwheel",
        cause="CIBW_BUILD, CIBW_SKIP, CIBW_ARCHS and requires-python together select nothing to build.",
        fix="Compare these options with the identifiers that `cibuildwheel --print-build-identifiers` "
        "prints.",
    ),
    Cause(
        rule="wheel-not-repairable",
        texts=(
            'auditwheel: error: cannot repair "{file}" to "{platform}" ABI because of the presence of '
            "too-recent versioned symbols.",
            "cannot repair {detail} ABI because of the presence of too-recent versioned symbols",
            "cannot repair {detail} to {detail2} ABI",
        ),
        tools="auditwheel, in cibuildwheel",
        cause="The wheel uses symbols of a newer system than its platform tag promises, or libraries that "
        "were built outside the manylinux image.",
        fix="Build in the matching image (CIBW_MANYLINUX_X86_64_IMAGE), and build the libraries in it too.",
    ),
    Cause(
        rule="wheel-is-not-of-platform",
        texts=("This does not look like a platform wheel",),
        tools="auditwheel",
        cause="auditwheel was given a pure wheel, which needs no repair.",
        fix="Repair compiled wheels only; build with cibuildwheel, which does it itself.",
    ),
    Cause(
        rule="repair-failed",
        texts=(
            "cibuildwheel: error: Command ['sh', '-c', 'auditwheel repair {detail} failed with code",
            "cibuildwheel: Command {detail} failed with code {number}.",
            "cibuildwheel: error: Command {detail} failed with code",
        ),
        tools="cibuildwheel",
        cause="A command that cibuildwheel ran in its container failed; its own words stand above.",
        fix="Read the lines before this one: they name the command's error.",
        generic=True,
    ),
    Cause(
        rule="build-failed",
        texts=(
            "ERROR Backend subprocess exited when trying to invoke build_wheel",
            "ERROR Backend subprocess exited when trying to invoke build_sdist",
            "ERROR Backend subprocess exited when trying to invoke get_requires_for_build_wheel",
            "ERROR Backend subprocess exited when trying to invoke get_requires_for_build_sdist",
            "Failed to build `{text}` Caused by: The build backend returned an error",
            "The build backend returned an error",
            "error: metadata-generation-failed",
        ),
        tools="build, pip, uv",
        cause="The build backend failed; its own words stand above.",
        fix="Read the lines before this one, and run `python -m build` on your machine.",
        generic=True,
    ),
)
