"""Looks at everything the shop stands on, from outside the running service, and says for each what to do. Changes nothing."""

import datetime as dt
import shutil
import socket
import sqlite3
from collections.abc import Awaitable, Callable

from msgspec import Struct

from api import email_address
from api.errors import AppError
from api.store import accounts, backlog, customers, events, migrations, reconciliations
from api.usecases.service import Service

DISK_BYTES_MIN = 500 * 1024 * 1024
LATE = dt.timedelta(minutes=10)
RELAY_SECONDS = 5
RECONCILED_WITHIN: dict[reconciliations.Kind, dt.timedelta] = {
    "hourly": dt.timedelta(hours=3),
    "daily": dt.timedelta(hours=30),
}


class Check(Struct, frozen=True, kw_only=True):
    """`remedy` is empty when all is well."""

    name: str
    found: str
    remedy: str = ""


async def examine(service: Service) -> list[Check]:
    """Every check, also when one of them breaks."""
    return [await _held(name, check, service) for name, check in CHECKS.items()]


async def _held(name: str, check: Callable[[Service], Awaitable[tuple[str, str]]], service: Service) -> Check:
    try:
        found, remedy = await check(service)
    except (AppError, OSError, sqlite3.Error, RuntimeError) as error:
        found, remedy = f"{error}", "Mend what is said here; if it says nothing to you, look into the service's log"
    return Check(name=name, found=found, remedy=remedy)


async def _database(service: Service) -> tuple[str, str]:
    for database in (service.database, service.sync):
        answer = database.reader.execute("PRAGMA quick_check").fetchone()[0]
        if answer != "ok":
            said = f"{database.path.name} is damaged: {answer}"
            return said, "Stop the service and restore the newest backup: longwave restore"
    return "sound", ""


async def _migrations(service: Service) -> tuple[str, str]:
    missing = (
        *migrations.pending(service.database.reader, migrations.shop),
        *(f"{step} of sync.sqlite" for step in migrations.pending(service.sync.reader, migrations.sync)),
    )
    return (f"missing {', '.join(missing)}", "Run: longwave migrate") if missing else ("up to date", "")


async def _disk(service: Service) -> tuple[str, str]:
    free = shutil.disk_usage(service.settings.data).free
    said = f"{free // (1024 * 1024)} MiB free at {service.settings.data}"
    return said, "Make room: without it nothing can be sold" if free < DISK_BYTES_MIN else ""


async def _catalog(service: Service) -> tuple[str, str]:
    catalog = service.catalog.current()
    if service.catalog.problem:
        return service.catalog.problem, "Publish again: longwave publish"
    return f"{len(catalog.courses)} courses, {len(catalog.bundles)} bundles, {catalog.currency}, tax {catalog.tax}", ""


async def _videos(service: Service) -> tuple[str, str]:
    settings = service.settings
    videos = {lecture.video for course in service.catalog.current().courses for lecture in course.lectures} - {""}
    if videos and service.media is None:
        return "no media_secret", "Put media_secret into the folder of secrets; until then no lecture can be watched"
    here = settings.media_store == "local"
    missing = sorted(video for video in videos if here and not (settings.private_media / video).is_file())
    if missing:
        said = f"{len(missing)} of {len(videos)} are not in {settings.private_media}, as {missing[0]}"
        return said, "Copy them there, or set LONGWAVE_PRIVATE_MEDIA to where they lie"
    return f"{len(videos)}, served from {'here' if here else settings.media_store}", ""


async def _stripe(service: Service) -> tuple[str, str]:
    if service.stripe is None:
        return (
            "no key",
            "Put stripe_key and stripe_webhook_secret into the folder of secrets; until then nothing is sold",
        )
    await service.stripe.list_refunds_since(service.clock())
    return f"answers in mode {service.settings.mode}", ""


