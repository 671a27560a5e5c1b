"""`longwave publish` and `rollback`: a built site is verified, becomes a release, and is switched to at once.

`longwave prepare` and `longwave release` are its halves, for servers on which one user builds and another makes the release.
"""

import datetime as dt
import posixpath
import shlex
import subprocess
from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec import Struct

from generator.build import Report, refresh
from generator.commands import catalog, guids, ids
from generator.errors import BuildError, ContentError, Problem
from generator.project import Options, Progress, Project, healing
from generator.read.inventory import read_config
from generator.render import feed_rules
from generator.render.site_files import REDIRECTS
from generator.write import files, releases

PREPARED = f"{files.MEMORY}/prepared.json"  # goes along when the output is sent elsewhere
SERVICE = ("/api/", "/account/")  # answered by the service, not by a file


class Published(Struct, frozen=True):
    id: str
    report: Report


class Prepared(Struct, frozen=True):
    """A finished output: when it is to be built again, None for never, and its links to media that are not in it."""

    report: Report
    due: dt.datetime | None
    media: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.report)


def publish(
    content: Path,
    output: Path,
    www: Path,
    *,
    theme: Path,
    url: str | None = None,
    after_switch: str | None = None,
    progress: Progress | None = None,
) -> Published:
    """Builds, verifies and switches. Whatever is wrong, raised as ContentError or BuildError, leaves the old site as it was."""
    now = dt.datetime.now(dt.UTC)
    options = Options(content=content, output=output, theme=theme, at=now, url=url, progress=progress)
    with releases.lock(www):
        return healing(options, lambda project: _publish(project, www, now=now, after_switch=after_switch))


def _publish(project: Project, www: Path, *, now: dt.datetime, after_switch: str | None) -> Published:
    report = _finish(project)
    release = releases.create(project.options.output, www, now=now)
    project.remember_published()
    _switch(www, release.id, after_switch)
    return Published(release.id, report)


def prepare(
    content: Path, output: Path, *, theme: Path, url: str | None = None, progress: Progress | None = None
) -> Prepared:
    """All that `publish` does before it makes a release: `output` is then ready to be one."""
    now = dt.datetime.now(dt.UTC)
    options = Options(content=content, output=output, theme=theme, at=now, url=url, progress=progress)
    return healing(options, _prepare)


def _prepare(project: Project) -> Prepared:
    report = _finish(project)
    project.remember_published()
    due = project.ledger.meta("due")
    prepared = Prepared(report, dt.datetime.fromisoformat(due) if due else None, _media_elsewhere(project))
    files.replace_text(project.options.output / PREPARED, msgspec.json.encode(prepared).decode())
    return prepared


def release(output: Path, www: Path, *, keep: int = releases.KEEP, spare: Collection[str] = ()) -> releases.Release:
    """A release of copies of `output`, which nobody sees before `rollback` to it: whoever made `output` cannot change it any more.

    The newest `keep` releases stay, and those to `spare`.
    """
    with releases.lock(www):
        made = releases.create(output, www, now=dt.datetime.now(dt.UTC), shared=False)
        releases.prune(www, keep, spare={made.id, *spare})
        return made


def _finish(project: Project) -> Report:
    report = refresh(project)
    verify(project)
    freeze_guids(project)
    ids.freeze(project.options.content, msgspec.json.decode(project.ledger.meta("ids") or "{}", type=dict[str, str]))
    _refuse_strangers(project)
    return report


def rollback(www: Path, id: str | None = None, *, after_switch: str | None = None) -> str:
    """Switches to release `id`, or to the one that was current before; gives its id."""
    with releases.lock(www):
        if id is None:
            before = releases.previous(www)
            if before is None:
                raise BuildError(f"{www} has no release before the current one. Publish first.")
            id = before.id
        _switch(www, id, after_switch)
    return id


def verify(project: Project) -> None:
    """What was built is whole: every link of ours leads somewhere, the feeds hold to the rules, and what is sold has its page.

    Raises ContentError.
    """
    sold = catalog.problems_of(project.options.output, project.ledger.outputs())
    problems = [*_dead_links(project), *_broken_feeds(project), *sold]
    if problems:
        raise ContentError(problems)


def freeze_guids(project: Project) -> None:
    """Writes down the guids of newly published episodes."""
    guids.freeze(project.options.content, msgspec.json.decode(project.ledger.meta("guids"), type=dict[int, str]))


def _refuse_strangers(project: Project) -> None:
    """What no build made is not published."""
    found = files.strangers(project.options.output, set(project.ledger.outputs()))
    if found:
        raise BuildError(f"{project.options.output / found[0]} was made by no build. Remove it, then publish again.")


def _switch(www: Path, id: str, after_switch: str | None) -> None:
    """Switches and tells nginx; when that fails, the release before is current again, so that a restart is safe."""
    before = releases.current(www)
    releases.switch(www, id)
    said = _run(after_switch)
    if said and before is not None:
        releases.switch(www, before.id)
        _run(after_switch)
    if said:
        now = f"release {before.id} is current again, since" if before else f"release {id} is current, but"
        raise BuildError(f"{now} '{after_switch}' failed: {said}")
    releases.prune(www)


def _run(command: str | None) -> str:
    """What the command said when it failed; '' when it did not."""
    if not command:
        return ""
    try:
        subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        return str(getattr(error, "stderr", "") or getattr(error, "stdout", "") or error).strip()
    return ""


def _dead_links(project: Project) -> list[Problem]:
    outputs = project.ledger.outputs()
    redirected = _redirected(project.options.output / REDIRECTS)
    problems = []
    for path, links in project.ledger.links():
        for link in links:
            target = link[1:] + "index.html" if link.endswith("/") else link[1:]
            alive = target in outputs or link in redirected or link.startswith(SERVICE) or _elsewhere(link)
            if not alive:
                problems.append(
                    Problem(path, 1, f"the link to {link} leads nowhere", "Correct the template or the text")
                )
    return problems


def _media_elsewhere(project: Project) -> tuple[str, ...]:
    outputs = project.ledger.outputs()
    links = {link for _, found in project.ledger.links() for link in found}
    return tuple(sorted(link for link in links if _elsewhere(link) and link[1:] not in outputs))


def _elsewhere(link: str) -> bool:
    """Media that this machine need not hold: it is sent to where it is served."""
    return link.startswith("/media/") and posixpath.basename(link).count(".") >= 2  # STEM.HASH8.EXT, from media.lock


def _redirected(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line.split('"')[1] for line in lines}


def _broken_feeds(project: Project) -> list[Problem]:
    """Checks the feeds that have changed since they were last found to be in order."""
    ledger, options = project.ledger, project.options
    config, _ = read_config(options.content)
    url = options.url or (config.url if config else "")
    known = set(msgspec.json.decode(ledger.meta("feeds in order") or "[]", type=list[str]))
    feeds = {
        path: written.digest
        for path, written in ledger.outputs().items()
        if path == "feed.xml" or path.startswith("feed/")
    }
    problems: list[Problem] = []
    for path, digest in feeds.items():
        if digest not in known and path.endswith(".xml"):
            problems += feed_rules.check((options.output / path).read_bytes(), path=path, url=f"{url}/{path}")
    if not problems:
        ledger.set_meta(**{"feeds in order": msgspec.json.encode(sorted(set(feeds.values()))).decode()})
    return problems
