"""What a deploy does about content: the first brings it, every later one builds what was accepted anew with its own generator.

Whatever editors have pushed since is never touched. Outside of content/ and theme/ a push may then look as the project deployed.
"""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from deploy.errors import DeployError
from deploy.server import content_places as places
from deploy.server import publishing, site_repository, states
from deploy.server.publishing import Published
from deploy.server.wire import Request

BUNDLE_BYTES_MAX = 4_000_000_000


def seed(
    bundle: IO[bytes],
    environment: Path,
    configuration: Path,
    *,
    who: str,
    say: Callable[[str], None],
    tree: str = "",
) -> Published:
    """Takes a git bundle of the project and builds a site with `environment`, for the caller to switch to.

    `tree` names a project that came in before and is the same still; no bundle comes then.
    """
    installed = _known(tree) if tree else _take(bundle)
    if not site_repository.commit_of(places.BRANCH):
        site_repository.git("update-ref", places.BRANCH, installed)
    kept = publishing.accepted()
    if kept.get("kind") == "artefact":
        return Published(publishing.current_site(), None, False, 0.0)
    commit = kept.get("what") or site_repository.commit_of(places.BRANCH)
    if _is_as_it_would_be(commit, environment):
        return Published(publishing.current_site(), states.due(), False, 0.0)
    return rebuild(commit, who=who, say=say, environment=environment, configuration=configuration)


def rebuild(
    commit: str,
    *,
    who: str,
    say: Callable[[str], None],
    environment: Path | None = None,
    configuration: Path | None = None,
) -> Published:
    """Builds a commit of the repository; without an `environment` by the installed release, and switches to it."""
    site_repository.wait_for(commit)
    program = publishing.program(environment or places.CURRENT_ENVIRONMENT)
    request = Request(kind="again", who=who, what=commit)
    with site_repository.tree(commit, program) as stream:
        published = publishing.publish(
            request,
            stream,
            say=say,
            environment=environment,
            configuration=configuration or places.CURRENT_CONFIGURATION,
        )
    site_repository.note(program, say=say)
    return published


def accepted_commit() -> str:
    """What a publish by the clock builds: '' when there is nothing, or when it is made elsewhere and sent."""
    kept = publishing.accepted()
    if kept.get("kind") == "artefact":
        return ""
    return str(kept.get("what") or site_repository.commit_of(places.BRANCH))


def _known(tree: str) -> str:
    if site_repository.git("rev-parse", "--verify", "--quiet", f"{places.INSTALLED}^{{tree}}", check=False) != tree:
        raise DeployError(f"the project {tree} is not the one that came in last: send a git bundle of it")
    return site_repository.commit_of(places.INSTALLED)


def _take(bundle: IO[bytes]) -> str:
    """The bundle's HEAD as what is installed. Its file lies where the repository's user can read it; root's /tmp may be closed."""
    with tempfile.NamedTemporaryFile(dir=places.ACCEPTED, prefix="bundle-") as file:
        shutil.copyfileobj(bundle, file)
        file.flush()
        if not file.tell():
            raise DeployError("no project came in: send a git bundle of it")
        os.fchmod(file.fileno(), 0o644)
        site_repository.git("fetch", "--quiet", "--no-tags", file.name, f"+HEAD:{places.INSTALLED}")
    return site_repository.commit_of(places.INSTALLED)


def _is_as_it_would_be(commit: str, environment: Path) -> bool:
    due = states.due()
    is_due = due is not None and due <= dt.datetime.now(dt.UTC)
    current = places.CURRENT_ENVIRONMENT.resolve() if places.CURRENT_ENVIRONMENT.exists() else None
    same = publishing.accepted().get("what") == commit and current == environment.resolve()
    return bool(same and not is_due and publishing.current_site())
