"""The files beside an episode's page: its transcript in four formats and its chapters."""

from collections.abc import Iterator

from generator import urls
from generator.model import Chapter, Episode
from generator.render.output import Output
from generator.render.views import View


class TranscriptView(View):
    """`transcript` names the cues by digest."""

    transcript: str
    language: str
    title: str


class ChaptersView(View):
    chapters: tuple[Chapter, ...]
    origin: str


def plan(episode: Episode, *, origin: str, language: str) -> Iterator[Output]:
    if episode.chapters:
        view = ChaptersView(chapters=episode.chapters, origin=origin)
        yield Output(urls.output_path(urls.chapters(episode.number)), "chapters", view, (episode.source,))
    if episode.transcript:
        yield from _transcripts(episode, language)


def _transcripts(episode: Episode, language: str) -> Iterator[Output]:
    sources = (episode.transcript_source,)
    plain = TranscriptView(transcript=episode.transcript, language="", title="")
    views = {
        "vtt": TranscriptView(transcript=episode.transcript, language=language, title=""),
        "srt": plain,
        "json": plain,
        "txt": TranscriptView(transcript=episode.transcript, language="", title=episode.title),
    }
    for suffix in urls.TRANSCRIPT_FORMATS:
        path = urls.output_path(urls.transcript(episode.number, episode.slug, suffix))
        yield Output(path, suffix, views[suffix], sources)
