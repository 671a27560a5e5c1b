"""The checker as another machine runs it: one line a check, and a call when something begins and when it is over."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.watch import outside
from deploy.watch.outside import Finding
from tests.deploy.machine import HOST
from tests.watch import world as worlds
from tests.watch.world import AUDIO, HOOK_PORT, MAIL_PORT, World

MAIL = {"host": "127.0.0.1", "port": MAIL_PORT, "starttls": False, "sender": f"watch@{HOST}", "to": [f"me@{HOST}"]}
HOOK = f"http://127.0.0.1:{HOOK_PORT}/s3cret"
CHECKS = [
    *("page over IPv4", "page over IPv6", "feed", "audio", "service", "certificate"),
    *(f"redirect of http://{HOST}", f"redirect of https://www.{HOST}"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def world(running: World) -> World:
    worlds.forget(running)
    return running


def wrong(said: str) -> list[str]:
    return re.findall(r"^WRONG  (.+?): ", said, re.M)


def test_when_all_is_well_each_check_is_a_line(world: World) -> None:
    done = world.look()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(": ")[0].removeprefix("ok     ") for line in done.stdout.splitlines()] == CHECKS


def test_a_dead_service_is_told_apart_from_the_site(world: World) -> None:
    world.service.status = 503
    done = world.look()
    assert (done.returncode, wrong(done.stdout)) == (1, ["service"])
    assert "To do: ssh HOST longwave doctor" in done.stdout


def test_a_site_without_ipv6_is_told_which_record_to_write(world: World) -> None:
    world.hosts("127.0.0.1")
    done = world.look()
    assert wrong(done.stdout) == ["page over IPv6"]
    assert "AAAA" in done.stdout
    assert world.look(families=[4]).returncode == 0


def test_a_machine_can_be_asked_before_dns_leads_to_it(world: World) -> None:
    world.hosts()
    assert len(wrong(world.look(families=[4]).stdout)) == len(CHECKS) - 1
    assert world.look(addresses=["127.0.0.1", "::1"]).returncode == 0


def test_a_certificate_that_was_not_renewed_is_told_in_time(world: World) -> None:
    assert wrong(world.look(certificate_days_min=14).stdout) == ["certificate"]


def test_a_feed_that_went_stale_is_told(world: World) -> None:
    world.feed(published=datetime.now(UTC) - timedelta(days=9))
    assert wrong(world.look(feed_days_max=8).stdout) == ["feed"]
    assert world.look(feed_days_max=9).returncode == 0


def test_a_feed_that_is_no_xml_is_told(world: World) -> None:
    (world.folder / "feed.xml").write_text("<rss><channel>")
    world.reload()
    assert wrong(world.look().stdout) == ["feed", "audio"]


def test_audio_that_is_not_what_the_feed_says_is_told(world: World) -> None:
    world.feed(length=99)
    assert wrong(world.look().stdout) == ["audio"]


def test_audio_that_is_gone_is_told(world: World) -> None:
    file = world.folder / f"pool{AUDIO}"
    file.rename(file.with_suffix(".away"))
    world.reload()
    done = world.look()
    file.with_suffix(".away").rename(file)
    assert wrong(done.stdout) == ["audio"]


def test_a_name_that_leads_elsewhere_is_told(world: World) -> None:
    done = world.look(aliases=[f"https://{HOST}"])
    assert wrong(done.stdout) == [f"redirect of https://{HOST}"]
    assert "answered 200" in done.stdout


def test_somebody_is_called_once_when_it_begins_and_once_when_it_is_over(world: World) -> None:
    world.service.status = 503
    for _ in range(3):
        world.look(mail=MAIL)
    world.service.status = 200
    for _ in range(3):
        world.look(mail=MAIL)
    assert world.mailbox.subjects == [f"ALARM: service ({HOST})", f"over: service ({HOST})"]
    assert "To do: ssh HOST longwave doctor" in world.mailbox.texts[0]


def test_a_chat_is_told_the_same_and_a_switch_is_pressed_at_every_look(world: World) -> None:
    for _ in range(3):
        assert world.call(is_wrong=True, webhook=HOOK, ping=HOOK) == []
    (posted,) = world.hook.posted
    assert posted["text"].startswith(f"ALARM: service ({HOST})\nBEGAN  service: is dead")
    assert world.hook.asked == ["/s3cret"] * 3


def test_a_call_that_nobody_took_is_made_again(world: World) -> None:
    world.hook.status = 500
    assert [world.call(is_wrong=True, webhook=HOOK) for _ in range(2)] == [[], ["webhook: HTTPError"]]
    world.hook.status = 200
    assert [world.call(is_wrong=True, webhook=HOOK) for _ in range(2)] == [[], []]
    assert len(world.hook.posted) == 2


def test_an_end_that_nobody_was_told_is_told_again(world: World) -> None:
    for is_wrong in (True, True, False):
        world.call(is_wrong=is_wrong, webhook=HOOK)
    world.hook.status = 500
    world.call(is_wrong=False, webhook=HOOK)
    world.hook.status = 200
    for _ in range(2):
        world.call(is_wrong=False, webhook=HOOK)
    assert [posted["text"].split(":")[0] for posted in world.hook.posted] == ["ALARM", "over", "over"]


def test_one_channel_is_enough(world: World) -> None:
    world.hook.status = 500
    mail = outside.Mail(**{**MAIL, "to": (f"me@{HOST}",)})
    said = [world.call(is_wrong=True, webhook=HOOK, mail=mail) for _ in range(4)]
    assert said == [[], ["webhook: HTTPError"], [], []]
    assert len(world.mailbox.subjects) == 1


def test_secrets_that_others_can_read_are_refused(world: World) -> None:
    assert world.look(webhook=HOOK).returncode == 0
    path = world.folder / "outside.toml"
    path.chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        outside.configured([str(path)])


def test_every_setting_is_explained() -> None:
    example = Path(outside.__file__).with_name("outside.toml.example")
    known = outside.configured([str(example)])
    said = {line.split(" = ")[0] for line in example.read_text().splitlines() if " = " in line and line[0] != "#"}
    assert said == {*vars(known)} - {"mail"} | {*vars(known.mail)}
    assert outside.Wanted(url=known.url, mail=known.mail) == known


def looks(*bad: bool, every_seconds: int = 60) -> list[tuple[int, int]]:
    """How many alarms began and ended at each look."""
    state: dict[str, Any] = {}
    counts = []
    for number, is_bad in enumerate(bad):
        finding = Finding("disk", "full", "Make room" if is_bad else "")
        state, began, ended = outside.news(state, [finding], now=1e9 + number * every_seconds)
        counts.append((len(began), len(ended)))
    return counts


def test_a_single_bad_look_calls_nobody() -> None:
    assert set(looks(True, False, True, False, True, False)) == {(0, 0)}


def test_what_comes_and_goes_is_not_told_again_and_again() -> None:
    counts = looks(*([True, True, False, False] * 5))
    assert (sum(began for began, _ in counts), sum(ended for _, ended in counts)) == (1, 1)


def test_what_stays_wrong_after_all_is_told_when_the_quiet_time_is_over() -> None:
    counts = looks(*([True, True, False, False] + [True] * 40))
    assert sum(began for began, _ in counts) == 2


def test_of_two_findings_of_one_name_the_worse_counts() -> None:
    both = [Finding("disk", "full", "Make room"), Finding("disk", "well")]
    state, _, _ = outside.news({}, both, now=1e9)
    assert [began.said for began in outside.news(state, both, now=1e9 + 60)[1]] == ["full"]


def test_what_is_asked_no_more_is_over() -> None:
    state, _, _ = outside.news({}, [Finding("unit", "failed", "Look")], now=1e9)
    state, began, _ = outside.news(state, [Finding("unit", "failed", "Look")], now=1e9 + 60)
    state, _, ended = outside.news(state, [], now=1e9 + 120)
    state, _, later = outside.news(state, [], now=1e9 + 180)
    assert (len(began), len(ended), len(later), state) == (1, 0, 1, {})


def test_the_end_of_what_is_asked_no_more_is_told_again_when_nobody_took_it(tmp_path: Path) -> None:
    nobody = outside.Channels(webhook="http://127.0.0.1:9/")
    state, _, _ = outside.news({}, [Finding("unit", "failed", "Look")], now=1e9)
    state, _, _ = outside.news(state, [Finding("unit", "failed", "Look")], now=1e9 + 60)
    (tmp_path / "state.json").write_text(json.dumps(state))
    for minute in (2, 3, 4):
        now = datetime.fromtimestamp(1e9 + 60 * minute, UTC)
        problems = outside.watch([], channels=nobody, state=tmp_path / "state.json", subject=HOST, now=now)
        assert bool(problems) == (minute > 2)
