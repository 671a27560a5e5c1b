"""`longwave doctor`: looks at all the shop stands on and ends with what to do next. Knows nothing of what is looked at."""

import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def doctor(*, as_json: bool) -> None:
    """Say whether everything the shop stands on is well, and what to do next. Changes nothing.

    Exit code 1 when something is to be done. Settings come from the environment.

    Example: longwave doctor
    """
    import asyncio

    import msgspec

    from api.cli_admin import opened
    from api.usecases import diagnosis

    with opened() as service:
        checks = asyncio.run(diagnosis.examine(service))
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
