"""Reads a transcript (WebVTT or SRT, clean or messy) into cues; knows neither files nor what a page makes of the cues.

A tidy file is read by one regular expression; whatever that does not account for whole is read line by line.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from functools import lru_cache
from html import unescape
from itertools import pairwise, takewhile
from math import inf

from generator.cues import Cue, Cues
from generator.errors import Problem

BYTES_MAX = 5_000_000
PROBLEMS_MAX = 20  # one wrong export setting spoils every line of a file; the first few tell it
LAST_CUE_SECONDS = 2.0  # a zero-length cue with none after it
LABEL_CHARS_MAX = 40
LABEL_CUES_MIN = 2
LABEL_SHARE_MIN = 0.02  # people are named at changes of turn; 'Remember: ...' twice in an hour is no speaker
CONTROL_BYTES = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]+")
BLANK = "".join(
    map(chr, [0x0A, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000])
)
LINE_END = re.compile(r"(?<! ) +$", re.M)

TIDY_HEAD = re.compile(r"(?:(?:WEBVTT|NOTE|STYLE|REGION)(?=[ \n]|$).*(?:\n.+)*\n*)*")
TIDY_CUE = re.compile(
    r"(?:\S.*\n)??(.{5,8})[.,](...) --> (.{5,8})[.,](...)(?: .*)?\n"  # name or number, times, settings
    r"(?:<v ([^<>\n]+)>)?(\S.*(?:\n\S.*)*)\n*"  # speaker, text
    r"|((?s:.+))"  # what is left over: not tidy
)
TIDY_CLOCK = re.compile(r"(?:[0-9]{2}:)?[0-5][0-9]:[0-5][0-9]")
PLAIN_CLOCK = r"(?:[0-9]{2}:)?[0-5][0-9]:[0-5][0-9][.,][0-9]{3}"
PLAIN_CUE = (
    rf"(?:[^\s>][^>\n]*\n)??{PLAIN_CLOCK} --> {PLAIN_CLOCK}(?: [^>\n]*)?\n"
    r"(?:<v [^<>\n]+>)?(?:[^\s>][^>\n]*+\n?)++\n*+"
)
PLAIN_FILE = re.compile(rf"WEBVTT[^>\n]*\n\n+(?:{PLAIN_CUE})++")  # of most files a look shows that nothing is wrong
VISIBLE = re.compile(r"--> .*\n(?:<v [^<>\n]+>)?\w")

TIME = r"(?:([0-9]{1,4}) *: *)?([0-9]{1,3}) *: *([0-9]{1,2})(?: *[.,] *([0-9]{1,9}))?"
TIMING = re.compile(rf" *{TIME} *(?:--?|[–—])> *{TIME}(?: .*)?")  # noqa: RUF001 (word processors make dashes of --)
ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?=[ \n]|$)")
VOICE = re.compile(r"<v(?:\.[^\s<>]*)? ([^<>]*)>")
BREAK = re.compile(r"<br ?/?>", re.I)
TAG = re.compile(
    r"</?(?:c|i|b|u|s|v|ruby|rt|rp|lang|font|span|em|strong|p|div)(?:[.\s/][^<>]*)?>"  # WebVTT's, and HTML's in SRT
    r"|<[0-9:.]+>"  # karaoke time stamps
    r"|\{\\[^{}\n]*\}",  # SubStation effects
    re.I,
)
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
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
    if len(raw) <= BYTES_MAX and b"&" not in raw and _is_plain(decoded(raw)):
        return []
    return parse(raw, file=file)[1]


def _is_plain(text: str) -> bool:
    text = text.replace("</v>", "")
    return bool(PLAIN_FILE.fullmatch(text) and VISIBLE.search(text))


def decoded(raw: bytes) -> str:
    """The text with line feeds as line ends, no spaces before them and no other control character."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        text = raw.decode("utf-16", "replace")
    else:
        text = from_utf8(raw.removeprefix(BOM_UTF8))
    # Two quick looks spare most files the slow search: at the bytes if all are ASCII, else at the characters.
    ascii_only = text.isascii() and len(raw.translate(None, CONTROL_BYTES)) == len(raw)
    if not (ascii_only or text.replace("\n", "").isprintable()):
        text = CONTROL.sub("", text)
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\t", " ")
    return LINE_END.sub("", text) if " \n" in text else text


def from_utf8(raw: bytes) -> str:
    """Damaged UTF-8 keeps its sound characters; bytes with no sound one but ASCII are taken for Windows' code page."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        repaired = raw.decode(errors="replace")
        return raw.decode("cp1252", "replace") if repaired.replace("\ufffd", "").isascii() else repaired


def tidy_cues(text: str) -> Cues | None:
    """The cues, or None when anything in the text needs a closer look."""
    text = text.strip("\n").replace("</v>", "")
    head = TIDY_HEAD.match(text)
    rows = TIDY_CUE.findall(text, head.end() if head else 0)
    if not rows or rows[-1][6] or text.count("-->") != len(rows):
        return None
    starts, start_thousandths, ends, end_thousandths, speakers, texts, _ = zip(*rows, strict=True)
    if "&" in text or "{" in text or text.count("<") > len(speakers) - speakers.count(""):
        if text.count("<v") != len(speakers) - speakers.count(""):
            return None
        speakers, texts = tuple(map(plain, speakers)), tuple(map(plain, texts))
    if not text.isascii():  # the others' blanks were seen to by `decoded`
        texts = tuple(words.strip(BLANK) for words in texts)
    thousandths = "".join(start_thousandths + end_thousandths)
    if not (thousandths.isascii() and thousandths.isdecimal()):
        return None
    try:
        starts, ends = tuple(map(tidy_clock, starts)), tuple(map(tidy_clock, ends))
    except KeyError:
        return None
    return Cues(starts, start_thousandths, ends, end_thousandths, texts, tuple(map(name, speakers)))


class _TidyClocks(dict[str, str]):
    """'02:03' or '01:02:03' as 'HH:MM:SS'; KeyError for anything else. One entry per second of the longest episode."""

    def __missing__(self, written: str) -> str:
        if not TIDY_CLOCK.fullmatch(written):
            raise KeyError(written)
        self[written] = written if len(written) == 8 else f"00:{written}"
        return self[written]


tidy_clock = _TidyClocks().__getitem__


@lru_cache(maxsize=1 << 10)
def name(speaker: str) -> str:
    return speaker.strip(BLANK)


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


def plain(text: str) -> str:
    """
    >>> plain("<i>Q&amp;A</i><br>at 5 &lt; 6")
    'Q&A\\nat 5 < 6'
    """
    if "<" in text or "{" in text:
        text = TAG.sub("", BREAK.sub("\n", text))
    if "&" in text:
        text = ENTITY.sub(lambda entity: unescape(entity[0]), text)
        text = CONTROL.sub("", text.replace("\r", "\n").replace("\t", " "))
    if "\n" in text:
        text = "\n".join(filter(None, (line.strip(" ") for line in text.split("\n"))))
    return text.strip(BLANK)


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
