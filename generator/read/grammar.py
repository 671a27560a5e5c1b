"""The strict grammars of names, addresses and links: what may speak to nginx, to XML and to a browser."""

import re
from collections.abc import Callable

ALIAS_CHARACTERS_MAX, TARGET_CHARACTERS_MAX = 200, 2000  # nginx keeps them in tables of a given size
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# A '$', quote, brace, ';', '~' or control character would speak to nginx, which reads these addresses in its maps.
LOCAL_ADDRESS = re.compile(r"/(?:[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*(?:/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)*/?)?")
TARGET = re.compile(
    r"(?:/(?!/)|https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{1,5})?(?:/|$))[A-Za-z0-9._/?=&%#+@:,!-]*"
)
FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
WEB = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]/?#@:]+(?::\d{1,5})?(?:[/?#][^\s<>\"'`{}|\\^]*)?", re.I)

Report = Callable[[str, str], None]
"""Takes the problem and the remedy."""


def is_slug(text: str) -> bool:
    return SLUG.fullmatch(text) is not None


def slug(text: str, report: Report) -> None:
    if not is_slug(text):
        report(f"'{text}' is not a name for an address", "Use small letters, digits and single hyphens: 'like-this-1'")


def alias(text: str, report: Report) -> None:
    """An old address of ours: a path of plain characters, from the root, without '.' or '..' parts."""
    if len(text) > ALIAS_CHARACTERS_MAX:
        report(f"the address has {len(text)} characters", f"Keep it to {ALIAS_CHARACTERS_MAX}")
    elif not LOCAL_ADDRESS.fullmatch(text) or text == "/":
        report(
            f"'{text}' is not an address we can redirect",
            "Write a path such as '/old/page': letters, digits, . _ + @ -",
        )


def target(text: str, report: Report) -> None:
    """Where a redirect leads: a path of ours or an https URL."""
    if not TARGET.fullmatch(text) or "/../" in text or len(text) > TARGET_CHARACTERS_MAX:
        report(f"'{text}' cannot be the target of a redirect", "Write '/a/path/' or 'https://...' in plain characters")


def web_url(text: str, report: Report) -> None:
    if not WEB.fullmatch(text):
        report(f"'{text}' is not a web address", "Write it whole, beginning with https://")


def plain(text: str, report: Report, *, characters_max: int) -> None:
    """A title or a summary: something to read, in one piece, not too long."""
    if not text.strip():
        report("the text is empty", "Write some")
    elif len(text) > characters_max:
        report(f"the text has {len(text)} characters", f"Keep it to {characters_max}")
