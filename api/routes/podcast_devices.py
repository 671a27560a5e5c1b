"""Podcast apps name their devices and ask for the others. https://gpoddernet.readthedocs.io/en/latest/api/reference/devices.html"""

from typing import Any

from msgspec import Struct, field
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access, bodies
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import podcast_devices
from api.usecases.podcast_devices import Groups, check_name

ONE, ALL, TOGETHER = (
    "/api/2/devices/{user}/{device}.json",
    "/api/2/devices/{user}.json",
    "/api/2/sync-devices/{user}.json",
)


class DeviceEntry(Struct, frozen=True, kw_only=True):
    id: str
    caption: str
    type: str
    subscriptions: int


class DeviceGroups(Struct, frozen=True, kw_only=True):
    synchronized: list[list[str]]
    alone: list[str] = field(name="not-synchronized")


@endpoint("GET", ALL, answers={200: list[DeviceEntry]}, access=Access.SYNC)
async def every(request: Request) -> Answer:
    """Lists the devices that apps have spoken of."""
    found = podcast_devices.of(service_of(request).sync.reader, access.connected(request).account.id)
    return Answer(
        body=[
            DeviceEntry(
                id=each.device.name,
                caption=each.device.caption,
                type=each.device.type,
                subscriptions=each.subscriptions,
            )
            for each in found
        ]
    )


@endpoint("POST", ONE, answers={200: None}, problems=(Code.MALFORMED, Code.CONFLICT), access=Access.SYNC)
async def describe(request: Request, device: str, body: bytes) -> Answer:
    """Says what a device is called and of which type it is; makes it when it is new."""
    return await _describe(request, device, body)


@endpoint("PUT", ONE, answers={200: None}, problems=(Code.MALFORMED, Code.CONFLICT), access=Access.SYNC)
async def put(request: Request, device: str, body: bytes) -> Answer:
    """The same, as some apps write it."""
    return await _describe(request, device, body)


@endpoint("GET", TOGETHER, answers={200: DeviceGroups}, access=Access.SYNC)
async def together(request: Request) -> Answer:
    """Lists which devices want to be one. Subscriptions are the account's either way."""
    found = podcast_devices.groups(service_of(request).sync.reader, access.connected(request).account.id)
    return Answer(body=_groups(found))


@endpoint("POST", TOGETHER, answers={200: DeviceGroups}, problems=(Code.MALFORMED,), access=Access.SYNC)
async def regroup(request: Request, body: bytes) -> Answer:
    """Takes `{"synchronize": [[…]], "stop-synchronize": […]}`."""
    said, service, account_id = _object(body), service_of(request), access.connected(request).account.id
    joined = [_names(each) for each in _list(said.get("synchronize"))]
    alone = _names(said.get("stop-synchronize"))
    found = await service.sync.write(lambda db: podcast_devices.regroup(db, account_id, together=joined, alone=alone))
    return Answer(body=_groups(found))


async def _describe(request: Request, device: str, body: bytes) -> Answer:
    said, service, account_id = _object(body or b"{}"), service_of(request), access.connected(request).account.id
    check_name(device)
    caption, kind = (said[name] if isinstance(said.get(name), str) else None for name in ("caption", "type"))
    await service.sync.write(lambda db: podcast_devices.describe(db, account_id, device, caption=caption, type=kind))
    return Answer()


def _groups(found: Groups) -> DeviceGroups:
    return DeviceGroups(synchronized=found.together, alone=found.alone)


def _object(body: bytes) -> dict[str, Any]:
    said = bodies.loose_json(body)
    if not isinstance(said, dict):
        raise AppError(Code.MALFORMED, "The body is no object.")
    return said


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise AppError(Code.MALFORMED, "A list of devices is no list.")
    return value or []


def _names(value: Any) -> list[str]:
    names = _list(value)
    if not all(isinstance(name, str) for name in names):
        raise AppError(Code.MALFORMED, "A device is named by its id.")
    return names


ENDPOINTS = (every, describe, put, together, regroup)
