"""Hands one finished message to a relay, or lays it into a folder; knows neither what it says nor when to try again."""

import email.policy
import re
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

CONNECT_SECONDS_MAX = 15
NOT_A_NAME = re.compile(r"[^\w.@-]+")
REFUSED_FOR_GOOD = range(500, 600)  # RFC 5321, section 4.2.1
NOT_OF_THE_MAIL = {530, 534, 535, 538}  # what a relay says of our own sign-in


class MailRefused(Exception):
    """The relay will never take this message, as it stands, for this recipient."""


class MailUnsent(Exception):
    """The relay did not take the message now; the same message may be tried later."""


class MailPutOff(Exception):
    """The relay does not take this message now; it may take others."""


class Mail(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Returns when the message is accepted. Blocks; raises MailUnsent, MailPutOff or MailRefused."""


class SmtpMail:
    """A relay that speaks SMTP. With `starttls` nothing is said in the clear: a relay without it is refused."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str = "",
        password: str = "",
        starttls: bool = True,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._starttls = starttls
        self._trust = trust or ssl.create_default_context()

    def send(self, message: EmailMessage) -> None:
        try:
            with smtplib.SMTP(self._host, self._port, timeout=CONNECT_SECONDS_MAX) as relay:
                self._open(relay)
                _hand_over(relay, message)
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            raise _failure(code, "the recipient was refused", later=MailPutOff) from error
        except smtplib.SMTPDataError as error:
            raise _failure(error.smtp_code, type(error).__name__, later=MailPutOff) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, type(error).__name__) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnsent(f"{self._host}:{self._port}: {type(error).__name__}: {error}") from error

    def _open(self, relay: smtplib.SMTP) -> None:
        if self._starttls:
            relay.starttls(context=self._trust)
        if self._user:
            relay.login(self._user, self._password)


class FolderMail:
    """Lays each message into a folder as NAME.eml, NAME from its Message-ID: the same message twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        name = NOT_A_NAME.sub("", str(message["Message-ID"])).partition("@")[0]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self._folder / f".{name}"  # what a killed process leaves, its next try replaces
            unfinished.write_bytes(message.as_bytes(policy=email.policy.SMTP))
            unfinished.replace(self._folder / f"{name}.eml")
        except OSError as error:
            raise MailUnsent(f"{self._folder}: {error}") from error


def _hand_over(relay: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        relay.send_message(message)
    except smtplib.SMTPNotSupportedError as error:  # RFC 6531
        raise MailRefused("the relay takes no addresses beyond ASCII") from error


def _failure(code: int, what: str, *, later: type[Exception] = MailUnsent) -> Exception:
    """A relay's words may hold the recipient's address, so they are not kept."""
    final = code in REFUSED_FOR_GOOD and code not in NOT_OF_THE_MAIL
    return (MailRefused if final else later)(f"the relay answered {code}: {what}")
