"""The generator's most valuable test: after any edits in any order, the output is byte for byte a cold build's."""

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.generator.project import Project, differences, tree, write_project
from tests.generator.shows import (
    transcript,
    write,
    write_bundle,
    write_course,
    write_episode,
    write_lecture,
    write_page,
    write_person,
    write_post,
    write_site,
)

MOMENTS = ("2025-01-01T00:00:00Z", "2024-01-03T06:00:00Z", "2031-01-01T00:00:00Z")
SHORT, LONG = 1, 25
Edit = Callable[[Path, int], object]


def test_after_any_edits_the_output_is_a_cold_builds(tmp_path_factory: pytest.TempPathFactory, prove: bool) -> None:
    """Every kind of edit once, in any order; the output is compared after each, in the short run after every third."""
    kinds = sorted(EDITS)
    stride = 1 if prove else 3

    @settings(
        max_examples=LONG if prove else SHORT,
        deadline=None,
        derandomize=not prove,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if prove else [Phase.generate],
    )
    @given(st.permutations(kinds), st.lists(st.integers(0, 9), min_size=len(kinds), max_size=len(kinds)))
    def holds(names: list[str], choices: list[int]) -> None:
        project = write_project(tmp_path_factory.mktemp("edits"), episodes=4, feed={"items": 2, "full_notes": 1})
        edits = list(zip(names, choices, strict=True))
        at = MOMENTS[0]
        for start in range(0, len(edits), stride):
            for name, choice in edits[start : start + stride]:
                at = MOMENTS[choice % 3] if name == "clock" else at
                EDITS[name](project.content, choice)
            assert differences(*both_ways(project, at)) == set(), f"after {edits[: start + stride]} at {at}"

    holds()


def both_ways(project: Project, at: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The trees of an incremental and of a cold build of the same content, made side by side."""
    with ThreadPoolExecutor(1) as aside:
        cold = aside.submit(project.cold, project.root / "cold", "--at", at)
        project.build("--at", at, "--jobs", "1")
        return tree(project.output), cold.result()


def episode(content: Path, choice: int) -> Path:
    paths = sorted(content.glob("episodes/*.md"))
    return paths[choice % len(paths)]


def field(name: str, *values: str) -> Edit:
    """An edit that sets one field of an episode; '' takes it away, {n} becomes the episode's number."""

    def edit(content: Path, choice: int) -> None:
        path = episode(content, choice)
        text = re.sub(rf"^{name}: .*\n", "", path.read_text(), flags=re.M)
        value = values[choice % len(values)].format(n=path.name[:4])
        path.write_text(text.replace("---\n", f"---\n{name}: {value}\n", 1) if value else text)

    return edit


def notes(content: Path, choice: int) -> None:
    path = episode(content, choice)
    path.write_text(path.read_text() + f"\nMore about *{choice}*.\n")


def transcribe(content: Path, choice: int) -> None:
    path = episode(content, choice).with_suffix(".vtt")
    path.unlink() if path.exists() and choice % 2 else write(path, transcript(f"Take {choice}."))


def remove(content: Path, choice: int) -> None:
    path = episode(content, choice)
    if len(list(path.parent.glob("*.md"))) > 1:
        path.unlink()
        path.with_suffix(".vtt").unlink(missing_ok=True)


def rename(content: Path, choice: int) -> None:
    path = episode(content, choice)
    for source in (path, path.with_suffix(".vtt")):
        if source.exists():
            source.rename(source.with_name(f"{path.name[:4]}-slug-{choice}{source.suffix}"))


def add(content: Path, choice: int) -> None:
    number = max(int(path.name[:4]) for path in content.glob("episodes/*.md")) + 1 + choice % 2
    write_episode(content, number, topics=["clocks"], transcript=transcript() if choice % 2 else "")


def post(content: Path, choice: int) -> None:
    path = content / f"posts/post-{choice % 3}.md"
    path.unlink() if path.exists() and choice % 2 else write_post(
        content, path.stem, title=f"Post {choice}", topics=["tools"]
    )


def person(content: Path, choice: int) -> None:
    path = content / "people/grace-example.md"
    path.unlink() if path.exists() and choice % 2 else write_person(content, path.stem, name=f"Grace {choice}")


def site(content: Path, choice: int) -> None:
    write_site(
        content,
        site={"timezone": ("Pacific/Kiritimati", "Europe/Berlin", "UTC")[choice % 3]},
        show={"title": f"Signal {choice % 2}", "explicit": choice % 2 == 0},
        feed={"items": 1 + choice, "full_notes": 1 + choice % 3},
    )


def page(content: Path, choice: int) -> None:
    path = content / "pages/about.md"
    if path.exists() and choice % 2:
        path.unlink()
    else:
        write_page(
            content, path.stem, title=f"About {choice}", menu=choice % 3 or None, text="![Plan](../media/plan.png)"
        )
        picture(content, choice)


def picture(content: Path, choice: int) -> None:
    path = content / "media/plan.png"
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (8 + choice, 8), (choice, 0, 0)).save(path)


