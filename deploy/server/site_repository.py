"""The repository that editors push to, seen by root: everything in it is done as its own user, by git alone."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from deploy.errors import DeployError
from deploy.server import content_places as places
from deploy.server.shell import environment

MIGRATION_SECONDS = 10
"""A push is published a moment before git takes its commit over into the repository."""


def git(*words: str, check: bool = True, stdin: IO[bytes] | None = None) -> str:
    """What git says, as the repository's user. Raises DeployError when it fails and is to be checked."""
    done = subprocess.run(
        ["git", *words],
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **_as_its_user(),
    )
    if check and done.returncode:
        raise DeployError(f"git {words[0]} in {places.REPOSITORY}: {done.stderr.strip()}")
    return done.stdout.strip() if not done.returncode else ""


def commit_of(name: str) -> str:
    """'' when there is none."""
    return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False)


def wait_for(commit: str) -> None:
    end = time.monotonic() + MIGRATION_SECONDS
    while not commit_of(commit):
        if time.monotonic() > end:
            raise DeployError(f"{places.REPOSITORY} has no commit {commit}. Push the content again")
        time.sleep(0.2)


@contextmanager
def tree(commit: str, program: list[str]) -> Iterator[IO[bytes]]:
    """A tar of content/ and theme/ as of `commit`, from `longwave server tree`; raises DeployError when it was cut short."""
    with subprocess.Popen([*program, "server", "tree", commit], stdout=subprocess.PIPE, **_as_its_user()) as process:
        if process.stdout is not None:
            yield process.stdout
            process.stdout.close()
        if process.wait():
            raise DeployError(f"commit {commit} cannot be read from {places.REPOSITORY}")


def note(program: list[str], *, say: Callable[[str], None]) -> None:
    """`longwave server note` as the repository's user; a failure is told, and stops nothing."""
    done = subprocess.run(
        [*program, "server", "note"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        **_as_its_user(),
    )
    if done.returncode:
        say(done.stderr.strip())


def _as_its_user() -> dict[str, Any]:
    is_root = os.geteuid() == 0
    who: dict[str, Any] = {"user": places.SITE_USER, "group": places.SITE_USER, "extra_groups": []} if is_root else {}
    return {**who, "cwd": str(places.REPOSITORY), "env": environment("root")}
