"""Looks into audio, video and picture files: what they really are, how long, how large. Knows neither locks nor pages.

It alone brings mutagen and Pillow along, so others import it late.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from msgspec import Struct
from mutagen import id3, mp3, mp4
from PIL import Image

from generator.errors import ContentError, Problem
from generator.model import Chapter
from generator.read.locks import MediaEntry

CHAPTERS_MAX = 1000
CHAPTER_TITLE_CHARACTERS_MAX = 255
PICTURE_PIXELS_MAX = 25_000_000  # decoded, that is 75 MB; nobody wants to download more
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
SUFFIXES = {".mp3": "audio/mpeg", ".m4a": "audio/x-m4a", ".mp4": "video/mp4", ".m4v": "video/x-m4v"}
"""The types Apple's directory takes; its apps go by the extension. Source: Apple, "Podcast RSS feed requirements"."""
KILOBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
KILOBITS_LOW = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
PICTURES = {
    "JPEG": ("image/jpeg", (".jpg", ".jpeg")),
    "MPO": ("image/jpeg", (".jpg", ".jpeg")),  # JPEG as phones write it
    "PNG": ("image/png", (".png",)),
}

# mutagen's own type hints are partial.
MP3: Any = mp3.MP3
MP4: Any = mp4.MP4
Atoms: Any = vars(mp4)["Atoms"]

KNOWN_FRAMES = {name: vars(id3)[name] for name in ("CHAP", "TIT2")}
"""All that is read of a tag: its pictures may be packed, and huge once they are unpacked."""

Mark = tuple[float, str]


class PictureInfo(Struct, frozen=True):
    """What a picture is: pixels, MIME type, Pillow's colour mode, digest, size. Zeros and '' when it cannot be read."""

    width: int
    height: int
    type: str
    mode: str
    sha256: str
    bytes: int


def probe(path: Path) -> MediaEntry:
    """Size, seconds, type, digest and chapters of an MP3 or MP4 file; raises ContentError when it cannot be published.

    Chapters are ID3v2's CHAP frames or MP4's chpl box, sorted by time.
    """
    size = path.stat().st_size if path.is_file() else None
    if size is None:
        raise _unusable(path, "there is no such file", "Name a file of content/media")
    if not size:
        raise _unusable(path, "the file is empty", "Export or copy it again")
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
        suffixes, seconds, marks = _mp4(path) if head[4:8] == b"ftyp" else _mp3(path, head)
    except Exception as error:  # a broken file makes a parser stumble in any way
        remedy = "Export it as MP3, M4A, MP4 or M4V, and whole"
        raise _unusable(path, f"this cannot be read as audio or video ({error})", remedy) from error
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        names = " or ".join(suffixes)
        raise _unusable(path, f"the content is that of {names}, the name ends in '{suffix}'", f"Rename it to {names}")
    if round(seconds, 2) <= 0:
        raise _unusable(path, "the file has no sound", "Export it again")
    return MediaEntry(
        bytes=size,
        seconds=round(seconds, 2),
        type=SUFFIXES[suffix],
        sha256=_sha256(path),
        chapters=_chapters(marks, seconds=seconds),
    )


def picture(path: Path, *, file: str) -> tuple[PictureInfo, Problem | None]:
    """What a JPEG or PNG is, decoded once to see that it is whole; `file` names it in the problem."""
    unread = PictureInfo(0, 0, "", "", _sha256(path), path.stat().st_size)
    try:
        with Image.open(path) as image:
            fault = _fault(image, path.suffix.lower())
            if fault:
                return unread, Problem(file, 1, *fault)
            image.load()
            mode = "RGBA" if image.mode == "RGB" and image.has_transparency_data else image.mode
            kind = PICTURES[image.format or ""][0]
            return PictureInfo(image.width, image.height, kind, mode, unread.sha256, unread.bytes), None
    except Exception as error:  # as above
        problem = f"the picture cannot be read ({_in_short(error, path)})"
        return unread, Problem(file, 1, problem, "Save it as JPEG or PNG again")


