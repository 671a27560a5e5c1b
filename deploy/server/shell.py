"""All that an SSH key of an editor, or of a CI job, can have done here: a few commands by name. Nothing is given to a shell.

`authorized_keys` gives every key this as its one command; what was asked for stands in SSH_ORIGINAL_COMMAND.
"""

import os
import shlex

from deploy.errors import DeployError
from deploy.server import content_places as places

GIT = {"git-receive-pack": "receive-pack", "git-upload-pack": "upload-pack"}
NAMES = {"site.git", "/site.git", "~/site.git", str(places.REPOSITORY)}
MEGABYTE = 1_000_000
SETTINGS = {
    "core.hooksPath": str(places.HOOKS),
    "receive.fsckObjects": "true",
    "receive.autogc": "false",
    "receive.advertiseAtomic": "true",
    "transfer.hideRefs": "refs/longwave",
    "gc.auto": "0",
    "core.alternateRefsCommand": "true",
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HELP = """\
This key opens no shell. It can:
  git clone {user}@HOST:site.git       get the content that is published
  git push {user}@HOST:site.git main   publish it
  longwave media push --to {user}@HOST send audio and video"""
HELP_ARTEFACT = """\
This key opens no shell. It can:
  longwave send --to {user}@HOST       publish an output that `longwave prepare` has made
  longwave media push --to {user}@HOST send audio and video"""


def words(asked: str, *, artefacts: bool, push_mb: int) -> list[str]:
    """The command to become; one push may bring `push_mb`. Raises DeployError, with what the key can do, for everything else."""
    try:
        name, *arguments = shlex.split(asked) or [""]
    except ValueError:
        name, arguments = "", []
    if name == "longwave-media" and not arguments:
        return [str(places.PROGRAM), "server", "take-media"]
    if artefacts and name == "longwave-artefact" and not arguments:
        return [str(places.PROGRAM), "server", "take-artefact"]
    if not artefacts and name in GIT and len(arguments) == 1 and arguments[0] in NAMES:
        limit = ("receive.maxInputSize", str(push_mb * MEGABYTE))
        settings = [word for pair in (*SETTINGS.items(), limit) for word in ("-c", "=".join(pair))]
        return ["git", *settings, GIT[name], str(places.REPOSITORY)]
    raise DeployError((HELP_ARTEFACT if artefacts else HELP).format(user=places.SITE_USER))


def environment(who: str) -> dict[str, str]:
    """All that the command may know: nothing that a client could have sent."""
    return {
        "PATH": PATH,
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "LONGWAVE_WHO": who,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def authorized_key(key: str, *, who: str, artefacts: bool = False) -> str:
    """A line of authorized_keys. `who` is plain letters, digits, '.', '_', '-' or '@'; facts.py has seen to it."""
    allowed = " --artefacts" if artefacts else ""
    return f'restrict,command="{places.PROGRAM} server shell --who {who}{allowed}" {key}\n'
