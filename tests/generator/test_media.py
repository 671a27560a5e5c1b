"""What audio and picture files really are, and the lock files that remember it."""

import hashlib
from collections.abc import Callable
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import CHAP, ID3, TIT2
from PIL import Image

from generator.directories import AUDIO_TYPES
from generator.errors import ContentError, Problem
from generator.model import Chapter
from generator.read import locks, media
from generator.read.locks import MediaEntry

FRAME_SECONDS = 1152 / 44_100
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ENTRY = st.builds(
    MediaEntry,
    bytes=st.integers(1, 10**12),
    seconds=st.integers(1, 10**7).map(lambda hundredths: hundredths / 100),
    type=st.sampled_from(AUDIO_TYPES),
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    chapters=st.lists(st.builds(Chapter, at=st.integers(0, 10**8).map(lambda ms: ms / 1000), title=NAME)).map(tuple),
)
SHA256 = "ab" * 32


def frame(kilobits_at: int = 9) -> bytes:
    """A silent frame of MPEG-1 Layer III, 44.1 kHz, mono; 9 is 128 kbit/s, 1 is 32 kbit/s."""
    header = bytes([0xFF, 0xFB, kilobits_at << 4, 0xC0])
    kilobits = {1: 32, 9: 128}[kilobits_at]
    return header + bytes(1152 * kilobits * 125 // 44_100 - len(header))


def mp3(path: Path, *, frames: int = 100, chapters: tuple[tuple[int, str], ...] = ()) -> Path:
    path.write_bytes(frame() * frames)
    if chapters:
        tags = ID3()
        for n, (milliseconds, title) in enumerate(chapters):
            names = [TIT2(encoding=3, text=title)] if title else []
            tags.add(CHAP(element_id=f"c{n}", start_time=milliseconds, end_time=milliseconds + 1, sub_frames=names))
        tags.save(path)
    return path


def atom(name: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4) + name.encode() + body


def mp4(path: Path, *handlers: str, chapters: tuple[tuple[int, str], ...] = ()) -> Path:
    """Tracks of ten seconds without samples; that is all a prober looks at."""
    times = bytes(12) + (1000).to_bytes(4) + (10_000).to_bytes(4)
    tracks = [
        atom("trak", atom("mdia", atom("mdhd", times, bytes(4)), atom("hdlr", bytes(8), kind.encode(), bytes(13))))
        for kind in handlers
    ]
    marks = [(at * 10_000).to_bytes(8) + bytes([len(title)]) + title.encode() for at, title in chapters]
    user = [atom("udta", atom("chpl", b"\1", bytes(7), bytes([len(marks)]), *marks))] if marks else []
    path.write_bytes(atom("ftyp", b"isom", bytes(4)) + atom("moov", atom("mvhd", times, bytes(80)), *tracks, *user))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ContentError) as refused:
        media.probe(path)
    (problem,) = refused.value.problems
    assert problem.file == path.name
    return f"{problem.problem}. {problem.remedy}."


# Audio and video


def test_an_mp3_is_measured(tmp_path: Path) -> None:
    path = mp3(tmp_path / "a.mp3")
    entry = media.probe(path)
    assert (entry.bytes, entry.type) == (path.stat().st_size, "audio/mpeg")
    assert entry.seconds == round(100 * FRAME_SECONDS, 2)
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_variable_bit_rate_is_measured_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(frame(9) * 50 + frame(1) * 500)
    assert isclose(media.probe(path).seconds, 550 * FRAME_SECONDS, abs_tol=0.01)


def test_chapters_of_an_mp3_are_sorted_and_cleaned(tmp_path: Path) -> None:
    marks = ((1500, "Second\n part"), (0, "First"), (1500, "Twice"), (2000, ""), (99_000, "After the end"))
    entry = media.probe(mp3(tmp_path / "a.mp3", chapters=marks))
    assert entry.chapters == (Chapter(at=0, title="First"), Chapter(at=1.5, title="Second part"))


