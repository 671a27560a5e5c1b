"""What happened to an episode in the words of Nextcloud's podcast sync, which its apps expect to the letter. Knows no tables.

https://github.com/thrillfall/nextcloud-gpodder
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from api.usecases.episode_words import EpisodeAction

UNKNOWN_SECONDS = -1


class NextcloudAction(Struct, frozen=True, kw_only=True):
    """Every field is there. `action` in upper case; `timestamp` in UTC without a zone, which some apps append themselves."""

    podcast: str
    episode: str
    guid: str | None
    action: str
    timestamp: str
    started: int
    position: int
    total: int


def said(told: EpisodeAction | Mapping[str, Any]) -> NextcloudAction:
    action = told if isinstance(told, EpisodeAction) else msgspec.convert(told, EpisodeAction)
    return NextcloudAction(
        podcast=action.podcast,
        episode=action.episode,
        guid=action.guid,
        action=action.action.upper(),
        timestamp=action.timestamp,
        started=_seconds(action.started),
        position=_seconds(action.position),
        total=_seconds(action.total),
    )


def _seconds(known: int | None) -> int:
    return UNKNOWN_SECONDS if known is None else known
