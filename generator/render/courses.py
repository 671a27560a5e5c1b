"""Decides what the pages of courses print: the catalogue, each course, each lecture, each bundle. Knows no HTML."""

from collections import defaultdict
from collections.abc import Iterator

from generator import urls
from generator.model import Bundle, Course, Lecture
from generator.render import cards, course_cards, languages
from generator.render.course_views import (
    BundlePage,
    CaptionsView,
    CataloguePage,
    CoursePage,
    DownloadView,
    LecturePage,
    ShelfView,
)
from generator.render.output import PlannedPage
from generator.render.site_views import TRAILS, SiteViews
from generator.render.views import LinkView

MORE = "More courses"


def plan(views: SiteViews) -> Iterator[PlannedPage]:
    """Nothing of a site without courses."""
    if views.site.courses:
        yield _catalogue(views)
    for course in views.site.courses:
        yield _course(course, views)
        yield from _lectures(course, views)
    yield from (_bundle(bundle, views) for bundle in views.site.bundles)


def _catalogue(views: SiteViews) -> PlannedPage:
    site, title = views.site, views.config.title
    lede = f"What {title} teaches, at your own pace."
    view = CataloguePage(
        head=views.head("Courses", f"Courses of {title}. {lede}", urls.COURSES),
        heading="Courses",
        lede=lede,
        bundles=tuple(views.bundles[bundle.id] for bundle in site.bundles if bundle.id not in site.ended),
        shelves=tuple(_shelves(views)),
        feed_url=urls.COURSES_FEED,
    )
    return PlannedPage(urls.COURSES, view, _all_sources(views))


def _shelves(views: SiteViews) -> Iterator[ShelfView]:
    """Each course once, under the first of its topics; the newest first."""
    by_topic: dict[str, list[Course]] = defaultdict(list)
    for course in reversed(views.site.courses):
        by_topic[course.topics[0] if course.topics else ""].append(course)
    for id in sorted(by_topic, key=lambda id: (not id, views.topics[id].title.casefold() if id else "")):
        yield ShelfView(
            title=views.topics[id].title if id else MORE,
            anchor=id or "more",
            url=views.topics[id].url if id else "",
            courses=tuple(views.courses[course.id] for course in by_topic[id]),
        )


def _course(course: Course, views: SiteViews) -> PlannedPage:
    card = views.courses[course.id]
    free = [lecture for lecture in course.lectures if course_cards.is_open(lecture, course)]
    updated = cards.date(course.updated, views.zone)
    view = CoursePage(
        head=views.head(
            course.title,
            course.summary,
            card.url,
            image=course.image,
            published=cards.date(course.date, views.zone).iso,
            modified=updated.iso,
            trail=TRAILS["Courses"],
        ),
        card=card,
        authors=tuple(views.people[id] for id in course.authors),
        topics=tuple(views.topics[id] for id in course.topics),
        updated=updated,
        captions=_languages(course),
        chapters=course_cards.outline(course),
        open_count=len(free),
        first_open=_link(free[0]) if free else None,
        text_html=views.text(course),
        trailer=cards.video(course.trailer),
        repository=course.repository,
        seats=course_cards.seats(course.seats) if not (course.free or course.notify) else (),
        bundles=tuple(views.bundles[bundle.id] for bundle in _offered_in(course, views)),
        offer=course_cards.course_offer(course, views.site),
    )
    return PlannedPage(card.url, view, _sources(course, views))


