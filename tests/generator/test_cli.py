"""The command line as a person meets it: help with examples, exit codes 0, 1 and 2, and never a traceback."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.command import longwave
from tests.deploy.servers import free_port
from tests.generator.project import COUNTS, Project, tree, write_project
from tests.generator.shows import write, write_episode, write_silence

COMMANDS = [
    *(["build"], ["check"], ["explain"], ["media", "add"], ["publish"], ["rollback"]),
    *(["new", "show"], ["new", "episode"], ["new", "person"], ["new", "post"]),
]


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_help_of_every_command_shows_an_example(name: list[str]) -> None:
    done = longwave(*name, "--help")
    assert done.returncode == 0
    assert len(re.findall(rf"longwave {' '.join(name)}", done.stdout)) >= 2, "usage and an example"


def test_help_lists_every_command() -> None:
    listed = longwave("--help").stdout
    assert {name[0] for name in COMMANDS} <= set(re.findall(r"^  (\w+)", listed, re.M))


@pytest.mark.parametrize(
    "wrong",
    [
        *(["buidl"], ["build", "--colour"], ["build", "--jobs", "many"], ["build", "--at", "soon"], ["explain"]),
        *(["new", "episode"], ["media", "add"], ["new", "planet", "Mars"], ["check", "extra"]),
        *(["build", "--url", "https://a.example/shop"], ["publish", "--url", "a.example"]),
        *(["serve", "--url", "https://a.example/shop"], ["build", "--at", "0001-01-01T00:00+05:00"]),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_says_how(project: Project, wrong: list[str]) -> None:
    done = project.run(*wrong)
    assert done.returncode == 2
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["check", "--content", "nowhere"], "nowhere"),
        (["build", "--content", "nowhere"], "nowhere"),
        (["build", "--theme", "nowhere"], "nowhere"),
        (["build", "--output", "content/site.toml"], "site.toml"),
        (["media", "add", "nothing.mp3"], "nothing.mp3"),
        (["explain", "/nowhere/"], "/nowhere/"),
        (["rollback"], "release"),
        (["rollback", "20200101T000000Z-none"], "20200101T000000Z-none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_users_mistake_is_told_without_a_traceback(project: Project, args: list[str], word: str) -> None:
    done = project.run(*args)
    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_content_ends_serve_without_a_traceback(project: Project) -> None:
    path = write_episode(project.content, 2, titel="Renamed")
    done = project.run("serve", "--port", str(free_port()))
    assert done.returncode == 1
    assert f"content/episodes/{path.name}:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_template_with_a_mistake_is_named_with_its_line(project: Project) -> None:
    template = project.root / "theme/templates/post.html"
    template.write_text(template.read_text() + "\n{% if %}\n")
    done = project.run("build")
    assert done.returncode == 1
    assert f"post.html:{len(template.read_text().splitlines())}" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_of_a_sound_show_exits_0_and_writes_nothing(project: Project) -> None:
    before = sorted(project.root.rglob("*"))
    assert project.run("check").returncode == 0
    assert sorted(project.root.rglob("*")) == before


def test_build_prints_its_counts_in_one_line(project: Project) -> None:
    done = project.run("build")
    assert len(COUNTS.findall(done.stdout)) == 1
    assert done.stderr == ""


def test_build_gives_its_counts_to_programs_as_json(project: Project) -> None:
    counts = json.loads(project.run("build", "--json").stdout)
    assert counts["pages"] == counts["rendered"] == counts["written"] > 0


def test_build_takes_other_folders_and_another_address(project: Project, tmp_path: Path) -> None:
    args = ("--content", project.content, "--theme", project.root / "theme", "--output", tmp_path / "web")
    done = longwave("build", *args, "--url", "http://localhost:8000", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    feed = (tmp_path / "web/feed.xml").read_text()
    assert "http://localhost:8000/feed.xml" in feed
    assert "https://signalpath.example" not in feed


def test_a_slash_after_another_address_is_taken_off(project: Project) -> None:
    project.build("--url", "http://localhost:8000/")
    assert "http://localhost:8000/feed.xml" in (project.output / "feed.xml").read_text()


def test_a_moment_without_an_offset_is_the_sites_time(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=1, site={"timezone": "Asia/Tokyo"})  # public at 15:00 there
    page = project.output / "episodes/1/part-1/index.html"
    project.build("--at", "2024-01-01T14:59:59")
    assert not page.exists()
    project.build("--at", "2024-01-01T15:00")
    assert page.exists()


def test_build_says_what_it_removed(project: Project) -> None:
    assert "removed" not in project.run("build").stdout
    (project.content / "episodes/0003-part-3.md").unlink()
    assert re.search(r" written, [\d.]+ s, [1-9]\d* removed$", project.run("build").stdout.strip())


def test_check_gives_problems_to_programs_as_json(project: Project) -> None:
    assert json.loads(project.run("check", "--json").stdout) == []
    write_episode(project.content, 2, titel="Renamed")
    done = project.run("check", "--json")
    (problem,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert problem.keys() == {"file", "line", "problem", "remedy"}
    assert problem["file"] == "content/episodes/0002-part-2.md"


def test_a_command_is_run_after_the_switch(project: Project) -> None:
    project.publish()
    write_episode(project.content, 4)
    for name in ("publish", "rollback"):
        assert project.run(name, "--after-switch", "cp -RL .longwave/www/current/public seen").returncode == 0
        assert tree(project.root / "seen") == tree(project.current / "public")
        shutil.rmtree(project.root / "seen")


@pytest.mark.parametrize("command", ["ls nowhere", "no-such-program", "echo 'half"])
def test_a_command_that_fails_after_the_switch_is_told(project: Project, command: str) -> None:
    done = project.run("publish", "--after-switch", command)
    assert done.returncode == 1
    assert f"is current, but '{command}' failed" in done.stderr


def test_a_new_show_passes_check_and_builds(project: Project, tmp_path: Path) -> None:
    done = longwave("new", "show", tmp_path / "fresh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (site,) = (tmp_path / "fresh").rglob("site.toml")
    for name in ("check", "build"):
        done = project.run(name, "--content", site.parent)
        assert done.returncode == 0, done.stderr


def test_a_new_show_without_a_theme_gets_our_own(tmp_path: Path) -> None:
    longwave("new", "show", "fresh", cwd=tmp_path)
    done = longwave("build", "--content", "fresh/content", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output/index.html").exists()


def test_two_new_shows_have_guids_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        longwave("new", "show", name, cwd=tmp_path)
    guids = {tomllib.loads(path.read_text())["show"]["guid"] for path in tmp_path.rglob("site.toml")}
    assert len(guids) == 2


@pytest.mark.parametrize(
    ("args", "file"),
    [
        (["episode", "What: a 'title' & more!"], "episodes/0004-what-a-title-more.md"),
        (["person", "Grace Éxample"], "people/grace-example.md"),
        (["post", "Hello again"], "posts/hello-again.md"),
    ],
    ids=["episode", "person", "post"],
)
def test_what_new_writes_passes_check(project: Project, args: list[str], file: str) -> None:
    done = project.run("new", *args)
    assert done.returncode == 0, done.stderr
    assert args[1] in (project.content / file).read_text().replace("''", "'")
    assert project.run("check").returncode == 0


def test_new_does_not_overwrite(project: Project) -> None:
    path = write(project.content / "people/grace-example.md", "---\nname: Grace\n---\nMine.\n")
    done = project.run("new", "person", "Grace Example")
    assert done.returncode == 1
    assert "grace-example.md" in done.stderr
    assert "Mine." in path.read_text()


def test_a_new_episode_with_audio_can_be_published_as_it_is(project: Project, tmp_path: Path) -> None:
    audio = write_silence(tmp_path / "recording.mp3", seconds=30)
    done = project.run("new", "episode", "Recorded", "--audio", audio)
    assert done.returncode == 0, done.stderr
    text = (project.content / "episodes/0004-recorded.md").read_text()
    name = re.search(r"^audio: (\S+)", text, re.M)
    assert name
    assert tomllib.loads((project.content / "media.lock").read_text())[name[1]]["bytes"] == audio.stat().st_size
    assert project.run("check").returncode == 0


def test_media_add_records_length_duration_type_and_hash(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3", seconds=12)
    done = project.run("media", "add", audio)
    assert done.returncode == 0, done.stderr
    entry = tomllib.loads((project.content / "media.lock").read_text())["0001-part-1.mp3"]
    assert (entry["bytes"], entry["type"], len(entry["sha256"])) == (audio.stat().st_size, "audio/mpeg", 64)
    assert abs(entry["seconds"] - 12) < 0.1


def test_media_add_twice_changes_nothing(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3")
    project.run("media", "add", audio)
    before = (project.content / "media.lock").read_bytes()
    assert project.run("media", "add", audio).returncode == 0
    assert (project.content / "media.lock").read_bytes() == before


def test_locks_are_replaced_whole_and_never_changed_in_place(project: Project, tmp_path: Path) -> None:
    audio = write_silence(tmp_path / "recording.mp3")
    project.run("new", "episode", "First", "--audio", audio)
    locks = [project.content / name for name in ("media.lock", "guids.lock")]
    kept = [(lock, lock.read_bytes()) for lock in locks]
    for lock in locks:
        (tmp_path / lock.name).hardlink_to(lock)
    project.run("new", "episode", "Second", "--audio", audio)
    for lock, before in kept:
        assert lock.read_bytes() != before
        assert (tmp_path / lock.name).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"This is no audio.\n" * 99], ids=["empty", "unreadable"])
def test_media_add_refuses_what_is_no_audio(project: Project, content: bytes) -> None:
    path = project.content / "media/0001-part-1.mp3"
    path.parent.mkdir()
    path.write_bytes(content)
    done = project.run("media", "add", path)
    assert done.returncode == 1
    assert "0001-part-1.mp3" in done.stderr
    assert not (project.content / "media.lock").exists()


def test_local_audio_has_an_address_made_of_its_bytes(project: Project) -> None:
    audio = write_silence(project.content / "media/0001-part-1.mp3")
    project.run("media", "add", audio)
    write_episode(project.content, 1, audio="0001-part-1.mp3")
    project.build()
    sha256 = tomllib.loads((project.content / "media.lock").read_text())["0001-part-1.mp3"]["sha256"]
    published = project.output / f"media/0001-part-1.{sha256[:8]}.mp3"
    assert published.read_bytes() == audio.read_bytes()
    assert published.name in (project.output / "feed.xml").read_text()


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


def test_build_and_publish_survive_a_content_folder_without_episodes(tmp_path: Path) -> None:
    project = write_project(tmp_path, episodes=0)
    project.publish()
    assert "index.html" in tree(project.output)
