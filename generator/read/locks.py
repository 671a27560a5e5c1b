"""Reads and writes content's locks, media.lock, guids.lock and ids.lock, as text; does not know where they lie."""

import json
import re
import tomllib
from collections.abc import Mapping
from math import isfinite
from typing import Any

from msgspec import Struct

from generator.directories import AUDIO_TYPES
from generator.errors import Problem
from generator.model import Chapter
from generator.read.fields import Path, Whole, convert
from generator.read.grammar import FILE_NAME

LOCK_CHARACTERS_MAX = 50_000_000
IDS_HEAD = "# Written by longwave; an id never changes, and is never used again."
GUIDS_HEAD = "# Written by longwave; a guid never changes."


class MediaEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One audio or video file: its size, length and MIME type, the hex digest of its bytes, its tags' chapters.

    `poster` is the path of the picture beside a lecture's video, '' for none.
    """

    bytes: Whole
    seconds: float
    type: str
    sha256: str
    chapters: tuple[Chapter, ...] = ()
    poster: str = ""


def read_media(text: str, *, file: str) -> tuple[dict[str, MediaEntry], list[Problem]]:
    """media.lock's entries by path within content/media; entries with a problem are left out."""
    tables, problems = _load(text, file=file)
    entries: dict[str, MediaEntry] = {}
    for name, table in tables.items():
        faults: list[tuple[str, str]] = []
        entry = _entry(name, table, faults)
        problems += [Problem(file, _line(text, f"[{_quoted(name)}]"), *fault) for fault in faults]
        if entry is not None and not faults:
            entries[name] = entry
    return entries, problems


def write_media(entries: Mapping[str, MediaEntry]) -> str:
    """
    >>> print(write_media({"1.mp3": MediaEntry(bytes=9, seconds=2.5, type="audio/mpeg", sha256="ab")}), end="")
    ["1.mp3"]
    bytes = 9
    seconds = 2.50
    type = "audio/mpeg"
    sha256 = "ab"
    """
    return "\n".join(_table(name, entries[name]) for name in sorted(entries))


def read_guids(text: str, *, file: str) -> tuple[dict[int, str], list[Problem]]:
    """guids.lock: the guid of each episode number; lines with a problem are left out."""
    pairs, problems = _load(text, file=file)
    guids: dict[int, str] = {}
    for number, guid in pairs.items():
        if not re.fullmatch(r"[1-9][0-9]{0,8}", number) or not isinstance(guid, str) or not guid:
            problem = f"'{number}' is no episode number with its guid"
            problems.append(Problem(file, _line(text, number, "="), problem, 'Restore the line: NUMBER = "guid"'))
        else:
            guids[int(number)] = guid
    return guids, problems


def write_guids(guids: Mapping[int, str]) -> str:
    """
    >>> print(write_guids({10: "b", 9: "a"}), end="")
    # Written by longwave; a guid never changes.
    9 = "a"
    10 = "b"
    """
    return "".join([GUIDS_HEAD + "\n", *(f"{number} = {_quoted(guids[number])}\n" for number in sorted(guids))])


def read_ids(text: str, *, file: str) -> tuple[dict[str, str], list[Problem]]:
    """ids.lock: the address under which each id was published; lines with a problem are left out."""
    pairs, problems = _load(text, file=file)
    ids: dict[str, str] = {}
    for id, place in pairs.items():
        if not re.fullmatch(r"[a-z0-9_]{1,64}", id) or not isinstance(place, str) or not place.startswith("/"):
            problem = f"'{id}' is no id with its address"
            problems.append(Problem(file, _line(text, id, "="), problem, 'Restore the line: ID = "/address/"'))
        else:
            ids[id] = place
    return ids, problems


def write_ids(ids: Mapping[str, str]) -> str:
    """
    >>> print(write_ids({"lec_wal": "/courses/t/wal/", "crs_t": "/courses/t/"}), end="")
    # Written by longwave; an id never changes, and is never used again.
    crs_t = "/courses/t/"
    lec_wal = "/courses/t/wal/"
    """
    return "".join([IDS_HEAD + "\n", *(f"{id} = {_quoted(ids[id])}\n" for id in sorted(ids))])


def _load(text: str, *, file: str) -> tuple[dict[str, Any], list[Problem]]:
    remedy = "Restore the file from git; longwave alone writes it"
    if len(text) > LOCK_CHARACTERS_MAX:
        return {}, [Problem(file, 1, f"the file has {len(text):,} characters", remedy)]
    try:
        return tomllib.loads(text), []
    except (ValueError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        return {}, [Problem(file, line, f"this is not valid TOML: {error or 'it nests too deep'}", remedy)]


def _entry(name: str, table: object, faults: list[tuple[str, str]]) -> MediaEntry | None:
    anew = f"Run longwave media add for '{name}' again"
    if not isinstance(table, dict):
        faults.append((f"'{name}' is no table", anew))
        return None

    def report(_: Path, problem: str, _remedy: str) -> None:
        faults.append((f"{problem} (in '{name}')", anew))

    entry = convert(table, MediaEntry, report)
    if entry and (entry.bytes < 1 or not entry.seconds > 0):
        faults.append((f"'{name}' is empty", "Replace the file and run longwave media add for it"))
    elif entry and not isfinite(entry.seconds):
        faults.append((f"the seconds of '{name}' are no length", anew))
    if entry and entry.type not in AUDIO_TYPES:
        faults.append((f"directories take no '{entry.type}', the type of '{name}'", "Publish another format"))
    if entry and entry.poster and not FILE_NAME.fullmatch(entry.poster):
        faults.append((f"the poster of '{name}' is no name of a file", anew))
    if entry and not re.fullmatch(r"[0-9a-f]{64}", entry.sha256):
        faults.append((f"the sha256 of '{name}' is none", anew))
    return entry


def _line(text: str, *beginning: str) -> int:
    """The first line that begins with these words; 1 when none does."""
    pattern = r"^[ \t]*\"?" + r"\"?[ \t]*".join(map(re.escape, beginning))
    found = re.search(pattern, text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _table(name: str, entry: MediaEntry) -> str:
    lines = [
        f"[{_quoted(name)}]",
        f"bytes = {entry.bytes}",
        f"seconds = {entry.seconds:.2f}",
        f"type = {_quoted(entry.type)}",
        f"sha256 = {_quoted(entry.sha256)}",
    ]
    if entry.chapters:
        marks = ", ".join(f"{{ at = {float(mark.at)!r}, title = {_quoted(mark.title)} }}" for mark in entry.chapters)
        lines.append(f"chapters = [{marks}]")
    if entry.poster:
        lines.append(f"poster = {_quoted(entry.poster)}")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    """A TOML basic string: as JSON's, but for DEL. What UTF-8 cannot hold is replaced."""
    sound = text.encode("utf-8", "replace").decode()
    return json.dumps(sound, ensure_ascii=False).replace("\x7f", "\\u007f")
