"""Who may ask: sign-in is required unless a route says otherwise; a change must come from our own pages. Reads no rows itself."""

from enum import StrEnum

from starlette.requests import Request

from api.errors import AppError, Code
from api.usecases import sessions
from api.usecases.service import Service
from api.usecases.sessions import SignedIn

COOKIE = "__Host-session"


class Access(StrEnum):
    """ACCOUNT: the session cookie of a signed-in browser. STRIPE: the request's signature. DEVICE: an app's bearer token."""

    ACCOUNT = "account"
    DEVICE = "device"
    PUBLIC = "public"
    STRIPE = "stripe"


def check_origin(request: Request, access: Access, *, origin: str) -> None:
    """Raises FOREIGN_ORIGIN for a change that does not come from a page of ours.

    Browsers say so in Sec-Fetch-Site, older ones in Origin alone. Whoever carries no cookie has nothing to be misused.
    """
    if access in (Access.STRIPE, Access.DEVICE):
        return
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and request.headers.get("origin") == origin):
        return
    raise AppError(Code.FOREIGN_ORIGIN, f"Changes are taken from the pages of {origin} only.")


async def admit(request: Request, access: Access, service: Service) -> None:
    """Raises SIGNED_OUT when the route needs an account and nobody is signed in."""
    if access is not Access.ACCOUNT:
        return
    found = sessions.current(service.database.reader, request.cookies.get(COOKIE, ""), now=service.clock())
    if found is None:
        raise AppError(Code.SIGNED_OUT, "Nobody is signed in here.")
    request.state.signed_in = found


def signed_in(request: Request) -> SignedIn:
    """The account and session of a request to a route with Access.ACCOUNT."""
    found: SignedIn = request.state.signed_in
    return found
