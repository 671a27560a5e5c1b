"""Puts the parsed sources together: what hangs on what, what is public at a moment, and every mistake between files."""

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from generator.errors import Problem
from generator.model import (
    Bundle,
    Chapter,
    Config,
    Course,
    Episode,
    Page,
    Person,
    Picture,
    Post,
    Site,
    Sponsor,
    Text,
    Topic,
)
from generator.read import guids, ids
from generator.read.chapters import check_end
from generator.read.curriculum import Curriculum
from generator.read.findings import Findings
from generator.read.inventory import Inventory
from generator.read.linking import Linking, Profile
from generator.read.local_files import LocalFiles
from generator.read.visibility import ALWAYS, Moment, Thing, first_named, has_ended, is_new


def assemble(
    inventory: Inventory,
    *,
    at: dt.datetime,
    drafts: bool = False,
    url: str | None = None,
    articles: Mapping[str, str] = MappingProxyType({}),
    published: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Site | None, list[Problem]]:
    """The site as it is public at `at` (with `drafts`: as it will be), and the mistakes in all of it, public or not.

    `url` takes the place of site.url; `articles` are posts' and pages' HTML by source where it is not as we read it;
    `published` are the guids by episode number that listeners' apps know already.
    """
    if inventory.config is None:
        return None, list(inventory.problems)
    config = replace(inventory.config, url=url) if url else inventory.config
    assembly = Assembly(inventory, config, Moment(at, drafts=drafts), articles)
    site = assembly.site()
    guids.check_published(site.episodes, published, assembly.findings)
    return site, [*inventory.problems, *assembly.findings.problems]


