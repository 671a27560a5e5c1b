"""Small valid values to build tests on: each takes only what its test is about. Knows no files."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from generator.cues import Cue
from generator.model import (
    Audio,
    Captions,
    Chapter,
    Config,
    Course,
    CourseChapter,
    Episode,
    Feed,
    Lecture,
    Owner,
    Person,
    Picture,
    Post,
    Show,
    Site,
    Text,
)

URL = "https://signalpath.example"
FIRST_DAY = dt.datetime(2026, 1, 5, 6, tzinfo=dt.UTC)


def cue(start: float = 0.0, text: str = "Welcome to the show.", *, end: float | None = None, speaker: str = "") -> Cue:
    return Cue(start, start + 2.5 if end is None else end, text, speaker)


def chapters(*titles: str, every: float = 60.0) -> tuple[Chapter, ...]:
    return tuple(Chapter(at=n * every, title=title) for n, title in enumerate(titles))


def person(id: str = "ada-example", **changes: Any) -> Person:
    values: dict[str, Any] = {
        "source": f"people/{id}.md",
        "id": id,
        "name": id.replace("-", " ").title(),
        "text": Text(html=""),
    }
    return Person(**values | changes)


def episode(number: int = 1, **changes: Any) -> Episode:
    """Number N is published on the Nth day."""
    date = FIRST_DAY + dt.timedelta(days=number - 1)
    values: dict[str, Any] = {
        "source": f"episodes/{number:04d}-part-{number}.md",
        "number": number,
        "slug": f"part-{number}",
        "title": f"How to listen, part {number}",
        "date": date,
        "updated": changes.get("date", date),
        "summary": f"What part {number} says, in a sentence.",
        "audio": Audio(url=f"/media/part-{number}.mp3", bytes=1_000_000 + number, seconds=600.4, type="audio/mpeg"),
        "guid": f"guid-{number}",
        "notes": f"notes-{number}",
    }
    return Episode(**values | changes)


def episodes(count: int) -> tuple[Episode, ...]:
    return tuple(episode(number) for number in range(1, count + 1))


def post(slug: str = "first-post", **changes: Any) -> Post:
    values: dict[str, Any] = {
        "source": f"posts/{slug}.md",
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "date": FIRST_DAY,
        "updated": FIRST_DAY,
        "summary": "What the post says.",
        "text": Text(html="<p>The whole post.</p>"),
    }
    return Post(**values | changes)


def lecture(slug: str = "wheels", **changes: Any) -> Lecture:
    values: dict[str, Any] = {
        "source": f"courses/clocks/01-within/01-{slug}.md",
        "id": f"lec_{slug}",
        "slug": slug,
        "title": slug.capitalize(),
        "text": Text(html=""),
        "date": FIRST_DAY,
        "video": f"clocks/{slug}.mp4",
        "seconds": 300,
        "course": "clocks",
    }
    return Lecture(**values | changes)


def captions(**changes: Any) -> Captions:
    return Captions(**{"language": "en", "digest": "said", "source": "courses/clocks/x.vtt"} | changes)


def course(slug: str = "clocks", *lectures: Lecture, **changes: Any) -> Course:
    """A paid course with a chapter of `lectures`."""
    values: dict[str, Any] = {
        "source": f"courses/{slug}/course.md",
        "id": f"crs_{slug}",
        "slug": slug,
        "title": slug.capitalize(),
        "date": FIRST_DAY,
        "updated": FIRST_DAY,
        "summary": f"How {slug} work.",
        "text": Text(html="<p>At length.</p>"),
        "prices": {"usd": 4900},
        "chapters": (CourseChapter(source="", title="Within", lectures=lectures or (lecture(course=slug),)),),
    }
    return Course(**values | changes)


def show(**changes: Any) -> Show:
    values: dict[str, Any] = {
        "title": "Signal Path",
        "description": "How the systems that we rely on really work.",
        "author": "Signal Path Radio",
        "owner": Owner(name="Ada Example", email="ada@signalpath.example"),
        "categories": (("Technology",), ("Education", "Courses")),
        "explicit": False,
        "type": "episodic",
        "artwork": Picture(url="/media/artwork.jpg", width=1400, height=1400, type="image/jpeg"),
        "guid": "9b024349-ccf0-5f69-a609-6b82873eab3c",
        "copyright": "Signal Path Radio",
        "hosts": ("ada-example",),
    }
    return Show(**values | changes)


def config(**changes: Any) -> Config:
    """`show` and `feed` take whole values: config(show=show(type="serial"))."""
    values: dict[str, Any] = {
        "title": "Signal Path",
        "url": URL,
        "language": "en",
        "description": "A weekly show about systems.",
        "timezone": "UTC",
        "aliases": (),
        "show": show(),
        "feed": Feed(),
        "media_base_url": "/media/",
    }
    return Config(**values | changes)


def site(episodes: Iterable[Episode] = (), **changes: Any) -> Site:
    """Everybody whom the episodes, posts and the show name is there."""
    held = tuple(sorted(episodes, key=lambda episode: (episode.date, episode.number)))
    values: dict[str, Any] = {"config": config(), "posts": (), "people": {}} | changes
    named = set(values["config"].show.hosts)
    named.update(id for episode in held for id in episode.guests)
    named.update(id for post in values["posts"] for id in post.authors)
    named.update(id for course in values.get("courses", ()) for id in course.authors)
    people = {id: person(id) for id in sorted(named)} | values.pop("people")
    rest: dict[str, Any] = {"topics": {}, "sponsors": {}, "pages": (), "redirects": (), "files": {}}
    return Site(**rest | values | {"episodes": held, "people": people})
