"""The command line: the `longwave` group, and the commands that make and publish a site. Says what was done; decides nothing."""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from generator.errors import ContentError, LongwaveError

# Each command imports what it runs when it runs: `longwave build` must not wait for what only `longwave new` needs.

Command = Callable[..., None]
FOLDER = click.Path(path_type=Path, file_okay=False)
CONTENT = click.option("--content", type=FOLDER, default=Path("content"), show_default=True, help="What editors write.")
OUTPUT = click.option("--output", type=FOLDER, default=None, help="The web root to build.  [default: output]")
THEME = click.option(
    "--theme", type=FOLDER, default=Path("theme"), show_default=True, help="Templates and static files."
)
URL = click.option("--url", help="Takes the place of site.url, for a preview.")
WWW = click.option(
    "--to", "www", type=FOLDER, default=Path(".longwave/www"), show_default=True, help="Where releases are kept."
)
RELOAD = click.option("--reload", "reload_command", help="Run after the switch, such as 'systemctl reload nginx'.")


class Group(click.Group):
    """Commands are found by the entry-point group `longwave.commands`, and loaded when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(
            {point.name for point in entry_points(group="longwave.commands")} | set(super().list_commands(context))
        )

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if own := super().get_command(context, name):
            return own
        found = list(entry_points(group="longwave.commands", name=name))
        command: click.Command | None = found[0].load() if found else None
        return command


class Moment(click.ParamType[dt.datetime]):
    name = "time"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> dt.datetime:
        if isinstance(value, dt.datetime):
            return value
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no time. Write it like 2026-01-05T06:00:00Z.", parameter, context)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


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
        except (LongwaveError, OSError) as error:
            click.echo(f"longwave: {error}", err=True)
            sys.exit(1)

    return run


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="longwave")
def main() -> None:
    """Everything a podcast-and-courses business needs, run on one server that its owner controls."""


@main.command()
@CONTENT
@OUTPUT
@THEME
@URL
@click.option("--drafts", is_flag=True, help="Also what is not public yet; needs an --output of its own.")
@click.option("--at", type=Moment(), help="Build as of this time instead of now.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes.  [default: one a core]")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@told
def build(
    content: Path,
    output: Path | None,
    theme: Path,
    url: str | None,
    drafts: bool,
    at: dt.datetime | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Turn content into static files; only what changed is rendered and written.

    Example: longwave build --at 2026-12-24T06:00:00Z --output /tmp/preview
    """
    from generator import build as building

    if drafts and output is None:
        raise click.UsageError("--drafts needs an --output of its own, so that no draft can get into the public one.")
    with progress() as shown:
        report = building.build(
            content, output or Path("output"), theme=theme, url=url, drafts=drafts, at=at, jobs=jobs, progress=shown
        )
    click.echo(as_text(report, as_json=as_json))


@main.command()
@CONTENT
@OUTPUT
@click.option("--at", type=Moment(), help="Check as of this time instead of now.")
@told
def check(content: Path, output: Path | None, at: dt.datetime | None) -> None:
    """Validate everything and print every problem as FILE:LINE: PROBLEM. REMEDY.

    Example: longwave check --content content
    """
    from generator.commands.check import check as checked

    with progress() as shown:
        report = checked(content, output or Path("output"), at=at, progress=shown)
    for advice in report.advice:
        click.echo(f"advice: {advice}", err=True)
    click.echo(f"{report.sources} sources, {report.outputs} outputs, no problems")


@main.command()
@click.argument("path")
@OUTPUT
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@told
def explain(path: str, output: Path | None, as_json: bool) -> None:
    """Say which sources, templates and settings made an output, and why it was last rendered.

    Example: longwave explain /episodes/42/what-a-transaction-promises/
    """
    from generator.commands.explain import explain as explained

    click.echo(as_text(explained(path, output or Path("output")), as_json=as_json))


@main.command()
@CONTENT
@OUTPUT
@THEME
@URL
@WWW
@RELOAD
@told
def publish(
    content: Path, output: Path | None, theme: Path, url: str | None, www: Path, reload_command: str | None
) -> None:
    """Check, build, verify, then switch one symbolic link: readers see the whole old site or the whole new one.

    Example: longwave publish --to /srv/www --reload "systemctl reload nginx"
    """
    from generator.commands import publish as publishing

    with progress() as shown:
        published = publishing.publish(
            content, output or Path("output"), www, theme=theme, url=url, reload_command=reload_command, progress=shown
        )
    click.echo(published.report)
    click.echo(f"release {published.id} is current in {www}")


@main.command()
@click.argument("id", required=False)
@WWW
@RELOAD
@told
def rollback(id: str | None, www: Path, reload_command: str | None) -> None:
    """Switch back to the release before, or to the one named.

    Example: longwave rollback --to /srv/www
    """
    from generator.commands import publish as publishing

    click.echo(f"release {publishing.rollback(www, id, reload_command=reload_command)} is current in {www}")


@main.group()
def media() -> None:
    """Record audio and video files, and send them to where they are served."""


@media.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CONTENT
@told
def add(files: tuple[Path, ...], content: Path) -> None:
    """Record bytes, duration, type and chapters of files in content/media.lock.

    Example: longwave media add content/media/0042-transactions.mp3
    """
    from generator.commands.media import add as record

    for file in files:
        click.echo(record(file, content))


@main.group()
def new() -> None:
    """Write a valid starting file."""


@new.command()
@click.argument("folder", type=FOLDER)
@told
def show(folder: Path) -> None:
    """Write a new show: FOLDER/content with its site.toml.

    Example: longwave new show my-podcast
    """
    from generator.commands import new as starting

    click.echo(f"wrote {starting.show(folder)}")


@new.command()
@click.argument("title")
@click.option(
    "--audio", type=click.Path(path_type=Path, dir_okay=False), help="Take length and chapters from this file."
)
@CONTENT
@told
def episode(title: str, audio: Path | None, content: Path) -> None:
    """Write the next episode, as a draft when it has no audio yet.

    Example: longwave new episode "What a transaction promises" --audio ~/0042.mp3
    """
    from generator.commands import new as starting

    click.echo(f"wrote {starting.episode(content, title, audio=audio)}")


@new.command()
@click.argument("name")
@CONTENT
@told
def person(name: str, content: Path) -> None:
    """Write a person's file.

    Example: longwave new person "Grace Example"
    """
    from generator.commands import new as starting

    click.echo(f"wrote {starting.person(content, name)}")


@new.command()
@click.argument("title")
@CONTENT
@told
def post(title: str, content: Path) -> None:
    """Write a post, as a draft.

    Example: longwave new post "Season two begins"
    """
    from generator.commands import new as starting

    click.echo(f"wrote {starting.post(content, title)}")


def as_text(value: Any, *, as_json: bool) -> str:
    if not as_json:
        return str(value)
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value)).decode()


@contextmanager
def progress() -> Iterator[Callable[[Iterator[Any], int], Iterator[Any]] | None]:
    """A bar for long work on a terminal; None elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return

    def shown(results: Iterator[Any], length: int) -> Iterator[Any]:
        with click.progressbar(length=length, file=sys.stderr, update_min_steps=100) as bar:
            for result in results:
                yield result
                bar.update(1)

    yield shown


if __name__ == "__main__":
    main(prog_name="longwave")
