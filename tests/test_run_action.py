"""The action's script with a `docker` that only writes down what it is asked for."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import commands_in

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "pypi-canary-of-the-script"
DIGEST = "ghcr.io/octo-org/pypi-setup@sha256:" + "0" * 64

FAKE_DOCKER = """\
#!/bin/sh
printf '%s\\n' "$*" >>"$RECORD"
case $1 in
    version) echo "${FAKE_SERVER:-linux}" ;;
    image) test -n "${FAKE_IMAGE:-}" ;;
    build | pull) printf "the log of the $1\n${FAKE_LOG:-}"
        if [ -n "${FAKE_HANG:-}" ]; then echo $$ >"$FAKE_HANG"; exec tail -f /dev/null; fi
        exit "${FAKE_PREPARE:-0}" ;;
    run) if [ -n "${FAKE_ERRORS:-}" ]; then printf "$FAKE_ERRORS" >&2; fi
        if [ -n "${FAKE_HANG:-}" ]; then echo $$ >"$FAKE_HANG"; exec tail -f /dev/null; fi
        printf '%s' "${FAKE_OUTPUT:-}" >>"$GITHUB_OUTPUT"; echo summary >>"$GITHUB_STEP_SUMMARY"
        printf '%s' "${FAKE_REPORT:-}" >>"$PYPI_SETUP_REPORT"
        exit "${FAKE_RUN:-0}" ;;
    stop) kill "$(cat "$FAKE_HANG.pid")"; printf '%s' "${FAKE_LAST:-}" >>"$GITHUB_OUTPUT" ;;
esac
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action runs on Linux")


@dataclass
class Run:
    """What one run of the script left behind."""

    code: int
    stdout: str
    stderr: str
    outputs: str
    summary: str
    commands: list[str]
    """The command lines that docker got."""


class Runner:
    """A runner's folders, and the action's tree in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = folder / "action"
        self.workspace = folder / "workspace"
        self.temp = folder / "temp"
        self.bin = folder / "bin"
        for path in (self.workspace, self.temp, self.bin, self.tree / "scripts", self.tree / "requirements"):
            path.mkdir(parents=True)
        shutil.copy(ROOT / "scripts/run-action.sh", self.tree / "scripts")
        for name in (".dockerignore", "Dockerfile", "entrypoint.py", "requirements/runtime.txt"):
            shutil.copy(ROOT / name, self.tree / name)
        (self.tree / "src/pypi_setup").mkdir(parents=True)
        (self.tree / "src/pypi_setup/__init__.py").write_text("")
        self.fake_docker()

    def fake_docker(self) -> None:
        (self.bin / "docker").write_text(FAKE_DOCKER)
        (self.bin / "docker").chmod(0o755)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """Start the script."""
        record, output, summary = (self.folder / name for name in ("record", "output", "summary"))
        for file in (record, output, summary):
            file.write_text("")
        return subprocess.Popen(
            [self.tree / "scripts/run-action.sh"],
            env={
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "RECORD": str(record),
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                "INPUT_API_TOKEN": TOKEN,
                "INPUT_PROJECT": "sample",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Run:
        """Wait for the script's end."""
        stdout, stderr = process.communicate(timeout=60)
        record, output, summary = (
            (self.folder / name).read_text() for name in ("record", "output", "summary")
        )
        return Run(process.returncode, stdout, stderr, output, summary, record.splitlines())

    def __call__(self, **environment: str) -> Run:
        return self.end(self.start(**environment))


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def arguments(run: Run) -> list[str]:
    """Return the arguments of `docker run`."""
    (line,) = (line for line in run.commands if line.startswith("run "))
    return line.split()


def name_of(run: Run) -> str:
    """Return the container's name."""
    words = arguments(run)
    return words[words.index("--name") + 1]


def names_passed(run: Run) -> list[str]:
    """Return the names of the variables that the container gets."""
    words = arguments(run)
    return [words[place + 1] for place, word in enumerate(words) if word == "--env"]


