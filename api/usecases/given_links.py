"""What an owner sees of the links to lectures that were given to apps and browsers: one that was passed on opens until its end."""

import datetime as dt

from msgspec import Struct

from api import times
from api.model import Account
from api.store import devices, given_links, sessions
from api.store.given_links import GivenLink
from api.usecases.service import Service

A_BROWSER, BROWSER_GONE = "A browser", "A browser that is signed out"


class OpenLink(Struct, frozen=True, kw_only=True):
    """`holder` is the name of the app or the browser."""

    lecture: str
    course: str
    holder: str
    given_at: dt.datetime
    ends_at: dt.datetime


async def note(
    service: Service, account_id: str, *, holder: str, lecture_id: str, ends_at: dt.datetime, now: dt.datetime
) -> None:
    link = GivenLink(
        holder=holder, lecture_id=lecture_id, given=times.milliseconds(now), ends=times.milliseconds(ends_at)
    )
    await service.sync.write(lambda db: given_links.put(db, account_id, link))


def of(service: Service, account: Account, *, now: dt.datetime) -> list[OpenLink]:
    """Those that still open, the newest first."""
    shop, catalog = service.database.reader, service.catalog.current()
    names = {device.id: device.name for device in devices.ever_of(shop, account.id)}
    names |= {session.id: session.user_agent_label or A_BROWSER for session in sessions.all_of(shop, account.id)}
    found = [
        (link, catalog.lecture(link.lecture_id))
        for link in given_links.good(service.sync.reader, account.id, at=times.milliseconds(now))
    ]
    return [
        OpenLink(
            lecture=about[1].title,
            course=about[0].title,
            holder=names.get(link.holder, BROWSER_GONE),
            given_at=times.of_milliseconds(link.given),
            ends_at=times.of_milliseconds(link.ends),
        )
        for link, about in found
        if about
    ]
