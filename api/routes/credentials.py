"""What a podcast app shows at the sync paths: a password, a token, a cookie, or a secret in the path. Says whose that is.

Whoever shows nothing is asked for a password, as apps wait for that before they send one. Whoever shows wrong ones too often
has to wait, and slows nobody who shows the right one.
"""

import base64
import binascii
from collections.abc import Callable
from sqlite3 import Connection

from starlette.requests import Request

from api.errors import AppError, Code
from api.model import Device
from api.routes import cookies, visitors
from api.usecases import app_passwords, devices, limits
from api.usecases.app_passwords import Entered
from api.usecases.secret_words import token_hash
from api.usecases.service import Service

CHALLENGE = ("WWW-Authenticate", 'Basic realm="Podcast sync", charset="UTF-8"')  # RFC 7617
WRONG_PER_PLACE = 30
# It asks without a password first, every time, and after three challenges it never answers one again: it waits for a cookie.
ASKED_TOO_OFTEN = "mygpoclient/"


async def entered(request: Request, service: Service) -> Entered:
    """Raises SIGNED_OUT, RATE_LIMITED, and OTHER_USER when the path names somebody else."""
    found = _found(request, service)
    if found is None:
        raise await _refusal(request, service)
    check_user(request, found)
    await devices.note_seen(service.database, found.device, now=service.clock())
    if ASKED_TOO_OFTEN in request.headers.get("user-agent", "") and _has_password(request, service):
        request.state.given = await cookie_for(service, found.device)
    return found


async def cookie_for(service: Service, device: Device) -> cookies.Header:
    """A cookie by which the app is known for a day."""
    now = service.clock()
    token = await service.database.write(lambda db: app_passwords.open_session(db, device, now=now))
    return cookies.kept_by_app(
        cookies.PODCAST_SESSION,
        token,
        seconds=int(app_passwords.SESSION_LIFE.total_seconds()),
        secure=service.settings.origin.startswith("https:"),
    )


def given(request: Request) -> tuple[cookies.Header, ...]:
    """What the app gets with its answer, whatever that is."""
    cookie: cookies.Header | None = getattr(request.state, "given", None)
    return (cookie,) if cookie else ()


def check_user(request: Request, found: Entered) -> None:
    """Raises OTHER_USER when the path has a `user` that is not the one found."""
    user = request.path_params.get("user")
    if user is not None and app_passwords.name_hash(user) != found.name_hash:
        raise AppError(Code.OTHER_USER, "The user in the address is not the one whose password this is.")


def of_cookie(request: Request, service: Service) -> Entered | None:
    """The app whose cookie this is, whatever else the request shows."""
    token, now = _cookie(request), service.clock()
    if not token:
        return None
    return _remembered(service, "cookie", token, lambda db: app_passwords.with_session(db, token, now=now))


def _found(request: Request, service: Service) -> Entered | None:
    """By the first thing that is shown; the others are not looked at."""
    if header := request.headers.get("authorization"):
        return _of_header(header, service)
    if _cookie(request):
        return of_cookie(request, service)
    user = _secret_name(request)
    return _remembered(service, "name", user, lambda db: app_passwords.with_secret_name(db, user)) if user else None


def _has_password(request: Request, service: Service) -> bool:
    """And no cookie that is good any more."""
    return request.headers.get("authorization", "").lower().startswith("basic ") and not of_cookie(request, service)


def _of_header(header: str, service: Service) -> Entered | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return app_passwords.with_token(service.database.reader, value.strip(), now=service.clock())
    if scheme.lower() == "basic" and (pair := _pair(value)):
        return _remembered(service, "pair", value, lambda db: app_passwords.with_password(db, *pair))
    return None


def _pair(value: str) -> tuple[str, str] | None:
    """Name and password; older programs write Latin-1, and ours are ASCII in either."""
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None


def _remembered(
    service: Service, kind: str, secret: str, read: Callable[[Connection], Entered | None]
) -> Entered | None:
    """The same for every request until somebody writes, or a cookie's time is over. What is kept is not the secret."""
    return service.database.remembered.get(
        (kind, token_hash(secret)),
        read,
        holds=lambda known: known.expires_at is None or known.expires_at > service.clock(),
    )


async def _refusal(request: Request, service: Service) -> AppError:
    """Raises RATE_LIMITED for who was wrong too often; asking without anything is no mistake."""
    if not (request.headers.get("authorization") or _cookie(request) or _secret_name(request)):
        return AppError(Code.SIGNED_OUT, "Send the user name and the password that were made for this app.")
    key = f"app-password-place:{visitors.of(request).place}"
    await limits.spend(service.database, {key: WRONG_PER_PLACE}, now=service.clock())
    return AppError(Code.SIGNED_OUT, "This user name or password is wrong or was ended. Make new ones on the site.")


def _cookie(request: Request) -> str:
    return cookies.value(request, cookies.PODCAST_SESSION)


def _secret_name(request: Request) -> str:
    user = str(request.path_params.get("user", ""))
    return user if app_passwords.is_secret_name(user) else ""
