"""Make the virtual environment .venv from the lock files, or bring it up to date.

    python3 scripts/environment.py [test | dev | lint]

`test` (the default) installs what the program, the tests and the demo need. `dev` adds the linters where
there are wheels of them for this machine, `lint` requires them. Nothing is resolved: pip gets the lock files
alone, and `pip check` proves afterwards that nothing is missing. An environment of another Python or of other
lock files is made anew, so it never holds what no lock names.

Needs the standard library only. Python before 3.10 gets as far as the sentence that says so.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 10)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11", "python3.10")

ROOT = Path(__file__).resolve().parent.parent

if sys.version_info < NEEDED:
    found = [name for name in NEWER if shutil.which(name)]
    found = [name for name in found if not subprocess.call((name, "-c", ""))]  # noqa: S603 - our own words
    found = found or ["/path/to/python3"]
    again = "make PYTHON=%s" if "MAKELEVEL" in os.environ else "%s scripts/environment.py"
    sys.exit(
        "Python 3.10 or newer is needed, and %s is %d.%d. Run it with another one: %s"  # noqa: UP031
        % (sys.executable, sys.version_info[0], sys.version_info[1], again % found[0])
    )


class Failed(Exception):
    """It cannot be made. The message is what happened and what to do, in one sentence or two."""


def main(arguments: list[str] | None = None) -> int:
    """Make the environment. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("test", "dev", "lint"), default="test")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv", help="default: .venv")
    parser.add_argument("--pip", metavar="SPEC", help="use this pip (==22.3), not the one that Python brings")
    given = parser.parse_args(arguments)
    try:
        make(given.folder, given.what, given.pip)
    except Failed as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def make(folder: Path, what: str, pip: str | None) -> None:
    """Make what is missing or stale in the environment in the folder.

    Raises Failed.
    """
    wanted = {
        "python": f"{sys.version} {sys.base_prefix}",
        "pip": pip or "its own",
        "test": _digest("requirements/test.txt"),
    }
    linters, project = _digest("requirements/lint.txt"), _digest("pyproject.toml")
    stamp = folder / "ready.json"
    try:
        made = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        made = {}
    stale = {name: made.get(name) for name in wanted} != wanted or made.get("lint") not in {None, linters}
    if stale:
        _create(folder, pip)
        made = wanted
        _install(folder, "--requirement", "requirements/test.txt")
    if made.get("project") != project:
        _install(folder, "--no-build-isolation", "--editable", ".")
        made["project"] = project
        _check(folder)
    if what != "test" and "lint" not in made:
        try:
            _install(folder, "--requirement", "requirements/lint.txt")
        except Failed as problem:
            if what == "lint":
                raise
            print(f"The linters are not installed; the tests run without them. {problem}", file=sys.stderr)
        else:
            made["lint"] = linters
            _check(folder)
    text = json.dumps(made)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != text:
        stamp.write_text(text, encoding="utf-8")


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _python(folder: Path) -> Path:
    """Return the environment's interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _create(folder: Path, pip: str | None) -> None:
    """Make an empty environment of this Python, in the place of what is there."""
    try:
        import ensurepip
        import venv
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Failed(
            f"{sys.executable} cannot make virtual environments: a part of it is not installed. "
            f"Debian and Ubuntu: sudo apt install python{version}-venv"
        ) from None
    del ensurepip, venv
    base = getattr(sys, "_base_executable", None) or sys.executable  # Not the environment to be replaced.
    _run("The virtual environment could not be made.", base, "-m", "venv", "--clear", str(folder))
    if pip:
        _pip(folder, "install", "--upgrade", f"pip{pip}")


def _install(folder: Path, *what: str) -> None:
    _pip(folder, "install", "--no-deps", *(() if "--editable" in what else LOCKED), *what)


LOCKED = ("--require-hashes", "--only-binary", ":all:")
"""Only what the lock names; a wheel each, for building one would fetch what no lock names."""


def _check(folder: Path) -> None:
    _run("The lock files contradict each other: run `make lock`.", str(_python(folder)), "-m", "pip", "check")


def _pip(folder: Path, *arguments: str) -> None:
    _run(
        "pip could not install from the package index; its words are above. It needs the network, or a "
        "mirror's address in PIP_INDEX_URL, and a wheel for this platform.",
        *(str(_python(folder)), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments),
    )


def _run(problem: str, *command: str) -> None:
    """Run a command, and show what it says only if it fails: then Failed is raised."""
    environment = {**os.environ, "PIP_USER": "0", "PYTHONNOUSERSITE": "1"}
    ended = subprocess.run(  # noqa: S603 - our own words, and a folder of the developer's
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        sys.stderr.write(ended.stdout)
        raise Failed(problem)


if __name__ == "__main__":
    sys.exit(main())
