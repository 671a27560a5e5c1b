"""The commands for whoever watches: `longwave stats`, `budget`, `server watch`. Knows options, nothing of what is counted."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from deploy.watch.figures import Figures

FIGURES = Path("/var/lib/longwave-watch/own/figures.sqlite")
WWW = Path("/srv/longwave/www")


def of_figures(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which a command is told what to reckon with."""
    options = (
        click.option(
            "--figures",
            type=click.Path(path_type=Path, dir_okay=False),
            default=FIGURES,
            show_default=True,
            help="What longwave-watch has counted.",
        ),
        click.option(
            "--log",
            "logs",
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            help="Count this access log instead, wherever it comes from. May be repeated.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@of_figures
@click.option("--days", type=click.IntRange(1, 62), default=30, show_default=True, help="Today and the days before.")
def stats(*, figures: Path, logs: tuple[Path, ...], as_json: bool, days: int) -> None:
    """Say what was downloaded and read, by whom as far as it says so, and whom fair use met or would meet.

    Counted from the access log on this machine alone. Single requests are kept for days, listeners only until their day is over.

    Example: longwave stats --days 7
    """
    from deploy.watch import printed
    from deploy.watch import stats as statistics

    now = dt.datetime.now(dt.UTC)
    with counted(figures, logs, now=now) as opened:
        found = statistics.of(opened, days=days, now=now)
    say(found, printed.stats(found), as_json=as_json)


@click.command()
@of_figures
def budget(*, figures: Path, logs: tuple[Path, ...], as_json: bool) -> None:
    """Say how much of the month's error budget is spent, and how fast: 99.99 % of requests are to be good.

    Good is what was not answered 5xx and, where the service was asked, began within two seconds. Exit code 1 while the budget
    is spent too fast.

    Example: longwave budget
    """
    from deploy.watch import budget as reckoning
    from deploy.watch import printed

    now = dt.datetime.now(dt.UTC)
    with counted(figures, logs, now=now) as opened:
        found = reckoning.reckon(opened.between, now=now)
    say(found, printed.budget(found), as_json=as_json)
    if any(burn.is_alarming for burn in found.burns):
        raise SystemExit(1)


@click.command()
@click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What `longwave deploy` wrote for it.  [default: of the release that is served]",
)
@click.option("--json", "as_json", is_flag=True, help="Print every check as JSON.")
def watch(*, settings: Path | None, as_json: bool) -> None:
    """Look once at everything on this server, count its log, and call somebody when something begins or ends.

    longwave-watch.timer does it every minute. What is wrong is printed, and who is told stands in server.toml under [alarms]. Exit
    code 1 when nobody could be told.

    Example: longwave server watch
    """
    import msgspec

    from deploy.watch import inside
    from deploy.watch import settings as told

    file = settings or told.FILE
    try:
        chosen = told.read(file)
    except (OSError, msgspec.MsgspecError) as error:
        raise click.ClickException(f"{file}: {error}. It is written by: longwave deploy") from error
    findings, problems = inside.watch(chosen, channels=told.channels(chosen), now=dt.datetime.now(dt.UTC))
    wrong = [finding for finding in findings if finding.remedy]
    lines = [f"WRONG  {each.name}: {each.said}\n       To do: {each.remedy}." for each in wrong]
    say(findings, "\n".join(lines) or f"{len(findings)} checks, all is well", as_json=as_json)
    if problems:
        raise click.ClickException(f"nobody could be told by {'; '.join(problems)}")


@contextmanager
def counted(figures: Path, logs: tuple[Path, ...], *, now: dt.datetime) -> Iterator[Figures]:
    """The server's figures, or those of the logs that are named."""
    from deploy.watch import reading
    from deploy.watch.audio import Minutes
    from deploy.watch.figures import opened

    if not logs and not figures.is_file():
        raise click.ClickException(
            f"{figures} is not there: longwave-watch.timer counts on a server. To count a log: --log access.json"
        )
    try:
        with opened(":memory:" if logs else figures, read_only=not logs) as found:
            minutes = Minutes(pool=WWW / "pool", episodes=WWW / "current/public/episodes.json")
            for log in logs:
                reading.read(found, log, now=now + dt.timedelta(days=2), least_bytes=minutes.least_bytes)
            yield found
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"{', '.join(map(str, logs)) or figures}: {error}") from error


def say(found: Any, text: str, *, as_json: bool) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode() if as_json else text)
