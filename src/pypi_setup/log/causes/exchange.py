"""GitHub's OIDC token, and its exchange for an upload token.

Sources: Warehouse (oidc/views.py, oidc/models), gh-action-pypi-publish (oidc-exchange.py, twine-upload.sh, of
v1.8 to v1.14), the package id, uv (uv-publish), twine (auth.py), maturin, pdm.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause
from pypi_setup.values.explanation import Blame

_TROUBLESHOOTING = "https://docs.pypi.org/trusted-publishers/troubleshooting/"
_STATUS = "https://status.python.org"

EXCHANGE: tuple[Cause, ...] = (
    Cause(
        rule="publisher-pull-request-target",
        texts=(
            "Publishing from a workflow invoked via 'pull_request_target' is not supported.",
            "workflow invoked via '{trigger}' is not supported",
        ),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="PyPI takes no token from a workflow that `pull_request_target` started.",
        fix="Publish on a pushed tag, a published release or `workflow_dispatch`.",
        link=_TROUBLESHOOTING,
        check="pull-request-target",
    ),
    Cause(
        rule="publisher-workflow-ref",
        texts=(
            "The job_workflow_ref claim does not match, expecting one of {reason}, got '{ref}'",
            "The job_workflow_ref claim does not match, expecting one of",
            "The job_workflow_ref claim is empty",
            "The ref and sha claims are empty",
        ),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="The publishing job's workflow file is not the run's own: it is called from another "
        "repository, "
        "or pinned to another ref than the run's.",
        fix="Keep the publishing job in the workflow that is registered, in the repository itself, and call "
        "it by path (`uses: ./.github/workflows/FILE`) if at all.",
        check="reusable-workflow",
        link=_TROUBLESHOOTING + "#reusable-workflows-on-github",
    ),
    Cause(
        rule="publisher-claim-missing",
        texts=(
            "valid token, but no corresponding publisher (Missing claim '{claim}')",
            "(Missing claim '{claim}')",
        ),
        tools="PyPI, in the words of every tool that exchanges a token (a fault of August 2024)",
        blame=Blame.INDEX,
        cause="PyPI missed the claim `{claim}`, which GitHub sends in every token: a fault of PyPI.",
        fix="Run the job again. If it goes on, report it to https://github.com/pypi/warehouse/issues.",
        link=_STATUS,
    ),
    Cause(
        rule="publisher-not-found",
        texts=(
            "`invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching "
            "claims "
            "was not found)",
            "valid token, but no corresponding publisher (Publisher with matching claims was not found)",
            "`invalid-publisher`: valid token, but no corresponding publisher (All lookup strategies "
            "exhausted)",
            "valid token, but no corresponding publisher (All lookup strategies exhausted)",
            "valid token, but no corresponding publisher (Check failed for required claim '{claim}')",
            "valid token, but no corresponding publisher (Check failed for optional claim '{claim}')",
            "valid token, but no corresponding publisher (Could not job extract workflow filename from OIDC "
            "claims",
            "valid token, but no corresponding publisher ({reason})",
            "valid token, but no corresponding publisher",
        ),
        tools="PyPI, in the words of every tool that exchanges a token; before 2024 it said 'All lookup "
        "strategies exhausted'",
        cause="The index has no Trusted Publisher with this job's repository, owner, workflow file and "
        "environment. One of them differs (letter case counts in all but the environment), or none was "
        "registered on this index.",
        fix="Register the values that the job presents, or change the workflow to those that are registered.",
        check="environment-mismatch",
        link=_TROUBLESHOOTING,
    ),
    Cause(
        rule="publisher-refused",
        texts=('"code":"invalid-publisher"', '"code": "invalid-publisher"'),
        tools="PyPI, in the words of uv; the reason is cut off",
        cause="The index has no Trusted Publisher that matches this job; the log does not show the whole "
        "reason.",
        fix="Compare the job's repository, owner, workflow file and environment with what is registered.",
        check="environment-mismatch",
        link=_TROUBLESHOOTING,
        generic=True,
    ),
    Cause(
        rule="pending-publisher-project-exists",
        texts=(
            "`invalid-pending-publisher`: valid token, but project already exists",
            "valid token, but project already exists",
        ),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="A pending publisher matched this job, but a project of its name exists by now. PyPI has "
        "deleted the pending publisher.",
        fix="If the project is yours, register the publisher on its own page, Settings > Publishing. If it "
        "is "
        "somebody else's, choose another name.",
        link=_TROUBLESHOOTING,
    ),
    Cause(
        rule="oidc-issuer-unknown",
        texts=("unknown trusted publishing issuer",),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="The token was issued by a GitHub other than github.com, for example GitHub Enterprise Server.",
        fix="Publish from github.com, or with an API token.",
        link="https://docs.pypi.org/trusted-publishers/",
    ),
    Cause(
        rule="oidc-token-malformed",
        texts=(
            "`invalid-payload`: malformed JWT",
            '"code":"invalid-payload","description":"malformed JWT"',
            "invalid-payload: malformed JWT",
        ),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="What was sent to the index is no OIDC token.",
        fix="Let gh-action-pypi-publish or uv fetch the token itself; do not pass one on.",
        link=_TROUBLESHOOTING,
    ),
    Cause(
        rule="oidc-token-refused",
        texts=(
            "`invalid-token`: malformed or invalid token",
            "malformed or invalid token",
        ),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="The index does not accept the OIDC token: it expired, or is for another audience (a token for "
        "TestPyPI does not work on PyPI).",
        fix="Let the tool fetch a fresh token in the same step, for the index that it uploads to. If the "
        "audience is right, run the job again.",
        link=_TROUBLESHOOTING,
        context=("pypi", "trusted publishing", "mint-token", "oidc"),
    ),
    Cause(
        rule="oidc-token-reused",
        texts=("`invalid-reuse-token`: invalid token: already used", "invalid token: already used"),
        tools="PyPI, in the words of every tool that exchanges a token",
        cause="An OIDC token can be exchanged once, and this one was.",
        fix="Let each upload step fetch its own token, and run the job again.",
        link=_TROUBLESHOOTING,
    ),
    Cause(
        rule="trusted-publishing-disabled",
        texts=(
            "trusted publishing functionality not enabled",
            "audience retrieval failed: repository at {domain} has trusted publishing disabled",
            "OIDC functionality not enabled",
        ),
        tools="PyPI, gh-action-pypi-publish",
        blame=Blame.INDEX,
        cause="The index's administrators have switched Trusted Publishing off for the moment.",
        fix="Look at the status page and run the job again later.",
        link=_STATUS,
    ),
    Cause(
        rule="index-without-trusted-publishing",
        texts=(
            "audience retrieval failed: repository at {domain} does not indicate trusted publishing support",
        ),
        tools="gh-action-pypi-publish v1.8 and newer",
        cause="{domain} has no Trusted Publishing: the address is not PyPI's, or the `password` for a "
        "private "
        "index was empty.",
        fix="For PyPI write `repository-url: https://upload.pypi.org/legacy/` or leave it out. For another "
        "index pass its token as `password`.",
        check="index-mismatch",
    ),
    Cause(
        rule="audience-unexpected-answer",
        texts=(
            "audience retrieval failed: repository at {domain} responded with unexpected {code}: {detail} ",
            "audience retrieval failed: repository at {domain} responded with unexpected",
        ),
        tools="gh-action-pypi-publish v1.8 and newer",
        blame=Blame.INDEX,
        cause="{domain} answered the first question of Trusted Publishing with an error of its own.",
        fix="Run the job again. If it goes on, look at the status page.",
        link=_STATUS,
    ),
    Cause(
        rule="mint-unexpected-answer",
        texts=(
            "Token request failed: the index produced an unexpected {code} response.",
            "Token request failed: the index produced an unexpected",
            "Token response error: the index gave us an invalid response.",
            "The token-minting request returned invalid JSON",
            "Server returned error code 50{number} {detail}, is trusted publishing correctly configured?",
            "PyPI returned error code 50{number} {detail}, is trusted publishing correctly configured?",
        ),
        tools="gh-action-pypi-publish v1.8 and newer, twine, uv",
        blame=Blame.INDEX,
        cause="The index failed while it exchanged the token. This is not your configuration.",
        fix="Run the failed job again in a few minutes. If it goes on, look at the status page.",
        link=_STATUS,
    ),
    Cause(
        rule="id-token-fork",
        texts=("The workflow context indicates that this action was called from a pull request on a fork.",),
        tools="gh-action-pypi-publish v1.8.11 and newer",
        cause="GitHub gives no OIDC token to a workflow that runs for a pull request from a fork.",
        fix="Publish on a pushed tag, a published release or `workflow_dispatch`, never on `pull_request`.",
        check="fork-pull-request",
    ),
    Cause(
        rule="id-token-missing",
        texts=(
            "OpenID Connect token retrieval failed: GitHub: missing or insufficient OIDC token permissions, "
            "the ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset",
            "missing or insufficient OIDC token permissions, the ACTIONS_ID_TOKEN_REQUEST_TOKEN environment "
            "variable was unset",
            "missing or insufficient OIDC token permissions, the ACTIONS_ID_TOKEN_REQUEST_URL environment "
            "variable was unset",
            "GitHub: missing or insufficient OIDC token permissions",
            "Failed to obtain OIDC token: is the `id-token: write` permission missing?",
            "insufficient permissions: missing ACTIONS_ID_TOKEN_REQUEST_URL",
            "Environment variable ACTIONS_ID_TOKEN_REQUEST_TOKEN not set, is the `id-token: write` "
            "permission "
            "missing?",
            "Environment variable ACTIONS_ID_TOKEN_REQUEST_URL not set, is the `id-token: write` permission "
            "missing?",
            "Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable",
            "Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN env variable",
            "Unable to retrieve an OIDC token from the CI platform for trusted publishing GitHub: missing or "
            "insufficient OIDC token permissions",
            "is the `id-token: write` permission missing?",
            "Did you give your workflow the necessary permissions?",
        ),
        tools="gh-action-pypi-publish v1.8 and newer, uv, twine, Sigstore, actions/toolkit",
        cause="The job has no `id-token: write`, so GitHub gives it no OIDC token. A `permissions:` block in "
        "a job replaces the workflow's; what it does not list is denied. If you meant to publish with a "
        "`password`, its secret was empty.",
        fix="Add to the publishing job: `permissions:` with `id-token: write`.",
        check="id-token-missing",
        link=_TROUBLESHOOTING,
    ),
    Cause(
        rule="id-token-request-failed",
        texts=(
            "GitHub: OIDC token request failed (code={code}",
            "GitHub: OIDC token request timed out",
            "GitHub: malformed or incomplete JSON",
            "Error message: Failed to get ID Token.",
            "Failed to get ID Token.",
            "Failed to discover OIDC token",
        ),
        tools="the package id in gh-action-pypi-publish and twine, actions/toolkit, uv",
        blame=Blame.SERVICE,
        cause="GitHub did not hand out the job's OIDC token although it may have one.",
        fix="Run the failed job again. If it goes on, look at GitHub's status page.",
        link="https://www.githubstatus.com",
    ),
    Cause(
        rule="not-a-trusted-environment",
        texts=(
            "No OIDC token discovered: are you in a supported trusted publishing environment?",
            "Unable to obtain OIDC token: are you in GitHub Actions?",
            "This environment is not supported for trusted publishing",
            "Expected a trusted publishing token but got None",
        ),
        tools="uv publish --trusted-publishing always, twine",
        cause="The tool found no OIDC provider: it does not run in GitHub Actions, or in a container that "
        "does not get the job's environment.",
        fix="Publish from a GitHub Actions job with `id-token: write`; in your own container pass the "
        "variables ACTIONS_ID_TOKEN_REQUEST_TOKEN and ACTIONS_ID_TOKEN_REQUEST_URL on.",
        check="id-token-missing",
        context=("pypi", "publish", "twine"),
    ),
    Cause(
        rule="maturin-no-oidc-token",
        texts=(
            "Warning: Failed to resolve PyPI token via OIDC: {detail} ",
            "Failed to resolve PyPI token via OIDC",
        ),
        tools="maturin upload and publish",
        cause="maturin could not exchange the job's OIDC token: there is none (`id-token: write` is "
        "missing), "
        "or no publisher matches.",
        fix="Add `id-token: write` to the publishing job, and compare its repository, workflow file and "
        "environment with what is registered.",
        check="id-token-missing",
    ),
    Cause(
        rule="pdm-no-oidc-token",
        texts=(
            "Failed to get PyPI token via GitHub Actions OIDC",
            "Failed to get PyPI token via OIDC",
        ),
        tools="pdm publish",
        cause="pdm could not exchange the job's OIDC token: there is none (`id-token: write` is missing), or "
        "no publisher matches.",
        fix="Add `id-token: write` to the publishing job, and compare its repository, workflow file and "
        "environment with what is registered.",
        check="id-token-missing",
    ),
    Cause(
        rule="uv-token-not-obtained",
        texts=(
            "Server returned error code {status}, is trusted publishing correctly configured?",
            "PyPI returned error code {status}, is trusted publishing correctly configured?",
            "Server returned error code {status}, and the OIDC has an unexpected format.",
            "error: Failed to obtain token for trusted publishing",
            "Failed to obtain token for trusted publishing",
        ),
        tools="uv publish",
        cause="uv could not exchange the job's OIDC token for an upload token; the lines below it say why.",
        fix="Compare the claims that uv shows with the publisher that is registered.",
        link=_TROUBLESHOOTING,
        generic=True,
    ),
    Cause(
        rule="exchange-failed",
        texts=(
            "Token request failed: the server refused the request for the following reasons:",
            "The token request failed; the index server gave the following reasons:",
            "Trusted publishing exchange failure:",
        ),
        tools="gh-action-pypi-publish v1.8 and newer, twine",
        cause="The index did not exchange the job's OIDC token; the reason stands below this line.",
        fix="Give the lines below it to `pypi-setup explain` too.",
        link=_TROUBLESHOOTING,
        generic=True,
    ),
    Cause(
        rule="publisher-already-registered",
        texts=(
            "This trusted publisher has already been registered. Please contact PyPI's admins if this wasn't "
            "intentional.",
            "has already been registered for a different project name.",
            "This publisher has already been registered in your organization.",
        ),
        tools="PyPI's publishing page",
        cause="A pending publisher of the same owner, repository, workflow and environment exists already, "
        "perhaps for another project: PyPI lets one identity wait for one project only.",
        fix="Delete the other pending publisher, publish with it first, or give this project an environment "
        "of its own (`pypi-NAME`).",
        check="pending-identity-shared",
    ),
    Cause(
        rule="too-many-pending-publishers",
        texts=("You can't register more than 3 pending trusted publishers at once.",),
        tools="PyPI's publishing page",
        cause="Three pending publishers wait for your account already.",
        fix="Publish with one of them, or delete one, then register the next.",
        check="pending-limit",
    ),
    Cause(
        rule="reusable-workflow",
        texts=(
            "The claims in this token suggest that the calling workflow is a reusable workflow.",
            "Reusable workflows are **not currently supported** by PyPI's Trusted Publishing functionality",
            "Reusable workflows are not currently supported by PyPI's Trusted Publishing functionality",
        ),
        tools="gh-action-pypi-publish v1.12 and newer",
        cause="The publishing job is in a called workflow. PyPI sees the called file, attestations name the "
        "calling one, and one of the two does not match what is registered.",
        fix="Move the publishing job into the workflow that is started; what builds can stay in the called "
        "one.",
        check="reusable-workflow",
        link=_TROUBLESHOOTING + "#reusable-workflows-on-github",
        aside=True,
    ),
    Cause(
        rule="password-beside-trusted-publishing",
        texts=(
            "The workflow was run with the 'attestations: true' input, but an explicit password was also "
            "set, "
            "disabling Trusted Publishing. As a result, the attestations input is ignored.",
            "an explicit password was also set, disabling Trusted Publishing",
        ),
        tools="gh-action-pypi-publish v1.11 and newer",
        cause="The step has a `password`, so the action uses that token and not Trusted Publishing.",
        fix="Register the publisher, then delete `password:` (and `user:`) from the step, release once, and "
        "revoke the token.",
        check="api-token-used",
        aside=True,
    ),
    Cause(
        rule="trusted-publisher-suggested",
        texts=(
            "A new Trusted Publisher for the currently running publishing workflow can be created by "
            "accessing "
            "the following link(s) while logged-in as an owner of the package(s):",
            "A new Trusted Publisher for the currently running publishing workflow can be created",
        ),
        tools="gh-action-pypi-publish v1.11 and newer",
        cause="No error: the action was given a password, and says where to register the publisher that "
        "would "
        "make it needless.",
        fix="Open the link that it shows, click Add, then delete `password:` from the step.",
        check="api-token-used",
        aside=True,
    ),
    Cause(
        rule="trusted-publishing-attempted",
        texts=(
            "Attempting to perform trusted publishing exchange to retrieve a temporary short-lived API token "
            "for authentication against {index} due to __token__ username with no supplied password field",
            "Attempting to perform trusted publishing exchange",
        ),
        tools="gh-action-pypi-publish v1.8.6 and newer",
        cause="No error: no `password` reached the action, so it uses Trusted Publishing. If you meant to "
        "publish with a token, its secret is empty or misnamed.",
        fix="If the step failed, give the lines that follow to `pypi-setup explain` too.",
        aside=True,
    ),
    Cause(
        rule="upgrade-suggested",
        texts=(
            "Trusted Publishers allows publishing packages to PyPI from automated environments like GitHub "
            "Actions without needing to use username/password combinations or API tokens to authenticate "
            "with PyPI.",
        ),
        tools="gh-action-pypi-publish v1.8 and newer",
        cause="No error: the action was given a password and recommends Trusted Publishing.",
        fix="Register the publisher, then delete `password:` from the step.",
        check="api-token-used",
        aside=True,
    ),
)
