"""Where a run takes place, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from pypi_setup.values.person import Person


class Surroundings(NamedTuple):
    """Where a run takes place."""

    folder: str
    """The folder to discover values in, and whose files are checked."""

    environ: Mapping[str, str]
    """The environment's variables."""

    mask: Callable[[str], None]
    """Makes a runner hide a secret from now on."""

    on_wait: Callable[[str, float], None] | None = None
    """Told each second that an exchange takes: the host, the seconds left."""

    announce: Callable[[str], None] | None = None
    """Told in a sentence what is about to be done, where that can bring something about."""

    on_progress: Callable[[int, str], None] | None = None
    """Told each time that one of many is done: how many are, and which it was."""

    person: Person | None = None
    """Who can be asked; None where nobody can."""

    stdin: BinaryIO | None = None
    """What is piped in; None where nothing is."""
