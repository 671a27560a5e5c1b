"""A small finished web root as the build leaves it; knows the file names of the contract, not the generator."""

import gzip
import hashlib
import os
from pathlib import Path

import brotli

MODIFIED = 1_767_600_000
VIDEO, NOTES = "clocks/wheels.mp4", "clocks/notes.0123abcd.txt"
AUDIO = bytes(range(256)) * 40
REDIRECTS = """\
"/episodes/1" "301 /episodes/1/hello/";
"/about-us" "301 /about/";
"/coffee" "302 https://coffee.example/cup?size=2";
"/notes" "301 /episodes/1/hello/#notes";
"/asked" "301 /episodes/1/hello/#asked?";
"""


def private_media(folder: Path) -> Path:
    """A folder of paid files: a video, its poster, and one that nobody should have put there."""
    for name in (VIDEO, "clocks/wheels.jpg", "clocks/.hidden"):
        _write(folder / name, AUDIO, modified=MODIFIED)
    return folder


def web_root(output: Path, *, edition: str = "first", modified: int = MODIFIED) -> Path:
    """Writes the web root into `output` and returns it. Home, feed and style sheet differ from edition to edition.

    The home page names its edition and its style sheet, and the style sheet names its edition.
    """
    css = f"/* edition {edition} */ body {{ color: black }}".encode()
    sheet = f"assets/site.{hashlib.sha256(css).hexdigest()[:8]}.css"
    home = f'<!doctype html><link rel="stylesheet" href="/{sheet}"><h1>edition {edition}</h1>'
    pages = {
        "index.html": home,
        "404.html": "<!doctype html><h1>Nothing here</h1>",
        "about/index.html": "<!doctype html><h1>About</h1>",
        "episodes/index.html": "<!doctype html><h1>Episodes</h1>",
        "episodes/1/hello/index.html": "<!doctype html><h1>Hello</h1>",
    }
    texts = {
        "feed.xml": f"<rss><!-- {edition} --></rss>",
        "feed/archive-1.xml": "<rss/>",
        "posts/feed.xml": "<rss/>",
        "episodes/1/hello.vtt": "WEBVTT\n",
        "episodes/1/hello.srt": "1\n",
        "episodes/1/hello.json": "{}",
        "courses/clocks/wheels.de.vtt": "WEBVTT\n",
        "courses/feed.xml": "<rss/>",
        "episodes/1/hello.txt": "Hello.",
        "episodes/1/chapters.json": "{}",
        "sitemap.xml": "<urlset/>",
        "robots.txt": "User-agent: *\n",
        "llms.txt": "# Show\n",
        "manifest.webmanifest": "{}",
        "favicon.svg": "<svg/>",
        "catalog.json": "{}",
    }
    for name, text in pages.items():
        _write(output / name, text.encode() * 20, modified=modified, gz=True, br=True)
    for name, text in texts.items():
        _write(output / name, text.encode() * 20, modified=modified, gz=True)
    _write(output / sheet, css, modified=modified, gz=True, br=True)
    _write(output / "media/0001-hello.0123abcd.mp3", AUDIO, modified=modified)
    _write(output / ".longwave/downloads" / NOTES, b"Paid for.\n" * 20, modified=modified)
    _write(output / "favicon.ico", b"\0" * 64, modified=modified)
    _write(output / ".longwave/ledger.sqlite", b"secret", modified=modified)
    _write(output / ".longwave/redirects.map", REDIRECTS.encode(), modified=modified)
    return output


def _write(path: Path, content: bytes, *, modified: int, gz: bool = False, br: bool = False) -> None:
    _replace(path, content, modified=modified)
    if gz:
        _replace(path.with_name(path.name + ".gz"), gzip.compress(content, mtime=0), modified=modified)
    if br:
        _replace(path.with_name(path.name + ".br"), brotli.compress(content, quality=4), modified=modified)


def _replace(path: Path, content: bytes, *, modified: int) -> None:
    """A new file under the old name, never the old one changed: releases share it."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.utime(new, (modified, modified))
    new.replace(path)
