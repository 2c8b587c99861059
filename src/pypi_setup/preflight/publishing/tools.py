"""The tools that upload Python distributions: one table. A new tool is one row.

Each fact was read from the tool's own source or documents, named in `sources`; versions are the first release
that has it. What is said of the newest version was read in the summer of 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL


class Attestations(str, Enum):
    """Whether an upload carries PEP 740 attestations."""

    MADE = "made"
    """It makes and uploads them."""

    FOUND = "found"
    """It makes none, but uploads those that lie beside the distributions."""

    NONE = "none"

    UNKNOWN = "unknown"


_PYPI_NAMES = {"pypi": PYPI_URL, "testpypi": TESTPYPI_URL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: how it is recognised, how it is told where to upload, and what wins over Trusted Publishing.

    Inputs are those of an action (`with`), options those of a command, variables those of the environment.
    `{}` in a name stands for the repository's name as the tool spells it there.
    """

    name: str
    sources: tuple[str, ...]

    actions: tuple[str, ...] = ()
    """Actions that are this tool: `owner/repository`, in lower case."""

    command: tuple[str, ...] = ()
    """The program and its sub-command."""

    subcommands: frozenset[str] = frozenset()
    """Of an action that passes a command on (`command` and `args`): those that upload."""

    before: str = ""
    """Of an action that stopped uploading: the first version that does not."""

    refs_without_oidc: frozenset[str] = frozenset()
    """Of an action: branches that were left behind before it."""

    oidc_since: str | None = None
    """The first version that does Trusted Publishing by itself; None where none does."""

    url_inputs: tuple[str, ...] = ()
    url_options: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    """Where the upload's address stands; it comes before a name."""

    name_inputs: tuple[str, ...] = ()
    name_options: tuple[str, ...] = ()
    name_variables: tuple[str, ...] = ()
    """Where the repository's name (or address) stands."""

    names: tuple[tuple[str, str], ...] = tuple(_PYPI_NAMES.items())
    """The names that the tool knows without configuration, or that can only mean one index."""

    named_url_variable: str = ""
    """The variable that defines a named repository."""

    default_name: str = "pypi"

    secret_inputs: tuple[str, ...] = ()
    secret_options: tuple[str, ...] = ()
    secret_variables: tuple[str, ...] = ()
    """Credentials that the tool uses instead of Trusted Publishing."""

    settings: tuple[str, ...] = ()
    """Keys of its own `config` command that store a credential: `poetry config pypi-token.pypi VALUE`."""

    reads_pypirc: bool = False
    """Whether a password in ~/.pypirc comes before Trusted Publishing."""

    user_inputs: tuple[str, ...] = ()
    user_options: tuple[str, ...] = ()
    user_variables: tuple[str, ...] = ()
    """User names that switch Trusted Publishing off."""

    token_user: bool = True
    """Whether the user `__token__` leaves it on."""

    off: tuple[tuple[str, str], ...] = ()
    """Options with the value that switches it off (an empty one stands for any value)."""

    only_pypi: bool = False
    """Whether it does Trusted Publishing for pypi.org and test.pypi.org only."""

    attestations: Attestations = Attestations.NONE
    """What it does unless it is told otherwise."""

    attestations_since: str = ""
    """The first version that does so; before, none."""

    attestations_input: str = ""
    attestations_option: str = ""
    no_attestations_option: str = ""
    no_attestations_variable: str = ""

    needs_docker: bool = False
    """Whether it starts a container of its own: a Linux runner with Docker, and no job container."""

    folder_inputs: tuple[str, ...] = ()
    folder: str = "dist"
    """Where the distributions lie unless it is told otherwise."""

    valued: frozenset[str] = frozenset()
    """Its other options that take a value."""

    idle: frozenset[str] = frozenset({"--help", "-h", "--version"})
    """Options with which nothing is uploaded."""

    idle_inputs: tuple[tuple[str, str], ...] = ()
    """Inputs, each with the value at which nothing is uploaded."""


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
        valued=frozenset(
            {"-u", "--username", "--cert", "--client-cert", "--dist-dir", "-C", "--directory", "-P"}
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

# ------------------------------------------------------------------------------ what cannot be looked into

_ANY: frozenset[str] = frozenset()

OPAQUE_PROGRAMS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            *(
                "make",
                "gmake",
                "just",
                "task",
                "go-task",
                "invoke",
                "inv",
                "tox",
                "nox",
                "doit",
                "rake",
                "mage",
            ),
            *(
                "npx",
                "earthly",
                "bazel",
                "bazelisk",
                "nix",
                "nix-shell",
                "dagger",
                "gradle",
                "gradlew",
                "mvn",
            ),
            *("ant", "scons", "ninja", "meson", "semantic-release", "release-it", "fullrelease", "release"),
            *(
                "tbump",
                "moon",
                "lerna",
                "nx",
                "turbo",
                "goreleaser",
                "jreleaser",
                "devbox",
                "poe",
                "poethepoet",
            ),
            *("taskipy", "pynt", "fab", "changeset", "auto", "releaser", "source", "."),
        ),
        _ANY,
    ),
    "npm": frozenset({"run", "run-script", "exec", "start"}),
    "yarn": frozenset({"run", "exec", "release", "publish"}),
    "pnpm": frozenset({"run", "exec", "release", "dlx"}),
    "bun": frozenset({"run", "x"}),
    "deno": frozenset({"run", "task"}),
    "docker": frozenset({"run", "compose", "exec"}),
    "podman": frozenset({"run", "compose", "exec"}),
    "docker-compose": _ANY,
    "pants": _ANY,
    "mise": frozenset({"run", "r"}),
    "pixi": frozenset({"run"}),
    "cargo": frozenset({"ci", "dist", "make", "run", "xtask"}),
    "go": frozenset({"run", "generate"}),
    "cz": frozenset({"bump"}),
    "pbr": _ANY,
}
"""Programs that run what the project defines elsewhere; with sub-commands, only those."""

