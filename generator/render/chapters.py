"""An episode's chapters as the JSON that podcast apps fetch. Knows nothing of feeds and pages.

Source: podcast namespace, "JSON Chapters Format", version 1.2.0.
"""

from collections.abc import Sequence

import msgspec

from generator.model import Chapter
from generator.render.origin import absolute

VERSION = "1.2.0"


class _Chapter(msgspec.Struct, omit_defaults=True, rename="camel"):
    start_time: float
    title: str
    url: str = ""
    img: str = ""


class _Chapters(msgspec.Struct):
    version: str
    chapters: list[_Chapter]


def json(chapters: Sequence[Chapter], *, origin: str) -> bytes:
    """The chapters, ascending, `startTime` in seconds; public paths get `origin` put before them.

    >>> json([Chapter(at=195.0, title="Logs", image="/media/log.png")], origin="https://s.example")
    b'{"version":"1.2.0","chapters":[{"startTime":195,"title":"Logs","img":"https://s.example/media/log.png"}]}'
    """
    entries = [
        _Chapter(
            start_time=int(chapter.at) if chapter.at == int(chapter.at) else round(chapter.at, 3),
            title=chapter.title,
            url=absolute(chapter.url, origin=origin),
            img=absolute(chapter.image, origin=origin),
        )
        for chapter in chapters
    ]
    return msgspec.json.encode(_Chapters(version=VERSION, chapters=entries))
