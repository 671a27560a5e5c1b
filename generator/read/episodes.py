"""Reads content/episodes/NNNN-slug.md into an Episode. Does not look at the audio, the locks or any other file."""

import datetime as dt
import re
from typing import Any

from msgspec import Struct

from generator import digests, directories, model
from generator.errors import Problem
from generator.read import chapters, grammar, markdown
from generator.read.checks import LinkFields, aliases, ids, links, one_of, reporter, title_and_summary, when
from generator.read.fields import Whole, steps
from generator.read.front_matter import Document

FILE_NAME = re.compile(r"(\d{1,9})-(.+)\.md")
SECONDS_MAX = 10_000_000_000  # more than any recording; neither infinite nor no number
NUMBER_MAX = 999_999
GUID_CHARACTERS_MAX = 255
UNKNOWN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
STAND_INS: dict[str, object] = {
    "number": 1,
    "title": "-",
    "date": "2000-01-01",
    "summary": "-",
    "audio": {
        "url": "https://example.org/-.mp3",
        "bytes": 1,
        "seconds": 1e9,
        "type": "audio/mpeg",
    },  # when it is a misfit
}
TYPES = ("full", "trailer", "bonus")


class AudioFields(Struct, forbid_unknown_fields=True):
    url: str
    bytes: Whole
    seconds: float
    type: str


class EpisodeFields(Struct, forbid_unknown_fields=True):
    number: Whole
    title: str
    date: Any
    summary: str
    audio: str | AudioFields = ""
    recorded: Any = None
    updated: Any = None
    guid: str | None = None
    guests: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    season: Whole | None = None
    type: str = "full"
    explicit: bool | None = None
    image: str = ""
    video: str = ""
    status: str = "published"
    members: bool = False
    chapters: Any = ()
    links: tuple[LinkFields, ...] = ()
    sponsors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def parse(raw: bytes, *, file: str, zone: dt.tzinfo, explicit: bool) -> tuple[model.Episode | None, str, list[Problem]]:
    """The episode, its notes' HTML, and what is wrong; with mistakes it is as near as can be, to be checked further.

    Of a local audio file and a picture only the name is known yet (`audio.url`, `image.url`); `guid` is '' unless written.
    """
    document = Document(raw, file=file)
    name = FILE_NAME.fullmatch(file.rpartition("/")[2])
    number = {"number": int(name[1])} if name else {}
    front = document.front(EpisodeFields, stand_ins=STAND_INS | number)
    if name is None or not grammar.is_slug(name[2]):
        document.problem((), "the file's name is not NUMBER-slug.md", "Rename it like '0042-a-short-name.md'")
        return None, "", document.problems
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, "", document.problems
    episode = _episode(document, front, int(name[1]), slug=name[2], zone=zone, explicit=explicit, text=text)
    return episode, text.html, document.problems


def _episode(
    document: Document,
    front: EpisodeFields,
    number: int,
    *,
    slug: str,
    zone: dt.tzinfo,
    explicit: bool,
    text: model.Text,
) -> model.Episode:
    _check(document, front, number)
    date = when(document, "date", front.date, zone) or UNKNOWN
    recorded = when(document, "recorded", front.recorded, zone) if front.recorded is not None else None
    updated = when(document, "updated", front.updated, zone) if front.updated is not None else None
    audio = _audio(document, front.audio, draft=front.status == "draft")
    marks = chapters.parse(
        front.chapters,
        seconds=audio.seconds or float("inf"),
        problem=lambda sub, what, remedy: document.problem(("chapters", *steps(sub)), what, remedy),
    )
    return model.Episode(
        source=document.file,
        number=front.number,
        slug=slug,
        title=front.title.strip(),
        date=date,
        updated=updated or date,
        summary=front.summary.strip(),
        audio=audio,
        guid=front.guid or "",
        notes=digests.of(text.html.encode()),
        notes_links=text.links,
        recorded=recorded,
        guests=front.guests,
        topics=front.topics,
        season=front.season,
        type=front.type,
        explicit=explicit if front.explicit is None else front.explicit,
        image=model.Picture(url=front.image) if front.image else None,
        video=front.video,
        status=front.status,
        members=front.members,
        chapters=marks,
        links=tuple(model.Link(title=link.title, url=link.url) for link in front.links),
        sponsors=front.sponsors,
        aliases=front.aliases,
    )


def _check(document: Document, front: EpisodeFields, number: int) -> None:
    if not 1 <= front.number <= NUMBER_MAX:
        document.problem(("number",), f"{front.number} is no episode number", f"Count from 1 to {NUMBER_MAX}")
    elif front.number != number:
        document.problem(
            ("number",), f"the number is {front.number}, the file's name says {number}", "Make them the same"
        )
    title_and_summary(document, front.title, front.summary)
    if front.guid is not None and not re.fullmatch(rf"\S{{1,{GUID_CHARACTERS_MAX}}}", front.guid):
        document.problem(("guid",), "the guid is empty, too long or has spaces", "Leave it out, or write the old one")
    if front.season is not None and not 1 <= front.season <= NUMBER_MAX:
        document.problem(("season",), f"{front.season} is no season", "Count from 1")
    one_of(document, "type", front.type, TYPES)
    one_of(document, "status", front.status, model.STATUSES)
    if front.video:
        grammar.web_url(front.video, reporter(document, "video"))
    for field in ("guests", "topics", "sponsors"):
        ids(document, field, getattr(front, field))
    links(document, front.links)
    aliases(document, front.aliases)


def _audio(document: Document, audio: str | AudioFields, *, draft: bool) -> model.Audio:
    """A draft may still be without audio; its `url` is then ''."""
    if audio == "":
        if not draft:
            document.problem(("audio",), "the episode has no audio", "Add 'audio: FILE' with a file of content/media")
        return model.Audio(url="", bytes=0, seconds=0, type="")
    if isinstance(audio, str):
        if "://" in audio:
            what = f"'{audio}' is an address, not the name of a file"
            document.problem(("audio",), what, "Write { url: ..., bytes: ..., seconds: ..., type: ... }")
        elif not audio.strip() or audio.startswith("/") or ".." in audio.split("/"):
            document.problem(("audio",), "the audio is no file name", "Name a file of content/media")
        return model.Audio(url=audio, bytes=0, seconds=0, type="")
    grammar.web_url(audio.url, reporter(document, "audio", "url"))
    if audio.bytes < 1 or not 0 < audio.seconds < SECONDS_MAX:
        document.problem(("audio",), "the audio is empty", "Give its length in bytes and its seconds")
    if audio.type not in directories.AUDIO_TYPES:
        remedy = f"Publish it as one of {', '.join(directories.AUDIO_TYPES)}"
        document.problem(("audio", "type"), f"directories take no '{audio.type}'", remedy)
    elif audio.type not in directories.MEDIA_TYPES.get(directories.extension(audio.url), ()):
        endings = ", ".join(directories.MEDIA_TYPES)
        what = f"the address does not end as '{audio.type}' does"
        document.problem(("audio", "url"), what, f"Let it end in one of {endings}: apps go by that")
    return model.Audio(url=audio.url, bytes=audio.bytes, seconds=audio.seconds, type=audio.type)