def given_up(run: Run) -> dict[str, str]:
    assert run.code == 1
    return dict(line.split("=", 1) for line in run.outputs.splitlines())


def test_hands_on_outputs_summary_and_exit_code(runner: Runner) -> None:
    run = runner(FAKE_OUTPUT="status=manual\n", FAKE_RUN="2")
    assert (run.code, run.outputs, run.summary) == (2, "status=manual\n", "summary\n")


def test_container_has_no_rights(runner: Runner) -> None:
    text = " ".join(arguments(runner(FAKE_OUTPUT="x=1\n")))
    for option in (
        "--pull never",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--log-driver none",
    ):
        assert f" {option} " in text
    assert f" --mount type=bind,source={runner.workspace},target={runner.workspace},readonly " in text
    assert text.count("--mount") == 4


def test_inputs_and_facts_go_in_by_name(runner: Runner) -> None:
    run = runner(FAKE_OUTPUT="x=1\n", ACTIONS_ID_TOKEN_REQUEST_TOKEN="bearer-canary", GITHUB_TOKEN="a" * 40)
    names = names_passed(run)
    assert {"INPUT_API_TOKEN", "INPUT_PROJECT", "GITHUB_OUTPUT", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} < set(
        names
    )
    assert "GITHUB_TOKEN" not in names
    assert not [name for name in names if "=" in name]
    assert TOKEN not in "".join(run.commands)
    assert "bearer-canary" not in "".join(run.commands)


def test_the_code_reads_no_fact_of_the_runner_that_is_not_passed(runner: Runner) -> None:
    read = {
        name
        for file in (ROOT / "src/pypi_setup").rglob("*.py")
        if file.name != "cli.py"  # not in the container
        for name in re.findall(
            r'environ\.get\("((?:GITHUB|RUNNER|ACTIONS)_[A-Z_]+)"', file.read_text("utf-8")
        )
    }
    assert {"GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY"} <= read
    assert read <= set(names_passed(runner(FAKE_OUTPUT="x=1\n")))


def test_runs_as_the_runner_s_user(runner: Runner) -> None:
    (runner.bin / "id").write_text("#!/bin/sh\ntest $1 = -u && echo 1001 || echo 127\n")
    (runner.bin / "id").chmod(0o755)
    assert "--user 1001:127" in " ".join(arguments(runner(FAKE_OUTPUT="x=1\n")))


def test_a_runner_that_is_root_leaves_the_image_s_user(runner: Runner) -> None:
    (runner.bin / "id").write_text("#!/bin/sh\necho 0\n")
    (runner.bin / "id").chmod(0o755)
    assert "--user" not in arguments(runner(FAKE_OUTPUT="x=1\n"))


@pytest.mark.parametrize("code", ["0", "1"])
def test_leaves_no_container_and_no_files_behind(runner: Runner, code: str) -> None:
    run = runner(FAKE_OUTPUT="x=1\n", FAKE_RUN=code)
    assert run.commands[-1] == f"rm --force {name_of(run)}"
    assert list(runner.temp.iterdir()) == []


SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
@pytest.mark.parametrize(
    ("last", "outputs"),
    [
        ("", "If a registration was under way it may have happened: look first."),
        ("status=registered\n", "status=registered\n"),
    ],
)
def test_a_cancelled_job_leaves_nothing_behind_either(
    runner: Runner, number: signal.Signals, code: int, last: str, outputs: str
) -> None:
    """The runner signals the script alone, and does not wait for long."""
    started = runner.folder / "started"
    os.mkfifo(started)
    process = runner.start(FAKE_HANG=str(started), FAKE_IMAGE="1", FAKE_LAST=last)
    (runner.folder / "started.pid").write_text(started.read_text())  # Waits until the container runs.
    process.send_signal(number)
    run = runner.end(process)
    assert run.code == code
    name = name_of(run)
    assert run.commands[-3:] == [f"stop --time 3 {name}", f"rm --force {name}", f"rm --force {name}"]
    assert list(runner.temp.iterdir()) == []
    assert outputs in run.outputs
    assert run.stdout.count("::error") == (0 if last else 1)
    assert run.stderr == ""


