"""Looks with ffprobe whether every browser and phone plays a video, and says the ffmpeg command that mends one. Changes no file.

What all of them play: H.264 in 4:2:0 with AAC in an MP4 file whose index stands at its front.
"""

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from generator.errors import BuildError, ContentError, Problem

PROBE = ("ffprobe", "-loglevel", "error", "-print_format", "json", "-show_format", "-show_streams")
SECONDS_MAX = 120  # for ffprobe, which reads heads and tails
SUFFIXES = (".mp4", ".m4v")
PROFILES = ("Constrained Baseline", "Baseline", "Main", "High")
PIXELS = ("yuv420p", "yuvj420p")
NEW_VIDEO = ("-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "20")
NEW_AUDIO = ("-c:a", "aac", "-b:a", "128k")
BOX_BYTES = 8


class Stream(Struct, frozen=True):
    """ffprobe's words for a track. https://ffmpeg.org/ffprobe.html"""

    codec_type: str = ""
    codec_name: str = ""
    profile: str = ""
    pix_fmt: str = ""
    disposition: dict[str, int] = {}

    @property
    def is_picture(self) -> bool:
        """A still picture within the file, such as a cover."""
        return bool(self.disposition.get("attached_pic"))


class Probed(Struct, frozen=True):
    streams: tuple[Stream, ...] = ()
    format: dict[str, Any] = {}

    def of(self, kind: str) -> Stream | None:
        return next((stream for stream in self.streams if stream.codec_type == kind and not stream.is_picture), None)


class Fault(Struct, frozen=True):
    """What is wrong, and what of the command's defaults (copy both tracks) has to change for it."""

    problem: str
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()


def check(path: Path) -> str:
    """What the video is made of ('H.264 and AAC'). Raises BuildError with all faults and one command that mends them.

    Raises ContentError for what is no video at all, BuildError too when ffprobe is not there.
    """
    probed = _probed(path)
    faults = list(_faults(path, probed))
    if faults:
        what = "; ".join(fault.problem for fault in faults)
        raise BuildError(f"{path.name} does not play everywhere: {what}. This mends it:\n  {mending(path, faults)}")
    return "H.264 and AAC" if probed.of("audio") else "H.264 without sound"


def mending(path: Path, faults: list[Fault]) -> str:
    """One line for a shell that leaves a good video beside the bad one, or in its place."""
    video = next((fault.video for fault in faults if fault.video), ("-c:v", "copy"))
    audio = next((fault.audio for fault in faults if fault.audio), ("-c:a", "copy"))
    path = _short(path)
    good, new = path.with_suffix(path.suffix if path.suffix in SUFFIXES else ".mp4"), path.with_suffix(".new.mp4")
    command = ["ffmpeg", "-i", str(path), *video, *audio, "-movflags", "+faststart", str(new)]
    return f"{shlex.join(command)} && {shlex.join(['mv', str(new), str(good)])}"


def poster_command(path: Path) -> str:
    """Takes a picture out of the video's first seconds."""
    path = _short(path)
    return shlex.join(["ffmpeg", "-ss", "3", "-i", str(path), "-frames:v", "1", str(path.with_suffix(".jpg"))])


def _short(path: Path) -> Path:
    """As a person would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _probed(path: Path) -> Probed:
    try:
        done = subprocess.run(
            [*PROBE, str(path.absolute())], capture_output=True, text=True, check=False, timeout=SECONDS_MAX
        )
        if done.returncode:
            said = done.stderr.strip().replace(f"{path.absolute()}: ", "").splitlines()
            problem = f"this cannot be read as a video ({said[-1] if said else 'ffprobe says nothing'})"
            raise ContentError([Problem(path.name, 1, problem, "Export it again, and whole")])
        return msgspec.convert(json.loads(done.stdout), Probed)
    except FileNotFoundError as error:
        raise BuildError(
            "ffprobe is not installed, and without it nobody knows whether phones play a video. Run: apt-get install ffmpeg"
        ) from error
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise ContentError([Problem(path.name, 1, "ffprobe cannot make sense of it", "Export it again")]) from error


def _faults(path: Path, probed: Probed) -> Iterator[Fault]:
    video, audio = probed.of("video"), probed.of("audio")
    if video is None:
        raise ContentError([Problem(path.name, 1, "there are no moving pictures in it", "Export it again as a video")])
    if not _seconds(probed):
        yield Fault("it does not say how long it is")
    if video.codec_name != "h264":
        yield Fault(f"its pictures are {video.codec_name or 'of an unknown kind'}, not H.264", video=NEW_VIDEO)
    elif video.profile not in PROFILES or video.pix_fmt not in PIXELS:
        what = f"{video.profile or 'no profile'}, {video.pix_fmt or 'no pixels'}"
        yield Fault(f"its H.264 is one that phones do not play ({what})", video=NEW_VIDEO)
    if audio and (audio.codec_name, audio.profile) != ("aac", "LC"):
        said = "AAC" if audio.codec_name == "aac" else audio.codec_name or "of an unknown kind"
        yield Fault(f"its sound is {said}, not AAC-LC", audio=NEW_AUDIO)
    if not _is_mp4(path):
        yield Fault(f"'{path.suffix}' is not a file that every browser opens")
    elif not _has_index_first(path):
        yield Fault("its index stands at its end, so nothing plays before all of it is loaded")


def _seconds(probed: Probed) -> float:
    try:
        return float(probed.format.get("duration", 0))
    except (TypeError, ValueError):
        return 0


def _is_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return path.suffix.lower() in SUFFIXES and head[4:8] == b"ftyp" and head[8:12] != b"qt  "


def _has_index_first(path: Path) -> bool:
    """Whether the box 'moov' comes before 'mdat'. ISO/IEC 14496-12, 4.2."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + BOX_BYTES <= size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4]), head[4:8]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length == 1:  # a length of 64 bits follows
                length = int.from_bytes(head[8:16])
            if length < BOX_BYTES:
                break
            at += length
    return False
