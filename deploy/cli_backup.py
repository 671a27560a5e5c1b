"""`longwave backup …` and `longwave restore`: options and messages. Knows nothing of how anything is copied."""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.errors import DeployError

if TYPE_CHECKING:
    from deploy.backup.restoring import Result
    from deploy.backup.settings import Settings

settings_option = click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where backups go.  [default: /etc/longwave/backup.json]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


@click.group()
def backup() -> None:
    """Keep what this machine alone has on another one: every second, and once more every night.

    Works on the server. `longwave restore` is the way back.

    Example: longwave backup status
    """


@backup.command()
@settings_option
@json_option
def now(*, file: Path | None, as_json: bool) -> None:
    """Make the night's backup now: copies of the databases, and everything that no git brings back.

    Example: longwave backup now
    """
    from deploy.backup import nightly

    with said_plainly():
        settings = _read(file)
        _folder(settings.copies)
        nightly.copy_databases(settings, now=_now())
        night = nightly.send(settings)
    _print(night, [f"Sent to {settings.target}: {night}."], as_json=as_json)


@backup.command()
@settings_option
@json_option
def status(*, file: Path | None, as_json: bool) -> None:
    """Say what is kept, of when, and whether anything is late. Exit code 1 when it is.

    Example: longwave backup status
    """
    from deploy.backup import looking

    with said_plainly():
        found = looking.look(_read(file), now=_now())
    _print(found, found.sentences(), as_json=as_json)
    sys.exit(1 if found.problems else 0)


@backup.command()
@settings_option
@click.option(
    "--scratch", type=click.Path(path_type=Path, file_okay=False), help="Where it is restored to, for a moment."
)
@json_option
def rehearse(*, file: Path | None, scratch: Path | None, as_json: bool) -> None:
    """Restore everything into a scratch place, compare it with what is here, and say whether it would come back.

    Changes nothing. Exit code 1 when something would not. A timer does this every week.

    Example: longwave backup rehearse
    """
    from deploy.backup import rehearsal

    with said_plainly():
        settings = _read(file)
        done = rehearsal.rehearse(settings, scratch=scratch or Path(settings.state, "rehearsal"), now=_now())
    _print(done, [*done.said, *(f"WRONG: {each}" for each in done.problems), f"{done.seconds} s"], as_json=as_json)
    sys.exit(1 if done.problems else 0)


@backup.command(hidden=True)
@settings_option
def stream(*, file: Path | None) -> None:
    """For longwave-litestream.service: sends every commit away, a second later."""
    from deploy.backup import litestream

    with said_plainly():
        litestream.stream(_read(file), now=_now())


@backup.command(hidden=True)
@settings_option
def copy(*, file: Path | None) -> None:
    """For longwave-backup-copies.service: copies of the databases, as their own user."""
    from deploy.backup import nightly

    with said_plainly():
        nightly.copy_databases(_read(file), now=_now())


@backup.command(hidden=True)
@settings_option
def send(*, file: Path | None) -> None:
    """For longwave-backup.service: sends the night away."""
    from deploy.backup import nightly

    with said_plainly():
        click.echo(str(nightly.send(_read(file))))


@click.command()
@settings_option
@click.option(
    "--generation", default="", help="The databases of this machine's life; `longwave backup status` lists them."
)
@click.option("--night", is_flag=True, help="As of the last night, although something newer is there.")
@json_option
def restore(*, file: Path | None, generation: str, night: bool, as_json: bool) -> None:
    """Bring everything back to a fresh machine: secrets, databases to the last second, videos, audio, the log of deploys.

    Overwrites nothing, and refuses where databases are. `longwave deploy --restore HOST` calls it when it is time.

    Example: longwave restore
    """
    from deploy.backup import restoring

    with said_plainly():
        done = restoring.restore(_read(file), now=_now(), generation=generation, night=night)
    _print({**_plain(done), "lost_seconds_max": done.lost_seconds_max}, _sentences(done), as_json=as_json)


@contextmanager
def said_plainly() -> Iterator[None]:
    try:
        yield
    except DeployError as error:
        raise click.ClickException(str(error)) from error


def _sentences(done: "Result") -> list[str]:
    return [
        *(f"{what} ({seconds} s)" for what, seconds in done.steps),
        f"Restored from {done.source} in {done.seconds} s.",
        f"Everything up to {done.changed:%Y-%m-%d %H:%M:%S} UTC is back, {done.lost_seconds_max} s before this began. What was "
        "changed between that and the end of the old machine is lost. Orders among it that Stripe knows are made anew by: "
        "longwave admin reconcile --daily",
    ]


def _read(file: Path | None) -> "Settings":
    from deploy.backup import settings

    return settings.read(file or settings.FILE)


def _folder(path: str) -> None:
    Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _plain(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value)


def _print(value: Any, sentences: list[str], *, as_json: bool) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode() if as_json else "\n".join(sentences))
