"""A moment as people type it: without an offset it is the site's time. Knows of site.toml only its zone."""

import datetime as dt
from pathlib import Path


def aware(moment: dt.datetime | None, content: Path) -> dt.datetime | None:
    """`moment` in UTC; without an offset it is read in the zone of `content`/site.toml, as the dates of sources are."""
    if moment is None or moment.tzinfo:
        return moment
    from generator.read.inventory import defaults, read_config  # noqa: PLC0415 (most builds are as of now)

    config, _ = read_config(content)
    return moment.replace(tzinfo=defaults(config).zone).astimezone(dt.UTC)
