"""Which tests stay in one process when `make test` shares them out, and which begin; it knows files, no test."""

import re
from functools import cache
from pathlib import PurePath

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.command import ROOT

GUESTS, BROWSER = "guests", "browser"
BOOTS = re.compile(r"^from tests\.deploy\.(guest|deployed|content_server|laid) import|\blaid: ", re.M)


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Shares out groups of tests, each of them to one process. (xdist's own groups need names of tests to be writable.)"""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def guests_first(items: list[pytest.Item]) -> None:
    """Machines that boot take longest."""
    items.sort(key=lambda item: group(item.nodeid) != GUESTS)


def group(nodeid: str) -> str:
    """Files stay whole, as what their tests made is theirs; machines boot one by one, and so do browsers."""
    file = nodeid.partition("::")[0]
    if _boots(file):
        return GUESTS
    return BROWSER if PurePath(file).parent.name == BROWSER else file


@cache
def _boots(file: str) -> bool:
    return bool(BOOTS.search((ROOT / file).read_text(encoding="utf-8")))
