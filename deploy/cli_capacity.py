"""`longwave capacity`: what the site needs of a server, and what that costs. Knows options and messages, reckons nothing."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from deploy.cli_watch import FIGURES, counted, say

if TYPE_CHECKING:
    from deploy.capacity.profile import Profile

OWN_OFFERS = Path("offers.toml")
a_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--profile", type=a_file, help="A month as you state it; the reference's is the model for it.")
@click.option("--figures", type=a_file, default=FIGURES, show_default=True, help="What longwave-watch has counted.")
@click.option("--log", "logs", multiple=True, type=a_file, help="Measure this access log. May be repeated.")
@click.option(
    "--media", type=click.Choice(["server", "cdn"]), default="server", show_default=True, help="As it is set."
)
@click.option("--media-gigabytes", type=click.FloatRange(0), default=0.0, help="What is published, when measured.")
@click.option(
    "--times", type=click.FloatRange(1), default=20.0, show_default=True, help="How many times to have room for."
)
@click.option("--offers", type=a_file, help="What servers cost.  [default: offers.toml, else invented examples]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def capacity(
    *,
    profile: Path | None,
    figures: Path,
    logs: tuple[Path, ...],
    media: Literal["server", "cdn"],
    media_gigabytes: float,
    times: float,
    offers: Path | None,
    as_json: bool,
) -> None:
    """Say what line, cores, memory and disk a month of the site needs, now and at twenty times as many, and what it costs.

    From your own log or figures where there are any, from a stated profile otherwise: with media from the server and from a CDN,
    and the difference in money.

    Example: longwave capacity --profile reference.toml
    """
    from deploy.capacity import needs as needing
    from deploy.capacity import offers as offered
    from deploy.capacity import printed
    from deploy.capacity import profile as profiles
    from deploy.errors import DeployError

    try:
        month = _month(profile, figures, logs, media_gigabytes=media_gigabytes)
        table = offered.read(offers or (OWN_OFFERS if OWN_OFFERS.is_file() else offered.EXAMPLES))
        sizes = [month, profiles.times(month, times)] if times > 1 else [month]
        places: tuple[Literal["server", "cdn"], ...] = ("server", "cdn") if table.cdns else ("server",)
        plans = [
            printed.Plan(media=place, profile=size, needs=needs, quotes=offered.quotes(table, needs))
            for size in sizes
            for place in places
            for needs in (needing.of(size, media=place),)
        ]
    except DeployError as error:
        raise click.ClickException(str(error)) from error
    say(plans, printed.text(plans, table, chosen=media), as_json=as_json)


def _month(profile: Path | None, figures: Path, logs: tuple[Path, ...], *, media_gigabytes: float) -> "Profile":
    """Stated, else measured, else the reference."""
    from deploy.capacity import profile as profiles

    if profile or not (logs or figures.is_file()):
        return profiles.read(profile or profiles.REFERENCE)
    now = dt.datetime.now(dt.UTC)
    with counted(figures, logs, now=now) as found:
        return profiles.measured(found, now=now, media_gigabytes=media_gigabytes)
