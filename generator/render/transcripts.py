"""A transcript's cues in every format that apps and people ask for. Knows nothing of episodes, files and pages.

Cues come repaired: in ascending order, each ending after its start, text plain, speakers on one line.
A show has thousands of transcripts of a thousand cues, so text that already fits takes a short way here.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, groupby

import msgspec

from generator.cues import Cues, clock, whole_seconds
from generator.render import times
from generator.render.views import ChapterView, ParagraphView, SectionView

# Source of the line lengths: podcast namespace, "Transcripts".
VTT_LINE_CHARACTERS, VTT_LINES = 65, 3
SRT_LINE_CHARACTERS, SRT_LINES = 32, 2
PARAGRAPH_SECONDS, PARAGRAPH_CHARACTERS = 60, 500
JSON_VERSION = "1.0.0"

SENTENCE_ENDS = tuple(mark + quote for mark in ".?!…。！？" for quote in ("", '"', "'", "”", "’", ")", "»"))  # noqa: RUF001


class Transcript:
    """The formats of one transcript. They share the paragraphs."""

    def __init__(self, cues: Cues) -> None:
        self._cues = cues

    def vtt(self, *, language: str) -> bytes:
        """WebVTT (W3C) with speakers as voice tags; lines of at most 65 characters."""
        cues = self._cues
        voices = {speaker: _voice(speaker) for speaker in set(cues.speakers)}
        blocks = [f"WEBVTT\n\nNOTE Language: {language}\n"]
        for n, (span, speaker, text) in enumerate(zip(self._spans("."), cues.speakers, cues.texts, strict=True)):
            if len(text) <= VTT_LINE_CHARACTERS and "\n" not in text:
                blocks.append(f"{span}\n{voices[speaker]}{_escaped(text)}\n")
            else:
                cards = self._cards(n, text, width=VTT_LINE_CHARACTERS, height=VTT_LINES, point=".")
                blocks += [f"{span}\n{voices[speaker]}{_escaped(lines)}\n" for span, lines in cards]
        return "\n".join(blocks).encode()

    def srt(self) -> bytes:
        """SubRip: at most two lines of 32 characters; a speaker's name stands where the speaker changes."""
        blocks: list[str] = []
        for n, (span, text) in enumerate(zip(self._spans(","), self._texts_with_names(), strict=True)):
            if lines := _two_lines(text, SRT_LINE_CHARACTERS):
                blocks.append(f"{len(blocks) + 1}\n{span}\n{lines}\n")
            else:
                for part, lines in self._cards(n, text, width=SRT_LINE_CHARACTERS, height=SRT_LINES, point=","):
                    blocks.append(f"{len(blocks) + 1}\n{part}\n{lines}\n")
        return "\n".join(blocks).encode()

    def json(self) -> bytes:
        """The podcast namespace's JSON transcript: `segments` of `speaker`, `startTime`, `endTime` (seconds), `body`."""
        cues = self._cues
        names = list(set(cues.speakers))
        speakers = dict(zip(names, (f',"speaker":{name}' for name in _strings(names)), strict=True)) | {"": ""}
        columns = (
            *(map(whole_seconds, cues.starts), cues.start_thousandths),
            *(map(whole_seconds, cues.ends), cues.end_thousandths),
            *(_strings(cues.texts), map(speakers.__getitem__, cues.speakers)),
        )
        segments = [
            f'{{"startTime":{start}.{start_thousandths},"endTime":{end}.{end_thousandths},"body":{body}{speaker}}}'
            for start, start_thousandths, end, end_thousandths, body, speaker in zip(*columns, strict=True)
        ]
        return f'{{"version":"{JSON_VERSION}","segments":[{",".join(segments)}]}}'.encode()

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
        for begin, end in self._turns:
            for first, after in self._stretches(begin, end):
                result.append(self._paragraph(first, after, before=result[-1] if result else None))
        return tuple(result)

    @cached_property
    def _turns(self) -> list[tuple[int, int]]:
        """From which cue to before which one somebody speaks."""
        ends = list(accumulate(len(list(said)) for _, said in groupby(self._cues.speakers)))
        return list(zip((0, *ends), ends, strict=False))

    def _stretches(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """One turn in parts that are pleasant to read."""
        texts, start_of = self._cues.texts, self._cues.start
        first, start, characters = begin, start_of(begin), 0
        short = sum(map(len, texts[begin : end - 1])) < PARAGRAPH_CHARACTERS
        if short and start_of(end - 1) - start < PARAGRAPH_SECONDS:
            yield begin, end
            return
        for n in range(begin, end):
            length = start_of(n) - start
            long = length >= PARAGRAPH_SECONDS or characters >= PARAGRAPH_CHARACTERS
            if long and n > first and _may_end(texts[n - 1], seconds=length, characters=characters):
                yield first, n
                first, start, characters = n, start_of(n), 0
            characters += len(texts[n])
        yield first, end

    def _paragraph(self, first: int, after: int, *, before: ParagraphView | None) -> ParagraphView:
        start = self._cues.start(first)
        at = max(int(start), before.at + 1) if before else int(start)
        text = " ".join(self._cues.texts[first:after]).replace("\n", " ")
        return ParagraphView(start=start, at=at, clock=times.clock(at), speaker=self._cues.speakers[first], text=text)

    def _spans(self, point: str) -> list[str]:
        cues = self._cues
        columns = cues.starts, cues.start_thousandths, cues.ends, cues.end_thousandths
        return [
            f"{start}{point}{start_thousandths} --> {end}{point}{end_thousandths}"
            for start, start_thousandths, end, end_thousandths in zip(*columns, strict=True)
        ]

    def _texts_with_names(self) -> list[str]:
        """The texts for SubRip, which has no voices: a name before the first of each turn."""
        texts = [text.replace("-->", "->") for text in self._cues.texts]  # else taken for a line of times
        for begin, _ in self._turns:
            if speaker := self._cues.speakers[begin]:
                texts[begin] = f"{speaker}: {texts[begin]}"
        return texts

    def _cards(self, n: int, text: str, *, width: int, height: int, point: str) -> Iterator[tuple[str, str]]:
        """The nth cue as cards of at most `height` lines: the span of each, which is its share of the time, and its lines."""
        start = self._cues.start(n)
        length = self._cues.end(n) - start
        lines = [part for line in text.split("\n") for part in _wrapped(line, width)]
        characters, done = sum(map(len, lines)), 0
        for k in range(0, len(lines), height):
            card = lines[k : k + height]
            begun, done = done, done + sum(map(len, card))
            span = (point.join(clock(start + length * part / characters)) for part in (begun, done))
            yield " --> ".join(span), "\n".join(card)


def sections(paragraphs: Sequence[ParagraphView], chapters: Sequence[ChapterView]) -> tuple[SectionView, ...]:
    """Every paragraph once, under the last chapter that begins no later."""
    starts = [paragraph.start for paragraph in paragraphs]
    cuts = [bisect_left(starts, chapter.at) for chapter in chapters]
    spans = zip((None, *chapters), (0, *cuts), (*cuts, len(starts)), strict=True)
    return tuple(SectionView(chapter=chapter, paragraphs=tuple(paragraphs[a:b])) for chapter, a, b in spans)


def _may_end(last: str, *, seconds: float, characters: int) -> bool:
    endless = seconds >= 2 * PARAGRAPH_SECONDS or characters >= 2 * PARAGRAPH_CHARACTERS
    return endless or last.endswith(SENTENCE_ENDS)


def _two_lines(text: str, width: int) -> str:
    """`text` on one line or two of at most `width`; '' when it takes more, or has line ends of its own."""
    cut = text.rfind(" ", 0, width + 1) if len(text) > width else -1
    if "\n" in text or len(text) - cut - 1 > width:
        return ""
    return text if cut < 0 else f"{text[:cut]}\n{text[cut + 1 :]}"


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


def _strings(texts: Sequence[str]) -> list[str]:
    """Texts on one line in JSON. Most have nothing to escape, as one look at all of them shows."""
    joined = "".join(texts)
    if '"' in joined or "\\" in joined or not joined.replace("\n", "").isprintable():
        return [msgspec.json.encode(text.replace("\n", " ")).decode() for text in texts]
    return [f'"{text}"' for text in "\x1e".join(texts).replace("\n", " ").split("\x1e")]


def _voice(speaker: str) -> str:
    return f"<v {_escaped(speaker)}>" if speaker else ""


def _escaped(text: str) -> str:
    """Source: WebVTT, section 4.2.2 (cue text): no bare '&' and '<', no '-->'."""
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
