"""A GitHub workflow as typed data with places: what GitHub reads, not what YAML says. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from dataclasses import dataclass as record

    from pypi_setup.preflight.syntax.document import Problem, Scalar
else:

    def record(*, frozen, slots):
        """Make a dataclass that only the type checker keeps frozen: at run time that costs much time."""
        return dataclass(slots=slots, unsafe_hash=frozen)


Value: TypeAlias = "Scalar | tuple[Value, ...] | dict[str, Value]"
"""Any YAML value; only a matrix holds such."""


@record(frozen=True, slots=True)
class Table:
    """A mapping from names to scalars: `env`, `with`, `secrets`."""

    line: int
    column: int
    entries: dict[str, Scalar] = field(default_factory=dict)
    """By name, as written; GitHub tells no two names apart that differ in letter case only."""

    expression: Scalar | None = None
    """Where entries come from an expression that GitHub evaluates: these entries are unknown."""

    def get(self, name: str) -> Scalar | None:
        """Return the value of this name, without regard to letter case; None where it is not written."""
        if name in self.entries:
            return self.entries[name]
        folded = name.lower()
        return next((value for key, value in self.entries.items() if key.lower() == folded), None)


EMPTY = Table(1, 1)
"""Where nothing is written."""


@record(frozen=True, slots=True)
class Input:
    """One declared input of a called or dispatched workflow, or of an action."""

    name: str
    type: str
    """`string`, `boolean`, `number`, `choice` or `environment`; `string` where none is written."""

    required: bool
    default: Scalar | None
    options: tuple[Scalar, ...]
    line: int
    column: int


@record(frozen=True, slots=True)
class Event:
    """One event of `on`, with its filters. A filter that is not written is None."""

    name: str
    line: int
    column: int
    types: tuple[Scalar, ...] | None = None
    branches: tuple[Scalar, ...] | None = None
    branches_ignore: tuple[Scalar, ...] | None = None
    tags: tuple[Scalar, ...] | None = None
    tags_ignore: tuple[Scalar, ...] | None = None
    paths: tuple[Scalar, ...] | None = None
    paths_ignore: tuple[Scalar, ...] | None = None
    workflows: tuple[Scalar, ...] | None = None
    """Of `workflow_run`: the names of the workflows whose runs start this one."""

    inputs: dict[str, Input] = field(default_factory=dict)
    """Of `workflow_call` and `workflow_dispatch`."""

    secrets: dict[str, bool] = field(default_factory=dict)
    """Of `workflow_call`: the names of the secrets, and whether each is required."""

    crons: tuple[Scalar, ...] = ()
    """Of `schedule`."""


@record(frozen=True, slots=True)
class Permissions:
    """A `permissions` block. What it does not name is `none`."""

    line: int
    """Of the key `permissions`."""

    column: int
    shorthand: str = ""
    """`read-all`, `write-all`, or empty for a mapping."""

    scopes: dict[str, Scalar] = field(default_factory=dict)
    """By permission: `read`, `write` or `none`."""

    def level(self, scope: str) -> str:
        """Return `write`, `read` or `none` for a permission such as `id-token`."""
        if self.shorthand == "write-all":
            return "write"
        if self.shorthand == "read-all":
            return "none" if scope == "id-token" else "read"
        value = self.scopes.get(scope)
        return value.text if value else "none"


@record(frozen=True, slots=True)
class RunsOn:
    """Where a job runs."""

    line: int
    column: int
    labels: tuple[Scalar, ...] = ()
    """Each may hold expressions; one that is an expression as a whole may stand for several labels."""

    group: Scalar | None = None


@record(frozen=True, slots=True)
class Environment:
    """A job's environment."""

    name: Scalar
    """May hold expressions."""

    url: Scalar | None = None


@record(frozen=True, slots=True)
class Container:
    """A job's container."""

    line: int
    column: int
    image: Scalar | None
    """None where the mapping names no image."""


@record(frozen=True, slots=True)
class Matrix:
    """A job's `strategy.matrix`; `matrix.legs` expands it."""

    line: int
    column: int
    axes: dict[str, Value] = field(default_factory=dict)
    """Each a sequence, or a scalar that holds an expression."""

    include: Value | None = None
    exclude: Value | None = None
    expression: Scalar | None = None
    """Where the whole matrix is one."""


@record(frozen=True, slots=True)
class Step:
    """One step of a job or of a composite action."""

    index: int
    """From 0, in the order in which they stand."""

    line: int
    column: int
    id: str = ""
    name: Scalar | None = None
    condition: Scalar | None = None
    """The step's `if`."""

    uses: Scalar | None = None
    run: Scalar | None = None
    inputs: Table = EMPTY
    """The step's `with`."""

    env: Table = EMPTY
    shell: Scalar | None = None
    working_directory: Scalar | None = None
    continue_on_error: Scalar | None = None


@record(frozen=True, slots=True)
class Job:
    """One job."""

    id: str
    line: int
    """Of the job's id."""

    column: int
    name: Scalar | None = None
    needs: tuple[Scalar, ...] = ()
    condition: Scalar | None = None
    """The job's `if`."""

    runs_on: RunsOn | None = None
    container: Container | None = None
    environment: Environment | None = None
    permissions: Permissions | None = None
    """None where the job has no block of its own."""

    env: Table = EMPTY
    matrix: Matrix | None = None
    shell: Scalar | None = None
    """`defaults.run.shell`."""

    working_directory: Scalar | None = None
    """`defaults.run.working-directory`."""

    steps: tuple[Step, ...] = ()
    uses: Scalar | None = None
    """The called workflow; such a job has no steps."""

    inputs: Table = EMPTY
    """The call's `with`."""

    secrets: Table = EMPTY
    """The call's `secrets`."""

    inherits_secrets: bool = False
    """Whether the call says `secrets: inherit`."""


@record(frozen=True, slots=True)
class Workflow:
    """One workflow file."""

    file: str
    """Path from the repository's root."""

    name: Scalar | None = None
    on: dict[str, Event] = field(default_factory=dict)
    """By event, in the order in which they stand."""

    permissions: Permissions | None = None
    env: Table = EMPTY
    shell: Scalar | None = None
    """`defaults.run.shell`."""

    working_directory: Scalar | None = None
    """`defaults.run.working-directory`."""

    jobs: dict[str, Job] = field(default_factory=dict)
    """By id, in the order in which they stand."""

    jobs_line: int = 1
    """Line of the key `jobs`."""

    on_line: int = 1
    """Line of the key `on`."""

    problems: tuple[Problem, ...] = ()
    """Why GitHub would refuse to load the file; empty where it would load it."""


@record(frozen=True, slots=True)
class Action:
    """The metadata of a local action (`action.yml`)."""

    file: str
    using: str = ""
    """`composite`, `docker`, `node20`, …"""

    inputs: dict[str, Input] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    """Of a composite action."""

    problems: tuple[Problem, ...] = ()


def effective(job: Job, workflow: Workflow) -> Permissions | None:
    """Return the permissions that hold in a job: its own block, else the workflow's, else None.

    None means the repository's default, which never has `id-token: write`.
    """
    return job.permissions if job.permissions is not None else workflow.permissions
