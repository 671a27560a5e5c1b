"""Reads an episode's chapters out of what YAML made of the list; knows neither the file nor its lines."""

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise

from generator.model import Chapter
from generator.read import grammar
from generator.read.fields import nearest

TITLE_CHARACTERS_MAX = 255
AT_MAX = 1e7  # seconds; no audio is that long
KEYS = ("at", "title", "url", "image")
CLOCK = re.compile(r"(?:([0-9]{1,3}):([0-5]?[0-9])|([0-9]{1,4})):([0-5][0-9])(?:\.([0-9]{1,6}))?")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
EXAMPLE = "Write '03:15 Title' or { at: \"03:15\", title: Title }"

Report = Callable[[str, str, str], None]
"""Takes the place in the list ('[3]' for the fourth chapter, '[3].url' for its url), the problem and the remedy."""


def parse(raw: object, *, seconds: float, problem: Report) -> tuple[Chapter, ...]:
    """The sound chapters of a list of '03:15 Title' texts and {at, title, url, image} mappings; each fault is reported.

    `seconds` is the length of the audio, infinite when unknown. `at` comes out in seconds, to the millisecond; a bare
    11:02 is the number 662 in YAML 1.1, which is just that. `image` is left as written.
    """
    if not isinstance(raw, list | tuple):
        problem("", "the chapters are no list", EXAMPLE)
        return ()
    read = [(f"[{k}]", _chapter(item, f"[{k}]", problem)) for k, item in enumerate(raw)]
    chapters = [(place, chapter) for place, chapter in read if chapter is not None]
    _check_order(chapters, first=read[0][1] if read else None, problem=problem)
    for place, chapter in chapters:
        check_end(chapter, seconds=seconds, report=partial(problem, place))
    return tuple(chapter for _, chapter in chapters)


def check_end(chapter: Chapter, *, seconds: float, report: grammar.Report) -> None:
    if chapter.at >= seconds:
        what = f"the chapter at {clock(chapter.at)} begins after the end of the audio ({clock(seconds)})"
        report(what, "Correct its time")


def clock(seconds: float) -> str:
    """
    >>> clock(540), clock(3723.5)
    ('9:00', '1:02:03.5')
    """
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    front = f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"{minutes}"
    return f"{front}:{rest:02}" + (f".{milliseconds:03}".rstrip("0") if milliseconds else "")


def _chapter(item: object, place: str, problem: Report) -> Chapter | None:
    if isinstance(item, dict):
        return _from_mapping(item, place, problem)
    if not isinstance(item, str):
        problem(place, f"'{item}' is no chapter with a title", EXAMPLE)
        return None
    time, title = (*item.split(None, 1), "", "")[:2]
    at = _time(time, place, problem)
    return None if at is None else _from_mapping({"at": at, "title": title}, place, problem)


def _from_mapping(fields: dict[object, object], place: str, problem: Report) -> Chapter | None:
    if meant := _split_at_a_colon(fields):
        problem(place, "the title has a colon, which is YAML's own", f'Put the whole in quotes: "{meant}"')
        return None
    if unknown := [str(key) for key in fields if key not in KEYS]:
        for key in unknown:
            problem(place, f"'{key}' is not a field of a chapter", nearest(key, KEYS))
        return None
    at = _time(fields.get("at", ""), f"{place}.at", problem)
    title = _title(fields.get("title", ""), f"{place}.title", problem)
    url = _address(fields.get("url", ""), f"{place}.url", problem)
    image = fields.get("image", "")
    if not isinstance(image, str):
        problem(f"{place}.image", "'image' is no text", "Write image: media/name.jpg")
    if at is None or title is None or url is None or not isinstance(image, str):
        return None
    return Chapter(at=at, title=title, url=url, image=image)


def _split_at_a_colon(fields: dict[object, object]) -> str:
    """'03:15 What: a title' is a mapping to YAML; gives it back as it was meant, '' for other mappings."""
    key = next(iter(fields), None)
    if len(fields) == 1 and isinstance(key, str) and CLOCK.fullmatch(key.partition(" ")[0]):
        return f"{key}: {fields[key]}"
    return ""


def _time(at: object, place: str, problem: Report) -> float | None:
    """Seconds, to the millisecond."""
    number = _from_clock(at) if isinstance(at, str) else at
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < AT_MAX:
        return round(float(number), 3)
    problem(place, f"'{at}' is no time for a chapter" if at != "" else "the chapter has no time", EXAMPLE)
    return None


def _from_clock(text: str) -> float | None:
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, minutes_alone, seconds, fraction = match.groups("0")
    return (int(hours) * 60 + int(minutes) + int(minutes_alone)) * 60 + int(seconds) + float(f"0.{fraction}")


def _title(title: object, place: str, problem: Report) -> str | None:
    if not isinstance(title, str):
        problem(place, f"the title '{title}' is no text", "Put it in quotes")
        return None
    title = " ".join(title.split())
    if not title:
        problem(place, "the chapter has no title", EXAMPLE)
    elif len(title) > TITLE_CHARACTERS_MAX:
        problem(place, f"the title has {len(title)} characters", f"Keep it to {TITLE_CHARACTERS_MAX}")
    elif UNPRINTABLE.search(title):
        problem(place, "the title has a control character", "Remove it")
    else:
        return title
    return None


def _address(url: object, place: str, problem: Report) -> str | None:
    if url == "" or (isinstance(url, str) and grammar.WEB.fullmatch(url)):
        return str(url)
    problem(place, f"'{url}' is not a web address", "Write it whole, beginning with https://")
    return None


def _check_order(chapters: list[tuple[str, Chapter]], *, first: Chapter | None, problem: Report) -> None:
    if first is not None and first.at:
        problem("[0]", f"the first chapter begins at {clock(first.at)}, not at 00:00", "Begin with a chapter at 00:00")
    for (_, before), (place, chapter) in pairwise(chapters):
        if chapter.at == before.at:
            problem(place, f"two chapters begin at {clock(chapter.at)}", "Correct the time of one of them")
        elif chapter.at < before.at:
            what = f"the chapter at {clock(chapter.at)} stands after that at {clock(before.at)}"
            problem(place, what, "Sort the chapters by time")
