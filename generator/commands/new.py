"""`longwave new`: valid starting files, written so that an editor sees every field that matters. Never overwrites."""

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import yaml
from pelican.utils import slugify
from PIL import Image

from generator.commands.guids import freeze
from generator.commands.media import record
from generator.errors import BuildError, ContentError
from generator.read import guids
from generator.read.inventory import read_config
from generator.read.media import probe
from generator.read.scan import scan
from generator.render.times import clock

PODCAST_NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # podcast namespace, podcast:guid
ARTWORK_PIXELS = 1400
ARTWORK_COLOR = (16, 24, 40)
SLUG_RULES = [(r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-_\s]+", "-")]

SITE = """\
[site]
title = "My show"
url = "{url}"                 # the address people will know, without a slash at the end
language = "en"
description = "What this site is about, in a sentence."
timezone = "UTC"

[show]
title = "My show"
description = "What the show is about and for whom. Directories print this."
author = "My name"
owner = {{ name = "My name", email = "owner@{host}" }}
categories = [["Technology"]]  # Apple's names; a second one in the list is its subcategory
explicit = false
type = "episodic"              # or "serial"
artwork = "media/artwork.jpg"  # square, 1400 to 3000 pixels: draw your own over this one
guid = "{guid}"
locked = true
hosts = []                     # ids of people/

[feed]
items = 1000
full_notes = 100

[media]
base_url = "/media/"

[store]
currency = "usd"
tax = "none"
"""


def show(folder: Path) -> Path:
    content = folder / "content"
    host = f"{slug(folder.absolute().name) or 'show'}-{uuid4().hex[:8]}.example"
    guid = uuid5(PODCAST_NAMESPACE, f"{host}/feed.xml")
    write(content / "site.toml", SITE.format(url=f"https://{host}", host=host, guid=guid))
    (content / "media").mkdir(exist_ok=True)
    Image.new("RGB", (ARTWORK_PIXELS, ARTWORK_PIXELS), ARTWORK_COLOR).save(content / "media/artwork.jpg", quality=80)
    write(content / "pages/about.md", page({"title": "About", "menu": 1}, "Who makes this show, and why."))
    return content / "site.toml"


def episode(content: Path, title: str, *, audio: Path | None = None) -> Path:
    """The next episode, as a draft; with `audio`, that file is copied into content/media, recorded, and its chapters taken."""
    config, problems = read_config(content)
    if config is None:
        raise ContentError(problems)
    number = 1 + max((int(name.partition("-")[0]) for name in _episodes(content)), default=0)
    stem = f"{number:04d}-{slug(title) or 'untitled'}"
    path = content / f"episodes/{stem}.md"
    refuse_to_overwrite(path)
    fields: dict[str, object] = {
        "number": number,
        "title": title,
        "date": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "summary": "What this episode is about, in one or two sentences.",
        "status": "draft",
    }
    if audio is not None:
        fields |= _audio(content, audio, stem)
    write(path, page(fields, "Notes in Markdown."))
    freeze(content, {number: guids.default(config.show.guid, number)})
    return path


def person(content: Path, name: str) -> Path:
    return write(content / f"people/{named(name)}.md", page({"name": name}, "Who this is, in a sentence or two."))


def post(content: Path, title: str) -> Path:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    fields = {"title": title, "date": today, "summary": "What this post says, in a sentence.", "status": "draft"}
    return write(content / f"posts/{named(title)}.md", page(fields, "Text in Markdown."))


def slug(text: str) -> str:
    """
    >>> slug("What: a 'title' & more!"), slug("Grace Éxample")
    ('what-a-title-more', 'grace-example')
    """
    made: str = slugify(text, regex_subs=SLUG_RULES)
    return made.strip("-")


def named(text: str) -> str:
    name = slug(text)
    if not name:
        raise BuildError(f"'{text}' has no letters to make an address of. Use some of a to z.")
    return name


def _episodes(content: Path) -> list[str]:
    return [
        path.partition("/")[2]
        for path in scan(content).sources
        if path.startswith("episodes/") and path.endswith(".md")
    ]


def _audio(content: Path, audio: Path, stem: str) -> dict[str, object]:
    entry = probe(audio)
    name = f"{stem}{audio.suffix.lower()}"
    (content / "media").mkdir(exist_ok=True)
    if audio.absolute() != (content / "media" / name).absolute():
        shutil.copyfile(audio, content / "media" / name)
    record(content, {name: entry})
    chapters = [f"{clock(chapter.at)} {chapter.title}" for chapter in entry.chapters]
    return {"audio": name, "chapters": chapters} if chapters else {"audio": name}


def page(fields: Mapping[str, object], text: str) -> str:
    head = yaml.safe_dump(dict(fields), allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n{text}\n"


def write(path: Path, text: str) -> Path:
    refuse_to_overwrite(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refuse_to_overwrite(path: Path) -> None:
    if path.exists():
        raise BuildError(f"{path} exists already. Edit it, or choose another name.")
