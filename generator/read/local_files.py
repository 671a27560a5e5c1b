"""The files of content/media that sources name: which there are, and the address each will have. Does not read them."""

import posixpath

from generator.model import Audio, Picture
from generator.read.findings import Findings
from generator.read.grammar import WEB
from generator.read.inventory import Inventory
from generator.read.locks import MediaEntry
from generator.read.names import public_name
from generator.read.sources import FileInfo

MEDIA = "/media/"
ARTWORK_PIXELS_MIN, ARTWORK_PIXELS_MAX = 1400, 3000


class LocalFiles:
    """`used` gathers, by public path, the source of each file that was asked for on behalf of something public."""

    def __init__(self, inventory: Inventory, findings: Findings) -> None:
        self._findings = findings
        self._files: dict[str, FileInfo] = {path: entry.value for path, entry in inventory.of("file").items()}
        locks = list(inventory.of("media lock").values())
        self._lock: dict[str, MediaEntry] = locks[0].value if locks else {}
        self._base = inventory.config.media_base_url if inventory.config else MEDIA
        self._content = inventory.content.name
        self._broken = inventory.broken
        self.used: dict[str, str] = {}

    def public_paths(self) -> dict[str, str]:
        """Every file's public path by its source."""
        return {f"{self._content}/{path}": _public(path, info.sha256) for path, info in self._files.items()}

    def picture(self, picture: Picture, source: str, *field: str | int, artwork: bool = False, public: bool) -> Picture:
        """A picture with its address and size; as it was, after a report, when there is no such file."""
        if WEB.fullmatch(picture.url):
            return picture
        path = self._find(picture.url, source)
        info = self._files.get(path)
        report = self._findings.at(source, *field)
        if (info is None or not info.width) and path in self._broken:
            return picture
        if info is None or not info.width:
            report(f"there is no picture '{picture.url}'", "Name a JPEG or PNG file such as media/name.jpg")
            return picture
        if artwork:
            for problem, remedy in _artwork_problems(info):
                report(f"the picture '{picture.url}' {problem}", remedy)
        if public:
            self.use(f"{self._content}/{path}", _public(path, info.sha256))
        return Picture(url=_public(path, info.sha256), width=info.width, height=info.height, type=info.type)

    def audio(self, audio: Audio, source: str, *, public: bool) -> Audio:
        """A local file's enclosure from content/media.lock; as it was, after a report, when it cannot be published."""
        name = audio.url
        if not name or "://" in name:
            return audio
        entry, info = self._lock.get(name), self._files.get(f"media/{name}")
        report = self._findings.at(source, "audio")
        add = f"`longwave media add {self._content}/media/{name}`"
        if entry is None and "media.lock" in self._broken:
            return audio
        if entry is None:
            report(
                f"the audio file '{name}' is not in media.lock", f"Run {add}" if info else f"Put it there and run {add}"
            )
            return audio
        if info is not None and info.sha256 != entry.sha256:
            report(f"the audio file '{name}' is not the one in media.lock", f"Run {add} to record the new one")
        if entry.bytes < 1 or entry.seconds <= 0:
            report(f"the audio file '{name}' is empty", f"Replace it and run {add}")
        address = self._base + public_name(name, entry.sha256)
        if public and info is not None and address.startswith(MEDIA):
            self.use(f"{self._content}/media/{name}", address)
        return Audio(url=address, bytes=entry.bytes, seconds=entry.seconds, type=entry.type)

    def use(self, source: str, public_path: str) -> None:
        self.used[public_path] = source

    def _find(self, written: str, source: str) -> str:
        """A file named from the content folder ('media/x.jpg') or from beside the source ('../media/x.jpg')."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(source), written)).removeprefix(
            f"{self._content}/"
        )
        return beside if beside in self._files else posixpath.normpath(written)


def _public(path: str, sha256: str) -> str:
    return MEDIA + public_name(path.removeprefix("media/"), sha256)


def _artwork_problems(info: FileInfo) -> list[tuple[str, str]]:
    """Apple's rules for show and episode artwork."""
    problems = []
    if info.width != info.height:
        problems.append((f"is {info.width} x {info.height} pixels, not square", "Make it square"))
    if not all(ARTWORK_PIXELS_MIN <= side <= ARTWORK_PIXELS_MAX for side in (info.width, info.height)):
        size = f"is of the wrong size, {info.width} x {info.height} pixels"
        problems.append((size, f"Make it {ARTWORK_PIXELS_MIN} to {ARTWORK_PIXELS_MAX} pixels wide and high"))
    if info.mode != "RGB":
        problems.append((f"is in the colour mode {info.mode}, not RGB", "Save it as RGB without transparency"))
    return problems
