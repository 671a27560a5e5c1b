"""Who may ask: sign-in is required unless a route says otherwise; a change must come from our own pages. Reads no rows itself."""

from enum import StrEnum

from msgspec import Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.model import Account, Device
from api.routes import cookies, credentials
from api.usecases import devices, sessions
from api.usecases.devices import Connected
from api.usecases.service import Service
from api.usecases.sessions import SignedIn


class Access(StrEnum):
    """ACCOUNT: the session cookie of a signed-in browser. DEVICE: an app's bearer token. STRIPE: the request's signature.

    BODY: a secret in the request's body; no cookie is looked at. PERSON: an app's bearer token, or else a browser's session.
    SYNC: a podcast app's password, cookie or token, or a secret in the path, whose `{user}` must be theirs.
    """

    ACCOUNT = "account"
    BODY = "body"
    DEVICE = "device"
    PERSON = "person"
    PUBLIC = "public"
    STRIPE = "stripe"
    SYNC = "sync"


WITHOUT_COOKIES = (Access.BODY, Access.DEVICE, Access.STRIPE)
BY_SESSION = (Access.ACCOUNT, Access.PERSON)
BY_TOKEN = (Access.DEVICE, Access.PERSON)
BEARER = "bearer "  # RFC 6750, section 2.1; the scheme's case does not matter


class Person(Struct, frozen=True, kw_only=True):
    """Whose request it is, whatever it came by; `writer` is the id of the app or of the browser's session."""

    account: Account
    writer: str
    device: Device | None = None


def check_origin(request: Request, access: Access, *, origin: str) -> None:
    """Raises FOREIGN_ORIGIN for a change that does not come from a page of ours.

    Browsers say so in Sec-Fetch-Site, older ones in Origin alone. Whoever carries no cookie has nothing to be misused.
    """
    if access in WITHOUT_COOKIES or (access is Access.PERSON and _has_token(request)):
        return
    site, named = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site == "same-origin" or (site is None and named == origin):
        return
    if access is Access.SYNC and site in (None, "none") and named is None:  # no page at all: an app
        return
    raise AppError(Code.FOREIGN_ORIGIN, f"Changes are taken from the pages of {origin} only.")


async def admit(request: Request, access: Access, service: Service, *, scope: str | None = None) -> None:
    """Raises SIGNED_OUT when the route needs somebody and nobody is there, FORBIDDEN when an app's token lacks the scope."""
    if access is Access.ACCOUNT or (access is Access.PERSON and not _has_token(request)):
        found = signed_in_or_none(request, service)
        if found is None:
            raise AppError(Code.SIGNED_OUT, "Nobody is signed in here.")
        await sessions.note_seen(service.database, found.session, now=service.clock())
        request.state.signed_in = found
    elif access in BY_TOKEN:
        request.state.connected = _connected(request, service, scope=scope)
    elif access is Access.SYNC:
        request.state.connected = await credentials.entered(request, service)


def challenge(access: Access, error: AppError) -> tuple[str, str] | None:
    """The header by which an app learns that it has to send a password."""
    return credentials.CHALLENGE if access is Access.SYNC and error.code is Code.SIGNED_OUT else None


def given(request: Request, access: Access) -> tuple[tuple[str, str], ...]:
    """Headers that go with the answer to an app that was let in."""
    return credentials.given(request) if access is Access.SYNC else ()


def signed_in_or_none(request: Request, service: Service) -> SignedIn | None:
    """For routes that are open to everybody and greet those they know."""
    return sessions.of_request(service.database, cookies.value(request, cookies.SESSION), now=service.clock())


def signed_in(request: Request) -> SignedIn:
    """The account and session of a request to a route with Access.ACCOUNT."""
    found: SignedIn = request.state.signed_in
    return found


def connected(request: Request) -> Connected:
    """The account and app of a request to a route with Access.DEVICE or Access.SYNC."""
    found: Connected = request.state.connected
    return found


def person(request: Request) -> Person:
    """Who asks on a route with Access.PERSON."""
    if _has_token(request):
        app = connected(request)
        return Person(account=app.account, writer=app.device.id, device=app.device)
    browser = signed_in(request)
    return Person(account=browser.account, writer=browser.session.id)


async def person_or_none(request: Request, service: Service, *, scope: str) -> Person | None:
    """For routes that are open to everybody: None without session and token. Raises SIGNED_OUT for a token that is not good."""
    if not _has_token(request) and signed_in_or_none(request, service) is None:
        return None
    await admit(request, Access.PERSON, service, scope=scope)
    return person(request)


def _has_token(request: Request) -> bool:
    """Then no cookie is looked at: another site cannot make a browser send this header without asking us first."""
    return request.headers.get("authorization", "").lower().startswith(BEARER)


def _connected(request: Request, service: Service, *, scope: str | None) -> Connected:
    header = request.headers.get("authorization", "")
    token = header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else ""
    found = devices.current(service.database.reader, token, now=service.clock())
    if found is None:
        raise AppError(Code.SIGNED_OUT, "The access token is missing, expired or revoked.")
    if scope and scope not in found.device.scopes:
        raise AppError(Code.FORBIDDEN, f"The app was not given the scope {scope}.")
    return found
