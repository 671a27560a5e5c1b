"""What is public at a moment, and since when. A draft never is; a scheduled thing is from its date on."""

import datetime as dt
from collections.abc import Iterable

from generator.model import Bundle, Course, Episode, Lecture, Page, Post

ALWAYS = dt.datetime.min.replace(tzinfo=dt.UTC)
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
NEW_FOR = dt.timedelta(days=30)
Thing = Episode | Post | Page | Course | Lecture | Bundle


def since(thing: Thing) -> dt.datetime:
    """ALWAYS for a page, NEVER for a draft and for what is for members only, as long as members have no feeds."""
    if thing.status == "draft" or (isinstance(thing, Episode) and thing.members):
        return NEVER
    return ALWAYS if isinstance(thing, Page) else thing.date


class Moment:
    """The moment that a site is put together for; with `drafts` everything is public but what is for members."""

    def __init__(self, at: dt.datetime, *, drafts: bool) -> None:
        self.at, self.drafts = at, drafts

    def shows(self, thing: Thing) -> bool:
        if isinstance(thing, Episode) and thing.members:
            return False
        return self.drafts or since(thing) <= self.at

    def reached(self, date: dt.datetime) -> bool:
        return self.drafts or date <= self.at


def is_new(course: Course, at: dt.datetime) -> bool:
    return course.date <= at < course.date + NEW_FOR


def has_ended(bundle: Bundle, at: dt.datetime) -> bool:
    return bundle.until is not None and bundle.until <= at


def turns(things: Iterable[object]) -> set[dt.datetime]:
    """Every moment at which something here comes out, is no longer new, or ends: what is printed then differs."""
    found = {thing.date for thing in things if isinstance(thing, Episode | Post | Course | Bundle)}
    found |= {thing.date + NEW_FOR for thing in things if isinstance(thing, Course)}
    return found | {thing.until for thing in things if isinstance(thing, Bundle) and thing.until}


def first_named(
    episodes: Iterable[Episode], posts: Iterable[Post], courses: Iterable[Course] = ()
) -> dict[str, dt.datetime]:
    """Since when each person ('people/ID') and topic ('topics/ID') is named by something public."""
    found: dict[str, dt.datetime] = {}
    for episode in episodes:
        date = since(episode)
        for name in (*(f"people/{id}" for id in episode.guests), *(f"topics/{id}" for id in episode.topics)):
            found[name] = min(date, found.get(name, NEVER))
    things: list[Post | Course] = [*posts, *courses]
    for written in things:
        date = since(written)
        for name in (*(f"people/{id}" for id in written.authors), *(f"topics/{id}" for id in written.topics)):
            found[name] = min(date, found.get(name, NEVER))
    return found
