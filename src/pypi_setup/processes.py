"""Other programs: the only module that starts any.

Each gets a minimal environment: what it needs to find its files and the screen, by name, and so no token.
What is not named here stays here, whatever it is called.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

OUTPUT_LIMIT = 1024 * 1024
"""Bytes of a program's output that are usually read; one that writes more is ended."""

_EVERYWHERE = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "TMPDIR", "TMP", "TEMP"),
        *("LANG", "LANGUAGE", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"),
        *("XDG_STATE_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS"),
        # Windows starts next to nothing without these.
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME"),
        *("HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES"),
        *("PROGRAMFILES(X86)", "PROGRAMW6432", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"),
    }
)

SCREEN = frozenset(
    {
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION"),
        *("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "KDE_FULL_SESSION", "BROWSER"),
        *("WSL_DISTRO_NAME", "WSL_INTEROP"),
    }
)
"""Variables that lead a program to the user's screen."""

NETWORK = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)
"""Variables that lead a program through the user's network."""


class Ended(NamedTuple):
    """How a program ended."""

    code: int | None = None
    """Its exit code; None where it could not be started or did not end by itself."""

    output: bytes = b""
    """What it wrote to standard output, as far as it was read."""

    problem: str = ""
    """Why there is no exit code, in words."""


def environment(environ: Mapping[str, str], also: Collection[str] = ()) -> dict[str, str]:
    """Return the variables that another program gets: the usual ones, locale's, and those in `also`.

    Names are compared without letter case: Windows has none, and proxies are written both ways.
    """
    wanted = {*_EVERYWHERE, *(name.upper() for name in also)}
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in wanted or name.upper().startswith("LC_")
    }


def ask(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    seconds: float,
    also: Collection[str] = (),
    limit: int | None = None,
) -> Ended:
    """Run a program to its end, without input and away from the terminal, and return what it wrote.

    `environ` is the environment of this process, of which it gets the part that `environment` leaves.
    After `seconds`, or beyond `limit` bytes (OUTPUT_LIMIT), it is ended with all that it started.
    Never raises but for an interruption, which ends it too.
    """
    name = os.path.basename(command[0])
    limit = OUTPUT_LIMIT if limit is None else limit
    try:
        process = subprocess.Popen(  # noqa: S603 - the callers' own words, no shell
            command,
            env=environment(environ, also),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return Ended(problem=f"{name} cannot be run here")
    late = threading.Event()

    def end_late() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(seconds, end_late)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        output = process.stdout.read(limit + 1)
        if len(output) > limit:
            return Ended(output=output[:limit], problem=f"{name} said more than can be read")
        code = process.wait()
    finally:
        timer.cancel()
        _end(process)
        with process:
            pass  # Closes the pipe and takes the exit code.
    if late.is_set():
        return Ended(output=output, problem=f"{name} did not answer in time")
    return Ended(code, output)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, and all that it started."""
    if process.returncode is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # pragma: no cover - Windows
            process.kill()
    except OSError:
        pass  # It has just ended.


def open_page(url: str) -> bool:
    """Open an address in the user's browser, and tell whether there is one.

    The browser takes over this process's environment and offers no other way: what it must not see is
    taken out as long as it starts.
    """
    import webbrowser

    whole = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environment(whole, (*SCREEN, *NETWORK)))
        return webbrowser.open(url)
    finally:
        os.environ.clear()
        os.environ.update(whole)
