"""Lays out the broken sites of `broken/`: each case is one text file that says what differs from the sound site there.

    One sentence on what is wrong.
    expect content/path:LINE <== words, more words     a message without a line of its own; * is any line
    === path                                           a whole file follows
    === path latin-1 | gone | picture JPEG RGB 600x600 a file in another encoding, no file, a drawn picture
    ~~~ path                                           lines of the sound file (-) and what stands there instead (+)
    +title: 1984   <== title, 1984                     this line must be reported, with these words

`{long N}` stands for N letters.
"""

import re
import shutil
from pathlib import Path

from msgspec import Struct
from PIL import Image

CASES = Path(__file__).parent / "broken"
SECTION = re.compile(r"^(===|~~~) (.+?)(?: (latin-1|gone|picture \w+ \w+ \d+x\d+))?$", re.M)
MARK = "   <== "


class Expected(Struct, frozen=True):
    """A problem that must be reported: `line` is '*' where any will do."""

    file: str
    line: str
    words: tuple[str, ...]

    def is_met_by(self, message: str) -> bool:
        found = re.match(rf"{re.escape(self.file)}:(\d+): (.+)", message)
        if not found or self.line not in ("*", found[1]):
            return False
        return all(word.lower() in found[2].lower() for word in self.words)


def lay_out(case: Path, content: Path) -> list[Expected]:
    """Writes the sound site, changed as `case` says, into `content`; returns the problems it must be found to have."""
    shutil.copytree(CASES / "sound", content)
    head, *parts = SECTION.split(case.read_text())
    expected = [
        Expected(file, line, words(said))
        for file, line, said in re.findall(r"^expect (.+):(\S+) <== (.+)$", head, re.M)
    ]
    for kind, name, how, body in zip(*[iter(parts)] * 4, strict=True):
        text = re.sub(r"\{long (\d+)\}", lambda long: "x" * int(long[1]), body.removeprefix("\n"))
        if kind == "~~~":
            text = patched((content / name).read_text(), text)
        expected += [Expected(f"content/{name}", str(nth), words(said)) for nth, said in marks(text)]
        write(content / name, re.sub(rf"{MARK}.*", "", text), how=how or "")
    return expected


def patched(sound: str, hunks: str) -> str:
    """`sound` with every run of '-' lines, found as it stands, replaced by the '+' lines that follow it."""
    for hunk in re.findall(r"(?:^-.*\n)+(?:^\+.*\n)*", hunks, re.M):
        old = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line.startswith("-"))
        new = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line.startswith("+"))
        assert sound.count(old) == 1, f"not once in the sound file: {old}"
        sound = sound.replace(old, new)
    return sound


def marks(text: str) -> list[tuple[int, str]]:
    lines = enumerate(text.splitlines(), 1)
    return [(nth, line.split(MARK)[1]) for nth, line in lines if MARK in line]


def words(said: str) -> tuple[str, ...]:
    return tuple(said.split(", "))


def write(path: Path, text: str, *, how: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match how.split():
        case ["gone"]:
            path.unlink()
        case ["picture", format, mode, size]:
            width, height = map(int, size.split("x"))
            Image.new(mode, (width, height)).save(path, format)
        case [encoding]:
            path.write_text(text, encoding=encoding)
        case _:
            path.write_text(text, encoding="utf-8")
