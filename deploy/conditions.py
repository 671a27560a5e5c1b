"""Conditional and range requests (RFC 9110, 13 and 14) as nginx decides them; knows only a file's time and size."""

import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime

from msgspec import Struct

RANGE = re.compile(r"bytes= *([0-9]*) *- *([0-9]*) *", re.IGNORECASE)
OFFSET_MAX = 2**63 - 1  # of nginx on 64 bits; an offset beyond is 416
OFFSET_DIGITS = len(str(OFFSET_MAX))
Headers = Mapping[str, str]


class Validators(Struct, frozen=True):
    """`modified` in whole seconds since 1970, `size` in bytes."""

    modified: int
    size: int

    @property
    def etag(self) -> str:
        """nginx's form, both numbers in hex.

        >>> Validators(1767600000, 600).etag
        '"695b6f80-258"'
        """
        return f'"{self.modified:x}-{self.size:x}"'

    @property
    def last_modified(self) -> str:
        return formatdate(self.modified, usegmt=True)


class Part(Struct, frozen=True):
    """Bytes of a file. A length of 0 with `satisfiable` false is 416."""

    start: int
    length: int
    satisfiable: bool = True


def precondition(headers: Headers, file: Validators) -> int:
    """304, 412 or 0 (go on). A client that sends both its tag and its date gets 304 only when both agree."""
    if "if-unmodified-since" in headers and _seconds(headers["if-unmodified-since"]) < file.modified:
        return 412
    if not _names(headers.get("if-match", "*"), file.etag):
        return 412
    if "if-modified-since" not in headers and "if-none-match" not in headers:
        return 0
    same_time = "if-modified-since" not in headers or _seconds(headers["if-modified-since"]) == file.modified
    return 304 if same_time and _names(headers.get("if-none-match", "*"), file.etag, weak=True) else 0


def requested_part(headers: Headers, file: Validators) -> Part | None:
    """The part asked for. None for the whole file: no range, several, another unit, or If-Range of another version."""
    asked = headers.get("range", "")
    if not asked.lower().startswith("bytes=") or "," in asked or not _same_version(headers, file):
        return None
    match = RANGE.fullmatch(asked)
    if not match or match[1] == match[2] == "" or not all(_is_offset(digits) for digits in match.groups()):
        return Part(0, 0, satisfiable=False)
    first, last = (digits and (digits.lstrip("0") or "0") for digits in match.groups())
    start = int(first) if first else max(0, file.size - int(last))
    end = min(int(last) + 1, file.size) if first and last else file.size
    return Part(start, end - start) if start < end else Part(0, 0, satisfiable=False)


def _is_offset(digits: str) -> bool:
    """Counts before it converts: Python refuses thousands of digits."""
    significant = digits.lstrip("0")
    return len(significant) <= OFFSET_DIGITS and int(significant or "0") <= OFFSET_MAX


def _same_version(headers: Headers, file: Validators) -> bool:
    known = headers.get("if-range", file.etag).strip()
    return known == file.etag if known.endswith('"') else _seconds(known) == file.modified


def _names(header: str, etag: str, *, weak: bool = False) -> bool:
    tags = (tag.strip() for tag in header.split(","))
    return header.strip() == "*" or etag in (tag.removeprefix("W/") if weak else tag for tag in tags)


def _seconds(date: str) -> int:
    """-1 for what is no date."""
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError):
        return -1
