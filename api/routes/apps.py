"""How our own apps get tokens: the system's browser asks, its owner says yes on our page, the app exchanges the code.

RFC 6749, RFC 7636 (S256 only), RFC 7009. Which tokens are good is not decided here.
"""

import datetime as dt
import html
from sqlite3 import Connection
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.errors import AppError, Code
from api.routes import access, cookies, problems, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import app_requests, device_codes, devices, limits
from api.usecases.app_requests import AppRequest
from api.usecases.devices import Pair, Reused

CONSENT_PAGE, SIGN_IN_PAGE = "/account/authorize/", "/account/sign-in/"
FIELDS = ("client_id", "redirect_uri", "code_challenge", "scope", "state")
KEPT_SECONDS = 15 * 60
EXCHANGES_PER_PLACE, POLLS_PER_PLACE = 60, 1200
WAITING = {
    Code.AUTHORIZATION_PENDING: "Nobody has said yes yet. Ask again in a few seconds.",
    Code.SLOW_DOWN: "Wait longer between two questions.",
    Code.ACCESS_DENIED: "The app was not let in.",
    Code.EXPIRED_TOKEN: "The code is over. Start again.",
}
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class Authorize(Struct, frozen=True, kw_only=True):
    response_type: Literal["code"]
    client_id: str
    redirect_uri: str
    code_challenge: str
    code_challenge_method: Literal["S256"]
    scope: str
    state: str = ""


class Asking(Struct, frozen=True):
    client: str
    scopes: tuple[str, ...]


class Consent(Struct, frozen=True):
    decision: Literal["allow", "deny"]


class Decided(Struct, frozen=True):
    location: str


class Exchange(Struct, frozen=True, kw_only=True, tag_field="grant_type", tag="authorization_code"):
    client_id: str
    code: str
    code_verifier: Annotated[str, Meta(min_length=43, max_length=128)]
    redirect_uri: str
    device_name: Name = "a phone"


class Renew(Struct, frozen=True, kw_only=True, tag_field="grant_type", tag="refresh_token"):
    client_id: str
    refresh_token: str


class DeviceExchange(
    Struct, frozen=True, kw_only=True, tag_field="grant_type", tag="urn:ietf:params:oauth:grant-type:device_code"
):
    client_id: str
    device_code: str


class Tokens(Struct, frozen=True, kw_only=True):
    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str
    device_id: str


class Revoke(Struct, frozen=True):
    token: str


@endpoint("GET", "/api/authorize", answers={303: None}, access=Access.PUBLIC, page=CONSENT_PAGE)
async def authorize(request: Request, query: Authorize) -> Response:
    """Keeps what the app asked for in a cookie and goes to where its owner can say yes."""
    asked = _read(request, {name: getattr(query, name) for name in FIELDS})
    known = access.signed_in_or_none(request, service_of(request))
    answer = RedirectResponse(CONSENT_PAGE if known else f"{SIGN_IN_PAGE}#app", 303, {"Cache-Control": "no-store"})
    answer.headers.append(*cookies.kept(cookies.APP, _packed(asked), seconds=KEPT_SECONDS))
    return answer


@endpoint("GET", "/api/authorize/request", answers={200: Asking}, problems=(Code.NOT_FOUND,))
async def asking(request: Request) -> Answer:
    """Tells which app waits for a yes in this browser, and what it wants."""
    asked = _kept(request)
    return Answer(body=Asking(asked.client_id, asked.scopes))


@endpoint(
    "POST",
    "/api/authorize",
    answers={200: Decided},
    problems=(Code.NOT_FOUND,),
    page=CONSENT_PAGE,
)
async def decide(request: Request, body: Consent) -> Answer | Response:
    """Says yes or no to the app."""
    service, asked = service_of(request), _kept(request)
    issuer = service.settings.origin
    if body.decision == "allow":
        account, now = access.signed_in(request).account, service.clock()
        code = await service.database.write(lambda db: devices.grant_code(db, account, asked, now=now))
        location = app_requests.answer_address(asked, issuer=issuer, code=code)
    else:
        location = app_requests.answer_address(asked, issuer=issuer, error="access_denied")
    forget = (cookies.dropped(cookies.APP),)
    if location.startswith(issuer):
        return Answer(body=Decided(location), page=location, headers=forget)
    if "application/json" in request.headers.get("accept", ""):
        return Answer(body=Decided(location), headers=forget)
    return _way_back(location, forget)


