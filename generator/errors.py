"""What can be wrong with content, said so that an editor can mend it."""

from collections.abc import Iterable

from msgspec import Struct


class Problem(Struct, frozen=True, order=True):
    """One mistake: where it stands, what is wrong, what to do. `line` is counted from 1; 0 means the file as a whole.

    >>> str(Problem("episodes/0001-x.md", 3, "'titel' is not a field", "Write 'title'"))
    "episodes/0001-x.md:3: 'titel' is not a field. Write 'title'."
    """

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{max(1, self.line)}: {self.problem}. {self.remedy}."


class LongwaveError(Exception):
    """The root of all errors a user can mend; its message is for that user."""

    exitcode = 1  # read by Pelican's command line


class ContentError(LongwaveError):
    """The content has mistakes; nothing was published. Holds every problem of the run, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class BuildError(LongwaveError):
    """The build cannot go on for a reason outside the content (locked, no space, no theme)."""
