"""Finds what an operator was told of: a person, an order or a payment, by whatever somebody can read out. Changes nothing."""

from sqlite3 import Connection
from typing import Any

from msgspec import Struct, to_builtins

from api.model import Account, Grant, Order
from api.spelling import money
from api.store import accounts, audit, events, grants, orders, search


class Found(Struct, frozen=True, kw_only=True):
    """Everything that was found, each with what belongs to it."""

    accounts: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []

    @property
    def is_empty(self) -> bool:
        return not (self.accounts or self.orders or self.events)


def find(db: Connection, wanted: str) -> Found:
    """By address or a part of it, a name, or any id of ours or Stripe's."""
    people = [account for id in search.accounts(db, wanted) if (account := accounts.find(db, id))]
    bought = [order for id in search.orders(db, wanted) if (order := orders.find(db, id))]
    event = events.find(db, wanted)
    return Found(
        accounts=[_account(db, account) for account in people],
        orders=[_order(db, order) for order in bought],
        events=[to_builtins(event)] if event else [],
    )


def sentences(found: Found) -> list[str]:
    """For people."""
    said = []
    for account in found.accounts:
        state = "confirmed" if account["confirmed_at"] else "not confirmed"
        said.append(f"{account['id']}  {account['email'] or '(no address)'}  {state}")
        said += [
            f"  {order['id']}  {order['state']}  {money(order['total_cents'], order['currency'])}"
            for order in account["orders"]
        ]
        said += [f"  {_grant(grant)}" for grant in account["grants"]]
    for order in found.orders:
        currency = order["currency"]
        said.append(f"{order['id']}  {order['state']}  {money(order['total_cents'], currency)}  {order['email'] or ''}")
        said += [
            f"  {line['product_id']}  {line['title']}  {money(line['price_cents'], currency)}"
            for line in order["lines"]
        ]
        said += [f"  {row['at']}  {row['actor']}  {row['action']}" for row in order["history"]]
    said += [f"{event['id']}  {event['type']}  {event['state']}  tries: {event['attempts']}" for event in found.events]
    return said


def _account(db: Connection, account: Account) -> dict[str, Any]:
    mine: list[Order] = list(orders.of_account(db, account.id))
    held: tuple[Grant, ...] = grants.of_account(db, account.id)
    return {**to_builtins(account), "orders": to_builtins(mine), "grants": to_builtins(held)}


def _order(db: Connection, order: Order) -> dict[str, Any]:
    history = [{"at": row["at"], "actor": row["actor"], "action": row["action"]} for row in audit.of(db, order.id)]
    return {**to_builtins(order), "lines": to_builtins(orders.lines(db, order.id)), "history": history}


def _grant(grant: dict[str, Any]) -> str:
    ended = "revoked" if grant["revoked_at"] else "held" if grant["hold_at"] else "open"
    return f"{grant['id']}  {grant['product_id']}  {grant['source']}  {ended}"
