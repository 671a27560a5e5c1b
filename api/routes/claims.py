"""Claiming what was paid under another address: ask for a code to it, then say the code. Signed in all the while."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request

from api.errors import Code
from api.routes import access, cookies, visitors
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import claims, mail_codes
from api.usecases.claims import Claimed

PAGE, CODE_PAGE = "/account/claim/", "/account/claim/code/"


class ClaimRequest(Struct, frozen=True, kw_only=True):
    email: Annotated[str, Meta(max_length=320)]


class ClaimCode(Struct, frozen=True, kw_only=True):
    code: Annotated[str, Meta(max_length=80)]


class ClaimAsked(Struct, frozen=True):
    message: str


ASKED = ClaimAsked("If something was bought with this address, a code is on its way to it.")


@endpoint("POST", "/api/claims", answers={202: ClaimAsked}, problems=(Code.RATE_LIMITED,), page=PAGE)
async def ask(request: Request, body: ClaimRequest) -> Answer:
    """Ask for a code to an address under which you have paid."""
    account = access.signed_in(request).account
    binding = await claims.ask(service_of(request), account, body.email, place=visitors.of(request).place)
    seconds = int(mail_codes.LIFE.total_seconds())
    cookie = cookies.kept(cookies.ASKING_CLAIM, binding, seconds=seconds)
    return Answer(body=ASKED, status=202, page=CODE_PAGE, headers=(cookie,))


@endpoint(
    "POST",
    "/api/claims/code",
    answers={200: Claimed},
    problems=(Code.OTHER_BROWSER, Code.WRONG_CODE, Code.GONE, Code.RATE_LIMITED),
    page=CODE_PAGE,
)
async def confirm(request: Request, body: ClaimCode) -> Answer:
    """Say the code: what was bought under its address moves to your account."""
    account = access.signed_in(request).account
    binding = cookies.value(request, cookies.ASKING_CLAIM)
    moved = await claims.confirm(
        service_of(request), account, body.code, binding=binding, place=visitors.of(request).place
    )
    page = "/account/#claimed" if moved.orders or moved.grants else f"{PAGE}#nothing_found"
    return Answer(body=moved, page=page, headers=(cookies.dropped(cookies.ASKING_CLAIM),))


ENDPOINTS = (ask, confirm)
