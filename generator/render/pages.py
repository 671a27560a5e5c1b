"""Names the template of each kind of page and gathers all that a site has. Knows no HTML, no Pelican and no files."""

from generator import urls
from generator.model import Site
from generator.render import account, articles, courses, listings
from generator.render.account import AccountPage
from generator.render.course_views import BundlePage, CataloguePage, CoursePage, LecturePage
from generator.render.output import Output, PlannedPage
from generator.render.site_views import SiteViews
from generator.render.views import (
    EpisodeListPage,
    EpisodePage,
    HomePage,
    IndexPage,
    NotFoundPage,
    PersonPage,
    PostListPage,
    PostPage,
    TextPage,
    TopicPage,
    View,
)

TEMPLATES: dict[type[View], str] = {
    HomePage: "home.html",
    EpisodeListPage: "episodes.html",
    EpisodePage: "episode.html",
    TopicPage: "topic.html",
    PersonPage: "person.html",
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


def plan(site: Site) -> list[Output]:
    """Every page of the site, each with its whole context."""
    views = SiteViews(site)
    parts = (listings, articles, courses, account)
    return [_output(page) for part in parts for page in part.plan(views)]


def _output(page: PlannedPage) -> Output:
    sources = tuple(filter(None, page.sources))
    return Output(urls.output_path(page.path), TEMPLATES[type(page.view)], page.view, sources)
