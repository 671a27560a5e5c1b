"""Decides what the pages that list things print: home, episodes, people, topics, posts. Knows no page of a single episode."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from generator import urls
from generator.model import Course, Episode, Person, Picture, Post, Topic
from generator.render import cards
from generator.render.output import Output, Part, PlannedPage
from generator.render.shelves import Shelf, shelve
from generator.render.site_views import TRAILS, Setting, SiteViews
from generator.render.views import (
    CountedLink,
    CourseCard,
    EpisodeCard,
    EpisodeListPage,
    Head,
    HomePage,
    IndexPage,
    LinkView,
    NotFoundPage,
    PersonPage,
    PostCard,
    PostListPage,
    TopicPage,
    View,
)

HOME_EPISODES, HOME_POSTS, HOME_TOPICS, HOME_COURSES = 9, 3, 24, 3
NOT_FOUND_EPISODES = 5


class Heard(View):
    """A person, and what their page lists."""

    person: Person
    text_html: str
    role: str
    episodes: tuple[EpisodeCard, ...]
    posts: tuple[PostCard, ...]
    courses: tuple[CourseCard, ...]
    sources: tuple[str, ...]


def plan(views: SiteViews) -> Iterator[PlannedPage]:
    yield _home(views)
    yield _not_found(views)
    yield from _episode_lists(views)
    yield _index_of_people(views)
    yield from _topics(views)
    yield from _post_lists(views)


def _home(views: SiteViews) -> PlannedPage:
    config, show, site = views.config, views.show, views.site
    full = [episode for episode in site.episodes if episode.type != "trailer"] or list(site.episodes)
    latest = full[-1] if full else None
    posts = site.posts[-HOME_POSTS:]
    courses = [course for course in site.courses if not course.notify][-HOME_COURSES:]
    view = HomePage(
        head=views.head(config.title, config.description, "/"),
        show_description=show.description,
        latest=views.cards[latest.number] if latest else None,
        latest_audio=cards.audio(latest) if latest else None,
        trailer=views.cards.get(show.trailer) if show.trailer is not None else None,
        recent=views.episode_cards(full[-HOME_EPISODES - 1 : -1]),
        hosts=views.hosts,
        topics=tuple(views.topics[id] for id in _busiest_topics(views)),
        posts=views.post_cards(posts),
        courses=views.course_cards(courses),
    )
    return PlannedPage("/", view, _sources(*full[-HOME_EPISODES - 1 :], *posts, *courses))


def _busiest_topics(views: SiteViews) -> list[str]:
    return sorted(sorted(views.by_topic, key=lambda id: (-len(views.by_topic[id]), id))[:HOME_TOPICS])


def _not_found(views: SiteViews) -> PlannedPage:
    """Answers at any address, so it has none of its own and stands nowhere on the way from home."""
    head = Head(title="Page not found", description="There is no page at this address.", canonical="", robots="noindex")
    recent = views.episode_cards(views.site.episodes[-NOT_FOUND_EPISODES:])
    return PlannedPage("/404.html", NotFoundPage(head=head, recent=recent))


def _episode_lists(views: SiteViews) -> Iterator[PlannedPage]:
    title = views.show.title
    for shelf in shelve(views.site.episodes, urls.EPISODES):
        heading = "Episodes" if shelf.number == 0 else f"Older episodes, page {shelf.number}"
        view = EpisodeListPage(
            head=_shelf_head(shelf, f"{heading} of {title}", f"Episodes of {title}, newest first.", views=views),
            heading=heading,
            episodes=tuple(views.cards[episode.number] for episode in shelf.items),
            older=shelf.older,
            newer=shelf.newer,
        )
        yield PlannedPage(shelf.path, view, _sources(*shelf.items))


def _post_lists(views: SiteViews) -> Iterator[PlannedPage]:
    title = views.show.title
    for shelf in shelve(views.site.posts, urls.POSTS):
        heading = "Posts" if shelf.number == 0 else f"Older posts, page {shelf.number}"
        view = PostListPage(
            head=_shelf_head(shelf, f"{heading} of {title}", f"The blog of {title}.", views=views),
            heading=heading,
            posts=tuple(views.posts[post.slug] for post in shelf.items),
            older=shelf.older,
            newer=shelf.newer,
        )
        yield PlannedPage(shelf.path, view, _sources(*shelf.items))


def people(views: SiteViews) -> Iterator[Part]:
    """A part for the page of each person."""
    show = views.show
    for id, person in views.site.people.items():
        episodes = views.appearances[id]
        posts = [post for post in views.site.posts if id in post.authors]
        courses = [course for course in views.site.courses if id in course.authors]
        heard = Heard(
            person=person,
            text_html=views.text(person),
            role="Host" if id in show.hosts else "Guest" if episodes else "",
            episodes=views.episode_cards(episodes),
            posts=views.post_cards(posts),
            courses=views.course_cards(courses),
            sources=(person.source, *_sources(*episodes, *posts, *courses)),
        )
        yield Part(f"person {id}", _person, (views.setting, show.title, heard))


def _person(setting: Setting, show: str, heard: Heard) -> Iterator[Output]:
    person, path = heard.person, urls.person(heard.person.id)
    summary = f"{person.name} on {show}."
    view = PersonPage(
        head=setting.head(person.name, summary, path, image=person.photo, og_type="profile", trail=TRAILS["People"]),
        name=person.name,
        role=heard.role,
        photo=cards.picture(person.photo) if person.photo else None,
        url=person.url,
        links=cards.links(person.links),
        text_html=heard.text_html,
        episodes=heard.episodes,
        posts=heard.posts,
        courses=heard.courses,
    )
    yield Output(urls.output_path(path), "person.html", view, tuple(filter(None, heard.sources)))


def _index_of_people(views: SiteViews) -> PlannedPage:
    entries = []
    for id, person in views.site.people.items():
        note = "Host" if id in views.show.hosts else _counted(len(views.appearances[id]))
        photo = cards.picture(person.photo) if person.photo else None
        entries.append(CountedLink(title=person.name, url=urls.person(id), note=note, photo=photo))
    return _index(urls.PEOPLE, "People", f"Hosts and guests of {views.show.title}.", entries=entries, views=views)


def _topics(views: SiteViews) -> Iterator[PlannedPage]:
    entries = []
    for id, topic in views.site.topics.items():
        yield from _topic(topic, views)
        entries.append(CountedLink(title=topic.name, url=urls.topic(id), note=_counted(len(views.by_topic[id]))))
    yield _index(urls.TOPICS, "Topics", f"What {views.show.title} is about.", entries=entries, views=views)


def _topic(topic: Topic, views: SiteViews) -> Iterator[PlannedPage]:
    posts = [post for post in views.site.posts if topic.id in post.topics]
    courses = [course for course in views.site.courses if topic.id in course.topics]
    newest, *numbered = shelve(views.by_topic[topic.id], urls.topic(topic.id))
    whole = replace(
        _topic_page(topic, newest, views),
        photo=cards.picture(topic.photo) if topic.photo else None,
        url=topic.url,
        links=cards.links(topic.links),
        text_html=views.text(topic),
        posts=views.post_cards(posts),
        courses=views.course_cards(courses),
    )
    yield PlannedPage(newest.path, whole, (topic.source, *_sources(*newest.items, *posts, *courses)))
    for shelf in numbered:
        yield PlannedPage(shelf.path, _topic_page(topic, shelf, views), (topic.source, *_sources(*shelf.items)))


def _topic_page(topic: Topic, shelf: Shelf[Episode], views: SiteViews) -> TopicPage:
    heading = topic.name if shelf.number == 0 else f"{topic.name}, page {shelf.number}"
    description = f"Episodes of {views.show.title} about {topic.name}."
    head = _shelf_head(shelf, heading, description, views=views, image=topic.photo, trail=TRAILS["Topics"])
    return TopicPage(
        head=head,
        name=heading,
        photo=None,
        url="",
        links=(),
        text_html="",
        episodes=tuple(views.cards[episode.number] for episode in shelf.items),
        posts=(),
        courses=(),
        older=shelf.older,
        newer=shelf.newer,
    )


def _shelf_head(
    shelf: Shelf[Any],
    title: str,
    description: str,
    *,
    views: SiteViews,
    image: Picture | None = None,
    trail: tuple[LinkView, ...] = (),
) -> Head:
    return views.head(title, description, shelf.path, image=image, trail=trail, older=shelf.older, newer=shelf.newer)


def _index(path: str, heading: str, description: str, *, entries: list[CountedLink], views: SiteViews) -> PlannedPage:
    ordered = tuple(sorted(entries, key=lambda entry: (entry.title.casefold(), entry.url)))
    return PlannedPage(path, IndexPage(head=views.head(heading, description, path), heading=heading, entries=ordered))


def _sources(*listed: Episode | Post | Course) -> tuple[str, ...]:
    return tuple(one.source for one in listed)


def _counted(episodes: int) -> str:
    return f"{episodes} episode{'' if episodes == 1 else 's'}" if episodes else ""
