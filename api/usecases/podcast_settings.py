"""What podcast apps keep here for themselves, by what it is about: account, device, feed, episode. Understands none of it."""

from sqlite3 import Connection
from typing import Any

import msgspec
from msgspec import Struct

from api import media_addresses
from api.errors import AppError, Code
from api.store import podcast_settings
from api.usecases.podcast_devices import check_name

SCOPES = ("account", "device", "podcast", "episode")
NAME_LENGTH_MAX, VALUE_BYTES_MAX, SETTINGS_MAX = 200, 4_000, 10_000


class About(Struct, frozen=True):
    """`subject` tells devices, feeds and episodes apart."""

    scope: str
    subject: str


def about(scope: str, *, device: str, podcast: str, episode: str) -> About:
    """Raises NOT_FOUND for another scope, MALFORMED when what it is about is not said."""
    if scope not in SCOPES:
        raise AppError(Code.NOT_FOUND, f"There are settings of {', '.join(SCOPES)} only.")
    if scope == "account":
        return About(scope, "")
    if scope == "device":
        return About(scope, check_name(device))
    wanted = (podcast,) if scope == "podcast" else (podcast, episode)
    if not all(map(media_addresses.is_usable, wanted)):
        raise AppError(Code.MALFORMED, f"Say which {scope} with its address.")
    return About(scope, " ".join(map(media_addresses.key, wanted)))


def of(db: Connection, account_id: str, about: About) -> dict[str, Any]:
    return podcast_settings.of(db, account_id, about.scope, about.subject)


def change(
    db: Connection, account_id: str, about: About, *, values: dict[str, Any], remove: list[str]
) -> dict[str, Any]:
    """All settings as they are then. Raises MALFORMED for what cannot be kept, CONFLICT when there are too many."""
    for name, value in values.items():
        _check(name, value)
    podcast_settings.put(db, account_id, about.scope, about.subject, values)
    podcast_settings.delete(db, account_id, about.scope, about.subject, remove)
    if podcast_settings.count(db, account_id) > SETTINGS_MAX:
        raise AppError(Code.CONFLICT, f"At most {SETTINGS_MAX} settings are kept. Nothing was changed.")
    return of(db, account_id, about)


def _check(name: str, value: Any) -> None:
    try:
        written = msgspec.json.encode({name: value})
    except (ValueError, OverflowError, RecursionError):
        written = b""
    if not written or len(name) > NAME_LENGTH_MAX or len(written) > VALUE_BYTES_MAX or "\0" in name:
        raise AppError(Code.MALFORMED, "A setting is too long or holds what cannot be kept. Nothing was changed.")
