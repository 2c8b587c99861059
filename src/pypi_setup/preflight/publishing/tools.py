"""The tools that upload Python distributions: one table. A new tool is one row.

Each fact was read from the tool's own source or documents, named in `sources`; versions are the first release
that has it. What is said of the newest version was read in the summer of 2026.
"""

from __future__ import annotations

from pypi_setup.preflight.publishing.tool import Attestations, Tool
from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL

_TWINE = Tool(
    name="twine upload",
    sources=(
        # Options and variables: twine/settings.py. Trusted Publishing: changelog of 6.1.0, and twine/auth.py:
        # only for pypi.org and test.pypi.org, only as __token__, and only where option, variable and .pypirc
        # give no password. Attestations: --attestations uploads those that exist.
        "https://github.com/pypa/twine/blob/main/twine/auth.py",
        "https://twine.readthedocs.io/en/stable/changelog.html",
    ),
    command=("twine", "upload"),
    oidc_since="6.1.0",
    url_options=("--repository-url",),
    url_variables=("TWINE_REPOSITORY_URL",),
    name_options=("-r", "--repository"),
    name_variables=("TWINE_REPOSITORY",),
    secret_options=("-p", "--password"),
    secret_variables=("TWINE_PASSWORD",),
    reads_pypirc=True,
    user_options=("-u", "--username"),
    user_variables=("TWINE_USERNAME",),
    only_pypi=True,
    attestations_option="--attestations",
    valued=frozenset(
        {"--sign-with", "-i", "--identity", "-c", "--comment", "--config-file", "--cert", "--client-cert"}
    ),
)
_MATURIN = Tool(
    name="maturin upload",
    sources=(
        # src/upload.rs: MATURIN_PYPI_TOKEN, then OIDC, then .pypirc, then --username and --password.
        # Changelog: trusted publishers since 0.15.0.
        "https://github.com/PyO3/maturin/blob/main/src/upload.rs",
        "https://github.com/PyO3/maturin/blob/main/Changelog.md",
    ),
    command=("maturin", "upload"),
    oidc_since="0.15.0",
    url_options=("--repository-url",),
    url_variables=("MATURIN_REPOSITORY_URL",),
    name_options=("-r", "--repository"),
    name_variables=("MATURIN_REPOSITORY",),
    secret_variables=("MATURIN_PYPI_TOKEN",),
    valued=frozenset(
        {"-u", "--username", "-p", "--password", "-m", "--manifest-path", "-i", "--interpreter"}
    ),
)
TOOLS = (
    Tool(
        name="pypa/gh-action-pypi-publish",
        sources=(
            # twine-upload.sh: Trusted Publishing exactly if user is __token__ and password is empty; TWINE_*
            # of the step are overwritten. oidc-exchange.py since 1.8.0; attestations by default since 1.11.0,
            # off with `attestations: false` and for other indexes than pypi.org and test.pypi.org.
            # Its branch master has no oidc-exchange.py.
            "https://github.com/pypa/gh-action-pypi-publish/blob/release/v1/twine-upload.sh",
            "https://github.com/pypa/gh-action-pypi-publish/releases/tag/v1.11.0",
        ),
        actions=("pypa/gh-action-pypi-publish",),
        oidc_since="1.8.0",
        refs_without_oidc=frozenset({"master"}),
        url_inputs=("repository-url", "repository_url"),
        secret_inputs=("password",),
        user_inputs=("user",),
        attestations=Attestations.MADE,
        attestations_since="1.11.0",
        attestations_input="attestations",
        needs_docker=True,
        folder_inputs=("packages-dir", "packages_dir"),
    ),
    Tool(
        name="uv publish",
        sources=(
            # crates/uv-cli/src/lib.rs (PublishArgs), crates/uv-publish/src/lib.rs (check_trusted_publishing):
            # any user name, password, token or keyring provider skips it. Changelog: since 0.4.16;
            # uploads attestations that exist since 0.9.12. The names of --index are those of pyproject.toml.
            "https://github.com/astral-sh/uv/blob/main/crates/uv-publish/src/lib.rs",
            "https://docs.astral.sh/uv/guides/package/",
        ),
        command=("uv", "publish"),
        oidc_since="0.4.16",
        url_options=("--publish-url",),
        url_variables=("UV_PUBLISH_URL",),
        name_options=("--index",),
        name_variables=("UV_PUBLISH_INDEX",),
        secret_options=("-t", "--token", "-p", "--password"),
        secret_variables=("UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD"),
        user_options=("-u", "--username"),
        user_variables=("UV_PUBLISH_USERNAME",),
        token_user=False,
        off=(("--trusted-publishing", "never"), ("--keyring-provider", "subprocess")),
        attestations=Attestations.FOUND,
        attestations_since="0.9.12",
        no_attestations_option="--no-attestations",
        no_attestations_variable="UV_PUBLISH_NO_ATTESTATIONS",
        valued=frozenset(
            {"--check-url", "--directory", "--project", "--config-file", "--cache-dir", "--color"}
        ),
        idle=frozenset({"--help", "-h", "--version", "-V", "--dry-run"}),
    ),
    _TWINE,
    Tool(
        name="hatch publish",
        sources=(
            # src/hatch/cli/publish and src/hatch/publish/{auth,index}.py: user and auth, from options,
            # variables, configuration, .pypirc, keyring or a prompt. No OIDC in the newest version.
            "https://github.com/pypa/hatch/blob/master/src/hatch/publish/auth.py",
            "https://hatch.pypa.io/latest/publish/",
        ),
        command=("hatch", "publish"),
        name_options=("-r", "--repo"),
        name_variables=("HATCH_INDEX_REPO",),
        names=(("main", PYPI_URL), ("test", TESTPYPI_URL)),
        default_name="main",
        secret_options=("-a", "--auth"),
        secret_variables=("HATCH_INDEX_AUTH",),
        reads_pypirc=True,
        valued=frozenset(
            {
                "-u",
                "--user",
                "--ca-cert",
                "--client-cert",
                "--client-key",
                "-p",
                "--publisher",
                "-o",
                "--option",
            }
        ),
    ),
    Tool(
        name="pdm publish",
        sources=(
            # src/pdm/cli/commands/publish: a password wins, then credentials in the address, the keyring,
            # then OIDC. Changelog: trusted publishers since 2.6.0.
            "https://github.com/pdm-project/pdm/blob/main/src/pdm/cli/commands/publish/repository.py",
            "https://pdm-project.org/latest/usage/publish/",
        ),
        command=("pdm", "publish"),
        oidc_since="2.6.0",
        name_options=("-r", "--repository"),
        name_variables=("PDM_PUBLISH_REPO",),
        secret_options=("-P", "--password"),
        secret_variables=("PDM_PUBLISH_PASSWORD",),
        settings=("repository.{}.password",),
        project_options=frozenset({"-p", "--project"}),
        valued=frozenset(
            {
                "-u",
                "--username",
                "-i",
                "--identity",
                "-c",
                "--comment",
                "-d",
                "--dest",
                "--ca-certs",
                "-p",
                "--project",
            }
        ),
    ),
    Tool(
        name="poetry publish",
        sources=(
            # src/poetry/publishing/publisher.py, src/poetry/config/config.py: user name and password, the
            # token of the repository's name, or its http-basic. No OIDC in the newest version (2.4).
            "https://github.com/python-poetry/poetry/blob/main/src/poetry/publishing/publisher.py",
            "https://python-poetry.org/docs/repositories/#configuring-credentials",
        ),
        command=("poetry", "publish"),
        name_options=("-r", "--repository"),
        named_url_variable="POETRY_REPOSITORIES_{}_URL",
        secret_options=("-p", "--password"),
        secret_variables=("POETRY_PYPI_TOKEN_{}", "POETRY_HTTP_BASIC_{}_PASSWORD"),
        settings=("pypi-token.{}", "http-basic.{}"),
        project_options=frozenset({"-C", "--directory", "-P", "--project"}),
        valued=frozenset(
            {
                "-u",
                "--username",
                "--cert",
                "--client-cert",
                "--dist-dir",
                "-C",
                "--directory",
                "-P",
                "--project",
            }
        ),
        idle=frozenset({"--help", "-h", "--version", "-V", "--dry-run"}),
    ),
    Tool(
        name="flit publish",
        sources=(
            # flit/upload.py (get_repository): FLIT_PASSWORD, .pypirc, keyring. No OIDC in 4.0.0.
            "https://github.com/pypa/flit/blob/main/flit/upload.py",
            "https://flit.pypa.io/en/stable/upload.html",
        ),
        command=("flit", "publish"),
        url_variables=("FLIT_INDEX_URL",),
        name_options=("--repository",),
        secret_variables=("FLIT_PASSWORD",),
        reads_pypirc=True,
        valued=frozenset({"--pypirc", "--format", "-f", "--ini-file"}),
    ),
    _MATURIN,
    Tool(
        name="maturin publish",
        sources=_MATURIN.sources,
        command=("maturin", "publish"),
        oidc_since=_MATURIN.oidc_since,
        url_options=_MATURIN.url_options,
        url_variables=_MATURIN.url_variables,
        name_options=_MATURIN.name_options,
        name_variables=_MATURIN.name_variables,
        secret_variables=_MATURIN.secret_variables,
        valued=_MATURIN.valued | {"--target", "-o", "--out", "-F", "--features", "--profile", "-j", "--jobs"},
    ),
    Tool(
        name="PyO3/maturin-action",
        sources=(
            # action.yml: `command` (build unless given) and `args` go to maturin; src/index.ts passes
            # ACTIONS_* and MATURIN_* into its container.
            "https://github.com/PyO3/maturin-action/blob/main/action.yml",
            *_MATURIN.sources,
        ),
        actions=("pyo3/maturin-action", "messense/maturin-action"),
        subcommands=frozenset({"upload", "publish"}),
        oidc_since="1.0.0",  # Of the action, whose default is the newest maturin.
        url_options=_MATURIN.url_options,
        url_variables=_MATURIN.url_variables,
        name_options=_MATURIN.name_options,
        name_variables=_MATURIN.name_variables,
        secret_variables=_MATURIN.secret_variables,
        valued=_MATURIN.valued,
    ),
    Tool(
        name="rye publish",
        # rye/src/cli/publish.rs: asks for a token, calls twine with a password. No OIDC; no longer developed.
        sources=("https://github.com/astral-sh/rye/blob/main/rye/src/cli/publish.rs",),
        command=("rye", "publish"),
        url_options=("--repository-url",),
        name_options=("-r", "--repository"),
        secret_options=("--token",),
        valued=frozenset({"-u", "--username", "-i", "--identity", "--cert"}),
    ),
    Tool(
        name="setup.py upload",
        # distutils/command/upload.py, config.py: user name and password of ~/.pypirc.
        sources=("https://docs.python.org/3.11/distutils/packageindex.html",),
        command=("setup.py", "upload"),
        name_options=("-r", "--repository"),
        reads_pypirc=True,
    ),
    Tool(
        name="casperdcl/deploy-pypi",
        # action.yml: twine; without a password it gets a token by OIDC itself, since 2.4.0.
        sources=("https://github.com/casperdcl/deploy-pypi/blob/master/action.yml",),
        actions=("casperdcl/deploy-pypi",),
        oidc_since="2.4.0",
        url_inputs=("url",),
        secret_inputs=("password",),
        folder_inputs=("dist_dir",),
        idle_inputs=(("upload", "false"),),
    ),
    Tool(
        name="JRubics/poetry-publish",
        # entrypoint.sh: poetry with a token, or with a user name and a password.
        sources=("https://github.com/JRubics/poetry-publish/blob/master/entrypoint.sh",),
        actions=("jrubics/poetry-publish",),
        url_inputs=("repository_url",),
        name_inputs=("repository_name",),
        secret_inputs=("pypi_token", "repository_password"),
    ),
    Tool(
        name="code-specialist/pypi-poetry-publish",
        # action.yaml: poetry publish with a user name and a password.
        sources=("https://github.com/code-specialist/pypi-poetry-publish/blob/main/action.yaml",),
        actions=("code-specialist/pypi-poetry-publish",),
        url_inputs=("registry", "publish_registry"),
        secret_inputs=("pypi_password",),
    ),
    Tool(
        name="etils-actions/pypi-auto-publish",
        # action.yml: twine with the token of `pypi-token`, which it requires.
        sources=("https://github.com/etils-actions/pypi-build-publish/blob/main/action.yml",),
        actions=("etils-actions/pypi-auto-publish", "etils-actions/pypi-build-publish"),
        secret_inputs=("pypi-token",),
    ),
    Tool(
        name="python-semantic-release/python-semantic-release",
        # Version 8 dropped the upload to PyPI (its migration guide); before, twine with a token or password.
        sources=("https://python-semantic-release.readthedocs.io/en/latest/migrating_from_v7.html",),
        actions=("python-semantic-release/python-semantic-release", "relekang/python-semantic-release"),
        before="8.0.0",
        secret_inputs=("pypi_token", "repository_password"),
    ),
)
"""Every tool that is known."""

LIKELY_NAMES = {
    "pypi": PYPI_URL,
    "testpypi": TESTPYPI_URL,
    "pypitest": TESTPYPI_URL,
    "test": TESTPYPI_URL,
}
"""What a name that a user chose (in pyproject.toml or .pypirc) surely means; without `-`, `_` and `.`."""
