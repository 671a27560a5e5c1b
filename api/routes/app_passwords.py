"""User names and passwords that a person makes for podcast apps: shown once, listed without secrets, ended with their app."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import Code
from api.routes import access, pages
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import app_passwords, devices, limits
from api.usecases.app_passwords import Made

PAGE, OWN_PAGE = "/account/sync/", "/api/sync/page"
MADE_PER_ACCOUNT = 20


class NewAppPassword(Struct, frozen=True, kw_only=True):
    """`secret_name` is for apps that send no password, such as gPodder on a computer: their user name is the secret."""

    name: Annotated[str, Meta(min_length=1, max_length=80)] = "A podcast app"
    kind: Literal["password", "secret_name"] = "password"


class MadeAppPassword(Struct, frozen=True, kw_only=True):
    """What to type into the app; it is not told again."""

    device_id: str
    name: str
    server: str
    user_name: str
    password: str | None


class AppPassword(Struct, frozen=True, kw_only=True):
    """`user_name` is null where it is the secret."""

    device_id: str
    name: str
    user_name: str | None
    created_at: str
    seen_at: str | None


class AppPasswords(Struct, frozen=True):
    app_passwords: list[AppPassword]


@endpoint(
    "POST", "/api/app-passwords", answers={201: MadeAppPassword}, problems=(Code.CONFLICT, Code.RATE_LIMITED), page=PAGE
)
async def make(request: Request, body: NewAppPassword) -> Answer:
    """Makes a user name and a password for one podcast app."""
    made = await _make(request, body)
    return Answer(
        status=201,
        body=MadeAppPassword(
            device_id=made.device.id,
            name=made.device.name,
            server=service_of(request).settings.origin,
            user_name=made.user_name,
            password=made.password,
        ),
    )


@endpoint(
    "POST",
    "/api/app-passwords/page",
    answers={201: str},
    problems=(Code.CONFLICT, Code.RATE_LIMITED),
    page=PAGE,
    media_type=pages.MEDIA_TYPE,
)
async def make_by_form(request: Request, body: NewAppPassword) -> Response:
    """The same for a form: answers with a page that shows it."""
    made = await _make(request, body)
    answer = pages.shown(request, PAGE, "app_password", made=made, server=service_of(request).settings.origin)
    answer.status_code = 201
    return answer


@endpoint("GET", "/api/app-passwords", answers={200: AppPasswords})
async def every(request: Request) -> Answer:
    """Lists the apps that have a user name of their own."""
    found = app_passwords.of(service_of(request).database.reader, access.signed_in(request).account)
    return Answer(
        body=AppPasswords(
            [
                AppPassword(
                    device_id=known.device.id,
                    name=known.device.name,
                    user_name=known.user_name,
                    created_at=times.text(known.device.created_at),
                    seen_at=times.text(known.device.seen_at) if known.device.seen_at else None,
                )
                for known in found
            ]
        )
    )


@endpoint("DELETE", "/api/app-passwords/{device_id}", answers={204: None}, problems=(Code.NOT_FOUND,))
async def end(request: Request, device_id: str) -> Answer:
    """Ends it at once; the same as ending its app."""
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await service.database.write(lambda db: devices.end(db, account, device_id, now=now))
    return Answer(status=204)


async def _make(request: Request, body: NewAppPassword) -> Made:
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await limits.spend(service.database, {f"app-password-account:{account.id}": MADE_PER_ACCOUNT}, now=now)
    return await service.database.write(
        lambda db: app_passwords.make(
            db, account, name=body.name.strip(), with_password=body.kind == "password", now=now
        )
    )


ENDPOINTS = (make, make_by_form, every, end)
