"""Writes the content of a show that has run for very long: large, invented, the same at every run; knows no output.

The sizes are those of a real interview show: about 2 kB of notes and 100 kB of transcript in 1,200 cues an episode.
"""

import datetime as dt
import itertools
import random
from pathlib import Path

from msgspec import Struct

from tests.bench.words import Talk

SEED = 20120102
FIRST_DAY = dt.datetime(2012, 1, 1, 6, tzinfo=dt.UTC)
BYTES_A_SECOND = 16_000
CUES = 1_200
CUES_A_TURN = 7
CHAPTERS = 12
LINKS = 8
GUESTS_AN_EPISODE = 2
TOPICS_AN_EPISODE = 4
PEOPLE_WITH_FILES_MAX = 200
TOPIC_NAMES = (
    "access advertising apis archives art batteries biology books bridges browsers cameras careers chemistry "
    "cities climate clocks coffee community contracts craft cycling dance dictionaries electricity email energy "
    "ethics farming fiction film finance flight fonts forests gardens health history housing ice insurance "
    "journalism law libraries lighthouses local-radio maps medicine meetings microphones museums oceans painting "
    "payments philosophy radio rail rivers robotics sleep sound weather"
)
TOPICS = tuple(TOPIC_NAMES.split())
SITE = """\
[site]
title = "Long Run"
url = "https://long-run.example"
language = "en"
description = "An invented archive, made to be measured."

[show]
title = "Long Run"
description = "An invented archive, made to be measured."
author = "Long Run Radio"
owner = { name = "Long Run Radio", email = "owner@long-run.example" }
categories = [["Technology"]]
explicit = false
type = "episodic"
artwork = "https://media.example/artwork.jpg"
guid = "5d0d3a5e-4e0a-5b5e-8f0e-2d1c7a9b6c31"
locked = true
hosts = ["guest-0000"]

[feed]
items = 1000
full_notes = 100

[media]
base_url = "https://media.example/"
"""


class Written(Struct, frozen=True):
    """An episode that now stands in the content folder."""

    number: int
    path: Path
    guests: tuple[str, ...]
    topics: tuple[str, ...]


class Archive:
    """A content folder for `episodes` episodes; each of them depends on its number alone."""

    def __init__(self, content: Path, episodes: int) -> None:
        self._content = content
        self._episodes = episodes
        self._people = [f"guest-{number:04d}" for number in range(max(GUESTS_AN_EPISODE + 1, episodes // 2))]
        self._talk = Talk(SEED)

    def write(self) -> None:
        _write(self._content / "site.toml", SITE)
        for person in self._people[:PEOPLE_WITH_FILES_MAX]:
            text = f"---\nname: {_name(person)}\n---\n{self._talk.sentence(30)}.\n"
            _write(self._content / "people" / f"{person}.md", text)
        for number in range(1, self._episodes + 1):
            self.write_episode(number)

    def write_episode(self, number: int) -> Written:
        """The episode with that number, published `number` days after the first."""
        chance = random.Random(SEED + number)
        self._talk.start(chance.randrange(1_000_000))
        guests = tuple(chance.sample(self._people, GUESTS_AN_EPISODE))
        topics = tuple(chance.sample(TOPICS, TOPICS_AN_EPISODE))
        seconds = chance.randrange(1800, 5400)
        slug = self._talk.say(4).lower().replace(" ", "-")
        path = self._content / "episodes" / f"{number:04d}-{slug}.md"
        head = self._head(number, f"{number:04d}-{slug}.mp3", seconds=seconds, guests=guests, topics=topics)
        _write(path, f"---\n{head}---\n{self._notes(number)}")
        speakers = ("Host", _name(guests[0]))
        _write(path.with_suffix(".vtt"), transcript(self._talk, seconds, speakers=speakers))
        return Written(number, path, guests, topics)

    def _head(self, number: int, audio: str, *, seconds: int, guests: tuple[str, ...], topics: tuple[str, ...]) -> str:
        talk = self._talk
        chapters = [f"  - {_clock(seconds * k // CHAPTERS)} {talk.sentence(5)}\n" for k in range(CHAPTERS)]
        links = [
            f"  - {{ title: {talk.sentence(4)}, url: 'https://reading.example/{number}/{k}' }}\n" for k in range(LINKS)
        ]
        published = FIRST_DAY + dt.timedelta(days=number)
        return (
            f"number: {number}\ntitle: {talk.sentence(6)}\ndate: {published.isoformat()}\n"
            f"summary: {talk.sentence(30)}.\n"
            f"audio: {{ url: 'https://media.example/{audio}', bytes: {seconds * BYTES_A_SECOND}, seconds: {seconds}, "
            f"type: audio/mpeg }}\n"
            f"guests: [{', '.join(guests)}]\ntopics: [{', '.join(topics)}]\n"
            f"chapters:\n{''.join(chapters)}links:\n{''.join(links)}"
        )

    def _notes(self, number: int) -> str:
        return "\n".join(self._part(f"https://notes.example/{number}/{k}") for k in range(3))

    def _part(self, url: str) -> str:
        talk = self._talk
        items = "".join(f"* {talk.say(count)}\n" for count in (6, 7, 5))
        prose = f"{talk.sentence(70)} [{talk.say(3)}]({url}) **{talk.say(2)}** `{talk.say(1)}`."
        return f"## {talk.sentence(5)}\n\n{prose}\n\n{items}"


def transcript(talk: Talk, seconds: int, *, speakers: tuple[str, str]) -> str:
    """A WebVTT file in which two take turns."""
    step = seconds / CUES
    turn = itertools.cycle([speakers[0]] * CUES_A_TURN + [speakers[1]] * CUES_A_TURN)
    cues = (
        f"\n{_stamp(k * step)} --> {_stamp((k + 0.95) * step)}\n<v {next(turn)}>{talk.sentence(7)}.\n"
        for k in range(CUES)
    )
    return "WEBVTT\n" + "".join(cues)


def _name(person: str) -> str:
    return person.replace("-", " ").title()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _stamp(seconds: float) -> str:
    return f"{_clock(int(seconds))}.{int(seconds % 1 * 1000):03d}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
