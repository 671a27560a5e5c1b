"""Gives every source its address, resolves every link between them, and says where old addresses lead."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial

from generator import urls
from generator.model import Bundle, Course, Episode, Lecture, Person, Post, Redirect, Sponsor, Topic
from generator.read.addresses import Addresses
from generator.read.findings import Findings
from generator.read.inventory import Inventory
from generator.read.local_files import LocalFiles
from generator.read.visibility import ALWAYS, NEVER, Moment, Thing, since

REDIRECTS = "redirects.toml"
Profile = Person | Topic | Sponsor


class Linking:
    """Of one site. `named` says since when a person ('people/ID') or topic ('topics/ID') is named by something public."""

    def __init__(
        self,
        inventory: Inventory,
        findings: Findings,
        files: LocalFiles,
        *,
        moment: Moment,
        named: dict[str, dt.datetime],
    ) -> None:
        self._inventory, self._findings, self._files = inventory, findings, files
        self._moment, self._named = moment, named
        self._addresses = Addresses(more=self._address_rest, excused=map(inventory.label, inventory.broken))
        self._written: tuple[Redirect, ...] = next(iter(inventory.values("redirects")), ())
        self.resolved: dict[str, dict[str, str]] = {}

    def address(self, things: Sequence[Thing], profiles: Iterable[Profile]) -> None:
        """Every address in its order of strength: files and pages first, then old addresses and short links."""
        for source, path in self._files.public_paths().items():
            self._addresses.put(path, source, ALWAYS, source=True)
        for profile in profiles:
            if not isinstance(profile, Sponsor):
                path = urls.person(profile.id) if isinstance(profile, Person) else urls.topic(profile.id)
                self._own(path, profile.source, self._named.get(path.strip("/"), ALWAYS))
        for thing in things:
            self._own(home(thing), thing.source, since(thing))
        for thing in things:
            for k, alias in enumerate(thing.aliases):
                report = self._findings.at(thing.source, "aliases", k)
                self._addresses.claim(alias, thing.source, since(thing), report)
        source = self._inventory.label(REDIRECTS)
        for redirect in self._written:
            self._addresses.claim(redirect.path, source, ALWAYS, self._findings.at(source, redirect.path))

    def link(self, things: Iterable[Thing], profiles: Iterable[Profile]) -> None:
        for thing in things:
            links = thing.notes_links if isinstance(thing, Episode) else thing.text.links
            self._link(links, thing.source, own=since(thing), public=self._moment.shows(thing))
        for profile in profiles:
            self._link(profile.text.links, profile.source, own=ALWAYS, public=True)
        self._check_redirects()

    def redirects(self, things: Iterable[Thing]) -> tuple[Redirect, ...]:
        """From every old and short address of what is public, with and without a slash at the end."""
        found = {redirect.path: redirect for redirect in self._written}
        for thing in things:
            short = (f"/episodes/{thing.number}",) if isinstance(thing, Episode) else ()
            for alias in (*short, *thing.aliases):
                for path in both_forms(alias):
                    found.setdefault(path, Redirect(path=path, to=home(thing), permanent=True))
        return tuple(redirect for _, redirect in sorted(found.items()))

    def _own(self, path: str, source: str, since: dt.datetime) -> None:
        self._addresses.add(path, source, since, self._findings.at(source))

    def _address_rest(self) -> None:
        """What follows from the episodes and posts: files beside them, pages of people and topics without a file."""
        stems = {path.rpartition(".")[0] for path in self._inventory.of("transcript")}
        for path, entry in self._inventory.of("episode").items():
            episode: Episode = entry.value
            put = partial(self._addresses.put, owner=episode.source, since=since(episode))
            put(f"/episodes/{episode.number}")
            if episode.chapters:
                put(urls.chapters(episode.number))
            if path.removesuffix(".md") in stems:
                for suffix in urls.TRANSCRIPT_FORMATS:
                    put(urls.transcript(episode.number, episode.slug, suffix))
        for path, entry in self._inventory.of("course").items():
            self._addresses.put(urls.COURSES, self._inventory.label(path), since(entry.value))
        for name, date in self._named.items():
            self._addresses.put(f"/{name}/", f"what names {name}", date)

    def _link(self, links: Iterable[tuple[str, int]], source: str, *, own: dt.datetime, public: bool) -> None:
        moment = NEVER if self._moment.drafts else max(self._moment.at, own)
        places = {}
        for written, line in links:
            report = partial(self._findings.add, source, line)
            found = self._addresses.resolve(written, source, moment, report)
            if found is None:
                continue
            path, places[written] = found
            if public and path.startswith("/media/"):
                self._files.use(self._addresses.owner(path), path)
        if places:
            self.resolved[source] = places

    def _check_redirects(self) -> None:
        source = self._inventory.label(REDIRECTS)
        targets = {path: redirect.to for redirect in self._written for path in both_forms(redirect.path)}
        for redirect in self._written:
            report = self._findings.at(source, redirect.path)
            if redirect.to.startswith("/"):
                self._addresses.resolve(redirect.to, source, self._moment.at, report)
            seen, at = {redirect.path}, redirect.to
            while at in targets and at not in seen:
                seen.add(at)
                at = targets[at]
            if at in seen and redirect.to != redirect.path:
                report(
                    f"'{redirect.path}' leads in a circle, by way of '{redirect.to}'", "Let one of them lead to a page"
                )


def home(thing: Thing) -> str:
    """The address that a thing's page has."""
    if isinstance(thing, Episode):
        return urls.episode(thing.number, thing.slug)
    if isinstance(thing, Lecture):
        return urls.lecture(thing.course, thing.slug)
    path = {Post: urls.post, Course: urls.course, Bundle: urls.bundle}.get(type(thing), urls.page)
    return path(thing.slug)


def both_forms(path: str) -> tuple[str, str]:
    """
    >>> both_forms("/old")
    ('/old', '/old/')
    """
    return path.rstrip("/"), path.rstrip("/") + "/"
