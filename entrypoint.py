"""The action's entry point: in its image, and from a plain checkout as the demo runs it."""

from __future__ import annotations

import signal
import sys


def _stop(number: int, _frame: object) -> None:
    """End the run where it is. Without this the first process of a container hears of no SIGTERM."""
    raise KeyboardInterrupt(number)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _main() -> int:
    import os

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    # Beside this file rather than installed: the image then runs exactly the tree that it was built from.
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "src"))
    try:
        from pypi_setup.action import main
    except KeyboardInterrupt as stop:
        _say("Interrupted before anything was sent.")
        return 128 + int(stop.args[0])
    except ImportError as missing:
        _say(f"The image of the action is incomplete: there is no {missing.name}.")
        return 1
    try:
        return main()
    except KeyboardInterrupt as stop:  # Before its first line, or behind its last.
        _say("Interrupted. If there is no result above, nothing was sent.")
        return 128 + int(stop.args[0])


if __name__ == "__main__":
    sys.exit(_main())
