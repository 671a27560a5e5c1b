"""Runs one function over many items on all cores. Knows nothing of what the function does.

Workers are forked, so they share what was loaded before; they die with the process that made them, even when it is killed:
a build's lock, which they hold too, is then free exactly when nobody writes any more.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
ITEMS_FOR_WORKERS_MIN = 8  # fewer are done sooner than workers are started
CHUNK_ITEMS_MAX = 64
PR_SET_PDEATHSIG = 1  # prctl(2)

_task: tuple[Callable[[Any], Any], Sequence[Any]]


def spread(function: Callable[[Item], Result], items: Sequence[Item], *, jobs: int | None = None) -> Iterator[Result]:
    """`function(item)` of every item, in no order."""
    global _task  # noqa: PLW0603 (forked workers find it there; it cannot be sent to them)
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(items) < ITEMS_FOR_WORKERS_MIN:
        yield from map(function, items)
        return
    _task = (function, items)
    chunk = min(CHUNK_ITEMS_MAX, -(-len(items) // (jobs * 4)))
    spans = [range(start, min(start + chunk, len(items))) for start in range(0, len(items), chunk)]
    gc.freeze()  # the collector would touch, and so copy, every shared page
    try:
        with multiprocessing.get_context("fork").Pool(jobs, _begin, (os.getpid(),)) as pool:
            for results in pool.imap_unordered(_run, spans):
                yield from results
    finally:
        gc.unfreeze()


@contextmanager
def begun(
    function: Callable[[Item], Result], items: Sequence[Item], *, jobs: int | None = None
) -> Iterator[Callable[[], list[Result]]]:
    """A process of its own begins `function(item)` of every item now; what is given waits for the results."""
    if jobs == 1 or not items:
        yield lambda: list(map(function, items))
        return
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(function, items, sender, os.getpid()))
    process.start()
    sender.close()
    try:
        yield lambda: _results(receiver)
    finally:
        process.kill()  # it has answered, or nobody waits for it any more
        process.join()
        receiver.close()


def _answer(function: Callable[[Any], Any], items: Sequence[Any], sender: Connection, parent: int) -> None:
    _begin(parent)
    try:
        sender.send(([function(item) for item in items], None))
    except Exception as error:  # it is raised where the results are wanted
        sender.send(([], error))


def _results(receiver: Connection) -> list[Any]:
    try:
        results, error = receiver.recv()
    except EOFError:
        raise ChildProcessError("a process of the build ended before its work was done. Build again.") from None
    if error is not None:
        raise error
    return list(results)


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def _run(span: range) -> list[Any]:
    function, items = _task
    return [function(items[k]) for k in span]
