"""What the real nginx says with our configuration: policies per kind, limits for pollers, and what the log keeps."""

import itertools
import time
from typing import Any

import pytest

from tests.deploy.servers import NginxSite, Reply

AUDIO = "/media/0001-hello.0123abcd.mp3"
YEAR = "public, max-age=31536000, immutable"
KINDS = {
    "/": ("text/html; charset=utf-8", "public, max-age=0, stale-if-error=86400", False),
    "/feed.xml": (
        "application/rss+xml; charset=utf-8",
        "public, max-age=900, stale-while-revalidate=900, stale-if-error=86400",
        True,
    ),
    "/feed/archive-1.xml": (
        "application/rss+xml; charset=utf-8",
        "public, max-age=86400, stale-if-error=604800",
        True,
    ),
    "/episodes/1/hello.vtt": (
        "text/vtt; charset=utf-8",
        "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
        True,
    ),
    "/courses/clocks/wheels.de.vtt": (
        "text/vtt; charset=utf-8",
        "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
        True,
    ),
    "/courses/feed.xml": (
        "application/rss+xml; charset=utf-8",
        "public, max-age=900, stale-while-revalidate=900, stale-if-error=86400",
        True,
    ),
    "/episodes/1/hello.srt": (
        "application/x-subrip; charset=utf-8",
        "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
        True,
    ),
    "/episodes/1/chapters.json": (
        "application/json+chapters",
        "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800",
        True,
    ),
    AUDIO: ("audio/mpeg", YEAR, True),
    "/sitemap.xml": ("application/xml; charset=utf-8", "public, max-age=3600", False),
    "/manifest.webmanifest": ("application/manifest+json", "public, max-age=3600", False),
}
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}
agents = itertools.count()


def ask(site: NginxSite, target: str, method: str = "GET", **headers: str) -> Reply:
    return site.ask(target, method, **{"User_Agent": f"answers/{next(agents)}", **headers})


@pytest.mark.parametrize("target", KINDS)
def test_each_kind_has_its_type_its_cache_policy_and_its_readers(by_nginx: NginxSite, target: str) -> None:
    media_type, policy, for_everyone = KINDS[target]
    reply = ask(by_nginx, target)
    assert reply.header("content-type") == media_type
    assert reply.header("cache-control") == policy
    assert reply.header("access-control-allow-origin") == ("*" if for_everyone else None)


@pytest.mark.parametrize("target", ["/", "/nowhere", "/feed.xml", "/coffee", AUDIO])
def test_every_answer_has_the_security_headers(by_nginx: NginxSite, target: str) -> None:
    reply = ask(by_nginx, target)
    assert {name: reply.header(name) for name in SECURITY} == SECURITY
    assert "default-src 'none'" in (reply.header("content-security-policy") or "")


def test_no_inline_script_or_style_is_allowed(by_nginx: NginxSite) -> None:
    policy = ask(by_nginx, "/").header("content-security-policy") or ""
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "sha256" not in policy


def test_a_folder_of_assets_leads_a_script_nowhere_else(by_nginx: NginxSite) -> None:
    """A browser counts the address as one below /assets/: https://www.w3.org/TR/CSP3/#path-part-match"""
    assert ask(by_nginx, AUDIO.replace("/media/", "/assets/..%2Fmedia/")).status == 400


def test_media_opened_by_itself_is_in_a_sandbox_and_its_absence_is_not(by_nginx: NginxSite) -> None:
    there, gone = (ask(by_nginx, path).header("content-security-policy") or "" for path in (AUDIO, AUDIO + ".old"))
    assert there == "default-src 'none'; img-src 'self'; media-src 'self'; sandbox"
    assert "sandbox" not in gone


def test_forms_may_lead_to_us_and_to_stripe_alone(by_nginx: NginxSite) -> None:
    policy = ask(by_nginx, "/").header("content-security-policy") or ""
    targets = "'self' https://checkout.stripe.com https://billing.stripe.com http://localhost:8001"
    assert f"form-action {targets};" in policy


FEEDS = ["/feed.xml", "/posts/feed.xml", "/feed/archive-1.xml"]
PERSON = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("target", FEEDS)
def test_to_a_person_a_feed_is_a_page_and_all_else_stays_the_same(by_nginx: NginxSite, target: str) -> None:
    app, person = ask(by_nginx, target, Accept="*/*"), ask(by_nginx, target, Accept=PERSON)
    own = [("content-type", "application/rss+xml; charset=utf-8"), ("content-type", "text/xml; charset=utf-8")]
    assert [set(app.headers) - set(person.headers), set(person.headers) - set(app.headers)] == [{own[0]}, {own[1]}]
    assert person.body == app.body


@pytest.mark.parametrize("target", FEEDS)
@pytest.mark.parametrize("accept", ["*/*", PERSON])
def test_caches_keep_a_person_s_feed_and_an_app_s_apart(by_nginx: NginxSite, target: str, accept: str) -> None:
    first = ask(by_nginx, target, Accept=accept, Accept_Encoding="gzip")
    again = ask(by_nginx, target, Accept=accept, Accept_Encoding="gzip", If_None_Match=first.header("etag") or "")
    assert (first.status, first.header("content-encoding"), again.status) == (200, "gzip", 304)
    for reply in (first, again):
        assert sorted(value for name, value in reply.headers if name == "vary") == ["Accept", "Accept-Encoding"]


def test_a_page_does_not_depend_on_what_is_accepted(by_nginx: NginxSite) -> None:
    assert ask(by_nginx, "/", Accept=PERSON).header("vary") == "Accept-Encoding"


def test_a_person_s_feed_is_limited_as_an_app_s_is(by_nginx: NginxSite) -> None:
    replies = [ask(by_nginx, "/feed.xml", Accept=PERSON, User_Agent="impatient") for _ in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]


