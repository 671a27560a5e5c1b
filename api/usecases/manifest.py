"""Every file of a course with its size and hash, so that an app downloads what has changed and nothing else. Gives no links."""

import mimetypes
from typing import Literal

from msgspec import Struct

from api.gateways.catalog import Course, Lecture
from api.gateways.site_files import Facts, Files
from api.usecases.catalogue import VERSION_CHARACTERS, course_address, lecture_address


class ManifestFile(Struct, frozen=True, kw_only=True):
    """`bytes` and `sha256` (hex, of the whole file) are null where this server does not have the file itself.

    `name` is the download's, '' of others; `language` the captions'. Links stand in the lecture's media, in the same order.
    """

    role: Literal["video", "poster", "captions", "download"]
    name: str
    language: str
    type: str
    bytes: int | None
    sha256: str | None


class ManifestLecture(Struct, frozen=True, kw_only=True):
    """`media` is where links to its files are given; `url` its page, which holds the transcript; `preview`: open to everybody."""

    id: str
    title: str
    url: str
    media: str
    seconds: int
    preview: bool
    files: list[ManifestFile]


class ManifestChapter(Struct, frozen=True, kw_only=True):
    title: str
    lectures: list[ManifestLecture]


class Manifest(Struct, frozen=True, kw_only=True):
    """`version` is another one when anything of the course is."""

    id: str
    version: str
    title: str
    summary: str
    url: str
    seconds: int
    chapters: list[ManifestChapter]


class Places(Struct, frozen=True):
    """Where files of courses lie: captions below the web root, posters beside their videos."""

    site: Files
    videos: Files


def of(course: Course, places: Places) -> Manifest:
    return Manifest(
        id=course.id,
        version=course.digest[:VERSION_CHARACTERS],
        title=course.title,
        summary=course.summary,
        url=course_address(course),
        seconds=course.seconds,
        chapters=_chapters(course, places),
    )


def _chapters(course: Course, places: Places) -> list[ManifestChapter]:
    by_id = {lecture.id: _lecture(course, lecture, places) for lecture in course.lectures}
    chapters = [
        ManifestChapter(title=chapter.title, lectures=[by_id.pop(id) for id in chapter.lectures if id in by_id])
        for chapter in course.chapters
    ]
    return [*chapters, *([ManifestChapter(title="", lectures=list(by_id.values()))] if by_id else [])]


def _lecture(course: Course, lecture: Lecture, places: Places) -> ManifestLecture:
    return ManifestLecture(
        id=lecture.id,
        title=lecture.title,
        url=lecture_address(course, lecture),
        media=f"/api/v1/lectures/{lecture.id}/media",
        seconds=lecture.seconds,
        preview=lecture.preview,
        files=_files(lecture, places),
    )


def _files(lecture: Lecture, places: Places) -> list[ManifestFile]:
    found = []
    if lecture.video:
        facts = Facts(lecture.video_bytes, lecture.video_sha256) if lecture.video_sha256 else None
        found.append(_file("video", lecture.video, facts, kind=lecture.video_type))
    if lecture.poster:
        found.append(_file("poster", lecture.poster, places.videos.facts(lecture.poster)))
    for one in lecture.captions:
        found.append(_file("captions", one.url, places.site.facts(one.url), kind="text/vtt", language=one.language))
    for each in lecture.downloads:
        found.append(_file("download", each.name, Facts(each.bytes, each.sha256), name=each.name))
    return found


def _file(
    role: Literal["video", "poster", "captions", "download"],
    path: str,
    facts: Facts | None,
    *,
    kind: str = "",
    name: str = "",
    language: str = "",
) -> ManifestFile:
    return ManifestFile(
        role=role,
        name=name,
        language=language,
        type=kind or mimetypes.guess_type(path)[0] or "application/octet-stream",
        bytes=facts.bytes if facts else None,
        sha256=facts.sha256 if facts else None,
    )
