"""Publishing and rolling back as the owner does it; it looks at what stands behind the link `current`."""

from pathlib import Path

import pytest

from tests.generator.project import Project, tree
from tests.generator.shows import write, write_episode, write_site

POOLED = ("assets/", "media/")


@pytest.fixture
def published(project: Project) -> Project:
    project.publish()
    return project


def test_the_published_site_is_the_built_one(published: Project) -> None:
    built = {name: content for name, content in tree(published.output).items() if not name.startswith((".", *POOLED))}
    assert tree(published.current / "public") == built


def test_assets_and_media_lie_in_the_pool(published: Project) -> None:
    pooled = {path.name for path in (published.current.parent / "pool").rglob("*")}
    assert {Path(name).name for name in tree(published.output) if name.startswith(POOLED)} <= pooled


def test_current_is_a_link_to_one_release(published: Project) -> None:
    assert published.current.is_symlink()
    assert published.current.resolve().parent == published.current.parent / "releases"
    assert (published.current / "manifest.json").exists()


def test_what_the_build_remembers_is_not_published(published: Project) -> None:
    assert not list((published.current / "public").rglob(".*"))


def test_unchanged_files_are_shared_between_releases(published: Project) -> None:
    before = {
        path.relative_to(published.current): path.stat().st_ino
        for path in (published.current / "public").rglob("*.html")
    }
    write_episode(published.content, 3, title="Renamed")
    published.publish()
    shared = [path for path, inode in before.items() if (published.current / path).stat().st_ino == inode]
    assert Path("public/episodes/1/part-1/index.html") in shared
    assert Path("public/episodes/3/part-3/index.html") not in shared


def test_the_feed_of_an_unchanged_show_keeps_its_etag_over_ten_publishes(published: Project) -> None:
    tags = []
    for nth in range(10):
        write(published.content / "pages/news.md", f"---\ntitle: News\n---\nRevision {nth}.\n")
        published.publish()
        feed = (published.current / "public/feed.xml").stat()
        tags.append((feed.st_mtime_ns, feed.st_size))
    assert len(set(tags)) == 1


def test_publish_writes_guids_down_and_check_refuses_another(published: Project) -> None:
    assert (published.content / "guids.lock").read_text().count(" = ") == 3
    write_site(published.content, show={"guid": "9b024349-ccf0-5f69-a609-6b82873eab3c"})
    assert published.run("check").returncode == 0
    write_episode(published.content, 1, guid="another")
    done = published.run("check")
    assert done.returncode == 1
    assert "content/episodes/0001-part-1.md:" in done.stderr


def test_rollback_shows_the_release_before(published: Project) -> None:
    before = tree(published.current / "public")
    write_episode(published.content, 4, title="Too early")
    published.publish()
    assert tree(published.current / "public") != before
    assert published.run("rollback").returncode == 0
    assert tree(published.current / "public") == before


def test_rollback_takes_an_id(published: Project) -> None:
    first = published.current.resolve()
    for number in (4, 5):
        write_episode(published.content, number)
        published.publish()
    assert published.run("rollback", first.name).returncode == 0
    assert published.current.resolve() == first


def test_publishing_after_a_rollback_goes_on(published: Project) -> None:
    write_episode(published.content, 4)
    published.publish()
    published.run("rollback")
    write_episode(published.content, 5)
    published.publish()
    assert {"episodes/4/part-4/index.html", "episodes/5/part-5/index.html"} <= tree(published.current / "public").keys()


def test_a_page_with_a_link_to_nowhere_is_not_published(published: Project) -> None:
    before = published.current.resolve()
    footer = published.root / "theme/templates/parts/footer.html"
    footer.write_text(footer.read_text().replace("</footer>", '<a href="/nowhere/">Lost</a></footer>'))
    done = published.run("publish")
    assert done.returncode == 1
    assert "/nowhere/" in done.stderr
    assert published.current.resolve() == before


def test_old_releases_are_pruned(published: Project) -> None:
    for number in range(4, 11):
        write_episode(published.content, number)
        published.publish()
    releases = sorted((published.current.parent / "releases").iterdir())
    assert 2 <= len(releases) <= 6
    assert published.current.resolve() == releases[-1]


def test_publish_to_another_folder_leaves_the_default_alone(project: Project, tmp_path: Path) -> None:
    project.publish("--to", tmp_path / "srv")
    assert (tmp_path / "srv/current/public/index.html").exists()
    assert not project.current.exists()
