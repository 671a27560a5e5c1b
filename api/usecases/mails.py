"""Sends what the outbox holds: claim, write, hand over, mark. Knows no relay's language and no template.

At least once: a process that dies after the relay has said yes and before the row is marked sends the message again when the
claim has run out, under the same Message-ID and with the same bytes, so that mailboxes which know it drop the second.
In a folder it is the same file. The other order (mark, then send) would lose receipts instead.
"""

import asyncio
import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from sqlite3 import Connection

import structlog
from msgspec import Struct

from api.gateways.mail import Mail, MailPutOff, MailRefused, MailUnsent
from api.gateways.mail_texts import MailTexts, UnwritableMail
from api.store import outbox
from api.store.database import Database
from api.store.outbox import Waiting
from api.times import Clock

BATCH = 20
LEASE = dt.timedelta(minutes=10)  # longer than a batch can take with every relay time-out
FIRST_DELAY, DELAY_MAX = dt.timedelta(seconds=15), dt.timedelta(hours=1)
log = structlog.get_logger()


class Sender(Struct, frozen=True):
    """What is needed to send: the relay, the texts and the From line ('Name <address>')."""

    mail: Mail
    texts: MailTexts
    sender: str

    @property
    def name(self) -> str:
        """What the site calls itself."""
        name, address = parseaddr(self.sender)
        return name or address.rpartition("@")[2]


async def send_due(database: Database, sender: Sender, *, clock: Clock) -> int:
    """Sends one batch of what is due and returns how many rows it looked at. A relay that is down ends the batch."""
    now = clock()
    if not outbox.is_due(database.reader, now=now):
        return 0
    claimed = await database.write(lambda db: outbox.claim(db, now=now, lease=LEASE, limit=BATCH))
    for index, row in enumerate(claimed):
        if not await _settle(database, sender, row, clock=clock):
            await _release(database, claimed[index + 1 :], until=clock() + delay(row.attempts))
            break
    return len(claimed)


def delay(attempts: int) -> dt.timedelta:
    """15 s, 30 s, 1 min … 1 h."""
    doublings = min(attempts - 1, 10)
    return min(FIRST_DELAY * (1 << doublings), DELAY_MAX)


def message(written_for: Waiting, sender: Sender) -> EmailMessage:
    """The same bytes at every try: nothing in it depends on the clock. Raises UnwritableMail."""
    written = sender.texts.write(written_for.kind, written_for.payload)
    name, address = parseaddr(sender.sender)
    made = EmailMessage()
    made["From"] = Address(name, addr_spec=address)
    made["To"] = written_for.recipient
    _check_recipient(made, written_for.recipient)
    made["Subject"] = written.subject
    made["Date"] = format_datetime(written_for.created_at)
    made["Message-ID"] = f"<{written_for.id}@{address.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834
    made.set_content(written.text)
    made.add_alternative(written.html, subtype="html")
    made.set_boundary(f"=_{written_for.id}")
    return made


def _check_recipient(made: EmailMessage, recipient: str) -> None:
    """Raises ValueError for an address that a header would make another of, as it can with RFC 2047's words."""
    read = [(address.username, address.domain) for address in made["To"].addresses]
    local, _, domain = recipient.rpartition("@")
    if read not in ([(local, domain)], [(local.strip('"'), domain)]):
        raise ValueError("no mail can be written to this address")


async def _settle(database: Database, sender: Sender, row: Waiting, *, clock: Clock) -> bool:
    """False when the relay, not the mail, is at fault."""
    if row.expires_at and row.expires_at <= clock():
        await database.write(lambda db: outbox.give_up(db, row.id, error="expired before it could be sent"))
        return True
    try:
        await asyncio.to_thread(sender.mail.send, message(row, sender))
    except MailUnsent as unsent:
        await _put_off(database, row, str(unsent), clock=clock)
        return False
    except (MailPutOff, UnwritableMail) as waits:
        await _put_off(database, row, str(waits), clock=clock)
        return True
    except (MailRefused, ValueError) as refused:
        reason = str(refused)
        log.warning("mail_refused", mail=row.id, kind=row.kind, reason=reason)
        await database.write(lambda db: outbox.give_up(db, row.id, error=reason))
        return True
    except Exception as error:  # an address that the standard library trips over shall hold no other mail back
        log.exception("mail_broke", mail=row.id, kind=row.kind)
        await _put_off(database, row, type(error).__name__, clock=clock)
        return True
    await database.write(lambda db: outbox.mark_sent(db, row.id, now=clock()))
    log.info("mail_sent", mail=row.id, kind=row.kind, attempts=row.attempts)
    return True


async def _put_off(database: Database, row: Waiting, error: str, *, clock: Clock) -> None:
    log.warning("mail_waits", mail=row.id, kind=row.kind, attempts=row.attempts, reason=error)
    until = clock() + delay(row.attempts)
    await database.write(lambda db: outbox.put_off(db, row.id, until=until, error=error))


async def _release(database: Database, rows: list[Waiting], *, until: dt.datetime) -> None:
    """What the batch did not come to waits as long as what failed."""

    def release(db: Connection) -> None:
        for row in rows:
            outbox.put_off(db, row.id, until=until, error="the relay was down")

    if rows:
        await database.write(release)