HARMLESS_MODULES = frozenset(
    {
        *(
            "pip",
            "build",
            "venv",
            "virtualenv",
            "pytest",
            "unittest",
            "mypy",
            "ruff",
            "black",
            "isort",
            "flake8",
        ),
        *(
            "coverage",
            "pylint",
            "setuptools_scm",
            "wheel",
            "ensurepip",
            "pipx",
            "uv",
            "poetry",
            "hatch",
            "pdm",
        ),
        *(
            "flit",
            "flit_core",
            "twine",
            "maturin",
            "cibuildwheel",
            "auditwheel",
            "delocate",
            "sphinx",
            "mkdocs",
        ),
        *(
            "json.tool",
            "site",
            "sysconfig",
            "zipfile",
            "tarfile",
            "http.server",
            "compileall",
            "check_manifest",
        ),
        *("pre_commit", "pip_audit", "bandit", "sigstore", "piptools", "hatchling", "check_wheel_contents"),
        *("pyroma", "abi3audit", "zizmor", "codespell", "towncrier", "keyring", "tomllib", "platform", "id"),
    }
)
"""Programs and modules of the Python world that upload nothing unless a row of the table above says so."""

PDM_COMMANDS = frozenset(
    {
        *(
            "add",
            "build",
            "cache",
            "completion",
            "config",
            "export",
            "fix",
            "import",
            "info",
            "init",
            "install",
        ),
        *("list", "lock", "new", "outdated", "plugin", "publish", "py", "python", "remove", "run", "search"),
        *("self", "show", "sync", "update", "use", "venv"),
    }
)
"""PDM's own commands; any other word is a script of pyproject.toml."""

HARMLESS_OWNERS = frozenset(
    {"actions", "github", "docker", "codecov", "sigstore", "astral-sh", "step-security"}
)
"""Owners of actions none of which uploads Python distributions."""

HARMLESS_ACTIONS = frozenset(
    {
        "hynek/build-and-inspect-python-package",
        "hynek/setup-cached-uv",
        "pypa/cibuildwheel",
        "pypa/hatch",
        "pdm-project/setup-pdm",
        "snok/install-poetry",
        "abatilo/actions-poetry",
        "softprops/action-gh-release",
        "ncipollo/release-action",
        "svenstaro/upload-release-action",
        "googleapis/release-please-action",
        "google-github-actions/release-please-action",
        "release-drafter/release-drafter",
        "python-semantic-release/publish-action",
        "python-semantic-release/upload-to-gh-release",
        "tschm/token-mint-action",
        "peter-evans/create-pull-request",
        "stefanzweifel/git-auto-commit-action",
        "dorny/paths-filter",
        "conda-incubator/setup-miniconda",
        "mamba-org/setup-micromamba",
        "prefix-dev/setup-pixi",
        "dtolnay/rust-toolchain",
        "actions-rs/toolchain",
        "swatinem/rust-cache",
        "mozilla-actions/sccache-action",
        "extractions/setup-just",
        "arduino/setup-task",
        "pnpm/action-setup",
        "oven-sh/setup-bun",
        "pre-commit/action",
        "coverallsapp/github-action",
        "peaceiris/actions-gh-pages",
        "jamesives/github-pages-deploy-action",
        "8398a7/action-slack",
        "slackapi/slack-github-action",
        "re-actors/alls-green",
        "pypa/gh-action-pip-audit",
    }
)
"""Other actions that upload no Python distributions, in lower case."""

MINTING_ACTIONS = frozenset({"tschm/token-mint-action"})
"""Actions that exchange an OIDC token for an upload token, which they give as an output."""