async def _inbox(service: Service) -> tuple[str, str]:
    db = service.database.reader
    failed = events.failed(db)
    waiting = f"{backlog.waiting(db)['events']} wait, {len(failed)} failed"
    if failed:
        return (
            f"{waiting}; the first: {failed[0].last_error}",
            "Mend the reason, then run: longwave admin replay --failed",
        )
    late = events.waiting_since(db, before=service.clock() - LATE)
    return waiting, "See that the service runs: events wait for more than ten minutes" if late else ""


async def _outbox(service: Service) -> tuple[str, str]:
    waiting = backlog.waiting(service.database.reader)["mails"]
    late = backlog.late_mails(service.database.reader, before=service.clock() - LATE)
    if late:
        reason = f"{waiting} wait; the oldest since more than ten minutes: {late}"
        return reason, "Look whether the relay takes mail; what waits goes out by itself once it does"
    return f"{waiting} wait", ""


async def _relay(service: Service) -> tuple[str, str]:
    settings = service.settings
    if settings.mode == "sandbox":
        return f"mails lie in {settings.mails}", ""
    try:
        socket.create_connection((settings.smtp_host, settings.smtp_port), RELAY_SECONDS).close()
    except OSError as error:
        said = f"{settings.smtp_host}:{settings.smtp_port} cannot be reached: {error}"
        return said, "Look at LONGWAVE_SMTP_HOST and PORT, the firewall and the relay; mails wait meanwhile"
    return f"{settings.smtp_host}:{settings.smtp_port} answers", ""


async def _secrets(service: Service) -> tuple[str, str]:
    exposed = service.settings.secrets.exposed
    if exposed:
        return f"others than their owner can read {', '.join(exposed)}", "Run chmod 0400 on each file"
    return "nobody but their owner reads their files", ""


async def _addresses(service: Service) -> tuple[str, str]:
    waiting = accounts.unconfirmed(service.database.reader)
    lost = [
        f"{account.id} ({account.email})" for account in waiting if not email_address.is_readable(account.email or "")
    ]
    if lost:
        return (
            f"what was paid for waits at addresses that no code can reach: {', '.join(lost)}",
            "Ask each buyer for another address (Stripe's dashboard has the name), let them sign in with it,"
            " then run: longwave admin merge ACCOUNT ADDRESS",
        )
    return "all accounts can be signed in to", ""


async def _erasure(service: Service) -> tuple[str, str]:
    count, error = customers.waiting(service.database.reader)
    said = f"{count} customers of erased accounts wait to be erased at Stripe"
    if error:
        return f"{said}: {error}", "See that the service's key may write customers; it asks again by itself"
    return said, ""


async def _reconciliation(service: Service) -> tuple[str, str]:
    if service.stripe is None:
        return "nothing to compare without a key", ""
    said, remedy = [], ""
    for kind, within in RECONCILED_WITHIN.items():
        last = reconciliations.last(service.database.reader, kind)
        said.append(f"{kind}: {last.started_at:%Y-%m-%d %H:%M} UTC" if last else f"{kind}: never")
        if last is None or last.started_at + within < service.clock():
            remedy = "See that the service runs, or run: longwave admin reconcile --daily"
        elif last.report.get("differences") or last.report.get("bought_twice"):
            said += [
                *last.report["differences"],
                *(f"bought twice: {', '.join(each)}" for each in last.report["bought_twice"]),
            ]
            remedy = "Compare with Stripe's dashboard; give double purchases back with: longwave admin refund ORDER"
    return "; ".join(said), remedy


CHECKS: dict[str, Callable[[Service], Awaitable[tuple[str, str]]]] = {
    "database": _database,
    "migrations": _migrations,
    "disk": _disk,
    "catalogue": _catalog,
    "videos": _videos,
    "secrets": _secrets,
    "stripe": _stripe,
    "events": _inbox,
    "mails": _outbox,
    "mail relay": _relay,
    "addresses": _addresses,
    "erasure": _erasure,
    "reconciliation": _reconciliation,
}
