"""`longwave media add` for a lecture's video: checks it, finds poster and captions beside it, and records it in media.lock."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from generator.errors import BuildError, ContentError
from generator.model import Lecture
from generator.read import courses, media, video
from generator.read.course_paths import CAPTIONS, captions_of
from generator.read.grammar import FILE_NAME
from generator.read.locks import MediaEntry

POSTERS = (".jpg", ".jpeg", ".png")
SECONDS_APART = 1


def add(path: Path, content: Path, *, private: Path) -> tuple[str, MediaEntry, list[str]]:
    """The video's name, its entry for the lock, and what to tell. `private` is the folder that the video lies in.

    Raises ContentError for a video that not everybody could play, or whose poster is no picture.
    """
    name = path.relative_to(private).as_posix()
    if not FILE_NAME.fullmatch(name):
        raise BuildError(
            f"'{name}' cannot be a video's name. Use letters, digits, '.', '_', '-', and '/' between folders."
        )
    if (content / "media" / name).exists():
        raise BuildError(
            f"{content / 'media' / name} has the same name. Rename one of them: media.lock knows both by it."
        )
    made_of = video.check(path)
    entry = replace(media.probe(path), poster=_poster(path, private))
    told = [f"{name}: {entry.bytes:,} bytes, {entry.seconds:g} s, {made_of}"]
    told += [f"  poster: {entry.poster}" if entry.poster else f"  no poster. Make one: {video.poster_command(path)}"]
    lectures = list(_lectures(content, name))
    for source, lecture in lectures:
        told += [f"  lecture: {source}", *_length(lecture, entry), *_captions(path, source)]
    if not lectures:
        told.append(f"  no lecture shows it yet. Write 'video: {name}' in one and add it again for its captions.")
    return name, entry, told


def _poster(path: Path, private: Path) -> str:
    """The picture of the same name, as the lock has it; '' for none."""
    for suffix in POSTERS:
        picture = path.with_suffix(suffix)
        if picture.is_file():
            name = picture.relative_to(private).as_posix()
            _, problem = media.picture(picture, file=name)
            if problem:
                raise ContentError([problem])
            return name
    return ""


def _lectures(content: Path, name: str) -> Iterator[tuple[Path, Lecture]]:
    """Every lecture that shows the video. One that cannot be read is `longwave check`'s to tell."""
    for source in sorted((content / "courses").glob("*/*/*.md")):
        if source.name != "chapter.md":
            lecture, _ = courses.parse_lecture(source.read_bytes(), file=source.as_posix())
            if lecture and lecture.video == name:
                yield source, lecture


def _length(lecture: Lecture, entry: MediaEntry) -> Iterator[str]:
    if lecture.seconds and abs(lecture.seconds - entry.seconds) > SECONDS_APART:
        said = f"'seconds: {lecture.seconds:g}'"
        yield f"  the lecture says {said} and the video takes {entry.seconds:g}. Remove {said}: media.lock knows."


def _captions(path: Path, lecture: Path) -> Iterator[str]:
    """Captions beside the video come to stand beside the lecture, where a build looks for them; none is overwritten."""
    for found in sorted(path.parent.iterdir()):
        stem, language = captions_of(found.as_posix())
        if found.suffix not in CAPTIONS or stem != path.with_suffix("").as_posix():
            continue
        target = lecture.with_suffix(f".{language}{found.suffix}" if language else found.suffix)
        if not target.exists():
            shutil.copyfile(found, target)
            yield f"  captions: {found.name} copied to {target}"
        elif target.read_bytes() == found.read_bytes():
            yield f"  captions: {target}"
        else:
            yield f"  captions: {target} stays as it is; {found.name} beside the video differs."
