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
    PYPI_SETUP_REPORT HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy
)
# Files and folders of certificates; the container sees them at the same place.
certificates=(SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${GITHUB_OUTPUT:=/dev/null}" "${GITHUB_STEP_SUMMARY:=/dev/null}"
runner_output=$GITHUB_OUTPUT
runner_summary=$GITHUB_STEP_SUMMARY

work='' container=''
# Whatever happens the container goes, for its settings hold the inputs. It has a name before it exists, so
# that it is found at every stage. (`docker run --rm` loses the exit code under podman.)
# shellcheck disable=SC2329  # The trap calls it.
clean_up() {
    if [ -n "$container" ]; then docker rm --force "$container" >/dev/null 2>&1 || true; fi
    if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap clean_up EXIT
# A job that is cancelled: the runner signals this shell alone, and kills it ten seconds later.
trap 'cancelled 130' INT
trap 'cancelled 143' TERM

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

# Append to a file of the runner's. The script's own words say what it means where that fails.
append() { cat >>"$1"; } 2>/dev/null

# End the step with the outputs that later steps decide by. The message is one line, and never from outside.
give_up() {
    local message=$1 page
    page=$(publishing_page)
    echo "::error title=pypi-setup::$message"
    printf '%s\n' status=unexpected success=false "fallback-url=$page" "message=$message" |
        append "$runner_output" || echo "The outputs of this step could not be written either."
    printf '**No result.** %s\n\nYou can [register or review by hand](%s).\n' "$message" "$page" |
        append "$runner_summary" || echo "The summary of this step could not be written either."
    exit "${2:-1}"
}

# Show a log in which the runner looks for no commands: whoever wrote it could forge annotations.
fenced() {
    local word text
    [ -s "$1" ] || return 0
    word=pypi-setup-$RANDOM$RANDOM$RANDOM-$(cat /proc/sys/kernel/random/uuid 2>/dev/null || echo "${work##*.}")
    text=$(<"$1")
    printf '::stop-commands::%s\n%s\n::%s::\n' "$word" "${text//'##['/## [}" "$word"
}

# Put the report where it was asked for: the workspace is read-only for the container. A link is never followed.
put_report() {
    local place
    read -r place <<<"$INPUT_REPORT_FILE"
    case $place in /*) ;; *) place=${GITHUB_WORKSPACE:-.}/$place ;; esac
    [ ! -L "$place" ] && mkdir -p -- "${place%/*}" && cp -- "$PYPI_SETUP_REPORT" "$place"
}

# Hand the container's report, outputs and summary to the runner, and end the step with this exit code.
hand_on() {
    local code=$1 kind=error
    if [ -s "$PYPI_SETUP_REPORT" ] && ! put_report; then
        echo "::error title=pypi-setup::The report file could not be written; the log above says why."
        if [ "$code" -eq 0 ]; then code=1; fi
    fi
    append "$runner_summary" <"$GITHUB_STEP_SUMMARY" ||
        echo "::warning title=pypi-setup::The summary could not be written; the log above has the result."
    if ! append "$runner_output" <"$GITHUB_OUTPUT"; then
        if [ "$code" -ne 0 ]; then kind=warning; else code=1; fi # A run that failed has its error.
        echo "::$kind title=pypi-setup::The outputs of this step could not be written, so later steps do" \
            "not see them; the log above has the result."
    fi
    exit "$code"
}

# Wait for a command in the background: a shell that waits for one in the foreground hears of no signal.
attended() {
    local code=0
    wait "$1" || code=$?
    return "$code"
}

# End the step as the signal wants it, with what the container still wrote.
# shellcheck disable=SC2329  # The traps call it.
cancelled() {
    trap '' INT TERM
    exec 2>/dev/null # This shell's words about what it kills.
    # The command in the container hears of it, and says how far it came.
    if [ -n "$container" ]; then docker stop --time 3 "$container" >/dev/null || true; fi
    for client in $(jobs -p); do
        kill -KILL "$client" || true
        wait "$client" || true
    done
    if [ -n "$container" ]; then
        docker rm --force "$container" >/dev/null || true # The daemon may still be about to make it.
        read -rt 0.5 -u 9 || true
        [ ! -s "$GITHUB_OUTPUT" ] || hand_on "$1"
        give_up "The run was cancelled. If a registration was under way it may have happened: look first." "$1"
    fi
    give_up "The run was cancelled before anything was sent." "$1"
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

# Below the runner's own folder: a daemon that runs beside the runner sees that folder, and perhaps not /tmp.
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/pypi-setup.XXXXXX" 2>/dev/null) ||
    give_up "The action cannot write to the folder that RUNNER_TEMP names: make it, or free space on its disk."

in_job_container="This step cannot run inside of a job container, for the action is a container itself: \
move it to a job without 'container:'."
no_docker="This runner has no Docker for Linux containers, which the action needs: use ubuntu-latest or the like."
# The runner mounts its folders there in every job container, and nowhere else.
case "${GITHUB_WORKSPACE:-}:${RUNNER_TEMP:-}" in
    /__w/* | *:/__w/*) no_docker=$in_job_container inside=true ;;
    *) inside=false ;;
esac
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
    "${prepare[@]}" >"$work/log" 2>&1 &
    if ! attended "$!"; then
        fenced "$work/log"
        give_up "$problem"
    fi
fi

# The container writes to files of its own, whatever its user is mapped to (as root, in rootless Docker): they
# are open to all, in a folder that is open to this user only.
export GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary
export PYPI_SETUP_REPORT=$work/report
touched=true
for file in "$GITHUB_OUTPUT" "$GITHUB_STEP_SUMMARY" "$PYPI_SETUP_REPORT"; do
    : >"$file" && chmod a+rw "$file" || touched=false
done
$touched || give_up "The action cannot write to the folder that RUNNER_TEMP names: free space on its disk."

container=${work##*/}-$$
exec 9<> <(:) # Something to wait for in vain.
arguments=(
    --pull never --name "$container" --read-only --cap-drop ALL --security-opt no-new-privileges
    --log-driver none # A log on disk would keep the command that masks the token.
    --mount "type=bind,source=$GITHUB_OUTPUT,target=$GITHUB_OUTPUT"
    --mount "type=bind,source=$GITHUB_STEP_SUMMARY,target=$GITHUB_STEP_SUMMARY"
    --mount "type=bind,source=$PYPI_SETUP_REPORT,target=$PYPI_SETUP_REPORT"
)
# A runner that is root leaves the image's own user.
if [ "$(id -u)" -ne 0 ]; then arguments+=(--user "$(id -u):$(id -g)"); fi
if [ -d "${GITHUB_WORKSPACE:-}" ]; then
    arguments+=(--mount "type=bind,source=$GITHUB_WORKSPACE,target=$GITHUB_WORKSPACE,readonly")
    arguments+=(--workdir "$GITHUB_WORKSPACE")
fi
for name in "${certificates[@]}"; do
    IFS=: read -ra places <<<"${!name:-}"
    for place in ${places[@]+"${places[@]}"}; do
        # What is not there, or cannot be named to Docker, is left to the command to complain about.
        if [[ $place == /* && $place != *,* && -e $place ]]; then
            arguments+=(--mount "type=bind,source=$place,target=$place,readonly")
        fi
    done
done
# By name only: no value is in any argument list. Docker leaves out what is not set.
for name in "${!INPUT_@}" "${facts[@]}" "${certificates[@]}"; do arguments+=(--env "$name"); done

docker run "${arguments[@]}" "$image" 2>"$work/errors" &
code=0
attended "$!" || code=$?
fenced "$work/errors"
if [ "$code" -eq 73 ]; then exit 1; fi # The outputs are lost; the command said so.
if [ ! -s "$GITHUB_OUTPUT" ]; then
    if $inside; then give_up "$in_job_container"; fi
    give_up "The container of the action ended without a result (exit code $code); the log above says why."
fi
hand_on "$code"
