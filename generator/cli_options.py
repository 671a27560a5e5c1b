"""What commands share: the options they take, and how a user's mistake ends. Knows no command, and nothing of what they do."""

import datetime as dt
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from generator.errors import ContentError, LongwaveError

Command = Callable[..., None]
OWN_THEME = Path(__file__).resolve().parent.parent / "theme"  # in a checkout


class Moment(click.ParamType[dt.datetime]):
    """A time; one without an offset stays so: only site.toml knows its zone."""

    name = "time"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> dt.datetime:
        from generator.read.fields import moment

        if moment(value, dt.UTC) is None:
            self.fail(f"'{value}' is no time. Write it like 2026-01-05T06:00:00Z.", parameter, context)
        return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)


class Origin(click.ParamType[str]):
    """What a site may be called, as in site.toml; a slash after it is taken off."""

    name = "origin"

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        from generator.read.show import ORIGIN

        origin = value.removesuffix("/")
        if not ORIGIN.fullmatch(origin):
            self.fail(
                f"'{value}' is no origin. Write it like https://name.example, with nothing after the name.",
                parameter,
                context,
            )
        return origin


def usual_theme() -> Path:
    """The project's theme; where it has none, the one that came with Longwave."""
    own = Path("theme")
    return OWN_THEME if not own.exists() and OWN_THEME.is_dir() else own


FOLDER = click.Path(path_type=Path, file_okay=False)
CONTENT = click.option("--content", type=FOLDER, default=Path("content"), show_default=True, help="What editors write.")
PRIVATE = click.option(
    "--private",
    type=FOLDER,
    default=Path("content/videos"),
    envvar="LONGWAVE_PRIVATE_MEDIA",
    show_default=True,
    help="Where lectures' videos lie; or LONGWAVE_PRIVATE_MEDIA.",
)
OUTPUT = click.option("--output", type=FOLDER, default=None, help="The web root to build.  [default: output]")
THEME = click.option(
    "--theme", type=FOLDER, default=usual_theme, help="Templates and static files.  [default: theme, or our own]"
)
URL = click.option("--url", type=Origin(), metavar="ORIGIN", help="Takes the place of site.url, for a preview.")
WWW = click.option(
    "--to", "www", type=FOLDER, default=Path(".longwave/www"), show_default=True, help="Where releases are kept."
)
AFTER_SWITCH = click.option(
    "--after-switch", metavar="COMMAND", help="Run after the switch, such as 'systemctl reload nginx'."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


def told(command: Command) -> Command:
    """A command whose user's mistakes end in their message and exit code 1, never in a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ContentError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            count = len(error.problems)
            click.echo(f"{count} problem{'' if count == 1 else 's'}. Nothing was published.", err=True)
            sys.exit(1)
        except sqlite3.DatabaseError as error:
            click.echo(f"longwave: what the last build remembers is damaged ({error}). Run `longwave build`.", err=True)
            sys.exit(1)
        except (LongwaveError, OSError) as error:
            click.echo(f"longwave: {error}", err=True)
            sys.exit(1)

    return run
