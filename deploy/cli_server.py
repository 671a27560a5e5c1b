"""`longwave server …`: what is done on the server itself. Knows options and messages, nothing of what they do."""

import datetime as dt
import getpass
import os
from collections.abc import Callable
from typing import Any

import click

from deploy.cli_certificate import certificate
from deploy.cli_content import COMMANDS as CONTENT
from deploy.cli_watch import watch
from deploy.errors import DeployError

Decorated = Callable[..., Any]


@click.group()
def server() -> None:
    """Work on this machine, a server that `longwave deploy` has set up.

    Example: longwave server status
    """


def _who() -> str:
    return os.environ.get("SUDO_USER") or getpass.getuser()


by_option = click.option("--by", default=_who, metavar="WHO", help="Who does it, for the log.  [default: your account]")
why_option = click.option("--why", default="", metavar="TEXT", help="What for, for the log.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
confirm_option = click.option(
    "--confirm-within",
    "confirm_seconds",
    type=click.IntRange(0, 600),
    default=45,
    show_default=True,
    metavar="SECONDS",
    help="Go back by itself unless confirmed from outside by then; 0 trusts the server's own look at itself.",
)


@server.command()
@click.option("--environment", default="", metavar="HASH", help="A folder of /opt/longwave/environments.")
@click.option("--configuration", default="", metavar="HASH", help="A folder of /opt/longwave/configurations.")
@click.option("--site", default="", metavar="ID", help="A release of the site, in /srv/longwave/www/releases.")
@click.option(
    "--fresh", is_flag=True, help="Start a new process even when nothing differs, as after a secret was changed."
)
@by_option
@why_option
@confirm_option
@json_option
def activate(*, as_json: bool, **wish: Any) -> None:
    """Serve these parts from now on; what is not named stays as it is.

    Everything is tried first, and taken back when the server is not well afterwards or nobody confirms.

    Example: longwave server activate --site 20300131T060000Z-0a1b2c3d --confirm-within 0
    """
    from deploy.server import activation

    _print_outcome(_done(lambda: activation.activate(activation.Wish(**wish), clock=_now)), as_json=as_json)


@server.command()
@click.argument("id", required=False)
@by_option
@why_option
@confirm_option
@json_option
def rollback(id: str | None, *, as_json: bool, **wish: Any) -> None:
    """Go back to release ID, or to the one before: a new release with the parts of the old one. Databases stay as they are.

    Example: longwave server rollback --confirm-within 0
    """
    from deploy.server import activation

    _print_outcome(_done(lambda: activation.rollback(activation.Wish(**wish), id, clock=_now)), as_json=as_json)


@server.command()
@click.argument("id")
@by_option
@json_option
def confirm(id: str, *, by: str, as_json: bool) -> None:
    """Keep release ID, which was just activated. To be asked from outside, over a new connection.

    Example: longwave server confirm 20300131T060000Z-0a1b2c3d
    """
    from deploy.server import activation

    kept = _done(lambda: activation.confirm(id, by=by, clock=_now))
    click.echo(_json({"id": kept.id}) if as_json else f"kept {kept.id}")


@server.command()
@by_option
def revert(*, by: str) -> None:
    """Take back at once the release that waits to be confirmed.

    Example: longwave server revert
    """
    from deploy.server import going_back

    click.echo(_done(lambda: going_back.revert(by=by, now=_now())))


@server.command()
@json_option
def status(*, as_json: bool) -> None:
    """Say what is served, what it could go back to, and whether all is well. Exits 1 when it is not.

    Example: longwave server status
    """
    from deploy.server import status as found

    said = _done(found.look)
    click.echo(_json(said) if as_json else found.text(said))
    if said.problems:
        raise SystemExit(1)


@server.command()
@click.option("--lines", "-n", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def log(*, lines: int, as_json: bool) -> None:
    """Say who changed this server, when, and how it ended; the newest last.

    Example: longwave server log -n 5
    """
    from deploy.server import audit

    entries = _done(lambda: audit.newest(lines))
    if as_json:
        click.echo(_json(entries))
    for entry in () if as_json else entries:
        facts = (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, entry.what, entry.release, entry.why, entry.result)
        click.echo("  ".join(filter(None, facts)))


@server.command()
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.option("--everything", is_flag=True, help="Pages, feeds and media rest too.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"]), help="When it ends by itself, UTC."
)
@by_option
def maintenance(switch: str, *, everything: bool, until: dt.datetime | None, by: str) -> None:
    """Let accounts and checkout rest: their addresses answer 503 and say when to come again, and nothing touches the databases.

    Example: longwave server maintenance on --until 2030-01-31T06:00Z
    """
    from deploy.server import maintenance as resting

    if switch == "off":
        _done(lambda: resting.end(by=by, now=_now()))
        click.echo("everything is served again")
        return
    over = until.replace(tzinfo=dt.UTC) if until else None
    _done(lambda: resting.begin(by=by, is_everything=everything, until=over, now=_now()))
    click.echo(
        f"{'everything rests' if everything else 'accounts and checkout rest'}{f' until {over:%H:%M} UTC' if over else ''}"
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _done(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except PermissionError as error:
        raise click.ClickException(f"{error.filename} cannot be written: run this as root") from error
    except (DeployError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _json(value: Any) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value)).decode()


def _print_outcome(outcome: Any, *, as_json: bool) -> None:
    if as_json:
        click.echo(_json(outcome))
        return
    if not outcome.steps:
        click.echo(f"nothing changed: {outcome.id} is served")
        return
    for name, seconds in outcome.steps:
        click.echo(f"{seconds:7.2f} s  {name}")
    click.echo(f"serves {outcome.id} ({', '.join(outcome.changed) or 'a new process'})")
    if outcome.confirm_before:
        click.echo(
            f"goes back by itself at {outcome.confirm_before:%H:%M:%S} UTC unless: longwave server confirm {outcome.id}"
        )


for command in (*CONTENT, certificate, watch):
    server.add_command(command)
