"""The devices that podcast apps speak of, made by their first use, and the groups that want to be one. Knows no protocol."""

import re
from collections.abc import Sequence
from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from api import ids
from api.errors import AppError, Code
from api.store import podcast_devices, podcasts
from api.store.podcast_devices import PodcastDevice

NAME = re.compile(r"[\w.-]{1,200}", re.ASCII)
TYPES = ("desktop", "laptop", "mobile", "server", "other")
CAPTION_LENGTH_MAX, DEVICES_MAX = 200, 200


class Described(Struct, frozen=True):
    """A device, and how many feeds the account is subscribed to: the list is the same for all."""

    device: PodcastDevice
    subscriptions: int


class Groups(Struct, frozen=True):
    together: list[list[str]]
    alone: list[str]


def check_name(name: str) -> str:
    """Raises MALFORMED for what is no name of a device."""
    if not NAME.fullmatch(name):
        raise AppError(Code.MALFORMED, "A device's id has letters, digits, '.', '_' and '-' only.")
    return name


def note(db: Connection, account_id: str, name: str) -> None:
    """Makes it at its first use, if it is a name. Of very many only the first are kept: they only matter to be listed."""
    if not NAME.fullmatch(name) or podcast_devices.find(db, account_id, name) is not None:
        return
    if len(podcast_devices.of(db, account_id)) < DEVICES_MAX:
        podcast_devices.add(db, account_id, name)


def describe(db: Connection, account_id: str, name: str, *, caption: str | None, type: str | None) -> None:
    """What is None stays as it is; a type that nobody knows is 'other'. Raises CONFLICT for too many devices."""
    known = podcast_devices.find(db, account_id, name)
    if known is None and len(podcast_devices.of(db, account_id)) >= DEVICES_MAX:
        raise AppError(Code.CONFLICT, f"There are {DEVICES_MAX} devices already.")
    device = known or PodcastDevice(account_id=account_id, name=name)
    if caption is not None:
        device = replace(device, caption=caption.replace("\0", "").strip()[:CAPTION_LENGTH_MAX])
    if type is not None:
        device = replace(device, type=type if type in TYPES else "other")
    podcast_devices.put(db, device)


def of(db: Connection, account_id: str) -> list[Described]:
    count = podcasts.count_subscribed(db, account_id)
    return [Described(device, count) for device in podcast_devices.of(db, account_id)]


def groups(db: Connection, account_id: str) -> Groups:
    together: dict[str, list[str]] = {}
    alone = []
    for device in podcast_devices.of(db, account_id):
        if device.group_name:
            together.setdefault(device.group_name, []).append(device.name)
        else:
            alone.append(device.name)
    return Groups(sorted(together.values()), alone)


def regroup(db: Connection, account_id: str, *, together: Sequence[Sequence[str]], alone: Sequence[str]) -> Groups:
    """Joins each list of devices, with all that are joined to them already, and lets single ones go. Raises NOT_FOUND."""
    known = {device.name: device for device in podcast_devices.of(db, account_id)}
    for name in (*alone, *(name for names in together for name in names)):
        if name not in known:
            raise AppError(Code.NOT_FOUND, f"There is no device {name}. Nothing was changed.")
    for names in together:
        _join(known, names)
    for name in alone:
        known[name] = replace(known[name], group_name=None)
    for device in _without_singles(known):
        podcast_devices.put(db, device)
    return groups(db, account_id)


def _join(known: dict[str, PodcastDevice], names: Sequence[str]) -> None:
    group = ids.new("grp")
    joined = {known[name].group_name for name in names} - {None}
    for device in list(known.values()):
        if device.name in names or device.group_name in joined:
            known[device.name] = replace(device, group_name=group)


def _without_singles(known: dict[str, PodcastDevice]) -> list[PodcastDevice]:
    """A group of one is none."""
    groups = [device.group_name for device in known.values() if device.group_name]
    return [
        replace(device, group_name=None) if groups.count(device.group_name or "") == 1 else device
        for device in known.values()
    ]
