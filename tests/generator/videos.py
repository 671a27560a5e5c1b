"""Small real videos, good and bad in the ways in which videos are bad, made by ffmpeg."""

import subprocess
from pathlib import Path

PICTURES = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440")
GOOD = ("-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-c:a", "aac")
FIRST = ("-movflags", "+faststart")


def make(path: Path, *how: str, sound: bool = True, seconds: int = 3) -> Path:
    """A test picture with a tone: `make(path, *GOOD, *FIRST)`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["ffmpeg", "-loglevel", "error", "-y", *PICTURES, *(SOUND if sound else ()), "-t", str(seconds), *how]
    subprocess.run([*command, str(path)], check=True)
    return path


def good(path: Path, *, sound: bool = True, seconds: int = 3) -> Path:
    return make(path, *GOOD, *FIRST, sound=sound, seconds=seconds)
