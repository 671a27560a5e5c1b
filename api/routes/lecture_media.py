"""Links to a lecture's files, for a browser's session, an app's token, and of previews for everybody; and who was given one."""

import datetime as dt

from msgspec import Struct
from starlette.requests import Request

from api import times
from api.errors import Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import given_links, lecture_media
from api.usecases.lecture_media import LectureMedia

SCOPE = "media"


class OpenLink(Struct, frozen=True, kw_only=True):
    """`holder` is the name of the app or the browser that was given it."""

    lecture: str
    course: str
    holder: str
    given_at: str
    ends_at: str


class OpenLinks(Struct, frozen=True):
    links: list[OpenLink]


@endpoint(
    "GET",
    "/api/v1/lectures/{lecture_id}/media",
    answers={200: LectureMedia},
    problems=(Code.SIGNED_OUT, Code.FORBIDDEN, Code.UNAVAILABLE),
    access=Access.PUBLIC,
)
async def of_lecture(request: Request, lecture_id: str) -> Answer:
    """Addresses of a lecture's video, poster, captions and downloads, good until `expires_at`.

    For a signed-in browser, or an app whose token has the scope `media`; lectures that are previews open for everybody.
    Addresses that begin with '/' are the site's own. Ask again when they are over: 403 then says that the course is not
    yours (any more).
    """
    service = service_of(request)
    person = await access.person_or_none(request, service, scope=SCOPE)
    life, now = dt.timedelta(hours=service.settings.media_link_hours), service.clock()
    found = lecture_media.of_lecture(
        service.database,
        service.catalog.current(),
        service.media_or_refuse(),
        lecture_id,
        account=person.account if person else None,
        life=life,
        now=now,
    )
    if person:
        account_id, holder = person.account.id, person.writer
        await given_links.note(service, account_id, holder=holder, lecture_id=lecture_id, ends_at=now + life, now=now)
    return Answer(body=found)


@endpoint("GET", "/api/media-links", answers={200: OpenLinks})
async def given(request: Request) -> Answer:
    """Lists who was given a link to a lecture that still opens. A link that was passed on opens for others too."""
    service = service_of(request)
    found = given_links.of(service, access.signed_in(request).account, now=service.clock())
    return Answer(
        body=OpenLinks(
            [
                OpenLink(
                    lecture=link.lecture,
                    course=link.course,
                    holder=link.holder,
                    given_at=times.text(link.given_at),
                    ends_at=times.text(link.ends_at),
                )
                for link in found
            ]
        )
    )


ENDPOINTS = (of_lecture, given)