def _mp3(path: Path, head: bytes) -> tuple[tuple[str, ...], float, list[Mark]]:
    sync = head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2  # MPEG audio, Layer III
    if not (sync or head.startswith(b"ID3")):
        raise ValueError("it begins like neither MP3 nor MP4")
    audio = MP3(path, known_frames=KNOWN_FRAMES)
    if audio.info.sketchy or audio.info.layer != 3:
        raise ValueError("it has no frames of MP3")
    chapters = audio.tags.getall("CHAP") if audio.tags else []
    marks = [(chapter.start_time / 1000, str(chapter.sub_frames.get("TIT2", ""))) for chapter in chapters]
    told = audio.info.bitrate_mode != mp3.BitrateMode.UNKNOWN
    return (".mp3",), audio.info.length if told else _counted_seconds(path), marks


def _counted_seconds(path: Path) -> float:
    """The length of an MP3 that does not tell it, frame by frame; a guess from the first bit rate is far off."""
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
        at = _tag_bytes(data[:10])
        seconds = 0.0
        while 0 <= at < len(data):
            size, duration = _frame(data[at : at + 3])
            seconds += duration
            at = at + size if size else data.find(b"\xff", at + 1)
    return seconds


def _tag_bytes(head: bytes) -> int:
    """Source: ID3v2.4, 3.1: four times seven bits, and ten for the header."""
    if not head.startswith(b"ID3"):
        return 0
    return 10 + sum(part << shift for part, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


@cache
def _frame(header: bytes) -> tuple[int, float]:
    """Bytes and seconds of a frame of Layer III, zeros for what is none. Source: ISO/IEC 11172-3, 2.4.1.3; 13818-3."""
    if len(header) < 3 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0, 0.0
    version, rate_at, sampling_at = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or not 0 < rate_at < 15 or sampling_at == 3:
        return 0, 0.0
    kilobits = (KILOBITS if version == 3 else KILOBITS_LOW)[rate_at - 1]
    samples = 1152 if version == 3 else 576
    per_second = (44_100, 48_000, 32_000)[sampling_at] // {3: 1, 2: 2, 0: 4}[version]
    return samples * kilobits * 125 // per_second + (header[2] >> 1 & 1), samples / per_second


def _mp4(path: Path) -> tuple[tuple[str, ...], float, list[Mark]]:
    media = MP4(path)
    marks = [(mark.start, mark.title) for mark in media.chapters or ()]
    return (".mp4", ".m4v") if _has_pictures(path) else (".m4a",), media.info.length, marks


def _has_pictures(path: Path) -> bool:
    """Whether a track's handler is 'vide'. Source: ISO/IEC 14496-12, 8.4.3."""
    with path.open("rb") as stream:
        tracks = Atoms(stream)[b"moov"].findall(b"trak")
        return any(track[b"mdia", b"hdlr"].read(stream)[1][8:12] == b"vide" for track in tracks)


def _chapters(marks: Iterable[Mark], *, seconds: float) -> tuple[Chapter, ...]:
    """Sorted, one at a time, each with a title and before the end."""
    chapters: dict[float, Chapter] = {}
    for at, title in sorted(marks)[:CHAPTERS_MAX]:
        text = " ".join(UNPRINTABLE.sub(" ", title).split())[:CHAPTER_TITLE_CHARACTERS_MAX]
        if text and 0 <= at < seconds:
            chapters.setdefault(round(at, 3), Chapter(at=round(at, 3), title=text))
    return tuple(chapters.values())


def _fault(image: Image.Image, suffix: str) -> tuple[str, str] | None:
    if image.format not in PICTURES:
        return f"the picture is of the type {image.format}", "Save it as JPEG or PNG"
    suffixes = PICTURES[image.format][1]
    if suffix not in suffixes:
        return f"the picture is a {image.format}, its name ends in '{suffix}'", f"Rename it to {suffixes[0]}"
    if image.width * image.height > PICTURE_PIXELS_MAX:
        most = f"{PICTURE_PIXELS_MAX:,} pixels"
        return f"the picture has more than {most}: {image.width} x {image.height}", "Make it smaller"
    return None


def _in_short(error: Exception, path: Path) -> str:
    return str(error).replace(str(path), path.name)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unusable(path: Path, problem: str, remedy: str) -> ContentError:
    return ContentError([Problem(path.name, 1, problem, remedy)])
