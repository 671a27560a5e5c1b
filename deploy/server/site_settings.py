"""How this server takes content: the few facts of server.toml that publishing needs, as the release brings them along."""

from pathlib import Path

import msgspec
from msgspec import Struct

from deploy.server import content_places as places

FILE = "publishing.json"


class SiteSettings(Struct, frozen=True, kw_only=True):
    """`url` takes the place of site.toml's, '' for none; `has_media` says whether public audio is served from here."""

    url: str = ""
    has_media: bool = True
    build_memory_mb: int = 1024
    build_seconds: int = 600
    push_mb: int = 64


def text(settings: SiteSettings) -> str:
    return msgspec.json.format(msgspec.json.encode(settings)).decode() + "\n"


def read(configuration: Path = places.CURRENT_CONFIGURATION) -> SiteSettings:
    """Before the first release there may be none: then what is usual."""
    file = configuration / FILE
    return msgspec.json.decode(file.read_bytes(), type=SiteSettings) if file.is_file() else SiteSettings()