@endpoint(
    "POST",
    "/api/token",
    answers={200: Tokens},
    problems=(*problems.OAUTH, Code.RATE_LIMITED),
    access=Access.BODY,
)
async def token(request: Request, body: Exchange | Renew | DeviceExchange) -> Answer:
    """Gives a pair of tokens for a code, or the next pair for a refresh token.

    A device without a browser asks with its device code every few seconds: `authorization_pending` means that nobody has
    said yes yet, `slow_down` to wait longer, `access_denied` and `expired_token` that it is over.
    """
    service, now = service_of(request), service_of(request).clock()
    if body.client_id != app_requests.CLIENT:
        raise devices.refused()
    await _limit(request, body, now=now)
    pair = await service.database.write(lambda db: _exchanged(db, body, now=now))
    if isinstance(pair, Code):
        raise AppError(pair, WAITING.get(pair, devices.REFUSED))
    if not isinstance(pair, Pair):
        raise devices.refused()
    return Answer(
        body=Tokens(
            access_token=pair.access_token,
            token_type="Bearer",  # noqa: S106 (a kind, not a secret)
            expires_in=max(0, int((pair.access_expires_at - now).total_seconds())),
            refresh_token=pair.refresh_token,
            scope=" ".join(pair.device.scopes),
            device_id=pair.device.id,
        )
    )


@endpoint("POST", "/api/token/revoke", answers={200: None}, access=Access.BODY)
async def revoke(request: Request, body: Revoke) -> Answer:
    """Says yes to every token, known or not: RFC 7009, section 2.2."""
    service, now = service_of(request), service_of(request).clock()
    await service.database.write(lambda db: devices.revoke_token(db, body.token, now=now))
    return Answer()


async def _limit(request: Request, body: Exchange | Renew | DeviceExchange, *, now: dt.datetime) -> None:
    """A device that waits asks a hundred times, so it is counted apart."""
    polls = isinstance(body, DeviceExchange)
    kind, most = ("token-polls-place", POLLS_PER_PLACE) if polls else ("token-place", EXCHANGES_PER_PLACE)
    await limits.spend(service_of(request).database, {f"{kind}:{visitors.of(request).place}": most}, now=now)


def _exchanged(
    db: Connection, body: Exchange | Renew | DeviceExchange, *, now: dt.datetime
) -> Pair | Reused | Code | None:
    if isinstance(body, Renew):
        return devices.refresh(db, body.refresh_token, now=now)
    if isinstance(body, DeviceExchange):
        return device_codes.exchange(db, body.device_code, now=now)
    return devices.exchange(
        db,
        body.code,
        verifier=body.code_verifier,
        client=body.client_id,
        redirect_uri=body.redirect_uri,
        name=body.device_name,
        now=now,
    )


def _read(request: Request, fields: dict[str, str]) -> AppRequest:
    return app_requests.read(**{name: fields[name] for name in FIELDS}, origin=service_of(request).settings.origin)


def _packed(asked: AppRequest) -> str:
    fields = {name: getattr(asked, name) for name in FIELDS if name != "scope"}
    return quote(urlencode({**fields, "scope": " ".join(asked.scopes)}), safe="")


def _kept(request: Request) -> AppRequest:
    """What the app asked for, checked again: a cookie is only what a browser says. Raises NOT_FOUND."""
    try:
        return _read(request, dict(parse_qsl(unquote(cookies.value(request, cookies.APP)), keep_blank_values=True)))
    except (AppError, KeyError) as error:
        raise AppError(Code.NOT_FOUND, "No app is waiting in this browser. Start again in the app.") from error


def _way_back(location: str, headers: tuple[cookies.Header, ...]) -> Response:
    """A page that goes on to the app on this machine: the pages' policy lets forms lead to our own addresses only."""
    address = html.escape(location)
    page = HTMLResponse(
        f"<!doctype html><html lang=en><title>Back to the app</title><p><a href='{address}'>Back to the app</a></p>",
        headers={"Cache-Control": "no-store", "Refresh": f"0; url={location}", "Referrer-Policy": "no-referrer"},
    )
    for header in headers:
        page.headers.append(*header)
    return page


ENDPOINTS = (authorize, asking, decide, token, revoke)
