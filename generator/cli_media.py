"""The commands `longwave media …`. Says what was recorded; knows nothing of audio and locks."""

from pathlib import Path

import click

from generator.cli_options import CONTENT, PRIVATE, told


@click.group()
def media() -> None:
    """Record audio and video files."""


@media.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CONTENT
@PRIVATE
@told
def add(files: tuple[Path, ...], content: Path, private: Path) -> None:
    """Record bytes, duration, type and chapters of files in content/media.lock.

    A lecture's video, in the folder of paid files, is checked with ffprobe first: what not every phone plays is refused with the
    ffmpeg command that mends it. Its poster (same name, .jpg) and its captions (.vtt, .de.vtt) are found beside it.

    Example: longwave media add content/media/0042-transactions.mp3 content/videos/transactions/02-wal.mp4
    """
    from generator.commands.media import add as record

    for file in files:
        click.echo(record(file, content, private=private))
