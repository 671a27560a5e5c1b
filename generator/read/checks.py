"""Checks of single fields that several kinds of source share. Each reports to the document it is given."""

import datetime as dt

from msgspec import Struct

from generator.read import grammar
from generator.read.fields import moment
from generator.read.front_matter import Document

TITLE_CHARACTERS_MAX = 255
SUMMARY_CHARACTERS_MAX = 400


class LinkFields(Struct, forbid_unknown_fields=True):
    title: str
    url: str


def reporter(document: Document, *path: str | int) -> grammar.Report:
    return lambda problem, remedy: document.problem(path, problem, remedy)


def when(document: Document, field: str, value: object, zone: dt.tzinfo) -> dt.datetime | None:
    date = moment(value, zone)
    if date is None:
        document.problem(
            (field,), f"'{str(value)[:100]}' is no date", "Write it like 2026-01-05 or 2026-01-05T06:00:00Z"
        )
    return date


def title_and_summary(document: Document, title: str, summary: str) -> None:
    grammar.plain(title, reporter(document, "title"), characters_max=TITLE_CHARACTERS_MAX)
    grammar.plain(summary, reporter(document, "summary"), characters_max=SUMMARY_CHARACTERS_MAX)


def one_of(document: Document, field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        document.problem((field,), f"'{value}' is no {field}", f"Write one of: {', '.join(allowed)}")


def ids(document: Document, field: str, values: tuple[str, ...]) -> None:
    for k, value in enumerate(values):
        grammar.slug(value, reporter(document, field, k))
        if value in values[:k]:
            document.problem((field, k), f"'{value}' stands twice", "Remove one")


def links(document: Document, values: tuple[LinkFields, ...]) -> None:
    for k, link in enumerate(values):
        grammar.web_url(link.url, reporter(document, "links", k, "url"))
        grammar.plain(link.title, reporter(document, "links", k, "title"), characters_max=TITLE_CHARACTERS_MAX)


def aliases(document: Document, values: tuple[str, ...]) -> None:
    for k, value in enumerate(values):
        grammar.alias(value, reporter(document, "aliases", k))
