"""Puts the parsed sources together: what hangs on what, what is public at a moment, and every mistake between files."""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from generator import urls
from generator.errors import Problem
from generator.model import Chapter, Config, Episode, Page, Person, Picture, Post, Redirect, Site, Sponsor, Text, Topic
from generator.read import guids
from generator.read.addresses import ALWAYS, NEVER, Addresses
from generator.read.chapters import check_end
from generator.read.findings import Findings
from generator.read.inventory import Inventory
from generator.read.local_files import LocalFiles

Thing = Episode | Post | Page


def assemble(
    inventory: Inventory,
    *,
    at: dt.datetime,
    drafts: bool = False,
    url: str | None = None,
    articles: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Site | None, list[Problem]]:
    """The site as it is public at `at` (with `drafts`: as it will be), and the mistakes in all of it, public or not.

    `url` takes the place of site.url; `articles` are posts' and pages' HTML by source where it is not as we read it.
    """
    if inventory.config is None:
        return None, list(inventory.problems)
    config = replace(inventory.config, url=url) if url else inventory.config
    assembly = Assembly(inventory, config, at=at, drafts=drafts, articles=articles)
    return assembly.site(), [*inventory.problems, *assembly.findings.problems]


class Assembly:
    """One putting together: every method settles one kind of thing and reports what does not fit."""

    def __init__(
        self, inventory: Inventory, config: Config, *, at: dt.datetime, drafts: bool, articles: Mapping[str, str]
    ) -> None:
        self.findings = Findings(inventory.content)
        self._inventory, self._config, self._at, self._drafts = inventory, config, at, drafts
        self._articles = articles
        self._files = LocalFiles(inventory, self.findings)
        self._addresses = Addresses(more=self._address_rest, excused=map(inventory.label, inventory.broken))
        self._resolved: dict[str, dict[str, str]] = {}
        self._people: dict[str, Person] = {person.id: person for person in self._of("person")}
        self._topics: dict[str, Topic] = {topic.id: topic for topic in self._of("topic")}
        self._sponsors: dict[str, Sponsor] = {sponsor.id: sponsor for sponsor in self._of("sponsor")}

    def site(self) -> Site:
        episodes = self._episodes()
        posts: list[Post] = list(map(self._rewritten, self._of("post")))
        pages: list[Page] = list(map(self._rewritten, self._of("page")))
        self._address_all(episodes, posts, pages)
        self._link_all(episodes, posts, pages)
        self._check_show(episodes)
        episodes = list(map(self._illustrated, episodes))
        posts = list(map(self._with_image, posts))
        shown = sorted(filter(self._public, episodes), key=lambda episode: (episode.date, episode.number))
        published = sorted(filter(self._public, posts), key=lambda post: (post.date, post.slug))
        standing = [page for page in pages if self._public(page)]
        return Site(
            config=self._settle_config(),
            episodes=tuple(shown),
            people=self._everyone(shown),
            topics=self._all_topics(shown, published),
            sponsors={id: self._with_photo(sponsor) for id, sponsor in self._sponsors.items()},
            posts=tuple(published),
            pages=tuple(standing),
            redirects=self._redirects(shown, published, standing),
            files=self._files.used,
            resolved=self._resolved,
        )

    # What a source is, with what other files say of it

    def _episodes(self) -> list[Episode]:
        transcripts = self._transcripts()
        locks = list(self._inventory.of("guids lock").values())
        lock: dict[int, str] = locks[0].value if locks else {}
        numbers: dict[int, str] = {}
        known: dict[str, str] = {}
        enclosures: dict[str, str] = {}
        episodes = []
        for episode in self._of("episode"):
            guid = guids.settle(episode, self._config, lock, self.findings)
            if self._once(numbers, episode.number, episode.source, "number"):
                self._once(known, guid, episode.source, "guid")
            audio = self._files.audio(episode.audio, episode.source, public=self._public(episode))
            if audio.url:
                self._once(enclosures, audio.url, episode.source, "audio")
            self._check_end(episode, audio.seconds)
            digest, source = transcripts.pop(episode.source.removesuffix(".md"), ("", ""))
            episodes.append(replace(episode, guid=guid, audio=audio, transcript=digest, transcript_source=source))
        broken = {self._inventory.label(path).removesuffix(".md") for path in self._inventory.broken}
        for _, source in [entry for stem, entry in transcripts.items() if stem not in broken]:
            self.findings.add(
                source, 1, "there is no episode beside this transcript", "Name it like its episode's file"
            )
        return episodes

    def _transcripts(self) -> dict[str, tuple[str, str]]:
        """Digest and source by the stem they share with their episode; WebVTT wins over SRT, as it keeps speakers."""
        entries = self._inventory.of("transcript")
        return {
            self._inventory.label(path).rpartition(".")[0]: (entry.digest, self._inventory.label(path))
            for path, entry in sorted(entries.items())  # .srt comes before .vtt
        }

    def _once(self, seen: dict[Any, str], value: object, source: str, field: str) -> bool:
        """Whether nobody had the value before; a second one is reported."""
        if value in seen:
            self.findings.at(source, field)(f"the {field} {value} is already that of {seen[value]}", "Give it its own")
        return seen.setdefault(value, source) == source

    def _check_end(self, episode: Episode, seconds: float) -> None:
        """Of an episode with a local file; the others told their length where they were read."""
        if seconds and not episode.audio.seconds:
            for k, chapter in enumerate(episode.chapters):
                check_end(chapter, seconds=seconds, report=self.findings.at(episode.source, "chapters", k))

    def _check_show(self, episodes: Iterable[Episode]) -> None:
        show, source = self._config.show, self._inventory.label("site.toml")
        for host in show.hosts:
            if host not in self._people and not self._is_broken("people", host):
                self.findings.at(source, "show", "hosts")(f"'{host}' is an unknown person", f"Write people/{host}.md")
        numbers = {episode.number for episode in episodes} | broken_numbers(self._inventory.broken)
        if show.trailer is not None and show.trailer not in numbers:
            self.findings.at(source, "show", "trailer")(
                f"there is no episode {show.trailer}", "Name an episode's number"
            )

    # Addresses and links

    def _address_all(self, episodes: list[Episode], posts: list[Post], pages: list[Page]) -> None:
        for source, path in self._files.public_paths().items():
            self._addresses.put(path, source, ALWAYS, source=True)
        for person in self._people.values():
            self._address(urls.person(person.id), person.source, ALWAYS)
        for topic in self._topics.values():
            self._address(urls.topic(topic.id), topic.source, ALWAYS)
        for episode in episodes:
            self._address(urls.episode(episode.number, episode.slug), episode.source, self._since(episode))
        for post in posts:
            self._address(urls.post(post.slug), post.source, self._since(post))
        for page in pages:
            self._address(urls.page(page.slug), page.source, self._since(page))
        things: list[Thing] = [*episodes, *posts, *pages]
        for thing in things:
            for k, alias in enumerate(thing.aliases):
                report = self.findings.at(thing.source, "aliases", k)
                self._addresses.add(alias, thing.source, self._since(thing), report)
        for redirect in self._written_redirects():
            source = self._inventory.label("redirects.toml")
            self._addresses.add(redirect.path, source, ALWAYS, self.findings.at(source, redirect.path))

    def _address_rest(self) -> None:
        """What follows from the episodes and posts: files beside them, pages of people and topics without a file."""
        transcribed = self._transcripts().keys()
        for episode in self._of("episode"):
            since = self._since(episode)
            self._addresses.put(f"/episodes/{episode.number}", episode.source, since)
            if episode.chapters:
                self._addresses.put(urls.chapters(episode.number), episode.source, since)
            for suffix in urls.TRANSCRIPT_FORMATS if episode.source.removesuffix(".md") in transcribed else ():
                path = urls.transcript(episode.number, episode.slug, suffix)
                self._addresses.put(path, episode.source, since)
            self._address_named(episode.guests, episode.topics, episode.source, since)
        for post in self._of("post"):
            self._address_named(post.authors, post.topics, post.source, self._since(post))

    def _address_named(self, people: Iterable[str], topics: Iterable[str], source: str, since: dt.datetime) -> None:
        for id in people:
            self._addresses.put(urls.person(id), source, since)
        for id in topics:
            self._addresses.put(urls.topic(id), source, since)

    def _address(self, path: str, source: str, since: dt.datetime) -> None:
        self._addresses.add(path, source, since, self.findings.at(source), source=True)

    def _link_all(self, episodes: list[Episode], posts: list[Post], pages: list[Page]) -> None:
        for episode in episodes:
            self._link(episode.notes_links, episode.source, episode)
            for k, sponsor in enumerate(episode.sponsors):
                if sponsor not in self._sponsors and not self._is_broken("sponsors", sponsor):
                    report = self.findings.at(episode.source, "sponsors", k)
                    report(f"'{sponsor}' is an unknown sponsor", f"Write sponsors/{sponsor}.md")
        for post in posts:
            self._link(post.text.links, post.source, post)
            for k, author in enumerate(post.authors):
                if author not in self._people and not self._is_broken("people", author):
                    report = self.findings.at(post.source, "authors", k)
                    report(f"'{author}' is an unknown person", f"Write people/{author}.md")
        for page in pages:
            self._link(page.text.links, page.source, page)
        profiles: list[Person | Topic | Sponsor] = [
            *self._people.values(),
            *self._topics.values(),
            *self._sponsors.values(),
        ]
        for profile in profiles:
            self._link(profile.text.links, profile.source, None)
        for redirect in self._written_redirects():
            if redirect.to.startswith("/"):
                source = self._inventory.label("redirects.toml")
                self._addresses.resolve(redirect.to, source, self._at, self.findings.at(source, redirect.path))

    def _link(self, links: tuple[tuple[str, int], ...], source: str, thing: Thing | None) -> None:
        if not links:
            return
        own = max(self._at, self._since(thing) if thing else ALWAYS)
        places = {}
        for written, line in links:
            report = partial(self.findings.add, source, line)
            address = self._addresses.resolve(written, source, NEVER if self._drafts else own, report)
            if address is not None:
                places[written] = address
                self._use(address, thing)
        self._resolved[source] = places

    def _use(self, address: str, thing: Thing | None) -> None:
        path = address.partition("#")[0].partition("?")[0]
        if path.startswith("/media/") and (thing is None or self._public(thing)):
            self._files.use(self._addresses.owner(path), path)

    def _redirects(
        self, episodes: Iterable[Episode], posts: Iterable[Post], pages: Iterable[Page]
    ) -> tuple[Redirect, ...]:
        found = {redirect.path: redirect for redirect in self._written_redirects()}
        homes = [(urls.episode(episode.number, episode.slug), episode) for episode in episodes]
        homes += [(urls.post(post.slug), post) for post in posts]  # type: ignore[misc]
        homes += [(urls.page(page.slug), page) for page in pages]  # type: ignore[misc]
        for home, thing in homes:
            short = (f"/episodes/{thing.number}",) if isinstance(thing, Episode) else ()
            for alias in (*short, *thing.aliases):
                for path in (alias.rstrip("/"), alias.rstrip("/") + "/"):
                    found.setdefault(path, Redirect(path=path, to=home, permanent=True))
        return tuple(redirect for path, redirect in sorted(found.items()))

    def _written_redirects(self) -> tuple[Redirect, ...]:
        entries = list(self._inventory.of("redirects").values())
        return entries[0].value if entries else ()

    # What is public, with its pictures

    def _public(self, thing: Thing) -> bool:
        return not getattr(thing, "members", False) and (self._drafts or self._since(thing) <= self._at)

    @staticmethod
    def _since(thing: Thing) -> dt.datetime:
        if thing.status == "draft" or getattr(thing, "members", False):
            return NEVER
        return ALWAYS if isinstance(thing, Page) else thing.date

    def _settle_config(self) -> Config:
        show, source = self._config.show, self._inventory.label("site.toml")
        artwork = self._files.picture(show.artwork, source, "show", "artwork", artwork=True, public=True)
        return replace(self._config, show=replace(show, artwork=artwork))

    def _illustrated(self, episode: Episode) -> Episode:
        if episode.image is None and not any(chapter.image for chapter in episode.chapters):
            return episode
        public = self._public(episode)
        image = episode.image and self._files.picture(
            episode.image, episode.source, "image", artwork=True, public=public
        )
        chapters = tuple(self._chapter(chapter, k, episode) for k, chapter in enumerate(episode.chapters))
        return replace(episode, image=image, chapters=chapters)

    def _chapter(self, chapter: Chapter, k: int, episode: Episode) -> Chapter:
        if not chapter.image:
            return chapter
        picture = Picture(url=chapter.image)
        found = self._files.picture(picture, episode.source, "chapters", k, "image", public=self._public(episode))
        return replace(chapter, image=found.url)

    def _with_image(self, post: Post) -> Post:
        if post.image is None:
            return post
        return replace(post, image=self._files.picture(post.image, post.source, "image", public=self._public(post)))

    def _with_photo(self, profile: Any) -> Any:
        if profile.photo is None:
            return profile
        return replace(profile, photo=self._files.picture(profile.photo, profile.source, "photo", public=True))

    def _everyone(self, episodes: Iterable[Episode]) -> dict[str, Person]:
        """Everyone with a file, and a plain entry for each guest without one."""
        people = {id: self._with_photo(person) for id, person in self._people.items()}
        for id in {guest for episode in episodes for guest in episode.guests} - people.keys():
            people[id] = Person(source="", id=id, name=named(id), text=Text(html=""))
        return dict(sorted(people.items()))

    def _all_topics(self, episodes: Iterable[Episode], posts: Iterable[Post]) -> dict[str, Topic]:
        topics = dict(self._topics)
        used = (*(episode.topics for episode in episodes), *(post.topics for post in posts))
        for id in set().union(*used) - topics.keys():
            topics[id] = Topic(source="", id=id, name=named(id), text=Text(html=""))
        return dict(sorted(topics.items()))

    def _is_broken(self, folder: str, id: str) -> bool:
        return f"{folder}/{id}.md" in self._inventory.broken

    def _rewritten(self, thing: Any) -> Any:
        html = self._articles.get(thing.source, thing.text.html)
        return thing if html == thing.text.html else replace(thing, text=replace(thing.text, html=html))

    def _of(self, kind: str) -> list[Any]:
        return [entry.value for entry in self._inventory.of(kind).values()]


def broken_numbers(paths: Iterable[str]) -> set[int]:
    """The numbers that the names of broken episode files begin with."""
    names = (path.removeprefix("episodes/") for path in paths if path.startswith("episodes/"))
    return {int(name.partition("-")[0]) for name in names if name.partition("-")[0].isdigit()}


def named(id: str) -> str:
    """
    >>> named("grace-example")
    'Grace Example'
    """
    return id.replace("-", " ").title()
