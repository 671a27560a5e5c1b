"""`longwave server certificate`: what is served, and another one. Knows options and messages, nothing of what they do."""

import datetime as dt
from pathlib import Path

import click

from deploy.errors import DeployError


@click.command()
@click.option(
    "--again", is_flag=True, help="Get a new certificate with a new key now, whatever the age of the old one."
)
@click.option(
    "--configuration",
    type=click.Path(path_type=Path),
    default=Path("/opt/longwave/current/configuration"),
    show_default=True,
    help="The folder whose certificate.json says what is wanted.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def certificate(*, again: bool, configuration: Path, as_json: bool) -> None:
    """Serve the newest certificate there is, one of the server's own until a real one has come, and say which. Run it as root.

    Example: longwave server certificate --again
    """
    from deploy.server import renewing

    try:
        outcome = renewing.renew_and_serve(configuration, again=again, clock=lambda: dt.datetime.now(dt.UTC))
    except (DeployError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(outcome).decode())
        return
    kind = "signed by the server itself" if outcome.is_self_signed else "of an authority"
    click.echo(f"{', '.join(outcome.names)}: {kind}, valid until {outcome.not_after:%Y-%m-%d}")
    if outcome.problem:
        click.echo(outcome.problem, err=True)
