"""`longwave admin …`: what an operator does for a customer. Knows options and messages, nothing of the rules."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlite3 import Connection

    from api.usecases.administration import Told
    from api.usecases.service import Service

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print what was found or done as JSON.")
reason_option = click.option("--reason", default="by an operator", show_default=True, help="Kept with the change.")


@click.group()
def admin() -> None:
    """Look after customers: find, grant, revoke, refund, resend, replay, reconcile, merge.

    Each says what it did and to whom, is safe to repeat, and leaves a row in the audit. Settings come from the environment.

    Example: longwave admin find ada@example.com
    """


@admin.command()
@click.argument("wanted")
@as_json_option
def find(*, wanted: str, as_json: bool) -> None:
    """Find a person, order, payment or event by whatever somebody can read out.

    WANTED is an address or a part of it, a name, or any id of ours or Stripe's.

    Example: longwave admin find ada@example.com
    """
    from api.usecases import lookup

    with opened() as service:
        found = lookup.find(service.database.reader, wanted)
    if found.is_empty:
        raise click.ClickException(f"Nothing was found for {wanted}. Try a part of the address, or an id from Stripe.")
    _print(found, lookup.sentences(found), as_json=as_json)


@admin.command()
@click.argument("who")
@click.argument("product")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day it ends.")
@reason_option
@as_json_option
def grant(*, who: str, product: str, until: dt.datetime | None, reason: str, as_json: bool) -> None:
    """Open PRODUCT to WHO, an address or an account's id, without payment.

    Example: longwave admin grant ada@example.com crs_transactions --reason "prize of the quiz"
    """
    from api.usecases import administration

    end = until.replace(tzinfo=dt.UTC) if until else None
    _change(
        lambda db, service: administration.grant(
            db, who, product, service.catalog.current(), until=end, reason=reason, now=service.clock()
        ),
        as_json=as_json,
    )


@admin.command()
@click.argument("who")
@click.argument("product")
@reason_option
@as_json_option
def revoke(*, who: str, product: str, reason: str, as_json: bool) -> None:
    """Close PRODUCT to WHO. Nothing is paid back; `refund` does that.

    Example: longwave admin revoke ada@example.com crs_transactions --reason "asked for it"
    """
    from api.usecases import administration

    _change(
        lambda db, service: administration.revoke(db, who, product, reason=reason, now=service.clock()), as_json=as_json
    )


@admin.command()
@click.argument("order")
@click.option("--cents", type=click.IntRange(min=1), help="A part, in the currency's smallest unit.  [default: all]")
@click.option("--line", metavar="PRODUCT", help="Of this product of the order alone.")
@click.option("--again", is_flag=True, help="As many cents once more, though as many went back already.")
@as_json_option
def refund(*, order: str, cents: int | None, line: str | None, again: bool, as_json: bool) -> None:
    """Give the money of ORDER back and close what is wholly refunded. Needs the secret stripe_operator_key.

    Said again, because no answer came for instance, it gives nothing back twice.

    Example: longwave admin refund ord_4x8k… --line crs_transactions
    """
    from api.usecases import refunding

    _run(lambda service: refunding.refund(service, order, cents=cents, line_name=line, again=again), as_json=as_json)


@admin.command()
@click.argument("order")
@as_json_option
def resend(*, order: str, as_json: bool) -> None:
    """Send the receipt of ORDER once more.

    Example: longwave admin resend ord_4x8k…
    """
    from api.usecases import administration

    _change(lambda db, service: administration.resend(db, order, now=service.clock()), as_json=as_json)


@admin.command()
@click.argument("event", required=False)
@click.option("--failed", is_flag=True, help="All events that were given up.")
@as_json_option
def replay(*, event: str | None, failed: bool, as_json: bool) -> None:
    """Let the service work off EVENT, or all failed ones, once more.

    Example: longwave admin replay --failed
    """
    from api.usecases import administration

    if (event is None) != failed:
        raise click.UsageError("Name one EVENT, or say --failed.")
    _change(lambda db, service: administration.replay(db, event, now=service.clock()), as_json=as_json)


@admin.command()
@click.option("--daily", is_flag=True, help="Compare all of the last days and the sums, not only what waits.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Further back, for a database that was restored. Means --daily."
)
@as_json_option
def reconcile(*, daily: bool, since: dt.datetime | None, as_json: bool) -> None:
    """Compare our books with Stripe's and repair ours; orders that a restored backup has lost are made anew.

    Example: longwave admin reconcile --since 2026-01-01
    """
    from api.usecases import reconciliation
    from api.usecases.administration import Told

    start = since.replace(tzinfo=dt.UTC) if since else None

    async def work(service: "Service") -> "Told":
        whole = daily or start is not None
        report = await (reconciliation.daily(service, since=start) if whole else reconciliation.hourly(service))
        return Told(said=reconciliation.sentences(report), ids=report.moved)

    _run(work, as_json=as_json)


@admin.command()
@click.argument("source")
@click.argument("target")
@as_json_option
def merge(*, source: str, target: str, as_json: bool) -> None:
    """Move everything of account SOURCE to account TARGET, by id or address; SOURCE ends.

    Example: longwave admin merge old@example.com new@example.com
    """
    from api.usecases import administration, sync_people

    with opened() as service:
        with service.database.transaction() as db:
            told = administration.merge(db, source, target, now=service.clock())
        sync_people.follow_now(service.database, service.sync, now=service.clock(), show=service.show.current())
    _print(told, told.said, as_json=as_json)


@contextmanager
def opened() -> "Iterator[Service]":
    """Both databases, with the operator's key. Every refusal becomes a message and exit code 1."""
    import logging
    import sqlite3
    import sys

    from api import app, logs, settings
    from api.errors import AppError, ConfigurationError

    try:
        logs.configure(sys.stderr, level=logging.ERROR)
        chosen = settings.from_environment()
        for file in (chosen.shop, chosen.sync):
            if not file.exists():
                raise click.ClickException(f"There is no {file}. Set LONGWAVE_DATA, or run: longwave migrate")
        service = app.make_service(chosen, key=chosen.secrets.stripe_operator_key)
        service.database.open()
        service.sync.open()
    except (ConfigurationError, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error
    try:
        yield service
    except AppError as refused:
        raise click.ClickException(refused.message) from refused
    except sqlite3.Error as error:
        raise click.ClickException(f"{chosen.data}: {error}. Run: longwave doctor") from error
    finally:
        service.sync.close()
        service.database.close()


def _change(change: "Callable[[Connection, Service], Told]", *, as_json: bool) -> None:
    with opened() as service, service.database.transaction() as db:
        told = change(db, service)
    _print(told, told.said, as_json=as_json)


def _run(work: "Callable[[Service], Awaitable[Told]]", *, as_json: bool) -> None:
    import asyncio

    with opened() as service:
        told: Told = asyncio.run(work(service))  # type: ignore[arg-type]
    _print(told, told.said, as_json=as_json)


def _print(value: Any, sentences: list[str], *, as_json: bool) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode() if as_json else "\n".join(sentences))
