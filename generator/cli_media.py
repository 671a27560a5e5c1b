"""The commands `longwave media …`. Says what was recorded and sent; knows nothing of audio and locks."""

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


@media.command()
@CONTENT
@PRIVATE
@click.option(
    "--to", "target", required=True, envvar="LONGWAVE_MEDIA_TO", metavar="TARGET", help="Or LONGWAVE_MEDIA_TO."
)
@click.option("--paid", is_flag=True, help="To an object storage: lectures' videos instead of what is public.")
@click.option(
    "--region", default="", envvar="LONGWAVE_MEDIA_REGION", help="Of a bucket of S3; or LONGWAVE_MEDIA_REGION."
)
@click.option(
    "--access-key", default="", envvar="LONGWAVE_MEDIA_ACCESS_KEY", help="Of a bucket; or LONGWAVE_MEDIA_ACCESS_KEY."
)
@click.option(
    "--secret",
    "secret_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file that holds a bucket's secret key, or a storage zone's password.",
)
@told
def push(content: Path, private: Path, target: str, **storage: Any) -> None:
    """Send the files of content/media.lock to where they are served; what is there already is not sent.

    TARGET is USER@HOST for a server (without USER: longwave-site), or https://… for a folder of an object storage. A push that
    breaks off goes on where it was when it is run again; nothing is seen before all its bytes are right.

    Example: longwave media push --to nightshift.example
    """
    from generator.commands.media_push import push as pushed

    with _store(target, **storage) as store:
        click.echo(pushed(content, store, private=private, watch=_watch))


@contextmanager
def _store(target: str, *, paid: bool, region: str, access_key: str, secret_file: Path | None) -> Iterator[Any]:
    from generator.commands.media_push import refuse_target

    if target.startswith("https://") or target.startswith("http://127.0.0.1:"):
        from generator.commands.media_push_https import Access, Storage

        if secret_file is None:
            raise click.UsageError("an object storage wants --secret FILE.")
        access = Access(secret_file.read_text(encoding="utf-8").strip(), access_key, region)
        yield Storage(target, access, place="private" if paid else "public", clock=lambda: dt.datetime.now(dt.UTC))
        return
    if "/" in target or target.startswith("-") or not target:
        raise refuse_target(target)
    from contextlib import closing

    from generator.commands.media_push_ssh import Server

    with closing(Server(target)) as server:
        yield server


def _watch(wanted: Any) -> Callable[[int], None]:
    """A bar for each file on a terminal, a line elsewhere."""
    if not sys.stderr.isatty():
        click.echo(f"{wanted.told}: {wanted.bytes:,} bytes", err=True)
        return lambda _: None
    bar = click.progressbar(length=wanted.bytes, label=wanted.told, file=sys.stderr)

    def sent(count: int) -> None:
        bar.update(count)
        if bar.finished:
            bar.render_finish()

    return sent
