"""Reads content/site.toml: the site and its show. Does not look at the files it names."""

import re
import zoneinfo

from msgspec import Struct, field

from generator import model
from generator.currencies import CURRENCIES
from generator.directories import CATEGORIES, MEDIUMS, UUID, is_language
from generator.errors import Problem
from generator.read import grammar
from generator.read.fields import Whole, convert, nearest
from generator.read.toml import Toml

DESCRIPTION_BYTES_MAX = 4000
EMAIL_CHARACTERS_MAX = 254  # RFC 5321, 4.5.3.1.3, less its brackets
FUNDING_CHARACTERS_MAX = 128
SEASON_DIGITS_MAX = 6
TAX_MODES = ("none", "stripe_tax", "managed")
MEDIA_BASE = re.compile(r"/media/|https?://[A-Za-z0-9.-]+(?::\d{1,5})?/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*")
NIL = "00000000-0000-0000-0000-000000000000"
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")


class SiteTable(Struct, forbid_unknown_fields=True):
    title: str
    url: str
    language: str
    description: str
    timezone: str = "UTC"
    aliases: tuple[str, ...] = ()


class OwnerFields(Struct, forbid_unknown_fields=True):
    name: str
    email: str


class FundingFields(Struct, forbid_unknown_fields=True):
    url: str
    text: str


class TxtFields(Struct, forbid_unknown_fields=True):
    text: str
    purpose: str = ""


class FrequencyFields(Struct, forbid_unknown_fields=True):
    text: str
    rrule: str = ""
    dtstart: str = ""
    complete: bool = False


class ShowTable(Struct, forbid_unknown_fields=True):
    title: str
    description: str
    author: str
    owner: OwnerFields
    categories: tuple[tuple[str, ...], ...]
    explicit: bool
    artwork: str
    guid: str
    type: str = "episodic"
    locked: bool = True
    copyright: str = ""
    funding: FundingFields | None = None
    hosts: tuple[str, ...] = ()
    trailer: Whole | None = None
    listen: dict[str, str] = field(default_factory=dict)
    medium: str = "podcast"
    txt: tuple[TxtFields, ...] = ()
    update_frequency: FrequencyFields | None = None
    seasons: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    new_feed_url: str = ""


class FeedTable(Struct, forbid_unknown_fields=True):
    items: Whole = 1000
    full_notes: Whole = 100
    hub: str = ""


class MediaTable(Struct, forbid_unknown_fields=True):
    base_url: str = "/media/"


class StoreTable(Struct, forbid_unknown_fields=True):
    currency: str = "usd"
    tax: str = "none"


class SiteFile(Struct, forbid_unknown_fields=True):
    site: SiteTable
    show: ShowTable
    feed: FeedTable = field(default_factory=FeedTable)
    media: MediaTable = field(default_factory=MediaTable)
    store: StoreTable = field(default_factory=StoreTable)


def parse_site(raw: bytes, *, file: str) -> tuple[model.Config | None, list[Problem]]:
    """The configuration, with mistakes as near as can be. Of a local artwork only the name is known yet (`show.artwork.url`)."""
    document = Toml(raw, file=file)
    if document.problems:
        return None, document.problems
    front = convert(document.data, SiteFile, document.problem)
    if front is None:
        return None, document.problems
    _check_site(document, front.site)
    _check_show(document, front.show)
    _check_feed(document, front)
    _check_store(document, front.store)
    return _config(front), document.problems


