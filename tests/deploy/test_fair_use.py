"""Bytes shared out by the real nginx: watched first, then enforced; and a podcast app that never notices either."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy import directives
from deploy.directives import Directive
from deploy.nginx import Facts, FairUse, render
from tests.deploy import servers
from tests.deploy.servers import NginxSite

EPISODE, LONG = "/media/0001-long.0123abcd.mp3", "/media/0002-all-day.0123abcd.mp3"
EPISODE_BYTES, LONG_BYTES = 60_000_000, 316_000_000
APP = "AntennaPod/3.4"
CRAWLER = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"


def www(folder: Path) -> Path:
    """A published site with one page, one feed, and two files of zeros that take no room."""
    public = folder / "public"
    for name in ("index.html", "feed.xml", "robots.txt"):
        (public / name).parent.mkdir(parents=True, exist_ok=True)
        (public / name).write_text("hello")
    (folder / "current/nginx").mkdir(parents=True)
    (folder / "current/nginx/root.conf").write_text(f'root "{public}";\n')
    (folder / "current/nginx/redirects.map").write_text("")
    for path, size in ((EPISODE, EPISODE_BYTES), (LONG, LONG_BYTES)):
        file = folder / f"pool{path}"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as sparse:
            sparse.truncate(size)
    return folder


@pytest.fixture(scope="module", params=["watch", "enforce"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxSite]:
    folder = tmp_path_factory.mktemp(request.param)
    with servers.nginx_site(www(folder / "www"), state=folder, fair_use=request.param) as running:
        yield running


@pytest.fixture
def mode(site: NginxSite) -> FairUse:
    return "enforce" if "enforce" in site.state.name else "watch"


def seconds_for(site: NginxSite, path: str, byte_count: int, agent: str) -> float:
    """How long the first `byte_count` bytes of a file take."""
    began = time.monotonic()
    with closing(begun(site, path, agent)) as connection:
        left = byte_count
        while left > 0:
            read = len(connection.recv(min(left, 1 << 20)))
            assert read, "the server closed before all had come"
            left -= read
    return time.monotonic() - began


def begun(site: NginxSite, path: str, agent: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=30)
    lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {agent}", "", "")
    connection.sendall("\r\n".join(lines).encode())
    return connection


def status(connection: socket.socket) -> int:
    return int(connection.recv(12).split()[1])


def logged(site: NginxSite, path: str, agent: str, *, count: int = 1) -> list[dict[str, Any]]:
    """The log's lines of an agent; of a download that is broken off nginx learns a moment later."""
    found: list[dict[str, Any]] = []

    def has_come() -> bool:
        found[:] = [line for line in site.requests(path) if line["agent"].startswith(agent)]
        return len(found) >= count

    servers.until(has_come)
    return found


def test_an_app_never_notices_when_it_fetches_an_episode(site: NginxSite) -> None:
    assert seconds_for(site, EPISODE, EPISODE_BYTES, APP) < 3  # at the later megabytes' rate it would take 7.5
    assert logged(site, EPISODE, APP)[-1]["client"] == "app"


def test_only_the_later_megabytes_of_one_very_long_file_are_slowed(site: NginxSite, mode: FairUse) -> None:
    took = seconds_for(site, LONG, LONG_BYTES, APP)
    assert (took > 1.5) == (mode == "enforce"), took
    line = logged(site, LONG, APP)[-1]
    assert (line["after"], line["rate"]) == ("300000000", "8000000")


def test_a_crawler_s_audio_is_slowed_after_its_first_megabyte(site: NginxSite, mode: FairUse) -> None:
    took = seconds_for(site, EPISODE, 5_000_000, CRAWLER)
    assert (took > 1.2) == (mode == "enforce"), took
    assert logged(site, EPISODE, CRAWLER)[-1]["client"] == "ai"


