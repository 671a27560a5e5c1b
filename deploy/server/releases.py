"""Keeps releases: each names an environment, a configuration and a site, which move together. Starts and stops nothing.

/opt/longwave/releases/ID/release.json          a Release; written last, so a folder without one is half made and worth nothing
/opt/longwave/releases/ID/environment           link to environments/HASH
/opt/longwave/releases/ID/configuration         link to configurations/HASH
/opt/longwave/releases/ID/site                  link to the site's own release, /srv/longwave/www/releases/SITE
/opt/longwave/releases/ID/service.sock          link to the socket of the colour that serves it
/opt/longwave/current                           link to releases/ID: the one that counts
"""

import hashlib
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import durable, places

KEEP = 5
ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
PART = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Parts(Struct, frozen=True, kw_only=True):
    """What a release is made of: names of folders below environments/, configurations/ and the site's releases/."""

    environment: str
    configuration: str
    site: str


class Release(Struct, frozen=True, kw_only=True):
    """`parent` is what was current when this was made ('' for the first): it is what a failure goes back to."""

    id: str
    created: datetime
    by: str
    why: str
    parent: str
    environment: str
    configuration: str
    site: str
    colour: str

    @property
    def parts(self) -> Parts:
        return Parts(environment=self.environment, configuration=self.configuration, site=self.site)

    @property
    def folder(self) -> Path:
        return places.RELEASES / self.id


def current() -> Release | None:
    """What is served; None before the first release."""
    return read(places.CURRENT.readlink().name) if places.CURRENT.is_symlink() else None


def current_or_refuse() -> Release:
    found = current()
    if found is None:
        raise DeployError("This server has no release yet. Deploy one: longwave deploy HOST")
    return found


def read(id: str) -> Release | None:
    """None when there is no finished release of that name."""
    path = places.RELEASES / id / "release.json"
    if not ID.fullmatch(id) or not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Release)
    except msgspec.DecodeError as error:
        raise DeployError(f"{path} is damaged ({error}). Remove {path.parent}, or restore it from a backup") from error


def kept() -> tuple[Release, ...]:
    """Every finished release, the oldest first."""
    names = sorted(path.name for path in places.RELEASES.iterdir()) if places.RELEASES.is_dir() else []
    return tuple(release for release in map(read, names) if release)


def make(parts: Parts, *, colour: str, by: str, why: str, now: datetime) -> Release:
    """A release that nobody serves yet. Raises DeployError when a part is not there."""
    _refuse_missing(parts)
    serving = current()
    created = _later(now)
    digest = hashlib.sha256(msgspec.json.encode((parts, created))).hexdigest()
    release = Release(
        id=f"{created:%Y%m%dT%H%M%SZ}-{digest[:8]}",
        created=created,
        by=by,
        why=why,
        parent=serving.id if serving else "",
        colour=colour,
        **msgspec.structs.asdict(parts),
    )
    release.folder.mkdir(parents=True)
    for name, target in links(release).items():
        durable.link(release.folder / name, target)
    durable.write(
        release.folder / "release.json", msgspec.json.format(msgspec.json.encode(release)) + b"\n", mode=0o644
    )
    return release


def links(release: Release) -> dict[str, Path]:
    return {
        "environment": places.ENVIRONMENTS / release.environment,
        "configuration": places.CONFIGURATIONS / release.configuration,
        "site": places.SITES / release.site,
        "service.sock": places.socket_of(release.colour),
    }


def switch(release: Release) -> None:
    """Makes it the current one, for whoever looks from now on. The site's own link follows, for those who publish."""
    durable.link(places.CURRENT, Path("releases") / release.id)
    durable.link(places.WWW / "current", Path("releases") / release.site)


def before(serving: Release) -> Release | None:
    """What `rollback` goes to: what was served when the current release was made, so that going back twice is two steps."""
    older = [release for release in kept() if release.id < serving.id and release.parts != serving.parts]
    parent = read(serving.parent)
    return parent or (older[-1] if older else None)


def prune(*, keep: int = KEEP) -> tuple[str, ...]:
    """Removes and names all but the newest `keep` releases, the current one, its parent and what a colour still runs.

    Environments and configurations that no kept release names go with them.
    """
    releases = kept()
    spared = {release.id for release in releases[max(0, len(releases) - keep) :]} | _in_use()
    removed = tuple(release for release in releases if release.id not in spared)
    for release in removed:
        (release.folder / "release.json").unlink()
        shutil.rmtree(release.folder)
    left = [release for release in releases if release.id in spared]
    _remove_others(places.ENVIRONMENTS, {release.environment for release in left})
    _remove_others(places.CONFIGURATIONS, {release.configuration for release in left})
    return tuple(release.id for release in removed)


def remove_unfinished() -> None:
    """What a killed deploy left half made."""
    for folder in places.RELEASES.iterdir() if places.RELEASES.is_dir() else ():
        if not (folder / "release.json").exists() and folder.name not in _in_use():
            shutil.rmtree(folder)


def discard(release: Release) -> None:
    """Forgets a release that was never served."""
    (release.folder / "release.json").unlink(missing_ok=True)
    shutil.rmtree(release.folder, ignore_errors=True)


def _in_use() -> set[str]:
    links = [places.CURRENT, *(places.COLOURS.iterdir() if places.COLOURS.is_dir() else ())]
    used = {link.readlink().name for link in links if link.is_symlink()}
    serving = current()
    return used | ({serving.parent} if serving else set())


def _remove_others(folder: Path, wanted: set[str]) -> None:
    """A folder without a release may be one that is just being laid: only what is older than an hour goes."""
    for path in folder.iterdir() if folder.is_dir() else ():
        old = datetime.fromtimestamp(path.stat().st_mtime, UTC) < datetime.now(UTC) - timedelta(hours=1)
        if path.name not in wanted and old:
            shutil.rmtree(path)


def _refuse_missing(parts: Parts) -> None:
    places_of = {"environment": places.ENVIRONMENTS, "configuration": places.CONFIGURATIONS, "site": places.SITES}
    for name, value in msgspec.structs.asdict(parts).items():
        if not PART.fullmatch(value) or value.startswith("."):
            raise DeployError(f"{name} {value!r} is no name. Give the name of a folder in {places_of[name]}")
        if not (places_of[name] / value).is_dir():
            raise DeployError(f"there is no {name} {value} in {places_of[name]}. Send it first, or choose another")


def _later(now: datetime) -> datetime:
    """`now`, or a second after the newest release: names sort as releases were made, whatever the clock says."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    releases = kept()
    return max(moment, releases[-1].created + timedelta(seconds=1)) if releases else moment
