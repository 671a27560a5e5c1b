"""`longwave backup …` and `longwave restore`: options and messages. Knows nothing of how anything is copied."""

import datetime as dt
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy.errors import DeployError

if TYPE_CHECKING:
    from deploy.backup.restoring import Result
    from deploy.backup.settings import Settings

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
settings_option = click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where backups go.  [default: of the release that is served]",
)
work_option = click.option(
    "--work-in",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where it may write.  [default: /var/lib/longwave-backup]",
)
record_option = click.option("--record", is_flag=True, help="Leave the answer where watching finds it.")
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
@work_option
@record_option
@json_option
def status(*, file: Path | None, work_in: Path | None, record: bool, as_json: bool) -> None:
    """Say what is kept, of when, and whether anything is late. Exit code 1 when it is.

    Example: longwave backup status
    """
    from deploy.backup import looking

    with said_plainly(), recorded("litestream", work_in if record else None) as run:
        found = looking.look(_read(file, work_in), now=_now())
        run.detail, run.ok = " ".join(found.problems or found.sentences()), not found.problems
    _print(found, found.sentences(), as_json=as_json)
    sys.exit(1 if found.problems else 0)


@backup.command()
@settings_option
@work_option
@record_option
@json_option
def rehearse(*, file: Path | None, work_in: Path | None, record: bool, as_json: bool) -> None:
    """Restore everything into a scratch place, compare it with what is here, and say whether it would come back.

    Changes nothing. Exit code 1 when something would not. A timer does this every week.

    Example: longwave backup rehearse
    """
    from deploy.backup import rehearsal

    with said_plainly(), recorded("rehearsal", work_in if record else None) as run:
        settings = _read(file, work_in)
        done = rehearsal.rehearse(settings, scratch=Path(settings.state, "rehearsal"), now=_now())
        run.detail, run.ok = "; ".join(done.problems or done.said), not done.problems
    _print(done, [*done.said, *(f"WRONG: {each}" for each in done.problems), f"{done.seconds} s"], as_json=as_json)
    sys.exit(1 if done.problems else 0)


@backup.command()
@click.argument("host")
@click.option("--name", required=True, help="Of the server: its folder there.")
@click.option(
    "--secrets", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("secrets"), show_default=True
)
@click.option("--port", type=click.IntRange(1, 65535), default=22, show_default=True, help="Of HOST's SSH.")
@json_option
def host(*, host: str, name: str, folder: Path, port: int, as_json: bool) -> None:
    """Make HOST, any Debian machine, a place of backups, and say what to write into server.toml.

    HOST is what you give to ssh, like root@backup.example. The server's key can add and read there, and delete nothing.
    The key and the password are made in the folder of secrets when they are missing: keep a copy of that folder elsewhere.
    Works on the operator's machine; safe to repeat.

    Example: longwave backup host root@backup.example --name signalpath
    """
    from deploy.backup import place

    if not NAME.fullmatch(name):
        raise click.BadParameter("use lower case letters, digits and hyphens", param_hint="--name")
    with said_plainly():
        made_secrets = place.make_secrets(folder)
        made = place.make(host, name=name, folder=folder, port=port)
    said = [f"Made {folder / each}." for each in made_secrets]
    said += ["Write into server.toml:", "[backup]", f'target = "{made.target}"', f'host_key = "{made.host_key}"']
    _print(made, said, as_json=as_json)


@backup.command()
@click.option(
    "--server",
    "facts_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("server.toml"),
    show_default=True,
    help="The server's facts.",
)
def prune(*, facts_path: Path) -> None:
    """Give up nights that nobody would ask for any more: 14 daily, 8 weekly and 24 monthly ones are kept.

    Works on the operator's machine, which needs restic. What it deletes can be put back at the place of backups for 30 days.

    Example: longwave backup prune
    """
    from deploy import facts_file
    from deploy.backup import restic
    from deploy.backup.settings import Settings

    with said_plainly():
        facts = facts_file.read(facts_path)
        if not facts.backup.target:
            raise DeployError(f"{facts_path} names no place of backups: write [backup] target into it")
        work = facts_path.parent / ".longwave/backup"
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        secrets = str(facts_path.parent / facts.secrets)
        settings = Settings(
            target=facts.backup.target, host_key=facts.backup.host_key, secrets=secrets, state=str(work)
        )
        restic.prune(settings)
        newest = restic.newest(settings)
    click.echo(
        f"Pruned {settings.target}; the newest night is of {newest.time:%Y-%m-%d %H:%M} UTC."
        if newest
        else "There is nothing."
    )


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
    from deploy.watch import states

    with said_plainly(), recorded("backup", states.FOLDER.parent) as run:
        run.detail = str(nightly.send(_read(file)))
    click.echo(run.detail)


@click.command()
@settings_option
@click.option(
    "--generation", default="", help="The databases of this machine's life; `longwave backup status` lists them."
)
@click.option("--night", is_flag=True, help="As of the last night, although something newer is there.")
@click.option("--finish", is_flag=True, help="Once the service runs again: let it fetch from Stripe what was lost.")
@json_option
def restore(*, file: Path | None, generation: str, night: bool, finish: bool, as_json: bool) -> None:
    """Bring everything back to a fresh machine: secrets, databases to the last second, videos, audio, the log of deploys.

    Overwrites nothing, and refuses where databases are. `longwave deploy --restore HOST` calls it when it is time.

    Example: longwave restore
    """
    if finish:
        _finish(file, as_json=as_json)
        return
    from deploy.backup import restoring

    with said_plainly():
        done = restoring.restore(_read(file), now=_now(), generation=generation, night=night)
    _print({**_plain(done), "lost_seconds_max": done.lost_seconds_max}, _sentences(done), as_json=as_json)


def _finish(file: Path | None, *, as_json: bool) -> None:
    from deploy.backup import finishing, restoring

    with said_plainly():
        settings = _read(file)
        restored = restoring.last(settings)
        reconciled = finishing.finish(restored, note=Path(settings.state, "reconciled.json"))
    _print({**_plain(restored), **_plain(reconciled)}, finishing.sentences(restored, reconciled), as_json=as_json)


@dataclass
class Run:
    """Of a job, for those who watch it."""

    ok: bool = True
    detail: str = ""


@contextmanager
def recorded(kind: str, place: Path | None) -> Iterator[Run]:
    """The run's end in PLACE/state, whatever it is; nowhere without a place."""
    from deploy.watch import states

    run, began = Run(), time.monotonic()
    try:
        yield run
    except DeployError as error:
        run.ok, run.detail = False, str(error)
        raise
    finally:
        if place:
            seconds = time.monotonic() - began
            states.record(kind, ok=run.ok, now=_now(), seconds=seconds, detail=run.detail, folder=place / "state")


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


def _read(file: Path | None, work_in: Path | None = None) -> "Settings":
    from msgspec.structs import replace

    from deploy.backup import settings

    found = settings.read(file or settings.FILE)
    return replace(found, state=str(work_in)) if work_in else found


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