@pytest.mark.parametrize(
    ("name", "handlers", "type"),
    [("a.m4a", ["soun"], "audio/x-m4a"), ("a.mp4", ["soun", "vide"], "video/mp4"), ("a.m4v", ["vide"], "video/x-m4v")],
)
def test_an_mp4_has_the_type_of_its_tracks(tmp_path: Path, name: str, handlers: list[str], type: str) -> None:
    entry = media.probe(mp4(tmp_path / name, *handlers))
    assert (entry.type, entry.seconds) == (type, 10)


def test_chapters_of_an_mp4_are_read(tmp_path: Path) -> None:
    path = mp4(tmp_path / "a.m4a", "soun", chapters=((0, "First"), (2500, "Zweites Stück"[:8])))
    assert media.probe(path).chapters == (Chapter(at=0, title="First"), Chapter(at=2.5, title="Zweites"))


def test_a_name_that_belies_the_content_is_refused(tmp_path: Path) -> None:
    assert "Rename it to .mp3." in refusal(mp3(tmp_path / "a.m4a"))
    assert "Rename it to .m4a." in refusal(mp4(tmp_path / "a.mp4", "soun"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "a.mp3")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").touch()
    assert "is empty" in refusal(tmp_path / "a.mp3")


@pytest.mark.parametrize(
    "raw", [b"text " * 99, b"OggS" + bytes(999), b"RIFF" + bytes(999), b"ID3" + bytes(9), b"\0\0\0\x08ftyp"]
)
def test_what_is_neither_mp3_nor_mp4_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.mp3").write_bytes(raw)
    assert "cannot be read as audio or video" in refusal(tmp_path / "a.mp3")


@given(
    raw=st.sampled_from([b"ID3", b"\xff\xfb\x90\xc0", b"\0\0\0\x18ftypM4A "]).flatmap(
        lambda head: st.binary().map(head.__add__)
    )
)
def test_whatever_the_bytes_a_file_is_measured_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mp3"
    path.write_bytes(raw)
    try:
        entry = media.probe(path)
    except ContentError:
        return
    assert entry.seconds > 0


# Pictures


def picture(path: Path, mode: str = "RGB", format: str | None = None) -> tuple[media.PictureInfo, Problem | None]:
    Image.new(mode, (40, 30)).save(path, format)
    return media.picture(path, file=f"content/media/{path.name}")


@pytest.mark.parametrize(("name", "type"), [("a.jpg", "image/jpeg"), ("a.jpeg", "image/jpeg"), ("a.png", "image/png")])
def test_a_picture_is_measured(tmp_path: Path, name: str, type: str) -> None:
    info, problem = picture(tmp_path / name)
    raw = (tmp_path / name).read_bytes()
    assert info == media.PictureInfo(40, 30, type, "RGB", hashlib.sha256(raw).hexdigest(), len(raw))
    assert problem is None


@pytest.mark.parametrize(("mode", "name"), [("RGBA", "a.png"), ("L", "a.png"), ("CMYK", "a.jpg")])
def test_the_colour_mode_of_a_picture_is_told(tmp_path: Path, mode: str, name: str) -> None:
    assert picture(tmp_path / name, mode)[0].mode == mode


def test_a_transparent_colour_counts_as_alpha(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", transparency=(0, 0, 0))
    assert media.picture(tmp_path / "a.png", file="a.png")[0].mode == "RGBA"


@pytest.mark.parametrize(
    ("name", "format", "words"), [("a.jpg", "PNG", "is a PNG"), ("a.png", "GIF", "of the type GIF")]
)
def test_a_picture_of_another_type_than_its_name_says_is_reported(
    tmp_path: Path, name: str, format: str, words: str
) -> None:
    info, problem = picture(tmp_path / name, format=format)
    assert problem is not None
    assert words in str(problem)
    assert (info.width, len(info.sha256)) == (0, 64)


@pytest.mark.parametrize("damage", [lambda raw: b"", lambda raw: b"no picture", lambda raw: raw[: len(raw) // 2]])
def test_a_picture_that_cannot_be_read_whole_is_reported(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.png"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(damage(path.read_bytes()))
    _, problem = media.picture(path, file="content/media/a.png")
    assert str(problem).startswith("content/media/a.png:1: the picture cannot be read")


def test_a_picture_of_too_many_pixels_is_reported_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (5001, 5000)).save(tmp_path / "a.png")
    _, problem = media.picture(tmp_path / "a.png", file="a.png")
    assert "5001 x 5000" in str(problem)


# Lock files


@given(st.dictionaries(NAME, ENTRY))
def test_a_media_lock_comes_back_as_it_was(entries: dict[str, MediaEntry]) -> None:
    text = locks.write_media(entries)
    assert locks.read_media(text, file="media.lock") == (entries, [])
    assert text.encode().decode() == text


@given(st.dictionaries(NAME, ENTRY, min_size=1))
def test_the_order_of_entries_makes_no_difference(entries: dict[str, MediaEntry]) -> None:
    assert locks.write_media(entries) == locks.write_media(dict(reversed(entries.items())))


def test_a_media_lock_is_read_by_people() -> None:
    chapters = (Chapter(at=0, title='The "log"'), Chapter(at=62.5, title="End"))
    entry = MediaEntry(bytes=9, seconds=61.5, type="audio/mpeg", sha256=SHA256, chapters=chapters)
    assert locks.write_media({"0001-logs.mp3": entry}).splitlines() == [
        '["0001-logs.mp3"]',
        "bytes = 9",
        "seconds = 61.50",
        'type = "audio/mpeg"',
        f'sha256 = "{SHA256}"',
        'chapters = [{ at = 0.0, title = "The \\"log\\"" }, { at = 62.5, title = "End" }]',
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bytes = 9", "bytes = 0", "'b.mp3' is empty"),
        ("seconds = 61.50", "seconds = nan", "'b.mp3' is empty"),
        ("seconds = 61.50", 'seconds = "61"', "'seconds' is text"),
        (f'sha256 = "{SHA256}"', 'sha256 = "ab"', "sha256 of 'b.mp3'"),
        ("bytes = 9", "bytes = 9\nsize = 9", "'size' is not a field"),
        ('type = "audio/mpeg"\n', "", "'type' is missing"),
    ],
)
def test_a_wrong_entry_is_reported_at_its_name_and_left_out(old: str, new: str, words: str) -> None:
    entry = MediaEntry(bytes=9, seconds=61.5, type="audio/mpeg", sha256=SHA256)
    first, second = locks.write_media({"a.mp3": entry, "b.mp3": entry}).split("\n\n")
    entries, (problem,) = locks.read_media(f"{first}\n\n{second.replace(old, new)}", file="media.lock")
    assert list(entries) == ["a.mp3"]
    assert str(problem).startswith("media.lock:7: ")
    assert words in problem.problem


@given(st.dictionaries(st.integers(1, 999_999_999), NAME))
def test_a_guids_lock_comes_back_as_it_was(guids: dict[int, str]) -> None:
    assert locks.read_guids(locks.write_guids(guids), file="guids.lock") == (guids, [])


def test_guids_are_sorted_by_number_below_a_warning() -> None:
    assert locks.write_guids({10: "b", 9: "a"}) == '# Written by longwave; a guid never changes.\n9 = "a"\n10 = "b"\n'


@pytest.mark.parametrize("line", ['x = "c"', "3 = 7", '3 = ""', '03 = "c"', "3 = [1]"])
def test_a_line_that_is_no_guid_is_reported(line: str) -> None:
    guids, (problem,) = locks.read_guids(f'# A warning.\n1 = "a"\n{line}\n', file="guids.lock")
    assert guids == {1: "a"}
    assert problem.line == 3


def test_a_lock_that_is_not_toml_is_reported_with_its_line() -> None:
    entries, (problem,) = locks.read_media("<<<<<<< mine\n", file="media.lock")
    assert entries == {}
    assert str(problem).startswith("media.lock:1: this is not valid TOML")
    assert locks.read_guids('1 = "a"\n2 = 2c9\n', file="guids.lock")[1][0].line == 2
