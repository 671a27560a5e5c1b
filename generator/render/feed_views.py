"""What a podcast feed prints, no more: a feed is written anew when, and only when, one of these values has changed.

Every URL is absolute. Texts are plain, not yet escaped. Notes are named by digest.
"""

from datetime import datetime

from msgspec import field

from generator.model import Chapter, Link, Txt, UpdateFrequency
from generator.render.views import LinkView, View


class PersonView(View):
    """podcast:person; `role` is of the taxonomy's group 'cast'."""

    name: str
    role: str
    url: str
    photo: str


class TrailerView(View):
    title: str
    url: str
    date: datetime
    bytes: int
    type: str
    season: int | None


class ItemView(View):
    """An episode. `number` is 0 where the feed must not tell one; `transcripts` are the timed ones, the best first.

    `notes` is '' on an item that carries its summary alone, and `resolved`, `links` and `sponsors` are empty with it.
    """

    title: str
    url: str
    guid: str
    date: datetime
    summary: str
    audio_url: str
    audio_bytes: int
    audio_type: str
    seconds: int
    type: str
    explicit: bool
    number: int = 0
    season: int | None = None
    season_name: str = ""
    image: str = ""
    persons: tuple[PersonView, ...] = ()
    chapters_url: str = ""
    chapters: tuple[Chapter, ...] = ()
    transcripts: tuple[str, ...] = ()
    notes: str = ""
    resolved: dict[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    sponsors: tuple[LinkView, ...] = ()


class FeedView(View):
    """One feed document, items newest first. `older` is the archive page that continues it ('' when none does).

    `current` is the address of the newest feed on an archive page, '' on that feed itself; what may change from week
    to week (funding to new_feed_url) stands only there, so that an archive page never changes.
    """

    url: str
    origin: str
    title: str
    description: str
    language: str
    author: str
    owner_name: str
    owner_email: str
    categories: tuple[tuple[str, ...], ...]
    explicit: bool
    type: str
    artwork: str
    guid: str
    locked: bool
    medium: str
    copyright: str
    hosts: tuple[PersonView, ...]
    older: str
    current: str
    items: tuple[ItemView, ...]
    funding: LinkView | None = None
    trailer: TrailerView | None = None
    txt: tuple[Txt, ...] = ()
    update_frequency: UpdateFrequency | None = None
    hub: str = ""
    complete: bool = False
    new_feed_url: str = ""
