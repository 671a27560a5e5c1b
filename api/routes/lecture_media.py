"""Links to a lecture's video and downloads, for a browser's session, an app's token, and of previews for everybody."""

import datetime as dt

from starlette.requests import Request

from api.errors import Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import lecture_media
from api.usecases.lecture_media import LectureMedia

SCOPE = "media"


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
    found = lecture_media.of_lecture(
        service.database,
        service.catalog.current(),
        service.media_or_refuse(),
        lecture_id,
        account=person.account if person else None,
        life=dt.timedelta(hours=service.settings.media_link_hours),
        now=service.clock(),
    )
    return Answer(body=found)


ENDPOINTS = (of_lecture,)
