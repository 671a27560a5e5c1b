"""Work that is begun ahead is done beside what follows, and ends with whoever waits for it."""

import os

import pytest

from generator.errors import BuildError
from generator.workers import begun


def refuse(item: int) -> int:
    raise BuildError(f"{item} cannot be made.")


def die(item: int) -> int:
    os._exit(item)


def test_results_come_in_order_from_another_process() -> None:
    with begun(lambda item: (item, os.getpid()), [3, 1, 2]) as results:
        items, processes = zip(*results(), strict=True)
    assert items == (3, 1, 2)
    assert os.getpid() not in processes


def test_one_job_is_done_in_this_process() -> None:
    with begun(lambda item: os.getpid(), [1], jobs=1) as results:
        assert results() == [os.getpid()]


def test_an_error_is_raised_where_the_results_are_wanted() -> None:
    with begun(refuse, [7]) as results, pytest.raises(BuildError, match="7 cannot be made"):
        results()


def test_a_process_that_dies_is_told_of() -> None:
    with begun(die, [9]) as results, pytest.raises(ChildProcessError, match="Build again"):
        results()
