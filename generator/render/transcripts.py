"""A transcript's cues in every format that apps and people ask for. Knows nothing of episodes, files and pages.

Cues come repaired: in ascending order, each ending after its start, text plain, speakers on one line.
A show has thousands of transcripts of a thousand cues, so text that already fits takes a short way here.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

import msgspec

from generator.model import Cue
from generator.render.times import clock, full_clock
from generator.render.views import ChapterView, ParagraphView, SectionView

# Source of the line lengths: podcast namespace, "Transcripts".
VTT_LINE_CHARACTERS, VTT_LINES = 65, 3
SRT_LINE_CHARACTERS, SRT_LINES = 32, 2
PARAGRAPH_SECONDS, PARAGRAPH_CHARACTERS = 60, 500
JSON_VERSION = "1.0.0"

SENTENCE_ENDS = tuple(mark + quote for mark in ".?!…。！？" for quote in ("", '"', "'", "”", "’", ")", "»"))  # noqa: RUF001
THOUSANDTHS = tuple(f".{n:03d}" for n in range(1000))

_whole_seconds = lru_cache(maxsize=1 << 15)(full_clock)


class _Segment(msgspec.Struct, omit_defaults=True, rename="camel"):
    start_time: float
    end_time: float
    body: str
    speaker: str = ""


class _Document(msgspec.Struct):
    version: str
    segments: list[_Segment]


class Transcript:
    """The formats of one transcript. They share what costs most: the clocks of the cues, and the paragraphs."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self._cues = cues

    def vtt(self, *, language: str) -> bytes:
        """WebVTT (W3C) with speakers as voice tags; lines of at most 65 characters."""
        voices = {speaker: _voice(speaker) for speaker in {cue.speaker for cue in self._cues}}
        blocks = [f"WEBVTT\n\nNOTE Language: {language}\n"]
        for cue, span in zip(self._cues, self._spans, strict=True):
            if len(cue.text) <= VTT_LINE_CHARACTERS and "\n" not in cue.text:
                blocks.append(f"{span}\n{voices[cue.speaker]}{_escaped(cue.text)}\n")
            else:
                cards = _cards(cue, cue.text, width=VTT_LINE_CHARACTERS, height=VTT_LINES)
                blocks += [f"{span}\n{voices[cue.speaker]}{_escaped(lines)}\n" for span, lines in cards]
        return "\n".join(blocks).encode()

    def srt(self) -> bytes:
        """SubRip: at most two lines of 32 characters; a speaker's name stands where the speaker changes."""
        spans = "\n".join(self._spans).replace(".", ",").split("\n")
        blocks: list[str] = []
        speaker = ""
        for cue, span in zip(self._cues, spans, strict=True):
            text = cue.text
            if "-->" in text:  # else taken for a line of times
                text = text.replace("-->", "->")
            if cue.speaker != speaker:
                speaker = cue.speaker
                text = f"{speaker}: {text}" if speaker else text
            if lines := _two_lines(text, SRT_LINE_CHARACTERS):
                blocks.append(f"{len(blocks) + 1}\n{span}\n{lines}\n")
            else:
                for part, lines in _cards(cue, text, width=SRT_LINE_CHARACTERS, height=SRT_LINES):
                    blocks.append(f"{len(blocks) + 1}\n{part.replace('.', ',')}\n{lines}\n")
        return "\n".join(blocks).encode()

    def json(self) -> bytes:
        """The podcast namespace's JSON transcript: `segments` of `speaker`, `startTime`, `endTime` (seconds), `body`."""
        segments = [_Segment(cue.start, cue.end, cue.text.replace("\n", " "), cue.speaker) for cue in self._cues]
        return msgspec.json.encode(_Document(JSON_VERSION, segments))

    def txt(self, *, title: str) -> bytes:
        """Plain text to read: the title, then paragraphs headed by speaker and clock."""
        stretches = [
            f"{paragraph.speaker} ({paragraph.clock})\n{paragraph.text}\n".lstrip() for paragraph in self.paragraphs
        ]
        return "\n".join([title + "\n", *stretches]).encode()

    @cached_property
    def paragraphs(self) -> tuple[ParagraphView, ...]:
        """A speaker's consecutive cues joined; long stretches end at a sentence. No two paragraphs share their `at`."""
        result: list[ParagraphView] = []
        stretch: list[str] = []
        speaker, start, characters = "", 0.0, 0
        for cue in self._cues:
            long = cue.start - start >= PARAGRAPH_SECONDS or characters >= PARAGRAPH_CHARACTERS
            if stretch and (
                cue.speaker != speaker
                or (long and _may_end(stretch[-1], seconds=cue.start - start, characters=characters))
            ):
                result.append(_paragraph(stretch, speaker=speaker, start=start, after=result))
                stretch = []
            if not stretch:
                speaker, start, characters = cue.speaker, cue.start, 0
            stretch.append(cue.text)
            characters += len(cue.text)
        if stretch:
            result.append(_paragraph(stretch, speaker=speaker, start=start, after=result))
        return tuple(result)

    @cached_property
    def _spans(self) -> list[str]:
        return [_span(cue.start, cue.end) for cue in self._cues]


