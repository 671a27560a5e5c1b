"""The commands of this package: `longwave serve`. Knows options and messages, nothing of serving."""

import re
from pathlib import Path

import click

from deploy.errors import DeployError

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")
OWN_THEME = Path(__file__).resolve().parent.parent / "theme"  # in a checkout


def origin(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """`value` without a slash at its end. Raises BadParameter when it is more than a site's name."""
    url = value and value.removesuffix("/")
    if url is not None and not ORIGIN.fullmatch(url):
        raise click.BadParameter(
            f"'{value}' is no origin. Write it like https://name.example, with nothing after the name."
        )
    return url


def usual_theme() -> Path:
    """The project's theme; where it has none, the one that came with Longwave."""
    own = Path("theme")
    return OWN_THEME if not own.exists() and OWN_THEME.is_dir() else own


@click.command()
@click.option("--reload", is_flag=True, help="Build again whenever content or theme changes.")
@click.option(
    "--nginx", is_flag=True, help="Serve with the production nginx configuration instead of the embedded server."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--url", callback=origin, metavar="ORIGIN", help="What the site calls itself; the default is http://localhost:PORT."
)
@click.option("--content", type=click.Path(path_type=Path, file_okay=False), default=Path("content"), show_default=True)
@click.option(
    "--theme",
    type=click.Path(path_type=Path, file_okay=False),
    default=usual_theme,
    help="Templates and static files.  [default: theme, or our own]",
)
def serve(*, reload: bool, nginx: bool, port: int, url: str | None, content: Path, theme: Path) -> None:
    """Build the site and serve it on this machine, with the same answers as nginx gives in production.

    Checkout and accounts run beside it, against a stand-in for Stripe that needs no keys; data lies in .longwave/data.
    The site is built into .longwave/serve, so output/ stays as it is. End with Ctrl-C.

    Example: longwave serve --reload
    """
    from deploy import local  # Pelican, Starlette and uvicorn take half a second that no other command should pay

    options = local.Options(content=content, theme=theme, port=port, url=url, reload=reload, nginx=nginx)
    try:
        local.serve(options)
    except DeployError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo()