def _check_site(document: Toml, site: SiteTable) -> None:
    grammar.plain(site.title, document.at("site", "title"), characters_max=255)
    grammar.plain(site.description, document.at("site", "description"), characters_max=DESCRIPTION_BYTES_MAX)
    for name, url in [("url", site.url), *(("aliases", alias) for alias in site.aliases)]:
        if not ORIGIN.fullmatch(url):
            document.problem(
                ("site", name), f"'{url}' is not an origin", "Write 'https://name.example', no slash after"
            )
    if not is_language(site.language):
        document.problem(("site", "language"), f"'{site.language}' is no language", "Write a code such as en or en-GB")
    try:
        zoneinfo.ZoneInfo(site.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        document.problem(("site", "timezone"), f"'{site.timezone}' is no time zone", "Write one such as Europe/Oslo")
        site.timezone = "UTC"  # so that the rest can be checked


def _check_show(document: Toml, show: ShowTable) -> None:
    for name in ("title", "author"):
        grammar.plain(getattr(show, name), document.at("show", name), characters_max=255)
    size = len(show.description.encode())
    if not show.description.strip() or size > DESCRIPTION_BYTES_MAX:
        report = document.at("show", "description")
        report(f"the description has {size} bytes", f"Write some, and at most {DESCRIPTION_BYTES_MAX}")
    email = show.owner.email
    if len(email) > EMAIL_CHARACTERS_MAX or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        document.problem(("show", "owner"), f"'{email[:EMAIL_CHARACTERS_MAX]}' is no mail address", "Write name@host")
    _check_categories(document, show.categories)
    if show.type not in ("episodic", "serial"):
        document.problem(("show", "type"), f"'{show.type}' is no type", "Write episodic or serial")
    if not UUID.fullmatch(show.guid):
        document.problem(("show", "guid"), f"'{show.guid}' is no UUID", "Write the one made by `longwave new show`")
        show.guid = NIL
    for label, url in show.listen.items():
        grammar.web_url(url, document.at("show.listen", label))
    if show.funding:
        grammar.web_url(show.funding.url, document.at("show", "funding"))
        grammar.plain(show.funding.text, document.at("show", "funding"), characters_max=FUNDING_CHARACTERS_MAX)
    if show.medium not in MEDIUMS:
        document.problem(("show", "medium"), f"'{show.medium}' is no medium", nearest(show.medium, MEDIUMS))
    for host in show.hosts:
        grammar.slug(host, document.at("show", "hosts"))
    for season in show.seasons:
        if not is_season(season):
            document.problem(("show", "seasons"), f"'{season}' is no season", "Count seasons: 1 = 'Name'")


def is_season(text: str) -> bool:
    return text.isdecimal() and len(text) <= SEASON_DIGITS_MAX


def _check_categories(document: Toml, categories: tuple[tuple[str, ...], ...]) -> None:
    report = document.at("show", "categories")
    if not categories:
        report("there is no category", 'Write [["Technology"]], in Apple\'s names')
    for category in categories:
        name, *below = category or ("",)
        if name not in CATEGORIES:
            report(f"'{name}' is not a category of Apple's", nearest(name, CATEGORIES))
        elif len(below) > 1 or not set(below) <= CATEGORIES[name]:
            allowed = CATEGORIES[name] or ["none"]
            report(f"'{', '.join(below)}' is no subcategory of '{name}'", nearest(below[0], allowed))


def _check_store(document: Toml, store: StoreTable) -> None:
    if store.currency not in CURRENCIES:
        what = f"'{store.currency}' is no currency"
        document.problem(("store", "currency"), what, "Write a code in small letters, such as usd")
    if store.tax not in TAX_MODES:
        document.problem(("store", "tax"), f"'{store.tax}' is no tax mode", f"Write one of {', '.join(TAX_MODES)}")


def _check_feed(document: Toml, front: SiteFile) -> None:
    if front.feed.items < 1:
        document.problem(("feed", "items"), "the feed would be empty", "Write 1 or more")
    if front.feed.full_notes < 0:
        document.problem(("feed", "full_notes"), f"{front.feed.full_notes} is no count", "Write 0 or more")
    if front.feed.hub:
        grammar.web_url(front.feed.hub, document.at("feed", "hub"))
    base = front.media.base_url
    if not MEDIA_BASE.fullmatch(base):
        document.problem(
            ("media", "base_url"), f"'{base}' is no folder", "Write '/media/' or 'https://.../', with '/' last"
        )


def _config(front: SiteFile) -> model.Config:
    site, show = front.site, front.show
    frequency = show.update_frequency
    return model.Config(
        title=site.title,
        url=site.url,
        language=site.language,
        description=site.description,
        timezone=site.timezone,
        aliases=site.aliases,
        show=model.Show(
            title=show.title,
            description=show.description,
            author=show.author,
            owner=model.Owner(name=show.owner.name, email=show.owner.email),
            categories=show.categories,
            explicit=show.explicit,
            type=show.type,
            artwork=model.Picture(url=show.artwork),
            guid=show.guid,
            locked=show.locked,
            copyright=show.copyright,
            funding=model.Link(title=show.funding.text, url=show.funding.url) if show.funding else None,
            hosts=show.hosts,
            trailer=show.trailer,
            listen=tuple(model.Link(title=label, url=url) for label, url in show.listen.items()),
            medium=show.medium,
            txt=tuple(model.Txt(text=txt.text, purpose=txt.purpose) for txt in show.txt),
            update_frequency=model.UpdateFrequency(
                text=frequency.text, rrule=frequency.rrule, dtstart=frequency.dtstart, complete=frequency.complete
            )
            if frequency
            else None,
            seasons={int(number): name for number, name in show.seasons.items() if is_season(number)},
            complete=show.complete,
            new_feed_url=show.new_feed_url,
        ),
        feed=model.Feed(items=front.feed.items, full_notes=front.feed.full_notes, hub=front.feed.hub),
        media_base_url=front.media.base_url,
        store=model.Store(currency=front.store.currency, tax=front.store.tax),
    )
