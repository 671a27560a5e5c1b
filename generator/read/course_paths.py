"""What each file below content/courses is, by its path alone. Opens none of them.

SLUG/course.md  SLUG/NN-chapter/chapter.md  SLUG/NN-chapter/NN-lecture.md  and beside it NN-lecture.LANGUAGE.vtt, downloads
"""

import re

NUMBERED = re.compile(r"(\d{1,4})-(.+)")
CAPTIONS = (".vtt", ".srt")


def kind(path: str) -> str:
    """The kind of source at a path inside courses/, '' when nobody reads it. A lecture in no chapter is one, with a mistake.

    >>> kind("t/course.md"), kind("t/01-a/chapter.md"), kind("t/01-a/02-wal.md"), kind("t/01-a/02-wal.de.vtt")
    ('course', 'chapter', 'lecture', 'captions')
    >>> kind("t/01-a/notes.pdf"), kind("t.md"), kind("t/01-a/more/notes.pdf")
    ('download', '', '')
    """
    *folders, name = path.split("/")
    within_chapter = len(folders) == 2
    if len(folders) == 1 and name == "course.md":
        return "course"
    if within_chapter and name == "chapter.md":
        return "chapter"
    if name.endswith(".md"):
        return "lecture" if len(folders) in (1, 2) else ""
    if name.endswith(CAPTIONS):
        return "captions" if within_chapter else ""
    return "download" if within_chapter else ""


def numbered(name: str) -> tuple[int, str] | None:
    """The number and the rest of a chapter folder's or a lecture's name.

    >>> numbered("02-wal"), numbered("wal")
    ((2, 'wal'), None)
    """
    match = NUMBERED.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def captions_of(path: str) -> tuple[str, str]:
    """The lecture's path that captions belong to, without its ending, and their language ('' for the site's own).

    >>> captions_of("courses/t/01-a/02-wal.de.vtt"), captions_of("courses/t/01-a/02-wal.vtt")
    (('courses/t/01-a/02-wal', 'de'), ('courses/t/01-a/02-wal', ''))
    """
    folder, _, name = path.rpartition("/")
    stem, _, language = name.rpartition(".")[0].partition(".")
    return f"{folder}/{stem}", language
