"""A transcript's cues, side by side as there are a thousand in each: their clocks stay the text they were read as."""

from collections.abc import Iterable, Iterator
from operator import le, lt

from msgspec import Struct


class Cue(Struct, frozen=True, array_like=True):
    """A caption: start and end in seconds, text with line breaks kept, the speaker or ''."""

    start: float
    end: float
    text: str
    speaker: str = ""


class Cues(Struct, frozen=True):
    """The nth of each is the nth cue's: 'HH:MM:SS' and thousandths of a second 'mmm' of its start and end, its text and speaker."""

    starts: tuple[str, ...] = ()
    start_thousandths: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    end_thousandths: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    @classmethod
    def of(cls, cues: Iterable[Cue]) -> "Cues":
        rows = [(*clock(cue.start), *clock(cue.end), cue.text, cue.speaker) for cue in cues]
        return cls(*zip(*rows, strict=True)) if rows else cls()

    def __iter__(self) -> Iterator[Cue]:
        starts = map(seconds, self.starts, self.start_thousandths)
        ends = map(seconds, self.ends, self.end_thousandths)
        return map(Cue, starts, ends, self.texts, self.speakers)

    def __len__(self) -> int:
        return len(self.texts)

    def start(self, n: int) -> float:
        """In seconds."""
        return seconds(self.starts[n], self.start_thousandths[n])

    def end(self, n: int) -> float:
        """In seconds."""
        return seconds(self.ends[n], self.end_thousandths[n])

    @property
    def in_order(self) -> bool:
        """Whether each has a text, ends after its start and no later than the next one starts. Takes clocks of one length."""
        starts = list(zip(self.starts, self.start_thousandths, strict=True))
        ends = list(zip(self.ends, self.end_thousandths, strict=True))
        return all(self.texts) and all(map(lt, starts, ends)) and all(map(le, ends, starts[1:]))


class _WholeSeconds(dict[str, int]):
    """By clock: a show's cues have few different ones."""

    def __missing__(self, clock: str) -> int:
        hours, minutes, rest = clock.split(":")
        self[clock] = (int(hours) * 60 + int(minutes)) * 60 + int(rest)
        return self[clock]


whole_seconds = _WholeSeconds().__getitem__


def clock(seconds: float) -> tuple[str, str]:
    """
    >>> clock(3723.5)
    ('01:02:03', '500')
    """
    whole, thousandths = divmod(int(seconds * 1000 + 0.5), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}", f"{thousandths:03d}"


def seconds(clock: str, thousandths: str) -> float:
    """
    >>> seconds("01:02:03", "500")
    3723.5
    """
    return (whole_seconds(clock) * 1000 + int(thousandths)) / 1000
