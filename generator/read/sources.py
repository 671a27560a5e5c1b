"""Parses each source on its own. Does not know how sources hang together, nor where parses are kept."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from generator import digests, model
from generator.errors import Problem
from generator.read import bundles, courses, episodes, locks, people, posts, redirects, show, transcripts
from generator.read.findings import PROBLEMS_MAX, further
from generator.read.scan import kind

TEXT_BYTES_MAX = 20_000_000
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")


class FileInfo(Struct, frozen=True, array_like=True):
    """A file of content/media; width and height are 0 when it is no picture."""

    sha256: str
    size: int
    width: int = 0
    height: int = 0
    type: str = ""
    mode: str = ""


HEADS: dict[str, Any] = {
    "site": model.Config,
    "redirects": tuple[model.Redirect, ...],
    "media lock": dict[str, locks.MediaEntry],
    "guids lock": dict[int, str],
    "ids lock": dict[str, str],
    "episode": model.Episode,
    "transcript": bool,
    "person": model.Person,
    "topic": model.Topic,
    "sponsor": model.Sponsor,
    "post": model.Post,
    "page": model.Page,
    "course": model.Course,
    "chapter": model.CourseChapter,
    "lecture": model.Lecture,
    "captions": bool,
    "bundle": model.Bundle,
    "download": FileInfo,
    "file": FileInfo,
}
DECODERS = {kind: msgspec.msgpack.Decoder(head) for kind, head in HEADS.items()}


class Parsed(Struct, frozen=True):
    """One source, parsed: `head` is msgpack of its kind's type in HEADS, b'' when nothing could be made of it.

    `body` is what only its own page prints. `body_digest` names the body; of a transcript it is the file's, which is
    parsed again when it is printed.
    """

    digest: str
    head: bytes
    body: bytes = b""
    body_digest: str = ""
    problems: tuple[Problem, ...] = ()


class Defaults(Struct, frozen=True):
    """What a source on its own takes from site.toml."""

    zone: dt.tzinfo = dt.UTC
    explicit: bool = False


def parse(content: Path, path: str, defaults: Defaults, *, known: str = "") -> Parsed | None:
    """Reads and parses one source; None when its digest is the `known` one. Never raises for what is in the file."""
    file = f"{content.name}/{path}"
    if kind(path) in ("file", "download"):
        return _parse_file(content / path, file)
    size = (content / path).stat().st_size
    if size > TEXT_BYTES_MAX:
        most = f"Keep it under {TEXT_BYTES_MAX:,} bytes"
        return Parsed(digest="", head=b"", problems=(Problem(file, 1, f"the file is too large: {size:,} bytes", most),))
    raw = (content / path).read_bytes()
    if digests.of(raw) == known:
        return None
    try:
        head, body, problems = PARSERS[kind(path)](raw, file, defaults)
        return _parsed(raw, head, body, problems, file=file)
    except Exception as error:  # one bad file must not hide what is wrong with the others
        what = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
        return Parsed(
            digest=digests.of(raw),
            head=b"",
            problems=(Problem(file, 1, f"this file cannot be read: {what}", "Simplify it"),),
        )


def _parsed(raw: bytes, head: Any, body: str, problems: list[Problem], *, file: str) -> Parsed:
    if len(problems) > PROBLEMS_MAX:
        problems = [*problems[:PROBLEMS_MAX], further(file, len(problems) - PROBLEMS_MAX)]
    return Parsed(
        digest=digests.of(raw),
        head=b"" if head is None else msgspec.msgpack.encode(head),
        body=body.encode(),
        body_digest=head.notes if isinstance(head, model.Episode) else digests.of(raw),
        problems=tuple(problems),
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _without_body(parsed: tuple[Any, list[Problem]]) -> tuple[Any, str, list[Problem]]:
    head, problems = parsed
    return head, "", problems


def _parse_file(path: Path, file: str) -> Parsed:
    from generator.read import media  # noqa: PLC0415 (it brings Pillow and mutagen, which most runs do not need)

    if path.suffix.lower() in PICTURE_SUFFIXES:
        info, problem = media.picture(path, file=file)
        problems = (problem,) if problem else ()
        head = FileInfo(info.sha256, info.bytes, info.width, info.height, info.type, info.mode)
    else:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        problems, head = (), FileInfo(sha256, path.stat().st_size)
    return Parsed(digest=head.sha256, head=msgspec.msgpack.encode(head), problems=problems)


PARSERS: dict[str, Callable[[bytes, str, Defaults], tuple[Any, str, list[Problem]]]] = {
    "episode": lambda raw, file, own: episodes.parse(raw, file=file, zone=own.zone, explicit=own.explicit),
    "transcript": lambda raw, file, _: (True, "", transcripts.problems_of(raw, file=file)),
    "person": lambda raw, file, _: _without_body(people.parse_person(raw, file=file)),
    "topic": lambda raw, file, _: _without_body(people.parse_topic(raw, file=file)),
    "sponsor": lambda raw, file, _: _without_body(people.parse_sponsor(raw, file=file)),
    "post": lambda raw, file, own: _without_body(posts.parse_post(raw, file=file, zone=own.zone)),
    "page": lambda raw, file, own: _without_body(posts.parse_page(raw, file=file, zone=own.zone)),
    "course": lambda raw, file, own: _without_body(courses.parse_course(raw, file=file, zone=own.zone)),
    "chapter": lambda raw, file, _: _without_body(courses.parse_chapter(raw, file=file)),
    "lecture": lambda raw, file, _: _without_body(courses.parse_lecture(raw, file=file)),
    "captions": lambda raw, file, _: (True, "", transcripts.problems_of(raw, file=file)),
    "bundle": lambda raw, file, own: _without_body(bundles.parse(raw, file=file, zone=own.zone)),
    "site": lambda raw, file, _: _without_body(show.parse_site(raw, file=file)),
    "redirects": lambda raw, file, _: _without_body(redirects.parse(raw, file=file)),
    "media lock": lambda raw, file, _: _without_body(locks.read_media(_text(raw), file=file)),
    "guids lock": lambda raw, file, _: _without_body(locks.read_guids(_text(raw), file=file)),
    "ids lock": lambda raw, file, _: _without_body(locks.read_ids(_text(raw), file=file)),
}