def test_hsts_is_not_said_without_tls(by_nginx: NginxSite) -> None:
    assert ask(by_nginx, "/").header("strict-transport-security") is None


def test_a_feed_names_its_hub_and_itself(by_nginx: NginxSite) -> None:
    link = '<https://hub.example/>; rel="hub", <http://localhost:8000/posts/feed.xml>; rel="self"'
    assert ask(by_nginx, "/posts/feed.xml").header("link") == link


def test_browsers_get_brotli_and_podcast_apps_gzip(by_nginx: NginxSite) -> None:
    assert ask(by_nginx, "/", Accept_Encoding="gzip, br").header("content-encoding") == "br"
    assert ask(by_nginx, "/feed.xml", Accept_Encoding="gzip, deflate").header("content-encoding") == "gzip"


def test_a_proxy_gets_compressed_answers_too(by_nginx: NginxSite) -> None:
    assert ask(by_nginx, "/feed.xml", Accept_Encoding="gzip", Via="1.1 cdn").header("content-encoding") == "gzip"


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_each_encoding_of_a_page_is_answered_304(by_nginx: NginxSite, encoding: str) -> None:
    etag = ask(by_nginx, "/", Accept_Encoding=encoding).header("etag") or ""
    assert ask(by_nginx, "/", Accept_Encoding=encoding, If_None_Match=etag).status == 304


def test_an_error_is_never_kept(by_nginx: NginxSite) -> None:
    assert ask(by_nginx, "/assets/site.00000000.css").header("cache-control") == "no-cache"


def test_a_short_link_is_temporary_and_keeps_the_query(by_nginx: NginxSite) -> None:
    reply = ask(by_nginx, "/coffee?milk=1")
    assert (reply.status, reply.header("location")) == (302, "https://coffee.example/cup?size=2&milk=1")
    assert reply.header("cache-control") == "no-cache"


def test_an_alias_host_leads_to_the_same_address_of_the_site(by_nginx: NginxSite) -> None:
    reply = ask(by_nginx, "/episodes/?a=1", Host="www.signalpath.example")
    assert (reply.status, reply.header("location")) == (301, "http://localhost:8000/episodes/?a=1")


@pytest.mark.parametrize(
    "target", ["/.longwave/ledger.sqlite", "/%2elongwave/ledger.sqlite", "/episodes/../.longwave/"]
)
def test_hidden_files_are_not_there(by_nginx: NginxSite, target: str) -> None:
    assert ask(by_nginx, target).status == 404


def test_a_poller_that_never_asks_conditionally_is_slowed_down(by_nginx: NginxSite) -> None:
    replies = [ask(by_nginx, "/feed.xml", User_Agent="greedy") for _ in range(12)]
    assert [reply.status for reply in replies] == [200] * 10 + [429] * 2
    assert replies[-1].header("retry-after") == "600"


def test_a_poller_that_sends_back_our_etag_never_is(by_nginx: NginxSite) -> None:
    etag = ask(by_nginx, "/feed.xml").header("etag") or ""
    replies = [ask(by_nginx, "/feed.xml", User_Agent="polite", If_None_Match=etag) for _ in range(20)]
    assert {reply.status for reply in replies} == {304}


def test_paging_through_the_archive_is_free(by_nginx: NginxSite) -> None:
    replies = [ask(by_nginx, "/feed/archive-1.xml", User_Agent="archivist") for _ in range(20)]
    assert {reply.status for reply in replies} == {200}


def logged(site: NginxSite, target: str, path: str, **headers: str) -> dict[str, Any]:
    ask(site, target, **headers)
    return site.requests(path)[-1]


def test_the_log_has_what_counting_needs(by_nginx: NginxSite) -> None:
    line = logged(by_nginx, AUDIO, AUDIO, Range="bytes=0-99", User_Agent="Overcast/3")
    expected = {"method": "GET", "status": 206, "bytes": 100, "range": "bytes=0-99", "agent": "Overcast/3"}
    assert {name: line[name] for name in expected} == expected
    assert line["host"] == "127.0.0.1"
    assert abs(line["time"] - time.time()) < 60


def test_the_log_says_whether_a_request_was_conditional_and_how_it_was_encoded(by_nginx: NginxSite) -> None:
    line = logged(by_nginx, "/about/", "/about/", If_None_Match='"old"', Accept_Encoding="br")
    assert (line["conditional"], line["encoding"]) == ("1", "br")


def test_the_log_has_no_query(by_nginx: NginxSite) -> None:
    assert logged(by_nginx, "/about/?mail=ada@example.org", "/about/")["path"] == "/about/"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/subscriptions/ada/phone.json", "/subscriptions/…"),
        ("/api/2/episodes/ada.json?since=1", "/api/…"),
        ("/account/keys/secret", "/account/…"),
        ("/Account/keys/secret", "/Account/…"),
        ("//account/secret", "/…"),
        ("/%61ccount/secret", "/…"),
        ("/./account/secret", "/…"),
    ],
)
def test_the_log_has_no_names_and_no_tokens(by_nginx: NginxSite, target: str, path: str) -> None:
    assert "secret" not in str(logged(by_nginx, target, path))


def test_of_a_referer_the_log_has_the_origin_alone(by_nginx: NginxSite) -> None:
    line = logged(by_nginx, "/about/", "/about/", Referer="https://search.example/?q=who+am+i")
    assert line["referer"] == "https://search.example"


def test_a_reader_s_address_is_cut_and_a_listener_s_is_not(by_nginx: NginxSite) -> None:
    assert logged(by_nginx, "/about/", "/about/")["address"] == "127.0.0.0"
    assert logged(by_nginx, AUDIO, AUDIO)["address"] == "127.0.0.1"
