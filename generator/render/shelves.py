"""Lists that are paged from the oldest, so that a new entry changes no numbered page. Knows nothing of what is listed."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from generator import urls

Item = TypeVar("Item")
PAGE_ITEMS = 20


class Shelf(Struct, Generic[Item], frozen=True):
    """One page of a list, newest first. `older` and `newer` are public paths or ''.

    `newer` of a numbered page is always the next number, whether that page is there yet or `awaited`.
    """

    path: str
    number: int
    items: Sequence[Item]
    older: str
    newer: str


def shelve(items: Sequence[Item], first: str, *, size: int = PAGE_ITEMS) -> list[Shelf[Item]]:
    """`items` (oldest first) as the page at `first` with the newest and numbered ones with the others.

    Numbered page K holds the entries size(K-1)+1 to size*K. The first holds the newest full page and all after it.

    >>> [(shelf.path, len(shelf.items)) for shelf in shelve(range(65), "/episodes/")]
    [('/episodes/', 25), ('/episodes/page/1/', 20), ('/episodes/page/2/', 20)]
    """
    numbered = _numbered(len(items), size)
    paths = [urls.nth_page(first, k) for k in range(1, numbered + 1)]
    newest = Shelf(first, 0, items[numbered * size :][::-1], paths[-1] if paths else "", "")
    shelves = [newest]
    for k, path in enumerate(paths):
        older = paths[k - 1] if k else ""
        newer = urls.nth_page(first, k + 2)
        shelves.append(Shelf(path, k + 1, items[k * size : (k + 1) * size][::-1], older, newer))
    return shelves


def awaited(items: int, first: str, *, size: int = PAGE_ITEMS) -> str:
    """The page that the last numbered one of so many `items` links to before it is there; '' when none is numbered.

    >>> awaited(65, "/episodes/"), awaited(39, "/episodes/")
    ('/episodes/page/3/', '')
    """
    numbered = _numbered(items, size)
    return urls.nth_page(first, numbered + 1) if numbered else ""


def _numbered(items: int, size: int) -> int:
    return max(0, items // size - 1)
