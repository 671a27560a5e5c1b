"""Reads content/people, content/topics and content/sponsors: short files with a name, where to find more, and a text."""

from typing import TypeVar

from msgspec import Struct

from generator.errors import Problem
from generator.model import Link, Person, Picture, Sponsor, Topic
from generator.read import grammar, markdown
from generator.read.checks import TITLE_CHARACTERS_MAX, LinkFields, links, reporter
from generator.read.front_matter import Document

Kind = TypeVar("Kind", Person, Sponsor, Topic)


class ProfileFields(Struct, forbid_unknown_fields=True):
    name: str
    photo: str = ""
    url: str = ""
    links: tuple[LinkFields, ...] = ()


def parse_person(raw: bytes, *, file: str) -> tuple[Person | None, list[Problem]]:
    return _profile(raw, Person, file=file)


def parse_sponsor(raw: bytes, *, file: str) -> tuple[Sponsor | None, list[Problem]]:
    return _profile(raw, Sponsor, file=file)


def parse_topic(raw: bytes, *, file: str) -> tuple[Topic | None, list[Problem]]:
    return _profile(raw, Topic, file=file)


def stem(document: Document) -> str:
    """The file's name without its ending: the thing's id, and so part of its address."""
    id = document.file.rpartition("/")[2].removesuffix(".md")
    grammar.slug(id, reporter(document))
    return id


def _profile(raw: bytes, kind: type[Kind], *, file: str) -> tuple[Kind | None, list[Problem]]:
    document = Document(raw, file=file)
    id = stem(document)
    front = document.front(ProfileFields)
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    if front is not None:
        grammar.plain(front.name, reporter(document, "name"), characters_max=TITLE_CHARACTERS_MAX)
        if front.url:
            grammar.web_url(front.url, reporter(document, "url"))
        links(document, front.links)
    document.problems += problems
    if front is None:
        return None, document.problems
    made = kind(
        source=file,
        id=id,
        name=front.name,
        text=text,
        photo=Picture(url=front.photo) if front.photo else None,
        url=front.url,
        links=tuple(Link(title=link.title, url=link.url) for link in front.links),
    )
    return made, document.problems
