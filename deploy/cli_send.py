"""`longwave send`: a site that was built elsewhere goes to the server, which judges and publishes it. Knows nothing of sites."""

import sys
from pathlib import Path

import click

from deploy.errors import DeployError


@click.command()
@click.argument("output", type=click.Path(path_type=Path, exists=True), default=Path("output"))
@click.option("--to", "target", required=True, envvar="LONGWAVE_SEND_TO", metavar="HOST", help="Or LONGWAVE_SEND_TO.")
def send(*, output: Path, target: str) -> None:
    """Publish OUTPUT, which `longwave prepare` has made, on a server: a folder, or a tar of it.

    The SSH key must be one of server.toml's `artefacts`. ssh is called as git calls it: GIT_SSH_COMMAND holds.

    Example: longwave prepare && longwave send --to nightshift.example
    """
    from deploy import sending

    try:
        code = sending.send(output, target)
    except DeployError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)
