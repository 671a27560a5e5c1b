"""The operator's project as a git bundle, for a server's repository; also of a folder that is in no repository. Knows no server."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.errors import DeployError

EDITORS = ("content", "theme")
AUTHOR = ("-c", "user.name=Longwave", "-c", "user.email=longwave@localhost")


def bundle(project: Path) -> bytes:
    """What is committed in `project`; of a folder without commits its content/ and theme/, as one commit.

    Raises DeployError when there is no content.
    """
    if not (project / "content").is_dir():
        raise DeployError(
            f"{project} has no content/. Run this in the folder of your project, or make one: longwave new show"
        )
    if _git(project, "rev-parse", "--verify", "--quiet", "HEAD") and _is_top(project):
        return _bundle(project)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in EDITORS:
            if (project / name).is_dir():
                shutil.copytree(project / name, copy / name)
        for words in (("init", "--quiet"), ("add", "--force", "."), (*AUTHOR, "commit", "--quiet", "-m", "Begin")):
            _git(copy, *words)
        return _bundle(copy)


def _is_top(project: Path) -> bool:
    """In a larger repository the project is a folder among others: the server's has it at the top."""
    return Path(_git(project, "rev-parse", "--show-toplevel").decode().strip()).resolve() == project.resolve()


def _bundle(project: Path) -> bytes:
    made = _git(project, "bundle", "create", "--quiet", "-", "HEAD")
    if not made:
        raise DeployError(f"{project} has no commit that could be sent. Commit content/ and theme/ first")
    return made


def _git(folder: Path, *words: str) -> bytes:
    """What git says; nothing when it fails."""
    try:
        done = subprocess.run(["git", "-C", folder, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        raise DeployError("git is not installed here. Install it: apt install git") from None
    return b"" if done.returncode else done.stdout
