"""A transcript's cues in every format that apps and people ask for. Knows nothing of episodes, files and pages.

Cues come repaired: in ascending order, each ending after its start, text plain, speakers on one line.
A show has thousands of transcripts of a thousand cues, so text that already fits takes a short way here.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from generator.model import Cue
from generator.render.times import clock, full_clock
from generator.render.views import ParagraphView

# Source of the line lengths: podcast namespace, "Transcripts".
VTT_LINE_CHARACTERS, VTT_LINES = 65, 3
SRT_LINE_CHARACTERS, SRT_LINES = 32, 2
PARAGRAPH_SECONDS, PARAGRAPH_CHARACTERS = 60, 500
JSON_VERSION = "1.0.0"

SENTENCE_ENDS = tuple(mark + quote for mark in ".?!…。！？" for quote in ("", '"', "'", "”", "’", ")", "»"))  # noqa: RUF001
DOTS = tuple(f".{n:03d}" for n in range(1000))
COMMAS = tuple(f",{n:03d}" for n in range(1000))

Card = tuple[float, float, str]

_whole_seconds = lru_cache(maxsize=1 << 15)(full_clock)


class _Segment(msgspec.Struct, omit_defaults=True, rename="camel"):
    start_time: float
    end_time: float
    body: str
    speaker: str = ""


class _Transcript(msgspec.Struct):
    version: str
    segments: list[_Segment]


def vtt(cues: Sequence[Cue], *, language: str) -> bytes:
    """WebVTT (W3C) with speakers as voice tags; lines of at most 65 characters."""
    voices = {speaker: _voice(speaker) for speaker in {cue.speaker for cue in cues}}
    blocks = [f"WEBVTT\n\nNOTE Language: {language}\n"]
    for cue in cues:
        for start, end, lines in _cards(cue, cue.text, width=VTT_LINE_CHARACTERS, height=VTT_LINES):
            blocks.append(f"{_span(start, end, DOTS)}\n{voices[cue.speaker]}{_escaped(lines)}\n")
    return "\n".join(blocks).encode()


def srt(cues: Sequence[Cue]) -> bytes:
    """SubRip: at most two lines of 32 characters; a speaker's name stands where the speaker changes."""
    blocks: list[str] = []
    speaker = ""
    for cue in cues:
        text = cue.text if "-->" not in cue.text else cue.text.replace("-->", "->")  # else taken for a line of times
        if cue.speaker != speaker:
            speaker = cue.speaker
            text = f"{speaker}: {text}" if speaker else text
        for start, end, lines in _cards(cue, text, width=SRT_LINE_CHARACTERS, height=SRT_LINES):
            blocks.append(f"{len(blocks) + 1}\n{_span(start, end, COMMAS)}\n{lines}\n")
    return "\n".join(blocks).encode()


def json(cues: Sequence[Cue]) -> bytes:
    """The podcast namespace's JSON transcript: `segments` of `speaker`, `startTime`, `endTime` (seconds), `body`."""
    segments = [_Segment(cue.start, cue.end, cue.text.replace("\n", " "), cue.speaker) for cue in cues]
    return msgspec.json.encode(_Transcript(JSON_VERSION, segments))


def txt(cues: Sequence[Cue], *, title: str) -> bytes:
    """Plain text to read: the title, then paragraphs headed by speaker and clock."""
    stretches = [
        f"{paragraph.speaker} ({paragraph.clock})\n{paragraph.text}\n".lstrip() for paragraph in paragraphs(cues)
    ]
    return "\n".join([title + "\n", *stretches]).encode()


def paragraphs(cues: Sequence[Cue]) -> tuple[ParagraphView, ...]:
    """A speaker's consecutive cues joined; long stretches end at a sentence. No two paragraphs share their `at`."""
    result: list[ParagraphView] = []
    stretch: list[str] = []
    speaker, start, characters = "", 0.0, 0
    for cue in cues:
        if stretch and (
            cue.speaker != speaker or _is_full(stretch[-1], seconds=cue.start - start, characters=characters)
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


def _is_full(last: str, *, seconds: float, characters: int) -> bool:
    if seconds < PARAGRAPH_SECONDS and characters < PARAGRAPH_CHARACTERS:
        return False
    endless = seconds >= 2 * PARAGRAPH_SECONDS or characters >= 2 * PARAGRAPH_CHARACTERS
    return endless or last.endswith(SENTENCE_ENDS)


def _paragraph(stretch: list[str], *, speaker: str, start: float, after: list[ParagraphView]) -> ParagraphView:
    at = max(int(start), after[-1].at + 1) if after else int(start)
    text = " ".join(stretch).replace("\n", " ")
    return ParagraphView(start=round(start, 3), at=at, clock=clock(at), speaker=speaker, text=text)


def _cards(cue: Cue, text: str, *, width: int, height: int) -> Sequence[Card]:
    """What one cue becomes: itself when it fits, else several cards, each with its share of the time."""
    if "\n" not in text:
        if len(text) <= width:
            return ((cue.start, cue.end, text),)
        cut = text.rfind(" ", 0, width + 1)
        if cut > 0 and len(text) - cut <= width:
            return ((cue.start, cue.end, f"{text[:cut]}\n{text[cut + 1 :]}"),)
    lines = [part for line in text.split("\n") for part in _wrapped(line, width)]
    return tuple(_shared([lines[n : n + height] for n in range(0, len(lines), height)], start=cue.start, end=cue.end))


def _shared(cards: Sequence[Sequence[str]], *, start: float, end: float) -> Iterator[Card]:
    characters = sum(len(line) for card in cards for line in card)
    done = 0
    for card in cards:
        begun, done = done, done + sum(map(len, card))
        yield _between(start, end, begun / characters), _between(start, end, done / characters), "\n".join(card)


def _between(start: float, end: float, part: float) -> float:
    return start + (end - start) * part


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


def _span(start: float, end: float, fractions: Sequence[str]) -> str:
    first, last = int(start * 1000 + 0.5), int(end * 1000 + 0.5)
    return (
        f"{_whole_seconds(first // 1000)}{fractions[first % 1000]} --> "
        f"{_whole_seconds(last // 1000)}{fractions[last % 1000]}"
    )


def _voice(speaker: str) -> str:
    return f"<v {_escaped(speaker)}>" if speaker else ""


def _escaped(text: str) -> str:
    """Source: WebVTT, section 4.2.2 (cue text): no bare '&' and '<', no '-->'."""
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