def test_a_class_of_crawlers_has_four_audio_files_at_once(site: NginxSite, mode: FairUse) -> None:
    with ExitStack() as stack:
        open_ones = [stack.enter_context(closing(begun(site, EPISODE, f"GPTBot/{number}"))) for number in range(5)]
        statuses = [status(connection) for connection in open_ones]
    assert sorted(statuses) == [200] * 4 + [429 if mode == "enforce" else 200]
    verdicts = {line["connections"] for line in logged(site, EPISODE, "GPTBot/", count=5)}
    assert verdicts == {"PASSED", "REJECTED" if mode == "enforce" else "REJECTED_DRY_RUN"}


def test_one_line_has_a_hundred_files_at_once(site: NginxSite, mode: FairUse) -> None:
    with ExitStack() as stack:
        open_ones = [stack.enter_context(closing(begun(site, EPISODE, "Overcast/3"))) for _ in range(101)]
        statuses = [status(connection) for connection in open_ones]
    refused = range(1, 10) if mode == "enforce" else [0]  # a few that broke off before may still be counted
    assert statuses.count(429) in refused


def test_a_crawler_in_a_hurry_is_told_to_wait(site: NginxSite, mode: FairUse) -> None:
    answers = [site.ask("/", User_Agent="SomeBot/1.0") for _ in range(140)]
    refused = [answer for answer in answers if answer.status == 429]
    assert bool(refused) == (mode == "enforce")
    assert {answer.header("retry-after") for answer in refused} <= {"600"}
    verdicts = {line["limit"] for line in site.requests("/") if line["client"] == "crawler"}
    assert verdicts == {"PASSED", "REJECTED" if mode == "enforce" else "REJECTED_DRY_RUN"}


def test_what_a_crawler_may_do_can_always_be_read(site: NginxSite) -> None:
    answers = [site.ask("/robots.txt", User_Agent="HurriedBot/1.0") for _ in range(140)]
    assert {answer.status for answer in answers} == {200}


def test_readers_and_search_engines_are_never_taken_for_crawlers(site: NginxSite) -> None:
    for agent in ("Mozilla/5.0 Firefox/130", "Mozilla/5.0 (compatible; Googlebot/2.1)", APP):
        assert {site.ask("/", User_Agent=agent).status for _ in range(140)} == {200}


def test_a_poller_is_watched_before_it_is_refused(site: NginxSite, mode: FairUse) -> None:
    answers = [site.ask("/feed.xml", User_Agent="greedy") for _ in range(12)]
    assert [answer.status for answer in answers] == [200] * 10 + [429 if mode == "enforce" else 200] * 2
    assert "REJECTED" in site.requests("/feed.xml")[-1]["limit"]


AGENTS = {
    "app": "AppleCoreMedia/1.0.0.21A (iPhone)",
    "directory": "iTMS",
    "ai": "ClaudeBot/1.0",
    "search": "Mozilla/5.0 (compatible; bingbot/2.0)",
    "crawler": "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
    "tool": "curl/8.5",
    "browser": "Mozilla/5.0 (X11; Linux) Firefox/130.0",
    "checker": "longwave-checker/1",
    "nameless": "",
    "other": "Something else",
}


@pytest.mark.parametrize(("client", "agent"), AGENTS.items())
def test_a_client_is_put_into_its_class(site: NginxSite, client: str, agent: str) -> None:
    site.ask("/", User_Agent=agent)
    found = {line["client"] for line in site.requests("/") if line["agent"] == agent}
    assert found == {client}


def passed_on(block: tuple[Directive, ...]) -> Iterator[tuple[Directive, ...]]:
    for directive in block:
        if directive.block is None:
            continue
        if any(inner.name == "proxy_pass" for inner in directive.block):
            yield directive.block
        yield from passed_on(directive.block)


def test_the_service_s_own_limits_hold_wherever_it_is_asked_also_while_the_rest_is_watched(facts: Facts) -> None:
    rendered = render((1, 22), facts=msgspec.structs.replace(facts, fair_use="watch"))
    locations = list(passed_on(directives.read(rendered, "nginx.conf")))
    assert len(locations) >= 5
    for block in locations:
        zones = {directive.args[0] for directive in block if directive.name == "limit_req"}
        assert zones == {"zone=sign_in", "zone=orders", "zone=service", "zone=sync"}
        assert ("off",) in {directive.args for directive in block if directive.name == "limit_req_dry_run"}
