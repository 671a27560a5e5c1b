"""Signing in and out by forms or by JSON. Which account it is and whether the code is right is not decided here."""

from msgspec import Struct
from starlette.requests import Request

from api.errors import Code
from api.routes import access, cookies, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.routes.cookies import Header
from api.usecases import mail_codes, sessions, sign_in
from api.usecases.sessions import ABSOLUTE, Opened, SignedIn

PAGE, CODE_PAGE = "/account/sign-in/", "/account/code/"
ACCOUNT_PAGE = "/account/"
WAITING = ((cookies.APP, "/account/authorize/"), (cookies.APP_LOGIN, "/account/connect/"))
KEPT_SECONDS = int(ABSOLUTE.total_seconds())
CHECK_YOUR_MAIL = "If mail can reach this address, a code is on its way. It is good for ten minutes in this browser."


class Ask(Struct, frozen=True):
    email: str


class Asked(Struct, frozen=True):
    message: str
    minutes: int


class MailedCode(Struct, frozen=True):
    code: str


class Entered(Struct, frozen=True):
    account_id: str
    email: str
    next: str
    """The page to go on with."""


class Leave(Struct, frozen=True):
    everywhere: bool = False


class Standing(Struct, frozen=True):
    signed_in: bool
    code_asked: bool
    """Whether this browser waits for a code."""


@endpoint("GET", "/api/sign-in", answers={200: Standing}, access=Access.PUBLIC)
async def standing(request: Request) -> Answer:
    """Says whether this browser is signed in or waits for a code."""
    service = service_of(request)
    known = access.signed_in_or_none(request, service)
    binding = cookies.value(request, cookies.ASKING)
    return Answer(
        body=Standing(known is not None, mail_codes.is_awaited(service, binding, mail_codes.SIGN_IN)),
        headers=_put_right(request, known),
    )


@endpoint("POST", "/api/sign-in", answers={202: Asked}, problems=(Code.RATE_LIMITED,), access=Access.PUBLIC, page=PAGE)
async def ask(request: Request, body: Ask) -> Answer:
    """Sends a code by mail, whether or not there is an account yet."""
    binding = await sign_in.ask(service_of(request), body.email, visitor=visitors.of(request))
    seconds = int(mail_codes.LIFE.total_seconds())
    return Answer(
        status=202,
        body=Asked(CHECK_YOUR_MAIL, seconds // 60),
        page=CODE_PAGE,
        headers=(cookies.kept(cookies.ASKING, binding, seconds=seconds),),
    )


@endpoint(
    "POST",
    "/api/sign-in/code",
    answers={200: Entered},
    problems=(Code.OTHER_BROWSER, Code.WRONG_CODE, Code.GONE, Code.RATE_LIMITED),
    access=Access.PUBLIC,
    page=CODE_PAGE,
)
async def confirm(request: Request, body: MailedCode) -> Answer:
    """Signs in with the code, in the browser that asked for it."""
    opened = await sign_in.with_code(
        service_of(request),
        body.code,
        binding=cookies.value(request, cookies.ASKING),
        visitor=visitors.of(request),
        old_token=cookies.value(request, cookies.SESSION),
    )
    return entered(request, opened)


@endpoint("POST", "/api/sign-out", answers={204: None}, access=Access.PUBLIC, page=PAGE)
async def leave(request: Request, body: Leave) -> Answer:
    """Also for who is not signed in: signing out twice is signed out."""
    service = service_of(request)
    if known := access.signed_in_or_none(request, service):
        now = service.clock()
        if body.everywhere:
            await service.database.write(lambda db: sessions.end_everything(db, known.account, now=now))
        else:
            await service.database.write(lambda db: sessions.end(db, known.account, known.session.id, now=now))
    return Answer(status=204, page=f"{PAGE}#signed_out", headers=cookies.no_session())


def _put_right(request: Request, known: SignedIn | None) -> tuple[Header, ...]:
    """The mark for scripts where it is missing, or says what has ended elsewhere."""
    said, right = cookies.value(request, cookies.SIGNED_IN), cookies.mark(known.account.id) if known else ""
    if said == right:
        return ()
    return (
        cookies.shown(cookies.SIGNED_IN, right, seconds=KEPT_SECONDS) if right else cookies.dropped(cookies.SIGNED_IN),
    )


def entered(request: Request, opened: Opened) -> Answer:
    """The end of every way to sign in: the cookie, and where to go on: to an app that waits, else to the account."""
    waiting = (page for cookie, page in WAITING if cookies.value(request, cookie))
    page = next(waiting, ACCOUNT_PAGE)
    return Answer(
        body=Entered(opened.account.id, opened.account.email or "", page),
        page=page,
        headers=(
            *cookies.session(opened.token, opened.account.id, seconds=KEPT_SECONDS),
            cookies.dropped(cookies.ASKING),
        ),
    )


ENDPOINTS = (standing, ask, confirm, leave)
