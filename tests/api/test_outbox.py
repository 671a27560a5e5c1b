"""Mails leave once, when the relay takes them, and wait while it does not."""

import asyncio
import datetime as dt
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from sqlite3 import Row
from typing import Any

import pytest

from api.gateways.mail import FolderMail, Mail, MailUnsent, SmtpMail
from api.gateways.mail_texts import MailTexts
from api.settings import Settings
from api.store import outbox
from api.store.database import Database
from api.usecases import mails
from api.usecases.mails import Sender
from tests.api.conftest import FakeClock
from tests.api.mailboxes import Relay, certificate, html, password_check, text
from tests.command import ROOT

FIELDS = {"code": "K7QM-2XRD", "minutes": 10}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay(free_port()).start()
    yield relay
    relay.stop()


@pytest.fixture
def outgoing(relay: Relay) -> Sender:
    return sender(SmtpMail("127.0.0.1", relay.port, starttls=False))


def sender(mail: Mail, theme: Path = ROOT / "theme") -> Sender:
    texts = MailTexts(theme, site_title="Longwave", site_url="http://localhost:8000")
    return Sender(mail, texts, "Longwave <hello@longwave.example>")


def write(database: Database, clock: FakeClock, key: str = "one", **more: Any) -> bool:
    fields = {"kind": "sign_in_code", "recipient": "ada@example.com", "payload": FIELDS, "now": clock()}
    with database.transaction() as db:
        return outbox.add(db, key=key, **{**fields, **more})


def send(database: Database, outgoing: Sender, clock: FakeClock) -> int:
    return asyncio.run(mails.send_due(database, outgoing, clock=clock))


def rows(database: Database) -> list[Row]:
    return database.reader.execute("SELECT * FROM outbox ORDER BY key").fetchall()


