"""Many tasks at once: how many, in which order, and what is left when it ends early."""

from __future__ import annotations

import threading
from itertools import count, islice
from typing import TYPE_CHECKING

import pytest

from pypi_setup.concurrency import each

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_every_item_is_done_once() -> None:
    assert sorted(each(lambda number: number * 2, range(100), 8)) == [number * 2 for number in range(100)]


def test_nothing_is_done_for_no_items() -> None:
    assert list(each(str, [], 8)) == []


def test_as_many_run_at_the_same_time_as_are_wanted() -> None:
    together = threading.Barrier(3)
    assert sorted(each(lambda _number: together.wait(10), range(6), 3)) == [0, 0, 1, 1, 2, 2]


def test_items_are_taken_when_there_is_a_thread_for_them() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in count():
            taken.append(number)
            yield number

    results = each(lambda number: number, items(), 4)
    assert len(list(islice(results, 10))) == 10
    results.close()  # type: ignore[attr-defined]
    assert len(taken) <= 10 + 2 * 4


def test_who_stops_leaves_no_thread_behind() -> None:
    results = each(lambda number: number, range(1000), 4)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("each")] == []


def test_an_exception_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        list(each(lambda number: 1 // number, [1, 0, 1], 1))
