"""Names the template of each kind of page and gathers all that a site has. Knows no HTML, no Pelican and no files."""

from collections.abc import Iterator

from generator import urls
from generator.model import Site
from generator.render import account, articles, courses, episodes, listings
from generator.render.account import AccountPage
from generator.render.course_views import BundlePage, CataloguePage, CoursePage, LecturePage
from generator.render.output import Output, Part
from generator.render.site_views import SiteViews
from generator.render.views import (
    EpisodeListPage,
    HomePage,
    IndexPage,
    NotFoundPage,
    PostListPage,
    PostPage,
    TextPage,
    TopicPage,
    View,
)

TEMPLATES: dict[type[View], str] = {
    HomePage: "home.html",
    EpisodeListPage: "episodes.html",
    TopicPage: "topic.html",
    IndexPage: "index.html",
    PostListPage: "posts.html",
    PostPage: "post.html",
    TextPage: "page.html",
    NotFoundPage: "not_found.html",
    CataloguePage: "courses.html",
    CoursePage: "course.html",
    LecturePage: "lecture.html",
    BundlePage: "bundle.html",
    AccountPage: "account.html",
}


def parts(site: Site) -> Iterator[Part]:
    """Every page of the site, each with its whole context, and the files beside episodes' pages."""
    views = SiteViews(site)
    yield from episodes.parts(views)
    yield from listings.people(views)
    yield Part("pages", lambda: _planned(views))


def _planned(views: SiteViews) -> Iterator[Output]:
    for page in (page for planner in (listings, articles, courses, account) for page in planner.plan(views)):
        sources = tuple(filter(None, page.sources))
        yield Output(urls.output_path(page.path), TEMPLATES[type(page.view)], page.view, sources)
