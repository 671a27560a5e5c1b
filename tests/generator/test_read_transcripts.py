"""Transcripts as they are found in the wild become clean cues; what is no transcript is reported with its line."""

import random
import unicodedata
from collections.abc import Callable
from html import escape
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.cues import Cue, Cues
from generator.errors import Problem
from generator.read import transcripts
from generator.read.cue_text import decoded
from generator.read.tidy_cues import tidy_cues

WORD = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="{"), min_size=1, max_size=8)
LINE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
TEXT = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
MESSES = [
    "commas",
    "empty cues",
    "names",
    "notes",
    "numbers",
    "out of order",
    "settings",
    "short times",
    "spaces",
    "styles",
    "tags",
]
PAUSE_AND_LENGTH = st.tuples(st.integers(0, 700_000), st.integers(1, 9_000))
FRAGMENTS = [
    "WEBVTT",
    "\n",
    "\n\n",
    "\r\n",
    "00:01.000",
    "00:00:02,5",
    "99:99",
    " --> ",
    " -> ",
    "<v A>",
    "<v ",
    ">",
    "</v>",
]
FRAGMENTS += [
    "<i>",
    "NOTE x",
    "STYLE",
    "7",
    "Ada: ",
    "a word",
    "&#7;",
    "&lt;",
    "&nbsp;",
    "\x07",
    "\x85",
    "\ufeff",
    "\t",
    " ",
    "{\\an8}",
]


def read(text: str) -> tuple[Cue, ...]:
    cues, problems = transcripts.parse(text.encode(), file="a.vtt")
    assert problems == []
    return tuple(cues)


def texts(text: str) -> list[str]:
    return [cue.text for cue in read(text)]


def times(text: str) -> list[tuple[float, float]]:
    return [(cue.start, cue.end) for cue in read(text)]


def problems(raw: bytes) -> list[Problem]:
    return transcripts.parse(raw, file="a.vtt")[1]


def cue(text: str, *, at: str = "00:00:01.000 --> 00:00:02.000") -> str:
    return f"WEBVTT\n\n{at}\n{text}\n"


# The same cues, however they were written


@st.composite
def talks(draw: st.DrawFn) -> list[Cue]:
    """Cues in order, each with a speaker, at times in whole milliseconds."""
    talk, at = [], 0
    for pause, length in draw(st.lists(PAUSE_AND_LENGTH, min_size=1, max_size=12)):
        start, at = at + pause, at + pause + length
        talk.append(Cue(start / 1000, at / 1000, draw(TEXT), draw(LINE)))
    return talk


def clock(seconds: float, *, short: bool) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    hours = "" if short and whole < 3600 else f"{whole // 3600:02}:"
    return f"{hours}{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


def block(cue: Cue, messes: set[str]) -> str:
    """A cue as WebVTT, with the wished messes within it."""
    short = "short times" in messes
    times = f"{clock(cue.start, short=short)} --> {clock(cue.end, short=short)}"
    if "commas" in messes:
        times = times.replace(".", ",")
    if "settings" in messes:
        times += " align:start position:10%"
    tags = ("<i.loud>", "</i></v>") if "tags" in messes else ("", "")
    name = "7\n" if "numbers" in messes else "cue of the day\n" if "names" in messes else ""
    return f"{name}{times}\n<v {escape(cue.speaker)}>{tags[0]}{escape(cue.text)}{tags[1]}"


def written(talk: list[Cue], messes: set[str]) -> str:
    blocks = [block(cue, messes) for cue in talk]
    if "out of order" in messes:
        random.Random(len(talk)).shuffle(blocks)
    if "empty cues" in messes:
        blocks = [part for block in blocks for part in (block, "00:00:09.000 --> 00:00:09.500")]
    if "notes" in messes:
        blocks = [part for block in blocks for part in ("NOTE an aside\nof two lines", block)]
    if "styles" in messes:
        blocks.insert(0, "STYLE\n::cue { color: red }")
    text = "\n\n".join(["WEBVTT", *blocks]) + "\n"
    return text.replace("\n", " \t\n ") if "spaces" in messes else text


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "with a byte order mark": lambda text: text.encode("utf-8-sig"),
    "of Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "of old": lambda text: text.replace("\n", "\r").encode(),
    "twice converted": lambda text: text.replace("\n", "\r\r\n").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
}


@settings(deadline=None)
@given(talks(), st.sets(st.sampled_from(MESSES)), st.sampled_from(sorted(ENCODINGS)))
def test_cues_come_back_from_any_mess(talk: list[Cue], messes: set[str], encoding: str) -> None:
    raw = ENCODINGS[encoding](written(talk, messes))
    assert transcripts.parse(raw, file="a.vtt") == (Cues.of(talk), [])


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join).map(str.encode)))
def test_whatever_the_bytes_cues_are_in_order_with_plain_text(raw: bytes) -> None:
    cues, found = transcripts.parse(raw, file="a.vtt")
    assert cues or found
    assert all(a.start <= b.start and (a.end <= b.start or a.start == b.start) for a, b in pairwise(cues))
    for cue in cues:
        assert 0 <= cue.start < cue.end
        assert cue.text.strip()
        assert "\n" not in cue.speaker
        said = (cue.text + cue.speaker).replace("\n", "")
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in said)


