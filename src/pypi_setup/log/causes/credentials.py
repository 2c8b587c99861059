"""API tokens, passwords and the accounts behind them.

Sources: Warehouse (macaroons, accounts/security_policy.py, forklift/legacy.py), gh-action-pypi-publish
(twine-upload.sh), twine (auth.py), uv, poetry, pdm, flit, hatch, maturin.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause
from pypi_setup.values.explanation import Blame

_INVALID_AUTH = "https://pypi.org/help/#invalid-auth"

CREDENTIALS: tuple[Cause, ...] = (
    Cause(
        rule="token-of-other-publisher",
        texts=(
            "OIDC scoped token is not valid for project '{project}'",
            "OIDC scoped token used outside of a project context",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The upload token is of a Trusted Publisher that does not belong to {project}: in a monorepo "
        "each project needs its own publisher, and a file of another project lies in dist/.",
        fix="Register the publisher for {project} too (its own page on the index), or upload only the files "
        "of the project that the publisher belongs to.",
        check="pending-identity-shared",
        link="https://docs.pypi.org/trusted-publishers/troubleshooting/",
    ),
    Cause(
        rule="project-token-of-other-project",
        texts=(
            "project-scoped token is not valid for project: '{project}'",
            "project-scoped token is not valid for project '{project}'",
            "project-scoped token used outside of a project context",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The API token is scoped to another project than {project}.",
        fix="Use a token of {project}, or better a Trusted Publisher. A project that does not exist yet has "
        "no "
        "scoped token: register a pending publisher.",
        check="api-token-used",
    ),
    Cause(
        rule="token-user-restriction",
        texts=(
            "Invalid API Token: token with user restriction without a user",
            "Invalid API Token: caveat must be an array",
        ),
        tools="PyPI on 13 March 2024, in the words of every uploading tool",
        blame=Blame.INDEX,
        cause="A fault of PyPI that lasted for hours on one day. Today it would mean that the token is not "
        "one "
        "for uploads.",
        fix="Run the job again; if it goes on, make a new token, or use a Trusted Publisher.",
        link="https://status.python.org",
    ),
    Cause(
        rule="token-expired",
        texts=("Invalid API Token: token is expired", "Invalid API Token: Expired token"),
        tools="PyPI, in the words of every uploading tool",
        cause="The upload token has expired. One from Trusted Publishing lasts 15 minutes from the moment it "
        "was made.",
        fix="Let the step that uploads fetch the token itself, after everything is built, and run it again.",
    ),
    Cause(
        rule="publisher-restriction",
        texts=(
            "OIDC scoped token used outside of an OIDC identified request",
            "current OIDC publisher does not match publisher restriction in token",
            "current user does not match user restriction in token",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The token was made for another publisher or user than the one who uses it.",
        fix="Let the step that uploads fetch its own token, and run the job again.",
    ),
    Cause(
        rule="token-malformed",
        texts=(
            "Invalid API Token: malformed or nonexistent macaroon",
            "Invalid API Token: malformed macaroon",
            "Invalid API Token: deleted or nonexistent macaroon",
            "Invalid API Token: Macaroon not found",
            "Invalid API Token: InvalidMacaroon",
            "Invalid API Token: invalid macaroon",
            "Invalid API Token: signatures do not match",
            "Invalid API Token: unknown error",
            "Invalid API Token:",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The secret does not hold a whole and valid API token: it was cut, has a line break or quotes "
        "in "
        "it, was revoked, or is one of the other index (TestPyPI has its own).",
        fix="Use a Trusted Publisher, which needs no secret. Else make a new token and store it with the "
        "prefix "
        "`pypi-` and nothing else.",
        check="api-token-used",
        link=_INVALID_AUTH,
    ),
    Cause(
        rule="password-no-longer-supported",
        texts=(
            "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted "
            "Publishers instead.",
            "Username/Password authentication is no longer supported",
        ),
        tools="PyPI since 2024, in the words of every uploading tool",
        cause="The job logs in with a user name and a password, which PyPI refuses since 2024.",
        fix="Register a Trusted Publisher and delete user and password from the workflow; or use an API "
        "token "
        "with the user name `__token__`.",
        check="api-token-used",
        link="https://docs.pypi.org/trusted-publishers/",
    ),
    Cause(
        rule="password-deprecated",
        texts=(
            "Starting in 2024, PyPI will require all users to enable Two-Factor Authentication.",
            "Password-based uploads deprecated",
        ),
        tools="gh-action-pypi-publish v1.8.7 to v1.8.14",
        cause="The step has a user name and a password. PyPI refuses them since 2024.",
        fix="Register a Trusted Publisher and delete `user:` and `password:` from the step.",
        check="api-token-used",
        aside=True,
    ),
    Cause(
        rule="invalid-authentication",
        texts=(
            "Invalid or non-existent authentication information.",
            "Invalid or non-existent authentication information",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The index does not know the credentials: the token expired or was revoked, is one of the "
        "other "
        "index, the user name is not `__token__`, or the secret is empty.",
        fix="Use a Trusted Publisher, which needs no secret. Else make a new token on this very index, store "
        "it, and give `__token__` as the user name.",
        check="api-token-used",
        link=_INVALID_AUTH,
    ),
    Cause(
        rule="token-not-allowed",
        texts=("The given token isn't allowed to upload to project '{project}'.",),
        tools="PyPI, in the words of every uploading tool",
        cause="The Trusted Publisher that this token came from does not belong to {project}, or the project "
        "is "
        "archived.",
        fix="Register the publisher on the page of {project}, Settings > Publishing.",
        link="https://pypi.org/help/#project-name",
    ),
    Cause(
        rule="user-not-allowed",
        texts=(
            "The user '{user}' isn't allowed to upload to project '{project}'.",
            "isn't allowed to upload to project '{project}'",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The account or publisher that uploads is no owner or maintainer of {project}, the project is "
        "somebody else's, or it is archived.",
        fix="If {project} is yours, add the account under Collaborators (or unarchive it); else choose "
        "another "
        "name in pyproject.toml.",
        link="https://pypi.org/help/#project-name",
    ),
    Cause(
        rule="non-user-identity",
        texts=(
            "Non-user identities cannot create new projects. This was probably caused by successfully using "
            "a "
            "pending publisher but specifying the project name incorrectly (either in the publisher or in "
            "your "
            "project's metadata). Please ensure that both match.",
            "Non-user identities cannot create new projects.",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The project that the upload is for does not exist, and the token is of another project's "
        "publisher: the name in the metadata is not the one that was registered.",
        fix="Make the name in pyproject.toml and in the publisher the same: register a pending publisher "
        "with "
        "the name that the metadata has. The misspelled, empty project can be deleted.",
        check="project-name-mismatch",
        link="https://docs.pypi.org/trusted-publishers/troubleshooting/",
    ),
    Cause(
        rule="email-not-verified",
        texts=(
            "does not have a verified primary email address. Please add a verified primary email before "
            "attempting to upload to PyPI.",
            "does not have a verified primary email address",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The account of the API token has no verified e-mail address.",
        fix="Verify it under Account settings on the index, then run the job again.",
        link="https://pypi.org/help/#verified-email",
    ),
    Cause(
        rule="two-factor-missing",
        texts=(
            "does not have two-factor authentication enabled. Please enable two-factor authentication before "
            "attempting to upload to PyPI.",
            "does not have two-factor authentication enabled",
            "You must enable two factor authentication to upload",
        ),
        tools="PyPI, in the words of every uploading tool",
        cause="The account of the API token has no two-factor authentication, which uploads need.",
        fix="Turn it on under Account settings on the index, or use a Trusted Publisher.",
        link="https://pypi.org/help/#two-factor-authentication",
    ),
    Cause(
        rule="token-empty",
        texts=(
            "It looks like you have not passed a password or it is otherwise empty. Please verify that you "
            "have passed it directly or, preferably, through a secret.",
            "Your password is empty. Did you enter it correctly?",
            "Your API token is empty. Did you enter it correctly?",
            "Your username is empty. Did you enter it correctly?",
        ),
        tools="gh-action-pypi-publish before v1.9, twine",
        cause="The secret with the token is empty: it is not defined for this repository or environment, has "
        "another name, or the run is for a pull request from a fork.",
        fix="Use a Trusted Publisher. Else define the secret under Settings > Secrets and variables > "
        "Actions "
        "(or in the job's environment), spelled as in the workflow.",
        check="api-token-used",
    ),
    Cause(
        rule="token-without-prefix",
        texts=(
            'your token value does not start with "pypi-" as it typically should.',
            "It looks like you are trying to use an API token to authenticate in the package index and your "
            "token value does not start with",
        ),
        tools="gh-action-pypi-publish (all versions)",
        cause="The `password` does not begin with `pypi-`: it is no API token of PyPI, or it was cut.",
        fix="Use a Trusted Publisher. Else store the whole token, beginning with `pypi-`.",
        check="api-token-used",
        aside=True,
    ),
    Cause(
        rule="password-has-control-characters",
        texts=("contains control characters. Did you enter it correctly?",),
        tools="twine",
        cause="The secret has a control character in it, often a line break at its end.",
        fix="Store the token again without line break or quotes; `gh secret set NAME` reads it from the "
        "prompt.",
        check="api-token-used",
    ),
    Cause(
        rule="uv-credentials-missing",
        texts=(
            "Missing credentials for {url} ",
            "Note: Neither credentials nor keyring are configured, and there was an error fetching the "
            "trusted "
            "publishing token.",
            "Missing credentials for",
        ),
        tools="uv publish",
        cause="uv has no credentials and got no OIDC token; with `--trusted-publishing automatic`, the "
        "default, it does not stop for that. Mostly `id-token: write` is missing in the job.",
        fix="Add `id-token: write` to the job's permissions, and call `uv publish --trusted-publishing "
        "always`, "
        "which says why there is no token.",
        check="id-token-missing",
        link="https://docs.astral.sh/uv/guides/package/#publishing-your-package",
        context=("uv", "publish", "upload"),
    ),
    Cause(
        rule="uv-mixed-credentials",
        texts=("{names} are not allowed when using trusted publishing",),
        tools="uv publish --trusted-publishing always",
        cause="UV_PUBLISH_TOKEN, UV_PUBLISH_PASSWORD, UV_PUBLISH_USERNAME or a keyring stands beside Trusted "
        "Publishing.",
        fix="Delete them from the step's and the job's `env:`.",
        check="api-token-used",
    ),
    Cause(
        rule="uv-username-missing",
        texts=("Attempted to publish with a password, but no username.",),
        tools="uv publish",
        cause="uv was given a password without a user name.",
        fix="Pass a PyPI token as UV_PUBLISH_TOKEN; better, use Trusted Publishing without any.",
        check="api-token-used",
    ),
    Cause(
        rule="credentials-missing",
        texts=(
            "NonInteractive: Credential not found for",
            "Credential not found for API token",
            "Credential not found for password",
            "Could not find username for upload.",
            "Could not find password for upload.",
            "Username and password are required",
            "Credentials not found and non-interactive mode is enabled",
            "EOFError: EOF when reading a line",
            "Enter your API token: Traceback",
            "Enter your password: Traceback",
        ),
        tools="twine, flit, pdm, maturin, hatch",
        cause="The tool has no credentials and nobody can enter any in a job. twine before 6.1, flit, hatch "
        "and "
        "poetry know no Trusted Publishing.",
        fix="Upload with pypa/gh-action-pypi-publish or `uv publish` and a Trusted Publisher. With a token, "
        "pass it as the tool's environment variable, and check that the secret is not empty.",
        check="tool-without-oidc",
        context=("pypi", "twine", "flit", "pdm", "maturin", "hatch", "upload"),
    ),
    Cause(
        rule="maturin-credentials-wrong",
        texts=(
            "Username and/or password are possibly wrong",
            "Username and/or password are wrong",
            "Username or password are incorrect",
        ),
        tools="maturin upload and publish",
        cause="The index refused the credentials that maturin sent (HTTP 403).",
        fix="Delete MATURIN_PYPI_TOKEN and register a Trusted Publisher, or store a new token.",
        check="api-token-used",
    ),
)
