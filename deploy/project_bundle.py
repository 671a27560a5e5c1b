"""The operator's project as git sees it, for a server's repository; also of a folder that is in no repository. Knows no server."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from deploy.errors import DeployError

EDITORS = ("content", "theme")
AUTHOR = ("-c", "user.name=Longwave", "-c", "user.email=longwave@localhost", "-c", "commit.gpgSign=false")


class Committed(Struct, frozen=True):
    """`git` are the words that begin a command of git's in its repository."""

    git: tuple[str, ...]

    @property
    def tree(self) -> str:
        """Names all that is in it: the same files have the same name, wherever and whenever they were committed."""
        return _git(self.git, "rev-parse", "--verify", "--quiet", "HEAD^{tree}").decode().strip()

    def bundle(self) -> bytes:
        """Raises DeployError when there is nothing in it."""
        made = _git(self.git, "bundle", "create", "--quiet", "-", "HEAD")
        if not made:
            raise DeployError("the project has no commit that could be sent. Commit content/ and theme/ first")
        return made


@contextmanager
def committed(project: Path) -> Iterator[Committed]:
    """What is committed in `project`; of a folder without commits its content/ and theme/, as one commit that nobody keeps.

    Raises DeployError when there is no content.
    """
    if not (project / "content").is_dir():
        raise DeployError(
            f"{project} has no content/. Run this in the folder of your project, or make one: longwave new show"
        )
    own = Committed(("git", "-C", str(project)))
    if own.tree and _is_top(own, project):
        yield own
        return
    with tempfile.TemporaryDirectory() as folder:
        place = ("--git-dir", folder, "--work-tree", str(project.absolute()))
        made = Committed((*own.git, *place))
        names = [name for name in EDITORS if (project / name).is_dir()]
        for words in (("init", "--quiet"), ("add", "--force", "--", *names)):
            _git(made.git, *words)
        _git((*made.git, *AUTHOR), "commit", "--quiet", "--no-verify", "-m", "Begin")
        yield made


def _is_top(own: Committed, project: Path) -> bool:
    """In a larger repository the project is a folder among others: the server's has it at the top."""
    return Path(_git(own.git, "rev-parse", "--show-toplevel").decode().strip()).resolve() == project.resolve()


def _git(git: tuple[str, ...], *words: str) -> bytes:
    """What git says; nothing when it fails."""
    try:
        done = subprocess.run([*git, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        raise DeployError("git is not installed here. Install it: apt install git") from None
    return b"" if done.returncode else done.stdout
