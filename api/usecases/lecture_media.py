"""Links to what a lecture is made of, for whoever may have them: previews and free courses are everybody's, the rest its owners'.

Signs nothing itself. A link that was given outlives what is revoked later, by hours; a new one is not given.
"""

import datetime as dt
import mimetypes
import posixpath

from msgspec import Struct

from api import times
from api.errors import AppError, Code
from api.gateways.catalog import Catalog, Course, Lecture
from api.gateways.media_links import Period, Signer
from api.model import Account
from api.store.database import Database
from api.usecases import access
from api.usecases.service import MediaLinks

ANYBODY = "anybody"  # whom a preview's link is bound to when nobody is signed in


class Video(Struct, frozen=True):
    """`bytes` is None while media.lock does not know the file."""

    url: str
    type: str
    bytes: int | None


class CaptionsFile(Struct, frozen=True):
    language: str
    url: str


class DownloadFile(Struct, frozen=True):
    name: str
    url: str
    bytes: int


class LectureMedia(Struct, frozen=True, kw_only=True):
    """Addresses that begin with '/' are the site's own. `video` and `poster` are None where a lecture has none."""

    video: Video | None
    poster: str | None
    captions: tuple[CaptionsFile, ...]
    downloads: tuple[DownloadFile, ...]
    expires_at: str


class _Links(Struct, frozen=True):
    """Makes all links of one answer, for one account and one period."""

    account: str
    period: Period

    def to(self, path: str, signer: Signer) -> str:
        return signer.link(path, account=self.account, period=self.period)


def of_lecture(
    database: Database,
    catalog: Catalog,
    media: MediaLinks,
    lecture_id: str,
    *,
    account: Account | None,
    life: dt.timedelta,
    now: dt.datetime,
) -> LectureMedia:
    """Raises NOT_FOUND for an unknown lecture, SIGNED_OUT and FORBIDDEN for what has to be owned."""
    found = catalog.lecture(lecture_id)
    if found is None:
        raise AppError(Code.NOT_FOUND, "There is no such lecture.")
    course, lecture = found
    _check(database, catalog, course, lecture, account=account, now=now)
    links = _Links(account.id if account else ANYBODY, Period(now, now + life))
    return LectureMedia(
        video=_video(lecture, media, links) if lecture.video else None,
        poster=links.to(lecture.poster, media.videos) if lecture.poster else None,
        captions=tuple(CaptionsFile(one.language, one.url) for one in lecture.captions),
        downloads=tuple(
            DownloadFile(one.name, links.to(one.path, media.downloads), one.bytes)
            for one in lecture.downloads
            if one.path
        ),
        expires_at=times.text(links.period.end),
    )


def _check(
    database: Database, catalog: Catalog, course: Course, lecture: Lecture, *, account: Account | None, now: dt.datetime
) -> None:
    if (lecture.preview or course.free) and not course.notify:
        return
    if account is None:
        raise AppError(Code.SIGNED_OUT, f"Sign in to open '{lecture.title}'.")
    if not access.may_open(database.reader, account.id, course.id, catalog, now=now):
        raise AppError(Code.FORBIDDEN, f"'{lecture.title}' belongs to the course '{course.title}', which is not yours.")


def _video(lecture: Lecture, media: MediaLinks, links: _Links) -> Video:
    kind = lecture.video_type or mimetypes.guess_type(posixpath.basename(lecture.video))[0]
    return Video(links.to(lecture.video, media.videos), kind or "video/mp4", lecture.video_bytes or None)