def sections(paragraphs: Sequence[ParagraphView], chapters: Sequence[ChapterView]) -> tuple[SectionView, ...]:
    """Every paragraph once, under the last chapter that begins no later."""
    starts = [paragraph.start for paragraph in paragraphs]
    cuts = [bisect_left(starts, chapter.at) for chapter in chapters]
    spans = zip((None, *chapters), (0, *cuts), (*cuts, len(starts)), strict=True)
    return tuple(SectionView(chapter=chapter, paragraphs=tuple(paragraphs[a:b])) for chapter, a, b in spans)


def _may_end(last: str, *, seconds: float, characters: int) -> bool:
    endless = seconds >= 2 * PARAGRAPH_SECONDS or characters >= 2 * PARAGRAPH_CHARACTERS
    return endless or last.endswith(SENTENCE_ENDS)


def _paragraph(stretch: list[str], *, speaker: str, start: float, after: list[ParagraphView]) -> ParagraphView:
    at = max(int(start), after[-1].at + 1) if after else int(start)
    text = " ".join(stretch).replace("\n", " ")
    return ParagraphView(start=round(start, 3), at=at, clock=clock(at), speaker=speaker, text=text)


def _two_lines(text: str, width: int) -> str:
    """`text` on one line or two of at most `width`; '' when it takes more, or has line ends of its own."""
    cut = text.rfind(" ", 0, width + 1) if len(text) > width else -1
    if "\n" in text or len(text) - cut - 1 > width:
        return ""
    return text if cut < 0 else f"{text[:cut]}\n{text[cut + 1 :]}"


def _cards(cue: Cue, text: str, *, width: int, height: int) -> Iterator[tuple[str, str]]:
    """One cue as cards of at most `height` lines: the span of each, which is its share of the time, and its lines."""
    lines = [part for line in text.split("\n") for part in _wrapped(line, width)]
    characters, done = sum(map(len, lines)), 0
    for n in range(0, len(lines), height):
        card = lines[n : n + height]
        begun, done = done, done + sum(map(len, card))
        yield _span(_between(cue, begun / characters), _between(cue, done / characters)), "\n".join(card)


def _between(cue: Cue, part: float) -> float:
    return cue.start + (cue.end - cue.start) * part


def _wrapped(line: str, width: int) -> Iterator[str]:
    """`line` cut at spaces into parts of at most `width`; a longer word (or script without spaces) is cut anywhere."""
    rest = line.strip()
    while len(rest) > width:
        cut = rest.rfind(" ", 0, width + 1)
        if cut <= 0:
            cut = width
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _span(start: float, end: float) -> str:
    first, last = int(start * 1000 + 0.5), int(end * 1000 + 0.5)
    return (
        f"{_whole_seconds(first // 1000)}{THOUSANDTHS[first % 1000]} --> "
        f"{_whole_seconds(last // 1000)}{THOUSANDTHS[last % 1000]}"
    )


def _voice(speaker: str) -> str:
    return f"<v {_escaped(speaker)}>" if speaker else ""


def _escaped(text: str) -> str:
    """Source: WebVTT, section 4.2.2 (cue text): no bare '&' and '<', no '-->'."""
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
