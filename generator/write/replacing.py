"""Puts a finished file in the place of another without waiting for the disk to free the old one's room. Knows no bytes."""

import os
from functools import cache
from queue import Queue
from threading import Thread

HELD_MAX = 100  # of the thousand files that a process may have open


def replace(new: str, target: str) -> None:
    """A file is freed by whoever lets go of it last. This call would wait for that longer than it takes to write."""
    try:
        old = os.open(target, os.O_RDONLY)
    except OSError:
        os.replace(new, target)  # noqa: PTH105 (Path takes as long as the rest)
        return
    try:
        os.replace(new, target)  # noqa: PTH105
    finally:
        _let_go(os.getpid()).put(old)


@cache
def _let_go(_process: int) -> Queue[int]:
    """Files that a thread of this process closes, one after the other; a forked process has none of its parent's threads."""
    held: Queue[int] = Queue(HELD_MAX)
    Thread(target=_close_all, args=(held,), daemon=True).start()
    return held


def _close_all(held: Queue[int]) -> None:
    while True:
        os.close(held.get())
