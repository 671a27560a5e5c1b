"""A month of a site in a few numbers, as somebody writes it down or as the figures have it. Knows no server and no price."""

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from deploy.errors import DeployError
from deploy.watch.counting import Sums
from deploy.watch.figures import Figures

REFERENCE = Path(__file__).with_name("reference.toml")
MONTH = timedelta(days=30.4375)
LEAST_MEASURED = timedelta(days=1)
Amount = Annotated[float, Meta(ge=0)]
Times = Annotated[float, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """reference.toml explains each. What is measured has its bursts within, so an episode's own are 0."""

    name: str
    requests: Amount
    media_terabytes: Amount
    other_terabytes: Amount
    service_share: Share = 0.1
    requests_peak: Times = 10.0
    bytes_peak: Times = 2.5
    episode_megabytes: Amount = 0
    episode_downloads: Amount = 0
    first_hour_share: Share = 0.1
    media_gigabytes: Amount = 0
    accounts: Amount = 0


def read(path: Path = REFERENCE) -> Profile:
    """Raises DeployError with what is wrong and where."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=Profile, strict=False)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise DeployError(f"{path}: {error}. Compare it with {REFERENCE}.") from error


def measured(figures: Figures, *, now: datetime, media_gigabytes: float = 0, accounts: float = 0) -> Profile:
    """A month at the rate of what has been counted. Raises DeployError when that is less than a day."""
    begin = figures.first_minute()
    passed = now - begin if begin else timedelta()
    if not begin or passed < LEAST_MEASURED:
        raise DeployError("Less than a day has been counted, which tells nothing of a month. Use: --profile FILE")
    by_kind = figures.by_kind((now - timedelta(days=62)).date())
    media = _added(by_kind, lambda kind: kind in {"media", "private"})
    total, service = _added(by_kind, lambda _: True), _added(by_kind, lambda kind: kind == "other")
    busiest_bytes, busiest_requests = figures.busiest_minute(begin, now + timedelta(minutes=1))
    minutes, scale = max(passed / timedelta(minutes=1), 1), MONTH / passed
    return Profile(
        name=f"measured in {passed.days} days",
        requests=total.requests * scale,
        media_terabytes=media.bytes * scale / 1e12,
        other_terabytes=(total.bytes - media.bytes) * scale / 1e12,
        service_share=service.requests / total.requests if total.requests else 0,
        requests_peak=max(1, busiest_requests * minutes / max(total.requests, 1)),
        bytes_peak=max(1, busiest_bytes * minutes / max(total.bytes, 1)),
        media_gigabytes=media_gigabytes,
        accounts=accounts,
    )


def times(profile: Profile, factor: float) -> Profile:
    """The same site with so many times the people. What is published stays as much."""
    return msgspec.structs.replace(
        profile,
        name=f"{profile.name}, {factor:g} times",
        requests=profile.requests * factor,
        media_terabytes=profile.media_terabytes * factor,
        other_terabytes=profile.other_terabytes * factor,
        episode_downloads=profile.episode_downloads * factor,
        accounts=profile.accounts * factor,
    )


def _added(by_kind: dict[tuple[str, str], Sums], is_wanted: Callable[[str], bool]) -> Sums:
    chosen = [sums for (kind, _), sums in by_kind.items() if is_wanted(kind)]
    return Sums(requests=sum(sums.requests for sums in chosen), bytes=sum(sums.bytes for sums in chosen))
