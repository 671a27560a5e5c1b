"""The commands of this package, for whoever operates the service. Knows options and messages, nothing of what they do."""

import sys

import click

from api.errors import ConfigurationError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the steps and the copy as JSON.")
def migrate(*, as_json: bool) -> None:
    """Bring shop.sqlite to the tables of this release; the service does the same when it starts.

    A file in use is copied into LONGWAVE_DATA/snapshots first. Safe to repeat. Settings come from the environment.

    Example: longwave migrate
    """
    import sqlite3

    import msgspec

    from api import settings, times
    from api.store import migrations

    try:
        path = settings.from_environment().shop
        migrated = migrations.migrate(path, now=times.now_utc())
    except (ConfigurationError, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(migrated, enc_hook=str)).decode())
        sys.exit()
    if migrated.snapshot:
        click.echo(f"copied {path} to {migrated.snapshot}")
    click.echo("\n".join(f"applied {name}" for name in migrated.applied) or f"{path} is up to date")
