"""Keeps every product that the catalogue ever named. Decides nothing about prices."""

import datetime as dt
from sqlite3 import Connection

import msgspec

from api import times
from api.gateways.catalog import Catalog
from api.store import products


def keep_all(db: Connection, catalog: Catalog, *, now: dt.datetime) -> None:
    """Harmless to repeat. What the catalogue no longer names stays as it was last seen."""
    for kind, offered in (("course", catalog.courses), ("bundle", catalog.bundles)):
        for product in offered:
            data = msgspec.json.encode(product).decode()
            products.keep(db, product.id, kind=kind, title=product.title, data=data, seen=times.text(now))
    for bundle in catalog.bundles:
        products.keep_courses(db, bundle.id, bundle.courses, seen=times.text(now))