def _lectures(course: Course, views: SiteViews) -> Iterator[PlannedPage]:
    outline, lectures = course_cards.outline(course), course.lectures
    chapters = [chapter for chapter in course.chapters for _ in chapter.lectures]
    offer = course_cards.course_offer(course, views.site)
    around = zip((None, *lectures), lectures, (*lectures[1:], None), strict=False)
    for (before, lecture, after), chapter in zip(around, chapters, strict=True):
        row = course_cards.row(lecture, course)
        about = f"A lecture of {course.title}, in the chapter {chapter.title}."
        course_link = LinkView(title=course.title, url=urls.course(course.slug))
        view = LecturePage(
            head=views.head(lecture.title, about, row.url, image=course.image, trail=(*TRAILS["Courses"], course_link)),
            title=lecture.title,
            chapter=chapter.title,
            course=views.courses[course.id],
            row=row,
            offer=offer,
            text_html=views.text(lecture),
            downloads=tuple(
                DownloadView(name=one.file.rpartition("/")[2], size=_size(one.bytes)) for one in lecture.downloads
            ),
            captions=_captions(lecture),
            chapters=outline,
            previous=_link(before),
            next=_link(after),
        )
        spoken = (captions.source for captions in lecture.captions)
        yield PlannedPage(row.url, view, (lecture.source, *spoken, course.source, chapter.source))


def _bundle(bundle: Bundle, views: SiteViews) -> PlannedPage:
    card = views.bundles[bundle.id]
    inside = [course for course in reversed(views.site.courses) if course.id in bundle.courses]
    summary = bundle.summary or f"{card.count}: {', '.join(course.title for course in inside)}."
    view = BundlePage(
        head=views.head(bundle.title, summary, card.url, image=bundle.image, trail=TRAILS["Courses"]),
        card=card,
        text_html=views.text(bundle),
        courses=tuple(views.courses[course.id] for course in inside),
        later=_later(bundle),
        offer=course_cards.bundle_offer(bundle, views.site, views.zone),
    )
    return PlannedPage(card.url, view, (bundle.source, *(course.source for course in inside)))


def _later(bundle: Bundle) -> str:
    """What its buyers get besides."""
    if not bundle.include_future:
        return ""
    return "and every one that comes later" if bundle.all else "and what is added to it later"


def _offered_in(course: Course, views: SiteViews) -> Iterator[Bundle]:
    """The bundles in which it is cheaper, or for more; not those that are over."""
    for bundle in views.site.bundles:
        if course.id in bundle.courses and bundle.id not in views.site.ended and not course.free:
            yield bundle


def _languages(course: Course) -> tuple[str, ...]:
    """Of those captions that every lecture has that has any."""
    spoken = [{captions.language for captions in lecture.captions} for lecture in course.lectures if lecture.captions]
    common = set.intersection(*spoken) if spoken else set()
    return tuple(languages.name(code) for code in sorted(common))


def _captions(lecture: Lecture) -> tuple[CaptionsView, ...]:
    return tuple(
        CaptionsView(
            code=one.language,
            language=languages.name(one.language),
            url=urls.captions(lecture.course, lecture.slug, one.language),
            transcript=one.digest,
        )
        for one in lecture.captions
    )


def _link(lecture: Lecture | None) -> LinkView | None:
    return LinkView(title=lecture.title, url=urls.lecture(lecture.course, lecture.slug)) if lecture else None


def _all_sources(views: SiteViews) -> tuple[str, ...]:
    courses = (course.source for course in views.site.courses)
    return (*courses, *(bundle.source for bundle in views.site.bundles))


def _size(size_bytes: int) -> str:
    """
    >>> _size(900), _size(48_200), _size(2_500_000)
    ('1 kB', '48 kB', '2.5 MB')
    """
    return f"{size_bytes / 1_000_000:.1f} MB" if size_bytes >= 1_000_000 else f"{max(1, round(size_bytes / 1000))} kB"


def _sources(course: Course, views: SiteViews) -> tuple[str, ...]:
    site = views.site
    return (
        course.source,
        *(chapter.source for chapter in course.chapters),
        *(lecture.source for lecture in course.lectures),
        *(site.people[id].source for id in course.authors),
        *(site.topics[id].source for id in course.topics),
        *(bundle.source for bundle in _offered_in(course, views)),
    )
