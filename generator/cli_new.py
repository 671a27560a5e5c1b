"""The commands `longwave new …`. Says what was written; what a valid file holds is generator/commands/new.py's to know."""

from pathlib import Path

import click

from generator.cli_options import CONTENT, FOLDER, told


@click.group()
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
    """Write the next episode, as a draft.

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


@new.command()
@click.argument("title")
@CONTENT
@told
def course(title: str, content: Path) -> None:
    """Write a course with a chapter and a lecture, as a draft.

    Example: longwave new course "Transactions in practice"
    """
    from generator.commands import new_course

    click.echo(f"wrote {new_course.course(content, title)}")
