"""A transcript's cues in every format that apps and people ask for. Knows nothing of episodes, files and pages.

Cues come repaired: in ascending order, each ending after its start, text plain, speakers on one line.
A show has thousands of transcripts of a thousand cues, so text that already fits takes a short way here.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, groupby

from generator.cues import Cues, clock, decimals
from generator.render import times
from generator.render.views import ChapterView, ParagraphView, SectionView

# Source of the line lengths: podcast namespace, "Transcripts".
VTT_LINE_CHARACTERS, VTT_LINES = 65, 3
SRT_LINE_CHARACTERS, SRT_LINES = 32, 2
PARAGRAPH_SECONDS, PARAGRAPH_CHARACTERS = 60, 500
JSON_VERSION = "1.0.0"
MARK = "\x1e"

SENTENCE_ENDS = tuple(mark + quote for mark in ".?!…。！？" for quote in ("", '"', "'", "”", "’", ")", "»"))  # noqa: RUF001


class Transcript:
    """The formats of one transcript. They share the paragraphs."""

    def __init__(self, cues: Cues) -> None:
        self._cues = cues

    def vtt(self, *, language: str) -> bytes:
        """WebVTT (W3C) with speakers as voice tags; lines of at most 65 characters."""
        texts = self._cues.texts
        fitting = ["" if len(text) > VTT_LINE_CHARACTERS or "\n" in text else text for text in texts]
        cards = self._cards(texts, fitting, width=VTT_LINE_CHARACTERS, height=VTT_LINES)
        voices = {speaker: _voice(speaker) for speaker in set(cards.speakers)}
        spoken = [voices[speaker] for speaker in cards.speakers]
        blocks = _woven("\n", cards.starts, " --> ", cards.ends, "\n", spoken, _each(cards.texts, _escaped), "\n")
        return f"WEBVTT\n\nNOTE Language: {language}\n{blocks}".encode()

    def srt(self) -> bytes:
        """SubRip: at most two lines of 32 characters; a speaker's name stands where the speaker changes."""
        texts = self._texts_with_names()
        fitting = [_two_lines(text, SRT_LINE_CHARACTERS) for text in texts]
        cards = self._cards(texts, fitting, width=SRT_LINE_CHARACTERS, height=SRT_LINES)
        numbers = list(map(str, range(1, len(cards) + 1)))
        starts, ends = (_each(clocks, lambda clocks: clocks.replace(".", ",")) for clocks in (cards.starts, cards.ends))
        blocks = _woven(numbers, "\n", starts, " --> ", ends, "\n", cards.texts, "\n\n")
        return blocks[:-1].encode()

    def json(self) -> bytes:
        """The podcast namespace's JSON transcript: `segments` of `speaker`, `startTime`, `endTime` (seconds), `body`."""
        cues = self._cues
        speakers = {speaker: speaker and f',"speaker":"{_quoted(speaker)}"' for speaker in set(cues.speakers)}
        starts, start_thousandths = decimals(cues.starts)
        ends, end_thousandths = decimals(cues.ends)
        segments = _woven(
            *('{"startTime":', starts, ".", start_thousandths, ',"endTime":', ends, ".", end_thousandths),
            *(',"body":"', _each(cues.texts, _quoted), '"', [speakers[speaker] for speaker in cues.speakers], "},"),
        )
        return f'{{"version":"{JSON_VERSION}","segments":[{segments.removesuffix(",")}]}}'.encode()

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

    def _texts_with_names(self) -> list[str]:
        """The texts for SubRip, which has no voices: a name before the first of each turn."""
        texts = [text.replace("-->", "->") for text in self._cues.texts]  # else taken for a line of times
        for begin, _ in self._turns:
            if speaker := self._cues.speakers[begin]:
                texts[begin] = f"{speaker}: {texts[begin]}"
        return texts

    def _cards(self, texts: Sequence[str], fitting: Sequence[str], *, width: int, height: int) -> Cues:
        """The cues with their `fitting` texts; one where that is '' becomes as many as its text needs."""
        cues = self._cues
        if all(fitting):
            return Cues(cues.starts, cues.ends, tuple(fitting), cues.speakers)
        rows: list[tuple[str, str, str, str]] = []
        for n, row in enumerate(zip(cues.starts, cues.ends, fitting, cues.speakers, strict=True)):
            rows += [row] if row[2] else self._cut(n, texts[n], width=width, height=height)
        return Cues(*zip(*rows, strict=True))

    def _cut(self, n: int, text: str, *, width: int, height: int) -> Iterator[tuple[str, str, str, str]]:
        """The nth cue as rows of at most `height` lines, each with its share of the time."""
        start, speaker = self._cues.start(n), self._cues.speakers[n]
        length = self._cues.end(n) - start
        lines = [part for line in text.split("\n") for part in _wrapped(line, width)]
        characters, done = sum(map(len, lines)), 0
        for k in range(0, len(lines), height):
            card = lines[k : k + height]
            begun, done = done, done + sum(map(len, card))
            begin, end = (clock(start + length * part / characters) for part in (begun, done))
            yield begin, end, "\n".join(card), speaker


def sections(paragraphs: Sequence[ParagraphView], chapters: Sequence[ChapterView]) -> tuple[SectionView, ...]:
    """Every paragraph once, under the last chapter that begins no later."""
    starts = [paragraph.start for paragraph in paragraphs]
    cuts = [bisect_left(starts, chapter.at) for chapter in chapters]
    spans = zip((None, *chapters), (0, *cuts), (*cuts, len(starts)), strict=True)
    return tuple(SectionView(chapter=chapter, paragraphs=tuple(paragraphs[a:b])) for chapter, a, b in spans)


def _may_end(last: str, *, seconds: float, characters: int) -> bool:
    endless = seconds >= 2 * PARAGRAPH_SECONDS or characters >= 2 * PARAGRAPH_CHARACTERS
    return endless or last.endswith(SENTENCE_ENDS)


def _woven(*columns: str | Sequence[str]) -> str:
    """Row after row: the nth of each column, and the strings that stand between columns."""
    rows = max(len(column) for column in columns if not isinstance(column, str))
    cells = [""] * (rows * len(columns))
    for n, column in enumerate(columns):
        cells[n :: len(columns)] = [column] * rows if isinstance(column, str) else column
    return "".join(cells)


def _each(texts: Sequence[str], change: Callable[[str], str]) -> Sequence[str]:
    """`change` of every text, in one go: no text holds the mark between them, a control character."""
    return change(MARK.join(texts)).split(MARK) if texts else texts


def _two_lines(text: str, width: int) -> str:
    """`text` on one line or two of at most `width`; '' when it takes more, or has line ends of its own."""
    if "\n" in text:
        return ""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width + 1)
    return "" if cut < 0 or len(text) - cut - 1 > width else f"{text[:cut]}\n{text[cut + 1 :]}"


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


def _voice(speaker: str) -> str:
    return f"<v {_escaped(speaker)}>" if speaker else ""


def _quoted(text: str) -> str:
    """On one line, as a JSON string holds it (RFC 8259, section 7): cues have no control characters but line feeds."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _escaped(text: str) -> str:
    """Source: WebVTT, section 4.2.2 (cue text): no bare '&' and '<', no '-->'."""
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
