"""What an account may open: any grant that is now valid does. Reads rights, writes none.

A bundle that promised later courses opens what it has come to hold since it was bought, also when it is there no more; one of all
courses opens every course that the catalogue has today.
"""

import datetime as dt
from collections.abc import Iterable
from sqlite3 import Connection

from msgspec import Struct

from api import times
from api.errors import AppError, Code
from api.gateways.catalog import Catalog
from api.model import Account, Order
from api.store import grants, products
from api.store.database import Database
from api.store.grants import Right
from api.usecases.permissions import Action, can


class OwnedCourse(Struct, frozen=True, kw_only=True):
    """A course of somebody's library. `slug` is None for what the catalogue no longer names."""

    id: str
    title: str
    slug: str | None
    since: dt.datetime
    source: str
    lectures: int = 0
    seconds: int = 0


def open_courses(db: Connection, account_id: str, catalog: Catalog, *, now: dt.datetime) -> dict[str, Right]:
    """Course -> the oldest right that opens it."""
    opened: dict[str, Right] = {}
    for right in grants.rights(db, account_id, now=now):
        for course_id in _courses_of(db, right, catalog):
            opened.setdefault(course_id, right)
    return opened


def may_open(db: Connection, account_id: str, course_id: str, catalog: Catalog, *, now: dt.datetime) -> bool:
    return course_id in open_courses(db, account_id, catalog, now=now)


def has_kept(db: Connection, account_id: str, course_id: str, catalog: Catalog) -> bool:
    """Whether any right that opens the course, or did while it lasted, was left to the account. Such a right to all courses
    also stands for one that the catalogue names no more.
    """
    rights = grants.kept(db, account_id)
    if any(course_id in _courses_of(db, right, catalog) for right in rights):
        return True
    return catalog.course(course_id) is None and any(_is_for_all(db, right) for right in rights)


def owned_products(db: Connection, account_id: str, catalog: Catalog, *, now: dt.datetime) -> set[str]:
    """Everything that needs no buying any more, bundles too."""
    held = {right.product_id for right in grants.rights(db, account_id, now=now)}
    return held | set(open_courses(db, account_id, catalog, now=now))


class Shelf(Struct, frozen=True):
    """A library as it stands `until` then, unless the catalogue or a row changes."""

    courses: list[OwnedCourse]
    catalog: Catalog
    until: dt.datetime


def library(database: Database, account_id: str, catalog: Catalog, *, now: dt.datetime) -> list[OwnedCourse]:
    """By title."""
    shelf = database.remembered.get(
        ("library", account_id),
        lambda db: _shelf(db, account_id, catalog, now=now),
        holds=lambda known: known.catalog is catalog and now < known.until,
    )
    return shelf.courses if shelf else []


def _shelf(db: Connection, account_id: str, catalog: Catalog, *, now: dt.datetime) -> Shelf:
    opened = open_courses(db, account_id, catalog, now=now)
    owned = (_owned(db, course_id, right, catalog) for course_id, right in opened.items())
    courses = sorted((course for course in owned if course), key=lambda course: course.title.casefold())
    return Shelf(courses, catalog, grants.next_change(db, account_id, now=now))


def check_owner(order: Order | None, account: Account | None, *, browser_hash: str | None) -> Order:
    """`order` when it is this account's, or a guest's of this browser. Raises NOT_FOUND as if there were none otherwise."""
    if order is not None:
        if account is not None and can(account, Action.READ, order):
            return order
        if browser_hash is not None and order.browser_hash == browser_hash:
            return order
    raise AppError(Code.NOT_FOUND, "There is no such order of yours.")


def _courses_of(db: Connection, right: Right, catalog: Catalog) -> Iterable[str]:
    if right.source == "bundle" or catalog.course(right.product_id):
        return (right.product_id,)
    later = _later_courses(db, right, catalog)
    return later if catalog.bundle(right.product_id) else (right.product_id, *later)


def _later_courses(db: Connection, right: Right, catalog: Catalog) -> tuple[str, ...]:
    promise = grants.promise(db, right.source_line) if right.source_line else None
    if promise is None:
        return ()
    if promise.all_courses:
        return tuple(course.id for course in catalog.courses)
    bundle = catalog.bundle(right.product_id)
    added = products.added_to(db, right.product_id, since=promise.since)
    return (*(bundle.courses if bundle else ()), *added)


def _is_for_all(db: Connection, right: Right) -> bool:
    promise = grants.promise(db, right.source_line) if right.source_line else None
    return promise is not None and promise.all_courses


def _owned(db: Connection, course_id: str, right: Right, catalog: Catalog) -> OwnedCourse | None:
    since = times.parsed(right.valid_from)
    course = catalog.course(course_id)
    if course is not None:
        return OwnedCourse(
            id=course_id,
            title=course.title,
            slug=course.slug,
            since=since,
            source=right.source,
            lectures=len(course.lectures),
            seconds=course.seconds,
        )
    known = products.find(db, course_id)
    if known is None or known.kind != "course":  # a bundle is no course
        return None
    return OwnedCourse(id=course_id, title=known.title, slug=None, since=since, source=right.source)
