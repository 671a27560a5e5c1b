"""How content comes in on a server: the part of `longwave server` that hooks, units, SSH keys and the deployer call.

Knows options and messages, nothing of what they do.
"""

import datetime as dt
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from deploy.errors import DeployError

FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command(hidden=True)
@click.option("--who", required=True)
@click.option("--artefacts", is_flag=True)
def shell(*, who: str, artefacts: bool) -> None:
    """Become what an SSH key asks for. In authorized_keys only.

    Example: SSH_ORIGINAL_COMMAND="git-upload-pack site.git" longwave server shell --who anna
    """
    from deploy.server import shell as asked
    from deploy.server import site_settings

    line, most = os.environ.get("SSH_ORIGINAL_COMMAND", ""), site_settings.read().push_mb
    words = _done(lambda: asked.words(line, artefacts=artefacts, push_mb=most))
    os.execvpe(words[0], words, asked.environment(who))  # noqa: S606


@click.command(hidden=True)
def receive() -> None:
    """Publish a push, or refuse it: the repository's pre-receive hook.

    Example: echo "OLD NEW refs/heads/main" | longwave server receive
    """
    from deploy.server import receive as receiving

    try:
        receiving.receive(sys.stdin, who=receiving.current_editor(), say=_tell)
    except receiving.Refused as refused:
        for line in refused.lines:
            _tell(line)
        sys.exit(1)
    except DeployError as error:
        _tell(str(error))
        sys.exit(1)


@click.command(hidden=True)
def note() -> None:
    """Write guids and ids into the branch `published`: the repository's post-receive hook.

    Example: longwave server note
    """
    from deploy.server import noting

    if _done(noting.note):
        _tell("new ids were written down in content/: git pull server published takes them over")


@click.command(hidden=True)
@click.argument("commit")
def tree(*, commit: str) -> None:
    """Write content/ and theme/ of a commit of the repository as a tar.

    Example: longwave server tree HEAD > site.tar
    """
    from deploy.server import pushed_tree

    _done(lambda: pushed_tree.write_tar(pushed_tree.entries(commit), sys.stdout.buffer))


@click.command("take-media", hidden=True)
def take_media() -> None:
    """Take what `longwave media push` sends.

    Example: ssh longwave-site@HOST longwave-media
    """
    from deploy.server import content_places
    from deploy.server.media_store import Store

    store = Store(content_places.MEDIA, content_places.VIDEOS, content_places.POOL / "media")
    _done(lambda: store.take(sys.stdin.buffer, sys.stdout.buffer))


@click.command("take-artefact", hidden=True)
def take_artefact() -> None:
    """Take a finished output as a tar and publish it.

    Example: ssh longwave-site@HOST longwave-artefact < output.tar
    """
    from deploy.server import artefacts
    from deploy.server.receive import current_editor

    if not _done(lambda: artefacts.take(sys.stdin.buffer, who=current_editor(), now=_now(), say=_tell)):
        _tell("Nothing was published. The site is as it was.")
        sys.exit(1)


@click.command(hidden=True)
@click.argument("kind", type=click.Choice(["source", "artefact"]))
@click.option("--url", default="")
def build(*, kind: str, url: str) -> None:
    """Build what comes in as a tar. In the builder's sandbox only.

    Example: longwave server build source < site.tar
    """
    from deploy.server import building

    stream = sys.stdin.buffer
    made = building.build_source if kind == "source" else building.build_artefact
    try:
        sys.exit(made(stream, url=url))
    except DeployError as error:  # these are an editor's lines
        _tell(str(error))
        sys.exit(1)


@click.command("publish", hidden=True)
def publish_asked() -> None:
    """Publish what comes in on the socket of longwave-publish.socket.

    Example: systemctl status longwave-publish.socket
    """
    from deploy.server import answering

    with os.fdopen(os.dup(0), "rb", buffering=0) as source, os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        answering.answer(source, answers, clock=_now)


@click.command()
@click.option("--environment", type=FOLDER, required=True, help="The environment to build with.")
@click.option("--configuration", type=FOLDER, help="The configuration to build for.")
@click.option("--project-is", "tree", default="", metavar="TREE", help="The project that came in last; none comes now.")
@click.option("--by", default="root", metavar="WHO", help="Who does it, for the log.")
def seed(*, environment: Path, configuration: Path | None, tree: str, by: str) -> None:
    """Take the project's content from a git bundle when there is none yet, and build the site with an environment.

    What editors have pushed is never touched: it is built anew. Prints the site as JSON, to be activated.

    Example: git bundle create - HEAD | ssh root@HOST longwave server seed --environment /opt/longwave/environments/HASH
    """
    from deploy.server import content_places, seeding

    place = configuration or content_places.CURRENT_CONFIGURATION
    _print(_done(lambda: seeding.seed(sys.stdin.buffer, environment, place, who=by, say=_tell, tree=tree)))


@click.command()
@click.option("--by", default="root", metavar="WHO", help="Who does it, for the log.")
def rebuild(*, by: str) -> None:
    """Build what was published last again, as of now, and switch to it.

    Example: longwave server rebuild
    """
    from deploy.server import seeding

    commit = _done(seeding.accepted_commit)
    if not commit:
        raise click.ClickException("there is nothing to build here: what is published was built elsewhere and sent")
    _print(_done(lambda: seeding.rebuild(commit, who=by, say=_tell)))


@click.command(hidden=True)
def scheduled() -> None:
    """Build the site when something is due, or wait for the moment when it is.

    Example: systemctl start longwave-scheduled
    """
    from deploy.server import schedule, seeding

    def again() -> None:
        if commit := seeding.accepted_commit():
            seeding.rebuild(commit, who="clock", say=_tell)

    _done(lambda: schedule.run(again, now=_now()))


@click.command(hidden=True)
def websub() -> None:
    """Tell WebSub hubs of feeds that have changed, until they have heard.

    Example: systemctl status longwave-websub
    """
    from deploy.server import content_places
    from deploy.server import websub as telling

    telling.tell_all(content_places.WEBSUB, content_places.CURRENT_SITE / "public", say=_tell)


COMMANDS = (
    *(shell, receive, note, tree, take_media, take_artefact, build, publish_asked),
    *(seed, rebuild, scheduled, websub),
)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _done(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (DeployError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _print(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.encode(value).decode())
