"""Writes small valid content folders for tests to change; it knows the content model, not its reader."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SHOW_GUID = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
FIRST_DAY = datetime(2024, 1, 1, 6, tzinfo=UTC)
SILENT_FRAME = bytes.fromhex("fffb9064") + bytes(
    413
)  # MPEG-1 Layer III, 128 kbit/s, 44.1 kHz, mono: 417 bytes of nothing
FRAMES_PER_SECOND = 44100 / 1152

SITE: dict[str, dict[str, Any]] = {
    "site": {
        "title": "Signal Path",
        "url": "https://signalpath.example",
        "language": "en",
        "description": "How things work, told by those who make them.",
        "timezone": "UTC",
    },
    "show": {
        "title": "Signal Path",
        "description": "A weekly talk about how things work.",
        "author": "Signal Path",
        "owner": {"name": "Ada Example", "email": "ada@signalpath.example"},
        "categories": [["Technology"]],
        "explicit": False,
        "type": "episodic",
        "artwork": "https://cdn.example/artwork.jpg",
        "guid": SHOW_GUID,
        "locked": True,
        "copyright": "Signal Path",
        "hosts": ["ada-example"],
    },
    "feed": {"items": 1000, "full_notes": 100},
    "media": {"base_url": "/media/"},
    "store": {"currency": "usd", "tax": "none"},
}


def write_show(folder: Path, episodes: int = 3, **changes: Mapping[str, Any]) -> Path:
    """A show with a host and `episodes` episodes. `changes` of site.toml go by table: `feed={"items": 100}`."""
    write_site(folder, **changes)
    write_person(folder, "ada-example")
    for number in range(1, episodes + 1):
        write_episode(folder, number)
    return folder


def write_site(folder: Path, **changes: Mapping[str, Any]) -> Path:
    tables = {name: {**table, **changes.get(name, {})} for name, table in SITE.items()}
    text = "\n\n".join("\n".join([f"[{name}]", *map(setting, table.items())]) for name, table in tables.items())
    return write(folder / "site.toml", text + "\n")


def write_episode(folder: Path, number: int, *, notes: str = "", transcript: str = "", **changes: Any) -> Path:
    """Episode `number`, of the number-th day of 2024; None leaves a field out; `slug` names the file."""
    slug = changes.pop("slug", f"part-{number}")
    fields = {
        "number": number,
        "title": f"Part {number}",
        "date": (FIRST_DAY + timedelta(days=number - 1)).isoformat(),
        "summary": f"What happened in part {number}.",
        "audio": {
            "url": f"https://cdn.example/{number:04d}.mp3",
            "bytes": 28_800_000,
            "seconds": 1800,
            "type": "audio/mpeg",
        },
        **changes,
    }
    path = folder / f"episodes/{number:04d}-{slug}.md"
    if transcript:
        write(path.with_suffix(".vtt"), transcript)
    return write_document(path, fields, text=notes or f"The notes of part {number}.")


def write_person(folder: Path, slug: str, *, text: str = "Knows a lot.", **changes: Any) -> Path:
    return write_document(folder / f"people/{slug}.md", {"name": slug.replace("-", " ").title(), **changes}, text=text)


def write_post(folder: Path, slug: str, *, text: str = "A few words.", **changes: Any) -> Path:
    fields = {"title": f"Post {slug}", "date": FIRST_DAY.isoformat(), "summary": f"About {slug}.", **changes}
    return write_document(folder / f"posts/{slug}.md", fields, text=text)


def write_page(folder: Path, slug: str, *, text: str = "A few words.", **changes: Any) -> Path:
    return write_document(folder / f"pages/{slug}.md", {"title": f"Page {slug}", **changes}, text=text)


def write_course(folder: Path, slug: str, *, lectures: int = 2, text: str = "What it teaches.", **changes: Any) -> Path:
    """A course with a chapter of `lectures` lectures, the first of which is free to watch."""
    name = slug.replace("-", "_")
    fields = {
        "id": f"crs_{name}",
        "title": f"Course {slug}",
        "summary": f"How {slug} works.",
        "date": FIRST_DAY.isoformat(),
        "price": {"usd": 4900, "eur": 4500},
        "authors": ["ada-example"],
        **changes,
    }
    free = fields.get("free") or fields.get("notify")
    fields["price"] = changes.get("price", None if free else fields["price"])
    for number in range(1, lectures + 1):
        write_lecture(folder, slug, number, preview=number == 1)
    return write_document(folder / f"courses/{slug}/course.md", fields, text=text)


def write_lecture(
    folder: Path,
    course: str,
    number: int,
    *,
    chapter: str = "01-basics",
    text: str = "",
    captions: str = "",
    **changes: Any,
) -> Path:
    """Lecture `number`; `captions` are a transcript in the site's language."""
    fields = {
        "id": f"lec_{course.replace('-', '_')}_{number}",
        "title": f"Lecture {number}",
        "video": f"{course}/{number:02d}.mp4",
        "seconds": 60 * number,
        **changes,
    }
    path = folder / f"courses/{course}/{chapter}/{number:02d}-part-{number}.md"
    if captions:
        write(path.with_suffix(".vtt"), captions)
    return write_document(path, fields, text=text or f"The notes of lecture {number}.")


def write_bundle(folder: Path, slug: str, **changes: Any) -> Path:
    fields = {
        "id": f"bdl_{slug.replace('-', '_')}",
        "title": f"Bundle {slug}",
        "courses": "all",
        "price": {"usd": 6900},
        **changes,
    }
    return write_document(folder / f"bundles/{slug}.md", fields, text="All together.")


def write_document(path: Path, fields: Mapping[str, Any], *, text: str) -> Path:
    """A Markdown file with front matter; JSON is YAML, so values are written as such."""
    front = "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items() if value is not None)
    return write(path, f"---\n{front}---\n{text}\n")


def transcript(words: str = "Hello and welcome.") -> str:
    """A WebVTT transcript of three cues."""
    return "WEBVTT\n" + "".join(f"\n00:0{k}.000 --> 00:0{k}.900\n<v Ada Example>{words} ({k})\n" for k in range(3))


def write_silence(path: Path, seconds: float = 10) -> Path:
    """A real MP3 of `seconds` without a sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SILENT_FRAME * max(1, round(seconds * FRAMES_PER_SECOND)))
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def setting(item: tuple[str, Any]) -> str:
    return f"{item[0]} = {toml(item[1])}"


def toml(value: Any) -> str:
    """A TOML value. JSON's strings, numbers, booleans and lists are TOML's; only tables differ."""
    if isinstance(value, dict):
        return "{ " + ", ".join(map(setting, value.items())) + " }"
    return json.dumps(value)
