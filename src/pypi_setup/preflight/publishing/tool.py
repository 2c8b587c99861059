"""What is known of a tool that uploads Python distributions: the columns of the table in `tools`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pypi_setup.values.index import PYPI_URL, TESTPYPI_URL


class Attestations(str, Enum):
    """Whether an upload carries PEP 740 attestations."""

    MADE = "made"
    """It makes and uploads them."""

    FOUND = "found"
    """It makes none, but uploads those that lie beside the distributions."""

    NONE = "none"

    UNKNOWN = "unknown"


_PYPI_NAMES = {"pypi": PYPI_URL, "testpypi": TESTPYPI_URL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: how it is recognised, how it is told where to upload, and what wins over Trusted Publishing.

    Inputs are those of an action (`with`), options those of a command, variables those of the environment.
    `{}` in a name stands for the repository's name as the tool spells it there.
    """

    name: str
    sources: tuple[str, ...]

    actions: tuple[str, ...] = ()
    """Actions that are this tool: `owner/repository`, in lower case."""

    command: tuple[str, ...] = ()
    """The program and its sub-command."""

    subcommands: frozenset[str] = frozenset()
    """Of an action that passes a command on (`command` and `args`): those that upload."""

    before: str = ""
    """Of an action that stopped uploading: the first version that does not."""

    refs_without_oidc: frozenset[str] = frozenset()
    """Of an action: branches that were left behind before it."""

    oidc_since: str | None = None
    """The first version that does Trusted Publishing by itself; None where none does."""

    url_inputs: tuple[str, ...] = ()
    url_options: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    """Where the upload's address stands; it comes before a name."""

    name_inputs: tuple[str, ...] = ()
    name_options: tuple[str, ...] = ()
    name_variables: tuple[str, ...] = ()
    """Where the repository's name (or address) stands."""

    names: tuple[tuple[str, str], ...] = tuple(_PYPI_NAMES.items())
    """The names that the tool knows without configuration, or that can only mean one index."""

    named_url_variable: str = ""
    """The variable that defines a named repository."""

    default_name: str = "pypi"

    secret_inputs: tuple[str, ...] = ()
    secret_options: tuple[str, ...] = ()
    secret_variables: tuple[str, ...] = ()
    """Credentials that the tool uses instead of Trusted Publishing."""

    settings: tuple[str, ...] = ()
    """Keys of its own `config` command that store a credential: `poetry config pypi-token.pypi VALUE`."""

    reads_pypirc: bool = False
    """Whether a password in ~/.pypirc comes before Trusted Publishing."""

    user_inputs: tuple[str, ...] = ()
    user_options: tuple[str, ...] = ()
    user_variables: tuple[str, ...] = ()
    """User names that switch Trusted Publishing off."""

    token_user: bool = True
    """Whether the user `__token__` leaves it on."""

    off: tuple[tuple[str, str], ...] = ()
    """Options with the value that switches it off (an empty one stands for any value)."""

    only_pypi: bool = False
    """Whether it does Trusted Publishing for pypi.org and test.pypi.org only."""

    attestations: Attestations = Attestations.NONE
    """What it does unless it is told otherwise."""

    attestations_since: str = ""
    """The first version that does so; before, none."""

    attestations_input: str = ""
    attestations_option: str = ""
    no_attestations_option: str = ""
    no_attestations_variable: str = ""

    needs_docker: bool = False
    """Whether it starts a container of its own: a Linux runner with Docker, and no job container."""

    folder_inputs: tuple[str, ...] = ()
    folder: str = "dist"
    """Where the distributions lie unless it is told otherwise."""

    project_options: frozenset[str] = frozenset()
    """Options that name the folder of the project."""

    valued: frozenset[str] = frozenset()
    """Its other options that take a value."""

    idle: frozenset[str] = frozenset({"--help", "-h", "--version"})
    """Options with which nothing is uploaded."""

    idle_inputs: tuple[tuple[str, str], ...] = ()
    """Inputs, each with the value at which nothing is uploaded."""
