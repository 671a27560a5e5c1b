"""The one question before anything is shown or changed by its id: is it this account's? What is another's does not exist."""

from enum import StrEnum
from typing import TypeVar

from api.errors import AppError, Code
from api.model import Account, Device, Order, Passkey, Session

Owned = Device | Order | Passkey | Session
Thing = TypeVar("Thing", Device, Order, Passkey, Session)


class Action(StrEnum):
    READ = "read"
    CHANGE = "change"
    END = "end"


# What has ended can be looked at and no more.
LIVING_ONLY = {Action.CHANGE, Action.END}


def can(account: Account, action: Action, thing: Owned) -> bool:
    if thing.account_id is None or thing.account_id != account.id or account.deleted_at is not None:
        return False
    return not (action in LIVING_ONLY and getattr(thing, "revoked_at", None))


def own(account: Account, action: Action, thing: Thing | None) -> Thing:
    """`thing`, when the account may do that to it. Raises the same NOT_FOUND for what is missing and for what is another's."""
    if thing is None or not can(account, action, thing):
        raise AppError(Code.NOT_FOUND, "There is nothing of yours by this id.")
    return thing
