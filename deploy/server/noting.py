"""Brings what a publish wrote down for ever, guids and ids, into the repository: branch `published` is main with these locks.

Editors take it over with `git pull server published`; nobody has to, for every publish lays the locks over what is pushed.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from deploy.errors import DeployError
from deploy.server import content_places as places
from deploy.server import locks

AUTHOR = {
    "GIT_AUTHOR_NAME": "Longwave",
    "GIT_AUTHOR_EMAIL": "longwave@localhost",
    "GIT_COMMITTER_NAME": "Longwave",
    "GIT_COMMITTER_EMAIL": "longwave@localhost",
}
SUBJECT = "Write down what was published"


def note(accepted: Path = places.ACCEPTED) -> bool:
    """Moves `published` to main with the locks. True when these say more than main does."""
    main = _git("rev-parse", "--verify", f"{places.BRANCH}^{{commit}}")
    tree = _tree_with_locks(main, accepted)
    if tree == _git("rev-parse", f"{main}^{{tree}}"):
        _git("update-ref", places.PUBLISHED, main)
        return False
    before = _git("rev-parse", "--verify", "--quiet", f"{places.PUBLISHED}^{{commit}}", check=False)
    if before and tree == _git("rev-parse", f"{before}^{{tree}}"):
        return True
    parents = [word for parent in (main, before) if parent for word in ("-p", parent)]
    _git("update-ref", places.PUBLISHED, _git("commit-tree", tree, *parents, "-m", SUBJECT))
    return True


def _tree_with_locks(main: str, accepted: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        _git("read-tree", main, env=index)
        for name in locks.NAMES:
            if (accepted / name).is_file():
                blob = _git("hash-object", "-w", "--no-filters", str(accepted / name))
                _git("update-index", "--add", "--cacheinfo", f"100644,{blob},content/{name}", env=index)
        return _git("write-tree", env=index)


def _git(*words: str, check: bool = True, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", *words],
        env={**os.environ, **AUTHOR, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and check:
        raise DeployError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip() if not done.returncode else ""
