"""What is not public (drafts, the future, members' episodes) occurs in no output: no word, number or name of it."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import brotli
import pytest

from tests.generator.project import Project, tree, write_project
from tests.generator.shows import (
    transcript,
    write,
    write_bundle,
    write_course,
    write_document,
    write_episode,
    write_lecture,
    write_page,
    write_post,
    write_silence,
)

FUTURE = "2099-05-05T06:00:00Z"
# Every word of a hidden thing begins so; nothing public contains it.
DRAFT, SCHEDULED, MEMBERS = "Quibblix", "Zyxomma", "Wrothgar"
NUMBERS = {DRAFT: 7001, SCHEDULED: 7002, MEMBERS: 7003}


@pytest.fixture(scope="module")
def secretive(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = write_project(tmp_path_factory.mktemp("secretive"), episodes=4)
    hide_episode(project.content, DRAFT, status="draft")
    hide_episode(project.content, SCHEDULED, date=FUTURE)
    hide_episode(project.content, MEMBERS, members=True)
    for word, state in ((DRAFT, {"status": "draft"}), (SCHEDULED, {"date": FUTURE})):
        write_post(project.content, f"{word.lower()}-post", title=f"{word} post", text=f"{word} text", **state)
        hide_course(project.content, word, **state)
    write_course(project.content, "open", lectures=1)
    write_bundle(project.content, "everything")
    write_lecture(project.content, "open", 2, title=f"{DRAFT} lecture", text=f"{DRAFT} text", status="draft")
    write_page(project.content, f"{DRAFT.lower()}-page", title=f"{DRAFT} page", status="draft", menu=1)
    done = project.run("media", "add", *sorted((project.content / "media").glob("*.mp3")))
    assert done.returncode == 0, done.stderr
    project.build()
    return project


def hide_episode(content: Path, word: str, **state: object) -> None:
    """An episode that has everything: guest, topic, sponsor, alias, audio, chapters, links; `word` is in each."""
    low, number = word.lower(), NUMBERS[word]
    write_document(
        content / f"sponsors/{low}-sponsor.md",
        {"name": f"{word} sponsor", "url": f"https://{low}.example/"},
        text=f"{word} ad",
    )
    write_silence(content / f"media/{number}-{low}.mp3", seconds=20)
    fields = {
        "slug": low,
        "title": f"{word} title",
        "summary": f"{word} summary",
        "audio": f"{number}-{low}.mp3",
        "guests": [f"{low}-guest"],
        "topics": [f"{low}-topic"],
        "sponsors": [f"{low}-sponsor"],
        "aliases": [f"/{low}-alias"],
        "chapters": [f"00:00 {word} chapter"],
        "links": [{"title": f"{word} link", "url": f"https://{low}.example/link"}],
        **state,
    }
    write_episode(content, number, notes=f"{word} notes", transcript=transcript(f"{word} said"), **fields)


def hide_course(content: Path, word: str, **state: object) -> None:
    """A course that has everything, and a bundle of nothing else."""
    low = word.lower()
    fields = {
        "title": f"{word} course",
        "summary": f"{word} summary",
        "topics": [f"{low}-craft"],
        "aliases": [f"/{low}-course"],
        **state,
    }
    write_course(content, f"{low}-course", lectures=1, text=f"{word} text", **fields)
    said = {"captions": transcript(f"{word} said"), "downloads": [f"{low}.txt"]}
    write_lecture(content, f"{low}-course", 2, title=f"{word} lecture", text=f"{word} notes", **said)
    write(content / f"courses/{low}-course/01-basics/{low}.txt", f"{word} file")
    write_bundle(content, f"{low}-bundle", title=f"{word} bundle", courses=[f"crs_{low}_course"])


@pytest.mark.parametrize("word", [DRAFT, SCHEDULED, MEMBERS])
def test_what_is_not_public_occurs_in_no_output(secretive: Project, word: str) -> None:
    assert mentions(tree(secretive.output), word) == set()


def test_what_is_not_public_occurs_in_no_release_and_no_pool(secretive: Project, tmp_path: Path) -> None:
    secretive.publish("--to", tmp_path / "www")
    files = {str(path): path.read_bytes() for path in (tmp_path / "www").rglob("*") if path.is_file()}
    assert set.union(*(mentions(files, word) for word in NUMBERS)) == set()


def test_a_preview_shows_drafts_and_leaves_the_published_output_alone(secretive: Project, tmp_path: Path) -> None:
    before = tree(secretive.output)
    secretive.build("--drafts", "--output", tmp_path / "preview")
    shown = mentions(tree(tmp_path / "preview"), DRAFT)
    assert {f"episodes/{NUMBERS[DRAFT]}/{DRAFT.lower()}/index.html", f"posts/{DRAFT.lower()}-post/index.html"} <= shown
    assert tree(secretive.output) == before


def test_drafts_without_an_output_of_their_own_are_refused(secretive: Project) -> None:
    before = tree(secretive.output)
    done = secretive.run("build", "--drafts")
    assert done.returncode in (1, 2)
    assert "--output" in done.stderr
    assert tree(secretive.output) == before


def test_a_scheduled_episode_appears_when_its_time_has_come(secretive: Project, tmp_path: Path) -> None:
    secretive.build("--at", FUTURE, "--output", tmp_path / "later")
    shown = mentions(tree(tmp_path / "later"), SCHEDULED)
    assert {
        f"episodes/{NUMBERS[SCHEDULED]}/{SCHEDULED.lower()}/index.html",
        "feed.xml",
        "index.html",
        "sitemap.xml",
        f"courses/{SCHEDULED.lower()}-course/part-2/index.html",
        f"courses/{SCHEDULED.lower()}-course/part-2.en.vtt",
        f"bundles/{SCHEDULED.lower()}-bundle/index.html",
        "courses/feed.xml",
        "catalog.json",
        "episodes.json",
    } <= shown


def test_a_draft_is_withdrawn_with_everything_it_had(secretive: Project, tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=4)
    hide_episode(
        project.content,
        DRAFT,
        audio={"url": "https://cdn.example/7.mp3", "bytes": 9, "seconds": 9, "type": "audio/mpeg"},
    )
    project.build()
    path = next(project.content.glob(f"episodes/*{DRAFT.lower()}.md"))
    write(path, path.read_text().replace("---\n", "---\nstatus: draft\n", 1))
    project.build()
    assert mentions(tree(project.output), DRAFT) == set()


def mentions(files: Mapping[str, bytes], word: str) -> set[str]:
    """The files that say `word`, or name the address of its episode, in their name or (unpacked) content."""
    needles = (word.lower().encode(), f"/episodes/{NUMBERS[word]}".encode())
    return {
        name
        for name, content in files.items()
        if any(n in (name.encode() + unpacked(name, content)).lower() for n in needles)
    }


def unpacked(name: str, content: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.decompress(content)
    return brotli.decompress(content) if name.endswith(".br") else content
