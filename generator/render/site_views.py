"""What many pages of one site show, each made once: cards, references, who is heard where. Knows no page."""

from collections import defaultdict
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from generator import urls
from generator.model import Bundle, Course, Episode, Lecture, Page, Person, Picture, Post, Site, Topic
from generator.render import cards, course_cards
from generator.render.links import resolve
from generator.render.origin import absolute
from generator.render.views import CourseCard, EpisodeCard, Head, LinkView, PostCard, View

LISTS = {
    "Episodes": urls.EPISODES,
    "Courses": urls.COURSES,
    "People": urls.PEOPLE,
    "Topics": urls.TOPICS,
    "Posts": urls.POSTS,
}
TRAILS = {title: (LinkView(title=title, url=path),) for title, path in LISTS.items()}


class Setting(View):
    """What the head of every page takes from the site."""

    title: str
    url: str
    artwork: Picture

    def head(
        self,
        title: str,
        description: str,
        path: str,
        *,
        image: Picture | None = None,
        trail: tuple[LinkView, ...] = (),
        **more: str,
    ) -> Head:
        """The head of the page at `path`, which `trail` leads to from the front page; the show's artwork stands in."""
        crumbs = (LinkView(title=self.title, url="/"), *trail, LinkView(title=title, url=path)) if path != "/" else ()
        return Head(
            title=title,
            description=description,
            canonical=self.url + path,
            image=absolute((image or self.artwork).url, origin=self.url),
            breadcrumbs=crumbs,
            **more,
        )


class SiteViews:
    """`cards` and `titles` go by an episode's number, `posts` by slug, all others by id."""

    def __init__(self, site: Site) -> None:
        self.site, self.config, self.show = site, site.config, site.config.show
        self.zone = ZoneInfo(site.config.timezone)
        self.cards = {episode.number: cards.episode(episode, self.zone) for episode in site.episodes}
        self.titles = {number: LinkView(title=card.title, url=card.url) for number, card in self.cards.items()}
        self.posts = {post.slug: cards.post(post, self.zone) for post in site.posts}
        self.courses = {course.id: course_cards.course(course, site) for course in site.courses}
        self.bundles = {bundle.id: course_cards.bundle(bundle, site) for bundle in site.bundles}
        self.people = {id: cards.person(person) for id, person in site.people.items()}
        self.topics = {id: LinkView(title=topic.name, url=urls.topic(id)) for id, topic in site.topics.items()}
        self.sponsors = {id: cards.sponsor(sponsor, site) for id, sponsor in site.sponsors.items()}
        self.hosts = tuple(self.people[id] for id in self.show.hosts if id in self.people)
        self.appearances: dict[str, list[Episode]] = defaultdict(list)
        self.by_topic: dict[str, list[Episode]] = defaultdict(list)
        for episode in site.episodes:
            for guest in episode.guests:
                self.appearances[guest].append(episode)
            for topic in episode.topics:
                self.by_topic[topic].append(episode)
        self.setting = Setting(title=site.config.title, url=site.config.url, artwork=self.show.artwork)
        self.head = self.setting.head

    def text(self, thing: Person | Topic | Post | Page | Course | Lecture | Bundle) -> str:
        """A text's HTML with public addresses in place of the links its editor wrote."""
        return resolve(thing.text.html, self.site.resolved.get(thing.source, {}))

    def episode_cards(self, episodes: Iterable[Episode]) -> tuple[EpisodeCard, ...]:
        """Of `episodes` (oldest first), the newest first."""
        return tuple(self.cards[episode.number] for episode in episodes)[::-1]

    def post_cards(self, posts: Iterable[Post]) -> tuple[PostCard, ...]:
        """Of `posts` (oldest first), the newest first."""
        return tuple(self.posts[post.slug] for post in posts)[::-1]

    def course_cards(self, courses: Iterable[Course]) -> tuple[CourseCard, ...]:
        """Of `courses` (oldest first), the newest first."""
        return tuple(self.courses[course.id] for course in courses)[::-1]