class Assembly:
    """One putting together: every method settles one kind of thing and reports what does not fit."""

    def __init__(self, inventory: Inventory, config: Config, moment: Moment, articles: Mapping[str, str]) -> None:
        self.findings = Findings(inventory.content)
        self._inventory, self._config, self._moment = inventory, config, moment
        self._articles = articles
        self._files = LocalFiles(inventory, self.findings)
        self._people: dict[str, Person] = {person.id: person for person in inventory.values("person")}
        self._topics: dict[str, Topic] = {topic.id: topic for topic in inventory.values("topic")}
        self._sponsors: dict[str, Sponsor] = {sponsor.id: sponsor for sponsor in inventory.values("sponsor")}

    def site(self) -> Site:
        episodes = self._episodes()
        posts: list[Post] = list(map(self._rewritten, self._inventory.values("post")))
        pages: list[Page] = list(map(self._rewritten, self._inventory.values("page")))
        courses, bundles = self._store()
        named = first_named(episodes, posts, courses)
        lectures = [lecture for course in courses for lecture in course.lectures]
        linking = self._linked([*episodes, *posts, *pages, *courses, *lectures, *bundles], named)
        self._check_show(episodes)
        self._check_named(episodes, [*posts, *courses])
        self._check_dates([*episodes, *posts, *courses])
        episodes = list(map(self._illustrated, episodes))
        posts = list(map(self._with_image, posts))
        shown = sorted(filter(self._moment.shows, episodes), key=lambda episode: (episode.date, episode.number))
        published = sorted(filter(self._moment.shows, posts), key=lambda post: (post.date, post.slug))
        standing = list(filter(self._moment.shows, pages))
        taught = shown_courses(map(self._with_image, courses), self._moment)
        offered = shown_bundles(map(self._with_image, bundles), taught, self._moment)
        read = [lecture for course in taught for lecture in course.lectures]
        return Site(
            config=self._settle_config(),
            episodes=tuple(shown),
            people=self._everyone(named),
            topics=self._all_topics(named),
            sponsors={id: self._with_photo(sponsor) for id, sponsor in self._sponsors.items()},
            posts=tuple(published),
            pages=tuple(standing),
            courses=tuple(taught),
            bundles=tuple(offered),
            new=tuple(course.id for course in taught if is_new(course, self._moment.at)),
            ended=tuple(bundle.id for bundle in offered if has_ended(bundle, self._moment.at)),
            redirects=linking.redirects([*shown, *published, *standing, *taught, *read, *offered]),
            files=self._files.used,
            resolved=linking.resolved,
        )

    def _linked(self, things: list[Thing], named: dict[str, dt.datetime]) -> Linking:
        profiles: list[Profile] = [*self._people.values(), *self._topics.values(), *self._sponsors.values()]
        linking = Linking(self._inventory, self.findings, self._files, moment=self._moment, named=named)
        linking.address(things, profiles)
        linking.link(things, profiles)
        return linking

    # What a source is, with what other files say of it

    def _store(self) -> tuple[list[Course], list[Bundle]]:
        config = self._config
        curriculum = Curriculum(
            self._inventory, self.findings, language=config.language, currency=config.store.currency
        )
        courses = curriculum.courses()
        bundles = curriculum.bundles(courses)
        lock: dict[str, str] = next(iter(self._inventory.values("ids lock")), {})
        ids.check(courses, bundles, lock, self.findings)
        return courses, bundles

    def _episodes(self) -> list[Episode]:
        transcripts = self._transcripts()
        lock: dict[int, str] = next(iter(self._inventory.values("guids lock")), {})
        numbers: dict[int, str] = {}
        known: dict[str, str] = {}
        enclosures: dict[str, str] = {}
        episodes = []
        for episode in self._inventory.values("episode"):
            guid = guids.settle(episode, self._config, lock, self.findings)
            if self._once(numbers, episode.number, episode.source, "number"):
                self._once(known, guid, episode.source, "guid")
            audio = self._files.audio(episode.audio, episode.source, public=self._moment.shows(episode))
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

    def _check_named(self, episodes: Iterable[Episode], posts: Iterable[Post | Course]) -> None:
        for episode in episodes:
            self._check_known("sponsor", episode.sponsors, self._sponsors, episode.source)
        for post in posts:
            self._check_known("author", post.authors, self._people, post.source)

    def _check_known(self, what: str, ids: Iterable[str], known: Mapping[str, Any], source: str) -> None:
        folder = "people" if what == "author" else "sponsors"
        for k, id in enumerate(ids):
            if id not in known and not self._is_broken(folder, id):
                kind = "person" if what == "author" else what
                self.findings.at(source, f"{what}s", k)(f"'{id}' is an unknown {kind}", f"Write {folder}/{id}.md")

    def _check_dates(self, things: Iterable[Episode | Post | Course]) -> None:
        for thing in things:
            if thing.updated < thing.date:
                report = self.findings.at(thing.source, "updated")
                report("'updated' lies before the date of publication", "Correct it, or leave it out")
            elif thing.updated > self._moment.at and thing.updated != thing.date and self._moment.shows(thing):
                report = self.findings.at(thing.source, "updated")
                report("'updated' lies in the future", "Correct it, or leave it out")

    # What is public, with its pictures

    def _settle_config(self) -> Config:
        show, source = self._config.show, self._inventory.label("site.toml")
        artwork = self._files.picture(show.artwork, source, "show", "artwork", artwork=True, public=True)
        return replace(self._config, show=replace(show, artwork=artwork))

    def _illustrated(self, episode: Episode) -> Episode:
        if episode.image is None and not any(chapter.image for chapter in episode.chapters):
            return episode
        public = self._moment.shows(episode)
        image = episode.image and self._files.picture(
            episode.image, episode.source, "image", artwork=True, public=public
        )
        chapters = tuple(self._chapter(chapter, k, episode) for k, chapter in enumerate(episode.chapters))
        return replace(episode, image=image, chapters=chapters)

    def _chapter(self, chapter: Chapter, k: int, episode: Episode) -> Chapter:
        if not chapter.image:
            return chapter
        picture = Picture(url=chapter.image)
        found = self._files.picture(picture, episode.source, "chapters", k, "image", public=self._moment.shows(episode))
        return replace(chapter, image=found.url)

    def _with_image(self, thing: Any) -> Any:
        """A post, course or bundle."""
        if thing.image is None:
            return thing
        return replace(
            thing, image=self._files.picture(thing.image, thing.source, "image", public=self._moment.shows(thing))
        )

    def _with_photo(self, profile: Any) -> Any:
        if profile.photo is None:
            return profile
        return replace(profile, photo=self._files.picture(profile.photo, profile.source, "photo", public=True))

    def _everyone(self, named: dict[str, dt.datetime]) -> dict[str, Person]:
        """Everyone who is named by now, guests without a file too; and who has a file and is named by nothing."""
        hosts = {f"people/{id}" for id in self._config.show.hosts}
        people = {
            id: self._with_photo(person)
            for id, person in self._people.items()
            if f"people/{id}" in hosts or self._moment.reached(named.get(f"people/{id}", ALWAYS))
        }
        for id in self._reached(named, "people/") - self._people.keys():
            people[id] = Person(source="", id=id, name=name_of(id), text=Text(html=""))
        return dict(sorted(people.items()))

    def _all_topics(self, named: dict[str, dt.datetime]) -> dict[str, Topic]:
        topics = {
            id: self._with_photo(topic)
            for id, topic in self._topics.items()
            if self._moment.reached(named.get(f"topics/{id}", ALWAYS))
        }
        for id in self._reached(named, "topics/") - self._topics.keys():
            topics[id] = Topic(source="", id=id, name=name_of(id), text=Text(html=""))
        return dict(sorted(topics.items()))

    def _reached(self, named: dict[str, dt.datetime], folder: str) -> set[str]:
        found = {name for name, date in named.items() if name.startswith(folder) and self._moment.reached(date)}
        return {name.removeprefix(folder) for name in found}

    def _is_broken(self, folder: str, id: str) -> bool:
        return f"{folder}/{id}.md" in self._inventory.broken

    def _rewritten(self, thing: Any) -> Any:
        html = self._articles.get(thing.source, thing.text.html)
        return thing if html == thing.text.html else replace(thing, text=replace(thing.text, html=html))


def shown_courses(courses: Iterable[Course], moment: Moment) -> list[Course]:
    """Those that are public, from the oldest, with what of them is public."""
    found = []
    for course in sorted(filter(moment.shows, courses), key=lambda course: (course.date, course.slug)):
        chapters = (
            replace(chapter, lectures=tuple(filter(moment.shows, chapter.lectures))) for chapter in course.chapters
        )
        found.append(replace(course, chapters=tuple(chapter for chapter in chapters if chapter.lectures)))
    return found


def shown_bundles(bundles: Iterable[Bundle], courses: Iterable[Course], moment: Moment) -> list[Bundle]:
    """Those that are public and hold a course that can be had, by their title; of their courses those that are public."""
    public = {course.id: course for course in courses}
    found = []
    for bundle in sorted(filter(moment.shows, bundles), key=lambda bundle: (bundle.title, bundle.id)):
        ids = tuple(public) if bundle.all else tuple(id for id in bundle.courses if id in public)
        if any(not public[id].notify for id in ids):
            found.append(replace(bundle, courses=ids))
    return found


def broken_numbers(paths: Iterable[str]) -> set[int]:
    """The numbers that the names of broken episode files begin with."""
    names = (path.removeprefix("episodes/") for path in paths if path.startswith("episodes/"))
    return {int(name.partition("-")[0]) for name in names if name.partition("-")[0].isdigit()}


def name_of(id: str) -> str:
    """
    >>> name_of("grace-example")
    'Grace Example'
    """
    return id.replace("-", " ").title()
