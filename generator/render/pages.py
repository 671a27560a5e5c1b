"""Decides which pages a site has and what each prints. Knows no HTML, no Pelican and no files."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from generator import urls
from generator.model import Episode, Page, Picture, Post, Site
from generator.render import cards
from generator.render.links import resolve
from generator.render.output import Output
from generator.render.related import related
from generator.render.shelves import shelve
from generator.render.views import (
    CountedLink,
    EpisodeCard,
    EpisodeListPage,
    EpisodePage,
    Head,
    HomePage,
    IndexPage,
    LinkView,
    NotFoundPage,
    PersonPage,
    PostListPage,
    PostPage,
    TextPage,
    TopicPage,
    View,
)

HOME_EPISODES, HOME_POSTS, HOME_TOPICS = 9, 3, 24
NOT_FOUND_EPISODES = 5
LISTS = {"Episodes": urls.EPISODES, "People": urls.PEOPLE, "Topics": urls.TOPICS, "Posts": urls.POSTS}
TRAILS = {title: (LinkView(title=title, url=path),) for title, path in LISTS.items()}
TRANSCRIPT_TITLES = {"vtt": "WebVTT", "srt": "SRT", "json": "JSON", "txt": "Text"}
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
}


def plan(site: Site) -> list[Output]:
    """Every page of the site, each with its whole context."""
    pages = Pages(site)
    return [
        *pages.home(),
        *pages.episode_lists(),
        *pages.episodes(),
        *pages.people(),
        *pages.topics(),
        *pages.posts(),
        *pages.texts(),
    ]


class Pages:
    """The planning of one site: what many pages share is made once."""

    def __init__(self, site: Site) -> None:
        self._site, self._config, self._show = site, site.config, site.config.show
        self._zone = ZoneInfo(site.config.timezone)
        self._home = LinkView(title=site.config.title, url="/")
        self._cards = {episode.number: cards.episode(episode, self._zone) for episode in site.episodes}
        self._posts = {post.slug: cards.post(post, self._zone) for post in site.posts}
        self._people = {id: cards.person(person) for id, person in site.people.items()}
        self._topics = {id: LinkView(title=topic.name, url=urls.topic(id)) for id, topic in site.topics.items()}
        self._sponsors = {id: cards.sponsor(sponsor, site) for id, sponsor in site.sponsors.items()}
        self._hosts = tuple(self._people[id] for id in self._show.hosts if id in self._people)
        self._appearances: dict[str, list[Episode]] = defaultdict(list)
        self._by_topic: dict[str, list[Episode]] = defaultdict(list)
        for episode in site.episodes:
            for guest in episode.guests:
                self._appearances[guest].append(episode)
            for topic in episode.topics:
                self._by_topic[topic].append(episode)

    def home(self) -> Iterator[Output]:
        full = [episode for episode in self._site.episodes if episode.type != "trailer"] or list(self._site.episodes)
        latest = full[-1] if full else None
        trailer = next((episode for episode in self._site.episodes if episode.number == self._show.trailer), None)
        busiest = sorted(self._by_topic, key=lambda id: (-len(self._by_topic[id]), id))[:HOME_TOPICS]
        view = HomePage(
            head=self._head(self._config.title, self._config.description, "/", image=self._show.artwork),
            show_description=self._show.description,
            latest=self._cards[latest.number] if latest else None,
            latest_audio=cards.audio(latest) if latest else None,
            trailer=self._cards[trailer.number] if trailer else None,
            recent=self._listed(full[-HOME_EPISODES - 1 : -1]),
            hosts=self._hosts,
            topics=tuple(self._topics[id] for id in sorted(busiest)),
            posts=tuple(self._posts[post.slug] for post in self._site.posts[: -HOME_POSTS - 1 : -1]),
        )
        posts = (post.source for post in self._site.posts[-HOME_POSTS:])
        yield self._output("/", view, *(episode.source for episode in full[-HOME_EPISODES - 1 :]), *posts)
        recent = self._listed(self._site.episodes[-NOT_FOUND_EPISODES:])
        head = self._head("Page not found", "There is no page at this address.", "/404.html", robots="noindex")
        yield self._output("/404.html", NotFoundPage(head=head, recent=recent))

    def episode_lists(self) -> Iterator[Output]:
        for shelf in shelve(self._site.episodes, urls.EPISODES):
            heading = "Episodes" if shelf.number == 0 else f"Older episodes, page {shelf.number}"
            view = EpisodeListPage(
                head=self._head(
                    f"{heading} of {self._show.title}",
                    f"Episodes of {self._show.title}, newest first.",
                    shelf.path,
                    older=shelf.older,
                    newer=shelf.newer,
                ),
                heading=heading,
                intro_html="",
                episodes=tuple(self._cards[episode.number] for episode in shelf.items),
                older=shelf.older,
                newer=shelf.newer,
            )
            yield self._output(shelf.path, view, *(episode.source for episode in shelf.items))

    def episodes(self) -> Iterator[Output]:
        near = related(self._site.episodes)
        by_number = {episode.number: episode for episode in self._site.episodes}
        shown = self._site.episodes
        for before, episode, after in zip((None, *shown), shown, (*shown[1:], None), strict=False):
            neighbours = [one for one in (before, after, *(by_number[n] for n in near[episode.number])) if one]
            view = self._episode(episode, before, after, near[episode.number])
            yield self._output(
                urls.episode(episode.number, episode.slug),
                view,
                episode.source,
                episode.transcript_source,
                *(self._site.people[id].source for id in (*self._show.hosts, *episode.guests)),
                *(self._site.topics[id].source for id in episode.topics),
                *(self._site.sponsors[id].source for id in episode.sponsors),
                *(one.source for one in neighbours),
            )

    def people(self) -> Iterator[Output]:
        entries = []
        for id, person in self._site.people.items():
            episodes = self._appearances[id]
            path = urls.person(id)
            role = "Host" if id in self._show.hosts else "Guest" if episodes else ""
            posts = [post for post in self._site.posts if id in post.authors]
            summary = f"{person.name} on {self._show.title}."
            view = PersonPage(
                head=self._head(
                    person.name, summary, path, image=person.photo, og_type="profile", trail=TRAILS["People"]
                ),
                name=person.name,
                role=role,
                photo=cards.picture(person.photo) if person.photo else None,
                url=person.url,
                links=cards.links(person.links),
                text_html=resolve(person.text.html, self._site.resolved.get(person.source, {})),
                episodes=self._listed(episodes),
                posts=tuple(self._posts[post.slug] for post in reversed(posts)),
            )
            sources = (*(episode.source for episode in episodes), *(post.source for post in posts))
            yield self._output(path, view, person.source, *sources)
            note = "Host" if role == "Host" else counted(len(episodes))
            entries.append(CountedLink(title=person.name, url=path, note=note, photo=view.photo))
        yield self._index(urls.PEOPLE, "People", f"Hosts and guests of {self._show.title}.", entries)

    def topics(self) -> Iterator[Output]:
        entries = []
        for id, topic in self._site.topics.items():
            posts = tuple(self._posts[post.slug] for post in reversed(self._site.posts) if id in post.topics)
            text = resolve(topic.text.html, self._site.resolved.get(topic.source, {}))
            for shelf in shelve(self._by_topic[id], urls.topic(id)):
                heading = topic.name if shelf.number == 0 else f"{topic.name}, page {shelf.number}"
                view = TopicPage(
                    head=self._head(
                        heading,
                        f"Episodes of {self._show.title} about {topic.name}.",
                        shelf.path,
                        older=shelf.older,
                        newer=shelf.newer,
                        trail=TRAILS["Topics"],
                    ),
                    name=heading,
                    text_html=text if shelf.number == 0 else "",
                    episodes=tuple(self._cards[episode.number] for episode in shelf.items),
                    posts=posts if shelf.number == 0 else (),
                    older=shelf.older,
                    newer=shelf.newer,
                )
                yield self._output(shelf.path, view, topic.source, *(episode.source for episode in shelf.items))
            note = counted(len(self._by_topic[id]))
            entries.append(CountedLink(title=topic.name, url=urls.topic(id), note=note))
        yield self._index(urls.TOPICS, "Topics", f"What {self._show.title} is about.", entries)

    def posts(self) -> Iterator[Output]:
        posts = self._site.posts
        for shelf in shelve(posts, urls.POSTS):
            heading = "Posts" if shelf.number == 0 else f"Older posts, page {shelf.number}"
            title = f"{heading} of {self._show.title}"
            view = PostListPage(
                head=self._head(
                    title, f"The blog of {self._show.title}.", shelf.path, older=shelf.older, newer=shelf.newer
                ),
                heading=heading,
                posts=tuple(self._posts[post.slug] for post in shelf.items),
                older=shelf.older,
                newer=shelf.newer,
            )
            yield self._output(shelf.path, view, *(post.source for post in shelf.items))
        for k, post in enumerate(posts):
            before, after = posts[k - 1] if k else None, posts[k + 1] if k + 1 < len(posts) else None
            near = [one.source for one in (before, after) if one]
            yield self._output(urls.post(post.slug), self._post(post, before, after), post.source, *near)

    def texts(self) -> Iterator[Output]:
        for page in self._site.pages:
            path = urls.page(page.slug)
            updated = cards.date(page.updated, self._zone) if page.updated else None
            view = TextPage(
                head=self._head(page.title, page.summary or page.title, path, modified=updated.iso if updated else ""),
                title=page.title,
                text_html=self._text(page),
                updated=updated,
            )
            yield self._output(path, view, page.source)

    def _episode(
        self, episode: Episode, before: Episode | None, after: Episode | None, near: tuple[int, ...]
    ) -> EpisodePage:
        path = urls.episode(episode.number, episode.slug)
        card, image = self._cards[episode.number], cards.artwork(episode, self._show)
        updated = card.date if episode.updated == episode.date else cards.date(episode.updated, self._zone)
        head = self._head(
            episode.title,
            episode.summary,
            path,
            image=image,
            og_type="article",
            published=card.date.iso,
            modified=updated.iso,
            audio=episode.audio.url if episode.audio.url.startswith("http") else self._config.url + episode.audio.url,
            trail=TRAILS["Episodes"],
        )
        return EpisodePage(
            head=head,
            card=card,
            audio=cards.audio(episode),
            image=cards.picture(image),
            season_name=self._show.seasons.get(episode.season or 0, ""),
            explicit=episode.explicit,
            updated=updated if episode.updated > episode.date else None,
            video=episode.video,
            chapters=episode.chapters,
            chapters_url=urls.chapters(episode.number) if episode.chapters else "",
            hosts=self._hosts,
            guests=tuple(self._people[id] for id in episode.guests),
            topics=tuple(self._topics[id] for id in episode.topics),
            sponsors=tuple(self._sponsors[id] for id in episode.sponsors),
            links=episode.links,
            transcripts=transcript_links(episode),
            previous=self._neighbour(before),
            next=self._neighbour(after),
            related=tuple(self._cards[number] for number in near),
            notes=episode.notes,
            transcript=episode.transcript,
            resolved=self._site.resolved.get(episode.source, {}),
        )

    def _post(self, post: Post, before: Post | None, after: Post | None) -> PostPage:
        card = self._posts[post.slug]
        updated = cards.date(post.updated, self._zone)
        return PostPage(
            head=self._head(
                post.title,
                post.summary,
                card.url,
                image=post.image,
                og_type="article",
                published=card.date.iso,
                modified=updated.iso,
                trail=TRAILS["Posts"],
            ),
            title=post.title,
            date=card.date,
            updated=updated if post.updated > post.date else None,
            summary=post.summary,
            authors=tuple(self._people[id] for id in post.authors),
            topics=tuple(self._topics[id] for id in post.topics),
            image=cards.picture(post.image) if post.image else None,
            text_html=self._text(post),
            previous=LinkView(title=before.title, url=urls.post(before.slug)) if before else None,
            next=LinkView(title=after.title, url=urls.post(after.slug)) if after else None,
        )

    def _index(self, path: str, heading: str, description: str, entries: list[CountedLink]) -> Output:
        ordered = tuple(sorted(entries, key=lambda entry: (entry.title.casefold(), entry.url)))
        return self._output(
            path, IndexPage(head=self._head(heading, description, path), heading=heading, entries=ordered)
        )

    def _head(
        self,
        title: str,
        description: str,
        path: str,
        *,
        image: Picture | None = None,
        trail: tuple[LinkView, ...] = (),
        **more: str,
    ) -> Head:
        origin = self._config.url
        crumbs = (self._home, *trail, LinkView(title=title, url=path)) if path != "/" else ()
        return Head(
            title=title,
            description=description,
            canonical=origin + path,
            image=cards.share_image(image or self._show.artwork, origin),
            breadcrumbs=crumbs,
            **more,
        )

    def _text(self, thing: Post | Page) -> str:
        return resolve(thing.text.html, self._site.resolved.get(thing.source, {}))

    def _listed(self, episodes: Iterable[Episode]) -> tuple[EpisodeCard, ...]:
        return tuple(self._cards[episode.number] for episode in episodes)[::-1]

    @staticmethod
    def _neighbour(episode: Episode | None) -> LinkView | None:
        return LinkView(title=episode.title, url=urls.episode(episode.number, episode.slug)) if episode else None

    @staticmethod
    def _output(path: str, view: View, *sources: str) -> Output:
        return Output(urls.output_path(path), TEMPLATES[type(view)], view, tuple(filter(None, sources)))


def transcript_links(episode: Episode) -> tuple[LinkView, ...]:
    if not episode.transcript:
        return ()
    return tuple(
        LinkView(title=TRANSCRIPT_TITLES[suffix], url=urls.transcript(episode.number, episode.slug, suffix))
        for suffix in urls.TRANSCRIPT_FORMATS
    )


def counted(episodes: int) -> str:
    return f"{episodes} episode{'' if episodes == 1 else 's'}" if episodes else ""