def template(content: Path, choice: int) -> None:
    path = content.parent / "theme/templates" / ("base.html", "course.html", "parts/outline.html")[choice % 3]
    path.write_text(path.read_text() + f"<!-- {choice} -->")


def style(content: Path, choice: int) -> None:
    path = content.parent / "theme/static/css/base.css"
    path.write_text(path.read_text() + f"\n.edit-{choice} {{ color: red }}\n")


def course(content: Path, choice: int) -> None:
    """Comes, changes or goes: its date, price, flags, topics, length; with no lecture while it is announced."""
    slug = f"course-{choice % 2}"
    folder = content / f"courses/{slug}"
    if folder.exists() and choice > 7:
        shutil.rmtree(folder)
        return
    offers: tuple[dict[str, object], ...] = ({"price": {"usd": 100 + choice}}, {"free": True}, {"notify": True})
    dates = ("2024-12-20", "2024-01-02", "2030-01-01")
    more = offers[choice % 3] | {"date": dates[choice // 3 % 3], "topics": ["clocks", "tools"][choice % 2 :]}
    write_course(content, slug, lectures=1 + choice % 3, title=f"Course & {choice}", aliases=[f"/{slug}"], **more)


def lecture(content: Path, choice: int) -> None:
    """One of the first course: with captions in a language or two, in a chapter that has a title or has none."""
    if not (content / "courses/course-0").exists():
        write_course(content, "course-0")
    path = write_lecture(content, "course-0", 5, chapter="02-more", text=f"Notes {choice}.", seconds=61 + choice)
    translated = path.with_suffix(".de.vtt")
    translated.unlink() if translated.exists() else write(translated, transcript(f"Folge {choice}."))
    chapter = path.with_name("chapter.md")
    chapter.unlink() if chapter.exists() else write(chapter, f"---\ntitle: More {choice}\n---\n")


def bundle(content: Path, choice: int) -> None:
    path = content / "bundles/all.md"
    if path.exists() and choice % 2:
        path.unlink()
    else:
        write_bundle(content, "all", title=f"All {choice}", until=("2024-06-01", "2025-01-02", None)[choice % 3])


def redirects(content: Path, choice: int) -> None:
    write(content / "redirects.toml", f'"/go" = "https://example.org/{choice}"\n')


EDITS: dict[str, Edit] = {
    "add": add,
    "bundle": bundle,
    "course": course,
    "lecture": lecture,
    "alias": field("aliases", '["/old-{n}"]', '["/old/{n}", "/older-{n}"]', ""),
    "chapters": field("chapters", '["00:00 Start", "05:00 End"]', '["00:00 All"]', ""),
    "clock": lambda content, choice: None,
    "date": field("date", "2024-01-02", "2030-01-01T06:00:00Z", "2024-02-01T06:00:00+02:00"),
    "draft": field("status", "draft", "published", ""),
    "guests": field("guests", "[grace-example]", "[grace-example, bob-example]", ""),
    "notes": notes,
    "page": page,
    "person": person,
    "picture": picture,
    "post": post,
    "redirects": redirects,
    "remove": remove,
    "rename": rename,
    "season": field("season", "2", ""),
    "site": site,
    "style": style,
    "template": template,
    "title": field("title", "Plain", "Ünïcode & <tags>", "'42'", "Part"),
    "topics": field("topics", "[clocks]", "[clocks, tools]", ""),
    "transcript": transcribe,
    "type": field("type", "bonus", "trailer", ""),
}