@SIGNALS
def test_a_job_that_is_cancelled_while_the_image_is_built_sends_nothing(
    runner: Runner, number: signal.Signals, code: int
) -> None:
    started = runner.folder / "started"
    os.mkfifo(started)
    process = runner.start(FAKE_HANG=str(started))
    builder = int(started.read_text())
    process.send_signal(number)
    run = runner.end(process)
    assert run.code == code
    assert "message=The run was cancelled before anything was sent.\n" in run.outputs
    assert [line.split()[0] for line in run.commands] == ["image", "version", "build"]
    assert list(runner.temp.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(builder, 0)


def unwritable(runner: Runner) -> list[str]:
    """Return places to which nobody can write, not even root."""
    return [str(runner.folder), str(runner.folder / "no/such"), "/dev/full"]


@pytest.mark.parametrize("place", range(3))
def test_lost_outputs_fail_the_step_with_one_error(runner: Runner, place: int) -> None:
    lost = unwritable(runner)[place]
    run = runner(FAKE_OUTPUT="status=registered\n", GITHUB_OUTPUT=lost)
    assert (run.code, run.summary, run.stderr) == (1, "summary\n", "")
    assert run.stdout == (
        "::error title=pypi-setup::The outputs of this step could not be written, so later steps do "
        "not see them; the log above has the result.\n"
    )
    failed = runner(FAKE_OUTPUT="status=invalid\n", GITHUB_OUTPUT=lost, FAKE_RUN="2")
    assert failed.code == 2
    assert failed.stdout.startswith("::warning title=pypi-setup::The outputs of this step could not be")


@pytest.mark.parametrize("place", range(3))
def test_a_lost_summary_is_a_warning(runner: Runner, place: int) -> None:
    run = runner(FAKE_OUTPUT="status=registered\n", GITHUB_STEP_SUMMARY=unwritable(runner)[place])
    assert (run.code, run.outputs, run.stderr) == (0, "status=registered\n", "")
    assert run.stdout == (
        "::warning title=pypi-setup::The summary could not be written; the log above has the result.\n"
    )


def test_outputs_that_the_command_lost_are_not_told_twice(runner: Runner) -> None:
    run = runner(FAKE_RUN="73")
    assert (run.code, run.stdout, run.outputs) == (1, "", "")


@pytest.mark.parametrize("place", range(3))
def test_giving_up_is_said_once_wherever_it_cannot_be_written(runner: Runner, place: int) -> None:
    lost = unwritable(runner)[place]
    run = runner(FAKE_SERVER="windows", GITHUB_OUTPUT=lost, GITHUB_STEP_SUMMARY=lost)
    assert (run.code, run.stderr) == (1, "")
    assert run.stdout.count("::error") == 1
    assert run.stdout.endswith(
        "The outputs of this step could not be written either.\n"
        "The summary of this step could not be written either.\n"
    )


def test_a_missing_folder_of_the_runner_is_one_sentence(runner: Runner) -> None:
    run = runner(RUNNER_TEMP=str(runner.folder / "no/such"))
    assert given_up(run)["message"] == (
        "The action cannot write to the folder that RUNNER_TEMP names: make it, or free space on its disk."
    )
    assert run.stderr == ""


def test_what_docker_says_can_forge_no_annotation(runner: Runner) -> None:
    forged = "::error::forged\\n##[error]forged\\n::stop-commands::x\\n"
    built = runner(FAKE_PREPARE="1", FAKE_LOG=forged)
    run = runner(FAKE_OUTPUT="x=1\n", FAKE_ERRORS=forged)
    for log, names in ((built.stdout, ["error"]), (run.stdout, [])):
        assert [each.name for each in commands_in(log)] == names
        assert "::error::forged\n## [error]forged\n" in log
    assert "forged" not in built.stderr + run.stderr
    words = {re.findall(r"::stop-commands::(pypi-setup-\S+)", each.stdout)[0] for each in (built, run)}
    assert len(words) == 2


def test_a_job_container_is_told_to_be_none_for_this_step(runner: Runner) -> None:
    message = (
        "This step cannot run inside of a job container, for the action is a container itself: "
        "move it to a job without 'container:'."
    )
    assert given_up(runner(FAKE_RUN="125", GITHUB_WORKSPACE="/__w/sample/sample"))["message"] == message
    (runner.bin / "docker").write_text("#!/bin/sh\nexit 127\n")
    assert given_up(runner(GITHUB_WORKSPACE="/__w/sample/sample"))["message"] == message


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_are_seen_in_the_container(runner: Runner, name: str) -> None:
    place = runner.folder / "certificates"
    place.mkdir()
    run = runner(FAKE_OUTPUT="x=1\n", **{name: f"{place}:{runner.folder / 'none'}:relative:a,b"})
    assert name in names_passed(run)
    mounts = [word for word in arguments(run) if word.startswith("type=bind")]
    assert mounts[4:] == [f"type=bind,source={place},target={place},readonly"]


@pytest.mark.parametrize("name", ["out/report.html", "  out/report.html\n", "/absolute"])
def test_the_report_file_is_put_into_the_workspace(runner: Runner, name: str) -> None:
    place = runner.workspace / "out/report.html"
    if name == "/absolute":
        name = str(place)
    run = runner(FAKE_OUTPUT="x=1\n", FAKE_REPORT="<html>", INPUT_REPORT_FILE=name, FAKE_RUN="1")
    assert (run.code, place.read_text()) == (1, "<html>")
    assert name.strip() not in "".join(run.commands)


def test_the_report_file_follows_no_link(runner: Runner) -> None:
    (runner.workspace / "report.html").symlink_to(runner.folder / "elsewhere")
    run = runner(FAKE_OUTPUT="x=1\n", FAKE_REPORT="<html>", INPUT_REPORT_FILE="report.html")
    assert (run.code, run.outputs, (runner.folder / "elsewhere").exists()) == (1, "x=1\n", False)
    assert "::error title=pypi-setup::The report file could not be written" in run.stdout


def test_works_without_output_and_summary_files(runner: Runner) -> None:
    assert (
        runner(FAKE_OUTPUT="x=1\n", GITHUB_OUTPUT="", GITHUB_STEP_SUMMARY="", GITHUB_WORKSPACE="").code == 0
    )


def test_builds_the_image_of_a_branch_once_for_each_content(runner: Runner) -> None:
    first = runner(FAKE_OUTPUT="x=1\n")
    (build,) = (line for line in first.commands if line.startswith("build"))
    image = build.split()[2]
    assert image.startswith("pypi-setup:")
    assert build == f"build --tag {image} {runner.tree}"
    assert arguments(first)[-1] == image
    assert "the log of the build" not in first.stdout

    second = runner(FAKE_OUTPUT="x=1\n", FAKE_IMAGE="1")
    assert [line for line in second.commands if line.startswith("build")] == []
    assert arguments(second)[-1] == image

    (runner.tree / "src/pypi_setup/__init__.py").write_text("changed = True\n")
    assert arguments(runner(FAKE_OUTPUT="x=1\n"))[-1] != image


def test_the_image_has_the_same_name_where_shasum_stands_in_for_sha256sum(runner: Runner) -> None:
    """As on macOS."""
    usual = arguments(runner(FAKE_OUTPUT="x=1\n"))[-1]
    tools = ("bash", "cat", "chmod", "cut", "dirname", "env", "find", "id", "mktemp", "rm", "sort", "xargs")
    for tool in tools:
        (runner.bin / tool).symlink_to(shutil.which(tool) or tool)
    (runner.bin / "shasum").write_text(
        f'#!/bin/sh\n[ "$1 $2" = \'-a 256\' ] || exit 1\nshift 2\nexec {shutil.which("sha256sum")} "$@"\n'
    )
    (runner.bin / "shasum").chmod(0o755)
    assert arguments(runner(FAKE_OUTPUT="x=1\n", PATH=str(runner.bin)))[-1] == usual


def test_another_base_is_passed_by_name(runner: Runner) -> None:
    run = runner(FAKE_OUTPUT="x=1\n", PYPI_SETUP_BASE="mirror.example/python:3.14")
    (build,) = (line for line in run.commands if line.startswith("build"))
    assert " --build-arg PYPI_SETUP_BASE " in build
    assert arguments(run)[-1] != arguments(runner(FAKE_OUTPUT="x=1\n"))[-1]


def test_a_release_names_its_image_by_digest(runner: Runner) -> None:
    (runner.tree / "image.txt").write_text(DIGEST + "\n")
    run = runner(FAKE_OUTPUT="x=1\n")
    assert f"pull --quiet {DIGEST}" in run.commands
    assert arguments(run)[-1] == DIGEST


def test_no_docker_is_said_and_written_down(runner: Runner) -> None:
    (runner.bin / "docker").write_text("#!/bin/sh\nexit 127\n")
    run = runner()
    message = (
        "This runner has no Docker for Linux containers, which the action needs: "
        "use ubuntu-latest or the like."
    )
    assert given_up(run) == {
        "status": "unexpected",
        "success": "false",
        "fallback-url": "https://pypi.org/manage/account/publishing/",
        "message": message,
    }
    assert run.stdout == f"::error title=pypi-setup::{message}\n"
    assert run.summary == (
        f"**No result.** {message}\n\n"
        "You can [register or review by hand](https://pypi.org/manage/account/publishing/).\n"
    )


def test_no_docker_is_said_where_other_tools_are_missing_too(runner: Runner) -> None:
    """On macOS there may be no sha256sum."""
    (runner.bin / "docker").unlink()
    for tool in ("bash", "cat", "dirname", "mktemp", "rm"):
        (runner.bin / tool).symlink_to(shutil.which(tool) or tool)
    assert given_up(runner(PATH=str(runner.bin)))["message"].startswith("This runner has no Docker")


def test_docker_for_windows_containers_is_no_docker(runner: Runner) -> None:
    assert given_up(runner(FAKE_SERVER="windows"))["message"].startswith("This runner has no Docker")


@pytest.mark.parametrize(
    ("index", "host"),
    [
        ("", "https://pypi.org"),
        ("pypi", "https://pypi.org"),
        ("testpypi", "https://test.pypi.org"),
        ("https://test.pypi.org/", "https://test.pypi.org"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://pypi.example.org", "https://pypi.example.org"),
        ("https://evil.example/\nstatus=registered", "https://pypi.org"),
        ("https://user:password@example.org", "https://pypi.org"),
        ("javascript:alert(1)", "https://pypi.org"),
    ],
)
def test_the_fallback_is_the_index_s_own_page(runner: Runner, index: str, host: str) -> None:
    outputs = given_up(runner(FAKE_SERVER="none", INPUT_INDEX_URL=index))
    assert outputs["fallback-url"] == f"{host}/manage/account/publishing/"
    assert outputs["status"] == "unexpected"


@pytest.mark.parametrize(("digest", "verb", "word"), [(None, "build", "built"), (DIGEST, "pull", "pulled")])
def test_an_image_that_cannot_be_had_shows_its_log(
    runner: Runner, digest: str | None, verb: str, word: str
) -> None:
    if digest:
        (runner.tree / "image.txt").write_text(digest)
    run = runner(FAKE_PREPARE="1")
    expected = f"The image of the action could not be {word}; the log above says why."
    assert given_up(run)["message"] == expected
    assert re.match(rf"::stop-commands::(pypi-setup-\S+)\nthe log of the {verb}\n::\1::\n", run.stdout)


def test_a_container_that_does_not_start_still_gives_outputs(runner: Runner) -> None:
    outputs = given_up(runner(FAKE_RUN="125"))
    expected = "The container of the action ended without a result (exit code 125); the log above says why."
    assert outputs["message"] == expected
