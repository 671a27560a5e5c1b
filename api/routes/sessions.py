"""The browsers that are signed in to an account: listed, ended one by one or all but this. Knows no tokens."""

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import Code
from api.routes import access, pages
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import sessions

PAGE, OWN_PAGE = "/account/sessions/", "/api/sessions/page"


class Browser(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    place: str
    """The neighbourhood of its address, or 'unknown'."""
    created_at: str
    seen_at: str
    this: bool


class Browsers(Struct, frozen=True):
    sessions: list[Browser]


class Ended(Struct, frozen=True):
    ended: int


@endpoint("GET", "/api/sessions", answers={200: Browsers})
async def every(request: Request) -> Answer:
    """Lists the browsers that are signed in."""
    service, here = service_of(request), access.signed_in(request)
    found = sessions.of(service.database.reader, here.account, now=service.clock())
    browsers = [
        Browser(
            id=session.id,
            name=session.user_agent_label,
            place=session.address_prefix,
            created_at=times.text(session.created_at),
            seen_at=times.text(session.seen_at),
            this=session.id == here.session.id,
        )
        for session in found
    ]
    return Answer(body=Browsers(browsers))


@endpoint("GET", OWN_PAGE, answers={200: str}, page=PAGE, media_type=pages.MEDIA_TYPE)
async def without_script(request: Request) -> Response:
    """The same as a page, with a button for each."""
    service, here = service_of(request), access.signed_in(request)
    found = sessions.of(service.database.reader, here.account, now=service.clock())
    return pages.shown(request, PAGE, "sessions", sessions=found, here=here.session.id)


@endpoint("DELETE", "/api/sessions/{session_id}", answers={204: None}, problems=(Code.NOT_FOUND,))
async def end(request: Request, session_id: str) -> Answer:
    """Signs one browser out."""
    return await _end(request, session_id)


@endpoint("POST", "/api/sessions/{session_id}/end", answers={204: None}, problems=(Code.NOT_FOUND,), page=PAGE)
async def end_by_form(request: Request, session_id: str) -> Answer:
    """The same for a form."""
    return await _end(request, session_id)


@endpoint("DELETE", "/api/sessions", answers={200: Ended})
async def end_others(request: Request) -> Answer:
    """Signs out all browsers but this."""
    service, here = service_of(request), access.signed_in(request)
    now = service.clock()
    ended = await service.database.write(lambda db: sessions.end_others(db, here.account, but=here.session.id, now=now))
    return Answer(body=Ended(ended))


async def _end(request: Request, session_id: str) -> Answer:
    service, here = service_of(request), access.signed_in(request)
    now = service.clock()
    await service.database.write(lambda db: sessions.end(db, here.account, session_id, now=now))
    return Answer(status=204, page=f"{OWN_PAGE}#ended")


ENDPOINTS = (every, without_script, end, end_by_form, end_others)
