"""Which commands can upload without showing it: task runners, scripts, what the project itself defines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing import tools
from pypi_setup.preflight.syntax.launchers import is_python, program_name

if TYPE_CHECKING:
    from pypi_setup.preflight.syntax.shell import Command

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

_KNOWN = {tool.command[0] for tool in tools.TOOLS if tool.command} | tools.HARMLESS_MODULES
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
    if program in tools.OPAQUE_PROGRAMS:
        return _runs_file(program, arguments) or first in tools.OPAQUE_PROGRAMS[program]
    if is_python(command.words[0]):
        return _python_runs_unseen(command, first)
    if program in _SHELLS:
        return bool(first) or command.piped
    if program == "pdm":
        return bool(first) and first not in tools.PDM_COMMANDS
    sends = program not in _WRITERS and any(_UPLOAD_ADDRESS.search(text) for text in arguments)
    launched = not _PROJECT_LAUNCHERS.isdisjoint(command.launchers) and program not in tools.HARMLESS_MODULES
    is_path = bool(_RELATIVE.match(command.words[0].text)) and program not in _KNOWN
    return sends or launched or is_path or bool(_SCRIPT_FILE.search(program))


def _runs_file(program: str, arguments: list[str]) -> bool:
    """Tell whether a program of the table always runs what is defined elsewhere."""
    if program in {"source", "."}:
        return not any("activate" in text or text.endswith("env") for text in arguments[:1])
    return not tools.OPAQUE_PROGRAMS[program]


def _python_runs_unseen(command: Command, first: str) -> bool:
    """Tell whether a call of Python (not of a module) runs what cannot be seen."""
    arguments = [word.text for word in command.arguments]
    if "-c" in arguments or not first or first == "-":
        return any(_SPEAKS_OF_UPLOADS.search(text) for text in (*arguments, command.body))
    return program_name(first) != "setup.py"
