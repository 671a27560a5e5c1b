"""What there is of courses beside their pages: lectures' captions as files, and the feed of the courses. Knows no XML."""

from collections.abc import Iterator

from generator import urls
from generator.model import Course, Site
from generator.render.episode_files import TranscriptView
from generator.render.output import Output
from generator.render.posts_feed import PostItemView, PostsFeedView

COURSES_MAX = 50
DOWNLOADS = ".longwave/downloads"


def plan_captions(site: Site) -> Iterator[Output]:
    """Public, as what is said in a lecture stands on its page too; the video takes its captions from there."""
    for course in site.courses:
        for lecture in course.lectures:
            for captions in lecture.captions:
                path = urls.output_path(urls.captions(course.slug, lecture.slug, captions.language))
                view = TranscriptView(transcript=captions.digest, language=captions.language, title="")
                yield Output(path, "vtt", view, (captions.source,))


def plan_downloads(site: Site, *, content: str) -> Iterator[Output]:
    """What goes with lectures: not below the web root, for it is their courses' owners'. `content` is the folder's name.

    From `output/.longwave/downloads` a publish takes them into its pool.
    """
    planned = {
        urls.download(course.slug, one.file, one.sha256): f"{content}/{one.file}"
        for course in site.courses
        for lecture in course.lectures
        for one in lecture.downloads
    }
    for path, source in planned.items():
        yield Output(f"{DOWNLOADS}/{path}", "copy", source, (source,))


def plan_feed(site: Site) -> PostsFeedView:
    """The newest courses, each with its whole description, announced ones too."""
    config = site.config
    newest = site.courses[: -COURSES_MAX - 1 : -1]
    return PostsFeedView(
        url=config.url + urls.COURSES_FEED,
        origin=config.url,
        title=f"{config.title}: courses",
        description=f"New courses of {config.title}.",
        language=config.language,
        items=tuple(_item(site, course) for course in newest),
    )


def _item(site: Site, course: Course) -> PostItemView:
    return PostItemView(
        title=course.title,
        url=site.config.url + urls.course(course.slug),
        date=course.date,
        summary=course.summary,
        authors=tuple(site.people[id].name for id in course.authors),
        html=course.text.html,
        resolved=site.resolved.get(course.source, {}),
        guid=course.id,
    )
