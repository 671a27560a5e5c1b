"""Writes a mail's subject, text and HTML from the theme's templates, in a sandbox: editors may change them. Sends nothing.

`mail/KIND.txt` begins with the subject's line and an empty one; `mail/KIND.html` says the same in HTML.
"""

from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from api import spelling

SUBJECT_CHARACTERS_MAX = 200


class Written(Struct, frozen=True):
    subject: str
    text: str
    html: str


class UnwritableMail(Exception):
    """A template is missing or at fault: which, and why."""


class MailTexts:
    """`theme` is the folder that holds `templates/mail/`; templates see `site_title`, `site_url` and the mail's own fields."""

    def __init__(self, theme: Path, *, site_title: str, site_url: str) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(theme / "templates"),
            autoescape=lambda name: bool(name and name.endswith(".html")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(site_title=site_title, site_url=site_url)
        self._environment.filters.update(moment=spelling.minute, day=spelling.day, money=spelling.money)

    def write(self, kind: str, fields: dict[str, Any]) -> Written:
        """Raises UnwritableMail."""
        try:
            text = self._environment.get_template(f"mail/{kind}.txt").render(fields)
            subject, _, body = text.partition("\n")
            subject = " ".join(subject.split())[:SUBJECT_CHARACTERS_MAX]
            html = self._environment.get_template(f"mail/{kind}.html").render(fields, subject=subject)
        except (TemplateError, OSError, ValueError, TypeError) as error:
            raise UnwritableMail(f"mail/{kind} cannot be written: {error}") from error
        if not subject or not body.strip():
            raise UnwritableMail(f"mail/{kind}.txt needs a subject in its first line and a text below")
        return Written(subject, body.strip() + "\n", html)
