"""`longwave deploy`: knows options and messages, nothing of deploying."""

import re
import sys
from pathlib import Path

import click

from deploy.cli import usual_theme
from deploy.errors import DeployError

HOST = re.compile(
    r"(?:(?P<user>[a-z_][a-z0-9_-]*)@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?"
)


@click.command()
@click.argument("host", required=False)
@click.option("--dry-run", is_flag=True, help="Say every change and make none.")
@click.option(
    "--server",
    "facts_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("server.toml"),
    show_default=True,
    help="The server's facts.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The folder that holds content/.  [default: here]",
)
@click.option(
    "--identity", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A private key, as for ssh -i."
)
@click.option("--why", default="", metavar="TEXT", help="What for, for the server's log.")
@click.option("--restore", is_flag=True, help="Bring back the backup of a lost server onto this new machine.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def deploy(
    *,
    host: str | None,
    dry_run: bool,
    facts_path: Path,
    project: Path,
    identity: Path | None,
    why: str,
    restore: bool,
    as_json: bool,
) -> None:
    """Make HOST, a bare Debian machine that lets you in by SSH, the server of this site; or bring it up to date.

    HOST is [USER@]NAME[:PORT], else what server.toml says. Safe to repeat: what is as it should be is left alone. A release that
    does not prove well from outside is taken back by the server itself.

    Example: longwave deploy --dry-run root@203.0.113.7
    """
    try:
        order = _order(host, facts_path=facts_path, project=project, identity=identity, why=why, restore=restore)
        if dry_run:
            _print_plan(order, as_json=as_json)
        else:
            _deploy(order, as_json=as_json)
    except DeployError as error:
        raise click.ClickException(str(error)) from error


def _order(host: str | None, *, facts_path: Path, project: Path, identity: Path | None, why: str, restore: bool):  # type: ignore[no-untyped-def]
    import getpass
    import socket

    from deploy import deploying, facts_file
    from deploy.remote import Host

    facts = facts_file.read(facts_path)
    named = HOST.fullmatch(host or facts.ssh.host)
    if not named:
        raise click.UsageError("Say which HOST, like root@203.0.113.7, or write it into server.toml as ssh.host.")
    own_theme = project / "theme"
    return deploying.Order(
        host=Host(
            address=named["host"].strip("[]"),
            user=named["user"] or facts.ssh.user,
            port=int(named["port"] or facts.ssh.port),
            known_hosts=facts_path.parent / ".longwave" / "known_hosts",
            host_key=facts.ssh.host_key,
            identity=identity,
        ),
        facts=facts,
        site=facts_file.site(project / "content", facts),
        project=project,
        theme=own_theme if own_theme.is_dir() else usual_theme(),
        beside=facts_path.parent,
        by=f"{getpass.getuser()}@{socket.gethostname()}",
        why=why,
        restore=restore,
    )


def _print_plan(order, *, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    from deploy import deploying

    lines = deploying.plan(order)
    if as_json:
        _print_json({"dry_run": True, "changes": lines})
        return
    click.echo("\n".join(lines) or "nothing would change")
    if lines:
        changes = sum(not line.startswith(" ") for line in lines)
        click.echo(f"\n{changes} changes; nothing was done. Without --dry-run they are made.")


def _deploy(order, *, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    from deploy import deploying

    def say(step: str, seconds: float) -> None:
        click.echo(f"{seconds:7.2f} s  {step}", err=as_json)
        sys.stdout.flush()

    done = deploying.deploy(order, say=say)
    if as_json:
        _print_json({"id": done.id, "changed": list(done.changed), "seconds": round(done.seconds, 2)})
        return
    if not done.changed:
        click.echo(f"nothing changed: {order.site.url} is served by {done.id} ({done.seconds:.1f} s)")
        return
    click.echo(f"{order.site.url} is served by {done.id}: {len(done.changed)} changes in {done.seconds:.1f} s")
    if not order.facts.backup.target:
        click.echo("There are no backups: server.toml names no backup.target.", err=True)


def _print_json(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
