"""Reads content/posts (the blog) and content/pages (about, policies). The file's name is the last part of the address."""

import datetime as dt
from typing import Any

from msgspec import Struct

from generator.errors import Problem
from generator.model import STATUSES, Page, Picture, Post
from generator.read import markdown
from generator.read.checks import aliases, ids, one_of, title_and_summary, when
from generator.read.fields import Whole
from generator.read.front_matter import Document
from generator.read.people import stem

UNKNOWN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class PostFields(Struct, forbid_unknown_fields=True):
    title: str
    date: Any
    summary: str
    updated: Any = None
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    image: str = ""
    status: str = "published"
    aliases: tuple[str, ...] = ()


class PageFields(Struct, forbid_unknown_fields=True):
    title: str
    summary: str = ""
    updated: Any = None
    status: str = "published"
    aliases: tuple[str, ...] = ()
    menu: Whole | None = None


def parse_post(raw: bytes, *, file: str, zone: dt.tzinfo) -> tuple[Post | None, list[Problem]]:
    document = Document(raw, file=file)
    slug = stem(document)
    front = document.front(PostFields, stand_ins={"title": "-", "date": "2000-01-01", "summary": "-"})
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, document.problems
    title_and_summary(document, front.title, front.summary)
    one_of(document, "status", front.status, STATUSES)
    ids(document, "authors", front.authors)
    ids(document, "topics", front.topics)
    aliases(document, front.aliases)
    date = when(document, "date", front.date, zone) or UNKNOWN
    updated = when(document, "updated", front.updated, zone) if front.updated is not None else None
    post = Post(
        source=file,
        slug=slug,
        title=front.title.strip(),
        date=date,
        updated=updated or date,
        summary=front.summary.strip(),
        text=text,
        authors=front.authors,
        topics=front.topics,
        image=Picture(url=front.image) if front.image else None,
        status=front.status,
        aliases=front.aliases,
    )
    return post, document.problems


def parse_page(raw: bytes, *, file: str, zone: dt.tzinfo) -> tuple[Page | None, list[Problem]]:
    document = Document(raw, file=file)
    slug = stem(document)
    front = document.front(PageFields, stand_ins={"title": "-"})
    text, problems = markdown.to_text(document.body, file=file, first_line=document.body_line)
    document.problems += problems
    if front is None:
        return None, document.problems
    title_and_summary(document, front.title, front.summary or front.title)
    one_of(document, "status", front.status, STATUSES)
    aliases(document, front.aliases)
    updated = when(document, "updated", front.updated, zone) if front.updated is not None else None
    page = Page(
        source=file,
        slug=slug,
        title=front.title.strip(),
        text=text,
        summary=front.summary.strip(),
        updated=updated,
        status=front.status,
        aliases=front.aliases,
        menu=front.menu,
    )
    return page, document.problems
