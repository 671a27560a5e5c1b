"""The page of the mails that mode sandbox lays into a folder instead of sending them. Reads the files, writes nothing."""

import datetime as dt
import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from markupsafe import Markup, escape
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.sandbox.pages import message, page

SHOWN = 100
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
# The mail's own styles and nothing else; `sandbox` keeps it from running or sending anything.
HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-top-navigation-by-user-activation"
)


class MailFile(Struct, frozen=True, kw_only=True):
    name: str
    at: dt.datetime
    sender: str
    recipient: str
    subject: str
    text: str
    html: str | None

    @property
    def linked_text(self) -> Markup:
        """The text with its addresses as links."""
        parts: list[str] = []
        end = 0
        for found in LINK.finditer(self.text):
            link = escape(found[0])
            parts += [str(escape(self.text[end : found.start()])), f'<a href="{link}">{link}</a>']
            end = found.end()
        return Markup("".join(parts)) + escape(self.text[end:])  # noqa: S704 (every part is escaped)


def routes(folder: Path) -> list[Route]:
    def index(_: Request) -> Response:
        return page("mails.html", mails=newest(folder))

    def show(request: Request) -> Response:
        found = read(folder, request.path_params["name"])
        return page("mail.html", mail=found) if found else _missing()

    def html(request: Request) -> Response:
        found = read(folder, request.path_params["name"])
        if found is None or found.html is None:
            return _missing()
        headers = {
            "Content-Security-Policy": HTML_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(found.html, 200, headers)

    return [
        Route("/mails", index, methods=["GET"]),
        Route("/mails/{name}", show, methods=["GET"]),
        Route("/mails/{name}/html", html, methods=["GET"]),
    ]


def count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.eml")) if folder.is_dir() else 0


def newest(folder: Path) -> list[MailFile]:
    """The last mails, newest first."""
    files = (
        sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True) if folder.is_dir() else []
    )
    return [found for path in files[:SHOWN] if (found := read(folder, path.stem))]


def read(folder: Path, name: str) -> MailFile | None:
    """None when there is no such mail, or the name is none."""
    path = folder / f"{name}.eml"
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 (the policy makes it one)
    return MailFile(
        name=name,
        at=dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or "(no subject)"),
        text=_part(message, "plain") or "",
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else None


def _missing() -> Response:
    return message("No such mail", "It may have been deleted.", status=404, back="/mails")
