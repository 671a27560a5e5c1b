"""`longwave explain`: what made an output, and why it was made anew."""

import json

import pytest

from tests.generator.project import Project
from tests.generator.shows import write, write_episode


@pytest.mark.parametrize(
    "path", ["/episodes/7/part-7/", "episodes/7/part-7/index.html", "output/episodes/7/part-7/index.html"]
)
def test_explain_names_sources_templates_and_the_reason(season: Project, path: str) -> None:
    done = season.run("explain", path)
    assert done.returncode == 0, done.stderr
    for word in ("episodes/0007-part-7.md", "episodes/0007-part-7.vtt", "episode.html", "base.html", "site.toml"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/feed.xml", ["every published episode", "content/site.toml"]),
        ("/posts/feed.xml", ["every published post"]),
        ("/courses/feed.xml", ["every published course"]),
        ("/catalog.json", ["every published course and bundle", "content/site.toml"]),
        ("/episodes.json", ["every published episode", "content/site.toml"]),
        ("/courses/", ["content/courses/clocks/course.md", "content/bundles/everything.md", "parts/course_card.html"]),
        ("/courses/clocks/", ["content/courses/clocks/01-basics/02-part-2.md", "parts/offer.html"]),
        ("/courses/clocks/part-2/", ["content/courses/clocks/01-basics/02-part-2.md", "lecture.html"]),
        ("/bundles/everything/", ["content/bundles/everything.md", "content/courses/clocks/course.md"]),
        ("/sitemap.xml", ["every page"]),
        ("/robots.txt", ["sources   content/site.toml"]),
        ("/people/", ["every published episode"]),
        ("/favicon.svg", ["sources   theme/static/favicon.svg"]),
        ("/feed.css", ["sources   theme/static/css/feed.css"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_explain_says_what_a_file_of_many_sources_is_made_of(season: Project, path: str, words: list[str]) -> None:
    done = season.run("explain", path)
    assert done.returncode == 0, done.stderr
    assert [word for word in words if word not in done.stdout] == []


def test_explain_names_the_style_behind_a_fingerprint(season: Project) -> None:
    (style,) = (season.output / "assets").glob("site.*.css")
    said = season.run("explain", f"/assets/{style.name}").stdout
    assert "theme/static/css/site.css\n" in said
    assert "settings" not in said


@pytest.mark.parametrize(
    ("path", "leads", "because"),
    [
        ("/episodes/5", "/episodes/5/part-5/", "short address of episode 5, content/episodes/0005-part-5.md"),
        ("/episodes/5/", "/episodes/5/part-5/", "short address of episode 5, content/episodes/0005-part-5.md"),
        ("/eight", "/episodes/8/part-8/", "content/episodes/0008-part-8.md has it among its aliases"),
    ],
)
def test_explain_says_where_a_redirect_leads_and_why(season: Project, path: str, leads: str, because: str) -> None:
    done = season.run("explain", path)
    assert done.returncode == 0, done.stderr
    assert f"leads to  {leads}, permanently (301)" in done.stdout
    assert because in done.stdout


def test_explain_knows_redirects_that_were_written_as_such(project: Project) -> None:
    write(project.content / "redirects.toml", '"/coffee" = "https://tips.example/"\n')
    project.build()
    told = json.loads(project.run("explain", "/coffee", "--json").stdout)
    assert (told["to"], told["permanent"]) == ("https://tips.example/", False)
    assert told["reason"] == "content/redirects.toml says so"


def test_explain_tells_what_changed(project: Project) -> None:
    project.build()
    write_episode(project.content, 2, title="Renamed")
    project.build()
    done = project.run("explain", "/episodes/2/part-2/")
    assert "episodes/0002-part-2.md" in done.stdout
    assert "title" in done.stdout or "content" in done.stdout
