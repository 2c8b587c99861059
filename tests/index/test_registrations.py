from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from pypi_setup.index.registration import Outcome
from pypi_setup.index.registrations import AT_ONCE, FAILED, INTERRUPTED, PATIENCE, PAUSED, TRIES, Queue
from pypi_setup.values.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DONE = Outcome(Status.REGISTERED, 201)
REFUSED = Outcome(Status.FORBIDDEN, 403)


def too_soon(seconds: float | None) -> Outcome:
    return Outcome(Status.RATE_LIMITED, 429, retry_after=seconds)


def alone(count: int) -> Iterator[list[int]]:
    return ([number] for number in range(count))


def test_all_are_registered_and_told_of() -> None:
    told: list[int] = []
    queue = Queue(lambda _number: DONE, on_done=told.append)
    queue.run(alone(50))
    assert queue.outcomes == dict.fromkeys(range(50), DONE)
    assert sorted(told) == list(range(50))
    assert (queue.stopped, queue.is_interrupted) == ("", False)


def test_several_are_under_way_and_never_more_than_that() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    barrier = threading.Barrier(AT_ONCE)

    def ask(_number: int) -> Outcome:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        barrier.wait(timeout=30)  # Each waits until as many as may be are under way.
        with lock:
            under_way -= 1
        return DONE

    queue = Queue(ask)
    queue.run(alone(4 * AT_ONCE))
    assert (most, len(queue.outcomes)) == (AT_ONCE, 4 * AT_ONCE)


def test_those_of_a_chain_follow_each_other() -> None:
    seen: list[int] = []

    def ask(number: int) -> Outcome:
        seen.append(number)
        return DONE

    Queue(ask).run([[3, 1, 2]])
    assert seen == [3, 1, 2]


@pytest.mark.parametrize("at_once", [[[0, 1, 2, 3]]])
def test_after_a_failure_none_is_begun_if_that_is_asked_for(at_once: list[list[int]]) -> None:
    answers = [DONE, REFUSED, DONE, DONE]
    fast = Queue(answers.__getitem__, is_failure=lambda outcome: outcome is REFUSED)
    fast.run(at_once)
    assert (fast.outcomes, fast.stopped) == ({0: DONE, 1: REFUSED}, FAILED)
    patient = Queue(answers.__getitem__)
    patient.run(at_once)
    assert (patient.outcomes, patient.stopped) == (dict(enumerate(answers)), "")


def test_a_pause_that_the_index_asks_for_counts_for_all() -> None:
    now = [0.0]
    asked: list[tuple[int, float]] = []

    def clock() -> float:
        now[0] += 0.04  # Whoever looks at the clock while waiting sees time go by.
        return now[0]

    answers = iter([too_soon(0.1), DONE, DONE])

    def ask(number: int) -> Outcome:
        asked.append((number, now[0]))
        return next(answers)

    queue = Queue(ask, clock=clock)
    queue.run([[0, 1]])
    assert queue.outcomes == {0: DONE, 1: DONE}
    (_, first), (number, again), (last, _) = asked
    assert (number, last) == (0, 1)
    assert again - first >= 0.1


@pytest.mark.parametrize("seconds", [None, PATIENCE + 1])
def test_a_longer_pause_leaves_the_rest_for_another_run(seconds: float | None) -> None:
    queue = Queue(lambda _number: too_soon(seconds))
    queue.run([[0, 1, 2]])
    assert (queue.outcomes, queue.stopped) == ({0: too_soon(seconds)}, PAUSED)


def test_an_index_that_always_asks_for_a_pause_is_asked_a_few_times_only() -> None:
    asked: list[int] = []

    def ask(number: int) -> Outcome:
        asked.append(number)
        return too_soon(0.0)

    queue = Queue(ask)
    queue.run([[0]])
    assert (asked, queue.outcomes) == ([0] * TRIES, {0: too_soon(0.0)})


def test_an_interruption_leaves_what_was_done() -> None:
    def told(number: int) -> None:
        if number == 1:
            interrupt()

    def interrupt() -> None:
        raise KeyboardInterrupt

    queue = Queue(lambda _number: DONE, on_done=told)
    queue.run([[0, 1, 2]])
    assert (queue.outcomes, queue.stopped) == ({0: DONE, 1: DONE}, INTERRUPTED)
    assert queue.is_interrupted
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("each")]


def test_an_interruption_ends_a_chain_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes to the thread that waits, while another one is at work."""
    begun, interrupted = threading.Event(), threading.Event()

    def wait(*_arguments: object, **_options: object) -> None:
        begun.wait()
        raise KeyboardInterrupt

    def ask(_number: int) -> Outcome:
        begun.set()
        interrupted.wait()
        return DONE

    monkeypatch.setattr("pypi_setup.concurrency.wait", wait)
    queue = Queue(ask)
    over = queue._over.set

    def end() -> None:
        over()
        interrupted.set()

    monkeypatch.setattr(queue._over, "set", end)
    queue.run([list(range(100))])
    assert (queue.outcomes, queue.is_interrupted) == ({0: DONE}, True)


def test_a_run_that_is_over_waits_for_no_pause() -> None:
    answers = {0: too_soon(PATIENCE), 1: REFUSED}
    first = threading.Event()

    def ask(number: int) -> Outcome:
        if number == 0:
            first.set()
        first.wait()
        return answers[number]

    queue = Queue(ask, is_failure=lambda outcome: outcome is REFUSED)
    queue.run([[0], [1]])
    assert (queue.outcomes, queue.stopped) == (answers, FAILED)


def failing(_number: int) -> Outcome:
    raise LookupError


def test_a_mistake_of_ours_ends_it() -> None:
    ask: Callable[[int], Outcome] = failing
    with pytest.raises(LookupError):
        Queue(ask).run([[0], [1]])
