"""Makes the bytes of any planned output from its context. Bodies (notes, cues) come by digest from whoever keeps them."""

from collections.abc import Callable
from typing import Any, Protocol

from generator.render import cards, catalog, chapters, feed_xml, links, show_data, site_files, sitemap, structured_data
from generator.render.course_views import LecturePage
from generator.render.episode_files import TranscriptView
from generator.render.feed_views import FeedView
from generator.render.output import Output
from generator.render.transcripts import Transcript, sections
from generator.render.views import EpisodePage, Frame, View


class Bodies(Protocol):
    """What only its own page prints, by digest."""

    def notes(self, digest: str) -> str: ...

    def transcript(self, digest: str) -> Transcript: ...


class Template(Protocol):
    def render(self, **context: Any) -> str: ...


FORMATS: dict[str, Callable[[Any], bytes]] = {
    "chapters": lambda view: chapters.json(view.chapters, origin=view.origin),
    "posts feed": feed_xml.render_posts,
    "courses feed": feed_xml.render_posts,
    "catalog": catalog.render,
    "episodes": show_data.render,
    "sitemap": sitemap.render,
    "robots": site_files.robots,
    "llms": site_files.llms,
    "manifest": site_files.manifest,
    "redirects": site_files.redirects_map,
    "bytes": lambda data: data,
}
TRANSCRIPTS: dict[str, Callable[[Transcript, TranscriptView], bytes]] = {
    "vtt": lambda transcript, view: transcript.vtt(language=view.language),
    "srt": lambda transcript, _view: transcript.srt(),
    "json": lambda transcript, _view: transcript.json(),
    "txt": lambda transcript, view: transcript.txt(title=view.title),
}


class Maker:
    """`template` gives a template by name; `frame` surrounds every page."""

    def __init__(self, template: Callable[[str], Template], frame: Frame, bodies: Bodies) -> None:
        self._template, self._frame, self._bodies = template, frame, bodies

    def make(self, output: Output) -> bytes:
        if output.kind.endswith(".html"):
            return self._page(output.kind, output.context).encode()
        if output.kind in TRANSCRIPTS:
            return TRANSCRIPTS[output.kind](self._bodies.transcript(output.context.transcript), output.context)
        if output.kind == "feed":
            return self._feed(output.context)
        return FORMATS[output.kind](output.context)

    def _page(self, template: str, view: View) -> str:
        context: dict[str, Any] = {"frame": self._frame, "page": view}
        context["json_ld"] = structured_data.of(view, self._frame)
        if isinstance(view, EpisodePage):
            context["notes_html"] = links.resolve(self._bodies.notes(view.notes), view.resolved)
            context["chapters"] = cards.chapters(view.chapters)
            paragraphs = self._bodies.transcript(view.transcript).paragraphs if view.transcript else ()
            context["transcript"] = sections(paragraphs, context["chapters"]) if paragraphs else ()
        if isinstance(view, LecturePage):
            context["spoken"] = [self._bodies.transcript(one.transcript).paragraphs for one in view.captions]
        return self._template(template).render(**context)

    def _feed(self, view: FeedView) -> bytes:
        return feed_xml.render(view, {item.notes: self._bodies.notes(item.notes) for item in view.items if item.notes})
