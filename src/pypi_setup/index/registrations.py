"""Many registrations, several at the same time, as fast as the index lets us and no faster."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from pypi_setup.concurrency import each
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pypi_setup.index.registration import Outcome

AT_ONCE = 4
"""Registrations under way: more would be refused sooner, not done sooner."""

PATIENCE = 120.0
"""Seconds that the run waits when the index asks for a pause; after a longer one another run goes on."""

TRIES = 5
"""How often one is sent while the index answers that it comes too soon."""


FAILED = "An earlier registration failed, and --fail-fast begins no further one then"
PAUSED = "The index answered that there were too many registrations, and a longer pause is needed"
INTERRUPTED = "The run was interrupted"


class Queue:
    """Registrations that share one pace: what the index tells one of them counts for all."""

    def __init__(
        self,
        ask: Callable[[int], Outcome],
        *,
        is_failure: Callable[[Outcome], bool] = lambda _outcome: False,
        on_done: Callable[[int], None] = lambda _number: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ask` sends the registration of a number; after a failure as `is_failure` tells, none is begun."""
        self._ask, self._is_failure, self._on_done, self._clock = ask, is_failure, on_done, clock
        self.outcomes: dict[int, Outcome] = {}
        """What was answered, also while the run goes on."""

        self.stopped = ""
        """Why those without an outcome have none, in words."""

        self.is_interrupted = False
        self._open_at = clock()
        self._over = threading.Event()

    def run(self, chains: Iterable[Sequence[int]]) -> None:
        """Register all: several chains at a time, and the numbers of a chain one after the other.

        After an interruption `outcomes` has what was done by then, and no thread runs on.
        """
        try:
            for _ in each(self._chain, chains, AT_ONCE, self._over.set):
                pass
        except KeyboardInterrupt:
            self.stopped, self.is_interrupted = INTERRUPTED, True

    def _chain(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._one(number)

    def _one(self, number: int) -> None:
        for _ in range(TRIES):
            if not self._is_open():
                return
            outcome = self.outcomes[number] = self._ask(number)
            if outcome.status is not Status.RATE_LIMITED:
                self._on_done(number)
                if self._is_failure(outcome):
                    self._end(FAILED)
                return
            if outcome.retry_after is None or outcome.retry_after > PATIENCE:
                self._end(PAUSED)
                return
            self._open_at = max(self._open_at, self._clock() + outcome.retry_after)

    def _is_open(self) -> bool:
        """Wait until the index's pause is over. Tells whether a further registration may begin."""
        while not self._over.is_set():
            left = self._open_at - self._clock()
            if left <= 0:
                return True
            self._over.wait(left)
        return False

    def _end(self, why: str) -> None:
        self.stopped = self.stopped or why
        self._over.set()
