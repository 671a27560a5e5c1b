"""What an app may open, with when to ask again; and the same as changes, so that a phone learns of a purchase and of a refund.

Rights live in the shop's database. What was told of them lies beside what else is told, under the same stamps.
"""

import datetime as dt
from sqlite3 import Connection
from typing import Any

import structlog
from msgspec import Struct, to_builtins

from api import times
from api.errors import AppError
from api.gateways.catalog import Catalog
from api.store import grants, stamps, told_rights
from api.store.database import Database
from api.store.told_rights import ToldRight
from api.usecases import access

CHECK_AGAIN, OFFLINE = dt.timedelta(days=7), dt.timedelta(days=30)
log = structlog.get_logger()


class Entitlement(Struct, frozen=True, kw_only=True):
    """`slug` is null when the catalogue no longer names the course."""

    course: str
    title: str
    slug: str | None
    source: str
    since: dt.datetime


class Entitlements(Struct, frozen=True, kw_only=True):
    """An app asks again at `check_again_at`, and locks what it has downloaded when it could not ask until `offline_until`."""

    courses: list[Entitlement]
    checked_at: dt.datetime
    check_again_at: dt.datetime
    offline_until: dt.datetime


def of(database: Database, account_id: str, catalog: Catalog, *, now: dt.datetime) -> Entitlements:
    end = grants.next_change(database.reader, account_id, now=now)
    return Entitlements(
        courses=_open(database, account_id, catalog, now=now),
        checked_at=now,
        check_again_at=min(now + CHECK_AGAIN, end),
        offline_until=min(now + OFFLINE, end),
    )


async def tell(shop: Database, sync: Database, account_id: str, catalog: Catalog, *, now: dt.datetime) -> None:
    """Writes down what has become open or closed since apps were told last. A disk that is full keeps nobody from reading."""
    open_now = {each.course: _told(each) for each in _open(shop, account_id, catalog, now=now)}
    if not _news(sync.reader, account_id, open_now):
        return
    try:
        await sync.write(lambda db: _write(db, account_id, open_now, now=now))
    except AppError as refused:
        log.warning("rights_not_told", account=account_id, reason=refused.code)


def _write(db: Connection, account_id: str, open_now: dict[str, dict[str, Any]], *, now: dt.datetime) -> None:
    stamp, at = stamps.take(db, account_id, now=now), times.milliseconds(now)
    for course_id, data in _news(db, account_id, open_now).items():
        told_rights.put(db, account_id, ToldRight(course_id=course_id, data=data, at=at, stamp=stamp))


def _news(db: Connection, account_id: str, open_now: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Course -> what there is to tell of it, None of one that is open no more."""
    told = {each.course_id: each.data for each in told_rights.of(db, account_id)}
    everything: dict[str, dict[str, Any] | None] = {**dict.fromkeys(told), **open_now}
    return {course_id: data for course_id, data in everything.items() if told.get(course_id) != data}


def _open(database: Database, account_id: str, catalog: Catalog, *, now: dt.datetime) -> list[Entitlement]:
    return [
        Entitlement(course=each.id, title=each.title, slug=each.slug, source=each.source, since=each.since)
        for each in access.library(database, account_id, catalog, now=now)
    ]


def _told(entitlement: Entitlement) -> dict[str, Any]:
    return {"source": entitlement.source, "since": to_builtins(entitlement.since)}
