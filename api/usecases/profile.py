"""What a person may change about their account: the name, and the address with a code to the new one. Knows no cookies."""

import datetime as dt
from sqlite3 import Connection

from api import email_address
from api.errors import AppError, Code
from api.model import Account
from api.store import accounts, audit
from api.usecases import mail_codes, notices, sessions
from api.usecases.service import Service
from api.usecases.sessions import SignedIn, Visitor

TAKEN = "There is an account with this address already. Sign in with it, or write to us to join the two."


def rename(db: Connection, account: Account, *, name: str, now: dt.datetime) -> None:
    accounts.rename(db, account.id, name=name)
    audit.add(db, "account.renamed", account.id, actor=account.id, now=now)


async def ask_address(service: Service, signed_in: SignedIn, email: str, *, visitor: Visitor) -> str:
    """Sends a code to the new address, whoever has it; returns the secret that ties it to this browser. Raises STALE_SIGN_IN."""
    sessions.check_fresh(signed_in, now=service.clock())
    return await mail_codes.ask(
        service,
        email,
        purpose=mail_codes.CHANGE_ADDRESS,
        place=visitor.place,
        payload={"account": signed_in.account.id},
    )


async def confirm_address(
    service: Service, signed_in: SignedIn, written: str, *, binding: str, visitor: Visitor
) -> str:
    """Changes the address, ends every other browser and app, tells both addresses; returns the new one.

    Raises CONFLICT when another account has it: by the code its owner has shown that they may know.
    """
    now, account = service.clock(), signed_in.account
    sessions.check_fresh(signed_in, now=now)
    code = await mail_codes.confirm(
        service, written, binding=binding, purpose=mail_codes.CHANGE_ADDRESS, place=visitor.place
    )
    if code.payload["account"] != account.id:
        raise AppError(Code.OTHER_BROWSER, "This code was asked for by another account.")
    new = str(code.payload["email"])

    def change(db: Connection) -> None:
        mail_codes.use(db, code, now=now)
        holder = accounts.find_by_email(db, code.email_canonical)
        if holder is not None and holder.id != account.id:
            raise AppError(Code.CONFLICT, TAKEN)
        notices.address_changed(db, account, new=new, now=now)
        accounts.change_email(db, account.id, email=new, email_canonical=email_address.canonical(new))
        audit.add(db, "account.address_changed", account.id, actor=account.id, now=now)
        sessions.end_everything(db, account, but=signed_in.session.id, now=now)

    await service.database.write(change)
    return new
