"""`longwave doctor`: looks at all that everything stands on and ends with what to do next. Knows nothing of what is looked at.

What other packages want looked at they name in the entry-point group `longwave.checks`.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from api.usecases.diagnosis import Check

CHECKS = "longwave.checks"


@click.command()
@click.option(
    "--server",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Look at DNS for the server of this server.toml.  [default: this machine, else server.toml beside content/]",
)
@click.option("--dns", metavar="ADDRESS", default="", help="Ask this name server (ADDRESS#PORT) and not the usual one.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def doctor(*, server: Path | None, dns: str, as_json: bool) -> None:
    """Say whether everything the shop stands on is well, and what to do next. Changes nothing.

    On a server it looks at the machine too: units, firewall, certificate, time, backups; and wherever there is a server.toml at
    DNS and the records that mail needs (SPF, DKIM, DMARC). Exit code 1 when something is to be done. The service's settings come
    from the environment; on a server: longwave-service doctor

    Example: longwave doctor
    """
    import msgspec

    further = _further(server, dns)
    checks = [*_of_the_shop(is_alone=not further), *further]
    remedies = [check for check in checks if check.remedy]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checks)).decode())
    else:
        for check in checks:
            click.echo(f"{'TO DO' if check.remedy else 'ok   '}  {check.name}: {check.found}")
        click.echo()
        for number, check in enumerate(remedies, 1):
            click.echo(f"{number}. {check.name}: {check.remedy}.")
        if not remedies:
            click.echo("All is well; there is nothing to do.")
    sys.exit(1 if remedies else 0)


def _of_the_shop(*, is_alone: bool) -> "list[Check]":
    """When it cannot be looked at that is a refusal, or one thing to do among others."""
    import asyncio

    from api.cli_admin import opened
    from api.usecases import diagnosis
    from api.usecases.diagnosis import Check

    try:
        with opened() as service:
            return asyncio.run(diagnosis.examine(service))
    except click.ClickException as refused:
        if is_alone:
            raise
        if not any(name.startswith("LONGWAVE_") for name in os.environ):
            return [Check(name="shop", found="not looked at from here; longwave-service doctor does, on a server")]
        return [Check(name="shop", found=refused.message, remedy="Mend the settings that are named here")]


def _further(server: Path | None, dns: str) -> "list[Check]":
    from importlib.metadata import entry_points

    from api.usecases.diagnosis import Check

    checks = []
    for point in sorted(entry_points(group=CHECKS)):
        try:
            found = point.load()(server, dns)
        except Exception as error:  # one that breaks must not hide the others
            found = [(point.name, str(error), "Mend what is said here")]
        checks += [Check(name=name, found=said, remedy=remedy) for name, said, remedy in found]
    return checks
