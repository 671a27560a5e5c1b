"""Puts courses together from their files, and bundles from courses; reports what does not fit. Knows no moment and no page."""

import datetime as dt
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from generator.currencies import CURRENCIES
from generator.directories import is_language
from generator.model import Bundle, Captions, Course, CourseChapter, Download, Lecture
from generator.read.course_paths import captions_of, numbered
from generator.read.fields import nearest
from generator.read.findings import Findings
from generator.read.grammar import is_slug
from generator.read.inventory import Inventory
from generator.read.locks import MediaEntry
from generator.read.visibility import NEVER, since

NO_ID = "crs_missing_id"  # stands in for one that is missing
IN_CHAPTER = 3  # slashes in the path of a lecture in its chapter: courses/SLUG/01-chapter/02-lecture.md


class Curriculum:
    """`languages` of captions are settled by the site's own, `lengths` of videos by content/media.lock."""

    def __init__(self, inventory: Inventory, findings: Findings, *, language: str, currency: str) -> None:
        self._inventory, self._findings = inventory, findings
        self._language, self._currency = language, currency
        self._lock: dict[str, MediaEntry] = next(iter(inventory.values("media lock")), {})
        self._captions = self._all_captions()
        self._downloads = {path: entry.value for path, entry in inventory.of("download").items()}
        self._ids: dict[str, str] = {}
        self._lectures: dict[str, list[str]] = defaultdict(list)  # paths by their chapter's folder
        self._chapters: dict[str, set[str]] = defaultdict(set)  # folders' names by their course's
        for path in inventory.of("lecture"):
            folder = posixpath.dirname(path)
            if path.count("/") == IN_CHAPTER:
                self._lectures[folder].append(path)
                self._chapters[posixpath.dirname(folder)].add(posixpath.basename(folder))

    def courses(self) -> list[Course]:
        """Every course with its chapters and lectures in their order."""
        courses = [self._course(path, entry.value) for path, entry in self._inventory.of("course").items()]
        self._check_strays({posixpath.dirname(path) for path in self._inventory.of("course")})
        return courses

    def bundles(self, courses: Iterable[Course]) -> list[Bundle]:
        """Every bundle, public from the day on which the first of its courses is."""
        dates = {course.id: since(course) for course in courses}
        return [self._bundle(bundle, dates) for bundle in self._inventory.values("bundle")]

    # A course

    def _course(self, path: str, course: Course) -> Course:
        self._once(course.id, course.source)
        self._check_price(course.prices, course.source)
        folder = posixpath.dirname(path)
        names = sorted(self._chapters.get(folder, ()), key=_order)
        self._check_numbers(folder, names)
        chapters = tuple(self._chapter(f"{folder}/{name}", course) for name in names)
        if not names and not course.notify and course.status != "draft" and not self._is_broken(folder):
            report = self._findings.at(course.source)
            report("the course has no lectures", "Write one, or 'notify: true' until there are")
        return replace(course, chapters=chapters)

    def _chapter(self, folder: str, course: Course) -> CourseChapter:
        name = folder.rpartition("/")[2]
        entry = self._inventory.of("chapter").get(f"{folder}/chapter.md")
        chapter: CourseChapter = entry.value if entry else CourseChapter(source="", title=title_of(name))
        paths = sorted(self._lectures[folder], key=lambda path: _order(posixpath.basename(path)))
        numbers: dict[int, str] = {}
        lectures = []
        for path in paths:
            lecture = self._inventory.of("lecture")[path].value
            number = _order(posixpath.basename(path))[0]
            if numbers.setdefault(number, lecture.source) != lecture.source:
                report = self._findings.at(lecture.source)
                report(f"the number {number} is already that of {numbers[number]}", "Give it its own")
            lectures.append(self._lecture(path, lecture, course))
        return replace(chapter, lectures=tuple(lectures))

    def _lecture(self, path: str, lecture: Lecture, course: Course) -> Lecture:
        self._once(lecture.id, lecture.source)
        return replace(
            self._with_video(lecture),
            date=course.date,
            course=course.slug,
            status="draft" if course.status == "draft" else lecture.status,
            captions=self._captions_beside(path),
            downloads=tuple(self._download(path, k, lecture) for k in range(len(lecture.downloads))),
        )

    def _captions_beside(self, path: str) -> tuple[Captions, ...]:
        """The site's own language first."""
        found = self._captions.pop(path.removesuffix(".md"), {}).values()
        own = self._language.lower()
        return tuple(sorted(found, key=lambda captions: (captions.language != own, captions.language)))

    def _with_video(self, lecture: Lecture) -> Lecture:
        """The lecture with what is known of its video."""
        entry = self._lock.get(lecture.video)
        if entry is None:
            return replace(lecture, seconds=self._seconds(lecture))
        return replace(
            lecture,
            seconds=lecture.seconds or entry.seconds,
            video_type=entry.type,
            video_bytes=entry.bytes,
            video_sha256=entry.sha256,
            poster=entry.poster,
        )

    def _seconds(self, lecture: Lecture) -> float:
        """Of a video that is not in the lock."""
        if lecture.seconds or not lecture.video or "media.lock" in self._inventory.broken:
            return lecture.seconds
        if lecture.status != "draft":
            report = self._findings.at(lecture.source, "video")
            what = f"the length of '{lecture.video}' is not known: it is not in media.lock"
            report(what, "Run `longwave media add` for it, or write 'seconds: 421', the length of the video")
        return 0

    def _download(self, path: str, k: int, lecture: Lecture) -> Download:
        name = lecture.downloads[k].file
        file = f"{posixpath.dirname(path)}/{name}"
        info = self._downloads.get(file)
        if info is None and "/" not in name:
            report = self._findings.at(lecture.source, "downloads", k)
            report(f"there is no file '{name}' beside the lecture", "Put it there, or name another")
        return Download(file=file, bytes=info.size if info else 0, sha256=info.sha256 if info else "")

    def _all_captions(self) -> dict[str, dict[str, Captions]]:
        """By their lecture's path and language; WebVTT wins over SRT, as it keeps speakers."""
        found: dict[str, dict[str, Captions]] = {}
        for path, entry in sorted(self._inventory.of("captions").items()):  # .srt comes before .vtt
            lecture, written = captions_of(path)
            source, language = self._inventory.label(path), written.lower() or self._language.lower()
            if written and not is_language(language):
                self._findings.add(source, 1, f"'{written}' is no language", "Name it like 02-name.de.vtt")
            found.setdefault(lecture, {})[language] = Captions(language=language, digest=entry.digest, source=source)
        return found

    # What belongs to no course

    def _check_strays(self, folders: set[str]) -> None:
        named = {download.file for lecture in self._all_lectures() for download in _files(lecture)}
        homeless: set[str] = set()
        for path in sorted([*self._inventory.of("chapter"), *self._inventory.of("lecture")]):
            folder = "/".join(path.split("/")[:2])
            if folder not in folders and f"{folder}/course.md" not in self._inventory.broken:
                if folder not in homeless:
                    self._findings.add(self._label(path), 1, f"there is no course.md in {folder}", "Write it")
                homeless.add(folder)
            elif path.count("/") < IN_CHAPTER:
                self._findings.add(
                    self._label(path), 1, "the lecture is in no chapter", "Put it in a folder like 01-name"
                )
        for path in sorted(self._inventory.of("chapter")):
            if posixpath.dirname(path) not in self._lectures and not self._is_broken(posixpath.dirname(path)):
                self._findings.add(self._label(path), 1, "the chapter has no lectures", "Write one, or remove it")
        self._check_beside(named)

    def _check_beside(self, named: set[str]) -> None:
        broken = {path.removesuffix(".md") for path in self._inventory.broken}
        for lecture, languages in self._captions.items():
            if lecture in broken or f"{lecture}.md" in self._inventory.of("lecture"):
                continue
            for captions in languages.values():
                what = "there is no lecture beside these captions"
                self._findings.add(captions.source, 1, what, "Name them like its file: 02-name.vtt, 02-name.de.vtt")
        for path in sorted(self._downloads.keys() - named):
            if not self._is_broken(posixpath.dirname(path)):
                remedy = "Write its name to a lecture's 'downloads', or remove it"
                self._findings.add(self._label(path), 1, "this file is offered by no lecture", remedy)

    def _check_numbers(self, folder: str, names: Iterable[str]) -> None:
        for name in names:
            number = numbered(name)
            if number is None or not is_slug(number[1]):
                source = self._label(self._lectures[f"{folder}/{name}"][0])
                self._findings.add(source, 1, f"the folder '{name}' is not NUMBER-slug", "Rename it like '01-a-name'")

    # A bundle

    def _bundle(self, bundle: Bundle, dates: Mapping[str, dt.datetime]) -> Bundle:
        self._once(bundle.id, bundle.source)
        self._check_price(bundle.prices, bundle.source)
        for k, id in enumerate(bundle.courses):
            if id not in dates and not self._any_broken_course(dates):
                report = self._findings.at(bundle.source, "courses", k)
                report(f"'{id}' is an unknown course", nearest(id, dates) if dates else "Write the course first")
        named = dates.values() if bundle.all else [dates[id] for id in bundle.courses if id in dates]
        return replace(bundle, date=max(bundle.date, min(named, default=NEVER)))

    # What both share

    def _check_price(self, prices: Mapping[str, int], source: str) -> None:
        if prices and self._currency in CURRENCIES and self._currency not in prices:
            report = self._findings.at(source, "price")
            what = f"there is no price in {self._currency}, the store's own currency"
            report(what, "Add it, or write another currency to [store] in site.toml")

    def _once(self, id: str, source: str) -> None:
        if self._ids.setdefault(id, source) != source and not id.endswith("_missing_id"):
            self._findings.at(source, "id")(f"the id {id} is already that of {self._ids[id]}", "Give it its own")

    def _all_lectures(self) -> list[tuple[str, Lecture]]:
        return [(path, entry.value) for path, entry in self._inventory.of("lecture").items()]

    def _label(self, path: str) -> str:
        return self._inventory.label(path)

    def _is_broken(self, folder: str) -> bool:
        return any(path.startswith(f"{folder}/") for path in self._inventory.broken)

    def _any_broken_course(self, ids: Iterable[str]) -> bool:
        """Whether there is a course that may be the one that is missed: it could not be read, or has no id."""
        return any(path.startswith("courses/") for path in self._inventory.broken) or NO_ID in ids


def title_of(folder: str) -> str:
    """
    >>> title_of("02-the-log-itself")
    'The log itself'
    """
    number = numbered(folder)
    return (number[1] if number else folder).replace("-", " ").capitalize()


def _files(lecture: tuple[str, Lecture]) -> Iterable[Download]:
    path, value = lecture
    return (Download(file=f"{posixpath.dirname(path)}/{one.file}", bytes=0) for one in value.downloads)


def _order(name: Any) -> tuple[int, str]:
    number = numbered(name.removesuffix(".md"))
    return number or (0, name)
