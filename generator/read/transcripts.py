"""Reads a transcript (WebVTT or SRT, clean or messy) into cues; knows neither files nor what a page makes of the cues.

What `tidy_cues` cannot account for whole is read line by line.
"""

import re
from collections import Counter
from itertools import pairwise, takewhile
from math import inf

from generator.cues import Cue, Cues
from generator.errors import Problem
from generator.read.cue_text import BLANK, decoded, plain
from generator.read.tidy_cues import tidy_cues, timed

BYTES_MAX = 5_000_000
PROBLEMS_MAX = 20  # one wrong export setting spoils every line of a file; the first few tell it
LAST_CUE_SECONDS = 2.0  # a zero-length cue with none after it
LABEL_CHARS_MAX = 40
LABEL_CUES_MIN = 2
LABEL_SHARE_MIN = 0.02  # people are named at changes of turn; 'Remember: ...' twice in an hour is no speaker

TIME = r"(?:([0-9]{1,4}) *: *)?([0-9]{1,3}) *: *([0-9]{1,2})(?: *[.,] *([0-9]{1,9}))?"
TIMING = re.compile(rf" *{TIME} *(?:--?|[–—])> *{TIME}(?: .*)?")  # noqa: RUF001 (word processors make dashes of --)
ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?=[ \n]|$)")
VOICE = re.compile(r"<v(?:\.[^\s<>]*)? ([^<>]*)>")
SAID = re.compile(r"(?:<v [^<>]+>)?[^<>&{]*\w[^<>&{]*")  # nothing that might turn out to be markup
NOT_NAME = re.compile(
    r"a|also|answer|caution|conclusion|edit|example|fact|first|hint|important|lesson|note|p\.s|plus|ps|q|question|quote|"
    r"reminder|remember|rule|second|source|step|summary|third|tip|todo|topic|translation|update|warning",
    re.I,
)
PARTICLE = re.compile(r"\(.*|[0-9]+|al|and|bin|da|de|del|den|der|di|du|la|le|of|ten|van|von|y|&")
LABEL = re.compile(rf"([^:\n]{{1,{LABEL_CHARS_MAX}}}):[ \n]+(?=\S)")


def parse(raw: bytes, *, file: str) -> tuple[Cues, list[Problem]]:
    """The cues of a transcript and what is wrong with it; never raises, whatever the bytes are.

    Cues are sorted by start; start < end; none lasts beyond the next later start. Texts are plain, never empty,
    with their line breaks. Told apart by content, not by name. Source: WebVTT (W3C), section 6.1, made lenient.
    """
    if len(raw) > BYTES_MAX:
        problem = f"the transcript has {len(raw):,} bytes; {BYTES_MAX:,} are allowed"
        return Cues(), [Problem(file, 0, problem, "Check that the right file lies here")]
    text = decoded(raw)
    tidy = tidy_cues(text)
    if tidy and any(tidy.speakers) and tidy.in_order:
        return tidy, []
    cues, problems = (list(tidy), []) if tidy else messy_cues(text, file=file)
    if not cues and not problems:
        remedy = "Write cues in WebVTT or SRT: a line '00:00:01.000 --> 00:00:04.000', the text on the next"
        problems = [Problem(file, 1, "this is no transcript, it has no cue with text", remedy)]
    return Cues.of(in_order(with_labels(cues))), problems[:PROBLEMS_MAX]


def problems_of(raw: bytes, *, file: str) -> list[Problem]:
    """What `parse` would find wrong; a quick look tells that of most files."""
    if len(raw) <= BYTES_MAX:
        _, bodies = timed(decoded(raw))
        if bodies and SAID.fullmatch(bodies[0]):
            return []
    return parse(raw, file=file)[1]


def messy_cues(text: str, *, file: str) -> tuple[list[Cue], list[Problem]]:
    """Finds the timing lines; what stands between two of them is the first one's text and the second one's name."""
    lines = text.split("\n")
    vtt = text.lstrip(BLANK).startswith("WEBVTT")
    arrows = [(at, TIMING.fullmatch(line)) for at, line in enumerate(lines) if ">" in line]
    timings = [(at, match) for at, match in arrows if match or is_spoilt(lines[at])]
    cues: list[Cue] = []
    problems: list[Problem] = []
    for (at, match), (following, _) in pairwise([*timings, (len(lines), None)]):
        times = match and timing(match)
        if times:
            body = spoken(lines[at + 1 : following], vtt=vtt, last=following == len(lines))
            cues.extend(voices_of(body, times))
        else:
            problem = f"the times in '{lines[at].strip()[:60]}' cannot be read"
            problems.append(Problem(file, at + 1, problem, "Write them as '00:01:02.500 --> 00:01:04.000'"))
    return cues, problems


