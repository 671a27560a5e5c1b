"""A person's own account: shown, renamed, moved to another address, taken away as a file, deleted. Decides nothing."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import Code
from api.routes import access, cookies, visitors
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import (
    deletion,
    mail_codes,
    podcast_lists,
    profile,
    sync_export,
    taken_archive,
    taking_away,
)
from api.usecases.sessions import SignedIn

ADDRESS_PAGE, DELETE_PAGE, EXPORT_PAGE = "/account/address/", "/account/delete/", "/account/export/"
SIGN_IN_PAGE = "/account/sign-in/"
CHECK_YOUR_MAIL = "If mail can reach the new address, a code is on its way. It is good for ten minutes in this browser."


class Profile(Struct, frozen=True, kw_only=True):
    id: str
    email: str
    name: str
    created_at: str
    fresh_until: str
    """Until then a change of address, a passkey, an export and a deletion need no new sign-in."""
    delete_after: str | None


class Naming(Struct, frozen=True):
    name: Annotated[str, Meta(max_length=120)] = ""


class NewAddress(Struct, frozen=True):
    email: str


class MailedCode(Struct, frozen=True):
    code: str


class Asked(Struct, frozen=True):
    message: str
    minutes: int


class Changed(Struct, frozen=True):
    email: str


class Scheduled(Struct, frozen=True):
    delete_after: str


@endpoint("GET", "/api/account", answers={200: Profile})
async def show(request: Request) -> Answer:
    """Tells the account of who is signed in."""
    return Answer(body=_profile(access.signed_in(request)))


@endpoint("PATCH", "/api/account", answers={204: None})
async def rename(request: Request, body: Naming) -> Answer:
    """Changes the name."""
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await service.database.write(lambda db: profile.rename(db, account, name=body.name.strip(), now=now))
    return Answer(status=204)


@endpoint(
    "POST",
    "/api/account/address",
    answers={202: Asked},
    problems=(Code.STALE_SIGN_IN, Code.RATE_LIMITED),
    page=ADDRESS_PAGE,
)
async def ask_address(request: Request, body: NewAddress) -> Answer:
    """Sends a code to the new address."""
    binding = await profile.ask_address(
        service_of(request), access.signed_in(request), body.email, visitor=visitors.of(request)
    )
    seconds = int(mail_codes.LIFE.total_seconds())
    return Answer(
        status=202,
        body=Asked(CHECK_YOUR_MAIL, seconds // 60),
        page=f"{ADDRESS_PAGE}#code_sent",
        headers=(cookies.kept(cookies.ASKING_ADDRESS, binding, seconds=seconds),),
    )


@endpoint(
    "POST",
    "/api/account/address/code",
    answers={200: Changed},
    problems=(
        *(Code.STALE_SIGN_IN, Code.OTHER_BROWSER, Code.WRONG_CODE),
        *(Code.GONE, Code.CONFLICT, Code.RATE_LIMITED),
    ),
    page=ADDRESS_PAGE,
)
async def confirm_address(request: Request, body: MailedCode) -> Answer:
    """Changes the address with the code, and signs all other browsers and apps out."""
    email = await profile.confirm_address(
        service_of(request),
        access.signed_in(request),
        body.code,
        binding=cookies.value(request, cookies.ASKING_ADDRESS),
        visitor=visitors.of(request),
    )
    return Answer(
        body=Changed(email),
        page=f"{ADDRESS_PAGE}#changed",
        headers=(cookies.dropped(cookies.ASKING_ADDRESS),),
    )


@endpoint(
    "GET",
    "/api/account/export",
    answers={200: dict[str, Any]},
    problems=(Code.STALE_SIGN_IN,),
    page=EXPORT_PAGE,
)
async def export(request: Request) -> Response:
    """Everything there is about this person, as a file."""
    taken = await _taken(request)
    return _file(request, msgspec.json.format(msgspec.json.encode(taken), indent=2), "json")


@endpoint(
    "GET",
    "/api/account/export/archive",
    answers={200: bytes},
    problems=(Code.STALE_SIGN_IN,),
    media_type="application/zip",
    page=EXPORT_PAGE,
)
async def archive(request: Request) -> Response:
    """The same as an archive: JSON, a table of each kind as CSV, and the podcasts as OPML."""
    service, taken = service_of(request), await _taken(request)
    feeds = sync_export.feeds(service, access.signed_in(request))
    opml = podcast_lists.write(feeds, podcast_lists.OPML, show=service.show.current())
    return _file(request, taken_archive.write(taken, opml), "zip")


@endpoint("POST", "/api/account/deletion", answers={202: Scheduled}, problems=(Code.STALE_SIGN_IN,), page=DELETE_PAGE)
async def delete(request: Request) -> Answer:
    """Signs out everywhere and deletes the account in two weeks, unless its owner signs in until then."""
    service, here = service_of(request), access.signed_in(request)
    now = service.clock()
    on = await service.database.write(lambda db: deletion.schedule(db, here, now=now))
    return Answer(
        status=202,
        body=Scheduled(times.text(on)),
        page=f"{SIGN_IN_PAGE}#deletion_scheduled",
        headers=cookies.no_session(),
    )


def _profile(here: SignedIn) -> Profile:
    account = here.account
    return Profile(
        id=account.id,
        email=account.email or "",
        name=account.name,
        created_at=times.text(account.created_at),
        fresh_until=times.text(here.session.fresh_until),
        delete_after=times.text(account.delete_after) if account.delete_after else None,
    )


async def _taken(request: Request) -> dict[str, Any]:
    service, here = service_of(request), access.signed_in(request)
    now = service.clock()
    everything = await service.database.write(lambda db: taking_away.everything(db, here, now=now))
    return {**everything, **taking_away.listening(service.sync.reader, here.account.id)}


def _file(request: Request, data: bytes, form: str) -> Response:
    name = f"account-{service_of(request).clock():%Y-%m-%d}.{form}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=f"application/{form}", headers=headers)


ENDPOINTS = (show, rename, ask_address, confirm_address, export, archive, delete)
