"""Only what changed is rendered and written, and the result is a cold build's, whatever happened before."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest
from PIL import Image

from generator import versions
from tests.generator.project import Project, differences, times, tree
from tests.generator.shows import write_episode, write_post

COMPRESSED = (".gz", ".br")


@pytest.fixture
def edited(season: Project, tmp_path: Path) -> Project:
    """The built season, to be changed by one test; copied with its times, as a move of the folder keeps them."""
    return Project(Path(shutil.copytree(season.root, tmp_path / "season", copy_function=shutil.copy2)))


def test_an_unchanged_show_is_neither_rendered_nor_written(edited: Project) -> None:
    before = times(edited.output)
    counts = edited.build()
    assert (counts.rendered, counts.written) == (0, 0)
    assert times(edited.output) == before


def test_a_changed_title_changes_exactly_the_files_that_print_it(edited: Project) -> None:
    write_post(edited.content, "hello", title="Quixotic", authors=["ada-example"], topics=["clocks"])
    edited.build()
    before = tree(edited.output)
    write_post(edited.content, "hello", title="Quotidian", authors=["ada-example"], topics=["clocks"])
    counts = edited.build()
    printed = {name for name, content in before.items() if b"Quixotic" in content}
    assert {plain(name) for name in differences(before, tree(edited.output))} == printed
    assert len(printed) <= counts.rendered <= len(printed) + 3 < counts.pages


def test_an_episodes_new_title_is_on_its_page_its_neighbours_and_its_guests(edited: Project) -> None:
    write_episode(edited.content, 7, title="Quixotic", guests=["grace-example"], topics=["clocks"])
    edited.build()
    places = ("episodes/6/part-6", "episodes/7/part-7", "episodes/8/part-8", "people/grace-example", "topics/clocks")
    assert [place for place in places if "Quixotic" not in (edited.output / place / "index.html").read_text()] == []


def test_files_with_the_same_bytes_keep_their_times(edited: Project) -> None:
    before, moments = tree(edited.output), times(edited.output)
    write_episode(edited.content, 12, title="Renamed")
    counts = edited.build()
    moved = differences(moments, times(edited.output))
    assert moved == differences(before, tree(edited.output))
    assert 0 < counts.written < counts.pages / 2


def test_an_added_episode_changes_only_files_that_print_it(edited: Project) -> None:
    before = tree(edited.output)
    write_episode(edited.content, 31, title="Unheard", slug="unheard")
    edited.build()
    after = tree(edited.output)
    changed = {name for name in differences(before, after) & before.keys() if plain(name) == name}
    counting = {"people/index.html"}
    assert {name for name in changed - counting if b"unheard" not in after[name].lower()} == set()


def test_old_list_pages_and_archives_do_not_change_when_an_episode_is_added(edited: Project) -> None:
    before = times(edited.output)
    write_episode(edited.content, 31)
    edited.build()
    old = {name for name in before if name.startswith(("episodes/page/1/", "episodes/1/", "episodes/15/", "assets/"))}
    assert old
    assert not old & differences(before, times(edited.output))


def test_an_edit_of_the_same_size_in_the_same_second_moves_the_time_by_a_second(edited: Project) -> None:
    page = edited.output / "posts/hello/index.html"
    seconds = []
    for title in ("Aaaa", "Bbbb", "Cccc"):
        write_post(edited.content, "hello", title=title)
        edited.build()
        seconds.append(int(page.stat().st_mtime))
    assert seconds[0] < seconds[1] < seconds[2]


def test_compressed_files_carry_the_time_of_their_original(edited: Project) -> None:
    write_episode(edited.content, 12, title="Renamed")
    edited.build()
    moments = times(edited.output)
    apart = {name for name in moments if plain(name) != name and moments[name] != moments[plain(name)]}
    assert apart == set()
    assert any(name.endswith(".gz") for name in moments)


def test_an_edit_of_the_shared_template_renders_every_page_and_no_feed(edited: Project) -> None:
    before = times(edited.output)
    base = edited.root / "theme/templates/base.html"
    base.write_text(base.read_text().replace("</body>", "<p>Edited.</p></body>"))
    counts = edited.build()
    pages = {name for name in before if name.endswith(".html")}
    assert pages <= differences(before, times(edited.output))
    assert not {"feed.xml", "sitemap.xml", "posts/feed.xml"} & differences(before, times(edited.output))
    assert counts.rendered >= len(pages)


def test_a_template_edit_that_prints_the_same_writes_nothing(edited: Project) -> None:
    before = times(edited.output)
    base = edited.root / "theme/templates/base.html"
    base.write_text("{# A remark. #}" + base.read_text())
    counts = edited.build()
    assert counts.written == 0
    assert times(edited.output) == before


def test_an_edit_of_one_template_renders_only_the_pages_of_its_kind(edited: Project) -> None:
    before = tree(edited.output)
    template = edited.root / "theme/templates/not_found.html"
    template.write_text(template.read_text().replace("<h1", "<h1 id='gone'"))
    assert edited.build().rendered == 1
    assert {plain(name) for name in differences(before, tree(edited.output))} == {"404.html"}


@pytest.mark.parametrize("lost", ["index.html", "feed.xml", "feed.xml.gz", "episodes/7", "posts", "assets"])
def test_a_deleted_output_comes_back(edited: Project, lost: str) -> None:
    before, path = tree(edited.output), edited.output / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    edited.build()
    assert tree(edited.output) == before


@pytest.mark.parametrize("content", [b"", b"no ledger at all" * 999], ids=["lost", "damaged"])
def test_a_ledger_that_is_gone_costs_only_time(edited: Project, content: bytes) -> None:
    before, moments = tree(edited.output), times(edited.output)
    for path in (edited.output / ".longwave").glob("ledger*"):
        path.write_bytes(content) if content else path.unlink()
    edited.build()
    assert (tree(edited.output), times(edited.output)) == (before, moments)


def test_a_folder_of_somebody_elses_files_is_not_built_into(edited: Project, tmp_path: Path) -> None:
    mine = tmp_path / "pictures/holiday.txt"
    mine.parent.mkdir()
    mine.write_text("Do not lose me.")
    done = edited.run("build", "--output", mine.parent)
    assert done.returncode == 1
    assert [path.name for path in mine.parent.iterdir()] == ["holiday.txt"]


def test_outputs_whose_source_is_gone_are_removed_with_their_folders(edited: Project) -> None:
    (edited.content / "episodes/0007-part-7.md").unlink()
    (edited.content / "episodes/0007-part-7.vtt").unlink()
    edited.build()
    assert not (edited.output / "episodes/7").exists()
    assert not (edited.output / "people/grace-example/index.html").read_bytes().count(b"/episodes/7/")


def test_a_linked_picture_with_new_bytes_has_a_new_address_on_the_page(edited: Project) -> None:
    write_post(edited.content, "hello", text="![Plan](../media/plan.png)")
    pages = []
    for colour in ("red", "blue"):
        (edited.content / "media").mkdir(exist_ok=True)
        Image.new("RGB", (64, 64), colour).save(edited.content / "media/plan.png")
        edited.build()
        pages.append((edited.output / "posts/hello/index.html").read_text())
    assert all("/media/plan." in page for page in pages)
    assert pages[0] != pages[1]


def test_a_stylesheet_edit_gives_every_page_its_new_name(edited: Project) -> None:
    css = edited.root / "theme/static/css/base.css"
    css.write_text(css.read_text() + "\n.edited { color: red }\n")
    edited.build()
    (sheet,) = (path for path in (edited.output / "assets").glob("*.css") if ".edited" in path.read_text())
    assert f"/assets/{sheet.name}" in (edited.output / "episodes/1/part-1/index.html").read_text()


def test_builds_in_two_folders_time_zones_and_hash_seeds_are_identical(season: Project, tmp_path: Path) -> None:
    copy = Project(tmp_path / "elsewhere/deeper")
    shutil.copytree(season.content, copy.content)
    shutil.copytree(season.root / "theme", copy.root / "theme")
    copy.build("--jobs", "1", env={"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4711", "LC_ALL": "C"})
    assert tree(copy.output) == tree(season.output)


def test_moving_at_past_a_scheduled_date_publishes_and_back_withdraws(edited: Project) -> None:
    write_episode(edited.content, 31, date="2030-01-01T06:00:00Z", title="Tomorrow")
    edited.build("--at", "2029-12-31T23:59:59Z")
    before = tree(edited.output)
    edited.build("--at", "2030-01-01T06:00:00Z")
    assert b"Tomorrow" in (edited.output / "feed.xml").read_bytes()
    edited.build("--at", "2029-12-31T23:59:59Z")
    assert tree(edited.output) == before


def plain(name: str) -> str:
    """The file a compressed sibling belongs to, or the file itself."""
    return name[:-3] if name.endswith(COMPRESSED) else name


def test_another_version_of_a_library_makes_everything_anew() -> None:
    """So the versions that shape outputs have to be those that Python itself would name."""
    assert versions.libraries() == [f"{library} {metadata.version(library)}" for library in versions.LIBRARIES]
