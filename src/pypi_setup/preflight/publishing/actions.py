"""Actions that are no tool that uploads: two tables. Any other action may hide an upload."""

from __future__ import annotations

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


def is_harmless(repository: str) -> bool:
    """Tell whether no action of this repository (`owner/name`, in lower case) uploads distributions."""
    return repository in HARMLESS_ACTIONS or repository.split("/", maxsplit=1)[0] in HARMLESS_OWNERS
