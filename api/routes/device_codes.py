"""Apps on devices without a browser, such as a television: a short code on its screen is typed on our page. RFC 8628."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api.errors import AppError, Code
from api.routes import access, pages, visitors
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import app_requests, device_codes, limits

PAGE, DEVICES_PAGE = "/account/device/", "/api/devices/page"
BEGUN_PER_PLACE, TYPED_PER_ACCOUNT = 60, 20
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Typed = Annotated[str, Meta(min_length=1, max_length=40)]


class DeviceRequest(Struct, frozen=True, kw_only=True):
    client_id: str
    scope: str
    device_name: Annotated[str, Meta(min_length=1, max_length=80)] = "a television"


class DeviceAuthorization(Struct, frozen=True, kw_only=True):
    """RFC 8628, section 3.2: show `user_code` and `verification_uri`; ask for tokens every `interval` seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


class TypedCode(Struct, frozen=True):
    user_code: Typed


class Decision(Struct, frozen=True, kw_only=True):
    user_code: Typed
    decision: Literal["allow", "deny"]


@endpoint(
    "POST",
    "/api/device-code",
    answers={200: DeviceAuthorization},
    problems=(Code.RATE_LIMITED,),
    access=Access.BODY,
)
async def begin(request: Request, body: DeviceRequest) -> Answer:
    """Begins: gives the app a code to ask with, and one to show."""
    service, now = service_of(request), service_of(request).clock()
    if body.client_id != app_requests.CLIENT:
        raise AppError(Code.INVALID, "The app is not known here.", fields={"client_id": "Not known here."})
    await limits.spend(service.database, {f"device-code-place:{visitors.of(request).place}": BEGUN_PER_PLACE}, now=now)
    begun = await service.database.write(
        lambda db: device_codes.begin(db, name=body.device_name.strip(), scope=body.scope, now=now)
    )
    return Answer(
        body=DeviceAuthorization(
            device_code=begun.device_code,
            user_code=device_codes.shown(begun.user_code),
            verification_uri=service.settings.origin + PAGE,
            expires_in=int(device_codes.LIFE.total_seconds()),
            interval=int(device_codes.INTERVAL.total_seconds()),
        )
    )


@endpoint(
    "POST",
    "/api/device-code/look",
    answers={200: str},
    problems=(Code.NOT_FOUND, Code.RATE_LIMITED),
    page=PAGE,
    media_type=pages.MEDIA_TYPE,
)
async def look(request: Request, body: TypedCode) -> Response:
    """Shows a signed-in person which app waits with the code, to say yes or no."""
    service, account = service_of(request), access.signed_in(request).account
    now = service.clock()
    await limits.spend(service.database, {f"device-code-account:{account.id}": TYPED_PER_ACCOUNT}, now=now)
    found = device_codes.waiting(service.database.reader, body.user_code, now=now)
    return pages.shown(request, PAGE, "device", app=found, user_code=body.user_code)


@endpoint(
    "POST",
    "/api/device-code/decide",
    answers={204: None},
    problems=(Code.NOT_FOUND, Code.RATE_LIMITED),
    page=PAGE,
)
async def decide(request: Request, body: Decision) -> Answer:
    """Says yes or no to the app that shows the code."""
    service, account = service_of(request), access.signed_in(request).account
    now, allowed = service.clock(), body.decision == "allow"
    await limits.spend(service.database, {f"device-code-account:{account.id}": TYPED_PER_ACCOUNT}, now=now)
    await service.database.write(lambda db: device_codes.decide(db, account, body.user_code, allowed=allowed, now=now))
    return Answer(status=204, page=f"{DEVICES_PAGE}#connected" if allowed else f"{PAGE}#denied")


ENDPOINTS = (begin, look, decide)
