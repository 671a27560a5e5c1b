"""Capacity and cost as text for people. Reckons nothing."""

from collections.abc import Iterator

from msgspec import Struct

from deploy.capacity.needs import MediaPlace, Needs
from deploy.capacity.offers import Offers, Quote, cheapest
from deploy.capacity.profile import Profile


class Plan(Struct, frozen=True, kw_only=True):
    """What one size of the site needs with its media in one place, and what that costs."""

    media: MediaPlace
    profile: Profile
    needs: Needs
    quotes: list[Quote]


def text(plans: list[Plan], offers: Offers, *, chosen: MediaPlace) -> str:
    """`plans`: one or more sizes, each with the media here and at a CDN."""
    lines: list[str] = []
    for plan in plans:
        lines += [*_needs(plan, is_chosen=plan.media == chosen), *_quotes(plan, offers.currency), ""]
    lines += _differences(plans, offers.currency)
    source = (
        "invented examples: copy the file and write down yours" if offers.are_examples else "as you wrote them down"
    )
    lines.append(f"Prices as of {offers.as_of}, {source}.")
    return "\n".join(lines)


def _needs(plan: Plan, *, is_chosen: bool) -> Iterator[str]:
    needs, place = plan.needs, "this server" if plan.media == "server" else "a CDN"
    yield f"{plan.profile.name}, media from {place}{' (as set)' if is_chosen else ''}"
    yield (
        f"  {plan.profile.requests:,.0f} requests and {needs.terabytes:.1f} TB a month from the server"
        + (f", {needs.cdn_terabytes:.1f} TB from the CDN" if needs.cdn_terabytes else "")
    )
    yield f"  requests/s  {needs.requests_a_second:8.1f} mean {needs.peak_requests_a_second:10.1f} peak"
    yield (
        f"  Mbit/s      {needs.mean_megabits:8.1f} mean {needs.peak_megabits:10.1f} peak, so a port of {needs.port_megabits:,.0f};"
        f" a new episode's first hour wants {needs.burst_megabits:,.0f}"
    )
    yield f"  needs {needs.cores:.1f} cores, {needs.memory_gigabytes:.1f} GB memory, {needs.disk_gigabytes:.0f} GB disk"


def _quotes(plan: Plan, currency: str) -> Iterator[str]:
    for quote in plan.quotes:
        price = f"{quote.cents / 100:>10,.2f} {currency}" if not quote.lacking else f"{'too small':>14}"
        is_stretched = not quote.lacking and quote.first_hour_minutes > 60
        slow = (f"a new episode's first hour takes {quote.first_hour_minutes} minutes",) if is_stretched else ()
        remarks = "; ".join(quote.lacking or slow)
        yield f"  {price}  {quote.name}{f': {remarks}' if remarks else ''}"


def _differences(plans: list[Plan], currency: str) -> Iterator[str]:
    by_size: dict[str, dict[str, Quote | None]] = {}
    for plan in plans:
        by_size.setdefault(plan.profile.name, {})[plan.media] = cheapest(plan.quotes)
    for name, best in by_size.items():
        here, there = best.get("server"), best.get("cdn")
        if here and there:
            more = there.cents - here.cents
            word = "more" if more >= 0 else "less"
            yield f"{name}: media from a CDN costs {abs(more) / 100:,.2f} {currency} {word} a month than from the server."
        else:
            found = here or there
            where = "from the server" if here else "from a CDN"
            yield f"{name}: {f'only media {where} can be had' if found else 'no offer does'}; add offers that do."
