#!/usr/bin/env bash
# The action's one step: runs the container, and hands its outputs and its summary to the runner.
#
# The image is the one that image.txt names by digest; the release process writes that file. Where there is
# none, on a branch or a fork, the image is built from the Dockerfile beside it, once for each content.
#
# For mirrors and tests: PYPI_SETUP_BASE names another base image for that build.
set -euo pipefail

# What the container is told beside the inputs.
facts=(
    GITHUB_ACTIONS GITHUB_API_URL GITHUB_EVENT_NAME GITHUB_OUTPUT GITHUB_REF GITHUB_REPOSITORY GITHUB_RUN_ID
    GITHUB_SERVER_URL GITHUB_SHA GITHUB_STEP_SUMMARY GITHUB_WORKFLOW_REF GITHUB_WORKSPACE
    ACTIONS_ID_TOKEN_REQUEST_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL
    HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy
)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${GITHUB_OUTPUT:=/dev/null}" "${GITHUB_STEP_SUMMARY:=/dev/null}"
runner_output=$GITHUB_OUTPUT
runner_summary=$GITHUB_STEP_SUMMARY

# Below the runner's own folder: a daemon that runs beside the runner sees that folder, and perhaps not /tmp.
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/pypi-setup.XXXXXX")
# The container goes too, for its settings hold the inputs. (`docker run --rm` loses the exit code under podman.)
trap '
    if [ -s "$work/container" ]; then docker rm --force "$(<"$work/container")" >/dev/null 2>&1 || true; fi
    rm -rf "$work"
' EXIT
# A job that is cancelled: the runner signals this shell alone, and kills it ten seconds later.
trap 'exit 130' INT
trap 'exit 143' TERM

# Print the page where a person can register instead. Only harmless addresses are repeated.
publishing_page() {
    local index=${INPUT_INDEX_URL:-} url='^https?://[A-Za-z0-9.:-]+$'
    index=${index%/}
    case $index in
        testpypi) index=https://test.pypi.org ;;
        *) [[ $index =~ $url ]] || index=https://pypi.org ;;
    esac
    echo "$index/manage/account/publishing/"
}

# End the step with the outputs that later steps decide by. The message is one line, and never from outside.
give_up() {
    local message=$1 page
    page=$(publishing_page)
    echo "::error title=pypi-setup::$message"
    printf '%s\n' status=unexpected success=false "fallback-url=$page" "message=$message" >>"$runner_output"
    printf '**No result.** %s\n\nYou can [register or review by hand](%s).\n' "$message" "$page" \
        >>"$runner_summary"
    exit 1
}

# Print a short hash of all that the image is built from.
fingerprint() {
    local sum=(sha256sum)
    command -v sha256sum >/dev/null || sum=(shasum -a 256) # macOS
    cd "$root"
    {
        echo "${PYPI_SETUP_BASE:-}"
        find .dockerignore Dockerfile entrypoint.py requirements/runtime.txt src/pypi_setup \
            -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 "${sum[@]}"
    } | "${sum[@]}" | cut -c 1-16
}

no_docker="This runner has no Docker for Linux containers, which the action needs: use ubuntu-latest or the like."
command -v docker >/dev/null || give_up "$no_docker"

if [ -s "$root/image.txt" ]; then
    image=$(<"$root/image.txt")
    prepare=(docker pull --quiet "$image")
    problem="The image of the action could not be pulled; the log above says why."
else
    image=pypi-setup:$(fingerprint)
    prepare=(docker build --tag "$image")
    if [ -n "${PYPI_SETUP_BASE:-}" ]; then prepare+=(--build-arg PYPI_SETUP_BASE); fi
    prepare+=("$root")
    problem="The image of the action could not be built; the log above says why."
fi
if ! docker image inspect "$image" >/dev/null 2>&1; then
    [ "$(docker version --format '{{.Server.Os}}' 2>/dev/null)" = linux ] ||
        give_up "$no_docker"
    if ! "${prepare[@]}" >"$work/log" 2>&1; then
        cat "$work/log"
        give_up "$problem"
    fi
fi

# The container writes to files of its own, whatever its user is mapped to (as root, in rootless Docker): they
# are open to all, in a folder that is open to this user only.
export GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary
: >"$GITHUB_OUTPUT"
: >"$GITHUB_STEP_SUMMARY"
chmod a+rw "$GITHUB_OUTPUT" "$GITHUB_STEP_SUMMARY"

arguments=(
    --pull never --cidfile "$work/container" --read-only --cap-drop ALL --security-opt no-new-privileges
    --log-driver none # A log on disk would keep the command that masks the token.
    --mount "type=bind,source=$GITHUB_OUTPUT,target=$GITHUB_OUTPUT"
    --mount "type=bind,source=$GITHUB_STEP_SUMMARY,target=$GITHUB_STEP_SUMMARY"
)
# A runner that is root leaves the image's own user.
if [ "$(id -u)" -ne 0 ]; then arguments+=(--user "$(id -u):$(id -g)"); fi
if [ -d "${GITHUB_WORKSPACE:-}" ]; then
    arguments+=(--mount "type=bind,source=$GITHUB_WORKSPACE,target=$GITHUB_WORKSPACE,readonly")
    arguments+=(--workdir "$GITHUB_WORKSPACE")
fi
# By name only: no value is in any argument list. Docker leaves out what is not set.
for name in "${!INPUT_@}" "${facts[@]}"; do arguments+=(--env "$name"); done

# In the background: a shell that waits for a command in the foreground hears of no signal.
docker run "${arguments[@]}" "$image" &
code=0
wait "$!" || code=$?
[ -s "$GITHUB_OUTPUT" ] ||
    give_up "The container of the action ended without a result (exit code $code); the log above says why."
cat "$GITHUB_OUTPUT" >>"$runner_output"
cat "$GITHUB_STEP_SUMMARY" >>"$runner_summary"
exit "$code"
