"""Many tasks at once, as many as are wanted and no more; what is waiting is bounded, too."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    at_once: int,
    ended: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """Yield what a function returns for each item, in the order in which they are done.

    Items are taken when there is a thread for them. Where the caller stops, or is interrupted, no further
    item is begun, and those under way are waited for; before that `ended` is called, which may tell them to
    make haste. An exception of the function ends it all.
    """
    waiting = iter(items)
    with ThreadPoolExecutor(at_once, thread_name_prefix="each") as threads:
        running: set[Future[Result]] = {threads.submit(function, item) for item in islice(waiting, at_once)}
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {threads.submit(function, item) for item in islice(waiting, len(done))}
                for future in done:
                    yield future.result()
        finally:
            ended()
            for future in running:
                future.cancel()
