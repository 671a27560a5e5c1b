"""How a podcast app gets its own password through a browser, as Nextcloud lets it. Whom it is given to is not decided here.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html#login-flow-v2
"""

from typing import Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import times
from api.errors import AppError, Code
from api.routes import access, cookies, visitors
from api.routes.access import Access
from api.routes.contract import NOT_KEPT, Answer, endpoint, service_of
from api.usecases import limits, login_flows

CONSENT_PAGE, SIGN_IN_PAGE = "/account/connect/", "/account/sign-in/"
BEGIN, POLL = "/index.php/login/v2", "/index.php/login/v2/poll"
BEGUN_PER_PLACE = 60
KEPT_SECONDS = int(login_flows.LIFE.total_seconds())


class Polled(Struct, frozen=True):
    token: str
    endpoint: str


class Begun(Struct, frozen=True):
    """The app opens `login` in a browser and asks `poll` until somebody has said yes there."""

    poll: Polled
    login: str


class Poll(Struct, frozen=True):
    token: str


class Credentials(Struct, frozen=True, kw_only=True, rename="camel"):
    server: str
    login_name: str
    app_password: str


class WaitingApp(Struct, frozen=True, kw_only=True):
    """What the app calls itself, and the neighbourhood it asked from."""

    name: str
    place: str
    asked_at: str


class Decision(Struct, frozen=True):
    decision: Literal["allow", "deny"]


@endpoint("POST", BEGIN, answers={200: Begun}, problems=(Code.RATE_LIMITED,), access=Access.BODY)
async def begin(request: Request) -> Answer:
    """Begins the login of a podcast app: where to send its owner, and where to ask for the outcome."""
    service, visitor = service_of(request), visitors.of(request)
    now, origin = service.clock(), service.settings.origin
    await limits.spend(service.database, {f"login-flow-place:{visitor.place}": BEGUN_PER_PLACE}, now=now)
    app = visitors.app_name(request.headers.get("user-agent", ""))
    begun = await service.database.write(
        lambda db: login_flows.begin(db, app=app, place=visitor.neighbourhood, now=now)
    )
    return Answer(body=Begun(Polled(begun.poll_token, origin + POLL), f"{origin}{BEGIN}/flow/{begun.browser_token}"))


@endpoint("GET", BEGIN + "/flow/{token}", answers={303: None}, access=Access.PUBLIC, page=CONSENT_PAGE)
async def lead(request: Request, token: str) -> Response:
    """Leads the browser that the app has opened to where its owner can say yes."""
    service = service_of(request)
    login_flows.waiting(service.database.reader, token, now=service.clock())
    known = access.signed_in_or_none(request, service)
    answer = RedirectResponse(CONSENT_PAGE if known else f"{SIGN_IN_PAGE}#app", 303, NOT_KEPT)
    answer.headers.append(*cookies.kept(cookies.APP_LOGIN, token, seconds=KEPT_SECONDS))
    return answer


@endpoint("GET", "/api/app-login", answers={200: WaitingApp}, problems=(Code.NOT_FOUND,))
async def waiting(request: Request) -> Answer:
    """Tells which podcast app waits for a yes in this browser."""
    service = service_of(request)
    flow = login_flows.waiting(service.database.reader, _token(request), now=service.clock())
    return Answer(body=WaitingApp(name=flow.app, place=flow.place, asked_at=times.text(flow.created_at)))


@endpoint("POST", "/api/app-login", answers={204: None}, problems=(Code.NOT_FOUND, Code.CONFLICT), page=CONSENT_PAGE)
async def decide(request: Request, body: Decision) -> Answer:
    """Says yes or no to the podcast app."""
    service, account, token = service_of(request), access.signed_in(request).account, _token(request)
    allow, now = body.decision == "allow", service.clock()
    await service.database.write(lambda db: login_flows.decide(db, account, token, allow=allow, now=now))
    page = f"{CONSENT_PAGE}#{'allowed' if allow else 'denied'}"
    return Answer(status=204, page=page, headers=(cookies.dropped(cookies.APP_LOGIN),))


@endpoint("POST", POLL, answers={200: Credentials}, problems=(Code.NOT_FOUND, Code.CONFLICT), access=Access.BODY)
async def poll(request: Request, body: Poll) -> Answer:
    """Gives the app its user name and password, once, after its owner has said yes; 404 until then."""
    service, now = service_of(request), service_of(request).clock()
    made = None
    if login_flows.is_ready(service.database.reader, body.token, now=now):
        made = await service.database.write(lambda db: login_flows.fetch(db, body.token, now=now))
    if made is None:
        raise AppError(Code.NOT_FOUND, "Nobody has said yes to this yet, or it was fetched already.")
    return Answer(
        body=Credentials(server=service.settings.origin, login_name=made.user_name, app_password=made.password or "")
    )


def _token(request: Request) -> str:
    return cookies.value(request, cookies.APP_LOGIN)


ENDPOINTS = (begin, lead, waiting, decide, poll)