def test_a_mail_says_the_same_in_text_and_html(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    write(database, clock)
    send(database, outgoing, clock)
    [message] = relay.messages
    assert message["Subject"] == "Your sign-in code: K7QM-2XRD"
    assert (message["From"], message["To"]) == ("Longwave <hello@longwave.example>", "ada@example.com")
    assert "K7QM-2XRD" in text(message)
    assert "K7QM-2XRD" in html(message)
    assert message["Auto-Submitted"] == "auto-generated"


def test_one_occasion_has_one_mail(database: Database, clock: FakeClock, relay: Relay, outgoing: Sender) -> None:
    assert [write(database, clock), write(database, clock)] == [True, False]
    assert [send(database, outgoing, clock), send(database, outgoing, clock)] == [1, 0]
    assert len(relay.messages) == 1


def test_mails_wait_for_a_relay_that_is_down(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    relay.stop()
    for key in ("one", "two"):
        write(database, clock, key)
    send(database, outgoing, clock)
    relay.start()
    assert send(database, outgoing, clock) == 0  # too early
    clock.advance(seconds=15)
    send(database, outgoing, clock)
    assert len(relay.messages) == 2
    assert [row["sent_at"] is not None for row in rows(database)] == [True, True]


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [mails.delay(attempts).total_seconds() for attempts in (1, 2, 3, 40)]
    assert waits == [15, 30, 60, 3600]


def test_a_process_killed_after_the_relay_said_yes_sends_the_same_message_again(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    class KilledAfterSending:
        def send(self, message: Any) -> None:
            outgoing.mail.send(message)
            raise KeyboardInterrupt

    write(database, clock)
    with pytest.raises(KeyboardInterrupt):
        send(database, sender(KilledAfterSending()), clock)
    assert send(database, outgoing, clock) == 0  # the claim holds
    clock.advance(minutes=10)
    send(database, outgoing, clock)
    first, second = relay.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_in_a_folder_the_second_copy_is_the_same_file(database: Database, clock: FakeClock, settings: Settings) -> None:
    into = FolderMail(settings.mails)
    write(database, clock)
    [row] = outbox_claimed(database, clock)
    for _ in range(2):
        into.send(mails.message(row, sender(into)))
    [file] = settings.mails.iterdir()
    assert file.suffix == ".eml"
    assert "K7QM-2XRD" in message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"]


def test_in_a_folder_half_a_mail_of_a_killed_process_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".out_1").write_bytes(b"From: Lon")
    letter = EmailMessage()
    letter["Message-ID"] = "<out_1@localhost>"
    FolderMail(tmp_path).send(letter)
    assert [file.name for file in tmp_path.iterdir()] == ["out_1.eml"]


def outbox_claimed(database: Database, clock: FakeClock) -> list[outbox.Waiting]:
    with database.transaction() as db:
        return outbox.claim(db, now=clock(), lease=dt.timedelta(minutes=1), limit=5)


def test_a_refused_recipient_is_not_tried_again(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    relay.refuse = "550 No such user"
    write(database, clock)
    send(database, outgoing, clock)
    clock.advance(days=30)
    assert send(database, outgoing, clock) == 0
    [row] = rows(database)
    assert (row["sent_at"], row["last_error"]) == (None, "the relay answered 550: SMTPDataError")


def test_a_busy_relay_is_tried_again(database: Database, clock: FakeClock, relay: Relay, outgoing: Sender) -> None:
    relay.refuse = "451 Later, please"
    write(database, clock)
    send(database, outgoing, clock)
    relay.refuse = None
    clock.advance(seconds=15)
    send(database, outgoing, clock)
    assert len(relay.messages) == 1


@pytest.mark.parametrize("recipient", ["eve@nowhere.example", "évë@example.com", "=?utf-8?b??=@example.com"])
def test_a_recipient_that_no_relay_takes_holds_no_other_mail_back(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender, recipient: str
) -> None:
    write(database, clock, "a", recipient=recipient)
    clock.advance(seconds=1)
    write(database, clock, "b")
    send(database, outgoing, clock)
    assert [message["To"] for message in relay.messages] == ["ada@example.com"]
    assert rows(database)[0]["sent_at"] is None


def test_a_secret_is_forgotten_once_it_is_sent(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    write(database, clock, expires_at=clock() + dt.timedelta(minutes=10))
    send(database, outgoing, clock)
    assert rows(database)[0]["payload"] == "{}"


def test_a_code_that_came_too_late_is_not_sent(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    write(database, clock, expires_at=clock() + dt.timedelta(minutes=10))
    clock.advance(minutes=10)
    send(database, outgoing, clock)
    [row] = rows(database)
    assert (relay.messages, row["sent_at"], row["payload"]) == ([], None, "{}")


def test_what_a_person_wrote_is_text_in_html(
    database: Database, clock: FakeClock, relay: Relay, outgoing: Sender
) -> None:
    name = "<b>Key</b>\r\nBcc: eve@example.com"
    payload = {"added": True, "name": name, "at": "2026-01-05T06:00:00.000Z"}
    write(database, clock, kind="factor_changed", payload=payload)
    send(database, outgoing, clock)
    [message] = relay.messages
    assert "&lt;b&gt;Key" in html(message)
    assert message["Bcc"] is None


def test_a_broken_template_holds_no_other_mail_back(
    database: Database, clock: FakeClock, relay: Relay, tmp_path: Path
) -> None:
    folder = tmp_path / "theme/templates/mail"
    folder.mkdir(parents=True)
    (folder / "good.txt").write_text("Subject\n\nText\n")
    (folder / "good.html").write_text("<p>Text</p>")
    (folder / "bad.txt").write_text("{{ ''.__class__.__mro__ }}")
    write(database, clock, "a", kind="bad")
    write(database, clock, "b", kind="good")
    send(database, sender(SmtpMail("127.0.0.1", relay.port, starttls=False), tmp_path / "theme"), clock)
    assert [message["Subject"] for message in relay.messages] == ["Subject"]
    assert "mail/bad cannot be written" in rows(database)[0]["last_error"]


def test_the_relay_is_spoken_to_in_secret_and_with_a_password(tmp_path: Path, settings: Settings) -> None:
    server, trust = certificate(tmp_path)
    relay = Relay(free_port(), tls_context=server, authenticator=password_check(b"shop", b"right"), auth_required=True)
    relay.start()
    try:
        with pytest.raises(MailUnsent, match="535"):
            SmtpMail("127.0.0.1", relay.port, user="shop", password="wrong", trust=trust).send(a_message())
        with pytest.raises(MailUnsent, match="CERTIFICATE_VERIFY_FAILED"):
            SmtpMail("127.0.0.1", relay.port, user="shop", password="right").send(a_message())
        SmtpMail("127.0.0.1", relay.port, user="shop", password="right", trust=trust).send(a_message())
    finally:
        relay.stop()
    assert len(relay.messages) == 1


def test_a_relay_without_encryption_is_told_nothing(relay: Relay) -> None:
    with pytest.raises(MailUnsent):
        SmtpMail("127.0.0.1", relay.port).send(a_message())
    assert relay.messages == []


def a_message() -> Any:
    row = outbox.Waiting(
        id="out_1",
        kind="sign_in_code",
        recipient="ada@example.com",
        payload=FIELDS,
        created_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
        expires_at=None,
        attempts=1,
    )
    return mails.message(row, sender(FolderMail(Path("unused"))))


def test_every_mail_of_the_theme_can_be_written() -> None:
    texts = sender(FolderMail(Path("unused"))).texts
    at = "2026-01-05T06:00:00.000Z"
    kinds = {
        "sign_in_code": FIELDS,
        "address_code": FIELDS,
        "address_changed": {"old": "a@example.com", "new": "b@example.com", "at": at},
        "new_device": {"device": "Firefox on Linux", "at": at},
        "factor_changed": {"added": False, "name": "Key", "at": at},
        "deletion_scheduled": {"on": at, "at": at},
        "deletion_cancelled": {"at": at},
        "account_erased": {"at": at},
    }
    for kind, fields in kinds.items():
        written = texts.write(kind, fields)
        assert written.subject and written.text and "</html>" in written.html
