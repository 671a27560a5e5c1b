"""Releases: what a publish leaves behind, what is shared, what is kept, and what a kill cannot break."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from generator.errors import BuildError
from generator.write import releases
from generator.write.releases import Release
from tests.command import ROOT, environment
from tests.deploy.web_root import MODIFIED, NOTES, web_root

NOW = datetime(2026, 1, 5, 6, tzinfo=UTC)
SHEET = "assets/site.*.css"


class Publisher:
    """Publishes editions of the small web root, an hour apart."""

    def __init__(self, folder: Path) -> None:
        self.output, self.www = folder / "output", folder / "www"
        self._hours = 0

    def create(self, edition: str, *, now: datetime | None = None) -> Release:
        self._hours += 1
        for old in self.output.glob(f"{SHEET}*"):
            old.unlink()
        web_root(self.output, edition=edition, modified=MODIFIED + self._hours)
        return releases.create(self.output, self.www, now=now or NOW + timedelta(hours=self._hours))

    def publish(self, edition: str) -> Release:
        return releases.switch(self.www, self.create(edition).id)

    def public(self, release: Release) -> Path:
        return self.www / "releases" / release.id / "public"

    def sheets(self) -> int:
        return len(list((self.www / "pool").glob(SHEET)))


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


def test_a_release_is_named_by_its_time_and_content(publisher: Publisher) -> None:
    release = publisher.create("first", now=NOW)
    assert release.id == f"20260105T060000Z-{release.digest[:8]}"


def test_nothing_is_served_before_the_switch(publisher: Publisher) -> None:
    publisher.create("first")
    assert releases.current(publisher.www) is None


def test_the_link_leads_to_the_release_switched_to(publisher: Publisher) -> None:
    publisher.publish("first")
    assert "edition first" in (publisher.www / "current/public/index.html").read_text()


def test_files_of_a_release_are_those_of_the_output(publisher: Publisher) -> None:
    release = publisher.create("first")
    published = publisher.public(release) / "episodes/1/hello/index.html"
    assert published.samefile(publisher.output / "episodes/1/hello/index.html")


def test_an_unchanged_file_is_one_file_in_two_releases(publisher: Publisher) -> None:
    first, second = publisher.publish("first"), publisher.publish("second")
    assert (publisher.public(first) / "robots.txt").samefile(publisher.public(second) / "robots.txt")


def test_an_older_release_keeps_its_page_when_the_output_changes(publisher: Publisher) -> None:
    first = publisher.publish("first")
    publisher.publish("second")
    assert "edition first" in (publisher.public(first) / "index.html").read_text()


def test_what_the_build_remembers_is_not_published(publisher: Publisher) -> None:
    assert not (publisher.public(publisher.create("first")) / ".longwave").exists()


def test_nginx_is_told_the_absolute_root(publisher: Publisher) -> None:
    release = publisher.publish("first")
    root = (publisher.www / "current/nginx/root.conf").read_text()
    assert root == f'root "{publisher.public(release).resolve()}";\n'


def test_redirects_move_with_their_release(publisher: Publisher) -> None:
    publisher.publish("first")
    redirects = publisher.output / ".longwave/redirects.map"
    assert (publisher.www / "current/nginx/redirects.map").read_bytes() == redirects.read_bytes()


def test_fingerprinted_files_lie_in_the_pool_alone(publisher: Publisher) -> None:
    release = publisher.create("first")
    assert publisher.sheets() == 1
    assert not {"assets", "media"} & {path.name for path in publisher.public(release).iterdir()}


def test_what_goes_with_lectures_lies_in_the_pool_and_in_no_web_root(publisher: Publisher) -> None:
    release = publisher.publish("first")
    kept = publisher.www / "pool/downloads" / NOTES
    assert kept.read_bytes() == (publisher.output / ".longwave/downloads" / NOTES).read_bytes()
    assert not list(publisher.public(release).rglob("*notes*"))


def test_an_asset_of_the_release_before_is_still_there(publisher: Publisher) -> None:
    publisher.publish("first")
    publisher.publish("second")
    assert publisher.sheets() == 2


def test_an_unchanged_output_is_no_new_release(publisher: Publisher) -> None:
    first = publisher.publish("first")
    again = releases.create(publisher.output, publisher.www, now=NOW + timedelta(days=1))
    assert again == first


def test_names_sort_as_releases_were_made_though_the_clock_goes_back(publisher: Publisher) -> None:
    first = publisher.create("first", now=NOW)
    second = publisher.create("second", now=NOW - timedelta(days=1))
    assert second.id > first.id


def test_switching_to_an_unknown_release_says_what_there_is(publisher: Publisher) -> None:
    release = publisher.publish("first")
    with pytest.raises(BuildError, match=release.id):
        releases.switch(publisher.www, "../releases")


def test_the_first_release_has_none_before_it(publisher: Publisher) -> None:
    publisher.publish("first")
    assert releases.previous(publisher.www) is None


def test_going_back_twice_goes_back_two_releases(publisher: Publisher) -> None:
    first, *_ = [publisher.publish(edition) for edition in ("first", "second", "third")]
    for _ in range(2):
        before = releases.previous(publisher.www)
        assert before
        releases.switch(publisher.www, before.id)
    assert releases.current(publisher.www) == first


def test_a_release_that_was_taken_back_is_not_gone_back_to(publisher: Publisher) -> None:
    good = publisher.publish("good")
    publisher.publish("bad")
    releases.switch(publisher.www, good.id)
    publisher.publish("mended")
    assert releases.previous(publisher.www) == good


def test_pruning_keeps_the_newest(publisher: Publisher) -> None:
    made = [publisher.publish(str(n)) for n in range(5)]
    assert releases.prune(publisher.www, 3) == tuple(made[:2])
    assert releases.kept_releases(publisher.www) == tuple(made[2:])


def test_pruning_spares_the_current_release_and_the_one_before(publisher: Publisher) -> None:
    made = [publisher.publish(str(n)) for n in range(5)]
    releases.switch(publisher.www, made[1].id)
    releases.prune(publisher.www, 1)
    assert releases.kept_releases(publisher.www) == (made[0], made[1], made[4])


def test_assets_that_no_release_names_leave_the_pool(publisher: Publisher) -> None:
    for n in range(5):
        publisher.publish(str(n))
    releases.prune(publisher.www, 3)
    assert publisher.sheets() == 3


def test_audio_stays_in_the_pool_for_ever(publisher: Publisher) -> None:
    publisher.publish("first")
    (publisher.output / "media/0001-hello.0123abcd.mp3").unlink()
    for n in range(5):
        releases.switch(publisher.www, releases.create(without_audio(publisher, n), publisher.www, now=NOW).id)
    releases.prune(publisher.www, 1)
    assert (publisher.www / "pool/media/0001-hello.0123abcd.mp3").exists()


def without_audio(publisher: Publisher, n: int) -> Path:
    os.utime(publisher.output / "robots.txt", (n, n))
    return publisher.output


def test_two_publishes_at_once_are_told_apart(publisher: Publisher) -> None:
    with (
        releases.lock(publisher.www),
        pytest.raises(BuildError, match=f"process {os.getpid()}"),
        releases.lock(publisher.www),
    ):
        raise AssertionError("two hold the lock")


def test_the_lock_can_be_had_again(publisher: Publisher) -> None:
    with releases.lock(publisher.www):
        pass
    with releases.lock(publisher.www):
        assert (publisher.www / "publish.lock").read_text() == f"process {os.getpid()}"


def test_a_half_made_release_is_removed_by_the_next(publisher: Publisher) -> None:
    half = publisher.public(publisher.create("first"))
    (half.parent / "manifest.json").unlink()
    publisher.create("second")
    assert not half.parent.exists()


@pytest.fixture
def no_links_from_output(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the output lay on another file system."""
    link: Callable[..., None] = os.link

    def refuse(source: str, target: str) -> None:
        if str(source).startswith(str(publisher.output)):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(os, "link", refuse)