def is_spoilt(line: str) -> bool:
    """Whether a line that is no timing was meant to be one: WebVTT allows the arrow nowhere else."""
    return "-->" in line and not ASIDE.match(line)


def timing(match: re.Match[str]) -> tuple[float, float] | None:
    start, end = seconds(*match.group(1, 2, 3, 4)), seconds(*match.group(5, 6, 7, 8))
    return None if start is None or end is None else (start, end)


def seconds(hours: str | None, minutes: str, whole: str, fraction: str | None) -> float | None:
    """None where a part is too large. 60 seconds are a rounding slip of exporters; minutes alone may pass 59."""
    if int(whole) > 60 or (hours and int(minutes) > 59):
        return None
    thousandths = int((fraction or "").ljust(3, "0")[:3])
    return (((int(hours or 0) * 60 + int(minutes)) * 60 + int(whole)) * 1000 + thousandths) / 1000


def spoken(lines: list[str], *, vtt: bool, last: bool) -> str:
    """The text below a timing line, without the name or number of the cue that follows, notes and styles.

    A blank line ends the text in WebVTT; SRT in the wild has blank lines inside texts.
    """
    lines = [line.lstrip(" ") if line.strip() else "" for line in lines]
    touching = bool(lines and lines[-1]) and not last
    while lines and not lines[-1]:
        lines.pop()
    apart, number = len(lines) > 1 and not lines[-2], bool(lines) and lines[-1].isdecimal()
    if (touching and apart) or (touching and number) or (apart and number):
        lines.pop()
    if vtt:
        return "\n".join(takewhile(bool, lines))
    first, *others = "\n".join(lines).split("\n\n")
    return "\n".join([first, *(block for block in others if not ASIDE.match(block.lstrip("\n")))])


def voices_of(body: str, times: tuple[float, float]) -> list[Cue]:
    """One cue for each voice that says something."""
    pieces = VOICE.split(body)
    said = zip(["", *map(plain, pieces[1::2])], map(plain, pieces[::2]), strict=True)
    return [Cue(*times, words, speaker.replace("\n", " ")) for speaker, words in said if words]


def with_labels(cues: list[Cue]) -> list[Cue]:
    """Speakers out of 'Name: text', in files without voices.

    A label is up to four words that begin with a capital (or are a number, or 'van', 'de', ...), begins two cues at
    least and is no usual word before a colon ('Note'); and labels must begin one cue in fifty. The rest stays text.
    """
    if any(cue.speaker for cue in cues):
        return cues
    labels = [LABEL.match(cue.text) for cue in cues]
    found = Counter(match[1] for match in labels if match and is_name(match[1]))
    names = {label for label, times in found.items() if times >= LABEL_CUES_MIN}
    if sum(found[name] for name in names) < LABEL_SHARE_MIN * len(cues) or not names:
        return cues
    return [
        Cue(cue.start, cue.end, cue.text[match.end() :], bare(match[1])) if match and match[1] in names else cue
        for cue, match in zip(cues, labels, strict=True)
    ]


def is_name(label: str) -> bool:
    """
    >>> is_name("Dr. Ada van Dyke"), is_name("SPEAKER_00"), is_name("So the answer is"), is_name("Note")
    (True, True, False, False)
    """
    words = bare(label).split()
    if not 1 <= len(words) <= 4 or NOT_NAME.fullmatch(words[0].rstrip(".")):
        return False
    capitals = [word[0].isalpha() and not word[0].islower() for word in words]
    pairs = zip(words, capitals, strict=True)
    return capitals[0] and all(capital or PARTICLE.fullmatch(word) for word, capital in pairs)


def bare(label: str) -> str:
    return label.strip(BLANK + "[]-")


def in_order(cues: list[Cue]) -> list[Cue]:
    """Sorted by start, none empty, each ended by the next later start; a cue without length lasts until then."""
    repaired = []
    later = upcoming = inf
    for cue in sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start)[::-1]:
        if cue.start < upcoming:
            later, upcoming = upcoming, cue.start
        open_end = later if later < inf else round(cue.start + LAST_CUE_SECONDS, 3)
        end = cue.end if cue.end > cue.start else open_end
        repaired.append(Cue(cue.start, min(end, later), cue.text, cue.speaker))
    return repaired[::-1]
