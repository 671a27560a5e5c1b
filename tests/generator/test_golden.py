"""The golden site: whole outputs, compared with what was once found right; `make bless` takes today's as right."""

import re
import shutil

import pytest

from tests.command import ROOT
from tests.generator.project import Project, tree
from tests.generator.shows import write_episode

GOLDEN = ROOT / "tests/golden"
AT = "2025-01-01T00:00:00Z"
OUTPUTS = (GOLDEN / "outputs.txt").read_text().split()
COPIED = {"apple-touch-icon.png", "favicon.ico", "favicon.svg", "feed.css", "icon-N.png"}  # as they are in the theme


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The golden content after a hundred plain episodes, which fill the first archive of the feed."""
    project = Project(tmp_path_factory.mktemp("golden"))
    shutil.copytree(GOLDEN / "content", project.content)
    shutil.copytree(ROOT / "theme", project.root / "theme")
    for number in range(1, 101):
        write_episode(project.content, number)
    project.build("--at", AT)
    return tree(project.output)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_what_it_was(outputs: dict[str, bytes], name: str, bless: bool) -> None:
    golden = GOLDEN / "expected" / name.removeprefix(".longwave/")
    got = shortened(outputs[name].decode())
    if bless:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(got)
    assert got.splitlines() == golden.read_text().splitlines()


def test_every_kind_of_output_has_a_golden_file(outputs: dict[str, bytes]) -> None:
    kinds = {kind(name) for name in outputs if not name.startswith(("assets/", "media/"))}
    assert kinds - {kind(name) for name in OUTPUTS} == COPIED


def shortened(text: str) -> str:
    """Without the content hashes of assets, and without all but the first and last of the plain episodes."""
    text = re.sub(r"(/assets/[\w-]+)\.[0-9a-f]{8}\.", r"\1.HASH8.", text)
    return re.sub(r"(?s)<item>\s+<title>Part 99<.*(?=<item>\s+<title>Part 1<)", "<!-- Part 99 to Part 2 -->", text)


def kind(name: str) -> str:
    """The shape of a name: all numbers are one, all slugs are one, and a compressed file is the file it came from."""
    bare = re.sub(r"\.(gz|br)$", "", name)
    bare = re.sub(r"^courses/[^/.]+/(?!index\.)[^/.]+(\.[a-z-]+(?=\.vtt))?", "courses/*/*", bare)
    return re.sub(
        r"\d+",
        "N",
        re.sub(r"^(episodes/\d+|posts|people|topics|courses|bundles|account|checkout)/[^/.]+", r"\1/*", bare),
    )
