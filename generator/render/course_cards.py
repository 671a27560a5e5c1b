"""The small views of courses and bundles that many pages share: cards, prices, offers, outlines. Knows no page."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote
from zoneinfo import ZoneInfo

from generator import urls
from generator.model import Bundle, Course, CourseChapter, Lecture, Seats, Site
from generator.render import cards, money
from generator.render.course_views import BundleCard, ChapterOutline, LectureRow, OfferView, SeatsView
from generator.render.times import JUST_BEFORE, clock, iso_duration, spoken
from generator.render.views import CourseCard, PriceView

NEW, FREE, ANNOUNCED = "New", "Free", "Announced"


def course(value: Course, site: Site) -> CourseCard:
    seconds = sum(lecture.seconds for lecture in value.lectures)
    shown = prices(value.prices, site)
    return CourseCard(
        title=value.title,
        url=urls.course(value.slug),
        summary=value.summary,
        image=cards.picture(value.image) if value.image else None,
        level=value.level.capitalize(),
        lectures=counted(len(value.lectures), "lecture") if value.lectures else "",
        duration=spoken(seconds) if seconds else "",
        duration_iso=iso_duration(seconds) if seconds else "",
        authors=tuple(site.people[id].name for id in value.authors),
        price="" if value.notify else FREE if value.free else shown[0].text,
        flags=_flags(value, site),
    )


def bundle(value: Bundle, site: Site) -> BundleCard:
    shown = prices(value.prices, site)
    return BundleCard(
        title=value.title,
        url=urls.bundle(value.slug),
        summary=value.summary,
        image=cards.picture(value.image) if value.image else None,
        count=counted(len(value.courses), "course"),
        price=shown[0].text,
        instead=_instead(value, site),
    )


def prices(values: Mapping[str, int], site: Site) -> tuple[PriceView, ...]:
    """The store's own currency first, the others as the editor wrote them."""
    own = site.config.store.currency
    return tuple(
        PriceView(currency=currency, text=money.price(amount, currency), amount=money.plain(amount, currency))
        for currency, amount in sorted(values.items(), key=lambda item: item[0] != own)
    )


def course_offer(value: Course, site: Site) -> OfferView:
    subject = f"Tell me: {value.title}" if value.notify else f"For a team: {value.title}"
    return OfferView(
        product=value.id,
        noun="course",
        prices=() if value.notify or value.free else prices(value.prices, site),
        free=value.free and not value.notify,
        announced=value.notify,
        ask=f"mailto:{site.config.show.owner.email}?subject={quote(subject)}" if value.notify or value.seats else "",
    )


def bundle_offer(value: Bundle, site: Site, zone: ZoneInfo) -> OfferView:
    ended = value.id in site.ended
    return OfferView(
        product=value.id,
        noun="bundle",
        prices=() if ended else prices(value.prices, site),
        ended=ended,
        until=cards.date(value.until - JUST_BEFORE, zone) if value.until else None,
        instead=_instead(value, site),
    )


def seats(values: Iterable[Seats]) -> tuple[SeatsView, ...]:
    return tuple(SeatsView(seats=f"From {one.first} seats", off=f"{one.percent_off}\u202f% off each") for one in values)


def outline(value: Course) -> tuple[ChapterOutline, ...]:
    return tuple(_chapter(chapter, value) for chapter in value.chapters)


def row(value: Lecture, within: Course) -> LectureRow:
    return LectureRow(
        id=value.id,
        title=value.title,
        url=urls.lecture(within.slug, value.slug),
        duration=clock(value.seconds) if value.seconds else "",
        duration_iso=iso_duration(value.seconds) if value.seconds else "",
        open=is_open(value, within),
    )


def is_open(value: Lecture, within: Course) -> bool:
    """Whether anybody may watch it; nothing of a course that is only announced."""
    return (value.preview or within.free) and not within.notify


def counted(number: int, noun: str) -> str:
    """
    >>> counted(1, "course"), counted(4, "course")
    ('1 course', '4 courses')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _chapter(value: CourseChapter, within: Course) -> ChapterOutline:
    seconds = sum(lecture.seconds for lecture in value.lectures)
    return ChapterOutline(
        title=value.title,
        summary=value.summary,
        duration=spoken(seconds) if seconds else "",
        lectures=tuple(row(lecture, within) for lecture in value.lectures),
    )


def _flags(value: Course, site: Site) -> tuple[str, ...]:
    said = {
        ANNOUNCED: value.notify,
        NEW: value.id in site.new and not value.notify,
        FREE: value.free and not value.notify,
    }
    return tuple(flag for flag, holds in said.items() if holds)


def _instead(value: Bundle, site: Site) -> str:
    """What the bundle's courses cost one by one, when that is more."""
    own = site.config.store.currency
    inside = [one.prices.get(own, 0) for one in site.courses if one.id in value.courses and not one.notify]
    total = sum(inside)
    return money.price(total, own) if total > value.prices.get(own, total) else ""
