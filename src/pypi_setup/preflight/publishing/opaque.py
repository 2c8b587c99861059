"""Which commands can upload without showing it: task runners, scripts, what the project itself defines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import tools
from pypi_setup.preflight.syntax.launchers import is_python, program_name

if TYPE_CHECKING:
    from pypi_setup.preflight.syntax.shell import Command

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

_SCRIPT_FILE = re.compile(r"\.(?:sh|bash|py|ps1|bat|cmd|rb|js|mjs|ts|pl)\Z", re.IGNORECASE)
_SPEAKS_OF_UPLOADS = re.compile(r"upload|publish|twine", re.IGNORECASE)
_UPLOAD_ADDRESS = re.compile(r"(?:upload\.|test\.)pypi\.org/legacy", re.IGNORECASE)
_PROJECT_LAUNCHERS = {
    *("hatch run", "hatch env run", "pdm run", "poetry run", "uv run", "pixi run", "rye run", "python -m")
}
"""Launchers that also run what the project itself defines."""

_SHELLS = {"bash", "sh", "zsh", "dash", "ksh", "pwsh", "powershell"}
_RELATIVE = re.compile(r"\.{0,2}[\w-][^/\\:]*[/\\]|\.{1,2}[/\\]")
"""How a path begins that leads into the work tree; not one from the root, from home, or from a drive."""

_KNOWN = {tool.command[0] for tool in tools.TOOLS if tool.command} | HARMLESS_MODULES
_WRITERS = {"echo", "printf", "cat", "tee"}
_COMPARISONS = {
    *("=", "==", "!=", "=~", "<", ">", "in", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-like", "-match")
}
"""What stands behind a value in a test, of which `&&` and `||` leave pieces that look like commands."""


def runs_unseen(command: Command) -> bool:
    """Tell whether a command can upload without showing it."""
    program, arguments = command.program, [word.text for word in command.arguments]
    first = next((text for text in arguments if not text.startswith("-")), "")
    if not command.words[0].known or "${{" in command.words[0].text:
        return not arguments or arguments[0] not in _COMPARISONS
    if program in OPAQUE_PROGRAMS:
        return _runs_file(program, arguments) or first in OPAQUE_PROGRAMS[program]
    if is_python(command.words[0]):
        return _python_runs_unseen(command, first)
    if program in _SHELLS:
        return bool(first) or command.piped
    if program == "pdm":
        return bool(first) and first not in PDM_COMMANDS
    sends = program not in _WRITERS and any(_UPLOAD_ADDRESS.search(text) for text in arguments)
    launched = not _PROJECT_LAUNCHERS.isdisjoint(command.launchers) and program not in HARMLESS_MODULES
    is_path = bool(_RELATIVE.match(command.words[0].text)) and program not in _KNOWN
    return sends or launched or is_path or bool(_SCRIPT_FILE.search(program))


def _runs_file(program: str, arguments: list[str]) -> bool:
    """Tell whether a program of the table always runs what is defined elsewhere."""
    if program in {"source", "."}:
        return not any("activate" in text or text.endswith("env") for text in arguments[:1])
    return not OPAQUE_PROGRAMS[program]


def _python_runs_unseen(command: Command, first: str) -> bool:
    """Tell whether a call of Python (not of a module) runs what cannot be seen."""
    arguments = [word.text for word in command.arguments]
    if "-c" in arguments or not first or first == "-":
        return any(_SPEAKS_OF_UPLOADS.search(text) for text in (*arguments, command.body))
    return program_name(first) != "setup.py"
