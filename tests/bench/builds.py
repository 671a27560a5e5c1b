"""The generator's measures: an edit as people make it, then a whole `longwave build`; knows nothing of its insides."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from tests.bench import changes
from tests.bench.archive import Archive
from tests.bench.timing import BenchError, Timer, Took, put_aside
from tests.command import ROOT, command, environment

TITLE = re.compile(r"^title: .*$", re.M)
SHARED_TEMPLATE = Path("templates/parts/footer.html")
SHARED_TEMPLATE_END = "</footer>"


class Project(Struct, frozen=True):
    """A large archive with a theme of its own in `folder`; `episodes` of them before the one that is added."""

    folder: Path
    episodes: int
    timer: Timer

    @property
    def content(self) -> Path:
        return self.folder / "content"

    @property
    def theme(self) -> Path:
        return self.folder / "theme"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def archive(self) -> Archive:
        return Archive(self.content, self.episodes)

    def write(self) -> None:
        shutil.copytree(ROOT / "theme", self.theme)
        self.archive.write()

    def build(self) -> Took:
        return self.timer.once(_build(self.content, self.output, theme=self.theme), env=environment())


class Addition(Struct, frozen=True):
    """What one more episode cost: the files touched, those of them that need not have been, and the build."""

    touched: int
    needless: tuple[str, ...]
    took: Took


def cold(project: Project) -> Took:
    """From sources alone. Leaves the last output behind."""
    return _median(project, lambda n: put_aside(project.output, n))


def unchanged(project: Project) -> Took:
    return _median(project, lambda _: None)


def title(project: Project) -> Took:
    """Another title for the newest episode, which stands in the most places: the feed and the home page too."""
    newest = next((project.content / "episodes").glob(f"{project.episodes:04d}-*.md"))
    return _median(project, lambda n: _replace(newest, TITLE, f"title: Another title, number {n + 1}"))


def template(project: Project) -> Took:
    """Another line in the footer, which every page has."""
    footer = project.theme / SHARED_TEMPLATE
    end = re.compile(re.escape(SHARED_TEMPLATE_END))
    return _median(project, lambda n: _replace(footer, end, f"<p>Edition {n + 1}</p>\n{SHARED_TEMPLATE_END}"))


def added(project: Project) -> Addition:
    """One more episode, which is the newest then."""
    before = changes.snapshot(project.output)
    written = project.archive.write_episode(project.episodes + 1)
    took = project.build()
    after = changes.snapshot(project.output)
    return Addition(len(changes.changed(before, after)), tuple(changes.needless(before, after, added=written)), took)


def sample(project: Project) -> Took:
    """The show that comes with the project, from sources alone."""
    output = project.folder / "sample"
    line = _build(ROOT / "content", output, theme=ROOT / "theme")
    return project.timer.median(line, env=environment(), prepare=lambda n: put_aside(output, n))


def _build(content: Path, output: Path, *, theme: Path) -> list[str]:
    return command("build", "--content", content, "--output", output, "--theme", theme)


def _median(project: Project, prepare: Callable[[int], object]) -> Took:
    line = _build(project.content, project.output, theme=project.theme)
    return project.timer.median(line, env=environment(), prepare=prepare)


def _replace(path: Path, pattern: re.Pattern[str], text: str) -> None:
    was = path.read_text(encoding="utf-8")
    now, count = pattern.subn(text, was)
    if count != 1:
        raise BenchError(f"{path.name} has {count} places for this edit, not one: {pattern.pattern}")
    path.write_text(now, encoding="utf-8")
