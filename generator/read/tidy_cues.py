"""Reads a transcript column by column, as programs write them: thousands of files of a thousand cues are read in each build."""

import re

from generator.cues import Cues
from generator.read.cue_text import BLANK, plain

HEAD = re.compile(r"(?:(?:WEBVTT|NOTE|STYLE|REGION)(?=[ \n]|$).*(?:\n.+)*\n*)*")
ARROW = " --> "
CLOCK = "00:00:00.000"
TENS = (CLOCK.index(":") + 1, CLOCK.rindex(":") + 1)  # of minutes and seconds
TIMING_CHARS_MAX = len(CLOCK + ARROW + CLOCK)
TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")


def tidy_cues(text: str) -> Cues | None:
    """The cues of a `decoded` text, in the order they stand; None when anything in it needs a closer look.

    Tidy are cues parted by one blank line, each with its timing (and a name or number before that, all or none),
    and its text, spoken by one voice at most.
    """
    clocks, bodies = timed(text)
    pairs = [body[3:].split(">", 1) if body.startswith("<v ") else ("", body) for body in bodies]
    try:
        speakers, texts = zip(*pairs, strict=True)
    except ValueError:  # a voice without an end, or no cue at all
        return None
    voices = len(speakers) - speakers.count("")
    names = {speaker: speaker for speaker in speakers}
    if "<" in "".join(names) or "\n" in "".join(names) or text.count("<v") != voices:
        return None
    if "&" in text or "{" in text or text.count("<") - text.count("</v>") > voices:
        names, texts = {speaker: plain(speaker) for speaker in names}, tuple(map(plain, texts))
    elif "\n " in "".join(texts):
        return None
    blank = None if text.isascii() else BLANK
    names = {speaker: name.strip(blank) for speaker, name in names.items()}
    texts = tuple(words.strip(blank) for words in texts)
    return Cues(clocks[::2], clocks[1::2], texts, tuple(map(names.__getitem__, speakers)))


def timed(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Start, end, start, end... of a tidy text's cues as 'HH:MM:SS.mmm', and what stands below each timing; else nothing."""
    text = text.strip("\n").replace("</v>", "")
    head = HEAD.match(text)
    blocks = text[head.end() if head else 0 :].split("\n\n")
    named = "-->" not in blocks[0].partition("\n")[0]
    try:
        *_, timings, bodies = zip(*[block.split("\n", 1 + named) for block in blocks], strict=True)
    except ValueError:  # a part is missing somewhere
        return (), ()
    clocks = _clocks(timings)
    return (clocks, bodies) if clocks and text.count("-->") == len(timings) else ((), ())


def _clocks(timings: tuple[str, ...]) -> tuple[str, ...]:
    """Starts and ends in turn, all as 'HH:MM:SS.mmm'; empty when any is something else."""
    clocks = "\n".join(timings).replace(",", ".").replace(ARROW, "\n").split("\n")
    if len(clocks) != 2 * len(timings) or max(map(len, timings)) > TIMING_CHARS_MAX:
        return ()
    if min(map(len, clocks)) < len(CLOCK):
        clocks = [clock if len(clock) == len(CLOCK) else f"00:{clock}" for clock in clocks]
    rows = "\n".join(clocks)
    if rows.encode().translate(TO_ZEROS) != "\n".join([CLOCK] * len(clocks)).encode():
        return ()
    return tuple(clocks) if all(max(rows[at :: len(CLOCK) + 1]) < "6" for at in TENS) else ()
