"""A project folder (content and theme) with the commands run in it; it sees printed lines and files, nothing else."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from msgspec import Struct

from tests.command import ROOT, longwave
from tests.generator.shows import write_show

COUNTS = re.compile(r"^(\d+) pages?, (\d+) rendered, (\d+) written, ([\d.]+) s", re.M)


class Counts(Struct, frozen=True):
    """What a build said it did."""

    pages: int
    rendered: int
    written: int


class Project(Struct, frozen=True):
    root: Path

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def current(self) -> Path:
        return self.root / ".longwave/www/current"

    def run(self, *args: str | Path, env: Mapping[str, str] | None = None) -> CompletedProcess[str]:
        return longwave(*args, cwd=self.root, env=env)

    def build(self, *args: str | Path, env: Mapping[str, str] | None = None) -> Counts:
        """`longwave build ARGS`, which must succeed."""
        done = self.run("build", *args, env=env)
        assert done.returncode == 0, done.stderr
        said = COUNTS.search(done.stdout)
        assert said, f"no counts in {done.stdout!r}"
        return Counts(*map(int, said.groups()[:3]))

    def publish(self, *args: str | Path) -> None:
        done = self.run("publish", *args)
        assert done.returncode == 0, done.stderr

    def cold(self, output: Path, *args: str | Path, env: Mapping[str, str] | None = None) -> dict[str, bytes]:
        """The tree of a build into a new folder, which is removed again."""
        shutil.rmtree(output, ignore_errors=True)
        self.build("--output", output, *args, env=env)
        try:
            return tree(output)
        finally:
            shutil.rmtree(output)


def write_project(root: Path, episodes: int = 3, **changes: Mapping[str, Any]) -> Project:
    """A project of `episodes` episodes with a theme of its own; `changes` are those of `write_show`."""
    write_show(root / "content", episodes, **changes)
    shutil.copytree(ROOT / "theme", root / "theme")
    return Project(root)


def tree(output: Path) -> dict[str, bytes]:
    """Every served file of a web root by its path, and the redirects beside it; not what the build remembers."""
    files = {str(path.relative_to(output)): path for path in output.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(files.items()) if served(name)}


def times(output: Path) -> dict[str, int]:
    """The modification time of every served file, in nanoseconds."""
    return {name: (output / name).stat().st_mtime_ns for name in tree(output)}


def served(name: str) -> bool:
    return not name.startswith(".longwave/") or name == ".longwave/redirects.map"


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """The names that came, went or changed."""
    return {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
