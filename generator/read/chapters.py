"""Reads an episode's chapters out of what YAML made of the list; knows neither the file nor its lines."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite

from generator.model import Chapter
from generator.read import grammar
from generator.read.fields import nearest

TITLE_CHARACTERS_MAX = 255
KEYS = ("at", "title", "url", "image")
CLOCK = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-5]?[0-9])|([0-9]{1,4})):([0-5][0-9](?:\.[0-9]{1,6})?)")
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
HOW = "Write '03:15 Title', or { at: \"03:15\", title: Title }"

Report = Callable[[str, str, str], None]
"""Takes the place within the list ('[3]' is the fourth chapter, '[3].url' its url), the problem and the remedy."""


def parse(raw: object, *, seconds: float, problem: Report) -> tuple[Chapter, ...]:
    """The sound chapters of `raw`, a list of '03:15 Title' strings and {at, title, url, image} mappings, after every fault was reported.

    `seconds` is the length of the audio (infinite when unknown). `at` is in seconds, to the millisecond; YAML 1.1 reads a
    bare 11:02 as the number 662, which is just that. `image` is left as written.
    """
    if not isinstance(raw, list | tuple):
        problem("", "the chapters are not a list", HOW)
        return ()
    read = [(at, _chapter(item, _report_at(problem, f"[{at}]"))) for at, item in enumerate(raw)]
    placed = [(at, chapter) for at, chapter in read if chapter is not None]
    _check_order(placed, problem)
    chapters = tuple(chapter for _, chapter in placed)
    check_end(chapters, seconds=seconds, problem=lambda _, *fault: problem(f"[{_index(placed, fault)}]", *fault))
    return chapters
