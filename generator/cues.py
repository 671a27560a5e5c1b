"""A transcript's cues, side by side as there are a thousand in each: their times stay the text they were read as."""

from collections.abc import Iterable, Iterator, Sequence
from operator import le, lt

from msgspec import Struct


class Cue(Struct, frozen=True, array_like=True):
    """A caption: start and end in seconds, text with line breaks kept, the speaker or ''."""

    start: float
    end: float
    text: str
    speaker: str = ""


class Cues(Struct, frozen=True):
    """The nth of each is the nth cue's: start and end as 'HH:MM:SS.mmm', text and speaker."""

    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    @classmethod
    def of(cls, cues: Iterable[Cue]) -> "Cues":
        rows = [(clock(cue.start), clock(cue.end), cue.text, cue.speaker) for cue in cues]
        return cls(*zip(*rows, strict=True)) if rows else cls()

    def __iter__(self) -> Iterator[Cue]:
        return map(Cue, map(seconds, self.starts), map(seconds, self.ends), self.texts, self.speakers)

    def __len__(self) -> int:
        return len(self.texts)

    def start(self, n: int) -> float:
        """In seconds."""
        return seconds(self.starts[n])

    def end(self, n: int) -> float:
        """In seconds."""
        return seconds(self.ends[n])

    @property
    def in_order(self) -> bool:
        """Whether each has a text, ends after its start and no later than the next one starts. Takes hours of two digits."""
        return all(self.texts) and all(map(lt, self.starts, self.ends)) and all(map(le, self.ends, self.starts[1:]))


class _WholeSeconds(dict[str, str]):
    """'3723' by '01:02:03': a show's cues have few different ones."""

    def __missing__(self, clock: str) -> str:
        hours, minutes, seconds = map(int, clock.split(":"))
        self[clock] = str((hours * 60 + minutes) * 60 + seconds)
        return self[clock]


_whole_seconds = _WholeSeconds().__getitem__


def clock(seconds: float) -> str:
    """
    >>> clock(3723.5)
    '01:02:03.500'
    """
    whole, thousandths = divmod(int(seconds * 1000 + 0.5), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"


def decimals(clocks: Sequence[str]) -> tuple[list[str], list[str]]:
    """Whole seconds and the thousandths behind their point.

    >>> decimals(("01:02:03.500", "00:00:00.025"))
    (['3723', '0'], ['500', '025'])
    """
    halves = ".".join(clocks).split(".")
    return [_whole_seconds(clock) for clock in halves[::2]], halves[1::2]


def seconds(clock: str) -> float:
    """
    >>> seconds("01:02:03.500")
    3723.5
    """
    return float(_whole_seconds(clock[:-4]) + clock[-4:])
