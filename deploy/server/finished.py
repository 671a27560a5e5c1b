"""Judges a finished output that somebody made who is not believed: names, kinds and modes of files, and what nginx will read.

It reads as root what another user wrote, so it follows no link; whoever wrote it has ended before it begins.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

MEMORY = ".longwave"
SHARED = ("downloads", "redirects.map")  # of a build's memory, what a release takes
NEEDED = ("index.html", "404.html", "catalog.json")
FILES_MAX = 400_000
REDIRECTS_BYTES_MAX = 20_000_000
PROBLEMS_MAX = 20
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._@+-]{0,250}")
HIDDEN = ".well-known"
PARTIAL = ".partial"
# A rule of nginx's map, and nothing that nginx could read as more: no '$', quote, ';', brace or backslash inside.
REDIRECT = re.compile(r'"/[A-Za-z0-9._+@/-]*" "30[12] (?:/(?!/)|https://)[A-Za-z0-9._/?=&%#+@:,!-]*";')
ODD = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX | stat.S_IWOTH


def problems(output: Path, *, owner: int) -> list[str]:
    """What keeps `output`, written by the user `owner`, from being published, in lines for an editor; [] when nothing does."""
    found = [f"{name} is missing: this is no finished site." for name in NEEDED if not (output / name).is_file()]
    count = 0
    for path, told in _walk(output, ""):
        count += 1
        found += [f"{path!r}: {problem}" for problem in _problems(path, told, owner=owner)]
        if len(found) >= PROBLEMS_MAX:
            return found
    if count > FILES_MAX:
        found.append(f"{count:,} files are more than the {FILES_MAX:,} of one site.")
    return found + (_redirect_problems(output / MEMORY / "redirects.map") if not found else [])


def _walk(folder: Path, below: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = below + entry.name
            told = entry.stat(follow_symlinks=False)
            if below == f"{MEMORY}/" and entry.name not in SHARED:
                continue  # what the build remembers stays where it is
            yield path, told
            if stat.S_ISDIR(told.st_mode):
                yield from _walk(folder / entry.name, path + "/")


def _problems(path: str, told: os.stat_result, *, owner: int) -> Iterator[str]:
    name = path.rpartition("/")[2]
    if not (stat.S_ISREG(told.st_mode) or stat.S_ISDIR(told.st_mode)):
        yield "this is neither a file nor a folder. A site holds no links and no devices."
        return
    if told.st_uid != owner or (stat.S_ISREG(told.st_mode) and told.st_nlink > 1):
        yield "this file is somebody else's."
    if told.st_mode & ODD:
        yield f"its mode is {stat.S_IMODE(told.st_mode):o}. Files of a site are plain files."
    if path not in {MEMORY, HIDDEN} and (not NAME.fullmatch(name) or name.endswith(PARTIAL)):
        yield "no address has such a name."


def _redirect_problems(path: Path) -> list[str]:
    if not path.exists():
        return []
    if path.stat().st_size > REDIRECTS_BYTES_MAX:
        return ["there are too many redirects for nginx to hold."]
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    wrong = next((number for number, line in enumerate(lines, 1) if line and not REDIRECT.fullmatch(line)), None)
    return [f"{MEMORY}/redirects.map:{wrong}: this is no redirect that nginx may read."] if wrong else []