# Times


@given(talks(), st.sets(st.sampled_from(MESSES)), st.lists(st.sampled_from(FRAGMENTS), max_size=6))
def test_columns_are_read_as_lines_are(talk: list[Cue], messes: set[str], fragments: list[str]) -> None:
    text = decoded((written(talk, messes) + "".join(fragments)).encode())
    columns = tidy_cues(text)
    assert columns is None or ([cue for cue in columns if cue.text], []) == transcripts.messy_cues(text, file="a.vtt")


@given(talks(), st.sets(st.sampled_from(MESSES)), st.lists(st.sampled_from(FRAGMENTS), max_size=6))
def test_the_quick_look_finds_what_reading_finds(talk: list[Cue], messes: set[str], fragments: list[str]) -> None:
    raw = (written(talk, messes) + "".join(fragments)).encode()
    assert transcripts.problems_of(raw, file="a.vtt") == problems(raw)


@pytest.mark.parametrize("messes", [set(), {"commas", "numbers"}, {"short times"}, {"names"}, {"tags"}, {"styles"}])
def test_what_programs_write_is_read_in_columns(messes: set[str]) -> None:
    talk = [Cue(n, n + 1, "Well,\nso be it.", "Ada") for n in range(3)]
    assert tidy_cues(decoded(written(talk, messes).encode())) == Cues.of(talk)


def test_minutes_may_stand_without_hours_and_parts_without_zeros() -> None:
    assert times(cue("x", at="75:01.5 --> 1:15:03")) == [(4501.5, 4503)]


def test_a_time_without_an_arrow_borrows_none_from_the_next() -> None:
    talk = "WEBVTT\n\n00:00:01.000\nOne\n\n00:00:02.000 --> 00:00:03.000 --> 00:00:04.000\nTwo\n"
    assert times(talk) == [(2, 3)]


def test_spaces_within_times_and_dashes_for_arrows_are_read() -> None:
    assert times("1\n00: 00: 01, 500 \u2013> 00:00:02,000\nx\n") == [(1.5, 2)]


def test_a_cue_without_length_ends_where_the_next_begins() -> None:
    assert times("WEBVTT\n\n00:01.000 --> 00:01.000\na\n\n00:05.000 --> 00:06.000\nb\n") == [(1, 5), (5, 6)]


def test_a_last_cue_without_length_gets_two_seconds() -> None:
    assert times(cue("x", at="00:01.000 --> 00:01.000")) == [(1, 3)]


def test_a_cue_that_ends_before_it_begins_ends_where_the_next_begins() -> None:
    assert times("WEBVTT\n\n00:03.000 --> 00:01.000\na\n\n00:05.000 --> 00:06.000\nb\n") == [(3, 5), (5, 6)]


def test_overlapping_cues_are_cut_where_the_next_begins() -> None:
    assert times("WEBVTT\n\n00:01.000 --> 00:09.000\na\n\n00:05.000 --> 00:06.000\nb\n") == [(1, 5), (5, 6)]


def test_two_cues_at_one_time_both_keep_their_length() -> None:
    assert times("WEBVTT\n\n00:01.000 --> 00:04.000\na\n\n00:01.000 --> 00:04.000\nb\n") == [(1, 4), (1, 4)]


# Text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<b>Loud</b> and <c.red>red</c>", "Loud and red"),
        ("One <00:00:01.500>by <c> one</c>", "One by  one"),
        ("{\\an8}Above", "Above"),
        ("one<br>two", "one\ntwo"),
        ('<font color="red">Red</font>', "Red"),
        ("Tom &amp; Jerry&#39;s &quot;day&quot;", 'Tom & Jerry\'s "day"'),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("a List<String> and a < b", "a List<String> and a < b"),
        ("AT&T?a=1&copy=2", "AT&T?a=1&copy=2"),
        ("a bell \x07 and &#7; another", "a bell  and  another"),
    ],
)
def test_markup_becomes_plain_text(written: str, plain: str) -> None:
    assert texts(cue(written)) == [plain]


def test_cues_without_a_visible_word_are_dropped() -> None:
    assert texts(cue("Hello") + "\n00:03.000 --> 00:04.000\n&nbsp;<i> </i>\n") == ["Hello"]


def test_a_blank_line_ends_the_text_in_webvtt() -> None:
    assert texts(cue("Hello\n\nsomething that is no cue")) == ["Hello"]


