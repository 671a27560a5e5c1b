"""The commands of this package, for whoever operates the service. Knows options and messages, nothing of what they do."""

import sys

import click

from api.errors import ConfigurationError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the steps and the copy as JSON.")
def migrate(*, as_json: bool) -> None:
    """Bring shop.sqlite and sync.sqlite to the tables of this release; the service does the same when it starts.

    A file in use is copied into LONGWAVE_DATA/snapshots first. Safe to repeat. Settings come from the environment.

    Example: longwave migrate
    """
    import sqlite3

    import msgspec

    from api import settings, times
    from api.store import migrations

    try:
        chosen = settings.from_environment()
        migrated = migrations.migrate_all(chosen.shop, chosen.sync, now=times.now_utc())
    except (ConfigurationError, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        by_name = {path.name: each for path, each in zip((chosen.shop, chosen.sync), migrated, strict=True)}
        click.echo(msgspec.json.format(msgspec.json.encode(by_name, enc_hook=str)).decode())
        sys.exit()
    for path, each in zip((chosen.shop, chosen.sync), migrated, strict=True):
        if each.snapshot:
            click.echo(f"copied {path} to {each.snapshot}")
        applied = (f"applied {name} to {path}" for name in each.applied)
        click.echo("\n".join(applied) or f"{path} is up to date")
