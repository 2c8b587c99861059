"""What GitHub says before, around or instead of a job.

Sources: the runner's and actions/toolkit's messages, GitHub's reference of workflow syntax and environments.
"""

from __future__ import annotations

from pypi_setup.log.cause import Cause
from pypi_setup.values.explanation import Blame

_STATUS = "https://www.githubstatus.com"

GITHUB: tuple[Cause, ...] = (
    Cause(
        rule="action-version-missing",
        texts=(
            "Missing download info for {action}@{ref} ",
            "Missing download info for {action}@",
            "Unable to resolve action `{action}@{ref}`, unable to find version `{version}`",
            "Unable to resolve action {action}@{ref}, the provided ref does not exist",
        ),
        tools="GitHub Actions, while it sets up the job",
        cause="{action} has no branch, tag or commit of that name. For gh-action-pypi-publish the branch is "
        "release/v1; there is no v1.",
        fix="Pin the action to an existing release: pypa/gh-action-pypi-publish@release/v1, or the 40-digit "
        "SHA of a release's commit.",
        check="action-reference",
        link="https://github.com/pypa/gh-action-pypi-publish/releases",
    ),
    Cause(
        rule="action-repository-missing",
        texts=(
            "Unable to resolve action {action}, repository not found",
            "Unable to resolve action {action}@{ref}, repository not found",
        ),
        tools="GitHub Actions, while it sets up the job",
        cause="There is no public repository {action}, or this workflow may not read it.",
        fix="Correct the name after `uses:`. For an action in a private repository, allow access under the "
        "action's Settings > Actions > General > Access.",
        check="action-reference",
    ),
    Cause(
        rule="action-sha-length",
        texts=(
            "The action {action}@{length} is not allowed in {place} because all actions must be pinned to a "
            "full-length commit SHA.",
        ),
        tools="GitHub Actions, where the organization or repository requires pinned actions",
        cause="The SHA after @ has a digit too many or too few: a commit SHA has exactly 40.",
        fix="Copy the commit's SHA again, from the action's releases page.",
        check="action-reference",
    ),
    Cause(
        rule="action-not-pinned",
        texts=(
            "The action {action}@{ref} is not allowed in {place} because all actions must be pinned to a "
            "full-length commit SHA.",
            "The action `{action}@{ref}` is not allowed because all actions must be pinned to a full-length "
            "commit SHA.",
            "The actions {text} are not allowed in {place} because all actions must be pinned to a "
            "full-length commit SHA.",
        ),
        tools="GitHub Actions, where the organization or repository requires pinned actions",
        cause="A rule of the organization or repository admits only actions pinned to a commit. The action "
        "can also be one that another action uses: gh-action-pypi-publish before v1.13.0 uses "
        "actions/setup-python unpinned.",
        fix="Pin {action} to its commit SHA. If your workflow does not use it itself, update "
        "gh-action-pypi-publish to v1.13.0 or newer.",
        check="action-reference",
    ),
    Cause(
        rule="action-not-allowed",
        texts=(
            "{action}@{ref} is not allowed to be used in {place}. Actions in this workflow must be:",
            "The action {action}@{ref} is not allowed in {place} because all actions must be from a "
            "repository owned by",
            "The actions {text} are not allowed in {place} because all actions must be",
        ),
        tools="GitHub Actions, where the organization or repository lists the allowed actions",
        cause="The list of allowed actions does not have {action}.",
        fix="Let an owner add `pypa/gh-action-pypi-publish@*` (and the actions it uses, `actions/*`) under "
        "Settings > Actions > General > Actions permissions.",
    ),
    Cause(
        rule="environment-ref-refused",
        texts=(
            'Tag "{ref}" is not allowed to deploy to {environment} due to environment protection rules.',
            'Branch "{branch}" is not allowed to deploy to {environment} due to environment protection '
            "rules.",
            'Ref "{ref}" is not allowed to deploy to {environment} due to environment protection rules.',
        ),
        tools="GitHub Actions",
        cause="The deployment rules of the environment {environment} have no pattern for this tag or branch. "
        "A pattern of the kind branch never matches a tag.",
        fix="Under Settings > Environments > {environment} > Deployment branches and tags add a rule: choose "
        "the ref type Tag and a pattern like v*.",
        check="environment-policy",
    ),
    Cause(
        rule="environment-rejected",
        texts=(
            "The deployment was rejected or didn't satisfy other protection rules.",
            "The deployment was rejected by a reviewer",
        ),
        tools="GitHub Actions",
        cause="A protection rule of the environment stopped the job: a reviewer rejected it, or the tag or "
        "branch is not allowed to deploy.",
        fix="Open the environment under Settings > Environments: add the tag pattern under Deployment "
        "branches "
        "and tags, or ask a reviewer to approve. Then run the failed job again.",
        check="environment-policy",
        generic=True,
    ),
    Cause(
        rule="caller-permissions",
        texts=(
            "Error calling workflow '{workflow}'. The nested job '{job}' is requesting 'id-token: write', "
            "but "
            "is only allowed 'id-token: none'.",
            "Error calling workflow '{workflow}'. The workflow '{text}' is requesting 'id-token: write', but "
            "is only allowed 'id-token: none'.",
            "is requesting 'id-token: write', but is only allowed 'id-token: none'.",
        ),
        tools="GitHub Actions, before the run starts",
        cause="The called workflow wants `id-token: write`, and the job that calls it does not grant it: a "
        "called workflow never gets more than its caller has.",
        fix="In the job with `uses: {workflow}` add `permissions:` with `id-token: write` (and whatever else "
        "the called jobs need).",
        check="caller-permissions",
    ),
    Cause(
        rule="caller-permissions-other",
        texts=("is requesting '{text}', but is only allowed '{detail}'.",),
        tools="GitHub Actions, before the run starts",
        cause="A called workflow wants the permission {text}, and the job that calls it does not grant it.",
        fix="Add that permission to the job that calls the workflow.",
        check="workflow-invalid",
    ),
    Cause(
        rule="workflow-invalid",
        texts=(
            "Invalid workflow file: {workflow}#L{number}",
            "The workflow is not valid. {workflow} (Line: {line}, Col: {number}):",
            "This run likely failed because of a workflow file issue.",
            "You have an error in your yaml syntax on line {line}",
        ),
        tools="GitHub Actions, before the run starts",
        cause="GitHub could not load the workflow file, so no job of it ran.",
        fix="Correct the line that the message names. `pypi-setup check` shows the same before you push.",
        check="workflow-invalid",
    ),
    Cause(
        rule="workflow-unknown-context",
        texts=("Unrecognized named-value: '{text}'. Located at position {number} within expression:",),
        tools="GitHub Actions, before the run starts",
        cause="The context `{text}` cannot be used at this place of a workflow: `env`, `secrets`, `steps` "
        "and "
        "`runner` are not there in `environment:` or in a job's `if:`.",
        fix="Use a context that GitHub offers at this place, for example `vars` or `inputs`, or write the "
        "value out.",
        check="workflow-invalid",
    ),
    Cause(
        rule="called-workflow-missing",
        texts=(
            'error parsing called workflow "{workflow}": workflow was not found.',
            "error parsing called workflow {detail}: workflow was not found",
            "Invalid workflow file: error parsing called workflow",
        ),
        tools="GitHub Actions, before the run starts",
        cause="The workflow that a job calls with `uses:` cannot be loaded: the file is not there, or its "
        "repository does not let this one use it.",
        fix="Correct the path after `uses:`; a workflow of the same repository is "
        "`./.github/workflows/FILE`.",
        check="workflow-invalid",
    ),
    Cause(
        rule="artifact-name-taken",
        texts=(
            "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an "
            "artifact with this name already exists on the workflow run",
            "(409) Conflict: an artifact with this name already exists on the workflow run",
        ),
        tools="actions/upload-artifact v4 and newer",
        cause="Two jobs, or two legs of a matrix, upload an artifact of the same name. Since v4 an artifact "
        "cannot be added to.",
        fix="Give each upload its own name, for example `dist-${{{{ matrix.os }}}}`, and download all with "
        "`pattern: dist-*` and `merge-multiple: true`.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="artifact-not-found",
        texts=(
            "Unable to download artifact(s): Artifact not found for name: {artifact} ",
            "Unable to download artifact(s): Artifact not found for name:",
            "Unable to find an artifact with the name: {artifact} ",
            "Unable to find any artifacts for the associated workflow",
            "No artifacts found for the provided pattern",
        ),
        tools="actions/download-artifact",
        cause="No job of this run uploaded an artifact of that name: the name differs, the build job was "
        "skipped, or the artifact is one of another run.",
        fix="Use the same `name` in upload-artifact and download-artifact, and let the publishing job need "
        "the job that uploads.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="artifact-no-files",
        texts=(
            "No files were found with the provided path: dist{detail} No artifacts will be uploaded.",
            "No files were found with the provided path: {folder}dist{detail} No artifacts will be uploaded.",
            "No files were found with the provided path: ./wheelhouse{detail} No artifacts will be uploaded.",
            "No files were found with the provided path: wheelhouse{detail} No artifacts will be uploaded.",
        ),
        tools="actions/upload-artifact",
        cause="The build wrote its files somewhere else, so the artifact is empty and there is nothing to "
        "publish later.",
        fix="Point `path` at the folder that the build fills (`dist/`, or `./wheelhouse/` with "
        "cibuildwheel), "
        "and set `if-no-files-found: error`.",
        check="artifact-hand-over",
    ),
    Cause(
        rule="artifact-action-retired",
        texts=(
            "This request has been automatically failed because it uses a deprecated version of "
            "`actions/upload-artifact: {version}`",
            "This request has been automatically failed because it uses a deprecated version of "
            "`actions/download-artifact: {version}`",
            "This request has been automatically failed because it uses a deprecated version of",
        ),
        tools="GitHub Actions since 2025, with version 3 or older of the artifact actions",
        cause="GitHub has switched off the old versions of its artifact actions.",
        fix="Update upload-artifact and download-artifact together to a current version. From v4 on every "
        "upload needs its own artifact name.",
    ),
    Cause(
        rule="artifact-service",
        texts=(
            "Unable to download and extract artifact: Artifact download failed after {number} retries.",
            "Failed to ListArtifacts: Received non-retryable error",
            "Failed to CreateArtifact: Failed to make request after {number} attempts",
            "Failed to FinalizeArtifact: Failed to make request after {number} attempts",
        ),
        tools="actions/upload-artifact and actions/download-artifact",
        blame=Blame.SERVICE,
        cause="GitHub's artifact storage did not answer. This is not your configuration.",
        fix="Run the failed jobs again. If it goes on, look at GitHub's status page.",
        link=_STATUS,
    ),
    Cause(
        rule="attestation-permission",
        texts=(
            "Failed to persist attestation: Resource not accessible by integration",
            "Failed to persist attestation:",
        ),
        tools="actions/attest, actions/attest-build-provenance",
        cause="The job may not store attestations on GitHub. These are GitHub's, not PyPI's.",
        fix="Add `attestations: write` and `id-token: write` to the job's permissions; a private repository "
        "needs GitHub Enterprise.",
    ),
    Cause(
        rule="token-permission",
        texts=(
            "Resource not accessible by integration",
            "Resource not accessible by personal access token",
            "GitHub release failed with status: 403",
        ),
        tools="GitHub's API, in the words of many actions (releases, tags, comments, attestations)",
        cause="The token of this job may not do what the step asked for. GITHUB_TOKEN has only what "
        "`permissions:` of the job grants.",
        fix="Grant it in the job: `contents: write` to create a release or push a tag, `attestations: write` "
        "for attestations, `pull-requests: write` for pull requests.",
        link="https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions",
    ),
    Cause(
        rule="push-denied",
        texts=(
            "remote: Permission to {place}.git denied to github-actions[bot].",
            "Permission to {place}.git denied to {user}",
        ),
        tools="git push in a job",
        cause="The job pushes with GITHUB_TOKEN, and `permissions:` grants no `contents: write`.",
        fix="Add `permissions: contents: write` to the job that pushes, and to no other. A tag pushed with "
        "GITHUB_TOKEN starts no other workflow.",
        check="started-by-github-token",
    ),
    Cause(
        rule="push-protected",
        texts=(
            "GH006: Protected branch update failed for refs/heads/{branch}.",
            "GH013: Repository rule violations found for refs/{ref}.",
        ),
        tools="git push in a job (semantic-release, bump actions)",
        cause="A rule of the repository protects the branch or tag, and the job's token may not pass it.",
        fix="Let the release tool open a pull request, or push with a GitHub App that the rule lets through.",
    ),
    Cause(
        rule="push-workflow-scope",
        texts=(
            "refusing to allow a GitHub App to create or update workflow `{workflow}` without `workflows` "
            "permission",
            "refusing to allow an OAuth App to create or update workflow `{workflow}` without `workflow` "
            "scope",
            "refusing to allow a Personal Access Token to create or update workflow `{workflow}` without "
            "`workflow` scope",
        ),
        tools="git push in a job",
        cause="The pushed commits change a file in .github/workflows, which this token may not do.",
        fix="Push such commits yourself, or with a token that has the `workflows` permission.",
    ),
    Cause(
        rule="pull-request-forbidden",
        texts=("GitHub Actions is not permitted to create or approve pull requests.",),
        tools="release-please and other actions that open pull requests",
        cause="A setting of the repository or organization keeps GITHUB_TOKEN from opening pull requests.",
        fix="Turn on Settings > Actions > General > Allow GitHub Actions to create and approve pull "
        "requests.",
    ),
    Cause(
        rule="checkout-ref-missing",
        texts=(
            "A branch or tag with the name '{ref}' could not be found",
            "fatal: couldn't find remote ref refs/tags/{ref}",
        ),
        tools="actions/checkout, git",
        cause="The tag or branch to check out does not exist (any more), or is only on the machine where it "
        "was made.",
        fix="Push the tag (`git push origin TAG`), then run again.",
        context=("checkout", "refs/tags"),
    ),
    Cause(
        rule="docker-image-of-tag-object",
        texts=(
            "Unable to find image 'ghcr.io/pypa/gh-action-pypi-publish:{id}' locally",
            "Error response from daemon: manifest for ghcr.io/pypa/gh-action-pypi-publish:{ref} not found",
            "ghcr.io/pypa/gh-action-pypi-publish:{id}: not found",
        ),
        tools="gh-action-pypi-publish v1.11 and newer, pinned by SHA",
        cause="The action is pinned to {id}, for which no image exists: it is the SHA of an annotated tag "
        "and not of its commit, or a commit that was never released.",
        fix="Pin the commit that the release's page shows (v1.14.0 is "
        "cef221092ed1bacb1cc03d23a2d87d1d172e277b), not the tag object.",
        check="action-reference",
        link="https://github.com/pypa/gh-action-pypi-publish/releases",
    ),
    Cause(
        rule="docker-image-of-composite",
        texts=("Unable to find image 'ghcr.io/{image}' locally",),
        tools="gh-action-pypi-publish v1.11 to v1.12, called from another composite action",
        cause="The image is named after {image}, your repository and ref: called inside another composite "
        "action, gh-action-pypi-publish takes the caller's names for its own.",
        fix="Use gh-action-pypi-publish as a step of the workflow itself, not inside a composite action.",
        link="https://github.com/pypa/gh-action-pypi-publish/issues/291",
        context=("gh-action-pypi-publish", "run-pypi-publish-in-docker-container"),
    ),
    Cause(
        rule="docker-missing",
        texts=(
            "docker: command not found",
            'exec: "docker": executable file not found in $PATH',
            "docker: not found",
            "Cannot connect to the Docker daemon at {url}. Is the docker daemon running?",
            "Container operations are only supported on Linux runners",
            "Container action is only supported on Linux",
        ),
        tools="gh-action-pypi-publish and other Docker actions",
        cause="gh-action-pypi-publish runs in a container, and this runner has no Docker: a self-hosted "
        "runner, a job in a container, Windows or macOS.",
        fix="Let the publishing job run on `runs-on: ubuntu-latest`, without `container:`.",
        link="https://github.com/pypa/gh-action-pypi-publish#non-goals",
        context=("pypi", "publish", "twine"),
        check="unsupported-runner",
    ),
    Cause(
        rule="generated-action-missing",
        texts=(
            "run-pypi-publish-in-docker-container'. Did you forget to run actions/checkout before running "
            "your local action?",
            "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '{detail}.generated-actions",
        ),
        tools="gh-action-pypi-publish v1.11 and newer in a job with `container:`, or after the workspace "
        "was changed",
        cause="gh-action-pypi-publish writes a helper action into the workspace, and the runner looks for it "
        "in another folder: the job runs in a container, or another user cleaned the workspace.",
        fix="Let the publishing job run on `runs-on: ubuntu-latest`, without `container:`.",
        check="unsupported-runner",
    ),
    Cause(
        rule="pull-limit",
        texts=("toomanyrequests: You have reached your",),
        tools="Docker Hub, asked by a job",
        blame=Blame.SERVICE,
        cause="Docker Hub limits how many images an address may pull. This is not your configuration.",
        fix="Run the failed job again later.",
        link="https://www.dockerstatus.com",
    ),
    Cause(
        rule="billing",
        texts=(
            "The job was not started because recent account payments have failed or your spending limit "
            "needs "
            "to be increased.",
            "The job was not started because your account is locked due to a billing issue.",
        ),
        tools="GitHub Actions",
        cause="GitHub starts no job until the account's billing is in order.",
        fix="Open Settings > Billing and plans of the account or organization that owns the repository.",
    ),
    Cause(
        rule="job-time-limit",
        texts=(
            "has exceeded the maximum execution time of {number} minutes.",
            "has exceeded the maximum execution time of",
        ),
        tools="GitHub Actions",
        cause="The job took longer than its `timeout-minutes` (360 if not set). A hanging upload often waits "
        "for a password that nobody enters.",
        fix="Look at the last lines before it: a prompt means that credentials are missing. Otherwise raise "
        "`timeout-minutes`.",
        context=("timeout", "runner", "execution"),
    ),
    Cause(
        rule="concurrency-cancelled",
        texts=(
            "Canceling since a higher priority waiting request for '{text}' exists",
            "Canceling since a deadlock for concurrency group '{text}' was detected between",
        ),
        tools="GitHub Actions with `concurrency:`",
        cause="Another run of the same concurrency group took this one's place.",
        fix="Give the publishing workflow a group per ref, `group: ${{{{ github.workflow }}}}-"
        "${{{{ github.ref }}}}`, and set no `cancel-in-progress`.",
    ),
    Cause(
        rule="runner-lost",
        texts=(
            "The hosted runner lost communication with the server.",
            "lost communication with the server. Verify the machine is running and has a healthy network "
            "connection.",
            "The hosted runner encountered an error while running your job. (Error Type: {text}).",
            "The runner has received a shutdown signal.",
            "The job was not acquired by Runner of type hosted even after multiple attempts",
        ),
        tools="GitHub Actions",
        blame=Blame.SERVICE,
        cause="GitHub lost the runner in the middle of the job. This is not your configuration, unless the "
        "job used up the memory.",
        fix="Run the failed jobs again. If a file was already uploaded, the second run needs "
        "`skip-existing: true`.",
        link=_STATUS,
    ),
    Cause(
        rule="runner-image-retired",
        texts=(
            "This is a scheduled {text} brownout.",
            "The {text} environment is deprecated, consider switching to",
            "The {text} runner image is deprecated, consider switching to",
        ),
        tools="GitHub Actions",
        cause="GitHub has retired the runner image that the job names.",
        fix="Write `runs-on: ubuntu-latest` in the job.",
    ),
    Cause(
        rule="disk-full",
        texts=("No space left on device",),
        tools="any program on the runner",
        cause="The runner's disk is full.",
        fix="Build fewer platforms in one job, or delete what is not needed before the build.",
        context=("pypi", "wheel", "sdist", "twine", "docker"),
    ),
    Cause(
        rule="action-download",
        texts=(
            "Failed to download action '{url}'",
            "Failed to download archive '{url}' after {number} attempts.",
            "Our services aren't available right now",
            "Failed to resolve action download info.",
        ),
        tools="GitHub Actions, while it sets up the job",
        blame=Blame.SERVICE,
        cause="GitHub could not deliver an action that the job uses. This is not your configuration.",
        fix="Run the failed jobs again. If it goes on, look at GitHub's status page.",
        link=_STATUS,
        context=("github", "action"),
    ),
)