def test_another_file_system_gets_copies_with_their_times(publisher: Publisher, no_links_from_output: None) -> None:
    release = publisher.create("first")
    copy, original = publisher.public(release) / "robots.txt", publisher.output / "robots.txt"
    assert not copy.samefile(original)
    assert copy.stat().st_mtime_ns == original.stat().st_mtime_ns


def test_another_file_system_shares_unchanged_files_too(publisher: Publisher, no_links_from_output: None) -> None:
    first, second = publisher.publish("first"), publisher.publish("second")
    assert (publisher.public(first) / "robots.txt").samefile(publisher.public(second) / "robots.txt")


def test_a_torn_file_in_the_pool_is_made_whole(publisher: Publisher) -> None:
    torn = publisher.www / "pool/media/0001-hello.0123abcd.mp3"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"torn")
    publisher.create("first")
    assert torn.read_bytes() == (publisher.output / "media/0001-hello.0123abcd.mp3").read_bytes()


def test_a_folder_that_nginx_would_misread_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="syntax"):
        Publisher(tmp_path / "a$b").create("first")


def test_a_kill_at_any_moment_leaves_a_whole_site_and_the_next_publish_repairs(
    publisher: Publisher, prove: bool
) -> None:
    publisher.publish("first")
    for _ in range(100 if prove else 15):
        publish_until_killed(publisher, seconds=random.uniform(0.0, 0.05))
        assert_whole(publisher)
        with releases.lock(publisher.www):
            mended = publisher.publish(f"{time.time_ns()}")
        assert releases.current(publisher.www) == mended
        assert_whole(publisher)


ENDLESS = """
import itertools, sys
from pathlib import Path
from tests.deploy.test_releases import Publisher
from generator.write import releases
publisher = Publisher(Path(sys.argv[1]))
print("ready", flush=True)
for n in itertools.count():
    with releases.lock(publisher.www):
        publisher.publish(f"killed {n} {sys.argv[2]}")
        releases.prune(publisher.www, 2)
"""


def publish_until_killed(publisher: Publisher, *, seconds: float) -> None:
    folder = publisher.www.parent
    command = [sys.executable, "-c", ENDLESS, str(folder), str(time.time_ns())]
    child = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    assert child.stdout
    with child.stdout as lines:
        lines.readline()
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    child.wait()


def assert_whole(publisher: Publisher) -> None:
    """Every finished release has all its files, and so has the pool for the one that is served."""
    for release in releases.kept_releases(publisher.www):
        assert (publisher.public(release) / "index.html").stat().st_size
    serving = releases.current(publisher.www)
    assert serving
    pooled = sum(path.is_file() for path in (publisher.www / "pool/media").rglob("*")) + len(serving.assets)
    assert sum(path.is_file() for path in publisher.public(serving).rglob("*")) + pooled == serving.files
    assert all((publisher.www / "pool/assets" / name).is_file() for name in serving.assets)
