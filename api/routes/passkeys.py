"""Passkeys as the browser's script sends them: registering, signing in, listing, naming, removing. Checks no signature."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import Code
from api.model import Passkey
from api.routes import access, cookies, pages, sign_in, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import passkeys

PAGE, OWN_PAGE = "/account/passkeys/", "/api/passkeys/page"
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class Options(Struct, frozen=True):
    """What goes into the browser's call as `publicKey`, in its JSON form."""

    public_key: dict[str, Any]


class Registration(Struct, frozen=True):
    """`credential` is what the browser's `toJSON()` gives."""

    credential: dict[str, Any]
    name: Name


class Assertion(Struct, frozen=True):
    credential: dict[str, Any]


class Naming(Struct, frozen=True):
    name: Name


class KnownPasskey(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    created_at: str
    used_at: str | None


class KnownPasskeys(Struct, frozen=True):
    passkeys: list[KnownPasskey]


@endpoint("GET", "/api/passkeys", answers={200: KnownPasskeys})
async def every(request: Request) -> Answer:
    """Lists the account's passkeys."""
    found = passkeys.of(service_of(request).database.reader, access.signed_in(request).account)
    return Answer(body=KnownPasskeys([_known(passkey) for passkey in found]))


@endpoint("GET", OWN_PAGE, answers={200: str}, page=PAGE, media_type=pages.MEDIA_TYPE)
async def without_script(request: Request) -> Response:
    """The same as a page, with a button for each."""
    found = passkeys.of(service_of(request).database.reader, access.signed_in(request).account)
    return pages.shown(request, PAGE, "passkeys", passkeys=found)


@endpoint("POST", "/api/passkeys/challenge", answers={200: Options}, problems=(Code.STALE_SIGN_IN, Code.CONFLICT))
async def registration_challenge(request: Request) -> Answer:
    """Gives what the browser needs to make a passkey."""
    options = await passkeys.registration_options(service_of(request), access.signed_in(request))
    return Answer(body=Options(options))


@endpoint(
    "POST",
    "/api/passkeys",
    answers={201: KnownPasskey},
    problems=(Code.STALE_SIGN_IN, Code.CONFLICT, Code.GONE),
)
async def register(request: Request, body: Registration) -> Answer:
    """Adds a passkey and signs all other browsers out."""
    made = await passkeys.register(service_of(request), access.signed_in(request), body.credential, name=body.name)
    return Answer(status=201, body=_known(made))


@endpoint("PATCH", "/api/passkeys/{passkey_id}", answers={204: None}, problems=(Code.NOT_FOUND,))
async def rename(request: Request, passkey_id: str, body: Naming) -> Answer:
    """Gives a passkey another name."""
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await service.database.write(lambda db: passkeys.rename(db, account, passkey_id, name=body.name, now=now))
    return Answer(status=204)


@endpoint(
    "DELETE",
    "/api/passkeys/{passkey_id}",
    answers={204: None},
    problems=(Code.NOT_FOUND, Code.STALE_SIGN_IN),
)
async def remove(request: Request, passkey_id: str) -> Answer:
    """Removes a passkey and signs all other browsers out."""
    return await _remove(request, passkey_id)


@endpoint(
    "POST",
    "/api/passkeys/{passkey_id}/end",
    answers={204: None},
    problems=(Code.NOT_FOUND, Code.STALE_SIGN_IN),
    page=PAGE,
)
async def remove_by_form(request: Request, passkey_id: str) -> Answer:
    """The same for a form."""
    return await _remove(request, passkey_id)


@endpoint(
    "POST",
    "/api/sign-in/passkey/challenge",
    answers={200: Options},
    problems=(Code.RATE_LIMITED,),
    access=Access.PUBLIC,
)
async def sign_in_challenge(request: Request) -> Answer:
    """Gives what the browser needs to sign in with a passkey."""
    options = await passkeys.sign_in_options(service_of(request), visitor=visitors.of(request))
    return Answer(body=Options(options))


@endpoint(
    "POST",
    "/api/sign-in/passkey",
    answers={200: sign_in.Entered},
    problems=(Code.GONE, Code.RATE_LIMITED),
    access=Access.PUBLIC,
)
async def enter(request: Request, body: Assertion) -> Answer:
    """Signs in with a passkey."""
    opened = await passkeys.enter(
        service_of(request),
        body.credential,
        visitor=visitors.of(request),
        old_token=cookies.value(request, cookies.SESSION),
    )
    return sign_in.entered(request, opened)


async def _remove(request: Request, passkey_id: str) -> Answer:
    service, here = service_of(request), access.signed_in(request)
    now = service.clock()
    await service.database.write(lambda db: passkeys.remove(db, here, passkey_id, now=now))
    return Answer(status=204, page=f"{OWN_PAGE}#ended")


def _known(passkey: Passkey) -> KnownPasskey:
    return KnownPasskey(
        id=passkey.id,
        name=passkey.name,
        created_at=times.text(passkey.created_at),
        used_at=times.text(passkey.used_at) if passkey.used_at else None,
    )


ENDPOINTS = (
    every,
    without_script,
    registration_challenge,
    register,
    rename,
    remove,
    remove_by_form,
    sign_in_challenge,
    enter,
)
