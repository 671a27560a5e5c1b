"""Somebody paid under another address: a code to that address shows that both are theirs, and the purchases move.

Whether the address has bought anything is told to nobody but its owner: the asker always reads the same.
"""

from sqlite3 import Connection

from msgspec import Struct
from msgspec.structs import replace

from api import email_address
from api.errors import AppError, Code
from api.model import Account
from api.store import accounts, audit, certificates, customers, grants, orders, outbox
from api.usecases import mail_codes
from api.usecases.fulfilment import By
from api.usecases.mail_codes import Purpose
from api.usecases.service import Service

CLAIM = Purpose("claim", "claim_code")


class Claimed(Struct, frozen=True):
    """How much has moved."""

    orders: int
    grants: int


async def ask(service: Service, account: Account, email: str, *, place: str) -> str:
    """Sends a code to `email`; returns the secret that the asking browser has to keep."""
    canonical = email_address.canonical(email_address.read(email))
    if canonical == account.email_canonical:
        message = "This is your own address; what was bought with it is in your library already."
        raise AppError(Code.INVALID, message, fields={"email": message})
    return await mail_codes.ask(service, email, purpose=CLAIM, place=place, payload={"account": account.id})


async def confirm(service: Service, account: Account, code: str, *, binding: str, place: str) -> Claimed:
    """Moves everything that was bought under the address of the code to the signed-in account."""
    found = await mail_codes.confirm(service, code, binding=binding, purpose=CLAIM, place=place)
    if found.payload.get("account") != account.id:
        raise AppError(Code.GONE, "This code was asked for by another account. Ask for a new one.")
    by = By(actor=account.id, now=service.clock())

    def change(db: Connection) -> Claimed:
        mail_codes.use(db, found, now=by.now)
        other = accounts.find_by_email(db, found.email_canonical)
        moved = move(db, other, account, by) if other and other.id != account.id else Claimed(0, 0)
        if other and (moved.orders or moved.grants):
            _tell(db, other, account, moved, claim_id=found.id, by=by)
        return moved

    return await service.database.write(change)


def _tell(db: Connection, source: Account, target: Account, moved: Claimed, *, claim_id: str, by: By) -> None:
    """Both sides, each with no more than a hint of the other's address."""
    told: tuple[tuple[str, Account, dict[str, str]], ...] = (
        ("purchases_moved", source, {"to": email_address.masked(target.email or "")}),
        ("purchases_received", target, {"source": email_address.masked(source.email or "")}),
    )
    for kind, account, other in told:
        if account.email:
            outbox.add(
                db,
                key=f"claim:{claim_id}:{kind}",
                kind=kind,
                recipient=account.email,
                payload={"orders": moved.orders, "rights": moved.grants, **other},
                now=by.now,
                account_id=account.id,
            )


def move(db: Connection, source: Account, target: Account, by: By) -> Claimed:
    """All orders and grants of one account to another; what the other owns by the same line already stays as it is."""
    moved_orders = 0
    while batch := orders.of_account(db, source.id):
        for order in batch:
            orders.update(db, replace(order, account_id=target.id))
            audit.add(db, "order.moved", order.id, actor=by.actor, now=by.now, source=source.id, target=target.id)
        moved_orders += len(batch)
    owned = grants.of_account(db, source.id)
    for grant in owned:
        grants.move(db, grant.id, account_id=target.id)
        audit.add(db, "grant.moved", grant.id, actor=by.actor, now=by.now, source=source.id, target=target.id)
    certificates.move(db, source.id, target_id=target.id)
    customers.move(db, source.id, target_id=target.id)
    return Claimed(moved_orders, len(owned))
