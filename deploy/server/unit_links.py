"""Which links below /etc/systemd/system a release needs, and making it so. Units are files of its configuration; this starts none.

All lead through `current`, so one rename moves them together; a colour's own units lead through colours/COLOUR, so that the other
colour's stay what they are.
"""

import os
import re
from pathlib import Path

from deploy.server import durable, places
from deploy.server.releases import Release

COLOUR_UNIT = re.compile(r"longwave-api-([a-z]+)\.(?:service|socket)")
WANTED_BY = re.compile(r"^WantedBy=(.+)$", re.M)


def texts(configuration: Path) -> dict[str, str]:
    """Every unit and drop-in of a configuration by its path below /etc/systemd/system."""
    folder = configuration / "systemd"
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def links(units: dict[str, str], *, colour: str) -> dict[str, str]:
    """Path below /etc/systemd/system -> where it leads. What [Install] asks for is given, to the colour in use alone."""
    found = {name: f"{_source(name)}/configuration/systemd/{name}" for name in units}
    for name, text in units.items():
        own = COLOUR_UNIT.fullmatch(name)
        for target in " ".join(WANTED_BY.findall(text)).split() if not own or own[1] == colour else ():
            found[f"{target}.wants/{name}"] = f"{places.UNITS}/{name}"
    return found


def apply(release: Release) -> tuple[str, ...]:
    """Makes exactly the links of this release; returns the units that are gone. systemd must then be told (daemon-reload)."""
    wanted = links(texts(release.folder / "configuration"), colour=release.colour)
    strangers = sorted(set(ours()) - set(wanted))
    for name in strangers:
        durable.remove(places.UNITS / name)
    for name, target in wanted.items():
        (places.UNITS / name).parent.mkdir(exist_ok=True)
        durable.link(places.UNITS / name, target)
    return tuple(name for name in strangers if "/" not in name)


def link_colour(colour: str, units: dict[str, str]) -> None:
    """The units of a colour that is about to be tried, before its release is the current one."""
    for name in units:
        own = COLOUR_UNIT.fullmatch(name)
        if own and own[1] == colour:
            durable.link(places.UNITS / name, f"{_source(name)}/configuration/systemd/{name}")


def ours() -> dict[str, str]:
    """The links that a release has made: name -> where it leads."""
    found = {}
    for folder, _, files in os.walk(places.UNITS):
        for path in (Path(folder) / file for file in files):
            target = str(path.readlink()) if path.is_symlink() else ""
            if target.startswith((f"{places.OPT}/", f"{places.UNITS}/longwave-")) and path.name != places.PENDING_UNIT:
                found[path.relative_to(places.UNITS).as_posix()] = target
    return found


def _source(name: str) -> Path:
    own = COLOUR_UNIT.fullmatch(name)
    return places.COLOURS / own[1] if own else places.CURRENT
