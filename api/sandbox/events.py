"""Writes down that something happened, as an event, and for which endpoint it is to be delivered; sends nothing."""

from typing import Any

import msgspec

from api.sandbox.books import Books, Object, written
from api.sandbox.lists import public
from api.sandbox.script import Sending, plan

API_VERSION = "2026-10-28.endive"


def record(books: Books, type: str, about: Object, *, previous: Object | None = None) -> Object:
    """An event about the object as it now is, with its deliveries. Belongs in the transaction that changed the object."""
    endpoints = [one for one in books.where("webhook_endpoint", status="enabled") if _wants(one, type)]
    about = public(about)
    event: Object = {
        "id": books.new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": books.now,
        "data": {"object": about} | ({"previous_attributes": previous} if previous is not None else {}),
        "livemode": False,
        "pending_webhooks": len(endpoints),
        "request": {"id": None, "idempotency_key": None},
        "type": type,
    }
    books.add(event)
    for endpoint in endpoints:
        for sending in plan(books, event):
            _enqueue(books, event, endpoint, sending)
    return event


def changed(books: Books, type: str, about: Object, **changes: Any) -> Object:
    """Changes an object, keeps it and records the event with what stood there before."""
    previous = {name: about.get(name) for name, value in changes.items() if about.get(name) != value}
    about.update(changes)
    books.put(about)
    record(books, type, about, previous=previous)
    return about


def _wants(endpoint: Object, type: str) -> bool:
    return type in endpoint["enabled_events"] or "*" in endpoint["enabled_events"]


def _enqueue(books: Books, event: Object, endpoint: Object, sending: Sending) -> None:
    body = {**event, "api_version": endpoint["api_version"] or API_VERSION, **sending.changes}
    due = None if sending.dropped else books.settings.clock().timestamp() + sending.after_seconds
    books.db.execute(
        "INSERT INTO deliveries (event, endpoint, body, fault, due) VALUES (?, ?, ?, ?, ?)",
        (event["id"], endpoint["id"], msgspec.json.format(written(body)), sending.fault, due),
    )
