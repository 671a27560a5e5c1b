"""Makes the videos of the sample lectures: drawn frames and synthetic speech, both out of their captions.

Needs ffmpeg and espeak-ng. Run it when captions of the sample change: `python -m tests.sample_videos`, then `longwave media add`.
"""

import io
import math
import re
import subprocess
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from tests.command import ROOT

VIDEOS, COURSES = ROOT / "content/videos", ROOT / "content/courses"
WIDTH, HEIGHT, FRAMES_A_SECOND, KEY_FRAME_SECONDS = 640, 360, 2, 10
RATE = 22_050
NIGHT, WATER, MOON, PAPER, QUIET = "#10151f", "#1d2a3d", "#f3e3b2", "#f4f1e8", "#9aa7bb"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
VOICES = {
    "Joss Whitlock": "en-gb+f2",
    "Yuki Albrecht": "en-us+f4",
    "Hettie Morrow": "en-gb-scotland+f3",
    "Maren Oyelaran": "en-gb+f5",
}
OTHER_VOICE = "en-gb+m3"
WORDS_A_MINUTE = 165
TIME = re.compile(r"(\d+):(\d+):(\d+)[.,](\d+) --> (\d+):(\d+):(\d+)[.,](\d+)")
SPOKEN = re.compile(r"<v ([^>]+)>(.*)", re.DOTALL)


class Line(Struct, frozen=True):
    begin: float
    end: float
    speaker: str
    text: str


class Talk(Struct, frozen=True):
    """A lecture with a video, as its files tell it."""

    title: str
    video: Path
    seconds: int
    lines: tuple[Line, ...]

    def line_at(self, second: float) -> Line | None:
        """What is said then, or was said last."""
        begun = [line for line in self.lines if line.begin <= second]
        return begun[-1] if begun else None


def main() -> None:
    for talk in talks():
        talk.video.parent.mkdir(parents=True, exist_ok=True)
        make(talk)
        poster = frame(talk, min(talk.seconds / 2, talk.lines[0].end))
        poster.save(talk.video.with_suffix(".jpg"), quality=60, optimize=True)
        print(talk.video.relative_to(ROOT), f"{talk.video.stat().st_size // 1024} kB", flush=True)


def talks() -> Iterator[Talk]:
    for source in sorted(COURSES.glob("*/*/*.md")):
        text = source.read_text(encoding="utf-8")
        found = {name: re.search(rf"^{name}: (.+)$", text, re.MULTILINE) for name in ("title", "video", "seconds")}
        title, video, seconds = (match[1] if match else "" for match in found.values())
        if video:
            yield Talk(
                title, VIDEOS / video, int(seconds), tuple(_lines(source.with_suffix(".vtt").read_text("utf-8")))
            )


def make(talk: Talk) -> None:
    """Writes the video: index at the front, so that it plays before it is loaded; what any phone can decode."""
    sound = talk.video.with_suffix(".wav")
    sound.write_bytes(speech(talk))
    pictures = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FRAMES_A_SECOND), "-i", "-"]
    video = ["-c:v", "libx264", "-profile:v", "baseline", "-level", "3.0", "-pix_fmt", "yuv420p", "-preset", "veryslow"]
    video += ["-crf", "34", "-tune", "stillimage", "-g", str(KEY_FRAME_SECONDS * FRAMES_A_SECOND)]
    audio = ["-c:a", "aac", "-b:a", "18k", "-ac", "1", "-ar", str(RATE)]
    end = ["-t", str(talk.seconds), "-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact"]
    command = ["ffmpeg", "-loglevel", "error", "-y", *pictures, "-i", str(sound), *video, *audio, *end, str(talk.video)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as running:
        assert running.stdin
        for n in range(talk.seconds * FRAMES_A_SECOND):
            running.stdin.write(frame(talk, n / FRAMES_A_SECOND).tobytes())
        running.stdin.close()
    sound.unlink()
    assert running.returncode == 0, talk.video


def frame(talk: Talk, second: float) -> Image.Image:
    """A night over water: the moon goes from left to right as the lecture does, and below it stands what is said."""
    image = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 150, WIDTH, HEIGHT), WATER)
    gone = second / talk.seconds
    x, y = 40 + gone * (WIDTH - 80), 120 - 70 * math.sin(math.pi * gone)
    draw.ellipse((x - 14, y - 14, x + 14, y + 14), MOON)
    draw.line((x, 152, x, 160), MOON, 3)
    draw.text((24, 16), talk.title, QUIET, _font("DejaVuSans", 17))
    draw.text(
        (WIDTH - 24, 16), f"{int(second) // 60}:{int(second) % 60:02d}", QUIET, _font("DejaVuSans", 17), anchor="ra"
    )
    if line := talk.line_at(second):
        draw.text((48, 178), line.speaker, MOON, _font("DejaVuSans", 16))
        draw.multiline_text((48, 206), _wrapped(line.text), PAPER, _font("DejaVuSerif", 24), spacing=8)
    return image


def speech(talk: Talk) -> bytes:
    """A WAV file as long as the lecture, each line where its caption stands."""
    samples = array("h", bytes(2 * RATE * talk.seconds))
    for line in talk.lines:
        said = _said(line)
        first = int(line.begin * RATE)
        fitting = said[: max(0, len(samples) - first)]
        samples[first : first + len(fitting)] = fitting
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def _said(line: Line) -> "array[int]":
    """The line spoken, fast enough to end with its caption."""
    samples = _spoken(line, WORDS_A_MINUTE)
    room = int((line.end - line.begin) * RATE)
    if len(samples) > room:
        samples = _spoken(line, math.ceil(WORDS_A_MINUTE * len(samples) / room * 1.05))
    return samples[:room]


def _spoken(line: Line, words_a_minute: int) -> "array[int]":
    voice = VOICES.get(line.speaker, OTHER_VOICE)
    command = ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "--stdout", line.text]
    said = subprocess.run(command, check=True, capture_output=True).stdout
    samples = array("h")
    samples.frombytes(said[44 : len(said) - len(said) % 2])  # behind the header of a WAV file
    return samples


def _lines(vtt: str) -> Iterator[Line]:
    for block in vtt.split("\n\n"):
        if match := TIME.search(block):
            h1, m1, s1, f1, h2, m2, s2, f2 = (int(part) for part in match.groups())
            words = block[match.end() :].strip()
            spoken = SPOKEN.match(words)
            speaker, text = (spoken[1], spoken[2]) if spoken else ("", words)
            yield Line(
                begin=h1 * 3600 + m1 * 60 + s1 + f1 / 1000,
                end=h2 * 3600 + m2 * 60 + s2 + f2 / 1000,
                speaker=speaker,
                text=" ".join(text.split()),
            )


def _wrapped(text: str, characters: int = 38) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= characters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


if __name__ == "__main__":
    main()
