"""The commands `longwave media …`. Says what was recorded; knows nothing of audio and locks."""

from pathlib import Path

import click

from generator.cli_options import CONTENT, told


@click.group()
def media() -> None:
    """Record audio and video files."""


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
