"""What servers and CDNs cost by a file that the operator edits, and which of them do for a need. Knows no site."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from deploy.capacity.needs import LINE_FILLED, Needs
from deploy.errors import DeployError

EXAMPLES = Path(__file__).with_name("offers.toml")
Amount = Annotated[float, Meta(ge=0)]


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server for a month. `traffic_terabytes` 0: as much as the port carries."""

    name: str
    cents: Amount
    cores: Amount
    memory_gigabytes: Amount
    disk_gigabytes: Amount
    port_megabits: Amount
    traffic_terabytes: Amount = 0
    terabyte_cents: Amount = 0


class Cdn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    terabyte_cents: Amount
    gigabyte_cents: Amount = 0
    least_cents: Amount = 0


class Offers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    as_of: dt.date
    currency: str
    servers: tuple[Offer, ...]
    cdns: tuple[Cdn, ...] = ()
    are_examples: bool = False


class Quote(Struct, frozen=True, kw_only=True):
    """`lacking` says what a server has too little of; then its price means nothing.

    `first_hour_minutes`: how long what a new episode's first hour wants takes to carry; 60 where the line is wide enough.
    """

    name: str
    cents: int
    first_hour_minutes: int
    lacking: tuple[str, ...] = ()


def read(path: Path = EXAMPLES) -> Offers:
    """Raises DeployError with what is wrong and where."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=Offers)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise DeployError(f"{path}: {error}. Compare it with {EXAMPLES}.") from error


def quotes(offers: Offers, needs: Needs) -> list[Quote]:
    """Each server, with each CDN where one is needed; what does first, the cheapest first."""
    cdns = offers.cdns if needs.cdn_terabytes else (None,)
    found = [_quote(offer, cdn, needs) for offer in offers.servers for cdn in cdns]
    return sorted(found, key=lambda quote: (bool(quote.lacking), quote.cents))


def cheapest(found: list[Quote]) -> Quote | None:
    return next((quote for quote in found if not quote.lacking), None)


def _quote(offer: Offer, cdn: Cdn | None, needs: Needs) -> Quote:
    beyond = max(0.0, needs.terabytes - offer.traffic_terabytes) if offer.traffic_terabytes else 0.0
    cents = offer.cents + beyond * offer.terabyte_cents
    if cdn:
        carried = needs.cdn_terabytes * cdn.terabyte_cents + needs.cdn_gigabytes * cdn.gigabyte_cents
        cents += max(cdn.least_cents, carried)
    name = f"{offer.name} + {cdn.name}" if cdn else offer.name
    stretched = max(1.0, needs.burst_megabits / (offer.port_megabits * LINE_FILLED)) if offer.port_megabits else 1.0
    return Quote(
        name=name,
        cents=round(cents),
        first_hour_minutes=round(60 * stretched),
        lacking=tuple(_lacking(offer, needs)),
    )


def _lacking(offer: Offer, needs: Needs) -> list[str]:
    rows = (
        ("cores", offer.cores, needs.cores, ""),
        ("memory", offer.memory_gigabytes, needs.memory_gigabytes, " GB"),
        ("disk", offer.disk_gigabytes, needs.disk_gigabytes, " GB"),
        ("port", offer.port_megabits, needs.port_megabits, " Mbit/s"),
    )
    return [f"{name} {has:,.0f} of {needed:,.1f}{unit}" for name, has, needed, unit in rows if has < needed]
