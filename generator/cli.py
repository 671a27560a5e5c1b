"""The command line: the `longwave` group, and the commands that make and publish a site. Says what was done; decides nothing."""

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from generator.cli_options import AFTER_SWITCH, AS_JSON, CONTENT, OUTPUT, THEME, URL, WWW, Moment, told
from generator.errors import ContentError

COMMANDS = "longwave.commands"

# Each command imports what it runs when it runs: `longwave build` must not wait for what only `longwave new` needs.


class Group(click.Group):
    """Commands are found by the entry-point group `longwave.commands`, and loaded when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        from importlib.metadata import entry_points

        return sorted({point.name for point in entry_points(group=COMMANDS)} | set(super().list_commands(context)))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if own := super().get_command(context, name):
            return own
        from importlib.metadata import distribution, entry_points

        own_points = distribution("longwave").entry_points.select(group=COMMANDS, name=name)  # quicker than asking all
        found = list(own_points or entry_points(group=COMMANDS, name=name))
        command: click.Command | None = found[0].load() if found else None
        return command


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="longwave")
def main() -> None:
    """Everything a podcast-and-courses business needs, run on one server that its owner controls."""
    os.umask(0o022)  # nginx's workers read what is published


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
    from generator.commands.moments import aware

    if drafts and output is None:
        raise click.UsageError("--drafts needs an --output of its own, so that no draft can get into the public one.")
    with progress() as shown:
        report = building.build(
            content,
            output or Path("output"),
            theme=theme,
            url=url,
            drafts=drafts,
            at=aware(at, content),
            jobs=jobs,
            progress=shown,
            last=True,
        )
    click.echo(as_text(report, as_json=as_json))


@main.command()
@CONTENT
@OUTPUT
@click.option("--at", type=Moment(), help="Check as of this time instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
@told
def check(content: Path, output: Path | None, at: dt.datetime | None, as_json: bool) -> None:
    """Validate everything and print every problem as FILE:LINE: PROBLEM. REMEDY.

    Example: longwave check --content content
    """
    from generator.commands.check import check as checked
    from generator.commands.moments import aware

    try:
        with progress() as shown:
            report = checked(content, output or Path("output"), at=aware(at, content), progress=shown)
    except ContentError as error:
        if not as_json:
            raise
        click.echo(as_text(error.problems, as_json=True))
        sys.exit(1)
    for advice in report.advice:
        click.echo(f"advice: {advice}", err=True)
    click.echo("[]" if as_json else f"{report.sources} sources, {report.outputs} outputs, no problems")


@main.command()
@click.argument("path")
@OUTPUT
@AS_JSON
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
@AFTER_SWITCH
@told
def publish(
    content: Path, output: Path | None, theme: Path, url: str | None, www: Path, after_switch: str | None
) -> None:
    """Check, build, verify, then switch one symbolic link: readers see the whole old site or the whole new one.

    Example: longwave publish --to /srv/www --after-switch "systemctl reload nginx"
    """
    from generator.commands import publish as publishing

    with progress() as shown:
        published = publishing.publish(
            content, output or Path("output"), www, theme=theme, url=url, after_switch=after_switch, progress=shown
        )
    click.echo(published.report)
    click.echo(f"release {published.id} is current in {www}")


@main.command()
@CONTENT
@OUTPUT
@THEME
@URL
@AS_JSON
@told
def prepare(content: Path, output: Path | None, theme: Path, url: str | None, as_json: bool) -> None:
    """Check, build and verify as publish does, and make no release: what is built can be sent to a server.

    Example: longwave prepare && longwave send
    """
    from generator.commands import publish as publishing

    with progress() as shown:
        prepared = publishing.prepare(content, output or Path("output"), theme=theme, url=url, progress=shown)
    click.echo(as_text(prepared, as_json=as_json))


@main.command()
@OUTPUT
@WWW
@click.option("--keep", type=click.IntRange(min=1), default=5, show_default=True, help="How many releases stay.")
@click.option("--spare", multiple=True, metavar="ID", help="A release that stays, too.")
@AS_JSON
@told
def release(output: Path | None, www: Path, keep: int, spare: tuple[str, ...], as_json: bool) -> None:
    """Make a release of an output that `longwave prepare` has finished. Nobody sees it before `longwave rollback ID`.

    Example: longwave release --output /srv/build/output --to /srv/www
    """
    from generator.commands import publish as publishing

    made = publishing.release(output or Path("output"), www, keep=keep, spare=spare)
    click.echo(as_text(made if as_json else made.id, as_json=as_json))


@main.command()
@click.argument("id", required=False)
@WWW
@AFTER_SWITCH
@told
def rollback(id: str | None, www: Path, after_switch: str | None) -> None:
    """Switch back to the release before, or to the one named.

    Example: longwave rollback --to /srv/www
    """
    from generator.commands import publish as publishing

    click.echo(f"release {publishing.rollback(www, id, after_switch=after_switch)} is current in {www}")


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


def program() -> None:
    """The `longwave` program. It ends with its last word: taking Python down would free all it has read, value by value."""
    code = 0
    try:
        main(prog_name="longwave")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    program()
