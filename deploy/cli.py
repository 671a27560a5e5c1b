"""The commands of this package: `longwave serve`. Knows options and messages, nothing of serving."""

from pathlib import Path

import click

from deploy.errors import DeployError


@click.command()
@click.option("--reload", is_flag=True, help="Build again whenever content or theme changes.")
@click.option(
    "--nginx", is_flag=True, help="Serve with the production nginx configuration instead of the embedded server."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--url", help="What the site calls itself; the default is http://localhost:PORT.")
@click.option("--content", type=click.Path(path_type=Path, file_okay=False), default=Path("content"), show_default=True)
@click.option("--theme", type=click.Path(path_type=Path, file_okay=False), default=Path("theme"), show_default=True)
def serve(*, reload: bool, nginx: bool, port: int, url: str | None, content: Path, theme: Path) -> None:
    """Build the site and serve it on this machine, with the same answers as nginx gives in production.

    The site is built into .longwave/serve, so output/ stays as it is. End with Ctrl-C.

    Example: longwave serve --reload
    """
    from deploy import local  # noqa: PLC0415 (Pelican, Starlette and uvicorn take half a second that no other command should pay)

    options = local.Options(
        content=content, theme=theme, port=port, url=url and url.rstrip("/"), reload=reload, nginx=nginx
    )
    try:
        local.serve(options)
    except DeployError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo()