def test_a_blank_line_within_a_text_of_srt_is_no_end() -> None:
    assert texts("1\n00:00:01,000 --> 00:00:02,000\nHello\n\nagain\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n") == [
        "Hello\nagain",
        "Bye",
    ]


def test_numbers_of_cues_are_no_text_where_blank_lines_are_missing() -> None:
    assert texts("1\n00:00:01,000 --> 00:00:02,000\nHello\n2\n00:00:03,000 --> 00:00:04,000\nBye\n") == ["Hello", "Bye"]


def test_a_number_that_is_said_stays() -> None:
    assert texts("1\n00:00:01,000 --> 00:00:02,000\nThe answer?\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n") == [
        "The answer?\n42",
        "42",
    ]


def test_bytes_of_windows_are_read_as_such() -> None:
    cues, _ = transcripts.parse(cue("Café “au lait”").encode("cp1252"), file="a.vtt")
    assert [cue.text for cue in cues] == ["Café “au lait”"]


def test_a_broken_byte_costs_only_its_own_character() -> None:
    cues, _ = transcripts.parse(cue("Café ?u lait").encode().replace(b"?", b"\xff"), file="a.vtt")
    assert [cue.text for cue in cues] == ["Café \ufffdu lait"]


def test_a_tidy_voice_that_talks_into_the_next_is_cut_there() -> None:
    talk = "WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Ada>One\n\n00:00:03.000 --> 00:00:06.000\n<v Grace>Two\n"
    assert times(talk) == [(1.0, 3.0), (3.0, 6.0)]


# Speakers


def test_each_voice_in_a_cue_is_a_cue() -> None:
    cues = read(cue("<v.loud Ada>Well?</v>\n<v Bob &amp; Co>No."))
    assert [(cue.start, cue.speaker, cue.text) for cue in cues] == [(1, "Ada", "Well?"), (1, "Bob & Co", "No.")]


def spoken(*lines: str) -> list[tuple[str, str]]:
    body = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{line}\n\n" for n, line in enumerate(lines, 1))
    return [(cue.speaker, cue.text) for cue in read(body)]


def test_names_before_a_colon_are_speakers_when_they_recur() -> None:
    assert spoken("Ada van Dyke: Hello.", "[SPEAKER_01]: Hi.", "Ada van Dyke:\nHow?", "[SPEAKER_01]: So.") == [
        ("Ada van Dyke", "Hello."),
        ("SPEAKER_01", "Hi."),
        ("Ada van Dyke", "How?"),
        ("SPEAKER_01", "So."),
    ]


@pytest.mark.parametrize("label", ["Note", "So the point is", "https", "Question", "It was 12"])
def test_words_before_a_colon_that_are_no_name_stay_text(label: str) -> None:
    assert spoken(f"{label}: one", f"{label}: two", "three") == [
        ("", f"{label}: one"),
        ("", f"{label}: two"),
        ("", "three"),
    ]


def test_a_name_before_a_colon_that_does_not_recur_stays_text() -> None:
    assert spoken("Hello.", "London: a city.", "Bye.")[1] == ("", "London: a city.")


def test_labels_stay_text_where_voices_are_tagged() -> None:
    assert [line for _, line in spoken("<v Ada>Rome: yes.", "Rome: no.", "Rome: well.")] == [
        "Rome: yes.",
        "Rome: no.",
        "Rome: well.",
    ]


# Problems


@pytest.mark.parametrize(
    "raw", [b"", b"WEBVTT\n", b"The minutes of a meeting.\n", b'{"segments": []}', b"\x00\xff\x00"]
)
def test_what_is_no_transcript_is_reported(raw: bytes) -> None:
    (problem,) = problems(raw)
    assert str(problem).startswith("a.vtt:1: this is no transcript")


@pytest.mark.parametrize(
    "timing", ["00:01.000 --> soon", "00:75:00.000 --> 00:76:00.000", "00:01.000 -->", "x --> 00:00:02.000"]
)
def test_a_time_that_cannot_be_read_is_reported_with_its_line(timing: str) -> None:
    (problem,) = problems(f"WEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\nHello\r\n\r\n{timing}\r\nBye\r\n".encode())
    assert problem.line == 6
    assert timing.strip() in problem.problem


def test_the_cues_around_an_unreadable_time_are_read() -> None:
    cues, _ = transcripts.parse(
        (cue("a") + "\n00:03.000 --> soon\nb\n\n00:05.000 --> 00:06.000\nc\n").encode(), file="a.vtt"
    )
    assert [cue.text for cue in cues] == ["a", "c"]


def test_a_file_too_large_is_reported_and_not_read() -> None:
    cues, (problem,) = transcripts.parse(b" " * (transcripts.BYTES_MAX + 1), file="a.vtt")
    assert not cues
    assert "5,000,001 bytes" in problem.problem


def test_a_file_of_faults_names_the_first_twenty() -> None:
    assert [problem.line for problem in problems(b"a --> b\n" * 500)] == list(range(1, 21))
