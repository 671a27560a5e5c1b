"""The formats that a transcript is published in."""

import json
import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.cues import Cue, Cues
from generator.render.transcripts import Transcript
from tests.factories import cue

TALK = (
    cue(0.0, "Welcome.", speaker="Ada"),
    cue(2.5, "What is a log?", speaker="Ada"),
    cue(3723.25, "A list & nothing <more>.", speaker="Grace"),
)
LONG = " ".join(f"word{number}" for number in range(60))


def transcript(cues: Iterable[Cue]) -> Transcript:
    return Transcript(Cues.of(cues))


def vtt_lines(*cues: Cue) -> list[str]:
    return transcript(cues).vtt(language="en").decode().splitlines()


def srt_cards(*cues: Cue) -> list[list[str]]:
    """The lines of each card: its number, its times, its text."""
    return [card.splitlines() for card in transcript(cues).srt().decode().rstrip("\n").split("\n\n")]


def test_vtt_names_its_language_and_voices() -> None:
    assert vtt_lines(TALK[0]) == [
        "WEBVTT",
        "",
        "NOTE Language: en",
        "",
        "00:00:00.000 --> 00:00:02.500",
        "<v Ada>Welcome.",
    ]


def test_vtt_has_no_voice_without_a_speaker() -> None:
    assert vtt_lines(cue(text="Welcome."))[-1] == "Welcome."


def test_vtt_escapes_what_would_be_markup() -> None:
    assert vtt_lines(cue(text="a < b --> c & d", speaker="R<D"))[-1] == "<v R&lt;D>a &lt; b --&gt; c &amp; d"


def test_vtt_cues_are_blocks_apart_from_each_other() -> None:
    assert [block.splitlines()[0] for block in "\n".join(vtt_lines(*TALK)).split("\n\n")[2:]] == [
        "00:00:00.000 --> 00:00:02.500",
        "00:00:02.500 --> 00:00:05.000",
        "01:02:03.250 --> 01:02:05.750",
    ]


def test_vtt_lines_are_at_most_65_characters() -> None:
    texts = [re.sub(r"^<v [^>]*>", "", line) for line in vtt_lines(cue(text=LONG, speaker="Ada"))]
    assert 50 < max(map(len, texts)) <= 65


def test_line_breaks_of_a_caption_are_kept() -> None:
    assert vtt_lines(cue(text="- Ready?\n- Ready."))[-2:] == ["- Ready?", "- Ready."]


def test_srt_numbers_its_cards() -> None:
    assert [card[0] for card in srt_cards(*TALK)] == ["1", "2", "3"]


def test_srt_names_a_speaker_where_the_speaker_changes() -> None:
    assert [card[2:] for card in srt_cards(*TALK)] == [
        ["Ada: Welcome."],
        ["What is a log?"],
        ["Grace: A list & nothing <more>."],
    ]


def test_srt_keeps_times_to_the_millisecond() -> None:
    assert srt_cards(cue(3723.25, "Now.", end=3725.125))[0][1] == "01:02:03,250 --> 01:02:05,125"


def test_srt_cards_are_two_lines_of_32_characters() -> None:
    texts = [card[2:] for card in srt_cards(cue(text=LONG))]
    assert max(map(len, texts)) == 2
    assert max(len(line) for text in texts for line in text) <= 32


def test_srt_says_an_arrow_so_that_it_is_not_read_as_times() -> None:
    assert srt_cards(cue(text="to --> from"))[0][2] == "to -> from"


def test_a_long_cue_shares_its_time_among_its_cards() -> None:
    times = [card[1].split(" --> ") for card in srt_cards(cue(10.0, LONG, end=40.0))]
    assert (times[0][0], times[-1][1]) == ("00:00:10,000", "00:00:40,000")
    assert all(before[1] == after[0] for before, after in pairwise(times))


def test_a_script_without_spaces_is_cut_anywhere() -> None:
    assert "".join(line for card in srt_cards(cue(text="字" * 200)) for line in card[2:]) == "字" * 200


def test_json_is_the_podcast_namespaces() -> None:
    assert json.loads(transcript(TALK[:1]).json()) == {
        "version": "1.0.0",
        "segments": [{"speaker": "Ada", "startTime": 0.0, "endTime": 2.5, "body": "Welcome."}],
    }


def test_json_leaves_an_unknown_speaker_out() -> None:
    assert "speaker" not in json.loads(transcript([cue()]).json())["segments"][0]


def test_txt_reads_like_a_page() -> None:
    assert transcript(TALK).txt(title="On logs").decode() == (
        "On logs\n\nAda (0:00)\nWelcome. What is a log?\n\nGrace (1:02:03)\nA list & nothing <more>.\n"
    )


def test_a_paragraph_is_one_speakers_talk() -> None:
    told = [(paragraph.at, paragraph.speaker, paragraph.text) for paragraph in transcript(TALK).paragraphs]
    assert told == [(0, "Ada", "Welcome. What is a log?"), (3723, "Grace", "A list & nothing <more>.")]


def test_a_paragraph_keeps_its_start_beside_its_whole_second() -> None:
    (paragraph,) = transcript([cue(12.04)]).paragraphs
    assert (paragraph.start, paragraph.at) == (12.04, 12)


@pytest.mark.parametrize(("ending", "starts"), [(".", [0, 60, 120]), ("", [0, 120])])
def test_a_long_talk_is_cut_at_a_sentence_or_in_the_end_anywhere(ending: str, starts: list[int]) -> None:
    talk = [cue(3.0 * number, f"word{ending}", speaker="Ada") for number in range(50)]
    assert [paragraph.at for paragraph in transcript(talk).paragraphs] == starts


def test_a_dense_talk_is_cut_by_its_characters() -> None:
    talk = [cue(0.1 * number, "Ten words and more of talk.") for number in range(40)]
    assert max(len(paragraph.text) for paragraph in transcript(talk).paragraphs) < 600


@given(st.lists(st.tuples(st.floats(0, 9), st.sampled_from(["Ada", "Grace", ""])), max_size=60))
def test_no_two_paragraphs_have_the_same_address(turns: list[tuple[float, str]]) -> None:
    talk = [cue(start, speaker=speaker) for start, speaker in sorted(turns)]
    addresses = [paragraph.at for paragraph in transcript(talk).paragraphs]
    assert addresses == sorted(set(addresses))


@given(st.text(alphabet="abc 字\n", min_size=1, max_size=300))
def test_no_word_is_lost(text: str) -> None:
    shown = "".join(line for card in srt_cards(cue(text=text, end=9.0)) for line in card[2:])
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)
