"""Which tests stay in one process when `make test` shares them out, and which begin; it knows files and fixtures, no test."""

from pathlib import PurePath

import pytest

GUESTS, BROWSER = "guests", "browser"
BOOTED = frozenset({"deployed12", "deployed13", "server", "either", "laid"})
PROGRAM_OF_GUESTS = "tests.deploy.guest"


def share_out(items: list[pytest.Item]) -> None:
    """Files stay whole, as what their tests made is theirs. Machines that boot take longest: they come first, one by one."""
    groups = {item.nodeid: group(item) for item in items}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[item.nodeid]))
    items.sort(key=lambda item: groups[item.nodeid] != GUESTS)


def group(item: pytest.Item) -> str:
    if _boots(item):
        return GUESTS
    folder = PurePath(item.path).parent.name
    return BROWSER if folder == BROWSER else item.nodeid.partition("::")[0]


def _boots(item: pytest.Item) -> bool:
    """Whether it, or its file, asks for a guest."""
    module = getattr(item, "module", None)
    imported = vars(module).values() if module else ()
    return bool(BOOTED & set(getattr(item, "fixturenames", ()))) or any(
        getattr(value, "__module__", "") == PROGRAM_OF_GUESTS for value in imported
    )
